"""What a picture file is, told from its header. Decodes no pixel (frames.load_rgb does)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from PIL import Image, UnidentifiedImageError

from errors import MediaError
from media.film_format import Size

EXIF_ORIENTATION, SIDEWAYS = 0x0112, (5, 6, 7, 8)


def picture_size(path: Path) -> Size:
    """The size as it is looked at: a photograph taken upright is high. Raises MediaError when it is no picture."""
    return _header(path).size


def is_film_picture(path: Path, size: Size) -> bool:
    """Whether it can go to a video backend as it is: an RGB PNG of 8 bits with the film's size, nothing to be turned."""
    header = _header(path)
    return header.plain and header.size == size


class _Header(NamedTuple):
    """plain: an RGB PNG of 8 bits, nothing to be turned."""

    size: Size
    plain: bool


def _header(path: Path) -> _Header:
    try:
        seen = path.stat()
        return _read(str(path), seen.st_ino, seen.st_size, seen.st_mtime_ns)
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise MediaError(f"{path.name} is not a picture that can be read") from error


@lru_cache(maxsize=512)  # asked several times of each keyframe
def _read(path: str, *_: int) -> _Header:
    """The header of the file; whatever else is handed over tells one state of the file from another."""
    with Image.open(path) as picture:
        turn = picture.getexif().get(EXIF_ORIENTATION, 1)
        size = Size(picture.height, picture.width) if turn in SIDEWAYS else Size(picture.width, picture.height)
        plain = picture.format == "PNG" and picture.mode == "RGB" and turn == 1 and "transparency" not in picture.info
        return _Header(size, plain)
