"""One SQLite file whose every change is durable before the call returns. Knows no table."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from errors import MachineTrouble

Values = tuple[object, ...]
Execute = Callable[[str, Values], sqlite3.Cursor]


class Database:
    """Safe to call from any thread. `steps`: the script that leads from each version of the schema to the next.

    With `read_only` nothing is created and nothing can be changed: for pages and commands that only look. The file is
    opened for writing all the same, since SQLite must be able to roll back what a killed run left half done. `patience_s`:
    how long to wait for another process that holds the file.
    """

    def __init__(self, path: Path, steps: Sequence[str], *, read_only: bool = False, patience_s: float = 10.0) -> None:
        self._lock = threading.Lock()
        self._read_only = read_only
        self._name = path.name
        self.version = 0
        target = f"{path.resolve().as_uri()}?mode={'rw' if read_only else 'rwc'}"
        try:
            self._db = sqlite3.connect(target, uri=True, check_same_thread=False, isolation_level=None,
                                       timeout=patience_s)
            self._prepare(path, steps)
        except sqlite3.DatabaseError as error:
            raise MachineTrouble(f"{path} cannot be opened: {error}", advice=_advice(error) or
                                 "put it back from a copy, or start in another folder with --output-dir") from error

    def _prepare(self, path: Path, steps: Sequence[str]) -> None:
        self.version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        if self.version > len(steps):
            raise MachineTrouble(f"{path} was written by a newer Longtake", advice="use that one, or another --output-dir")
        if self._read_only:
            self._db.execute("PRAGMA query_only = ON")
            return
        self._db.execute("PRAGMA journal_mode = DELETE")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA foreign_keys = ON")
        for number in range(self.version, len(steps)):
            self._step(number, steps[number])

    def _step(self, number: int, script: str) -> None:
        """One step of the schema, unless another process took it while this one waited."""
        self._db.execute("BEGIN IMMEDIATE")
        if int(self._db.execute("PRAGMA user_version").fetchone()[0]) == number:
            for statement in _statements(script):
                self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version = {number + 1}")
        self._db.execute("COMMIT")
        self.version = number + 1

    def close(self) -> None:
        self._db.close()

    def all(self, query: str, values: Values = ()) -> list[tuple[Any, ...]]:
        """Every row a query finds."""
        with self._lock, closing(self._db.execute(query, values)) as rows:
            return list(rows)

    def one(self, query: str, values: Values = ()) -> tuple[Any, ...] | None:
        """The first row, or None."""
        found = self.all(query, values)
        return found[0] if found else None

    def change(self, statements: Sequence[tuple[str, Values]]) -> None:
        """All of the statements or none, durable when this returns."""
        with self.transaction() as execute:
            for statement, values in statements:
                execute(statement, values)

    @contextmanager
    def transaction(self) -> Iterator[Execute]:
        """What is executed in the block is committed at its end; nothing of it when the block raises.

        Nobody else reads or writes in between. Raises MachineTrouble when the disk is full or another process holds the file.
        """
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db.execute
                self._db.execute("COMMIT")
            except BaseException as error:
                if self._db.in_transaction:  # SQLite has rolled back by itself when the disk is full
                    self._db.execute("ROLLBACK")
                if isinstance(error, sqlite3.OperationalError) and not self._read_only:
                    raise MachineTrouble(f"{self._name} cannot be written: {error}", advice=_advice(error) or
                                         "see that the disk has room and may be written to, then run again") from error
                raise

    def check(self) -> str:
        """`ok`, or what SQLite's integrity check found."""
        return str(self.all("PRAGMA integrity_check")[0][0])


def _statements(script: str) -> Iterator[str]:
    """The statements of a script. `executescript` would end the transaction it stands in."""
    statement = ""
    for part in script.split(";"):
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            if statement.strip("; \n"):
                yield statement
            statement = ""


def _advice(error: sqlite3.DatabaseError) -> str:
    """What to do about what the machine refuses; empty where the file itself is at fault."""
    if "full" in str(error):
        return "make room on the disk, then run again: it goes on"
    if "locked" in str(error):
        return "another program holds it: let that end, then run again"
    return ""
