"""`costs`: what was really charged, across films, from the file that every run adds to. Estimates nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.options import EXISTING_FILE, run_folder, speak, voice_options

if TYPE_CHECKING:
    from runtime.spend import Charge

    Key = tuple[str, ...]

GROUPS = {"day": ("day",), "model": ("model",), "film": ("film",)}
EACH_DAY = ("day", "model")
"""How charges are put together where --by does not say: what each model cost on each day."""


@dataclass(frozen=True)
class Total:
    """What some charges come to. usd: the known ones, in vain included; in_vain_usd: those that brought nothing. unpriced:
    charges that nobody knows. finished: clips and pictures that are there; seconds: of film they are."""

    usd: Decimal
    in_vain_usd: Decimal
    unpriced: int
    finished: int
    seconds: float

    @property
    def usd_per_second(self) -> Decimal | None:
        """Dollars that a finished second took, failures included; None where there is none, or a charge is not known."""
        return self.usd / Decimal(str(self.seconds)) if self.seconds and not self.unpriced else None


@click.command("costs")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="Only from that day on.")
@click.option("--by", type=click.Choice(sorted(GROUPS)), help="One line for each.  [default: one for each day and model]")
@click.option("--config", type=EXISTING_FILE, metavar="FILE", help="Only the film of these settings.  [default: all films]")
@click.option("--output-dir", metavar="FOLDER", help="Only the film of this run folder.  [default: all films]")
@voice_options
def command(since: datetime | None, by: str | None, config: Path | None, output_dir: str | None, **voice: Any) -> int:
    """Show what was really charged: by model and day, in all, and in dollars per finished second.

    Every run adds what it was charged, and that stays when its folder is deleted. What was charged for something refused or
    failed is shown by itself. Jobs that are still under way are not in it: `jobs` shows those of a film. A film that keeps
    books of its own (budget.books), as a rehearsal does, is shown with --config or --output-dir only.
    """
    import terminal
    from runtime.spend import Spend

    speak(**voice)
    film, books = _film(config, output_dir)
    spend = Spend(books)
    charges = spend.rows(since.date() if since else None, film) if film != "" else []
    columns = GROUPS[by] if by else EACH_DAY
    if voice["json"]:
        terminal.json_out(_document(spend.path, charges, columns))
        return 0
    if not charges:
        when = f" since {since:%Y-%m-%d}" if since else ""
        terminal.say(f"nothing was {'' if when else 'ever '}charged{when}{'' if film is None else ' for this film'}")
    else:
        _show(charges, columns, "" if film is None else " for this film")
    terminal.say(f"kept in {spend.path}")
    return 0


def _film(config: Path | None, output_dir: str | None) -> tuple[str | None, Path | None]:
    """The name by which the charges of one film are known, and where they are kept (None: in the user's own file).

    The name is None for all films, empty when nothing was charged for it yet.
    """
    if config is None and output_dir is None:
        return None, None
    from runtime.ledger import Ledger
    from runtime.run_store import LEDGER
    from runtime.spend import books, run_id

    with closing(Ledger(run_folder(config=config, output_dir=output_dir) / LEDGER, read_only=True)) as ledger:
        return run_id(ledger) or "", books(ledger)


def _total(charges: Iterable[Charge]) -> Total:
    every = list(charges)
    return Total(
        usd=sum((one.usd for one in every if one.usd is not None), Decimal(0)),
        in_vain_usd=sum((one.usd for one in every if one.usd is not None and one.in_vain), Decimal(0)),
        unpriced=sum(one.usd is None for one in every), finished=sum(one.state == "DONE" for one in every),
        seconds=sum(one.seconds for one in every))


def _grouped(charges: Sequence[Charge], columns: Sequence[str]) -> dict[Key, Total]:
    """The totals of each group: days in order, else the dearest first."""
    say = _sayings(charges)
    groups: dict[Key, list[Charge]] = {}
    for one in charges:
        groups.setdefault(tuple(say[column](one) for column in columns), []).append(one)
    totals = {key: _total(members) for key, members in groups.items()}
    in_order = sorted(totals.items(), key=lambda item: (item[0] if columns[0] == "day" else (), -item[1].usd, item[0]))
    return dict(in_order)


def _sayings(charges: Sequence[Charge]) -> dict[str, Callable[[Charge], str]]:
    """How a charge is named in each column. Two films of the same name are told apart by their run folders' own ids."""
    latest = {one.run: one.film for one in charges}
    names = list(latest.values())

    def film(one: Charge) -> str:
        name = latest[one.run]
        return name if names.count(name) == 1 else f"{name} ({one.run[:8]})"

    return {"day": lambda one: one.day.isoformat(), "model": lambda one: f"{one.provider} {one.model}", "film": film}


def _show(charges: Sequence[Charge], columns: Sequence[str], whose: str) -> None:
    import terminal
    from runtime.money import dollars

    heads = [*columns, "charged", "in vain", "finished", "seconds", "per second"]
    terminal.table(heads, [[*key, *_cells(total)] for key, total in _grouped(charges, columns).items()])
    everything = _total(charges)
    vain = f", {dollars(everything.in_vain_usd)} of it for what failed or was refused" if everything.in_vain_usd else ""
    many = "1 charge" if everything.unpriced == 1 else f"{everything.unpriced} charges"
    unpriced = f", and {many} that nobody knows" if everything.unpriced else ""
    terminal.say(f"{dollars(everything.usd)} charged in all{whose}{vain}{unpriced}", style="bold")
    for (model,), total in _grouped(charges, ("model",)).items() if columns != ("model",) else ():
        if total.seconds:
            terminal.say(f"{model}: {_per_second(total)} a finished second, {total.seconds:g} s of film")


def _cells(total: Total) -> list[str]:
    from runtime.money import dollars

    known = [dollars(total.usd)] if total.usd or not total.unpriced else []
    charged = " + ".join([*known, *([f"{total.unpriced} unknown"] if total.unpriced else [])])
    return [charged, dollars(total.in_vain_usd) if total.in_vain_usd else "", str(total.finished),
            f"{total.seconds:g} s" if total.seconds else "", _per_second(total) if total.seconds else ""]


def _per_second(total: Total) -> str:
    from runtime.money import dollars

    return dollars(total.usd_per_second)


def _document(path: Path, charges: Sequence[Charge], columns: Sequence[str]) -> dict[str, Any]:
    return {
        "file": str(path), "total": _said(_total(charges)),
        "groups": [{**dict(zip(columns, key, strict=True)), **_said(total)}
                   for key, total in _grouped(charges, columns).items()],
        "models": [{"model": model, **_said(total)} for (model,), total in _grouped(charges, ("model",)).items()],
        "charges": [asdict(one) for one in charges],
    }


def _said(total: Total) -> dict[str, Any]:
    return {**asdict(total), "usd_per_second": total.usd_per_second}
