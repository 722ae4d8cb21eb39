"""Google's video models: Veo in a Google Cloud project, Gemini Omni with an API key. How each is asked lies in google_*.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

from pydantic import Field, SecretStr

from catalogue import Provider
from errors import BackendUnavailable, MediaError, Problem
from generators.google_interactions import InteractionsRoute
from generators.google_vertex import VertexRoute
from generators.remote import RemoteVideoGenerator
from generators.remote_protocol import Busy, JobState, Refused, RemoteJob, Trouble
from media.sendable import SentPicture, sendable
from runtime import google_client
from runtime.pools import in_thread
from video_generator_interface import BackendOptions, SegmentRequest

VEO_LEFT_THE_KEYS = date(2026, 10, 22)
"""The day on which Veo stopped answering to a Gemini API key (Google's page of deprecations)."""


class Route(Protocol):
    """One of the two ways Google sells a video."""

    client: Any
    most_picture_bytes: int

    async def begin(self, request: SegmentRequest, first: SentPicture, last: SentPicture | None) -> RemoteJob: ...
    async def look(self, job: RemoteJob) -> JobState: ...
    async def fetch(self, state: JobState, to: Path) -> None: ...


class Veo3Generator(RemoteVideoGenerator):
    """Veo 3.1 by generate_videos on Vertex AI, Gemini Omni by interactions; the model decides which."""

    name: ClassVar[str] = "veo3"
    section: ClassVar[str] = "google_veo"
    provider: ClassVar[str] = "google"

    class Options(BackendOptions):
        """What Google needs to know of who asks, and for what."""

        model_version: str | None = Field(
            default=None, min_length=1, description="The model. Left out: Veo where there is a project, else Omni.")
        api_key: SecretStr | None = Field(
            default=None, description="A Gemini API key, for Omni. Left out: GOOGLE_API_KEY, or GEMINI_API_KEY.",
            json_schema_extra={"env": ["GOOGLE_API_KEY", "GEMINI_API_KEY"]})
        project_id: str | None = Field(
            default=None, min_length=1, description="A Google Cloud project, for Veo. Left out: GOOGLE_CLOUD_PROJECT.",
            json_schema_extra={"env": ["GOOGLE_CLOUD_PROJECT"], "runtime": True})
        region: str = Field(
            default="us-central1", min_length=1, description="Where Vertex AI works, for Veo. Left out: GOOGLE_CLOUD_LOCATION.",
            json_schema_extra={"env": ["GOOGLE_CLOUD_LOCATION"], "runtime": True})
        credentials_file: Path | None = Field(
            default=None, description="A service account's file, for Veo. Left out: GOOGLE_APPLICATION_CREDENTIALS, or what "
            "gcloud left on this machine.",
            json_schema_extra={"env": ["GOOGLE_APPLICATION_CREDENTIALS"], "runtime": True})
        access_token: SecretStr | None = Field(
            default=None, description="A bearer token in place of credentials, for Veo: for gateways and rehearsals.")
        base_url: str | None = Field(
            default=None, pattern=r"^https?://", description="A gateway or a rehearsal server in place of Google's address.",
            json_schema_extra={"runtime": True})
        person_generation: Literal["dont_allow", "allow_adult", "allow_all"] | None = Field(
            default=None, description="Which people Veo may show; Google's own default is adults.")
        parallel: int | None = Field(
            default=None, ge=1, le=1000, description="Clips in work at once, in place of the catalogue's figure.",
            json_schema_extra={"runtime": True})

    options: Options

    @property
    def _google(self) -> Provider:
        return self.terms.catalogue.providers[self.provider]

    @property
    def model_version(self) -> str:
        default = self._google.default if self.options.project_id else self._google.default_with_key
        return self.options.model_version or default or ""

    def identity(self) -> Mapping[str, Any]:
        """The model counts even where the options leave it to us."""
        return {**super().identity(), "model_version": self.model_version}

    @property
    def usual_places(self) -> int:
        return self.options.parallel or super().usual_places

    # -- what keeps it from running ------------------------------------------------------------------------------------

    def mistakes(self) -> Iterator[Problem]:
        wrong = list(super().mistakes())
        yield from wrong
        if not wrong and self.options.person_generation and self.model.route != "vertex":
            yield Problem(f"{self.section}.person_generation", f"{self.model_version} does not know it", "leave it out")

    def problems(self) -> Iterator[Problem]:
        if self.model.route == "vertex":
            yield from self._project_problems()
        elif not self.options.api_key:
            yield self._problem("api_key", f"{self.model_version} needs a Gemini API key",
                                "set GEMINI_API_KEY in the environment or in .env")
        for name in ("api_key", "access_token"):
            if not _can_be_sent(_plain(getattr(self.options, name))):
                yield self._problem(name, "holds a space, a line break or a sign that no key has", "copy it anew")

    def _project_problems(self) -> Iterator[Problem]:
        options = self.options
        omni = f"model_version: {self._google.default_with_key}"
        if not options.project_id and options.api_key:
            yield self._problem("model_version", f"Veo with an API key ended on {VEO_LEFT_THE_KEYS}, {self.model_version} "
                                "needs a Google Cloud project", f"use {omni}, or set project_id")
        elif not options.project_id:
            yield self._problem("project_id", f"{self.model_version} needs a Google Cloud project",
                                f"set GOOGLE_CLOUD_PROJECT, or use {omni} with an API key")
        elif options.credentials_file is not None and not options.access_token:
            if not options.credentials_file.expanduser().is_file():
                yield self._problem("credentials_file", f"there is no file {options.credentials_file}", "correct the path")
        elif not options.access_token and not google_client.machine_has_credentials():
            yield self._problem(
                "project_id", f"there are no credentials for the project {options.project_id} on this machine",
                "run `gcloud auth application-default login`, or set credentials_file to the file of a service account"
                + (f", or use {omni} with your API key" if options.api_key else ""))

    def _problem(self, option: str, what: str, advice: str) -> Problem:
        return Problem(f"{self.section}.{option}", what, advice)

    def remedy_for(self, no: Refused) -> str:
        if self.model.route != "vertex" or not no.key:
            return super().remedy_for(no)
        return (f"see that the credentials may use Vertex AI in the project {self.options.project_id} "
                "(google_veo.credentials_file, or `gcloud auth application-default login`); `doctor --online` tries them")

    async def prove(self) -> str:
        """One free call: the model's own entry. Raises BackendUnavailable."""
        wrong = list(self.problems())
        if wrong:
            raise BackendUnavailable(wrong)
        try:
            with self.translated():
                await self.route.client.aio.models.get(model=self.model_version)
        except (Refused, Busy, Trouble) as no:
            raise BackendUnavailable([Problem(self.section, f"Google answers: {no}")]) from no
        if self.model.route == "vertex":
            return (f"the credentials are good and {self.model_version} is there; what they may do in the project "
                    f"{self.options.project_id} shows with the first clip")
        return f"the API key is good and {self.model_version} is there"

    # -- one clip ------------------------------------------------------------------------------------------------------

    @cached_property
    def route(self) -> Route:
        """How this model is asked. Raises Refused when it makes no film of this shape."""
        options = self.options
        if self.shape is None:
            raise Refused(f"{self.model_version} makes no film of {self.film.size}")
        if self.model.route == "vertex":
            file = options.credentials_file.expanduser() if options.credentials_file else None
            credentials = google_client.credentials_from(_plain(options.access_token), file)
            client = google_client.project_client(options.project_id or "", options.region, credentials, options.base_url)
            return VertexRoute(client, self.model, self.shape, options.person_generation)
        client = google_client.key_client(_plain(options.api_key), options.base_url)
        return InteractionsRoute(client, self.model, self.shape, self.price(audio=True))

    async def submit(self, request: SegmentRequest) -> RemoteJob:
        with google_client.one_post():
            first = await self._picture(request.first_frame)
            last = await self._picture(request.last_frame) if request.last_frame else None
            return await self.route.begin(request, first, last)

    async def _picture(self, path: Path) -> SentPicture:
        most = self.route.most_picture_bytes
        size = self.shape.size if self.shape else self.film.size
        try:
            picture = await in_thread(sendable, path, most, size)
        except (MediaError, OSError) as error:
            raise Refused(f"{path.name} cannot be sent: {error}") from error
        if picture is None:
            raise Refused(f"{path.name} cannot be brought below the {most / 1e6:g} MB that Google takes")
        return picture

    async def poll(self, job: RemoteJob) -> JobState:
        return await self.route.look(job)

    async def download(self, job: RemoteJob, state: JobState, to: Path) -> None:
        await self.route.fetch(state, to)

    def translated(self) -> AbstractContextManager[None]:
        secrets = [_plain(self.options.api_key), _plain(self.options.access_token)]
        return google_client.translated([secret for secret in secrets if secret])


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def _can_be_sent(key: str) -> bool:
    """Whether a header can carry it; what cannot would stand in full in an error's text."""
    return key.isascii() and key.isprintable() and " " not in key
