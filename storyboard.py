"""The plan of a film as data, and the rules a plan must keep. Reads and writes no file (storyboard_yaml.py does)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from errors import Problem

Shot = Literal["extreme_wide", "wide", "medium", "close_up", "extreme_close_up"]
Move = Literal["static", "push_in", "pull_out", "pan_left", "pan_right", "tilt_up", "tilt_down"]
Join = Literal["continuous", "cut", "dissolve"]
Text = Annotated[str, Field(min_length=1)]


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


class Segment(_Part):
    """One generation call's worth of film, counted from 1.

    `first_keyframe_prompt` is needed where no keyframe before is shared: in segment 1 and behind a cut or a dissolve.
    `dissolve_s` is the length of the dissolve INTO this segment.
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

    @property
    def name(self) -> str:
        """What files, tables and messages call it: `segment_04`, `segment_100`."""
        return f"segment_{self.index:02d}"

    @property
    def opens_a_scene(self) -> bool:
        """Whether it starts from a keyframe of its own instead of the one that ends the segment before."""
        return self.index == 1 or self.join != "continuous"


class Storyboard(_Part):
    """The plan: what everything else is computed from."""

    title: Text
    style: str = ""
    characters: tuple[Character, ...] = ()
    locations: tuple[Location, ...] = ()
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
