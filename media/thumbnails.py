"""Small JPEGs of many pictures under one limit of bytes. Keeps nothing on disk."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image, ImageOps

STEPS = ((320, 80), (320, 66), (280, 58), (240, 52), (200, 46), (160, 40), (128, 34))
"""(width in pixels, JPEG quality), best first: the first that fits is taken."""
POSTER_STEPS = ((960, 78), (960, 62), (800, 55), (640, 45))
"""The same for the picture a film shows before it is played."""


def thumbnails(pictures: Mapping[str, Path], most_bytes: int) -> dict[str, bytes]:
    """Name -> JPEG, all of them together at most about `most_bytes`. A picture that cannot be read is left out."""
    share = most_bytes // max(1, len(pictures))
    with ThreadPoolExecutor(2, thread_name_prefix="thumbnails") as threads:  # Pillow decodes without holding the GIL
        made = list(threads.map(lambda path: thumbnail(path, share), pictures.values()))
    return {name: jpeg for name, jpeg in zip(pictures, made, strict=True) if jpeg is not None}


def thumbnail(path: Path, most_bytes: int, steps: Sequence[tuple[int, int]] = STEPS) -> bytes | None:
    """One JPEG of at most `most_bytes`, or the smallest there is; None when the picture cannot be read."""
    try:
        with Image.open(path) as picture:
            picture.draft("RGB", (steps[0][0] * 2, steps[0][0] * 2))
            small = ImageOps.exif_transpose(picture)
            small = _as_rgb(small)
            small.thumbnail((steps[0][0] * 2, steps[0][0] * 8), Image.Resampling.BOX)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    jpeg = b""
    for width, quality in steps:
        height = max(1, round(small.height * width / small.width))
        file = io.BytesIO()
        resized = small.resize((width, height), Image.Resampling.LANCZOS)
        resized.save(file, "JPEG", quality=quality)
        jpeg = file.getvalue()
        if len(jpeg) <= most_bytes:
            break
    return jpeg


def _as_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):  # 16 bits a sample: Pillow would clip them instead of scaling
        return picture.convert("I").point(lambda value: value * (1 / 257)).convert("L").convert("RGB")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    ground = Image.new("RGBA", picture.size, (128, 128, 128, 255))
    return Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")
