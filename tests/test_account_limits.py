"""What an account may not: a wrong key, a tier that allows nothing, a day that is used up; each said with what to do."""

import asyncio

import pytest

import film
from errors import SegmentsFailed
from generators.remote_poller import account, poller_of
from runtime.outcome import Failed
from tests import tiny_runway
from tests.fake_provider import FakeProvider, FakeVideo
from tests.paid_film import PaidFilm


def bought(folder, segments=(1, 1), *, backends=(), **how):
    with tiny_runway.serve(**how) as server:
        asked = tiny_runway.backend(server.url, parallel=1)
        ran = PaidFilm(folder, segments, film=tiny_runway.FILM).run(asked, *backends, really=True)
    return ran, server, asked


def test_a_key_that_is_refused_is_named_in_the_last_advice_with_where_it_comes_from(tmp_path):
    ran, server, _ = bought(tmp_path, faults="401*9")
    assert len(server.posts) == 1
    with pytest.raises(SegmentsFailed) as told:
        film.refuse_holes(ran.outcomes, "")
    assert told.value.advice == ("give a key that is good: RUNWAYML_API_SECRET or runway_ml.api_key; `doctor --online` tries "
                                 "it; then running again makes just those")


def test_an_account_without_credit_is_not_told_to_change_its_key(tmp_path):
    ran, _, _ = bought(tmp_path, faults="402*9")
    (outcome, _) = ran.outcomes.values()
    assert isinstance(outcome, Failed) and "credit" in outcome.advice and "RUNWAYML_API_SECRET" not in outcome.advice


@pytest.mark.parametrize("tier", [{"concurrent": 0}, {"daily": 0}])
def test_a_tier_that_allows_nothing_is_said_and_nothing_is_sent(tmp_path, tier):
    ran, server, _ = bought(tmp_path, **tier)
    assert (len(server.posts), ran.purchases) == (0, [])
    assert "makes no tiny for this account: the tier of this organization allows no job of it" in ran.reason(2)
    assert "raise the tier" in ran.outcomes[1].advice


def test_a_day_that_is_used_up_is_said_and_is_no_reason_for_a_fallback(tmp_path):
    other = FakeProvider()
    ran, server, _ = bought(tmp_path, (1, 1), backends=[FakeVideo(other)], daily=1)
    assert (len(ran.made), len(server.posts), other.posts) == (1, 1, [])
    assert "takes no more tiny for now: all 1 jobs of a day" in ran.reason(3 - ran.made[0])


def test_the_free_call_says_what_the_tier_does_not_allow():
    with tiny_runway.serve(concurrent=0, daily=5) as server:
        assert "0 at once, 0 of 5 today - the tier of this organization" in asyncio.run(
            tiny_runway.backend(server.url, parallel=1).prove())


def test_backends_that_ask_one_account_share_one_poller_and_others_do_not():
    one, same = (tiny_runway.backend("http://127.0.0.1:9", parallel=1) for _ in range(2))
    other = tiny_runway.backend("http://127.0.0.1:10", parallel=1)
    assert one.poller is same.poller and one.poller is not other.poller
    key = other.options.model_copy(update={"api_key": None})
    assert poller_of(account("runway", key)) is not other.poller
