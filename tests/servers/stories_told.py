"""The stories the chat server tells: people, places and twelve beats each, in three languages, for as many segments as asked.

They live in stories/*.yaml. Reads no request.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from ruamel.yaml import YAML

Language = Literal["en", "de", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
FOLDER = Path(__file__).parent / "stories"
SCENE = 4
"""Beats at one place: then the film cuts to the next."""


@dataclass(frozen=True)
class Role:
    """A character or a location, with what must stay the same about it."""

    name: str
    traits: str


@dataclass(frozen=True)
class Moment:
    """One segment: what happens, how it begins and ends as a still, who is there, where and when."""

    number: int
    action: str
    starts: str
    ends: str
    who: tuple[Role, ...]
    where: Role
    time: str
    detail: str
    opens: bool


@dataclass(frozen=True)
class Story:
    """One story in one language. beats: (action, first frame, last frame), with {A} {B} {C} for the characters."""

    language: Language
    texts: Mapping[str, str]
    characters: tuple[Role, ...]
    locations: tuple[Role, ...]
    props: tuple[str, ...]
    times: tuple[str, ...]
    details: tuple[str, ...]
    beats: tuple[tuple[str, str, str], ...]

    def moment(self, number: int, total: int) -> Moment:
        """Segment `number` (from 1) of `total`. The time of day goes on with the scenes, and never back."""
        scene, place = divmod(number - 1, SCENE)
        scenes = max(1, -(-total // SCENE))
        action, starts, ends = (self._cast(text) for text in self.beats[(number - 1) % len(self.beats)])
        who = tuple(role for role in self.characters if any(role.name in text for text in (action, starts, ends)))
        return Moment(number, action, starts, ends, who or self.characters[:1], self.locations[scene % len(self.locations)],
                      self.times[min(len(self.times) - 1, scene * len(self.times) // scenes)],
                      self.details[(number - 1 + scene // 3) % len(self.details)], place == 0)

    def _cast(self, text: str) -> str:
        """The line with the names in it; a part nobody is there for is played by the first."""
        for letter, role in zip("ABC", [*self.characters[:3], *self.characters[:1] * 3], strict=False):
            text = text.replace("{" + letter + "}", role.name)
        return text[:1].upper() + text[1:]


def words(language: Language) -> Mapping[str, str]:
    """What every plan says besides its story."""
    found: Mapping[str, str] = _read("words")[language]
    return found


def story(about: str, language: Language) -> Story:
    """The story that has most words in common with a prompt."""
    names = sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != "words")
    said = about.lower()
    best = max(names, key=lambda name: sum(_hits(word, said) for word in _read(name)["about"]))
    told = _read(best)[language]
    return Story(language, {key: value for key, value in told.items() if isinstance(value, str)}, _roles(told["characters"]),
                 _roles(told["locations"]), tuple(told["props"]), tuple(told["times"]), tuple(told["details"]),
                 tuple((beat[0], beat[1], beat[2]) for beat in told["beats"]))


def _hits(word: str, said: str) -> int:
    return len(re.findall(re.escape(word) if not word.isascii() else rf"\b{re.escape(word)}", said))


def _roles(listed: Sequence[Mapping[str, str]]) -> tuple[Role, ...]:
    return tuple(Role(one["name"], one["traits"]) for one in listed)


@cache
def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return found
