"""Before the first cent: what a run may cost is reckoned, shown and agreed to; then the till is open. Prints nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

import cost_estimator
import standing
from catalogue import Catalogue
from checks import Able
from config import PipelineConfig
from cost_estimator import Asking, CostEstimate, Words
from errors import ConsentMissing, MachineTrouble
from llm_planner import costs
from orders import Orders
from picture_costs import to_be_paid
from prompt_planner import Bound
from runtime.money import dollars
from runtime.pools import in_thread
from runtime.purchases import Purchase
from runtime.run_store import RunStore
from runtime.spend import Spend, journal
from storyboard import Storyboard
from timeline import Timeline
from video_generator_interface import VideoGenerator


@dataclass(frozen=True)
class Offer:
    """What a person is asked to agree to. counted_usd: what earlier runs have used of the cap. above_bound: purchases for
    which a provider charged more than the price list says."""

    estimate: CostEstimate
    cap_usd: Decimal | None
    counted_usd: Decimal
    above_bound: Sequence[Purchase]
    in_vain: Sequence[Sequence[Purchase]] = ()
    """Of each model that would be asked and from which this film has nothing of use: what was charged for."""

    @property
    def affordable(self) -> int | None:
        """How many of the clips that are to be made the cap pays for; None without a cap."""
        return None if self.cap_usd is None else cost_estimator.affordable(self.estimate, self.cap_usd, self.counted_usd)


@dataclass(frozen=True)
class PlanningOffer:
    """What a person is asked to agree to before the film is planned. counted_usd: what earlier runs have used of the cap."""

    bound: Bound
    cap_usd: Decimal | None
    counted_usd: Decimal


class Payer(Protocol):
    """Who agrees to an offer, or raises ConsentMissing."""

    def pays(self, offer: Offer) -> None: ...

    def pays_for_planning(self, offer: PlanningOffer) -> None: ...


async def for_planning(bound: Bound, run: RunStore, config: PipelineConfig, payer: Payer) -> None:
    """Asks for what planning may cost, and opens the till for it when somebody agreed. What costs nothing asks nothing.

    Raises ConsentMissing; also when its price is unknown while there is a cap.
    """
    if bound.most_usd == 0:
        return
    cap = await _books(run, config)
    payer.pays_for_planning(PlanningOffer(bound, cap, run.ledger.purchases.counted_usd()))
    if cap is not None and bound.most_usd is None:
        raise ConsentMissing(f"nobody knows what {bound.model} costs, so the cap of {dollars(cap)} cannot be kept",
                             advice="put its price into the catalogue block of the config, or say planner.free: true")
    run.till.open(cap, config.budget.rebuy_unknown_usd)


async def open_till(storyboard: Storyboard, timeline: Timeline, able: Able, run: RunStore, config: PipelineConfig,
                    orders: Orders, payer: Payer) -> None:
    """Asks once for everything this run may buy, and opens the till when somebody agreed.

    A run that can buy nothing asks nothing. Raises ConsentMissing; also when a price is unknown while there is a cap.
    """
    judged = to_be_paid(storyboard, able.images, config, orders).judged
    charging = [one for one in (*able.videos, *able.images) if one.charges and not getattr(one, "closed", "")]
    if not charging and not judged:
        return
    estimate, cap = await reckoned(storyboard, timeline, able, run, config, orders), await _books(run, config)
    if not estimate.charges:
        return
    above = [one for one in run.ledger.purchases.all() if one.above_bound]
    vain = [run.ledger.purchases.in_vain(one.name, getattr(one, "model_version", "")) for one in (*able.videos, *able.images)]
    payer.pays(Offer(estimate, cap, run.ledger.purchases.counted_usd(), above, [of for of in vain if of]))
    unknown = [line for line in estimate.lines if line.charges and line.reserve is None]
    if cap is not None and unknown:
        raise ConsentMissing(f"nobody knows what {unknown[0].backend} costs, so the cap of {dollars(cap)} cannot be kept",
                             advice="put its price into the catalogue block of the config, or leave the cap out")
    run.till.open(cap, config.budget.rebuy_unknown_usd)


async def _books(run: RunStore, config: PipelineConfig) -> Decimal | None:
    """Has every charge noted in the books of all films from now on. Returns the cap, which the folder remembers."""
    books, cap = config.budget.books, config.budget.max_cost_usd
    await in_thread(run.ledger.remember, books=str(books.absolute()) if books else "", cap_usd="" if cap is None else str(cap))
    if not run.till.settled:
        run.till.settled.append(await in_thread(journal, run))
    return cap


async def reckoned(storyboard: Storyboard, timeline: Timeline, able: Able, run: RunStore, config: PipelineConfig,
                   orders: Orders) -> CostEstimate:
    """The estimate of what this run still has to make."""
    there = await in_thread(standing.from_ledger, run, storyboard, timeline, config, able.videos[0], able.images, orders)
    places = await able.videos[0].places()
    return await in_thread(
        cost_estimator.estimate, storyboard, timeline, able.videos, able.images, mode=config.mode, audio=config.audio,
        standing=there, reroll=past_rerolls(config), places=places, gpu_usd_per_hour=config.budget.gpu_usd_per_hour,
        orders=orders, pictures=to_be_paid(storyboard, able.images, config, orders),
        words=words(config, able.images[0].terms.catalogue, None))


def words(config: PipelineConfig, catalogue: Catalogue, planning: Bound | None) -> Words:
    """What a language model is still to write. planning: what a plan may cost; None where it is there."""
    other = costs.of_other_words(config.planner, catalogue)
    return Words(other.model, _asking(planning) if planning else None, _asking(other))


def _asking(bound: Bound) -> Asking | None:
    """None where it costs nothing."""
    return None if bound.most_usd == 0 else Asking(bound.low_usd, bound.usual_usd, bound.most_usd, bound.once_usd)


def past_rerolls(config: PipelineConfig) -> cost_estimator.Reroll:
    """What says how often this user bought a clip of a backend again, from the books of all films."""
    def rate(video: VideoGenerator) -> Decimal | None:
        try:
            return Spend(config.budget.books).rerolls(video.name, getattr(video, "model_version", ""))
        except MachineTrouble:  # the books are damaged or held: no estimate fails for it
            return None
    return rate
