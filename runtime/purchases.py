"""The purchases of a run, one row a POST, from the intent to the last cent. Talks to no provider and decides no policy.

A row goes INTENT -> SUBMITTED -> FETCHED -> DONE, or ends as REFUSED, THROTTLED, FAILED or ABANDONED; UNKNOWN means that
the answer to its POST was lost, and only a person can say how it ended.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import Any, Literal, get_args

from runtime.database import Database, Execute

State = Literal["INTENT", "SUBMITTED", "FETCHED", "DONE", "REFUSED", "THROTTLED", "FAILED", "UNKNOWN", "ABANDONED"]
Kind = Literal["job", "call"]
ChargedBy = Literal["", "provider", "prices", "bound", "person"]
"""Who says what was charged: the provider's answer, our price list, the bound for want of better, or a person."""

LIVE: tuple[State, ...] = ("INTENT", "SUBMITTED", "FETCHED", "UNKNOWN")
"""States in which no second purchase of the same artifact may begin."""
_LIVE = ", ".join(f"'{state}'" for state in LIVE)
_STATES = ", ".join(f"'{state}'" for state in get_args(State))

SCHEMA = f"""
CREATE TABLE purchase (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    node         TEXT NOT NULL,
    wanted       TEXT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('job', 'call')),
    provider     TEXT NOT NULL,
    model        TEXT NOT NULL,
    asked        TEXT NOT NULL CHECK (json_valid(asked)),
    state        TEXT NOT NULL CHECK (state IN ({_STATES})),
    remote_id    TEXT CHECK (state <> 'SUBMITTED' OR remote_id IS NOT NULL),
    reserved     INTEGER CHECK (reserved >= 0),
    charged      INTEGER CHECK (charged >= 0),
    charged_by   TEXT NOT NULL DEFAULT '',
    refusal      TEXT NOT NULL DEFAULT '',
    reason       TEXT NOT NULL DEFAULT '',
    evidence     TEXT NOT NULL DEFAULT '{{}}' CHECK (json_valid(evidence)),
    path         TEXT,
    sha256       TEXT CHECK (state <> 'FETCHED' OR (sha256 IS NOT NULL AND path IS NOT NULL)),
    intended_at  REAL NOT NULL,
    submitted_at REAL,
    changed_at   REAL NOT NULL,
    CHECK (state IN ({_LIVE}) OR charged IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX one_live ON purchase (wanted) WHERE state IN ({_LIVE});
CREATE INDEX purchases_of ON purchase (wanted);
"""
COLUMNS = ("id, node, wanted, kind, provider, model, asked, state, remote_id, reserved, charged, charged_by, refusal, reason, "
           "evidence, path, sha256, intended_at, submitted_at, changed_at")
COUNTED = "coalesce(sum(coalesce(charged, reserved, 0)), 0)"
MICRO = Decimal(1_000_000)


@dataclass(frozen=True)
class Purchase:
    """One POST that costs money. Dollars are None where nobody knows (yet).

    `wanted` is the fingerprint of the artifact it is bought for, `asked` what the provider was asked, in the clear.
    `reserved_usd` is the most it may cost, `charged_usd` what it did. `evidence` holds what was seen around the POST.
    `path` is its file, relative to the run folder. Times are seconds since 1970.
    """

    id: int
    node: str
    wanted: str
    kind: Kind
    provider: str
    model: str
    asked: Mapping[str, Any]
    state: State
    remote_id: str | None
    reserved_usd: Decimal | None
    charged_usd: Decimal | None
    charged_by: ChargedBy
    refusal: str
    reason: str
    evidence: Mapping[str, Any]
    path: str | None
    sha256: str | None
    intended_at: float
    submitted_at: float | None
    changed_at: float

    @property
    def counted_usd(self) -> Decimal:
        """What it takes of the cap: the charge once it is known, the reservation until then."""
        return self.charged_usd if self.charged_usd is not None else self.reserved_usd or Decimal(0)

    @property
    def above_bound(self) -> bool:
        """Whether more was charged than the bound that was reserved for it."""
        return None not in (self.charged_usd, self.reserved_usd) and self.charged_usd > self.reserved_usd  # type: ignore[operator]


