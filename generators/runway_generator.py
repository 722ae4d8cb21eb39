"""Runway: keyframes to video through the runwayml SDK, for every image-to-video model of the catalogue. Draws no keyframes."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from errors import MachineTrouble, MediaError, Problem
from generators import runway_answers as answers
from generators.remote import RemoteVideoGenerator
from generators.remote_protocol import AddressExpired, Busy, JobState, Refused, RemoteJob, Trouble
from media.film_format import FilmFormat, Size
from media.sendable import most_bytes_of, sendable
from runtime import http
from runtime.answers import json_object
from runtime.per_loop import PerLoop
from runtime.pools import in_thread
from runtime.purchases import Purchase
from runtime.setting_types import Address
from vendors.remote_backend import plain
from video_generator_interface import JSON, BackendOptions, Durations, SegmentRequest, Terms

if TYPE_CHECKING:
    from httpx import Timeout
    from runwayml import AsyncRunwayML

BASE_URL = "https://api.dev.runwayml.com"
"""Said explicitly, so that a stray RUNWAYML_BASE_URL sends no key elsewhere."""
LONGEST_DATA_URI = 5_000_000
"""`Data URI: 5MB` (docs.dev.runwayml.com/assets/inputs), read as strictly as it can be: in characters of the URI itself."""
CONNECT_S, LOOK_S, ANSWER_S = 10.0, 30.0, 120.0
"""How long a connection, a look at a task and the answer to a purchase may take. A purchase gets time: an answer that comes
too late is a job that nobody can find again."""
REUSE_S = 1.0
"""A connection that was idle for longer is not used again: the other end may be closing it, and a POST would be lost in it."""
NO_LIMIT = 20
"""Jobs at once where Runway sets no limit: as many as the largest tier with a limit takes."""
TAKEN_BY: Mapping[str, tuple[str, ...]] = {
    "content_moderation": ("gen4.5", "gen4_turbo"),
    "cfg_scale": ("kling2.5_turbo_pro", "kling3.0_standard", "kling3.0_pro", "kling3.0_4k"),
    "prompt_expansion_mode": ("h3_max",),
}
"""Which models take an option that only some take (types of runwayml 5.24.0)."""


class RunwayGenerator(RemoteVideoGenerator):
    """Runway's API, paid in credits by the second."""

    name: ClassVar[str] = "runway"
    section: ClassVar[str] = "runway_ml"
    provider: ClassVar[str] = "runway"

    class Options(BackendOptions):
        api_key: SecretStr | None = Field(
            default=None, description="The key of the API. Left out: RUNWAYML_API_SECRET of the environment or of .env.",
            json_schema_extra={"env": ["RUNWAYML_API_SECRET"]})
        model_version: str | None = Field(
            default=None, description="The model. Left out: the default of the catalogue.", min_length=1)
        max_duration: float | None = Field(
            default=None, gt=0, le=3600, allow_inf_nan=False, description="The longest clip to ask for. Left out: the longest "
            "the model makes.", json_schema_extra={"runtime": True, "unit": "seconds"})
        parallel: int | None = Field(
            default=None, ge=1, le=1000, description="Jobs at once. Left out: as many as the account's tier allows.",
            json_schema_extra={"runtime": True})
        content_moderation: Literal["auto", "low"] | None = Field(
            default=None, description="How strictly Runway looks for public figures (gen4.5, gen4_turbo).")
        cfg_scale: float | None = Field(
            default=None, ge=0, le=1, description="From 0, free, to 1, strictly by the prompt (kling2.5_turbo_pro, kling3.0).")
        prompt_expansion_mode: Literal["disabled", "balanced", "quality"] | None = Field(
            default=None, description="How much the model rewrites the prompt; only with `disabled` a seed repeats (h3_max).")
        base_url: Address | None = Field(
            default=None, description="Another address than Runway's own: a gateway, or a server to rehearse with.",
            json_schema_extra={"runtime": True})

        @field_validator("base_url")
        @classmethod
        def _without_version(cls, value: str | None) -> str | None:
            if urlsplit(value or "").path.rstrip("/").endswith("/v1"):
                raise ValueError("leave out the /v1 at its end, it is added")
            return value

    options: Options

    def __init__(self, options: BackendOptions, film: FilmFormat, terms: Terms | None = None) -> None:
        super().__init__(options, film, terms)
        self._clients = PerLoop(self._opened)
        self._asking = asyncio.Lock()
        self._limit: int | None = None

    # -- what it can do ----------------------------------------------------------------------------------------------------

    @property
    def durations(self) -> Durations:
        can, most_s = super().durations, self.options.max_duration
        if most_s is None or most_s < can.shortest:  # the latter is said by mistakes()
            return can
        if can.choices:
            return replace(can, choices=tuple(choice for choice in can.choices if choice <= most_s))
        steps = math.floor((min(most_s, can.most_s) - can.least_s) / can.step_s + 1e-9)
        return replace(can, most_s=can.least_s + steps * can.step_s)

    def identity(self) -> Mapping[str, JSON]:
        """What is left out says nothing: an option that comes with a later version must not make bought clips new ones."""
        return {name: value for name, value in super().identity().items() if value is not None}

    def problems(self) -> Iterator[Problem]:
        yield from super().problems()
        if not self._key:
            yield self.problem("api_key", "is missing",
                               "set RUNWAYML_API_SECRET in the environment or in .env beside the config, or write it here")

    def mistakes(self) -> Iterator[Problem]:
        unusable = list(super().mistakes())
        yield from unusable
        if unusable:
            return
        shortest, most_s = super().durations.shortest, self.options.max_duration
        if most_s is not None and most_s < shortest:
            yield self.problem("max_duration", f"{most_s:g} s is shorter than the shortest clip of {self.model_version}",
                               f"it makes {super().durations}")
        for option, models in TAKEN_BY.items():
            if getattr(self.options, option) is not None and self.model_version not in models:
                yield self.problem(option, f"{self.model_version} does not take it",
                                   f"leave it out; only {', '.join(models)} take it")

    def request_problems(self, request: SegmentRequest) -> Iterator[str]:
        yield from super().request_problems(request)
        if request.seconds != round(request.seconds):
            yield f"Runway is asked for whole seconds, not for {request.seconds:g}"

    # -- buying a clip -----------------------------------------------------------------------------------------------------

    async def submit(self, request: SegmentRequest) -> RemoteJob:
        asked = {**self._asked(request), "prompt_image": await self._pictures(request)}
        answer = json_object(
            await self._clients.get().image_to_video.with_raw_response.create(**asked, timeout=self._patience(ANSWER_S)))
        name = answer.get("id")
        if not isinstance(name, str) or not name:
            raise Trouble("Runway accepted the POST and does not say which task it is")
        estimate = answer.get("estimatedCost")
        credits = estimate.get("credits") if isinstance(estimate, dict) else None
        return RemoteJob(name, answers.usd(credits, self._usd_per_credit))

    def _asked(self, request: SegmentRequest) -> dict[str, Any]:
        """The fields of the request but for the pictures, in the SDK's names: only such as the model takes."""
        model, shape = self.model, self.shape
        if shape is None:
            raise Refused("; ".join(self.request_problems(request)))
        asked: dict[str, Any] = {"model": model.id, "duration": round(request.seconds)}
        told = {"ratio": shape.ask, "resolution": shape.resolution, "prompt_text": request.prompt.strip(),
                "negative_prompt": request.negative_prompt if model.negative_prompt else ""}
        asked |= {name: value for name, value in told.items() if value}
        if model.audio == "option":
            asked["audio"] = request.audio
        if model.seed:
            asked["seed"] = request.seed
        for option in TAKEN_BY:
            value = getattr(self.options, option)
            if value is not None:
                asked[option] = {"public_figure_threshold": value} if option == "content_moderation" else value
        return asked

    async def _pictures(self, request: SegmentRequest) -> list[dict[str, str]]:
        """The keyframes as Runway takes them. Nothing is bought yet: what fails here was not accepted, and that is known."""
        given = {"first": request.first_frame, "last": request.last_frame if self.model.last_frame else None}
        try:
            with self.translated():
                return [{"uri": await self._uri(path), "position": position} for position, path in given.items() if path]
        except (MediaError, OSError, Trouble) as error:
            raise answers.refused_before(error) from error

    async def _uri(self, picture: Path) -> str:
        """A data URI where the picture fits into one, else the name of an upload, which costs nothing."""
        size = self.shape.size if self.shape else Size(*self.film.size)
        inline = await in_thread(sendable, picture, most_bytes_of(LONGEST_DATA_URI), size)
        if inline is not None:
            return await in_thread(lambda: inline.data_uri)
        try:
            uploaded = await self._clients.get().uploads.create_ephemeral(file=picture, timeout=self._patience(ANSWER_S))
            return str(uploaded.uri)
        except (AttributeError, ValueError) as error:  # the SDK takes the page of a gateway for an answer
            raise Trouble("Runway's answer to an upload makes no sense") from error

    # -- collecting it -----------------------------------------------------------------------------------------------------

    async def poll(self, job: RemoteJob) -> JobState:
        look = await self._clients.get().tasks.with_raw_response.retrieve(job.id, timeout=self._patience(LOOK_S))
        return answers.task_state(json_object(look), self._usd_per_credit)

    async def download(self, job: RemoteJob, state: JobState, to: Path) -> None:
        try:
            await http.fetch(state.address, to, timeout_s=self.terms.timeout_s)
        except http.Expired as gone:
            raise AddressExpired(str(gone)) from gone
        except http.Unreachable as trouble:
            raise Trouble(str(trouble), trouble.retry_after_s) from trouble

    # -- the account -------------------------------------------------------------------------------------------------------

    async def places(self) -> int:
        async with self._asking:
            if self._limit is None:
                self._limit = await self._at_once()
        return self._limit

    async def _at_once(self) -> int:
        """Jobs at once: what the tier allows, at most what the config says; the catalogue's figure when Runway does not say."""
        wanted = self.options.parallel
        try:
            account = await self._account()
        except (Refused, Busy, Trouble):
            return self.usual_places
        if account.shut:
            self._shut(account)
        most = wanted or NO_LIMIT
        return most if account.at_once is None else max(1, min(most, account.at_once))

    def _shut(self, account: answers.Account) -> None:
        self.closed = f"Runway makes no {self.model_version} for this account: {account.shut}"
        self.remedy = "raise the tier at Runway, or choose another model; `doctor --online` shows what is allowed"

    async def proof(self) -> str:
        account = await self._account()
        return f"credits {account.credits}, {self.model_version}: {account}"

    async def witness(self) -> Mapping[str, Any]:
        account = await self._account()
        if account.shut:
            self._shut(account)
        self.full = f"Runway takes no more {self.model_version} for now: {account.used_up}" if account.used_up else ""
        return {"at": time.time(), "credits": account.credits, "daily": {self.model_version: account.today}}

    def judge(self, purchase: Purchase, before: Mapping[str, Any], after: Mapping[str, Any], own: Mapping[str, Any]) -> str:
        return answers.judgement(purchase.model, before, after, own, self._usd_per_credit)

    async def _account(self) -> answers.Account:
        with self.translated():
            answer = await self._clients.get().organization.with_raw_response.retrieve(timeout=self._patience(LOOK_S))
        return answers.account(json_object(answer), self.model_version)

    # -- the SDK -----------------------------------------------------------------------------------------------------------

    def translated(self) -> AbstractContextManager[None]:
        return answers.translated(self._key)

    @property
    def _key(self) -> str:
        return plain(self.options.api_key)

    @property
    def _usd_per_credit(self) -> Decimal | None:
        return self.vendor.usd_per_credit

    def _patience(self, usual_s: float) -> Timeout:
        import httpx

        answer_s = min(usual_s, self.terms.timeout_s)
        return httpx.Timeout(answer_s, connect=min(CONNECT_S, answer_s))

    def _opened(self) -> AsyncRunwayML:
        """A client with the key and the address said, and never a second POST for the first."""
        import httpx
        from runwayml import AsyncRunwayML, DefaultAsyncHttpxClient

        if not self._key:
            raise Refused("there is no API key", account=True)
        limits = httpx.Limits(max_connections=None, keepalive_expiry=REUSE_S)
        try:
            return AsyncRunwayML(api_key=self._key, base_url=self.options.base_url or BASE_URL, max_retries=0,
                                 http_client=DefaultAsyncHttpxClient(limits=limits, verify=http.certificates()))
        except (ImportError, ValueError) as error:
            raise MachineTrouble(f"there is no way out to the network: {error}",
                                 advice="see HTTP_PROXY, HTTPS_PROXY and ALL_PROXY") from error
