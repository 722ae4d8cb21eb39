"""Takes in the pictures a request carries: really decoded, kept on disk by their hash until their clip is made. No vendor."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import shutil
import tempfile
import weakref
from pathlib import Path

from tests.servers.clips import MAKER, Look, UInt8, decode_image
from tests.servers.drawing import decode
from tests.servers.ledger_of_bills import Order, Picture

_DATA_URI = re.compile(r"data:(?P<kind>image/(?:png|jpeg|jpg|webp));base64,(?P<data>.*)", re.DOTALL)


class NoPicture(ValueError):
    """What was sent cannot be used as a picture; the message says why."""


def from_data_uri(uri: str) -> bytes:
    """Raises NoPicture."""
    found = _DATA_URI.match(uri)
    if not found:
        raise NoPicture("is no data URI of a PNG, JPEG or WebP image")
    return from_base64(found["data"])


def from_base64(text: str) -> bytes:
    """Raises NoPicture."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoPicture("is not valid base64") from error


class PictureStore:
    """The image files of one server, in a folder of its own: memory stays flat however many segments a film has."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="longtake-servers-"))
        self.close = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        """Removes the folder; the end of the process does so too."""

    def take(self, role: str, data: bytes) -> Picture:
        """Raises NoPicture when the bytes are no image."""
        picture = decode_image(data)
        if picture is None:
            raise NoPicture("cannot be decoded as an image")
        return self.keep(role, data, picture.shape[1], picture.shape[0])

    def look(self, role: str, data: bytes) -> tuple[Picture, UInt8]:
        """The picture and its pixels, (H, W, 3) RGB or (H, W, 4) RGBA. Raises NoPicture."""
        pixels = decode(data)
        if pixels is None:
            raise NoPicture("cannot be decoded as an image")
        return self.keep(role, data, pixels.shape[1], pixels.shape[0]), pixels

    def keep(self, role: str, data: bytes, width: int, height: int) -> Picture:
        """Files what has been decoded."""
        digest = hashlib.sha256(data).hexdigest()
        path = self.folder / digest
        if not path.exists():
            path.write_bytes(data)
        return Picture(role, digest, width, height)

    def clip(self, order: Order, look: Look) -> bytes:
        """The clip for an order, from the pictures that came with it."""
        first, last = (self._read(order.picture(role)) for role in ("first", "last"))
        return MAKER.clip(look, first, last)

    def _read(self, picture: Picture | None) -> bytes | None:
        return (self.folder / picture.sha256).read_bytes() if picture else None
