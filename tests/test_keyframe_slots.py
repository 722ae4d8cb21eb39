"""Which keyframes a film needs, and where the camera stands."""

from keyframe_slots import closing, framings, opening, slots
from orders import Orders
from storyboard import Camera, Segment, Storyboard


def board(*parts):
    return Storyboard(title="t", segments=tuple(
        Segment(index=index, seconds=2, video_prompt="p", first_keyframe_prompt="f", last_keyframe_prompt="l", join=join,
                camera=Camera(shot=shot, move=move)) for index, (join, shot, move) in enumerate(parts, start=1)))


CUT, ON = ("cut", "wide", "static"), ("continuous", "wide", "static")


def names(storyboard, mode="keyframe", only=None):
    return [slot.name for slot in slots(storyboard, mode, Orders(only=frozenset(only) if only else None))]


def test_a_continuous_segment_shares_the_keyframe_before_it_and_a_cut_brings_its_own():
    assert names(board(CUT, ON, CUT)) == ["segment_00", "segment_01", "segment_02", "segment_03_first", "segment_03"]


def test_chaining_needs_only_what_opens_a_scene():
    assert names(board(CUT, ON, CUT, ON), "chaining") == ["segment_00", "segment_03_first"]


def test_one_segment_needs_its_own_two_and_in_chaining_the_opening_of_its_scene():
    assert names(board(CUT, ON, ON), only=[2]) == ["segment_01", "segment_02"]
    assert names(board(CUT, ON, CUT, ON), "chaining", only=[4]) == ["segment_03_first"]


def test_segment_100_comes_after_segment_99():
    found = names(board(CUT, *[ON] * 119))
    assert found[99:102] == ["segment_99", "segment_100", "segment_101"]


def test_the_camera_moves_along_a_scene_and_starts_anew_behind_a_cut():
    film = board(("cut", "wide", "pan_right"), ("continuous", "wide", "push_in"), ("cut", "wide", "static"))
    stands = framings(film)
    assert stands["segment_00"].x == 0 < stands["segment_01"].x == stands["segment_02"].x
    assert stands["segment_02"].zoom > stands["segment_01"].zoom == stands["segment_00"].zoom
    assert stands["segment_03_first"] == stands["segment_00"]


def test_a_segment_ends_at_the_shot_of_the_one_it_goes_on_in():
    film = board(("cut", "wide", "push_in"), ("continuous", "close_up", "static"))
    stands = framings(film)
    assert [stands[slot.name].shot for slot in (opening(film.segment(1)), closing(film.segment(1)))] == ["wide", "close_up"]
    assert stands["segment_01"].zoom == stands["segment_02"].zoom > 2


def test_however_long_a_scene_pushes_in_the_camera_stays_on_its_place():
    film = board(CUT, *[("continuous", "wide", "push_in")] * 40)
    assert all(0.5 < stand.zoom < 5 for stand in framings(film).values())
