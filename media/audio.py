"""The film's sound: each clip's, cut to the very sample, joined without a click, encoded once. Never copies encoded sound."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import numpy.typing as npt
from av.audio.resampler import AudioResampler
from av.codec.context import Flags

from media.film_format import FilmFormat
from media.open_video import open_media

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.container import InputContainer, OutputContainer

Sound = npt.NDArray[np.float32]
"""(2, samples) at RATE, -1 to 1."""

RATE = 48_000
_FADE = RATE * 30 // 1000
_BLOCK = 1024
_BITS_PER_SECOND = 192_000


@dataclass(frozen=True)
class SoundPart:
    """`frames` frames of the film, with the sound of `path` from its frame `skip_frames` on (its lead).

    What is skipped is not lost: it fades in under the end of the part before, as the picture does.
    """

    path: Path
    frames: int
    skip_frames: int = 0


def film_sound(
    parts: Sequence[SoundPart], film: FilmFormat, to: Path, on_part: Callable[[int], None] = lambda done: None
) -> bool:
    """Writes the parts' sound to `to` (mp4 with one AAC track, 48 kHz stereo) for `concat.join` to copy in.

    Part k ends at sample round(frames up to there * 48000 / fps), so nothing drifts. Silence where a clip has none. Over
    a join the sound of both sides crosses for 30 ms (in a dissolve, for as long as that lasts) at equal power. One part
    is in memory at a time. Returns False, and writes nothing, when no part has sound. Raises MediaError.
    """
    if not any(has_sound(part.path) for part in parts):
        return False
    with av.open(str(to), "w", format="mp4", options={"fflags": "+bitexact"}) as out:
        encoder = _Encoder(out)
        for samples in mixed(parts, film, on_part):
            encoder.write(samples)
        encoder.finish()
    return True


def has_sound(path: Path) -> bool:
    """Whether there is a sound track. Raises MediaError when the file cannot be read."""
    with open_media(path) as container:
        return bool(container.streams.audio)


def mixed(parts: Sequence[SoundPart], film: FilmFormat, on_part: Callable[[int], None] = lambda done: None) -> Iterator[Sound]:
    """The sound of each part, (2, samples), exactly as long as the part, its joins to both sides made."""
    before: _Cut | None = None
    frames = 0
    for done, part in enumerate(parts, start=1):
        start, frames = _sample(frames, film), frames + part.frames
        cut = _read(part, _sample(part.skip_frames, film), _sample(frames, film) - start)
        if before is None:
            _fade_in(cut.body[:, :_FADE])
        else:
            _cross(before, cut)
            yield before.body
        before = cut
        on_part(done)
    if before is not None:
        _fade_out(before.body[:, -_FADE:])
        yield before.body


@dataclass(frozen=True)
class _Cut:
    """What a part sounds like before its first frame, during its frames, and just after them."""

    head: Sound
    body: Sound
    tail: Sound


def _sample(frames: int, film: FilmFormat) -> int:
    return round(frames * RATE / film.fps)


def _read(part: SoundPart, lead: int, length: int) -> _Cut:
    """The part's sound with silence where the file has none. Where the file's sound stops early it is faded out there."""
    wanted = lead + length + _FADE
    heard = _decode(part.path, wanted)
    if heard.shape[1] < wanted:
        _fade_out(heard[:, -_FADE:])
        heard = np.pad(heard, ((0, 0), (0, wanted - heard.shape[1])))
    return _Cut(heard[:, :lead], heard[:, lead : lead + length], heard[:, lead + length :])


def _cross(before: _Cut, after: _Cut) -> None:
    """Joins two parts in place: over the lead of a dissolve, else over the 30 ms after the join."""
    if after.head.shape[1]:
        over = min(after.head.shape[1], before.body.shape[1])
        ending, coming = before.body[:, -over:], after.head[:, -over:]
        target = ending
    else:
        over = min(_FADE, after.body.shape[1])
        ending, coming = before.tail[:, :over], after.body[:, :over]
        target = coming
    _fade_out(ending)
    _fade_in(coming)
    target[:] = np.clip(ending + coming, -1, 1)


def _fade_in(samples: Sound) -> None:
    """In place, along a quarter of a sine: with `_fade_out` beside it the power stays the same."""
    samples *= np.sin(np.linspace(0, np.pi / 2, samples.shape[1], dtype=np.float32))


def _fade_out(samples: Sound) -> None:
    samples *= np.cos(np.linspace(0, np.pi / 2, samples.shape[1], dtype=np.float32))


def _decode(path: Path, most: int) -> Sound:
    """Up to `most` samples from when the picture starts."""
    blocks: list[Sound] = [np.zeros((2, 0), np.float32)]
    with open_media(path) as container:
        if container.streams.audio:
            have = 0
            for block in _resampled(container):
                blocks.append(block)
                have += block.shape[1]
                if have >= most:
                    break
    return np.ascontiguousarray(np.concatenate(blocks, axis=1)[:, :most])


def _resampled(container: InputContainer) -> Iterator[Sound]:
    """48 kHz stereo blocks. Sound that starts before the picture is cut, before sound that starts later comes silence."""
    resampler = AudioResampler(format="fltp", layout="stereo", rate=RATE)
    video = container.streams.video
    begin = Fraction(video[0].start_time or 0) * Fraction(video[0].time_base or 0) if video else Fraction(0)
    early: int | None = None
    for frame in _frames_and_end(container):
        if early is None and frame is not None:
            early = round((begin - (frame.pts or 0) * Fraction(frame.time_base or 0)) * RATE)
            yield np.zeros((2, max(0, -early)), np.float32)
        for made in resampler.resample(frame):
            block = np.asarray(made.to_ndarray(), np.float32)
            cut = min(max(0, early or 0), block.shape[1])
            early = (early or 0) - cut
            yield block[:, cut:]


def _frames_and_end(container: InputContainer) -> Iterator[AudioFrame | None]:
    """None at the end makes the resampler give out what it holds; it takes that badly before its first frame."""
    frame = None
    for frame in container.decode(container.streams.audio[0]):
        yield frame
    if frame is not None:
        yield None


class _Encoder:
    """One AAC track, fed with blocks of any length."""

    def __init__(self, out: OutputContainer) -> None:
        self._out = out
        self._stream: Any = out.add_stream("aac", rate=RATE, layout="stereo")
        self._stream.bit_rate = _BITS_PER_SECOND
        self._stream.codec_context.flags |= Flags.bitexact
        self._rest: Sound = np.zeros((2, 0), np.float32)
        self._at = 0

    def write(self, samples: Sound) -> None:
        samples = np.concatenate([self._rest, samples], axis=1)
        whole = samples.shape[1] // _BLOCK * _BLOCK
        for start in range(0, whole, _BLOCK):
            self._encode(samples[:, start : start + _BLOCK])
        self._rest = samples[:, whole:]

    def finish(self) -> None:
        if self._rest.shape[1]:
            self._encode(self._rest)
        self._out.mux(self._stream.encode(None))

    def _encode(self, samples: Sound) -> None:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._at, Fraction(1, RATE)
        self._at += samples.shape[1]
        self._out.mux(self._stream.encode(frame))
