"""What is known of one purchase, as frozen types, and what can be wrong with a step of it. Reads and writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from runtime.money import dollars

State = Literal["INTENT", "SUBMITTED", "FETCHED", "DONE", "REFUSED", "THROTTLED", "FAILED", "UNKNOWN", "ABANDONED"]
Kind = Literal["job", "call"]
ChargedBy = Literal["", "provider", "prices", "bound", "person"]
"""Who says what was charged: the provider's answer, our price list, the bound for want of better, or a person."""

LIVE: tuple[State, ...] = ("INTENT", "SUBMITTED", "FETCHED", "UNKNOWN")
"""States in which no second purchase of the same artifact may begin."""


@dataclass(frozen=True)
class Purchase:
    """One POST that costs money. Dollars are None where nobody knows (yet).

    `wanted` is the fingerprint of the artifact it is bought for, `asked` what the provider was asked, in the clear.
    `reserved_usd` is the most it may cost, `charged_usd` what it did. `evidence` holds what was seen around the POST.
    `path` is its file, relative to the run folder. Times are seconds since 1970.
    """

    id: int
    node: str
    wanted: str
    kind: Kind
    provider: str
    model: str
    asked: Mapping[str, Any]
    state: State
    remote_id: str | None
    reserved_usd: Decimal | None
    charged_usd: Decimal | None
    charged_by: ChargedBy
    refusal: str
    reason: str
    evidence: Mapping[str, Any]
    path: str | None
    sha256: str | None
    intended_at: float
    submitted_at: float | None
    changed_at: float

    @property
    def counted_usd(self) -> Decimal:
        """What it takes of the cap: the charge once it is known, the reservation until then.

        A price list is not a bill: where only that says what was charged, the bill may still reach the reservation.
        """
        reserved = self.reserved_usd or Decimal(0)
        if self.charged_usd is None or (self.charged_by == "prices" and self.charged_usd > 0):
            return max(reserved, self.charged_usd or Decimal(0))
        return self.charged_usd

    @property
    def settled(self) -> bool:
        """Whether it is known what became of it: what it cost, or that nobody will ever say."""
        return self.charged_usd is not None or self.state not in LIVE

    @property
    def attached(self) -> bool:
        """Whether its id was given by a person, who may have mistyped it."""
        return "attached" in self.evidence

    @property
    def bound_usd(self) -> Decimal | None:
        """The most it could cost by the price list: what was reserved before the provider quoted more."""
        passed = self.evidence.get("bound_usd")
        return self.reserved_usd if passed is None else Decimal(str(passed))

    @property
    def overcharged(self) -> bool:
        """Whether more was charged than its bound."""
        return self.charged_usd is not None and self.bound_usd is not None and self.charged_usd > self.bound_usd

    @property
    def above_bound(self) -> bool:
        """Whether more was charged than its bound, or quoted: the price list is wrong."""
        return self.overcharged or "bound_usd" in self.evidence


@dataclass(frozen=True)
class Intent:
    """A purchase about to be made. `bound_usd`: the most it may cost, None when nobody knows."""

    node: str
    wanted: str
    kind: Kind
    provider: str
    model: str
    asked: Mapping[str, Any]
    bound_usd: Decimal | None
    evidence: Mapping[str, Any] = field(default_factory=dict)


class NoRoom(Exception):
    """The cap leaves no room for a purchase. `counted_usd`: what is reserved and charged so far."""

    def __init__(self, counted_usd: Decimal) -> None:
        super().__init__(f"{dollars(counted_usd)} counted")
        self.counted_usd = counted_usd


class AlreadyLive(Exception):
    """A purchase of the same artifact is under way, or nobody knows how it ended."""

    def __init__(self, id: int) -> None:
        super().__init__(f"purchase {id}")
        self.id = id


class OutOfOrder(Exception):
    """A step that does not lead on from the state the purchase is in: a bug of whoever takes it."""

    def __init__(self, purchase: Purchase) -> None:
        super().__init__(f"purchase {purchase.id} is {purchase.state}: this step does not lead on from there")


class IdTaken(Exception):
    """The provider's id belongs to another purchase of this folder."""

    def __init__(self, id: int) -> None:
        super().__init__(f"purchase {id}")
        self.id = id
