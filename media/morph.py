"""The frames between two frames that show the same thing, along the motion found between them. Finds no motion itself."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from media.film_format import Size
from media.flow import Float, Grid, Motion, look_up
from media.warp import Source, UInt8, Warper

MAP_SIDE = 240
"""The longer side of the maps. Measured on five photographed scenes: 160, 240, 320 and 640 are within 0.1 dB."""


class Morph:
    """Every point of the picture travels at constant speed (in zoom and angle as well) from where it is in the first frame
    to where it is in the last one; the look goes over on the way."""

    def __init__(self, first: UInt8, last: UInt8, motion: Motion) -> None:
        self.motion = motion
        self._first, self._last = Source(first), Source(last)
        frame = motion.grid.frame
        self._warper = Warper(frame)
        self._early, self._late = np.empty_like(first), np.empty_like(last)
        scale = min(1.0, MAP_SIDE / max(frame))
        self._grid = Grid(Size(max(2, round(frame.width * scale)), max(2, round(frame.height * scale))), frame)
        self._forward, self._backward = (
            np.asarray(cv2.resize(field, self._grid.raster, interpolation=cv2.INTER_AREA), np.float32)
            for field in (motion.forward, motion.backward)
        )

    def frame(self, t: float) -> UInt8:
        """The frame at `t` from 0 (exactly the first) to 1 (exactly the last), I420."""
        if t <= 0 or t >= 1:
            return self._first.planes if t <= 0 else self._last.planes
        in_first = _look_back(self._grid, self._forward, t, self.motion.similarity.at(-t))
        in_last = _look_back(self._grid, self._backward, 1 - t, self.motion.similarity.at(1 - t))
        weight = _weight(self._grid, in_first, in_last, t)
        # The frame that is seen most decides how sharp the picture is; the kernel of the other cannot be told (0.1 dB).
        self._warper.sample(self._first, in_first - self._grid.points, self._early, fine=t <= 0.5)
        self._warper.sample(self._last, in_last - self._grid.points, self._late, fine=t > 0.5)
        return self._warper.blend(self._early, self._late, weight)


def _look_back(grid: Grid, field: Float, part: float, matrix: npt.NDArray[np.float64]) -> Float:
    """Where each point of the made frame was in the frame that `field` starts from, `part` of the way ago.

    A point p has come to S(p + part * field(p)). Undoing S gives u; p = u - part * field(p) is solved by iteration, which
    converges where the field bends less than a fold.
    """
    target = grid.in_raster(np.asarray(cv2.transform(grid.points, matrix), np.float32))
    way = np.float32(part) * grid.scaled_down(field)
    found = target
    for _ in range(3):
        found = target - look_up(way, found)
    return grid.in_frame(found)


def _weight(grid: Grid, in_first: Float, in_last: Float, t: float) -> Float:
    """(h, w) how much of the last frame is seen: more with time, more towards the edges of the first frame, less towards
    its own, all of it where the first frame has nothing to show, and the other way round."""
    mixed = np.float32(t * t * (3 - 2 * t))
    depth_first, depth_last = _depth(grid, in_first), _depth(grid, in_last)
    far_first, far_last = _far_from_edge(grid, depth_first, t), _far_from_edge(grid, depth_last, 1 - t)
    last = mixed * far_last + (1 - mixed) * (1 - far_first)
    shown_first, shown_last = (np.clip(1 + depth / 2, 1e-3, 1) for depth in (depth_first, depth_last))
    return np.asarray(last * shown_last / (last * shown_last + (1 - last) * shown_first), np.float32)


def _depth(grid: Grid, at: Float) -> Float:
    """(h, w) how far inside the frame each position is, in pixels; negative outside."""
    sides = [np.minimum(at[..., axis], np.float32(grid.frame[axis] - 1) - at[..., axis]) for axis in (0, 1)]
    return np.asarray(np.minimum(sides[0], sides[1]), np.float32)


def _far_from_edge(grid: Grid, depth: Float, part: float) -> Float:
    """(h, w) 1 well inside the frame, falling to 0 at its edge; 1 all over when the frame is itself again (part 0).

    The fall is wide, because pictures are darker towards their edges: a narrow one shows as a picture in the picture.
    """
    wide = np.float32(max(1.0, 0.3 * min(grid.frame) * min(1.0, 4 * part)))
    inside = np.clip(depth / wide + 1 / wide, 0, 1)
    return np.asarray(inside * inside * (3 - 2 * inside), np.float32)
