"""`status` of runs that are going on, over, or not begun; it only reads."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console

import cli
from commands.status import follow
from runtime.events import read
from runtime.purchase_model import Intent
from runtime.run_board import runs
from runtime.run_store import EVENTS, RunStore, open_run
from terminal_live import LiveTable

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


def test_of_a_run_that_is_over_nothing_is_said_to_be_in_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with open_run(tmp_path) as run:
        begin(run)
        run.events.emit("finished", "", "interrupted")
    assert status(tmp_path) == 0
    said = capsys.readouterr().out
    assert said.count("unfinished") == 2 and not any(state in said for state in ("running", "waiting"))


@pytest.mark.parametrize(("after_s", "said"), [(600, False), (-1, True)])
def test_of_a_run_that_says_nothing_it_is_told_how_it_goes_on(
        tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, after_s: float, said: bool):
    monkeypatch.setattr("commands.status.SILENT_S", after_s)
    with open_run(tmp_path) as run:
        begin(run)
        assert status(tmp_path) == 0
    assert ("where it was killed, running it again goes on" in capsys.readouterr().out) is said


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


def buy(run: RunStore) -> None:
    """One clip that is there, one that is under way, one of which the answer was lost."""
    shop = run.ledger.purchases

    def intent(number: int) -> int:
        node = f"clip segment_0{number}"
        return shop.intend(Intent(node, node, "job", "runway", "gen4_turbo", {}, Decimal("0.25")), None).id

    done = shop.submitted(intent(1), "task-1").id
    shop.fetched(done, "takes/x.mp4", "0" * 64, Decimal("0.20"), "provider")
    shop.done(done)
    shop.submitted(intent(2), "task-2")
    shop.unknown(intent(3), "the line\nwent dead")
    run.ledger.remember(config=json.dumps({"budget.max_cost_usd": "5"}))


def test_what_is_spent_and_what_goes_on_is_said_while_the_run_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with open_run(tmp_path) as run:
        begin(run)
        buy(run)
        assert status(tmp_path) == 0
    said = capsys.readouterr().out
    assert "money       $0.20 charged, $0.50 reserved, the cap is $5.00" in said
    assert "under way   purchase 2 · segment 2 · runway gen4_turbo · up to $0.25" in said and "job task-2" in said
    assert "ANSWER LOST purchase 3 · segment 3" in said and "the line went dead" in said
    assert f"resolve 3 --output-dir {tmp_path} --attach ID` when runway shows a job for it" in said


def test_without_a_purchase_money_is_not_mentioned(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with open_run(tmp_path) as run:
        begin(run)
    assert status(tmp_path) == 0
    assert "charged" not in capsys.readouterr().out


def test_as_json_the_open_purchases_are_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with open_run(tmp_path) as run:
        buy(run)
    assert status(tmp_path, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    money = {key: Decimal(value) for key, value in told["money"].items()}
    assert money == {"charged_usd": Decimal("0.2"), "reserved_usd": Decimal("0.5"), "unpriced": 0, "cap_usd": 5}
    assert [job["job"] for job in told["under_way"]] == ["task-2"]
    assert [(lost["purchase"], lost["node"]) for lost in told["unresolved"]] == [(3, "clip segment_03")]


@pytest.mark.parametrize(("phase", "done", "total", "said"), [
    ("queued", 0, 100, "queued"), ("running", 40, 100, "running 40 %"), ("downloading", 0, 0, "downloading"),
    ("drawing", 30, 120, "drawing 30/120")])
def test_a_segment_at_a_provider_shows_its_phase(
        tmp_path: Path, capsys: pytest.CaptureFixture[str], phase: str, done: int, total: int, said: str):
    with open_run(tmp_path) as run:
        run.events.emit("run", "", "film")
        run.events.emit("started", "clip segment_01", "new", backend="runway")
        run.events.emit("progress", "clip segment_01", phase, done=done, total=total)
    assert status(tmp_path) == 0
    assert f" {said}, new " in capsys.readouterr().out
    board = runs(read(tmp_path / EVENTS))[-1]
    screen = Console(file=io.StringIO(), width=80, height=20, color_system=None)
    with screen.capture() as captured:
        screen.print(LiveTable(board))
    assert f"runway · {said}" in captured.get()


def test_a_folder_where_nothing_was_run_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with open_run(tmp_path):
        pass
    assert status(tmp_path) == 0
    assert "no run was started here yet" in capsys.readouterr().out


def test_a_preview_is_shown_while_it_is_made_and_the_run_before_it_afterwards(
        tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with open_run(tmp_path) as run:
        begin(run)
        run.events.emit("run", "", "preview in there")
        assert status(tmp_path) == 0
        assert "preview in there" in capsys.readouterr().out
        run.events.emit("finished", "", "done")
    assert status(tmp_path) == 0
    assert "film in there" in " ".join(capsys.readouterr().out.split())


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
