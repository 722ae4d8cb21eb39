"""An asyncio loop whose time jumps to the next timer when nothing else is ready, without threads. Talks to no network."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Overdue(AssertionError):
    """More virtual time went by than the test allows."""


class NothingWillHappen(AssertionError):
    """Everything waits and no timer is set: the run would hang for ever."""


class VirtualClock(asyncio.SelectorEventLoop):
    """`time()` begins at 0 and moves only by what the next timer is away; blocking work is done at once, in place.

    So a run of hours takes the seconds of its own work, and the same run takes the same course every time.
    """

    def __init__(self, most_s: float) -> None:
        self.now = 0.0
        self.most_s = most_s
        super().__init__(_Leaping(self))
        self._clock_resolution = 1e-9

    def time(self) -> float:
        return self.now

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 (it is handed to whoever waits)
            future.set_exception(error)
        return future


class _Leaping(selectors.DefaultSelector):
    """Where a loop would sleep, its clock is put forward instead."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None:
            raise NothingWillHappen("nothing is ready and no timer is set")
        self._clock.now += timeout
        if self._clock.now > self._clock.most_s:
            raise Overdue(f"{self._clock.now:g} s of virtual time, {self._clock.most_s:g} s at most")
        return ready


def run(coroutine: Coroutine[Any, Any, T], *, max_virtual_s: float = 1e6) -> tuple[T, float]:
    """The result of a coroutine and the virtual seconds it took.

    Raises Overdue after `max_virtual_s`, NothingWillHappen when it hangs, and whatever the coroutine raises.
    """
    clock = VirtualClock(max_virtual_s)
    try:
        result = clock.run_until_complete(coroutine)
        return result, clock.now
    finally:
        clock.most_s = float("inf")
        _wind_up(clock)
        clock.close()


def _wind_up(clock: VirtualClock) -> None:
    """Cancels what is left over, as asyncio.run does."""
    left = asyncio.all_tasks(clock)
    for task in left:
        task.cancel()
    if left:
        clock.run_until_complete(asyncio.gather(*left, return_exceptions=True))
