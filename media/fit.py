"""Brings a picture to the film's size: cut, before a blurred border, or with its edges carried on. Invents nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from media.film_format import Size
from media.salience import Box, Float, salience

UInt8 = npt.NDArray[np.uint8]
FitMode = Literal["crop", "pad", "outpaint"]

SLIVER = 0.95
"""Where cutting keeps this much of a picture, a few rows are the lesser loss: no border is worth painting for them. What a
model makes of a shape, in steps of 64 pixels a side, is off by less."""
LEAST_KEPT = 0.6
"""Where cutting would keep less of a picture than this, borders are the lesser loss (media.md D)."""
_UPPER = 0.42
_PULL = 0.35
_SOFTNESS = (0.0, 0.015, 0.04, 0.08, 0.14)
"""Blur from the picture's edge outwards, in parts of how far the border reaches."""


@dataclass(frozen=True)
class Fitted:
    """rgb: (H, W, 3). kept: the part (0 to 1) of the picture's area that is still there. window: what was cut out."""

    rgb: UInt8
    kept: float
    window: Box


def choose_fit(picture_sizes: Sequence[Size], film: Size) -> FitMode:
    """One way for all pictures of a film, so that its keyframes match: `crop`, unless that keeps less than 60 % of one."""
    return "crop" if all(kept_by_crop(size, film) >= LEAST_KEPT for size in picture_sizes) else "pad"


def kept_by_crop(picture: Size, film: Size) -> float:
    """The part (0 to 1) of a picture's area that is left when it is cut to the film's shape."""
    ratio = (picture.width * film.height) / (picture.height * film.width)
    return min(ratio, 1 / ratio)


def needs_borders(picture: Size, film: Size) -> bool:
    """Whether a picture that is to stay whole has borders in the film: its shape is another, by more than a few rows."""
    return kept_by_crop(picture, film) < SLIVER


def place_of(picture: Size, film: Size) -> Box:
    """Where in the film a picture stands that stays whole: in the middle, as large as there is room."""
    inner = _inside(picture, film)
    return Box((film.width - inner.width) // 2, (film.height - inner.height) // 2, inner.width, inner.height)


def fit(rgb: UInt8, size: Size, mode: FitMode, window: Box | None = None) -> Fitted:
    """An (H, W, 3) picture as one of exactly `size`.

    crop: cut to the film's shape, around what matters or to `window` (from `crop_window`). pad: whole, before an enlarged,
    blurred copy of itself. outpaint: whole, its borders mirrored outwards, softer and paler with distance, which is what
    stands in for borders that nobody paints; but where `needs_borders` says no, cut in the middle.
    Do not give padded or outpainted pictures to a video model without need: it animates the borders (media.md D).
    """
    height, width = rgb.shape[:2]
    whole = Box(0, 0, width, height)
    if (width, height) == size:
        return Fitted(rgb, 1.0, whole)
    if mode == "crop":
        window = window or crop_window(rgb, size)
        return Fitted(_resized(rgb, size, window), window.width * window.height / (width * height), window)
    if mode == "outpaint" and not needs_borders(Size(width, height), size):
        window = window or middle_window(Size(width, height), size)
        return Fitted(_resized(rgb, size, window), window.width * window.height / (width * height), window)
    inner = _inside(Size(width, height), size)
    if inner == size:
        return Fitted(_resized(rgb, size, whole), 1.0, whole)
    picture = _resized(rgb, inner, whole)
    surrounded = _padded(picture, rgb, size) if mode == "pad" else _carried_on(picture, size)
    return Fitted(surrounded, 1.0, whole)


def crop_window(rgb: UInt8, size: Size) -> Box:
    """The largest window of the film's shape, where it keeps most of what matters; in doubt the middle, a little above it."""
    height, width = rgb.shape[:2]
    _, _, wide, high = middle_window(Size(width, height), size)
    if wide < width:
        return Box(round(_best_start(salience(rgb).sum(axis=0), wide / width, 0.5) * width), 0, wide, high)
    return Box(0, round(_best_start(salience(rgb).sum(axis=1), high / height, _UPPER) * height), wide, high)


def middle_window(picture: Size, size: Size) -> Box:
    """The largest window of the film's shape in the very middle: what `retime.read_i420` keeps of a clip."""
    width = min(picture.width, round(picture.height * size.width / size.height))
    height = min(picture.height, round(picture.width * size.height / size.width))
    return Box((picture.width - width) // 2, (picture.height - height) // 2, width, height)


def _best_start(profile: Float, part: float, preferred: float) -> float:
    """Where (0 to 1 - part) a window that covers `part` of the profile should start.

    `preferred` (0: the very start, 1: the very end) breaks the tie where nothing stands out.
    """
    reach = np.concatenate([[0.0], np.cumsum(profile, dtype=np.float64)])
    places = np.linspace(0, 1, len(reach))
    starts = np.linspace(0, 1 - part, 201)
    kept = np.interp(starts + part, places, reach) - np.interp(starts, places, reach)
    away = np.abs(np.linspace(0, 1, len(starts)) - preferred)
    return float(starts[int(np.argmax(kept - _PULL * away**2))])


def _inside(picture: Size, size: Size) -> Size:
    """The largest size of the picture's shape that lies within the film's."""
    factor = min(size.width / picture.width, size.height / picture.height)
    width, height = max(1, round(picture.width * factor)), max(1, round(picture.height * factor))
    return Size(min(size.width, width), min(size.height, height))


def _resized(rgb: UInt8, size: Size, window: Box) -> UInt8:
    box = (window.x, window.y, window.x + window.width, window.y + window.height)
    image = Image.fromarray(np.ascontiguousarray(rgb), "RGB")
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=3.0), np.uint8)


