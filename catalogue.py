"""Models as data: catalogue.yaml, with the config's `catalogue:` block over it -> a frozen Catalogue. Asks no vendor."""

from __future__ import annotations

import fnmatch
import importlib.metadata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from pydantic import Field

from catalogue_model import Entry, Usd, Words
from catalogue_model import Lengths as Lengths
from catalogue_model import Price as Price
from catalogue_model import Shape as Shape
from catalogue_model import VideoModel as VideoModel
from errors import Problem, UserMistakes
from runtime import yaml_marks
from runtime.validation import dotted, in_order, place, validated
from runtime.yaml_marks import Marks, Plain

FILE = "catalogue.yaml"
SECTION = "catalogue"
"""The block of the config that is laid over the file."""
STALE_DAYS = 90
"""Prices older than this are pointed out, unless the config says otherwise."""
Kind = TypeVar("Kind", bound=Entry)
Block = Mapping[str, Plain]


class Gone(Entry):
    """An id that people still know and the vendor no longer serves. retired: None: not known when."""

    retired: date | None = None
    instead: Words


class Provider(Entry):
    """One vendor: its models by id, and what holds for all of them.

    gone: former ids; a `*` stands for anything. parallel: jobs at once when the vendor does not say how many it takes.
    default: the model asked when the config names none; default_with_key: the one when there is only an API key.
    """

    name: str
    usd_per_credit: Usd | None = None
    parallel: int = Field(default=1, ge=1, le=1000)
    default: str | None = None
    default_with_key: str | None = None
    video: Mapping[str, VideoModel] = {}
    gone: Mapping[str, Gone] = {}

    @property
    def models(self) -> Mapping[str, VideoModel]:
        """Its video models by id."""
        return self.video

    def former(self, model: str) -> Gone | None:
        """What is known of an id that is gone."""
        return next((gone for former, gone in self.gone.items() if fnmatch.fnmatchcase(model.lower(), former)), None)


class Catalogue(Entry):
    """All vendors by name, and what to say of an id a person wrote."""

    providers: Mapping[str, Provider]

    def video(self, provider: str, model: str) -> VideoModel:
        """Raises LookupError when the provider has no such video model; `verdict` has the words for it."""
        return self.providers[provider].video[model]

    def live(self, provider: str, today: date) -> tuple[VideoModel, ...]:
        """The video models that can be bought today. Raises LookupError when there is no such provider."""
        return tuple(model for model in self.providers[provider].video.values() if not model.ended(today))

    def verdict(self, provider: str, model: str, today: date) -> str | None:
        """Why this id cannot be used, and what to use in its place; None when it can."""
        if provider not in self.providers:
            return f"{provider} is not in the catalogue, known: {', '.join(sorted(self.providers))}"
        known = self.providers[provider]
        if model in known.video:
            return _ended(known.video[model], today)
        former = known.former(model)
        if former:
            when = f"was retired on {former.retired}" if former.retired else "is no longer offered"
            return f"{model} {when}, use {former.instead}"
        elsewhere = [other.name for other in self.providers.values() if model in other.video]
        if elsewhere:
            return f"{model} is a model of {elsewhere[0]}, not of {provider}"
        return f"{provider} has no model {model}, {_nearest(model, [one.id for one in self.live(provider, today)])}"

    def warning(self, provider: str, model: str, today: date) -> str | None:
        """What to know before relying on a model that can still be used: that it ends, or may have ended."""
        entry = self.video(provider, model)
        if entry.caution:
            return f"{model}: {entry.caution}"
        if entry.retires is None or entry.ended(today):
            return None
        days = (entry.retires - today).days
        return f"{model} will be retired on {entry.retires}, in {days} day{'s' * (days != 1)}{_instead(entry)}"

    def notes(self, provider: str, model: str, today: date, stale_days: int = STALE_DAYS) -> Iterator[str]:
        """Everything to know of a model before buying: its end, prices that are old, near or missing, guessed lengths."""
        entry = self.video(provider, model)
        warning = self.warning(provider, model, today)
        if warning:
            yield warning
        block = f"{SECTION}.{provider}.video.{model}"
        oldest = max(entry.prices, key=lambda line: line.age_days(today), default=None)
        if oldest is None:
            yield f"{model}: its price is not known, set it in {block}.prices"
        elif oldest.age_days(today) > stale_days:
            yield f"{model}: its price is {oldest.age_days(today)} days old ({oldest.as_of}, {oldest.source})"
        if any(line.approximate for line in entry.prices):
            yield f"{model}: its price is approximate, the bill may differ by a few per cent"
        if not entry.seconds_verified:
            yield f"{model}: its vendor states no lengths, {entry.seconds} is a careful guess, set others in {block}.seconds"


def _ended(model: VideoModel, today: date) -> str | None:
    return f"{model.id} was retired on {model.retires}{_instead(model)}" if model.ended(today) else None


def _instead(model: VideoModel) -> str:
    return f", use {model.instead}" if model.instead else ""


def _nearest(model: str, known: list[str]) -> str:
    """Ids differ in dots, dashes and underscores first: those are not counted."""
    bare = {one.lower().translate({ord(sign): None for sign in "-_. "}): one for one in known}
    close = get_close_matches(model.lower().translate({ord(sign): None for sign in "-_. "}), bare, 1, 0.6)
    return f"did you mean {bare[close[0]]}?" if close else f"known: {', '.join(sorted(known))}"


def load(path: Path | None = None, overrides: Block | None = None, marks: Marks | None = None) -> Catalogue:
    """The catalogue of `path` (the shipped one), with `overrides` over it. Raises UserMistakes with all that is wrong."""
    problems: list[Problem] = []
    catalogue = merged(overrides or {}, marks, problems, path)
    if problems:
        raise UserMistakes(in_order(problems))
    return catalogue


