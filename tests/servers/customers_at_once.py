"""Customers of the servers that answer at once: openai, instructor and httpx with their retries off, and what tests ask for."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any, Literal

import httpx
import httpx2
import instructor
import openai
from google import genai
from google.genai import types
from PIL import Image
from pydantic import BaseModel, Field

from tests.servers.customers import picture
from tests.servers.openai import OpenAIServer
from tests.servers.stability import StabilityServer

CHAT, PAINTER, GEMINI = "gpt-6-luna", "gpt-image-2", "gemini-3-pro-image"
SMALL = "1024x640"
"""The smallest picture that gpt-image-2 makes."""


class Person(BaseModel):
    name: str
    traits: str


class Bible(BaseModel):
    """Who and where."""

    title: str
    logline: str
    style: str
    characters: list[Person]
    locations: list[Person]


class Segment(BaseModel):
    index: int
    seconds: float = Field(ge=2, le=10)
    video_prompt: str = Field(min_length=1, max_length=1000)
    first_keyframe_prompt: str | None = None
    last_keyframe_prompt: str
    shot: Literal["wide", "medium", "close_up"]
    characters: list[str]
    location: str
    join: Literal["continuous", "cut", "dissolve"]


class WindowPlan(BaseModel):
    segments: list[Segment]


class Finding(BaseModel):
    segment: int
    kind: str
    what: str


class Findings(BaseModel):
    findings: list[Finding]


class Score(BaseModel):
    candidate: int
    score: float = Field(ge=0, le=10)
    reason: str


class PictureScores(BaseModel):
    scores: list[Score]


def opened(server: OpenAIServer, key: str = "key", timeout_s: float = 30) -> openai.OpenAI:
    plain = httpx2.Client(verify=False, timeout=timeout_s)  # certificates take longer to read than an answer to write
    return openai.OpenAI(api_key=key, base_url=server.url, max_retries=0, http_client=plain)


def ask(server: OpenAIServer, form: type[Any], words: str, *, mode: instructor.Mode = instructor.Mode.TOOLS,
        pictures: Sequence[bytes] = (), **more: Any) -> Any:
    """One question by way of instructor: (the answer in its form, the raw completion)."""
    shown = [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{base64.b64encode(one).decode()}"}}
             for one in pictures]
    content: Any = [{"type": "text", "text": words}, *shown] if shown else words
    client: Any = instructor.from_openai(opened(server), mode=mode)
    return client.chat.completions.create_with_completion(model=more.pop("model", CHAT), response_model=form, max_retries=0,
                                                          messages=[{"role": "user", "content": content}], **more)


def said(server: OpenAIServer, words: str = "Say it in JSON.", **more: Any) -> Any:
    """One question in plain chat completions, as the SDK has it."""
    create: Any = opened(server).chat.completions.create
    asked = {"model": CHAT, "messages": [{"role": "user", "content": words}], **more}
    return create(**asked)


def painted(server: OpenAIServer, **changes: Any) -> Any:
    """One picture from words."""
    generate: Any = opened(server).images.generate
    return generate(**{"model": PAINTER, "prompt": "a lamp by the sea", "size": SMALL, "quality": "low", **changes})


def repainted(server: OpenAIServer, *images: bytes, mask: bytes | None = None, **changes: Any) -> Any:
    """One picture from pictures, and a mask."""
    edit: Any = opened(server).images.edit
    files = [(f"{number}.png", data, "image/png") for number, data in enumerate(images, 1)]
    asked = {"model": PAINTER, "prompt": "a lamp by the sea", "size": SMALL, "quality": "low", **changes}
    if mask:
        asked["mask"] = ("mask.png", mask, "image/png")
    return edit(image=files if len(files) > 1 else files[0], **asked)


def shot(answer: Any) -> Image.Image:
    """The first picture of an answer of the images interface."""
    return seen(base64.b64decode(answer.data[0].b64_json))


def seen(data: bytes) -> Image.Image:
    """A file as a picture, decoded."""
    found = Image.open(io.BytesIO(data))
    found.load()
    return found


def clear_mask(size: tuple[int, int], box: tuple[int, int, int, int]) -> bytes:
    """A PNG that is clear inside the box (left, top, right, bottom)."""
    found = Image.new("RGBA", size, (0, 0, 0, 255))
    found.paste((0, 0, 0, 0), box)
    out = io.BytesIO()
    found.save(out, "PNG")
    return out.getvalue()


def stability(server: StabilityServer, service: str = "generate/core", *, accept: str = "image/*", key: str = "key",
              files: Any = None, **fields: str) -> httpx.Response:
    """One POST. With requests or httpx a form without a file needs one that is empty."""
    with httpx.Client(verify=False, timeout=30) as client:
        return client.post(f"{server.url}/v2beta/stable-image/{service}", files=files or {"none": ""}, data=fields,
                           headers={"authorization": f"Bearer {key}", "accept": accept})


def gemini(client: genai.Client, *images: bytes, model: str = GEMINI, words: str = "a lamp by the sea", **form: Any) -> Any:
    """One picture by way of generate_content."""
    contents: Any = [*(types.Part.from_bytes(data=data, mime_type="image/png") for data in images), words]
    wanted = types.ImageConfig(**{"aspect_ratio": "16:9", "image_size": "1K", **form})
    return client.models.generate_content(model=model, contents=contents, config=types.GenerateContentConfig(
        response_modalities=["IMAGE"], image_config=wanted))


BLUE = picture(10, (1024, 640))
