"""Where a run spends: the cap, who may buy when, and when all buying stops. Knows no provider and no video."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from errors import CapReached, ConsentMissing, LongtakeError, MachineTrouble
from runtime.commit_points import reached
from runtime.events import EventLog
from runtime.money import dollars
from runtime.outage import Outage
from runtime.pools import in_thread
from runtime.purchases import ChargedBy, Intent, Kind, NoRoom, Purchase, Purchases

WRONG_PRICE = "correct the price in the catalogue block of the config"
Settled = Callable[[Purchase], None]


class Till:
    """The purchases of one run. Nothing that costs can be bought before `open` was called with a person's consent.

    A purchase that the cap has no room for waits while others are under way that may turn out cheaper; when none is,
    all buying stops. It stops too when a provider quotes or charges more than the bound that was reserved.
    """

    def __init__(self, purchases: Purchases, events: EventLog) -> None:
        self.purchases = purchases
        self.settled: list[Settled] = []
        """Called, in a thread, with every purchase whose charge is known: for the books that outlive this run folder."""
        self._events = events
        self._cap_usd: Decimal | None = None
        self.rebuy_usd = Decimal(0)
        self._open = False
        self._stopped: LongtakeError | None = None
        self._under_way: dict[int, str] = {}
        self._change = asyncio.Event()
        self._outages: dict[str, Outage] = {}
        self.since = max((one.id for one in purchases.all()), default=0)
        """The last purchase of earlier runs."""

    def open(self, cap_usd: Decimal | None, rebuy_usd: Decimal = Decimal(0)) -> None:
        """From now on purchases are made, as long as reservations and charges stay below the cap.

        `rebuy_usd`: a call (not a job) of at most this price, whose answer was lost, is simply asked again.
        """
        self._cap_usd, self._open, self.rebuy_usd = cap_usd, True, rebuy_usd

    def close(self) -> None:
        """What was agreed to is bought: until somebody agrees to more, only what costs nothing is."""
        self._open = False

    @property
    def is_open(self) -> bool:
        """Whether somebody agreed to what is bought now."""
        return self._open

    @property
    def stopped(self) -> str:
        """Why nothing more is bought; empty while buying goes on."""
        return str(self._stopped or "")

    @property
    def advice(self) -> str:
        """What a person can do, so that what was not bought is bought."""
        if self._stopped is not None:
            return f"{self._stopped.advice}; then run again"
        return "raise the cap with --max-cost and run again" if self._open else "run again: it asks"

    def counter(self, node: str, wanted: str) -> Counter:
        """Where one artifact is bought."""
        return Counter(self, node, wanted)

    def outage(self, provider: str) -> Outage:
        """Whether a provider can be reached, as far as this run has seen."""
        return self._outages.setdefault(provider, Outage())

    async def intend(self, intent: Intent) -> Purchase:
        """Records an intent with its reservation. Raises CapReached, ConsentMissing, and AlreadyLive of the ledger."""
        while True:
            self._may_buy(intent)
            try:
                # In this thread: no cancellation can come between the row and whoever is to send the POST.
                purchase = self.purchases.intend(intent, self._cap_usd)
            except NoRoom as full:
                await self._room(intent, full)
            else:
                self._under_way[purchase.id] = purchase.wanted
                reached("purchase.intended")
                return purchase

    def _may_buy(self, intent: Intent) -> None:
        if self._stopped is not None:
            raise self._stopped
        if not self._open and intent.bound_usd != 0:
            raise ConsentMissing(f"{intent.node} would have to be bought, and nobody was asked about that",
                                 advice="run again: it asks")
        if self._cap_usd is not None and intent.bound_usd is None:
            raise ConsentMissing(f"nobody knows what {intent.model} costs: the cap of {dollars(self._cap_usd)} cannot be kept",
                                 advice="put its price into the catalogue block of the config, or leave the cap out")

    async def _room(self, intent: Intent, full: NoRoom) -> None:
        """Waits until a purchase under way has ended; when there is none, the cap is reached and all buying stops.

        No ending can slip by: between the look into the ledger and this wait nothing else runs on the loop.
        """
        if self._under_way:
            await self._change.wait()
            return
        self._stop(CapReached(
            f"the cap of {dollars(self._cap_usd)} leaves no room for {intent.node} (up to {dollars(intent.bound_usd)}; "
            f"{dollars(full.counted_usd)} are charged or reserved)",
            advice="raise it with --max-cost"))

    def _stop(self, error: LongtakeError) -> None:
        if self._stopped is None:
            self._stopped = error
            self._events.emit("note", "", f"no more is bought: {error}")
            self._wake()

    def quoted(self, purchase: Purchase, bound_usd: Decimal | None) -> None:
        """The provider has said what the job may cost; above the bound that stops all further buying."""
        if bound_usd is not None and purchase.reserved_usd is not None and purchase.reserved_usd > bound_usd:
            self._stop(CapReached(f"{purchase.provider} quotes {dollars(purchase.reserved_usd)} for {purchase.node} where the "
                                  f"price list says {dollars(bound_usd)}", advice=WRONG_PRICE))

    async def over(self, purchase: Purchase) -> None:
        """A purchase is no longer under way: its charge is known, or that nobody knows it."""
        if purchase.overcharged:
            self._stop(CapReached(f"{purchase.provider} charged {dollars(purchase.charged_usd)} for {purchase.node}, above the "
                                  f"bound of {dollars(purchase.bound_usd)}", advice=f"see their bill; {WRONG_PRICE}"))
        if purchase.state not in ("INTENT", "SUBMITTED"):
            self._left(purchase.id)
        if purchase.settled:
            for tell in self.settled:
                await in_thread(tell, purchase)

    def parted(self, wanted: str) -> None:
        """This run waits no longer for what it bought of an artifact, whatever becomes of it: no room is hoped for there."""
        for id in [id for id, other in self._under_way.items() if other == wanted]:
            self._left(id)

    def _left(self, id: int) -> None:
        if self._under_way.pop(id, None) is not None:
            self._wake()

    def _wake(self) -> None:
        """Has all who wait for room look again."""
        self._change.set()
        self._change = asyncio.Event()

    def note(self, node: str, text: str) -> None:
        """Says something about a node to whoever listens."""
        self._events.emit("note", node, text)

    def redacted(self, text: str) -> str:
        """A provider's words as they may be kept: some repeat the key they were sent."""
        return self._events.redact(text)

    def resumed(self, purchase: Purchase) -> None:
        """A job of an earlier run is waited for again: until it ends, its reservation may still shrink."""
        self._under_way[purchase.id] = purchase.wanted


