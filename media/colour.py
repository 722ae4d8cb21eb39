"""RGB to and from the planes a film is encoded from (I420, BT.709, limited range). One conversion for everybody."""

from __future__ import annotations

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange, Colorspace, Interpolation

UInt8 = npt.NDArray[np.uint8]


def rgb_to_i420(rgb: UInt8) -> UInt8:
    """(H, W, 3) RGB, full range -> (H * 3 // 2, W) planes Y, U, V, BT.709 limited range. H and W are even."""
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
    planes = frame.reformat(
        format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG, interpolation=Interpolation.AREA
    )
    return np.asarray(planes.to_ndarray(), dtype=np.uint8)


def i420_to_rgb(planes: UInt8) -> UInt8:
    """(H * 3 // 2, W) planes, BT.709 limited range -> (H, W, 3) RGB, full range."""
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(planes), format="yuv420p")
    frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.MPEG
    rgb = frame.reformat(
        format="rgb24", src_colorspace=Colorspace.ITU709, src_color_range=ColorRange.MPEG, interpolation=Interpolation.BICUBIC
    )
    return np.asarray(rgb.to_ndarray(), dtype=np.uint8)
