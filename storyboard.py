"""The plan of a film as data, the rules a plan must keep, and its YAML. Writes no file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

import prompt_labels
from errors import Problem, UserMistakes
from runtime import yaml_edit, yaml_items, yaml_marks
from runtime.validation import in_order, place, validated
from runtime.yaml_items import Item
from runtime.yaml_marks import Parsed

Shot = Literal["extreme_wide", "wide", "medium", "close_up", "extreme_close_up"]
Move = Literal["static", "push_in", "pull_out", "pan_left", "pan_right", "tilt_up", "tilt_down"]
Join = Literal["continuous", "cut", "dissolve"]
Text = Annotated[str, Field(min_length=1)]
THE_MOMENT_BEFORE = "the moment before"
"""What the keyframe before is called among the pictures that one is drawn by: nobody else may be."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Camera(_Part):
    """How a segment is framed and how the camera moves through it."""

    shot: Shot = "wide"
    move: Move = "static"


class Character(_Part):
    """Somebody who looks the same in every keyframe. `reference` is a picture, relative to the storyboard file."""

    name: Text
    description: str = ""
    reference: str | None = None


class Location(_Part):
    """A place that looks the same each time the film comes back to it."""

    name: Text
    description: str = ""


class Prop(_Part):
    """A thing that matters and looks the same each time it is seen."""

    name: Text
    description: str = ""


class Segment(_Part):
    """One generation call's worth of film, counted from 1.

    `first_keyframe_prompt` is needed where no keyframe before is shared: in segment 1 and behind a cut or a dissolve.
    `dissolve_s` is the length of the dissolve INTO this segment. `join_reason` says why it joins the one before as it does,
    `keep` what must stay the same across that join; `action`, `time_of_day` and `props` are for people and for planning.
    `mask`: the keyframe that ends it is the one before with a part of it painted anew. `auto` keeps its characters (with
    `mask_keeps: surroundings`, all but them); else a picture beside the storyboard, white where it is painted anew.
    """

    index: Annotated[int, Field(ge=1)]
    seconds: Annotated[float, Field(gt=0)]
    video_prompt: Text
    first_keyframe_prompt: Text | None = None
    last_keyframe_prompt: Text
    negative_prompt: str = ""
    camera: Camera = Camera()
    characters: tuple[str, ...] = ()
    location: str | None = None
    join: Join = "continuous"
    dissolve_s: Annotated[float, Field(gt=0)] | None = None
    join_reason: str = ""
    keep: str = ""
    action: str = ""
    time_of_day: str = ""
    props: tuple[str, ...] = ()
    mask: Text | None = None
    mask_keeps: Literal["characters", "surroundings"] | None = None

    @property
    def name(self) -> str:
        """What files, tables and messages call it: `segment_04`, `segment_100`."""
        return f"segment_{self.index:02d}"

    @property
    def gist(self) -> str:
        """What happens: the prompt without the words on the camera in front and those on setting and style behind."""
        return prompt_labels.gist(self.video_prompt)

    @property
    def opens_a_scene(self) -> bool:
        """Whether it starts from a keyframe of its own instead of the one that ends the segment before."""
        return self.index == 1 or self.join != "continuous"


class Storyboard(_Part):
    """The plan: what everything else is computed from."""

    title: Text
    logline: str = ""
    style: str = ""
    palette: str = ""
    lens: str = ""
    light: str = ""
    characters: tuple[Character, ...] = ()
    locations: tuple[Location, ...] = ()
    props: tuple[Prop, ...] = ()
    segments: Annotated[tuple[Segment, ...], Field(min_length=1)]

    def segment(self, index: int) -> Segment:
        """The segment with this number (from 1). Raises IndexError outside the film."""
        if not 1 <= index <= len(self.segments):
            raise IndexError(f"segment {index} of a film of {len(self.segments)}")
        return self.segments[index - 1]

    def character(self, name: str) -> Character:
        """The character of this name. Raises KeyError."""
        return {character.name: character for character in self.characters}[name]

    def place(self, name: str | None) -> Location | None:
        """The location of this name, or None when there is none."""
        return {location.name: location for location in self.locations}.get(name or "")

    def scenes(self) -> list[tuple[Segment, ...]]:
        """Runs of segments joined continuously, in order."""
        scenes: list[list[Segment]] = []
        for segment in self.segments:
            if segment.opens_a_scene or not scenes:
                scenes.append([])
            scenes[-1].append(segment)
        return [tuple(scene) for scene in scenes]


