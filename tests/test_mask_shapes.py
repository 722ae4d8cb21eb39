"""Masks whose white is a frame around a rectangle, and such whose is not."""

import numpy as np
import pytest

from media.film_format import Size
from media.mask_shapes import all_but, frame_around
from media.salience import Box


def mask(top, bottom, left, right, size=(40, 60)):
    found = np.full(size, 255, np.uint8)
    found[top : size[0] - bottom, left : size[1] - right] = 0
    return found


@pytest.mark.parametrize("sides", [(0, 0, 0, 5), (3, 4, 5, 6), (10, 0, 0, 0), (0, 39, 0, 59)])
def test_the_white_around_a_rectangle_is_measured(sides):
    found = frame_around(mask(*sides))
    assert found is not None and found == sides and not found.within(mask(*sides)).any()


@pytest.mark.parametrize("change", ["hole", "notch", "nothing black", "all black", "two"])
def test_what_is_no_frame_is_none(change):
    found = mask(5, 5, 5, 5)
    if change in ("hole", "notch"):
        found[(20, 30) if change == "hole" else (5, 5)] = 1
    elif change == "two":
        found[20:22] = 255
    else:
        found[:] = 255 * (change == "nothing black")
    assert frame_around(found) is None


def test_a_rectangle_that_is_too_small_is_none():
    assert frame_around(mask(10, 10, 10, 10), least_side=21) is None


def test_the_mask_of_all_but_a_box_has_that_frame():
    made = all_but(Box(20, 3, 30, 37), Size(60, 40))
    assert made.shape == (40, 60) and frame_around(made) == (3, 0, 20, 10)
