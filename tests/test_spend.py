"""The books of all films: added to by many runs at once, never in a run's way, and what they tell of a model."""

import os
import shutil
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from errors import MachineTrouble
from runtime import events
from runtime.database import Database
from runtime.run_store import open_run
from runtime.spend import STEPS, Spend, journal, run_id
from runtime.spend import _row as spend_row
from tests.bought import BOUND, done, failed, fetched, intent, lost, under_way


@pytest.fixture
def spend(tmp_path):
    return Spend(tmp_path / "data" / "spend.sqlite")


@pytest.fixture
def purchases(tmp_path):
    with open_run(tmp_path / "film") as run:
        yield run.ledger.purchases


def notes(folder):
    return [event.text for event in events.read(folder / "events.jsonl") if event.kind == "note"]


def test_nothing_is_known_and_nothing_made_where_nothing_was_charged(spend, purchases):
    spend.add("run", "film", under_way(purchases, intent(1)), lost(purchases, intent(2)))
    assert spend.rows() == []
    assert spend.rerolls("runway", "gen4_turbo") is None and spend.usd_per_second("runway", "gen4_turbo") is None
    assert not spend.path.exists()


def test_a_purchase_is_in_the_books_once_and_as_it_stands_last(spend, purchases):
    one = fetched(purchases, intent())
    for state in (one, one, purchases.done(one.id)):
        spend.add("run", "film", state)
    (row,) = spend.rows()
    assert (row.state, row.usd, row.seconds, row.film) == ("DONE", BOUND, 5.0, "film")


def test_the_day_is_that_of_the_charge_and_moves_only_with_it(spend, purchases):
    one, today = fetched(purchases, intent()), date.today()
    later = replace(one, changed_at=one.changed_at + 3 * 86400)
    for told, day in ((one, today), (replace(later, state="DONE"), today),
                      (replace(later, charged_usd=Decimal(1)), today + timedelta(3))):
        spend.add("run", "film", told)
        assert spend.rows()[0].day == day
    assert spend.rows(since=today + timedelta(4)) == []


def test_films_are_told_apart_by_their_run(spend, purchases):
    for run in ("a", "b"):
        spend.add(run, "same name", done(purchases, intent()))
    assert [row.run for row in spend.rows(run="b")] == ["b"]
    assert len(spend.rows()) == 2


def test_a_price_nobody_knows_is_kept_as_that(spend, purchases):
    spend.add("run", "film", done(purchases, intent(usd=None), usd=None))
    assert spend.rows()[0].usd is None
    assert spend.usd_per_second("runway", "gen4_turbo") is None


def test_rerolls_are_the_attempts_that_were_charged_beyond_one_a_clip(spend, purchases):
    for number in range(4):
        spend.add("run", "film", done(purchases, intent(number)))
    assert spend.rerolls("runway", "gen4_turbo") is None, "four finished clips tell nothing yet"
    spend.add("run", "film", failed(purchases, intent(4)), done(purchases, intent(4)), failed(purchases, intent(5), usd="0"),
              done(purchases, intent(1)))
    assert spend.rerolls("runway", "gen4_turbo") == Decimal(7) / 5 - 1, "one failed and was charged, one was taken anew"
    assert spend.rerolls("runway", "gen4.5") is None


def test_a_finished_second_costs_what_failed_too(spend, purchases):
    spend.add("run", "film", failed(purchases, intent()), done(purchases, intent()))
    assert spend.usd_per_second("runway", "gen4_turbo") == Decimal("0.10")


def test_many_runs_may_begin_the_same_books_at_once(spend, purchases):
    one, failures = done(purchases, intent()), []
    spend.path.parent.mkdir()
    first = sqlite3.connect(spend.path, isolation_level=None)
    first.execute("BEGIN IMMEDIATE")  # all of them find a file without a table in it, and wait

    def add(number):
        try:
            Spend(spend.path).add(f"run {number}", "film", replace(one, id=number))
        except MachineTrouble as error:
            failures.append(error)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    first.close()
    for thread in threads:
        thread.join()
    assert (failures, len(spend.rows())) == ([], 4)


def test_a_run_that_bought_nothing_leaves_no_trace(tmp_path, spend):
    with open_run(tmp_path / "film") as run:
        under_way(run.ledger.purchases, intent())
        journal(run, spend.path)
    assert not spend.path.parent.exists()


def test_what_an_earlier_run_could_not_add_is_added_by_the_next(tmp_path, spend):
    with open_run(tmp_path / "film") as run:
        done(run.ledger.purchases, intent(1))
    with open_run(tmp_path / "film") as run:
        note = journal(run, spend.path)
        note(done(run.ledger.purchases, intent(2), "task-2"))
        assert [row.run for row in spend.rows()] == 2 * [run_id(run.ledger)]


