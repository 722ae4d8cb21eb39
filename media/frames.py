"""Single pictures: exact frames out of clips, picture files in and out. Nothing is fitted or scaled here."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from av.error import FFmpegError
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from errors import MediaError
from media.colour import frame_to_rgb
from media.open_video import decode_gently, open_video
from media.probe import frame_times

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

UInt8 = npt.NDArray[np.uint8]

MOST_PIXELS = 100_000_000
"""Larger pictures are refused: a few kilobytes of PNG can unpack to more than the machine's memory."""
_BEHIND = (128, 128, 128)
_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, IndexError, KeyError, MemoryError)

# Pillow warns from 89 million pixels on; load_rgb refuses by its own limit, with a reason.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


def last_frame(path: Path) -> UInt8:
    """The frame shown last, (H, W, 3) RGB. In a file that was cut off: the last one that is whole.

    Looks only at the end of the file where that works, and decodes all of it where it does not (media.md A: B-frames,
    variable rate, sound that goes on after the picture, files that break off). Raises MediaError.
    """
    with open_video(path) as (container, video):
        found = _latest(_decode_end(container, video))
        if found is not None:
            return frame_to_rgb(found, video.sample_aspect_ratio)
    with open_video(path) as (container, video):
        found = _latest(decode_gently(container, video))
        if found is not None:
            return frame_to_rgb(found, video.sample_aspect_ratio)
    raise MediaError("there is not one whole frame in the file")


def first_frame(path: Path) -> UInt8:
    """The frame shown first, (H, W, 3) RGB. Raises MediaError."""
    return frame_at(path, 0)


def frame_at(path: Path, number: int) -> UInt8:
    """The frame of that number, counted from 0 in the order shown, (H, W, 3) RGB. Raises MediaError when there is none."""
    ticks = frame_times(path).ticks
    if not 0 <= number < len(ticks):
        raise MediaError(f"there is no frame {number}: the file has {len(ticks)} frames, counted from 0")
    with open_video(path) as (container, video):
        container.seek(ticks[number], backward=True, stream=video)
        for frame in container.decode(video):
            if frame.pts is not None and frame.pts >= ticks[number]:
                if frame.pts == ticks[number]:
                    return frame_to_rgb(frame, video.sample_aspect_ratio)
                break
    return _nth(path, number)


def load_rgb(path: Path | io.BytesIO) -> UInt8:
    """Any picture file, or its bytes, -> (H, W, 3) RGB in sRGB: turned upright by its EXIF note, transparency laid over
    neutral grey.

    Raises MediaError: not there, not a picture, damaged, larger than MOST_PIXELS.
    """
    try:
        with Image.open(path) as image:
            if image.width * image.height > MOST_PIXELS:
                raise MediaError(_too_large(f"{image.width}x{image.height} pixels"))
            image.load()
            return np.array(_to_rgb(ImageOps.exif_transpose(image)), dtype=np.uint8)
    except FileNotFoundError as error:
        raise MediaError("there is no such file") from error
    except Image.DecompressionBombError as error:
        raise MediaError(_too_large("more pixels than are safe to unpack")) from error
    except UnidentifiedImageError as error:
        raise MediaError("this is not a picture, or one of a kind that is not known here") from error
    except _DAMAGED as error:
        raise MediaError(f"the picture is damaged: {error}") from error


def save_png(rgb: UInt8, path: Path | io.BytesIO) -> None:
    """Writes (H, W, 3) RGB as PNG to exactly `path`, whatever its ending. The same pixels give the same bytes."""
    Image.fromarray(np.ascontiguousarray(rgb), "RGB").save(path, format="PNG", compress_level=4)


def _too_large(what: str) -> str:
    return f"the picture has {what}; up to {MOST_PIXELS // 1_000_000} million are read"


def _decode_end(container: InputContainer, video: VideoStream) -> Iterable[VideoFrame]:
    """The frames from the last keyframe on; nothing when the file has no length or cannot be sought in."""
    if video.duration is None:
        return ()
    try:
        container.seek((video.start_time or 0) + video.duration, backward=True, stream=video)
    except FFmpegError:
        return ()
    return decode_gently(container, video)


def _latest(frames: Iterable[VideoFrame]) -> VideoFrame | None:
    """The frame with the latest time, not the one that came out last: a damaged file does not keep to its order."""
    best: VideoFrame | None = None
    for frame in frames:
        if best is None or (frame.pts or 0) >= (best.pts or 0):
            best = frame
    return best


def _nth(path: Path, number: int) -> UInt8:
    with open_video(path) as (container, video):
        for index, frame in enumerate(container.decode(video)):
            if index == number:
                return frame_to_rgb(frame, video.sample_aspect_ratio)
    raise MediaError(f"frame {number} cannot be decoded")


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        image = _to_eight_bits(image)
    profile = image.info.get("icc_profile")
    if "A" in image.mode or "a" in image.mode or "transparency" in image.info:
        image = image.convert("RGBA")
        backdrop = Image.new("RGBA", image.size, (*_BEHIND, 255))
        return _to_srgb(Image.alpha_composite(backdrop, image).convert("RGB"), profile)
    return _to_srgb(image if image.mode in ("RGB", "CMYK") else image.convert("RGB"), profile)


def _to_eight_bits(image: Image.Image) -> Image.Image:
    """16-bit and floating point grey. Pillow's own conversion clips at 255 instead of scaling."""
    values = np.asarray(image, dtype=np.float64)
    top = 1.0 if image.mode == "F" and values.max() <= 1 else 255.0 if values.max() <= 255 and image.mode != "I;16" else 65535.0
    return Image.fromarray(np.clip(np.rint(values * (255 / top)), 0, 255).astype(np.uint8), "L")


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Through the picture's own colour profile where it carries one that fits; phones write Display P3, printers CMYK."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if turned is not None:
                return turned
        except (ImageCms.PyCMSError, OSError):
            pass  # a broken profile, or one of another colour space than the picture
    return image.convert("RGB")


