"""Clips of the film's format -> one file, by copying packets: nothing is decoded, nothing lost. Makes no sound itself."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av

from errors import MediaError
from media.film_format import FilmFormat
from media.open_video import open_media, open_video

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

_REORDER = 2
"""How many frames later a frame may be shown than it is decoded, given the B-frames of `film_format.encoder_options`."""


@dataclass(frozen=True)
class Part:
    """The first `frames` frames of a clip in the film's format. Errors call it by the name of its file."""

    path: Path
    frames: int


def join(
    parts: Sequence[Part],
    to: Path,
    film: FilmFormat,
    on_part: Callable[[int], None] = lambda done: None,
    *,
    audio: Path | None = None,
) -> int:
    """Writes the parts one after the other to `to` (mp4, index first) and returns how many frames that is.

    One clip is open at a time and one part in memory. The same parts give the same bytes. `audio` is a file with one
    sound track (`media.audio.film_sound`), which is copied in. `on_part` gets the number of parts done.
    Raises MediaError naming the part that has other parameter sets than the first, another size or rate, misses frames,
    or whose first `frames` frames need ones after them; and when the written file is not as it should be.
    """
    if not parts:
        raise ValueError("a film needs at least one part")
    options = {"fflags": "+bitexact", "movflags": "+faststart"}
    with ExitStack() as files:
        out = files.enter_context(av.open(str(to), "w", format="mp4", options=options))
        picture, parameter_sets = _picture_like(parts[0], out, film)
        sound = _Sound(files.enter_context(open_media(audio)), out) if audio else None
        total = 0
        for done, part in enumerate(parts, start=1):
            with _naming(part), open_video(part.path, packets_only=True) as (container, video):
                packets = _checked_packets(part, container, video, film, parameter_sets)
                _renumber(packets, picture, film, total)
                out.mux(packets)
            total += part.frames
            if sound:
                sound.copy_until(total / film.fps)
            on_part(done)
        if sound:
            sound.copy_until(None)
    check_film(to, film, total)
    return total


MOVIE_CLOCK = 1000
"""Ticks a second of the clock that the muxer writes the length of an edit list in: a length is exact to one of them."""


def check_film(path: Path, film: FilmFormat, frames: int) -> None:
    """Whether a film has exactly `frames` frames, lasts exactly as long, and can be played while it is still loading.

    Looks at the index, not at every packet. Raises MediaError saying what is not so.
    """
    with open_video(path) as (_, video):
        counted, indexed = video.frames, len(video.index_entries)
        lasts = (video.duration or 0) * Fraction(video.time_base or 0) * film.fps
    if counted != frames or indexed != frames:
        raise MediaError(f"the film should have {frames} frames, and has {counted}")
    if abs(lasts - frames) > film.fps / MOVIE_CLOCK:
        raise MediaError(f"the film should last {frames} frames, and lasts {float(lasts):g}")
    boxes = list(top_boxes(path))
    if b"moov" not in boxes or b"mdat" not in boxes or boxes.index(b"moov") > boxes.index(b"mdat"):
        raise MediaError("the film's index does not stand before its pictures")


def top_boxes(path: Path) -> Iterator[bytes]:
    """The names of an mp4 file's outermost boxes, in order (ISO 14496-12, 4.2)."""
    end = path.stat().st_size
    with path.open("rb") as file:
        at = 0
        while at + 8 <= end:
            file.seek(at)
            length, name = struct.unpack(">I4s", file.read(8))
            if length == 1:
                (length,) = struct.unpack(">Q", file.read(8))
            yield name
            at = at + length if length else end


class _Sound:
    """Copies a sound track alongside the picture, so that players find both near each other."""

    def __init__(self, source: InputContainer, out: OutputContainer) -> None:
        self._packets = (packet for packet in source.demux(source.streams.audio[0]) if packet.size)
        self._out, self._stream = out, out.add_stream_from_template(source.streams.audio[0])
        self._next = next(self._packets, None)

    def copy_until(self, seconds: Fraction | None) -> None:
        """All packets that start before `seconds`; None copies the rest."""
        while self._next is not None and (seconds is None or (self._next.pts or 0) * self._next.time_base < seconds):
            self._next.stream = self._stream
            self._out.mux_one(self._next)
            self._next = next(self._packets, None)


@contextmanager
def _naming(part: Part) -> Iterator[None]:
    try:
        yield
    except MediaError as error:
        raise MediaError(f"{part.path.name}: {error}", advice=error.advice) from error


def _picture_like(part: Part, out: OutputContainer, film: FilmFormat) -> tuple[VideoStream, bytes | None]:
    """Adds a video stream with the first part's parameter sets to the output."""
    with _naming(part), open_video(part.path, packets_only=True) as (_, video):
        stream = out.add_stream_from_template(video)
        stream.time_base = 1 / film.fps
        return stream, video.codec_context.extradata


def _checked_packets(
    part: Part, container: InputContainer, video: VideoStream, film: FilmFormat, parameter_sets: bytes | None
) -> list[Packet[VideoStream]]:
    """The packets of the part's frames. Raises MediaError when they are not all there, or not to be had on their own."""
    size = (video.width, video.height)
    if size != film.size:
        raise MediaError(f"is {size[0]}x{size[1]}, the film is {film.size}")
    if video.codec_context.extradata != parameter_sets:
        raise MediaError("was encoded with other settings than the first clip of the film")
    packets = [packet for packet in container.demux(video) if packet.size and not packet.is_corrupt]
    numbers = _numbers(packets, film)
    kept = sorted(number for number in numbers if number < part.frames)
    if kept != list(range(part.frames)):
        raise MediaError(f"should have {part.frames} frames at {float(film.fps):g} fps, and has {len(kept)} that fit")
    if max(numbers[: part.frames]) >= part.frames:
        raise MediaError(f"cannot be cut after {part.frames} frames without loss: later ones are needed to decode them")
    if not packets[0].is_keyframe:
        raise MediaError("does not begin with a keyframe")
    return packets[: part.frames]


def _renumber(packets: Sequence[Packet[VideoStream]], picture: VideoStream, film: FilmFormat, start: int) -> None:
    """Gives packets, in decode order, their times in the film: frame by frame from `start`, without a gap or an overlap."""
    step = 1 / film.fps
    for index, (packet, number) in enumerate(zip(packets, _numbers(packets, film), strict=True)):
        if index - _REORDER > number:
            raise MediaError(f"frame {number:g} is stored too late to be shown in time")
        packet.stream, packet.time_base = picture, step
        packet.pts, packet.dts, packet.duration = start + int(number), start + index - _REORDER, 1


def _numbers(packets: Sequence[Packet[VideoStream]], film: FilmFormat) -> list[float]:
    """The number of each packet's frame. It is whole where the frame is where the film's rate puts it."""
    per_frame = 1 / (film.fps * packets[0].time_base) if packets else Fraction(1)
    over, under = per_frame.denominator, per_frame.numerator
    return [(packet.pts or 0) * over / under for packet in packets]
