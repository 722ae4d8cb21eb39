"""Google's video models: Veo in a Google Cloud project, Gemini Omni with an API key. How each is asked lies in google_*.py."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

from pydantic import Field

from errors import MediaError, Problem
from generators.google_interactions import InteractionsRoute
from generators.google_vertex import VertexRoute
from generators.remote import RemoteVideoGenerator
from generators.remote_protocol import JobState, Refused, RemoteJob
from media.sendable import SentPicture, sendable
from runtime import google_client
from runtime.pools import in_thread
from vendors.google_access import GoogleBackend, GoogleOptions
from video_generator_interface import SegmentRequest

VEO_LEFT_THE_KEYS = date(2026, 10, 22)
"""The day on which Veo stopped answering to a Gemini API key (Google's page of deprecations)."""


class Route(Protocol):
    """One of the two ways Google sells a video."""

    client: Any
    most_picture_bytes: int

    async def begin(self, request: SegmentRequest, first: SentPicture, last: SentPicture | None) -> RemoteJob: ...
    async def look(self, job: RemoteJob) -> JobState: ...
    async def fetch(self, state: JobState, to: Path) -> None: ...


class Veo3Generator(GoogleBackend, RemoteVideoGenerator):
    """Veo 3.1 by generate_videos on Vertex AI, Gemini Omni by interactions; the model decides which."""

    name: ClassVar[str] = "veo3"
    section: ClassVar[str] = "google_veo"

    class Options(GoogleOptions):
        """What Google needs to know of who asks, and for what: an API key for Omni, a project for Veo."""

        model_version: str | None = Field(
            default=None, min_length=1, description="The model. Left out: Veo where there is a project, else Omni.")
        region: str = Field(
            default="us-central1", min_length=1, description="Where Vertex AI works, for a project. Left out: "
            "GOOGLE_CLOUD_LOCATION.", json_schema_extra={"env": ["GOOGLE_CLOUD_LOCATION"], "runtime": True})
        person_generation: Literal["dont_allow", "allow_adult", "allow_all"] | None = Field(
            default=None, description="Which people Veo may show; Google's own default is adults.")

    options: Options

    @property
    def model_version(self) -> str:
        default = self.vendor.default if self.options.project_id else self.vendor.default_with_key
        return self.options.model_version or default or ""

    # -- what keeps it from running ------------------------------------------------------------------------------------

    def mistakes(self) -> Iterator[Problem]:
        wrong = list(super().mistakes())
        yield from wrong
        if not wrong and self.options.person_generation and self.model.route != "vertex":
            yield self.problem("person_generation", f"{self.model_version} does not know it", "leave it out")

    def problems(self) -> Iterator[Problem]:
        if self.model.route == "vertex":
            yield from self._project_problems()
        elif not self.options.api_key:
            yield self.problem("api_key", f"{self.model_version} needs a Gemini API key",
                               "set GEMINI_API_KEY in the environment or in .env")
        yield from super().problems()

    def _project_problems(self) -> Iterator[Problem]:
        options = self.options
        omni = f"model_version: {self.vendor.default_with_key}"
        if not options.project_id and options.api_key:
            yield self.problem("model_version", f"Veo with an API key ended on {VEO_LEFT_THE_KEYS}, {self.model_version} "
                               "needs a Google Cloud project", f"use {omni}, or set project_id")
        elif not options.project_id:
            yield self.problem("project_id", f"{self.model_version} needs a Google Cloud project",
                               f"set GOOGLE_CLOUD_PROJECT, or use {omni} with an API key")
        else:
            yield from self.lacks_credentials(f", or use {omni} with your API key" if options.api_key else "")

    def remedy_for(self, no: Refused) -> str:
        if self.model.route != "vertex" or not no.key:
            return super().remedy_for(no)
        return (f"see that the credentials may use Vertex AI in the project {self.options.project_id} "
                "(google_veo.credentials_file, or `gcloud auth application-default login`); `doctor --online` tries them")

    async def proof(self) -> str:
        await self.route.client.aio.models.get(model=self.model_version)
        if self.model.route == "vertex":
            return (f"the credentials are good and {self.model_version} is there; what they may do in the project "
                    f"{self.options.project_id} shows with the first clip")
        return f"the API key is good and {self.model_version} is there"

    # -- one clip ------------------------------------------------------------------------------------------------------

    @cached_property
    def route(self) -> Route:
        """How this model is asked. Raises Refused when it makes no film of this shape."""
        if self.shape is None:
            raise Refused(f"{self.model_version} makes no film of {self.film.size}")
        if self.model.route == "vertex":
            return VertexRoute(self.in_project(), self.model, self.shape, self.options.person_generation)
        return InteractionsRoute(self.with_key(), self.model, self.shape, self.price(audio=True))

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
