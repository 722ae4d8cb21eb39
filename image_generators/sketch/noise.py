"""Noise that everything natural is made of: one cached tile and ridges along a line. Knows no scene."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from runtime.allocator import while_used

Array = npt.NDArray[Any]
TILE = 512


@while_used
@lru_cache(maxsize=24)
def tile(kind: int = 0, slope: float = 1.7) -> Array:
    """(512, 512) float32 of 0 to 1 that repeats at its borders: noise with a spectrum of 1 / f ** slope."""
    random = np.random.default_rng(971 + kind)
    spectrum = np.fft.rfft2(random.standard_normal((TILE, TILE)))
    across, down = np.fft.rfftfreq(TILE)[None, :], np.fft.fftfreq(TILE)[:, None]
    spectrum *= 1 / np.maximum(np.hypot(across, down), 1.5 / TILE) ** slope
    field = np.fft.irfft2(spectrum, s=(TILE, TILE))
    low, high = np.percentile(field, (1, 99))
    return np.asarray(np.clip((field - low) / (high - low), 0, 1), dtype=np.float32)


def sample(x: Array | np.float32, y: Array | np.float32, kind: int = 0, slope: float = 1.7) -> Array:
    """The tile at the points (x, y), in tile widths; the arrays are broadcast. float32 of 0 to 1."""
    wide, high = np.broadcast_arrays(x, y)
    across, down = (_wrapped(points) for points in (wide, high))
    return np.asarray(cv2.remap(tile(kind, slope), across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP))


def _wrapped(points: Array) -> npt.NDArray[np.float32]:
    flat: npt.NDArray[np.float32] = points.astype(np.float32)
    flat -= np.floor(flat)
    flat *= TILE
    return flat


def along(x: Array, seed: int) -> Array:
    """Smooth noise of 0 to 1 at the points x: a new value at every whole number."""
    cell = np.floor(x)
    part = x - cell
    part = part * part * (3 - 2 * part)
    return np.asarray(_hash(cell, seed) * (1 - part) + _hash(cell + 1, seed) * part)


def _hash(cell: Array, seed: int) -> Array:
    mixed = (cell.astype(np.int64) * 374761393 + seed * 668265263) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 13)) * 1274126177) & 0xFFFFFFFF
    return ((mixed ^ (mixed >> 16)) & 0xFFFF) / 65535.0


def hills(x: Array, seed: int, octaves: int = 5, rough: float = 0.5) -> Array:
    """Rolling ground along a line, 0 to about 1."""
    total, size, most = np.zeros_like(x, dtype=np.float64), 1.0, 0.0
    for octave in range(octaves):
        total += size * along(x * 2**octave + 17.3 * octave, seed + octave)
        most += size
        size *= rough
    return total / most


def crags(x: Array, seed: int, octaves: int = 6, rough: float = 0.5) -> Array:
    """Sharp ridges along a line, 0 to about 1."""
    total, size, most = np.zeros_like(x, dtype=np.float64), 1.0, 0.0
    for octave in range(octaves):
        total += size * (1 - np.abs(2 * along(x * 2**octave + 9.1 * octave, seed + octave) - 1))
        most += size
        size *= rough
    return total / most
