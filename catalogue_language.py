"""What the catalogue says of a language model, as a frozen type: how much it reads and writes, and its price. Reads no file."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import Field, model_validator

from catalogue_entry import Model, Said, Usd, Words
from runtime.setting_types import Whole


class LanguageModel(Model):
    """What one language model can do, what it costs, and until when.

    usd_per_million_in, usd_per_million_out: dollars a million tokens read and written; cached_in: of those read that the
    vendor still had, left out: as the others. None: nobody states it; as_of and source come with a price.
    context: tokens it reads at most; output_limit: it writes at most, thoughts included; None: not known.
    vision: it looks at pictures.
    """

    usd_per_million_in: Usd | None = None
    usd_per_million_out: Usd | None = None
    usd_per_million_cached_in: Usd | None = None
    as_of: date | None = None
    source: Words | None = None
    approximate: bool = False
    context: Whole | None = Field(default=None, ge=1)
    output_limit: Whole | None = Field(default=None, ge=1)
    vision: bool = False

    @model_validator(mode="after")
    def _whole_price(self) -> LanguageModel:
        prices = (self.usd_per_million_in, self.usd_per_million_out)
        if (prices[0] is None) != (prices[1] is None):
            raise ValueError("says half its price, write usd_per_million_in and usd_per_million_out")
        if prices[0] is not None and (self.as_of is None or self.source is None):
            raise ValueError("says its price and not who gave it when, write as_of and source")
        return self

    @property
    def quoted(self) -> tuple[Said, ...]:
        if self.usd_per_million_in is None or self.as_of is None or self.source is None:
            return ()
        return (Said(as_of=self.as_of, source=self.source, approximate=self.approximate),)

    def usd(self, tokens_in: int, tokens_out: int, cached_in: int = 0) -> Decimal | None:
        """What so many tokens cost, in dollars; `cached_in` of those read are cheaper. None when no price is known."""
        if self.usd_per_million_in is None or self.usd_per_million_out is None:
            return None
        cached = self.usd_per_million_in if self.usd_per_million_cached_in is None else self.usd_per_million_cached_in
        fresh = tokens_in - cached_in
        return (fresh * self.usd_per_million_in + cached_in * cached + tokens_out * self.usd_per_million_out) / 1_000_000
