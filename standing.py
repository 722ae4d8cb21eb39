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
import sheets
from checks import fit_mode
from config import PipelineConfig
from cost_estimator import Standing
from image_generator_interface import ImageGenerator, ImageRequest
from keyframe_slots import SheetSlot, Slot, befores, closing, framings, opening, slots
from media import fit
from media.pictures import picture_size
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
    beside it; with `--refresh stale` every keyframe is whose guides have changed, or are to be. Blocking: the files that
    count are hashed. Raises MediaError when a picture of the user's cannot be read.
    """
    here = _Looking(at, storyboard, timeline, config, video, images, orders or Orders())
    clips = here.clips()
    charged, reserved = _money(at)
    there = tuple(slot.file for slot, _ in here.sheets.values())
    return Standing(clips, tuple(here.pictures), there, tuple(here.extensions), tuple(here.unextended), charged, reserved,
                    here.clip_wall_s())


def files(at: RunFolder, storyboard: Storyboard, timeline: Timeline, config: PipelineConfig, video: VideoGenerator,
          images: Sequence[ImageGenerator]) -> Files:
    """The same as files: what can be shown of a film before anything is made or bought. Blocking, as `from_ledger`."""
    here = _Looking(at, storyboard, timeline, config, video, images, Orders())
    here.clips()
    pictures = {name: path for name, (path, _) in (here.pictures | here.extensions).items()}
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
        self.framings, self.before = framings(storyboard), befores(storyboard)
        self.sheets = self._sheets()
        """The sheets that are there, by what they show: their hashes."""
        self.slots = slots(storyboard, config.mode, Orders())
        self.mode = self._mode()
        self.pictures: dict[str, tuple[Path, str]] = {}
        self.stand_ins: set[str] = set()
        """The keyframes that a fallback drew: none is drawn by them."""
        for slot in self.slots:
            if (picture := self._picture(slot)) is not None:
                self.pictures[slot.name] = picture
        self.extensions: dict[str, tuple[Path, str]] = {}
        """The keyframes that were painted on, as large as the film."""
        self.unextended = [slot.name for slot in self.slots if slot.name in self.pictures and self._to_be_extended(slot)]
        fitting = keyframe_wishes.fitting_of(self.mode)
        self.keys = {name: keyframe_wishes.key_of(path, sha256, config.film.size, fitting)
                     for name, (path, sha256) in (self.pictures | self.extensions).items() if name not in self.unextended}
        """The keyframes that are there whole, with what stands for them in the fingerprint of a clip."""
        self.takes: dict[int, Artifact] = {}
        self.wishes: dict[int, Wish] = {}

    def _mode(self) -> fit.FitMode:
        given = [path for slot in self.slots for path in keyframe_wishes.user_pictures(self.at, slot)]
        given += [self.config.initial_image] if self.config.initial_image else []
        return fit_mode(self.config, self.images, given)

    def _to_be_extended(self, slot: Slot) -> bool:
        """Whether somebody would be asked to paint on this picture; notes the extension that is there already."""
        path, sha256 = self.pictures[slot.name]
        if self.mode != "outpaint" or not fit.needs_borders(picture_size(path), self.config.size):
            return False
        asked = keyframe_wishes.extension_of(slot, self.storyboard, self.config)
        found = self._find(keyframe_wishes.wish_for_extension(slot, asked, sha256))
        if found is not None:
            self.extensions[slot.name] = self.at.folder / found.path, found.sha256
        return found is None and any(image.capabilities.outpaints for image in self.images)

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

    def _sheets(self) -> dict[tuple[str, str], tuple[SheetSlot, str]]:
        found: dict[tuple[str, str], tuple[SheetSlot, str]] = {}
        for slot in sheets.needed(self.storyboard, self.images, self.config, Orders()):
            request = sheets.request_for(slot, self.storyboard, self.config)
            theirs = keyframe_wishes.user_sheets(self.at, slot)
            made = None if theirs else self._find(keyframe_wishes.wish_for_sheet(slot, request, self.images[0]))
            if theirs or made is not None:
                found[slot.kind, slot.name] = slot, made.sha256 if made else durable.sha256_of(theirs[0])
        return found

    def _picture(self, slot: Slot) -> tuple[Path, str] | None:
        """The picture that counts as this keyframe, and its hash; of what is before it in its scene, it is known."""
        for theirs in keyframe_wishes.user_pictures(self.at, slot)[:1]:
            return theirs, durable.sha256_of(theirs)
        if slot.name == "segment_00" and self.config.initial_image is not None:
            found = self._find(keyframe_wishes.wish_for_initial(slot, durable.sha256_of(self.config.initial_image)))
        else:
            found = self._drawn(*self._picture_wish(slot))
        if found is None:
            return None
        if found.made_by in [image.name for image in self.images[1:]]:
            self.stand_ins.add(slot.name)
        return self.at.folder / found.path, found.sha256

    def _drawn(self, wish: Wish, guides: Mapping[str, str] | None) -> Artifact | None:
        """The take that counts; with `--refresh stale` one that was drawn by the present guides."""
        found = self._find(wish)
        if found is None or not self.orders.refresh_stale or guides == dict(found.made_from):
            return found
        takes = reversed(self.at.ledger.takes(wish.node, wish.wanted))
        return next((take for take in takes if dict(take.made_from) == guides and self.at.intact(take)), None)

    def _picture_wish(self, slot: Slot) -> tuple[Wish, dict[str, str] | None]:
        """What the stage would look for, and the hashes of what it would be drawn by; None when that is not there yet."""
        request = keyframe_wishes.request_for(slot, self.storyboard, self.framings[slot.name], self.at.folder, self.config)
        names = keyframe_wishes.guides_of(request, self.images[0], self.config.keyframes.sheets,
                                          opens=slot.name not in self.before)
        mask = keyframe_wishes.mask_of(slot, self.storyboard, self.at.folder)
        names = keyframe_wishes.with_base(names, self.images[0]) if mask else names
        return keyframe_wishes.wish_for(slot, request, self.images[0], names, mask), self._guides(slot, request, names)

    def _guides(self, slot: Slot, request: ImageRequest, names: Sequence[str]) -> dict[str, str] | None:
        own = keyframe_wishes.references(request)
        looks = self.images[0].capabilities.guided
        found = {name: digest for name, digest in own.items() if name in names or not looks}
        for name in names:
            if name in own:
                continue
            if name == keyframe_wishes.MOMENT:
                earlier = self.before[slot.name].name
                if earlier not in self.pictures:
                    return None
                found |= {} if earlier in self.stand_ins else {name: self.pictures[earlier][1]}
                continue
            who = any(figure.name == name for figure in request.figures)
            sheet = self.sheets.get(("character" if who else "location", name))
            if sheet is None:
                return None
            found[name] = sheet[1]
        return found

    def _find(self, wish: Wish) -> Artifact | None:
        ledger = self.at.ledger
        found = ledger.chosen(wish.node, wish.wanted)
        for artifact in (found, ledger.chosen_elsewhere(wish.kind, wish.wanted) if found is None else None):
            if artifact is not None and self.at.intact(artifact):
                return artifact
        return self.at.alike(wish.node, wish.asked, wish.unheard, wish.by) if found is None else None

    def clip_wall_s(self) -> float | None:
        """Seconds that a clip of this backend took here, in the median."""
        asked: Any = json.loads(json.dumps(dict(self.video.identity())))
        spent = [one.seconds_spent for one in self.at.ledger.artifacts()
                 if one.asked.get("video_backend") == asked and one.made_by == self.video.name and one.seconds_spent > 0]
        return median(spent) if spent else None
