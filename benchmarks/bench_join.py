"""Joining by copying packets, against copying the same bytes and against encoding them anew."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks.ratios import Ratio, interleaved, machine
from media.colour import rgb_to_i420
from media.concat import Part, join
from media.encode import ClipWriter
from media.film_format import FilmFormat, Size

FILM = FilmFormat(Size(1280, 720), Fraction(24))
CLIP_FRAMES, CLIPS = 121, 12


def run() -> list[Ratio]:
    """Twelve clips of five seconds, 720p. The copy and `cp` take turns five times; the encoding is done once, last."""
    with tempfile.TemporaryDirectory() as folder:
        parts = _parts(Path(folder))
        film, copies = Path(folder) / "film.mp4", Path(folder) / "copies"
        copies.mkdir()
        seconds = interleaved({
            "cp": lambda: _copy(parts, copies),
            "join": lambda: join(parts, film, FILM),
        }, repetitions=5)
        seconds |= interleaved({"encode": lambda: _encode(parts, Path(folder) / "encoded.mp4")}, repetitions=1)
        size = film.stat().st_size / 1e6
    note = f"{CLIPS} clips, {size:.0f} MB, join {seconds['join'] * 1000:.0f} ms"
    return [
        Ratio("join by copy / cp of the same bytes", seconds["join"] / seconds["cp"], 12, note),
        Ratio("full re-encode / join by copy", seconds["encode"] / seconds["join"], 50, note, "at least"),
    ]


def _parts(folder: Path) -> list[Part]:
    """Two clips of a pan over a textured picture, used in turn: their content does not matter to a copy, their size does."""
    clips = [_clip(folder / f"clip_{seed}.mp4", seed) for seed in (1, 2)]
    paths = [Path(shutil.copy(clips[number % 2], folder / f"part_{number:02d}.mp4")) for number in range(CLIPS)]
    return [Part(path, CLIP_FRAMES - 1) for path in paths]


def _clip(path: Path, seed: int) -> Path:
    width, height = FILM.size
    noise = np.random.default_rng(seed).normal(0, 1, (height, width + 2 * CLIP_FRAMES, 3)).astype(np.float32)
    picture = 128 + 160 * cv2.GaussianBlur(noise, (0, 0), 2) + 900 * cv2.GaussianBlur(noise, (0, 0), 12)
    rgb = np.clip(picture, 0, 255).astype(np.uint8)
    with ClipWriter(path, FILM) as clip:
        for number in range(CLIP_FRAMES):
            clip.write(rgb_to_i420(rgb[:, 2 * number : 2 * number + width]))
    return path


def _copy(parts: Sequence[Part], to: Path) -> None:
    for part in parts:
        shutil.copyfile(part.path, to / part.path.name)


def _encode(parts: Sequence[Part], to: Path) -> None:
    with ClipWriter(to, FILM) as clip:
        for part in parts:
            with av.open(str(part.path)) as container:
                for number, frame in enumerate(container.decode(video=0)):
                    if number < part.frames:
                        clip.write(np.asarray(frame.to_ndarray(), np.uint8))


if __name__ == "__main__":
    print(machine())
    for ratio in run():
        print(ratio)
