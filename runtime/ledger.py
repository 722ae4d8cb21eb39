"""The one owner of a run folder's database: what was made, from what, and which take counts. Knows nothing of video."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from runtime import purchases
from runtime.database import Database

Source = Literal["made", "user"]

TAKES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE artifact (
    id            INTEGER PRIMARY KEY,
    node          TEXT NOT NULL,
    wanted        TEXT NOT NULL,
    take          INTEGER NOT NULL CHECK (take >= 1),
    asked         TEXT NOT NULL CHECK (json_valid(asked)),
    made_by       TEXT NOT NULL,
    made_from     TEXT NOT NULL CHECK (json_valid(made_from)),
    source        TEXT NOT NULL CHECK (source IN ('made', 'user')),
    path          TEXT NOT NULL,
    sha256        TEXT NOT NULL CHECK (length(sha256) = 64),
    seconds_spent REAL NOT NULL,
    made_at       REAL NOT NULL,
    chosen        INTEGER NOT NULL CHECK (chosen IN (0, 1)),
    UNIQUE (node, wanted, take)
) STRICT;
CREATE UNIQUE INDEX one_choice ON artifact (node, wanted) WHERE chosen = 1;
CREATE INDEX same_wish ON artifact (wanted) WHERE chosen = 1;
CREATE TABLE current (node TEXT PRIMARY KEY, artifact INTEGER NOT NULL REFERENCES artifact (id)) STRICT;
CREATE TABLE written (name TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (name, sha256)) STRICT;
"""
COLUMNS = "id, node, wanted, take, asked, made_by, made_from, source, path, sha256, seconds_spent, made_at, chosen"
REMEMBER = "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"


@dataclass(frozen=True)
class Artifact:
    """One take: a finished file and where it came from.

    `wanted` is the fingerprint of what was asked for, `asked` the same in the clear. `made_by` names the backend, which
    differs from the one asked where a fallback stepped in. `made_from` holds the hashes of pictures it was only guided by.
    `path` is relative to the run folder.
    """

    id: int
    node: str
    wanted: str
    take: int
    asked: Mapping[str, Any]
    made_by: str
    made_from: Mapping[str, str]
    source: Source
    path: str
    sha256: str
    seconds_spent: float
    made_at: float
    chosen: bool


