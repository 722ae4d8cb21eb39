"""The embedded video backend: moves through and between keyframes on the CPU, free of charge. Imagines nothing new."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

from av.error import FFmpegError

from errors import GenerationFailed, MediaError
from media.camera_moves import Dissolve, StillCamera, eased
from media.colour import rgb_to_i420
from media.encode import ClipWriter
from media.flow import find_motion
from media.frames import load_rgb
from media.geometry import UInt8
from media.morph import Morph
from runtime.pools import in_thread
from video_generator_interface import Capabilities, Durations, Progress, Report, SegmentRequest, VideoGenerator

Shots = Callable[[float], UInt8]
"""The frame at a time from 0 (the first keyframe) to 1 (the last), I420."""


class AnimaticGenerator(VideoGenerator):
    """A moving storyboard.

    Two keyframes that show the same thing become one motion between them (a flow morph: the keyframes hold the camera
    move). Two that do not are dissolved into each other while the camera moves over both. One alone gets the camera move.
    The prompt and the seed are not looked at.
    """

    name: ClassVar[str] = "animatic"
    section: ClassVar[str] = "animatic"
    recipe: ClassVar[int] = 2
    parallel: ClassVar[int] = 2

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            durations=Durations(least_s=0.5, most_s=60.0, step_s=0.01),
            frames=lambda seconds: self.film.frames(seconds) + 1,
            fps=self.film.fps,
            prompt=False,
            seed=False,
            negative_prompt=False,
            problems=self._request_problems,
        )

    def _request_problems(self, request: SegmentRequest) -> Iterator[str]:
        if request.size != self.film.size:
            yield f"animatic draws at the film's {self.film.size}, not at {request.size}"
        if Fraction(request.fps) != self.film.fps:
            yield f"animatic draws at the film's {float(self.film.fps):g} fps, not at {float(request.fps):g}"

    async def generate(self, request: SegmentRequest, to: Path, report: Report) -> None:
        await in_thread(self._draw, request, to, report)

    def _draw(self, request: SegmentRequest, to: Path, report: Report) -> None:
        frames = self.capabilities.frames(request.seconds)
        report(Progress("drawing", 0, frames))
        shots = self._shots(request)
        try:
            self._write(shots, frames, to, report)
        except FFmpegError as error:
            raise GenerationFailed(f"the clip cannot be written: {error.strerror}") from error
        report(Progress("drawing", frames, frames))

    def _write(self, shots: Shots, frames: int, to: Path, report: Report) -> None:
        # Drawing and encoding take as long as each other: one frame is encoded while the next is drawn.
        with ClipWriter(to, self.film) as clip, ThreadPoolExecutor(1, "encode") as encoder:
            written: Future[None] | None = None
            for number in range(frames):
                report(Progress("drawing", number, frames))
                planes = shots(number / (frames - 1))
                if written is not None:
                    written.result()
                written = encoder.submit(clip.write, planes)
            if written is not None:
                written.result()

    def _shots(self, request: SegmentRequest) -> Shots:
        """How this segment is drawn: a morph, a dissolve, or a move over one still."""
        size, seconds, move = self.film.size, request.seconds, request.camera.move
        first = self._keyframe(request.first_frame, "first")
        if request.last_frame is None:
            still = StillCamera(first, size, move, seconds)
            return lambda t: still.frame(eased(t))
        last = self._keyframe(request.last_frame, "last")
        motion = find_motion(first, last)
        return Morph(first, last, motion).frame if motion.related else Dissolve(first, last, size, move, seconds).frame

    def _keyframe(self, path: Path, role: str) -> UInt8:
        try:
            rgb = load_rgb(path)
        except MediaError as error:
            raise GenerationFailed(f"the {role} keyframe ({path.name}) cannot be read: {error}") from error
        height, width = rgb.shape[:2]
        if (width, height) != self.film.size:
            raise GenerationFailed(f"the {role} keyframe ({path.name}) is {width}x{height}, the film is {self.film.size}")
        return rgb_to_i420(rgb)
