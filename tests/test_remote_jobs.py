"""One clip from a provider: bought once, waited for, fetched whole, whatever goes wrong on the way."""

import asyncio
from collections import Counter
from itertools import pairwise

import pytest

from generators.remote_poller import LOOKS_AT_ONCE
from generators.remote_protocol import AddressExpired, Busy, Refused, Trouble
from orders import Orders
from runtime.outcome import Failed
from runtime.run_store import open_run
from tests import virtual_clock
from tests.fake_provider import PLAIN, Course, FakeProvider, FakeVideo, clip
from tests.paid_film import PaidFilm, shout

HTML = b"<html>sign in</html>"


def gaps(times):
    return [later - earlier for earlier, later in pairwise(times)]


# -- the POST --------------------------------------------------------------------------------------------------------------


def test_a_429_is_asked_again_when_it_says_as_a_purchase_of_its_own(tmp_path):
    world = FakeProvider([Course(refuse=Busy("slow down", 40)), PLAIN])
    ran = PaidFilm(tmp_path).run(FakeVideo(world))
    assert (ran.made, ran.states) == ([1], ["THROTTLED", "DONE"])
    assert 40 <= gaps([post.at for post in world.posts])[0] < 49


def test_a_429_that_does_not_say_when_is_asked_later_and_later(tmp_path):
    world = FakeProvider([Course(refuse=Busy("slow down"))] * 4 + [PLAIN])
    ran = PaidFilm(tmp_path).run(FakeVideo(world))
    assert ran.made == [1]
    waited = gaps([post.at - 0.25 * number for number, post in enumerate(world.posts)])
    assert all(wait <= gap <= 1.2 * wait + 0.01 for wait, gap in zip([5, 10, 20, 40], waited, strict=True))


def test_a_429_that_says_at_once_time_and_again_makes_no_storm(tmp_path):
    world = FakeProvider([Course(refuse=Busy("slow down", 0))], places=3)
    PaidFilm(tmp_path, [1] * 3).run(FakeVideo(world))
    assert len(world.posts) < 3 * 60
    assert max(Counter(int(post.at) for post in world.posts[30:]).values()) < 3


def test_a_provider_that_stays_busy_is_left_alone_until_the_next_run(tmp_path):
    world = FakeProvider([Course(refuse=Busy("slow down"))] * 9 + [PLAIN], timeout_s=300)
    ran = PaidFilm(tmp_path).run(FakeVideo(world), max_virtual_s=301)
    assert "takes no more jobs for now: slow down (running again asks again)" in ran.reason()
    assert PaidFilm(tmp_path).run(FakeVideo(FakeProvider())).made == [1]


def test_an_account_that_is_refused_is_not_asked_for_the_other_segments(tmp_path):
    world = FakeProvider([Course(refuse=Refused("no credits left", account=True))], places=1)
    ran = PaidFilm(tmp_path, [1] * 5).run(FakeVideo(world))
    assert len(world.posts) == 1
    assert all("refuses this account: no credits left" in ran.reason(segment) for segment in range(2, 6))


def test_the_books_around_a_lost_answer_are_kept_as_evidence(tmp_path):
    courses = {1: Course(answer_s=30, lost="after")}
    world = FakeProvider(lambda number, request: courses.get(request.segment, PLAIN))
    ran = PaidFilm(tmp_path, [1, 1, 1]).run(FakeVideo(world))
    lost = next(one for one in ran.purchases if one.state == "UNKNOWN")
    assert lost.evidence["before"]["jobs"] < lost.evidence["after"]["jobs"]
    assert lost.evidence["says"] == "its books show 1 more than this ledger knows of"
    assert "`resolve 1 --attach ID`" in str(ran.events) or "its books show 1 more" in ran.reason(1)


async def stopped(film, store, world, after_s):
    """A run that is stopped as Ctrl-C does: the token is set, then the tasks are cancelled."""
    work = asyncio.ensure_future(film.make(store, [FakeVideo(world)], Orders(), shout))
    await asyncio.sleep(after_s)
    store.cancel.cancel()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work


