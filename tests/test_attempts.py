"""Who is asked for a clip, in what order, and when nobody else may be."""

from dataclasses import replace

import pytest

from generators.remote_protocol import Busy, Refused, Trouble
from orders import Orders
from runtime.outcome import Blocked, Failed, Unresolved
from tests.fake_provider import PLAIN, Course, FakeProvider, FakeVideo, StandIn, output_refused
from tests.paid_film import PaidFilm

FAILED = Course(phase="failed", reason="internal error", billed=0)
BAD = Course(phase="failed", reason="a grey mess", again=True, billed=0)
STUCK = Course(work_s=None)


def test_what_was_refused_in_an_earlier_run_is_not_tried_again(tmp_path):
    world = FakeProvider([output_refused()])
    PaidFilm(tmp_path).run(FakeVideo(world))
    again = PaidFilm(tmp_path).run(FakeVideo(world))
    assert len(world.posts) == 3
    assert "refused 3 times" in again.reason()


def test_a_run_goes_on_where_the_one_before_had_come_to_in_its_tries(tmp_path):
    world = FakeProvider([output_refused(), replace(output_refused(), work_s=900), PLAIN])
    first = PaidFilm(tmp_path).run(FakeVideo(world))
    assert first.states == ["FAILED", "SUBMITTED"]
    second = PaidFilm(tmp_path).run(FakeVideo(world))
    assert second.states == ["FAILED", "FAILED", "DONE"]
    assert [post.request.prompt for post in world.posts] == ["a fox 1", "a fox 1", "A FOX 1"]


def test_redo_asks_again_from_the_start_and_another_run_does_not(tmp_path):
    world = FakeProvider([output_refused()])
    PaidFilm(tmp_path).run(FakeVideo(world))
    PaidFilm(tmp_path).run(FakeVideo(world), orders=Orders(redo=frozenset({1})))
    assert [post.request.prompt for post in world.posts] == ["a fox 1", "a fox 1", "A FOX 1"] * 2


def test_an_unusable_output_is_asked_for_once_more_with_another_seed(tmp_path):
    world = FakeProvider([BAD, PLAIN])
    ran = PaidFilm(tmp_path).run(FakeVideo(world))
    assert (ran.made, ran.states) == ([1], ["FAILED", "DONE"])
    assert world.posts[0].request.seed != world.posts[1].request.seed
    assert world.posts[0].request.prompt == world.posts[1].request.prompt


def test_two_unusable_outputs_are_enough(tmp_path):
    world, other = FakeProvider([BAD]), FakeProvider()
    ran = PaidFilm(tmp_path).run(FakeVideo(world), StandIn(other))
    assert (len(world.posts), len(other.posts), ran.made) == (2, 1, [1])


@pytest.mark.parametrize("course", [FAILED, Course(phase="cancelled"), Course(refuse=Refused("404")), Course(clip_s=3),
                                    Course(refuse=Refused("no credits", account=True)), output_refused()])
def test_after_a_verified_failure_the_fallback_makes_it_and_that_take_counts(tmp_path, course):
    world, other = FakeProvider([course]), FakeProvider()
    ran = PaidFilm(tmp_path).run(FakeVideo(world), StandIn(other))
    assert ran.clip().made_by == "stand-in"
    before = len(world.posts)
    again = PaidFilm(tmp_path).run(FakeVideo(world), StandIn(other))
    assert (again.made, len(world.posts), len(other.posts)) == ([1], before, 1)


