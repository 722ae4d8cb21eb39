"""Matching, morphs and camera moves on photographs, where the truth is known because the camera was ours."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from skimage import data

from media.camera_moves import Dissolve, StillCamera
from media.colour import rgb_to_i420
from media.film_format import Size
from media.flow import Motion, dense_flow, find_motion
from media.geometry import Grid, Similarity
from media.morph import Morph

UInt8 = npt.NDArray[np.uint8]
SIZE = Size(320, 180)


def view(photo: UInt8, x: float, y: float, zoom: float = 1.0) -> UInt8:
    """What a camera sees whose middle is at x, y of the photograph, as I420."""
    shape = (round(SIZE.width / zoom), round(SIZE.height / zoom))
    seen = cv2.getRectSubPix(photo, shape, (x, y))
    return rgb_to_i420(np.asarray(cv2.resize(seen, SIZE, interpolation=cv2.INTER_CUBIC), np.uint8))


def motion_between(first: UInt8, last: UInt8) -> Motion:
    return find_motion(first, last)


def psnr(one: UInt8, other: UInt8) -> float:
    return float(cv2.PSNR(one[: SIZE.height], other[: SIZE.height]))


@pytest.mark.parametrize("to", [(280.0, 200.0, 1.0), (250.0, 190.0, 1.5), (240.0, 240.0, 0.9)], ids=["pan", "push", "pull"])
def test_a_morph_is_nearer_to_the_truth_than_a_dissolve(to: tuple[float, float, float]) -> None:
    photo, start = data.coffee(), np.array([200.0, 200.0, 1.0])
    first, truth, last = (view(photo, *(start + part * (np.array(to) - start))) for part in (0, 0.5, 1))
    made = Morph(first, last, motion_between(first, last)).frame(0.5)
    dissolved = cv2.addWeighted(first, 0.5, last, 0.5, 0)
    assert psnr(made, truth) > psnr(np.asarray(dissolved, np.uint8), truth) + 5


def test_a_morph_begins_and_ends_as_its_keyframes_to_the_pixel() -> None:
    first, last = view(data.coffee(), 200, 200), view(data.coffee(), 240, 200)
    morph = Morph(first, last, motion_between(first, last))
    assert np.array_equal(morph.frame(0), first)
    assert np.array_equal(morph.frame(1), last)


def test_a_pan_moves_at_constant_speed_through_the_morph() -> None:
    first, last = view(data.coffee(), 200, 200), view(data.coffee(), 264, 200)
    morph = Morph(first, last, motion_between(first, last))
    frames = [morph.frame(t)[: SIZE.height] for t in np.linspace(0, 1, 9)]
    steps = [float(np.median(dense_flow(a, b)[..., 0])) for a, b in pairwise(frames)]
    assert steps == pytest.approx([-8.0] * 8, abs=0.5)


def test_what_does_not_move_does_not_shimmer_while_something_else_does() -> None:
    first, last = view(data.coffee(), 200, 200), view(data.coffee(), 200, 200)
    first[60:100, 30:70], last[60:100, 130:170] = 250, 250
    morph = Morph(first, last, motion_between(first, last))
    away = np.asarray([morph.frame(t)[:180, 220:] for t in (0.2, 0.5, 0.8)], np.int16)
    assert np.abs(away - first[:180, 220:]).max() <= 3


def test_two_views_of_one_thing_are_related_and_two_photographs_are_not() -> None:
    coffee, same = view(data.coffee(), 200, 200), view(data.coffee(), 260, 210, 1.2)
    others = [view(data.chelsea(), 200, 150), view(data.astronaut(), 220, 150), view(data.rocket(), 320, 200)]
    assert motion_between(coffee, same).related
    assert not any(motion_between(coffee, other).related for other in others)


def test_flat_pictures_of_different_brightness_are_not_taken_for_the_same_thing() -> None:
    grey = np.tile(np.linspace(60, 90, 320, dtype=np.uint8), (270, 1))
    assert not find_motion(grey, np.asarray(grey + 120, np.uint8)).related


def test_the_motion_found_does_not_depend_on_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    first, last = view(data.coffee(), 200, 200), view(data.coffee(), 260, 210, 1.2)
    motions = []
    for threads in (1, 2, 4):
        monkeypatch.setattr("media.flow.CV_THREADS", threads)
        motions.append(motion_between(first, last))
    assert all(np.array_equal(motion.layers[0].forward, motions[0].layers[0].forward) for motion in motions)
    assert len({motion.layers[0].similarity for motion in motions}) == 1


def test_half_a_similarity_done_twice_is_the_whole() -> None:
    move = Similarity(complex(1.3, 0.2), complex(40, -7))
    half, whole = np.vstack([move.at(0.5), [0, 0, 1]]), np.vstack([move.at(1), [0, 0, 1]])
    assert half @ half == pytest.approx(whole)
    assert np.vstack([move.at(-1), [0, 0, 1]]) @ whole == pytest.approx(np.eye(3))


def test_a_field_is_found_again_at_the_points_it_was_made_for() -> None:
    grid = Grid(Size(31, 17), Size(320, 180))
    assert grid.sample(grid.points, grid.points) == pytest.approx(grid.points, abs=0.05)
    assert grid.inside(grid.points).all()


WAYS = {"pan_right": (-1, 0), "pan_left": (1, 0), "tilt_down": (0, -1), "tilt_up": (0, 1)}


@pytest.mark.parametrize("move", WAYS)
@pytest.mark.parametrize("begin", [0.0, -1.0], ids=["leaving", "arriving"])
def test_the_picture_moves_against_a_pan_or_a_tilt(move: str, begin: float) -> None:
    camera = StillCamera(view(data.coffee(), 250, 200), SIZE, move, 4.0)
    flow = dense_flow(camera.frame(begin)[:180], camera.frame(begin + 1)[:180])[20:-20, 20:-20]  # edges mislead it
    along = (float(np.median(flow[..., 0])), float(np.median(flow[..., 1])))
    assert np.sign(np.round(along)).tolist() == list(WAYS[move])


@pytest.mark.parametrize(("move", "sign"), [("push_in", 1), ("pull_out", -1)])
@pytest.mark.parametrize("begin", [0.0, -1.0], ids=["leaving", "arriving"])
def test_the_picture_grows_in_a_push_and_shrinks_in_a_pull(move: str, sign: int, begin: float) -> None:
    camera = StillCamera(view(data.coffee(), 250, 200), SIZE, move, 4.0)
    flow = dense_flow(camera.frame(begin)[:180], camera.frame(begin + 1)[:180])[60:120, 100:220]
    growth = np.polyfit(np.arange(120), flow[..., 0].mean(axis=0), 1)[0]
    assert growth * sign > 0.03


@pytest.mark.parametrize("move", [*WAYS, "push_in", "pull_out"])
@pytest.mark.parametrize("position", [-1.0, -0.4, 0.4, 1.0])
def test_a_camera_on_a_still_never_looks_over_its_edge(move: str, position: float) -> None:
    camera = StillCamera(view(data.coffee(), 250, 200), SIZE, move, 60.0)
    looked_at = camera._grid.points + camera._offset(position)
    assert camera._grid.inside(np.round(looked_at, 2)).all()


def test_a_static_camera_rests_and_a_still_begins_as_it_is() -> None:
    still = view(data.coffee(), 250, 200)
    assert np.array_equal(StillCamera(still, SIZE, "static", 4.0).frame(0.7), still)
    assert np.array_equal(StillCamera(still, SIZE, "push_in", 4.0).frame(0.0), still)


def test_a_dissolve_shows_each_picture_alone_before_and_after() -> None:
    first, last = view(data.coffee(), 250, 200), view(data.chelsea(), 200, 150)
    dissolve = Dissolve(first, last, SIZE, "static", 4.0)
    assert np.array_equal(dissolve.frame(0.3), first)
    assert np.array_equal(dissolve.frame(0.7), last)
    assert psnr(dissolve.frame(0.5), np.asarray(cv2.addWeighted(first, 0.5, last, 0.5, 0), np.uint8)) > 45


def lit(rgb: UInt8, by: float) -> UInt8:
    """The picture with its right half brighter, with a smooth transition."""
    glow = by / (1 + np.exp(-8 * np.linspace(-1, 1, rgb.shape[1])))
    return np.asarray(np.clip(rgb + glow[:, None], 0, 255), np.uint8)


@pytest.mark.parametrize("t", [0.25, 0.5])
@pytest.mark.parametrize("by", [30.0, 60.0])
def test_when_only_the_light_changes_nothing_moves_and_the_light_goes_over(t: float, by: float) -> None:
    room = np.asarray(cv2.resize(data.coffee(), (640, 360), interpolation=cv2.INTER_AREA), np.uint8)
    first, last = rgb_to_i420(room), rgb_to_i420(lit(room, by))
    motion = motion_between(first, last)
    part = t * t * (3 - 2 * t)
    blend = np.asarray(cv2.addWeighted(first, 1 - part, last, part, 0), np.uint8)
    assert cv2.PSNR(Morph(first, last, motion).frame(t)[:360], blend[:360]) > 35
    assert len(motion.layers) == 1


def test_a_pan_is_found_although_a_lamp_is_lit_meanwhile() -> None:
    seen = [cv2.getRectSubPix(data.coffee(), SIZE, (x, 200)) for x in (200, 240)]
    dark, bright = np.asarray(seen[0] * 0.4, np.uint8), lit(np.asarray(seen[1] * 0.6, np.uint8), 100)
    motion = motion_between(rgb_to_i420(dark), rgb_to_i420(bright))
    assert motion.layers[0].similarity.shift == pytest.approx(-40, abs=1)
    assert motion.related


def test_what_appears_is_not_seen_twice_all_along() -> None:
    first, last = view(data.coffee(), 200, 200), view(data.coffee(), 200, 200)
    patch = slice(60, 120), slice(120, 200)
    last[patch] = view(data.chelsea(), 200, 150)[patch]
    morph = Morph(first, last, motion_between(first, last))
    assert cv2.PSNR(morph.frame(0.3)[patch], first[patch]) > 35
    assert cv2.PSNR(morph.frame(0.7)[patch], last[patch]) > 35


def test_a_small_move_leaves_the_light_at_the_edges_of_the_frame_alone() -> None:
    first, last = view(data.coffee(), 200, 200), view(np.asarray(data.coffee() * 0.5, np.uint8), 202, 200)
    made = Morph(first, last, motion_between(first, last)).frame(0.1)
    assert made[60:120, 8:20].mean() / first[60:120, 8:20].mean() > 0.95
