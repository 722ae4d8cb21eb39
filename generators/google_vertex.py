"""Veo on Vertex AI: a clip as a long-running operation that ends with the video in it. Knows no keys and no ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalogue import Shape, VideoModel
from generators.remote_protocol import JobState, Refused, RemoteJob, Trouble
from media.sendable import SentPicture
from runtime.google_client import BUYING_STALL_S, milliseconds
from runtime.google_refusals import explained, refusal_side
from runtime.pools import in_thread
from video_generator_interface import SegmentRequest

if TYPE_CHECKING:
    from google.genai import Client
    from google.genai.types import GenerateVideosOperation, GenerateVideosResponse, Image

MOST_PICTURE_BYTES = 20_000_000
CANCELLED = 1
PASSING = frozenset({4, 10, 13, 14})
"""google.rpc codes of an operation after which the same request may well succeed: late, aborted, internal, unavailable."""
INVALID = 3


class VertexRoute:
    """The jobs of one model in one project."""

    most_picture_bytes = MOST_PICTURE_BYTES

    def __init__(self, client: Client, model: VideoModel, shape: Shape, person_generation: str | None) -> None:
        self.client, self._model, self._shape, self._people = client, model, shape, person_generation

    async def begin(self, request: SegmentRequest, first: SentPicture, last: SentPicture | None) -> RemoteJob:
        """One POST. Raises what the SDK raises, and Trouble when the answer does not say which job it is."""
        from google.genai.types import GenerateVideosConfig, GenerateVideosSource, HttpOptions

        asked: dict[str, Any] = {
            "number_of_videos": 1, "duration_seconds": round(request.seconds), "aspect_ratio": self._shape.ask,
            "resolution": self._shape.resolution, "person_generation": self._people,
            "last_frame": _image(last) if last else None,
            "generate_audio": request.audio if self._model.audio == "option" else None,
            "seed": request.seed if self._model.seed else None,
            "negative_prompt": (request.negative_prompt or None) if self._model.negative_prompt else None,
            "http_options": HttpOptions(timeout=milliseconds(BUYING_STALL_S)),
        }
        operation = await self.client.aio.models.generate_videos(
            model=self._model.id, source=GenerateVideosSource(prompt=request.prompt, image=_image(first)),
            config=GenerateVideosConfig(**asked))
        if not operation.name:
            raise Trouble("it was accepted, and the answer does not say as which operation")
        return RemoteJob(operation.name)

    async def look(self, job: RemoteJob) -> JobState:
        """One poll, by nothing but the operation's name."""
        from google.genai.types import GenerateVideosOperation

        asked = GenerateVideosOperation()
        asked.name = job.id
        return state_of(await self.client.aio.operations.get(asked))

    async def fetch(self, state: JobState, to: Path) -> None:
        """Writes the video that came with the last poll."""
        await in_thread(to.write_bytes, state.address)


def state_of(operation: GenerateVideosOperation) -> JobState:
    """What an operation says of its job. It has three bad ends, and none of them is an exception of the SDK's.

    Raises Refused when the clip lies where it cannot be fetched from.
    """
    if operation.error:
        return _failed(operation.error)
    if not operation.done:  # None until it is
        return JobState("running")
    response = operation.result or operation.response
    made = (response and response.generated_videos) or ()
    if not made:
        return _without_video(response)
    video = made[0].video
    if video and video.uri and not video.video_bytes:
        raise Refused(f"it lies at {video.uri}, in storage of yours: fetch it from there and hand it over by --file")
    return JobState("succeeded", address=(video and video.video_bytes) or b"")  # an empty one is paid, and asked for again


def _failed(error: dict[str, Any]) -> JobState:
    code, words = error.get("code"), str(error.get("message") or "Google gives no reason")
    if code == CANCELLED:
        return JobState("cancelled", reason=words)
    side = refusal_side(words) if code in (INVALID, None) else None
    return JobState("failed", reason=explained(words), refusal=side, again=code in PASSING)


def _without_video(response: GenerateVideosResponse | None) -> JobState:
    """Filtered, which is said by a count and perhaps by reasons; or simply nothing."""
    reasons = [str(reason) for reason in (response and response.rai_media_filtered_reasons) or ()]
    if reasons:
        words = "; ".join(reasons)
        return JobState("failed", reason=explained(words), refusal=refusal_side(words, "output"))
    if response and response.rai_media_filtered_count:
        return JobState("failed", reason="Google withholds the video and does not say why", refusal="unknown")
    return JobState("failed", reason="the operation ended without a video and a reason", again=True)


def _image(picture: SentPicture) -> Image:
    from google.genai.types import Image

    return Image(image_bytes=picture.data, mime_type=picture.kind)
