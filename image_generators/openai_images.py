"""OpenAI's image models, and any server that speaks the same HTTP: generate, go by pictures, repaint under a mask."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, SecretStr

from catalogue import ImageModel, Tokens
from errors import Problem
from image_generator_interface import ImageRequest
from image_generators.remote_images import RemoteImageGenerator, size_of
from image_generators.request_parts import Shown, as_png, as_transparency, base_and_mask, sent, shown
from media.film_format import FilmFormat
from runtime import http, openai_client
from runtime.answers import Refused, json_object
from runtime.one_post import one_post
from runtime.paid_call import Reply, Spoilt
from runtime.per_loop import PerLoop
from runtime.pools import in_thread
from runtime.setting_types import Address
from vendors.remote_backend import plain
from video_generator_interface import BackendOptions, Terms

if TYPE_CHECKING:
    from openai import AsyncOpenAI

LARGEST_PICTURE, LARGEST_MASK = 49_000_000, 4_000_000
"""Bytes: `less than 50MB` and `less than 4MB` (openai 3.3.0, types/image_edit_params.py)."""
OPENAIS = re.compile(r"(chat)?gpt-image")
NO_KEY = "none"
"""What a server of one's own is told where it asks for no key."""
LOOK_S = 30.0
FETCHES = 3


