"""Which video backends there are, and those a config asks for. Knows no backend but by its line in the table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from config import Loaded
from errors import BackendUnavailable, Problem, UserMistakes
from runtime.registry import Chosen, Registry
from video_generator_interface import BackendOptions, VideoGenerator

BUILTIN = {
    "animatic": "generators.animatic_generator:AnimaticGenerator",
}
EMBEDDED = "animatic"
"""The one that needs no key, no GPU and no money: for previews."""
ALIASES = {
    "wan": "wan2.1", "wan21": "wan2.1", "wan2": "wan2.1", "frame_pack": "framepack", "runwayml": "runway",
    "runway_ml": "runway", "veo": "veo3", "google_veo": "veo3",
}
LATER = ("wan2.1", "framepack", "runway", "veo3")

registry: Registry[VideoGenerator] = Registry(
    "video backend", BUILTIN, "longtake.video_generators", VideoGenerator,  # type: ignore[type-abstract]
    aliases=ALIASES, later=LATER)


def create_all(loaded: Loaded) -> list[VideoGenerator]:
    """The backends a config asks for, the primary first, then its fallbacks.

    Raises UserMistakes with everything that is wrong with the config, the blocks of these backends included, and
    BackendUnavailable when one of them cannot be loaded.
    """
    return _made(loaded, _choose(loaded, _asked(loaded)))


def create(loaded: Loaded, name: str = EMBEDDED, where: str = "") -> VideoGenerator:
    """One backend by name, with its block of the config. `where` is where the name was written. Raises as `create_all`."""
    return _made(loaded, _choose(loaded, [(name, where)]))[0]


def mistakes(loaded: Loaded, also: Iterable[tuple[str, str]] = ()) -> tuple[Problem, ...]:
    """What is wrong with the names of the video backends a config asks for, and of others by (name, where), and with the
    blocks of all that it has blocks for."""
    written = [(name, "") for name in registry.names() if loaded.section(registry.section(name)).values]
    return _choose(loaded, [*_asked(loaded), *also, *written]).mistakes


def _asked(loaded: Loaded) -> Iterator[tuple[str, str]]:
    yield loaded.draft.video_generation_backend, loaded.where("video_generation_backend")
    for name in loaded.draft.remote_api_settings.fallback_backend:
        yield name, loaded.where("remote_api_settings.fallback_backend")


def _choose(loaded: Loaded, asked: Iterable[tuple[str, str]]) -> Chosen[VideoGenerator, BackendOptions]:
    def judge(backend: type[VideoGenerator], problems: list[Problem]) -> BackendOptions | None:
        return loaded.section(backend.section).validate(backend.Options, problems)

    return registry.choose(asked, judge)


def _made(loaded: Loaded, chosen: Chosen[VideoGenerator, BackendOptions]) -> list[VideoGenerator]:
    if loaded.problems or chosen.mistakes:
        raise UserMistakes(dict.fromkeys([*loaded.problems, *chosen.mistakes]))
    if chosen.unavailable:
        raise BackendUnavailable(chosen.unavailable)
    return [backend(options, loaded.config.film) for backend, options in chosen.classes]
