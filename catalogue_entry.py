"""What every entry of the catalogue has: types with limits, who gave a price and when, when a model ends. Reads no file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from media.film_format import Size

ABOUT = Decimal("1.25")
"""What an approximate price may be exceeded by before we say that a vendor billed more than was quoted."""
POLL_S = 10.0
"""Seconds between two looks at a job where a vendor names no interval."""


def _number(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} is not a number")
    return value


def _rate(value: object) -> Fraction:
    try:
        fps = Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{value!r} is not a rate like 24 or 30000/1001") from None
    if not 1 <= fps <= 120:
        raise ValueError(f"{value} is out of range, it must be from 1 to 120 frames a second")
    return fps


def _pixels(value: object) -> Size:
    return value if isinstance(value, Size) else Size.parse(str(value))


Whole = Annotated[int, BeforeValidator(_number)]
Number = Annotated[float, BeforeValidator(_number), Field(allow_inf_nan=False)]
Rate = Annotated[Fraction, BeforeValidator(_rate)]
Pixels = Annotated[Size, BeforeValidator(_pixels)]
Usd = Annotated[Decimal, BeforeValidator(_number), Field(ge=0)]
Span = Annotated[float, BeforeValidator(_number), Field(gt=0, le=3600, allow_inf_nan=False)]
Words = Annotated[str, Field(min_length=1)]


class Entry(BaseModel):
    """A part of the catalogue. Unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Said(Entry):
    """A price as somebody gave it.

    as_of: the day on which `source` gave it. approximate: the source is not the vendor and rounds, or the vendor counts
    tokens that vary.
    """

    as_of: date
    source: Words
    approximate: bool = False

    def age_days(self, today: date) -> int:
        """How many days ago the source gave this price."""
        return (today - self.as_of).days


class Model(Entry):
    """What a model of any kind has.

    retires: the day it ends, `instead`: what follows it. caution: what a person should know before buying.
    """

    provider: str
    id: str
    retires: date | None = None
    instead: str | None = None
    caution: str | None = None

    def ended(self, today: date) -> bool:
        """Whether its last day is over."""
        return self.retires is not None and self.retires <= today

    @property
    def quoted(self) -> tuple[Said, ...]:
        """Everything its prices were taken from; empty where none is known."""
        return ()

    def guesses(self) -> Iterator[tuple[str, str]]:
        """What no document states, in words, and the key that a better value is written to."""
        return iter(())