def _place(picture: UInt8, behind: UInt8) -> UInt8:
    height, width = picture.shape[:2]
    top, left = (behind.shape[0] - height) // 2, (behind.shape[1] - width) // 2
    behind[top : top + height, left : left + width] = picture
    return behind


def _padded(picture: UInt8, rgb: UInt8, size: Size) -> UInt8:
    """Behind it the picture once more: enlarged over the whole film, out of focus, a little darker and paler."""
    few = Size(max(16, size.width // 16), max(16, size.height // 16))
    height, width = rgb.shape[:2]
    blurred = cv2.GaussianBlur(_resized(rgb, few, middle_window(Size(width, height), size)), (0, 0), 2.0)
    large = np.asarray(cv2.resize(blurred, size, interpolation=cv2.INTER_CUBIC), np.float32)
    return _place(picture, _paler(large, np.float32(0.25), np.float32(0.3)))


def _carried_on(picture: UInt8, size: Size) -> UInt8:
    """The borders mirrored outwards; the further from the picture, the more drawn out, softer, paler and darker."""
    height, width = picture.shape[:2]
    rows, far_rows = _mirrored(height, size.height)
    columns, far_columns = _mirrored(width, size.width)
    across, down = np.meshgrid(columns, rows)
    wide = np.asarray(cv2.remap(picture, across, down, cv2.INTER_LINEAR), np.uint8)
    away = np.maximum(far_rows[:, None], far_columns[None, :])
    reach = float(away.max())
    part = np.asarray(away / max(1.0, reach), np.float32)
    soft = _softer(wide, part, reach)
    return _place(picture, _paler(soft, np.float32(0.35) * part[..., None], np.float32(0.25) * part[..., None]))


def _mirrored(length: int, wanted: int) -> tuple[Float, Float]:
    """Along one side: which pixel of the picture each of the wanted ones shows, and how far outside of it that is.

    A plain mirror would show a second head beside the first. This one slows down, and never gets further into the picture
    than an eighth of its side.
    """
    at = np.arange(wanted, dtype=np.float32) - (wanted - length) // 2
    outside = np.maximum(np.maximum(-at, at - (length - 1)), 0).astype(np.float32)
    deepest = max(1.0, length / 8)
    inwards = deepest * (1 - np.exp(-outside / deepest))
    shown = np.where(at < 0, inwards, np.where(outside > 0, length - 1 - inwards, at))
    return np.asarray(shown, np.float32), outside


def _softer(rgb: UInt8, away: Float, reach: float) -> Float:
    """Blurs by distance: each place is mixed from the two of five strengths between which `away` (0 to 1) puts it."""
    out = np.zeros(rgb.shape, np.float32)
    place = np.sqrt(away) * (len(_SOFTNESS) - 1)
    for number, strength in enumerate(_SOFTNESS):
        out += _blurred(rgb, strength * reach) * np.clip(1 - np.abs(place - number), 0, 1)[..., None]
    return out


def _blurred(rgb: UInt8, sigma: float) -> Float:
    """Wide blurs are made small and enlarged again: the same to the eye, and thirty times as fast."""
    if sigma < 0.5:
        return np.asarray(rgb, np.float32)
    shrink = max(1, int(sigma / 4))
    height, width = rgb.shape[:2]
    small = cv2.resize(rgb, (max(1, width // shrink), max(1, height // shrink)), interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), sigma / shrink)
    return np.asarray(cv2.resize(blurred, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _paler(rgb: Float, colourless: Float | np.float32, darker: Float | np.float32) -> UInt8:
    grey = rgb.mean(axis=2, keepdims=True)
    toned = (rgb + (grey - rgb) * colourless) * (1 - darker)
    return np.asarray(np.clip(np.rint(toned), 0, 255), np.uint8)