@pytest.mark.parametrize("after_s", [0.1, 3.0, 9.9])
def test_a_run_stopped_while_the_post_is_out_waits_for_its_answer_and_the_next_goes_on_with_the_job(tmp_path, after_s):
    world, film = FakeProvider([Course(answer_s=10)]), PaidFilm(tmp_path)
    with open_run(tmp_path) as store:
        store.till.open(None)
        _, seconds = virtual_clock.run(stopped(film, store, world, after_s))
        assert [one.remote_id for one in store.ledger.purchases.all()] == ["job-1"]
    assert 10 <= seconds < 11
    assert film.run(FakeVideo(world)).made == [1]
    assert len(world.posts) == 1


def test_a_run_stopped_before_the_post_sends_none(tmp_path):
    world, film = FakeProvider(), PaidFilm(tmp_path)

    async def stop_at_once(store):
        store.events.listen(lambda event: store.cancel.cancel() if event.kind == "started" else None)
        await film.make(store, [FakeVideo(world)], Orders(), shout)

    with open_run(tmp_path) as store:
        store.till.open(None)
        with pytest.raises(ExceptionGroup):
            virtual_clock.run(stop_at_once(store))
        assert [one.state for one in store.ledger.purchases.all()] == ["ABANDONED"]
    assert world.posts == []
    assert film.run(FakeVideo(world)).made == [1]


# -- waiting ---------------------------------------------------------------------------------------------------------------


def test_a_job_past_the_deadline_stays_submitted_and_the_next_run_waits_on(tmp_path):
    world = FakeProvider([Course(work_s=1000)], timeout_s=600)
    ran = PaidFilm(tmp_path).run(FakeVideo(world), max_virtual_s=620)
    assert (ran.states, type(ran.outcomes[1])) == (["SUBMITTED"], Failed)
    assert "job job-1 still goes on at fake after 600 s" in ran.reason()
    again = PaidFilm(tmp_path).run(FakeVideo(world))
    assert (again.made, again.states, len(world.posts)) == ([1], ["DONE"], 1)
    assert again.seconds < 420


def test_looks_keep_the_provider_s_interval_and_drift_apart(tmp_path):
    world = FakeProvider(places=10, poll_s=5)
    PaidFilm(tmp_path, [1] * 10).run(FakeVideo(world))
    looks = [job.looks for job in world.jobs.values()]
    assert min(gap for times in looks for gap in gaps(times)) >= 5
    assert max(gap for times in looks for gap in gaps(times)) <= 6.1
    assert len({round(times[5], 1) for times in looks}) > 5


def test_few_looks_are_on_the_wire_at_once(tmp_path):
    world = FakeProvider(places=20, poll_s=5, look_s=3)
    assert len(PaidFilm(tmp_path, [1] * 20).run(FakeVideo(world)).made) == 20
    assert world.most_looks_at_once == LOOKS_AT_ONCE


@pytest.mark.parametrize(("failures", "states"), [(3, ["DONE"]), (4, ["SUBMITTED"])])
def test_a_look_that_fails_is_tried_again_as_often_as_the_settings_say(tmp_path, failures, states):
    world = FakeProvider([Course(looks=(Trouble("502"),) * failures)], max_retries=3)
    ran = PaidFilm(tmp_path).run(FakeVideo(world))
    assert (ran.states, len(world.posts)) == (states, 1)
    assert [round(gap / 5.5) for gap in gaps(world.jobs["job-1"].looks)[:3]] == [1, 2, 4]


def test_a_look_is_repeated_no_sooner_than_the_provider_says(tmp_path):
    world = FakeProvider([Course(looks=(Busy("slow down", 100), Trouble("503", 50)))])
    assert PaidFilm(tmp_path).run(FakeVideo(world)).made == [1]
    first, second, third = world.jobs["job-1"].looks[:3]
    assert second - first >= 100
    assert third - second >= 50


