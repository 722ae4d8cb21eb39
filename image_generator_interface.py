"""The contract of an image backend: what a backend author reads. Draws nothing itself."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from media.film_format import Size
from runtime.till import Counter
from storyboard import Shot
from video_generator_interface import Backend, Quote, Report


@dataclass(frozen=True)
class Framing:
    """Where the camera stands on its location, for backends that draw by geometry; in words it is in the prompt as well.

    x, y: the centre of view, in frame widths and heights of a wide shot, 0 where the scene opens; right and down are
    positive. zoom: 1 is a wide shot, 2 shows half of it. Computed along a scene from the shots and moves of its segments.
    """

    shot: Shot = "wide"
    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0


@dataclass(frozen=True)
class Figure:
    """A character as an image backend sees it. `reference` is a picture of it, or None."""

    name: str
    description: str
    reference: Path | None = None


@dataclass(frozen=True)
class Place:
    """A location as an image backend sees it. `reference` is a picture of it, or None."""

    name: str
    description: str
    reference: Path | None = None


@dataclass(frozen=True)
class Edit:
    """A picture to be changed in part. base: it, of the request's size. mask: a grey PNG of the same size, white where it is
    to be painted anew; what is black stays, pixel for pixel, whatever the backend returns.

    beyond: what is black is one box, a whole picture, and what is white lies beyond its sides. It is asked only of a backend
    that `outpaints`, at the size of the film whatever sizes its models make; the base has mirrored borders there."""

    base: Path
    mask: Path
    beyond: bool = False


@dataclass(frozen=True)
class ImageRequest:
    """All that an image backend is told about one keyframe.

    `prompt` stands alone: it names place, time, weather and who is there. `beat` counts keyframes along the film from 0.
    `previous` is the keyframe before it in its scene, to go on from. Pictures are given only to a backend that looks at them.
    """

    keyframe: str
    prompt: str
    negative_prompt: str
    style: str
    size: Size
    seed: int
    framing: Framing
    beat: int = 0
    place: Place | None = None
    figures: tuple[Figure, ...] = ()
    previous: Path | None = None
    edit: Edit | None = None

    def pictures(self) -> list[tuple[str, Path]]:
        """What it is guided by, with what each shows: the characters, the place, the keyframe before. Most important first."""
        given = [(figure.name, figure.reference) for figure in self.figures]
        given += [(self.place.name, self.place.reference)] if self.place else []
        given += [("the moment before", self.previous)]
        return [(name, path) for name, path in given if path is not None]


@dataclass(frozen=True)
class ImageCapabilities:
    """sizes: what the model can be asked for, None means any. references: how many pictures it can be guided by.

    goes_on: it can start from the keyframe before (`ImageRequest.previous`) where it is guided by no other picture. edits: it
    paints part of a picture anew (`ImageRequest.edit`). outpaints: it paints beyond a picture's sides (`Edit.beyond`).
    prompt_limit: in `prompt_unit`; None means none is known.
    """

    sizes: tuple[Size, ...] | None = None
    references: int = 0
    goes_on: bool = False
    edits: bool = False
    outpaints: bool = False
    seed: bool = True
    negative_prompt: bool = True
    prompt_limit: int | None = None
    prompt_unit: Literal["characters", "utf16", "bytes"] = "characters"

    @property
    def guided(self) -> bool:
        """Whether it is given pictures at all, so that keyframes wait for one another."""
        return self.references > 0 or self.goes_on

    def nearest(self, wanted: Size) -> Size:
        """The size to ask for: the one that keeps most of its picture when cropped to `wanted`, the larger of equals."""
        if self.sizes is None:
            return wanted
        from media.fit import kept_by_crop  # here, since it brings OpenCV along, and most who read this module need none

        return max(self.sizes, key=lambda size: (round(kept_by_crop(size, wanted), 3), size.width * size.height))


class ImageGenerator(Backend):
    """An image backend. One file in image_generators/ and one line in the factory's table, or an entry point in the
    group `longtake.image_generators`."""

    parallel: ClassVar[int] = 2
    framed: ClassVar[bool] = True
    """Whether `framing` and `beat` of a request alter the picture; of a model told of words and pictures alone they do not."""

    @property
    def capabilities(self) -> ImageCapabilities:
        """What it can do with these options."""
        return ImageCapabilities()

    def remarks(self, request: ImageRequest) -> Iterator[str]:
        """What a person should know of the picture of this request, in sentences without the backend's name: what it names
        and does not show. Told once a film, whichever keyframes it holds for. Free of charge, quick."""
        return iter(())

    def quote(self) -> Quote:
        """What a keyframe takes. Asks nobody."""
        return Quote()

    def quote_for(self, request: ImageRequest) -> Quote:
        """What just this picture takes."""
        return self.quote()

    async def serve(self, request: ImageRequest, to: Path, report: Report, counter: Counter) -> None:
        """What a stage calls: as `generate`. A backend that charges buys at `counter`; the others have no use for it."""
        await self.generate(request, to, report)

    @abstractmethod
    async def generate(self, request: ImageRequest, to: Path, report: Report) -> None:
        """Draws one keyframe and leaves a PNG at `to`. Raises GenerationFailed with a reason a user understands."""
