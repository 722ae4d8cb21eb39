"""`status` of runs that are going on, over, or not begun; it only reads."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import cli
from commands.status import follow
from runtime.run_store import EVENTS, RunStore, open_run

ROOT = Path(__file__).parent.parent


def status(folder: Path, *arguments: str) -> int:
    return cli.main(None, ["status", "--output-dir", str(folder), *arguments])


def begin(run: RunStore) -> None:
    emit = run.events.emit
    emit("run", "", "film in there")
    emit("planned", "keyframe segment_00")
    emit("started", "keyframe segment_00", "new", backend="sketch")
    emit("made", "keyframe segment_00", "new")
    emit("waiting", "clip segment_01", "keyframe segment_01")
    emit("started", "clip segment_02", "prompt changed", backend="animatic")
    emit("progress", "clip segment_02", "drawing", done=30, total=120)
    emit("failed", "clip segment_100", "the model said no")


def test_each_node_is_shown_with_what_it_waits_for_or_why_it_failed(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with open_run(tmp_path) as run:
        begin(run)
        assert status(tmp_path) == 0
    said = capsys.readouterr().out
    for part in ("waiting", "keyframe segment_01", "drawing 30/120", "the model said no", "not over: last heard of"):
        assert part in said
    assert said.index("clip segment_02") < said.index("clip segment_100")


def test_as_json_it_is_one_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with open_run(tmp_path) as run:
        begin(run)
        run.events.emit("finished", "", "1 segment failed")
    assert status(tmp_path, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["finished"] == "1 segment failed"
    states = {node["node"]: node["state"] for node in told["nodes"]}
    assert states == {"keyframe segment_00": "made", "clip segment_01": "waiting", "clip segment_02": "running",
                      "clip segment_100": "failed"}


def test_a_folder_where_nothing_was_run_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with open_run(tmp_path):
        pass
    assert status(tmp_path) == 0
    assert "no run was started here yet" in capsys.readouterr().out


def test_watching_ends_when_the_run_does(tmp_path: Path):
    with open_run(tmp_path) as run:
        begin(run)
        watcher = subprocess.Popen([sys.executable, str(ROOT / "pipeline.py"), "status", "--watch", "--output-dir",
                                    str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert watcher.stdout
        assert "watching" in watcher.stdout.readline()
        run.events.emit("made", "clip segment_02", "prompt changed")
        run.events.emit("finished", "", "done")
        said = watcher.communicate(timeout=60)[0]
    assert watcher.returncode == 0
    assert "over: done" in said


def test_half_a_line_waits_for_its_other_half(tmp_path: Path):
    with open_run(tmp_path) as run:
        run.events.emit("run", "", "one")
        run.events.emit("made", "film", "two")
    path = tmp_path / EVENTS
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    path.write_bytes(whole[: first + 10])
    events = follow(path, skip=1)

    def rest() -> None:
        with path.open("ab") as log:
            log.write(whole[first + 10:])

    timer = threading.Timer(0.3, rest)
    timer.start()
    assert next(events).text == "two"
    timer.join()


def test_json_and_watching_exclude_each_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert status(tmp_path, "--watch", "--json") == 2
    assert "give one of them" in capsys.readouterr().err
