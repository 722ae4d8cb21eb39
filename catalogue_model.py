"""What the catalogue says of a video model, as frozen types: lengths, shapes, prices. Reads no file (catalogue.py does)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from catalogue_entry import ABOUT, POLL_S, Entry, Model, Pixels, Rate, Said, Span, Usd, of_credits
from media.film_format import Size
from runtime.setting_types import Whole

SHORT_SIDE = {"360p": 360, "480p": 480, "720p": 720, "768p": 768, "1080p": 1080, "2k": 1440, "4k": 2160}
"""Pixels of the shorter side of a picture in each tier vendors sell."""
_SOLD_BY_SIZE = ("360p", "480p", "720p", "1080p", "4k")
ASPECT_SLACK = 0.02
"""How far a shape's aspect may be off the film's: what normalising trims without anybody seeing it."""


class Price(Said):
    """One line of a price list. `usd_per_second` is always set: given, or worked out from credits or tokens.

    audio: None holds with and without. resolution: `720p`, `1080p`, `4k`; None holds for all that have no line of their own.
    credits_per_clip: what comes on top of the seconds, whatever their number.
    """

    audio: bool | None = None
    resolution: str | None = None
    credits_per_second: Usd | None = None
    credits_per_clip: Usd = Decimal(0)
    usd_per_credit: Usd | None = None
    usd_per_million_tokens: Usd | None = None
    usd_per_million_input_tokens: Usd | None = None
    tokens_per_second: Usd | None = None
    usd_per_second: Usd = Field(default="", validate_default=True)

    @field_validator("usd_per_second", mode="before")
    @classmethod
    def _worked_out(cls, given: object, info: ValidationInfo) -> object:
        known: Mapping[str, Any] = info.data
        in_credits, of_tokens = known.get("credits_per_second"), known.get("tokens_per_second")
        if sum(way not in (None, "") for way in (given, in_credits, of_tokens)) > 1:
            raise ValueError("says its price twice, keep one of usd_per_second, credits_per_second, tokens_per_second")
        if in_credits is not None:
            return of_credits(in_credits, known.get("usd_per_credit"))
        if of_tokens is not None and known.get("usd_per_million_tokens") is not None:
            return of_tokens * known["usd_per_million_tokens"] / 1_000_000
        if given == "":
            raise ValueError("says no price, write usd_per_second, credits_per_second, or tokens_per_second with "
                             "usd_per_million_tokens")
        return given

    @property
    def says(self) -> int:
        """How many things it is said for: more of them go before fewer."""
        return (self.audio is not None) + (self.resolution is not None)

    def usd(self, seconds: float) -> Decimal:
        """What one clip of so many seconds should cost, in dollars. Vendors bill whole credits: rounded up."""
        if self.credits_per_second is None or self.usd_per_credit is None:
            return self.usd_per_second * Decimal(str(seconds))
        credits = self.credits_per_second * Decimal(str(seconds)) + self.credits_per_clip
        return credits.to_integral_value(ROUND_CEILING) * self.usd_per_credit

    def most_usd(self, seconds: float) -> Decimal:
        """What to reserve for such a clip: the bill should not pass it. A quarter on top of an approximate price."""
        return self.usd(seconds) * (ABOUT if self.approximate else 1)

    def settled(self, tokens: int, input_tokens: int = 0) -> Decimal | None:
        """The exact charge for the tokens a vendor counted, in dollars; None where it does not bill by token."""
        if self.usd_per_million_tokens is None:
            return None
        inputs = input_tokens * (self.usd_per_million_input_tokens or Decimal(0))
        return (tokens * self.usd_per_million_tokens + inputs) / 1_000_000


class Shape(Entry):
    """One picture shape a model makes. In YAML also short: `1280:720` (pixels), `16:9 720p` (an aspect and a tier).

    ask: what the vendor is told, `1280:720` or `16:9`; empty: nothing is told. size: the pixels delivered.
    resolution: the tier the vendor is told besides `ask`. follows_picture: the clip takes the aspect of its first
    picture; `size` stands for the tier.
    """

    ask: str
    size: Pixels
    resolution: str | None = None
    follows_picture: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        found = re.fullmatch(r"(\d+):(\d+)(?: (\w+))?", value.strip())
        if not found or (found[3] and found[3] not in SHORT_SIDE):
            raise ValueError(f"{value!r} is not a shape like 1280:720 or 16:9 720p")
        width, height, tier = int(found[1]), int(found[2]), found[3]
        size = of_aspect(width / height, SHORT_SIDE[tier]) if tier else Size(width, height)
        return {"ask": f"{width}:{height}", "size": size, "resolution": tier}

    @property
    def tier(self) -> str:
        """The tier its price goes by: the one that is told, or the one its number of pixels is nearest to."""
        if self.resolution:
            return self.resolution
        area = self.size.width * self.size.height
        return min(_SOLD_BY_SIZE, key=lambda tier: _apart(area, SHORT_SIDE[tier] ** 2 * 16 / 9))

    def fitted(self, film: Size) -> Shape | None:
        """This shape for a film of that size; None when its aspect is another one."""
        aspect = film.width / film.height
        if self.follows_picture:
            return self.model_copy(update={"size": as_large(self.size, aspect)})
        return self if _apart(self.size.width / self.size.height, aspect) <= 1 + ASPECT_SLACK else None


def of_aspect(aspect: float, short: int) -> Size:
    """The even size of that aspect whose shorter side is `short` pixels."""
    long = 2 * round(short * max(aspect, 1 / aspect) / 2)
    return Size(long, short) if aspect >= 1 else Size(short, long)


def as_large(size: Size, aspect: float) -> Size:
    """The even size of that aspect with as many pixels: what a tier means for a picture of any shape."""
    width = size.width if abs(aspect - size.width / size.height) < 1e-9 else (size.width * size.height * aspect) ** 0.5
    return Size(2 * round(width / 2), 2 * round(width / aspect / 2))


def _apart(one: float, other: float) -> float:
    return max(one / other, other / one)


class Lengths(Entry):
    """The seconds a model can be asked for: one, a list of choices, or `{least: 2, most: 10}` in steps of one second."""

    choices: tuple[Span, ...] = ()
    least: Span | None = None
    most: Span | None = None
    step: Span = 1.0

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, value: object) -> object:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return {"choices": [value]}
        return {"choices": value} if isinstance(value, (list, tuple)) else value

    @model_validator(mode="after")
    def _either(self) -> Lengths:
        if self.choices:
            if self.least is not None or self.most is not None:
                raise ValueError("has choices and bounds, keep one of them")
        elif self.least is None or self.most is None:
            raise ValueError("names no length, write [5, 10] or {least: 2, most: 10}")
        elif self.least > self.most:
            raise ValueError(f"least {self.least:g} is more than most {self.most:g}")
        return self

    def __str__(self) -> str:
        if self.choices:
            return f"{', '.join(f'{choice:g}' for choice in self.choices)} s"
        return f"{self.least:g} to {self.most:g} s"


class VideoModel(Model):
    """What one video model can do, what it costs, and until when.

    route: `image_to_video` (Runway), `vertex` or `interactions` (Google). fps, extra_frames: s seconds are delivered as
    s * fps + extra_frames frames. tends_to_cut: within a clip, unless its prompt asks for one shot. prompt_limit: in
    `prompt_unit`; None: the vendor states none. poll_s: seconds between two looks at a job. typical_s: seconds of
    wall clock one job usually takes, by `typical_source`; None: not known.
    seconds_verified: False where the vendor states no lengths and ours are careful guesses.
    charged_when_failed: None: not known.
    """

    route: Literal["image_to_video", "vertex", "interactions"] = "image_to_video"
    seconds: Lengths
    seconds_verified: bool = True
    fps: Rate = Fraction(24)
    extra_frames: Whole = Field(default=0, ge=0, le=1)
    shapes: tuple[Shape, ...] = Field(min_length=1)
    last_frame: bool = False
    audio: Literal["never", "option", "always"] = "never"
    seed: bool = False
    negative_prompt: bool = False
    tends_to_cut: bool = False
    prompt: Literal["required", "optional"] = "required"
    prompt_limit: Whole | None = Field(default=None, ge=1)
    prompt_unit: Literal["characters", "utf16"] = "characters"
    language: str | None = None
    prices: tuple[Price, ...] = ()
    poll_s: Span = POLL_S
    typical_s: Span | None = None
    typical_source: str | None = None
    charged_when_failed: bool | None = None

    @property
    def choices(self) -> tuple[float, ...]:
        """The lengths it makes, in seconds; empty where it makes all within bounds."""
        return self.seconds.choices

    @property
    def least_s(self) -> float:
        return min(self.choices) if self.choices else self.seconds.least or 0.0

    @property
    def most_s(self) -> float:
        return max(self.choices) if self.choices else self.seconds.most or 0.0

    @property
    def step_s(self) -> float:
        return self.seconds.step

    @property
    def quoted(self) -> tuple[Said, ...]:
        return self.prices

    def guesses(self) -> Iterator[tuple[str, str]]:
        if not self.seconds_verified:
            yield f"no document states its lengths, {self.seconds} is a careful guess", "seconds"

    def price(self, *, audio: bool, resolution: str | None) -> Price | None:
        """The line that holds: the one that says most of this case, of two the dearer. None when the price is not known.

        resolution: a shape's `tier`. None: any, so the dearest that may hold.
        """
        fits = [line for line in self.prices if line.audio in (None, audio)]
        if resolution is None:
            return max(fits, key=lambda line: line.usd_per_second, default=None)
        fits = [line for line in fits if line.resolution in (None, resolution)]
        return max(fits, key=lambda line: (line.says, line.usd_per_second), default=None)

    def shape_for(self, size: Size) -> Shape | None:
        """The shape to ask for: of those with the film's aspect (within 2 %) the smallest that is not smaller than the film,
        else the largest. None when no aspect fits."""
        fits = [fitted for shape in self.shapes if (fitted := shape.fitted(size)) is not None]
        enough = [shape for shape in fits if shape.size.width >= size.width and shape.size.height >= size.height]
        if enough:
            return min(enough, key=_area)
        return max(fits, key=_area, default=None)

    def frames(self, seconds: float) -> int:
        """How many frames, at its own rate, it delivers for so many seconds."""
        return round(Fraction(str(seconds)) * self.fps) + self.extra_frames


def _area(shape: Shape) -> int:
    return shape.size.width * shape.size.height
