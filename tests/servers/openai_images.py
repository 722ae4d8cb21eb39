"""Judges what OpenAI's image routes are asked for, draws the answer and says what it costs. Has no routes."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2

from tests.servers.answering import picture_file
from tests.servers.drawing import UInt8, draw, edit
from tests.servers.faults import Struck
from tests.servers.ledger_of_bills import Order, Picture
from tests.servers.multipart import Part, named
from tests.servers.openai_errors import invalid, no_model, unknown_parameter
from tests.servers.openai_models import GONE, IMAGES, ImageModel, seen, words
from tests.servers.pictures import NoPicture, PictureStore

_BOTH = {"model", "prompt", "n", "size", "quality", "background", "output_format", "output_compression", "user",
         "safety_identifier", "moderation"}
FIELDS = {"generate": _BOTH, "edit": _BOTH | {"image", "image[]", "mask"}}
_KINDS = ("image/png", "image/jpeg", "image/webp")
_MOST_PICTURES, _LARGEST, _LARGEST_MASK = 16, 50_000_000, 4_000_000
_LEAST, _MOST = 655_360, 8_294_400
_LOCAL = ImageModel({"auto": {"1024x1024": 0}}, "0", "0", "0")


SOFT = 3.0
"""Standard deviation in pixels of what makes a picture softer: nobody would take it for one that a filter has blurred."""


@dataclass(frozen=True)
class Wanted:
    """One request, judged. shown: the pictures to go by; mask: (H, W), white where the first of them is painted anew."""

    model: str
    prompt: str
    size: tuple[int, int]
    quality: str
    kind: str
    count: int
    clear: bool
    pictures: tuple[Picture, ...] = ()
    shown: tuple[UInt8, ...] = ()
    mask: UInt8 | None = None
    text_in: int = 0
    image_in: int = 0
    out: int = 0
    start: int = 0

    def order(self, micros: int) -> Order:
        parameters = (("n", self.count), ("output_format", self.kind), ("quality", self.quality), ("tokens_in", self.text_in
                      + self.image_in), ("tokens_out", self.out))
        return Order(self.model, self.prompt, 0, *self.size, self.pictures, micros, micros, parameters=parameters)

    def drawn(self) -> list[UInt8]:
        """The pictures, one as another start of the same words; of two starts one is softer."""
        sharp = self._sharp()
        return [cv2.GaussianBlur(one, (0, 0), SOFT).astype("uint8") for one in sharp] if self.start % 2 else sharp

    def _sharp(self) -> list[UInt8]:
        starts = range(self.start, self.start + self.count)
        if self.mask is None:
            return [draw(self.prompt, self.size, self.shown, seed=number) for number in starts]
        base, mask = (cv2.resize(one, self.size, interpolation=cv2.INTER_AREA) for one in (self.shown[0], self.mask))
        return [edit(self.prompt, base[..., :3].astype("uint8"), mask.astype("uint8"), self.shown[1:], seed=number)
                for number in starts]


def read_generation(body: Mapping[str, Any], *, local: bool) -> Wanted:
    """Raises Refused."""
    return _read(body, "generate", local=local)


def read_edit(parts: Sequence[Part], store: PictureStore, *, local: bool) -> Wanted:
    """Raises Refused."""
    if not parts:
        raise invalid("Invalid request: the body must be multipart/form-data.")
    body: dict[str, Any] = {part.name: part.text if part.filename is None else part for part in parts}
    wanted = _read(body, "edit", local=local)
    files = named(parts, "image", "image[]")
    if not files:
        raise invalid("Missing required parameter: 'image'.", "image", "missing_required_parameter")
    if len(files) > _MOST_PICTURES:
        raise invalid(f"Too many images: at most {_MOST_PICTURES}.", "image", "array_above_max_length")
    looked = [_picture(part, f"image {number}", _LARGEST, store) for number, part in enumerate(files, 1)]
    pictures, shown = [one for one, _ in looked], tuple(pixels for _, pixels in looked)
    mask = None
    if given := named(parts, "mask"):
        found, pixels = _picture(given[0], "mask", _LARGEST_MASK, store)
        mask = _mask(pixels, shown[0])
        pictures.append(found)
    size = wanted.size if body.get("size", "auto") != "auto" else _like(shown[0])
    model = _model(wanted.model, local=local)
    return replace(wanted, pictures=tuple(pictures), shown=shown, mask=mask, size=size,
                   image_in=sum(seen(pixels.shape[1], pixels.shape[0]) for pixels in shown),
                   out=model.out(*size, wanted.quality) * wanted.count)


def cost(wanted: Wanted, *, local: bool) -> int:
    """Micro-dollars."""
    return _model(wanted.model, local=local).micros(wanted.text_in, wanted.image_in, wanted.out)


def answered(wanted: Wanted, faults: Struck, address: Any) -> dict[str, Any]:
    """The body of the reply. address: keeps a file and says where it can be fetched."""
    data = []
    for picture in [] if "empty" in faults else wanted.drawn():
        file, kind = picture_file(picture, wanted.kind, faults, clear=wanted.clear)
        where = {"url": address(file, kind)} if "by_address" in faults else {"b64_json": base64.b64encode(file).decode()}
        data.append(where)
    width, height = wanted.size
    body = {"created": 1_795_000_000, "background": "transparent" if wanted.clear else "opaque", "data": data,
            "output_format": wanted.kind, "quality": wanted.quality, "size": f"{width}x{height}"}
    return body if "no_cost" in faults else {**body, "usage": _usage(wanted, faults)}


def _usage(wanted: Wanted, faults: Struck) -> dict[str, Any]:
    overbill = faults.get("overbill")
    more = float(overbill.value) if overbill else 1.0
    text, image, out = (round(tokens * more) for tokens in (wanted.text_in, wanted.image_in, wanted.out))
    return {"input_tokens": text + image, "input_tokens_details": {"text_tokens": text, "image_tokens": image},
            "output_tokens": out, "output_tokens_details": {"image_tokens": out, "text_tokens": 0},
            "total_tokens": text + image + out}


def _read(body: Mapping[str, Any], task: str, *, local: bool) -> Wanted:
    model_name = str(body.get("model") or "gpt-image-2")
    model = _model(model_name, local=local)
    for name in body:
        if name not in FIELDS[task] | model.also | ({"response_format"} if local else set()):
            raise unknown_parameter(name)
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        raise invalid("Missing required parameter: 'prompt'.", "prompt", "missing_required_parameter")
    if len(prompt) > 32_000:
        raise invalid(f"Invalid 'prompt': string too long. Expected a string with maximum length 32000, but got a string with "
                      f"length {len(prompt)} instead.", "prompt", "string_above_max_length")
    quality = "auto" if local else _among(body, "quality", ("auto", *model.tokens))
    quality = ("medium" if "medium" in model.tokens else "auto") if quality == "auto" else quality
    kind = _among(body, "output_format", ("png", "jpeg", "webp"))
    clear = _among(body, "background", ("auto", "opaque", "transparent")) == "transparent"
    _among(body, "moderation", ("auto", "low"))
    size, count = _size(str(body.get("size", "auto")), model), int(body.get("n", 1))
    if not 1 <= count <= 10:
        raise invalid(f"Invalid 'n': {count} is not from 1 to 10.", "n", "invalid_value")
    return Wanted(model_name, prompt, size, quality, kind, count, clear and kind != "jpeg", text_in=words(prompt),
                  out=model.out(*size, quality) * count)


def _model(name: str, *, local: bool) -> ImageModel:
    if local:
        return _LOCAL
    if name not in IMAGES:
        raise no_model(name, gone=name in GONE)
    return IMAGES[name]


def _among(body: Mapping[str, Any], name: str, allowed: Sequence[str]) -> str:
    value = str(body.get(name, allowed[0]))
    if value not in allowed:
        listed = ", ".join(f"'{one}'" for one in allowed)
        raise invalid(f"Invalid value: '{value}'. Supported values are: {listed}.", name, "invalid_value")
    return value


def _size(text: str, model: ImageModel) -> tuple[int, int]:
    if text == "auto":
        return 1024, 1024
    found = re.fullmatch(r"(\d+)x(\d+)", text)
    width, height = map(int, found.groups()) if found else (0, 0)
    if model is _LOCAL and found:
        return width, height
    if model.sizes:
        if text not in model.sizes:
            raise invalid(f"Invalid value: '{text}'. Supported values are: {', '.join(model.sizes)}, and 'auto'.", "size",
                          "invalid_value")
    elif not found or width % 16 or height % 16 or max(width, height) > 3840 or max(width, height) > 3 * min(width, height) \
            or not _LEAST <= width * height <= _MOST:
        raise invalid(f"Invalid size '{text}'. Width and height must be divisible by 16 and at most 3840, at most 3:1, with "
                      f"{_LEAST} to {_MOST} pixels.", "size", "invalid_value")
    return width, height


def _like(picture: UInt8) -> tuple[int, int]:
    """What `auto` is for an edit."""
    aspect = picture.shape[1] / picture.shape[0]
    return (1024, 1024) if 0.8 < aspect < 1.25 else (1536, 1024) if aspect > 1 else (1024, 1536)


def _picture(part: Part, role: str, largest: int, store: PictureStore) -> tuple[Picture, UInt8]:
    name = "mask" if role == "mask" else "image"
    if part.kind not in _KINDS:
        raise invalid(f"Invalid file '{name}': unsupported mimetype ('{part.kind}'). Supported file formats are 'image/jpeg', "
                      "'image/png', and 'image/webp'.", name, "unsupported_file_mimetype")
    if len(part.data) >= largest:
        raise invalid(f"Invalid file '{name}': it must be less than {largest // 1_000_000}MB.", name, "file_above_max_size")
    try:
        return store.look(role, part.data)
    except NoPicture as error:
        raise invalid(f"Invalid image file or mode for '{name}': the file {error}.", name, "invalid_image_file") from error


def _mask(mask: UInt8, first: UInt8) -> UInt8:
    """(H, W), white where the mask is clear."""
    if mask.shape[:2] != first.shape[:2]:
        raise invalid("Invalid mask image format - mask size does not match image size.", "mask", "invalid_image_format")
    if mask.shape[2] != 4:
        raise invalid("Invalid mask image format - mask image missing alpha channel.", "mask", "invalid_image_format")
    return 255 - mask[..., 3]
