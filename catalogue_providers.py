"""The catalogue as a whole: vendors with their models of each kind, and what to say of an id a person wrote. Reads no file."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Literal

from pydantic import Field

from catalogue_entry import POLL_S, Entry, Model, Span, Usd, Words
from catalogue_images import ImageModel
from catalogue_language import LanguageModel
from catalogue_model import VideoModel
from runtime.setting_types import Whole

SECTION = "catalogue"
"""The block of the config that is laid over the file."""
STALE_DAYS = 90
"""Prices older than this are pointed out, unless the config says otherwise."""
Kind = Literal["video", "image", "language"]
KINDS: Mapping[Kind, type[Model]] = {"video": VideoModel, "image": ImageModel, "language": LanguageModel}
_DATED = re.compile(r"-20\d\d-\d\d-\d\d$")
_SIGNS = {ord(sign): None for sign in "-_. "}


class Gone(Entry):
    """An id that people still know and the vendor no longer serves. retired: None: not known when."""

    retired: date | None = None
    instead: Words


class Provider(Entry):
    """One vendor: its models by id, and what holds for all of them.

    gone: former ids; a `*` stands for anything. parallel: jobs at once when the vendor does not say how many it takes.
    default: the video model asked when the config names none; default_with_key: the one when there is only an API key;
    image_default, language_default: those of the other kinds.
    poll_s, charged_when_failed: hold for the models that say nothing of their own.
    """

    name: str
    usd_per_credit: Usd | None = None
    parallel: Whole = Field(default=1, ge=1, le=1000)
    poll_s: Span = POLL_S
    charged_when_failed: bool | None = None
    default: str | None = None
    default_with_key: str | None = None
    image_default: str | None = None
    language_default: str | None = None
    video: Mapping[str, VideoModel] = {}
    image: Mapping[str, ImageModel] = {}
    language: Mapping[str, LanguageModel] = {}
    gone: Mapping[str, Gone] = {}

    @property
    def models(self) -> Mapping[str, VideoModel]:
        """Its video models by id."""
        return self.video

    def of(self, kind: Kind) -> Mapping[str, Model]:
        """Its models of a kind by id."""
        kinds: Mapping[Kind, Mapping[str, Model]] = {"video": self.video, "image": self.image, "language": self.language}
        return kinds[kind]

    def known(self, kind: Kind, model: str) -> Model | None:
        """What is known of an id; of a dated snapshot (`gpt-image-2-2026-04-21`) what is known of its model."""
        models = self.of(kind)
        found = models.get(model) or models.get(_DATED.sub("", model))
        return found.model_copy(update={"id": model}) if found and found.id != model else found

    def former(self, model: str, kind: Kind = "video") -> Gone | None:
        """What is known of an id that is gone."""
        return next((gone for former, gone in self.gone.items() if gone.instead in self.of(kind)
                     and fnmatch.fnmatchcase(model.lower(), former.lower())), None)

    def advice(self, instead: str | None) -> str:
        """What to use in place of a model, in words; of one that needs a cloud project, also what an API key is enough for."""
        if instead is None:
            return ""
        with_key = self.default_with_key if instead in self.video and self.video[instead].route == "vertex" else None
        return f", use {instead}" + (f" (or {with_key} with an API key)" if with_key else "")


class Catalogue(Entry):
    """All vendors by name."""

    providers: Mapping[str, Provider]

    def video(self, provider: str, model: str) -> VideoModel:
        """Raises LookupError when the provider has no such video model; `verdict` has the words for it."""
        return self.providers[provider].video[model]

    def image(self, provider: str, model: str) -> ImageModel:
        """Raises LookupError when the provider has no such image model; `verdict` has the words for it."""
        found = self.providers[provider].known("image", model)
        if not isinstance(found, ImageModel):
            raise KeyError(model)
        return found

    def language(self, provider: str, model: str) -> LanguageModel:
        """Raises LookupError when the provider has no such language model; `verdict` has the words for it."""
        found = self.providers[provider].known("language", model)
        if not isinstance(found, LanguageModel):
            raise KeyError(model)
        return found

    def live(self, provider: str, today: date) -> tuple[VideoModel, ...]:
        """The video models that can be bought today. Raises LookupError when there is no such provider."""
        return tuple(model for model in self.providers[provider].video.values() if not model.ended(today))

    def image_provider_of(self, model: str) -> str | None:
        """Whose image model an id is, or was; None when nobody's."""
        vendors = self.providers.values()
        sells = (vendor.name for vendor in vendors if vendor.known("image", model))
        sold = (vendor.name for vendor in vendors if vendor.former(model, "image"))
        return next(sells, None) or next(sold, None)

    def verdict(self, provider: str, model: str, today: date, kind: Kind = "video") -> str | None:
        """Why this id cannot be used, and what to use in its place; None when it can."""
        vendor = self.providers.get(provider)
        if vendor is None:
            return f"{provider} is not in the catalogue, known: {', '.join(sorted(self.providers))}"
        entry = vendor.known(kind, model)
        if entry is not None:
            return f"{model} was retired on {entry.retires}{vendor.advice(entry.instead)}" if entry.ended(today) else None
        former = vendor.former(model, kind)
        if former:
            when = f"was retired on {former.retired}" if former.retired else "is no longer offered"
            return f"{model} {when}{vendor.advice(former.instead)}"
        elsewhere = next((other.name for other in self.providers.values() if other.known(kind, model)), None)
        if elsewhere:
            return f"{model} is a model of {elsewhere}, not of {provider}"
        other = next((another for another in KINDS if vendor.known(another, model)), None)
        if other:
            return f"{model} is {_ARTICLES[other]} model, no {kind} model"
        return f"{provider} has no model {model}, {nearest(model, (one.id for one in self._alive(vendor, kind, today)))}"

    def warning(self, provider: str, model: str, today: date, kind: Kind = "video") -> str | None:
        """What to know before relying on a model that can still be used: that it ends, or may have ended."""
        entry = self._entry(provider, model, kind)
        said = [entry.caution] if entry.caution else []
        if entry.retires and not entry.ended(today):
            days = (entry.retires - today).days
            left = "tomorrow" if days == 1 else f"in {days} days"
            said.append(f"will be retired on {entry.retires}, {left}{self.providers[provider].advice(entry.instead)}")
        return f"{model}: {'; '.join(said)}" if said else None

    def notes(self, provider: str, model: str, today: date, stale_days: int = STALE_DAYS, kind: Kind = "video",
              ) -> Iterator[str]:
        """Everything to know of a model before buying: its end, prices that are old, near or missing, what is guessed."""
        entry = self._entry(provider, model, kind)
        warning = self.warning(provider, model, today, kind)
        if warning:
            yield warning
        block = f"{SECTION}.{provider}.{kind}.{model}"
        oldest = max(entry.quoted, key=lambda line: line.age_days(today), default=None)
        if oldest is None:
            key = f"{block}.usd_per_million_in" if kind == "language" else f"{block}.prices"
            yield f"{model}: its price is not known, set it in {key}"
        elif oldest.age_days(today) > stale_days:
            some = any(line.age_days(today) <= stale_days for line in entry.quoted)
            yield (f"{model}: {'one of its prices' if some else 'its price'} is {oldest.age_days(today)} days old "
                   f"({oldest.as_of}, {oldest.source})")
        if any(line.approximate for line in entry.quoted):
            yield f"{model}: its price is approximate, the bill may differ"
        for what, key in entry.guesses():
            yield f"{model}: {what}, set others in {block}.{key}"

    def _entry(self, provider: str, model: str, kind: Kind) -> Model:
        entry = self.providers[provider].known(kind, model)
        if entry is None:
            raise KeyError(model)
        return entry

    def _alive(self, provider: Provider, kind: Kind, today: date) -> Iterator[Model]:
        return (model for model in provider.of(kind).values() if not model.ended(today))


_ARTICLES: Mapping[Kind, str] = {"video": "a video", "image": "an image", "language": "a language"}


def nearest(model: str, known: Iterable[str]) -> str:
    """Advice for an id nobody has. Ids differ in dots, dashes and underscores first: those are not counted."""
    bare = {one.lower().translate(_SIGNS): one for one in known}
    close = get_close_matches(model.lower().translate(_SIGNS), bare, 1, 0.6)
    return f"did you mean {bare[close[0]]}?" if close else f"known: {', '.join(sorted(bare.values()))}"
