"""What a provider's books say around a POST whose answer was lost. Decides nothing: a person does. Names no provider."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from errors import Unresolved
from generators.remote_protocol import Busy, Refused, Trouble
from runtime.money import dollars
from runtime.pools import in_thread
from runtime.purchases import Purchase
from runtime.till import Counter

if TYPE_CHECKING:
    from generators.remote import RemoteVideoGenerator

LATE_S = 300.0
"""So long after it was sent, a POST without an answer is in the books or never will be."""


async def gather_evidence(backend: RemoteVideoGenerator, counter: Counter, purchase: Purchase) -> Purchase:
    """Reads the provider's books after a lost answer, and writes what they say beside the purchase."""
    before = purchase.evidence.get("before", {})
    try:
        with backend.translated():
            after = dict(await backend.witness())
    except (Refused, Busy, Trouble):
        after = {}
    if not before or not after:
        return await in_thread(counter.till.purchases.witness, purchase.id, says="the provider's books could not be read")
    own = await in_thread(_own, counter, purchase, float(before.get("at", purchase.intended_at)), time.time())
    says = backend.judge(purchase, before, after, own)
    return await in_thread(counter.till.purchases.witness, purchase.id, after=after, own=own, says=says)


def _own(counter: Counter, purchase: Purchase, since: float, until: float) -> dict[str, Any]:
    """What this ledger bought besides it between two looks into the provider's books.

    jobs: of the same model, surely accepted in that time; usd: what all such jobs took. unknown: how many were accepted
    about the time of a look, or perhaps never: they may be in one look and not in the other.
    """
    others = counter.till.purchases.all(
        "provider = ? AND id <> ? AND intended_at <= ? AND "
        "coalesce(submitted_at, CASE state WHEN 'INTENT' THEN ? WHEN 'UNKNOWN' THEN min(changed_at, intended_at + ?) END) >= ?",
        (purchase.provider, purchase.id, until, until, LATE_S, since))
    sure = [one for one in others if one.submitted_at is not None and since <= one.intended_at and one.submitted_at <= until]
    return {"jobs": sum(one.model == purchase.model for one in sure), "unknown": len(others) - len(sure),
            "usd": str(sum((one.counted_usd for one in sure), Decimal(0)))}


def unresolved(purchase: Purchase) -> Unresolved:
    """What a person has to be told of a purchase whose answer was lost, with what to type."""
    says = str(purchase.evidence.get("says", "")) or "there is no evidence either way"
    bound = "an unknown price" if purchase.reserved_usd is None else f"up to {dollars(purchase.reserved_usd)}"
    error = Unresolved(
        f"purchase {purchase.id} at {purchase.provider} ({bound}): {purchase.reason}; {says}",
        advice=f"`resolve {purchase.id} --attach ID`, `resolve {purchase.id} --file CLIP` or `resolve {purchase.id} --abandon`")
    error.jobs = (purchase.id,)
    return error
