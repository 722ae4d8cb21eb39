"""A camera that moves over a still, and the dissolve from one such still to another. Knows nothing of what is on them."""

from __future__ import annotations

import math
from functools import cached_property

import cv2
import numpy as np

from media.film_format import Size
from media.geometry import Float, Grid, UInt8
from media.warp import Source, Warper

TOWARDS = {
    "push_in": (0.0, 0.0), "pull_out": (0.0, 0.0), "static": (0.0, 0.0),
    "pan_left": (-1.0, 0.0), "pan_right": (1.0, 0.0), "tilt_up": (0.0, -1.0), "tilt_down": (0.0, 1.0),
}
ZOOM_PER_S = 0.022
ZOOM_AT_MOST = 0.2
"""Slow enough for a chain of stills to stay sharp: 11 % in 5 s, never more than 22 %."""
RASTER_SIDE = 80


def eased(t: float) -> float:
    """Half even, half smooth: a move starts and ends at half its mean speed, so that it neither jerks into motion at a
    cut nor stops dead where the next segment carries it on."""
    return 0.5 * t + 0.5 * t * t * (3 - 2 * t)


class StillCamera:
    """A camera on one still. At position 0 it shows exactly the still; before 0 it is on its way there, after 0 it leaves.

    A pan or a tilt has no picture beyond the edge to go to. Leaving, the camera closes in on the side it looks to, that
    side's edge resting; arriving, it opens from the other side. The middle of the picture moves one way all along.
    A push in can leave like that, and a pull out arrive. The other way round there would be a border, so there the edge
    of the picture rests and the middle moves, as in a lens that breathes.
    """

    def __init__(self, still: UInt8, size: Size, move: str, seconds: float) -> None:
        self._still = Source(still)
        self._move = move
        self._zoom = min(ZOOM_PER_S * seconds, ZOOM_AT_MOST)
        self._warper = Warper(size)
        scale = min(1.0, RASTER_SIDE / max(size))
        self._grid = Grid(Size(max(2, round(size.width * scale)), max(2, round(size.height * scale))), size)

    def frame(self, position: float, into: UInt8 | None = None) -> UInt8:
        """The frame at a position from -1 to 1 (in lengths of the whole move), I420; drawn into `into` where it moves."""
        if position == 0 or self._move == "static":
            return self._still.planes
        drawn = np.empty_like(self._still.planes) if into is None else into
        self._warper.sample(self._still, self._offset(position), drawn)
        return drawn

    def _offset(self, position: float) -> Float:
        zoom = math.exp(-self._zoom * abs(position))
        if (self._move == "push_in" and position < 0) or (self._move == "pull_out" and position > 0):
            return np.asarray((1 / zoom - 1) * self._bulge, np.float32)
        side = math.copysign(1.0, position)
        rests = np.array([side * part for part in TOWARDS[self._move]], np.float32)
        return np.asarray((zoom - 1) * (self._from_middle - rests * self._reach), np.float32)

    @cached_property
    def _reach(self) -> Float:
        """From the middle of the frame to its edges."""
        return np.asarray((np.array(self._grid.frame) - 1) / 2, np.float32)

    @cached_property
    def _from_middle(self) -> Float:
        return np.asarray(self._grid.points - self._reach, np.float32)

    @cached_property
    def _bulge(self) -> Float:
        """A zoom by 1 that fades to nothing at the edges, without a fold up to a zoom of ZOOM_AT_MOST."""
        near = np.clip(1 - np.square(self._from_middle / self._reach), 0, 1)
        return np.asarray(self._from_middle * near.prod(axis=-1, keepdims=True), np.float32)


class Dissolve:
    """From one still to another while the camera moves over both in the same direction and at the same pace.

    Begins as exactly the first, ends as exactly the last. The dissolve itself takes up to 1.2 s around the middle, so that
    each picture can be seen alone.
    """

    def __init__(self, first: UInt8, last: UInt8, size: Size, move: str, seconds: float) -> None:
        self._leaving = StillCamera(first, size, move, seconds)
        self._arriving = StillCamera(last, size, move, seconds)
        self._buffers = (np.empty_like(first), np.empty_like(last))
        self._share = min(1.2, 0.4 * seconds) / seconds

    def frame(self, t: float) -> UInt8:
        """The frame at `t` from 0 (exactly the first) to 1 (exactly the last), I420."""
        mixed = self.mixed(t)
        if mixed <= 0:
            return self._leaving.frame(eased(t))
        if mixed >= 1:
            return self._arriving.frame(eased(t) - 1)
        leaving = self._leaving.frame(eased(t), self._buffers[0])
        arriving = self._arriving.frame(eased(t) - 1, self._buffers[1])
        return np.asarray(cv2.addWeighted(leaving, 1 - mixed, arriving, mixed, 0), np.uint8)

    def mixed(self, t: float) -> float:
        """How much of the last still is seen at `t`, 0 to 1."""
        part = min(max((t - 0.5) / self._share + 0.5, 0.0), 1.0)
        return part * part * (3 - 2 * part)
