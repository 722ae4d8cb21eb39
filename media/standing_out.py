"""How much each place of one picture is unlike what surrounds it, by several measures. Cuts nothing out.

Surroundings are what touches the left, right and upper side of the frame: people stand on the lower one.
"""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from media.salience import spectral_residual

UInt8 = npt.NDArray[np.uint8]
Float = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]

BARRIER_SIDE = 200
"""Longer side at which barriers are looked for: sweeps go row by row in Python."""
SWEEPS = 3


def lab(rgb: UInt8, blur: float = 1.5) -> Float:
    """(H, W, 3) CIE Lab in 8 bits, blurred by so many pixels."""
    return np.asarray(cv2.cvtColor(cv2.GaussianBlur(rgb, (0, 0), blur), cv2.COLOR_RGB2LAB), np.float32)


def frame_sides(shape: tuple[int, ...], deep: int) -> Bool:
    """(H, W) the left, right and upper border of a frame."""
    sides = np.zeros(shape[:2], np.bool_)
    sides[:, :deep] = sides[:, -deep:] = sides[:deep] = True
    return sides


def barrier(rgb: UInt8, start: Bool) -> Float:
    """(H, W) the least range of colour (Lab, summed over channels) on any way from the places where it starts.

    The minimum barrier distance, by sweeps as in Zhang et al. 2015, "Minimum barrier salient object detection at 80 fps".
    A place in the open is reached through its like, whatever lies elsewhere; what has a closed outline is not.
    """
    scale = BARRIER_SIDE / max(rgb.shape[:2])
    size = (max(8, round(rgb.shape[1] * scale)), max(8, round(rgb.shape[0] * scale)))
    small = lab(np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8), 1.0)
    seen = np.ascontiguousarray(small.transpose(2, 0, 1))
    begun = cv2.resize(start.astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0
    cost = np.where(begun, np.float32(0), np.float32(1e6)) + np.zeros_like(seen)
    high, low = seen.copy(), seen.copy()
    for _ in range(SWEEPS):
        for fields in ([seen, cost, high, low], [one.transpose(0, 2, 1) for one in (seen, cost, high, low)]):
            lines = range(fields[0].shape[1])
            _sweep(fields, lines)
            _sweep(fields, lines[::-1])
    return np.asarray(cv2.resize(cost.sum(axis=0), (rgb.shape[1], rgb.shape[0])), np.float32)


def _sweep(fields: list[Float], lines: range) -> None:
    """Goes from line to line; where a place is better reached from the line before, that is how it is reached. fields: what is
    seen, what it costs to get there, and the highest and lowest that was seen on the way, all changed in place."""
    seen, cost, high, low = fields
    for before, line in pairwise(lines):
        most, least = np.maximum(high[:, before], seen[:, line]), np.minimum(low[:, before], seen[:, line])
        better = most - least < cost[:, line]
        cost[:, line][better] = (most - least)[better]
        high[:, line][better] = most[better]
        low[:, line][better] = least[better]


def unlike_groups(colours: Float, of: Float, groups: int) -> Float:
    """How far each place's colour (H, W, 3) is from the nearest of the groups that `of` (n, 3) forms (k-means)."""
    cv2.setRNGSeed(1)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    best = np.zeros((len(of), 1), np.int32)
    centres = np.asarray(cv2.kmeans(of, min(groups, len(of)), best, stop, 2, cv2.KMEANS_PP_CENTERS)[2], np.float32)
    return np.asarray(np.min(np.linalg.norm(colours[:, :, None] - centres[None, None], axis=3), axis=2), np.float32)


def unlike_border(rgb: UInt8) -> Float:
    """How far each place's colour is from the eight groups of colours along the frame's border."""
    colours = lab(rgb)
    deep = max(2, rgb.shape[1] // 24)
    strips = (colours[:, :deep], colours[:, -deep:], colours[:deep])
    return unlike_groups(colours, np.concatenate([strip.reshape(-1, 3) for strip in strips]), 8)


def unlike_sides(rgb: UInt8) -> Float:
    """How far each place's colour is from the spread of those along a side (Mahalanobis), the median of three sides."""
    colours = lab(rgb)
    deep = max(2, rgb.shape[1] // 12)
    away = []
    for strip in (colours[:, :deep], colours[:, -deep:], colours[:deep]):
        spread = np.linalg.inv(np.cov(strip.reshape(-1, 3).T) + np.eye(3) * 20)
        offset = colours - strip.reshape(-1, 3).mean(axis=0)
        away.append(np.sqrt(np.einsum("hwi,ij,hwj->hw", offset, spread, offset)))
    return np.asarray(np.median(away, axis=0), np.float32)


def catches_the_eye(rgb: UInt8) -> Float:
    """What a crop would keep, spread out over a few percent of the frame."""
    seen = spectral_residual(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32))
    return np.asarray(cv2.GaussianBlur(seen / max(float(seen.max()), 1e-9), (0, 0), 0.03 * rgb.shape[1]), np.float32)


def near_the_middle(shape: tuple[int, ...]) -> Float:
    """(H, W) 1 in the middle of a frame, a little below its half, falling off towards the sides."""
    height, width = shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    across, down = (columns / width - 0.5) / 0.30, (rows / height - 0.55) / 0.36
    return np.asarray(np.exp(-0.5 * (across**2 + down**2)), np.float32)


def to_one(values: Float) -> Float:
    """Stretched so that the upper fiftieth of all places has 1."""
    return np.asarray(np.clip(values / max(float(np.percentile(values, 98)), 1e-6), 0, 1), np.float32)
