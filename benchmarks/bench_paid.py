"""Paid runs: how well places are used, against one job after the other, in how much memory, and what the ledger costs."""

from __future__ import annotations

import asyncio
import heapq
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from benchmarks.ratios import Ratio, interleaved
from generators.remote_protocol import JobState
from generators.runway_generator import RunwayGenerator
from media import probe
from runtime.ledger import Ledger
from runtime.run_store import open_run
from storyboard import Camera
from tests import tiny_runway
from tests.fake_provider import Course, FakeProvider, FakeVideo
from tests.paid_film import PaidFilm
from video_generator_interface import SegmentRequest

ROOT = Path(__file__).resolve().parent.parent
SEGMENTS, PLACES, SEED = 60, 8, 20261122
SHORT, AT_ONCE, LATENCY_S, POLL_S = 24, 12, 0.8, 0.05
MANY, MOST_MB = 1000, 200
JOBS = 50


def run() -> list[Ratio]:
    """Makespan on a virtual clock, then against real servers, memory of a thousand segments, the ledger against commits."""
    return [_makespan(), _against_one_by_one(), _memory(), _ledger()]


def _makespan() -> Ratio:
    """60 jobs of random lengths at 8 places, bought by the real stage, against list scheduling.

    A job has ended for us when a look finds it ended, and its place is taken until then: that is the granularity of polling.
    It is part of the lengths that are scheduled; what it adds to the bare ones is said beside.
    """
    dice = random.Random(SEED)
    lengths = [dice.lognormvariate(4.4, 0.5) for _ in range(SEGMENTS)]
    world = FakeProvider(lambda number, request: Course(work_s=lengths[request.segment - 1]), places=PLACES)
    with tempfile.TemporaryDirectory() as folder:
        took_s = PaidFilm(Path(folder) / "run", [1] * SEGMENTS).run(FakeVideo(world)).seconds
    posts = sorted(world.posts, key=lambda posted: posted.request.segment)
    seen = [world.jobs[posted.job].looks[-1] - posted.at for posted in posts]
    bare_s, seen_s = list_scheduled(lengths, PLACES), list_scheduled(seen, PLACES)
    late_s = (sum(seen) - sum(lengths)) / SEGMENTS
    note = (f"{SEGMENTS} jobs of {min(lengths):.0f} to {max(lengths):.0f} s at {PLACES} places: {took_s:.0f} s against "
            f"{seen_s:.0f} s; polling every 5 to 6 s finds a job {late_s:.1f} s late, were it found at once it would be "
            f"{bare_s:.0f} s ({took_s / bare_s:.3f}x)")
    return Ratio("makespan of a paid run against list scheduling of its jobs as polls find them", took_s / seen_s, 1.02, note)


def list_scheduled(lengths: Iterable[float], places: int) -> float:
    """When the last of these jobs ends if each, in this order, takes the first place that is free."""
    free = [0.0] * places
    for length in lengths:
        heapq.heapreplace(free, free[0] + length)
    return max(free)


def _against_one_by_one() -> Ratio:
    """The stage with its ledger, against a loop that submits, waits and downloads and keeps no books: real SDK, real HTTP."""
    with tiny_runway.serve(latency_s=LATENCY_S) as server:
        seconds = interleaved({"stage": lambda: _in_parallel(server.url), "loop": lambda: _one_by_one(server.url)}, 3)
    note = (f"{SHORT} jobs of {LATENCY_S:g} s, {AT_ONCE} at once: {seconds['stage']:.1f} s against {seconds['loop']:.1f} s, "
            f"looks every {POLL_S * 1000:.0f} ms, clips of 1 s at {tiny_runway.FILM.size}")
    return Ratio("submit, wait, download one after the other / a paid run", seconds["loop"] / seconds["stage"], 4, note,
                 "at least")


