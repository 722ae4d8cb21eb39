"""Which frames of the film each segment owns."""

from fractions import Fraction

import pytest

from media.film_format import FilmFormat, Size
from storyboard import Segment, Storyboard
from timeline import film_frames, longest_tail, timeline
from video_generator_interface import Capabilities, Durations

FILM = FilmFormat(Size(1280, 720), Fraction(24))


def board(*joins, seconds=5.0, dissolve_s=None):
    return Storyboard(title="t", segments=tuple(
        Segment(index=index, seconds=seconds, video_prompt="p", first_keyframe_prompt="f", last_keyframe_prompt="l", join=join,
                dissolve_s=dissolve_s if join == "dissolve" else None) for index, join in enumerate(joins, start=1)))


def model(rate=24, frames=lambda seconds: round(seconds * 24) + 1, **durations):
    limits = Durations(**(durations or {"least_s": 0.5, "most_s": 20, "step_s": 0.1}))
    return Capabilities(durations=limits, frames=frames, fps=Fraction(rate))


def test_six_segments_of_five_seconds_are_720_frames():
    plan = timeline(board("cut", *["continuous"] * 5), model(), FILM)
    assert plan.frames == 720
    assert [(span.start, span.end) for span in plan.spans][:2] == [(0, 120), (120, 240)]


def test_a_cut_takes_no_frame_from_anybody():
    assert timeline(board("cut", "cut", "continuous"), model(), FILM).frames == 360


def test_wan_s_81_frames_at_16_fps_fill_five_seconds():
    wan = model(16, lambda seconds: 81, choices=(5.0,))
    assert timeline(board("cut", "continuous"), wan, FILM).frames == 240


def test_a_model_without_an_extra_frame_gives_a_film_that_is_a_frame_shorter_a_segment():
    veo = model(24, lambda seconds: round(seconds * 24), choices=(8.0,))
    assert timeline(board("cut", "continuous", seconds=8.0), veo, FILM).frames == 2 * 191


def test_a_dissolve_is_asked_for_on_top_where_the_model_can():
    plan = timeline(board("cut", "dissolve", dissolve_s=0.5), model(), FILM)
    assert plan.frames == 240
    assert (plan.span(2).asked_s, plan.span(2).lead, plan.span(2).clip_frames) == (5.5, 12, 133)


def test_where_it_cannot_the_film_is_shorter_by_the_dissolve():
    fixed = model(24, lambda seconds: 121, choices=(5.0,))
    plan = timeline(board("cut", "dissolve", dissolve_s=0.5), fixed, FILM)
    assert (plan.frames, plan.span(2).asked_s, plan.span(2).lead) == (228, 5.0, 12)


@pytest.mark.parametrize(("delivered", "rate", "frames"), [(81, 16, 121), (121, 24, 121), (145, 30, 116), (1, 16, 1)])
def test_first_and_last_frame_stay_where_they_are_at_the_film_s_rate(delivered, rate, frames):
    assert film_frames(delivered, Fraction(rate), FILM) == frames


def test_what_has_most_of_the_film_behind_it_comes_first():
    tails = longest_tail(timeline(board("cut", "continuous", "continuous"), model(), FILM).spans)
    assert tails[1] > tails[2] > tails[3] == 120


def test_a_time_code_counts_frames():
    plan = timeline(board("cut"), model(), FILM)
    assert plan.time_code(24 * 3661 + 7) == "01:01:01:07"
