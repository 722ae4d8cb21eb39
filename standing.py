"""How far a film is: which clips and keyframes the next run would find, by the ledger and the files. Changes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any, Literal

import keyframe_wishes
import segments
from checks import fit_mode
from config import PipelineConfig
from cost_estimator import Standing
from image_generator_interface import ImageGenerator
from keyframe_slots import Slot, closing, framings, opening, slots
from orders import Orders
from runtime import durable
from runtime.ledger import Artifact
from runtime.run_folder import RunFolder
from runtime.run_store import Wish
from storyboard import Segment, Storyboard
from timeline import Timeline
from video_generator_interface import VideoGenerator

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Files:
    """pictures: the keyframes that are there, by name. takes: the clips that count, by segment. wishes: what a run will look
    for, of the segments whose pictures are there."""

    pictures: Mapping[str, Path]
    takes: Mapping[int, Artifact]
    wishes: Mapping[int, Wish]


def from_ledger(at: RunFolder, storyboard: Storyboard, timeline: Timeline, config: PipelineConfig, video: VideoGenerator,
                images: Sequence[ImageGenerator], orders: Orders | None = None) -> Standing:
    """What a run of this plan would find in the folder: the same wishes are looked up as the stages will look up.

    video: the backend asked first. A keyframe that has to be drawn anew is taken to come out another, and so are the clips
    beside it; with `--refresh stale` every keyframe with reference pictures is. Blocking: the files that count are hashed.
    Raises MediaError when a picture of the user's cannot be read.
    """
    here = _Looking(at, storyboard, timeline, config, video, images, orders or Orders())
    clips = here.clips()
    return Standing(clips, tuple(here.keys), *_money(at), clip_wall_s=here.clip_wall_s())


def files(at: RunFolder, storyboard: Storyboard, timeline: Timeline, config: PipelineConfig, video: VideoGenerator,
          images: Sequence[ImageGenerator]) -> Files:
    """The same as files: what can be shown of a film before anything is made or bought. Blocking, as `from_ledger`."""
    here = _Looking(at, storyboard, timeline, config, video, images, Orders())
    here.clips()
    pictures = {name: path for name, (path, _) in here.pictures.items()}
    if config.initial_image is not None:
        pictures.setdefault("segment_00", config.initial_image)
    return Files(pictures, here.takes, here.wishes)


def _money(at: RunFolder) -> tuple[Decimal, Decimal]:
    """What was charged, and what besides is kept of the cap for bills that may still come."""
    bought = at.ledger.purchases.all()
    charged = sum((one.charged_usd for one in bought if one.charged_usd is not None), NOTHING)
    return charged, sum((one.counted_usd for one in bought), NOTHING) - charged


class _Looking:
    def __init__(self, at: RunFolder, storyboard: Storyboard, timeline: Timeline, config: PipelineConfig, video: VideoGenerator,
                 images: Sequence[ImageGenerator], orders: Orders) -> None:
        self.at, self.storyboard, self.timeline, self.config = at, storyboard, timeline, config
        self.video, self.images, self.orders = video, images, orders
        self.framings = framings(storyboard)
        self.slots = slots(storyboard, config.mode, Orders())
        self.fitting = self._fitting()
        self.pictures = {slot.name: found for slot in self.slots if (found := self._picture(slot)) is not None}
        self.keys = {name: keyframe_wishes.key_of(path, sha256, config.film.size, self.fitting)
                     for name, (path, sha256) in self.pictures.items()}
        """The keyframes that are there, with what stands for them in the fingerprint of a clip."""
        self.takes: dict[int, Artifact] = {}
        self.wishes: dict[int, Wish] = {}

    def _fitting(self) -> str:
        given = [path for slot in self.slots for path in keyframe_wishes.user_pictures(self.at, slot)]
        given += [self.config.initial_image] if self.config.initial_image else []
        return keyframe_wishes.fitting_of(fit_mode(self.config, self.images, given))

    def clips(self) -> dict[int, Literal["there", "paid"]]:
        """The segments whose clip counts, and those whose purchase is under way."""
        found: dict[int, Literal["there", "paid"]] = {}
        before: Artifact | None = None
        for segment in self.storyboard.segments:
            wish = self._wish(segment, before)
            before = self._find(wish) if wish is not None else None
            if wish is not None:
                self.wishes[segment.index] = wish
            live = self.at.ledger.purchases.live(wish.wanted) if wish is not None else None
            if before is not None:
                found[segment.index], self.takes[segment.index] = "there", before
            on_its_way = live is not None and live.state in ("SUBMITTED", "FETCHED")
            if on_its_way or (live is not None and before is None):
                found[segment.index] = "paid"
            if on_its_way or (segment.index in self.orders.redo and self.orders.wants(segment.index)):
                before = None  # another take: what goes on from its last frame is not there either
        return found

    def _wish(self, segment: Segment, before: Artifact | None) -> Wish | None:
        """What the stage would look for; None when that is not known before its pictures are there."""
        last: str | None = None
        if self.config.mode == "chaining" and not segment.opens_a_scene:
            first = segments.chained_key(before.sha256) if before is not None else None
        else:
            first = self.keys.get(opening(segment).name)
        if self.config.mode == "keyframe":
            last = self.keys.get(closing(segment).name)
        if first is None or (last is None and self.config.mode == "keyframe"):
            return None
        return segments.wish_for(segment, self.timeline.span(segment.index), self.video, self.config, first, last)

    def _picture(self, slot: Slot) -> tuple[Path, str] | None:
        """The picture that counts as this keyframe, and its hash."""
        for theirs in keyframe_wishes.user_pictures(self.at, slot)[:1]:
            return theirs, durable.sha256_of(theirs)
        found = self._find(self._picture_wish(slot))
        if found is None or (self.orders.refresh_stale and found.made_from):
            return None
        return self.at.folder / found.path, found.sha256

    def _picture_wish(self, slot: Slot) -> Wish:
        if slot.name == "segment_00" and self.config.initial_image is not None:
            return keyframe_wishes.wish_for_initial(slot, durable.sha256_of(self.config.initial_image))
        request = keyframe_wishes.request_for(slot, self.storyboard, self.framings[slot.name], self.at.folder, self.config)
        return keyframe_wishes.wish_for(slot, request, self.images[0])

    def _find(self, wish: Wish) -> Artifact | None:
        ledger = self.at.ledger
        found = ledger.chosen(wish.node, wish.wanted)
        for artifact in (found, ledger.chosen_elsewhere(wish.kind, wish.wanted) if found is None else None):
            if artifact is not None and self.at.intact(artifact):
                return artifact
        return None

    def clip_wall_s(self) -> float | None:
        """Seconds that a clip of this backend took here, in the median."""
        asked: Any = json.loads(json.dumps(dict(self.video.identity())))
        spent = [one.seconds_spent for one in self.at.ledger.artifacts()
                 if one.asked.get("video_backend") == asked and one.made_by == self.video.name and one.seconds_spent > 0]
        return median(spent) if spent else None