@dataclass(frozen=True)
class Intent:
    """A purchase about to be made. `bound_usd`: the most it may cost, None when nobody knows."""

    node: str
    wanted: str
    kind: Kind
    provider: str
    model: str
    asked: Mapping[str, Any]
    bound_usd: Decimal | None
    evidence: Mapping[str, Any] = field(default_factory=dict)


class NoRoom(Exception):
    """The cap leaves no room for a purchase. `counted_usd`: what is reserved and charged so far."""

    def __init__(self, counted_usd: Decimal) -> None:
        super().__init__(f"{counted_usd} counted")
        self.counted_usd = counted_usd


class AlreadyLive(Exception):
    """A purchase of the same artifact is under way, or nobody knows how it ended."""

    def __init__(self, id: int) -> None:
        super().__init__(f"purchase {id}")
        self.id = id


class Purchases:
    """The purchases in the ledger of one run folder. Every call is one durable transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def intend(self, intent: Intent, cap_usd: Decimal | None) -> Purchase:
        """Records the intent and its reservation, in one transaction with the look at the cap.

        Raises NoRoom when the cap would be passed, AlreadyLive when the same artifact is being bought.
        """
        now, bound = time.time(), _micro(intent.bound_usd)
        with self._db.transaction() as execute:
            live = execute(f"SELECT id FROM purchase WHERE wanted = ? AND state IN ({_LIVE})", (intent.wanted,)).fetchone()
            if live is not None:
                raise AlreadyLive(live[0])
            counted = int(execute(f"SELECT {COUNTED} FROM purchase", ()).fetchone()[0])
            if cap_usd is not None and counted + (bound or 0) > int(cap_usd * MICRO):
                raise NoRoom(Decimal(counted) / MICRO)
            cursor = execute(
                "INSERT INTO purchase (node, wanted, kind, provider, model, asked, state, reserved, evidence, intended_at, "
                "changed_at) VALUES (?, ?, ?, ?, ?, ?, 'INTENT', ?, ?, ?, ?)",
                (intent.node, intent.wanted, intent.kind, intent.provider, intent.model, _json(intent.asked), bound,
                 _json(intent.evidence), now, now))
            return _found(execute, cursor.lastrowid or 0)

    def submitted(self, id: int, remote_id: str, quoted_usd: Decimal | None = None) -> Purchase:
        """The provider has accepted it. A quote above the reservation raises the reservation."""
        now = time.time()
        return self._move(id, "state = 'SUBMITTED', remote_id = ?, submitted_at = coalesce(submitted_at, ?), reason = '', "
                          "reserved = CASE WHEN ? > coalesce(reserved, -1) THEN ? ELSE reserved END",
                          (remote_id, now, _micro(quoted_usd), _micro(quoted_usd)))

    def fetched(self, id: int, path: str, sha256: str, charged_usd: Decimal | None, by: ChargedBy) -> Purchase:
        """Its file is on the disk, durable, under `path` (relative to the run folder)."""
        return self._move(id, "state = 'FETCHED', path = ?, sha256 = ?, charged = coalesce(?, charged), charged_by = "
                          "CASE WHEN ? IS NULL THEN charged_by ELSE ? END",
                          (path, sha256, _micro(charged_usd), _micro(charged_usd), by))

    def done(self, id: int) -> Purchase:
        """Its file is a take that counts. What was charged is what was reserved, where nobody said otherwise."""
        return self._move(id, "state = 'DONE', charged_by = CASE WHEN charged IS NULL THEN 'bound' ELSE charged_by END, "
                          "charged = coalesce(charged, reserved, 0)", ())

    def ended(self, id: int, state: Literal["REFUSED", "THROTTLED", "FAILED", "ABANDONED"], reason: str, *,
              charged_usd: Decimal, by: ChargedBy, refusal: str = "") -> Purchase:
        """It came to nothing, and this is known. `refusal`: the side (input, output, unknown) a provider objected to."""
        return self._move(id, "state = ?, reason = ?, charged = ?, charged_by = ?, refusal = ?",
                          (state, reason, _micro(charged_usd), by, refusal))

    def unknown(self, id: int, reason: str) -> Purchase:
        """Nobody knows whether the provider accepted it. It stays reserved."""
        return self._move(id, "state = 'UNKNOWN', reason = ?", (reason,))

    def lost_file(self, id: int) -> Purchase:
        """The file of a fetched job is gone: back to the provider for it, if there is a job to ask for."""
        return self._move(id, "state = CASE WHEN remote_id IS NULL THEN 'UNKNOWN' ELSE 'SUBMITTED' END, path = NULL, "
                          "sha256 = NULL, reason = 'its file is gone'", ())

    def witness(self, id: int, **seen: Any) -> Purchase:
        """Adds to the evidence: what was seen of the provider's books before and after the POST."""
        return self._move(id, "evidence = json_patch(evidence, ?)", (_json(seen),))

    def recover(self) -> list[str]:
        """On opening a folder: an intent without an answer is UNKNOWN; a fetched file that became a take is DONE.

        Returns the paths of the copies that what is DONE was kept in, and is no longer.
        """
        now = time.time()
        self._db.change([
            ("UPDATE purchase SET state = 'UNKNOWN', reason = 'the run ended before the provider''s answer was recorded', "
             "changed_at = ? WHERE state = 'INTENT'", (now,)),
            ("UPDATE purchase SET state = 'DONE', charged_by = CASE WHEN charged IS NULL THEN 'bound' ELSE charged_by END, "
             "charged = coalesce(charged, reserved, 0), changed_at = ? WHERE state = 'FETCHED' AND EXISTS (SELECT 1 FROM "
             "artifact WHERE artifact.wanted = purchase.wanted AND artifact.sha256 = purchase.sha256)", (now,)),
        ])
        return [one.path for one in self.all("state = 'DONE' AND path IS NOT NULL") if one.path]

    def live(self, wanted: str) -> Purchase | None:
        """The purchase of this artifact that is under way or unresolved."""
        found = self.all(f"wanted = ? AND state IN ({_LIVE})", (wanted,))
        return found[0] if found else None

    def get(self, id: int) -> Purchase | None:
        """The purchase of this number."""
        found = self.all("id = ?", (id,))
        return found[0] if found else None

    def of(self, wanted: str) -> list[Purchase]:
        """All purchases of an artifact, oldest first."""
        return self.all("wanted = ?", (wanted,))

    def all(self, where: str = "1", values: tuple[object, ...] = ()) -> list[Purchase]:
        """Purchases, oldest first; none where an old ledger is read that knew no purchases."""
        if self._db.version < 2:
            return []
        return [_purchase(row) for row in self._db.all(f"SELECT {COLUMNS} FROM purchase WHERE {where} ORDER BY id", values)]

    def counted_usd(self) -> Decimal:
        """What reservations and charges take of the cap."""
        if self._db.version < 2:
            return Decimal(0)
        return Decimal(int(self._db.all(f"SELECT {COUNTED} FROM purchase")[0][0])) / MICRO

    def _move(self, id: int, change: str, values: tuple[object, ...]) -> Purchase:
        with self._db.transaction() as execute:
            execute(f"UPDATE purchase SET {change}, changed_at = ? WHERE id = ?", (*values, time.time(), id))
            return _found(execute, id)


def _found(execute: Execute, id: int) -> Purchase:
    return _purchase(execute(f"SELECT {COLUMNS} FROM purchase WHERE id = ?", (id,)).fetchone())


def _micro(usd: Decimal | None) -> int | None:
    """Whole micro-dollars, rounded up: what is counted is never less than what is owed."""
    return None if usd is None else int((usd * MICRO).to_integral_value(ROUND_CEILING))


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _purchase(row: tuple[Any, ...]) -> Purchase:
    values = dict(zip(COLUMNS.split(", "), row, strict=True))
    for name in ("reserved", "charged"):
        micro = values.pop(name)
        values[f"{name}_usd"] = None if micro is None else Decimal(micro) / MICRO
    values.update(asked=json.loads(values["asked"]), evidence=json.loads(values["evidence"]))
    return Purchase(**values)
