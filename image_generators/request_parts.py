"""What of an image request goes over the wire, and what comes back: words, pictures, mask, answer. Names no provider."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from errors import MediaError
from image_generator_interface import ImageRequest
from media.film_format import Size
from media.frames import load_rgb, save_png
from media.sendable import SentPicture, sendable
from runtime.answers import Refused
from runtime.paid_call import Spoilt

THE_MOMENT_BEFORE = "the moment before"
BARELY = 8
"""Of 255: what a mask is at least where something is to be painted, however little of it is taken in the end."""


@dataclass(frozen=True)
class Shown:
    """A picture that goes along: what it shows, and the file."""

    name: str
    path: Path


def shown(request: ImageRequest, most: int) -> list[Shown]:
    """The pictures to send, in the order in which the words count them: the one to be changed, then those to go by."""
    base = [Shown("the picture to be changed", request.edit.base)] if request.edit else []
    return [*base, *(Shown(name, path) for name, path in request.pictures())][:most]


def described(request: ImageRequest, pictures: Sequence[Shown], *, avoid: bool) -> str:
    """The prompt: what is asked for, its style, what each picture is for. avoid: what is not wanted is said in it, too."""
    lines = [request.prompt.strip()]
    if request.style.strip() and request.style.strip().lower() not in request.prompt.lower():
        lines.append(f"Style: {request.style.strip()}")
    lines += [f"Image {number} {_part(request, picture)}" for number, picture in enumerate(pictures, 1)]
    if avoid and request.negative_prompt.strip():
        lines.append(f"Not in the picture: {request.negative_prompt.strip()}")
    return "\n".join(lines)


def _part(request: ImageRequest, picture: Shown) -> str:
    if request.edit and picture.path == request.edit.base:
        return "is the picture to be changed: paint anew only the part that the mask opens, and leave all else as it is."
    if picture.name == THE_MOMENT_BEFORE:
        return ("is the moment before in the same film: keep its people, place, light and look wherever the words above do not "
                "change them.")
    if request.place and picture.name == request.place.name:
        return f"shows the place, {picture.name}: keep its shapes, materials and colours."
    return f"shows {picture.name}: keep face, hair, build and clothes exactly."


def sent(picture: Shown, most_bytes: int, size: Size) -> SentPicture:
    """A picture as bytes of at most so many. Raises Refused: what cannot be sent is not bought."""
    try:
        found = sendable(picture.path, most_bytes, size)
    except (MediaError, OSError) as error:
        raise Refused(f"the picture of {picture.name} cannot be sent: {error}") from error
    if found is None:
        raise Refused(f"the picture of {picture.name} cannot be brought below {most_bytes / 1e6:g} MB")
    return found


def base_and_mask(request: ImageRequest) -> tuple[bytes, np.ndarray[tuple[int, int], np.dtype[np.uint8]]]:
    """Of an edit: the picture as PNG, and (H, W) of the same size, 255 where it is to be painted anew, if ever so little,
    and 0 elsewhere. Raises Refused."""
    if request.edit is None:
        raise Refused("there is nothing to be changed")
    try:
        rgb, mask = load_rgb(request.edit.base), load_rgb(request.edit.mask)
    except MediaError as error:
        raise Refused(f"the picture to be changed or its mask cannot be read: {error}") from error
    if rgb.shape != mask.shape:
        raise Refused(f"the mask is {mask.shape[1]}x{mask.shape[0]}, the picture {rgb.shape[1]}x{rgb.shape[0]}")
    return png(rgb), np.where(mask.max(axis=2) >= BARELY, 255, 0).astype(np.uint8)


def as_transparency(mask: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> bytes:
    """A mask as a PNG that is clear where it is white, for providers that paint where a mask is clear."""
    file = io.BytesIO()
    keep = Image.fromarray(255 - mask)
    Image.merge("RGBA", (keep, keep, keep, keep)).save(file, "PNG")
    return file.getvalue()


def png(rgb: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    """(H, W, 3) RGB as a PNG file."""
    file = io.BytesIO()
    save_png(rgb, file)
    return file.getvalue()


def as_png(answer: bytes) -> bytes:
    """Whatever picture came (PNG, WebP, JPEG, with an alpha channel or a colour profile) as an RGB PNG. Raises Spoilt."""
    try:
        return png(load_rgb(io.BytesIO(answer)))
    except MediaError as error:
        raise Spoilt(f"what came is no picture that can be used: {error}") from error
