"""media/captions.py: readable on any picture, in any script that can be drawn, and the same on planes as on RGB."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import ImageFont, features

from media import fonts
from media.captions import ELLIPSIS, CaptionOverlay, caption, cut
from media.colour import i420_to_rgb, rgb_to_i420
from media.film_format import Size
from media.fonts import drawable, font_for, right_to_left

WIDE = Size(320, 180)
LINES = ("segment 4 · 00:00:15:00", "The boat slides past the breakwater")
UNDRAWABLE = "\U00012000\U00012001"  # cuneiform
shaped = pytest.mark.skipif(not features.check("raqm"), reason="this Pillow cannot lay out right-to-left text")


@pytest.fixture
def only_pillows_font(monkeypatch):
    """A machine without a single font."""
    monkeypatch.setattr(fonts, "FOLDERS", ())
    fonts._installed.cache_clear()
    fonts._choice.cache_clear()
    yield
    fonts._installed.cache_clear()
    fonts._choice.cache_clear()


def flat(grey: int, size: Size = WIDE):
    return np.full((size.height, size.width, 3), grey, dtype=np.uint8)


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_the_text_stands_out_of_any_picture(grey):
    captioned = caption(flat(grey), LINES)
    band = captioned[-30:].max(axis=2).astype(int)
    assert band.max() > 235, "white letters"
    assert np.percentile(band, 20) < 110, "on dark ground"


def test_the_upper_half_and_the_picture_given_are_left_alone():
    picture = flat(200)
    captioned = caption(picture, LINES)
    assert (picture == 200).all() and (captioned[:90] == 200).all() and (captioned[90:] != 200).any()


def test_planes_get_the_same_caption_as_rgb():
    rows = np.linspace(20, 230, 180, dtype=np.uint8)[:, None, None]
    picture = np.broadcast_to(rows, (180, 320, 3)).copy()
    on_planes = i420_to_rgb(CaptionOverlay(WIDE, LINES).apply(rgb_to_i420(picture)))
    difference = np.abs(on_planes.astype(int) - caption(picture, LINES).astype(int))
    assert difference.mean() < 1.5 and difference.max() < 16


def test_the_frame_given_is_not_changed_and_planes_above_stay():
    planes = rgb_to_i420(flat(200))
    before = planes.copy()
    captioned = CaptionOverlay(WIDE, LINES).apply(planes)
    assert (planes == before).all() and (captioned[:90] == before[:90]).all() and captioned.shape == before.shape


@pytest.mark.parametrize("value", [0, 255])
def test_extreme_samples_do_not_wrap_around(value):
    planes = np.full((270, 320), value, dtype=np.uint8)
    luma = CaptionOverlay(WIDE, LINES).apply(planes)[:180].astype(int)
    assert (luma >= min(value, 16) - 1).all() and (luma <= max(value, 235) + 1).all()
    steps = np.diff(luma[:, 319])
    assert (steps <= 1).all() if value else (steps >= -1).all()


def test_a_line_no_font_can_draw_is_left_out_rather_than_boxes():
    picture = flat(128)
    assert caption(picture, [UNDRAWABLE]) is picture
    assert (caption(picture, [UNDRAWABLE, "drawn"]) != picture).any()
    planes = rgb_to_i420(picture)
    assert CaptionOverlay(WIDE, ["", "  ", UNDRAWABLE]).apply(planes) is planes


def test_a_font_is_asked_what_it_really_draws(only_pillows_font):
    assert font_for("A fox", 20) is not None
    assert font_for("狐", 20) is None and font_for(UNDRAWABLE, 20) is None


def test_without_any_installed_font_latin_is_still_captioned(only_pillows_font):
    assert (caption(flat(128), LINES) != 128).any()


def test_emoji_go_and_letters_stay():
    assert drawable("a fox 🦊👍🏽 runs ☀️ home") == "a fox runs home"
    assert drawable("日の出 é") == "日の出 é"


@shaped
def test_right_to_left_text_stands_at_the_right():
    line = "בוקר"
    if font_for(line, 12) is None:
        pytest.skip("no installed font draws Hebrew")
    letters = np.flatnonzero((caption(flat(0), [line]) > 128).any(axis=(0, 2)))
    assert letters.min() > 200 and letters.max() < 320


def test_text_that_needs_shaping_is_left_out_where_it_cannot_be_shaped(monkeypatch):
    monkeypatch.setattr(features, "check", lambda name: False)
    assert font_for("שלום", 20) is None and font_for("नमस्ते", 20) is None
    assert font_for("hello", 20) is not None


@pytest.mark.parametrize(("text", "expected"), [("abc", False), ("שלום abc", True), ("123 عرب", True), ("12:30", False)])
def test_the_first_letter_decides_the_direction(text, expected):
    assert right_to_left(text) is expected


def test_long_text_is_cut_at_a_word_and_fits():
    font = ImageFont.load_default(20)
    assert isinstance(font, ImageFont.FreeTypeFont)
    text = "The boat slides past the breakwater, and gulls wheel above"
    short = cut(text, font, 300)
    assert short.endswith(ELLIPSIS) and text.startswith(short[:-1]) and text[len(short) - 1] in " ,"
    assert font.getlength(short) <= 300
    assert cut("Breakwaterbreakwaterbreakwater", font, 150).startswith("Breakwater")
    assert cut("short", font, 300) == "short" and cut("short", font, 2) == ""


@pytest.mark.parametrize("size", [Size(64, 36), Size(36, 64), Size(16, 16), Size(1024, 128)])
def test_no_size_is_too_small_or_too_odd(size):
    captioned = caption(flat(90, size), LINES)
    assert captioned.shape == (size.height, size.width, 3)
    assert CaptionOverlay(size, LINES).apply(rgb_to_i420(flat(90, size))).shape == (size.height * 3 // 2, size.width)
