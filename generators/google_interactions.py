"""Gemini Omni: a clip as an interaction in the background, billed by the token. Knows no keys and no ledger."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalogue import Price, Shape, VideoModel
from generators.remote_protocol import AddressExpired, JobState, Refused, RemoteJob, Trouble
from media.sendable import SentPicture
from runtime.answers import Side
from runtime.google_client import BUYING_STALL_S, meaning
from runtime.google_refusals import explained, refusal_side
from runtime.pools import in_thread
from video_generator_interface import SegmentRequest

if TYPE_CHECKING:
    from decimal import Decimal

    from google.genai import Client
    from google.genai.interactions import Interaction, Usage

MOST_PICTURE_BYTES = 7_000_000
"""Two of them, in base64, stay within the 20 MB that the Gemini API takes in one request."""
ENDED_BADLY = frozenset({"failed", "incomplete", "budget_exceeded", "requires_action", "requires_continuation"})
"""Ends without a video. The last two wait for another POST, which nobody will send."""
REFUSALS: dict[str, Side] = {
    "content_filtered": "output", "prompt_blocked": "input", "safety": "unknown", "prohibited_content": "unknown",
    "blocklist": "input", "spii": "unknown", "image_safety": "input",
}
PASSING = frozenset({"", "internal", "unavailable", "deadline_exceeded", "aborted", "timeout"})
"""Error codes after which the same request may well succeed."""


class InteractionsRoute:
    """The jobs of one Omni model with one API key."""

    most_picture_bytes = MOST_PICTURE_BYTES

    def __init__(self, client: Client, model: VideoModel, shape: Shape, price: Price | None) -> None:
        self.client, self._model, self._shape, self._price = client, model, shape, price

    async def begin(self, request: SegmentRequest, first: SentPicture, last: SentPicture | None) -> RemoteJob:
        """One POST. Raises what the SDK raises, and Trouble when the answer does not say which job it is.

        Of two images the second is the closing frame; nothing else says so. In the background the SDK sends no second
        request to go on with a long answer. An answer that holds its video ends at 4 MB: larger ones lie at an address.
        """
        settings: dict[str, Any] = {"video_config": {"task": "image_to_video"}}
        if self._model.seed:
            settings["seed"] = request.seed
        create: Any = self.client.aio.interactions.create  # its overloads are by the kind of the answer, which is one here
        interaction: Interaction = await create(
            model=self._model.id, background=True, timeout=BUYING_STALL_S, generation_config=settings,
            input=[{"type": "text", "text": request.prompt}, *(_image(picture) for picture in (first, last) if picture)],
            response_format={"type": "video", "aspect_ratio": self._shape.ask, "duration": f"{request.seconds:g}s",
                             "resolution": self._shape.resolution, "delivery": "uri"})
        if not interaction.id:
            raise Trouble("it was accepted, and the answer does not say as which interaction")
        return RemoteJob(interaction.id)

    async def look(self, job: RemoteJob) -> JobState:
        """One poll, by nothing but the interaction's id; where the video lies as a file, also one look at that."""
        from google.genai._interactions import BadRequestError

        try:
            interaction = await self.client.aio.interactions.get(job.id)
        except BadRequestError as error:  # seen of interactions that were fine a poll later
            said = meaning(error)
            if "name" in str(said) or (isinstance(said, Refused) and said.account):
                raise
            raise Trouble(str(said)) from error
        state = state_of(interaction, self._price)
        if state.phase == "succeeded" and isinstance(state.address, str):
            return await self._once_stored(state)
        return state

    async def _once_stored(self, state: JobState) -> JobState:
        """A video at an address is stored first, which may take a while or fail."""
        from google.genai.errors import APIError

        try:
            file = await self.client.aio.files.get(name=state.address)
        except APIError:
            return state  # gone, or a gateway that has no such route: the download will tell
        stage = str(getattr(file.state, "value", file.state or "")).upper()
        if stage == "PROCESSING":
            return JobState("running", reason="storing")
        if stage == "FAILED":
            return JobState("failed", charged_usd=state.charged_usd, reason="Google could not store the video", again=True)
        return state

    async def fetch(self, state: JobState, to: Path) -> None:
        """Writes the video, which came with the last poll or lies at an address. Raises AddressExpired."""
        from google.genai.errors import APIError

        if isinstance(state.address, bytes):
            await in_thread(to.write_bytes, state.address)
            return
        try:
            await self.client.aio.files.download(file=state.address, destination=to)
        except APIError as error:
            if 400 <= error.code < 500 and error.code not in (408, 429):
                raise AddressExpired(str(meaning(error))) from error
            raise


def state_of(interaction: Interaction, price: Price | None) -> JobState:
    """What an interaction says of its job, the exact charge included once there is one."""
    status = str(interaction.status)
    video = interaction.output_video
    if video and status in ("completed", "incomplete"):  # an empty one is paid all the same, and asked for again
        address = _file_name(video.uri) if video.uri and not video.data else base64.b64decode(video.data or "")
        return JobState("succeeded", charged_usd=_charge(interaction.usage, price), address=address)
    if status == "cancelled":
        return JobState("cancelled", charged_usd=_charge(interaction.usage, price), reason="Google cancelled it")
    if status == "completed":
        return _without_video(interaction, price)
    if status in ENDED_BADLY:
        return _failed(interaction, status, price)
    return JobState("queued" if status == "queued" else "running", reason="" if status in ("queued", "in_progress") else status)


def _without_video(interaction: Interaction, price: Price | None) -> JobState:
    """A refusal can look like success: completed, with words in place of the video."""
    charged = _charge(interaction.usage, price)
    if interaction.errors:
        return _failed(interaction, "completed", price)
    if interaction.output_text:
        words = " ".join(interaction.output_text.split())[:300]
        return JobState("failed", charged_usd=charged, reason=f"Google answers with words instead of a video: {words}",
                        refusal=refusal_side(words, "unknown"))
    return JobState("failed", charged_usd=charged, again=True, reason="the interaction ended without a video and a reason")


def _failed(interaction: Interaction, status: str, price: Price | None) -> JobState:
    errors = interaction.errors or []
    words = "; ".join(str(error.message or error.code) for error in errors) or f"the interaction ended as {status}"
    codes = [str(error.code or "").rpartition("/")[2].lower() for error in errors]
    side = next((REFUSALS[code] for code in codes if code in REFUSALS), None) or refusal_side(words)
    again = side is None and status == "failed" and all(code in PASSING for code in codes)
    return JobState("failed", charged_usd=_charge(interaction.usage, price), reason=explained(words), refusal=side, again=again)


def _charge(usage: Usage | None, price: Price | None) -> Decimal | None:
    """Tokens times their price, in dollars; None where one of them is not known.

    What comes out is mostly video; the few words of it are counted at the same rate, so never too low.
    """
    if usage is None or price is None:
        return None
    made = sum(kind.tokens or 0 for kind in usage.output_tokens_by_modality or ()) or usage.total_output_tokens
    if made is None:
        return None
    return price.settled(made, usage.total_input_tokens or 0)


def _file_name(address: str) -> str:
    """`files/abc`, whatever host the address names: it is asked for where everything else is asked."""
    found = re.search(r"files/[\w-]+", address)
    if not found:
        raise Refused(f"it lies at an address that cannot be fetched: {address.partition('?')[0]}")
    return found[0]


def _image(picture: SentPicture) -> dict[str, str]:
    return {"type": "image", "data": base64.b64encode(picture.data).decode(), "mime_type": picture.kind}
