"""What a language model says changes, put into a plan that stands."""

from dataclasses import replace

import pytest

import storyboard
from llm_planner.answers import Added, Person, Revision, Scripted
from llm_planner.brief import Brief, as_material
from llm_planner.revise import _Editing
from storyboard import Camera, Character, Segment, Storyboard

MARA, DOG = Character(name="Mara", description="a keeper in a navy coat"), Character(name="Rex", description="a brown dog")


def segment(number, join="continuous", **more):
    first = None if join == "continuous" else f"first picture of {number}"
    return Segment(**{"index": number, "seconds": 5, "video_prompt": f"Mara, a keeper in a navy coat, does thing {number}.",
                      "first_keyframe_prompt": first, "last_keyframe_prompt": f"last picture of {number}", "join": join,
                      "characters": ("Mara",), **more})


BOARD = Storyboard(title="T", style="35mm", characters=(MARA, DOG), segments=(
    segment(1, "cut"), segment(2), segment(3, "cut", characters=("Mara", "Rex")), segment(4)))
BRIEF = Brief(story="", seconds=(5.0,) * 4, language="en", limit=None, unit="characters", length=len, steered=True, audio=False,
              negative=True, tall=False, dissolves=(False,) * 4)


def scripted(number, **more):
    return Scripted(**{"index": number, "action": "Mara waits.",
                       "video_prompt": "Wide shot, static camera. Mara waits in the dark.",
                       "last_keyframe_prompt": "Mara in the dark", "characters": ["Mara"], **more})


def revised(**changes):
    """The plan after one answer; it keeps every rule, and its text too."""
    done = _Editing(BOARD, BRIEF).with_all([Revision(**changes)])
    assert list(storyboard.problems(done.storyboard)) == []
    text = storyboard.rearrange(done.storyboard, storyboard.render(BOARD), done.sources)
    assert storyboard._means(text, done.storyboard)
    return done


def test_an_empty_answer_changes_nothing():
    assert revised().storyboard == BOARD


def test_only_the_segment_that_is_mentioned_changes_and_keeps_its_seconds():
    done = revised(changed=[scripted(2)])
    assert [new is old for new, old in zip(done.storyboard.segments, BOARD.segments, strict=True)] == [True, False, True, True]
    assert "in the dark" in done.storyboard.segments[1].video_prompt and done.storyboard.segments[1].seconds == 5
    assert "(a keeper in a navy coat)" in done.storyboard.segments[1].video_prompt


def test_what_an_answer_leaves_out_of_a_segment_stays_as_it_was():
    was = BOARD.segments[2].model_copy(update={
        "camera": Camera(shot="close_up", move="tilt_up"), "mask": "auto", "mask_keeps": "surroundings", "join": "dissolve",
        "dissolve_s": 1.0, "keep": "the light"})
    board = BOARD.model_copy(update={"segments": (*BOARD.segments[:2], was, BOARD.segments[3])})
    left_out = Scripted(index=3, action="Mara waits.", video_prompt="Mara waits in the dark.", last_keyframe_prompt="dark")
    brief = replace(BRIEF, dissolves=(False, False, True, False))
    now = _Editing(board, brief).with_all([Revision(changed=[left_out])]).storyboard.segments[2]
    assert now.video_prompt.startswith("Close-up, camera tilts up. Mara")
    new = ("video_prompt", "last_keyframe_prompt", "action")
    assert now.model_copy(update={name: getattr(was, name) for name in new}) == was


def test_an_answer_that_says_otherwise_changes_the_camera_and_who_is_there():
    now = revised(changed=[scripted(3, join="cut", first_keyframe_prompt="Mara", shot="medium", move="push_in", characters=[])])
    assert now.storyboard.segments[2].camera == Camera(shot="medium", move="push_in")
    assert now.storyboard.segments[2].characters == ()


def test_a_model_is_shown_a_segment_in_the_form_in_which_it_answers():
    one = segment(1, "cut", camera=Camera(shot="wide", move="pan_left"))
    shown = as_material(BOARD.model_copy(update={"segments": (one,)}), [1])
    assert (shown[0]["shot"], shown[0]["move"], shown[0]["index"]) == ("wide", "pan_left", 1)
    assert Scripted.model_validate({"action": "x", **shown[0]}).move == "pan_left"


def test_what_went_on_from_a_segment_that_goes_is_cut_in_with_its_last_picture():
    done = revised(removed=[3])
    last = done.storyboard.segments[2]
    assert (last.index, last.join, last.first_keyframe_prompt) == (3, "cut", "last picture of 3")
    assert done.sources == (0, 1, 3) and "it is cut in now" in done.notes[0]


def test_without_its_first_segment_the_film_opens_with_the_picture_that_one_ended_with():
    first = revised(removed=[1]).storyboard.segments[0]
    assert (first.index, first.join, first.first_keyframe_prompt) == (1, "cut", "last picture of 1")


@pytest.mark.parametrize("after", [0, 2, 4])
def test_a_new_segment_stands_behind_the_one_it_follows(after):
    done = revised(added=[Added(after=after, segment=scripted(9, join="cut", first_keyframe_prompt="Mara at the door"))])
    assert [one.index for one in done.storyboard.segments] == [1, 2, 3, 4, 5]
    assert done.sources[after] is None and "in the dark" in done.storyboard.segments[after].video_prompt


def test_somebody_who_goes_is_out_of_the_film_once_no_segment_shows_them():
    done = revised(changed=[scripted(3, join="cut", first_keyframe_prompt="Mara alone")], dropped_characters=["rex"])
    assert [one.name for one in done.storyboard.characters] == ["Mara"]
    still = revised(dropped_characters=["Rex"])
    assert len(still.storyboard.characters) == 2 and "still in segments" in still.notes[0]


def test_somebody_who_looks_different_now_keeps_their_reference_picture():
    board = BOARD.model_copy(update={"characters": (MARA.model_copy(update={"reference": "mara.png"}), DOG)})
    done = _Editing(board, BRIEF).with_all([Revision(characters=[Person(name="mara", traits="a keeper in a red coat")])])
    assert done.storyboard.characters[0] == Character(name="Mara", description="a keeper in a red coat", reference="mara.png")


def test_a_revision_that_would_leave_no_film_takes_nothing_out():
    assert revised(removed=[1, 2, 3, 4]).storyboard == BOARD
