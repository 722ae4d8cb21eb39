"""What was bought for another plan than the one a run makes: looked at once, fetched when it is ready. Buys nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from errors import Cancelled, LongtakeError, foreign_code
from runtime import durable
from runtime.outcome import Outcome, Unresolved
from runtime.pools import in_thread
from runtime.purchases import Purchase
from runtime.run_store import RunStore
from video_generator_interface import VideoGenerator


async def look_at(backends: Sequence[VideoGenerator], run: RunStore, sought: Collection[str],
                  ended: Iterable[Outcome[Any]]) -> None:
    """One look at each job that no clip of this run waited for, and a word about each answer that was lost and not told of.

    sought: the fingerprints of the clips of this run. ended: how those went. A provider keeps a clip for a day or two: what
    was paid for is fetched before an edit is taken back, or is not to be had any more.
    """
    told = {job for outcome in ended if isinstance(outcome, Unresolved) for job in outcome.jobs}
    for purchase in await in_thread(run.till.purchases.all, "kind = 'job' AND state IN ('SUBMITTED', 'UNKNOWN')"):
        if purchase.state == "UNKNOWN" and purchase.id not in told:
            run.events.emit("note", purchase.node, f"of purchase {purchase.id}, for another plan of it, nobody knows whether "
                            f"{purchase.provider} accepted it; `resolve {purchase.id}`, `jobs` shows what is known")
        elif purchase.state == "SUBMITTED" and purchase.wanted not in sought:
            run.events.emit("note", purchase.node, f"purchase {purchase.id}, for another plan of it, " +
                            await _looked_at(purchase, backends, run))


async def _looked_at(purchase: Purchase, backends: Sequence[VideoGenerator], run: RunStore) -> str:
    """What became of a job, in words."""
    backend = next((one for one in backends if one.name == purchase.provider), None)
    if backend is None:
        return f"is out at {purchase.provider}, which this config does not name: `jobs` shows it"
    part = run.path("takes", purchase.node.split()[-1], f"left-{purchase.id}.mp4{durable.PART}")
    counter = run.till.counter(purchase.node, purchase.wanted)
    try:
        with foreign_code():
            await backend.glance(purchase, part, lambda step: run.cancel.check(), counter)
    except Cancelled:
        raise
    except LongtakeError as error:
        return f"has brought nothing: {error}"
    finally:
        counter.parted()
        part.unlink(missing_ok=True)
    return "has come: its clip is kept, and a run of that plan takes it in"
