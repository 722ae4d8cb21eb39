"""A config and a registry -> backends: what both factories do. Knows no backend, not even by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from typing import Generic, TypeVar

from catalogue import Catalogue
from config import DEFAULT, Loaded
from errors import BackendUnavailable, LongtakeError, MachineTrouble, Problem, UserMistakes, foreign_code
from image_generator_interface import ImageGenerator
from runtime.ledger import Ledger
from runtime.registry import Chosen, Registry
from video_generator_interface import BackendOptions, Terms, VideoGenerator

LEDGER = "ledger.sqlite"
B = TypeVar("B", bound=VideoGenerator | ImageGenerator)
Whose = Callable[[Catalogue, str], str | None]
"""The backend that has a model of this name, by the catalogue."""


@dataclass(frozen=True)
class Named:
    """A backend by its name, and where that was written. model: the one it is asked for, and where; empty: as its block
    says."""

    name: str
    where: str
    model: str = ""
    model_where: str = ""


class Factory(Generic[B]):
    """Makes the backends of one registry.

    embedded: the one that is made when none is named. primary, fallbacks: the settings that name one, and others to be
    tried after it. model: the setting that names a model; then, and where a model stands in place of a backend's name,
    `whose` says which backend that is.
    """

    def __init__(self, registry: Registry[B], *, embedded: str, primary: str, fallbacks: str, model: str = "",
                 whose: Whose = lambda catalogue, model: None) -> None:
        self.registry, self.embedded = registry, embedded
        self._primary, self._fallbacks, self._model, self._whose = primary, fallbacks, model, whose

    def create_all(self, loaded: Loaded) -> list[B]:
        """The backends a config asks for, the primary first, then its fallbacks, each once.

        Raises UserMistakes with everything that is wrong with the config, the blocks of these backends included, and
        BackendUnavailable when one of them cannot be loaded.
        """
        return self._made(loaded, self._asked(loaded))

    def create(self, loaded: Loaded, name: str = "", where: str = "") -> B:
        """One backend by name, with its block of the config. `where` is where the name was written. Raises as `create_all`."""
        return self._made(loaded, [Named(name or self.embedded, where)])[0]

    def each(self, loaded: Loaded) -> Iterator[tuple[str, B | str]]:
        """Every backend there is by its name, with its block of the config; in place of one that cannot be had, the reason."""
        for name in self.registry.names():
            found: B | str
            try:
                with foreign_code():
                    found = self._instances(loaded, self._choose(loaded, [Named(name, "")]))[0]
            except LongtakeError as error:
                found = str(error)
            yield name, found

    def mistakes(self, loaded: Loaded, also: Iterable[tuple[str, str]] = ()) -> tuple[Problem, ...]:
        """What is wrong with the names of the backends a config asks for, and of others by (name, where), and with the
        blocks of all that it has blocks for."""
        sections = {name: loaded.section(self.registry.section(name)) for name in self.registry.names()}
        written = [Named(name, "") for name, section in sections.items() if section.values]
        return self._choose(loaded, [*self._asked(loaded), *(Named(*one) for one in also), *written]).mistakes

    def _asked(self, loaded: Loaded) -> Iterator[Named]:
        model = attrgetter(self._model)(loaded.draft) if self._model else None
        if model and loaded.sources.get(self._primary, DEFAULT) == DEFAULT:
            yield Named(model, loaded.where(self._model))
        else:
            yield Named(attrgetter(self._primary)(loaded.draft), loaded.where(self._primary), model or "",
                        loaded.where(self._model) if model else "")
        for name in attrgetter(self._fallbacks)(loaded.draft):
            yield Named(name, loaded.where(self._fallbacks))

    def _choose(self, loaded: Loaded, asked: Iterable[Named]) -> Chosen[B, BackendOptions]:
        meant = [self._meant(loaded, one) for one in asked]
        models: dict[str, Named] = {}
        clashes = [problem for one in meant if one.model for problem in self._clash(loaded, one, models)]

        def judge(backend: type[B], problems: list[Problem]) -> BackendOptions | None:
            section, told = loaded.section(backend.section), models.get(backend.name)
            if told is not None:
                section = replace(section, values={**section.values, "model_version": told.model})
            return section.validate(backend.Options, problems)

        chosen = self.registry.choose([(one.name, one.where) for one in meant], judge)
        return replace(chosen, mistakes=(*chosen.mistakes, *clashes))

    def _meant(self, loaded: Loaded, named: Named) -> Named:
        """The backend whose model was written in place of a backend's name; else just what was written."""
        name = self.registry.resolve(named.name, named.where)
        if isinstance(name, str):
            return replace(named, name=name)
        owner = self._whose(loaded.catalogue, named.name)
        return named if owner is None else Named(owner, named.where, named.name, named.where)

    def _clash(self, loaded: Loaded, named: Named, models: dict[str, Named]) -> Iterator[Problem]:
        """What is wrong with asking a backend for this model: it has none, or is asked for another. Takes it into `models`."""
        if named.name not in self.registry.names():
            return
        try:
            takes_one = "model_version" in self.registry.ask(named.name, lambda backend: backend.Options.model_fields)
        except BackendUnavailable:
            return  # it is said when it is chosen
        block = self.registry.section(named.name)
        said = loaded.section(block).values.get("model_version", named.model)
        first = models.setdefault(named.name, named)
        if not takes_one:
            del models[named.name]
            yield Problem(named.model_where, f"{named.name} has no models to choose from", "leave it out")
        elif said != named.model:
            yield Problem(named.model_where, f"asks for {named.model} where {block}.model_version says {said}",
                          "keep one of them")
        elif first.model != named.model:
            yield Problem(named.model_where, f"{named.name} is asked for {first.model} already, not for {named.model} as well",
                          "keep one of them")

    def _made(self, loaded: Loaded, asked: Iterable[Named]) -> list[B]:
        meant = [self._meant(loaded, one) for one in asked]
        made = self._instances(loaded, self._choose(loaded, meant))
        named = {f"{self.registry.section(one.name)}.model_version": one.model_where for one in meant if one.model}
        wrong = [replace(mistake, where=named.get(mistake.where) or _place(loaded, mistake.where))
                 for backend in made for mistake in backend.mistakes()]
        if wrong:
            raise UserMistakes(wrong)
        return made

    def _instances(self, loaded: Loaded, chosen: Chosen[B, BackendOptions]) -> list[B]:
        if loaded.problems or chosen.mistakes:
            raise UserMistakes(dict.fromkeys([*loaded.problems, *chosen.mistakes]))
        if chosen.unavailable:
            raise BackendUnavailable(chosen.unavailable)
        return [backend(options, loaded.config.film, terms(loaded)) for backend, options in chosen.classes]


def _place(loaded: Loaded, key: str) -> str:
    """A key with the place it was written at, where it was."""
    return key if loaded.sources.get(key, DEFAULT) == DEFAULT else loaded.where(key)


def terms(loaded: Loaded) -> Terms:
    """What holds for every backend of this config."""
    remote = loaded.draft.remote_api_settings
    return Terms(loaded.catalogue, remote.max_retries, remote.polling_interval, remote.timeout,
                 loaded.draft.budget.price_age_days, _bought(loaded.draft.output_dir))


def _bought(folder: Path) -> frozenset[tuple[str, str]]:
    """What the run folder has purchases of; a ledger that cannot be read is told of by whoever opens it to work."""
    if not (folder / LEDGER).is_file():
        return frozenset()
    try:
        with closing(Ledger(folder / LEDGER, read_only=True)) as ledger:
            return ledger.purchases.models()
    except MachineTrouble:
        return frozenset()
