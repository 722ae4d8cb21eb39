"""What becomes of purchases for a plan that was changed since, at the end of a run of another one."""

from dataclasses import replace
from pathlib import Path

from orders import Orders
from tests.fake_provider import PLAIN, Course, FakeProvider, FakeVideo, StandIn
from tests.paid_film import PaidFilm, Ran

STUCK = Course(work_s=None)


def earlier(folder: Path) -> PaidFilm:
    return PaidFilm(folder, negative="rain")


def planned_anew(folder: Path, course: Course, ends_at: float | None = 0, by: type[FakeVideo] = FakeVideo,
                 ) -> tuple[FakeProvider, Ran]:
    """A film of one segment bought with one plan and made with another, and what the second run came to."""
    world = FakeProvider([course, PLAIN])
    earlier(folder).run(FakeVideo(world))
    for job in world.jobs.values():
        job.ends_at = ends_at
    return world, PaidFilm(folder).run(by(world))


def test_a_paid_clip_of_an_earlier_plan_is_fetched_and_found_when_the_edit_is_taken_back(tmp_path):
    world, ran = planned_anew(tmp_path, STUCK)
    assert (ran.made, ran.states) == ([1], ["FETCHED", "DONE"])
    assert ran.said("its clip is kept") and not [*tmp_path.rglob("*.part")]
    back = earlier(tmp_path).run(FakeVideo(world))
    assert (back.made, back.states, len(world.posts)) == ([1], ["DONE", "DONE"], 2)


def test_a_job_of_an_earlier_plan_that_goes_on_is_looked_at_once_and_left(tmp_path):
    world, ran = planned_anew(tmp_path, STUCK, ends_at=None)
    before = len(world.jobs["job-1"].looks)
    again = PaidFilm(tmp_path).run(FakeVideo(world))
    assert (ran.states, again.seconds < 60) == (["SUBMITTED", "DONE"], True)
    assert len(world.jobs["job-1"].looks) == before + 1


def test_a_job_of_an_earlier_plan_that_failed_costs_what_it_cost_and_is_not_bought_again(tmp_path):
    world, ran = planned_anew(tmp_path, replace(STUCK, phase="failed", reason="a mess", again=True, billed=0))
    assert (ran.made, ran.states, len(world.posts)) == ([1], ["FAILED", "DONE"], 2)


def test_a_lost_answer_of_an_earlier_plan_is_told_of_by_every_run(tmp_path):
    world, ran = planned_anew(tmp_path, Course(lost="after"))
    assert ran.states == ["UNKNOWN", "DONE"] and ran.said("`resolve 1`")
    assert PaidFilm(tmp_path).run(FakeVideo(world)).said("`resolve 1`")


def test_a_lost_answer_that_ends_the_run_is_told_of_once(tmp_path):
    ran = PaidFilm(tmp_path).run(FakeVideo(FakeProvider([Course(lost="after")])))
    assert ran.reason() and not ran.said("for another plan")


def test_a_job_at_a_provider_that_the_config_does_not_name_any_more_is_named(tmp_path):
    world, ran = planned_anew(tmp_path, STUCK, by=StandIn)
    assert ran.states == ["SUBMITTED", "DONE"] and ran.said("is out at fake, which this config does not name")
    assert len(world.posts) == 2


def test_what_only_leaves_out_is_fetched_too_when_it_is_ready(tmp_path):
    world = FakeProvider([STUCK])
    PaidFilm(tmp_path, seconds=(1, 1)).run(FakeVideo(world))
    for job in world.jobs.values():
        job.ends_at = 0
    ran = PaidFilm(tmp_path, seconds=(1, 1)).run(FakeVideo(world), orders=Orders(only=frozenset({2})))
    assert sorted(ran.states) == ["DONE", "FETCHED"]
