"""Clips that are paid and cannot be used, and other words that are too long: what is bought after them, and what is said."""

from dataclasses import replace
from decimal import Decimal

from commands.offer_words import warnings
from consent import Offer
from cost_estimator import CostEstimate
from runtime.run_store import open_run
from tests.bought import done, failed, intent
from tests.fake_provider import Course, FakeProvider, FakeVideo, StandIn, output_refused
from tests.paid_film import PaidFilm

SHORT = Course(clip_s=1)


def test_a_model_that_delivers_wrong_lengths_is_paid_for_two_clips_and_then_for_one_a_run(tmp_path):
    world, film = FakeProvider([SHORT], places=1), PaidFilm(tmp_path, [5] * 6)
    spent = []
    for _ in range(3):
        film.run(FakeVideo(world))
        spent.append(len(world.posts))
    assert spent == [2, 3, 4]


def test_a_model_that_is_mended_is_bought_of_as_before(tmp_path):
    world, film = FakeProvider([SHORT, SHORT, Course()], places=1), PaidFilm(tmp_path, [5] * 4)
    assert (film.run(FakeVideo(world)).made, film.run(FakeVideo(world)).made) == ([], [1, 2, 3, 4])


def test_another_model_of_the_same_provider_is_not_blamed(tmp_path):
    with open_run(tmp_path) as run:
        bought = run.ledger.purchases
        for model in ("tiny", "tiny", "grand"):
            failed(bought, intent(model=model))
        assert [len(bought.in_vain("runway", model)) for model in ("tiny", "grand", "none")] == [2, 1, 0]
        done(bought, intent(model="tiny"))
        assert bought.in_vain("runway", "tiny") == []
        assert bought.models() == {("runway", "tiny"), ("runway", "grand")}


def test_who_is_asked_to_buy_hears_what_was_bought_in_vain(tmp_path):
    with open_run(tmp_path) as run:
        vain = [failed(run.ledger.purchases, intent(1, model="tiny")), failed(run.ledger.purchases, intent(2, model="tiny"))]
    (said,) = warnings(Offer(CostEstimate.__new__(CostEstimate), None, Decimal(0), [], [vain]))
    assert "runway tiny has delivered nothing for this film that can be used, and charged $0.50 for 2: the model broke" in said


async def longer(prompt, reason):
    from moderation import Reworded

    return Reworded(prompt + " and very much more", "longer")


def test_other_words_that_are_too_long_are_not_sent_but_a_fallback_is_asked_with_the_plans_own(tmp_path):
    course = replace(output_refused(), refusal="input")
    world, other = FakeProvider([course], prompt_limit=12), FakeProvider()
    ran = PaidFilm(tmp_path).run(FakeVideo(world), StandIn(other), reword=longer)
    assert (len(world.posts), [post.request.prompt for post in other.posts], ran.made) == (1, ["a fox 1"], [1])
    assert ran.said("in other words it cannot be asked for (the prompt has 26 characters, it takes 12)")
