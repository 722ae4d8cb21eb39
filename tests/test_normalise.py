"""Any clip as the film's frames: count, order, size, colour, the frames made between, dissolves."""

from __future__ import annotations

import shutil
from fractions import Fraction
from itertools import pairwise

import av
import cv2
import numpy as np
import pytest

from errors import Cancelled, MediaError
from media.colour import i420_to_rgb, rgb_to_i420
from media.film_format import FilmFormat, Size, encoder_options
from media.frames import first_frame, last_frame
from media.normalise import SourceClip, _one_frame, encoder_fingerprint, film_extradata_sha256, is_film_format, normalise
from media.probe import check_decodes, probe
from media.retime import read_i420
from tests.clips import FILM, barcoded, clip, film_clip, number_in, numbers_in


def _texture(shift: int):
    """Soft specks moved `shift` pixels to the right."""
    specks = np.random.default_rng(3).normal(0, 1, (FILM.size.height, FILM.size.width + 100)).astype(np.float32)
    grey = np.clip(128 + 220 * cv2.GaussianBlur(specks, (0, 0), 2.0), 0, 255).astype(np.uint8)
    return np.repeat(grey[:, 100 - shift : 100 - shift + FILM.size.width, None], 3, axis=2)


def _psnr(one, other):
    return 10 * np.log10(255**2 / max(1e-9, np.mean((one.astype(float) - other) ** 2)))


def test_a_clip_of_the_films_rate_keeps_its_frames_and_loses_its_closing_one(tmp_path):
    source = barcoded(tmp_path / "a.mp4", 49, x264={"bf": "2"}, sound_s=2.0)
    seen: list[int] = []
    normalise(SourceClip(source, 49), tmp_path / "b.part", FILM, 48, on_frame=seen.append)
    assert numbers_in(tmp_path / "b.part") == list(range(48)) == [number - 1 for number in seen]
    assert is_film_format(tmp_path / "b.part", FILM)
    assert check_decodes(tmp_path / "b.part") == 48


@pytest.mark.parametrize("rate", [Fraction(16), Fraction(30), Fraction(25), Fraction(24000, 1001)])
def test_at_another_rate_first_and_last_frame_stay_where_they_are(tmp_path, rate):
    count = round(2 * rate) + 1
    source = barcoded(tmp_path / "a.mp4", count, rate)
    planes = list(read_i420(source, FILM, 49))
    assert len(planes) == 49
    assert number_in(i420_to_rgb(planes[0])) == 0
    assert number_in(i420_to_rgb(planes[-1])) == count - 1


def test_of_81_frames_at_16_fps_every_second_one_is_met_exactly(tmp_path):
    source = barcoded(tmp_path / "a.mp4", 81, 16)
    planes = list(read_i420(source, FILM, 121))
    assert [number_in(i420_to_rgb(frame)) for frame in planes[::3]] == list(range(0, 81, 2))


def test_frames_made_between_follow_the_motion(tmp_path):
    source = clip(tmp_path / "a.mp4", [_texture(6 * n) for n in range(9)], 16)
    planes = list(read_i420(source, FILM, 13))
    inner = (slice(20, -20), slice(30, -30))
    for index in (4, 5, 7):
        truth, nearest = _texture(4 * index)[inner], _texture(6 * round(index * 2 / 3))[inner]
        assert _psnr(nearest, truth) < 26 < 32 < _psnr(i420_to_rgb(planes[index])[inner], truth)


def test_over_a_cut_no_frame_is_a_mixture(tmp_path):
    noise = np.random.default_rng(5)
    scenes = [np.repeat(np.repeat(noise.integers(0, 255, (18, 32, 3), dtype=np.uint8), 10, 0), 10, 1) for _ in range(2)]
    source = clip(tmp_path / "a.mp4", [scenes[0]] * 4 + [scenes[1]] * 5, 16)
    for frame in read_i420(source, FILM, 13):
        assert max(_psnr(i420_to_rgb(frame), scene) for scene in scenes) > 22
        assert min(_psnr(i420_to_rgb(frame), scene) for scene in scenes) < 14


def test_a_variable_rate_goes_by_time(tmp_path):
    times = [0, 42, 83, 125, 500, 542, 583, 625, 667, 708, 1000]
    source = barcoded(tmp_path / "a.mp4", len(times), times=times)
    planes = list(read_i420(source, FILM, 25))
    exact = {round(time * 24 / 1000): number for number, time in enumerate(times)}
    assert {place: number_in(i420_to_rgb(planes[place])) for place in exact} == exact


