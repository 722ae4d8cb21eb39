"""The offline planner: who, where and when in every segment, seconds that add up, and no text that breaks it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import UserMistakes
from media.film_format import FilmFormat, Size
from prompt_planner import PlanRequest, explain, plan_offline, refit
from storyboard import Segment, Storyboard, problems
from video_generator_interface import Capabilities, Durations

ANY_LENGTH = Durations(least_s=0.5, most_s=60, step_s=0.5)
FILM = FilmFormat(Size(1280, 720), Fraction(24))
SAMPLE = (Path(__file__).parent.parent / "examples" / "sample_story.txt").read_text(encoding="utf-8")
ODD_PROMPTS = {
    "one word": "lighthouse",
    "no punctuation": "a girl walks through the market and then the wind takes her hat and she runs after it " * 20,
    "Chinese": "黄昏，一位老渔夫坐在海边的小船上。大雾升起！他看见灯塔亮了吗？小女孩跑过森林。",
    "Arabic": "عند الفجر يجلس صياد عجوز على الشاطئ. هل سيعود القارب؟ يضيء الضوء فوق البحر.",
    "emoji": "👩‍🚀🚀🌕 🐕🦺",
    "only marks": "...",
    "a very long word": "a" * 3000,
    "ellipsis and quotes": "“Wait...” she said. “Dr. Grey is at the harbour!” He ran... and ran.",
    "escape codes": "A \x1b[31mred\x1b[0m fox\x00 runs\x07 in \x1b]0;title\x07the forest.\ud800",
}


def request(
    prompt: str,
    duration_s: float = 30.0,
    segment_s: float | None = 5.0,
    durations: Durations = ANY_LENGTH,
    limit: int | None = None,
    chaining: bool = False,
) -> PlanRequest:
    can = Capabilities(
        durations, lambda seconds: round(seconds * 24) + 1, Fraction(24), prompt_limit=limit, prompt_unit="utf16"
    )
    return PlanRequest(prompt, duration_s, segment_s, FILM, durations, can, chaining=chaining)


def plan(prompt: str, duration_s: float = 30.0, **more: object) -> Storyboard:
    return plan_offline(request(prompt, duration_s, **more))  # type: ignore[arg-type]


def seconds(storyboard: Storyboard) -> list[float]:
    return [segment.seconds for segment in storyboard.segments]


def prompts(segment: Segment) -> list[str]:
    return [text for text in (segment.video_prompt, segment.first_keyframe_prompt, segment.last_keyframe_prompt) if text]


def test_the_sample_story_is_planned_as_a_director_would() -> None:
    board = plan(SAMPLE)
    assert board.title == "The Lamp of Saltmere"
    assert [(segment.location, segment.join) for segment in board.segments] == [
        ("the old harbour", "cut"),
        ("the pine forest above the cliffs", "cut"),
        ("the deck of a wooden ship", "cut"),
        ("the lighthouse", "cut"),
        ("the lighthouse", "continuous"),
        ("the beach", "cut"),
    ]
    assert [segment.characters for segment in board.segments] == [
        ("Mara", "Biscuit"),
        ("Mara", "Biscuit"),
        ("Captain Idris",),
        ("Mara", "Biscuit"),
        ("Mara", "Biscuit"),
        ("Mara", "Biscuit", "Captain Idris"),
    ]
    times = ["at dusk", "at night", "at midnight", "at midnight", "at midnight", "in the morning"]
    for segment, time in zip(board.segments, times, strict=True):
        assert all(time in text.split("Setting:")[1] for text in prompts(segment))


def test_the_sample_story_knows_what_its_characters_look_like() -> None:
    looks = {character.name: character.description for character in plan(SAMPLE).characters}
    assert looks == {
        "Mara": "a lighthouse keeper in a yellow raincoat",
        "Biscuit": "a small white dog",
        "Captain Idris": "a tall man in a long blue coat",
    }


def test_every_prompt_of_the_sample_stands_alone() -> None:
    for segment in plan(SAMPLE).segments:
        for text in prompts(segment):
            assert f"Setting: {segment.location}" in text and "Style: " in text
            for name in segment.characters:
                assert name in text or "the white dog" in text


def test_thirty_seconds_in_fives_are_six_segments_of_exactly_thirty_seconds() -> None:
    assert len(seconds(plan(SAMPLE))) == 6
    assert sum(seconds(plan(SAMPLE))) == 30.0
    assert all(length % 0.5 == 0 for length in seconds(plan(SAMPLE)))


@settings(max_examples=40, deadline=None)
@given(
    duration=st.integers(2, 1200).map(lambda half: half / 2), wanted=st.integers(2, 20), step=st.sampled_from([0.1, 0.25, 0.5])
)
def test_a_backend_of_any_length_meets_the_duration_exactly(duration: float, wanted: int, step: float) -> None:
    durations = Durations(least_s=step, most_s=60, step_s=step)
    board = plan("A fox runs through a forest.", duration, segment_s=float(wanted), durations=durations)
    assert sum(seconds(board)) == pytest.approx(duration, abs=1e-6)
    assert all(durations.allow(length) for length in seconds(board))


@pytest.mark.parametrize(
    ("choices", "duration", "total"),
    [
        ((5.0, 10.0), 30, 30),
        ((4.0, 6.0, 8.0), 30, 30),
        ((5.0,), 32, 30),
        ((5.0,), 2, 5),
        ((8.0,), 30, 32),
        ((4.0, 6.0, 8.0), 7, 6),
        (tuple(float(n) for n in range(2, 11)), 61, 61),
    ],
)
def test_fixed_choices_come_as_near_as_they_can(choices: tuple[float, ...], duration: float, total: float) -> None:
    board = plan(SAMPLE, duration, durations=Durations(choices=choices))
    assert set(seconds(board)) <= set(choices)
    assert sum(seconds(board)) == pytest.approx(total, abs=2 if choices == (4.0, 6.0, 8.0) and duration == 7 else 0)


def test_more_action_gets_more_seconds() -> None:
    board = plan(
        "In the harbour a man waits.\n\nIn the forest a girl runs, jumps over a stream, climbs a tall tree, shouts, falls, "
        "laughs and waves to a fox that watches her from behind the stones.",
        10.0,
    )
    assert seconds(board)[1] > seconds(board)[0]


def test_a_change_of_place_is_a_cut_and_the_same_place_goes_on() -> None:
    board = plan("Mara opens the window in the kitchen. She lights a lamp. She walks into the forest. She finds a key.", 20.0)
    assert [segment.join for segment in board.segments] == ["cut", "continuous", "cut", "continuous"]
    assert [segment.location for segment in board.segments] == ["the kitchen", "the kitchen", "the forest", "the forest"]


def test_time_that_passes_in_one_place_is_a_dissolve_where_it_fits() -> None:
    story = "At night Mara sleeps in the kitchen. The next morning she wakes up."
    assert plan(story, 10.0).segments[1].dissolve_s == 0.5
    assert plan(story, 10.0, durations=Durations(choices=(5.0,))).segments[1].join == "cut"


def test_a_pronoun_means_the_character_who_acted() -> None:
    board = plan("Mara, an old keeper in a yellow coat, walks along the beach. She finds a silver key.", 10.0)
    assert board.segments[1].characters == ("Mara",)
    assert (
        "Mara finds a silver key. Mara is an old keeper in a yellow coat. Setting: the beach" in board.segments[1].video_prompt
    )


def test_a_pronoun_that_could_mean_two_is_not_guessed() -> None:
    board = plan("In the park Anna, a young woman, and Vera, an old woman, wait. Rain falls. She laughs.", 15.0)
    assert "Anna laughs" not in board.segments[2].video_prompt and "Vera laughs" not in board.segments[2].video_prompt
    assert ". She laughs" not in board.segments[2].video_prompt


def test_weather_is_carried_until_it_ends() -> None:
    board = plan("Rain falls on the harbour. A dog barks. The rain stops. A man sings.", 20.0)
    assert ["in the rain" in segment.video_prompt for segment in board.segments] == [True, True, False, False]


def test_a_time_that_is_waited_for_has_not_come() -> None:
    assert "at dawn" not in plan("At night a man waits for dawn on the beach.", 5.0).segments[0].video_prompt


def test_a_screenplay_is_read_by_its_headings() -> None:
    board = plan(
        "EXT. HARBOUR - DAWN\n\nANNA (30), a mechanic, carries a box.\n\nANNA\n(shouting)\nWait for me!\n\nCUT TO:\n\n"
        "INT. KITCHEN - NIGHT\n\nShe drinks tea.",
        15.0,
    )
    assert [segment.location for segment in board.segments] == ["the harbour", "the harbour", "the kitchen"]
    assert "Anna says: “Wait for me!”" in board.segments[1].video_prompt
    assert "at night" in board.segments[2].video_prompt


def test_a_list_is_a_title_and_beats() -> None:
    board = plan("A day of a robot\n- wakes up in a greenhouse at sunrise\n- waters the flowers", 10.0)
    assert board.title == "A day of a robot"
    assert "The robot waters the flowers." in board.segments[1].video_prompt


def test_a_style_is_found_and_repeated_and_not_filmed() -> None:
    board = plan("Shot on 35mm film, muted colours. A fox runs through the forest. A hare watches.", 10.0)
    assert all("35mm film, muted colours" in text for segment in board.segments for text in prompts(segment))
    assert not any("Shot on" in segment.video_prompt.split("Setting")[0] for segment in board.segments)


def test_one_action_for_a_whole_film_is_covered_in_phases() -> None:
    board = plan("A fox runs through a snowy forest.")
    assert [segment.join for segment in board.segments[1:]] == ["continuous"] * 5
    assert "The action begins" in board.segments[0].video_prompt and "comes to its end" in board.segments[5].video_prompt
    assert len({segment.camera for segment in board.segments}) >= 4


@pytest.mark.parametrize("prompt", ODD_PROMPTS.values(), ids=ODD_PROMPTS.keys())
def test_every_script_gives_a_valid_plan_without_control_characters(prompt: str) -> None:
    board = plan(prompt)
    assert not list(problems(board)) and sum(seconds(board)) == 30.0
    text = board.model_dump_json()
    assert "\\u001b" not in text and "\\u0000" not in text and "[31m" not in text


def test_right_to_left_text_stays_as_it_was_written() -> None:
    assert "هل سيعود القارب؟" in " ".join(segment.video_prompt for segment in plan(ODD_PROMPTS["Arabic"]).segments)


@settings(max_examples=60, deadline=None)
@given(prompt=st.text(min_size=1, max_size=300), duration=st.integers(1, 40))
def test_any_text_is_planned_or_refused_and_the_same_each_time(prompt: str, duration: int) -> None:
    try:
        board = plan(prompt, float(duration))
    except UserMistakes as mistake:
        assert mistake.problems[0].where == "prompt"
        return
    assert not list(problems(board)) and board == plan(prompt, float(duration))
    assert sum(seconds(board)) == float(duration)


@pytest.mark.parametrize("prompt", ["", "  \n\t ", "\x00\x1b[0m\x07", "\u200b\u200e"])
def test_a_prompt_without_anything_visible_is_refused(prompt: str) -> None:
    with pytest.raises(UserMistakes, match="prompt: is empty"):
        plan(prompt)


@pytest.mark.parametrize("duration", [0.0, -3.0, float("nan"), float("inf")])
def test_an_impossible_duration_is_refused(duration: float) -> None:
    with pytest.raises(UserMistakes, match="duration_seconds"):
        plan("A fox.", duration)


def test_twenty_thousand_words_fit_into_six_segments() -> None:
    story = "\n\n".join([SAMPLE] * 95)
    wanted = request(story)
    board = plan_offline(wanted)
    assert len(board.segments) == 6 and sum(seconds(board)) == 30.0
    assert max(len(segment.video_prompt) for segment in board.segments) < 1500
    assert "more do not fit" in " ".join(explain(wanted, board))


def test_prompts_keep_to_the_limit_in_the_unit_it_is_counted_in() -> None:
    for limit in (400, 300, 260):
        board = plan(SAMPLE, limit=limit)
        for segment in board.segments:
            assert len(segment.video_prompt.encode("utf-16-le")) // 2 <= limit
            assert f"Setting: {segment.location}" in segment.video_prompt


def test_a_beat_longer_than_the_limit_is_refused_with_its_counts() -> None:
    with pytest.raises(
        UserMistakes, match=r"segment 1: its video prompt has \d+ UTF-16 units at the shortest, the model takes 40"
    ):
        plan("A fox runs through a snowy forest.", limit=40)


def test_a_model_without_a_last_frame_is_told_in_words_how_the_shot_ends() -> None:
    told = plan_offline(request(SAMPLE, chaining=True))
    assert any("By the end the picture is:" in segment.video_prompt for segment in told.segments)
    assert not any("By the end" in segment.video_prompt for segment in plan(SAMPLE).segments)


def test_a_tall_film_does_not_pan() -> None:
    tall = replace(request(SAMPLE), film=FilmFormat(Size(720, 1280), Fraction(24)))
    assert not {segment.camera.move for segment in plan_offline(tall).segments} & {"pan_left", "pan_right"}


@pytest.mark.parametrize("choices", [(5.0,), (5.0, 10.0), (4.0, 6.0, 8.0)])
def test_refitting_changes_nothing_but_seconds(choices: tuple[float, ...]) -> None:
    board = plan(SAMPLE)
    fitted = refit(board, Durations(choices=choices), 30.0)
    assert sum(seconds(fitted)) == 30.0 and set(seconds(fitted)) <= set(choices)
    assert refit(fitted, ANY_LENGTH, 30.0).model_dump(exclude={"segments"}) == board.model_dump(exclude={"segments"})
    assert [segment.model_copy(update={"seconds": 1.0}) for segment in fitted.segments] == [
        segment.model_copy(update={"seconds": 1.0}) for segment in board.segments
    ]


def test_refitting_shortens_a_dissolve_that_no_longer_fits() -> None:
    board = plan("At night Mara sleeps in the kitchen. The next morning she wakes up.", 10.0)
    fitted = refit(board, Durations(choices=(0.5,)), 1.0)
    assert not list(problems(fitted)) and fitted.segments[1].dissolve_s == 0.25


def test_explaining_says_that_rules_made_it_and_where_the_length_differs() -> None:
    wanted = request("A fox.", 32.0, durations=Durations(choices=(5.0,)))
    notes = explain(wanted, plan_offline(wanted))
    assert "by rules, not by a model" in notes[0]
    assert any("30 s instead of 32 s" in note for note in notes)


def test_a_sentence_about_a_place_plays_there() -> None:
    board = plan("Elena sleeps in a small house. The forest is silent. A white owl watches.", 15.0)
    assert [segment.location for segment in board.segments] == ["the small house", "the forest", "the forest"]


def test_him_is_the_one_he_who_was_just_met() -> None:
    board = plan("In the tower an old man repairs a watch. Elena, a young girl, runs to him.", 10.0)
    assert set(board.segments[1].characters) == {"the man", "Elena"}


def test_the_last_keyframe_names_what_came_before_its_moment() -> None:
    board = plan("Anna mends a net on the quay. Gulls circle above her. A red boat comes in.", 6.0, segment_s=6.0)
    told = board.segments[0].last_keyframe_prompt
    assert "The last moment of this action: A red boat comes in. Just before: Anna mends a net on the quay. Gulls" in told


def test_what_finds_no_room_is_named_with_its_segment() -> None:
    asked = request("Anna mends a net on the quay. In the evening she walks home through the rain. She lights the stove in the "
                    "kitchen. The cat sleeps by the fire in the kitchen.", 10.0)
    notes = explain(asked, plan_offline(asked))
    assert any(note.startswith("The prompts use 3 of the text's 4") for note in notes)
    assert "Segment 1 leaves out: “Anna mends a net on the quay.”" in notes


def test_of_very_much_that_finds_no_room_a_dozen_sentences_are_named_and_the_rest_counted() -> None:
    asked = request(" ".join(f"Anna finds stone number {number} on the wide white beach." for number in range(200)), 10.0)
    notes = explain(asked, plan_offline(asked))
    assert sum(note.count("“") for note in notes) == 12
    assert [note[:9] for note in notes if note.endswith(" more")] == ["Segment 1", "Segment 2"]


@pytest.mark.parametrize(("story", "times"), [
    ("Tom opens the bakery. He kneads the dough. In the evening he locks the door.", [False, False, True]),
    ("Tom opens the bakery. He kneads the dough. He locks the door in the evening.", [False, False, True]),
    ("Tom opens the bakery. It is a quiet evening. He kneads the dough.", [True, True, True]),
    ("Tom opens the bakery. Evening comes. He locks the door.", [False, True, True])])
def test_a_time_of_day_that_comes_later_does_not_reach_back(story: str, times: list[bool]) -> None:
    assert ["in the evening" in segment.video_prompt.split("Setting:")[1] for segment in plan(story, 15.0).segments] == times


@pytest.mark.parametrize(("story", "said"), [
    ("Am Abend geht eine Frau durch den Wald. Im Regen findet sie einen Hund und eine Lampe.",
     ("Totale, ", "Schauplatz: Wald, am Abend", "Stil: Kinofilm", "Standbild, ", "Der letzte Moment dieser Handlung: ")),
    ("清晨，小女孩在海边捡贝壳。一只小狗跟着她。",
     ("全景，", "场景：海边，早晨", "画面：电影质感", "静帧，", "这一动作的最后一刻：")),
    ("Le soir, une femme marche sur la plage avec le chien. Elle allume le phare.",
     ("Plan d'ensemble, ", "Décor : plage, le soir", "Style : film", "Image fixe, ", "Le dernier instant de cette action : ")),
    ("De noche un pescador camina por la playa con el perro. La luna brilla.",
     ("Plano general, ", "Escenario: playa, de noche", "Estilo: película", "El último momento de esta acción: "))])
def test_the_words_around_a_text_are_in_its_language(story: str, said: tuple[str, ...]) -> None:
    board = plan(story, 5.0)
    told = " ".join(prompts(board.segments[0]))
    assert all(words in told for words in said), told
    assert not any(word in told for word in ("shot", "Setting", "Still image", "moment of this"))
    assert board.segments[0].gist.startswith(story[:8])


def test_a_video_model_that_wants_english_gets_english_labels() -> None:
    asked = request("Am Abend geht eine Frau durch den Wald.", 5.0)
    told = plan_offline(replace(asked, capabilities=replace(asked.capabilities, language="en")))
    assert "Setting: Wald, in the evening" in told.segments[0].video_prompt
