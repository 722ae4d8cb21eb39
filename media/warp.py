"""Samples and blends I420 frames, or parts of them, along coarse fields. Decides no motion itself."""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from media.colour import planes_of
from media.film_format import Size
from media.geometry import Float, UInt8

PAD = 16
"""How far the edge of a frame is drawn out, so that neither the sampling kernel nor half a cell of a coarse field that is
clipped to the frame reaches beyond the picture."""


class Region(NamedTuple):
    """Part of a frame, in pixels; all of them even."""

    left: int
    top: int
    right: int
    bottom: int

    def points(self, step: int) -> Float:
        """(h, w, 2) frame positions of the points of a coarse field over the region, about `step` pixels apart."""
        axes = []
        for low, high in ((self.left, self.right), (self.top, self.bottom)):
            count = max(2, round((high - low) / step))
            axes.append((low + (np.arange(count) + 0.5) * ((high - low) / count) - 0.5).astype(np.float32))
        return np.ascontiguousarray(np.dstack(np.meshgrid(*axes)))

    def of(self, plane: npt.NDArray[Any], part: int = 1) -> npt.NDArray[Any]:
        """A view of the region in a plane of the frame, or of 1 / `part` of its size."""
        return plane[self.top // part : self.bottom // part, self.left // part : self.right // part]


FINE = 2
"""How much larger the luma is drawn once that a sharp frame is sampled from: linear sampling of that looks like cubic sampling
of the frame (58 to 68 dB between them, the truth as near on seven scenes) in two fifths of the time."""


class Source:
    """A frame to sample from. Its edge is drawn out once: OpenCV's own border handling costs 5 ms a frame where a map
    looks far outside, clipping the coarse field nothing that can be measured.

    `fine`: its luma, FINE times as large; every FINE-th pixel of that is one of the frame's, so that what rests stays sharp.
    """

    def __init__(self, planes: UInt8) -> None:
        self.planes = planes
        self.padded = tuple(
            np.asarray(cv2.copyMakeBorder(plane, PAD, PAD, PAD, PAD, cv2.BORDER_REPLICATE), np.uint8)
            for plane in planes_of(planes)
        )
        larger, (rows, columns) = np.array([[FINE, 0, 0], [0, FINE, 0]], np.float64), self.padded[0].shape
        self.fine = np.asarray(cv2.warpAffine(self.padded[0], larger, (FINE * columns, FINE * rows), flags=cv2.INTER_CUBIC,
                                              borderMode=cv2.BORDER_REPLICATE), np.uint8)


class Warper:
    """Warps frames of one size. A coarse field is (h, w, 2) over a region: where each point looks, as an offset in pixels.

    Fields and weights are computed coarsely and scaled up, since motion is smooth and a map of 720p costs ten times as
    much; offsets are scaled, not positions, so that the frame's edge stays where it is. The maps live in buffers of the
    warper (fresh memory for them cost more than the warp: 9 ms a frame), so it belongs to one thread.
    """

    def __init__(self, size: Size) -> None:
        self.whole = Region(0, 0, *size)
        self._size = size
        self._luma, self._chroma = _Maps(size, 1), _Maps(size, 2)
        self._fine = _Maps(size, 1, FINE)

    def sample(self, source: Source, offset: Float, into: UInt8, region: Region | None = None, *, fine: bool = True) -> None:
        """Draws the frame as seen through the field into a region of `into` (I420). Outside the frame its edge goes on.

        `fine`: luma is sampled as if cubically, so that a moving frame is as sharp as a resting one; linearly otherwise.
        """
        region = region or self.whole
        inside = self._kept_inside(offset, region)
        (luma, *chroma), (to_luma, *to_chroma) = source.padded, planes_of(into)
        maps = (self._fine if fine else self._luma).look(inside, region)
        cv2.remap(source.fine if fine else luma, *maps, cv2.INTER_LINEAR, dst=region.of(to_luma))
        look = self._chroma.look(inside, region)
        for plane, to_plane in zip(chroma, to_chroma, strict=True):
            cv2.remap(plane, *look, cv2.INTER_LINEAR, dst=region.of(to_plane, 2))

    def _kept_inside(self, offset: Float, region: Region) -> list[Float]:
        """x and y of the field, so that every point of it looks into the frame or just beyond its edge."""
        rows, columns = offset.shape[:2]
        places = []
        for axis, (low, high, count) in enumerate(((region.left, region.right, columns), (region.top, region.bottom, rows))):
            spots = (low + (np.arange(count) + 0.5) * ((high - low) / count) - 0.5).astype(np.float32)
            spots = spots[None, :] if axis == 0 else spots[:, None]
            places.append(np.asarray(np.clip(offset[..., axis] + spots, -1, self._size[axis]) - spots, np.float32))
        return places

    def blend(self, one: UInt8, other: UInt8, weight: Float, into: UInt8, region: Region | None = None) -> None:
        """`other` over `one` by a coarse (h, w) weight from 0 to 1, in a region of all three (I420)."""
        region = region or self.whole
        for part, planes in ((1, (0,)), (2, (1, 2))):
            weights = (self._luma if part == 1 else self._chroma).weigh(weight, region)
            for plane in planes:
                under, over, to_plane = (region.of(planes_of(frame)[plane], part) for frame in (one, other, into))
                cv2.blendLinear(under, over, *weights, dst=to_plane)


class _Maps:
    """Full-size maps and weights for planes of 1 / `part` of a size, in memory that is used again and again. What the maps
    look into is `zoom` times as large as such a plane."""

    def __init__(self, size: Size, part: int, zoom: int = 1) -> None:
        self._part, self._scale = part, np.float32(zoom / part)
        columns, rows = np.meshgrid(*((np.arange(side // part, dtype=np.float32) + PAD) * zoom for side in size))
        self._points = (columns, rows)
        self._maps = (np.empty_like(columns), np.empty_like(columns))

    def look(self, offset: list[Float], region: Region) -> tuple[Float, Float]:
        """Where in the padded plane each pixel looks: x and y. Valid until the next call."""
        found = []
        for coarse, points, maps in zip(offset, self._points, self._maps, strict=True):
            into = region.of(maps, self._part)
            cv2.resize(coarse * self._scale, into.shape[::-1], dst=into, interpolation=cv2.INTER_LINEAR)
            cv2.add(into, region.of(points, self._part), dst=into)
            found.append(into)
        return found[0], found[1]

    def weigh(self, weight: Float, region: Region) -> tuple[Float, Float]:
        """The weights of what is under and what is over, for each pixel. Valid until the next call."""
        under, over = (region.of(maps, self._part) for maps in self._maps)
        cv2.resize(weight, over.shape[::-1], dst=over, interpolation=cv2.INTER_LINEAR)
        np.subtract(1, over, out=under)
        return under, over
