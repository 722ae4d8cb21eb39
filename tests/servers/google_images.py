"""Judges what Google's image models are asked for, draws the answer and counts its tokens. Has no routes."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.servers.answering import picture_file
from tests.servers.drawing import UInt8, draw, encode
from tests.servers.google_body import Invalid, among, only
from tests.servers.google_models import IMAGES, ImageModel
from tests.servers.ledger_of_bills import Job, Order, Picture
from tests.servers.pictures import NoPicture, PictureStore, from_base64

_BODY = {"contents", "generationConfig", "safetySettings", "systemInstruction", "labels"}
_CONFIG = {"responseModalities", "imageConfig", "seed", "temperature", "topP", "topK", "candidateCount", "maxOutputTokens",
           "thinkingConfig", "mediaResolution"}
_IMAGE_CONFIG = {"aspectRatio", "imageSize", "personGeneration", "outputMimeType", "outputCompressionQuality",
                 "imageOutputOptions"}
_KINDS = ("image/png", "image/jpeg", "image/webp")
_FORMATS = {"image/png": "png", "image/jpeg": "jpeg"}
UNFIT = "Unable to show the generated image. The model could not generate the image based on the prompt provided."


@dataclass(frozen=True)
class Wanted:
    """One request, judged."""

    model: str
    prompt: str
    size: tuple[int, int]
    kind: str
    seed: int | None
    pictures: tuple[Picture, ...]
    shown: tuple[UInt8, ...]
    text_in: int
    image_in: int
    out: int
    thoughts: int

    @property
    def order(self) -> Order:
        micros = IMAGES[self.model].micros(self.text_in + self.image_in, self.out, self.thoughts)
        tokens = (("text_in", self.text_in), ("image_in", self.image_in), ("out", self.out), ("thoughts", self.thoughts))
        return Order(self.model, self.prompt, 0, *self.size, self.pictures, micros, micros, seed=self.seed, parameters=tokens)


def said(body: Mapping[str, Any]) -> str:
    """The words of a request, before it is judged."""
    return "\n".join(str(part["text"]) for part in _parts(body) if "text" in part)


def read_content(body: Mapping[str, Any], name: str, model: ImageModel, store: PictureStore) -> Wanted:
    """Raises Invalid."""
    only(body, _BODY, "the request")
    config = body.get("generationConfig") or {}
    only(config, _CONFIG, "generation_config")
    form = config.get("imageConfig") or {}
    only(form, _IMAGE_CONFIG, "generation_config.image_config")
    if "IMAGE" not in config.get("responseModalities", ["TEXT", "IMAGE"]):
        raise Invalid("The model cannot answer without the response modality IMAGE.")
    if config.get("candidateCount", 1) != 1:
        raise Invalid("Multiple candidates is not enabled for this model.")
    prompt = said(body)
    if not prompt.strip():
        raise Invalid("A prompt is required.")
    looked = [_picture(part, number, store) for number, part in enumerate(
        (part for part in _parts(body) if "inlineData" in part), 1)]
    if len(looked) > model.most_pictures:
        raise Invalid(f"At most {model.most_pictures} images are supported.")
    aspect = form.get("aspectRatio") or _like(looked[-1][1] if looked else None, model)
    size, kind = form.get("imageSize", "1K"), form.get("outputMimeType", "image/png")
    among(aspect, tuple(model.sizes), "aspect_ratio")
    among(size, tuple(model.tokens), "image_size")
    among(kind, tuple(_FORMATS), "output_mime_type")
    return Wanted(name, prompt, model.pixels(aspect, size), _FORMATS[kind], config.get("seed"),
                  tuple(one for one, _ in looked), tuple(pixels for _, pixels in looked), -(-len(prompt) // 4),
                  model.shown * len(looked), model.tokens[size], model.thoughts)


def content(wanted: Wanted, job: Job) -> dict[str, Any]:
    """The body of the reply."""
    body = {"modelVersion": wanted.model, "responseId": job.id}
    if "filtered_input" in job.faults:
        fault = job.faults.get("filtered_input")
        reason = (fault.value if fault else "") or "PROHIBITED_CONTENT"
        return {**body, "promptFeedback": {"blockReason": reason, "blockReasonMessage": "The prompt was blocked."}}
    parts, finish = _answer(wanted, job)
    candidate: dict[str, Any] = {"index": 0, "finishReason": finish}
    if finish != "STOP":
        candidate["finishMessage"] = UNFIT
    if parts:
        candidate["content"] = {"role": "model", "parts": parts}
    usage = {} if "no_cost" in job.faults else {"usageMetadata": _usage(job)}
    return {**body, "candidates": [] if "no_choices" in job.faults else [candidate], **usage}


def charged_micros(job: Job) -> int:
    """What is charged for an answer without a picture: the tokens it counts."""
    if "filtered_input" in job.faults or job.end == "failed":
        return 0
    tokens = _tokens(job)
    return IMAGES[job.order.model].micros(tokens["text_in"] + tokens["image_in"], tokens["out"], tokens["thoughts"])


def _answer(wanted: Wanted, job: Job) -> tuple[list[dict[str, Any]], str]:
    if job.end == "filtered":
        fault = job.faults.get("filtered")
        return [], (fault.value if fault else "") or "IMAGE_SAFETY"
    if job.end == "empty":
        return [{"text": "I can describe that picture for you instead."}], "STOP"
    drawn = draw(wanted.prompt, wanted.size, wanted.shown, seed=wanted.seed)
    picture = _inline(*picture_file(drawn, wanted.kind, job.faults))
    if "chatty" in job.faults:
        draft = {**_inline(encode(drawn[::8, ::8].copy(), "png"), "png"), "thought": True}
        return [{"text": "Let me draw that for you."}, draft, picture, {"text": "Here it is."}], "STOP"
    return [picture], "STOP"


def _inline(data: bytes, kind: str) -> dict[str, Any]:
    return {"inlineData": {"mimeType": f"image/{kind}", "data": base64.b64encode(data).decode()}}


def _tokens(job: Job) -> dict[str, int]:
    """What was counted: no tokens of a picture where there is none that is charged."""
    tokens = {name: int(str(count)) for name, count in job.order.parameters}
    filtered = job.faults.get("filtered")
    if job.end != "succeeded" and not (filtered and filtered.number("charged")):
        tokens["out"] = 0
    return tokens


def _usage(job: Job) -> dict[str, Any]:
    overbill = job.faults.get("overbill")
    more = float(overbill.value) if overbill else 1.0
    tokens = {name: round(count * more) for name, count in _tokens(job).items()}
    into = tokens["text_in"] + tokens["image_in"]
    usage: dict[str, Any] = {
        "promptTokenCount": into, "candidatesTokenCount": tokens["out"],
        "totalTokenCount": into + tokens["out"] + tokens["thoughts"],
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens["text_in"]},
                                {"modality": "IMAGE", "tokenCount": tokens["image_in"]}],
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": tokens["out"]}],
    }
    return {**usage, "thoughtsTokenCount": tokens["thoughts"]} if tokens["thoughts"] else usage


def _parts(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    contents = body.get("contents")
    contents = contents if isinstance(contents, list) else [contents]
    return [part for one in contents if isinstance(one, dict) for part in one.get("parts") or () if isinstance(part, dict)]


def _picture(part: Mapping[str, Any], number: int, store: PictureStore) -> tuple[Picture, UInt8]:
    inline = part["inlineData"]
    kind = inline.get("mimeType") or inline.get("mime_type")  # google-genai 2.34.0 writes this one name with a line
    among(kind, _KINDS, "mime_type")
    try:
        return store.look(f"image {number}", from_base64(str(inline.get("data", "")).replace("-", "+").replace("_", "/")))
    except NoPicture as error:
        raise Invalid(f"Unable to process input image: it {error}.") from error


def _like(picture: UInt8 | None, model: ImageModel) -> str:
    """The shape where none is asked for: that of the last picture shown, else a square."""
    if picture is None:
        return "1:1"
    aspect = picture.shape[1] / picture.shape[0]
    return min(model.sizes, key=lambda name: abs(model.sizes[name][0] / model.sizes[name][1] - aspect))
