"""What moves in front of what, on photographs laid over each other, where the truth is known because we laid them."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from skimage import data

from media.colour import rgb_to_i420
from media.film_format import Size
from media.flow import find_motion
from media.geometry import Similarity
from media.morph import Morph
from media.motion_layers import Split
from media.motions import ZOOM_AT_MOST, slides

UInt8 = npt.NDArray[np.uint8]
SIZE = Size(640, 360)
FIGURE = np.zeros((SIZE.height, SIZE.width), np.uint8)
cv2.ellipse(FIGURE, (320, 230), (36, 90), 0, 0, 360, 1, -1)
WALKS = {"she stands, the background pans": (0, -84), "she walks against the pan": (-76, 60), "she walks, it rests": (110, 0)}


def laid(t: float, figure_to: int, background_to: int) -> tuple[UInt8, UInt8]:
    """(H, W, 3) a figure over a background, both somewhere on their way across, and (H, W) where the figure is."""
    def at(picture: UInt8, x: float) -> UInt8:
        way = np.array([[1, 0, x], [0, 1, -40]], np.float64)
        return np.asarray(cv2.warpAffine(picture, way, SIZE, borderMode=cv2.BORDER_REFLECT_101), np.uint8)

    background = at(cv2.resize(data.coffee(), None, fx=1.7, fy=1.7), -150 + t * background_to)
    figure = at(data.astronaut(), 100 + t * figure_to)
    seen = np.roll(FIGURE, round(t * figure_to), axis=1)
    return np.where(seen[..., None] == 1, figure, background), seen


def around(seen: UInt8) -> npt.NDArray[np.bool_]:
    """(H, W) within 12 pixels of the figure's outline."""
    outline = cv2.morphologyEx(seen, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.dilate(outline, np.ones((25, 25), np.uint8)) > 0)


@pytest.mark.parametrize(("figure_to", "background_to"), WALKS.values(), ids=WALKS)
def test_a_figure_keeps_her_outline_while_what_is_behind_her_moves(figure_to: int, background_to: int) -> None:
    (first, _), (truth, seen), (last, _) = (laid(t, figure_to, background_to) for t in (0, 0.5, 1))
    planes = [rgb_to_i420(rgb) for rgb in (first, truth, last)]
    motion = find_motion(planes[0], planes[2])
    made = Morph(planes[0], planes[2], motion).frame(0.5)
    differs = np.subtract(made[: SIZE.height], planes[1][: SIZE.height], dtype=np.float64)[around(seen)]
    assert 10 * np.log10(255**2 / np.mean(differs**2)) > 27
    assert len(motion.layers) == 2


def test_the_figure_is_the_nearer_layer_and_is_where_she_is() -> None:
    (first, seen), (last, _) = laid(0, -76, 60), laid(1, -76, 60)
    nearer = find_motion(rgb_to_i420(first), rgb_to_i420(last)).layers[-1]
    assert (nearer.similarity.shift.real, nearer.similarity.shift.imag) == pytest.approx((-76, 0), abs=1.5)
    overlap = np.minimum(nearer.in_first, seen).sum() / np.maximum(nearer.in_first, seen).sum()
    assert overlap > 0.85


def test_one_motion_of_all_is_one_layer() -> None:
    (first, _), (last, _) = laid(0, -76, -76), laid(1, -76, -76)
    assert len(find_motion(rgb_to_i420(first), rgb_to_i420(last)).layers) == 1


def test_a_camera_that_zooms_much_is_not_cut_into_layers() -> None:
    assert slides(Similarity(1 + 0j, complex(200, 0)))
    assert not slides(Similarity(complex(ZOOM_AT_MOST * 1.01, 0)))
    assert not slides(Similarity(complex(0.99 / ZOOM_AT_MOST, 0)))


def test_layers_do_not_depend_on_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    planes = [rgb_to_i420(laid(t, 110, 0)[0]) for t in (0, 1)]
    frames = []
    for threads in (1, 2, 4):
        monkeypatch.setattr("media.flow.CV_THREADS", threads)
        frames.append(Morph(planes[0], planes[1], find_motion(planes[0], planes[1])).frame(0.4))
    assert all(np.array_equal(frame, frames[0]) for frame in frames)


def of_two(labels: UInt8, sure: float) -> Split:
    found = np.full(labels.shape, sure, np.float32)
    return Split([Similarity(), Similarity(1 + 0j, 9 + 0j)], (labels, labels), (found, found))


def test_a_layer_has_to_be_compact_and_to_be_found_again() -> None:
    streaks = np.zeros_like(FIGURE)
    streaks[100:200:5, 100:400] = 1
    assert of_two(FIGURE, 1.0).credible
    assert not of_two(FIGURE, 0.4).credible
    assert not of_two(streaks, 1.0).credible
    assert not of_two(np.zeros_like(FIGURE), 1.0).credible
