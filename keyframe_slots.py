"""Which keyframes and sheets a film needs, what comes before each, where the camera stands. Pure: looks at no file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from image_generator_interface import Framing
from orders import Orders
from storyboard import Camera, Segment, Shot, Storyboard

ZOOM = {"extreme_wide": 0.8, "wide": 1.0, "medium": 1.4, "close_up": 2.1, "extreme_close_up": 3.0}
PUSH = 1.25
PAN, TILT = 0.18, 0.07
"""How far a move goes in one segment: a zoom factor, and parts of the visible width and height."""
LONGEST_NAME = 100
"""Bytes of a file's name: what a character is called may be longer than any file system takes."""
MIRRORED = "mirrored borders"
"""Who is said to have made what lies beyond a keyframe's sides where nobody painted it."""


@dataclass(frozen=True)
class Slot:
    """A keyframe the film needs: the first or the last picture of a segment. `name` is its file's name without ending."""

    segment: int
    role: Literal["first", "last"]
    name: str

    @property
    def node(self) -> str:
        return f"keyframe {self.name}"


SheetKind = Literal["character", "location"]


@dataclass(frozen=True)
class SheetSlot:
    """A picture of a character or a place that keyframes are drawn by. `file` is its file's name without ending."""

    kind: SheetKind
    name: str
    description: str
    file: str

    @property
    def node(self) -> str:
        return f"sheet {self.file}"


def opening(segment: Segment) -> Slot:
    """The keyframe that the segment starts from: its own behind a cut, else the one that ends the segment before."""
    if segment.index == 1:
        return Slot(1, "first", "segment_00")
    if segment.opens_a_scene:
        return Slot(segment.index, "first", f"{segment.name}_first")
    return Slot(segment.index - 1, "last", f"segment_{segment.index - 1:02d}")


def closing(segment: Segment) -> Slot:
    """The keyframe that ends the segment."""
    return Slot(segment.index, "last", segment.name)


def slots(storyboard: Storyboard, mode: str, orders: Orders) -> list[Slot]:
    """The keyframes this run needs, in film order. In chaining mode only those that open a scene are drawn."""
    found: dict[str, Slot] = {}
    for scene in storyboard.scenes():
        wanted = [segment for segment in scene if orders.wants(segment.index)]
        needed = [opening(scene[0])] if wanted and mode == "chaining" else []
        if mode == "keyframe":
            needed = [slot for segment in wanted for slot in (opening(segment), closing(segment))]
        found.update({slot.name: slot for slot in needed})
    return list(found.values())


def befores(storyboard: Storyboard) -> dict[str, Slot]:
    """The keyframe before each, in its scene; none where a scene opens."""
    found: dict[str, Slot] = {}
    for scene in storyboard.scenes():
        found.update({closing(segment).name: opening(segment) for segment in scene})
    return found


def sheet_slots(storyboard: Storyboard, orders: Orders) -> list[SheetSlot]:
    """The sheets of who and where is in the segments of this run, but of the characters that have a picture of yours."""
    wanted = [segment for segment in storyboard.segments if orders.wants(segment.index)]
    seen = {name for segment in wanted for name in segment.characters}
    places = {segment.location for segment in wanted}
    found: list[SheetSlot] = []
    taken: set[str] = set()
    things: list[tuple[SheetKind, str, str]] = [
        ("character", one.name, one.description) for one in storyboard.characters if one.name in seen and not one.reference]
    things += [("location", one.name, one.description) for one in storyboard.locations if one.name in places]
    for kind, name, description in things:
        file = next(one for number in range(1, 1000) if (one := file_name(name, number)) not in taken)
        taken.add(file)
        found.append(SheetSlot(kind, name, description, file))
    return found


def file_name(name: str, number: int = 1) -> str:
    """`The Old Harbour` -> `the_old_harbour`, however long a name; behind that the number of those called alike."""
    plain = re.sub(r"\W+", "_", name.lower()).encode("utf-8", "ignore")[:LONGEST_NAME].decode("utf-8", "ignore")
    plain = plain.strip("_") or "nameless"
    return plain if number == 1 else f"{plain}_{number}"


def framings(storyboard: Storyboard) -> dict[str, Framing]:
    """Where the camera stands at each keyframe: it starts anew with every scene and moves along it.

    A segment starts at its own shot and ends, where the scene goes on, at the shot of the next one.
    """
    found: dict[str, Framing] = {}
    for scene in storyboard.scenes():
        stand = _opening_stand(scene[0].camera)
        found[opening(scene[0]).name] = stand
        for segment, following in zip(scene, (*scene[1:], scene[-1]), strict=True):
            stand = moved(stand, segment.camera, following.camera.shot)
            found[closing(segment).name] = stand
    return found


def _opening_stand(camera: Camera) -> Framing:
    return Framing(camera.shot, 0.0, 0.0, round(ZOOM[camera.shot] * (PUSH if camera.move == "pull_out" else 1.0), 4))


def moved(start: Framing, camera: Camera, shot: Shot) -> Framing:
    """Where the camera stands after the move of a segment that ends at `shot`, from where it stood before."""
    zoom = start.zoom * ZOOM[shot] / ZOOM[camera.shot]
    if shot == camera.shot:
        zoom *= {"push_in": PUSH, "pull_out": 1 / PUSH}.get(camera.move, 1.0)
    zoom = min(max(zoom, min(ZOOM.values())), max(ZOOM.values()))
    across = {"pan_left": -PAN, "pan_right": PAN}.get(camera.move, 0.0) / zoom
    down = {"tilt_up": -TILT, "tilt_down": TILT}.get(camera.move, 0.0) / zoom
    return Framing(shot, round(start.x + across, 4), round(start.y + down, 4), round(zoom, 4))
