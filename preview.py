"""Storyboard + what is there -> a captioned preview of the whole film, its holes filled. Never touches takes or the film."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice
from pathlib import Path

import standing
from checks import Able
from config import PipelineConfig
from errors import GenerationFailed, MediaError, SegmentsFailed, foreign_code
from image_generator_interface import ImageGenerator
from keyframe_slots import Slot, framings, opening
from keyframe_slots import closing as closing_slot
from keyframe_wishes import request_for as picture_for
from keyframes import Keyframes
from media import concat, fit, frames
from media.captions import CaptionOverlay
from media.encode import ClipWriter
from media.retime import read_i420
from orders import Orders
from runtime import durable, identity
from runtime.money import dollars
from runtime.outcome import Made
from runtime.pools import in_thread
from runtime.run_store import RunStore
from segments import Clip, Clips, request_for
from standing import Files
from storyboard import Segment, Storyboard
from timeline import Span, Timeline
from video_generator_interface import Progress, Report, VideoGenerator

NODE = "preview"
NEW = "new"
GIST = 180
"""Characters of a prompt that a caption shows at the most."""
NARROW = 1.4
"""Narrower pictures, in parts of their height, have no room for place, time and price on one line."""


@dataclass(frozen=True)
class Fillers:
    """The embedded backends that fill holes: of clips, and of the keyframes those need."""

    video: VideoGenerator
    image: ImageGenerator


@dataclass(frozen=True)
class Shot:
    """What the preview says of one segment. `missing`: a run would have its clip made, for `usd` dollars (0: for nothing,
    None: nobody knows)."""

    segment: int
    begin: str
    end: str
    said: str
    missing: bool = False
    usd: Decimal | None = Decimal(0)


@dataclass(frozen=True)
class Preview:
    """A preview that is there. `by`: the backend that a run would ask for what is missing. `of`: segments of the film."""

    path: Path
    shots: tuple[Shot, ...]
    of: int
    by: str

    @property
    def missing(self) -> list[int]:
        """The segments whose clips a run would have made."""
        return [shot.segment for shot in self.shots if shot.missing]

    @property
    def usd(self) -> Decimal | None:
        """What those would cost together; None when nobody knows."""
        prices = [shot.usd for shot in self.shots]
        return None if None in prices else sum((price for price in prices if price is not None), Decimal(0))


async def make(storyboard: Storyboard, keyframes: Keyframes, clips: Clips, run: RunStore, *, config: PipelineConfig,
               timeline: Timeline, able: Able, fit_mode: fit.FitMode, fillers: Fillers, orders: Orders) -> Preview:
    """Writes preview/preview.mp4: every segment in its place, with its number, time code, price and gist; holes say so.

    Frame counts are the film's. Dissolves are shown as cuts. What this run makes is waited for; nothing else is asked of any
    backend but the fillers. Raises SegmentsFailed when a hole cannot be filled.
    """
    spans = [span for span in timeline.spans if orders.wants(span.segment) or not orders.preview_only]
    frames_shown = sum(span.owned for span in spans)
    run.events.emit("planned", NODE, f"{frames_shown} frames")
    made: dict[int, Clip] = {}
    for index, task in clips.items():
        outcome = await task
        if isinstance(outcome, Made):
            made[index] = outcome.value
    run.events.emit("started", NODE, "captioned, its holes filled", backend=fillers.video.name)
    there = await in_thread(standing.files, run, storyboard, timeline, config, able.videos[0], able.images)
    async with asyncio.TaskGroup() as tasks:
        desk = _Desk(storyboard, keyframes, run, config, timeline, able.videos[0], fit_mode, there, fillers, tasks)
        making = [tasks.create_task(desk.piece(span, made.get(span.segment))) for span in spans]
    target, part = run.path("preview", "preview.mp4"), run.path("preview", "preview.mp4" + durable.PART)
    parts = [concat.Part(piece.result()[0], span.owned) for piece, span in zip(making, spans, strict=True)]
    await in_thread(concat.join, parts, part, timeline.film)
    durable.file_it(part, target)
    run.events.emit("made", NODE, frames=frames_shown)
    return Preview(target, tuple(piece.result()[1] for piece in making), len(timeline.spans), able.videos[0].title)


class _Desk:
    def __init__(self, storyboard: Storyboard, keyframes: Keyframes, run: RunStore, config: PipelineConfig,
                 timeline: Timeline, primary: VideoGenerator, fit_mode: fit.FitMode, there: Files, fillers: Fillers,
                 tasks: asyncio.TaskGroup) -> None:
        self.storyboard, self.keyframes, self.run, self.config = storyboard, keyframes, run, config
        self.timeline, self.primary, self.fit_mode, self.there = timeline, primary, fit_mode, there
        self.fillers, self.tasks = fillers, tasks
        self.framings = framings(storyboard)
        self.pictures: dict[str, asyncio.Task[Path]] = {}
        self.bought = {one.sha256 for one in run.ledger.purchases.all()}
        self.shares: dict[str, float] = {}
        """How much of each hole, and of each sketch, is drawn."""

    async def piece(self, span: Span, clip: Clip | None) -> tuple[Path, Shot]:
        """One segment's frames with its caption, and what that says."""
        segment, take = self.storyboard.segment(span.segment), self.there.takes.get(span.segment)
        if clip is not None:
            source, shot = clip.path, self._shot(span, self._origin(clip.sha256, clip.made_by))
        elif take is not None:
            source, shot = self.run.folder / take.path, self._shot(span, self._origin(take.sha256, take.made_by))
        else:
            shot = await in_thread(self._hole, span)
            source = await self._fill(segment, span)
        lines = self._caption(segment, shot)
        digest = await in_thread(durable.sha256_of, source)
        name = identity.wanted({"of": digest, "lines": lines, "frames": span.owned, "film": str(self.timeline.film)})[:16]
        target = self.run.path("preview", "pieces", f"{segment.name}-{name}.mp4")
        return await in_thread(self.run.derived, target, lambda part: self._captioned(source, span, lines, part)), shot

    def _origin(self, sha256: str, made_by: str) -> str:
        """How a clip that is there came to be."""
        word = "bought" if sha256 in self.bought else "made"
        return word if made_by == self.primary.name else f"{word} by {made_by} in place of {self.primary.name}"

    def _hole(self, span: Span) -> Shot:
        """A segment whose clip is not there: paid already, or missing, with what it would cost and why it has to be made."""
        wish = self.there.wishes.get(span.segment)
        paid = self.run.ledger.purchases.live(wish.wanted) if wish is not None else None
        if paid is not None:
            lost = paid.state == "UNKNOWN"
            return self._shot(span, f"bought perhaps: resolve {paid.id}" if lost else "bought, not fetched yet")
        why = self.run.why(wish) if wish is not None else NEW
        reason = "" if why == NEW else f": {why}"
        with foreign_code():
            usd = self.primary.quote(span.asked_s, audio=self.config.audio).usd
        if usd == 0:
            return self._shot(span, f"not made yet{reason}, filled by {self.fillers.video.name}", missing=True)
        price = "price unknown" if usd is None else dollars(usd)
        return self._shot(span, f"{price} at {self.primary.title}, not bought{reason}", missing=True, usd=usd)

    def _shot(self, span: Span, said: str, *, missing: bool = False, usd: Decimal | None = Decimal(0)) -> Shot:
        code = self.timeline.time_code
        return Shot(span.segment, code(span.start), code(span.end), said, missing, usd)

    def _caption(self, segment: Segment, shot: Shot) -> list[str]:
        head = f"{segment.index} of {len(self.timeline.spans)} · {shot.begin} to {shot.end}"
        size = self.timeline.film.size
        narrow = size.width < NARROW * size.height
        return [*([head, shot.said] if narrow else [f"{head} · {shot.said}"]), segment.gist[:GIST]]

    def _captioned(self, source: Path, span: Span, lines: Sequence[str], part: Path) -> None:
        overlay = CaptionOverlay(self.timeline.film.size, lines)
        with closing(read_i420(source, self.timeline.film, span.clip_frames)) as planes, \
                ClipWriter(part, self.timeline.film) as writer:
            for frame in islice(planes, span.lead, span.lead + span.owned):
                self.run.cancel.check()
                writer.write(overlay.apply(frame))

    async def _fill(self, segment: Segment, span: Span) -> Path:
        """A clip by the filler for a segment that is not made, from the keyframes that are there, or sketches."""
        first, last = await self._picture(opening(segment)), await self._picture(closing_slot(segment))
        request = replace(request_for(segment, span, self.timeline.film, first, last, 0),
                          seconds=self.timeline.film.seconds(span.clip_frames - 1))
        asked = {"first": await in_thread(durable.sha256_of, first), "last": await in_thread(durable.sha256_of, last),
                 "camera": list(vars(segment.camera).values()), "frames": span.clip_frames,
                 "by": dict(self.fillers.video.identity()), "film": str(self.timeline.film)}
        target = self.run.path("preview", "fill", f"{segment.name}-{identity.wanted(asked)[:16]}.mp4")
        try:
            await self._made(target, lambda part: self.fillers.video.generate(request, part, self._reporter(segment.name)))
        except (GenerationFailed, MediaError) as error:
            raise SegmentsFailed(f"the preview's {segment.name} could not be filled: {error}") from error
        return target

    async def _made(self, target: Path, make: Callable[[Path], Awaitable[None]]) -> Path:
        """As `RunStore.derived`, for what is made in the event loop. Every target is asked for once."""
        if not await in_thread(self.run.is_derived, target):
            part = target.with_name(target.name + durable.PART)
            with foreign_code():
                await make(part)
            await in_thread(self.run.file_derived, part, target)
        return target

    def _picture(self, slot: Slot) -> asyncio.Task[Path]:
        """The keyframe, once for the two segments that share it."""
        if slot.name not in self.pictures:
            self.pictures[slot.name] = self.tasks.create_task(self._looked_up(slot))
        return self.pictures[slot.name]

    async def _looked_up(self, slot: Slot) -> Path:
        """The keyframe of this run, or the one that counts, a person's own too; else a sketch that stays in preview/."""
        if slot.name in self.keyframes:
            outcome = await self.keyframes[slot.name]
            if isinstance(outcome, Made):
                return outcome.value.fitted
        given = self.there.pictures.get(slot.name)
        return await (self._sketched(slot) if given is None else in_thread(self._fitted, given))

    def _fitted(self, picture: Path) -> Path:
        """A picture as a PNG of the film's size."""
        size, digest = self.timeline.film.size, durable.sha256_of(picture)
        target = self.run.path("preview", "keyframes", f"{digest[:16]}-{self.fit_mode}-{size}.png")
        return self.run.derived(target, lambda part: frames.save_png(
            fit.fit(frames.load_rgb(picture), size, self.fit_mode).rgb, part))

    async def _sketched(self, slot: Slot) -> Path:
        request = picture_for(slot, self.storyboard, self.framings[slot.name], self.run.folder, self.config)
        target = self.run.path("preview", "keyframes", f"{slot.name}-{identity.wanted({'request': repr(request)})[:16]}.png")
        return await self._made(target, lambda part: self.fillers.image.generate(request, part, self._reporter(slot.node)))

    def _reporter(self, what: str) -> Report:
        """Many are drawn at once: what is told is how much of all that was begun is done."""
        self.shares[what] = 0.0

        def report(step: Progress) -> None:
            self.run.cancel.check()
            if step.total:
                self.shares[what] = step.done / step.total
                done = sum(list(self.shares.values())) / len(self.shares)
                self.run.events.emit("progress", NODE, "drawing", done=round(100 * done), total=100)

        return report
