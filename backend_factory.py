"""A config and a registry -> backends: what both factories do. Knows no backend, not even by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Generic, TypeVar

from config import Loaded
from errors import BackendUnavailable, LongtakeError, Problem, UserMistakes, foreign_code
from image_generator_interface import ImageGenerator
from runtime.registry import Chosen, Registry
from video_generator_interface import BackendOptions, Terms, VideoGenerator

B = TypeVar("B", bound=VideoGenerator | ImageGenerator)


class Factory(Generic[B]):
    """Makes the backends of one registry.

    embedded: the one that is made when none is named. primary, fallbacks: the settings that name one, and others to be
    tried after it.
    """

    def __init__(self, registry: Registry[B], *, embedded: str, primary: str, fallbacks: str) -> None:
        self.registry, self.embedded = registry, embedded
        self._primary, self._fallbacks = primary, fallbacks

    def create_all(self, loaded: Loaded) -> list[B]:
        """The backends a config asks for, the primary first, then its fallbacks, each once.

        Raises UserMistakes with everything that is wrong with the config, the blocks of these backends included, and
        BackendUnavailable when one of them cannot be loaded.
        """
        return self._made(loaded, self._choose(loaded, self._asked(loaded)))

    def create(self, loaded: Loaded, name: str = "", where: str = "") -> B:
        """One backend by name, with its block of the config. `where` is where the name was written. Raises as `create_all`."""
        return self._made(loaded, self._choose(loaded, [(name or self.embedded, where)]))[0]

    def each(self, loaded: Loaded) -> Iterator[tuple[str, B | str]]:
        """Every backend there is by its name, with its block of the config; in place of one that cannot be had, the reason."""
        for name in self.registry.names():
            found: B | str
            try:
                with foreign_code():
                    found = self._instances(loaded, self._choose(loaded, [(name, "")]))[0]
            except LongtakeError as error:
                found = str(error)
            yield name, found

    def mistakes(self, loaded: Loaded, also: Iterable[tuple[str, str]] = ()) -> tuple[Problem, ...]:
        """What is wrong with the names of the backends a config asks for, and of others by (name, where), and with the
        blocks of all that it has blocks for."""
        sections = {name: loaded.section(self.registry.section(name)) for name in self.registry.names()}
        written = [(name, "") for name, section in sections.items() if section.values]
        return self._choose(loaded, [*self._asked(loaded), *also, *written]).mistakes

    def _asked(self, loaded: Loaded) -> Iterator[tuple[str, str]]:
        yield attrgetter(self._primary)(loaded.draft), loaded.where(self._primary)
        for name in attrgetter(self._fallbacks)(loaded.draft):
            yield name, loaded.where(self._fallbacks)

    def _choose(self, loaded: Loaded, asked: Iterable[tuple[str, str]]) -> Chosen[B, BackendOptions]:
        def judge(backend: type[B], problems: list[Problem]) -> BackendOptions | None:
            return loaded.section(backend.section).validate(backend.Options, problems)

        return self.registry.choose(asked, judge)

    def _made(self, loaded: Loaded, chosen: Chosen[B, BackendOptions]) -> list[B]:
        made = self._instances(loaded, chosen)
        wrong = [mistake for backend in made for mistake in backend.mistakes()]
        if wrong:
            raise UserMistakes(wrong)
        return made

    def _instances(self, loaded: Loaded, chosen: Chosen[B, BackendOptions]) -> list[B]:
        if loaded.problems or chosen.mistakes:
            raise UserMistakes(dict.fromkeys([*loaded.problems, *chosen.mistakes]))
        if chosen.unavailable:
            raise BackendUnavailable(chosen.unavailable)
        return [backend(options, loaded.config.film, terms(loaded)) for backend, options in chosen.classes]


def terms(loaded: Loaded) -> Terms:
    """What holds for every backend of this config."""
    remote = loaded.draft.remote_api_settings
    return Terms(loaded.catalogue, remote.max_retries, remote.polling_interval, remote.timeout,
                 loaded.draft.budget.price_age_days)
