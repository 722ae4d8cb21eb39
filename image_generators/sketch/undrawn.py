"""What a request names and its picture does not show, in words for a person. Draws nothing."""

from __future__ import annotations

from collections.abc import Iterator

from image_generator_interface import Figure, ImageRequest
from image_generators.sketch.cast import PEOPLE, look_of
from image_generators.sketch.matching import plain
from image_generators.sketch.scene_words import figures_in
from image_generators.sketch.stand_ins import shapeless
from prompt_labels import STYLE


def remarks(request: ImageRequest) -> Iterator[str]:
    """What this request names and its picture does not show, each in a few words."""
    figures = request.figures or figures_in(request.prompt)
    shown: dict[str, str] = {}
    for figure in figures:
        kind = look_of(figure, request.seed).kind
        about = f"{figure.name}. {figure.description}"
        shown |= {one.word: kind for one in shapeless(plain(about)) if one.stand_in}
    for word in dict.fromkeys(one.word for one in shapeless(_told(request, figures))):
        yield _said(word, shown.get(word))


def _told(request: ImageRequest, figures: tuple[Figure, ...]) -> str:
    """All that is to be seen; how it is to be painted (`in the style of an octopus's dream`) is not."""
    place = [request.place.name, request.place.description] if request.place else []
    about = [f"{figure.name}. {figure.description}" for figure in figures]
    return plain(". ".join([STYLE.split(request.prompt, maxsplit=1)[0], *place, *about]))


def _said(word: str, kind: str | None) -> str:
    if kind is None:
        return f"it cannot draw “{word}” and leaves it out"
    article = "an" if kind.startswith("e") else "a"
    return f"it cannot draw “{word}”: {'a plain figure' if kind in PEOPLE else f'{article} {kind}'} stands in"
