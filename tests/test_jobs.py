"""`jobs`: what was bought for a film and what to type about what nobody knows; it only reads."""

from __future__ import annotations

import hashlib
import json
import shlex
import sqlite3
from pathlib import Path

import pytest

import cli
from runtime.ledger import TAKES
from runtime.run_store import LEDGER, open_run
from tests.bought import done, failed, intent, lost, under_way


def jobs(folder: Path, *arguments: str) -> int:
    return cli.main(None, ["jobs", "--output-dir", str(folder), *arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A film with a purchase of each kind of ending."""
    with open_run(tmp_path / "my film") as run:
        purchases = run.ledger.purchases
        done(purchases, intent(1), "task-1", "0.20")
        failed(purchases, intent(2), "task-2", None)
        under_way(purchases, intent(2), "task-3")
        one = lost(purchases, intent(4, prompt="a fox\x1b[31m crosses"))
        purchases.witness(one.id, before={"at": 1.5, "credits": 1000, "daily": {"gen4_turbo": 3}}, after={"credits": 975},
                          own={"jobs": 0}, says="25 credits are gone: it very likely arrived")
        purchases.ended(purchases.intend(intent(5), None).id, "THROTTLED", "too many", charged_usd=None, by="provider")
        run.ledger.remember(cap_usd="5.00")
    return tmp_path / "my film"


def test_each_purchase_is_shown_with_its_id_its_charge_and_who_says_so(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert jobs(folder) == 0
    said = capsys.readouterr().out
    for part in ("$0.20 billed ($0.25 reserved)", "$0.25 as reserved", "$0.25 reserved", "job task-3", "segment 4", "under way",
                 "the model broke", "runway gen4_turbo", "the cap is $5.00; 1 unresolved"):
        assert part in said
    assert said.index("task-1") < said.index("task-2") < said.index("task-3")


def test_what_to_type_about_a_lost_answer_can_be_typed(folder: Path, capsys: pytest.CaptureFixture[str]):
    jobs(folder)
    said = capsys.readouterr().out
    assert "25 credits are gone" in said and "before it  credits 1000, daily gen4_turbo 3" in said and "\x1b" not in said
    typed = [shlex.split(line) for line in said.splitlines() if "pipeline.py resolve" in line]
    assert [words[:5] for words in typed] == 4 * [["python", "pipeline.py", "resolve", "4", "--output-dir"]]
    assert [" ".join(words[6:]) for words in typed] == ["--attach ID", "--file FILE", "--abandon", "--abandon --charged 0"]
    assert cli.main(None, typed[2][2:]) == 0


def test_only_the_unresolved_can_be_asked_for(folder: Path, capsys: pytest.CaptureFixture[str]):
    jobs(folder, "--unresolved")
    said = capsys.readouterr().out
    assert "task-1" not in said and "segment 4" in said
    cli.main(None, ["resolve", "4", "--abandon", "--output-dir", str(folder)])
    assert "nothing is unresolved" in (jobs(folder, "--unresolved"), capsys.readouterr().out)[1]


def test_as_json_it_is_one_complete_document(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert jobs(folder, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["unresolved"], told["cap_usd"], told["unpriced"]) == ([4], "5.00", 0)
    assert (told["charged_usd"], told["reserved_usd"]) == ("0.70", "0.50")
    assert [one["state"] for one in told["purchases"]] == ["DONE", "FAILED", "SUBMITTED", "UNKNOWN", "THROTTLED"]
    assert told["purchases"][3]["evidence"]["after"] == {"credits": 975}
    assert len(told["purchases"][3]["to_type"]) == 4


def test_a_running_run_is_not_disturbed(folder: Path, capsys: pytest.CaptureFixture[str]):
    with open_run(folder) as run:
        run.ledger.purchases.intend(intent(6), None)
        before = hashlib.sha256((folder / LEDGER).read_bytes()).hexdigest()
        assert jobs(folder) == 0
        assert "purchase 6 is being sent; if no run works here any more" in capsys.readouterr().out
        assert hashlib.sha256((folder / LEDGER).read_bytes()).hexdigest() == before


def test_quiet_still_says_what_is_unresolved(folder: Path, capsys: pytest.CaptureFixture[str]):
    jobs(folder, "--quiet")
    said = capsys.readouterr().out
    assert "nobody knows whether runway accepted it" in said and "task-1" not in said


def test_a_film_for_which_nothing_was_bought_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with open_run(tmp_path):
        pass
    assert jobs(tmp_path) == 0
    assert "nothing was bought in " in capsys.readouterr().out
    assert jobs(tmp_path, "--json") == 0
    assert json.loads(capsys.readouterr().out)["purchases"] == []


def test_a_ledger_from_before_purchases_is_read_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with sqlite3.connect(tmp_path / LEDGER) as database:
        database.executescript(f"{TAKES} PRAGMA user_version = 1")
    assert jobs(tmp_path) == 0
    assert "nothing was bought in " in capsys.readouterr().out
    assert sqlite3.connect(tmp_path / LEDGER).execute("PRAGMA user_version").fetchone() == (1,)


def test_where_no_film_is_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert jobs(tmp_path) == 2
    assert "there is no run in this folder" in capsys.readouterr().err
