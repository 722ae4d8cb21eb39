"""The embedded video backend, from keyframe files to a clip on disk."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from skimage import data

from errors import Cancelled, GenerationFailed
from generators.animatic_generator import AnimaticGenerator
from media.film_format import FilmFormat, Size
from storyboard import Camera, Move
from video_generator_interface import BackendOptions, Progress, SegmentRequest

UInt8 = npt.NDArray[np.uint8]
NTSC = Fraction(30000, 1001)
FILM = FilmFormat(Size(320, 180), Fraction(24))


def crop(photo: UInt8, x: int, y: int, size: Size = FILM.size) -> UInt8:
    return photo[y : y + size.height, x : x + size.width]


def request(folder: Path, first: UInt8, last: UInt8 | None, *, seconds: float = 0.5, move: Move = "static") -> SegmentRequest:
    for name, picture in (("first.png", first), ("last.png", last)):
        if picture is not None:
            Image.fromarray(picture).save(folder / name)
    return SegmentRequest(
        segment=1, prompt="a cup", negative_prompt="", camera=Camera(move=move), seconds=seconds, size=FILM.size, fps=FILM.fps,
        first_frame=folder / "first.png", last_frame=None if last is None else folder / "last.png", audio=False, seed=1,
    )


def make(asked: SegmentRequest, to: Path, film: FilmFormat = FILM) -> list[UInt8]:
    """Makes the clip and gives its frames, (H, W, 3) RGB."""
    asyncio.run(AnimaticGenerator(BackendOptions(), film).generate(asked, to, lambda progress: None))
    with av.open(str(to)) as container:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]


def psnr(one: UInt8, other: UInt8) -> float:
    return float(cv2.PSNR(one, other))


@pytest.mark.parametrize(("seconds", "fps"), [(0.5, Fraction(24)), (1.25, Fraction(25)), (1.0, NTSC), (0.77, Fraction(16))])
def test_a_clip_has_exactly_the_frames_it_was_said_to_have(tmp_path: Path, seconds: float, fps: Fraction) -> None:
    film = FilmFormat(FILM.size, fps)
    asked = replace(request(tmp_path, crop(data.coffee(), 0, 0), crop(data.coffee(), 40, 0), seconds=seconds), fps=fps)
    can = AnimaticGenerator(BackendOptions(), film).capabilities
    assert can.durations.allow(seconds)
    assert len(make(asked, tmp_path / "clip.part", film)) == can.frames(seconds) == round(seconds * fps) + 1


@pytest.mark.parametrize("other", [crop(data.coffee(), 60, 20), crop(data.chelsea(), 40, 40)], ids=["related", "unrelated"])
@pytest.mark.parametrize("move", ["static", "push_in", "pull_out", "pan_left", "tilt_up"])
def test_a_clip_begins_and_ends_with_its_keyframes(tmp_path: Path, other: UInt8, move: Move) -> None:
    first = crop(data.coffee(), 0, 0)
    frames = make(request(tmp_path, first, other, move=move), tmp_path / "clip.mp4")
    assert psnr(frames[0], first) > 32
    assert psnr(frames[-1], other) > 32


def test_related_keyframes_are_morphed(tmp_path: Path) -> None:
    first, truth, last = (crop(data.coffee(), x, 40) for x in (0, 32, 64))
    frames = make(request(tmp_path, first, last), tmp_path / "clip.mp4")
    assert psnr(frames[6], truth) > 28


def test_unrelated_keyframes_are_dissolved(tmp_path: Path) -> None:
    first, last = crop(data.coffee(), 0, 0), crop(data.chelsea(), 40, 40)
    frames = make(request(tmp_path, first, last), tmp_path / "clip.mp4")
    assert psnr(frames[6], np.asarray(cv2.addWeighted(first, 0.5, last, 0.5, 0), np.uint8)) > 28


def test_one_keyframe_alone_gets_the_camera_move(tmp_path: Path) -> None:
    first = crop(data.coffee(), 100, 100)
    still = make(request(tmp_path, first, None), tmp_path / "still.mp4")
    moving = make(request(tmp_path, first, None, move="push_in", seconds=2.0), tmp_path / "moving.mp4")
    assert psnr(still[-1], first) > 32 and psnr(moving[0], first) > 32
    assert psnr(moving[-1], first) < 28


def test_the_same_request_gives_the_same_bytes_whatever_the_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = request(tmp_path, crop(data.coffee(), 0, 0), crop(data.coffee(), 50, 30))
    clips = []
    for threads in (1, 2, 2):
        monkeypatch.setattr("media.flow.CV_THREADS", threads)
        make(asked, tmp_path / "clip.mp4")
        clips.append((tmp_path / "clip.mp4").read_bytes())
    assert clips[0] == clips[1] == clips[2]


def test_two_clips_made_at_once_are_the_clips_made_one_by_one(tmp_path: Path) -> None:
    asked = request(tmp_path, crop(data.coffee(), 0, 0), crop(data.coffee(), 50, 30))
    make(asked, tmp_path / "alone.mp4")
    generator = AnimaticGenerator(BackendOptions(), FILM)

    async def both() -> None:
        await asyncio.gather(*(generator.generate(asked, tmp_path / name, lambda progress: None) for name in ("a", "b")))

    asyncio.run(both())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == (tmp_path / "alone.mp4").read_bytes()


def test_a_cancelled_clip_stops_at_the_next_frame(tmp_path: Path) -> None:
    seen: list[int] = []

    def report(progress: Progress) -> None:
        seen.append(progress.done)
        if progress.done == 3:
            raise Cancelled("the run was stopped")

    asked = request(tmp_path, crop(data.coffee(), 0, 0), None, seconds=60.0)
    with pytest.raises(Cancelled):
        asyncio.run(AnimaticGenerator(BackendOptions(), FILM).generate(asked, tmp_path / "clip.mp4", report))
    assert seen[-1] == 3


def test_progress_counts_frames_up_to_the_last(tmp_path: Path) -> None:
    said: list[Progress] = []
    asked = request(tmp_path, crop(data.coffee(), 0, 0), None)
    asyncio.run(AnimaticGenerator(BackendOptions(), FILM).generate(asked, tmp_path / "clip.mp4", said.append))
    assert said[-1] == Progress("drawing", 13, 13)
    assert [one.done for one in said] == sorted(one.done for one in said)


def test_a_damaged_keyframe_is_named_in_the_reason(tmp_path: Path) -> None:
    asked = request(tmp_path, crop(data.coffee(), 0, 0), crop(data.coffee(), 50, 30))
    asked.last_frame.write_bytes(asked.last_frame.read_bytes()[:5000]) if asked.last_frame else None
    with pytest.raises(GenerationFailed, match=r"last keyframe \(last.png\) cannot be read"):
        make(asked, tmp_path / "clip.mp4")


def test_a_clip_that_cannot_be_written_is_a_failure_with_the_systems_reason(tmp_path: Path) -> None:
    asked = request(tmp_path, crop(data.coffee(), 0, 0), None)
    with pytest.raises(GenerationFailed, match="cannot be written: No such file or directory"):
        make(asked, tmp_path / "nowhere" / "clip.mp4")


def test_a_keyframe_of_another_size_is_refused_with_both_sizes(tmp_path: Path) -> None:
    asked = request(tmp_path, data.chelsea(), None)
    with pytest.raises(GenerationFailed, match="451x300, the film is 320x180"):
        make(asked, tmp_path / "clip.mp4")


def test_a_request_that_is_not_the_film_is_a_problem_said_beforehand(tmp_path: Path) -> None:
    asked = request(tmp_path, crop(data.coffee(), 0, 0), None)
    can = AnimaticGenerator(BackendOptions(), FILM).capabilities
    assert list(can.problems(asked)) == []
    assert len(list(can.problems(replace(asked, size=Size(640, 360), fps=NTSC)))) == 2


@pytest.mark.parametrize("size", [Size(180, 320), Size(202, 114), Size(400, 98), Size(64, 64)], ids=str)
def test_any_even_size_and_shape_is_drawn(tmp_path: Path, size: Size) -> None:
    film = FilmFormat(size, Fraction(24))
    first, last = crop(data.coffee(), 0, 0, size), crop(data.coffee(), 20, 10, size)
    frames = make(replace(request(tmp_path, first, last), size=size), tmp_path / "clip.mp4", film)
    assert frames[0].shape == (size.height, size.width, 3)
    assert psnr(frames[-1], last) > 30