@pytest.mark.parametrize("shape", [Size(640, 360), Size(480, 480), Size(180, 320), Size(322, 182)])
def test_any_size_is_scaled_to_cover_the_film_and_cut_to_its_middle(tmp_path, shape):
    rgb = np.full((shape.height, shape.width, 3), 40, np.uint8)
    rgb[shape.height // 2 - 8 : shape.height // 2 + 8, shape.width // 2 - 8 : shape.width // 2 + 8] = 220
    source = clip(tmp_path / "a.mp4", [rgb] * 3)
    frame = i420_to_rgb(next(read_i420(source, FILM, 3)))[..., 1]
    ys, xs = np.nonzero(frame > 130)
    assert frame.shape == (180, 320)
    assert (ys.mean(), xs.mean()) == pytest.approx((89.5, 159.5), abs=1.5)
    assert np.ptp(ys) == pytest.approx(np.ptp(xs), abs=2)


def _tagged(path, rgb, matrix, value, full):
    """One colour, by an encoder that uses another matrix or range than the film and says so."""
    kind = "yuvj420p" if full else "yuv420p"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=24, options={"crf": "5"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, kind
        stream.codec_context.colorspace, stream.codec_context.color_range = value, 2 if full else 1
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(
                format=kind, dst_colorspace=matrix, dst_color_range=2 if full else 1
            )
            frame.pts = number
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(("matrix", "value", "full"), [("itu601", 6, False), ("itu601", 5, True), ("itu709", 1, True)])
def test_colours_stay_the_same_whatever_the_clip_was_coded_in(tmp_path, matrix, value, full):
    rgb = np.zeros((180, 320, 3), np.uint8)
    rgb[:, :160], rgb[:, 160:] = (200, 60, 40), (30, 160, 90)
    source = _tagged(tmp_path / "a.mp4", rgb, matrix, value, full)
    for picture in (i420_to_rgb(next(read_i420(source, FILM, 3))), first_frame(source), last_frame(source)):
        assert np.abs(picture[40:140, 40:120].astype(int) - (200, 60, 40)).max() <= 4
        assert np.abs(picture[40:140, 200:280].astype(int) - (30, 160, 90)).max() <= 4


def test_a_dissolve_blends_the_end_into_the_head_of_the_next_clip(tmp_path):
    dark = clip(tmp_path / "a.mp4", [np.full((180, 320, 3), 40, np.uint8)] * 25)
    light = clip(tmp_path / "b.mp4", [np.full((180, 320, 3), 200, np.uint8)] * 25)
    normalise(SourceClip(dark, 25), tmp_path / "c", FILM, 24, dissolve_into=SourceClip(light, 25, lead=6))
    with av.open(str(tmp_path / "c")) as container:
        levels = [float(frame.to_ndarray(format="gray").mean()) for frame in container.decode(video=0)]
    assert len(levels) == 24
    assert np.ptp(levels[:18]) < 2
    assert all(before < after for before, after in pairwise(levels[17:]))
    assert levels[20] + levels[21] == pytest.approx(levels[0] + levels[0] + (levels[23] - levels[0]) * 1.08, abs=12)


def test_the_lead_of_a_dissolve_is_left_out_of_its_own_segment(tmp_path):
    source = barcoded(tmp_path / "a.mp4", 31)
    normalise(SourceClip(source, 31, lead=6), tmp_path / "b", FILM, 24)
    assert numbers_in(tmp_path / "b") == list(range(6, 30))


def test_a_clip_a_frame_short_is_spread_and_a_much_shorter_one_refused(tmp_path):
    source = barcoded(tmp_path / "a.mp4", 48)
    planes = list(read_i420(source, FILM, 49))
    assert (len(planes), number_in(i420_to_rgb(planes[-1]))) == (49, 47)
    with pytest.raises(MediaError, match=r"lasts 2.00 s \(48 frames of the film\) where the plan has 4.04 s \(97 frames\)"):
        next(read_i420(source, FILM, 97))


def test_stopping_in_the_middle_passes_through(tmp_path):
    def stop(done):
        if done == 5:
            raise Cancelled("stop")

    source = barcoded(tmp_path / "a.mp4", 25)
    with pytest.raises(Cancelled):
        normalise(SourceClip(source, 25), tmp_path / "b", FILM, 24, on_frame=stop)
    shutil.rmtree(tmp_path)  # nothing is left open, which Windows would not let go


def test_the_same_clip_gives_the_same_bytes(tmp_path):
    source = barcoded(tmp_path / "a.mp4", 25, 16)
    for name in "bc":
        normalise(SourceClip(source, 37), tmp_path / name, FILM, 36)
    assert (tmp_path / "b").read_bytes() == (tmp_path / "c").read_bytes()


def test_only_what_the_films_encoder_made_counts_as_the_films_format(tmp_path):
    ours = film_clip(tmp_path / "a.mp4", range(30))
    assert is_film_format(ours, FILM)
    assert not is_film_format(ours, FilmFormat(FILM.size, Fraction(25)))
    assert not is_film_format(barcoded(tmp_path / "b.mp4", 30), FILM)
    assert probe(ours).extradata_sha256 == film_extradata_sha256(FILM)


def test_another_encoder_setting_gives_another_fingerprint(monkeypatch):
    before = encoder_fingerprint(FILM)
    ours = encoder_options(FILM)
    monkeypatch.setattr("media.encode.encoder_options", lambda film: {**ours, "crf": "19"})
    _one_frame.cache_clear()
    other = encoder_fingerprint(FILM)
    monkeypatch.undo()
    _one_frame.cache_clear()
    assert before == encoder_fingerprint(FILM) != other


def test_colour_goes_to_planes_and_back_nearly_unchanged():
    rgb = _texture(0)
    assert _psnr(i420_to_rgb(rgb_to_i420(rgb)), rgb) > 45


def test_colour_does_not_drift_however_often_it_goes_to_planes_and_back():
    rgb = np.repeat(np.repeat(np.random.default_rng(0).integers(0, 256, (9, 16, 3), dtype=np.uint8), 20, 0), 20, 1)
    often = rgb
    for _ in range(5):
        often = i420_to_rgb(rgb_to_i420(often))
    assert np.abs((often.astype(float) - rgb)[10::20, 10::20].mean(axis=(0, 1))).max() < 0.5