class Ledger:
    """The database of one run folder. Safe to call from any thread; every change is one durable transaction.

    With `read_only` nothing is created and nothing can be changed: for pages and commands that only look.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._db = Database(path, (TAKES, purchases.SCHEMA), read_only=read_only)
        self.purchases = purchases.Purchases(self._db, alone=not read_only)
        self._nodes = None if read_only else self._seen("node")
        self._wishes = None if read_only else self._seen("wanted")

    def _seen(self, column: str) -> set[str]:
        """Every node, or every wish, that ever had a take: of any other it is known without a query that there is none.

        Whoever writes holds the lock of the run folder, so nobody adds to it elsewhere; somebody who only reads asks each time.
        """
        return {row[0] for row in self._db.all(f"SELECT DISTINCT {column} FROM artifact")}

    def _new(self, node: str) -> bool:
        return self._nodes is not None and node not in self._nodes

    def close(self) -> None:
        self._db.close()

    def meta(self, key: str) -> str | None:
        """A remembered fact about the run, or None."""
        row = self._db.one("SELECT value FROM meta WHERE key = ?", (key,))
        return row[0] if row else None

    def remember(self, **facts: str) -> None:
        """Keeps facts about the run, all or none."""
        self._db.change([(REMEMBER, fact) for fact in facts.items()])

    def announce(self, name: str, sha256: str, **facts: str) -> None:
        """Says, before it is written, that a file with these bytes is ours and not the user's."""
        announce: tuple[str, tuple[object, ...]] = ("INSERT OR IGNORE INTO written VALUES (?, ?)", (name, sha256))
        self._db.change([announce, *((REMEMBER, fact) for fact in facts.items())])

    def announced(self, name: str, sha256: str) -> bool:
        """Whether these bytes were ever written by us under this name."""
        return self._db.one("SELECT 1 FROM written WHERE name = ? AND sha256 = ?", (name, sha256)) is not None

    def next_take(self, node: str, wanted: str) -> int:
        """The number the next take of this wish gets."""
        if self._new(node):
            return 1
        query = "SELECT coalesce(max(take), 0) + 1 FROM artifact WHERE node = ? AND wanted = ?"
        return int(self._db.all(query, (node, wanted))[0][0])

    def record(self, *, node: str, wanted: str, take: int, asked: Mapping[str, Any], made_by: str, path: str, sha256: str,
               seconds_spent: float = 0.0, source: Source = "made", made_from: Mapping[str, str] | None = None) -> Artifact:
        """A finished file becomes the chosen take of its wish and the current one of its node."""
        made_from, now = dict(made_from or {}), time.time()
        values = (node, wanted, take, json.dumps(asked, sort_keys=True), made_by, json.dumps(made_from, sort_keys=True),
                  source, path, sha256, seconds_spent, now)
        if self._nodes is not None and self._wishes is not None:  # before it is there: nobody may miss it
            self._nodes.add(node)
            self._wishes.add(wanted)
        with self._db.transaction() as execute:
            execute("UPDATE artifact SET chosen = 0 WHERE node = ? AND wanted = ?", (node, wanted))
            row = execute(f"INSERT INTO artifact ({COLUMNS.removeprefix('id, ')}) VALUES (?,?,?,?,?,?,?,?,?,?,?,1)", values)
            execute("INSERT INTO current VALUES (?, ?) ON CONFLICT (node) DO UPDATE SET artifact = excluded.artifact",
                    (node, row.lastrowid))
        return Artifact(row.lastrowid or 0, node, wanted, take, asked, made_by, made_from, source, path, sha256, seconds_spent,
                        now, chosen=True)

    def chosen(self, node: str, wanted: str) -> Artifact | None:
        """The take that counts for this wish."""
        if self._new(node):
            return None
        return self._one(f"SELECT {COLUMNS} FROM artifact WHERE node = ? AND wanted = ? AND chosen = 1", (node, wanted))

    def chosen_of(self, node: str) -> list[Artifact]:
        """The takes of a node that count, each for a wish of its own; newest first."""
        if self._new(node):
            return []
        return self._all(f"SELECT {COLUMNS} FROM artifact WHERE node = ? AND chosen = 1 ORDER BY id DESC", (node,))

    def chosen_elsewhere(self, kind: str, wanted: str) -> Artifact | None:
        """The take that counts for the same wish under another node of the same kind (the first word of its name)."""
        if self._wishes is not None and wanted not in self._wishes:
            return None
        query = f"SELECT {COLUMNS} FROM artifact WHERE wanted = ? AND chosen = 1 AND node LIKE ? || ' %' ORDER BY id DESC"
        return self._one(query, (wanted, kind))

    def takes(self, node: str, wanted: str) -> list[Artifact]:
        """All takes of a wish, oldest first."""
        if self._new(node):
            return []
        return self._all(f"SELECT {COLUMNS} FROM artifact WHERE node = ? AND wanted = ? ORDER BY take", (node, wanted))

    def choose(self, artifact: Artifact) -> None:
        """From now on this take counts for its wish."""
        self._db.change([("UPDATE artifact SET chosen = 0 WHERE node = ? AND wanted = ?", (artifact.node, artifact.wanted)),
                      ("UPDATE artifact SET chosen = 1 WHERE id = ?", (artifact.id,))])

    def current(self, node: str) -> Artifact | None:
        """The take that the node showed last, whatever was wanted then."""
        if self._new(node):
            return None
        columns = ", ".join(f"artifact.{column}" for column in COLUMNS.split(", "))
        return self._one(f"SELECT {columns} FROM artifact JOIN current ON current.artifact = artifact.id "
                         "WHERE current.node = ?", (node,))

    def make_current(self, artifact: Artifact) -> None:
        """Remembers that the node shows this take now."""
        self._db.change([("INSERT INTO current VALUES (?, ?) ON CONFLICT (node) DO UPDATE SET artifact = excluded.artifact",
                       (artifact.node, artifact.id))])

    def unchoose(self, artifact: Artifact) -> None:
        """This take no longer counts: it is to be made again, or its file is gone. The record stays."""
        self._db.change([("UPDATE artifact SET chosen = 0 WHERE id = ?", (artifact.id,))])

    def forget(self, artifact: Artifact) -> None:
        """Drops the record of a take whose file was deleted on purpose."""
        self._db.change([("DELETE FROM current WHERE artifact = ?", (artifact.id,)),
                      ("DELETE FROM artifact WHERE id = ?", (artifact.id,))])

    def known(self, node: str, sha256: str) -> bool:
        """Whether a file with these bytes was made for this node by us."""
        query = "SELECT 1 FROM artifact WHERE node = ? AND sha256 = ? AND source = 'made'"
        return self._db.one(query, (node, sha256)) is not None

    def made_by_us(self, sha256: str) -> bool:
        """Whether a file with these bytes was ever made by us, for whatever node."""
        return self._db.one("SELECT 1 FROM artifact WHERE sha256 = ? AND source = 'made'", (sha256,)) is not None

    def counts(self) -> dict[str, int]:
        """Node -> how many takes there are of it, in the order in which they were first made."""
        return dict(self._db.all("SELECT node, count(*) FROM artifact GROUP BY node ORDER BY min(id)"))

    def artifacts(self) -> list[Artifact]:
        """Every take, oldest first."""
        return self._all(f"SELECT {COLUMNS} FROM artifact ORDER BY id")

    def shown(self) -> dict[str, Artifact]:
        """Node -> the take it shows now."""
        columns = ", ".join(f"artifact.{column}" for column in COLUMNS.split(", "))
        found = self._all(f"SELECT {columns} FROM artifact JOIN current ON current.artifact = artifact.id ORDER BY artifact.id")
        return {artifact.node: artifact for artifact in found}

    def check(self) -> str:
        """`ok`, or what SQLite's integrity check found."""
        return self._db.check()

    def _one(self, query: str, values: tuple[object, ...]) -> Artifact | None:
        found = self._all(query, values)
        return found[0] if found else None

    def _all(self, query: str, values: tuple[object, ...] = ()) -> list[Artifact]:
        return [_artifact(row) for row in self._db.all(query, values)]


def _artifact(row: tuple[Any, ...]) -> Artifact:
    values = dict(zip(COLUMNS.split(", "), row, strict=True))
    values.update(asked=json.loads(values["asked"]), made_from=json.loads(values["made_from"]), chosen=bool(values["chosen"]))
    return Artifact(**values)
