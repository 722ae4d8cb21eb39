"""What a person has to hear before agreeing to what a run may cost. Shows no table and asks nothing."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from consent import Offer
from runtime.money import dollars


def warnings(offer: Offer) -> Iterator[str]:
    """A sentence for each purchase above its bound, and for each model that has delivered nothing of use so far."""
    for one in offer.above_bound:
        said = f"charged {dollars(one.charged_usd)}" if one.overcharged else "quoted more"
        yield (f"{one.provider} {said} for {one.node}, above the bound of {dollars(one.bound_usd)}: see their bill before "
               "buying more, and correct the price in the catalogue block of the config")
    for bought in offer.in_vain:
        last = bought[-1]
        usd = sum((one.charged_usd for one in bought if one.charged_usd is not None), Decimal(0))
        yield (f"{last.provider} {last.model} has delivered nothing for this film that can be used, and charged {dollars(usd)} "
               f"for {len(bought)}: {last.reason}. Agreed to, one more is bought of it, and others only if that can be used")
