"""What a run folder remembers."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from errors import MachineTrouble
from runtime.ledger import Ledger

ROOT = Path(__file__).resolve().parent.parent


def record(ledger, *, node="clip segment_01", wanted="w", take=1, sha="a", **more):
    return ledger.record(node=node, wanted=wanted, take=take, asked={"prompt": wanted}, made_by="animatic",
                         path=f"takes/{wanted}-{take}.mp4", sha256=sha * 64, **more)


@pytest.fixture
def ledger(tmp_path):
    opened = Ledger(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


def test_the_newest_take_of_a_wish_counts(ledger):
    record(ledger)
    record(ledger, take=ledger.next_take("clip segment_01", "w"), sha="b")
    chosen = ledger.chosen("clip segment_01", "w")
    assert (chosen.take, chosen.sha256) == (2, "b" * 64)


def test_an_earlier_wish_finds_its_take_again(ledger):
    record(ledger, wanted="before")
    record(ledger, wanted="after", sha="b")
    assert ledger.chosen("clip segment_01", "before").sha256 == "a" * 64
    assert ledger.current("clip segment_01").wanted == "after"


def test_what_is_unchosen_is_not_found_and_not_forgotten(ledger):
    ledger.unchoose(record(ledger))
    assert ledger.chosen("clip segment_01", "w") is None
    assert ledger.next_take("clip segment_01", "w") == 2


def test_the_same_take_cannot_be_recorded_twice(ledger):
    record(ledger)
    with pytest.raises(sqlite3.IntegrityError):
        record(ledger)
    assert ledger.chosen("clip segment_01", "w").take == 1


def test_what_a_user_gave_is_never_taken_for_ours(ledger):
    record(ledger, node="keyframe segment_02", source="user")
    assert not ledger.known("keyframe segment_02", "a" * 64)


def test_bytes_announced_as_ours_are_known_by_name(ledger):
    ledger.announce("storyboard.yaml", "c" * 64, prompt_key="p")
    assert ledger.announced("storyboard.yaml", "c" * 64)
    assert not ledger.announced("other.yaml", "c" * 64)
    assert ledger.meta("prompt_key") == "p"


def test_a_reader_sees_everything_and_can_change_nothing(ledger, tmp_path):
    record(ledger)
    reader = Ledger(tmp_path / "ledger.sqlite", read_only=True)
    assert list(reader.shown()) == ["clip segment_01"]
    with pytest.raises(sqlite3.OperationalError):
        reader.remember(key="value")
    reader.close()


def test_a_reader_copes_with_what_a_killed_writer_left_half_done(tmp_path):
    code = ("import os, sys\nfrom pathlib import Path\nfrom runtime.ledger import Ledger\n"
            "db = Ledger(Path(sys.argv[1]))._db._db\ndb.execute('PRAGMA cache_size = 1')\ndb.execute('BEGIN IMMEDIATE')\n"
            "db.executemany('INSERT INTO meta VALUES (?, ?)', [(str(n), 'x' * 3000) for n in range(2000)])\n"
            "os.kill(os.getpid(), 9)")
    path = tmp_path / "ledger.sqlite"
    subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=False)
    assert path.with_name("ledger.sqlite-journal").stat().st_size > 0
    reader = Ledger(path, read_only=True)
    assert (reader.check(), reader.meta("1")) == ("ok", None)
    reader.close()


def test_a_file_that_is_no_database_is_named_with_what_to_do(tmp_path):
    (tmp_path / "ledger.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(MachineTrouble, match=r"ledger\.sqlite cannot be opened"):
        Ledger(tmp_path / "ledger.sqlite")


def test_a_newer_version_s_ledger_is_left_alone(ledger, tmp_path):
    with sqlite3.connect(tmp_path / "ledger.sqlite") as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(MachineTrouble, match="newer"):
        Ledger(tmp_path / "ledger.sqlite")


def test_it_survives_an_integrity_check(ledger):
    record(ledger)
    assert ledger.check() == "ok"
