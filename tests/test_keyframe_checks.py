"""What is wrong with a keyframe, told before a clip is bought from it."""

from itertools import combinations

import numpy as np
import pytest

from keyframe_checks import Neighbour, asks_for_motion, findings, shape_finding
from media import frames
from media.film_format import Size
from tests.fake_painter import PLAIN, Painter, Stroke, Studio, scenery
from tests.painted_film import PaintedFilm, segment
from tests.test_scores import NAMES, blurred, encoded, moved, photograph

WIDE = Size(160, 90)


@pytest.fixture
def saved(tmp_path):
    def save(rgb, name="picture"):
        frames.save_png(rgb, tmp_path / f"{name}.png")
        return tmp_path / f"{name}.png"
    return save


def after(saved, before, picture, **fields):
    return findings(saved(picture), Neighbour(saved(before, "before"), segment(2, **fields)))


@pytest.mark.parametrize("name", NAMES)
def test_a_photograph_is_sound_alone_and_behind_itself_as_the_camera_moves(saved, name):
    rgb = photograph(name)
    assert findings(saved(rgb)) == shape_finding(saved(rgb), Size(rgb.shape[1], rgb.shape[0]), WIDE) == []
    for other in (moved(rgb, 1.25), moved(rgb, 1, 0.15), np.uint8(rgb * 0.5), np.uint8(rgb * (1, 0.95, 0.7))):
        assert after(saved, rgb, other) == []


def test_a_blank_one_is_told(saved):
    assert findings(saved(np.full((90, 160, 3), 17, np.uint8))) == ["it is blank"]


@pytest.mark.parametrize("part", [0.01, 0.03])
def test_one_blurred_by_a_filter_is_told(saved, part):
    (said,) = findings(saved(blurred(photograph("astronaut"), part)))
    assert "blurred" in said


@pytest.mark.parametrize("name", NAMES)
def test_nearly_the_picture_before_would_stand_still(saved, name):
    (said,) = after(saved, photograph(name), encoded(photograph(name)))
    assert "nearly identical" in said


def test_where_nothing_is_to_move_they_may_be_the_same(saved):
    rgb = photograph("coffee")
    assert after(saved, rgb, rgb, video_prompt="A cup on a table, motionless.") == []
    assert asks_for_motion(segment(2, video_prompt="motionless", camera={"move": "push_in"}))


def test_another_picture_in_the_same_scene_is_told_for_most_that_are(saved):
    pairs = list(combinations(NAMES[:7], 2))
    told = [bool(after(saved, photograph(one), photograph(other))) for one, other in pairs]
    assert sum(told) > 0.6 * len(pairs)


def test_another_shape_than_asked_for_is_told_and_another_size_is_not(saved):
    rgb = photograph("coffee")
    assert shape_finding(saved(rgb), Size(896, 598), WIDE) == []
    assert shape_finding(saved(rgb), Size(600, 600), Size(90, 160)) == ["it is 448x299, where 600x600 was asked for"]


def test_a_shape_nearer_to_the_films_than_what_was_asked_for_is_no_fault(saved):
    rgb = photograph("coffee")
    assert shape_finding(saved(rgb), Size(600, 600), WIDE) == []
    assert shape_finding(saved(rgb), Size(600, 500), Size(600, 500))


def flat(request):
    return np.full((request.size.height, request.size.width, 3), 90, np.uint8)


def test_a_blank_one_that_was_paid_is_bought_again_and_the_better_counts(tmp_path):
    studio = Studio([Stroke(picture=flat), PLAIN])
    ran = PaintedFilm(tmp_path).run(Painter(studio, places=1))
    assert (len(studio.posts), ran.said("it is blank (it is made again, 1 of 1)")) == (3, True)
    assert findings(ran.keyframe().path) == []
    again = PaintedFilm(tmp_path).run(Painter(studio))
    assert (len(studio.posts), again.keyframe().sha256) == (3, ran.keyframe().sha256)


@pytest.mark.parametrize(("rerolls", "posts"), [(0, 2), (1, 4), (3, 8)])
def test_the_budget_of_rerolls_is_kept_and_what_stays_is_reported(tmp_path, rerolls, posts):
    studio = Studio([Stroke(picture=flat)])
    ran = PaintedFilm(tmp_path, settings={"keyframes": {"rerolls": rerolls}}).run(Painter(studio))
    assert (len(studio.posts), len(ran.made), ran.said("it is blank")) == (posts, 2, True)
    assert len(PaintedFilm(tmp_path).run(Painter(studio)).made) == 2
    assert len(studio.posts) == posts


def test_of_what_is_free_it_is_only_said(tmp_path):
    class Free(Painter):
        charges = False

    studio = Studio([Stroke(picture=flat)])
    ran = PaintedFilm(tmp_path).run(Free(studio))
    assert (len(studio.posts), ran.said("it is blank"), ran.said("made again")) == (2, True, False)


def test_one_like_its_neighbour_is_bought_again(tmp_path):
    studio = Studio(lambda number, request: Stroke(picture=lambda _: scenery(request.size, 1 if number < 3 else 2)))
    ran = PaintedFilm(tmp_path).run(Painter(studio, places=1))
    assert [one.node for one in ran.events if "nearly identical" in one.text] == ["keyframe segment_01"]
    assert ran.keyframe("segment_00").sha256 != ran.keyframe("segment_01").sha256


def test_when_no_other_can_be_bought_the_first_stays(tmp_path):
    ran = PaintedFilm(tmp_path).run(Painter(Studio([Stroke(picture=flat)]), places=1), cap="0.08")
    assert (len(ran.made), ran.states) == (2, ["DONE", "DONE"])
