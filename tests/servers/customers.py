"""Customers of the servers: the vendors' SDKs with their retries off, and the small purchases of tests. Not a test."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import google.oauth2.credentials
import httpx
import runwayml
from google import genai
from google.genai import types
from PIL import Image

from tests.servers.google import GoogleServer
from tests.servers.runway import RunwayServer

MODEL = "gemini_omni_flash_1.1"
"""Runway's smallest pictures, so the quickest clips: 640x360, 3 s with sound, 11 credits."""


def picture(red: int, size: tuple[int, int] = (640, 360), kind: str = "PNG") -> bytes:
    """An image file of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, (red, 60, 120)).save(out, kind)
    return out.getvalue()


FIRST, LAST = picture(20), picture(230)


def data_uri(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


def runway(server: RunwayServer, **options: Any) -> runwayml.RunwayML:
    usual = {"api_key": "key", "base_url": server.url, "max_retries": 0, "http_client": _plain_client()}
    return runwayml.RunwayML(**{**usual, **options})


def _plain_client() -> httpx.Client:
    """One without certificates: reading those takes longer than a whole purchase here."""
    return httpx.Client(verify=False, timeout=30)


def fetch(address: str) -> httpx.Response:
    """A download, by no SDK."""
    with _plain_client() as client:
        return client.get(address)


def buy(client: runwayml.RunwayML, **changes: Any) -> Any:
    """One POST: three seconds from one colour to another."""
    images = [{"uri": data_uri(FIRST), "position": "first"}, {"uri": data_uri(LAST), "position": "last"}]
    asked = {"model": MODEL, "prompt_image": images, "prompt_text": "a walk", "ratio": "640:360", "duration": 3}
    create: Any = client.image_to_video.create
    return create(**{**asked, **changes})


def ended(client: runwayml.RunwayML, task_id: str) -> Any:
    """The task once it has ended."""
    for _ in range(400):
        task = client.tasks.retrieve(task_id)
        if task.status in ("SUCCEEDED", "FAILED", "CANCELLED"):
            return task
        time.sleep(0.005)
    raise AssertionError(f"{task_id} never ended")


def bought(server: RunwayServer, to: Path, **changes: Any) -> Path:
    """A task's video as a file."""
    client = runway(server)
    to.write_bytes(fetch(ended(client, buy(client, **changes).id).output[0]).content)
    return to


def vertex(server: GoogleServer, token: str = "token") -> genai.Client:
    credentials = google.oauth2.credentials.Credentials(token=token)
    return genai.Client(vertexai=True, project="p", location="us-central1", credentials=credentials,
                        http_options=types.HttpOptions(base_url=server.url, httpx_client=_plain_client()))


def developer(server: GoogleServer, api_key: str = "key", timeout_ms: int | None = None) -> genai.Client:
    """Hold on to it: the SDK hangs up when the client is collected."""
    retries = types.HttpRetryOptions(attempts=-1)
    options = types.HttpOptions(base_url=server.url, retry_options=retries, timeout=timeout_ms, httpx_client=_plain_client())
    return genai.Client(api_key=api_key, http_options=options)


def image(data: bytes) -> types.Image:
    return types.Image(image_bytes=data, mime_type="image/png")


def veo(client: genai.Client, model: str = "veo-3.1-lite-generate-001", **config: Any) -> Any:
    """One POST on the generate_videos route: four seconds."""
    asked: Any = {"last_frame": image(LAST), "duration_seconds": 4, "aspect_ratio": "16:9", "resolution": "720p", **config}
    return client.models.generate_videos(model=model, source=types.GenerateVideosSource(prompt="a walk", image=image(FIRST)),
                                         config=types.GenerateVideosConfig(**asked))


def looked_up(client: genai.Client, name: str) -> Any:
    """One poll, by nothing but the name."""
    operation: Any = types.GenerateVideosOperation()
    operation.name = name
    return client.operations.get(operation)


def veo_ended(client: genai.Client, **config: Any) -> Any:
    operation = veo(client, **config)
    for _ in range(400):
        if operation.done:
            return operation
        time.sleep(0.005)
        operation = looked_up(client, operation.name)
    raise AssertionError("it never ended")


def omni(client: genai.Client, images: Sequence[bytes] = (FIRST, LAST), **form: Any) -> Any:
    """One POST on the interactions route: three seconds at 360p."""
    shown = [{"type": "image", "data": base64.b64encode(data).decode(), "mime_type": "image/png"} for data in images]
    create: Any = client.interactions.create
    asked = {"type": "video", "aspect_ratio": "16:9", "duration": "3s", "resolution": "360p", **form}
    return create(
        model="gemini-omni-1.1-flash", input=[{"type": "text", "text": "a walk"}, *shown], background=True,
        generation_config={"video_config": {"task": "image_to_video"}, "seed": 1}, response_format=asked)


def omni_ended(client: genai.Client, **form: Any) -> Any:
    job = omni(client, **form)
    for _ in range(400):
        if job.status not in ("queued", "in_progress", "dreaming"):
            return job
        time.sleep(0.005)
        job = client.interactions.get(job.id)
    raise AssertionError("it never ended")
