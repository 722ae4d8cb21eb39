"""Storyboard -> keyframes: adopted, found again or drawn, each in its turn, fitted to the film. Draws nothing itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import attempts
from attempts import Try, by_one_of, paid_for, useless
from config import PipelineConfig
from errors import MediaError, foreign_code
from image_generator_interface import ImageGenerator, ImageRequest
from keyframe_slots import Slot, framings, slots
from keyframe_wishes import (
    fitting_of,
    key_of,
    references,
    request_for,
    user_pictures,
    wish_for,
    wish_for_adopted,
    wish_for_initial,
)
from media import fit, frames
from moderation import Reword
from orders import Orders
from runtime import durable
from runtime.ledger import Artifact
from runtime.outcome import Failed, Made, Outcome
from runtime.pools import in_thread
from runtime.run_store import RunStore, Wish
from storyboard import Storyboard

MOST_SEED = 2**31 - 1


@dataclass(frozen=True)
class Keyframe:
    """A keyframe that is there. `path` is the picture as drawn or given, `fitted` the same as a PNG of the film's size.

    `source` is `user` for a picture that the user put there. `key` stands for it in the fingerprint of a clip.
    """

    slot: Slot
    path: Path
    sha256: str
    source: Literal["made", "user"]
    made_by: str
    fitted: Path
    key: str


Keyframes = Mapping[str, "asyncio.Task[Outcome[Keyframe]]"]


def render(storyboard: Storyboard, backends: Sequence[ImageGenerator], run: RunStore, tasks: asyncio.TaskGroup, *,
           config: PipelineConfig, fit_mode: fit.FitMode, orders: Orders, reword: Reword) -> Keyframes:
    """Starts one task per keyframe. One that cannot be made ends as a value that says why, and stops no other.

    `reword` finds other words for a prompt that a provider refuses.
    """
    painter = _Painter(storyboard, backends, run, config, fit_mode, orders, reword)
    wanted = slots(storyboard, config.mode, orders)
    for slot in wanted:
        run.events.emit("planned", slot.node)
    return {slot.name: tasks.create_task(painter.settle(slot, len(wanted) - position), name=slot.node)
            for position, slot in enumerate(wanted)}


@dataclass(frozen=True)
class _Drawing:
    """A keyframe that has to be drawn, and why."""

    slot: Slot
    wish: Wish
    request: ImageRequest
    guides: Mapping[str, str]
    why: str


class _Painter:
    def __init__(self, storyboard: Storyboard, backends: Sequence[ImageGenerator], run: RunStore, config: PipelineConfig,
                 fit_mode: fit.FitMode, orders: Orders, reword: Reword) -> None:
        self.storyboard, self.backends, self.run, self.fit_mode, self.orders = storyboard, backends, run, fit_mode, orders
        self.config, self.film, self.initial_image, self.reword = config, config.film, config.initial_image, reword
        self.wishes: dict[str, asyncio.Lock] = {}
        self.framings = framings(storyboard)
        self.fitting = fitting_of(fit_mode)

    async def settle(self, slot: Slot, priority: float) -> Outcome[Keyframe]:
        """Adopts, finds or draws one keyframe."""
        try:
            here = await in_thread(self._look, slot)
            outcome = Made(here, fresh=False) if isinstance(here, Keyframe) else await self._drawn(here, priority)
        except MediaError as error:
            self.run.events.emit("failed", slot.node, str(error))
            return Failed(str(error))
        if isinstance(outcome, Made):
            kind: Literal["made", "reused"] = "made" if outcome.fresh else "reused"
            self.run.events.emit("adopted" if outcome.value.source == "user" else kind, slot.node,
                                 made_by=outcome.value.made_by)
        return outcome

    def _look(self, slot: Slot) -> Keyframe | _Drawing:
        """The keyframe that counts already, published; else all that is needed to draw it."""
        theirs = user_pictures(self.run, slot)
        if theirs:
            return self._keyframe(slot, self._adopted(slot, theirs[0]))
        if slot.name == "segment_00" and self.initial_image is not None:
            return self._published(slot, self._initial(slot, self.initial_image))
        request = request_for(slot, self.storyboard, self.framings[slot.name], self.run.folder, self.config)
        wish, guides = wish_for(slot, request, self.backends[0]), references(request)
        found = self._reusable(wish, guides)
        if isinstance(found, str):
            return _Drawing(slot, wish, request, guides, found)
        return self._published(slot, found)

    def _adopted(self, slot: Slot, path: Path) -> Artifact:
        digest = durable.sha256_of(path)
        wish = wish_for_adopted(slot, digest)
        found = self.run.find(wish)
        if found is not None and found.path == path.relative_to(self.run.folder).as_posix():
            return found
        take = self.run.ledger.next_take(wish.node, wish.wanted)
        return self.run.ledger.record(node=wish.node, wanted=wish.wanted, take=take, asked=wish.asked, made_by="user",
                                      path=path.relative_to(self.run.folder).as_posix(), sha256=digest, source="user")

    def _initial(self, slot: Slot, picture: Path) -> Artifact:
        wish = wish_for_initial(slot, durable.sha256_of(picture))
        found = self.run.find(wish)
        if found is not None:
            return found
        part = self.run.part(wish, ".png")
        frames.save_png(frames.load_rgb(picture), part)
        return self.run.keep(wish, part, suffix=".png", made_by="initial_image")

    def _reusable(self, wish: Wish, guides: Mapping[str, str]) -> Artifact | str:
        """The take that counts, or why there is none. One whose reference pictures changed is kept, and said to be stale,
        until it is asked to be refreshed; then an earlier take made from the present ones counts, if there is one."""
        found = self.run.find(wish)
        if found is None:
            return self.run.why(wish)
        if dict(found.made_from) == dict(guides):
            return found
        if not self.orders.refresh_stale:
            self.run.events.emit("stale", wish.node, "a reference picture has changed since; --refresh stale draws it anew")
            return found
        for take in reversed(self.run.ledger.takes(wish.node, wish.wanted)):
            if dict(take.made_from) == dict(guides) and self.run.intact(take):
                self.run.ledger.choose(take)
                return take
        return "reference picture changed"

    async def _drawn(self, drawing: _Drawing, priority: float) -> Outcome[Keyframe]:
        """The keyframe by one of the backends. Of two with the same wish the second takes what the first got."""
        async with self.wishes.setdefault(drawing.wish.wanted, asyncio.Lock()):
            found = await in_thread(self._reusable, drawing.wish, drawing.guides)
            if not isinstance(found, str):
                return Made(await in_thread(self._published, drawing.slot, found), fresh=False)
            return await by_one_of(self.backends, self.run, attempts.Artifact[ImageGenerator, Keyframe](
                wish=drawing.wish, why=drawing.why, prompt=drawing.request.prompt, pool="images", priority=priority,
                able=lambda backend: (), reword=self.reword, make=lambda backend, how: self._made(drawing, backend, how)))

    async def _made(self, drawing: _Drawing, backend: ImageGenerator, how: Try) -> Keyframe:
        part = self.run.part(drawing.wish, ".png")
        asked = replace(drawing.request, prompt=how.prompt, seed=(drawing.request.seed + how.number) & MOST_SEED,
                        size=backend.capabilities.nearest(self.film.size))
        begun = time.monotonic()
        try:
            with foreign_code():
                await backend.serve(asked, part, self.run.reporter(drawing.wish.node), how.counter)
            try:
                keyframe = await in_thread(self._filed, drawing, part, backend.name, time.monotonic() - begun)
            except MediaError as error:
                await useless(how.counter, str(error))
                raise
            await paid_for(self.run, how.counter, keyframe.sha256)
            return keyframe
        finally:
            part.unlink(missing_ok=True)

    def _filed(self, drawing: _Drawing, part: Path, made_by: str, seconds: float) -> Keyframe:
        frames.load_rgb(part)  # raises MediaError when it is no picture
        artifact = self.run.keep(drawing.wish, part, suffix=".png", made_by=made_by, made_from=drawing.guides,
                                 seconds_spent=seconds)
        return self._published(drawing.slot, artifact)

    def _published(self, slot: Slot, artifact: Artifact) -> Keyframe:
        self.run.publish(artifact, self.run.path("keyframes", slot.name + ".png"), link=False)
        return self._keyframe(slot, artifact)

    def _keyframe(self, slot: Slot, artifact: Artifact) -> Keyframe:
        path = self.run.folder / artifact.path
        key = key_of(path, artifact.sha256, self.film.size, self.fitting)
        fitted = path if key == artifact.sha256 else self._fitted(path, artifact.sha256)
        return Keyframe(slot, path, artifact.sha256, artifact.source, artifact.made_by, fitted, key)

    def _fitted(self, path: Path, digest: str) -> Path:
        """The picture, which is not one of the film's yet, as a PNG of the film's size."""
        target = self.run.path("cache", "keyframes", f"{digest[:16]}-{self.fitting}-{self.film.size}.png")
        return self.run.derived(target, lambda part: frames.save_png(
            fit.fit(frames.load_rgb(path), self.film.size, self.fit_mode).rgb, part))
