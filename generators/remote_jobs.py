"""One clip bought from a provider: reserve, POST once, remember, then have it picked up. Names no provider."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from errors import Cancelled, GenerationFailed, StillOut
from generators.remote_evidence import gather_evidence, unresolved
from generators.remote_pickup import Pickup, failure
from generators.remote_poller import JITTER
from generators.remote_protocol import Busy, Offline, Refused, Trouble
from runtime.outage import Outage
from runtime.paid_call import out_of_reach
from runtime.pools import in_thread, to_its_end
from runtime.purchases import AlreadyLive, Purchase
from runtime.till import Counter
from video_generator_interface import Progress, Report, SegmentRequest

if TYPE_CHECKING:
    from generators.remote import RemoteVideoGenerator

LONGEST_BUSY_S = 120.0
"""The most to wait after a 429 that does not say how long; at first as long as between two looks, then doubling."""
BELIEF = 8
"""Into how many parts that wait is cut for a 429 that says "at once": it is believed less and less."""


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
            if await in_thread(self._pickup.at_hand, purchase):
                return
            purchase = await in_thread(self.counter.till.purchases.lost_file, purchase.id)
        if purchase.state != "SUBMITTED":
            raise unresolved(purchase)
        self.counter.till.resumed(purchase)
        await self._pickup.collected(purchase)

    async def _bought(self) -> Purchase:
        """One accepted POST. After a 429 the next attempt is a purchase of its own, when the provider says so."""
        deadline, wait_s = _now() + self.backend.terms.timeout_s, self.backend.poll_s
        while True:
            if self._outage.given_up(_now()):
                raise out_of_reach(self.backend.name)
            try:
                return await self._one_post()
            except Offline as away:
                again_s = self._outage.missed(_now())
                if again_s is None or _now() + again_s > deadline:
                    raise out_of_reach(self.backend.name, away) from away
                self.report(Progress(f"cannot be reached, asking again in {again_s:.0f} s: {away}"))
                await self.backend.poller.pause(again_s)
            except Busy as busy:
                pause_s = wait_s if busy.retry_after_s is None else max(busy.retry_after_s, wait_s / BELIEF)
                if _now() + pause_s * (1 + JITTER) > deadline:
                    raise StillOut(f"{self.backend.name} takes no more jobs for now: {busy}",
                                   advice="running again asks again") from busy
                self.report(Progress(f"nothing accepted, asking again in {pause_s:.0f} s: {busy}"))
                await self.backend.poller.pause(pause_s)
                wait_s = min(2 * wait_s, LONGEST_BUSY_S)

    async def _one_post(self) -> Purchase:
        if self.backend.closed:  # its books need not be asked
            raise GenerationFailed(self.backend.closed, advice=self.backend.remedy)
        return await to_its_end(self._posted(await self._intent()))

    async def _intent(self) -> Purchase:
        request, quote = self.request, self.backend.quote(self.request.seconds, audio=self.request.audio)
        model, shape = self.backend.model, self.backend.shape
        asked = {"prompt": request.prompt, "seconds": request.seconds, "seed": request.seed, "audio": request.audio,
                 "shape": shape.ask if shape else "", "size": str(shape.size) if shape else "", "segment": request.segment,
                 "lasts_s": round(float(model.frames(request.seconds) / model.fps), 3), "price": quote.basis}
        seen = await self._seen()
        self._takes_more()
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
            self._outage.over()
            await self.counter.ended(purchase, "REFUSED", str(no), refusal=no.refusal or "")
            self.backend.refused(no)
            raise failure(str(no), no.refusal, again=False, advice=self.backend.remedy_for(no)) from no
        except Busy as busy:
            if not isinstance(busy, Offline):
                self._outage.over()
            await self.counter.ended(purchase, "THROTTLED", str(busy))
            raise
        except (Exception, asyncio.CancelledError) as lost:
            why = str(lost) if isinstance(lost, Trouble) else f"no answer that counts: {type(lost).__name__}: {lost}"
            now = await self.counter.unknown(purchase, why)
            raise unresolved(await self.evidence(now)) from lost
        self._outage.over()
        return self.counter.submitted(purchase, job.id, job.quoted_usd)

    async def evidence(self, purchase: Purchase) -> Purchase:
        """Looks at the provider's books after a lost answer, and writes down what they say."""
        return await gather_evidence(self.backend, self.counter, purchase)

    def _takes_more(self) -> None:
        """Raises what is known before the POST: that the account may not, or not today."""
        if self.backend.closed:
            raise GenerationFailed(self.backend.closed, advice=self.backend.remedy)
        if self.backend.full:
            raise StillOut(self.backend.full, advice="running again asks again; what is bought is kept")

    async def _seen(self) -> dict[str, object]:
        """The provider's books before the POST, where they can be read. Raises Offline: then no POST would arrive either."""
        try:
            with self.backend.translated():
                return dict(await self.backend.witness())
        except Offline:
            raise
        except (Refused, Busy, Trouble):
            return {}

    @property
    def _outage(self) -> Outage:
        return self.counter.till.outage(self.backend.name)

    @property
    def _pickup(self) -> Pickup:
        return Pickup(self.backend, self.request, self.to, self.report, self.counter, self.waits)


def _now() -> float:
    return asyncio.get_running_loop().time()
