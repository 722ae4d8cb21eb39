"""Models as data: catalogue.yaml, with the config's `catalogue:` block over it -> a frozen Catalogue. Asks no vendor."""

from __future__ import annotations

import fnmatch
import importlib.metadata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field

from catalogue_model import POLL_S, Entry, Span, Usd, Whole, Words
from catalogue_model import Lengths as Lengths
from catalogue_model import Price as Price
from catalogue_model import Shape as Shape
from catalogue_model import VideoModel as VideoModel
from errors import Problem, UserMistakes
from runtime import overlay, yaml_marks
from runtime.validation import dotted, in_order, place, validated
from runtime.yaml_marks import Marks, Parsed, Plain

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
    poll_s, charged_when_failed: hold for the models that say nothing of their own.
    """

    name: str
    usd_per_credit: Usd | None = None
    parallel: Whole = Field(default=1, ge=1, le=1000)
    poll_s: Span = POLL_S
    charged_when_failed: bool | None = None
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
        return next((gone for former, gone in self.gone.items() if fnmatch.fnmatchcase(model.lower(), former.lower())), None)

    def advice(self, instead: str | None) -> str:
        """What to use in place of a model, in words; of one that needs a cloud project, also what an API key is enough for."""
        if instead is None:
            return ""
        with_key = self.default_with_key if instead in self.video and self.video[instead].route == "vertex" else None
        return f", use {instead}" + (f" (or {with_key} with an API key)" if with_key else "")


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
        known = self.providers.get(provider)
        if known is None:
            return f"{provider} is not in the catalogue, known: {', '.join(sorted(self.providers))}"
        if model in known.video:
            entry = known.video[model]
            return f"{model} was retired on {entry.retires}{known.advice(entry.instead)}" if entry.ended(today) else None
        former = known.former(model)
        if former:
            when = f"was retired on {former.retired}" if former.retired else "is no longer offered"
            return f"{model} {when}{known.advice(former.instead)}"
        elsewhere = [other.name for other in self.providers.values() if model in other.video]
        if elsewhere:
            return f"{model} is a model of {elsewhere[0]}, not of {provider}"
        return f"{provider} has no model {model}, {_nearest(model, [one.id for one in self.live(provider, today)])}"

    def warning(self, provider: str, model: str, today: date) -> str | None:
        """What to know before relying on a model that can still be used: that it ends, or may have ended."""
        entry = self.video(provider, model)
        said = [entry.caution] if entry.caution else []
        if entry.retires and not entry.ended(today):
            days = (entry.retires - today).days
            left = "tomorrow" if days == 1 else f"in {days} days"
            said.append(f"will be retired on {entry.retires}, {left}{self.providers[provider].advice(entry.instead)}")
        return f"{model}: {'; '.join(said)}" if said else None

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
            yield f"{model}: its price is approximate, the bill may differ"
        if not entry.seconds_verified:
            yield f"{model}: no document states its lengths, {entry.seconds} is a careful guess, set others in {block}.seconds"


def _nearest(model: str, known: list[str]) -> str:
    """Ids differ in dots, dashes and underscores first: those are not counted."""
    bare = {one.lower().translate({ord(sign): None for sign in "-_. "}): one for one in known}
    close = get_close_matches(model.lower().translate({ord(sign): None for sign in "-_. "}), bare, 1, 0.6)
    return f"did you mean {bare[close[0]]}?" if close else f"known: {', '.join(sorted(known))}"


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
        bare = {key: value for key, value in block.items() if key not in ("video", "gone")}
        facts = self.entry(Provider, {**bare, "name": former.name}, former, path) or former
        models = self.blocks(block, "video", path)
        self.problems.extend(self.named_already((*path, "video", name, key)) for name, model in models.items()
                             for key in ("id", "provider") if key in model)
        told = {name: _told(model, name, facts) for name, model in models.items()}
        video = {name: self.entry(VideoModel, model, former.video.get(name), (*path, "video", name))
                 for name, model in told.items()}
        gone = {name: self.entry(Gone, values, former.gone.get(name), (*path, "gone", name))
                for name, values in self.blocks(block, "gone", path).items()}
        whole = facts.model_copy(update={"video": _there(video), "gone": _there(gone)})
        if not self.marks.faulty:
            self.check_names(whole, set(told), path)
        return whole

    def named_already(self, path: yaml_marks.Path) -> Problem:
        return Problem(place(self.marks.key(path), dotted(path)), "unknown key", "the blocks around it say its name")

    def entry(self, kind: type[Kind], values: Block, former: Kind | None, path: yaml_marks.Path) -> Kind | None:
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

    def check_names(self, provider: Provider, known: set[str], path: yaml_marks.Path) -> None:
        """Every model that is named as a default or a successor must be there."""
        named: dict[yaml_marks.Path, str | None] = {
            ("default",): provider.default, ("default_with_key",): provider.default_with_key,
            **{("video", model.id, "instead"): model.instead for model in provider.video.values()},
            **{("gone", former, "instead"): gone.instead for former, gone in provider.gone.items()},
        }
        for inside, model in named.items():
            if model is not None and model not in known:
                where = place(self.marks.value((*path, *inside)), dotted((*path, *inside)))
                advice = _nearest(model, list(known))
                self.problems.append(Problem(where, f"{provider.name} has no model {model}", advice))


def _there(entries: Mapping[str, Kind | None]) -> dict[str, Kind]:
    return {name: entry for name, entry in entries.items() if entry is not None}


def _told(model: Block, name: str, provider: Provider) -> Block:
    """A model's block with what its provider says for all: its name, how often it may be asked, what a credit is worth."""
    lines = model.get("prices")
    if isinstance(lines, list) and provider.usd_per_credit is not None:
        worth: Block = {"usd_per_credit": str(provider.usd_per_credit)}
        lines = [{**worth, **line} if isinstance(line, dict) and "credits_per_second" in line else line for line in lines]
    whole = {"poll_s": provider.poll_s, "charged_when_failed": provider.charged_when_failed, **model,
             "provider": provider.name, "id": name}
    return {**whole, "prices": lines} if "prices" in model else whole
