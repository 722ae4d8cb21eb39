"""What the catalogue says of an image model, as frozen types: sizes, abilities, prices. Reads no file (catalogue.py does)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from catalogue_entry import ABOUT, Entry, Model, Pixels, Said, Usd, of_credits
from media.film_format import Size
from runtime.setting_types import Number, Whole

Task = Literal["generate", "edit", "outpaint"]
MILLION = 1_000_000
ENOUGH = 0.95
"""Pixels, as a part of those wanted, from which a picture may be enlarged: two or three per cent of its sides."""
_ASPECTS = ((1, 1), (3, 2), (2, 3))
"""Shapes besides the film's that a model which makes any size is offered for: for sheets of characters and places."""


class ImageSize(Entry):
    """One size a model makes. In YAML also short: `1536x1024` (asked for in pixels), `16:9 2K 2752x1536` (by aspect and tier).

    ask: what the vendor is told. tier: what it is told besides, and what its price may go by. size: the pixels delivered.
    """

    ask: str
    size: Pixels
    tier: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        found = re.fullmatch(r"(?:(\d+:\d+) )?(?:(\w+) )?(\d+x\d+)", value.strip())
        if not found:
            raise ValueError(f"{value!r} is not a size like 1536x1024 or 16:9 2K 2752x1536")
        return {"ask": found[1] or found[3], "tier": found[2], "size": found[3]}


