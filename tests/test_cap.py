"""What is billed never passes the cap, whatever providers do, as long as none bills above its quoted bound."""

import tempfile
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from generators.remote_protocol import Busy, Refused, Trouble
from orders import Orders
from runtime.outcome import Blocked
from tests import tiny_runway
from tests.fake_provider import PLAIN, Course, FakeProvider, FakeVideo, StandIn
from tests.paid_film import PaidFilm

MEMORY = "/dev/shm"
FAULTS = (
    "drop_after_accept@", "drop_before@", "500_after@", "500@", "429@:retry_after=0.02", "moderated@", "out_of_credits@",
    "failed:INTERNAL@", "failed:SAFETY.OUTPUT.VIDEO@", "failed:INTERNAL.BAD_OUTPUT.CODE01@:charged=1", "filtered@",
    "filtered_input@", "empty@", "cancelled@", "no_cost@", "no_estimate@", "no_id@", "garbled@", "poll_503@", "truncated@",
    "html@", "expired_address@", "wrong_length:0.5@", "damaged@")
PARTS = st.sampled_from([1, Decimal("0.8")]) | st.integers(0, 1000).map(lambda part: Decimal(part) / 1000)


@contextmanager
def quick_folder():
    """A folder of its own for every example; in memory where there is such a place, since fsync is not what is tried."""
    with tempfile.TemporaryDirectory(dir=MEMORY if Path(MEMORY).is_dir() else None) as name:
        yield Path(name) / "run"


UNFIT = Course(phase="failed", reason="filtered", refusal="output")
REFUSALS = [Course(refuse=refuse) for refuse in (
    Busy("slow down", 30), Busy("slow down"), Refused("unfit", refusal="input"), Refused("no such ratio"),
    Refused("no credits", account=True))]
JOBS = [
    *[PLAIN, replace(PLAIN, tells=False)] * 4, UNFIT, replace(UNFIT, refusal="input"), replace(UNFIT, refusal=None, again=True),
    replace(UNFIT, refusal=None, tells=False), Course(phase="cancelled"), Course(clip_s=8), Course(lost="after"),
    Course(lost="before"), Course(looks=(Trouble("502"),) * 2, downloads=(b"<html>", Trouble("cut"))),
    Course(looks=(Trouble("502"),) * 9), Course(downloads=(b"",) * 9),
]


@st.composite
def courses(draw):
    """What may become of one POST; never billed, never quoted above the bound."""
    course = draw(st.sampled_from(JOBS * 2 + REFUSALS))
    return replace(course, answer_s=draw(st.sampled_from([0.0, 0.3, 8.0])), billed=draw(PARTS), quoted=draw(st.none() | PARTS),
                   work_s=draw(st.sampled_from([0.0, 7.0, 60.0, 90.0, 5000.0])))


@st.composite
def providers(draw):
    """A provider with its prices, and what becomes of its POSTs, in turn."""
    fates = draw(st.lists(courses(), min_size=4, max_size=8))
    price = Decimal(draw(st.integers(1, 400))) / 1000
    return FakeProvider(lambda number, request: fates[number % len(fates)], usd_per_second=str(price),
                        places=draw(st.integers(1, 4)), approximate=draw(st.booleans()),
                        charged_when_failed=draw(st.sampled_from([None, True])))


def check_books(ran, world, other):
    """The ledger against the providers' own books."""
    billed = {f"{name} {job.id}": job.billed_usd for name, its in (("fake", world), ("stand-in", other))
              for job in its.jobs.values()}
    for one in ran.purchases:
        bill = billed.get(f"{one.provider} {one.remote_id}", Decimal(0))
        if one.state == "UNKNOWN":
            assert (one.charged_usd, one.counted_usd) == (None, one.reserved_usd)
        elif one.charged_by == "provider":
            assert one.charged_usd == bill
        assert one.counted_usd >= bill
        event(f"{one.state} by {one.charged_by}")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(world=providers(), other=providers(), lengths=st.lists(st.integers(1, 4), min_size=2, max_size=6),
       part=st.integers(200, 1500))
def test_the_bill_never_passes_the_cap(world, other, lengths, part):
    cap = sum(map(world.bound_usd, lengths), Decimal(0)) * part / 1000
    with quick_folder() as folder:
        for orders in (Orders(), Orders(), Orders(redo=frozenset({1}))):
            ran = PaidFilm(folder, lengths).run(FakeVideo(world), StandIn(other), cap=cap, orders=orders)
            assert world.billed_usd + other.billed_usd <= ran.counted_usd <= cap
            check_books(ran, world, other)
            event(f"segments blocked: {any(isinstance(outcome, Blocked) for outcome in ran.outcomes.values())}")
            event(f"segments made: {len(ran.made)}")
            world.later(4000)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(over=st.integers(1, 8), at_quote=st.booleans(), places=st.integers(1, 4),
       work=st.lists(st.integers(1, 90), min_size=8, max_size=8))
