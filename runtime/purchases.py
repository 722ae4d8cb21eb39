"""The purchases of a run, one row a POST, from the intent to the last cent. Talks to no provider and decides no policy.

A row goes INTENT -> SUBMITTED -> FETCHED -> DONE, or ends as REFUSED, THROTTLED, FAILED or ABANDONED; UNKNOWN means that
the answer to its POST was lost, and only a person can say how it ended (or its file, found where the answer was to lie).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from typing import Any, Literal, get_args

from runtime.database import Database, Execute
from runtime.purchase_model import LIVE, IdTaken, OutOfOrder
from runtime.purchase_model import AlreadyLive as AlreadyLive
from runtime.purchase_model import ChargedBy as ChargedBy
from runtime.purchase_model import Intent as Intent
from runtime.purchase_model import Kind as Kind
from runtime.purchase_model import NoRoom as NoRoom
from runtime.purchase_model import Purchase as Purchase
from runtime.purchase_model import State as State

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
    CHECK (state IN ({_LIVE}) OR charged IS NOT NULL OR reserved IS NULL)
) STRICT;
CREATE UNIQUE INDEX one_live ON purchase (wanted) WHERE state IN ({_LIVE});
CREATE INDEX purchases_of ON purchase (wanted);
"""
COLUMNS = ("id, node, wanted, kind, provider, model, asked, state, remote_id, reserved, charged, charged_by, refusal, reason, "
           "evidence, path, sha256, intended_at, submitted_at, changed_at")
COUNTED = ("coalesce(sum(CASE WHEN charged_by = 'prices' AND charged > 0 AND reserved > charged THEN reserved "
           "ELSE coalesce(charged, reserved, 0) END), 0)")
"""What all of them take of the cap: `Purchase.counted_usd`, summed."""
MICRO = Decimal(1_000_000)
Change = Callable[[Purchase], Mapping[str, object]]