@dataclass(frozen=True)
class Counter:
    """Where one artifact is bought: the steps of a purchase, each durable before the call returns."""

    till: Till
    node: str
    wanted: str

    def live(self) -> Purchase | None:
        """The purchase of it that is under way or unresolved, of whatever run. Blocking."""
        return self.till.purchases.live(self.wanted)

    async def out(self) -> Purchase | None:
        """The same, asked in a thread where there is anything to ask."""
        return None if self.till.purchases.never(self.wanted) else await in_thread(self.live)

    def history(self) -> list[Purchase]:
        """Everything that was ever bought for it, oldest first."""
        return self.till.purchases.of(self.wanted)

    def spoilt(self, provider: str, model: str) -> list[Purchase]:
        """What this run has of a model that was charged and is of no use; empty as soon as it has anything of use."""
        return self.till.purchases.in_vain(provider, model, after=self.till.since)

    async def intend(self, *, provider: str, model: str, asked: Mapping[str, Any], bound_usd: Decimal | None,
                     evidence: Mapping[str, Any] | None = None, kind: Kind = "job") -> Purchase:
        """Reserves the most it may cost and records the intent; the POST may be sent when this returns."""
        return await self.till.intend(Intent(self.node, self.wanted, kind, provider, model, asked, bound_usd, evidence or {}))

    def submitted(self, purchase: Purchase, remote_id: str, quoted_usd: Decimal | None) -> Purchase:
        """The provider's id, recorded at once and in this thread: nothing may come between the answer and this."""
        reached("purchase.answered")
        try:
            now = self.till.purchases.submitted(purchase.id, remote_id, quoted_usd)
        except MachineTrouble as trouble:
            raise self._unrecorded(purchase, remote_id, trouble) from trouble
        reached("purchase.submitted")
        self.till.quoted(now, purchase.reserved_usd)
        return now

    def _unrecorded(self, purchase: Purchase, remote_id: str, trouble: MachineTrouble) -> MachineTrouble:
        """The id of a paid job exists nowhere but here: it is said, whatever else can be written."""
        said = f"{purchase.provider} accepted purchase {purchase.id} as job {remote_id}, which could not be recorded: {trouble}"
        then = f"`resolve {purchase.id} --attach {remote_id}`, and run again: nothing is bought twice"
        self.till.note(self.node, f"{said}; {then}")
        return MachineTrouble(said, advice=f"{trouble.advice.partition(',')[0]}, then {then}")

    async def fetched(self, purchase: Purchase, path: Path, sha256: str, charged_usd: Decimal | None,
                      by: ChargedBy) -> Purchase:
        """Its file lies whole at `path`, relative to the run folder."""
        now = await in_thread(self.till.purchases.fetched, purchase.id, path.as_posix(), sha256, charged_usd, by)
        reached("purchase.fetched")
        await self.till.over(now)
        return now

    async def ended(self, purchase: Purchase, state: Any, reason: str, *, charged_usd: Decimal | None = Decimal(0),
                    by: ChargedBy = "provider", refusal: str = "") -> Purchase:
        """It came to nothing, and this is known: REFUSED, THROTTLED or FAILED. A charge of None: what was reserved counts."""
        now = await in_thread(self.till.purchases.ended, purchase.id, state, self.till.redacted(reason),
                              charged_usd=charged_usd, by=by, refusal=refusal)
        await self.till.over(now)
        return now

    async def unknown(self, purchase: Purchase, reason: str) -> Purchase:
        """The answer was lost."""
        now = await in_thread(self.till.purchases.unknown, purchase.id, self.till.redacted(reason))
        await self.till.over(now)
        return now

    def parted(self) -> None:
        """Nobody waits for it any longer in this run, however far it is: others need not wait for the room it may leave."""
        self.till.parted(self.wanted)

    async def done(self, sha256: str) -> None:
        """The file that was fetched for it is a take now. Nothing to do where nothing was bought."""
        purchase = self.live()
        if purchase is not None and purchase.state == "FETCHED" and purchase.sha256 == sha256:
            now = await in_thread(self.till.purchases.done, purchase.id)
            reached("purchase.done")
            await self.till.over(now)
