"""A clip of any size, rate and colour, read as frames of the film. Writes nothing."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt

from errors import MediaError
from media.between import Between
from media.colour import frame_to_i420
from media.film_format import FilmFormat, near_enough
from media.open_video import open_video
from media.probe import FrameTimes, frame_times

UInt8 = npt.NDArray[np.uint8]

_NEAR_ENOUGH = Fraction(1, 25)
"""A frame this close (in frames) to the time wanted is taken as it is: WebM rounds times to milliseconds."""


def read_i420(path: Path, film: FilmFormat, frames: int) -> Generator[UInt8, None, None]:
    """The clip as `frames` frames of the film: I420 planes, (H * 3 // 2, W) uint8, BT.709 limited, at the film's rate.

    The picture is scaled until it covers the film's and cut to its middle. Frames go by their times, not by counting, so
    a variable rate is no matter; the first and the last stay first and last. Where the film needs a frame between two of
    the clip's, it is made along the motion (16 -> 24 fps: 46-53 dB against 24-38 dB for repeating frames, media.md C).
    Raises MediaError: unreadable, or its length is more than 2 % (or 2 frames) off.
    """
    times = frame_times(path)
    _check_length(times, film, frames)
    shown = _decoded(path, film)
    at, before, between = 0, next(shown), None
    for index, part in _places(times.seconds, frames):
        while at < index:
            at, before, between = at + 1, between.after if between else next(shown), None
        if not part:
            yield before
            continue
        between = between or Between(before, next(shown))
        yield between.at(float(part))


def _places(seconds: Sequence[Fraction], frames: int) -> Iterator[tuple[int, Fraction]]:
    """For each film frame the number of the clip's frame at or before it, and how far (0 to 1) it is to the next."""
    step = seconds[-1] / max(1, frames - 1)
    index = 0
    for frame in range(frames):
        time = frame * step
        while index + 1 < len(seconds) and seconds[index + 1] <= time:
            index += 1
        if index + 1 == len(seconds):
            yield index, Fraction(0)
            continue
        part = (time - seconds[index]) / (seconds[index + 1] - seconds[index])
        if part > 1 - _NEAR_ENOUGH:
            yield index + 1, Fraction(0)
        else:
            yield index, part if part > _NEAR_ENOUGH else Fraction(0)


def _check_length(times: FrameTimes, film: FilmFormat, frames: int) -> None:
    spans = round(times.seconds[-1] * film.fps) + 1
    if not near_enough(spans, frames):
        raise MediaError(
            f"the clip lasts {film.seconds(spans):.2f} s ({spans} frames of the film) "
            f"where the plan has {film.seconds(frames):.2f} s ({frames} frames)"
        )


def _decoded(path: Path, film: FilmFormat) -> Iterator[UInt8]:
    """Every frame of the clip at the film's size. Asked for one more than there are, it raises MediaError."""
    done = 0
    with open_video(path) as (container, video):
        video.thread_type, video.codec_context.thread_count = "FRAME", 2
        for frame in container.decode(video):
            yield frame_to_i420(frame, film.size, video.sample_aspect_ratio)
            done += 1
    raise MediaError(f"only {done} frames of the clip can be decoded")
