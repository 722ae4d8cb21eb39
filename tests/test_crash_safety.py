"""kill -9 at any moment: the next run goes on, makes nothing finished twice, and ends with the same film."""

import contextlib
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runtime import events
from runtime.commit_points import FREE
from runtime.ledger import Ledger
from tests import films

ROOT = Path(__file__).resolve().parent.parent
SEED = 20261122
SMALL = {"duration_seconds": 3, "segment_seconds": 1, "size": "96x64", "fps": 8}
LONGEST_S = 120


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def start(module, *arguments):
    return subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE)


def killed_at(film, point, visit=1):
    child = start("tests.crash_run", point, str(visit), "run", "--config", str(film.config))
    _, said = child.communicate(timeout=LONGEST_S)
    return child.returncode, said.decode()


def recorded(film):
    """The nodes with a finished take, by the ledger itself."""
    if not (film.folder / "ledger.sqlite").exists():
        return set()
    ledger = Ledger(film.folder / "ledger.sqlite", read_only=True)
    try:
        return {artifact.node for artifact in ledger.artifacts()}
    finally:
        ledger.close()


def assert_whole(film, undisturbed):
    assert sha256(film.film) == undisturbed
    assert not list(film.folder.rglob("*.part"))
    ledger = Ledger(film.folder / "ledger.sqlite", read_only=True)
    try:
        assert ledger.check() == "ok"
        assert all(artifact.take == 1 for artifact in ledger.artifacts())
    finally:
        ledger.close()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The hash of the film that nothing interrupted, and how long it was at work, in seconds."""
    film = films.write_config(tmp_path_factory.mktemp("undisturbed"), **SMALL)
    assert start("pipeline", "--config", str(film.config)).wait(LONGEST_S) == 0
    told = list(events.read(film.folder / "events.jsonl"))
    return sha256(film.film), told[-1].at - told[0].at


@pytest.mark.parametrize("point", FREE)
def test_killed_at_a_commit_point_the_next_run_goes_on(tmp_path, undisturbed, point):
    film = films.write_config(tmp_path, **SMALL)
    code, said = killed_at(film, point)
    assert code == -signal.SIGKILL, said
    finished = recorded(film)
    again = film.run()
    assert again.code == 0
    assert again.nodes("started") & finished == set()
    assert_whole(film, undisturbed[0])


def kill_until_done(folder, undisturbed, kills, seed):
    """Kills real runs of one film at random moments, `kills` times, and begins a new film when one is done.

    Only a kill that hits a run at work counts. Returns how many runs that took. A moment is drawn from the time that a whole
    film takes, and counts from the first event of the run: how long Python starts up on a busy machine plays no part.
    """
    dice, hits, runs, film = random.Random(seed), 0, 0, None
    while hits < kills:
        runs += 1
        assert runs <= 4 * kills + 20, "runs end before they can be killed"
        if film is None:
            (folder / str(runs)).mkdir()
            film = films.write_config(folder / str(runs), **SMALL)
        before, told = recorded(film), film.folder / "events.jsonl"
        seen, size = len(list(events.read(told))), told.stat().st_size if told.exists() else 0
        child = start("pipeline", "--config", str(film.config))
        while child.poll() is None and (not told.exists() or told.stat().st_size == size):
            time.sleep(0.005)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(dice.uniform(0.0, 1.0) * undisturbed[1])
        child.kill()
        child.communicate()
        new = list(events.read(told))[seen:]
        hits += child.returncode != 0
        assert {event.node for event in new if event.kind == "started"} & before == set()
        if child.returncode == 0:
            assert_whole(film, undisturbed[0])
            film = None
    for unfinished in sorted(path for path in folder.iterdir() if path.is_dir()):
        film = films.Film(unfinished / "out", unfinished / "film.yaml")
        assert film.run().code == 0
        assert_whole(film, undisturbed[0])
    return runs


def test_twenty_kills_at_random_moments_cost_nothing(tmp_path, undisturbed):
    kill_until_done(tmp_path, undisturbed, 20, SEED)


@pytest.mark.soak
def test_two_hundred_kills_at_random_moments_cost_nothing(tmp_path, undisturbed):
    runs = kill_until_done(tmp_path, undisturbed, 200, SEED + 1)
    print(f"\n200 kills in {runs} runs, seed {SEED + 1}")  # noqa: T201 - make soak shows it


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_run_and_its_children_and_the_next_run_goes_on(tmp_path, undisturbed, number):
    film = films.write_config(tmp_path, **SMALL, video_generation_backend="test-hanging")
    child, pids = hanging_run(film, tmp_path)
    child.send_signal(number)
    said, _ = child.communicate(timeout=LONGEST_S)
    assert child.returncode == 128 + number
    assert b"goes on from here" in said
    assert gone(pids)
    assert not list(film.folder.rglob("*.part"))
    assert films.Film(film.folder, film.config).run("--backend", "animatic").code == 0
    assert sha256(film.film) == undisturbed[0]


def test_a_second_signal_waits_for_nothing(tmp_path):
    film = films.write_config(tmp_path, **SMALL, video_generation_backend="test-stubborn")
    child, _ = hanging_run(film, tmp_path)
    child.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(1)
    child.send_signal(signal.SIGINT)
    assert child.wait(20) == 130
    child.communicate()


def test_kill_9_leaves_no_child_behind(tmp_path):
    film = films.write_config(tmp_path, **SMALL, video_generation_backend="test-hanging")
    child, pids = hanging_run(film, tmp_path)
    child.kill()
    child.communicate()
    assert gone(pids)


def hanging_run(film, folder):
    """A run whose backend has children that would live for ten minutes, once those are there."""
    from tests import backends

    site = backends.entry_points(folder / "site")
    path = os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")])
    child = subprocess.Popen([sys.executable, "-m", "pipeline", "--config", str(film.config)], cwd=ROOT,
                             env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + LONGEST_S
    while not (found := [path for path in film.folder.rglob("*.pid") if path.read_text()]):
        assert child.poll() is None, child.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return child, [int(path.read_text()) for path in found]


def gone(pids):
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)