def test_after_a_job_above_its_bound_nothing_more_is_submitted(over, at_quote, places, work):
    dear = Course(quoted=2) if at_quote else Course(billed=Decimal("1.001"))
    world = FakeProvider(lambda number, request: replace(dear if number == over else PLAIN, work_s=work[number - 1]),
                         places=places)
    with quick_folder() as folder:
        ran = PaidFilm(folder, [1] * 8).run(FakeVideo(world), cap="100")
    known_at = world.posts[over - 1].at + 0.25 if at_quote else world.jobs[f"job-{over}"].looks[-1]
    assert all(post.at <= known_at for post in world.posts)
    assert len(ran.made) == len(world.posts)
    assert ran.said("no more is bought: fake " + ("quotes" if at_quote else "charged"))


def test_what_others_leave_over_when_they_settle_is_waited_for_and_used(tmp_path):
    world = FakeProvider(lambda number, request: Course(work_s=60 * number, billed=Decimal("0.5")))
    ran = PaidFilm(tmp_path, [1, 1, 1]).run(FakeVideo(world), cap="0.2")
    assert ran.made == [1, 2, 3]
    assert world.posts[2].at > 120
    assert world.billed_usd == ran.counted_usd == Decimal("0.15")


def test_where_only_a_price_list_says_what_was_charged_its_bound_counts(tmp_path):
    world = FakeProvider([Course(tells=False)], usd_per_second="0.08", approximate=True)
    ran = PaidFilm(tmp_path, [1, 1]).run(FakeVideo(world), cap="0.18")
    assert [one.charged_usd for one in ran.purchases] == [Decimal("0.08")]
    assert (world.billed_usd, ran.counted_usd) == (Decimal("0.1"), Decimal("0.1"))


def test_room_that_a_job_past_its_deadline_holds_is_not_waited_for(tmp_path):
    world = FakeProvider([Course(work_s=None), PLAIN])
    ran = PaidFilm(tmp_path, [1, 1]).run(FakeVideo(world), cap="0.15", max_virtual_s=700)
    assert isinstance(ran.outcomes[2], Blocked)
    assert "the cap of $0.15 leaves no room for clip segment_02" in ran.reason(2)


def test_a_cap_that_is_reached_finishes_what_is_bought_and_the_next_run_with_more_goes_on(tmp_path):
    world = FakeProvider()
    first = PaidFilm(tmp_path, [1] * 5).run(FakeVideo(world), cap="0.35")
    assert (first.made, first.counted_usd) == ([1, 2, 3], Decimal("0.3"))
    second = PaidFilm(tmp_path, [1] * 5).run(FakeVideo(world), cap="0.5")
    assert (second.made, len(world.posts), second.counted_usd) == ([1, 2, 3, 4, 5], 5, Decimal("0.5"))


def test_a_lost_answer_stays_reserved(tmp_path):
    world = FakeProvider([Course(lost="before"), PLAIN], places=1)
    ran = PaidFilm(tmp_path, [1, 1]).run(FakeVideo(world), cap="0.19")
    assert ran.states == ["UNKNOWN"]
    assert isinstance(ran.outcomes[2], Blocked)
    assert (ran.counted_usd, world.billed_usd) == (Decimal("0.1"), Decimal(0))


def test_a_price_nobody_knows_buys_nothing_under_a_cap_and_is_not_taken_for_nothing_without(tmp_path):
    world = FakeProvider([Course(tells=False)], usd_per_second=None)
    ran = PaidFilm(tmp_path).run(FakeVideo(world), cap="1")
    assert "nobody knows what tiny costs" in ran.reason()
    assert world.posts == []
    assert [one.charged_usd for one in PaidFilm(tmp_path).run(FakeVideo(world)).purchases] == [None]


@pytest.mark.parametrize("cap", ["0", "0.099999"])
def test_a_cap_below_the_first_bound_buys_nothing(tmp_path, cap):
    world = FakeProvider()
    assert isinstance(PaidFilm(tmp_path).run(FakeVideo(world), cap=cap).outcomes[1], Blocked)
    assert world.posts == []


@settings(max_examples=12, deadline=None)
@given(faults=st.lists(st.sampled_from(FAULTS), min_size=2, max_size=5), cap=st.integers(6, 30))
def test_the_bill_of_the_real_sdk_s_server_never_passes_the_cap(faults, cap):
    script = ", ".join(fault.replace("@", f"@{number}") for number, fault in enumerate(faults, 1))
    with tiny_runway.serve(faults=script) as server, quick_folder() as folder:
        for _ in range(2):
            film = PaidFilm(folder, [1, 1, 2, 1], tiny_runway.FILM)
            ran = film.run(tiny_runway.backend(server.url, parallel=2), cap=Decimal(cap) / 100, really=True)
            assert server.total_usd <= ran.counted_usd <= Decimal(cap) / 100
            billed = {bill.job: bill.usd for bill in server.bills}
            told = [one for one in ran.purchases if one.charged_by == "provider"]
            assert all(one.charged_usd == billed.get(str(one.remote_id), 0) for one in told)
            event(" ".join(sorted(set(ran.states))))
