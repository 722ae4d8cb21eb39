"""Captions over the lower part of a picture or film frame, for previews. Films and keyframe files never carry them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from media.film_format import Size
from media.fonts import Font, drawable, font_for, right_to_left

UInt8 = npt.NDArray[np.uint8]
Share = npt.NDArray[np.float32]

BLACK_Y, WHITE_Y, GREY_UV = 16, 235, 128
"""Black, white and no colour in BT.709 limited range."""
HEAD, BODY = 0.034, 0.044
"""Text heights in parts of the frame's height, or of three quarters of its width where that is less: first line, others."""
MARGIN, LEADING, DARKEST = 0.045, 1.38, 0.78
ELLIPSIS = "…"


@dataclass(frozen=True)
class _Plate:
    """What is laid over the rows from `top` to the bottom: how much of the picture stays, and how much white is added."""

    top: int
    keeps: Share
    white: Share


def caption(rgb: UInt8, lines: Sequence[str]) -> UInt8:
    """(H, W, 3) RGB -> a copy with the lines over its lower part, the first one smaller, as in a heading.

    Every line is cut at a word to fit the width. A line in a script that no installed font can draw is left out; when
    nothing is left, the picture comes back as it is.
    """
    plate = _plate(Size(rgb.shape[1], rgb.shape[0]), lines)
    if plate is None:
        return rgb
    captioned = rgb.copy()
    band = captioned[plate.top :].astype(np.float32)
    captioned[plate.top :] = np.rint(band * plate.keeps[..., None] + 255 * plate.white[..., None]).astype(np.uint8)
    return captioned


class CaptionOverlay:
    """The same for the frames of a film: laid out once, then blended into each frame's planes.

    `size` has even sides. Frames are I420, (H * 3 // 2, W) uint8, BT.709 limited range.
    """

    def __init__(self, size: Size, lines: Sequence[str]) -> None:
        self._size = size
        self._plate = _plate(size, lines)
        if self._plate is not None:
            keeps, white = self._plate.keeps, self._plate.white
            self._luma = _weights(keeps, BLACK_Y * (1 - keeps - white) + WHITE_Y * white)
            halved = keeps.reshape(keeps.shape[0] // 2, 2, -1, 2).mean(axis=(1, 3), dtype=np.float32)
            self._chroma = _weights(halved, GREY_UV * (1 - halved))

    def apply(self, planes: UInt8) -> UInt8:
        """A frame with the caption in it; the frame given is not changed."""
        if self._plate is None:
            return planes
        width, height = self._size
        captioned = planes.copy()
        _blend(captioned[self._plate.top : height], self._luma)
        chroma = captioned[height:].reshape(2, height // 2, width // 2)
        for plane in chroma:
            _blend(plane[self._plate.top // 2 :], self._chroma)
        return captioned


_Weights = tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16]]


def _weights(keeps: Share, added: Share) -> _Weights:
    """Factors in 1/256 that stay within 16 bits: value * keeps + added is at most 255 * 256 + 128."""
    factor = np.rint(keeps * 256).astype(np.uint16)
    return factor, np.minimum(np.rint(added * 256) + 128, 65535 - 255 * factor.astype(np.int64)).astype(np.uint16)


def _blend(plane: UInt8, weights: _Weights) -> None:
    keeps, added = weights
    wide = plane * keeps
    wide += added
    wide >>= 8
    plane[...] = wide


def _plate(size: Size, lines: Sequence[str]) -> _Plate | None:
    side = min(size.height, size.width * 0.75)
    margin = round(side * MARGIN)
    fitted = _fitted(lines, side, size.width - 2 * margin)
    if not fitted:
        return None
    text_height = sum(round(font.size * LEADING) for _, font in fitted)
    top = max(0, size.height - round(max(text_height * 1.7 + 2 * margin, size.height / 3))) // 2 * 2
    text = Image.new("L", (size.width, size.height - top))
    draw = ImageDraw.Draw(text)
    baseline = text.height - margin
    for line, font in reversed(fitted):
        baseline_here = baseline - round(font.size * 0.26)
        if right_to_left(line):
            draw.text((size.width - margin, baseline_here), line, 255, font, anchor="rs", direction="rtl")
        else:
            draw.text((margin, baseline_here), line, 255, font, anchor="ls")
        baseline -= round(font.size * LEADING)
    return _composed(top, text, side)


def _composed(top: int, text: Image.Image, side: float) -> _Plate:
    """Gradient, soft shadow and text laid over each other, in this order."""
    rise = np.linspace(0.0, 1.0, text.height, dtype=np.float32)[:, None]
    ground = DARKEST * rise * rise * (3 - 2 * rise)
    shadow = np.asarray(text.filter(ImageFilter.GaussianBlur(max(1.0, side / 240))), dtype=np.float32) / 255
    white = np.asarray(text, dtype=np.float32) / 255
    keeps = (1 - ground) * (1 - np.minimum(1.0, shadow * 1.2) * 0.7) * (1 - white)
    return _Plate(top, keeps.astype(np.float32), white.astype(np.float32))


def _fitted(lines: Sequence[str], side: float, width: int) -> list[tuple[str, Font]]:
    """The lines that can be drawn, each with its font and short enough."""
    fitted: list[tuple[str, Font]] = []
    for number, line in enumerate(lines):
        text = drawable(line)
        height = max(9, round(side * (HEAD if number == 0 and len(lines) > 1 else BODY)))
        font = font_for(text + ELLIPSIS, height) if text else None
        short = cut(text, font, width) if font else ""
        if font and short:
            fitted.append((short, font))
    return fitted


def cut(text: str, font: Font, width: float) -> str:
    """As much of the text as fits into `width` pixels, cut at a word, with an ellipsis where it was cut.

    Where a single word (or a script without spaces) is wider, it is cut between characters. Empty when nothing fits.
    """
    if font.getlength(text) <= width:
        return text
    low, high = 0, len(text)
    while low < high:  # the most characters that fit together with the ellipsis
        middle = (low + high + 1) // 2
        low, high = (middle, high) if font.getlength(text[:middle] + ELLIPSIS) <= width else (low, middle - 1)
    head = text[:low]
    space = head.rfind(" ")
    if space > low * 0.5 and not text[low].isspace():
        head = head[:space]
    head = head.rstrip(" ,;:.–—-")
    return head + ELLIPSIS if head else ""
