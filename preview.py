"""Storyboard + what is there -> a captioned preview of the whole film, its holes filled. Never touches takes or the film."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice
from pathlib import Path

from checks import Able
from config import PipelineConfig
from errors import GenerationFailed, MediaError, SegmentsFailed, foreign_code
from image_generator_interface import ImageGenerator
from keyframe_slots import Slot, framings, opening
from keyframe_slots import closing as closing_slot
from keyframes import Keyframes
from keyframes import request_for as picture_for
from media import concat, fit, frames, probe
from media.captions import CaptionOverlay
from media.encode import ClipWriter
from media.film_format import near_enough
from media.retime import read_i420
from orders import Orders
from runtime import durable, identity
from runtime.money import dollars
from runtime.outcome import Made
from runtime.pools import in_thread
from runtime.run_store import RunStore
from segments import Clip, Clips, request_for
from storyboard import Segment, Storyboard
from timeline import Span, Timeline, film_frames
from video_generator_interface import VideoGenerator

NODE = "preview"
GIST = 180
"""Characters of a prompt that a caption shows at the most."""


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
    async with asyncio.TaskGroup() as tasks:
        desk = _Desk(storyboard, keyframes, run, config, timeline, able, fillers, tasks)
        making = [tasks.create_task(desk.piece(span, made.get(span.segment))) for span in spans]
    target, part = run.path("preview", "preview.mp4"), run.path("preview", "preview.mp4" + durable.PART)
    parts = [concat.Part(piece.result()[0], span.owned) for piece, span in zip(making, spans, strict=True)]
    await in_thread(concat.join, parts, part, timeline.film)
    durable.file_it(part, target)
    run.events.emit("made", NODE, frames=frames_shown)
    return Preview(target, tuple(piece.result()[1] for piece in making), len(timeline.spans), able.videos[0].title)


class _Desk:
    def __init__(self, storyboard: Storyboard, keyframes: Keyframes, run: RunStore, config: PipelineConfig,
                 timeline: Timeline, able: Able, fillers: Fillers, tasks: asyncio.TaskGroup) -> None:
        self.storyboard, self.keyframes, self.run, self.config = storyboard, keyframes, run, config
        self.primary = able.videos[0]
        self.timeline, self.fillers, self.tasks = timeline, fillers, tasks
        self.framings = framings(storyboard)
        self.pictures: dict[str, asyncio.Task[Path]] = {}

    async def piece(self, span: Span, clip: Clip | None) -> tuple[Path, Shot]:
        """One segment's frames with its caption, and what that says."""
        segment = self.storyboard.segment(span.segment)
        source = clip.path if clip is not None else await in_thread(self._earlier, segment, span)
        shot = self._missing(span) if source is None else self._shot(span, "made")
        if source is None:
            source = await self._fill(segment, span)
        lines = self._caption(segment, shot)
        digest = await in_thread(durable.sha256_of, source)
        name = identity.wanted({"of": digest, "lines": lines, "frames": span.owned, "film": str(self.timeline.film)})[:16]
        target = self.run.path("preview", "pieces", f"{segment.name}-{name}.mp4")
        return await in_thread(self.run.derived, target, lambda part: self._captioned(source, span, lines, part)), shot

    def _missing(self, span: Span) -> Shot:
        """A segment whose clip is not there, with what it would cost."""
        usd = self.primary.quote(span.asked_s, audio=self.config.audio).usd
        if usd == 0:
            return self._shot(span, f"not made yet, filled by {self.fillers.video.name}", missing=True)
        price = "price unknown" if usd is None else f"{dollars(usd)}"
        return self._shot(span, f"{price} at {self.primary.title}, not bought", missing=True, usd=usd)

    def _shot(self, span: Span, said: str, *, missing: bool = False, usd: Decimal | None = Decimal(0)) -> Shot:
        code = self.timeline.time_code
        return Shot(span.segment, code(span.start), code(span.end), said, missing, usd)

    def _earlier(self, segment: Segment, span: Span) -> Path | None:
        """The clip that an earlier run left for the segment, when it has the length that the plan has now."""
        shown = self.run.ledger.current(f"clip {segment.name}")
        if shown is None or not self.run.intact(shown):
            return None
        facts = probe.probe(self.run.folder / shown.path)
        spans = film_frames(facts.frames, facts.fps, self.timeline.film)
        return self.run.folder / shown.path if near_enough(spans, span.clip_frames) else None

    def _caption(self, segment: Segment, shot: Shot) -> list[str]:
        place = f"{segment.index} of {len(self.timeline.spans)}"
        return [f"{place} · {shot.begin} to {shot.end} · {shot.said}", segment.gist[:GIST]]

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
            await self._made(target, lambda part: self.fillers.video.generate(request, part, self.run.reporter(NODE)))
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
        """The keyframe if there is one, of this run or an earlier; else a sketch that stays in preview/."""
        if slot.name in self.keyframes:
            outcome = await self.keyframes[slot.name]
            if isinstance(outcome, Made):
                return outcome.value.fitted
        shown = await in_thread(self.run.ledger.current, slot.node)
        if shown is not None and await in_thread(self.run.intact, shown):
            size = self.timeline.film.size
            target = self.run.path("preview", "keyframes", f"{shown.sha256[:16]}-{size}.png")
            source = self.run.folder / shown.path
            return await in_thread(self.run.derived, target, lambda part: frames.save_png(
                fit.fit(frames.load_rgb(source), size, "crop").rgb, part))
        return await self._sketched(slot)

    async def _sketched(self, slot: Slot) -> Path:
        request = picture_for(slot, self.storyboard, self.framings[slot.name], self.run.folder, self.config)
        target = self.run.path("preview", "keyframes", f"{slot.name}-{identity.wanted({'request': repr(request)})[:16]}.png")
        return await self._made(target, lambda part: self.fillers.image.generate(request, part, self.run.reporter(NODE)))
