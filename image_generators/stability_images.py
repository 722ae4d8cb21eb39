"""Stability's image services over plain HTTP (REST v2beta): draw, go on from a picture, repaint under a mask, widen."""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from PIL import Image
from pydantic import Field, SecretStr

from catalogue import Asked
from catalogue_images import Task
from errors import MediaError, Problem
from image_generator_interface import ImageCapabilities, ImageRequest
from image_generators.remote_images import RemoteImageGenerator, seed_for
from image_generators.request_parts import BARELY, Shown, as_png, base_and_mask, png, sent
from media.film_format import FilmFormat
from media.frames import load_rgb
from media.mask_shapes import Sides, frame_around
from runtime import durable, http
from runtime.answers import Refused, Side, Trouble, verdict
from runtime.http import Answer, File, Form
from runtime.money import dollars
from runtime.pace import Pace
from runtime.paid_call import Reply, Spoilt
from runtime.plain_text import gist, masked
from runtime.pools import in_thread
from runtime.setting_types import Address
from runtime.till import Counter
from vendors.remote_backend import plain
from video_generator_interface import BackendOptions, Report, Terms

BASE_URL = "https://api.stability.ai"
SERVICES = "v2beta/stable-image"
MOST, IN_S = 150, 10.0
"""The rate that Stability allows a key: `more than 150 requests in 10 seconds` is answered with 429."""
LARGEST_REQUEST, LARGEST_PICTURE = 10_485_760, 9_500_000
"""Bytes: 10 MiB a request, words and mask included."""
ANSWER_S, LOOK_S = 300.0, 30.0
"""A purchase gets time: an answer that comes too late was paid for, and nobody can find it again."""
LONGEST_REASON = 400
MODERATED, FILTERED = "content_moderation", "CONTENT_FILTERED"
LEAST_SIDE, MOST_ADDED = 64, 2000
"""Pixels that a picture has at least, and that outpaint adds at most to a side."""
_PACES: dict[str, Pace] = {}


def pace_of(address: str, key: str) -> Pace:
    """The turns of one key in this process, whoever asks with it."""
    return _PACES.setdefault(f"{address} {key}", Pace(MOST, IN_S))


@dataclass(frozen=True)
class Service:
    """What is asked of which service."""

    path: str
    form: Form


