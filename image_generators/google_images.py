"""Google's image models (Gemini, "Nano Banana") through google-genai: with an API key, or in a Google Cloud project."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, SecretStr

from catalogue import Tokens
from errors import Problem
from image_generator_interface import ImageRequest
from image_generators.remote_images import RemoteImageGenerator, seed_for
from image_generators.request_parts import as_png, sent, shown
from media.film_format import FilmFormat
from runtime import google_client
from runtime.answers import Refused
from runtime.paid_call import Reply, Spoilt
from runtime.per_loop import PerLoop
from runtime.plain_text import gist
from runtime.pools import in_thread
from vendors.google_access import GoogleBackend, GoogleOptions
from video_generator_interface import BackendOptions, Terms

if TYPE_CHECKING:
    from google.genai import Client
    from google.genai.types import Content, GenerateContentConfig, GenerateContentResponse

LARGEST_PICTURE, LARGEST_REQUEST = 7_000_000, 14_000_000
"""Bytes: 7 MB a file and, as base64, 20 MB a request (Google's page on image understanding)."""
UNFIT = frozenset({"SAFETY", "IMAGE_SAFETY", "PROHIBITED_CONTENT", "IMAGE_PROHIBITED_CONTENT", "BLOCKLIST", "SPII",
                   "RECITATION", "IMAGE_RECITATION"})
"""Reasons to finish that object to what was made (FinishReason of google-genai 2.34.0)."""


class GoogleImages(GoogleBackend, RemoteImageGenerator):
    """Gemini's image models, paid by the token."""

    name: ClassVar[str] = "google"
    section: ClassVar[str] = "google_images"

    class Options(GoogleOptions):
        """Who is asked, for which model. With an API key the Gemini API is; without one, Vertex AI in a project."""

        api_key: SecretStr | None = Field(
            default=None, description="A Gemini API key. Left out: GOOGLE_API_KEY or GEMINI_API_KEY of the environment or of "
            ".env, for Google's own address only. `null`: none, so that the project is asked.",
            json_schema_extra={"env": ["GOOGLE_API_KEY", "GEMINI_API_KEY"], "unless": "base_url"})

    options: Options

    def __init__(self, options: BackendOptions, film: FilmFormat, terms: Terms | None = None) -> None:
        super().__init__(options, film, terms)
        self._clients: PerLoop[Client] = PerLoop(self.with_key if self.options.api_key else self.in_project)

    # -- what keeps it from running ----------------------------------------------------------------------------------------

    def problems(self) -> Iterator[Problem]:
        yield from super().problems()
        if self.options.api_key:
            return
        if self.options.project_id:
            yield from self.lacks_credentials()
        else:
            yield self.problem("api_key", f"{self.model_version} needs a Gemini API key or a Google Cloud project",
                               "set GEMINI_API_KEY in the environment or in .env, or project_id")

    async def proof(self) -> str:
        await self._clients.get().aio.models.get(model=self.model_version)
        proved = "the API key is" if self.options.api_key else "the credentials are"
        return f"{proved} good and {self.model_version} is there"

    # -- one picture -------------------------------------------------------------------------------------------------------

    async def draw(self, request: ImageRequest) -> Reply:
        with google_client.one_post():
            contents, config = await in_thread(self._asked_for, request)
            models = self._clients.get().aio.models
            answer = await models.generate_content(model=self.model_version, contents=contents, config=config)
        return await self._picture(answer)

    def _asked_for(self, request: ImageRequest) -> tuple[Content, GenerateContentConfig]:
        """The words with the pictures they count behind them, and the size as an aspect and a tier. Raises Refused."""
        from google.genai import types

        if self.model is None:
            raise Refused(f"nothing is known of {self.model_version}")
        size, pictures = self.model.size_for(request.size), shown(request, self.capabilities.references)
        most = min(LARGEST_PICTURE, LARGEST_REQUEST // max(1, len(pictures)))
        found = [sent(picture, most, size.size) for picture in pictures]
        parts = [types.Part.from_text(text=self.words(request)),
                 *(types.Part.from_bytes(data=one.data, mime_type=one.kind) for one in found)]
        patience_ms = google_client.milliseconds(min(google_client.BUYING_STALL_S, self.terms.timeout_s))
        return types.Content(role="user", parts=parts), types.GenerateContentConfig(
            response_modalities=["IMAGE"], image_config=types.ImageConfig(aspect_ratio=size.ask, image_size=size.tier),
            seed=seed_for(request.seed), http_options=types.HttpOptions(timeout=patience_ms))

    async def _picture(self, answer: GenerateContentResponse) -> Reply:
        """The picture of an answer, and what it cost. Raises Refused when nothing was made of the words, Spoilt when there
        is no picture."""
        used = _tokens(answer)
        charged = self.model.settled(used) if self.model and used else None
        blocked = answer.prompt_feedback.block_reason if answer.prompt_feedback else None
        if blocked is not None:
            reason = f"Google does not take the words or pictures ({blocked.name})"
            if used is None:
                raise Refused(reason, refusal="input")
            raise Spoilt(reason, charged_usd=charged, refusal="input")
        data = _inline(answer)
        if data is None:
            raise self._without(answer, charged)
        try:
            return Reply(await in_thread(as_png, data), charged)
        except Spoilt as spoilt:
            raise Spoilt(str(spoilt), charged_usd=charged) from spoilt

    def _without(self, answer: GenerateContentResponse, charged: Any) -> Spoilt:
        """What it means that there is no picture."""
        first = answer.candidates[0] if answer.candidates else None
        why = first.finish_reason.name if first and first.finish_reason else "no reason given"
        said = first.finish_message if first and first.finish_message else _words(answer)
        reason = gist(f"there is no picture ({why}){': ' if said else ''}{said}", 400)
        return Spoilt(reason, charged_usd=charged, refusal="output" if why in UNFIT else None)


def _inline(answer: GenerateContentResponse) -> bytes | None:
    """The last picture that is no thought: earlier ones are drafts."""
    found = None
    for candidate in answer.candidates or ():
        for part in (candidate.content.parts if candidate.content else None) or ():
            if part.inline_data is not None and part.inline_data.data and not part.thought:
                found = part.inline_data.data
    return found


def _words(answer: GenerateContentResponse) -> str:
    parts = [part for candidate in answer.candidates or () if candidate.content for part in candidate.content.parts or ()]
    return " ".join(part.text for part in parts if part.text and not part.thought)


def _tokens(answer: GenerateContentResponse) -> Tokens | None:
    """What was counted; None where nothing was. What no detail calls a picture is words, of the answer all is where none is
    given."""
    used = answer.usage_metadata
    if used is None or used.prompt_token_count is None:
        return None
    shown_in, drawn = _of_pictures(used.prompt_tokens_details), _of_pictures(used.candidates_tokens_details)
    out = used.candidates_token_count or 0
    drawn = drawn if used.candidates_tokens_details else out
    return Tokens(max(0, used.prompt_token_count - shown_in), shown_in, drawn,
                  max(0, out - drawn) + (used.thoughts_token_count or 0))


def _of_pictures(details: Any) -> int:
    return sum(one.token_count or 0 for one in details or () if one.modality is not None and one.modality.name == "IMAGE")
