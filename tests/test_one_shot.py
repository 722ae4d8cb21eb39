"""A segment is one shot: a model that would cut within a clip is told so, within what its prompt may hold."""

from dataclasses import replace
from typing import Any

import pytest

import prompt_planner
from catalogue import load
from runtime.answers import Refused
from tests import planned
from tests.fake_provider import Course, FakeProvider, FakeVideo
from tests.paid_film import PaidFilm
from timeline import ONE_SHOT, in_one_shot


class Cutter(FakeVideo):
    """Makes several shots of a clip unless it is told not to."""

    name = section = provider = "cutter"

    @property
    def capabilities(self):
        return replace(super().capabilities, tends_to_cut=True)


def told(prompt, limit=None, backend=Cutter):
    return in_one_shot(prompt, [backend(FakeProvider(prompt_limit=limit))])


def test_just_who_would_cut_is_told_and_only_once():
    assert told("A fox runs.") == f"A fox runs. {ONE_SHOT}" == told(told("A fox runs."))
    assert told("A fox runs.", backend=FakeVideo) == "A fox runs." and told(" ") == " "


@pytest.mark.parametrize("prompt", ["One unbroken shot of a fox.", "A fox, in a single take.", "A fox. No cuts.",
                                    "A fox, without any scene cuts."])
def test_a_prompt_that_says_so_itself_stays_as_it_is(prompt):
    assert told(prompt) == prompt


def test_where_there_is_no_room_the_prompt_stays_as_it_is():
    assert told("x" * 60, limit=60 + len(ONE_SHOT) + 1).endswith(ONE_SHOT)
    assert told("x" * 60, limit=60 + len(ONE_SHOT)) == "x" * 60


def test_plans_leave_room_for_it():
    can: dict[str, Any] = {"prompt_limit": 400, "tends_to_cut": True, "last_frame": True}
    board = prompt_planner.plan_offline(planned.request(4, **can))
    assert all(len(one.video_prompt) + 1 + len(ONE_SHOT) <= 400 for one in board.segments)
    assert prompt_planner._brief(planned.request(4, **can)).limit == 400 - 1 - len(ONE_SHOT)


def test_it_is_asked_for_and_a_clip_that_was_made_without_it_counts_on(tmp_path):
    world = FakeProvider()
    PaidFilm(tmp_path).run(FakeVideo(world))
    ran = PaidFilm(tmp_path).run(FakeVideo(world), Cutter(FakeProvider()))  # it may fall back on one that cuts by now
    assert (ran.made, len(world.posts)) == ([1], 1)
    world = FakeProvider()
    PaidFilm(tmp_path / "new").run(Cutter(world))
    assert world.posts[0].request.prompt.endswith(ONE_SHOT)


def test_a_refusal_is_answered_in_other_words_as_ever(tmp_path):
    refused = [Course(refuse=Refused("not this", refusal="input")), Course()]
    world = FakeProvider(refused)
    ran = PaidFilm(tmp_path).run(Cutter(world))
    assert ran.made == [1] and [post.request.prompt.isupper() for post in world.posts] == [False, True]


def test_the_models_of_the_catalogue_that_cut_are_known():
    found = {model.id for vendor in load().providers.values() for model in vendor.video.values() if model.tends_to_cut}
    assert found == {"gemini_omni_flash", "gemini_omni_flash_1.1", "gemini-omni-1.1-flash", "gemini-omni-1.2-flash"}
