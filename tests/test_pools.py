"""Bounded places to work in."""

import asyncio
import threading

import pytest

from errors import Cancelled
from runtime.pools import CancelToken, PriorityPool, in_thread


def test_the_longest_tail_goes_first_and_never_more_than_the_size_at_once():
    async def scenario():
        pool, order, inside, most = PriorityPool(2), [], 0, 0

        async def work(name, priority):
            nonlocal inside, most
            async with pool.turn(priority):
                inside += 1
                most = max(most, inside)
                order.append(name)
                await asyncio.sleep(0)
                inside -= 1

        await asyncio.gather(*(work(number, number) for number in range(8)))
        return order, most

    order, most = asyncio.run(scenario())
    assert most == 2
    assert order == [0, 1, 7, 6, 5, 4, 3, 2]


def test_a_place_is_not_lost_when_the_one_who_waits_is_cancelled():
    async def scenario():
        pool = PriorityPool(1)
        async with pool.turn():
            waiting = asyncio.create_task(pool._acquire(0))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        async with asyncio.timeout(5), pool.turn():
            return True

    assert asyncio.run(scenario())


def test_a_cancelled_task_waits_until_its_thread_has_come_back():
    token, seen, begun = CancelToken(), [], threading.Event()

    def work():
        begun.set()
        try:
            while True:
                token.check()
        except Cancelled:
            seen.append("thread ended")
            raise

    async def scenario():
        task = asyncio.create_task(in_thread(work))
        while not begun.is_set():
            await asyncio.sleep(0)
        for _ in range(3):  # a task group cancels again what its awaiting sibling has cancelled already
            task.cancel()
            await asyncio.sleep(0)
        token.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        seen.append("task ended")

    asyncio.run(scenario())
    assert seen == ["thread ended", "task ended"]
