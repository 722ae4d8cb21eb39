"""Coarse fields over a frame and moves of the whole plane. Finds nothing in pictures."""

from __future__ import annotations

import cmath
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from media.film_format import Size

UInt8 = npt.NDArray[np.uint8]
Float = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Similarity:
    """z -> turn * z + shift over frame pixels as complex numbers: zoom and rotation are `turn`, translation is `shift`."""

    turn: complex = 1.0 + 0j
    shift: complex = 0j

    def at(self, t: float) -> npt.NDArray[np.float64]:
        """(2, 3) matrix of the similarity raised to the power `t`: 0 is rest, 1 the whole move, -1 its inverse.

        With turn = exp(w), f^t(z) = exp(t w) z + shift * (exp(t w) - 1) / (exp(w) - 1): constant speed in zoom and angle.
        """
        part = cmath.exp(t * cmath.log(self.turn))
        way = t + 0j if abs(self.turn - 1) < 1e-9 else (part - 1) / (self.turn - 1)
        moved = self.shift * way
        return np.array([[part.real, -part.imag, moved.real], [part.imag, part.real, moved.imag]])

    @property
    def is_plausible(self) -> bool:
        """A camera between two keyframes of a scene zooms by less than 5 and rolls by less than 45 degrees."""
        return 0.2 < abs(self.turn) < 5 and abs(cmath.phase(self.turn)) < cmath.pi / 4


@dataclass(frozen=True)
class Grid:
    """A coarse raster of points over a frame; a field has one vector, in frame pixels, for each of them."""

    raster: Size
    frame: Size

    @cached_property
    def points(self) -> Float:
        """(h, w, 2) x and y of each point, in frame pixels."""
        columns, rows = np.meshgrid(np.arange(self.raster.width), np.arange(self.raster.height))
        return self.in_frame(np.stack([columns, rows], axis=-1))

    @cached_property
    def _step(self) -> Float:
        """Frame pixels per raster point."""
        return np.divide(self.frame, self.raster, dtype=np.float32)

    def in_raster(self, at: npt.NDArray[np.floating]) -> Float:
        """Frame pixels -> raster positions (the centre of the first point is 0)."""
        return _scaled(at, 1 / self._step.astype(np.float64))

    def in_frame(self, spots: npt.NDArray[np.floating]) -> Float:
        """Raster positions -> frame pixels."""
        return _scaled(spots, self._step.astype(np.float64))

    def scaled_down(self, field: Float) -> Float:
        """Vectors in frame pixels -> in raster points."""
        return np.asarray(field / self._step, np.float32)

    def sample(self, field: Float, at: Float) -> Float:
        """What a field shows at (h, w, 2) frame positions; its edge goes on outside."""
        return look_up(field, self.in_raster(at))

    def sample_picture(self, picture: UInt8, at: Float) -> UInt8:
        """What a picture of raster size shows at (h, w, 2) frame positions; its edge goes on outside."""
        return np.asarray(look_up(picture, self.in_raster(at)), np.uint8)

    def inside(self, at: Float) -> npt.NDArray[np.bool_]:
        """(h, w) whether each position lies in the frame."""
        x, y = at[..., 0], at[..., 1]
        return np.asarray((x >= 0) & (x <= self.frame.width - 1) & (y >= 0) & (y <= self.frame.height - 1))


def _scaled(at: npt.NDArray[np.floating], by: npt.NDArray[np.float64]) -> Float:
    """Positions in x and y scaled so that the corners of the first points coincide. OpenCV is quicker at it than numpy."""
    matrix = np.array([[by[0], 0, 0.5 * by[0] - 0.5], [0, by[1], 0.5 * by[1] - 0.5]])
    spots = np.asarray(at, np.float32)
    return np.asarray(cv2.transform(spots.reshape(-1, 1, 2), matrix), np.float32).reshape(spots.shape)


def look_up(table: npt.NDArray[Any], at: Float) -> npt.NDArray[Any]:
    """(h, w, 2) raster positions -> what is there, linearly interpolated; the edge goes on outside."""
    remap: Any = cv2.remap  # its types do not know that the second map may be left out
    return np.asarray(remap(table, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
