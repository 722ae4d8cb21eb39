"""One run with a person in front of it: questions, the closing of the books, what is said at the end."""

from __future__ import annotations

import json
import os
import select
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest

import report
from errors import MachineTrouble
from runtime.purchase_model import Intent
from runtime.run_store import open_run
from tests.films import Film, write_config

ROOT = Path(__file__).parent.parent
FAILING = ("--backend", "test-flaky", "--set", "test-flaky.fail=[1, 2, 3, 4]")


@pytest.fixture
def planned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Film:
    """A film of which a person has edited the plan."""
    film = write_config(tmp_path)
    assert film.run(command="plan").code == 0
    film.change(1, video_prompt="Mine.")
    capsys.readouterr()
    return film


@pytest.mark.skipif(not hasattr(os, "forkpty"), reason="needs a terminal of its own")
def test_the_first_ctrl_c_ends_a_question(planned: Film):
    import pty

    argv = [sys.executable, str(ROOT / "pipeline.py"), "run", "--config", str(planned.config), "--replan"]
    child, terminal = pty.fork()
    if child == 0:
        os.execv(argv[0], argv)
    said = read(terminal, until="[y/N]")
    os.write(terminal, b"\x03")
    said += read(terminal, until="goes on from here")
    assert "Put it aside" in said and "goes on from here" in said
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 130


def read(terminal: int, until: str, at_most_s: float = 60.0) -> str:
    """What a terminal says up to a word; less when it says nothing more."""
    said, end = "", time.monotonic() + at_most_s
    while until not in said and time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                said += os.read(terminal, 4096).decode(errors="replace")
            except OSError:
                break
    return said


def test_a_secret_of_any_name_reaches_no_file_and_no_screen(tmp_path: Path, plugins: None, capsys: pytest.CaptureFixture[str]):
    film = write_config(tmp_path)
    assert film.run("--backend", "test-signing", "--set", "test-signing.signing=hunter2hunter2", "--json").code == 4
    shown = capsys.readouterr()
    assert "the vendor says: bad" in shown.out and "hunter2" not in shown.out + shown.err
    holding = [path.name for path in film.folder.rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()]
    assert holding == []


def test_a_report_that_cannot_be_written_does_not_stand_in_for_what_failed(
        tmp_path: Path, plugins: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise MachineTrouble("the disk is full")

    monkeypatch.setattr(report, "write", full)
    assert write_config(tmp_path).run(*FAILING).code == 4
    said = capsys.readouterr().err
    assert "could not be closed: the disk is full" in said and "4 of 4 segments are not there" in said


def test_a_report_that_shows_all_there_is_is_left_alone(film: Film):
    page = film.folder / "report.html"
    assert film.run().code == 0
    page.write_text("as it was")
    assert film.run().code == 0 and page.read_text() == "as it was"
    film.change(1, video_prompt="Another.")
    assert film.run().code == 0 and page.read_text() != "as it was"


def test_a_report_follows_what_a_person_says_of_a_purchase(film: Film):
    page = film.folder / "report.html"
    with open_run(film.folder) as run:
        lost = run.till.purchases.intend(Intent("clip segment_01", "w", "job", "runway", "m", {}, Decimal("0.25")), None)
        run.till.purchases.unknown(lost.id, "the line went dead")
    assert film.run().code == 6 and "answer lost" in page.read_text(encoding="utf-8")
    with open_run(film.folder) as run:
        run.till.purchases.ended(lost.id, "ABANDONED", "given up", charged_usd=Decimal(0), by="person")
    assert film.run().code == 0 and "answer lost" not in page.read_text(encoding="utf-8")


def test_a_failure_is_one_document_with_the_run_it_is_of(tmp_path: Path, plugins: None, capsys: pytest.CaptureFixture[str]):
    film = write_config(tmp_path)
    assert film.run(*FAILING, "--fill", "animatic", "--json").code == 4
    told = json.loads(capsys.readouterr().out)
    assert (told["exit"], told["run_folder"]) == (4, str(film.folder))
    assert told["preview"] == str(film.folder / "preview" / "preview.mp4")
    assert "4 of 4 segments are not there" in told["error"] and Path(told["report"]).is_file()


def test_a_preview_is_named_at_the_end(film: Film, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(film.config.parent)
    assert film.run("--fill", "animatic", "--quiet").code == 0
    assert capsys.readouterr().out.splitlines() == ["preview    out/preview/preview.mp4", "film       out/film.mp4"]
    assert film.run("--json").code == 0
    assert json.loads(capsys.readouterr().out)["preview"] is None


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_folder_with_a_colon_in_its_name_holds_a_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    film = write_config(tmp_path, duration_seconds=1)
    assert film.run("--output-dir", "film:1").code == 0
    assert (tmp_path / "film:1" / "film.mp4").is_file()


def out_at_runway(film: Film, jobs: int) -> None:
    """Plans the film, and leaves jobs at a provider as an earlier run does."""
    assert film.run(command="plan").code == 0
    with open_run(film.folder) as run:
        for number in range(jobs):
            node = f"clip segment_{number + 1:02d}"
            intent = Intent(node, f"wish {number}", "job", "runway", "gen4_turbo", {}, Decimal("0.25"))
            run.till.purchases.submitted(run.till.purchases.intend(intent, None).id, f"task-{number}")


@pytest.mark.parametrize(("jobs", "said"), [
    (1, "interrupted; 1 job goes on at runway and is paid for; running again collects it and goes on from here"),
    (2, "interrupted; 2 jobs go on at runway and are paid for; running again collects them and goes on from here"),
    (0, "interrupted; running the same command again")])
def test_after_ctrl_c_the_paid_jobs_that_go_on_are_named(
        tmp_path: Path, plugins: None, capsys: pytest.CaptureFixture[str], jobs: int, said: str):
    film = write_config(tmp_path)
    out_at_runway(film, jobs)
    assert film.run("--backend", "test-interrupted").code == 130
    assert said in capsys.readouterr().err


def test_after_ctrl_c_the_document_lists_the_jobs_that_go_on(
        tmp_path: Path, plugins: None, capsys: pytest.CaptureFixture[str]):
    film = write_config(tmp_path)
    out_at_runway(film, 1)
    capsys.readouterr()
    assert film.run("--backend", "test-interrupted", "--json").code == 130
    told = json.loads(capsys.readouterr().out)
    assert told["under_way"] == [{"purchase": 1, "node": "clip segment_01", "provider": "runway", "job": "task-0"}]
    assert told["error"] == "interrupted" and Decimal(told["reserved_usd"]) == Decimal("0.25")


def test_a_run_says_at_the_end_what_was_spent_and_a_failure_which_jobs_go_on(
        tmp_path: Path, plugins: None, capsys: pytest.CaptureFixture[str]):
    film = write_config(tmp_path)
    out_at_runway(film, 1)
    assert film.run(*FAILING).code == 4
    said = capsys.readouterr()
    assert "money      nothing spent in this run, $0.25 reserved in all" in said.out
    assert "1 job goes on at runway" in said.err
