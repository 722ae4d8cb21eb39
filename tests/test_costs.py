"""`costs`: what was really charged, by model, day and film."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import cli
from runtime.run_store import open_run
from runtime.spend import Spend, journal, run_id
from tests.bought import done, failed, intent


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder for this test alone."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data"


def at(day: str) -> float:
    return datetime.fromisoformat(f"{day}T12:00").timestamp()


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """`fox`: five seconds and a failure on the 2nd, five at an unknown price on the 3rd. `owl`: ten seconds on the 3rd."""
    with open_run(tmp_path / "fox") as run:
        one, two = done(run.ledger.purchases, intent(1), "1"), failed(run.ledger.purchases, intent(2), "2", "0.10")
        three = done(run.ledger.purchases, intent(3, usd=None, model="gen9"), "3", None)
        journal(run)
        fox = run_id(run.ledger) or ""
    with open_run(tmp_path / "owl") as run:
        four = done(run.ledger.purchases, intent(1, seconds=10), "4")
        journal(run)
        owl = run_id(run.ledger) or ""
    spend = Spend()
    spend.path.unlink()
    spend.add(fox, "fox", *(replace(each, changed_at=at("2026-11-02")) for each in (one, two)))
    spend.add(fox, "fox", replace(three, changed_at=at("2026-11-03")))
    spend.add(owl, "owl", replace(four, changed_at=at("2026-11-03")))
    return tmp_path


def costs(*arguments: str) -> int:
    return cli.main(None, ["costs", *arguments])


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert costs("--json", *arguments) == 0
    return json.loads(capsys.readouterr().out)


def test_each_model_is_shown_for_each_day_and_what_failed_by_itself(films: Path, capsys: pytest.CaptureFixture[str]):
    assert costs() == 0
    said = capsys.readouterr().out
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in said.splitlines() if "│" in line]
    assert rows == [["2026-11-02", "runway gen4_turbo", "$0.35", "$0.10", "1", "5 s", "$0.07"],
                    ["2026-11-03", "runway gen4_turbo", "$0.25", "", "1", "10 s", "$0.025"],
                    ["2026-11-03", "runway gen9", "1 unknown", "", "1", "5 s", "unknown"]]
    assert "$0.60 charged in all, $0.10 of it for what failed or was refused, and 1 charge that nobody knows" in said
    assert "runway gen4_turbo: $0.04 a finished second, 15 s of film" in said
    assert str(Spend().path) in said


@pytest.mark.parametrize(("by", "groups"), [
    ("day", {"2026-11-02": "0.35", "2026-11-03": "0.25"}),
    ("model", {"runway gen4_turbo": "0.60", "runway gen9": "0"}),
    ("film", {"fox": "0.35", "owl": "0.25"}),
])
def test_charges_are_put_together_as_asked(films: Path, capsys: pytest.CaptureFixture[str], by: str, groups: dict[str, str]):
    assert {one[by]: one["usd"] for one in told(capsys, "--by", by)["groups"]} == groups


def test_only_some_days_or_one_film_can_be_asked_for(films: Path, capsys: pytest.CaptureFixture[str]):
    assert told(capsys, "--since", "2026-11-03")["total"]["usd"] == "0.25"
    assert told(capsys, "--output-dir", str(films / "fox"))["total"]["usd"] == "0.35"
    assert told(capsys, "--output-dir", str(films / "owl"), "--since", "2026-11-04")["charges"] == []
    assert costs("--output-dir", str(films / "fox")) == 0
    assert "$0.35 charged in all for this film" in capsys.readouterr().out


def test_the_document_holds_every_charge(films: Path, capsys: pytest.CaptureFixture[str]):
    charge = told(capsys)["charges"][1]
    assert (charge["usd"], charge["state"], charge["day"], charge["seconds"]) == ("0.1", "FAILED", "2026-11-02", 0.0)


def test_films_of_the_same_name_are_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    for parent in ("a", "b"):
        with open_run(tmp_path / parent / "fox") as run:
            done(run.ledger.purchases, intent())
            journal(run)
    names = [one["film"] for one in told(capsys, "--by", "film")["groups"]]
    assert len(set(names)) == 2 and all(name.startswith("fox (") for name in names)


def test_a_film_that_keeps_its_own_books_is_found_there_and_not_in_those_of_all(
        tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]):
    with open_run(tmp_path / "rehearsal") as run:
        run.ledger.remember(books=str(tmp_path / "rehearsal" / "mine.sqlite"))
        done(run.ledger.purchases, intent())
        journal(run)
    assert told(capsys, "--output-dir", str(tmp_path / "rehearsal"))["total"]["usd"] == "0.25"
    assert costs() == 0 and "nothing was ever charged" in capsys.readouterr().out


def test_where_nothing_was_charged_it_says_so_and_makes_nothing(home: Path, capsys: pytest.CaptureFixture[str]):
    assert costs() == 0
    said = capsys.readouterr().out
    assert said == f"nothing was ever charged\nkept in {home / 'longtake' / 'spend.sqlite'}\n"
    assert not home.exists()


def test_a_film_that_was_free_was_charged_nothing(films: Path, capsys: pytest.CaptureFixture[str]):
    with open_run(films / "free"):
        pass
    assert costs("--output-dir", str(films / "free"), "--since", "2026-01-01") == 0
    assert "nothing was charged since 2026-01-01 for this film" in capsys.readouterr().out


def test_a_day_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]):
    assert costs("--since", "yesterday") == 2
    assert "does not match" in capsys.readouterr().err


def test_a_damaged_file_is_named(home: Path, capsys: pytest.CaptureFixture[str]):
    Spend().path.parent.mkdir(parents=True)
    Spend().path.write_bytes(b"no database" * 100)
    assert costs() == 7
    said = capsys.readouterr().err
    assert "spend.sqlite" in said and "no film needs it: move it away" in " ".join(said.split())
