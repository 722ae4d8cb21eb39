"""How purchases are said to a person: states in words, what was spent, what to type. Changes none and prints nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from runtime.money import dollars
from runtime.purchase_model import Purchase, State

CAP = "budget.max_cost_usd"
SAID: Mapping[State, str] = {
    "INTENT": "being sent", "SUBMITTED": "under way", "FETCHED": "fetched", "DONE": "done", "REFUSED": "refused",
    "THROTTLED": "not accepted for now", "FAILED": "failed", "UNKNOWN": "answer lost", "ABANDONED": "given up",
}


@dataclass(frozen=True)
class Spent:
    """What purchases come to. reserved_usd: for those whose charge is not known yet. unpriced: those that nobody has a price
    for, and that are in neither sum."""

    charged_usd: Decimal
    reserved_usd: Decimal
    unpriced: int

    def __str__(self) -> str:
        parts = [f"{dollars(self.charged_usd)} charged"] if self.charged_usd or not self.reserved_usd else []
        parts += [f"{dollars(self.reserved_usd)} reserved"] if self.reserved_usd else []
        return ", ".join(parts + ([f"{self.unpriced} at an unknown price"] if self.unpriced else []))


def spent(purchases: Iterable[Purchase]) -> Spent:
    """The sums over purchases."""
    known = list(purchases)
    charged = sum((one.charged_usd for one in known if one.charged_usd is not None), Decimal(0))
    reserved = sum((one.reserved_usd for one in known if one.charged_usd is None and one.reserved_usd is not None), Decimal(0))
    return Spent(charged, reserved, sum(one.charged_usd is None and one.reserved_usd is None for one in known))


def under_way(purchases: Iterable[Purchase]) -> list[Purchase]:
    """The jobs that providers work at, or whose clips lie there to be fetched."""
    return [one for one in purchases if one.state == "SUBMITTED"]


def unresolved(purchases: Iterable[Purchase]) -> list[Purchase]:
    """Those of which nobody knows whether they arrived."""
    return [one for one in purchases if one.state == "UNKNOWN"]


def to_type(purchase: Purchase, which: str = "") -> list[tuple[str, str]]:
    """What a person may type about a purchase whose answer was lost: (command, when). `which`: options that name the film."""
    resolve = f"resolve {purchase.id} {which}".rstrip()
    found = [(f"{resolve} --attach ID", f"when {purchase.provider} shows a job for it"),
             (f"{resolve} --file FILE", "when you have what it made")] if purchase.kind == "job" else []
    return [*found, (f"{resolve} --abandon", "to give it up; the next run buys anew"),
            (f"{resolve} --abandon --charged 0", "the same, when you know that it was not billed")]


def cap_of(meta: Callable[[str], str | None]) -> Decimal | None:
    """The cap that the last run was given that could spend, else the one of the settings, from what the ledger remembers
    (`Ledger.meta`); None when there is none."""
    remembered = meta("cap_usd")
    try:
        return Decimal(str(json.loads(meta("config") or "{}")[CAP]) if remembered is None else remembered)
    except (InvalidOperation, KeyError, TypeError, ValueError):
        return None


def going_on(purchases: Iterable[Purchase]) -> str:
    """What goes on at providers after a run, in a sentence; empty when nothing does."""
    jobs = under_way(purchases)
    if not jobs:
        return ""
    where = " and ".join(sorted({one.provider for one in jobs}))
    if len(jobs) == 1:
        return f"1 job goes on at {where} and is paid for; running again collects it"
    return f"{len(jobs)} jobs go on at {where} and are paid for; running again collects them"
