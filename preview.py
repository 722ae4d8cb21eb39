"""Storyboard + what is there -> a captioned preview of the whole film, its holes filled. Never touches takes or the film."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

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
from runtime import durable, identity
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


async def make(storyboard: Storyboard, keyframes: Keyframes, clips: Clips, run: RunStore, *, config: PipelineConfig,
               timeline: Timeline, fillers: Fillers) -> Path:
    """Writes preview/preview.mp4: every segment in its place, with its number, time code and gist; holes say so.

    Frame counts are the film's. Dissolves are shown as cuts. Raises SegmentsFailed when a hole cannot be filled.
    """
    run.events.emit("planned", NODE, f"{timeline.frames} frames")
    made: dict[int, Clip] = {}
    for index, task in clips.items():
        outcome = await task
        if isinstance(outcome, Made):
            made[index] = outcome.value
    run.events.emit("started", NODE, "captioned, its holes filled", backend=fillers.video.name)
    async with asyncio.TaskGroup() as tasks:
        desk = _Desk(storyboard, keyframes, run, config, timeline, fillers, tasks)
        making = [tasks.create_task(desk.piece(span, made.get(span.segment))) for span in timeline.spans]
    target, part = run.path("preview", "preview.mp4"), run.path("preview", "preview.mp4" + durable.PART)
    parts = [concat.Part(piece.result(), span.owned) for piece, span in zip(making, timeline.spans, strict=True)]
    await in_thread(concat.join, parts, part, timeline.film)
    durable.file_it(part, target)
    run.events.emit("made", NODE, frames=timeline.frames)
    return target


class _Desk:
    def __init__(self, storyboard: Storyboard, keyframes: Keyframes, run: RunStore, config: PipelineConfig,
                 timeline: Timeline, fillers: Fillers, tasks: asyncio.TaskGroup) -> None:
        self.storyboard, self.keyframes, self.run, self.config = storyboard, keyframes, run, config
        self.timeline, self.fillers, self.tasks = timeline, fillers, tasks
        self.framings = framings(storyboard)
        self.pictures: dict[str, asyncio.Task[Path]] = {}

    async def piece(self, span: Span, clip: Clip | None) -> Path:
        """One segment's frames with its caption."""
        segment = self.storyboard.segment(span.segment)
        source, state = (clip.path, "") if clip is not None else (await in_thread(self._earlier, segment, span), "made before")
        if source is None:
            source, state = await self._fill(segment, span), f"not made yet, filled by {self.fillers.video.name}"
        lines = self._caption(segment, span, state)
        digest = await in_thread(durable.sha256_of, source)
        name = identity.wanted({"of": digest, "lines": lines, "frames": span.owned, "film": str(self.timeline.film)})[:16]
        target = self.run.path("preview", "pieces", f"{segment.name}-{name}.mp4")
        return await in_thread(self.run.derived, target, lambda part: self._captioned(source, span, lines, part))

    def _earlier(self, segment: Segment, span: Span) -> Path | None:
        """The clip that an earlier run left for the segment, when it has the length that the plan has now."""
        shown = self.run.ledger.current(f"clip {segment.name}")
        if shown is None or not self.run.intact(shown):
            return None
        facts = probe.probe(self.run.folder / shown.path)
        spans = film_frames(facts.frames, facts.fps, self.timeline.film)
        return self.run.folder / shown.path if near_enough(spans, span.clip_frames) else None

    def _caption(self, segment: Segment, span: Span, state: str) -> list[str]:
        code = self.timeline.time_code
        head = f"{segment.index} of {len(self.timeline.spans)} · {code(span.start)} to {code(span.end)}"
        return [f"{head} · {state}" if state else head, segment.gist[:GIST]]

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
