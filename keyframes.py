"""Storyboard -> keyframes: adopted, found again or drawn, each in its turn, fitted to the film. Draws nothing itself."""

from __future__ import annotations

import asyncio
import glob
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from config import PipelineConfig
from errors import GenerationFailed, MediaError, foreign_code
from image_generator_interface import Figure, Framing, ImageGenerator, ImageRequest, Place
from keyframe_slots import Slot, framings, slots
from media import fit, frames, pictures, salience
from media.film_format import Size
from orders import Orders
from runtime import durable
from runtime.identity import seed_of
from runtime.ledger import Artifact
from runtime.outcome import Failed, Made, Outcome
from runtime.pools import in_thread
from runtime.run_folder import RunFolder
from runtime.run_store import RunStore, Wish
from storyboard import Character, Storyboard

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")


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
           config: PipelineConfig, fit_mode: fit.FitMode, orders: Orders) -> Keyframes:
    """Starts one task per keyframe. A keyframe that cannot be made ends as `Failed` with the reason and stops no other."""
    painter = _Painter(storyboard, backends, run, config, fit_mode, orders)
    wanted = slots(storyboard, config.mode, orders)
    for slot in wanted:
        run.events.emit("planned", slot.node)
    return {slot.name: tasks.create_task(painter.settle(slot, len(wanted) - position), name=slot.node)
            for position, slot in enumerate(wanted)}


def user_pictures(run: RunFolder, slot: Slot) -> list[Path]:
    """The pictures in keyframes/ that a person put there under the slot's name, whatever their format; not ours.

    Ours are those the ledger knows and, should the ledger have been lost, those that lie among the slot's takes.
    """
    found: list[Path] = []
    for path in sorted((run.folder / "keyframes").glob(f"{glob.escape(slot.name)}.*")):
        if path.suffix.lower() in PICTURES and path.is_file():
            digest = durable.sha256_of(path)
            takes = (run.folder / "takes" / slot.name).glob("keyframe-*")
            if not run.ledger.known(slot.node, digest) and digest not in map(durable.sha256_of, takes):
                found.append(path)
    return found


def request_for(slot: Slot, storyboard: Storyboard, framing: Framing, folder: Path, config: PipelineConfig) -> ImageRequest:
    """What an image backend is asked for this keyframe. Pictures of characters are looked for in the run folder."""
    segment = storyboard.segment(slot.segment)
    prompt = segment.first_keyframe_prompt if slot.role == "first" else segment.last_keyframe_prompt
    place = storyboard.place(segment.location)
    return ImageRequest(
        keyframe=slot.name, prompt=prompt or segment.last_keyframe_prompt, negative_prompt=segment.negative_prompt,
        style=storyboard.style, size=config.size, seed=seed_of(config.seed, "film"),
        framing=framing, beat=beat_of(slot, storyboard),
        place=Place(place.name, place.description) if place else None,
        figures=tuple(_figure(storyboard.character(name), folder) for name in segment.characters))


def beat_of(slot: Slot, storyboard: Storyboard) -> int:
    """How many segments of its scene lie before the keyframe; so that a scene put in elsewhere changes no picture here."""
    scene = next(scene for scene in storyboard.scenes() if scene[0].index <= slot.segment <= scene[-1].index)
    return slot.segment - scene[0].index + (slot.role == "last")


def _figure(character: Character, folder: Path) -> Figure:
    return Figure(character.name, character.description, folder / character.reference if character.reference else None)


def wish_for(slot: Slot, request: ImageRequest, backend: ImageGenerator) -> Wish:
    """Everything the picture of a keyframe depends on; of the pictures it is guided by only that they are there."""
    asked: dict[str, Any] = {
        "kind": "keyframe", "image_backend": dict(backend.identity()), "prompt": request.prompt,
        "negative_prompt": request.negative_prompt, "style": request.style, "size": str(request.size),
        "seed": request.seed, "beat": request.beat,
        "framing": [request.framing.shot, request.framing.x, request.framing.y, request.framing.zoom],
        "location": [request.place.name, request.place.description] if request.place else None,
        "characters": [[figure.name, figure.description, figure.reference is not None] for figure in request.figures],
    }
    return Wish(slot.node, asked)


def wish_for_adopted(slot: Slot, sha256: str) -> Wish:
    """The wish that a person's own picture with these bytes fulfils."""
    return Wish(slot.node, {"kind": "keyframe", "user_picture": sha256})


def wish_for_initial(slot: Slot, sha256: str) -> Wish:
    """The wish for the picture that the config opens the film with."""
    return Wish(slot.node, {"kind": "keyframe", "initial_image": sha256})


def fitting_of(fit_mode: fit.FitMode) -> str:
    """How pictures of another shape are brought to the film's: faces are looked for where that can be done."""
    return f"{fit_mode}-faces" if fit_mode == "crop" and salience.can_find_faces() else fit_mode