def problems(storyboard: Storyboard) -> Iterator[Problem]:
    """Everything that pydantic cannot see: numbering, references, joins. `where` is `segments.3.location`, and so on."""
    yield from _double_names("characters", [character.name for character in storyboard.characters])
    yield from _double_names("locations", [location.name for location in storyboard.locations])
    for position, segment in enumerate(storyboard.segments):
        yield from _segment_problems(storyboard, position, segment)


def _double_names(kind: str, names: list[str]) -> Iterator[Problem]:
    for position, name in enumerate(names):
        if name == THE_MOMENT_BEFORE:
            yield Problem(f"{kind}.{position}.name", f"{name!r} is what the keyframe before is called", "name it otherwise")
        if name in names[:position]:
            yield Problem(f"{kind}.{position}.name", f"{name!r} is there twice", "names must differ")


def _segment_problems(storyboard: Storyboard, position: int, segment: Segment) -> Iterator[Problem]:
    at = f"segments.{position}"
    if segment.index != position + 1:
        yield Problem(f"{at}.index", f"is {segment.index}", f"segments are numbered 1, 2, 3 ...: here {position + 1}")
    for number, name in enumerate(segment.characters):
        if name not in [character.name for character in storyboard.characters]:
            yield Problem(f"{at}.characters.{number}", f"{name!r} is not one of the characters")
    if segment.location is not None and storyboard.place(segment.location) is None:
        yield Problem(f"{at}.location", f"{segment.location!r} is not one of the locations")
    if segment.mask_keeps is not None and segment.mask != "auto":
        yield Problem(f"{at}.mask_keeps", "says what an automatic mask keeps, and there is none", "add mask: auto")
    yield from _join_problems(storyboard, position, segment, at)


def _join_problems(storyboard: Storyboard, position: int, segment: Segment, at: str) -> Iterator[Problem]:
    if position == 0 and segment.join == "dissolve":
        yield Problem(f"{at}.join", "there is nothing before segment 1 to dissolve from", "write cut")
    if (position == 0 or segment.join != "continuous") and segment.first_keyframe_prompt is None:
        yield Problem(at, f"{segment.name} opens a scene and has no first_keyframe_prompt", "describe its first frame")
    if segment.join != "dissolve":
        if segment.dissolve_s is not None:
            yield Problem(f"{at}.dissolve_s", f"the join is {segment.join}", "write join: dissolve, or leave dissolve_s out")
        return
    if segment.dissolve_s is None:
        yield Problem(at, f"{segment.name} dissolves and says not how long", "add dissolve_s: 0.5")
    elif position > 0:
        shortest = min(segment.seconds, storyboard.segments[position - 1].seconds)
        if segment.dissolve_s >= shortest:
            yield Problem(f"{at}.dissolve_s", f"{segment.dissolve_s:g} s do not fit into segments of {shortest:g} s")


HEADER = """The plan of this film. Change what you like and run again: only what depends on it is made again.
Prompts, seconds (what the backend can make), camera, characters, location and join may all be changed, and segments
added or taken out (number them 1, 2, 3 ...). Your comments and your order of keys stay.
shot: extreme_wide, wide, medium, close_up, extreme_close_up
move: static, push_in, pull_out, pan_left, pan_right, tilt_up, tilt_down
join: continuous, cut, dissolve (with dissolve_s: seconds). Behind a cut or a dissolve: first_keyframe_prompt
mask: auto keeps the characters of the keyframe before in the closing one (mask_keeps: surroundings, the rest)"""


def read(path: Path) -> Storyboard:
    """The storyboard in a file. Raises UserMistakes with every problem as `storyboard.yaml:LINE:COLUMN: segment 3: ...`."""
    text, unreadable = yaml_marks.read(path)
    if unreadable:
        raise UserMistakes(unreadable)
    return _parsed(yaml_marks.parse(text, str(path)))


