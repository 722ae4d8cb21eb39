"""Makes small clips whose every frame carries its own number as a bar code, and reads the number back. No tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from media.colour import rgb_to_i420
from media.encode import ClipWriter
from media.film_format import FilmFormat, Size

UInt8 = npt.NDArray[np.uint8]
BITS = 10
FILM = FilmFormat(Size(320, 180), Fraction(24))


def barcode(number: int, size: Size = FILM.size, background: int = 60) -> UInt8:
    """(H, W, 3) RGB: the number as blocks, black for 0 and white for 1, in a strip through the middle. Survives encoding."""
    rgb = np.full((size.height, size.width, 3), background, np.uint8)
    for bit in range(BITS):
        left, right = (size.width * (bit + 1) // (BITS + 2), size.width * (bit + 2) // (BITS + 2))
        rgb[size.height * 2 // 5 : size.height * 3 // 5, left:right] = 235 if number >> bit & 1 else 16
    return rgb


def number_in(picture: UInt8) -> int:
    """The number in a bar coded picture, RGB or grey."""
    grey = picture if picture.ndim == 2 else picture.mean(axis=2)
    height, width = grey.shape
    row = grey[height * 9 // 20 : height * 11 // 20]
    middles = [int(width * (bit + 1.5) / (BITS + 2)) for bit in range(BITS)]
    return sum(1 << bit for bit, x in enumerate(middles) if row[:, x - 2 : x + 3].mean() > 128)


def numbers_in(path: Path) -> list[int]:
    """The numbers of all frames of a file, in the order shown."""
    with av.open(str(path)) as container:
        return [number_in(np.asarray(frame.to_ndarray(format="gray"), np.uint8)) for frame in container.decode(video=0)]


def film_clip(path: Path, numbers: Iterable[int], film: FilmFormat = FILM) -> Path:
    """A bar coded clip in the film's own format."""
    with ClipWriter(path, film) as clip:
        for number in numbers:
            clip.write(rgb_to_i420(barcode(number, film.size)))
    return path


def clip(
    path: Path,
    frames: Sequence[UInt8],
    fps: Fraction | int = 24,
    *,
    times: Sequence[int] | None = None,
    x264: dict[str, str] | None = None,
    sound_s: float = 0.0,
    sound_rate: int = 44100,
    container: dict[str, str] | None = None,
    rotate: int = 0,
) -> Path:
    """A clip as a stranger's encoder makes it, from RGB frames. `times`: their times in ms, for a variable rate."""
    rate = Fraction(fps)
    kind = "matroska" if path.suffix == ".webm" else "mp4"
    with av.open(str(path), "w", format=kind, options=container or {}) as out:
        video: Any = out.add_stream("libx264", rate=rate, options={"crf": "18", "preset": "ultrafast", **(x264 or {})})
        video.height, video.width = frames[0].shape[:2]
        video.pix_fmt = "yuv420p"
        if rotate:
            video.set_display_rotation(rotate)
        if times:
            video.codec_context.time_base = Fraction(1, 1000)
        sound: Any = out.add_stream("aac", rate=sound_rate) if sound_s else None
        for number, rgb in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            frame.pts = times[number] if times else number
            frame.time_base = Fraction(1, 1000) if times else 1 / rate
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if sound is not None:
            _add_tone(out, sound, sound_s, sound_rate)
    return path


def barcoded(path: Path, count: int, fps: Fraction | int = 24, **options: Any) -> Path:
    """A clip of frames numbered from 0, by a stranger's encoder."""
    return clip(path, [barcode(number) for number in range(count)], fps, **options)


def tone(seconds: float, rate: int, hertz: float = 440.0) -> npt.NDArray[np.float32]:
    """(2, samples) float32."""
    wave = 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
    return np.stack([wave, wave]).astype(np.float32)


def _add_tone(out: Any, stream: Any, seconds: float, rate: int) -> None:
    samples = tone(seconds, rate)
    for start in range(0, samples.shape[1], 1024):
        part = np.ascontiguousarray(samples[:, start : start + 1024])
        block = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
        block.sample_rate, block.pts, block.time_base = rate, start, Fraction(1, rate)
        out.mux(stream.encode(block))
    out.mux(stream.encode(None))
