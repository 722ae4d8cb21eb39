"""Makes the small real mp4 answers: from the first picture to the last, cross-faded. Invents nothing, knows no vendor."""

from __future__ import annotations

import hashlib
import io
import threading
from collections import OrderedDict
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

UInt8 = npt.NDArray[np.uint8]
FPS = 24
CACHE_BYTES = 32_000_000
"""Clips are kept for the life of the process: a test that runs the same film twenty times encodes it once."""
_SOUND_RATE = 48_000
_LEVELS = 24
"""So many steps in a cross-fade, at most: frames that repeat the one before cost an encoder next to nothing."""


@dataclass(frozen=True)
class Look:
    """What decides every byte of a clip."""

    width: int
    height: int
    frames: int
    first: str
    last: str
    drift: str
    sound: bool = False


class ClipMaker:
    """Encodes each clip once. Thread-safe; the same look gives the same bytes, in this process and in any other."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Look, bytes] = OrderedDict()
        self._lock = threading.Lock()
        self._at_work: dict[Look, threading.Lock] = {}

    def clip(self, look: Look, first: bytes | None, last: bytes | None) -> bytes:
        """The clip as mp4 bytes. `first` and `last`: image files, None where none was sent (text to video, first only)."""
        with self._lock:
            if look in self._kept:
                self._kept.move_to_end(look)
                return self._kept[look]
            mine = self._at_work.setdefault(look, threading.Lock())
        with mine:
            with self._lock:
                if look in self._kept:
                    return self._kept[look]
            made = encode(look, first, last)
            with self._lock:
                self._keep(look, made)
                self._at_work.pop(look, None)
            return made

    def _keep(self, look: Look, made: bytes) -> None:
        self._kept[look] = made
        while len(self._kept) > 1 and sum(map(len, self._kept.values())) > CACHE_BYTES:
            self._kept.popitem(last=False)


MAKER = ClipMaker()


def decode_image(data: bytes) -> UInt8 | None:
    """(H, W, 3) BGR, or None when the bytes are no picture."""
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    return None if found is None else np.asarray(found, np.uint8)


def encode(look: Look, first: bytes | None, last: bytes | None) -> bytes:
    """Encodes a clip. The first frame is the first picture, the last frame the last one, cut to the clip's shape."""
    opening = _plane(first, look) if first else _plain(look)
    closing = _plane(last, look) if last else _drifted(opening, look.drift)
    out = io.BytesIO()
    with av.open(out, "w", format="mp4", options={"fflags": "+bitexact"}) as container:
        video: Any = container.add_stream("libx264", rate=FPS, options={
            "preset": "ultrafast", "tune": "zerolatency", "crf": "24", "threads": "1", "g": str(look.frames + 1)})
        video.width, video.height, video.pix_fmt = look.width, look.height, "yuv420p"
        sound: Any = container.add_stream("aac", rate=_SOUND_RATE) if look.sound else None
        for number in range(look.frames):
            frame = av.VideoFrame.from_ndarray(_between(opening, closing, number, look.frames), format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if sound is not None:
            _add_tone(container, sound, look)
    return out.getvalue()


def _between(opening: UInt8, closing: UInt8, number: int, count: int) -> UInt8:
    """The I420 planes of one frame: from one picture to the other in steps."""
    steps = min(_LEVELS, max(1, count - 1))
    share = number * steps // max(1, count - 1) / steps
    if share in (0.0, 1.0):
        return opening if share == 0.0 else closing
    return np.asarray(cv2.addWeighted(opening, 1 - share, closing, share, 0.0), np.uint8)


def _plane(data: bytes, look: Look) -> UInt8:
    """An image file as I420 planes of the clip's size, cut in the middle to the clip's shape."""
    bgr = decode_image(data)
    if bgr is None:
        raise ValueError("not a picture: the server should have refused it")
    height, width = bgr.shape[:2]
    part = min(width / look.width, height / look.height)
    cut_w, cut_h = round(part * look.width), round(part * look.height)
    left, top = (width - cut_w) // 2, (height - cut_h) // 2
    size = (look.width, look.height)
    cut = bgr[top : top + cut_h, left : left + cut_w]
    how = cv2.INTER_AREA if part > 1 else cv2.INTER_LINEAR
    return _i420(cut if (cut_w, cut_h) == size else cv2.resize(cut, size, interpolation=how))


def _i420(bgr: npt.NDArray[Any]) -> UInt8:
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420), np.uint8)


def _plain(look: Look) -> UInt8:
    """A colour of the prompt's own, where no picture was sent."""
    colour = list(hashlib.sha256(look.drift.encode()).digest()[:3])
    return _i420(np.full((look.height, look.width, 3), colour, np.uint8))


def _drifted(opening: UInt8, drift: str) -> UInt8:
    """Where a clip without a last picture goes: a little closer in, and a little towards the prompt's own light."""
    bgr = cv2.cvtColor(opening, cv2.COLOR_YUV2BGR_I420)
    height, width = bgr.shape[:2]
    turn = hashlib.sha256(drift.encode()).digest()
    closer = cv2.getRotationMatrix2D((width / 2, height / 2), (turn[0] - 128) / 128, 1.06)
    moved = cv2.warpAffine(bgr, closer, (width, height), borderMode=cv2.BORDER_REFLECT)
    return _i420(cv2.convertScaleAbs(moved, alpha=0.94 + turn[1] / 255 * 0.12, beta=0))


def _add_tone(container: Any, stream: Any, look: Look) -> None:
    """A quiet tone as long as the picture, its pitch from the prompt."""
    hertz = 220 + hashlib.sha256(look.drift.encode()).digest()[2]
    samples = round(look.frames * _SOUND_RATE / FPS)
    wave = (0.1 * np.sin(2 * np.pi * hertz * np.arange(samples) / _SOUND_RATE)).astype(np.float32)
    for start in range(0, samples, 1024):
        part = np.ascontiguousarray(np.stack([wave, wave])[:, start : start + 1024])
        block = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
        block.sample_rate, block.pts, block.time_base = _SOUND_RATE, start, Fraction(1, _SOUND_RATE)
        container.mux(stream.encode(block))
    container.mux(stream.encode(None))


def damage(clip: bytes) -> bytes:
    """The same file with noise in the middle of its pictures: it opens, and does not decode."""
    start = clip.index(b"mdat") + 4
    middle = start + (len(clip) - start) // 3
    noise = hashlib.shake_256(clip).digest((len(clip) - start) // 6)
    return clip[:middle] + noise + clip[middle + len(noise) :]
