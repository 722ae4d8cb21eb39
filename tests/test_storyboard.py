"""storyboard.py: the rules of a plan, and its YAML there and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from errors import UserMistakes
from storyboard import Camera, Character, Location, Segment, Storyboard, read, render

WRITTEN = """\
# my film
title: "The lamp"   # working title
characters:
    -   name: 'Bo'
        description: tall
segments:
    # the opening
    -   seconds: 4.0   # not longer
        index: 1
        video_prompt: 'Bo walks'
        first_keyframe_prompt: A shore
        last_keyframe_prompt: A path that goes on
          and on   # wrapped by me
        characters: [Bo]
    -   index: 2
        seconds: 3
        video_prompt: |
          Bo rests

        last_keyframe_prompt: "A lamp"
"""

WRONG = """\
title: x
stile: y
characters:
  - name: Bo
  - name: Bo
segments:
  - index: 1
    seconds: five
    video_prompt: a
    join: disolve
  - index: 3
    seconds: 2
    video_prompt: b
    last_keyframe_prompt: c
    characters: [Bob]
    location: moon
"""


def problems(text: str, folder: Path) -> list[str]:
    (folder / "storyboard.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UserMistakes) as caught:
        read(folder / "storyboard.yaml")
    return [str(problem).removeprefix(f"{folder / 'storyboard.yaml'}:") for problem in caught.value.problems]


def written(folder: Path, text: str = WRITTEN) -> Storyboard:
    (folder / "storyboard.yaml").write_bytes(text.encode())
    return read(folder / "storyboard.yaml")


def changed(storyboard: Storyboard, number: int, **values: object) -> Storyboard:
    segments = list(storyboard.segments)
    segments[number - 1] = segments[number - 1].model_copy(update=values)
    return storyboard.model_copy(update={"segments": tuple(segments)})


def differing(before: str, after: str) -> list[str]:
    return [line.strip() for line in after.splitlines() if line not in before.splitlines()]


def test_every_problem_is_listed_at_once_with_its_place(tmp_path: Path):
    assert problems(WRONG, tmp_path) == [
        "2:1: stile: unknown key, did you mean title?",
        "5:11: character 2: name: 'Bo' is there twice, names must differ",
        "7:5: segment 1: last_keyframe_prompt: is missing",
        "8:14: segment 1: seconds: 'five' is not a number",
        "10:11: segment 1: join: 'disolve' is not one of continuous, cut, dissolve, did you mean dissolve?",
        "11:12: segment 2: index: is 3, segments are numbered 1, 2, 3 ...: here 2",
        "15:18: segment 2: characters.1: 'Bob' is not one of the characters",
        "16:15: segment 2: location: 'moon' is not one of the locations",
    ]


def test_nobody_is_called_what_the_keyframe_before_is_called(tmp_path: Path):
    text = WRITTEN.replace("'Bo'", "the moment before").replace("[Bo]", "[]")
    assert problems(text, tmp_path) == [
        "4:15: character 1: name: 'the moment before' is what the keyframe before is called, name it otherwise"]


@pytest.mark.parametrize(("text", "said"), [
    ("", "is empty"), ("[]", "is not a block of keys"), ("title: x\nsegments: []\n", "segments: is empty"),
    ("title: x\n", "segments: is missing"), ("title: [\n", "2:1: a [ or { is opened and never closed"),
])
def test_a_file_that_is_no_storyboard_is_refused(tmp_path: Path, text: str, said: str):
    assert said in problems(text, tmp_path)[0]


def test_an_only_segment_with_a_fault_does_not_count_as_none(tmp_path: Path):
    text = ("title: x\nsegments:\n"
            "- {index: 1, seconds: -4, video_prompt: a, first_keyframe_prompt: b, last_keyframe_prompt: c}\n")
    assert problems(text, tmp_path) == ["3:23: segment 1: seconds: -4 is out of range, it must be more than 0"]


def test_what_a_dissolve_needs_is_said_at_the_segment(tmp_path: Path):
    text = WRITTEN + "        join: dissolve\n"
    assert problems(text, tmp_path) == [
        "15:9: segment 2: segment_02 opens a scene and has no first_keyframe_prompt, describe its first frame",
        "15:9: segment 2: segment_02 dissolves and says not how long, add dissolve_s: 0.5",
    ]


def test_what_means_the_same_comes_back_byte_for_byte(tmp_path: Path):
    assert render(written(tmp_path), WRITTEN) == WRITTEN


def test_a_changed_value_changes_its_own_bytes_only(tmp_path: Path):
    after = render(changed(written(tmp_path), 1, seconds=6.0, video_prompt="Bo runs"), WRITTEN)
    assert after == WRITTEN.replace("4.0   #", "6   #").replace("'Bo walks'", "'Bo runs'")


def test_line_ends_and_a_byte_order_mark_stay_as_they_are(tmp_path: Path):
    before = "\ufeff" + WRITTEN.replace("\n", "\r\n")
    assert render(changed(written(tmp_path), 2, seconds=2.5), before) == before.replace("seconds: 3", "seconds: 2.5")


def test_a_new_value_leaves_comments_order_and_quoting(tmp_path: Path):
    wanted = changed(written(tmp_path), 2, join="cut", first_keyframe_prompt="Night", camera=Camera(shot="medium"))
    after = render(wanted, WRITTEN)
    (tmp_path / "storyboard.yaml").write_text(after, encoding="utf-8")
    assert read(tmp_path / "storyboard.yaml") == wanted
    for kept in ("# my film", '"The lamp"   # working title', "# the opening", "'Bo walks'", "seconds: 4.0   # not longer"):
        assert kept in after
    assert [line for line in differing(WRITTEN, after) if "and on" not in line] == [
        "first_keyframe_prompt: Night", "camera: {shot: medium, move: static}", "join: cut"]


def test_segments_come_and_go_by_their_number(tmp_path: Path):
    two = written(tmp_path)
    third = Segment(index=3, seconds=2, video_prompt="Dawn", last_keyframe_prompt="Sun")
    longer = two.model_copy(update={"segments": (*two.segments, third)})
    after = render(longer, WRITTEN)
    assert written(tmp_path, after) == longer
    assert "# the opening" in after
    assert written(tmp_path, render(two, after)) == two


def test_a_value_that_is_an_alias_is_not_changed_for_its_other_users(tmp_path: Path):
    text = WRITTEN.replace("'Bo walks'", "&act 'Bo walks'").replace("A shore", "*act")
    wanted = changed(written(tmp_path, text), 1, first_keyframe_prompt="A beach")
    assert written(tmp_path, render(wanted, text)) == wanted


def test_a_fresh_storyboard_says_what_may_be_changed_and_wraps_long_prompts(tmp_path: Path):
    prompt = "The keeper climbs the path. " * 12
    segment = Segment(index=1, seconds=5, video_prompt=prompt, first_keyframe_prompt="A shore", last_keyframe_prompt="a\nb: c")
    text = render(Storyboard(title="x", segments=(segment,)))
    assert text.startswith("# The plan of this film.")
    assert "    seconds: 5\n" in text and "negative_prompt" not in text
    assert "    last_keyframe_prompt: |-\n      a\n      b: c\n" in text
    assert max(map(len, text.splitlines())) <= 120
    assert written(tmp_path, text).segments[0] == segment


def test_two_hundred_segments_come_back_in_their_order(tmp_path: Path):
    segments = tuple(Segment(index=number, seconds=5, video_prompt=f"act {number}", last_keyframe_prompt="end",
                             first_keyframe_prompt="start" if number == 1 else None) for number in range(1, 201))
    film = Storyboard(title="long", segments=segments)
    assert written(tmp_path, render(film)) == film


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).filter(str.strip)
tricky = st.sampled_from([
    "a: b", "# no comment", "- item", "null", "~", "12", "1e3", "on", "{x}", "[y", "'", '"', "a\nb", "a\n\n  b", "\ta",
    "a\r\nb", "\x07", "\x85a", "a\u2028b", "שלום עולם", "😀 smile", "--- x", "... y", "%TAG", "&a", "*b", "!c", "|", ">",
    "a #b", "a:", "x " * 90, "\ufeffz", "\x00", "${HOME}", "<<", "?", "=", "\\", "2024-01-01", "x  y " * 40, "a\n#b",
    "|\n  x", "\u200b", "0x1F"])
texts = st.one_of(words, tricky, st.tuples(tricky, words).map(" ".join), st.tuples(words, tricky).map("\n".join))


@st.composite
def storyboards(draw: st.DrawFn) -> Storyboard:
    cast = draw(st.lists(texts.map(str.strip).filter(bool), max_size=2, unique=True))
    segments = [Segment(
        index=number, seconds=draw(st.floats(0.1, 600)), video_prompt=draw(texts), last_keyframe_prompt=draw(texts),
        first_keyframe_prompt=draw(texts), negative_prompt=draw(texts), characters=tuple(cast),
        join=draw(st.sampled_from(["continuous", "cut"])), camera=draw(st.sampled_from([Camera(), Camera(move="tilt_up")])),
    ) for number in range(1, draw(st.integers(2, 4)))]
    return Storyboard(title=draw(texts), style=draw(texts), characters=tuple(Character(name=name) for name in cast),
                      locations=(Location(name=draw(texts)),), segments=tuple(segments))


@pytest.mark.parametrize("name", ["?0", ": x", "- y", "?", "-", "a: b", "[x", "{", "&a", "*b", "!t", "# no", "%", "@", "'"])
def test_a_name_that_looks_like_yaml_comes_back(tmp_path: Path, name: str):
    film = Storyboard(title=name, characters=(Character(name=name),), locations=(Location(name=name),), segments=(
        Segment(index=1, seconds=1, video_prompt=name, first_keyframe_prompt=name, last_keyframe_prompt=name,
                characters=(name,), location=name),))
    (tmp_path / "storyboard.yaml").write_text(render(film), encoding="utf-8")
    assert read(tmp_path / "storyboard.yaml") == film


@settings(max_examples=40, deadline=None)
@given(film=storyboards(), other=storyboards())
def test_whatever_a_storyboard_says_comes_back(tmp_path_factory: pytest.TempPathFactory, film: Storyboard, other: Storyboard):
    folder = tmp_path_factory.mktemp("film")
    text = render(film)
    assert written(folder, text) == film
    assert render(film, text) == text
    YAML(typ="safe", pure=True).load(text)
    assert written(folder, render(other, text)) == other


@pytest.mark.parametrize(("prompt", "gist"), [
    ("Wide shot, camera pans right. A fox runs. It stops. Setting: the ice, at dawn. Style: film.", "A fox runs. It stops."),
    ("A fox runs.", "A fox runs."),
    ("A shot is heard over the ice and everybody in the village looks up from the soup. Then silence.",
     "A shot is heard over the ice and everybody in the village looks up from the soup. Then silence."),
])
def test_the_gist_of_a_prompt_is_what_happens(prompt: str, gist: str):
    assert Segment(index=1, seconds=1, video_prompt=prompt, last_keyframe_prompt="l").gist == gist
