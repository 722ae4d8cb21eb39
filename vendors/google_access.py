"""Who asks Google, for clips and for pictures: with an API key, or in a Google Cloud project. Knows no model and no route."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field, SecretStr

from errors import Problem
from runtime import google_client
from runtime.setting_types import Address
from vendors.remote_backend import RemoteBackend, plain
from video_generator_interface import BackendOptions

if TYPE_CHECKING:
    from google.genai import Client


class GoogleOptions(BackendOptions):
    """What Google needs to know of who asks, and for which model."""

    model_version: str | None = Field(
        default=None, min_length=1, description="The model. Left out: the default of the catalogue.")
    api_key: SecretStr | None = Field(
        default=None, description="A Gemini API key. Left out: GOOGLE_API_KEY or GEMINI_API_KEY of the environment or of .env.",
        json_schema_extra={"env": ["GOOGLE_API_KEY", "GEMINI_API_KEY"]})
    project_id: str | None = Field(
        default=None, min_length=1, description="A Google Cloud project. Left out: GOOGLE_CLOUD_PROJECT.",
        json_schema_extra={"env": ["GOOGLE_CLOUD_PROJECT"], "runtime": True})
    region: str = Field(
        default="global", min_length=1, description="Where Vertex AI works, for a project.",
        json_schema_extra={"runtime": True})
    credentials_file: Path | None = Field(
        default=None, description="A service account's file, for a project. Left out: GOOGLE_APPLICATION_CREDENTIALS, or what "
        "gcloud left on this machine.", json_schema_extra={"env": ["GOOGLE_APPLICATION_CREDENTIALS"], "runtime": True})
    access_token: SecretStr | None = Field(
        default=None, description="A bearer token in place of credentials, for a project: for gateways and rehearsals.")
    parallel: int | None = Field(
        default=None, ge=1, le=1000, description="How many are in work at once, in place of the catalogue's figure.",
        json_schema_extra={"runtime": True})
    base_url: Address | None = Field(
        default=None, description="A gateway or a rehearsal server in place of Google's address.",
        json_schema_extra={"runtime": True})


class GoogleBackend(RemoteBackend):
    """A backend that asks Google. Comes before RemoteVideoGenerator or RemoteImageGenerator among the bases."""

    provider: ClassVar[str] = "google"
    options: GoogleOptions

    def translated(self) -> AbstractContextManager[None]:
        return google_client.translated(self.secrets)

    def with_key(self) -> Client:
        """A client of the Gemini API."""
        return google_client.key_client(plain(self.options.api_key), self.options.base_url)

    def in_project(self) -> Client:
        """A client of Vertex AI. Raises GoogleAuthError when the credentials a user named are none."""
        options = self.options
        file = options.credentials_file.expanduser() if options.credentials_file else None
        credentials = google_client.credentials_from(plain(options.access_token), file)
        return google_client.project_client(options.project_id or "", options.region, credentials, options.base_url)

    def lacks_credentials(self, otherwise: str = "") -> Iterator[Problem]:
        """What a project lacks to be asked with. `otherwise`: another way out, for the advice."""
        options = self.options
        if options.access_token:
            return
        if options.credentials_file is not None:
            if not options.credentials_file.expanduser().is_file():
                yield self.problem("credentials_file", f"there is no file {options.credentials_file}", "correct the path")
        elif not google_client.machine_has_credentials():
            yield self.problem(
                "project_id", f"there are no credentials for the project {options.project_id} on this machine",
                "run `gcloud auth application-default login`, or set credentials_file to the file of a service account"
                + otherwise)
