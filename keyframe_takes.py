"""The keyframes that are there: a person's own, earlier takes, and how each is shown and fitted. Draws nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import keyframe_wishes as wishes
from config import PipelineConfig
from image_generator_interface import ImageRequest
from keyframe_slots import Slot
from media import fit, frames, pictures
from runtime import durable
from runtime.ledger import Artifact
from runtime.outcome import Outcome
from runtime.run_store import RunStore, Wish
from storyboard import Storyboard


@dataclass(frozen=True)
class Keyframe:
    """A keyframe that is there. `path` is the picture as drawn or given, `fitted` the same as a PNG of the film's size.

    `source` is `user` for a picture that the user put there. `key` stands for it in the fingerprint of a clip. Where its
    borders were painted, `fitted` and `key` are of the extension; `path` and `sha256` stay those of the picture itself.
    """

    slot: Slot
    path: Path
    sha256: str
    source: Literal["made", "user"]
    made_by: str
    fitted: Path
    key: str


Keyframes = Mapping[str, "asyncio.Task[Outcome[Keyframe]]"]


class Takes:
    """What lies in the run folder of the keyframes of a film. Blocking: files are hashed and pictures decoded."""

    def __init__(self, run: RunStore, storyboard: Storyboard, config: PipelineConfig, fit_mode: fit.FitMode) -> None:
        self.run, self.config, self.size, self.fit_mode = run, config, config.size, fit_mode
        self.storyboard = storyboard
        self.fitting = wishes.fitting_of(fit_mode)

    def given(self, slot: Slot) -> Artifact | None:
        """The picture that a person put there, or named as the film's first. Raises MediaError when it cannot be read."""
        theirs = wishes.user_pictures(self.run, slot)
        if theirs:
            return self._adopted(slot, theirs[0])
        if slot.name == "segment_00" and self.config.initial_image is not None:
            return self._initial(slot, self.config.initial_image)
        return None

    def _adopted(self, slot: Slot, path: Path) -> Artifact:
        digest = durable.sha256_of(path)
        wish = wishes.wish_for_adopted(slot, digest)
        found = self.run.find(wish)
        if found is not None and found.path == path.relative_to(self.run.folder).as_posix():
            return found
        take = self.run.ledger.next_take(wish.node, wish.wanted)
        return self.run.ledger.record(node=wish.node, wanted=wish.wanted, take=take, asked=wish.asked, made_by="user",
                                      path=path.relative_to(self.run.folder).as_posix(), sha256=digest, source="user")

    def _initial(self, slot: Slot, picture: Path) -> Artifact:
        wish = wishes.wish_for_initial(slot, durable.sha256_of(picture))
        found = self.run.find(wish)
        if found is not None:
            return found
        part = self.run.part(wish, ".png")
        frames.save_png(frames.load_rgb(picture), part)
        return self.run.keep(wish, part, suffix=".png", made_by="initial_image")

    def drawn(self, wish: Wish, guides: Mapping[str, str], *, refresh: bool) -> Artifact | None:
        """The take that counts. refresh: only one that was drawn by just these guides, an earlier one if need be."""
        found = self.run.find(wish)
        if found is None or dict(found.made_from) == dict(guides) or not refresh:
            return found
        for take in reversed(self.run.ledger.takes(wish.node, wish.wanted)):
            if dict(take.made_from) == dict(guides) and self.run.intact(take):
                self.run.ledger.choose(take)
                return take
        return None

    def extension(self, slot: Slot, picture: Artifact) -> tuple[ImageRequest, Wish] | None:
        """What is asked for, and what it is known by, where the picture stays whole and has borders in the film."""
        path = self.run.folder / picture.path
        if self.fit_mode != "outpaint" or not fit.needs_borders(pictures.picture_size(path), self.size):
            return None
        asked = wishes.extension_of(slot, self.storyboard, self.config)
        return asked, wishes.wish_for_extension(slot, asked, picture.sha256)

    def keyframe(self, slot: Slot, artifact: Artifact) -> Keyframe:
        """A take as a keyframe of the film, fitted; with painted borders where they are there."""
        asked = self.extension(slot, artifact)
        shown = self.run.find(asked[1]) if asked is not None else None
        path, digest = (self.run.folder / shown.path, shown.sha256) if shown else (
            self.run.folder / artifact.path, artifact.sha256)
        key = wishes.key_of(path, digest, self.size, self.fitting)
        return Keyframe(slot, self.run.folder / artifact.path, artifact.sha256, artifact.source, artifact.made_by,
                        path if key == digest else self._fitted(path, digest), key)

    def as_drawn(self, path: Path, sha256: str) -> Path:
        """A picture fitted with nothing painted to it: what is compared with another."""
        return path if pictures.is_film_picture(path, self.size) else self._fitted(path, sha256)

    def _fitted(self, path: Path, digest: str) -> Path:
        """The picture, which is not one of the film's yet, as a PNG of the film's size."""
        target = self.run.path("cache", "keyframes", f"{digest[:16]}-{self.fitting}-{self.size}.png")
        return self.run.derived(target, lambda part: frames.save_png(
            fit.fit(frames.load_rgb(path), self.size, self.fit_mode).rgb, part))

    def published(self, slot: Slot, artifact: Artifact) -> Keyframe:
        """Shows a take in keyframes/, unless it is the one that a person put there."""
        if artifact.source == "made":
            self.run.publish(artifact, self.run.path("keyframes", slot.name + ".png"), link=False)
        return self.keyframe(slot, artifact)
