"""Where a run spends: who may buy when, who waits for room, and what stops all buying."""

import asyncio
import sqlite3
import threading
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import CapReached, ConsentMissing, MachineTrouble
from runtime import events
from runtime.run_store import open_run
from tests.bought import BOUND, fetched, intent, lost, under_way

LONGEST_S = 30


@contextmanager
def opened(folder, cap="1.00"):
    """A run whose till is open."""
    with open_run(folder, ["key-12345"]) as run:
        run.till.open(cap and Decimal(cap))
        yield run


def run_to_end(scenario):
    """What hangs is an error, and not a test that never ends."""
    return asyncio.run(asyncio.wait_for(scenario, LONGEST_S))


async def turns(number):
    """Lets others work for a while."""
    for _ in range(number):
        await asyncio.sleep(0)


async def buy(till, segment, usd=BOUND, **asked):
    """Intends a purchase at its counter."""
    what = intent(segment, usd=usd, **asked)
    counter = till.counter(what.node, what.wanted)
    return counter, await counter.intend(provider=what.provider, model=what.model, asked=what.asked, bound_usd=what.bound_usd)


def test_nothing_is_bought_before_somebody_agreed(tmp_path):
    with open_run(tmp_path) as run:
        with pytest.raises(ConsentMissing, match="nobody was asked"):
            run_to_end(buy(run.till, 1))
        assert run.ledger.purchases.all() == []


def test_an_unknown_price_is_bought_only_where_there_is_no_cap(tmp_path):
    with opened(tmp_path) as run, pytest.raises(ConsentMissing, match=r"nobody knows what gen4_turbo costs"):
        run_to_end(buy(run.till, 1, usd=None))
    with opened(tmp_path, cap=None) as run:
        assert run_to_end(buy(run.till, 1, usd=None))[1].state == "INTENT"


def test_a_cap_that_is_full_stops_all_buying_and_says_so_once(tmp_path):
    async def scenario(till):
        await buy(till, 1, "0.90")
        till.parted("wish 1")
        for segment in (2, 3):
            with pytest.raises(CapReached, match=r"\$1.00 leaves no room for clip segment_02 .up to \$0.25; \$0.90"):
                await buy(till, segment)

    with opened(tmp_path) as run:
        run_to_end(scenario(run.till))
        assert "leaves no room" in run.till.stopped
    notes = [event.text for event in events.read(tmp_path / "events.jsonl") if event.kind == "note"]
    assert len(notes) == 1 and notes[0].startswith("no more is bought: the cap of $1.00")


def test_who_finds_no_room_waits_for_what_may_turn_out_cheaper(tmp_path):
    async def scenario(till):
        counter, first = await buy(till, 1, "0.90")
        waiting = asyncio.create_task(buy(till, 2, "0.50"))
        await turns(5)
        assert not waiting.done()
        counter.submitted(first, "task-1", None)
        await counter.ended(first, "FAILED", "broken", charged_usd=Decimal("0.10"))
        return (await waiting)[1]

    with opened(tmp_path) as run:
        assert run_to_end(scenario(run.till)).id == 2
        assert run.till.purchases.counted_usd() == Decimal("0.60")


@pytest.mark.parametrize("ending", ["unknown", "parted"])
def test_who_waits_is_told_when_nothing_can_turn_out_cheaper_any_more(tmp_path, ending):
    async def scenario(till):
        counter, first = await buy(till, 1, "0.90")
        waiting = [asyncio.create_task(buy(till, segment, "0.50")) for segment in (2, 3)]
        await turns(5)
        if ending == "unknown":
            await counter.unknown(first, "the answer was lost")
        else:
            counter.submitted(first, "task-1", None)
            counter.parted()
        return await asyncio.gather(*waiting, return_exceptions=True)

    with opened(tmp_path) as run:
        assert [type(one) for one in run_to_end(scenario(run.till))] == [CapReached, CapReached]
        assert run.till.purchases.counted_usd() == Decimal("0.90")


def test_a_job_of_an_earlier_run_may_make_room_too(tmp_path):
    with opened(tmp_path) as run:
        under_way(run.ledger.purchases, intent(1, usd="0.90"))

    async def scenario(till):
        (job,) = till.purchases.all("state = 'SUBMITTED'")
        till.resumed(job)
        waiting = asyncio.create_task(buy(till, 2))
        await turns(5)
        await till.counter(job.node, job.wanted).ended(job, "FAILED", "cancelled")
        return (await waiting)[1]

    with opened(tmp_path) as run:
        assert run_to_end(scenario(run.till)).id == 2


def test_one_who_waits_and_is_cancelled_has_bought_nothing(tmp_path):
    async def scenario(till):
        counter, first = await buy(till, 1, "0.90")
        waiting = asyncio.create_task(buy(till, 2))
        await turns(5)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await counter.ended(first, "REFUSED", "no")
        return await buy(till, 3)

    with opened(tmp_path) as run:
        run_to_end(scenario(run.till))
        assert [one.wanted for one in run.till.purchases.all()] == ["wish 1", "wish 3"]


def test_a_quote_above_the_bound_stops_all_buying_and_is_reserved(tmp_path):
    async def scenario(till):
        counter, first = await buy(till, 1)
        waiting = asyncio.create_task(buy(till, 2, "0.90"))
        await turns(5)
        assert counter.submitted(first, "task-1", Decimal("0.40")).reserved_usd == Decimal("0.40")
        with pytest.raises(CapReached, match=r"runway quotes \$0.40 for clip segment_01 where the price list says \$0.25"):
            await waiting
        with pytest.raises(CapReached):
            await buy(till, 3, "0")

    with opened(tmp_path) as run:
        run_to_end(scenario(run.till))


