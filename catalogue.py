"""Models as data: catalogue.yaml, with the config's `catalogue:` block over it -> a frozen Catalogue. Asks no vendor."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from catalogue_entry import Entry, Model
from catalogue_images import Asked as Asked
from catalogue_images import FreeSizes as FreeSizes
from catalogue_images import ImageModel as ImageModel
from catalogue_images import Tokens as Tokens
from catalogue_language import LanguageModel as LanguageModel
from catalogue_model import Lengths as Lengths
from catalogue_model import Price as Price
from catalogue_model import Shape as Shape
from catalogue_model import VideoModel as VideoModel
from catalogue_providers import KINDS, Gone, nearest
from catalogue_providers import SECTION as SECTION
from catalogue_providers import STALE_DAYS as STALE_DAYS
from catalogue_providers import Catalogue as Catalogue
from catalogue_providers import Kind as Kind
from catalogue_providers import Provider as Provider
from errors import Problem, UserMistakes
from runtime import overlay, yaml_marks
from runtime.validation import dotted, in_order, place, validated
from runtime.yaml_marks import Marks, Parsed, Plain

FILE = "catalogue.yaml"
E = TypeVar("E", bound=Entry)
Block = Mapping[str, Plain]


def load(path: Path | None = None, overrides: Mapping[str, Any] | None = None, marks: Marks | None = None) -> Catalogue:
    """The catalogue of `path` (the shipped one), with `overrides` over it. Raises UserMistakes with all that is wrong."""
    problems: list[Problem] = []
    catalogue = merged(overrides or {}, marks, problems, path)
    if problems:
        raise UserMistakes(in_order(problems))
    return catalogue


def merged(
    overrides: Mapping[str, Any], marks: Marks | None, problems: list[Problem], path: Path | None = None,
) -> Catalogue:
    """The catalogue with a config's `catalogue:` block laid over it: keys over keys, lists and values in place of theirs.

    `marks` are those of the whole config. What is wrong is added to `problems`; the entry concerned is then as shipped, or
    left out. Raises UserMistakes when the file itself is wrong.
    """
    file = path or shipped()
    plain = _as_written(file)
    if not overrides:
        return plain
    parsed, above = _parsed(file), dict(overrides)
    here = overlay.moved(parsed.marks, (SECTION,))
    given = marks or overlay.unplaced(above, (SECTION,))
    tree = overlay.laid_over(parsed.values, above, (SECTION,), here, given)
    return _Building(here, problems, plain).catalogue(tree)


def shipped() -> Path:
    """The catalogue that came with this version: beside this module, or where an installer puts data files."""
    here = Path(__file__).parent
    for place_of_it in (here / FILE, here / "share" / "longtake" / FILE):  # the second: `pip install --target`
        if place_of_it.is_file():
            return place_of_it
    with suppress(importlib.metadata.PackageNotFoundError):
        for file in importlib.metadata.files("longtake") or ():
            if file.name == FILE:
                return Path(str(file.locate()))
    return here / FILE


@lru_cache(maxsize=4)
def _as_written(path: Path) -> Catalogue:
    problems: list[Problem] = []
    parsed = _parsed(path)
    catalogue = _Building(overlay.moved(parsed.marks, (SECTION,)), problems).catalogue(parsed.values)
    if problems:
        raise UserMistakes(in_order(problems))
    return catalogue


@lru_cache(maxsize=4)
def _parsed(path: Path) -> Parsed:
    text, unreadable = yaml_marks.read(path)
    parsed = yaml_marks.parse(text, path.name)
    if unreadable or parsed.problems:
        raise UserMistakes((*unreadable, *parsed.problems))
    return parsed


@dataclass(frozen=True)
class _Building:
    """Judges a catalogue part by part, so that each mistake has its place. plain: what stands in for a part that is wrong."""

    marks: Marks
    problems: list[Problem]
    plain: Catalogue | None = None

    def catalogue(self, tree: Plain) -> Catalogue:
        """The catalogue of a whole tree: a block a provider."""
        former = self.plain.providers if self.plain else {}
        blocks = self.blocks({SECTION: tree}, SECTION, ())
        return Catalogue(providers={name: self.provider(block, former.get(name) or Provider(name=name), (SECTION, name))
                                    for name, block in blocks.items()})

    def provider(self, block: Block, former: Provider, path: yaml_marks.Path) -> Provider:
        bare = {key: value for key, value in block.items() if key not in (*KINDS, "gone")}
        facts = self.entry(Provider, {**bare, "name": former.name}, former, path) or former
        models = {kind: self.models(block, kind, facts, former.of(kind), path) for kind in KINDS}
        gone = {name: self.entry(Gone, values, former.gone.get(name), (*path, "gone", name))
                for name, values in self.blocks(block, "gone", path).items()}
        whole = facts.model_copy(update={**{kind: _there(found) for kind, found in models.items()}, "gone": _there(gone)})
        if not self.marks.faulty:
            self.check_names(whole, {kind: set(found) for kind, found in models.items()}, path)
        return whole

    def models(self, block: Block, kind: Kind, provider: Provider, former: Mapping[str, Model], path: yaml_marks.Path,
               ) -> dict[str, Model | None]:
        """A provider's models of a kind, by all ids that are written; None for one that is wrong and new."""
        written = self.blocks(block, kind, path)
        self.problems.extend(self.named_already((*path, kind, name, key)) for name, model in written.items()
                             for key in ("id", "provider") if key in model)
        told = {name: _told(model, name, kind, provider) for name, model in written.items()}
        return {name: self.entry(KINDS[kind], model, former.get(name), (*path, kind, name)) for name, model in told.items()}

    def named_already(self, path: yaml_marks.Path) -> Problem:
        return Problem(place(self.marks.key(path), dotted(path)), "unknown key", "the blocks around it say its name")

    def entry(self, kind: type[E], values: Block, former: E | None, path: yaml_marks.Path) -> E | None:
        if path in self.marks.faulty:
            return former
        return validated(kind, values, self.marks, self.problems, path) or former

    def blocks(self, tree: Block, key: str, path: yaml_marks.Path) -> dict[str, Block]:
        """The blocks that stand, by their names, under a key."""
        inner = self.block(tree, key, path)
        return {name: self.block(inner, name, (*path, key)) for name in inner}

    def block(self, tree: Block, key: str, path: yaml_marks.Path) -> Block:
        """The block under a key, empty where there is none. What is no block is a problem."""
        value, at = tree.get(key, {}), (*path, key)
        if isinstance(value, dict):
            return value
        if at not in self.marks.faulty:
            where = place(self.marks.value(at), dotted(at))
            self.problems.append(Problem(where, "is not a block of keys", "write key: value lines below it"))
            self.marks.faulty.add(at)
        return {}

    def check_names(self, provider: Provider, known: Mapping[Kind, set[str]], path: yaml_marks.Path) -> None:
        """Every model that is named as a default or a successor must be there, of the same kind."""
        every = set[str]().union(*known.values())
        named: list[tuple[yaml_marks.Path, str | None, set[str]]] = [
            (("default",), provider.default, known["video"]),
            (("default_with_key",), provider.default_with_key, known["video"]),
            (("image_default",), provider.image_default, known["image"]),
            (("language_default",), provider.language_default, known["language"]),
            *(((kind, model.id, "instead"), model.instead, known[kind]) for kind in KINDS
              for model in provider.of(kind).values()),
            *((("gone", former, "instead"), gone.instead, every) for former, gone in provider.gone.items()),
        ]
        for inside, model, there in named:
            if model is not None and model not in there:
                where = place(self.marks.value((*path, *inside)), dotted((*path, *inside)))
                self.problems.append(Problem(where, f"{provider.name} has no model {model}", nearest(model, there)))


def _there(entries: Mapping[str, E | None]) -> dict[str, E]:
    return {name: entry for name, entry in entries.items() if entry is not None}


def _told(model: Block, name: str, kind: Kind, provider: Provider) -> Block:
    """A model's block with what its provider says for all: its name, how often it may be asked, what a credit is worth."""
    lines = model.get("prices")
    if isinstance(lines, list) and provider.usd_per_credit is not None:
        worth: Block = {"usd_per_credit": str(provider.usd_per_credit)}
        lines = [{**worth, **line} if isinstance(line, dict) and line.keys() & {"credits", "credits_per_second"} else line
                 for line in lines]
    for_all: Block = {"poll_s": provider.poll_s, "charged_when_failed": provider.charged_when_failed} if kind == "video" else {}
    whole = {**for_all, **model, "provider": provider.name, "id": name}
    return {**whole, "prices": lines} if "prices" in model else whole
