"""What light does to a picture and what it leaves alone."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from skimage import data

from media.film_format import Size
from media.geometry import Grid
from media.light import change_of_light, evened

UInt8 = npt.NDArray[np.uint8]
GRID = Grid(Size(320, 200), Size(640, 400))
ROOM = np.asarray(cv2.resize(cv2.cvtColor(data.coffee(), cv2.COLOR_RGB2GRAY), GRID.raster), np.uint8)
CORNERS = np.array([(80, 60), (300, 200), (500, 330)], np.float32)


def test_an_evened_picture_is_alike_in_half_the_light_and_with_a_glow_on_one_side() -> None:
    glow = np.linspace(0, 80, 320)
    other = np.asarray(ROOM * 0.5 + glow, np.uint8)
    assert cv2.PSNR(ROOM, other) < 20
    assert np.median(cv2.absdiff(evened(ROOM), evened(other))) <= 6


def test_grain_on_a_plain_stays_faint() -> None:
    grain = np.asarray(100 + np.random.default_rng(1).normal(0, 1, (200, 320)), np.uint8)
    assert evened(grain).std() < 8


@pytest.mark.parametrize("brighter", [0, 25])
def test_the_change_of_light_is_that_of_what_belongs_together(brighter: int) -> None:
    first = np.asarray(ROOM // 2, np.uint8)
    last = np.asarray(np.roll(first, 20, axis=1) + brighter, np.uint8)
    to = np.asarray(CORNERS + np.array([40, 0]), np.float32)
    assert change_of_light(first, last, CORNERS, to, GRID) == pytest.approx(brighter, abs=1)
