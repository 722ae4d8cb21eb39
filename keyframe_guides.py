"""What a keyframe is drawn by, once that is there: who is in it, where it is, the keyframe before it. Draws nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import keyframe_masks
import keyframe_wishes as wishes
from config import PipelineConfig
from image_generator_interface import ImageGenerator, ImageRequest
from keyframe_slots import Slot, befores, framings
from keyframe_takes import Keyframe, Keyframes, Takes
from media import masks
from runtime.outcome import Blocked, Made, Unresolved, without
from runtime.pools import in_thread
from runtime.run_store import RunStore, Wish
from sheets import Sheets
from storyboard import Storyboard


@dataclass(frozen=True)
class Asked:
    """What is asked for, what it is known by, the names of the pictures that are to guide it, and the hashes of a person's own
    pictures of who is in it."""

    request: ImageRequest
    wish: Wish
    names: Sequence[str]
    own: Mapping[str, str]


@dataclass(frozen=True)
class Ready:
    """What can be asked for now. guides: the hashes of the pictures that guide it, by name."""

    request: ImageRequest
    wish: Wish
    guides: Mapping[str, str]


@dataclass(frozen=True)
class _Guide:
    path: Path
    sha256: str


class Guides:
    """Who waits for what: a tree of the sheets, the first keyframe of each scene, then along the scene.

    For a backend that looks at no pictures nobody waits. keyframes: the tasks of this run, filled while they are started.
    """

    def __init__(self, storyboard: Storyboard, sheets: Sheets, keyframes: Keyframes, backends: Sequence[ImageGenerator],
                 takes: Takes, config: PipelineConfig) -> None:
        self.storyboard, self.sheets, self.keyframes, self.backends = storyboard, sheets, keyframes, backends
        self.takes, self.config = takes, config
        self.run: RunStore = takes.run
        self.before, self._framings = befores(storyboard), framings(storyboard)
        self.looks = backends[0].capabilities.guided

    def request(self, slot: Slot) -> ImageRequest:
        """What is asked for, before it is known what guides it."""
        return wishes.request_for(slot, self.storyboard, self._framings[slot.name], self.run.folder, self.config)

    def asked(self, slot: Slot) -> tuple[ImageRequest, Wish, list[str]]:
        """What is asked for, what it is known by, and the names of the pictures that are to guide it."""
        request = self.request(slot)
        names = wishes.guides_of(request, self.backends[0], self.config.keyframes.sheets, opens=slot.name not in self.before)
        mask = wishes.mask_of(slot, self.storyboard, self.run.folder)
        names = wishes.with_base(names, self.backends[0]) if mask else names
        return request, wishes.wish_for(slot, request, self.backends[0], names, mask), names

    def questions(self, slot: Slot) -> Asked:
        """The same, and the hashes of a person's own pictures of who is in it. Blocking."""
        request, wish, names = self.asked(slot)
        return Asked(request, wish, names, wishes.references(request))

    async def ready(self, slot: Slot, asked: Asked) -> Ready | Blocked | Unresolved:
        """Waits for the pictures that guide it; Blocked or Unresolved when one of them cannot be made."""
        request, wish, names, own = asked.request, asked.wish, asked.names, asked.own
        hashes = {name: digest for name, digest in own.items() if name in names or not self.looks}
        given: dict[str, Path] = {}
        missing: list[Blocked | Unresolved] = []
        for name in names:
            if name in own:
                continue
            guide = await (self._moment(slot) if name == wishes.MOMENT else self._sheet(slot, request, name))
            if isinstance(guide, Blocked | Unresolved):
                missing.append(guide)
            elif guide is not None:
                given[name], hashes[name] = guide.path, guide.sha256
        if missing:  # one that a person has to resolve is told before one that was refused
            return next((one for one in missing if isinstance(one, Unresolved)), missing[0])
        if wishes.MOMENT in given and wish.asked.get("mask"):
            return Ready(await self._masked(slot, request, given), wish, hashes)
        return Ready(wishes.guided(request, given), wish, hashes)

    async def _masked(self, slot: Slot, request: ImageRequest, given: Mapping[str, Path]) -> ImageRequest:
        """The request to paint a part of the keyframe before anew; of the whole picture where no part stands out, and this is
        said."""
        opening = self.before[slot.name]
        base, earlier = await self.neighbour(slot), await self.neighbour(opening)
        assert base is not None  # it is among the pictures given
        size = self.backends[0].capabilities.nearest(self.config.size)
        segment = self.storyboard.segment(slot.segment)
        try:
            edit = await in_thread(keyframe_masks.edit, self.run, segment, base.path,
                                   earlier.fitted if earlier else None, size)
        except masks.NoMask as none:
            self.run.events.emit("note", slot.node, f"no mask: {none}; the whole picture is drawn")
            return wishes.guided(request, given)
        others = {name: path for name, path in given.items() if name != wishes.MOMENT}
        return replace(wishes.guided(request, others), edit=edit, size=size)

    async def _sheet(self, slot: Slot, request: ImageRequest, name: str) -> _Guide | Blocked | Unresolved | None:
        who = any(figure.name == name for figure in request.figures)
        task = self.sheets.get(("character" if who else "location", name))
        if task is None:
            return None
        if not task.done():
            self.run.events.emit("waiting", slot.node, f"the sheet of {name}")
        outcome = await task
        if isinstance(outcome, Made):
            return _Guide(outcome.value.path, outcome.value.sha256)
        return without(f"sheet {name}", f"the sheet of {name}", outcome)

    async def _moment(self, slot: Slot) -> _Guide | Blocked | Unresolved | None:
        """The keyframe before; none when a stand-in drew it: its look would be carried on."""
        earlier = self.before[slot.name]
        task = self.keyframes.get(earlier.name)
        if task is not None and not task.done():
            self.run.events.emit("waiting", slot.node, f"keyframe {earlier.name}")
        if task is not None and not isinstance(outcome := await task, Made):
            return without(earlier.node, f"keyframe {earlier.name}", outcome)
        keyframe = await self.neighbour(slot)
        if keyframe is None or keyframe.made_by in [backend.name for backend in self.backends[1:]]:
            return None
        return _Guide(keyframe.fitted, keyframe.sha256)

    async def neighbour(self, slot: Slot) -> Keyframe | None:
        """The keyframe before it in its scene, of this run or an earlier one; None when there is none."""
        earlier = self.before.get(slot.name)
        if earlier is None:
            return None
        task = self.keyframes.get(earlier.name)
        if task is None:
            return await in_thread(self._outside, earlier)
        outcome = await task
        return outcome.value if isinstance(outcome, Made) else None

    def _outside(self, slot: Slot) -> Keyframe | None:
        found = self.takes.given(slot) or self.run.find(self.asked(slot)[1])
        return self.takes.keyframe(slot, found) if found is not None else None
