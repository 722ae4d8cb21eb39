"""Which image backends there are, and those a config asks for. Knows no backend but by its line in the table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from config import Loaded
from errors import BackendUnavailable, Problem, UserMistakes
from image_generator_interface import ImageGenerator
from runtime.registry import Chosen, Registry
from video_generator_interface import BackendOptions

BUILTIN = {
    "sketch": "image_generators.sketch_images:SketchImages",
}
EMBEDDED = "sketch"
"""The one that needs no key, no GPU and no money: for previews."""
ALIASES = {
    "gpt-image-1": "openai", "gpt-image": "openai", "stability_ai": "stability", "sd3": "stability", "imagen": "google",
    "gemini": "google",
}
LATER = ("openai", "stability", "google")

registry: Registry[ImageGenerator] = Registry(
    "image backend", BUILTIN, "longtake.image_generators", ImageGenerator,  # type: ignore[type-abstract]
    aliases=ALIASES, later=LATER)


def create_all(loaded: Loaded) -> list[ImageGenerator]:
    """The backends a config asks for, the primary first, then its fallbacks.

    Raises UserMistakes with everything that is wrong with the config, the blocks of these backends included, and
    BackendUnavailable when one of them cannot be loaded.
    """
    return _made(loaded, _choose(loaded, _asked(loaded)))


def create(loaded: Loaded, name: str = EMBEDDED, where: str = "") -> ImageGenerator:
    """One backend by name, with its block of the config. `where` is where the name was written. Raises as `create_all`."""
    return _made(loaded, _choose(loaded, [(name, where)]))[0]


def mistakes(loaded: Loaded, also: Iterable[tuple[str, str]] = ()) -> tuple[Problem, ...]:
    """What is wrong with the names of the image backends a config asks for, and of others by (name, where), and with the
    blocks of all that it has blocks for."""
    written = [(name, "") for name in registry.names() if loaded.section(registry.section(name)).values]
    return _choose(loaded, [*_asked(loaded), *also, *written]).mistakes


def _asked(loaded: Loaded) -> Iterator[tuple[str, str]]:
    yield loaded.draft.image_generation_backend, loaded.where("image_generation_backend")
    for name in loaded.draft.image_fallback_backends:
        yield name, loaded.where("image_fallback_backends")


def _choose(loaded: Loaded, asked: Iterable[tuple[str, str]]) -> Chosen[ImageGenerator, BackendOptions]:
    def judge(backend: type[ImageGenerator], problems: list[Problem]) -> BackendOptions | None:
        return loaded.section(backend.section).validate(backend.Options, problems)

    return registry.choose(asked, judge)


def _made(loaded: Loaded, chosen: Chosen[ImageGenerator, BackendOptions]) -> list[ImageGenerator]:
    if loaded.problems or chosen.mistakes:
        raise UserMistakes(dict.fromkeys([*loaded.problems, *chosen.mistakes]))
    if chosen.unavailable:
        raise BackendUnavailable(chosen.unavailable)
    return [backend(options, loaded.config.film) for backend, options in chosen.classes]