@pytest.mark.parametrize(("course", "ends"), [
    (Course(lost="before"), Unresolved), (Course(lost="after"), Unresolved), (Course(refuse=Trouble("502")), Unresolved),
    (Course(refuse=ValueError("not JSON")), Unresolved), (STUCK, Failed), (Course(refuse=Busy("429", 30)), Failed),
    (Course(looks=(Trouble("500"),) * 9), Failed), (Course(looks=(Refused("unknown job"),)), Failed),
    (Course(looks=(ValueError("a new status"),)), Failed), (Course(downloads=(Trouble("cut"),) * 9), Failed),
    (Course(downloads=(KeyError("output"),)), Failed),
])
def test_no_fallback_while_a_purchase_may_have_arrived_or_goes_on(tmp_path, course, ends):
    world, other = FakeProvider([course]), FakeProvider()
    ran = PaidFilm(tmp_path).run(FakeVideo(world), StandIn(other))
    assert type(ran.outcomes[1]) is ends
    assert (other.posts, other.looks) == ([], 0)
    assert ran.states[-1] in ("UNKNOWN", "SUBMITTED", "THROTTLED")


def test_no_fallback_for_want_of_room_under_the_cap(tmp_path):
    world, other = FakeProvider(), FakeProvider(usd_per_second="0.01")
    ran = PaidFilm(tmp_path).run(FakeVideo(world), StandIn(other), cap="0.09")
    assert isinstance(ran.outcomes[1], Blocked) and ran.outcomes[1].by == "budget"
    assert world.posts == other.posts == []


def test_an_unresolved_purchase_is_never_bought_again_by_any_run(tmp_path):
    world, other = FakeProvider([Course(lost="after"), PLAIN]), FakeProvider()
    for _ in range(3):
        ran = PaidFilm(tmp_path, [1, 1]).run(FakeVideo(world), StandIn(other))
    assert ran.outcomes[1] == Unresolved(ran.reason(1), (1,))
    assert ran.made == [2]
    assert (len(world.posts), len(other.posts)) == (2, 0)


def test_what_a_fallback_cannot_do_is_said_and_left_out(tmp_path):
    world = FakeProvider([FAILED], audio=True)
    other = FakeProvider(last_frame=False)
    ran = PaidFilm(tmp_path, audio=True).run(FakeVideo(world), StandIn(other))
    assert ran.made == [1]
    assert ran.said("stand-in stands in: it takes no last keyframe")
    assert ran.said("stand-in stands in: it makes no sound")
    assert (other.posts[0].request.last_frame, other.posts[0].request.audio) == (None, False)


def test_a_fallback_that_cannot_make_it_at_all_says_why(tmp_path):
    other = FakeProvider(prompt_limit=3)
    ran = PaidFilm(tmp_path).run(FakeVideo(FakeProvider([FAILED])), StandIn(other))
    assert "fake: internal error; stand-in cannot make it: the prompt has 7 characters, it takes 3" in ran.reason()
    assert other.posts == []


def test_a_job_out_at_the_fallback_is_waited_for_there(tmp_path):
    world, other = FakeProvider([FAILED]), FakeProvider([Course(work_s=1000)])
    assert PaidFilm(tmp_path).run(FakeVideo(world), StandIn(other)).states == ["FAILED", "SUBMITTED"]
    ran = PaidFilm(tmp_path).run(FakeVideo(world), StandIn(other))
    assert (ran.made, ran.states) == ([1], ["FAILED", "DONE"])
    assert (len(world.posts), len(other.posts)) == (1, 1)


def test_a_job_out_at_a_fallback_that_could_not_be_asked_today_is_waited_for_all_the_same(tmp_path):
    world, other = FakeProvider([FAILED]), FakeProvider([Course(work_s=1000)])
    PaidFilm(tmp_path).run(FakeVideo(world), StandIn(other))
    other.prompt_limit = 3
    ran = PaidFilm(tmp_path).run(FakeVideo(world), StandIn(other))
    assert (ran.made, len(other.posts)) == ([1], 1)


@pytest.mark.parametrize(("course", "ends"), [(STUCK, Failed), (Course(lost="after"), Unresolved)])
def test_a_purchase_at_a_backend_the_config_no_longer_names_is_not_bought_elsewhere(tmp_path, course, ends):
    world = FakeProvider([FAILED])
    PaidFilm(tmp_path).run(FakeVideo(world), StandIn(FakeProvider([course])))
    ran = PaidFilm(tmp_path).run(FakeVideo(world))
    assert type(ran.outcomes[1]) is ends
    assert "stand-in" in ran.reason()
    assert len(world.posts) == 1


