"""Bounded places to work in: threads for blocking work, turns at a provider by priority. Knows nothing of what is done."""

from __future__ import annotations

import asyncio
import contextvars
import heapq
import itertools
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import ParamSpec, TypeVar

from errors import Cancelled

P = ParamSpec("P")
T = TypeVar("T")


class CancelToken:
    """Set once when the run is to stop; worker threads look at it for every frame."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raises Cancelled when the run is being stopped."""
        if self._event.is_set():
            raise Cancelled("the run was stopped")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs blocking work in the loop's bounded thread pool.

    When the awaiting task is cancelled this still waits until the thread has come back (it sees the cancel token within
    a frame), so that nobody deletes a file that a thread is writing.
    """
    loop = asyncio.get_running_loop()
    context = contextvars.copy_context()
    return await to_its_end(loop.run_in_executor(None, partial(context.run, partial(work, *args, **kwargs))))


async def to_its_end(work: Awaitable[T]) -> T:
    """The result of what must not be broken off: when the awaiting task is cancelled this waits all the same, and is then
    cancelled. A POST that is out, say: its answer has to be recorded."""
    future = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        while not future.done():
            with suppress(asyncio.CancelledError):  # a task may be cancelled once more while it waits: by its group, say
                await asyncio.wait([future])
        if not future.cancelled():
            future.exception()  # seen, so that the loop does not report it as forgotten
        raise


class PriorityPool:
    """At most `size` at a time; of those who wait, the one with the highest priority goes first, then the earliest."""

    def __init__(self, size: int) -> None:
        self._free = size
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    @property
    def taken(self) -> bool:
        """Whether who comes now has to wait."""
        return self._free <= 0 or bool(self._waiting)

    @asynccontextmanager
    async def turn(self, priority: float = 0.0) -> AsyncIterator[None]:
        """Waits for a place and holds it for the length of the block."""
        await self._acquire(priority)
        try:
            yield
        finally:
            self._release()

    async def _acquire(self, priority: float) -> None:
        if not self.taken:
            self._free -= 1
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (-priority, next(self._order), future))
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self._release()
            raise

    def _release(self) -> None:
        while self._waiting:
            _, _, future = heapq.heappop(self._waiting)
            if not future.done():
                future.set_result(None)
                return
        self._free += 1
