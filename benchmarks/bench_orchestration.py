"""What the graph costs a segment when making pictures and clips costs nothing, beside the bare commits it makes."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

import keyframes
import segments
from benchmarks.ratios import Ratio, interleaved
from commands.session import LEAST_THREADS
from config import load
from image_generator_interface import ImageGenerator, ImageRequest
from media import colour, encode
from media.film_format import FilmFormat, Size
from orders import Orders
from runtime.ledger import Ledger
from runtime.run_store import open_run
from storyboard import Segment, Storyboard
from timeline import timeline
from video_generator_interface import BackendOptions, Capabilities, Durations, Report, SegmentRequest, VideoGenerator

SEGMENTS = 60
FILM = FilmFormat(Size(64, 64), Fraction(8))


class InstantImages(ImageGenerator):
    """Hands out one picture."""

    name = section = "instant"

    async def generate(self, request: ImageRequest, to: Path, report: Report) -> None:
        shutil.copyfile(_material() / "picture.png", to)


class InstantVideo(VideoGenerator):
    """Hands out one clip."""

    name = section = "instant"

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(Durations(choices=(1.0,)), lambda seconds: 9, FILM.fps)

    async def generate(self, request: SegmentRequest, to: Path, report: Report) -> None:
        shutil.copyfile(_material() / "clip.mp4", to)


def run(repetitions: int = 5) -> list[Ratio]:
    """A whole keyframe-mode graph of 60 segments against the same number of the same commits in a bare loop."""
    _material()
    commits = _graph()
    seconds = interleaved({"graph": _graph, "bare": lambda: _bare_commits(commits)}, repetitions)
    each = 1000 / SEGMENTS
    note = (f"{seconds['graph'] * each:.1f} ms a segment against {seconds['bare'] * each:.1f} ms for its "
            f"{commits / SEGMENTS:.1f} commits; files made, hashed, fsynced, probed and published included")
    return [Ratio("orchestration of a segment against the bare SQLite commits it makes", seconds["graph"] / seconds["bare"],
                  2, note)]


def _graph() -> int:
    """Runs the graph in a fresh folder. Returns how many commits it made."""
    with tempfile.TemporaryDirectory() as folder, open_run(Path(folder) / "run") as store:
        asyncio.run(_all(store))
        return len(store.ledger.artifacts())


async def _all(store: object) -> None:
    from runtime.run_store import RunStore

    assert isinstance(store, RunStore)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(LEAST_THREADS))
    board = Storyboard(title="t", segments=tuple(
        Segment(index=index, seconds=1, video_prompt=f"p {index}", first_keyframe_prompt=f"f {index}",
                last_keyframe_prompt=f"l {index}", join="continuous" if index > 1 else "cut") for index in range(1, SEGMENTS + 1)))
    config = load(None, {}, []).draft.model_copy(update={"size": FILM.size, "fps": FILM.fps})
    video, image = InstantVideo(BackendOptions(), FILM), InstantImages(BackendOptions(), FILM)
    plan = timeline(board, video.capabilities, FILM)
    async with asyncio.TaskGroup() as tasks:
        pictures = keyframes.render(board, [image], store, tasks, config=config, fit_mode="crop", orders=Orders())
        clips = segments.generate(board, pictures, [video], store, tasks, config=config, timeline=plan, orders=Orders())
    assert all(task.done() for task in clips.values())


def _bare_commits(count: int) -> None:
    """The ledger's own record transaction, as bare SQLite, so many times."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        Ledger(path).close()
        database = sqlite3.connect(path, isolation_level=None)
        database.execute("PRAGMA journal_mode = DELETE")
        database.execute("PRAGMA synchronous = FULL")
        asked = json.dumps({"prompt": "p" * 400})
        for number in range(count):
            database.execute("BEGIN IMMEDIATE")
            database.execute("UPDATE artifact SET chosen = 0 WHERE node = ? AND wanted = ?", (f"n{number}", "w"))
            database.execute(
                "INSERT INTO artifact (node, wanted, take, asked, made_by, made_from, source, path, sha256, seconds_spent, "
                "made_at, chosen) VALUES (?, 'w', 1, ?, 'b', '{}', 'made', 'p', ?, 0, ?, 1)",
                (f"n{number}", asked, "a" * 64, time.time()))
            database.execute("INSERT INTO current SELECT node, id FROM artifact WHERE node = ?", (f"n{number}",))
            database.execute("COMMIT")
        database.close()


def _material() -> Path:
    """The picture and the clip that the instant backends hand out."""
    folder = Path(tempfile.gettempdir()) / "longtake-bench-material"
    if not (folder / "clip.mp4").exists():
        folder.mkdir(exist_ok=True)
        rgb = np.full((64, 64, 3), 90, np.uint8)
        cv2.imwrite(str(folder / "picture.png"), rgb)
        with encode.ClipWriter(folder / "clip.mp4", FILM) as clip:
            for _ in range(9):
                clip.write(colour.rgb_to_i420(rgb))
    return folder
