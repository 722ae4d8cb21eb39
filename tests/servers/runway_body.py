"""Judges an image_to_video body as the vendor's validation would: every issue at once. Accepts nothing itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.servers.ledger_of_bills import Order, Picture
from tests.servers.pictures import NoPicture, PictureStore, from_data_uri
from tests.servers.runway_models import RunwayModel, shape

Issue = dict[str, Any]
MICROS_PER_CREDIT = 10_000
LONGEST_DATA_URI = 5_000_000
"""`Data URI size limit: 5MB` (docs, assets/inputs), read as strictly as it can be: characters of the URI itself."""


def read_order(body: Mapping[str, Any], models: Mapping[str, RunwayModel], uploads: Mapping[str, bytes], store: PictureStore,
               issues: list[Issue]) -> Order | None:
    """What the body asks for, or None with the issues filled in."""
    model = models.get(str(body.get("model")))
    if model is None:
        issues.append(_issue("invalid_union_discriminator", "model", "Invalid discriminator value"))
        return None
    issues.extend(_field_issues(body, model))
    pictures = _read_pictures(body.get("promptImage"), model, uploads, store, issues)
    if issues:
        return None
    return _order(body, model, pictures)


def _order(body: Mapping[str, Any], model: RunwayModel, pictures: Sequence[Picture]) -> Order:
    asked = body.get("duration", 5 if 5 in model.seconds else model.seconds[-1])
    seconds, most = (5, max(model.seconds)) if asked == "auto" else (int(asked), int(asked))
    first = next(picture for picture in pictures if picture.role == "first")
    width, height, tier = shape(model, body.get("ratio"), body.get("resolution"), (first.width, first.height))
    audio = bool(body.get("audio", model.sound != "never"))
    micros, most_micros = (model.credits(tier, audio, length) * MICROS_PER_CREDIT for length in (seconds, most))
    rest = {name: body[name] for name in sorted(body) if name not in ("promptImage", "promptText", "model", "negativePrompt")}
    return Order(model=str(body["model"]), prompt=str(body.get("promptText", "")), seconds=seconds, width=width, height=height,
                 pictures=tuple(pictures), micros=micros, most_micros=most_micros,
                 negative_prompt=str(body.get("negativePrompt", "")), audio=audio, seed=body.get("seed"),
                 parameters=tuple((name, str(value)) for name, value in rest.items()), unit_micros=MICROS_PER_CREDIT)


def _field_issues(body: Mapping[str, Any], model: RunwayModel) -> Iterator[Issue]:
    for name in ("promptImage", *model.needs):
        if name not in body:
            yield _issue("invalid_type", name, "Required")
    for name in sorted(set(body) - model.fields):
        yield _issue("unrecognized_keys", name, f"Unrecognized key(s) in object: '{name}'")
    for name, allowed in (("ratio", model.ratios), ("resolution", model.resolutions)):
        if allowed and name in body and body[name] not in allowed:
            yield _issue("invalid_enum_value", name, f"Invalid enum value. Expected {' | '.join(allowed)}")
    duration = body.get("duration")
    if duration is not None and not (duration == "auto" and model.auto) and duration not in model.seconds:
        yield _issue("invalid_literal", "duration", f"Expected one of {', '.join(map(str, model.seconds))}")
    if "seed" in body and not (isinstance(body["seed"], int) and 0 <= body["seed"] <= 4294967295):
        yield _issue("too_big", "seed", "Number must be between 0 and 4294967295")
    yield from _prompt_issues(body.get("promptText"), model)


def _prompt_issues(prompt: object, model: RunwayModel) -> Iterator[Issue]:
    if prompt is None:
        return
    if not isinstance(prompt, str) or not prompt:
        yield _issue("too_small", "promptText", "String must contain at least 1 character(s)")
    elif model.prompt_limit is not None and len(prompt.encode("utf-16-le")) // 2 > model.prompt_limit:
        yield _issue("too_big", "promptText", f"String must contain at most {model.prompt_limit} character(s)")


def _read_pictures(given: object, model: RunwayModel, uploads: Mapping[str, bytes], store: PictureStore,
                   issues: list[Issue]) -> list[Picture]:
    parts = [{"uri": given, "position": "first"}] if isinstance(given, str) else given
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        issues.append(_issue("invalid_type", "promptImage", "Expected a string or an array of images"))
        return []
    roles = [part.get("position") for part in parts]
    taken = {"first", "last"} if model.last else {"first"}
    if "first" not in roles or len(set(roles)) != len(roles) or not set(roles) <= taken:
        issues.append(_issue("invalid_literal", "promptImage.position", "This model does not take images at these positions"))
        return []
    found = []
    for place, part in enumerate(parts):
        try:
            found.append(store.take(str(part["position"]), _fetch(str(part.get("uri")), uploads)))
        except NoPicture as error:
            issues.append(_issue("custom", f"promptImage.{place}.uri", f"The image {error}"))
    return sorted(found, key=lambda picture: picture.role)


def _fetch(uri: str, uploads: Mapping[str, bytes]) -> bytes:
    if uri.startswith("runway://"):
        if not uploads.get(uri.removeprefix("runway://")):
            raise NoPicture("was never uploaded")
        return uploads[uri.removeprefix("runway://")]
    if len(uri) > LONGEST_DATA_URI:
        raise NoPicture("is larger than 5MB as a data URI")
    return from_data_uri(uri)


def _issue(code: str, path: str, message: str) -> Issue:
    return {"code": code, "path": path.split("."), "message": message}
