"""Names to classes, loaded when asked for: a table of our own, and entry points of other packages. Uses none of them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from importlib import metadata
from typing import Any, Generic, TypeVar

from errors import BackendUnavailable, Problem

T = TypeVar("T")
R = TypeVar("R")
O = TypeVar("O")  # noqa: E741


@dataclass(frozen=True)
class Entry:
    """One name and the `module:Class` behind it. `origin` is the package it came with, empty for our own."""

    name: str
    target: str
    origin: str = ""


@dataclass(frozen=True)
class Refused:
    """A plug-in that is there and is not used, with the reason."""

    name: str
    origin: str
    reason: str


@dataclass(frozen=True)
class Chosen(Generic[T, O]):
    """What a config asked for: classes with their options, in its order; what is wrong with the config (`mistakes`), and
    what cannot be loaded here (`unavailable`)."""

    classes: tuple[tuple[type[T], O], ...]
    mistakes: tuple[Problem, ...]
    unavailable: tuple[Problem, ...]


class Registry(Generic[T]):
    """What can be chosen by name. Listing reads names only; a class is imported by `load`.

    kind: what the things are called in messages (`video backend`). builtin: name -> `module:Class`. group: the group of
    entry points. expected: every class derives from it, and has the class attributes `name` and `section`.
    sections: name -> block in config.yaml where that is not the name itself; a plug-in's block has the plug-in's name.
    aliases: other names people use. later: names that a later version will know, so that the message says so.
    """

    def __init__(self, kind: str, builtin: Mapping[str, str], group: str, expected: type[T], *,
                 sections: Mapping[str, str] | None = None, aliases: Mapping[str, str] | None = None,
                 later: Iterable[str] = ()) -> None:
        self.kind = kind
        self._builtin, self._group, self._expected = builtin, group, expected
        self._sections, self._aliases, self._later = sections or {}, aliases or {}, frozenset(later)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything that can be asked for: ours first, then the plug-ins by name."""
        return self._found[0]

    @property
    def refused(self) -> tuple[Refused, ...]:
        """The plug-ins that are not used because of their names."""
        return self._found[1]

    def names(self) -> tuple[str, ...]:
        """The names that can be asked for."""
        return tuple(entry.name for entry in self.entries)

    def section(self, name: str) -> str:
        """The block in config.yaml that belongs to a name."""
        return self._sections.get(name, name)

    def sections(self) -> frozenset[str]:
        """The blocks in config.yaml that belong to any of the names."""
        return frozenset(self.section(name) for name in self.names())

    def resolve(self, name: str, where: str) -> str | Problem:
        """The name in the table for what a user wrote, or what is wrong with it."""
        known = self.names()
        for candidate in (name, name.lower(), self._aliases.get(name.lower(), "")):
            if candidate in known:
                return candidate
        allowed = f"allowed: {', '.join(known)}"
        if self._aliases.get(name.lower(), name.lower()) in self._later:
            return Problem(where, f"this version has no {name} {self.kind} yet", allowed)
        close = get_close_matches(name.lower(), known, 1, 0.6)
        advice = f"did you mean {close[0]}? ({allowed})" if close else allowed
        return Problem(where, f"there is no {self.kind} {name!r}", advice)

    def load(self, name: str) -> type[T]:
        """Imports the class of a name that `names` lists. Raises BackendUnavailable with the reason when it cannot."""
        entry = next(entry for entry in self.entries if entry.name == name)
        try:
            found = self._import(entry)
        except Exception as error:  # noqa: BLE001 - the code of others runs here, and may raise anything
            reason = f"cannot be loaded: {type(error).__name__}: {error}"
        else:
            reason = self._unfit(entry, found)
            if not reason:
                return found  # type: ignore[no-any-return]
        raise self._unavailable(entry, reason)

    def ask(self, name: str, question: Callable[[type[T]], R]) -> R:
        """The answer of `question` for the class of a name. Raises BackendUnavailable, whatever the class's code raised."""
        found = self.load(name)
        try:
            return question(found)
        except Exception as error:
            entry = next(entry for entry in self.entries if entry.name == name)
            raise self._unavailable(entry, f"its code failed: {type(error).__name__}: {error}") from error

    def _unavailable(self, entry: Entry, reason: str) -> BackendUnavailable:
        advice = f"mend or uninstall {entry.origin}" if entry.origin else "install requirements.txt again"
        return BackendUnavailable([Problem(f"{self.kind} {entry.name}", reason, advice)])

    def choose(self, asked: Iterable[tuple[str, str]], judge: Callable[[type[T], list[Problem]], O | None]) -> Chosen[T, O]:
        """Resolves and loads names given as (name, where it was written), each class once. Raises nothing.

        `judge` returns the options for a class, or None with what is wrong added to the list.
        """
        mistakes: list[Problem] = []
        unavailable: list[Problem] = []
        classes: dict[str, tuple[type[T], O]] = {}
        for written, where in asked:
            name = self.resolve(written, where)
            if isinstance(name, Problem):
                mistakes.append(name)
            elif name not in classes:
                try:
                    loaded = self.load(name)
                except BackendUnavailable as error:
                    unavailable.extend(error.problems)
                    continue
                options = judge(loaded, mistakes)
                if options is not None:
                    classes[name] = (loaded, options)
        return Chosen(tuple(classes.values()), tuple(dict.fromkeys(mistakes)), tuple(dict.fromkeys(unavailable)))

    def _import(self, entry: Entry) -> Any:
        module, _, attribute = entry.target.partition(":")
        found: Any = importlib.import_module(module)
        for part in attribute.split("."):
            found = getattr(found, part)
        return found

    def _unfit(self, entry: Entry, found: Any) -> str:
        """Why a class cannot be used under the name it is listed by, or empty."""
        if not (isinstance(found, type) and issubclass(found, self._expected)):
            return f"{entry.target} is not a {self._expected.__name__}"
        for attribute, wanted in (("name", entry.name), ("section", self.section(entry.name))):
            if getattr(found, attribute, None) != wanted:
                return f"{entry.target} has {attribute} = {getattr(found, attribute, None)!r}, it must be {wanted!r}"
        return ""

    @cached_property
    def _found(self) -> tuple[tuple[Entry, ...], tuple[Refused, ...]]:
        plugins = sorted(self._plugins(), key=lambda entry: (entry.name, entry.origin))
        entries = [Entry(name, target) for name, target in self._builtin.items()]
        refused = []
        for plugin in plugins:
            reason = self._taken(plugin, plugins)
            if reason:
                refused.append(Refused(plugin.name, plugin.origin, reason))
            else:
                entries.append(plugin)
        return tuple(entries), tuple(refused)

    def _plugins(self) -> Iterable[Entry]:
        for point in metadata.entry_points(group=self._group):
            origin = f"{point.dist.name} {point.dist.version}" if point.dist else "an unknown package"
            yield Entry(point.name, point.value.partition("[")[0].strip(), origin)

    def _taken(self, plugin: Entry, plugins: Iterable[Entry]) -> str:
        if plugin.name in self._builtin or plugin.name in self._aliases:
            return f"its name belongs to a {self.kind} that Longtake brings itself"
        others = [other.origin for other in plugins if other.name == plugin.name and other.origin != plugin.origin]
        return f"{', '.join(others)} has a {self.kind} of the same name, uninstall one of them" if others else ""
