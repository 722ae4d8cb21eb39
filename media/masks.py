"""The part of a picture that stays while the rest is painted anew: by hand, feathered, put back. Finds and paints nothing.

What stays without a hand's mask is found in media/figures.py.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from errors import MediaError
from media.frames import load_rgb

UInt8 = npt.NDArray[np.uint8]
Float = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]

FEATHER = 0.012
"""Of the longer side: how far what is kept blends into what is painted. All of it lies outside of what is kept."""


class NoMask(MediaError):
    """No part of the picture stands out well enough; the message says why."""


def by_hand(path: Path, size: tuple[int, int]) -> Bool:
    """(H, W) what a person's mask paints anew: white is painted, black stays. `size`: width and height it has to have the
    shape of. Raises MediaError when it is no picture, of another shape, or of one colour."""
    grey = load_rgb(path).mean(axis=2)
    if abs(grey.shape[1] * size[1] - grey.shape[0] * size[0]) > 0.02 * grey.shape[1] * size[1]:
        raise MediaError(f"the mask is {grey.shape[1]}x{grey.shape[0]}, the picture {size[0]}x{size[1]}: another shape")
    white = cv2.resize(grey.astype(np.float32), size, interpolation=cv2.INTER_LINEAR) > 127
    if white.all() or not white.any():
        raise MediaError("the mask is of one colour: white is painted anew, black stays")
    return np.asarray(white, np.bool_)


def feathered(kept: Bool) -> UInt8:
    """(H, W) grey, as an image backend takes it: 0 where the picture is kept, rising to 255 outside of it."""
    reach = max(2.0, FEATHER * max(kept.shape))
    away = cv2.distanceTransform((~kept).astype(np.uint8), cv2.DIST_L2, 3)
    part = np.clip(away / reach, 0, 1)
    return np.asarray(np.rint(255 * (3 * part**2 - 2 * part**3)), np.uint8)


def put_back(base: UInt8, painted: UInt8, kept: Bool) -> UInt8:
    """The painted picture with the kept part of `base` in it, pixel for pixel; around that the two blend.

    What was painted is fitted to the colours of `base` at the border, so that no seam shows where a model shifted them.
    Both are (H, W, 3) of one size. Raises MediaError when they are not.
    """
    if base.shape != painted.shape or base.shape[:2] != kept.shape:
        raise MediaError(f"the painted picture is {painted.shape[1]}x{painted.shape[0]}, not {base.shape[1]}x{base.shape[0]}")
    share = feathered(kept).astype(np.float32)[..., None] / 255
    mixed = base * (1 - share) + _fitted(base, painted, kept) * share
    out = np.asarray(np.clip(np.rint(mixed), 0, 255), np.uint8)
    out[kept] = base[kept]
    return out


def _fitted(base: UInt8, painted: UInt8, kept: Bool) -> Float:
    """Gain and offset of each channel, from a ring on the kept side of the border, fading out with distance from it."""
    reach = max(3, round(0.03 * max(kept.shape)))
    inside = cv2.distanceTransform(kept.astype(np.uint8), cv2.DIST_L2, 3)
    ring = (inside > 0) & (inside <= reach)
    wanted, got = base[ring].astype(np.float32), painted[ring].astype(np.float32)
    if len(wanted) < 50:
        return np.asarray(painted, np.float32)
    gain = np.clip((wanted.std(axis=0) + 2) / (got.std(axis=0) + 2), 0.8, 1.25)
    shift = np.clip(wanted.mean(axis=0) - gain * got.mean(axis=0), -40, 40)
    outside = cv2.distanceTransform((~kept).astype(np.uint8), cv2.DIST_L2, 3)
    near = np.exp(-outside / (0.15 * max(kept.shape)))[..., None].astype(np.float32)
    whole = np.asarray(painted, np.float32)
    return np.asarray(whole + near * (whole * (gain - 1) + shift), np.float32)
