"""What is measured of pictures, on photographs that come with scikit-image."""

from functools import cache
from itertools import combinations

import cv2
import numpy as np
import pytest
from skimage import data

from media import scores

NAMES = ("astronaut", "coffee", "chelsea", "rocket", "camera", "coins", "clock", "retina", "moon", "immunohistochemistry")


SIDE = 448


@cache
def photograph(name):
    picture = getattr(data, name)()
    rgb = np.stack([picture] * 3, axis=-1) if picture.ndim == 2 else picture[..., :3]
    return cv2.resize(rgb, None, fx=(scale := min(1, SIDE / max(rgb.shape))), fy=scale, interpolation=cv2.INTER_AREA)


def blurred(rgb, part):
    return cv2.GaussianBlur(rgb, (0, 0), part * max(rgb.shape[:2]))


def moved(rgb, zoom=1.0, right=0.0):
    height, width = rgb.shape[:2]
    to = np.array([[zoom, 0, (1 - zoom) * width / 2 + right * width], [0, zoom, (1 - zoom) * height / 2]], np.float32)
    return cv2.warpAffine(rgb, to, (width, height), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REFLECT)


def encoded(rgb):
    return cv2.imdecode(cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, 75])[1], cv2.IMREAD_COLOR)


@pytest.mark.parametrize("name", NAMES)
def test_the_edges_of_a_photograph_are_narrow_and_those_behind_a_filter_wide(name):
    rgb = photograph(name)
    assert scores.edge_width(rgb) < 1.5
    assert all(scores.edge_width(blurred(rgb, part)) > 2.5 for part in (0.01, 0.02, 0.04))


def test_one_sharp_part_is_a_sharp_picture():
    rgb = photograph("astronaut")
    soft = blurred(rgb, 0.025)
    soft[70:230, 120:260] = rgb[70:230, 120:260]
    assert scores.edge_width(soft) < 1.5


def test_the_width_of_edges_is_in_pixels_of_512_whatever_the_size():
    rgb = photograph("coffee")
    large = cv2.resize(rgb, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    assert scores.edge_width(blurred(rgb, 0.01)) == pytest.approx(scores.edge_width(blurred(large, 0.01)), rel=0.15)


def test_sharper_is_more():
    rgb = photograph("chelsea")
    order = [scores.sharpness(blurred(rgb, part) if part else rgb) for part in (0, 0.002, 0.005, 0.01)]
    assert order == sorted(order, reverse=True)


def test_a_picture_of_one_colour_has_no_contrast_and_a_gradient_has():
    flat = np.full((90, 160, 3), (30, 90, 200), np.uint8)
    assert scores.contrast(flat) == 0
    assert scores.contrast(flat + np.arange(0, 40, 0.25).astype(np.uint8)[None, :, None]) > 30


@pytest.mark.parametrize("name", NAMES)
def test_noise_and_another_encoding_change_nothing_and_the_least_move_does(name):
    rgb = photograph(name)
    noisy = np.clip(rgb + np.random.default_rng(1).normal(0, 4, rgb.shape), 0, 255).astype(np.uint8)
    assert max(scores.most_changed(rgb, noisy), scores.most_changed(rgb, encoded(rgb))) < 1.6
    assert scores.most_changed(rgb, moved(rgb, 1.03)) > 4


def test_something_small_that_moves_is_seen():
    rgb = photograph("coffee")
    other = rgb.copy()
    other[80:102, 220:245] = (250, 250, 250)
    assert scores.most_changed(rgb, other) > 10


def test_colours_count_wherever_they_are():
    rgb = photograph("astronaut")
    assert scores.palette_distance(rgb, np.ascontiguousarray(rgb[:, ::-1])) < 0.5
    assert scores.palette_distance(rgb, np.asarray(rgb * (0.9, 1, 0.6), np.uint8)) > 8


@pytest.mark.parametrize("name", NAMES)
def test_structure_is_found_again_where_the_camera_went(name):
    rgb = photograph(name)
    again = [moved(rgb, 1.25), moved(rgb, 1, 0.18), moved(rgb, 1.7), np.uint8(rgb * 0.5)]
    assert min(scores.structure(rgb, one) for one in again) > 0.8


def test_unrelated_photographs_have_less_in_common():
    shared = [scores.structure(photograph(one), photograph(other)) for one, other in combinations(NAMES, 2)]
    assert np.median(shared) < 0.55


def test_pictures_of_two_sizes_can_be_compared():
    rgb = photograph("rocket")
    small = cv2.resize(rgb, (160, 107), interpolation=cv2.INTER_AREA)
    assert scores.most_changed(rgb, small) < 12
    assert scores.palette_distance(rgb, small) < 1
    assert scores.structure(rgb, small) > 0.95
