"""One POST whose answer is the thing itself (a picture, a plan): reserve, send once, file the answer, settle.

For what a provider works at for minutes see `generators/remote_jobs.py`. Knows no provider.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from errors import BadOutput, Cancelled, GenerationFailed, Moderated, NoNetwork, StillOut, Unresolved
from runtime import durable
from runtime.answers import Busy, Offline, Refused
from runtime.commit_points import reached
from runtime.money import dollars
from runtime.pools import in_thread, to_its_end
from runtime.purchases import AlreadyLive, ChargedBy, Purchase
from runtime.till import Counter, Till

BUSY_S, LONGEST_BUSY_S = 2.0, 60.0
"""How long to wait after a 429 that does not say: at first, doubling up to the most."""
NO_WAY = ("see that this machine is online, and base_url, HTTPS_PROXY and NO_PROXY; then run again: it goes on, and what is "
          "paid is kept")
"""What to do where no connection comes about."""
REBUYS = 2
"""How often one artifact is asked again, in one run, after its answer was lost."""


@dataclass(frozen=True)
class Reply:
    """What a provider answered. charged_usd: what it says, or its price list; None where nobody knows (the bound counts)."""

    content: bytes
    charged_usd: Decimal | None = None
    by: ChargedBy = "provider"


@dataclass(frozen=True)
class Call:
    """What is bought. post: ONE POST; raises Refused or Busy, and whatever else it raises counts as a lost answer.

    to: the file, in the run folder, that the answer is put into. patience_s: how long to wait in all while the provider is
    busy. stop: raises Cancelled when the run is being stopped.
    """

    provider: str
    model: str
    asked: Mapping[str, Any]
    bound_usd: Decimal | None
    post: Callable[[], Awaitable[Reply]]
    to: Path
    run_folder: Path
    patience_s: float = 600.0
    stop: Callable[[], None] = field(default=lambda: None)


@dataclass(frozen=True)
class Answer:
    """An answer that came, as the evidence of its purchase has it before its file is there: what a killed run left is found."""

    path: str
    sha256: str
    charged_usd: Decimal | None
    by: ChargedBy


async def bought(call: Call, counter: Counter) -> Purchase:
    """The purchase whose answer lies, whole and durable, at `purchase.path` in the run folder: new, or of an earlier run.

    It is FETCHED: the caller makes a take of the file and says `counter.done`, or says with `unusable` that it cannot.
    Raises Moderated or another GenerationFailed after a refusal, Unresolved after a lost answer that is too dear to be
    bought again unasked, StillOut while the provider takes nothing, CapReached when there is no room.
    """
    live = await in_thread(counter.live)
    if live is not None and live.state == "FETCHED":
        if await in_thread(_there, call.run_folder / (live.path or ""), live.sha256):
            return live
        await counter.ended(live, "FAILED", "its file was lost", charged_usd=live.charged_usd, by=live.charged_by)
    elif live is not None:
        if (came := _answer(live)) is not None and await in_thread(_there, call.run_folder / came.path, came.sha256):
            return await counter.fetched(live, Path(came.path), came.sha256, came.charged_usd, came.by)
        await _asked_again(live, counter)
    for rebuys in range(REBUYS, -1, -1):
        try:
            return await _accepted(call, counter)
        except Unresolved:
            lost = await in_thread(counter.live)
            if lost is None or rebuys == 0:
                raise
            await _asked_again(lost, counter)
    raise AssertionError("the last attempt returns or raises")


async def unusable(purchase: Purchase, counter: Counter, reason: str) -> None:
    """The answer came, was charged, and is of no use."""
    await counter.ended(purchase, "FAILED", reason, charged_usd=purchase.charged_usd, by=purchase.charged_by)


async def _asked_again(lost: Purchase, counter: Counter) -> None:
    """Counts a lost answer as charged, so that it may be asked again, where it is cheap enough; else raises Unresolved."""
    if lost.state != "UNKNOWN":
        raise StillOut(f"purchase {lost.id} is for the same thing and still under way", advice="`jobs` shows it")
    if lost.reserved_usd is None or lost.reserved_usd > counter.till.rebuy_usd:
        raise unresolved(lost)
    await _counted(lost, counter, "asked for again")


async def _counted(lost: Purchase, counter: Counter, then: str) -> None:
    """Counts a lost answer as charged."""
    came = _answer(lost)
    charged = came.charged_usd if came else None
    now = await counter.ended(lost, "ABANDONED", f"{lost.reason}; counted as charged and {then}", charged_usd=charged,
                              by=came.by if came and charged is not None else "bound")
    counter.till.note(counter.node, f"the answer of purchase {lost.id} at {lost.provider} was lost: {dollars(now.charged_usd)} "
                                    f"count as charged for it, and it is {then}")


async def let_go(till: Till, run_folder: Path, rebuy_usd: Decimal) -> None:
    """Counts as charged each lost answer that is cheap enough to be asked for again, where nothing waits for it any more: of
    so little nobody is asked to find out. One that came, and of which just the end was lost, is kept for who wants it again."""
    for lost in await in_thread(till.purchases.all, "kind = 'call' AND state = 'UNKNOWN'"):
        counter = till.counter(lost.node, lost.wanted)
        if (came := _answer(lost)) is not None and await in_thread(_there, run_folder / came.path, came.sha256):
            await counter.fetched(lost, Path(came.path), came.sha256, came.charged_usd, came.by)
        elif lost.reserved_usd is not None and lost.reserved_usd <= rebuy_usd:
            await _counted(lost, counter, "needed no more")


def unresolved(purchase: Purchase) -> Unresolved:
    """What a person has to be told of a call whose answer was lost, with what to type."""
    price = "an unknown price" if purchase.reserved_usd is None else f"up to {dollars(purchase.reserved_usd)}"
    error = Unresolved(f"purchase {purchase.id} at {purchase.provider} ({price}): {purchase.reason}",
                       advice=f"`resolve {purchase.id} --abandon` buys it anew, or raise budget.rebuy_unknown_usd")
    error.jobs = (purchase.id,)
    return error


async def _accepted(call: Call, counter: Counter) -> Purchase:
    """One accepted POST; after a 429 the next attempt is a purchase of its own, when the provider says so."""
    deadline, wait_s, outage = _now() + call.patience_s, BUSY_S, counter.till.outage(call.provider)
    while True:
        if outage.given_up(_now()):
            raise out_of_reach(call.provider)
        try:
            return await _one_post(call, counter)
        except Offline as away:
            pause = outage.missed(_now())
            if pause is None or _now() + pause > deadline:
                raise out_of_reach(call.provider, away) from away
            await asyncio.sleep(pause)
        except Busy as busy:
            pause_s = busy.retry_after_s if busy.retry_after_s is not None else wait_s
            if _now() + pause_s > deadline:
                raise StillOut(f"{call.provider} takes no more for now: {busy}", advice="running again asks again") from busy
            await asyncio.sleep(pause_s)
            wait_s = min(2 * wait_s, LONGEST_BUSY_S)


def out_of_reach(provider: str, why: Exception | None = None) -> NoNetwork:
    """What a person has to be told when no connection comes about."""
    return NoNetwork(f"no connection to {provider}" + (f": {why}" if why else ""), advice=NO_WAY)


async def _one_post(call: Call, counter: Counter) -> Purchase:
    try:
        purchase = await counter.intend(provider=call.provider, model=call.model, asked=call.asked, bound_usd=call.bound_usd,
                                        kind="call")
    except AlreadyLive as other:
        raise StillOut(f"purchase {other.id} is for the same thing and still under way", advice="`jobs` shows it") from other
    return await to_its_end(_posted(call, counter, purchase))


async def _posted(call: Call, counter: Counter, purchase: Purchase) -> Purchase:
    """The POST and what its answer means for the ledger. Runs to its end whatever happens around it."""
    try:
        call.stop()
    except Cancelled:
        await counter.ended(purchase, "ABANDONED", "the run was stopped before it was sent")
        raise
    try:
        reply = await call.post()
    except Refused as no:
        counter.till.outage(call.provider).over()
        await counter.ended(purchase, "REFUSED", str(no), refusal=no.refusal or "")
        raise (Moderated(str(no), side=no.refusal) if no.refusal else GenerationFailed(str(no))) from no
    except Busy as busy:
        if not isinstance(busy, Offline):
            counter.till.outage(call.provider).over()
        await counter.ended(purchase, "THROTTLED", str(busy))
        raise
    except Spoilt as spoilt:
        await counter.ended(purchase, "FAILED", str(spoilt), charged_usd=spoilt.charged_usd, by=spoilt.by,
                            refusal=spoilt.refusal or "")
        raise (Moderated(str(spoilt), side="output") if spoilt.refusal else BadOutput(str(spoilt))) from spoilt
    except (Exception, asyncio.CancelledError) as lost:
        now = await counter.unknown(purchase, f"no answer that counts: {type(lost).__name__}: {lost}")
        raise unresolved(now) from lost
    reached("purchase.answered")
    counter.till.outage(call.provider).over()
    digest = hashlib.sha256(reply.content).hexdigest()
    path = call.to.relative_to(call.run_folder)
    await in_thread(_witnessed, counter, purchase, Answer(path.as_posix(), digest, reply.charged_usd, reply.by))
    await in_thread(_filed, call.to, reply.content)
    reached("purchase.downloaded")
    return await counter.fetched(purchase, path, digest, reply.charged_usd, reply.by)


class Spoilt(Exception):
    """The provider answered, and the answer is of no use: filtered (`refusal` says so), cut off, not what was asked for."""

    def __init__(self, reason: str, *, charged_usd: Decimal | None = None, by: ChargedBy = "provider",
                 refusal: str | None = None) -> None:
        super().__init__(reason)
        self.charged_usd, self.by, self.refusal = charged_usd, by, refusal


def _witnessed(counter: Counter, purchase: Purchase, came: Answer) -> None:
    charged = None if came.charged_usd is None else str(came.charged_usd)
    counter.till.purchases.witness(purchase.id, answer={**asdict(came), "charged_usd": charged})


def _answer(purchase: Purchase) -> Answer | None:
    """What is known of the answer of a purchase that was not settled; None when none came."""
    said = purchase.evidence.get("answer")
    if said is None:
        return None
    charged = None if said["charged_usd"] is None else Decimal(said["charged_usd"])
    return Answer(said["path"], said["sha256"], charged, said["by"])


def _filed(to: Path, content: bytes) -> None:
    part = to.with_name(to.name + durable.PART)
    with durable.disk_trouble(to):
        to.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        durable.file_it(part, to)


def _there(path: Path, sha256: str | None) -> bool:
    return path.is_file() and durable.sha256_of(path) == sha256


def _now() -> float:
    return asyncio.get_running_loop().time()


