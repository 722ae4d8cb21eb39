"""Brings any clip to the film's format, frame for frame as planned, so that joining is a copy. Judges and repairs no seam."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from media.encode import ClipWriter, add_film_stream
from media.film_format import PIXEL_FORMAT, FilmFormat
from media.probe import probe
from media.retime import read_i420

UInt8 = npt.NDArray[np.uint8]

@dataclass(frozen=True)
class SourceClip:
    """A clip as it came, and what the plan makes of it.

    frames: how many film frames it spans, from its first to its last frame, both included (`Span.clip_frames`).
    lead: how many of them, at its head, belong to the dissolve from the clip before.
    """

    path: Path
    frames: int
    lead: int = 0


def normalise(
    clip: SourceClip,
    to: Path,
    film: FilmFormat,
    frames: int,
    *,
    dissolve_into: SourceClip | None = None,
    on_frame: Callable[[int], None] = lambda done: None,
) -> None:
    """Writes `frames` film frames of `clip` to `to` (mp4): those after its lead. Its closing keyframe is left out.

    The last `dissolve_into.lead` of them are blended into the first ones of the next clip. `on_frame` gets the number of
    frames done; what it raises passes through. Raises MediaError when the clip cannot be read, or lasts more than 2 %
    longer or shorter than planned; within that its frames are spread so that first and last are where the plan has them.
    """
    if clip.lead + frames > clip.frames:
        raise ValueError(f"{clip.lead} + {frames} frames were asked for of a clip of {clip.frames}")
    with ExitStack() as reading:
        own = reading.enter_context(closing(read_i420(clip.path, film, clip.frames)))
        picture: Iterator[UInt8] = islice(own, clip.lead, clip.lead + frames)
        if dissolve_into is not None and dissolve_into.lead:
            following = reading.enter_context(closing(read_i420(dissolve_into.path, film, dissolve_into.frames)))
            picture = blend_heads(picture, frames, following, dissolve_into.lead)
        with ClipWriter(to, film) as writer:
            for done, planes in enumerate(picture, start=1):
                writer.write(planes)
                on_frame(done)


def blend_heads(picture: Iterator[UInt8], frames: int, following: Iterator[UInt8], lead: int) -> Iterator[UInt8]:
    """`frames` frames of `picture`, the last `lead` of them dissolving into the first `lead` of `following` (eased)."""
    if lead > frames:
        raise ValueError(f"a dissolve of {lead} frames does not fit into {frames}")
    yield from islice(picture, frames - lead)
    for index, (before, after) in enumerate(zip(islice(picture, lead), following, strict=False)):
        part = (index + 1) / (lead + 1)
        eased = part * part * (3 - 2 * part)
        yield np.asarray(cv2.addWeighted(before, 1 - eased, after, eased, 0), np.uint8)


def is_film_format(path: Path, film: FilmFormat) -> bool:
    """Whether packets of this file may be copied into the film as they are: same encoder configuration, size and rate,
    frames evenly spaced, and a last frame that can be left out without loss. Raises MediaError when it is no video."""
    facts = probe(path)
    return (
        facts.extradata_sha256 == film_extradata_sha256(film)
        and facts.size == film.size
        and facts.pixel_format == PIXEL_FORMAT
        and (facts.frames == 1 or facts.fps == film.fps)
        and facts.constant_rate
        and facts.ends_on_keyframe
    )


def film_extradata_sha256(film: FilmFormat) -> str:
    """The hash of the parameter sets that the film's one encoder configuration gives with the x264 installed here."""
    with av.open(io.BytesIO(_one_frame(film)), "r") as written:
        return hashlib.sha256(written.streams.video[0].codec_context.extradata or b"").hexdigest()


def encoder_fingerprint(film: FilmFormat) -> str:
    """What the name of anything encoded should hang on: another x264, other options or another muxer give another.

    More than the parameter sets: x264 writes its version and all its settings into the first frame.
    """
    return hashlib.sha256(_one_frame(film)).hexdigest()


@lru_cache(maxsize=8)
def _one_frame(film: FilmFormat) -> bytes:
    """A grey frame as the film's encoder writes it, an mp4 file."""
    memory = io.BytesIO()
    with av.open(memory, "w", format="mp4", options={"fflags": "+bitexact"}) as container:
        stream = add_film_stream(container, film)
        width, height = film.size
        frame = av.VideoFrame.from_ndarray(np.full((height * 3 // 2, width), 128, np.uint8), format=PIXEL_FORMAT)
        frame.pts, frame.time_base = 0, 1 / film.fps
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return memory.getvalue()
