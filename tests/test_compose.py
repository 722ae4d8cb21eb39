"""Answers of a language model made into segments that keep every rule, whatever the model left out."""

from dataclasses import replace

import pytest

from llm_planner.answers import Look, Person, Place, Scripted
from llm_planner.brief import Brief
from llm_planner.compose import Composer, says

MARA = Person(name="Mara", traits="a keeper of seventy with short white hair and a navy wool coat")
REX = Person(name="Rex", traits="a small brown terrier with one white ear")
ROOM = Place(name="the lamp room", traits="a round room of iron and glass with a brass lens")
LOOK = Look(title="T", logline="L", style="quiet realism, 35mm grain", characters=[MARA, REX], locations=[ROOM])
BRIEF = Brief(story="", seconds=(5.0, 5.0), language="en", limit=None, unit="characters", length=len, steered=True, audio=False,
              negative=True, tall=False, dissolves=(False, False))


def composed(brief=BRIEF, look=LOOK, **fields):
    """The segment made of an answer that says as little as it may, and the notes."""
    composer = Composer(look, brief)
    one = Scripted(**{"index": 2, "action": "Mara waits.", "video_prompt": "Mara waits.",
                      "last_keyframe_prompt": "Mara at the lens", "characters": ["Mara"], "location": "The lamp room",
                      **fields})
    return composer.segment(one, 5.0), composer.notes


def test_what_a_prompt_leaves_out_of_somebody_is_put_behind_the_name():
    segment, _ = composed()
    told = "Mara (a keeper of seventy with short white hair and a navy wool coat)"
    assert segment.video_prompt.startswith(f"Wide shot, static camera. {told} waits.")
    assert segment.last_keyframe_prompt.startswith(f"{told} at the lens.")


def test_somebody_who_is_not_named_in_the_words_is_named_behind_them():
    assert "Rex (a small brown terrier with one white ear)." in composed(characters=["Mara", "rex"])[0].video_prompt


def test_traits_place_and_style_that_are_said_already_are_not_said_again():
    said = (f"Close-up, slow push in. Mara, {MARA.traits}, waits in the lamp room, {ROOM.traits}. {LOOK.style}.")
    segment, _ = composed(video_prompt=said)
    assert segment.video_prompt == said


def test_place_and_style_stand_in_every_prompt():
    segment, _ = composed(join="cut", first_keyframe_prompt="Mara at the door")
    for prompt in (segment.video_prompt, segment.first_keyframe_prompt, segment.last_keyframe_prompt):
        assert prompt and says(prompt, ROOM.traits) and says(prompt, LOOK.style)


def test_names_are_taken_as_the_film_has_them_and_unknown_ones_left_out():
    segment, _ = composed(characters=["mara", "Mara", "a stranger"], location="lamp room")
    assert (segment.characters, segment.location) == (("Mara",), "the lamp room")


@pytest.mark.parametrize(("limit", "holds", "lacks"), [
    (300, "navy wool coat", "\n"), (180, "brass lens", "35mm"), (110, "navy wool coat", "brass lens"),
    (30, "Wide shot", "navy")])
def test_a_limit_costs_the_style_first_then_the_place_then_the_traits(limit, holds, lacks):
    segment, _ = composed(replace(BRIEF, limit=limit))
    assert len(segment.video_prompt) <= limit and holds in segment.video_prompt and lacks not in segment.video_prompt


def test_a_prompt_that_no_shortening_fits_is_cut_and_this_is_said():
    segment, notes = composed(replace(BRIEF, limit=40), video_prompt="Wide shot of " + "the wide grey sea and " * 9)
    assert len(segment.video_prompt) <= 40 and "was cut" in notes[0]


def test_a_dissolve_that_no_clip_is_long_enough_for_becomes_a_cut_and_this_is_said():
    segment, notes = composed(join="dissolve", first_keyframe_prompt="Mara at the door")
    assert (segment.join, segment.dissolve_s) == ("cut", None) and "cut in, not dissolved" in notes[0]
    longer, notes = composed(replace(BRIEF, dissolves=(False, True)), join="dissolve", first_keyframe_prompt="Mara at the door")
    assert (longer.join, longer.dissolve_s, notes) == ("dissolve", 0.5, [])


def test_the_film_begins_with_a_cut_whatever_the_model_says():
    assert composed(index=1, join="continuous", first_keyframe_prompt="Mara at the door")[0].join == "cut"


def test_a_model_that_takes_no_negative_prompt_gets_none():
    assert composed()[0].negative_prompt
    assert composed(replace(BRIEF, negative=False), negative_prompt="text")[0].negative_prompt == ""


def test_chinese_traits_are_recognised_without_blanks():
    look = LOOK.model_copy(update={"characters": [Person(name="玛拉", traits="七十岁的守塔人，白色短发，深蓝色羊毛大衣")]})
    segment, _ = composed(replace(BRIEF, language="zh"), look, characters=["玛拉"], video_prompt="玛拉在等。")
    assert segment.video_prompt.startswith("玛拉（七十岁的守塔人，白色短发，深蓝色羊毛大衣）在等。")
    said = "玛拉，七十岁的守塔人，白色短发，深蓝色羊毛大衣，在等。"
    segment, _ = composed(replace(BRIEF, language="zh"), look, characters=["玛拉"], video_prompt=said)
    assert segment.video_prompt.count("守塔人") == 1