def _parsed(parsed: Parsed) -> Storyboard:
    found = list(parsed.problems)
    if found and parsed.values is None:
        raise UserMistakes(found)
    if not isinstance(parsed.values, dict):
        what = "is empty" if parsed.values is None else "is not a block of keys"
        raise UserMistakes([Problem(str(parsed.marks.value(())), what, "write title: and segments:")])
    storyboard = validated(Storyboard, parsed.values, parsed.marks, found, name=_part_name)
    for problem in problems(storyboard or _draft(parsed.values)):
        path = tuple(int(part) if part.isdigit() else part for part in problem.where.split("."))
        found.append(Problem(place(parsed.marks.value(path), _part_name(path)), problem.what, problem.advice))
    if found or storyboard is None:
        raise UserMistakes(in_order(found))
    return storyboard


def _part_name(path: yaml_marks.Path) -> str:
    """`("segments", 3, "camera", "shot")` -> `segment 4: camera.shot`, counted from 1 as the film is."""
    if len(path) > 1 and isinstance(path[1], int):
        part = f"{str(path[0]).removesuffix('s')} {path[1] + 1}"
        rest = ".".join(str(one + 1) if isinstance(one, int) else one for one in path[2:])
        return f"{part}: {rest}" if rest else part
    return ".".join(str(one) for one in path)


def _draft(values: Mapping[str, Any]) -> Storyboard:
    """What can be checked of a storyboard that is not valid: each part that is wrong gives way to one without fault."""
    def parts(key: str) -> list[Any]:
        listed = values.get(key)
        return [one if isinstance(one, dict) else {} for one in listed] if isinstance(listed, list) else []

    def named(key: str) -> list[str]:
        return [str(one.get("name") or f"?{number}").strip() for number, one in enumerate(parts(key))]

    return Storyboard.model_construct(
        characters=tuple(Character.model_construct(name=name) for name in named("characters")),
        locations=tuple(Location.model_construct(name=name) for name in named("locations")),
        segments=tuple(
            validated(Segment, one, yaml_marks.Marks(""), []) or Segment.model_construct(
                index=number, seconds=float("inf"), first_keyframe_prompt="-", join="cut",
                characters=tuple(one["characters"]) if isinstance(one.get("characters"), list) else (),
                location=str(one["location"]) if one.get("location") else None)
            for number, one in enumerate(parts("segments"), 1)))


def render(storyboard: Storyboard, before: str | None = None) -> str:
    """The storyboard as YAML.

    With `before`, the text that stands there, only what differs is rewritten: comments, key order and quoting stay,
    and a text that means the same comes back byte for byte. Raises UserMistakes when `before` is no storyboard.
    """
    fresh = yaml_edit.dump(_plain(storyboard, sparse=True), HEADER)
    if before is None:
        return fresh
    present = _parsed(yaml_marks.parse(before, "storyboard.yaml"))
    text = yaml_edit.edit(before, _plain(present), _plain(storyboard))
    return text if _means(text, storyboard) else fresh


def rearrange(storyboard: Storyboard, before: str, sources: Sequence[int | None]) -> str:
    """As `render`, where segments came, went or changed their number: what stays keeps its bytes and its comments.

    sources: for each segment which one (from 0) of `before` it was, None for a new one.
    """
    present = _parsed(yaml_marks.parse(before, "storyboard.yaml"))
    old, new = _plain(present), _plain(storyboard)
    items = [Item(None, {}, _plain(segment, True)) if source is None else Item(source, old["segments"][source], one)
             for one, segment, source in zip(new["segments"], storyboard.segments, sources, strict=True)]
    text = yaml_items.rearranged(before, "segments", items)
    if text is not None:
        text = yaml_edit.edit(text, {**old, "segments": new["segments"]}, new)
    return text if text is not None and _means(text, storyboard) else render(storyboard, before)


def _means(text: str, storyboard: Storyboard) -> bool:
    try:
        return _parsed(yaml_marks.parse(text, "")) == storyboard
    except UserMistakes:
        return False


def _plain(value: Any, sparse: bool = False) -> Any:
    """A model as plain values in the model's order; `sparse` leaves out what needs no saying."""
    if isinstance(value, BaseModel):
        fields = {name: getattr(value, name) for name in type(value).model_fields}
        unsaid = (None, "", ()) if sparse else ()
        return {name: _plain(one, sparse) for name, one in fields.items()
                if one not in unsaid and not (sparse and (name, one) == ("join", "continuous"))}
    if isinstance(value, tuple):
        return [_plain(one, sparse) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