def test_a_charge_above_the_bound_stops_all_buying_and_is_counted(tmp_path):
    async def scenario(till):
        counter, first = await buy(till, 1)
        counter.submitted(first, "task-1", BOUND)
        await counter.ended(first, "FAILED", "broken", charged_usd=Decimal("0.40"))
        with pytest.raises(CapReached, match=r"runway charged \$0.40 for clip segment_01, above the bound of \$0.25"):
            await buy(till, 2)

    with opened(tmp_path, cap=None) as run:
        run_to_end(scenario(run.till))
        assert run.till.purchases.counted_usd() == Decimal("0.40")


def test_the_books_are_told_in_a_thread_of_every_charge_and_of_nothing_else(tmp_path):
    told = []

    async def scenario(till):
        till.settled.append(lambda one: told.append((one.id, one.state, threading.current_thread() is threading.main_thread())))
        counter, first = await buy(till, 1)
        counter.submitted(first, "task-1", None)
        await counter.fetched(first, tmp_path / "takes/x.mp4", "a" * 64, BOUND, "provider")
        await counter.done("a" * 64)
        other, second = await buy(till, 2)
        await other.unknown(second, "lost")

    with opened(tmp_path) as run:
        run_to_end(scenario(run.till))
    assert told == [(1, "FETCHED", False), (1, "DONE", False)]


def test_a_take_of_other_bytes_does_not_close_the_purchase(tmp_path):
    async def scenario(till, one):
        await till.counter(one.node, one.wanted).done("0" * 64)

    with opened(tmp_path) as run:
        one = fetched(run.ledger.purchases, intent())
        run_to_end(scenario(run.till, one))
        assert run.ledger.purchases.get(one.id).state == "FETCHED"


def test_a_key_that_a_provider_repeats_is_not_kept(tmp_path):
    async def scenario(till):
        for segment in (1, 2):
            counter, one = await buy(till, segment)
            end = counter.unknown(one, "bad key key-12345") if segment == 1 else counter.ended(one, "REFUSED", "key-12345?")
            await end

    with opened(tmp_path) as run:
        run_to_end(scenario(run.till))
        assert "key-12345" not in repr(run.till.purchases.all())


def test_what_was_lost_before_counts_and_is_not_waited_for(tmp_path):
    with opened(tmp_path) as run:
        lost(run.ledger.purchases, intent(1, usd="0.90"))
    with opened(tmp_path) as run, pytest.raises(CapReached):
        run_to_end(buy(run.till, 2))


LIFE = st.tuples(st.integers(0, 60), st.integers(0, 4), st.integers(0, 4), st.integers(0, 10),
                 st.sampled_from(["done", "failed", "refused", "unknown", "left"]))


@given(lives=st.lists(LIFE, min_size=2, max_size=8))
@settings(max_examples=25, deadline=None)
def test_whoever_buys_at_the_same_time_the_cap_holds_and_nobody_waits_for_ever(tmp_path_factory, lives):
    """Each buys for up to so many cents, works for so many turns, and is charged tenths of the bound."""
    async def live(till, segment, cents, before, work, tenths, end):
        await turns(before)
        counter, one = await buy(till, segment, Decimal(cents) / 100)
        assert till.purchases.counted_usd() <= 1
        await turns(work)
        charged = one.reserved_usd * tenths / 10
        if end == "unknown":
            await counter.unknown(one, "lost")
        elif end == "refused":
            await counter.ended(one, "REFUSED", "no")
        else:
            counter.submitted(one, f"task-{one.id}", one.reserved_usd)
            if end == "done":
                await counter.fetched(one, tmp_path_factory.getbasetemp() / "x", "a" * 64, charged, "provider")
                await counter.done("a" * 64)
            elif end == "failed":
                await counter.ended(one, "FAILED", "broken", charged_usd=charged)
        counter.parted()

    async def scenario(till):
        return await asyncio.gather(*(live(till, number, *life) for number, life in enumerate(lives)), return_exceptions=True)

    with opened(tmp_path_factory.mktemp("till")) as run:
        ended = run_to_end(scenario(run.till))
        assert {type(one) for one in ended if one is not None} <= {CapReached}
        assert run.till.purchases.counted_usd() <= 1
        if not run.till.stopped:
            assert len(run.till.purchases.all()) == len(lives)


def test_a_quote_above_the_bound_is_remembered_with_the_bound_it_passed(tmp_path):
    with opened(tmp_path) as run:
        counter, purchase = run_to_end(buy(run.till, 1, usd=Decimal("0.10")))
        counter.submitted(purchase, "job-1", Decimal("0.30"))
        (found,) = run.ledger.purchases.all()
        assert (found.above_bound, found.overcharged, found.bound_usd) == (True, False, Decimal("0.10"))
        assert "correct the price" in run.till.advice
    with opened(tmp_path) as run:
        run.till.resumed(found)
        counter = run.till.counter(found.node, found.wanted)
        run_to_end(counter.fetched(found, Path("x"), "0" * 64, Decimal("0.30"), "provider"))
        assert "charged $0.30" in run.till.stopped and "bound of $0.10" in run.till.stopped


def test_the_id_of_a_paid_job_is_said_where_it_cannot_be_written_down(tmp_path):
    with opened(tmp_path) as run:
        counter, purchase = run_to_end(buy(run.till, 1))
        run.ledger._db._db.execute("PRAGMA busy_timeout = 10")
        with closing(sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(MachineTrouble, match="job-77") as told:
                counter.submitted(purchase, "job-77", None)
        assert "resolve 1 --attach job-77" in told.value.advice
    assert "job-77" in (tmp_path / "events.jsonl").read_text()
