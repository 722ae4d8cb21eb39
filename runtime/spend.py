"""What was really charged, for all films, in one file in the user's data folder. Sets no cap, and no run waits for it."""

from __future__ import annotations

import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from errors import MachineTrouble
from runtime.database import Database, Values
from runtime.purchases import MICRO, Kind, Purchase, State

if TYPE_CHECKING:
    from runtime.ledger import Ledger
    from runtime.run_store import RunStore

FILE = "spend.sqlite"
PATIENCE_S = 1.0
"""How long a run waits, beside its work, for another one that writes the file."""
MEND = ("no film needs it: move it away, or put a copy in its place; each film's next run adds its own charges again, and only "
        "those of films whose folders are gone are lost")
OTHERWISE = "see that this user may write it, or have the film's charges kept elsewhere with budget.books"
"""What to do about the file: when it is damaged, and when it is not."""
LEAST_FINISHED = 5
"""With fewer finished clips a share of re-rolls would be chance."""

CHARGE = """
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
    PRIMARY KEY ({key})
) STRICT, WITHOUT ROWID;
CREATE INDEX charge_day ON charge (day);
CREATE INDEX charge_model ON charge (provider, model);
"""
# A purchase is known by what holds from its first intent on, wherever its run folder is copied to: its moment, its number and
# what it was for. A copy that finishes the same purchase says the same charge again; what a copy buys by itself is another.
ONE_PURCHASE = f"""
ALTER TABLE charge RENAME TO charge_of_a_run;
DROP INDEX charge_day;
DROP INDEX charge_model;
{CHARGE.format(key="intended_at, purchase, wanted")}
INSERT OR REPLACE INTO charge SELECT run, purchase, intended_at, film, wanted, kind, provider, model, state, usd, seconds,
    settled_at, day FROM charge_of_a_run ORDER BY settled_at;
DROP TABLE charge_of_a_run;
"""
STEPS = (CHARGE.format(key="run, purchase, intended_at"), ONE_PURCHASE)
ADD = """
INSERT INTO charge VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (intended_at, purchase, wanted) DO UPDATE SET film = excluded.film, state = excluded.state, usd = excluded.usd,
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

    Reading a file that is not there finds nothing. Every call raises MachineTrouble when the file is damaged, and says then
    what of it is lost, or when another program holds it for longer than `patience_s`.
    """

    def __init__(self, path: Path | None = None, *, patience_s: float = 10.0) -> None:
        self.path = path or Path(platformdirs.user_data_dir("longtake", appauthor=False)) / FILE
        self._patience_s = patience_s

    def add(self, run: str, film: str, *purchases: Purchase) -> None:
        """Puts settled purchases of a run in, or puts right what is known of them."""
        rows = [_row(run, film, one) for one in purchases if one.settled and one.state != "THROTTLED"]
        if not rows:
            return
        with self._readable():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(Database(self.path, STEPS, patience_s=self._patience_s)) as database:
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
        with self._readable():
            if not self.path.is_file():
                return []
            with closing(Database(self.path, STEPS, read_only=True, patience_s=self._patience_s)) as database:
                return database.all(query, values) if database.version else []

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Around every use of the file: raises MachineTrouble with what to do about this file, which is no run folder's."""
        try:
            yield
        except MachineTrouble as trouble:
            cause = trouble.__cause__
            if isinstance(cause, sqlite3.DatabaseError) and not _in_the_way(cause):
                raise self._damaged(cause) from cause
            advice = OTHERWISE if "--output-dir" in trouble.advice else trouble.advice
            raise MachineTrouble(str(trouble), advice=advice) from cause
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error
        except OSError as error:
            raise MachineTrouble(f"{self.path} cannot be used: {error}", advice=OTHERWISE) from error

    def _damaged(self, error: sqlite3.DatabaseError) -> MachineTrouble:
        return MachineTrouble(f"{self.path}, which adds up what all films were charged, cannot be read: {error}", advice=MEND)


def _in_the_way(error: sqlite3.DatabaseError) -> bool:
    """Whether the file may well be good, and something else is in the way."""
    return any(word in str(error) for word in ("locked", "full", "readonly", "unable to open", "disk I/O"))


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
    keeper.name()  # before the first intent, so that a copy of the folder has the same
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
                self._spend.add(self.name(), self._run.folder.name, *settled)
            except MachineTrouble as error:
                self._failed = True
                self._run.events.emit("note", "", f"`costs` will miss charges of this run until it is run again: {error} "
                                                  f"({error.advice})")

    def name(self) -> str:
        """Under which the charges of this folder are kept, for ever."""
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
