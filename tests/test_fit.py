"""Pictures brought to the film's size: nothing distorted, what matters kept, borders that do not jump."""

from __future__ import annotations

import numpy as np
import pytest

from media import salience
from media.film_format import Size
from media.fit import choose_fit, crop_window, fit, middle_window, needs_borders, place_of
from media.salience import Box, faces, spectral_residual

WIDE = Size(320, 180)


def _with_disc(height, width, y, x, radius=12):
    rgb = np.full((height, width, 3), 90, np.uint8)
    rows, columns = np.mgrid[:height, :width]
    rgb[(rows - y) ** 2 + (columns - x) ** 2 < radius**2] = (240, 230, 60)
    return rgb


def test_the_way_is_chosen_once_for_all_pictures():
    assert choose_fit([Size(1536, 1024), Size(1344, 768)], Size(1280, 720)) == "crop"
    assert choose_fit([Size(1536, 1024), Size(1024, 1024)], Size(1280, 720)) == "pad"
    assert choose_fit([], WIDE) == "crop"


@pytest.mark.parametrize("mode", ["crop", "pad", "outpaint"])
@pytest.mark.parametrize("shape", [(400, 400), (90, 160), (720, 300), (50, 700), (181, 320), (1, 1), (3, 1000)])
def test_any_picture_becomes_exactly_the_films_size(mode, shape):
    fitted = fit(np.full((*shape, 3), 77, np.uint8), WIDE, mode)
    assert fitted.rgb.shape == (180, 320, 3)
    assert 0 < fitted.kept <= 1


def test_a_picture_of_the_right_size_comes_back_untouched():
    rgb = np.random.default_rng(0).integers(0, 255, (180, 320, 3), dtype=np.uint8)
    assert fit(rgb, WIDE, "crop").rgb is rgb


@pytest.mark.parametrize("mode", ["crop", "pad", "outpaint"])
def test_a_circle_stays_a_circle(mode):
    rgb = fit(_with_disc(400, 400, 200, 200, 60), WIDE, mode).rgb
    rows, columns = np.nonzero((rgb[..., 0] > 200) & (rgb[..., 2] < 120))
    assert np.ptp(rows) == pytest.approx(np.ptp(columns), abs=2)


@pytest.mark.parametrize("y", [60, 200, 340])
def test_the_window_goes_to_what_stands_out(y):
    window = crop_window(_with_disc(400, 400, y, 200), WIDE)
    assert window.y <= y - 12
    assert y + 12 <= window.y + window.height
    assert (window.width, window.height) == (400, 225)


@pytest.mark.parametrize("x", [60, 740])
def test_in_a_picture_too_wide_the_window_moves_sideways(x):
    window = crop_window(_with_disc(200, 800, 100, x), WIDE)
    assert window.x <= x - 12
    assert x + 12 <= window.x + window.width


def test_where_nothing_stands_out_the_window_is_a_little_above_the_middle():
    window = crop_window(np.full((400, 400, 3), 120, np.uint8), WIDE)
    assert 50 < window.y < 87


def test_a_window_once_chosen_is_kept_to():
    rgb = _with_disc(400, 400, 60, 200)
    fitted = fit(rgb, WIDE, "crop", Box(0, 175, 400, 225))
    assert fitted.window.y == 175
    assert fitted.kept == pytest.approx(0.5625)
    assert not (fitted.rgb[..., 0] > 200).any()


def test_the_middle_window_is_what_a_clip_is_cut_to():
    assert middle_window(Size(400, 400), WIDE) == Box(0, 87, 400, 225)
    assert middle_window(Size(800, 180), WIDE) == Box(240, 0, 320, 180)


@pytest.mark.parametrize("mode", ["pad", "outpaint"])
def test_with_borders_the_whole_picture_is_there(mode):
    rgb = np.random.default_rng(0).integers(0, 255, (180, 180, 3), dtype=np.uint8)
    fitted = fit(rgb, WIDE, mode)
    assert np.array_equal(fitted.rgb[:, 70:250], rgb)
    assert fitted.kept == 1


def test_outpainted_borders_begin_as_the_picture_ends_and_show_nothing_twice():
    rgb = _with_disc(180, 180, 90, 90, 40)
    rgb[:, :4] = (20, 200, 40)
    wide = fit(rgb, WIDE, "outpaint").rgb.astype(int)
    assert np.abs(wide[:, 69] - wide[:, 70]).mean() < 8
    assert not (wide[:, :69, 0] > 150).any()


def test_a_picture_of_nearly_the_films_shape_gets_no_borders_when_it_is_to_be_extended():
    rgb = np.random.default_rng(0).integers(0, 255, (180, 312, 3), dtype=np.uint8)
    fitted = fit(rgb, WIDE, "outpaint")
    assert not needs_borders(Size(312, 180), WIDE) and needs_borders(Size(300, 180), WIDE)
    assert 0.95 < fitted.kept < 1 and fitted.window.width == 312 and fitted.rgb.shape == (180, 320, 3)


@pytest.mark.parametrize("shape", [(180, 180), (90, 400), (400, 90)])
def test_the_place_of_a_picture_that_stays_whole_is_where_it_is_put(shape):
    place = place_of(Size(shape[1], shape[0]), WIDE)
    rgb = fit(np.full((*shape, 3), 200, np.uint8), WIDE, "outpaint").rgb
    inside = rgb[place.y : place.y + place.height, place.x : place.x + place.width]
    assert (inside == 200).all() and not (rgb == 200).all()


def test_a_portrait_keeps_its_head():
    data = pytest.importorskip("skimage.data")
    window = crop_window(data.astronaut(), Size(1280, 720))
    assert window.y <= 12
    assert window.y + window.height >= 200


def test_without_the_extra_faces_a_crop_is_still_made(monkeypatch):
    monkeypatch.setattr(salience, "_cascade", lambda: None)
    assert faces(np.zeros((100, 100, 3), np.uint8)) == []
    assert crop_window(_with_disc(400, 400, 60, 200), WIDE).y <= 48


def test_the_spectral_residual_peaks_at_the_odd_one_out():
    sand = np.random.default_rng(0).normal(100, 4, (64, 64)).astype(np.float32)
    sand[30:36, 40:46] = 200
    row, column = np.unravel_index(int(spectral_residual(sand).argmax()), (64, 64))
    assert abs(row - 33) < 6
    assert abs(column - 43) < 6