class OpenAIImages(RemoteImageGenerator):
    """The images interface, paid by the token."""

    name: ClassVar[str] = "openai"
    section: ClassVar[str] = "openai_images"
    provider: ClassVar[str] = "openai"

    class Options(BackendOptions):
        """Who is asked, for which model, how good."""

        api_key: SecretStr | None = Field(
            default=None, description="The key of the API. Left out: OPENAI_API_KEY of the environment or of .env, for "
            "OpenAI's own address only, it is sent to no other.",
            json_schema_extra={"env": ["OPENAI_API_KEY"], "unless": "base_url"})
        model_version: str | None = Field(
            default=None, min_length=1, description="The model. Left out: the default of the catalogue.")
        quality: Literal["auto", "low", "medium", "high", "xhigh", "max"] | None = Field(
            default=None, description="How good, and how dear, a picture is. Left out: medium where the model knows it.")
        moderation: Literal["auto", "low"] | None = Field(
            default=None, description="How strictly OpenAI filters. Left out: as it likes.")
        parallel: int | None = Field(
            default=None, ge=1, le=1000, description="Pictures in work at once, in place of the catalogue's figure.",
            json_schema_extra={"runtime": True})
        base_url: Address | None = Field(
            default=None, description="Another address than OpenAI's own, with the /v1 at its end: a server of yours (which "
            "may need no key), a gateway, or one to rehearse with.", json_schema_extra={"runtime": True})

    options: Options

    def __init__(self, options: BackendOptions, film: FilmFormat, terms: Terms | None = None) -> None:
        super().__init__(options, film, terms)
        self._clients = PerLoop(self._opened)

    # -- what it can do ----------------------------------------------------------------------------------------------------

    @property
    def quality(self) -> str | None:
        known = self.model.qualities if self.model else ()
        return self.options.quality or ("medium" if "medium" in known else None)

    @property
    def elsewhere(self) -> bool:
        return self.options.base_url is not None

    def problems(self) -> Iterator[Problem]:
        yield from super().problems()
        if not self.options.api_key and not self.elsewhere:
            yield self.problem("api_key", "is missing",
                               "set OPENAI_API_KEY in the environment or in .env beside the config, or write it here")

    async def proof(self) -> str:
        await self._clients.get().models.retrieve(self.model_version, timeout=min(LOOK_S, self.terms.timeout_s))
        return f"the key is good and {self.model_version} is there"

    # -- one picture -------------------------------------------------------------------------------------------------------

    async def draw(self, request: ImageRequest) -> Reply:
        with one_post():
            asked = self._fields(request)
            pictures = shown(request, self.capabilities.references)
            images = self._clients.get().images.with_raw_response
            if pictures:
                files = await in_thread(self._files, request, pictures)
                answer = await images.edit(**asked, **files)
            else:
                answer = await images.generate(**asked)
        return await self._picture(json_object(answer))

    def _fields(self, request: ImageRequest) -> dict[str, Any]:
        """What is asked for in words and numbers. A server of one's own is told nothing that only OpenAI knows."""
        size = size_of(self.model, request.size)
        asked: dict[str, Any] = {"model": self.model_version, "prompt": self.words(request), "size": str(size), "n": 1}
        if self._is_openais:
            asked |= {"background": "opaque", "output_format": "png"}
        else:
            asked["extra_body"] = {"response_format": "b64_json"}
        if self.quality:
            asked["quality"] = self.quality
        if self.options.moderation:
            asked["extra_body"] = {**asked.get("extra_body", {}), "moderation": self.options.moderation}
        return asked

    @property
    def _is_openais(self) -> bool:
        """Whether the model is one of OpenAI's, wherever it is asked."""
        return not self.elsewhere or OPENAIS.match(self.model_version) is not None

    def _files(self, request: ImageRequest, pictures: list[Shown]) -> dict[str, Any]:
        """The pictures in their order, with names and types; of an edit the mask, which is clear where it is to be painted."""
        size = size_of(self.model, request.size)
        files: list[tuple[str, bytes, str]] = []
        found: dict[str, Any] = {}
        for number, picture in enumerate(pictures, 1):
            if request.edit and number == 1:
                base, white = base_and_mask(request)
                mask = as_transparency(white)
                if len(mask) > LARGEST_MASK:
                    raise Refused(f"the mask has {len(mask) / 1e6:.1f} MB, the interface takes {LARGEST_MASK / 1e6:g}")
                files.append((_file_name(number, picture.name, "image/png"), base, "image/png"))
                found["mask"] = ("mask.png", mask, "image/png")
                continue
            one = sent(picture, LARGEST_PICTURE, size)
            files.append((_file_name(number, picture.name, one.kind), one.data, one.kind))
        return {"image": files, **found}

    async def _picture(self, body: Mapping[str, Any]) -> Reply:
        """The picture of an answer, and what it cost. Raises Spoilt."""
        charged = _charge(body.get("usage"), self.model)
        first = next(iter(body.get("data") or ()), None)
        try:
            data = await self._bytes(first if isinstance(first, dict) else {})
            return Reply(await in_thread(as_png, data), charged)
        except Spoilt as spoilt:
            raise Spoilt(str(spoilt), charged_usd=charged) from spoilt

    async def _bytes(self, item: Mapping[str, Any]) -> bytes:
        """A picture as base64, or, of servers that have it so, as an address to fetch it from."""
        inline, address = item.get("b64_json"), item.get("url")
        if isinstance(inline, str) and inline:
            try:
                return base64.b64decode(inline)
            except (binascii.Error, ValueError) as error:
                raise Spoilt("what came as a picture is no base64") from error
        if isinstance(address, str) and address:
            return await self._fetched(address)
        raise Spoilt("it answered without a picture")

    async def _fetched(self, address: str) -> bytes:
        with tempfile.TemporaryDirectory(prefix="longtake-") as folder:
            to = Path(folder) / "picture"
            for left in range(FETCHES - 1, -1, -1):
                try:
                    await http.fetch(address, to, timeout_s=self.terms.timeout_s, expect="image/")
                    return to.read_bytes()
                except http.Expired as gone:
                    raise Spoilt(f"the picture is not where the answer says: {gone}") from gone
                except http.Unreachable as trouble:
                    if not left:
                        raise Spoilt(f"the picture was made and could not be fetched: {trouble}") from trouble
                    await asyncio.sleep(trouble.retry_after_s or 1.0)
        raise AssertionError("the last try returns or raises")

    # -- the SDK -----------------------------------------------------------------------------------------------------------

    def translated(self) -> AbstractContextManager[None]:
        return openai_client.translated(self.secrets)

    def _opened(self) -> AsyncOpenAI:
        answer_s = min(openai_client.ANSWER_S, self.terms.timeout_s)
        return openai_client.opened(plain(self.options.api_key) or NO_KEY, self.options.base_url, answer_s=answer_s)


def _file_name(number: int, name: str, kind: str) -> str:
    """`2-mara.png`: some servers go by the ending."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "picture"
    return f"{number}-{plain}.{'png' if kind == 'image/png' else 'jpg'}"


def _charge(usage: object, model: ImageModel | None) -> Decimal | None:
    """What the tokens of an answer cost; None where it does not count them, or nobody knows what they cost."""
    if model is None or not isinstance(usage, Mapping):
        return None
    inputs, outputs = usage.get("input_tokens_details") or {}, usage.get("output_tokens_details") or {}
    shown_in, written = _count(inputs, "image_tokens"), _count(outputs, "text_tokens")
    total_in, total_out = _count(usage, "input_tokens"), _count(usage, "output_tokens")
    if total_out == 0:
        return None
    return model.settled(Tokens(max(0, total_in - shown_in), shown_in, max(0, total_out - written), written))


def _count(counts: object, name: str) -> int:
    value = counts.get(name) if isinstance(counts, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
