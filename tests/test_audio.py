"""The film's sound: lengths to the sample, joins without a click, silence where there is none."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from errors import MediaError
from media.audio import RATE, SoundPart, film_sound, has_sound, mixed
from media.film_format import FilmFormat, Size
from tests.clips import FILM, barcoded, film_clip

NTSC = FilmFormat(Size(320, 180), Fraction(24000, 1001))


def _heard(path):
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)


def _loudness(samples):
    return float(np.sqrt(np.mean(samples**2)))


@pytest.fixture
def tone(tmp_path):
    return barcoded(tmp_path / "tone.mp4", 25, sound_s=1.5)


def test_each_part_ends_at_its_frame_and_nothing_drifts(tone):
    blocks = list(mixed([SoundPart(tone, 7)] * 30, NTSC))
    ends = np.cumsum([block.shape[1] for block in blocks])
    assert list(ends) == [round(7 * (n + 1) * RATE / NTSC.fps) for n in range(30)]


def test_a_film_without_any_sound_gets_no_track(tmp_path):
    silent = film_clip(tmp_path / "a.mp4", range(5))
    assert not has_sound(silent)
    assert film_sound([SoundPart(silent, 4)], FILM, tmp_path / "out") is False
    assert not (tmp_path / "out").exists()


def test_a_silent_clip_among_others_is_silence(tmp_path, tone):
    silent = film_clip(tmp_path / "a.mp4", range(25))
    first, quiet, last = mixed([SoundPart(tone, 24), SoundPart(silent, 24), SoundPart(tone, 24)], FILM)
    assert _loudness(first) == pytest.approx(_loudness(last), rel=0.05)
    assert _loudness(first) > 0.3
    assert _loudness(quiet[:, RATE // 10 : -RATE // 10]) < 1e-4


def test_sound_that_stops_early_is_followed_by_silence_without_a_click(tmp_path):
    short = barcoded(tmp_path / "a.mp4", 25, sound_s=0.5)
    (heard,) = mixed([SoundPart(short, 24)], FILM)
    assert heard.shape == (2, RATE)
    assert _loudness(heard[:, : RATE // 3]) > 0.3
    assert np.all(heard[:, RATE * 6 // 10 :] == 0)
    assert np.abs(np.diff(heard[0])).max() < 0.05


def test_no_join_clicks(tone):
    sound = np.concatenate(list(mixed([SoundPart(tone, frames) for frames in (11, 13, 17)], FILM)), axis=1)
    assert np.abs(np.diff(sound)).max() < 0.06
    assert abs(sound[0, 0]) + abs(sound[0, -1]) < 1e-3


def test_a_dissolve_crosses_the_sound_as_long_as_the_picture(tmp_path, tone):
    silent = film_clip(tmp_path / "a.mp4", range(25))
    quiet, _ = mixed([SoundPart(silent, 24), SoundPart(tone, 12, skip_frames=12)], FILM)
    assert _loudness(quiet[:, : RATE // 2 - 100]) == 0
    steps = [_loudness(part) for part in np.array_split(quiet[:, RATE // 2 :], 4, axis=1)]
    assert steps == sorted(steps)
    assert steps[-1] > 0.3


def test_the_encoded_sound_is_as_long_as_the_film_and_where_it_should_be(tmp_path, tone):
    silent = film_clip(tmp_path / "a.mp4", range(25))
    parts = [SoundPart(silent, 24), SoundPart(tone, 24), SoundPart(silent, 24)]
    seen: list[int] = []
    assert film_sound(parts, FILM, tmp_path / "out.part", seen.append)
    heard = _heard(tmp_path / "out.part")
    assert heard.shape[1] == pytest.approx(3 * RATE, abs=1024)
    assert _loudness(heard[:, : RATE - 1500]) < 0.01 < 0.3 < _loudness(heard[:, RATE + 1500 : 2 * RATE - 1500])
    assert _loudness(heard[:, 2 * RATE + 3000 : 3 * RATE]) < 0.01
    assert seen == [1, 2, 3]


def test_the_same_parts_give_the_same_bytes(tmp_path, tone):
    for name in "ab":
        film_sound([SoundPart(tone, 20)], FILM, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_missing_clip_is_an_error(tmp_path):
    with pytest.raises(MediaError, match="no such file"):
        film_sound([SoundPart(tmp_path / "a.mp4", 4)], FILM, tmp_path / "out")
