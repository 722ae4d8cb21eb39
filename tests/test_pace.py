"""Turns at the rate that a provider allows, on a clock that jumps."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from runtime.pace import Pace
from tests import virtual_clock


async def turns(pace, arrivals):
    """When each got its turn that came at these times."""
    async def one(at):
        await asyncio.sleep(at)
        await pace.turn()
        return asyncio.get_running_loop().time() - begun

    begun = asyncio.get_running_loop().time()
    return await asyncio.gather(*map(one, arrivals))


def test_the_first_go_at_once_and_the_rest_as_soon_as_they_may():
    got = virtual_clock.run(turns(Pace(3, 10.0), [0.0] * 7))[0]
    assert [round(at) for at in got] == [0, 0, 0, 10, 10, 10, 20]


@given(st.lists(st.floats(0, 40), max_size=40), st.integers(1, 5))
def test_no_window_ever_holds_more_than_are_allowed(arrivals, most):
    got = sorted(virtual_clock.run(turns(Pace(most, 10.0), arrivals))[0])
    assert all(later - earlier >= 10.0 - 1e-6 for earlier, later in zip(got, got[most:], strict=False))


def test_a_new_run_in_the_same_process_begins_anew():
    pace = Pace(1, 10.0)
    assert [virtual_clock.run(turns(pace, [0.0]))[0] for _ in range(3)] == [[0.0]] * 3
