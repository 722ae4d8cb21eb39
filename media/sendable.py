"""A picture file as the bytes that a provider takes: as it is where it is small enough, else encoded anew. Sends nothing."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageOps

from media.film_format import Size
from media.frames import load_rgb
from media.pictures import picture_size

QUALITIES = (97, 94, 90, 86, 82)
"""JPEG qualities, best first. Below the last, blocks begin to show in skies, and a model would carry them on."""


@dataclass(frozen=True)
class SentPicture:
    """kind: `image/png`."""

    data: bytes = field(repr=False)
    kind: str

    @property
    def data_uri(self) -> str:
        return f"data:{self.kind};base64,{base64.b64encode(self.data).decode()}"


def sendable(path: Path, most_bytes: int, size: Size) -> SentPicture | None:
    """The file itself when it is a PNG of at most `most_bytes`, else the best JPEG that is; None when even the last is larger.

    A picture with more pixels than `size`, what the model works at, is brought to it first. Raises MediaError when it cannot
    be read.
    """
    picture_size(path)
    if path.stat().st_size <= most_bytes:
        data = path.read_bytes()
        if data.startswith(b"\x89PNG"):
            return SentPicture(data, "image/png")
    picture = Image.fromarray(load_rgb(path))
    if picture.width * picture.height > size.width * size.height:
        picture = ImageOps.fit(picture, size, Image.Resampling.LANCZOS)
    for quality in QUALITIES:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality, subsampling=0)
        if file.tell() <= most_bytes:
            return SentPicture(file.getvalue(), "image/jpeg")
    return None


def most_bytes_of(data_uri_bytes: int) -> int:
    """How large a picture may be whose data URI has at most so many characters."""
    return (data_uri_bytes - len("data:image/jpeg;base64,")) // 4 * 3
