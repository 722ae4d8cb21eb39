"""What a person is told of what planning may cost. Prints nothing."""

from __future__ import annotations

from collections.abc import Iterator

from consent import PlanningOffer
from runtime.money import dollars


def lines(offer: PlanningOffer) -> Iterator[str]:
    """A line on the price, and one on the cap where there is one."""
    bound = offer.bound
    asked = f"{bound.questions} question{'s' * (bound.questions != 1)}"
    if bound.most_usd is None or bound.usual_usd is None:
        yield f"planning asks {bound.model} at least {asked}; nobody knows what that costs"
    else:
        yield (f"planning asks {bound.model} at least {asked}: usually about {dollars(bound.usual_usd)}, "
               f"{dollars(bound.most_usd)} if no answer fits at once")
    if offer.cap_usd is not None:
        yield f"the cap is {dollars(offer.cap_usd)}, of which {dollars(offer.counted_usd)} are used"
