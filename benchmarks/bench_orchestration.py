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

import keyframe_checks
import keyframes
import prompt_planner
import segments
from benchmarks.ratios import Ratio, interleaved
from config import load
from image_generator_interface import ImageGenerator, ImageRequest
from media import colour, encode, frames, probe
from media.film_format import FilmFormat, Size
from orders import Orders
from runtime import durable
from runtime.ledger import Ledger
from runtime.run_store import RunStore, open_run
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


def run(repetitions: int = 7) -> list[Ratio]:
    """What a keyframe-mode graph of 60 segments takes beyond the work on its files, against the commits it makes.

    The files' own work, done bare in a loop: copy, fsync, rename, hash, probe, decode, publish. One thread on either side,
    so that the difference is work and not luck in overlapping it.
    """
    commits = _graph()
    seconds = interleaved({"graph": _graph, "files": _bare_files, "commits": lambda: _bare_commits(commits)}, repetitions)
    each = {name: taken * 1000 / SEGMENTS for name, taken in seconds.items()}
    note = (f"a segment takes {each['graph']:.1f} ms, its files alone {each['files']:.1f} ms, "
            f"its {commits / SEGMENTS:.1f} commits alone {each['commits']:.1f} ms")
    return [Ratio("orchestration of a segment, beyond its files, against the bare SQLite commits it makes",
                  (each["graph"] - each["files"]) / each["commits"], 2, note)]


def _bare_files() -> None:
    """What has to be done to the files of 60 segments, with no graph, no ledger and no events around it."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as threads:
        list(threads.map(lambda number: _one_segment(Path(folder), number), range(SEGMENTS)))


def _one_segment(folder: Path, number: int) -> None:
    picture, clip = folder / f"{number}.png", folder / f"{number}.mp4"
    for source, target in (("picture.png", picture), ("clip.mp4", clip)):
        part = target.with_name(target.name + durable.PART)
        shutil.copyfile(_material() / source, part)
        if target == picture:
            frames.load_rgb(part)
            keyframe_checks.findings(part, keyframe_checks.Neighbour(part, _segment(number + 1)))
        else:
            probe.probe(part)
            probe.check_decodes(part)
        durable.sha256_of(part)
        durable.file_it(part, target)
    durable.copy(picture, folder / f"shown-{number}.png")
    durable.link(clip, folder / f"shown-{number}.mp4")


def _graph() -> int:
    """Runs the graph in a fresh folder. Returns how many commits it made."""
    with tempfile.TemporaryDirectory() as folder, open_run(Path(folder) / "run") as store:
        asyncio.run(_all(store))
        return len(store.ledger.artifacts())


def _segment(index: int) -> Segment:
    return Segment(index=index, seconds=1, video_prompt=f"p {index}", first_keyframe_prompt=f"f {index}",
                   last_keyframe_prompt=f"l {index}", join="continuous" if index > 1 else "cut")


async def _all(store: RunStore) -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    board = Storyboard(title="t", segments=tuple(_segment(index) for index in range(1, SEGMENTS + 1)))
    config = load(None, {}, []).draft.model_copy(update={"size": FILM.size, "fps": FILM.fps})
    video, image = InstantVideo(BackendOptions(), FILM), InstantImages(BackendOptions(), FILM)
    plan = timeline(board, video.capabilities, FILM)
    async with asyncio.TaskGroup() as tasks:
        pictures = keyframes.render(board, {}, [image], store, tasks, config=config, fit_mode="crop", orders=Orders(),
                                    reword=prompt_planner.reword)
        clips = segments.generate(board, pictures, [video], store, tasks, config=config, timeline=plan, orders=Orders(),
                                  reword=prompt_planner.reword)
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
