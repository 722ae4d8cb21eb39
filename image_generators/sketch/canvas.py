"""The picture being painted: float RGB with soft-edged shapes laid over it. Knows no scene and no camera."""

from __future__ import annotations

import cv2
import numpy as np

from image_generators.sketch.noise import Array
from image_generators.sketch.palette import RGB, array

_BITS = 4


def rough_mask(shape: tuple[int, int], polygons: list[Array]) -> Array:
    """Antialiased union of polygons ((N, 2) pixel corners) as float32 (H, W) of 0 to 1."""
    mask = np.zeros(shape, dtype=np.uint8)
    for corners in polygons:
        near = np.clip(corners, -8000, 12000)
        cv2.fillPoly(mask, [np.round((near - 0.5) * 2**_BITS).astype(np.int32)], 255, cv2.LINE_AA, _BITS)
    return mask.astype(np.float32) / 255


class Canvas:
    """(H, W, 3) float32 RGB, 0 to 1, in display values."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.rgb: Array = np.zeros((height, width, 3), dtype=np.float32)

    def lay(self, mask: Array, colour: Array | RGB, top: int = 0) -> None:
        """Paints `colour` ((3,), or (h, W, 3)) where the (h, W) mask says, from the row `top` down."""
        area = self.rgb[top : top + mask.shape[0]]
        paint = array(colour) if isinstance(colour, tuple) else colour
        area += (paint - area) * mask[..., None]

    def patch(self, box: tuple[int, int, int, int], mask: Array, colour: Array | RGB) -> None:
        """As `lay`, inside the box (left, top, right, bottom)."""
        left, top, right, bottom = box
        area = self.rgb[top:bottom, left:right]
        paint = array(colour) if isinstance(colour, tuple) else colour
        area += (paint - area) * mask[..., None]

    def shape(self, corners: Array, colour: RGB, opacity: float = 1.0, soft: float = 0.0) -> None:
        """Fills one polygon ((N, 2) pixels), with edges blurred by `soft` pixels."""
        box = self.box(corners, 2 + 3 * soft)
        if box is None:
            return
        mask = rough_mask((box[3] - box[1], box[2] - box[0]), [corners - np.array(box[:2])])
        if soft > 0.3:
            mask = blur(mask, soft)
        self.patch(box, mask * opacity, colour)

    def box(self, corners: Array, margin: float) -> tuple[int, int, int, int] | None:
        """The part of the canvas that holds the corners and a margin, or None when it lies outside."""
        low, high = corners.min(axis=0) - margin, corners.max(axis=0) + margin
        if not (np.isfinite(low).all() and np.isfinite(high).all()):
            return None
        left, top = max(0, int(low[0])), max(0, int(low[1]))
        right, bottom = min(self.width, int(high[0]) + 1), min(self.height, int(high[1]) + 1)
        return (left, top, right, bottom) if right > left and bottom > top else None

    def glow(self, x: float, y: float, radius: float, colour: RGB, strength: float = 1.0, squash: float = 1.0) -> None:
        """Adds soft light around a point (screen blend), gone at three radii."""
        reach = np.array([[x - 3 * radius, y - 3 * radius * squash], [x + 3 * radius, y + 3 * radius * squash]])
        box = self.box(reach, 1)
        if box is None or radius <= 0:
            return
        across = (np.arange(box[0], box[2], dtype=np.float32) + 0.5 - x) / radius
        down = (np.arange(box[1], box[3], dtype=np.float32) + 0.5 - y) / (radius * squash)
        fall = np.exp(-(across[None, :] ** 2 + down[:, None] ** 2))
        area = self.rgb[box[1] : box[3], box[0] : box[2]]
        area += (1 - np.minimum(area, 1)) * (array(colour) * strength) * fall[..., None]


def blur(field: Array, sigma: float) -> Array:
    """Gaussian blur; large ones are made at a lower resolution, which looks the same and costs little."""
    if sigma < 0.3:
        return field
    if sigma <= 6 or min(field.shape[:2]) < 24:
        return np.asarray(cv2.GaussianBlur(field, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE))
    step = sigma / 3
    small = (max(2, round(field.shape[1] / step)), max(2, round(field.shape[0] / step)))
    less = cv2.resize(field, small, interpolation=cv2.INTER_AREA)
    less = cv2.GaussianBlur(less, (0, 0), 3.0, borderType=cv2.BORDER_REPLICATE)
    full = cv2.resize(less, (field.shape[1], field.shape[0]), interpolation=cv2.INTER_CUBIC)
    if step < 2.5:
        return np.asarray(full)
    return np.asarray(cv2.blur(full, (2 * round(step / 2) + 1, 2 * round(step / 2) + 1), borderType=cv2.BORDER_REPLICATE))


def smooth(field: Array, low: float, high: float) -> Array:
    """0 below `low`, 1 above `high`, an S between them (low may be above high)."""
    part = np.clip((field - low) / (high - low), 0, 1)
    return np.asarray(part * part * (3 - 2 * part), dtype=np.float32)
