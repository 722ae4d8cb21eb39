"""One clip bought from a provider: reserve, POST once, remember, wait, fetch whole, look at it. Names no provider."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from errors import BadOutput, Cancelled, GenerationFailed, LongtakeError, MediaError, Moderated, StillOut
from generators.remote_evidence import gather_evidence, unresolved
from generators.remote_protocol import AddressExpired, Busy, JobState, Refused, RemoteJob, Trouble
from media import probe
from runtime import durable
from runtime.commit_points import reached
from runtime.money import dollars
from runtime.pools import in_thread, to_its_end
from runtime.purchases import AlreadyLive, ChargedBy, Purchase
from runtime.till import Counter
from video_generator_interface import Progress, Report, SegmentRequest

if TYPE_CHECKING:
    from generators.remote import RemoteVideoGenerator

JITTER, ASPECT_SLACK = 0.2, 0.02
LOOKS_AT_ONCE = 4
"""Polls of one provider that may be on the wire together; an answer can hold a whole clip."""
LONGEST_BUSY_S = 120.0
"""The most to wait after a 429 that does not say how long; at first as long as between two looks, then doubling."""
BELIEF = 8
"""Into how many parts that wait is cut for a 429 that says "at once": it is believed less and less."""


class Poller:
    """Every look at the jobs of one provider goes through here: spread in time, few at once."""

    def __init__(self, backend: RemoteVideoGenerator, dice: random.Random | None = None) -> None:
        self._backend, self._dice = backend, dice or random.Random()
        self._places: asyncio.Semaphore | None = None

    async def look(self, job: RemoteJob, wait_s: float) -> JobState:
        """One look, after `wait_s`."""
        await self.pause(wait_s)
        if self._places is None:
            self._places = asyncio.Semaphore(LOOKS_AT_ONCE)
        async with self._places:
            with self._backend.translated():
                return await self._backend.poll(job)

    async def pause(self, wait_s: float) -> None:
        """Waits so long, never less, and up to a fifth more, so that those who begin to wait together drift apart."""
        await asyncio.sleep(wait_s * self._dice.uniform(1, 1 + JITTER))


@dataclass
class Errand:
    """One clip, from the reservation to the file. waits: for a job that goes on; else it is looked at once."""

    backend: RemoteVideoGenerator
    request: SegmentRequest
    to: Path
    report: Report
    counter: Counter
    waits: bool = True

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

    async def _bought(self) -> Purchase:
        """One accepted POST. After a 429 the next attempt is a purchase of its own, when the provider says so."""
        deadline, wait_s = self._now() + self.backend.terms.timeout_s, self.backend.poll_s
        while True:
            try:
                return await self._one_post()
            except Busy as busy:
                pause_s = wait_s if busy.retry_after_s is None else max(busy.retry_after_s, wait_s / BELIEF)
                if self._now() + pause_s * (1 + JITTER) > deadline:
                    raise StillOut(f"{self.backend.name} takes no more jobs for now: {busy}",
                                   advice="running again asks again") from busy
                self.report(Progress(f"nothing accepted, asking again in {pause_s:.0f} s: {busy}"))
                await self.backend.poller.pause(pause_s)
                wait_s = min(2 * wait_s, LONGEST_BUSY_S)

    async def _one_post(self) -> Purchase:
        if self.backend.closed:
            raise GenerationFailed(self.backend.closed)
        return await to_its_end(self._posted(await self._intent()))

    async def _intent(self) -> Purchase:
        request, quote = self.request, self.backend.quote(self.request.seconds, audio=self.request.audio)
        model, shape = self.backend.model, self.backend.shape
        asked = {"prompt": request.prompt, "seconds": request.seconds, "seed": request.seed, "audio": request.audio,
                 "shape": shape.ask if shape else "", "size": str(shape.size) if shape else "", "segment": request.segment,
                 "lasts_s": round(float(model.frames(request.seconds) / model.fps), 3), "price": quote.basis}
        seen = await self._seen()
        try:
            return await self.counter.intend(provider=self.backend.name, model=self.backend.model_version, asked=asked,
                                             bound_usd=quote.most_usd, evidence={"before": seen} if seen else {})
        except AlreadyLive as other:
            raise StillOut(f"purchase {other.id} is for the same clip and still under way", advice="`jobs` shows it") from other

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
            self.backend.refused(no)
            raise _failure(str(no), no.refusal, again=False) from no
        except Busy as busy:
            await self.counter.ended(purchase, "THROTTLED", str(busy))
            raise
        except (Exception, asyncio.CancelledError) as lost:
            why = str(lost) if isinstance(lost, Trouble) else f"no answer that counts: {type(lost).__name__}: {lost}"
            now = await self.counter.unknown(purchase, why)
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
        await self._fetched(job, await self._ended(job, purchase), purchase)

    async def _ended(self, job: RemoteJob, purchase: Purchase) -> JobState:
        """How the job succeeded. When it did not, that is recorded and raised."""
        deadline = self._now() + (self.backend.terms.timeout_s if self.waits else 0.0)
        while True:
            state = await self._looked_at(job, purchase, deadline)
            if state.phase == "succeeded":
                return state
            if state.phase in ("failed", "cancelled"):
                reason = state.reason or f"the job was {state.phase}"
                charged, by = self._failure_charge(state)
                await self.counter.ended(purchase, "FAILED", reason, charged_usd=charged, by=by, refusal=state.refusal or "")
                raise _failure(reason, state.refusal, again=state.again)
            self.report(Progress(state.reason or state.phase, round(100 * (state.progress or 0.0)), 100))
            if self._now() > deadline:
                after = f" after {self.backend.terms.timeout_s:g} s" if self.waits else ""
                raise StillOut(f"job {job.id} still goes on at {self.backend.name}{after}",
                               advice="running again goes on waiting for it; nothing is bought again")

    def _failure_charge(self, state: JobState) -> tuple[Decimal | None, ChargedBy]:
        """What a failed job cost: as the provider says; else nothing where its price list says so; else nobody knows."""
        if state.charged_usd is not None:
            return state.charged_usd, "provider"
        if self.backend.model.charged_when_failed is False:
            return Decimal(0), "prices"
        return None, "bound"

    async def _looked_at(self, job: RemoteJob, purchase: Purchase, deadline: float) -> JobState:
        """The next look: after trouble again, later and later, at most max_retries times and not past the deadline."""
        wait_s = self.backend.poll_s
        for left in range(self.backend.terms.max_retries, -1, -1):
            try:
                return await self.backend.poller.look(job, wait_s)
            except (Trouble, Busy) as trouble:
                backoff = self.backend.poll_s * 2 ** (self.backend.terms.max_retries - left)
                wait_s = backoff if trouble.retry_after_s is None else trouble.retry_after_s
                if left == 0 or self._now() + wait_s > deadline:
                    raise self._out_of_reach(purchase, trouble) from trouble
                self.report(Progress(f"{self.backend.name} does not answer, asking again"))
            except Refused as no:
                raise self._out_of_reach(purchase, no) from no
        raise AssertionError("the last try returns or raises")

    def _out_of_reach(self, purchase: Purchase, why: Exception) -> StillOut:
        return StillOut(f"job {purchase.remote_id} at {self.backend.name} is paid for and could not be fetched: {why}",
                        advice=f"running again asks for it again; or `resolve {purchase.id}` says what became of it")

    async def _fetched(self, job: RemoteJob, state: JobState, purchase: Purchase) -> None:
        deadline, broken = self._now() + self.backend.terms.timeout_s, ""
        for left in range(self.backend.terms.max_retries, -1, -1):
            try:
                self.report(Progress("downloading"))
                await self._downloaded(job, state)
            except Refused as no:  # of a clip that is paid for: never a reason to buy it elsewhere
                raise self._out_of_reach(purchase, no) from no
            except (AddressExpired, Trouble, Busy, MediaError) as trouble:
                before, broken = broken, await in_thread(self._broken) if isinstance(trouble, MediaError) else ""
                if broken and broken == before:
                    return await self._filed(purchase, state, f"the clip cannot be used: {trouble}")
                again = getattr(trouble, "retry_after_s", None)
                wait_s = self.backend.poll_s if again is None else again
                if left == 0 or self._now() + wait_s > deadline:
                    raise self._out_of_reach(purchase, trouble) from trouble
                await asyncio.sleep(wait_s)
                state = await self._ended(job, purchase)  # with a fresh address
            else:
                break
        reached("purchase.downloaded")
        await self._filed(purchase, state)

    def _broken(self) -> str:
        """The hash of what came where it is a whole file that does not decode; empty where it is torn or no video at all.
        Twice the same, and it is what the provider made, not what the line did to it."""
        try:
            probe.probe(self.to)
            return durable.sha256_of(self.to)
        except (MediaError, OSError):
            return ""

    async def _downloaded(self, job: RemoteJob, state: JobState) -> None:
        """The clip at `to`, whole. Raises MediaError when what came is no video, or a torn one."""
        with self.backend.translated():
            await self.backend.download(job, state, self.to)
        if not self.to.is_file() or self.to.stat().st_size == 0:
            raise MediaError("nothing came")
        await in_thread(probe.check_decodes, self.to)

    async def _filed(self, purchase: Purchase, state: JobState, wrong: str = "") -> None:
        """Keeps the clip and what it cost. `wrong`: why it is known already to be of no use."""
        kept = self._kept(purchase)
        with durable.disk_trouble(kept):
            await in_thread(durable.file_it, self.to, kept)
        charged, by = self._charge(state)
        wrong = wrong or await in_thread(self._wrong, kept)
        if wrong:
            failed = await self.counter.ended(purchase, "FAILED", wrong, charged_usd=charged, by=by)
            raise GenerationFailed(f"{wrong}; charged {dollars(failed.charged_usd)}, it lies in {kept.parent.name}/{kept.name}")
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


def _failure(reason: str, refusal: str | None, *, again: bool) -> LongtakeError:
    if refusal in ("input", "output", "unknown"):
        return Moderated(reason, side=refusal)  # type: ignore[arg-type]
    return BadOutput(reason) if again else GenerationFailed(reason)


def _run_folder(path: Path) -> Path:
    """takes/segment_04/FILE lies two folders below."""
    return path.parent.parent.parent
