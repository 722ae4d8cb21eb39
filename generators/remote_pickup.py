"""A job that a provider works at: waited for, its clip fetched whole, looked at and filed. Buys nothing, names no provider."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from errors import BadOutput, GenerationFailed, LongtakeError, MediaError, Moderated, NoNetwork, StillOut
from generators.remote_evidence import unresolved
from generators.remote_protocol import AddressExpired, Busy, JobState, Offline, Refused, RemoteJob, Trouble
from media import probe
from runtime import durable
from runtime.commit_points import reached
from runtime.money import dollars
from runtime.outage import Outage
from runtime.paid_call import NO_WAY
from runtime.pools import in_thread
from runtime.purchases import ChargedBy, Purchase
from runtime.till import Counter
from video_generator_interface import Progress, Report, SegmentRequest

if TYPE_CHECKING:
    from generators.remote import RemoteVideoGenerator

ASPECT_SLACK = 0.02


@dataclass(frozen=True)
class Pickup:
    """One clip that is paid for, from the accepted job to the file. waits: for a job that goes on; else it is looked at
    once."""

    backend: RemoteVideoGenerator
    request: SegmentRequest
    to: Path
    report: Report
    counter: Counter
    waits: bool = True

    async def collected(self, purchase: Purchase) -> None:
        """Waits for an accepted job and fetches its clip. Nothing here is ever bought again."""
        job = RemoteJob(purchase.remote_id or "", purchase.reserved_usd)
        await self._fetched(job, await self._ended(job, purchase), purchase)

    async def _ended(self, job: RemoteJob, purchase: Purchase) -> JobState:
        """How the job succeeded. When it did not, that is recorded and raised."""
        deadline = _now() + (self.backend.terms.timeout_s if self.waits else 0.0)
        while True:
            state = await self._looked_at(job, purchase, deadline)
            if state.phase == "succeeded":
                return state
            if state.phase in ("failed", "cancelled"):
                reason = state.reason or f"the job was {state.phase}"
                charged, by = self._failure_charge(state)
                await self.counter.ended(purchase, "FAILED", reason, charged_usd=charged, by=by, refusal=state.refusal or "")
                raise failure(reason, state.refusal, again=state.again)
            self.report(Progress(state.reason or state.phase, round(100 * (state.progress or 0.0)), 100))
            if _now() > deadline:
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
        """The next look: after trouble again, later and later, at most max_retries times; where no connection
        comes about, for as long as an outage may last. Never past the deadline."""
        wait_s, left = self.backend.poll_s, self.backend.terms.max_retries
        while True:
            try:
                return await self.backend.poller.look(lambda: self._look(job), wait_s)
            except Offline as away:
                pause_s = self._outage.missed(_now())
                wait_s = max(pause_s or 0.0, self.backend.poll_s)
                if pause_s is None or _now() + wait_s > deadline:
                    raise self._away(purchase, away) from away
                self.report(Progress(f"{self.backend.name} cannot be reached, asking again"))
            except (Trouble, Busy) as trouble:
                backoff = self.backend.poll_s * 2 ** (self.backend.terms.max_retries - left)
                wait_s = backoff if trouble.retry_after_s is None else trouble.retry_after_s
                if left == 0 or _now() + wait_s > deadline:
                    raise self._out_of_reach(purchase, trouble) from trouble
                left -= 1
                self.report(Progress(f"{self.backend.name} does not answer, asking again"))
            except Refused as no:
                if purchase.attached and not no.account:
                    raise unresolved(await self.counter.unknown(purchase, (
                        f"{job.id}, which was given as its job, cannot be asked for ({no})"))) from no
                raise self._out_of_reach(purchase, no) from no

    async def _look(self, job: RemoteJob) -> JobState:
        with self.backend.translated():
            state = await self.backend.poll(job)
        self._outage.over()
        return state

    def _away(self, purchase: Purchase, why: Exception) -> NoNetwork:
        return NoNetwork(f"job {purchase.remote_id} at {self.backend.name} is paid for, and there is no way to it: {why}",
                         advice=NO_WAY)

    def _out_of_reach(self, purchase: Purchase, why: Exception) -> StillOut:
        remedy = f"{self.backend.remedy_for(why)}; " if isinstance(why, Refused) and why.account else ""
        return StillOut(f"job {purchase.remote_id} at {self.backend.name} is paid for and could not be fetched: {why}",
                        advice=f"{remedy}running again asks for it again; or `resolve {purchase.id}` says what became of it")

    async def _fetched(self, job: RemoteJob, state: JobState, purchase: Purchase) -> None:
        deadline, broken = _now() + self.backend.terms.timeout_s, ""
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
                if left == 0 or _now() + wait_s > deadline:
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

    def at_hand(self, purchase: Purchase) -> bool:
        """Puts the file that was fetched before at `to`, if it is still there as it was."""
        kept = _run_folder(self.to) / (purchase.path or "")
        if not kept.is_file() or durable.sha256_of(kept) != purchase.sha256:
            return False
        durable.link(kept, self.to)
        return True

    @property
    def _outage(self) -> Outage:
        return self.counter.till.outage(self.backend.name)


def _now() -> float:
    return asyncio.get_running_loop().time()


def failure(reason: str, refusal: str | None, *, again: bool, advice: str = "") -> LongtakeError:
    """What a verified failure is raised as: a refusal of the content, something that may go better again, or neither."""
    if refusal in ("input", "output", "unknown"):
        return Moderated(reason, side=refusal)  # type: ignore[arg-type]
    return BadOutput(reason) if again else GenerationFailed(reason, advice=advice)


def _run_folder(path: Path) -> Path:
    """takes/segment_04/FILE lies two folders below."""
    return path.parent.parent.parent
