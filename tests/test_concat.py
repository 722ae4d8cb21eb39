"""Joining by copy: every frame, bit for bit, at its time; and the ways in which a part can be wrong."""

from __future__ import annotations

import hashlib
from fractions import Fraction

import av
import numpy as np
import pytest

from errors import MediaError
from media.audio import SoundPart, film_sound
from media.concat import Part, check_film, join, top_boxes
from media.encode import ClipWriter
from media.film_format import FilmFormat, Size
from media.probe import check_decodes, probe
from tests.clips import FILM, barcoded, film_clip, numbers_in


def _decoded(path, first=0, count=None):
    with av.open(str(path)) as container:
        frames = [hashlib.sha256(frame.to_ndarray().tobytes()).hexdigest() for frame in container.decode(video=0)]
    return frames[first:][:count]


def _parts(folder, lengths):
    start, parts = 0, []
    for number, length in enumerate(lengths, start=1):
        path = film_clip(folder / f"part_{number:02d}.mp4", range(start, start + length + 1))
        parts.append(Part(path, length))
        start += length
    return parts


def test_the_film_is_every_part_without_its_closing_frame_bit_for_bit(tmp_path):
    parts = _parts(tmp_path, [30, 1, 48, 7, 2])
    done: list[int] = []
    assert join(parts, tmp_path / "film.part", FILM, done.append) == 88
    assert numbers_in(tmp_path / "film.part") == list(range(88))
    assert _decoded(tmp_path / "film.part") == [frame for part in parts for frame in _decoded(part.path, count=part.frames)]
    assert done == [1, 2, 3, 4, 5]
    assert check_decodes(tmp_path / "film.part") == 88


def test_the_films_frames_are_evenly_spaced_and_its_index_comes_first(tmp_path):
    join(_parts(tmp_path, [25, 25, 25]), tmp_path / "film.mp4", FILM)
    facts = probe(tmp_path / "film.mp4")
    assert (facts.frames, facts.fps, facts.constant_rate, facts.duration_s) == (75, Fraction(24), True, 75 / 24)
    boxes = list(top_boxes(tmp_path / "film.mp4"))
    assert boxes.index(b"moov") < boxes.index(b"mdat")


@pytest.mark.parametrize("fps", [Fraction(24000, 1001), Fraction(25), Fraction(30), Fraction(60)])
def test_any_rate_is_joined_to_the_frame(tmp_path, fps):
    film = FilmFormat(Size(160, 90), fps)
    parts = [Part(film_clip(tmp_path / f"{n}.mp4", range(n * 20, n * 20 + 21), film), 20) for n in range(3)]
    join(parts, tmp_path / "film.mp4", film)
    facts = probe(tmp_path / "film.mp4")
    assert (facts.frames, facts.fps, facts.constant_rate) == (60, fps, True)


def test_the_same_parts_give_the_same_bytes(tmp_path):
    parts = _parts(tmp_path, [10, 12])
    for name in ("a", "b"):
        join(parts, tmp_path / name, FILM)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_240_parts_are_joined_in_order(tmp_path):
    clips = [film_clip(tmp_path / f"{n}.mp4", [n, n + 1, n + 2, n + 3]) for n in range(0, 30, 3)]
    assert join([Part(path, 3) for path in clips * 24], tmp_path / "film.mp4", FILM) == 720
    assert numbers_in(tmp_path / "film.mp4") == list(range(30)) * 24


def test_a_part_by_another_encoder_is_named(tmp_path):
    parts = [*_parts(tmp_path, [10]), Part(barcoded(tmp_path / "stranger.mp4", 20), 10)]
    with pytest.raises(MediaError, match=r"stranger\.mp4: was encoded with other settings"):
        join(parts, tmp_path / "film.mp4", FILM)


def test_a_part_that_is_too_short_is_named(tmp_path):
    parts = _parts(tmp_path, [10, 10])
    with pytest.raises(MediaError, match=r"part_02\.mp4: should have 20 frames at 24 fps, and has 11"):
        join([parts[0], Part(parts[1].path, 20)], tmp_path / "film.mp4", FILM)


def test_a_part_that_breaks_off_is_named(tmp_path):
    parts = _parts(tmp_path, [30, 30])
    join([parts[1]], tmp_path / "second.mp4", FILM)
    whole = (tmp_path / "second.mp4").read_bytes()
    (tmp_path / "second.mp4").write_bytes(whole[:-600])
    with pytest.raises(MediaError, match=r"second\.mp4"):
        join([parts[0], Part(tmp_path / "second.mp4", 30)], tmp_path / "film.mp4", FILM)


def test_a_part_of_another_size_or_rate_is_named(tmp_path):
    for other in (FilmFormat(Size(160, 90), FILM.fps), FilmFormat(FILM.size, Fraction(25))):
        path = film_clip(tmp_path / "other.mp4", range(11), other)
        with pytest.raises(MediaError, match=r"other\.mp4"):
            join([*_parts(tmp_path, [10]), Part(path, 10)], tmp_path / "film.mp4", FILM)


def test_a_cut_that_would_need_later_frames_is_refused(tmp_path):
    path = film_clip(tmp_path / "a.mp4", range(40))
    refused = []
    for frames in range(25, 31):
        try:
            join([Part(path, frames)], tmp_path / "film.mp4", FILM)
            assert _decoded(tmp_path / "film.mp4") == _decoded(path, count=frames)
        except MediaError as error:
            refused.append(str(error))
    assert refused
    assert all("without loss" in reason for reason in refused)


def test_sound_is_laid_under_the_film(tmp_path):
    parts = _parts(tmp_path, [24, 24])
    sounds = [SoundPart(barcoded(tmp_path / f"s{n}.mp4", 25, sound_s=1.2), 24) for n in range(2)]
    assert film_sound(sounds, FILM, tmp_path / "sound.part")
    join(parts, tmp_path / "film.mp4", FILM, audio=tmp_path / "sound.part")
    facts = probe(tmp_path / "film.mp4")
    assert (facts.frames, facts.constant_rate, facts.has_audio) == (48, True, True)
    assert facts.audio_seconds == pytest.approx(2.0, abs=0.03)
    assert numbers_in(tmp_path / "film.mp4") == list(range(48))


def test_the_check_sees_a_film_with_a_frame_too_few(tmp_path):
    join(_parts(tmp_path, [10]), tmp_path / "film.mp4", FILM)
    with pytest.raises(MediaError, match="should have 11 frames, and has 10"):
        check_film(tmp_path / "film.mp4", FILM, 11)


def test_the_check_sees_an_index_at_the_end(tmp_path):
    with pytest.raises(MediaError, match="index does not stand before"):
        check_film(film_clip(tmp_path / "a.mp4", range(10)), FILM, 10)


@pytest.mark.parametrize(("fps", "frames"), [(12, 17), (24, 7), (Fraction(30000, 1001), 11), (7, 3)])
def test_a_length_that_no_clock_of_milliseconds_can_say_exactly_is_no_fault(tmp_path, fps, frames):
    film = FilmFormat(Size(64, 64), Fraction(fps))
    with ClipWriter(tmp_path / "a.mp4", film) as clip:
        for _ in range(frames + 1):
            clip.write(np.full((96, 64), 128, np.uint8))
    assert join([Part(tmp_path / "a.mp4", frames)] * 4, tmp_path / "film.mp4", film) == 4 * frames
