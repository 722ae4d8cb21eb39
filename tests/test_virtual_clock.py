"""The clock that the tests of long waits run on."""

import asyncio
import threading
import time

import pytest

from runtime.pools import in_thread
from tests import virtual_clock


async def naps(*seconds):
    woken = []

    async def nap(length):
        await asyncio.sleep(length)
        woken.append(length)

    await asyncio.gather(*map(nap, seconds))
    return woken


def test_hours_go_by_in_no_time_and_in_order():
    begun = time.monotonic()
    woken, seconds = virtual_clock.run(naps(7200, 60, 3600))
    assert woken == [60, 3600, 7200]
    assert seconds == pytest.approx(7200)
    assert time.monotonic() - begun < 60


def test_blocking_work_is_done_in_place_and_its_errors_come_back():
    assert virtual_clock.run(in_thread(threading.get_ident))[0] == threading.get_ident()
    with pytest.raises(ZeroDivisionError):
        virtual_clock.run(in_thread(lambda: 1 / 0))


def test_a_run_that_hangs_or_takes_too_long_fails_and_leaves_nothing_behind():
    async def hang():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    ended: list[bool] = []
    with pytest.raises(virtual_clock.NothingWillHappen):
        virtual_clock.run(hang())
    with pytest.raises(virtual_clock.Overdue):
        virtual_clock.run(asyncio.sleep(61), max_virtual_s=60)
    assert ended == [True]


def test_a_timeout_is_virtual_too():
    async def wait():
        async with asyncio.timeout(30):
            await asyncio.sleep(1e5)

    with pytest.raises(TimeoutError):
        virtual_clock.run(wait())