def test_a_copied_run_folder_counts_once_and_buys_on_by_itself(tmp_path, spend):
    with open_run(tmp_path / "film") as run:
        done(run.ledger.purchases, intent(1))
        journal(run, spend.path)
    shutil.copytree(tmp_path / "film", tmp_path / "copy")
    for folder in ("film", "copy"):
        with open_run(tmp_path / folder) as run:
            journal(run, spend.path)(done(run.ledger.purchases, intent(2), "task-2"))
    assert len(spend.rows()) == 3


def test_a_job_that_is_finished_in_a_folder_and_in_its_copy_counts_once(tmp_path, spend):
    with open_run(tmp_path / "film") as run:
        under_way(run.ledger.purchases, intent(1))
        journal(run, spend.path)
    shutil.copytree(tmp_path / "film", tmp_path / "copy")
    for folder in ("film", "copy"):
        with open_run(tmp_path / folder) as run:
            purchase = run.ledger.purchases.fetched(1, "takes/1.mp4", "f" * 64, BOUND, "provider")
            journal(run, spend.path)(run.ledger.purchases.done(purchase.id))
            assert [row.run for row in spend.rows()] == [run_id(run.ledger)]


def test_books_of_an_earlier_longtake_are_taken_over_and_lose_what_they_counted_twice(spend, purchases):
    one, other = (spend_row("run", "film", done(purchases, intent(number))) for number in (1, 2))
    spend.path.parent.mkdir()
    with closing(Database(spend.path, STEPS[:1])) as database:
        add = "INSERT INTO charge VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        database.change([(add, one), (add, ("copy", *one[1:])), (add, other)])
    assert len(spend.rows()) == 3, "who only looks changes nothing"
    spend.add("run", "film", done(purchases, intent(3)))
    assert len(spend.rows()) == 3


def test_books_that_cannot_be_read_cost_the_run_one_note(tmp_path, spend):
    spend.path.parent.mkdir()
    spend.path.write_bytes(b"no database" * 100)
    with open_run(tmp_path / "film") as run:
        note = journal(run, spend.path)
        for number in range(3):
            note(done(run.ledger.purchases, intent(number), f"task-{number}"))
    (said,) = notes(tmp_path / "film")
    assert said.startswith("`costs` will miss charges of this run until it is run again: ")
    with pytest.raises(MachineTrouble, match=r"spend\.sqlite, which adds up what all films were charged") as told:
        spend.rows()
    assert "move it away" in told.value.advice and "--output-dir" not in told.value.advice


@pytest.mark.parametrize("content", [b"no database" * 100, b"SQLite format 3\0" + bytes(4080)])
def test_books_that_are_damaged_say_what_to_do_whatever_they_are_asked(spend, content):
    spend.path.parent.mkdir()
    spend.path.write_bytes(content)
    for ask in (spend.rows, lambda: spend.rerolls("runway", "tiny"), lambda: spend.usd_per_second("runway", "tiny")):
        with pytest.raises(MachineTrouble) as told:
            ask()
        assert "no film needs it" in told.value.advice


def test_books_with_another_programs_table_are_damaged_books(spend):
    spend.path.parent.mkdir()
    with closing(sqlite3.connect(spend.path)) as other:
        other.executescript("CREATE TABLE charge (x); PRAGMA user_version = 2;")
    with pytest.raises(MachineTrouble, match="cannot be read: no such column"):
        spend.rows()


def test_books_that_another_program_holds_cost_the_run_one_note_and_one_wait(tmp_path, spend, purchases):
    spend.add("other", "film", done(purchases, intent()))
    other = sqlite3.connect(spend.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with open_run(tmp_path / "run") as run:
        note = journal(run, spend.path)
        for number in range(3):
            note(done(run.ledger.purchases, intent(number), f"task-{number}"))
    other.close()
    assert len(notes(tmp_path / "run")) == 1
    with open_run(tmp_path / "run") as run:
        journal(run, spend.path)
    assert len(spend.rows()) == 4


def test_a_folder_that_may_not_be_written_costs_the_run_one_note(tmp_path, spend):
    spend.path.parent.write_text("a file where the folder should be")
    with open_run(tmp_path / "film") as run:
        journal(run, spend.path)(done(run.ledger.purchases, intent()))
    assert len(notes(tmp_path / "film")) == 1


def test_the_books_lie_in_the_users_data_folder():
    assert Spend().path.is_relative_to(os.environ["HOME"])
    assert Spend().path.parts[-2:] == ("longtake", "spend.sqlite")


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone of a process cannot be set here")
@pytest.mark.parametrize(("zone", "day"), [("AAA-14", 27), ("BBB+11", 26)])
def test_the_day_is_the_local_one(spend, purchases, monkeypatch, zone, day):
    noon_utc = 1_793_016_000.0  # 26 October 2026
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        spend.add("run", "film", replace(done(purchases, intent()), changed_at=noon_utc))
        assert spend.rows()[0].day == date(2026, 10, day)
    finally:
        monkeypatch.undo()
        time.tzset()
