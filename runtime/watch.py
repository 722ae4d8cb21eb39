"""What goes on beside the work of a run: silence is named, memory is given back. Does none of the work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from runtime import allocator
from runtime.run_store import RunStore


async def name_stalls(run: RunStore, after_s: float, every_s: float = 1.0) -> None:
    """Says of each step in work, once, that nothing was heard of it for `after_s`. Runs until it is cancelled."""
    while True:
        await asyncio.sleep(every_s)
        for node, silent_s in run.events.silent(after_s):
            run.events.emit("stalled", node, f"nothing heard for {silent_s:.0f} s")


@asynccontextmanager
async def watched(run: RunStore, stalled_s: float) -> AsyncIterator[None]:
    """While the block goes on, steps of which nothing is heard for so long are named, and memory is given back."""
    beside = asyncio.gather(name_stalls(run, stalled_s), allocator.stay_small())
    try:
        yield
    finally:
        beside.cancel()
        with suppress(asyncio.CancelledError):
            await beside
