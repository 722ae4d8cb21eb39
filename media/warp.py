"""Samples and blends I420 frames along coarse fields. Decides no motion itself."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from media.colour import planes_of
from media.film_format import Size

UInt8 = npt.NDArray[np.uint8]
Float = npt.NDArray[np.float32]


PAD = 3
"""How far the edge of a frame is drawn out, so that the sampling kernel never reaches beyond the picture."""


class Source:
    """A frame to sample from. Its edge is drawn out once: OpenCV's own border handling costs 5 ms a frame where a map
    looks far outside, clipping the map to a padded picture nothing that can be measured."""

    def __init__(self, planes: UInt8) -> None:
        self.planes = planes
        self.padded = tuple(
            np.asarray(cv2.copyMakeBorder(plane, PAD, PAD, PAD, PAD, cv2.BORDER_REPLICATE), np.uint8)
            for plane in planes_of(planes)
        )


class Warper:
    """Warps frames of one size. A coarse field is (h, w, 2): where each point of the frame looks, as an offset in pixels.

    Fields and weights are computed coarsely and scaled up, since motion is smooth and a map of 720p costs ten times as
    much; offsets are scaled, not positions, so that the frame's edge stays where it is. The maps live in buffers of the
    warper (fresh memory for them cost more than the warp: 9 ms a frame), so it belongs to one thread.
    """

    def __init__(self, size: Size) -> None:
        self._luma, self._chroma = _Maps(size), _Maps(Size(size.width // 2, size.height // 2))

    def sample(self, source: Source, offset: Float, into: UInt8 | None = None, *, fine: bool = True) -> UInt8:
        """The frame seen through the field, I420, in `into` if given. Outside the frame its edge goes on.

        `fine`: luma is sampled cubically, so that a moving frame is as sharp as a resting one; linearly otherwise.
        """
        seen = np.empty_like(source.planes) if into is None else into
        (luma, *chroma), (to_luma, *to_chroma) = source.padded, planes_of(seen)
        kernel = cv2.INTER_CUBIC if fine else cv2.INTER_LINEAR
        cv2.remap(luma, *self._luma.look(offset, 1.0), kernel, dst=to_luma)
        look = self._chroma.look(offset, 0.5)
        for plane, to_plane in zip(chroma, to_chroma, strict=True):
            cv2.remap(plane, *look, cv2.INTER_LINEAR, dst=to_plane)
        return seen

    def blend(self, one: UInt8, other: UInt8, weight: Float) -> UInt8:
        """`other` over `one` by a coarse (h, w) weight from 0 to 1."""
        mixed = np.empty_like(one)
        weights = (self._luma.weigh(weight), self._chroma.weigh(weight))
        planes = zip(planes_of(one), planes_of(other), planes_of(mixed), (0, 1, 1), strict=True)
        for under, over, into, kind in planes:
            cv2.blendLinear(under, over, *weights[kind], dst=into)
        return mixed


class _Maps:
    """Full-size maps and weights for planes of one size, in memory that is used again and again."""

    def __init__(self, size: Size) -> None:
        self._size = size
        columns, rows = np.meshgrid(np.arange(size.width, dtype=np.float32), np.arange(size.height, dtype=np.float32))
        self._points = (columns + PAD, rows + PAD)
        self._maps = (np.empty_like(columns), np.empty_like(columns))

    def look(self, offset: Float, scale: float) -> tuple[Float, Float]:
        """Where in the padded plane each pixel looks: x and y. Valid until the next call."""
        for axis, (points, into) in enumerate(zip(self._points, self._maps, strict=True)):
            coarse = np.ascontiguousarray(offset[..., axis]) * np.float32(scale)
            cv2.resize(coarse, self._size, dst=into, interpolation=cv2.INTER_LINEAR)
            cv2.add(into, points, dst=into)
            np.clip(into, 1, self._size[axis] + 2 * PAD - 3, out=into)
        return self._maps

    def weigh(self, weight: Float) -> tuple[Float, Float]:
        """The weights of what is under and what is over, for each pixel. Valid until the next call."""
        under, over = self._maps
        cv2.resize(weight, self._size, dst=over, interpolation=cv2.INTER_LINEAR)
        np.subtract(1, over, out=under)
        return self._maps
