"""Storyboard -> keyframes: adopted, found again or drawn, each in its turn, looked at, fitted to the film. Draws nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Literal

from candidates import Contests, Judge
from config import PipelineConfig
from errors import GenerationFailed, MediaError, foreign_code
from image_generator_interface import ImageGenerator
from keyframe_checks import Neighbour, findings, shape_finding
from keyframe_extensions import Extensions
from keyframe_guides import Asked, Guides, Ready
from keyframe_slots import Slot, slots
from keyframe_takes import Keyframe, Keyframes, Takes
from media import fit
from moderation import Reword
from orders import Orders
from painting import Drawing, Easel
from runtime import identity
from runtime.ledger import Artifact
from runtime.outcome import Failed, Made, Outcome, without
from runtime.pools import in_thread
from runtime.run_store import RunStore
from sheets import Sheets
from storyboard import Storyboard

__all__ = ["Keyframe", "Keyframes", "render"]

CHECKED = "checked 1 keyframe"
"""Under this name, the keyframe's behind it, the ledger remembers the pictures that were looked at by the present rules."""

STALE = "a picture that guides it has changed since; --refresh stale draws it anew"


def render(storyboard: Storyboard, sheets: Sheets, backends: Sequence[ImageGenerator], run: RunStore, tasks: asyncio.TaskGroup,
           *, config: PipelineConfig, fit_mode: fit.FitMode, orders: Orders, reword: Reword,
           judge: Judge | None = None) -> Keyframes:
    """Starts one task per keyframe. One that cannot be made ends as a value that says why, and stops no other.

    For a backend that looks at pictures they form a tree: the sheets, the first keyframe of each scene, then along the scene.
    `reword` finds other words for a prompt that a provider refuses. `judge` chooses between the candidates of a keyframe, where
    the settings want several; without one they are measured.
    """
    painter = _Painter(storyboard, sheets, backends, run, config, fit_mode, orders, reword, judge)
    wanted = slots(storyboard, config.mode, orders)
    run.ledger.remember(fit=f'"{fit_mode}"')  # for the report
    for slot in wanted:
        run.events.emit("planned", slot.node)
    behind = _behind(wanted, painter.guides)
    for position, slot in enumerate(wanted):
        priority = behind[slot.name] + 1 - position / len(wanted)
        painter.tasks[slot.name] = tasks.create_task(painter.settle(slot, priority), name=slot.node)
    return painter.tasks


def _behind(wanted: Sequence[Slot], guides: Guides) -> Mapping[str, int]:
    """How many keyframes are drawn one after the other behind each: in a tree those go first that most wait for."""
    behind = {slot.name: 0 for slot in wanted}
    for slot in reversed(wanted):
        earlier = guides.before.get(slot.name)
        if guides.looks and earlier is not None and earlier.name in behind:
            behind[earlier.name] = behind[slot.name] + 1
    return behind


Again = Callable[[int], Awaitable[Outcome[Artifact]]]


