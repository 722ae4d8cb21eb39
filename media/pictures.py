"""What a picture file is, told from its header. Decodes no pixel (frames.load_rgb does)."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, UnidentifiedImageError

from errors import MediaError
from media.film_format import Size

EXIF_ORIENTATION, SIDEWAYS = 0x0112, (5, 6, 7, 8)


def picture_size(path: Path) -> Size:
    """The size as it is looked at: a photograph taken upright is high. Raises MediaError when it is no picture."""
    with _opened(path) as picture:
        turned = picture.getexif().get(EXIF_ORIENTATION) in SIDEWAYS
        return Size(picture.height, picture.width) if turned else Size(picture.width, picture.height)


def is_film_picture(path: Path, size: Size) -> bool:
    """Whether it can go to a video backend as it is: an RGB PNG of 8 bits with the film's size, nothing to be turned."""
    with _opened(path) as picture:
        return (picture.format == "PNG" and picture.mode == "RGB" and picture.size == tuple(size)
                and picture.getexif().get(EXIF_ORIENTATION, 1) == 1 and "transparency" not in picture.info)


def _opened(path: Path) -> Image.Image:
    try:
        return Image.open(path)
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise MediaError(f"{path.name} is not a picture that can be read") from error
