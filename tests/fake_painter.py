"""A provider of pictures inside this process, that bills in its own book, and backends that buy from it. Not a test."""

from __future__ import annotations

import asyncio
import io
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from image_generator_interface import ImageCapabilities, ImageGenerator, ImageRequest
from media import frames
from media.film_format import Size
from runtime import durable
from runtime.paid_call import Call, Reply, Spoilt, bought
from runtime.till import Counter
from tests.fake_provider import FILM
from video_generator_interface import BackendOptions, Quote, Report

USD = Decimal("0.04")
UInt8 = np.ndarray[Any, np.dtype[np.uint8]]


def scenery(size: Size, seed: int) -> UInt8:
    """A picture of its seed: a few soft shapes with hard edges, nothing like that of another seed."""
    draw = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:size.height, 0:size.width] / np.array([[[size.height]], [[size.width]]])
    rgb = np.full((size.height, size.width, 3), draw.integers(60, 200, 3), np.float64) + 20 * columns[..., None]
    for _ in range(12):
        y, x, radius = draw.random(3) * (1, 1, 0.3)
        rgb[np.hypot(rows - y, columns - x) < radius] = draw.integers(20, 235, 3)
    return np.asarray(np.clip(rgb + draw.normal(0, 4, rgb.shape), 0, 255), np.uint8)


@dataclass(frozen=True)
class Stroke:
    """How one POST goes. refuse: what it is answered with in place of a picture. lost: its answer never comes. picture: what
    comes; None: a picture of its own for every prompt and seed."""

    answer_s: float = 1.0
    refuse: Exception | None = None
    lost: bool = False
    picture: Callable[[ImageRequest], UInt8] | bytes | None = None
    billed: Decimal | int = 1


PLAIN = Stroke()


def filtered(charged: str = "0") -> Stroke:
    """A picture that the provider made and holds back."""
    return Stroke(refuse=Spoilt("the result was filtered", charged_usd=Decimal(charged), refusal="output"))


class Studio:
    """The provider's side. stroke: how the n-th POST (from 1) goes; a sequence goes on with its last."""

    def __init__(self, stroke: Callable[[int, ImageRequest], Stroke] | Sequence[Stroke] = (PLAIN,)) -> None:
        self._stroke = stroke
        self.posts: list[ImageRequest] = []
        self.at: list[float] = []
        self.billed_usd = Decimal(0)

    async def asked(self, request: ImageRequest) -> bytes:
        """One POST."""
        self.posts.append(request)
        number = len(self.posts)
        stroke = self._stroke(number, request) if callable(self._stroke) else self._stroke[min(number, len(self._stroke)) - 1]
        await asyncio.sleep(stroke.answer_s)
        self.at.append(asyncio.get_running_loop().time())
        if stroke.refuse is not None:
            self.billed_usd += getattr(stroke.refuse, "charged_usd", None) or 0
            raise stroke.refuse
        self.billed_usd += USD * stroke.billed
        if stroke.lost:
            raise ConnectionError("the connection broke off")
        if isinstance(stroke.picture, bytes):
            return stroke.picture
        drawn = stroke.picture(request) if stroke.picture else scenery(
            request.size, zlib.crc32(f"{request.prompt}{request.seed}".encode()))
        file = io.BytesIO()
        frames.save_png(drawn, file)
        return file.getvalue()

    def drawn(self, keyframe: str) -> list[ImageRequest]:
        """What was asked for one picture, oldest first."""
        return [post for post in self.posts if post.keyframe == keyframe]


class Painter(ImageGenerator):
    """Buys every picture from a studio."""

    name = section = "painter"
    charges = True

    def __init__(self, studio: Studio, can: ImageCapabilities | None = None, *, places: int = 8,
                 usd: Decimal | None = USD) -> None:
        super().__init__(BackendOptions(), FILM)
        self.studio, self.can, self.room, self.usd = studio, can or ImageCapabilities(), places, usd

    @property
    def capabilities(self) -> ImageCapabilities:
        return self.can

    def quote(self) -> Quote:
        return Quote(self.usd, self.usd)

    async def places(self) -> int:
        return self.room

    async def generate(self, request: ImageRequest, to: Path, report: Report) -> None:
        raise AssertionError("a picture that costs money was asked for without a counter")

    async def serve(self, request: ImageRequest, to: Path, report: Report, counter: Counter) -> None:
        async def post() -> Reply:
            return Reply(await self.studio.asked(request), self.usd)

        kept = to.parent / f"bought-{counter.wanted[:12]}-{len(counter.history()) + 1}.png"
        purchase = await bought(Call(
            provider=self.name, model="easel-1", asked={"prompt": request.prompt}, bound_usd=self.usd, post=post, to=kept,
            run_folder=to.parent.parent.parent), counter)
        durable.link(to.parent.parent.parent / (purchase.path or ""), to)


class OtherPainter(Painter):
    """A fallback with a studio of its own."""

    name = section = "other-painter"
