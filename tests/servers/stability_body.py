"""Judges a form as Stability's services would, and draws the answer. Has no routes."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import cv2
import numpy as np

from tests.servers.drawing import UInt8, draw, edit
from tests.servers.ledger_of_bills import Order, Picture
from tests.servers.multipart import Part
from tests.servers.pictures import NoPicture, PictureStore
from tests.servers.stability_services import (
    BOUNDS,
    LEAST_SIDE,
    LONGEST_PROMPT,
    MICROS_PER_CREDIT,
    MOST_PIXELS,
    SD3,
    SERVICES,
    SIZES,
    one_megapixel,
)

_SIDES = ("up", "down", "left", "right")


class Unfit(ValueError):
    """Everything that is wrong with a form. status, name: as the vendor says it."""

    def __init__(self, errors: Sequence[str], status: int = 400, name: str = "bad_request") -> None:
        super().__init__("; ".join(errors))
        self.errors, self.status, self.name = list(errors), status, name


@dataclass(frozen=True)
class Wanted:
    """One request, judged. mask: (H, W), white where to paint. sides: pixels to add above, below, left, right."""

    service: str
    model: str
    prompt: str
    size: tuple[int, int]
    kind: str
    seed: int
    micros: int
    strength: float = 1.0
    negative_prompt: str = ""
    pictures: tuple[Picture, ...] = ()
    image: UInt8 | None = None
    mask: UInt8 | None = None
    sides: tuple[int, ...] = (0, 0, 0, 0)
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def order(self) -> Order:
        return Order(self.model, self.prompt, 0, *self.size, self.pictures, self.micros, self.micros, self.negative_prompt,
                     seed=self.seed, parameters=tuple(sorted(self.fields.items())), unit_micros=MICROS_PER_CREDIT // 2)

    def drawn(self) -> UInt8:
        """(H, W, 3) RGB."""
        if self.image is None:
            return draw(self.prompt, self.size, seed=self.seed)
        base = self.image[..., :3]
        if self.service == "edit/outpaint":
            return _widened(self, base)
        if self.service == "edit/erase" and self.mask is not None:
            return np.asarray(cv2.inpaint(base, self.mask, 5, cv2.INPAINT_TELEA), np.uint8)
        if self.mask is not None:
            return edit(self.prompt, base, self.mask, seed=self.seed)
        start = cv2.resize(base, self.size, interpolation=cv2.INTER_AREA)
        fresh = draw(self.prompt, self.size, [base], seed=self.seed)
        return np.asarray(cv2.addWeighted(start, 1 - self.strength, fresh, self.strength, 0.0), np.uint8)


def read_form(service: str, parts: Sequence[Part], store: PictureStore) -> Wanted:
    """Raises Unfit."""
    given = {part.name: part for part in parts if not (part.name == "none" and not part.data)}
    fields = {name: part.text for name, part in given.items() if name not in ("image", "mask")}
    errors = list(_errors(service, set(given), fields))
    pictures: dict[str, tuple[Picture, UInt8]] = {}
    for name in ("image", "mask"):
        if name in given:
            try:
                pictures[name] = _picture(given[name], store)
            except NoPicture as error:
                errors.append(f"{name}: {error}")
    if errors:
        raise Unfit(errors)
    if _foreign(fields.get("prompt", "")):
        raise Unfit(["English is the only supported language for this service."], 422, "invalid_language")
    return _wanted(service, fields, pictures)


def _wanted(service: str, fields: Mapping[str, str], pictures: Mapping[str, tuple[Picture, UInt8]]) -> Wanted:
    image = pictures["image"][1] if "image" in pictures else None
    model = fields.get("model", "sd3.5-large") if service == "generate/sd3" else service.replace("/", "-")
    micros = int(Decimal(SD3[model]) * MICROS_PER_CREDIT) if service == "generate/sd3" else SERVICES[service].micros
    above, below, left, right = sides = tuple(int(float(fields.get(side) or 0)) for side in _SIDES)
    prompt = fields.get("prompt", "")
    seed = int(float(fields.get("seed", 0))) or zlib.crc32(prompt.encode())  # 0 leaves it to the server
    if image is None or service == "control/style":
        size = SIZES[fields.get("aspect_ratio", "1:1")]
    elif service.startswith("edit/"):
        size = (image.shape[1] + left + right, image.shape[0] + above + below)
    else:
        size = one_megapixel(image.shape[1], image.shape[0])
    return Wanted(service, model, prompt, size, fields.get("output_format", "png"), seed, micros,
                  float(fields.get("strength", 0.6)), fields.get("negative_prompt", ""),
                  tuple(one for one, _ in pictures.values()), image, _mask(service, image, pictures), sides,
                  {name: text for name, text in fields.items() if name not in ("prompt", "negative_prompt")})


def _errors(service: str, names: set[str], fields: Mapping[str, str]) -> list[str]:
    known = SERVICES[service]
    found = [f"{name}: is not a field of this service" for name in sorted(names - known.fields)]
    found += [f"{name}: is required" for name in known.needs if name not in names or fields.get(name) == ""]
    if len(fields.get("prompt", "")) > LONGEST_PROMPT:
        found.append(f"prompt: must be at most {LONGEST_PROMPT} characters")
    found += [f"{name}: must be from {least:g} to {most:g}" for name, (least, most) in BOUNDS.items()
              if name in fields and not _within(fields[name], least, most)]
    choices = {"output_format": known.kinds, "aspect_ratio": tuple(SIZES), "model": tuple(SD3),
               "mode": ("text-to-image", "image-to-image")}
    found += [f"{name}: must be one of {', '.join(allowed)}" for name, allowed in choices.items()
              if fields.get(name, allowed[0]) not in allowed]
    if service == "edit/outpaint" and not any(fields.get(side, "0") not in ("", "0") for side in _SIDES):
        found.append("at least one of left, right, up, down must be more than 0")
    return found + (_start_errors(service, names, fields) if service.startswith("generate/") else [])


def _start_errors(service: str, names: set[str], fields: Mapping[str, str]) -> list[str]:
    """What goes together with a picture to start from."""
    found = []
    if ("image" in names) != ("strength" in names):
        found.append("image and strength go together")
    if service == "generate/sd3":
        mode = fields.get("mode", "text-to-image")
        if (mode == "image-to-image") != ("image" in names):
            found.append(f"mode: {mode} and an image do not go together" if "image" in names else "image: is required")
        if mode == "image-to-image" and "aspect_ratio" in names:
            found.append("aspect_ratio: is for text-to-image only")
        if "turbo" in fields.get("model", "") and "negative_prompt" in names:
            found.append("negative_prompt: is not for turbo models")
    return found


def _within(text: str, least: float, most: float) -> bool:
    try:
        return least <= float(text) <= most
    except ValueError:
        return False


def _picture(part: Part, store: PictureStore) -> tuple[Picture, UInt8]:
    picture, pixels = store.look(part.name, part.data)
    if min(picture.width, picture.height) < LEAST_SIDE or picture.width * picture.height > MOST_PIXELS:
        raise NoPicture(f"must have sides of {LEAST_SIDE} pixels at least and {MOST_PIXELS} pixels at most")
    return picture, pixels


def _mask(service: str, image: UInt8 | None, pictures: Mapping[str, tuple[Picture, UInt8]]) -> UInt8 | None:
    """(H, W) of the picture's size: the mask sent along, the picture's own alpha, or where a thing is found."""
    if image is None or service not in ("edit/inpaint", "edit/erase", "edit/search-and-replace"):
        return None
    height, width = image.shape[:2]
    if service == "edit/search-and-replace":
        found = np.zeros((height, width), np.uint8)
        cv2.ellipse(found, (width // 2, height // 2), (width // 6, height // 4), 0, 0, 360, 255, -1)
        return found
    if "mask" in pictures:
        grey = cv2.cvtColor(pictures["mask"][1][..., :3], cv2.COLOR_RGB2GRAY)
        return np.asarray(cv2.resize(grey, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
    if image.shape[2] == 4:
        return 255 - image[..., 3]
    raise Unfit(["mask: is required where the image has no alpha channel"])


def _widened(wanted: Wanted, base: UInt8) -> UInt8:
    above, below, left, right = wanted.sides
    wide = cv2.copyMakeBorder(base, above, below, left, right, cv2.BORDER_REFLECT)
    outside = np.full(wide.shape[:2], 255, np.uint8)
    outside[above : above + base.shape[0], left : left + base.shape[1]] = 0
    return edit(wanted.prompt or "more of the same", np.asarray(wide, np.uint8), outside, seed=wanted.seed)


def _foreign(text: str) -> bool:
    """Whether most letters are of another script than English is written in."""
    letters = [char for char in text if char.isalpha()]
    return sum(ord(char) > 0x24F for char in letters) * 2 > len(letters) > 0
