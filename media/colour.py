"""RGB to and from the planes a film is encoded from (I420, BT.709, limited range). One conversion for everybody."""

from __future__ import annotations

import math
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from media.film_format import Size

UInt8 = npt.NDArray[np.uint8]

# What a frame says of itself (AVColorSpace, ITU-T H.273 table 4) -> what the scaler is told.
_MATRICES = {
    1: Colorspace.ITU709, 4: Colorspace.FCC, 5: Colorspace.ITU601, 6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M, 9: Colorspace.BT2020, 10: Colorspace.BT2020,
}
_HD_HEIGHT = 720

# Without the last three the scaler darkens RGB by 1 to 2 steps each time (measured over 144 colours: mean -0.9 to -1.4, with
# them 0.1), which a film made in chaining mode would gather up segment by segment.
_EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP


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
    return frame_to_rgb(frame)


def frame_to_rgb(frame: VideoFrame, pixel_shape: Fraction | None = None) -> UInt8:
    """A decoded frame, of any colour space and range -> (H, W, 3) RGB as it is to be shown: upright, square pixels."""
    width = round(frame.width * (pixel_shape or 1))
    rgb = frame.reformat(
        width=width, format="rgb24", src_colorspace=_matrix(frame), src_color_range=_range(frame),
        interpolation=_EXACT,
    )
    upright = np.rot90(np.asarray(rgb.to_ndarray(), dtype=np.uint8), frame.rotation // 90)
    return np.ascontiguousarray(upright)


def frame_to_i420(frame: VideoFrame, size: Size, pixel_shape: Fraction | None = None) -> UInt8:
    """A decoded frame -> I420 planes, BT.709 limited, of `size`: scaled until it covers it, then cut to its middle.

    A frame that is so already comes back untouched, bit for bit.
    """
    if frame.rotation:
        turned = av.VideoFrame.from_ndarray(frame_to_rgb(frame, pixel_shape), format="rgb24")
        return frame_to_i420(turned, size)
    cover = _covering(Size(round(frame.width * (pixel_shape or 1)), frame.height), size)
    if (frame.width, frame.height) != cover or frame.format.name != "yuv420p" or not _is_film_colour(frame):
        frame = frame.reformat(
            width=cover.width, height=cover.height, format="yuv420p",
            src_colorspace=_matrix(frame), src_color_range=_range(frame),
            dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG, interpolation=_EXACT,
        )
    return _middle(np.asarray(frame.to_ndarray(), dtype=np.uint8), size)


def planes_of(i420: UInt8) -> tuple[UInt8, UInt8, UInt8]:
    """Views of Y (H, W), U and V (H // 2, W // 2) in (H * 3 // 2, W) planes."""
    rows, width = i420.shape
    height = rows * 2 // 3
    half = (height // 2, width // 2)
    quarter = half[0] * half[1]
    flat = i420.reshape(-1)
    luma, rest = flat[: height * width], flat[height * width :]
    return luma.reshape(height, width), rest[:quarter].reshape(half), rest[quarter:].reshape(half)


def display_size(frame: VideoFrame, pixel_shape: Fraction | None = None) -> Size:
    """The size a decoded frame is to be shown at."""
    width, height = round(frame.width * (pixel_shape or 1)), frame.height
    return Size(height, width) if frame.rotation % 180 else Size(width, height)


def _matrix(frame: VideoFrame) -> Colorspace:
    """The frame's colour matrix. Files that do not say follow the custom of players: HD is BT.709, below it is BT.601."""
    guess = Colorspace.ITU709 if frame.height >= _HD_HEIGHT else Colorspace.ITU601
    return _MATRICES.get(int(frame.colorspace), guess)


def _range(frame: VideoFrame) -> ColorRange:
    full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
    return ColorRange.JPEG if full else ColorRange.MPEG


def _is_film_colour(frame: VideoFrame) -> bool:
    return _matrix(frame) == Colorspace.ITU709 and _range(frame) == ColorRange.MPEG


def _covering(have: Size, want: Size) -> Size:
    """The least even size of the shape of `have` that covers `want`."""
    factor = max(Fraction(want.width, have.width), Fraction(want.height, have.height))
    return Size(*(max(side, 2 * math.ceil(Fraction(length) * factor / 2)) for side, length in zip(want, have, strict=True)))


def _middle(i420: UInt8, size: Size) -> UInt8:
    if i420.shape == (size.height * 3 // 2, size.width):
        return i420
    luma, *chroma = planes_of(i420)
    top, left = (luma.shape[0] - size.height) // 4 * 2, (luma.shape[1] - size.width) // 4 * 2
    parts = [luma[top : top + size.height, left : left + size.width]]
    for plane in chroma:
        parts.append(plane[top // 2 : (top + size.height) // 2, left // 2 : (left + size.width) // 2])
    return np.concatenate([part.reshape(-1) for part in parts]).reshape(size.height * 3 // 2, size.width)
