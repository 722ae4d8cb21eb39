"""Storyboard + keyframes -> clips: mode, order, fallback; a failure is a value. Makes no clip itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import leftovers
from attempts import Artifact, Try, by_one_of, paid_for, useless
from config import PipelineConfig
from errors import GenerationFailed, MediaError, foreign_code
from keyframe_slots import closing, opening
from keyframes import Keyframe, Keyframes
from media import fit, frames, probe
from media.film_format import FilmFormat, Size, near_enough
from media.probe import VideoFacts
from moderation import Reword
from orders import Orders
from runtime import ledger
from runtime.identity import seed_of
from runtime.outcome import Blocked, Failed, Made, Outcome, Unresolved, without
from runtime.pools import in_thread
from runtime.run_store import RunStore, Wish
from storyboard import Segment, Storyboard
from timeline import Span, Timeline, film_frames, in_one_shot, longest_tail, unable_to, without_what_it_lacks
from video_generator_interface import SegmentRequest, VideoGenerator

MOST_SEED = 2**31 - 1


@dataclass(frozen=True)
class Clip:
    """A clip that is there, as probed, not as hoped."""

    segment: int
    path: Path
    frames: int
    fps: Fraction
    size: Size
    sha256: str
    made_by: str
    take: int


Clips = Mapping[int, "asyncio.Task[Outcome[Clip]]"]


@dataclass(frozen=True)
class _Start:
    """The pictures a segment goes from and to, with what stands for them in its fingerprint."""

    first: Path
    first_key: str
    last: Path | None = None
    last_key: str | None = None


def generate(storyboard: Storyboard, keyframes: Keyframes, backends: Sequence[VideoGenerator], run: RunStore,
             tasks: asyncio.TaskGroup, *, config: PipelineConfig, timeline: Timeline, orders: Orders, reword: Reword) -> Clips:
    """Starts one task per segment; each begins when ITS pictures exist.

    In keyframe mode a segment waits for its two keyframes, in chaining mode for the clip before it in its scene.
    `reword` finds other words for a prompt that a provider refuses.
    """
    maker = _Maker(storyboard, keyframes, backends, run, timeline, config, orders, reword)
    for segment in storyboard.segments:
        if orders.wants(segment.index):
            run.events.emit("planned", _node(segment), f"{segment.seconds:g} s")
    for segment in storyboard.segments:
        if orders.wants(segment.index) or config.mode == "chaining":
            maker.clips[segment.index] = tasks.create_task(maker.ended(segment), name=_node(segment))
    return {index: task for index, task in maker.clips.items() if orders.wants(index)}


def request_for(segment: Segment, span: Span, film: FilmFormat, first: Path, last: Path | None, seed: int, *,
                audio: bool = False) -> SegmentRequest:
    """What a backend is asked for this segment."""
    return SegmentRequest(
        segment=segment.index, prompt=segment.video_prompt, negative_prompt=segment.negative_prompt, camera=segment.camera,
        seconds=span.asked_s, size=film.size, fps=film.fps, first_frame=first, last_frame=last, audio=audio, seed=seed)


def wish_for(segment: Segment, span: Span, backend: VideoGenerator, config: PipelineConfig, first_key: str,
             last_key: str | None) -> Wish:
    """Everything a clip's bytes depend on. The keys stand for the pictures it goes from and to."""
    asked: dict[str, Any] = {
        "kind": "clip", "video_backend": dict(backend.identity()), "prompt": segment.video_prompt,
        "negative_prompt": segment.negative_prompt, "camera": [segment.camera.shot, segment.camera.move],
        "seconds": span.asked_s, "size": str(config.film.size), "fps": str(config.film.fps),
        "first_keyframe": first_key, "last_keyframe": last_key, "audio": config.audio, "seed": config.seed,
    }
    return Wish(_node(segment), asked)


def chained_key(sha256: str) -> str:
    """What stands for the last frame of the clip with these bytes, where the next one goes on from it."""
    return f"last frame of {sha256}"


