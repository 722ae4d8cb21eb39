"""Purchases in the ledger of a run folder, as a run would have left them. Not a test."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from runtime.purchases import Intent, Kind, Purchase, Purchases

BOUND = Decimal("0.25")


def intent(segment: int = 1, *, usd: Decimal | str | None = BOUND, model: str = "gen4_turbo", provider: str = "runway",
           kind: Kind = "job", wanted: str = "", **asked: Any) -> Intent:
    """What a run wants to buy: five seconds of a wide film, unless `asked` says otherwise."""
    known = {"prompt": "a fox crosses the ice", "seconds": 5.0, "size": "1280x720", "shape": "1280:720", **asked}
    return Intent(f"clip segment_{segment:02d}", wanted or f"wish {segment}", kind, provider, model, known,
                  None if usd is None else Decimal(usd))


def under_way(purchases: Purchases, what: Intent, remote_id: str = "task-1") -> Purchase:
    return purchases.submitted(purchases.intend(what, None).id, remote_id)


def lost(purchases: Purchases, what: Intent) -> Purchase:
    return purchases.unknown(purchases.intend(what, None).id, "the connection broke off")


def fetched(purchases: Purchases, what: Intent, remote_id: str = "task-1", usd: Decimal | str | None = BOUND) -> Purchase:
    charged = None if usd is None else Decimal(usd)
    return purchases.fetched(under_way(purchases, what, remote_id).id, f"takes/{remote_id}.mp4", "f" * 64, charged, "provider")


def done(purchases: Purchases, what: Intent, remote_id: str = "task-1", usd: Decimal | str | None = BOUND) -> Purchase:
    return purchases.done(fetched(purchases, what, remote_id, usd).id)


def failed(purchases: Purchases, what: Intent, remote_id: str = "task-1", usd: Decimal | str | None = BOUND) -> Purchase:
    charged = None if usd is None else Decimal(usd)
    return purchases.ended(under_way(purchases, what, remote_id).id, "FAILED", "the model broke", charged_usd=charged,
                           by="provider")