class FreeSizes(Entry):
    """Any size within bounds: sides are multiples of `multiple_of`, none is longer than `longest`, the longer one is at most
    `aspect` times the shorter, and there are from `least_pixels` to `most_pixels` pixels."""

    multiple_of: Whole = Field(default=16, ge=1, le=256)
    longest: Whole = Field(ge=64)
    least_pixels: Whole = Field(default=1, ge=1)
    most_pixels: Whole = Field(ge=4096)
    aspect: Number = Field(default=3.0, ge=1)

    def fitted(self, wanted: Size) -> Size:
        """The size to ask for: the smallest allowed one that holds all of `wanted`, else the largest of nearly its shape."""
        width = max(wanted.width, wanted.height / self.aspect)
        height = max(wanted.height, wanted.width / self.aspect)
        grown = max(1.0, (self.least_pixels / (width * height)) ** 0.5)
        scale = min(grown, (self.most_pixels / (width * height)) ** 0.5, self.longest / max(width, height))
        across, down = (side * scale / self.multiple_of - 1e-6 for side in (width, height))
        near = [Size((math.ceil(across) + right) * self.multiple_of, (math.ceil(down) + below) * self.multiple_of)
                for right in range(-2, 3) for below in range(-2, 3)]

        def waste(size: Size) -> tuple[bool, int]:
            holds = size.width >= across * self.multiple_of and size.height >= down * self.multiple_of
            return not holds, size.width * size.height * (1 if holds else -1)

        return min((one for one in near if min(one) > 0 and self.allows(one)), key=waste, default=near[len(near) // 2])

    def allows(self, size: Size) -> bool:
        """Whether the vendor takes exactly this size."""
        longer, shorter = max(size), min(size)
        return (all(side % self.multiple_of == 0 for side in size) and longer <= self.longest
                and longer <= self.aspect * shorter and self.least_pixels <= size.width * size.height <= self.most_pixels)


class ImagePrice(Said):
    """One line of a price list by the picture. `usd` is always set: given, or worked out from credits.

    task, quality, tier: what it holds for; None: for all that have no line of their own.
    """

    task: Task | None = None
    quality: str | None = None
    tier: str | None = None
    credits: Usd | None = None
    usd_per_credit: Usd | None = None
    usd: Usd = Field(default="", validate_default=True)

    @field_validator("usd", mode="before")
    @classmethod
    def _worked_out(cls, given: object, info: ValidationInfo) -> object:
        known: Mapping[str, Any] = info.data
        credits = known.get("credits")
        if credits is not None and given != "":
            raise ValueError("says its price twice, keep one of usd and credits")
        if credits is not None:
            return of_credits(credits, known.get("usd_per_credit"))
        if given == "":
            raise ValueError("says no price, write usd or credits")
        return given

    @property
    def says(self) -> int:
        """How many things it is said for: more of them go before fewer."""
        return sum(part is not None for part in (self.task, self.quality, self.tier))

    def fits(self, task: Task, quality: str | None, tier: str | None) -> bool:
        """Whether it may hold for this case; a quality or tier that nobody names may be any."""
        return (self.task in (None, task) and (quality is None or self.quality in (None, quality))
                and (tier is None or self.tier in (None, tier)))


class Rates(Said):
    """What a million tokens cost, in dollars: words in, pictures in, pictures out, words and thoughts out.

    image_in: left out, as words in. text_out: left out, as pictures out.
    """

    usd_per_million_in: Usd
    usd_per_million_out: Usd
    usd_per_million_image_in: Usd | None = None
    usd_per_million_text_out: Usd | None = None


@dataclass(frozen=True)
class Tokens:
    """What a vendor counted for one picture, or is expected to."""

    text_in: int = 0
    image_in: int = 0
    image_out: int = 0
    text_out: int = 0


@dataclass(frozen=True)
class Asked:
    """What one picture is asked for with, as far as its price goes. quality None: any. pictures: how many it is shown."""

    size: Size
    quality: str | None = None
    task: Task = "generate"
    pictures: int = 0
    prompt: str = ""


class ImageModel(Model):
    """What one image model can do, what it costs, and until when.

    route: `openai` (the images interface), `stability:sd3`, `stability:core`, `stability:ultra`, or `gemini`. references: how
    many pictures it can be guided by. edits: it paints the part anew that a mask shows. outpaints: it paints beyond the
    sides. strength: it starts from a picture and keeps more or less of it (image to image). qualities: what may be asked
    for, cheapest first; empty: nothing. prompt_limit: in `prompt_unit`; None: the vendor states none.

    prices: by the picture; they count where a line holds. rates and tokens: else by the token. tokens: quality (`any` where
    it has none) to size or tier to the tokens of one picture. reference_tokens: for each picture shown, as expected and at
    the most; thinking_tokens: words and thoughts that come along, as expected and at the most.
    sizes_verified: False where no document states the pixels delivered.
    """

    route: Literal["openai", "stability:sd3", "stability:core", "stability:ultra", "gemini"]
    sizes: tuple[ImageSize, ...] | FreeSizes
    sizes_verified: bool = True
    references: Whole = Field(default=0, ge=0)
    edits: bool = False
    outpaints: bool = False
    strength: bool = False
    qualities: tuple[str, ...] = ()
    seed: bool = False
    negative_prompt: bool = False
    prompt_limit: Whole | None = Field(default=None, ge=1)
    prompt_unit: Literal["characters", "utf16", "bytes"] = "characters"
    prices: tuple[ImagePrice, ...] = ()
    rates: Rates | None = None
    tokens: Mapping[str, Mapping[str, Whole]] = {}
    reference_tokens: tuple[Whole, Whole] = (0, 0)
    thinking_tokens: tuple[Whole, Whole] = (0, 0)
    typical_s: Number | None = Field(default=None, gt=0)

    @property
    def quoted(self) -> tuple[Said, ...]:
        return (*self.prices, self.rates) if self.rates else self.prices

    def guesses(self) -> Iterator[tuple[str, str]]:
        if not self.sizes_verified:
            yield "no document states how large its pictures are, the sizes known here are a careful guess", "sizes"

    def size_for(self, wanted: Size) -> ImageSize:
        """The size to ask for a picture of `wanted`: nearest to its shape; of those the smallest with as many pixels, else
        the largest."""
        if isinstance(self.sizes, FreeSizes):
            size = self.sizes.fitted(wanted)
            return ImageSize(ask=str(size), size=size)
        kept = {one: round(_kept(one.size, wanted), 2) for one in self.sizes}
        return _large_enough([one for one in self.sizes if kept[one] == max(kept.values())], wanted)

    def sizes_for(self, film: Size) -> tuple[Size, ...]:
        """One size for each shape the model makes, as large as a film of that size needs; the film's own shape first."""
        if isinstance(self.sizes, FreeSizes):
            side = (film.width * film.height) ** 0.5
            others = [Size(round(side * (across / down) ** 0.5), round(side * (down / across) ** 0.5))
                      for across, down in _ASPECTS]
            return tuple(dict.fromkeys(self.sizes.fitted(one) for one in (film, *others)))
        shapes: dict[float, list[ImageSize]] = {}
        for one in self.sizes:
            shapes.setdefault(round(one.size.width / one.size.height, 2), []).append(one)
        sizes = [_large_enough(same, film).size for same in shapes.values()]
        return tuple(sorted(sizes, key=lambda size: -_kept(size, film)))

    # -- prices ----------------------------------------------------------------------------------------------------------

    def usd(self, asked: Asked) -> Decimal | None:
        """What one picture should cost, in dollars; None when nobody knows."""
        line = self._line(asked)
        return line.usd if line else self._of_tokens(asked, at_most=False)

    def most_usd(self, asked: Asked) -> Decimal | None:
        """What to reserve for it: the bill should not pass it. A quarter on top of an approximate price."""
        line = self._line(asked)
        usd, said = (line.usd, line) if line else (self._of_tokens(asked, at_most=True), self.rates)
        if usd is None or said is None:
            return None
        return usd * (ABOUT if said.approximate else 1)

    def settled(self, used: Tokens) -> Decimal | None:
        """The charge for the tokens a vendor counted, in dollars; None where it is not billed by the token."""
        return None if self.prices or self.rates is None else _cost(self.rates, used)

    def basis(self, asked: Asked) -> Said | None:
        """What its price was taken from."""
        return self._line(asked) or self.rates

    def _line(self, asked: Asked) -> ImagePrice | None:
        """The line that holds: the one that says most of this case, of two the dearer."""
        tier = self.size_for(asked.size).tier
        fits = [line for line in self.prices if line.fits(asked.task, asked.quality, tier)]
        if asked.quality is None:
            return max(fits, key=lambda line: (line.task is not None, line.usd), default=None)
        return max(fits, key=lambda line: (line.says, line.usd), default=None)

    def _of_tokens(self, asked: Asked, *, at_most: bool) -> Decimal | None:
        out = self._picture_tokens(asked)
        if self.rates is None or out is None:
            return None
        words = len(asked.prompt.encode()) // (2 if at_most else 4)  # of English, half as many tokens as bytes is plenty
        return _cost(self.rates, Tokens(words, asked.pictures * self.reference_tokens[at_most], out,
                                        self.thinking_tokens[at_most]))

    def _picture_tokens(self, asked: Asked) -> int | None:
        """Tokens of one picture: of this quality, or of the dearest; by its tier, or by the listed size that is next to it."""
        own = self.tokens.get(asked.quality or "")
        chosen = self.size_for(asked.size)
        found = [row.get(chosen.tier or "") or _by_size(row, chosen.size) for row in ([own] if own else self.tokens.values())]
        return max((tokens for tokens in found if tokens is not None), default=None)


def _cost(rates: Rates, used: Tokens) -> Decimal:
    image_in = rates.usd_per_million_in if rates.usd_per_million_image_in is None else rates.usd_per_million_image_in
    text_out = rates.usd_per_million_out if rates.usd_per_million_text_out is None else rates.usd_per_million_text_out
    return (used.text_in * rates.usd_per_million_in + used.image_in * image_in + used.image_out * rates.usd_per_million_out
            + used.text_out * text_out) / MILLION


def _by_size(row: Mapping[str, int], size: Size) -> int | None:
    """The tokens listed for the next larger size of nearly this shape (upright or lying), else of any; beyond the largest,
    by the number of pixels."""
    listed = {Size.parse(text): tokens for text, tokens in row.items() if "x" in text}
    if not listed:
        return None
    alike = {one: tokens for one, tokens in listed.items() if _kept(_lying(one), _lying(size)) > 0.95} or listed
    area = size.width * size.height
    enough = [one for one in alike if one.width * one.height >= area]
    if enough:
        return alike[min(enough, key=lambda one: one.width * one.height)]
    largest = max(alike, key=lambda one: one.width * one.height)
    return -(-alike[largest] * area // (largest.width * largest.height))


def _lying(size: Size) -> Size:
    return Size(max(size), min(size))


def _kept(size: Size, wanted: Size) -> float:
    """How much of a picture is left when it is cropped to a shape."""
    one, other = size.width / size.height, wanted.width / wanted.height
    return min(one, other) / max(one, other)


def _large_enough(sizes: list[ImageSize], wanted: Size) -> ImageSize:
    """The smallest with as many pixels as wanted, else the largest."""
    pixels = {one: one.size.width * one.size.height for one in sizes}
    enough = [one for one in sizes if pixels[one] >= ENOUGH * wanted.width * wanted.height]
    return min(enough, key=lambda one: pixels[one]) if enough else max(sizes, key=lambda one: pixels[one])
