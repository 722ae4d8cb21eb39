"""The embedded image backend: draws storyboard frames from words with numpy, Pillow and OpenCV. Has no weights, asks nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from PIL import Image

from errors import GenerationFailed
from image_generator_interface import ImageCapabilities, ImageGenerator, ImageRequest
from image_generators.sketch import undrawn
from image_generators.sketch.stage import draw
from runtime.pools import in_thread
from video_generator_interface import Report


class SketchImages(ImageGenerator):
    """Free, offline, deterministic: the same request gives the same bytes.

    A place keeps its look through a film (its name and the film's seed decide it; where a text names none, the seed alone), a
    character its shape and colours.
    """

    name: ClassVar[str] = "sketch"
    section: ClassVar[str] = "sketch"
    recipe: ClassVar[int] = 3

    @property
    def capabilities(self) -> ImageCapabilities:
        """Any size. It needs no pictures to go by: from one of a character that is there it takes the colour of the clothes."""
        return ImageCapabilities(sizes=None)

    def remarks(self, request: ImageRequest) -> Iterator[str]:
        """What it names that cannot be drawn, and what stands in for it. What no table of words holds passes unnoticed."""
        return undrawn.remarks(request)

    async def generate(self, request: ImageRequest, to: Path, report: Report) -> None:
        """Draws one keyframe and leaves a PNG of `request.size` at `to`. Raises GenerationFailed when it cannot be written."""
        await in_thread(_draw_to, request, to, report)


def _draw_to(request: ImageRequest, to: Path, report: Report) -> None:
    picture = Image.fromarray(draw(request, report))
    try:
        picture.save(to, format="PNG", compress_level=3)
    except OSError as error:
        raise GenerationFailed(f"the drawing cannot be written: {error.strerror or error}") from error
