"""What shape the white of a mask has, and the mask of what lies around a box. Looks at no picture and paints nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from media.film_format import Size
    from media.salience import Box

UInt8 = npt.NDArray[np.uint8]


class Sides(NamedTuple):
    """Pixels around a rectangle, on each side."""

    top: int
    bottom: int
    left: int
    right: int

    def within(self, picture: UInt8) -> UInt8:
        """The part of (H, W, ...) that lies inside."""
        height, width = picture.shape[:2]
        return picture[self.top : height - self.bottom, self.left : width - self.right]


def frame_around(mask: UInt8, *, least_side: int = 1) -> Sides | None:
    """Of (H, W), white where it is to be painted: how much of it is white on each side of a black rectangle.

    None where the black is no rectangle, has a side shorter than `least_side`, or fills the mask.
    """
    black = mask == 0
    rows, columns = np.flatnonzero(black.any(axis=1)), np.flatnonzero(black.any(axis=0))
    if min(rows.size, columns.size) < least_side:
        return None
    sides = Sides(int(rows[0]), len(mask) - 1 - int(rows[-1]), int(columns[0]), mask.shape[1] - 1 - int(columns[-1]))
    return sides if max(sides) > 0 and not sides.within(mask).any() else None


def all_but(kept: Box, size: Size) -> UInt8:
    """(H, W) of `size`: white, to be painted, with a black box in it. Its edge is hard, so that `frame_around` finds it."""
    mask = np.full((size.height, size.width), 255, np.uint8)
    mask[kept.y : kept.y + kept.height, kept.x : kept.x + kept.width] = 0
    return mask
