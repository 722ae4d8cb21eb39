"""The shape of Google's answers about a job: operations and interactions, good ends and bad. Decides nothing."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.servers.billing_server import failure
from tests.servers.google_models import TOKENS_PER_IMAGE
from tests.servers.ledger_of_bills import Job, Phase
from tests.servers.loopback import Reply

if TYPE_CHECKING:
    from tests.servers.google import GoogleServer

UNFIT_INPUT = ("The prompt could not be submitted. It contains words that violate the usage guidelines. "
               "Support codes: 58061214")
UNFIT_OUTPUT = ("The generated video was filtered out because it violates the usage guidelines. Support codes: 63429089")
_INTERACTION: Mapping[Phase, str] = {
    "waiting": "queued", "queued": "queued", "running": "in_progress", "unheard_of": "dreaming", "succeeded": "completed",
    "empty": "completed", "failed": "failed", "filtered": "failed", "cancelled": "cancelled",
}


def answer(server: GoogleServer, job: Job, phase: Phase, *, inline: bool, shape: Callable[[bytes], dict[str, Any]]) -> Reply:
    """The reply to a poll. Where the video comes inline, what can befall a download befalls the reply."""
    if phase != "succeeded" or not inline:
        return Reply(body=server.strange(shape(b"")))
    video = server.deliver(job)
    if video.status != 200 or video.kind != "video/mp4":
        return video
    octets = Reply(body=server.strange(shape(video.octets))).octets
    return replace(video, body=octets, kind="application/json", sent=None if video.sent is None else len(octets) // 2)


def operation(server: GoogleServer, job: Job, phase: Phase, name: str, video: bytes, *, inline: bool) -> dict[str, Any]:
    """A long-running operation, with the video in it (Vertex) or its address (Developer)."""
    if phase in ("waiting", "queued", "running", "unheard_of"):
        return {"name": name}
    body: dict[str, Any] = {"name": name, "done": True}
    if phase in ("failed", "cancelled"):
        return {**body, "error": _error(job, phase)}
    answer: dict[str, Any] = {}
    if phase == "filtered":
        answer = {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": [UNFIT_OUTPUT]}
    elif phase == "succeeded":
        answer = _samples(server, job, video, inline=inline)
    kind = "type.googleapis.com/cloud.ai.large_models.vision.GenerateVideoResponse"
    return {**body, "response": {"@type": kind, **answer} if inline else {"generateVideoResponse": answer}}


def _samples(server: GoogleServer, job: Job, video: bytes, *, inline: bool) -> dict[str, Any]:
    samples = int(str(dict(job.order.parameters).get("sampleCount", 1)))
    if inline:
        return {"videos": [{"bytesBase64Encoded": base64.b64encode(video).decode(), "mimeType": "video/mp4"}] * samples}
    return {"generatedSamples": [{"video": {"uri": _address(server, job)}} for _ in range(samples)]}


def _error(job: Job, phase: Phase) -> dict[str, Any]:
    fault = failure(job)
    if phase == "cancelled":
        return {"code": 1, "message": "The operation was cancelled."}
    if fault and fault.kind == "filtered_input":
        return {"code": 3, "message": UNFIT_INPUT}
    value = fault.value if fault else ""
    return {"code": int(value) if value.isdigit() else 13, "message": f"An internal error has occurred. {value}".strip()}


def by_address(job: Job) -> bool:
    """Whether an interaction was asked for an address instead of the video itself."""
    return dict(job.order.parameters).get("delivery") == "uri"


def interaction(server: GoogleServer, job: Job, phase: Phase, video: bytes) -> dict[str, Any]:
    """An interaction as it stands."""
    at = server.stamp(job.accepted_at)
    body: dict[str, Any] = {"id": job.id, "object": "interaction", "status": _INTERACTION[phase], "model": job.order.model,
                            "created": at, "updated": at}
    if phase == "succeeded":
        body |= {"steps": [*_news(server), {"type": "model_output", "content": [_video(server, job, video)]}]}
        if "no_cost" not in job.faults:
            body |= {"usage": _usage(job)}
    elif phase == "empty":
        body |= {"steps": [], "usage": {"total_output_tokens": 0, "total_input_tokens": 0, "total_tokens": 0}}
    elif phase == "filtered":
        fault = job.faults.get("filtered")
        body |= {"status": fault.value or "failed" if fault else "failed",
                 "errors": [{"code": "content_filtered", "message": UNFIT_OUTPUT}]}
    elif phase == "failed":
        error = _error(job, phase)
        fault = failure(job)
        code = "prompt_blocked" if error["code"] == 3 else (fault and fault.value) or "internal"
        body |= {"errors": [{"code": code, "message": error["message"]}]}
    return body


def _news(server: GoogleServer) -> list[dict[str, Any]]:
    """A step of a kind nobody has heard of."""
    return [{"type": "daydream", "about": "clouds"}] if server.faults.everywhere("unknown_fields") else []


def _video(server: GoogleServer, job: Job, video: bytes) -> dict[str, Any]:
    if by_address(job):
        return {"type": "video", "mime_type": "video/mp4", "uri": _address(server, job)}
    return {"type": "video", "mime_type": "video/mp4", "data": base64.b64encode(video).decode()}


def _usage(job: Job) -> dict[str, Any]:
    """What is billed, in tokens."""
    counts = dict(job.order.parameters)
    overbill = job.faults.get("overbill")
    more = float(overbill.value) if overbill else 1.0
    out, into = (round(int(str(counts[name])) * more) for name in ("tokens_out", "tokens_in"))
    images = min(into, TOKENS_PER_IMAGE * len(job.order.pictures))
    read = [{"modality": "text", "tokens": into - images}, {"modality": "image", "tokens": images}]
    return {"total_input_tokens": into, "total_output_tokens": out, "total_tokens": into + out,
            "input_tokens_by_modality": read, "output_tokens_by_modality": [{"modality": "video", "tokens": out}]}


def _address(server: GoogleServer, job: Job) -> str:
    """The SDK reads a file's name from https addresses of the real host only, and asks its own base URL for it."""
    name = f"{job.id.replace('-', '')}x{server.new_address(job)}"
    return f"https://generativelanguage.googleapis.com/v1beta/files/{name}:download?alt=media"


def file_job(name: str) -> tuple[str, int]:
    """(job, number of the address) of a file's name."""
    found = re.fullmatch(r"([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})x(\d+)", name)
    return ("-".join(found.groups()[:5]), int(found[6])) if found else ("", 0)

