"""What `media.probe` says of files made on purpose."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from errors import MediaError
from media.probe import check_decodes, probe
from tests.clips import FILM, barcode, barcoded, clip, film_clip


def test_a_clip_of_the_film_is_what_it_was_written_as(tmp_path):
    facts = probe(film_clip(tmp_path / "a.mp4", range(49)))
    assert (facts.codec, facts.pixel_format, facts.size, facts.fps) == ("h264", "yuv420p", FILM.size, Fraction(24))
    assert (facts.frames, facts.duration_s, facts.constant_rate, facts.has_audio) == (49, 49 / 24, True, False)
    assert facts.keyframes == (0, 24, 48)
    assert facts.ends_on_keyframe


@pytest.mark.parametrize("fps", [Fraction(16), Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001)])
def test_the_rate_is_exact(tmp_path, fps):
    facts = probe(barcoded(tmp_path / "a.mp4", 20, fps))
    assert (facts.fps, facts.frames, facts.constant_rate) == (fps, 20, True)


def test_the_rate_of_a_webm_is_found_behind_its_rounded_times(tmp_path):
    facts = probe(barcoded(tmp_path / "a.webm", 30, 24))
    assert (facts.fps, facts.constant_rate) == (Fraction(24), True)


def test_a_variable_rate_is_seen(tmp_path):
    facts = probe(barcoded(tmp_path / "a.mp4", 6, 24, times=[0, 40, 80, 200, 240, 400]))
    assert (facts.frames, facts.constant_rate) == (6, False)
    assert facts.fps == Fraction(5, 1) / Fraction(4, 10)


def test_sound_longer_than_the_picture_does_not_count_as_frames(tmp_path):
    facts = probe(barcoded(tmp_path / "a.mp4", 24, sound_s=3.0))
    assert (facts.frames, facts.duration_s) == (24, 1.0)
    assert facts.audio_seconds == pytest.approx(3.0, abs=0.05)


def test_a_clip_filmed_upright_has_an_upright_size(tmp_path):
    assert probe(barcoded(tmp_path / "a.mp4", 5, rotate=90)).size == (180, 320)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.mp4", b"", "empty"),
        ("a.mp4", b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41\0\0\0\x08free" + b"x" * 400, "moov atom not found"),
        ("a.txt", b"not a video at all\n" * 50, "not a video"),
    ],
)
def test_what_is_no_video_is_refused_with_the_reason(tmp_path, name, content, reason):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(MediaError, match=reason):
        probe(tmp_path / name)


def test_a_picture_is_no_video(tmp_path):
    Image.new("RGB", (64, 64)).save(tmp_path / "a.mp4", format="PNG")
    with pytest.raises(MediaError, match="still picture"):
        probe(tmp_path / "a.mp4")


def test_a_missing_file_is_called_missing(tmp_path):
    with pytest.raises(MediaError, match="no such file"):
        probe(tmp_path / "a.mp4")


def test_a_name_that_looks_like_an_address_is_still_a_file_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    film_clip(tmp_path / "concat:b.mp4", range(3))
    assert probe(tmp_path / "concat:b.mp4").frames == 3


def test_a_file_that_breaks_off_is_no_whole_clip(tmp_path):
    whole = barcoded(tmp_path / "a.mp4", 60, container={"movflags": "faststart"})
    whole.write_bytes(whole.read_bytes()[:-4000])
    with pytest.raises(MediaError, match="cut off: it should hold 60 frames"):
        probe(whole)


def test_a_whole_clip_decodes_and_a_damaged_frame_is_named(tmp_path):
    noise = np.random.default_rng(1)
    frames = [np.maximum(barcode(n), noise.integers(0, 200, (180, 320, 3), dtype=np.uint8)) for n in range(12)]
    path = clip(tmp_path / "a.mp4", frames, x264={"bf": "0"})
    assert check_decodes(path) == 12
    broken = bytearray(path.read_bytes())
    middle = len(broken) // 2
    broken[middle : middle + 3000] = bytes(noise.integers(0, 256, 3000, dtype=np.uint8))
    path.write_bytes(broken)
    with pytest.raises(MediaError, match=r"frame \d+ (is damaged|cannot be decoded)"):
        check_decodes(path)
