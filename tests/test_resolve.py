"""`resolve`: a person says what became of a purchase; killed half way it stands as before or as said."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

import cli
from media.film_format import FilmFormat, Size
from runtime import durable, events
from runtime.ledger import Ledger
from runtime.purchases import Intent, Purchase
from runtime.run_store import LEDGER, open_run
from runtime.spend import Spend, run_id
from tests.bought import BOUND, done, failed, fetched, intent, lost, under_way
from tests.clips import barcoded, film_clip

ROOT = Path(__file__).resolve().parent.parent


def resolve(folder: Path, *arguments: object) -> int:
    return cli.main(None, ["resolve", *map(str, arguments), "--output-dir", str(folder)])


def purchase(folder: Path, number: int = 1) -> Purchase:
    ledger = Ledger(folder / LEDGER, read_only=True)
    try:
        found = ledger.purchases.get(number)
    finally:
        ledger.close()
    assert found is not None
    return found


def small(segment: int = 4) -> Intent:
    """One second of small pictures, so that its file is quickly made."""
    return intent(segment, seconds=1, size="320x180", lasts_s=1.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A film whose segment 4 was asked for, and the answer lost."""
    with open_run(tmp_path / "film") as run:
        lost(run.ledger.purchases, small())
    return tmp_path / "film"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was bought: one second of 320x180."""
    return barcoded(tmp_path_factory.mktemp("given") / "mine.mov", 24)


def test_an_attached_job_is_waited_for_by_the_next_run(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert resolve(folder, 1, "--attach", " task-77 ") == 0
    one = purchase(folder)
    assert (one.state, one.remote_id, one.charged_usd) == ("SUBMITTED", "task-77", None)
    told = capsys.readouterr().out
    assert "it is job task-77 at runway" in told and "buys nothing for segment 4" in told
    assert "pipeline.py run --config FILE --output-dir" in told


def test_a_mistyped_id_can_be_put_right(folder: Path):
    resolve(folder, 1, "--attach", "task-7")
    assert resolve(folder, 1, "--attach", "task-77") == 0
    assert purchase(folder).remote_id == "task-77"


def test_a_given_file_is_copied_and_lies_where_the_next_run_looks(folder: Path, clip: Path):
    assert resolve(folder, 1, "--file", clip) == 0
    one = purchase(folder)
    assert (one.state, one.path) == ("FETCHED", "takes/segment_04/bought-1.mp4")
    assert one.sha256 == durable.sha256_of(clip) == durable.sha256_of(folder / (one.path or ""))
    assert (one.charged_usd, one.charged_by) == (BOUND, "bound")
    assert clip.exists() and not list(folder.rglob("*.part"))


def test_what_was_given_up_counts_in_full_unless_a_person_knows_better(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert resolve(folder, 1, "--abandon") == 0
    assert (purchase(folder).state, purchase(folder).charged_usd) == ("ABANDONED", BOUND)
    assert "counted as $0.25 charged, all that was reserved" in capsys.readouterr().out
    assert resolve(folder, 1, "--abandon") == 2
    assert resolve(folder, 1, "--abandon", "--charged", "0") == 0
    assert (purchase(folder).charged_usd, purchase(folder).charged_by) == (Decimal(0), "person")


@pytest.mark.parametrize("option", ["--abandon", "--file"])
def test_what_a_person_says_it_cost_is_what_counts(folder: Path, clip: Path, option: str):
    assert resolve(folder, 1, option, *([clip] if option == "--file" else []), "--charged", "$0.05") == 0
    assert (purchase(folder).charged_usd, purchase(folder).charged_by) == (Decimal("0.05"), "person")
    with open_run(folder) as run:
        assert run.ledger.purchases.counted_usd() == Decimal("0.05")


def test_the_books_of_all_films_and_the_log_of_this_one_hear_of_it(folder: Path):
    resolve(folder, 1, "--abandon", "--charged", "0.20")
    ledger = Ledger(folder / LEDGER, read_only=True)
    (charge,) = Spend().rows(run=run_id(ledger))
    ledger.close()
    assert (charge.usd, charge.state, charge.film) == (Decimal("0.20"), "ABANDONED", "film")
    (note,) = events.read(folder / "events.jsonl")
    assert (note.node, note.data) == ("clip segment_04", {"purchase": 1, "state": "ABANDONED"})


def test_books_that_cannot_be_written_are_said_and_the_rest_is_done(
        folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    assert resolve(folder, 1, "--abandon") == 0
    assert "`costs` will miss charges" in capsys.readouterr().err
    assert purchase(folder).state == "ABANDONED"


def test_as_json_it_is_one_document(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert resolve(folder, 1, "--abandon", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["purchase"], told["before"], told["state"], told["charged_usd"]) == (1, "UNKNOWN", "ABANDONED", "0.25")


def test_exactly_one_thing_is_to_be_said(folder: Path, clip: Path, capsys: pytest.CaptureFixture[str]):
    assert resolve(folder, 1) == 2
    assert resolve(folder, 1, "--abandon", "--attach", "x") == 2
    assert "not --attach and --abandon together" in capsys.readouterr().err
    assert resolve(folder, 1, "--attach", "x", "--charged", "0") == 2
    for amount in ("-1", "NaN", "cheap", "1e9", "Infinity"):
        assert resolve(folder, 1, "--abandon", "--charged", amount) == 2
    for id in ("", "two words", "bell\x07"):
        assert resolve(folder, 1, "--attach", id) == 2
    assert purchase(folder).state == "UNKNOWN"


@pytest.mark.parametrize(("leave", "allowed"), [
    (done, []), (failed, []), (under_way, ["--file", "--abandon"]), (fetched, ["--abandon"]),
    (lost, ["--attach", "--file", "--abandon"]),
])
def test_only_what_can_be_said_of_a_state_is_taken(
        tmp_path: Path, clip: Path, leave: Callable[..., Purchase], allowed: list[str], capsys: pytest.CaptureFixture[str]):
    said: dict[str, list[object]] = {"--attach": ["task-77"], "--file": [clip], "--abandon": []}
    for option, given in said.items():
        with open_run(tmp_path / option) as run:
            before = leave(run.ledger.purchases, small())
        assert resolve(tmp_path / option, 1, option, *given) == (0 if option in allowed else 2)
        assert (purchase(tmp_path / option) == before) is (option not in allowed)
    assert allowed == ["--attach", "--file", "--abandon"] or "purchase 1, segment 4: it is " in capsys.readouterr().err


def test_an_id_of_another_purchase_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]):
    with open_run(folder) as run:
        under_way(run.ledger.purchases, small(5), "task-5")
    assert resolve(folder, 1, "--attach", "task-5") == 2
    assert "task-5 is the id of purchase 2" in capsys.readouterr().err
    assert purchase(folder).state == "UNKNOWN"


def test_a_number_that_does_not_exist_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert resolve(folder, 2, "--abandon") == 2
    assert "purchase 2: there is no such purchase" in capsys.readouterr().err
    assert resolve(folder, 0, "--abandon") == 2


def test_a_call_has_neither_a_job_nor_a_clip(tmp_path: Path, clip: Path, capsys: pytest.CaptureFixture[str]):
    with open_run(tmp_path / "film") as run:
        lost(run.ledger.purchases, intent(1, kind="call"))
    assert resolve(tmp_path / "film", 1, "--attach", "x") == resolve(tmp_path / "film", 1, "--file", clip) == 2
    assert "there is no job" in capsys.readouterr().err
    assert resolve(tmp_path / "film", 1, "--abandon") == 0


def test_a_killed_runs_purchase_can_be_resolved_before_another_run(tmp_path: Path):
    with open_run(tmp_path / "film") as run:
        run.ledger.purchases.intend(small(), None)
    assert resolve(tmp_path / "film", 1, "--attach", "task-1") == 0


def test_a_folder_in_use_is_left_alone(folder: Path, capsys: pytest.CaptureFixture[str]):
    with open_run(folder):
        assert resolve(folder, 1, "--abandon") == 7
    assert "another run works in" in capsys.readouterr().err
    assert purchase(folder).state == "UNKNOWN"


def wrong_files(folder: Path) -> dict[str, Path]:
    """What is wrong with a file -> such a file."""
    whole = barcoded(folder / "whole.mp4", 24)
    text, torn = folder / "notes.mp4", folder / "torn.mp4"
    text.write_text("no video")
    torn.write_bytes(whole.read_bytes()[:2000])
    tall = film_clip(folder / "tall.mp4", range(24), FilmFormat(Size(180, 320), Fraction(24)))
    return {"notes.mp4: is no video that can be used": text, "torn.mp4: is no video that can be used": torn,
            "lasts 0.83 s where 1 s": barcoded(folder / "short.mp4", 20),
            "lasts 2.00 s where 1 s": barcoded(folder / "long.mp4", 48), "is 180x320 where 320x180": tall}


def test_a_file_that_is_not_what_was_bought_is_refused_with_what_differs(folder: Path, tmp_path: Path,
                                                                         capsys: pytest.CaptureFixture[str]):
    for wrong, path in wrong_files(tmp_path).items():
        assert resolve(folder, 1, "--file", path) == 2
        assert wrong in capsys.readouterr().err
    assert resolve(folder, 1, "--file", tmp_path / "missing.mp4") == 2
    assert purchase(folder).state == "UNKNOWN"
    assert not list(folder.rglob("takes/*/*"))


KILLED = """
import os, sys
import cli
def kill(event, arguments):
    if event == sys.argv[1] and ("bought-1.mp4" in str(arguments) or "spend.sqlite" in str(arguments)):
        os.kill(os.getpid(), 9)
sys.addaudithook(kill)
sys.exit(cli.main(None, sys.argv[2:]))
"""


@pytest.mark.parametrize(("before_it", "state"), [
    ("open", "UNKNOWN"), ("os.rename", "UNKNOWN"), ("os.remove", "UNKNOWN"), ("sqlite3.connect", "FETCHED")])
def test_killed_half_way_it_stands_as_before_or_as_said(folder: Path, clip: Path, before_it: str, state: str):
    """Killed before it copies, before and after the copy gets its name, and before the books of all films are opened."""
    before = purchase(folder)
    ended = subprocess.run([sys.executable, "-c", KILLED, before_it, "resolve", "1", "--file", str(clip), "--output-dir",
                            str(folder)], cwd=ROOT, capture_output=True, check=False)
    one = purchase(folder)
    assert (ended.returncode, one.state) == (-9, state)
    assert state == "FETCHED" or one == before
    if state == "UNKNOWN":
        assert resolve(folder, 1, "--file", clip) == 0
    with open_run(folder) as run:
        one = purchase(folder)
        assert run.ledger.check() == "ok" and not list(folder.rglob("*.part"))
        assert durable.sha256_of(folder / (one.path or "")) == one.sha256 == durable.sha256_of(clip)