def _in_parallel(url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        film = PaidFilm(Path(folder) / "run", [1] * SHORT, tiny_runway.FILM)
        ran = film.run(tiny_runway.backend(url, parallel=AT_ONCE, poll_s=POLL_S), cap="100", really=True)
    assert len(ran.made) == SHORT


def _one_by_one(url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_loop(tiny_runway.backend(url, parallel=1), Path(folder)))


async def _loop(backend: RunwayGenerator, folder: Path) -> None:
    film, picture = tiny_runway.FILM, folder / "grey.png"
    PaidFilm(folder, film=film).draw(picture)
    for number in range(SHORT):
        request = SegmentRequest(
            segment=number, prompt=f"loop {number}", negative_prompt="", camera=Camera(), seconds=1, size=film.size,
            fps=film.fps, first_frame=picture, last_frame=picture, audio=False, seed=number)
        job, state = await backend.submit(request), JobState("queued")
        while state.phase != "succeeded":
            await asyncio.sleep(POLL_S)
            state = await backend.poll(job)
        await backend.download(job, state, folder / "clip.mp4")
        probe.check_decodes(folder / "clip.mp4")


def _memory() -> Ratio:
    """The most memory that the paid graph of 1,000 segments ever holds, in a process of its own."""
    child = subprocess.Popen([sys.executable, "-m", "benchmarks.bench_paid", str(MANY)], cwd=ROOT)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    peak_mb = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    return Ratio(f"memory of a paid run of {MANY} segments against {MOST_MB} MB", peak_mb / MOST_MB, 1,
                 f"{peak_mb:.0f} MB; keyframes given, Python and all libraries included")


def buy(segments: int) -> None:
    """A paid run of so many segments, on the virtual clock. Raises AssertionError unless all are made."""
    with tempfile.TemporaryDirectory() as folder:
        ran = PaidFilm(Path(folder) / "run", [1] * segments).run(FakeVideo(FakeProvider(places=20)), cap="1000")
    assert len(ran.made) == segments


def _ledger() -> Ratio:
    """A purchase from the intent to the take, through the till, against the commits it makes as bare SQLite."""
    seconds = interleaved({"till": _purchases, "commits": _bare_commits}, 5)
    each = {name: taken * 1000 / JOBS for name, taken in seconds.items()}
    note = f"intend, submitted, fetched, done: {each['till']:.1f} ms against {each['commits']:.1f} ms for 4 bare commits"
    return Ratio("ledger cost of a job against the bare SQLite commits it makes", each["till"] / each["commits"], 1.5, note)


def _purchases() -> None:
    with tempfile.TemporaryDirectory() as folder, open_run(Path(folder) / "run") as store:
        store.till.open(Decimal(1000))

        async def buy_all() -> None:
            for number in range(JOBS):
                counter = store.till.counter(f"clip segment_{number}", f"{number:064x}")
                bought = await counter.intend(provider="p", model="m", asked={"prompt": "p" * 400}, bound_usd=Decimal("0.1"))
                counter.submitted(bought, f"job-{number}", None)
                await counter.fetched(bought, Path("takes/c.mp4"), "a" * 64, Decimal("0.1"), "provider")
                await counter.done("a" * 64)

        asyncio.run(buy_all())


def _bare_commits() -> None:
    """The same rows by the same four steps in a database of the same schema and settings, and nothing around them."""
    insert = ("INSERT INTO purchase (node, wanted, kind, provider, model, asked, state, reserved, intended_at, changed_at) "
              "VALUES (?, ?, 'job', 'p', 'm', ?, 'INTENT', 100000, ?, ?)")
    steps = ("state = 'SUBMITTED', remote_id = 'job'", f"state = 'FETCHED', path = 'takes/c.mp4', sha256 = '{'a' * 64}'",
             "state = 'DONE', charged = 100000")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        Ledger(path).close()
        database = sqlite3.connect(path, isolation_level=None)
        database.execute("PRAGMA synchronous = FULL")
        asked = json.dumps({"prompt": "p" * 400})
        for number in range(JOBS):
            _committed(database, insert, (f"n{number}", f"{number:064x}", asked, time.time(), time.time()))
            for step in steps:
                _committed(database, f"UPDATE purchase SET {step}, changed_at = ? WHERE id = ?", (time.time(), number + 1))
        database.close()


def _committed(database: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> None:
    database.execute("BEGIN IMMEDIATE")
    database.execute(statement, values)
    database.execute("COMMIT")


if __name__ == "__main__":
    buy(int(sys.argv[1]))
