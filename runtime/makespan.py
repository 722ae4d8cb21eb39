"""How long work takes that is done a few pieces at a time. Does none of it."""

from __future__ import annotations

import heapq
from collections.abc import Sequence


def makespan(chains: Sequence[Sequence[float]], places: int) -> float:
    """Seconds until all is done by list scheduling: a place that gets free takes the first that can begin.

    A chain is done one after the other; chains stand in the order in which they are begun.
    """
    left = [list(reversed(chain)) for chain in chains]
    later = [(0.0, number) for number, chain in enumerate(chains) if chain]
    ready: list[int] = []
    free = [0.0] * max(1, min(places, len(later)))
    end = 0.0
    while ready or later:
        now = heapq.heappop(free)
        now = now if ready else max(now, later[0][0])
        while later and later[0][0] <= now:
            heapq.heappush(ready, heapq.heappop(later)[1])
        number = heapq.heappop(ready)
        done = now + left[number].pop()
        heapq.heappush(free, done)
        if left[number]:
            heapq.heappush(later, (done, number))
        end = max(end, done)
    return end