def test_no_wait_for_a_look_outlasts_the_deadline(tmp_path):
    world = FakeProvider([Course(looks=(Busy("come back tomorrow", 86_400),))], timeout_s=600)
    ran = PaidFilm(tmp_path).run(FakeVideo(world), max_virtual_s=620)
    assert (ran.states, len(world.posts)) == (["SUBMITTED"], 1)
    assert "come back tomorrow" in ran.reason()


def test_a_job_the_provider_knows_nothing_of_is_left_for_a_person(tmp_path):
    world = FakeProvider([Course(looks=(Refused("no such job"),))])
    ran = PaidFilm(tmp_path).run(FakeVideo(world))
    assert ran.states == ["SUBMITTED"]
    assert "no such job" in ran.reason() and "`resolve 1`" in ran.reason()


# -- fetching --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [b"", HTML, clip(1).read_bytes()[:-700], Trouble("cut"), Busy("later", 20), AddressExpired()])
def test_a_download_that_goes_wrong_is_fetched_again_and_never_bought_again(tmp_path, wrong):
    world = FakeProvider([Course(downloads=(wrong, wrong))])
    ran = PaidFilm(tmp_path).run(FakeVideo(world))
    assert (ran.made, ran.states) == ([1], ["DONE"])
    assert (len(world.posts), world.jobs["job-1"].downloads) == (1, 3)


def test_a_clip_that_cannot_be_fetched_today_is_fetched_by_the_next_run(tmp_path):
    world = FakeProvider([Course(downloads=(HTML,) * 5)], max_retries=3)
    first = PaidFilm(tmp_path).run(FakeVideo(world))
    assert (first.states, world.jobs["job-1"].downloads) == (["SUBMITTED"], 4)
    assert "is paid for and could not be fetched" in first.reason()
    assert PaidFilm(tmp_path).run(FakeVideo(world)).states == ["DONE"]
    assert len(world.posts) == 1


def test_a_clip_that_is_too_short_is_charged_kept_and_said(tmp_path):
    world = FakeProvider([Course(clip_s=1)])
    ran = PaidFilm(tmp_path, [2]).run(FakeVideo(world))
    assert "the clip lasts 1.12 s where 2 s were asked for; charged $0.20" in ran.reason()
    assert (ran.states, ran.counted_usd) == (["FAILED"], world.billed_usd)
    assert len(list((tmp_path / "takes" / "segment_01").glob("bought-1.mp4"))) == 1


def test_a_result_that_is_gone_when_it_is_looked_at_again_has_failed(tmp_path):
    class Forgetful(FakeProvider):
        async def look(self, id):
            if self.jobs[id].downloads:
                self.jobs[id].course = Course(phase="failed", reason="deleted after an hour")
            return await super().look(id)

    world = Forgetful([Course(downloads=(AddressExpired(),) * 9)])
    ran = PaidFilm(tmp_path).run(FakeVideo(world))
    assert "deleted after an hour" in ran.reason()
    assert (ran.states, ran.counted_usd) == (["FAILED"], world.billed_usd)


def test_the_file_of_a_bought_clip_that_was_lost_is_fetched_again(tmp_path):
    world = FakeProvider()
    PaidFilm(tmp_path).run(FakeVideo(world))
    with open_run(tmp_path) as store:
        store.ledger._db.change([("UPDATE purchase SET state = 'FETCHED', sha256 = ?, path = 'takes/gone.mp4'", ("1" * 64,)),
                                 ("DELETE FROM current", ()), ("DELETE FROM artifact", ())])
    ran = PaidFilm(tmp_path).run(FakeVideo(world))
    assert (ran.made, ran.states) == ([1], ["DONE"])
    assert (len(world.posts), world.jobs["job-1"].downloads) == (1, 2)


@pytest.mark.parametrize(("failed", "counted"), [(False, 0), (True, 1), (None, 1)])
def test_what_a_failed_job_cost_where_nobody_says_is_what_the_price_list_says_or_the_bound(tmp_path, failed, counted):
    world = FakeProvider([Course(phase="failed", reason="oops", tells=False)], charged_when_failed=failed)
    assert PaidFilm(tmp_path).run(FakeVideo(world)).counted_usd == counted * world.bound_usd(1)
