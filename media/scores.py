"""What can be measured of a picture, and of two: edges, contrast, palette, structure, change. Judges nothing by it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

UInt8 = npt.NDArray[np.uint8]
Float = npt.NDArray[np.float32]

FINE, COARSE = 512, 128
"""Longer sides at which edges are looked at: narrow blurs show in the one, wide ones only in the other."""
_REBLUR = 1.5
_TILES = 8
_PALETTE_SIDE = 64
_ZOOMS = (0.55, 0.65, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.8)


def edge_width(rgb: UInt8) -> float:
    """How wide the sharpest edges are, as the sigma of a blur in pixels of a picture whose longer side is 512.

    A picture with one sharp part has sharp edges, however soft the rest. Zhuo and Sim 2011, "Defocus map estimation from a
    single image": the ratio of gradients before and after a blur that is known.
    """
    fine = _edge_sigma(_grey(rgb, FINE))
    coarse = _edge_sigma(_grey(rgb, COARSE)) if max(rgb.shape[:2]) >= 2 * COARSE else 0.0
    return max(fine, coarse * FINE / COARSE) if coarse > _REBLUR else fine


def sharpness(rgb: UInt8) -> float:
    """0 (all edges are wide) to 1 (as sharp as pixels allow): for comparing pictures of one prompt."""
    return float(1 / (1 + (edge_width(rgb) / 1.5) ** 2))


def contrast(rgb: UInt8) -> float:
    """How far the 1st and the 99th percentile lie apart in the channel where that is most: 0 to 255. 0 is one colour."""
    small = cv2.resize(rgb, (COARSE, COARSE), interpolation=cv2.INTER_AREA)
    low, high = np.percentile(small.reshape(-1, 3), (1, 99), axis=0)
    return float((high - low).max())


def most_changed(one: UInt8, other: UInt8) -> float:
    """The mean difference of two pictures in the one of 64 tiles where it is greatest: 0 to 255.

    Noise, another encoding or a retouched pixel stay below 2; whatever moves shows in its tile.
    """
    a, b = (cv2.GaussianBlur(_small(rgb, 256), (0, 0), 1.2).astype(np.float32) for rgb in (one, _same_shape(other, one)))
    away = np.abs(a - b).mean(axis=2)
    tiles = cv2.resize(away, (_TILES, _TILES), interpolation=cv2.INTER_AREA)
    return float(tiles.max())


def palette_distance(one: UInt8, other: UInt8) -> float:
    """How far the colours of one picture are from those of the other, wherever they are: mean distance in CIE Lab.

    The sliced Wasserstein distance (Rabin et al. 2011): sorted along 14 directions. 0 is the same colours, 2.3 just seen.
    """
    a, b = _lab_points(one), _lab_points(other)
    along = _directions()
    return float(np.abs(np.sort(a @ along, axis=0) - np.sort(b @ along, axis=0)).mean() * 2)


def structure(one: UInt8, other: UInt8) -> float:
    """How well the middle of one picture is found again in the other, larger or smaller, wherever it went: 0 to 1.

    The best normalised correlation of luma over shifts and zooms from 0.55 to 1.8.
    """
    return max(_found_again(one, other), _found_again(other, one))


def _found_again(one: UInt8, other: UInt8) -> float:
    whole = _grey(_same_shape(other, one), 96).astype(np.float32)
    height, width = whole.shape
    part = _grey(one, 96)[height // 5 : height - height // 5, width // 5 : width - width // 5].astype(np.float32)
    best = 0.0
    for zoom in _ZOOMS:
        size = (round(part.shape[1] * zoom), round(part.shape[0] * zoom))
        if size[0] <= width and size[1] <= height and min(size) >= 8:
            scaled = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
            if scaled.std() > 1:
                best = max(best, float(cv2.matchTemplate(whole, scaled, cv2.TM_CCOEFF_NORMED).max()))
    return min(best, 1.0)


def _edge_sigma(grey: UInt8) -> float:
    sharp = _gradient(grey.astype(np.float32))
    soft = _gradient(cv2.GaussianBlur(grey, (0, 0), _REBLUR).astype(np.float32))
    strongest = sharp >= np.percentile(sharp, 99.5)
    ratio = float(np.median(sharp[strongest] / np.maximum(soft[strongest], 1e-3)))
    return float(_REBLUR / np.sqrt(max(ratio * ratio - 1, 1e-3)))


def _gradient(grey: Float) -> Float:
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=3)
    return np.asarray(np.hypot(across, down), np.float32)


def _small(rgb: UInt8, side: int) -> UInt8:
    """The picture with a longer side of at most `side`."""
    height, width = rgb.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def _grey(rgb: UInt8, side: int) -> UInt8:
    return np.asarray(cv2.cvtColor(_small(rgb, side), cv2.COLOR_RGB2GRAY), np.uint8)


def _same_shape(rgb: UInt8, as_this: UInt8) -> UInt8:
    if rgb.shape == as_this.shape:
        return rgb
    return np.asarray(cv2.resize(rgb, (as_this.shape[1], as_this.shape[0]), interpolation=cv2.INTER_AREA), np.uint8)


def _lab_points(rgb: UInt8) -> Float:
    small = cv2.resize(rgb, (_PALETTE_SIDE, _PALETTE_SIDE), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return np.asarray(lab.reshape(-1, 3), np.float32)


def _directions() -> Float:
    """(3, 14) the axes of Lab, and the diagonals between two and between three of them."""
    steps = [(x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1) if (x, y, z) > (0, 0, 0)]
    found = np.array(steps, np.float32).T
    return np.asarray(found / np.linalg.norm(found, axis=0), np.float32)
