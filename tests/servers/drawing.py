"""Draws the answer pictures: of the asked size, from the prompt's words and the pictures sent along. No model, no chance.

The same request gives the same bytes. Arrays are (H, W, 3) uint8 RGB.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from media.fonts import drawable, font_for

UInt8 = npt.NDArray[np.uint8]
KEEPS = 0.58
"""How much of the last picture sent along shows through: a keyframe made from the one before looks like its next moment."""
_LIFT, _GAIN = 3.0, 0.985
"""What an edit does to the pixels it should keep: real models bring them back a little different."""


def draw(prompt: str, size: tuple[int, int], references: Sequence[UInt8] = (), *, seed: int | None = None) -> UInt8:
    """A sky, a ground, a sun and somebody, in the prompt's own colours mixed with those of the references."""
    turn = hashlib.sha256(f"{prompt} {seed}".encode()).digest()
    width, height = size
    own = _colour(turn[0] / 255)
    tints = [own, *(_average(picture) for picture in references)]
    sky, ground = _mix(tints, 1.15), _mix(tints, 0.55)
    horizon = round(height * (0.55 + turn[1] / 255 * 0.2))
    rows = np.linspace(0.0, 1.0, height, dtype=np.float32)[:, None]
    column = np.where(rows * height < horizon, sky * (0.75 + 0.5 * rows), ground * (1.1 - 0.4 * (rows - horizon / height)))
    picture = np.repeat(np.clip(column, 0, 255).astype(np.uint8)[:, None], width, axis=1)
    if references:
        before = cv2.resize(references[-1][..., :3], size, interpolation=cv2.INTER_AREA)
        picture = np.asarray(cv2.addWeighted(picture, 1 - KEEPS, before, KEEPS, 0.0), np.uint8)
    _furnish(picture, turn, horizon, own)
    return _titled(picture, prompt)


def edit(prompt: str, base: UInt8, repaint: UInt8, references: Sequence[UInt8] = (), *, seed: int | None = None) -> UInt8:
    """The base with the part under `repaint` (H, W, white = paint anew) drawn; the rest is roughly what it was."""
    height, width = base.shape[:2]
    fresh = draw(prompt, (width, height), [*references, base], seed=seed)
    kept = np.clip(cv2.GaussianBlur(base, (3, 3), 0.6).astype(np.float32) * _GAIN + _LIFT, 0, 255)
    share = cv2.GaussianBlur(repaint, (0, 0), max(1.0, width / 400)).astype(np.float32)[..., None] / 255
    return np.asarray(kept * (1 - share) + fresh * share, np.uint8)


def blurred(picture: UInt8) -> UInt8:
    """What a filter hands out instead."""
    height, width = picture.shape[:2]
    small = cv2.resize(picture, (24, max(1, 24 * height // width)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def decode(data: bytes) -> UInt8 | None:
    """(H, W, 3) RGB, or (H, W, 4) where the file has alpha; None when the bytes are no picture."""
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if data else None
    if found is None:
        return None
    if found.dtype == np.uint16:
        found = (found // 257).astype(np.uint8)
    if found.ndim == 2:
        return np.asarray(cv2.cvtColor(found, cv2.COLOR_GRAY2RGB), np.uint8)
    how = cv2.COLOR_BGRA2RGBA if found.shape[2] == 4 else cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(found, how), np.uint8)


def encode(picture: UInt8, kind: str, *, opaque: bool = True) -> bytes:
    """An image file; kind: png, jpeg or webp. opaque False: with an alpha channel whose corners are clear (not jpeg)."""
    image = Image.fromarray(picture)
    if not opaque and kind != "jpeg":
        alpha = np.full(picture.shape[:2], 255, np.uint8)
        alpha[: picture.shape[0] // 8, : picture.shape[1] // 8] = 0
        image.putalpha(Image.fromarray(alpha))
    out = io.BytesIO()
    if kind == "png":
        image.save(out, "PNG", compress_level=1)
    else:
        image.save(out, kind.upper(), quality=92)
    return out.getvalue()


def _furnish(picture: UInt8, turn: bytes, horizon: int, own: npt.NDArray[np.float32]) -> None:
    """A sun, a few hills or houses, and a figure: edges, so that a picture is neither blank nor blurred."""
    height, width = picture.shape[:2]
    unit = min(width, height) // 20
    light, dark = _tuple(own * 0.3 + 178), _tuple(own * 0.25)
    cv2.circle(picture, (width * (40 + turn[2]) // 340, max(unit, horizon // 3)), unit * 2, light, -1, cv2.LINE_AA)
    for place in range(3):
        left = width * (turn[3 + place] + 32 * place) // 400
        top = horizon - unit * (1 + turn[6 + place] % 5)
        right = left + unit * (2 + turn[9 + place] % 3)
        cv2.rectangle(picture, (left, top), (right, horizon), _tuple(own * (0.35 + 0.1 * place)), -1)
    for _ in range(1 + turn[12] % 2):
        x = width * (60 + turn[13]) // 380
        foot = horizon + unit * (2 + turn[14] % 3)
        cv2.ellipse(picture, (x, foot - 2 * unit), (unit, 2 * unit), 0, 0, 360, dark, -1, cv2.LINE_AA)
        cv2.circle(picture, (x, foot - 5 * unit), unit, light, -1, cv2.LINE_AA)


def _titled(picture: UInt8, prompt: str) -> UInt8:
    """The prompt's first words on a strip at the foot."""
    height, width = picture.shape[:2]
    words = drawable(prompt[:200])[:48]
    font = font_for(words, max(11, height // 30))
    if font is not None:
        top = height - height // 14
        strip = Image.fromarray(picture[top:] // 8)
        ImageDraw.Draw(strip).text((width // 40, height // 90), words, font=font, fill=(245, 245, 235))
        picture[top:] = np.array(strip)
    return picture


def _average(picture: UInt8) -> npt.NDArray[np.float32]:
    return np.asarray(picture[..., :3].reshape(-1, 3)[::37].mean(axis=0), np.float32)


def _mix(tints: Sequence[npt.NDArray[np.float32]], light: float) -> npt.NDArray[np.float32]:
    """The prompt's colour counts as much as one reference."""
    return np.asarray(np.mean(np.stack(tints), axis=0) * light, np.float32)


def _colour(hue: float) -> npt.NDArray[np.float32]:
    one = cv2.cvtColor(np.array([[[int(hue * 179), 120, 190]]], np.uint8), cv2.COLOR_HSV2RGB)
    return np.asarray(one[0, 0], np.float32)


def _tuple(colour: npt.NDArray[np.float32]) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in np.clip(colour, 0, 255))
    return red, green, blue