class StabilityImages(RemoteImageGenerator):
    """Stability's models, paid in credits by the picture."""

    name: ClassVar[str] = "stability"
    section: ClassVar[str] = "stability_images"
    provider: ClassVar[str] = "stability"

    class Options(BackendOptions):
        """Who is asked, for which model, and how freely it goes on from the picture before."""

        api_key: SecretStr | None = Field(
            default=None, description="The key of the API. Left out: STABILITY_API_KEY of the environment or of .env, for "
            "Stability's own address only.", json_schema_extra={"env": ["STABILITY_API_KEY"], "unless": "base_url"})
        model_version: str | None = Field(
            default=None, min_length=1, description="The model. Left out: the default of the catalogue.")
        strength: float | None = Field(
            default=0.75, ge=0, le=1, allow_inf_nan=False, description="How freely a keyframe goes on from the one before it "
            "in its scene: 0 repeats it, 1 leaves nothing of it. `null`: each is drawn from words alone, all at once.")
        parallel: int | None = Field(
            default=None, ge=1, le=1000, description="Pictures in work at once, in place of the catalogue's figure.",
            json_schema_extra={"runtime": True})
        base_url: Address | None = Field(
            default=None, description="A gateway or a rehearsal server in place of Stability's "
            "address.", json_schema_extra={"runtime": True})

    options: Options

    def __init__(self, options: BackendOptions, film: FilmFormat, terms: Terms | None = None) -> None:
        super().__init__(options, film, terms)
        self._address = (self.options.base_url or BASE_URL).rstrip("/")

    # -- what it can do ----------------------------------------------------------------------------------------------------

    @property
    def _goes_on(self) -> bool:
        """Whether a keyframe starts from the one before it."""
        return self.options.strength is not None and self.model is not None and self.model.strength

    @property
    def capabilities(self) -> ImageCapabilities:
        """As the catalogue says; but a picture is where these models start, not one that they look at to see who is who."""
        return replace(super().capabilities, references=0, goes_on=self._goes_on)

    def mistakes(self) -> Iterator[Problem]:
        yield from super().mistakes()
        said = "strength" in self.options.model_fields_set and self.options.strength is not None
        if said and self.model is not None and not self.model.strength:
            yield self.problem("strength", f"{self.model_version} starts from no picture", "leave it out")

    def problems(self) -> Iterator[Problem]:
        yield from super().problems()
        if not self.options.api_key:
            yield self.problem("api_key", "is missing",
                               "set STABILITY_API_KEY in the environment or in .env beside the config, or write it here")

    async def proof(self) -> str:
        answer = await self._answered("v1/user/balance", timeout_s=min(LOOK_S, self.terms.timeout_s))
        credits = (answer.json() or {}).get("credits")
        if not isinstance(credits, int | float):
            raise Trouble("what answers is not Stability, see base_url")
        return f"credits {credits:g}, {self.model_version}: {dollars(self.quote().usd)} a picture"

    # -- one picture -------------------------------------------------------------------------------------------------------

    async def serve(self, request: ImageRequest, to: Path, report: Report, counter: Counter) -> None:
        """As of the others, at the rate that is allowed: who waits here has not begun to buy."""
        await pace_of(self._address, self._key).turn()
        await super().serve(request, to, report, counter)

    async def draw(self, request: ImageRequest) -> Reply:
        service = await in_thread(self._service, request)
        answer = await self._answered(f"{SERVICES}/{service.path}", service.form,
                                      timeout_s=min(ANSWER_S, self.terms.timeout_s))
        return await in_thread(self._picture, answer, request)

    def _service(self, request: ImageRequest) -> Service:
        """Which service draws this, with all it is told. Raises Refused: what cannot be sent is not bought."""
        if self.model is None:
            raise Refused(f"nothing is known of {self.model_version}")
        form: dict[str, str | File] = {"prompt": self.words(request), "output_format": "png",
                                       "seed": str(seed_for(request.seed) or 1)}  # 0 is any seed, to Stability
        if request.edit is not None:
            return _small_enough(self._edit(request, form))
        kind = self.model.route.partition(":")[2]
        if self.model.negative_prompt and request.negative_prompt.strip():
            form["negative_prompt"] = request.negative_prompt.strip()
        if kind == "sd3":
            form["model"] = self.model.id
        start = self._start(request)
        if start is None:
            form["aspect_ratio"] = self.model.size_for(request.size).ask
        else:
            one = sent(start, LARGEST_PICTURE, request.size)
            form |= {"image": File(f"start.{one.kind.partition('/')[2]}", one.data, one.kind),
                     "strength": f"{self.options.strength:g}"}
            form |= {"mode": "image-to-image"} if kind == "sd3" else {}
        return _small_enough(Service(f"generate/{kind}", form))

    def _start(self, request: ImageRequest) -> Shown | None:
        """The picture that it goes on from."""
        return Shown("the moment before", request.previous) if request.previous and self._goes_on else None

    def _edit(self, request: ImageRequest, form: Mapping[str, str | File]) -> Service:
        """Around a rectangle that stays a picture is widened; else it is repainted where the mask is white."""
        base, mask = base_and_mask(request)
        sides = self._around(mask)
        if sides is not None:
            kept = _base(sides.within(load_rgb(io.BytesIO(base))))
            added = {"up": sides.top, "down": sides.bottom, "left": sides.left, "right": sides.right}
            return Service("edit/outpaint", {**form, **{side: str(pixels) for side, pixels in added.items() if pixels},
                                             "image": kept})
        avoid = {"negative_prompt": request.negative_prompt.strip()} if request.negative_prompt.strip() else {}
        return Service("edit/inpaint", {**form, **avoid, "image": File("base.png", base, "image/png"),
                                        "mask": File("mask.png", png(np.dstack([mask] * 3)), "image/png")})

    def _around(self, mask: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> Sides | None:
        """What is to be added on each side, where that is all that is to be painted."""
        sides = frame_around(mask, least_side=LEAST_SIDE) if self.capabilities.outpaints else None
        return sides if sides is not None and max(sides) <= MOST_ADDED else None

    def _picture(self, answer: Answer, request: ImageRequest) -> Reply:
        """The picture of an answer, which is a blurred one where it was filtered. Raises Spoilt, and Trouble when it makes no
        sense: it was accepted, and nobody knows as what."""
        body, price = answer.json(), self.quote_for(request).usd
        if answer.headers.get("content-type", "").startswith("image/"):  # of a gateway that hands on no `accept`
            data, finish = answer.content, answer.headers.get("finish-reason")
        elif body is not None:
            data, finish = _decoded(body.get("image")), body.get("finish_reason")
        else:
            raise Trouble("the answer is not what the API answers: is there a gateway in between?")
        if finish == FILTERED:
            raise Spoilt("Stability blurred the picture (CONTENT_FILTERED)", charged_usd=price, by="prices", refusal="output")
        if finish not in (None, "SUCCESS") or not data:
            raise Spoilt(f"there is no picture ({gist(str(finish), 40)})", charged_usd=price, by="prices")
        try:
            return Reply(as_png(data), price, "prices")
        except Spoilt as spoilt:
            raise Spoilt(str(spoilt), charged_usd=price, by="prices") from spoilt

    # -- what the ledger keeps ---------------------------------------------------------------------------------------------

    def _priced(self, request: ImageRequest) -> Asked:
        return replace(super()._priced(request), task=self._task(request))

    def _task(self, request: ImageRequest) -> Task:
        """What the price goes by: a part that is painted anew has one of its own, whatever the model."""
        if request.edit is None:
            return "generate"
        try:
            white = load_rgb(request.edit.mask).max(axis=2) >= BARELY
            return "outpaint" if self._around(white.astype(np.uint8)) else "edit"
        except MediaError:  # of one that is only reckoned nothing has been drawn
            return "outpaint" if request.edit.beyond and self.capabilities.outpaints else "edit"

    def _asked(self, request: ImageRequest) -> dict[str, Any]:
        """As of the others, with the picture that it starts from."""
        base = Shown("the picture to be changed", request.edit.base) if request.edit else self._start(request)
        found = {**super()._asked(request), "task": self._task(request)}
        if base is not None:
            found["pictures"] = [{"shows": base.name, "sha256": durable.sha256_of(base.path)}]
        return found

    # -- HTTP --------------------------------------------------------------------------------------------------------------

    async def _answered(self, path: str, form: Form | None = None, *, timeout_s: float) -> Answer:
        """The answer when all went well. Raises Refused, Busy or Trouble."""
        headers = {"authorization": f"Bearer {self._key}", "accept": "application/json"}
        answer = await http.ask(f"{self._address}/{path}", headers, form, timeout_s=timeout_s)
        if answer.status == 200:
            return answer
        body = answer.json() or {}
        name, errors = str(body.get("name") or ""), body.get("errors")
        said = "; ".join(map(str, errors)) if isinstance(errors, list) else ""
        reason = masked(gist(f"HTTP {answer.status}: {said or name or 'no reason given'}", LONGEST_REASON), [self._key])
        refusal: Side | None = "input" if name == MODERATED else None
        raise verdict(answer.status, reason, retry_after_s=http.retry_after_s(answer.headers), refusal=refusal)

    @property
    def _key(self) -> str:
        return plain(self.options.api_key)


def _decoded(text: object) -> bytes:
    """The bytes of a picture in base64; none where it is none."""
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        return b""


def _base(rgb: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> File:
    """The picture that is to be widened. What cannot be sent as it is, is sent as a JPEG: it is put back afterwards."""
    data = png(rgb)
    if len(data) <= LARGEST_PICTURE:
        return File("base.png", data, "image/png")
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb)).save(file, "JPEG", quality=95, subsampling=0)
    return File("base.jpeg", file.getvalue(), "image/jpeg")


def _small_enough(service: Service) -> Service:
    """Raises Refused when it is more than Stability takes in one request."""
    size = sum(len(one.encode()) if isinstance(one, str) else len(one.data) for one in service.form.values())
    if size > LARGEST_REQUEST - 4096:  # of the form's own lines
        raise Refused(f"words and pictures are {size / 1e6:.1f} MB, Stability takes 10 in one request")
    return service