class Purchases:
    """The purchases in the ledger of one run folder. Every call is one durable transaction, from the states it leads on
    from; it raises OutOfOrder from others, and nothing is changed then."""

    def __init__(self, database: Database, *, alone: bool = False) -> None:
        """alone: nobody else adds purchases while this is open, as where the lock of the run folder is held."""
        self._db = database
        self._bought = {row[0] for row in database.all("SELECT DISTINCT wanted FROM purchase")} if alone else None

    def never(self, wanted: str) -> bool:
        """Whether it is known, without a query, that nothing was ever bought for this artifact."""
        return self._bought is not None and wanted not in self._bought

    def intend(self, intent: Intent, cap_usd: Decimal | None) -> Purchase:
        """Records the intent and its reservation, in one transaction with the look at the cap.

        Raises NoRoom when the cap would be passed, AlreadyLive when the same artifact is being bought.
        """
        now, bound = time.time(), _micro(intent.bound_usd)
        if self._bought is not None:  # before it is there: nobody may miss it
            self._bought.add(intent.wanted)
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
        return self._move(id, ("INTENT",), lambda was: {
            "state": "SUBMITTED", "remote_id": remote_id, "submitted_at": time.time(), "reason": "",
            **_quoted(was, quoted_usd)})

    def fetched(self, id: int, path: str, sha256: str, charged_usd: Decimal | None, by: ChargedBy) -> Purchase:
        """Its file is on the disk, durable, under `path` (relative to the run folder), if only found there by a later run."""
        return self._move(id, ("INTENT", "SUBMITTED", "UNKNOWN"), lambda was: {
            "state": "FETCHED", "path": path, "sha256": sha256, "reason": "",
            **({} if charged_usd is None else _charge(was, charged_usd, by))})

    def done(self, id: int) -> Purchase:
        """Its file is a take that counts. What was charged is what was reserved, where nobody said otherwise."""
        return self._move(id, ("FETCHED",), _done)

    def ended(self, id: int, state: Literal["REFUSED", "THROTTLED", "FAILED", "ABANDONED"], reason: str, *,
              charged_usd: Decimal | None, by: ChargedBy, refusal: str = "") -> Purchase:
        """It came to nothing, and this is known. `refusal`: the side (input, output, unknown) a provider objected to.

        `charged_usd` is None where nobody knows: what was reserved counts as charged then.
        """
        return self._move(id, LIVE, lambda was: {
            "state": state, "reason": reason, "refusal": refusal, **_charge(was, charged_usd, by)})

    def unknown(self, id: int, reason: str) -> Purchase:
        """Nobody knows whether the provider accepted it. It stays reserved."""
        return self._move(id, ("INTENT", "SUBMITTED"), lambda was: {"state": "UNKNOWN", "reason": reason})

    def attach(self, id: int, remote_id: str) -> Purchase:
        """A person says which job it became; what it was charged is open again. Puts right an id a person gave before, too.

        Raises IdTaken when another purchase has that id.
        """
        def attached(was: Purchase) -> dict[str, object]:
            if was.state == "SUBMITTED" and not was.attached:
                raise OutOfOrder(was)
            return {"state": "SUBMITTED", "remote_id": remote_id, "submitted_at": was.submitted_at or was.intended_at,
                    "reason": "", "charged": None, "charged_by": "", "evidence": _json({**was.evidence, "attached": remote_id})}

        with self._db.transaction() as execute:
            other = execute("SELECT id FROM purchase WHERE remote_id = ? AND id <> ?", (remote_id, id)).fetchone()
            if other is not None:
                raise IdTaken(other[0])
            return _moved(execute, id, ("UNKNOWN", "SUBMITTED"), attached)

    def given(self, id: int, path: str, sha256: str, charged_usd: Decimal | None) -> Purchase:
        """A person gave its file, which lies durable at `path`. `charged_usd`: what they say it cost, None for the bound."""
        return self._move(id, ("UNKNOWN", "SUBMITTED"), lambda was: {
            "state": "FETCHED", "path": path, "sha256": sha256, "reason": "its file was given",
            **_charge(was, charged_usd, "person")})

    def recharged(self, id: int, charged_usd: Decimal) -> Purchase:
        """A person puts right what something cost that was given up."""
        return self._move(id, ("ABANDONED",), lambda was: _charge(was, charged_usd, "person"))

    def lost_file(self, id: int) -> Purchase:
        """The file of a fetched job is gone: back to the provider for it, if there is a job to ask for."""
        return self._move(id, ("FETCHED",), lambda was: {
            "state": "UNKNOWN" if was.remote_id is None else "SUBMITTED", "path": None, "sha256": None,
            "reason": "its file is gone"})

    def witness(self, id: int, **seen: Any) -> Purchase:
        """Adds to the evidence: what was seen of the provider's books before and after the POST."""
        return self._move(id, get_args(State), lambda was: {"evidence": _json({**was.evidence, **seen})})

    def recover(self) -> list[str]:
        """On opening a folder: an intent without an answer is UNKNOWN; a fetched file that became a take is DONE.

        Returns the paths of the copies that what is DONE was kept in, and is no longer.
        """
        with self._db.transaction() as execute:
            execute("UPDATE purchase SET state = 'UNKNOWN', reason = ?, changed_at = ? WHERE state = 'INTENT'",
                    ("the run ended before the provider's answer was recorded", time.time()))
            taken = execute("SELECT id FROM purchase WHERE state = 'FETCHED' AND EXISTS (SELECT 1 FROM artifact WHERE "
                            "artifact.wanted = purchase.wanted AND artifact.sha256 = purchase.sha256)", ()).fetchall()
            for (id,) in taken:
                _moved(execute, id, ("FETCHED",), _done)
        kept = "state = 'DONE' AND path IS NOT NULL AND NOT EXISTS (SELECT 1 FROM artifact WHERE artifact.path = purchase.path)"
        return [one.path for one in self.all(kept) if one.path]

    def live(self, wanted: str) -> Purchase | None:
        """The purchase of this artifact that is under way or unresolved."""
        found = [] if self.never(wanted) else self.all(f"wanted = ? AND state IN ({_LIVE})", (wanted,))
        return found[0] if found else None

    def get(self, id: int) -> Purchase | None:
        """The purchase of this number."""
        found = self.all("id = ?", (id,))
        return found[0] if found else None

    def of(self, wanted: str) -> list[Purchase]:
        """All purchases of an artifact, oldest first."""
        return [] if self.never(wanted) else self.all("wanted = ?", (wanted,))

    def in_vain(self, provider: str, model: str, until: int | None = None, *, after: int = 0) -> list[Purchase]:
        """Those of a model, numbered above `after` and up to `until`, that were charged and are of no use, oldest first; empty
        where any of them is of use."""
        these = "provider = ? AND model = ? AND id > ? AND id <= coalesce(?, id)"
        values = (provider, model, after, until)
        if self._db.version < 2 or self.some(f"{these} AND state IN ('FETCHED', 'DONE')", values):
            return []
        return [one for one in self.all(f"{these} AND state = 'FAILED'", values)
                if not one.refusal and one.charged_usd != 0 and one.charged_by in ("provider", "prices")]

    def models(self) -> frozenset[tuple[str, str]]:
        """The models that anything was ever bought of, or asked for, with whom."""
        found = self._db.all("SELECT DISTINCT provider, model FROM purchase") if self._db.version >= 2 else []
        return frozenset((provider, model) for provider, model in found)

    def some(self, where: str, values: tuple[object, ...]) -> bool:
        """Whether there is such a purchase."""
        return self._db.one(f"SELECT 1 FROM purchase WHERE {where} LIMIT 1", values) is not None

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

    def _move(self, id: int, states: Sequence[State], change: Change) -> Purchase:
        with self._db.transaction() as execute:
            return _moved(execute, id, states, change)


def _moved(execute: Execute, id: int, states: Sequence[State], change: Change) -> Purchase:
    """The purchase after a step from one of `states`; `change` says which columns become what."""
    was = _found(execute, id)
    if was.state not in states:
        raise OutOfOrder(was)
    columns = change(was)
    execute(f"UPDATE purchase SET {', '.join(f'{column} = ?' for column in columns)}, changed_at = ? WHERE id = ?",
            (*columns.values(), time.time(), id))
    return _found(execute, id)


def _quoted(was: Purchase, usd: Decimal | None) -> dict[str, object]:
    """What is reserved after a quote. One above the bound raises it, and the bound it passed is remembered."""
    if usd is None or (was.reserved_usd is not None and usd <= was.reserved_usd):
        return {}
    passed = {} if was.reserved_usd is None else {"evidence": _json({**was.evidence, "bound_usd": str(was.reserved_usd)})}
    return {"reserved": _micro(usd), **passed}


def _done(was: Purchase) -> dict[str, object]:
    return {"state": "DONE", **_charge(was, was.charged_usd, was.charged_by)}


def _charge(was: Purchase, usd: Decimal | None, by: ChargedBy) -> dict[str, object]:
    """What it was charged: `usd`, else its bound. A price that nobody ever knew stays unknown, it does not become nothing."""
    if usd is not None:
        return {"charged": _micro(usd), "charged_by": by}
    return {"charged": _micro(was.reserved_usd), "charged_by": "" if was.reserved_usd is None else "bound"}


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
