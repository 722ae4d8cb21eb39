"""What follows on a provider's objection."""

import pytest

import moderation
from generators.remote_protocol import Refused
from moderation import Next
from runtime.purchases import Purchase
from tests.fake_provider import PLAIN, Course, FakeProvider, FakeVideo, StandIn, output_refused
from tests.paid_film import PaidFilm, speechless

PLAN = "a fox in the snow"


def refusals(*said):
    """(prompt, side) of each, oldest first."""
    return [Purchase(number, "clip segment_01", "w", "job", "fake", "tiny", {"prompt": prompt}, "FAILED", None, None, None, "",
                     side, "no", {}, None, None, 0.0, None, 0.0) for number, (prompt, side) in enumerate(said, 1)]


@pytest.mark.parametrize(("refused", "then"), [
    ([], Next()),
    ([(PLAN, "output")], Next()),
    ([(PLAN, "unknown")], Next()),
    ([(PLAN, "input")], Next(rewrite=True)),
    ([(PLAN, "output"), (PLAN, "output")], Next(rewrite=True)),
    ([(PLAN, "output"), (PLAN, "input")], Next(rewrite=True)),
])
def test_the_words_change_when_they_were_the_trouble_or_a_second_try_did_not_help(refused, then):
    assert moderation.after(refusals(*refused), PLAN) == then


def test_what_was_refused_in_other_words_too_is_over():
    step = moderation.after(refusals((PLAN, "input"), ("other words", "output")), PLAN)
    assert step.over == "refused 2 times, in other words too"


def test_an_output_refused_is_bought_once_more_as_it_was_then_in_other_words_and_then_no_more(tmp_path):
    world = FakeProvider([output_refused()])
    ran = PaidFilm(tmp_path).run(FakeVideo(world))
    assert [post.request.prompt for post in world.posts] == ["a fox 1", "a fox 1", "A FOX 1"]
    assert len({post.request.seed for post in world.posts}) == 3
    assert [(one.state, one.refusal) for one in ran.purchases] == [("FAILED", "output")] * 3
    assert "refused 3 times, in other words too: the result was filtered" in ran.reason()
    assert ran.said("asking in other words: in capitals")


def test_words_refused_at_once_change_at_once(tmp_path):
    world = FakeProvider([Course(refuse=Refused("unfit words", refusal="input")), PLAIN])
    ran = PaidFilm(tmp_path).run(FakeVideo(world))
    assert [post.request.prompt for post in world.posts] == ["a fox 1", "A FOX 1"]
    assert (ran.made, ran.states) == ([1], ["REFUSED", "DONE"])
    assert [one.asked["prompt"] for one in ran.purchases] == ["a fox 1", "A FOX 1"]


def test_a_planner_without_other_words_ends_it_and_says_so(tmp_path):
    world = FakeProvider([output_refused()])
    ran = PaidFilm(tmp_path).run(FakeVideo(world), reword=speechless)
    assert len(world.posts) == 2
    assert "no other words were found for it: edit its prompt" in ran.reason()


def test_what_a_refused_job_cost_is_counted(tmp_path):
    world = FakeProvider([output_refused(billed=1), output_refused(billed=1), PLAIN])
    ran = PaidFilm(tmp_path).run(FakeVideo(world))
    assert ran.counted_usd == world.billed_usd == 3 * world.bound_usd(1)


def test_the_next_provider_gets_the_words_of_the_plan(tmp_path):
    world, other = FakeProvider([output_refused()]), FakeProvider()
    ran = PaidFilm(tmp_path).run(FakeVideo(world), StandIn(other))
    assert [post.request.prompt for post in other.posts] == ["a fox 1"]
    assert ran.made == [1]