class _Painter:
    def __init__(self, storyboard: Storyboard, sheets: Sheets, backends: Sequence[ImageGenerator], run: RunStore,
                 config: PipelineConfig, fit_mode: fit.FitMode, orders: Orders, reword: Reword, judge: Judge | None) -> None:
        self.storyboard, self.run, self.config, self.orders = storyboard, run, config, orders
        self.backends, self._remarked, self._remarks = backends, set[str](), threading.Lock()
        self.easel, self.takes = Easel(backends, run, reword), Takes(run, storyboard, config, fit_mode)
        self.extensions = Extensions(self.easel, self.takes)
        self.contests = Contests(self.easel, run, config.keyframes.candidates, judge)
        self.tasks: dict[str, asyncio.Task[Outcome[Keyframe]]] = {}
        self.guides = Guides(storyboard, sheets, self.tasks, backends, self.takes, config)

    async def settle(self, slot: Slot, priority: float) -> Outcome[Keyframe]:
        """Adopts, finds or draws one keyframe."""
        try:
            first = await in_thread(lambda: self.takes.given(slot) or self.guides.questions(slot))
            if isinstance(first, Asked):
                outcome = await self._drawn_or_found(slot, first, priority)
            else:
                outcome = Made(await self._sound(slot, first, None), fresh=False)
            if not isinstance(outcome, Made):
                return outcome
            whole = await self.extensions.settle(slot, outcome.value, priority)
            if whole is not None and not isinstance(whole, Made):
                ended = without(f"extension {slot.name}", f"what lies beyond the sides of keyframe {slot.name}", whole)
                self.run.events.emit("blocked", slot.node, ended.reason)
                return ended
            keyframe = await in_thread(self._published, slot, outcome.value)
        except MediaError as error:
            self.run.events.emit("failed", slot.node, str(error))
            return Failed(str(error))
        kind: Literal["made", "reused"] = "made" if outcome.fresh else "reused"
        self.run.events.emit("adopted" if keyframe.source == "user" else kind, slot.node, made_by=keyframe.made_by)
        return Made(keyframe, fresh=outcome.fresh)

    def _published(self, slot: Slot, artifact: Artifact) -> Keyframe:
        keyframe = self.takes.published(slot, artifact)
        backend = next((one for one in self.backends if one.name == keyframe.made_by and keyframe.source == "made"), None)
        if backend is not None:
            self._remark(backend, slot)
        return keyframe

    def _remark(self, backend: ImageGenerator, slot: Slot) -> None:
        """Says what the picture does not show, each thing once a run: also of an earlier take, for the report of this run."""
        try:
            with foreign_code():
                told = [f"{backend.name}: {remark}" for remark in backend.remarks(self.guides.request(slot))]
        except GenerationFailed as failure:
            told = [f"{backend.name} cannot say what it leaves out: {failure}"]
        with self._remarks:
            new = [text for text in dict.fromkeys(told) if text not in self._remarked]
            self._remarked.update(new)
        for text in new:
            self.run.events.emit("note", "", text)

    async def _drawn_or_found(self, slot: Slot, asked: Asked, priority: float) -> Outcome[Artifact]:
        """The take that counts, else a new one once all is there that it is drawn by."""
        ready = await self.guides.ready(slot, asked)
        if not isinstance(ready, Ready):  # what was drawn earlier counts all the same
            found = await in_thread(self.run.find, asked.wish)
            if found is None:
                self.run.events.emit("blocked", slot.node, ready.reason)
            return ready if found is None else Made(found, fresh=False)
        look = partial(self.takes.drawn, ready.wish, ready.guides, refresh=self.orders.refresh_stale)
        found = await in_thread(look)
        drawing = Drawing(ready.wish, ready.request, self._why(ready), self.config.size, ready.guides, priority)
        outcome = await self._new(slot, drawing, look) if found is None else Made(found, fresh=False)
        if not isinstance(outcome, Made):
            return outcome
        if dict(outcome.value.made_from) != dict(ready.guides):
            self.run.events.emit("stale", slot.node, STALE)
        several = self.config.keyframes.candidates > 1
        sound = await self._sound(slot, outcome.value,
                                  None if several else lambda number: self.easel.drawn(drawing, reroll=number),
                                  fresh=outcome.fresh)
        return Made(sound, fresh=outcome.fresh or sound.id != outcome.value.id)

    async def _new(self, slot: Slot, drawing: Drawing, look: Callable[[], Artifact | None]) -> Outcome[Artifact]:
        """A picture, or the best of several."""
        if self.config.keyframes.candidates == 1:
            return await self.easel.drawn(drawing, look)
        before = await self.guides.neighbour(slot)
        return await self.contests.best(drawing, before.fitted if before else None, partial(self._wrong, slot, before))

    def _why(self, ready: Ready) -> str:
        found = self.run.ledger.chosen(ready.wish.node, ready.wish.wanted)
        stale = found is not None and self.run.intact(found)
        return "a picture that guides it has changed" if stale else self.run.why(ready.wish)

    async def _sound(self, slot: Slot, artifact: Artifact, again: Again | None, *, fresh: bool = False) -> Artifact:
        """The picture, looked at once, alone and beside the one before it; or one that was bought in its place.

        What is paid is looked at until the ledger knows that it was; what is free, when it was drawn; yours, in every run.
        """
        paid = self.easel.charges(artifact.made_by)
        if artifact.source == "made" and not paid and not fresh:
            return artifact
        before = await self.guides.neighbour(slot)
        if not paid:
            return await self.easel.sound(artifact, partial(self._wrong, slot, before), None, 0)
        name, ledger = f"{CHECKED} {slot.name}", self.run.ledger
        beside = identity.wanted({"picture": artifact.sha256, "before": before.sha256 if before else None})
        if await in_thread(ledger.announced, name, beside):
            return artifact
        rerolls = 0 if await in_thread(ledger.announced, name, artifact.sha256) else self.config.keyframes.rerolls
        sound = await self.easel.sound(artifact, partial(self._wrong, slot, before), again, rerolls)
        for shape in await in_thread(self._shape, sound):
            self.run.events.emit("note", slot.node, shape)
        for digest in {artifact.sha256, sound.sha256, beside}:
            await in_thread(ledger.announce, name, digest)
        return sound

    def _wrong(self, slot: Slot, before: Keyframe | None, artifact: Artifact) -> list[str]:
        """What is wrong with a take, in words, that another one may do better."""
        path, segment = self.run.folder / artifact.path, self.storyboard.segment(slot.segment)
        earlier = Neighbour(self.takes.as_drawn(before.path, before.sha256), segment) if before is not None else None
        return findings(self.takes.as_drawn(path, artifact.sha256), earlier)

    def _shape(self, artifact: Artifact) -> list[str]:
        """That it is of another shape than was asked for. A backend gives the same shape again: no other is bought for that."""
        asked = self.easel.asked_size(artifact.made_by, self.config.size) if artifact.source == "made" else None
        return shape_finding(self.run.folder / artifact.path, asked, self.config.size)
