"""What was really charged, for all films, in one file in the user's data folder. Sets no cap, and no run waits for it."""

from __future__ import annotations

import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from errors import LongtakeError
from runtime.database import Database, Values
from runtime.purchases import MICRO, Kind, Purchase, State

if TYPE_CHECKING:
    from runtime.ledger import Ledger
    from runtime.run_store import RunStore

FILE = "spend.sqlite"
PATIENCE_S = 1.0
"""How long a run waits, beside its work, for another one that writes the file."""
LEAST_FINISHED = 5
"""With fewer finished clips a share of re-rolls would be chance."""

SCHEMA = """
CREATE TABLE charge (
    run         TEXT NOT NULL,
    purchase    INTEGER NOT NULL,
    intended_at REAL NOT NULL,
    film        TEXT NOT NULL,
    wanted      TEXT NOT NULL,
    kind        TEXT NOT NULL,
    provider    TEXT NOT NULL,
    model       TEXT NOT NULL,
    state       TEXT NOT NULL,
    usd         INTEGER CHECK (usd >= 0),
    seconds     REAL NOT NULL,
    settled_at  REAL NOT NULL,
    day         TEXT NOT NULL,
    PRIMARY KEY (run, purchase, intended_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX charge_day ON charge (day);
CREATE INDEX charge_model ON charge (provider, model);
"""
# When it was intended is part of the key: a copied run folder has the same name and numbers, and buys on by itself.
ADD = """
INSERT INTO charge VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (run, purchase, intended_at) DO UPDATE SET film = excluded.film, state = excluded.state, usd = excluded.usd,
    settled_at = CASE WHEN usd IS excluded.usd THEN settled_at ELSE excluded.settled_at END,
    day = CASE WHEN usd IS excluded.usd THEN day ELSE excluded.day END
"""
CLIPS = "FROM charge WHERE provider = ? AND model = ? AND kind = 'job'"


@dataclass(frozen=True)
class Charge:
    """One purchase that is settled. day: the local date on which its charge became known. usd: None where nobody knows it.

    seconds: of film it brought, 0 where it brought none. run: the film's run folder, for ever; film: what that is called.
    """

    day: date
    provider: str
    model: str
    kind: Kind
    state: State
    usd: Decimal | None
    seconds: float
    film: str
    run: str

    @property
    def in_vain(self) -> bool:
        """Whether nothing came of it."""
        return self.state in ("REFUSED", "FAILED", "ABANDONED")


class Spend:
    """The charges of all films. Safe to use from any thread and by many runs at once; opened for each call.

    Reading a file that is not there finds nothing. Every call raises MachineTrouble when the file is damaged or held by
    another program for longer than `patience_s`.
    """

    def __init__(self, path: Path | None = None, *, patience_s: float = 10.0) -> None:
        self.path = path or Path(platformdirs.user_data_dir("longtake", appauthor=False)) / FILE
        self._patience_s = patience_s

    def add(self, run: str, film: str, *purchases: Purchase) -> None:
        """Puts settled purchases of a run in, or puts right what is known of them. Raises OSError where it cannot write."""
        rows = [_row(run, film, one) for one in purchases if one.settled and one.state != "THROTTLED"]
        if not rows:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(Database(self.path, (SCHEMA,), patience_s=self._patience_s)) as database:
            database.change([(ADD, row) for row in rows])

    def rows(self, since: date | None = None, run: str | None = None) -> list[Charge]:
        """What was charged from that day on, oldest first; of all films or of one run folder."""
        found = self._all("SELECT day, provider, model, kind, state, usd, seconds, film, run FROM charge WHERE day >= ? "
                          "AND run = coalesce(?, run) ORDER BY settled_at, purchase", (since.isoformat() if since else "", run))
        return [_charge(row) for row in found]

    def rerolls(self, provider: str, model: str) -> Decimal | None:
        """How many charged attempts a clip takes beyond the one it needs, from all that were ever bought of this model.

        What was made anew on purpose counts too. None with fewer than LEAST_FINISHED finished clips.
        """
        found = self._all(f"SELECT count(DISTINCT CASE WHEN state = 'DONE' THEN run || wanted END), "
                          f"sum(state = 'DONE' OR (state <> 'FETCHED' AND coalesce(usd, 0) > 0)) {CLIPS}", (provider, model))
        finished, attempts = found[0] if found else (0, 0)
        return Decimal(attempts) / finished - 1 if finished >= LEAST_FINISHED else None

    def usd_per_second(self, provider: str, model: str) -> Decimal | None:
        """Dollars that a finished second of film took, attempts in vain included; None where that cannot be said."""
        found = self._all(f"SELECT sum(usd), sum(usd IS NULL), sum(CASE WHEN state = 'DONE' THEN seconds ELSE 0 END) {CLIPS}",
                          (provider, model))
        usd, unknown, seconds = found[0] if found else (None, 0, None)
        return Decimal(usd) / MICRO / Decimal(str(seconds)) if usd is not None and seconds and not unknown else None

    def _all(self, query: str, values: Values) -> list[tuple[Any, ...]]:
        if not self.path.is_file():
            return []
        with closing(Database(self.path, (SCHEMA,), read_only=True, patience_s=self._patience_s)) as database:
            return database.all(query, values) if database.version else []


