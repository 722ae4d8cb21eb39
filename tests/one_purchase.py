"""One picture or one clip, bought by a backend in a run folder that stays: again, and it is the next run. Not a test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from PIL import Image

import catalogue
from catalogue import Catalogue
from errors import LongtakeError
from image_generator_interface import Framing, ImageRequest
from image_generators.remote_images import RemoteImageGenerator
from media import frames
from media.film_format import FilmFormat, Size
from runtime.purchases import Purchase
from runtime.run_store import open_run
from video_generator_interface import SegmentRequest, Terms

HD = Size(1280, 720)
SHIPPED = catalogue.load()


@dataclass
class Ran:
    """What became of it: the failure that a stage would see, its purchases, what `look` saw in the file, what was reported."""

    error: BaseException | None
    purchases: list[Purchase]
    picture: Any = None
    phases: list[str] = field(default_factory=list)

    @property
    def states(self) -> list[str]:
        return [one.state for one in self.purchases]

    @property
    def last(self) -> Any:  # a Purchase; tests compare its fields with plain numbers
        return self.purchases[-1]


def serve(folder: Path, backend: Any, asked: ImageRequest | SegmentRequest, *, cap: Decimal | None = None, rebuy: str = "0",
          wanted: str = "w", look: Callable[[Path], Any] = frames.load_rgb, node: str = "keyframe segment_01",
          file: str = "keyframe.png") -> Ran:
    """Asks for it as a stage does, with the consent to spend up to `cap`."""
    phases: list[str] = []
    with open_run(folder / "run") as run:
        run.till.open(cap, Decimal(rebuy))
        to = run.path("takes", "segment_01", f"{file}.part")
        error, seen = None, None
        try:
            asyncio.run(backend.serve(asked, to, lambda step: phases.append(step.phase), run.till.counter(node, wanted)))
            seen = look(to)
        except LongtakeError as failure:
            error = failure
        return Ran(error, run.ledger.purchases.of(wanted), seen, phases)


def picture(folder: Path, name: str, size: tuple[int, int] = (320, 180), shade: int = 90) -> Path:
    """A PNG of one colour."""
    path = folder / f"{name}.png"
    Image.new("RGB", size, (shade, 60, 120)).save(path)
    return path


@dataclass(frozen=True)
class Shop:
    """A paid image backend and the server that stands in for its vendor. given: its options, but for the address. size: of the
    pictures that are asked for."""

    backend: type[RemoteImageGenerator]
    server: Callable[..., Any]
    given: Mapping[str, Any]
    size: Size = HD

    def adapter(self, server: Any, size: Size = HD, *, timeout_s: float = 20.0, models: Catalogue = SHIPPED,
                **options: Any) -> Any:
        """The backend for a film of this size, with the server or an address to ask."""
        url = server if isinstance(server, str) else server.url
        told = self.backend.Options(**{**self.given, "base_url": url, **options})
        return self.backend(told, FilmFormat(size, Fraction(24)), Terms(models, timeout_s=timeout_s))

    def request(self, **changes: Any) -> ImageRequest:
        asked = ImageRequest(keyframe="segment_01", prompt="a keeper climbs the path", negative_prompt="fog",
                             style="oil painting", size=self.size, seed=7, framing=Framing())
        return replace(asked, **changes)

    def once(self, folder: Path, faults: str = "", asked: ImageRequest | None = None, *, how: Mapping[str, Any] | None = None,
             rebuy: str = "0", **server: Any) -> tuple[Ran, Any]:
        """One picture at a server with these faults. how: told to `adapter`; server: to the server."""
        with self.server(faults=faults, **server) as there:
            return serve(folder, self.adapter(there, **(how or {})), asked or self.request(), rebuy=rebuy), there
