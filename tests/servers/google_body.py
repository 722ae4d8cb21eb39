"""Judges what Google is asked for, on the generate_videos and on the interactions route. Accepts nothing itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tests.servers.google_models import TOKENS_PER_IMAGE, OmniModel, VeoModel, pixels
from tests.servers.ledger_of_bills import Order, Picture
from tests.servers.pictures import NoPicture, PictureStore, from_base64

_PARAMETERS = {"sampleCount", "durationSeconds", "aspectRatio", "resolution", "personGeneration", "negativePrompt",
               "enhancePrompt"}
_VERTEX_PARAMETERS = {"generateAudio", "seed", "fps", "compressionQuality", "resizeMode", "storageUri", "labels"}
_INSTANCE = {"prompt", "image", "lastFrame"}
_KINDS = ("image/png", "image/jpeg", "image/webp")


class Invalid(ValueError):
    """An INVALID_ARGUMENT, in Google's manner: the first thing that is wrong."""


def read_veo(body: Mapping[str, Any], name: str, model: VeoModel, vertex: bool, store: PictureStore) -> Order:
    """Raises Invalid."""
    instances, given = body.get("instances"), body.get("parameters", {})
    if not isinstance(instances, list) or len(instances) != 1 or not isinstance(given, dict):
        raise Invalid("Exactly one instance is expected.")
    instance = instances[0]
    only(instance, _INSTANCE, "instances[0]")
    only(given, _PARAMETERS | (_VERTEX_PARAMETERS if vertex else set()), "parameters")
    seconds, resolution = given.get("durationSeconds", 8), given.get("resolution", "720p")
    aspect, samples = given.get("aspectRatio", "16:9"), given.get("sampleCount", 1)
    audio = bool(given.get("generateAudio", True))
    among(seconds, model.seconds, "durationSeconds")
    among(aspect, ("16:9", "9:16"), "aspectRatio")
    among(resolution, tuple(model.sound), "resolution")
    among(samples, (1, 2, 3, 4), "sampleCount")
    if not instance.get("prompt") and "image" not in instance:
        raise Invalid("A prompt or an image is required.")
    if "lastFrame" in instance and "image" not in instance:
        raise Invalid("lastFrame needs an image to start from.")
    pictures = [_veo_picture(role, instance[key], store) for role, key in (("first", "image"), ("last", "lastFrame"))
                if key in instance]
    width, height = pixels(resolution, aspect)
    micros = model.micros(resolution, seconds, audio) * samples
    rest = tuple((key, str(given[key])) for key in sorted(given) if key != "negativePrompt")
    return Order(name, str(instance.get("prompt", "")), seconds, width, height, tuple(pictures), micros, micros,
                 str(given.get("negativePrompt", "")), audio, given.get("seed"), rest)


def read_omni(body: Mapping[str, Any], name: str, model: OmniModel, store: PictureStore) -> Order:
    """Raises Invalid."""
    prompt, images = _omni_input(body.get("input"), store)
    form = body.get("response_format")
    form = form[0] if isinstance(form, list) and form else form
    if not isinstance(form, dict) or form.get("type") != "video":
        raise Invalid("response_format.type must be video.")
    only(form, {"type", "aspect_ratio", "duration", "resolution", "delivery"}, "response_format")
    settings = body.get("generation_config") or {}
    task = (settings.get("video_config") or {}).get("task")
    if task == "image_to_video" and not 1 <= len(images) <= 2:
        raise Invalid("image_to_video takes one or two images.")
    if task not in (None, "image_to_video", "text_to_video"):
        raise Invalid(f"The task {task} needs other inputs.")
    resolution, aspect = form.get("resolution", "720p"), form.get("aspect_ratio", "16:9")
    among(resolution, tuple(model.tokens), "resolution")
    among(aspect, ("16:9", "9:16"), "aspect_ratio")
    among(form.get("delivery", "inline"), ("inline", "uri"), "delivery")
    seconds = _duration(form.get("duration", "8s"), model)
    tokens_out = round(model.tokens[resolution] * seconds)
    tokens_in = -(-len(prompt) // 4) + TOKENS_PER_IMAGE * len(images)
    micros = model.micros(tokens_out, tokens_in)
    width, height = pixels(resolution, aspect)
    rest = (("delivery", form.get("delivery", "inline")), ("tokens_in", tokens_in), ("tokens_out", tokens_out))
    return Order(name, prompt, seconds, width, height, tuple(images), micros, micros, "", True, settings.get("seed"), rest)


def omni_prompt(body: Mapping[str, Any]) -> str:
    """The words of a request, before it is judged."""
    return " ".join(str(part.get("text", "")) for part in _content(body.get("input")) if part.get("type") == "text")


def _omni_input(given: object, store: PictureStore) -> tuple[str, Sequence[Picture]]:
    words: list[str] = []
    pictures: list[Picture] = []
    for part in _content(given):
        if part.get("type") == "text":
            words.append(str(part.get("text", "")))
        elif part.get("type") == "image":
            role = ("first", "last")[len(pictures)] if len(pictures) < 2 else f"image {len(pictures)}"
            pictures.append(_picture(role, part.get("data"), part.get("mime_type"), store))
        else:
            raise Invalid(f"Inputs of the type {part.get('type')} are not supported.")
    if not " ".join(words).strip():
        raise Invalid("A prompt is required.")
    return " ".join(words), pictures


def _content(given: object) -> list[dict[str, Any]]:
    """The parts of an `input`: a string, a list of parts, or the SDK's `user_input` steps around such lists."""
    if isinstance(given, str):
        return [{"type": "text", "text": given}]
    found: list[dict[str, Any]] = []
    for part in given if isinstance(given, list) else []:
        if isinstance(part, dict) and part.get("type") == "user_input":
            found.extend(_content(part.get("content")))
        elif isinstance(part, dict):
            found.append(part)
    return found


def _veo_picture(role: str, given: Mapping[str, Any], store: PictureStore) -> Picture:
    return _picture(role, given.get("bytesBase64Encoded"), given.get("mimeType"), store)


def _picture(role: str, data: object, kind: object, store: PictureStore) -> Picture:
    among(kind, _KINDS, "mimeType")
    try:
        return store.take(role, from_base64(str(data or "")))
    except NoPicture as error:
        raise Invalid(f"The image {error}.") from error


def _duration(given: object, model: OmniModel) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)s", str(given))
    if not found or not model.least_s <= float(found[1]) <= model.most_s:
        raise Invalid(f"duration must be from {model.least_s}s to {model.most_s}s, like 8s.")
    return float(found[1])


def only(given: Mapping[str, Any], known: set[str], where: str) -> None:
    """Raises Invalid for a field nobody knows."""
    for name in given:
        if name not in known:
            raise Invalid(f'Invalid JSON payload received. Unknown name "{name}" at \'{where}\': Cannot find field.')


def among(value: object, allowed: Sequence[object], name: str) -> None:
    """Raises Invalid for a value that is not among these."""
    if value not in allowed:
        raise Invalid(f"{name} must be one of {', '.join(map(str, allowed))}, and is {value}.")