def test_two_segments_with_the_same_wish_buy_once(tmp_path):
    world = FakeProvider()
    ran = PaidFilm(tmp_path, [1, 1, 1], alike=True).run(FakeVideo(world))
    assert (ran.made, len(world.posts)) == ([1, 2, 3], 1)
    assert len({ran.clip(number).sha256 for number in ran.made}) == 1


def test_a_clip_that_does_not_fit_the_plan_is_charged_and_not_taken_again(tmp_path):
    world = FakeProvider([Course(clip_s=3), PLAIN])
    first = PaidFilm(tmp_path).run(FakeVideo(world))
    assert "the clip lasts 3.1" in first.reason()
    assert (first.states, first.counted_usd) == (["FAILED"], world.billed_usd)
    assert PaidFilm(tmp_path).run(FakeVideo(world)).states == ["FAILED", "DONE"]


def test_a_take_that_was_to_be_redone_is_fetched_by_a_run_that_redoes_nothing(tmp_path):
    world = FakeProvider([PLAIN, STUCK, PLAIN])
    PaidFilm(tmp_path).run(FakeVideo(world))
    PaidFilm(tmp_path).run(FakeVideo(world), orders=Orders(redo=frozenset({1})))
    world.jobs["job-2"].ends_at = 0
    ran = PaidFilm(tmp_path).run(FakeVideo(world))
    assert (ran.clip().take, ran.states, len(world.posts)) == (2, ["DONE", "DONE"], 2)


@pytest.mark.parametrize("ends_at", [None, 0])
def test_the_take_there_is_counts_on_when_nothing_comes_of_another(tmp_path, ends_at):
    world = FakeProvider([PLAIN, replace(FAILED, work_s=None)])
    PaidFilm(tmp_path).run(FakeVideo(world))
    PaidFilm(tmp_path).run(FakeVideo(world), orders=Orders(redo=frozenset({1})))
    world.jobs["job-2"].ends_at = ends_at
    ran = PaidFilm(tmp_path).run(FakeVideo(world))
    assert (ran.clip().take, len(world.posts)) == (1, 2)


def test_a_redo_whose_answer_was_lost_keeps_no_film_from_being_made(tmp_path):
    world = FakeProvider([PLAIN, Course(lost="after")])
    PaidFilm(tmp_path).run(FakeVideo(world))
    PaidFilm(tmp_path).run(FakeVideo(world), orders=Orders(redo=frozenset({1})))
    ran = PaidFilm(tmp_path).run(FakeVideo(world))
    assert (ran.clip().take, ran.states, len(world.posts)) == (1, ["DONE", "UNKNOWN"], 2)


def test_a_backend_that_was_paid_for_nothing_of_use_twice_is_asked_no_more_in_this_run(tmp_path):
    world = FakeProvider([Course(clip_s=3)], places=1)
    ran = PaidFilm(tmp_path, seconds=(1,) * 5).run(FakeVideo(world))
    assert (ran.states, ran.made) == (["FAILED", "FAILED"], [])
    assert sum("buys no more of it" in ran.reason(segment) for segment in range(1, 6)) == 3


def test_a_backend_that_has_made_one_clip_of_use_is_asked_on(tmp_path):
    world = FakeProvider([PLAIN, Course(clip_s=3)], places=1)
    ran = PaidFilm(tmp_path, seconds=(1,) * 5).run(FakeVideo(world))
    assert (len(world.posts), len(ran.made)) == (5, 1)


def test_a_fallback_that_is_passed_over_is_named_with_the_reason(tmp_path):
    world, other = FakeProvider([FAILED]), FakeProvider(prompt_limit=3)
    ran = PaidFilm(tmp_path).run(FakeVideo(world), StandIn(other))
    assert ran.said("stand-in cannot make it: the prompt has 7 characters, it takes 3") and other.posts == []