class _Maker:
    def __init__(self, storyboard: Storyboard, keyframes: Keyframes, backends: Sequence[VideoGenerator], run: RunStore,
                 timeline: Timeline, config: PipelineConfig, orders: Orders, reword: Reword) -> None:
        self.storyboard, self.keyframes, self.backends, self.run = storyboard, keyframes, backends, run
        self.timeline, self.mode, self.seed, self.orders = timeline, config.mode, config.seed, orders
        self.config, self.audio, self.reword = config, config.audio, reword
        self.wishes: dict[str, asyncio.Lock] = {}
        self.clips: dict[int, asyncio.Task[Outcome[Clip]]] = {}
        self.tails = longest_tail(timeline.spans)
        self.sought: set[str] = set()
        self.outcomes: list[Outcome[Clip]] = []

    async def ended(self, segment: Segment) -> Outcome[Clip]:
        """How a segment ends; the last of all also has a look at what was bought for other plans."""
        outcome = await self.settle(segment)
        self.outcomes.append(outcome)
        if len(self.outcomes) == len(self.clips):
            await leftovers.look_at(self.backends, self.run, self.sought, self.outcomes)
        return outcome

    async def settle(self, segment: Segment) -> Outcome[Clip]:
        """Waits for what the segment starts from, then finds its clip or makes it."""
        start = await self._start(segment)
        if not isinstance(start, _Start):
            if self.orders.wants(segment.index):
                self.run.events.emit("blocked", _node(segment), start.reason)
            return start
        wish = self._wish(segment, start)
        self.sought.add(wish.wanted)
        found, why = await in_thread(self._look, segment, wish)
        if found is not None:
            return Made(found, fresh=False)
        if not self.orders.wants(segment.index):
            return Blocked(_node(segment), f"{segment.name} is not made yet and was left out of --only")
        outcome = await self._bought_or_made(segment, start, wish, why)
        if isinstance(outcome, Failed | Blocked) and segment.index not in self.orders.redo:
            earlier = await in_thread(self._there, segment, wish)  # another take was under way, and nothing came of it
            return outcome if earlier is None else Made(earlier, fresh=False)
        return outcome

    def _look(self, segment: Segment, wish: Wish) -> tuple[Clip | None, str]:
        """The clip that counts already, published; else why it has to be made: asked for anew, or another take of it is paid
        for and not fetched yet, by a run that was to redo it. The take there was counts on until a new one is recorded."""
        anew = self.orders.wants(segment.index) and (segment.index in self.orders.redo or self._on_its_way(wish))
        found = None if anew else self._there(segment, wish)
        return found, "" if found else self.run.why(wish)

    def _there(self, segment: Segment, wish: Wish) -> Clip | None:
        """The take that counts, published."""
        found = self.run.find(wish)
        if found is None:
            return None
        return self._published(segment, found, probe.probe(self.run.folder / found.path), fresh=False)

    def _on_its_way(self, wish: Wish) -> bool:
        live = self.run.ledger.purchases.live(wish.wanted)
        return live is not None and live.state in ("SUBMITTED", "FETCHED")

    async def _start(self, segment: Segment) -> _Start | Blocked | Unresolved:
        if self.mode == "chaining" and not segment.opens_a_scene:
            return await self._chained(segment)
        wanted = [opening(segment), closing(segment)] if self.mode == "keyframe" else [opening(segment)]
        pictures: list[Keyframe] = []
        for slot in wanted:
            if slot.name not in self.keyframes:
                return Blocked(slot.node, f"{slot.name} is not part of this run (--only)")
            task = self.keyframes[slot.name]
            if not task.done():
                self.run.events.emit("waiting", _node(segment), f"keyframe {slot.name}")
            outcome = await task
            if not isinstance(outcome, Made):
                return without(slot.node, f"keyframe {slot.name}", outcome)
            pictures.append(outcome.value)
        if self.mode == "chaining":
            return _Start(pictures[0].fitted, pictures[0].key)
        return _Start(pictures[0].fitted, pictures[0].key, pictures[1].fitted, pictures[1].key)

    async def _chained(self, segment: Segment) -> _Start | Blocked | Unresolved:
        before = self.storyboard.segment(segment.index - 1)
        task = self.clips[before.index]
        if not task.done() and self.orders.wants(segment.index):
            self.run.events.emit("waiting", _node(segment), f"the last frame of {before.name}")
        outcome = await task
        if not isinstance(outcome, Made):
            return without(_node(before), f"segment {before.index}", outcome)
        clip = outcome.value
        return _Start(await in_thread(self._last_frame, clip), chained_key(clip.sha256))

    def _last_frame(self, clip: Clip) -> Path:
        size = self.timeline.film.size
        target = self.run.path("cache", "last_frames", f"{clip.sha256[:16]}-{size}.png")
        return self.run.derived(target, lambda part: _save_last_frame(clip, size, part))

    def _wish(self, segment: Segment, start: _Start) -> Wish:
        span = self.timeline.span(segment.index)
        return wish_for(segment, span, self.backends[0], self.config, start.first_key, start.last_key)

    async def _bought_or_made(self, segment: Segment, start: _Start, wish: Wish, why: str) -> Outcome[Clip]:
        """The clip by one of the backends. Of two segments with the same wish the second takes what the first got."""
        redo = segment.index in self.orders.redo
        another = wish.wanted in self.wishes
        async with self.wishes.setdefault(wish.wanted, asyncio.Lock()):
            look = another and not redo and not self._on_its_way(wish)
            if look and (found := await in_thread(self._there, segment, wish)) is not None:
                return Made(found, fresh=False)
            request = self._request(segment, start, wish)
            return await by_one_of(self.backends, self.run, Artifact[VideoGenerator, Clip](
                wish=wish, why=why, prompt=request.prompt, pool="video", priority=self.tails[segment.index],
                able=lambda backend: self._unable(backend, request), reword=self.reword, again=redo,
                fits=lambda backend, prompt: self._unable(backend, replace(request, prompt=prompt)),
                make=lambda backend, how: self._made(segment, self._asked_of(backend, request, how), wish, backend, how)))

    def _unable(self, backend: VideoGenerator, request: SegmentRequest) -> list[str]:
        """Why a backend cannot make it; a fallback may at least make it with less, and `_asked_of` says what."""
        asked = request if backend is self.backends[0] else without_what_it_lacks(backend, request)[0]
        return unable_to(backend, asked, self.timeline.span(request.segment))

    def _asked_of(self, backend: VideoGenerator, request: SegmentRequest, how: Try) -> SegmentRequest:
        """The request as it goes to this backend: what a fallback lacks is left out, and said."""
        if backend is not self.backends[0]:
            request, missing = without_what_it_lacks(backend, request)
            for less in missing:
                self.run.events.emit("note", f"clip segment_{request.segment:02d}", f"{backend.name} stands in: {less}")
        return replace(request, prompt=in_one_shot(how.prompt, self.backends), seed=(request.seed + how.number) & MOST_SEED)

    def _request(self, segment: Segment, start: _Start, wish: Wish) -> SegmentRequest:
        take = self.run.ledger.next_take(wish.node, wish.wanted)
        seed = seed_of(self.seed, segment.name, take)
        request = request_for(segment, self.timeline.span(segment.index), self.timeline.film, start.first, start.last, seed,
                              audio=self.audio)
        return replace(request, prompt=in_one_shot(request.prompt, self.backends))

    async def _made(self, segment: Segment, request: SegmentRequest, wish: Wish, backend: VideoGenerator, how: Try) -> Clip:
        part = self.run.part(wish, ".mp4")
        begun = time.monotonic()
        try:
            with foreign_code():
                await backend.serve(request, part, self.run.reporter(wish.node), how.counter)
            try:
                clip = await in_thread(self._filed, segment, wish, part, backend, time.monotonic() - begun)
            except (GenerationFailed, MediaError) as error:
                await useless(how.counter, str(error))
                raise
            await paid_for(self.run, how.counter, clip.sha256)
            return clip
        finally:
            part.unlink(missing_ok=True)

    def _filed(self, segment: Segment, wish: Wish, part: Path, backend: VideoGenerator, seconds: float) -> Clip:
        """Keeps the clip. Raises GenerationFailed when it is not what the backend's capabilities promise."""
        facts = probe.probe(part)
        self._check_length(wish.node, facts, self.timeline.span(segment.index))
        probe.check_decodes(part)
        before = self.run.ledger.current(wish.node)
        artifact = self.run.keep(wish, part, suffix=".mp4", made_by=backend.name, seconds_spent=seconds)
        if before is not None and before.sha256 == artifact.sha256:
            reads = "" if backend.capabilities.prompt else " (it reads no prompts: edit the prompts of its keyframes)"
            self.run.events.emit("note", wish.node, f"byte for byte the clip it was, {backend.name} cannot make another{reads}")
        return self._published(segment, artifact, facts, fresh=True)

    def _check_length(self, node: str, facts: VideoFacts, span: Span) -> None:
        spans = film_frames(facts.frames, facts.fps, self.timeline.film)
        if not near_enough(spans, span.clip_frames):
            film = self.timeline.film
            raise GenerationFailed(f"the clip lasts {film.seconds(spans):.2f} s where the plan has "
                                   f"{film.seconds(span.clip_frames):.2f} s")
        if spans != span.clip_frames:
            self.run.events.emit("note", node, f"{spans} frames of the film came, they are spread over {span.clip_frames}")

    def _published(self, segment: Segment, artifact: ledger.Artifact, facts: VideoFacts, *, fresh: bool) -> Clip:
        if self.orders.wants(segment.index):
            self.run.publish(artifact, self.run.path("segments", f"{segment.name}.mp4"), link=True)
            self.run.events.emit("made" if fresh else "reused", _node(segment), made_by=artifact.made_by,
                                 take=artifact.take, seconds=round(artifact.seconds_spent, 2))
        path = self.run.folder / artifact.path
        return Clip(segment.index, path, facts.frames, facts.fps, facts.size, artifact.sha256, artifact.made_by, artifact.take)


def _save_last_frame(clip: Clip, size: Size, part: Path) -> None:
    """The clip's last frame at the film's size, cut as `normalise` cuts the clip, so that nothing jumps at the join."""
    picture = frames.last_frame(clip.path)
    window = fit.middle_window(Size(picture.shape[1], picture.shape[0]), size)
    frames.save_png(fit.fit(picture, size, "crop", window).rgb, part)


def _node(segment: Segment) -> str:
    return f"clip {segment.name}"