def merged(overrides: Block, marks: Marks | None, problems: list[Problem], path: Path | None = None) -> Catalogue:
    """The catalogue with a config's `catalogue:` block laid over it: keys over keys, lists and values in place of theirs.

    `marks` are those of the whole config. What is wrong is added to `problems`; the entry concerned is then as shipped, or
    left out.
    """
    parsed = _read(path or shipped())
    problems += parsed.problems
    below = parsed.values if isinstance(parsed.values, dict) else {}
    here = _one_level_down(parsed.marks)
    if not overrides:
        return _Building(here, problems).catalogue(below)
    plain = _Building(here, []).catalogue(below)
    tree = {**below, **{name: _laid_over(below.get(name), block, (SECTION, name), here) for name, block in overrides.items()}}
    if marks:
        for kind in ("keys", "values", "texts", "faulty", "loose"):
            getattr(here, kind).update(getattr(marks, kind))
    return _Building(here, problems, plain).catalogue(tree)


def shipped() -> Path:
    """The catalogue that came with this version: beside this module, or where its installer put the data files."""
    beside = Path(__file__).with_name(FILE)
    if beside.is_file():
        return beside
    files = importlib.metadata.files("longtake") or []
    return next((Path(str(file.locate())) for file in files if file.name == FILE), beside)


@lru_cache(maxsize=4)
def _read(path: Path) -> yaml_marks.Parsed:
    text, unreadable = yaml_marks.read(path)
    return yaml_marks.Parsed(None, Marks(path.name), unreadable) if unreadable else yaml_marks.parse(text, path.name)


def _one_level_down(marks: Marks) -> Marks:
    """A copy of the file's marks as if the file were the block `catalogue` of a config."""
    moved = Marks(marks.place)
    for kind in ("keys", "values", "texts"):
        getattr(moved, kind).update({(SECTION, *path): mark for path, mark in getattr(marks, kind).items()})
    return moved


def _laid_over(below: Plain, above: Plain, path: yaml_marks.Path, marks: Marks) -> Plain:
    """`above` over `below`; the marks of what is replaced are taken out."""
    if isinstance(below, dict) and isinstance(above, dict):
        over = {key: _laid_over(below.get(key), value, (*path, key), marks) for key, value in above.items()}
        return {**below, **over}
    for known in (marks.keys, marks.values, marks.texts):
        for inside in [one for one in known if one[: len(path)] == path]:
            del known[inside]
    return above


@dataclass(frozen=True)
class _Building:
    """Judges a catalogue part by part, so that each mistake has its place. plain: what stands in for a part that is wrong."""

    marks: Marks
    problems: list[Problem]
    plain: Catalogue | None = None

    def catalogue(self, tree: Block) -> Catalogue:
        providers = {}
        for name in tree:
            former = self.plain.providers.get(name) if self.plain else None
            providers[name] = self.provider(self.block(tree, name, (SECTION,)), former or Provider(name=name), (SECTION, name))
        return Catalogue(providers=providers)

    def provider(self, block: Block, former: Provider, path: yaml_marks.Path) -> Provider:
        bare = {key: value for key, value in block.items() if key not in ("video", "gone")}
        facts = validated(Provider, {**bare, "name": former.name}, self.marks, self.problems, path) or former
        models = self.block(block, "video", path)
        video = {}
        for name in models:
            told: Block = {"provider": former.name, "id": name}
            values = {**_with_credit(self.block(models, name, (*path, "video")), facts.usd_per_credit), **told}
            video[name] = self.entry(VideoModel, values, former.video.get(name), (*path, "video", name))
        ids = self.block(block, "gone", path)
        gone = {name: self.entry(Gone, self.block(ids, name, (*path, "gone")), former.gone.get(name), (*path, "gone", name))
                for name in ids}
        whole = facts.model_copy(update={"video": _there(video), "gone": _there(gone)})
        self.check_names(whole, path)
        return whole

    def entry(self, kind: type[Kind], values: Block, former: Kind | None, path: yaml_marks.Path) -> Kind | None:
        return None if path in self.marks.faulty else validated(kind, values, self.marks, self.problems, path) or former

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

    def check_names(self, provider: Provider, path: yaml_marks.Path) -> None:
        """Every model that is named as a default or a successor must be there."""
        named: dict[yaml_marks.Path, str | None] = {
            ("default",): provider.default, ("default_with_key",): provider.default_with_key,
            **{("video", model.id, "instead"): model.instead for model in provider.video.values()},
            **{("gone", former, "instead"): gone.instead for former, gone in provider.gone.items()},
        }
        for inside, model in named.items():
            if model is not None and model not in provider.video:
                where = place(self.marks.value((*path, *inside)), dotted((*path, *inside)))
                advice = _nearest(model, list(provider.video))
                self.problems.append(Problem(where, f"{provider.name} has no model {model}", advice))


def _there(entries: Mapping[str, Kind | None]) -> dict[str, Kind]:
    return {name: entry for name, entry in entries.items() if entry is not None}


def _with_credit(model: Block, usd_per_credit: Decimal | None) -> dict[str, Plain]:
    """The model's block with what a credit is worth in each price line that counts credits."""
    lines = model.get("prices")
    if usd_per_credit is None or not isinstance(lines, list):
        return dict(model)
    worth: Block = {"usd_per_credit": str(usd_per_credit)}
    told = [{**worth, **line} if isinstance(line, dict) and "credits_per_second" in line else line for line in lines]
    return {**model, "prices": told}
