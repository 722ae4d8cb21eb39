"""What every entry of the catalogue has: types with limits, who gave a price and when, when a model ends. Reads no file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from media.film_format import Size
from runtime.setting_types import no_truth_value

ABOUT = Decimal("1.25")
"""What an approximate price may be exceeded by before we say that a vendor billed more than was quoted."""
POLL_S = 10.0
"""Seconds between two looks at a job where a vendor names no interval."""


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


Rate = Annotated[Fraction, BeforeValidator(_rate)]
Pixels = Annotated[Size, BeforeValidator(_pixels)]
Usd = Annotated[Decimal, BeforeValidator(no_truth_value), Field(ge=0)]
Span = Annotated[float, BeforeValidator(no_truth_value), Field(gt=0, le=3600, allow_inf_nan=False)]
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


def of_credits(credits: Decimal, usd_per_credit: Decimal | None) -> Decimal:
    """What so many credits are worth, in dollars. Raises ValueError where the provider does not say what one is."""
    if usd_per_credit is None:
        raise ValueError("is priced in credits, and its provider has no usd_per_credit")
    return credits * usd_per_credit


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
