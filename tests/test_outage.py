"""No connection to a provider: it is said soon, nothing that is paid is lost, and a short outage is waited out."""

import pytest

import errors
import film
from attempts import NETWORK
from generators.remote_protocol import Busy, Offline
from runtime import paid_call
from runtime.outage import NEVER_REACHED_S, OUTAGE_S, Outage
from runtime.outcome import Blocked, Failed, Unresolved
from runtime.paid_call import Call, Reply
from runtime.run_store import open_run
from tests import virtual_clock
from tests.fake_provider import PLAIN, Course, FakeProvider, FakeVideo, StandIn
from tests.paid_film import PaidFilm

AWAY = Offline("there is no way to it")


def test_a_provider_that_never_answered_is_given_up_soon_by_all_segments_together(tmp_path):
    world = FakeProvider([Course(refuse=AWAY)], places=2)
    ran = PaidFilm(tmp_path, [1] * 8).run(FakeVideo(world), max_virtual_s=2 * NEVER_REACHED_S)
    assert all(isinstance(outcome, Blocked) and outcome.by == NETWORK for outcome in ran.outcomes.values())
    assert ran.reason(1) == "no connection to fake: there is no way to it"
    assert set(ran.states) == {"THROTTLED"} and ran.counted_usd == 0


def test_nobody_else_is_asked_because_one_cannot_be_reached(tmp_path):
    other = FakeProvider()
    ran = PaidFilm(tmp_path).run(FakeVideo(FakeProvider([Course(refuse=AWAY)])), StandIn(other))
    assert (ran.made, other.posts) == ([], [])


def test_a_short_outage_in_mid_run_costs_nothing_but_time(tmp_path):
    looks = tuple(Offline("away") for _ in range(9))
    courses = {1: Course(looks=looks, work_s=40), 2: PLAIN}
    world = FakeProvider(lambda number, request: courses.get(request.segment, PLAIN) if number != 2 else Course(refuse=AWAY))
    ran = PaidFilm(tmp_path, [1, 1]).run(FakeVideo(world))
    assert ran.made == [1, 2]
    assert sorted(ran.states) == ["DONE", "DONE", "THROTTLED"]


def test_a_long_outage_ends_the_run_and_the_next_one_fetches_what_is_paid(tmp_path):
    world = FakeProvider([Course(looks=tuple(Offline("away") for _ in range(40)))])
    ran = PaidFilm(tmp_path).run(FakeVideo(world), max_virtual_s=3 * OUTAGE_S)
    assert "is paid for, and there is no way to it: away" in ran.reason()
    assert ran.states == ["SUBMITTED"]
    world.jobs["job-1"].course = PLAIN
    assert PaidFilm(tmp_path).run(FakeVideo(world)).made == [1] and len(world.posts) == 1


def test_what_was_given_up_is_tried_again_after_a_while_and_after_any_answer():
    outage = Outage()
    assert outage.missed(0) and not outage.given_up(1)
    assert outage.missed(NEVER_REACHED_S) is None and outage.given_up(NEVER_REACHED_S + 1)
    assert not outage.given_up(NEVER_REACHED_S + 300)
    outage.over()
    assert not outage.given_up(NEVER_REACHED_S + 1)
    assert outage.missed(500) and outage.missed(500 + NEVER_REACHED_S) and outage.missed(500 + OUTAGE_S) is None


@pytest.mark.parametrize("refusals, states", [([AWAY] * 2, 2), ([AWAY] * 99, 0), ([Busy("slow", 1), AWAY], 2)])
def test_a_call_waits_out_a_short_outage_and_gives_up_a_long_one(tmp_path, refusals, states):
    answers = [*refusals]

    async def post():
        if answers:
            raise answers.pop(0)
        return Reply(b"picture", None)

    async def bought(run):
        call = Call(provider="fake", model="m", asked={}, bound_usd=None, post=post, to=run.folder / "one.png",
                    run_folder=run.folder)
        return await paid_call.bought(call, run.till.counter("keyframe segment_00", "wish"))

    with open_run(tmp_path) as run:
        run.till.open(None)
        if states:
            assert virtual_clock.run(bought(run))[0].state == "FETCHED"
        else:
            with pytest.raises(errors.NoNetwork, match="no connection to fake"):
                virtual_clock.run(bought(run), max_virtual_s=2 * NEVER_REACHED_S)


def test_a_run_that_reached_nobody_ends_with_the_code_of_the_machine_unless_something_worse_is_told():
    away, lost = Blocked(NETWORK, "away"), Unresolved("lost", (1,))
    for other, code in ((Failed("broken"), 7), (lost, 6), (Blocked("budget", ""), 5)):
        with pytest.raises(errors.LongtakeError) as told:
            film.refuse_holes({1: away, 2: other}, "")
        assert told.value.exit_code == code
