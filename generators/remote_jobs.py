"""One clip bought from a provider: reserve, POST once, remember, wait, fetch whole, look at it. Names no provider."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from errors import BadOutput, Cancelled, GenerationFailed, LongtakeError, MediaError, Moderated, StillOut, Unresolved
from generators.remote_protocol import AddressExpired, Busy, JobState, Refused, RemoteJob, Trouble
from media import probe
from runtime import durable
from runtime.commit_points import reached
from runtime.pools import in_thread, to_its_end
from runtime.purchases import AlreadyLive, ChargedBy, Purchase
from runtime.till import Counter
from video_generator_interface import Progress, Report, SegmentRequest

if TYPE_CHECKING:
    from generators.remote import RemoteVideoGenerator

T = TypeVar("T")

JITTER = 0.2
LOOKS_AT_ONCE = 4
"""Polls of one provider that may be on the wire together; an answer can hold a whole clip."""
BUSY_S, LONGEST_BUSY_S = 5.0, 120.0
"""How long to wait after a 429 that does not say: at first, doubling up to the most."""
ASPECT_SLACK = 0.02


class Poller:
    """Every look at the jobs of one provider goes through here: spread in time, few at once."""

    def __init__(self, backend: RemoteVideoGenerator) -> None:
        self._backend = backend
        self._places: asyncio.Semaphore | None = None
        self._dice = random.Random()

    async def look(self, job: RemoteJob, wait_s: float) -> JobState:
        """One look, after a wait that is drawn from around `wait_s` so that jobs begun together drift apart."""
        await asyncio.sleep(wait_s * self._dice.uniform(1 - JITTER, 1 + JITTER))
        if self._places is None:
            self._places = asyncio.Semaphore(LOOKS_AT_ONCE)
        async with self._places:
            with self._backend.translated():
                return await self._backend.poll(job)


@dataclass
class Errand:
    """One clip, from the reservation to the file."""

    backend: RemoteVideoGenerator
    request: SegmentRequest
    to: Path
    report: Report
    counter: Counter

    async def run(self) -> None:
        purchase = await in_thread(self.counter.live)
        if purchase is None:
            purchase = await self._bought()
        elif purchase.state == "UNKNOWN":
            raise unresolved(purchase if "after" in purchase.evidence else await self.evidence(purchase))
        elif purchase.state == "FETCHED":
            if await in_thread(self._at_hand, purchase):
                return
            purchase = await in_thread(self.counter.till.purchases.lost_file, purchase.id)
        if purchase.state != "SUBMITTED":
            raise unresolved(purchase)
        self.counter.till.resumed(purchase)
        await self._collected(purchase)

    # -- buying --------------------------------------------------------------------------------------------------------

    async def _bought(self) -> Purchase:
        """One accepted POST. After a 429 the next attempt is a purchase of its own, when the provider says so."""
        deadline, wait_s = self._now() + self.backend.terms.timeout_s, BUSY_S
        while True:
            try:
                return await self._one_post()
            except Busy as busy:
                pause_s = busy.retry_after_s if busy.retry_after_s is not None else wait_s
                if self._now() + pause_s > deadline:
                    raise StillOut(f"{self.backend.name} takes no more jobs for now: {busy}",
                                   advice="running again asks again") from busy
                self.report(Progress(f"throttled, asking again in {pause_s:.0f} s"))
                await asyncio.sleep(pause_s)
                wait_s = min(2 * wait_s, LONGEST_BUSY_S)

    async def _one_post(self) -> Purchase:
        if self.backend.closed:
            raise GenerationFailed(self.backend.closed)
        return await to_its_end(self._posted(await self._intent()))

    async def _intent(self) -> Purchase:
        request, quote = self.request, self.backend.quote(self.request.seconds, audio=self.request.audio)
        asked = {"prompt": request.prompt, "seconds": request.seconds, "seed": request.seed, "audio": request.audio,
                 "shape": self.backend.shape.ask if self.backend.shape else "", "segment": request.segment,
                 "price": quote.basis}
        seen = await self._seen()
        try:
            return await self.counter.intend(provider=self.backend.name, model=self.backend.model_version, asked=asked,
                                             bound_usd=quote.most_usd, evidence={"before": seen} if seen else {})
        except AlreadyLive as other:
            raise StillOut(f"purchase {other.id} is for the same clip and still under way",
                           advice="`jobs` shows it") from other

    async def _posted(self, purchase: Purchase) -> Purchase:
        """The POST and what its answer means for the ledger. Runs to its end whatever happens around it."""
        try:
            self.report(Progress("submitting"))
        except Cancelled:
            await self.counter.ended(purchase, "ABANDONED", "the run was stopped before it was sent")
            raise
        try:
            with self.backend.translated():
                job = await self.backend.submit(self.request)
        except Refused as no:
            await self.counter.ended(purchase, "REFUSED", str(no), refusal=no.refusal or "")
            if no.account:
                self.backend.closed = f"{self.backend.name} refuses this account: {no}"
            raise _failure(str(no), no.refusal, again=False) from no
        except Busy as busy:
            await self.counter.ended(purchase, "THROTTLED", str(busy))
            raise
        except (Exception, asyncio.CancelledError) as lost:
            now = await self.counter.unknown(purchase, f"no answer that counts: {type(lost).__name__}: {lost}")
            raise unresolved(await self.evidence(now)) from lost
        return self.counter.submitted(purchase, job.id, job.quoted_usd)

    async def evidence(self, purchase: Purchase) -> Purchase:
        """Looks at the provider's books after a lost answer, and writes down what they say."""
        return await gather_evidence(self.backend, self.counter, purchase)

    async def _seen(self) -> dict[str, object]:
        with suppress(Refused, Busy, Trouble), self.backend.translated():
            return dict(await self.backend.witness())
        return {}

    # -- collecting ----------------------------------------------------------------------------------------------------

    async def _collected(self, purchase: Purchase) -> None:
        """Waits for an accepted job and fetches its clip. Nothing here is ever bought again."""
        job = RemoteJob(purchase.remote_id or "", purchase.reserved_usd)
        deadline = self._now() + self.backend.terms.timeout_s
        state = await self._ended(job, purchase, deadline)
        if state.phase != "succeeded":
            reason = state.reason or f"the job was {state.phase}"
            charged, by = self._failure_charge(purchase, state)
            await self.counter.ended(purchase, "FAILED", reason, charged_usd=charged, by=by, refusal=state.refusal or "")
            raise _failure(reason, state.refusal, again=state.again)
        await self._fetched(job, state, purchase, deadline)

    def _failure_charge(self, purchase: Purchase, state: JobState) -> tuple[Decimal, ChargedBy]:
        """What a failed job cost: as the provider says; else nothing where its price list says so; else the bound."""
        if state.charged_usd is not None:
            return state.charged_usd, "provider"
        if self.backend.model.charged_when_failed is False:
            return Decimal(0), "prices"
        return purchase.reserved_usd or Decimal(0), "bound"

    async def _ended(self, job: RemoteJob, purchase: Purchase, deadline: float) -> JobState:
        while True:
            state = await self._tried(lambda wait_s: self.backend.poller.look(job, wait_s), purchase, self.backend.poll_s)
            if state.phase in ("succeeded", "failed", "cancelled"):
                return state
            self.report(Progress(state.reason or state.phase, round(100 * (state.progress or 0.0)), 100))
            if self._now() > deadline:
                raise StillOut(f"job {job.id} still goes on at {self.backend.name} after {self.backend.terms.timeout_s:g} s",
                               advice="running again goes on waiting for it; nothing is bought again")

    async def _tried(self, action: Callable[[float], Awaitable[T]], purchase: Purchase, first_wait_s: float) -> T:
        """The result of a call that may be repeated: again after trouble, later and later, at most max_retries times."""
        wait_s = first_wait_s
        for left in range(self.backend.terms.max_retries, -1, -1):
            try:
                return await action(wait_s)
            except (Trouble, Busy) as trouble:
                if left == 0:
                    raise self._out_of_reach(purchase, trouble) from trouble
                backoff = self.backend.poll_s * 2 ** (self.backend.terms.max_retries - left)
                wait_s = backoff if trouble.retry_after_s is None else trouble.retry_after_s
                self.report(Progress(f"{self.backend.name} does not answer, asking again"))
            except Refused as no:
                raise self._out_of_reach(purchase, no) from no
        raise AssertionError("the last try returns or raises")

    def _out_of_reach(self, purchase: Purchase, why: Exception) -> StillOut:
        return StillOut(f"job {purchase.remote_id} at {self.backend.name} is paid for and could not be fetched: {why}",
                        advice=f"running again asks for it again; or `resolve {purchase.id}` says what became of it")

    async def _fetched(self, job: RemoteJob, state: JobState, purchase: Purchase, deadline: float) -> None:
        fresh = state
        for left in range(self.backend.terms.max_retries, -1, -1):
            try:
                self.report(Progress("downloading"))
                await self._downloaded(job, fresh)
            except (AddressExpired, Trouble, Busy, MediaError) as trouble:
                if left == 0:
                    raise self._out_of_reach(purchase, trouble) from trouble
                again = getattr(trouble, "retry_after_s", None)
                await asyncio.sleep(self.backend.poll_s if again is None else again)
                fresh = await self._ended(job, purchase, deadline)  # with a fresh address
            else:
                break
        reached("purchase.downloaded")
        await self._filed(purchase, fresh)

    async def _downloaded(self, job: RemoteJob, state: JobState) -> None:
        """The clip at `to`, whole. Raises MediaError when what came is no video, or a torn one."""
        with self.backend.translated():
            await self.backend.download(job, state, self.to)
        if not self.to.is_file() or self.to.stat().st_size == 0:
            raise MediaError("nothing came")
        await in_thread(probe.check_decodes, self.to)

    async def _filed(self, purchase: Purchase, state: JobState) -> None:
        kept = self._kept(purchase)
        with durable.disk_trouble(kept):
            await in_thread(durable.file_it, self.to, kept)
        charged, by = self._charge(state)
        wrong = await in_thread(self._wrong, kept)
        if wrong:
            failed = await self.counter.ended(purchase, "FAILED", wrong, charged_usd=charged or purchase.reserved_usd
                                              or Decimal(0), by=by if charged is not None else "bound")
            raise GenerationFailed(f"{wrong}; it was charged ${failed.charged_usd} and lies in {kept.parent.name}/{kept.name}")
        digest = await in_thread(durable.sha256_of, kept)
        await self.counter.fetched(purchase, kept.relative_to(_run_folder(kept)), digest, charged, by)
        await in_thread(durable.link, kept, self.to)

    def _charge(self, state: JobState) -> tuple[Decimal | None, ChargedBy]:
        if state.charged_usd is not None:
            return state.charged_usd, "provider"
        quote = self.backend.quote(self.request.seconds, audio=self.request.audio)
        return quote.usd, "prices"

    def _wrong(self, clip: Path) -> str:
        """What makes a clip useless that is whole and decodes; empty when it can be used. A smaller one can."""
        facts, shape = probe.probe(clip), self.backend.shape
        if shape is not None:
            aspect, wanted = facts.size.width / facts.size.height, shape.size.width / shape.size.height
            if abs(aspect / wanted - 1) > ASPECT_SLACK:
                return f"the clip is {facts.size} where {shape.size} was asked for"
        seconds = float(facts.frames / facts.fps)
        if seconds < 0.9 * self.request.seconds:
            return f"the clip lasts {seconds:.2f} s where {self.request.seconds:g} s were asked for"
        return ""

    def _kept(self, purchase: Purchase) -> Path:
        """Where a bought clip lies until it is a take."""
        return self.to.parent / f"bought-{purchase.id}.mp4"

    def _at_hand(self, purchase: Purchase) -> bool:
        """Puts the file that was fetched before at `to`, if it is still there as it was."""
        kept = _run_folder(self.to) / (purchase.path or "")
        if not kept.is_file() or durable.sha256_of(kept) != purchase.sha256:
            return False
        durable.link(kept, self.to)
        return True

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


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
    own = counter.till.purchases.all(
        "provider = ? AND id <> ? AND coalesce(submitted_at, intended_at) BETWEEN ? AND ? AND state NOT IN ('REFUSED', "
        "'THROTTLED')", (purchase.provider, purchase.id, purchase.intended_at, time.time()))
    mine = {"jobs": sum(one.model == purchase.model and one.state != "UNKNOWN" for one in own),
            "unknown": sum(one.state == "UNKNOWN" for one in own),
            "usd": str(sum((one.counted_usd for one in own if one.state != "UNKNOWN"), Decimal(0)))}
    says = backend.judge(purchase, before, after, mine)
    return await in_thread(counter.till.purchases.witness, purchase.id, after=after, own=mine, says=says)


def unresolved(purchase: Purchase) -> Unresolved:
    """What a person has to be told of a purchase whose answer was lost, with what to type."""
    says = str(purchase.evidence.get("says", "")) or "there is no evidence either way"
    bound = "an unknown price" if purchase.reserved_usd is None else f"up to ${purchase.reserved_usd}"
    error = Unresolved(
        f"purchase {purchase.id} at {purchase.provider} ({bound}): {purchase.reason}; {says}",
        advice=f"`resolve {purchase.id} --attach ID`, `resolve {purchase.id} --file CLIP` or `resolve {purchase.id} --abandon`")
    error.jobs = (purchase.id,)
    return error


def _failure(reason: str, refusal: str | None, *, again: bool) -> LongtakeError:
    if refusal in ("input", "output", "unknown"):
        return Moderated(reason, side=refusal)  # type: ignore[arg-type]
    return BadOutput(reason) if again else GenerationFailed(reason)


def _run_folder(path: Path) -> Path:
    """takes/segment_04/FILE lies two folders below."""
    return path.parent.parent.parent
