"""A third party's backends: they write single-coloured pictures and clips. What such a package looks like from outside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from pydantic import Field, SecretStr

from errors import Problem
from image_generator_interface import ImageGenerator, ImageRequest
from media.encode import ClipWriter
from runtime.pools import in_thread
from video_generator_interface import BackendOptions, Capabilities, Durations, Progress, Report, SegmentRequest, VideoGenerator


class AcmeGenerator(VideoGenerator):
    """Acme: the colour of the first keyframe, held."""

    name = "acme"
    section = "acme"

    class Options(BackendOptions):
        grey: int = Field(default=128, ge=0, le=255, description="Brightness of every clip, 0 to 255.")
        api_key: SecretStr | None = Field(default=None, description="Acme's key.", json_schema_extra={"runtime": True})

    options: Options

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(durations=Durations(choices=(1.0, 2.0)), frames=lambda seconds: self.film.frames(seconds) + 1,
                            fps=self.film.fps, seed=False, negative_prompt=False, prompt_limit=500)

    def problems(self) -> Iterator[Problem]:
        if self.options.api_key is None:
            yield Problem("acme", "there is no api_key", "write acme: api_key: ${ACME_KEY} into the config")

    async def generate(self, request: SegmentRequest, to: Path, report: Report) -> None:
        await in_thread(self._write, request, to, report)

    def _write(self, request: SegmentRequest, to: Path, report: Report) -> None:
        frames = self.capabilities.frames(request.seconds)
        picture = np.full((request.size.height * 3 // 2, request.size.width), self.options.grey, np.uint8)
        with ClipWriter(to, self.film) as clip:
            for number in range(frames):
                report(Progress("drawing", number, frames))
                clip.write(picture)


class AcmeImages(ImageGenerator):
    """Acme: a picture of one colour for each beat."""

    name = "acme"
    section = "acme"
    Options = AcmeGenerator.Options

    async def generate(self, request: ImageRequest, to: Path, report: Report) -> None:
        Image.new("RGB", request.size, (request.beat * 40 % 256, 90, 120)).save(to, "PNG")
