"""One picture by one of the image backends: asked for, proven to be one, kept as a take. Decides nothing about which."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import attempts
import keyframe_masks
from attempts import Try, by_one_of, paid_for, useless
from errors import MediaError, foreign_code
from image_generator_interface import Edit, ImageGenerator, ImageRequest
from keyframe_slots import MIRRORED
from media import frames
from media.film_format import Size
from moderation import Reword
from runtime import durable
from runtime.ledger import Artifact
from runtime.outcome import Made, Outcome
from runtime.pools import in_thread
from runtime.run_store import RunStore, Wish

MOST_SEED = 2**31 - 1


@dataclass(frozen=True)
class Drawing:
    """A picture that has to be drawn. why: in words. guides: the hashes of the pictures it is only guided by, by name.

    shape: the size that is wanted; each backend is asked for its nearest.
    """

    wish: Wish
    request: ImageRequest
    why: str
    shape: Size
    guides: Mapping[str, str] = field(default_factory=dict)
    priority: float = 0.0


class Easel:
    """What every picture of a run goes through. `reword` finds other words for a prompt that a provider refuses."""

    def __init__(self, backends: Sequence[ImageGenerator], run: RunStore, reword: Reword) -> None:
        self.backends, self.run, self.reword = backends, run, reword
        self._wishes: dict[str, asyncio.Lock] = {}

    async def drawn(self, drawing: Drawing, find: Callable[[], Artifact | None] | None = None, *,
                    reroll: int = 0) -> Outcome[Artifact]:
        """The take of a picture, by the first backend that can. Of two with the same wish the second takes what the first got.

        find: looks once more whether it is there, when another was drawing it. reroll: the how manieth attempt this is
        after a picture that was no good.
        """
        another = drawing.wish.wanted in self._wishes
        async with self._wishes.setdefault(drawing.wish.wanted, asyncio.Lock()):
            found = await in_thread(find) if find is not None and another and not reroll else None
            if found is not None:
                return Made(found, fresh=False)
            if drawing.request.edit is not None:
                return await self._painted_over(drawing, drawing.request.edit, reroll)
            return await self._bought(drawing, reroll)

    async def _bought(self, drawing: Drawing, reroll: int) -> Outcome[Artifact]:
        return await by_one_of(in_turn(self.backends, drawing.request), self.run, attempts.Artifact[ImageGenerator, Artifact](
            wish=drawing.wish, why=drawing.why, prompt=drawing.request.prompt, pool="images", priority=drawing.priority,
            able=lambda backend: unable(backend, drawing), reword=self.reword,
            make=lambda backend, how: self._made(drawing, backend, how, reroll)))

    async def _painted_over(self, drawing: Drawing, edit: Edit, reroll: int) -> Outcome[Artifact]:
        """What came of an edit is a take of its own: the picture is it with the kept part put back, and can be made again from
        it without another purchase."""
        raw = replace(drawing, wish=Wish(drawing.wish.node, {**drawing.wish.asked, "step": "painted"}))
        found = await in_thread(self.run.find, raw.wish)
        there = found is not None and not reroll and dict(found.made_from) == dict(drawing.guides)
        outcome = Made(found) if found is not None and there else await self._bought(raw, reroll)
        return Made(await in_thread(self._put_back, drawing, edit, outcome.value)) if isinstance(outcome, Made) else outcome

    def _put_back(self, drawing: Drawing, edit: Edit, painted: Artifact) -> Artifact:
        part = self.run.part(drawing.wish, ".png")
        try:
            keyframe_masks.put_back(edit, self.run.folder / painted.path, part)
            return self.run.keep(drawing.wish, part, suffix=".png", made_by=painted.made_by, made_from=drawing.guides,
                                 seconds_spent=painted.seconds_spent)
        finally:
            part.unlink(missing_ok=True)

    def charges(self, made_by: str) -> bool:
        """Whether the backend of this name is paid."""
        return any(backend.charges for backend in self.backends if backend.name == made_by)

    def asked_size(self, made_by: str, shape: Size) -> Size | None:
        """The size that the backend of this name is asked for; None when it is none of this run's."""
        return next((one.capabilities.nearest(shape) for one in self.backends if one.name == made_by), None)

    async def sound(self, artifact: Artifact, judged: Callable[[Artifact], Sequence[str]],
                    again: Callable[[int], Awaitable[Outcome[Artifact]]] | None, rerolls: int) -> Artifact:
        """The picture when nothing is wrong with it, else the best of it and of up to `rerolls` bought in its place.

        judged: what is wrong with a picture, in words; blocking. again: buys the so manieth other one. What is free of charge
        would come out the same: of that it is only said. When no other can be bought the best there is stays.
        """
        tried: list[tuple[int, Artifact]] = []
        for number in range(1, rerolls + 2):
            wrong = await in_thread(judged, artifact)
            tried.append((len(wrong), artifact))
            if not wrong:
                break
            buy = again if number <= rerolls and self.charges(artifact.made_by) else None
            told = "; ".join(wrong) + (f" (it is made again, {number} of {rerolls})" if buy else "")
            self.run.events.emit("note", artifact.node, told)
            outcome = await buy(number) if buy else None
            if not isinstance(outcome, Made):
                break
            artifact = outcome.value
        best = min(tried, key=lambda one: one[0])[1]
        if best.id != artifact.id:
            await in_thread(self._choose, best)
        return best

    def _choose(self, artifact: Artifact) -> None:
        self.run.ledger.choose(artifact)
        self.run.ledger.make_current(artifact)

    async def _made(self, drawing: Drawing, backend: ImageGenerator, how: Try, reroll: int) -> Artifact:
        if not _paints(backend, drawing.request):
            return await in_thread(self._mirrored, drawing, backend)
        part = self.run.part(drawing.wish, ".png")
        seed = (drawing.request.seed + how.number + 7919 * reroll) & MOST_SEED
        asked = replace(drawing.request, prompt=how.prompt, seed=seed, size=_size(backend, drawing))
        begun = time.monotonic()
        try:
            with foreign_code():
                await backend.serve(asked, part, self.run.reporter(drawing.wish.node), how.counter)
            try:
                artifact = await in_thread(self._filed, drawing, part, backend.name, time.monotonic() - begun)
            except MediaError as error:
                await useless(how.counter, str(error))
                raise
            if backend.charges:
                await paid_for(self.run, how.counter, artifact.sha256)
            return artifact
        finally:
            part.unlink(missing_ok=True)

    def _mirrored(self, drawing: Drawing, backend: ImageGenerator) -> Artifact:
        """The picture as it was to be extended: a stand-in that paints nothing beyond its sides leaves it at that."""
        part, edit = self.run.part(drawing.wish, ".png"), drawing.request.edit
        assert edit is not None
        try:
            durable.copy(edit.base, part)
            self.run.events.emit("note", drawing.wish.node, f"{backend.name} stands in and paints nothing there: the "
                                                            "borders are mirrored")
            return self._filed(drawing, part, MIRRORED, 0.0)
        finally:
            part.unlink(missing_ok=True)

    def _filed(self, drawing: Drawing, part: Path, made_by: str, seconds: float) -> Artifact:
        frames.load_rgb(part)  # raises MediaError when it is no picture
        return self.run.keep(drawing.wish, part, suffix=".png", made_by=made_by, made_from=drawing.guides,
                             seconds_spent=seconds)


def unable(backend: ImageGenerator, drawing: Drawing) -> list[str]:
    """Why a backend cannot draw this at all."""
    if drawing.request.edit is None or drawing.request.edit.beyond:
        return []
    if not backend.capabilities.edits:
        return ["it paints no part of a picture anew"]
    size = backend.capabilities.nearest(drawing.shape)
    return [] if size == drawing.request.size else [f"it makes {size}, the picture to be changed is {drawing.request.size}"]


def in_turn(backends: Sequence[ImageGenerator], request: ImageRequest) -> list[ImageGenerator]:
    """Who is asked, one after the other: to go on beyond a picture's sides those who can before those who only stand in."""
    return sorted(backends, key=lambda backend: not _paints(backend, request))


def _paints(backend: ImageGenerator, request: ImageRequest) -> bool:
    return request.edit is None or not request.edit.beyond or backend.capabilities.outpaints


def _size(backend: ImageGenerator, drawing: Drawing) -> Size:
    beyond = drawing.request.edit is not None and drawing.request.edit.beyond
    return drawing.shape if beyond else backend.capabilities.nearest(drawing.shape)