def key_of(path: Path, sha256: str, size: Size, fitting: str) -> str:
    """What stands for a keyframe in the fingerprint of a clip: its bytes, and how they were fitted where they had to be."""
    return sha256 if pictures.is_film_picture(path, size) else f"{sha256} {fitting}"


@dataclass(frozen=True)
class _Drawing:
    """A keyframe that has to be drawn, and why."""

    slot: Slot
    wish: Wish
    request: ImageRequest
    references: Mapping[str, str]
    why: str


class _Painter:
    def __init__(self, storyboard: Storyboard, backends: Sequence[ImageGenerator], run: RunStore, config: PipelineConfig,
                 fit_mode: fit.FitMode, orders: Orders) -> None:
        self.storyboard, self.backends, self.run, self.fit_mode, self.orders = storyboard, backends, run, fit_mode, orders
        self.config, self.film, self.initial_image = config, config.film, config.initial_image
        self.framings = framings(storyboard)
        self.fitting = fitting_of(fit_mode)

    async def settle(self, slot: Slot, priority: float) -> Outcome[Keyframe]:
        """Adopts, finds or draws one keyframe."""
        try:
            here = await in_thread(self._look, slot)
            outcome = Made(here, fresh=False) if isinstance(here, Keyframe) else await self._draw(here, priority)
        except MediaError as error:
            outcome = Failed(str(error))
        if isinstance(outcome, Made):
            source, made_by = outcome.value.source, outcome.value.made_by
            kind: Literal["made", "reused", "adopted"] = "made" if outcome.fresh else "reused"
            self.run.events.emit("adopted" if source == "user" else kind, slot.node, made_by=made_by)
        else:
            self.run.events.emit("failed", slot.node, outcome.reason)
        return outcome

    def _look(self, slot: Slot) -> Keyframe | _Drawing:
        """The keyframe that counts already, published; else all that is needed to draw it."""
        theirs = user_pictures(self.run, slot)
        if theirs:
            return self._keyframe(slot, self._adopted(slot, theirs[0]))
        if slot.name == "segment_00" and self.initial_image is not None:
            return self._published(slot, self._initial(slot, self.initial_image))
        request = request_for(slot, self.storyboard, self.framings[slot.name], self.run.folder, self.config)
        wish, references = wish_for(slot, request, self.backends[0]), _references(request)
        found = self._reusable(wish, references)
        if isinstance(found, str):
            return _Drawing(slot, wish, request, references, found)
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

    def _reusable(self, wish: Wish, references: Mapping[str, str]) -> Artifact | str:
        """The take that counts, or why there is none. One whose reference pictures changed is kept, and said to be stale,
        until it is asked to be refreshed; then an earlier take made from the present ones counts, if there is one."""
        found = self.run.find(wish)
        if found is None:
            return self.run.why(wish)
        if dict(found.made_from) == dict(references):
            return found
        if not self.orders.refresh_stale:
            self.run.events.emit("stale", wish.node, "a reference picture has changed since; --refresh stale draws it anew")
            return found
        for take in reversed(self.run.ledger.takes(wish.node, wish.wanted)):
            if dict(take.made_from) == dict(references) and self.run.intact(take):
                self.run.ledger.choose(take)
                return take
        return "reference picture changed"

    async def _draw(self, drawing: _Drawing, priority: float) -> Made[Keyframe] | Failed:
        """The first backend that can draws it; the others were tried in turn, and what each said is kept."""
        reasons: list[str] = []
        node = drawing.wish.node
        self.run.events.emit("waiting", node, f"a place at {self.backends[0].name}")
        for backend in self.backends:
            async with self.run.pool(f"images {backend.name}", backend.parallel).turn(priority):
                self.run.events.emit("started", node, drawing.why, backend=backend.name)
                try:
                    return Made(await self._drawn(drawing, backend))
                except (GenerationFailed, MediaError) as error:
                    reasons.append(f"{backend.name}: {error}")
                    self.run.events.emit("note", node, reasons[-1])
        return Failed("; ".join(reasons))

    async def _drawn(self, drawing: _Drawing, backend: ImageGenerator) -> Keyframe:
        part = self.run.part(drawing.wish, ".png")
        asked = replace(drawing.request, size=backend.capabilities.nearest(self.film.size))
        begun = time.monotonic()
        try:
            with foreign_code():
                await backend.generate(asked, part, self.run.reporter(drawing.wish.node))
            return await in_thread(self._filed, drawing, part, backend.name, time.monotonic() - begun)
        finally:
            part.unlink(missing_ok=True)

    def _filed(self, drawing: _Drawing, part: Path, made_by: str, seconds: float) -> Keyframe:
        frames.load_rgb(part)  # raises MediaError when it is no picture
        artifact = self.run.keep(drawing.wish, part, suffix=".png", made_by=made_by, made_from=drawing.references,
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


def _references(request: ImageRequest) -> dict[str, str]:
    """The hashes of the pictures a keyframe is only guided by: a change makes it stale and does not remake it."""
    given = [(figure.name, figure.reference) for figure in request.figures if figure.reference is not None]
    return {name: durable.sha256_of(picture) for name, picture in given}