def run_id(ledger: Ledger) -> str | None:
    """The name under which the charges of a run folder are kept; None while it has none."""
    return ledger.meta("run_id")


def books(ledger: Ledger) -> Path | None:
    """The file that the film's settings keep its charges in, as its run folder remembers; None for the user's own."""
    remembered = ledger.meta("books")
    return Path(remembered) if remembered else None


def journal(run: RunStore, path: Path | None = None) -> Callable[[Purchase], None]:
    """What notes every settled purchase of a run in `path`, or where its folder says; for `run.till.settled`. First adds what
    is missing of it there.

    It never fails and is never waited for longer than PATIENCE_S: what cannot be written is said once, and the next run
    of the folder adds it.
    """
    keeper = _Journal(run, Spend(path or books(run.ledger), patience_s=PATIENCE_S))
    keeper.note(run.ledger.purchases.all())
    return lambda purchase: keeper.note([purchase])


class _Journal:
    def __init__(self, run: RunStore, spend: Spend) -> None:
        self._run, self._spend = run, spend
        self._lock, self._failed = threading.Lock(), False

    def note(self, purchases: Iterable[Purchase]) -> None:
        settled = [one for one in purchases if one.settled]
        with self._lock:
            if self._failed or not settled:
                return
            try:
                self._spend.add(self._id(), self._run.folder.name, *settled)
            except (LongtakeError, OSError, sqlite3.Error) as error:
                self._failed = True
                self._run.events.emit("note", "", f"`costs` will miss charges of this run until it is run again: {error}")

    def _id(self) -> str:
        known = run_id(self._run.ledger)
        if known is None:
            known = uuid.uuid4().hex
            self._run.ledger.remember(run_id=known)
        return known


def _row(run: str, film: str, purchase: Purchase) -> tuple[object, ...]:
    usd = None if purchase.charged_usd is None else int(purchase.charged_usd * MICRO)
    seconds = purchase.asked.get("seconds")
    return (run, purchase.id, purchase.intended_at, film, purchase.wanted, purchase.kind, purchase.provider, purchase.model,
            purchase.state, usd, float(seconds) if isinstance(seconds, int | float) else 0.0, purchase.changed_at,
            datetime.fromtimestamp(purchase.changed_at).date().isoformat())


def _charge(row: tuple[Any, ...]) -> Charge:
    day, provider, model, kind, state, usd, seconds, film, run = row
    return Charge(day=date.fromisoformat(day), provider=provider, model=model, kind=kind, state=state,
                  usd=None if usd is None else Decimal(usd) / MICRO, seconds=seconds if state == "DONE" else 0.0, film=film,
                  run=run)
