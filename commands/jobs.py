"""`jobs`: what was bought for a film, from its ledger; it disturbs nothing and asks no provider. Changes nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.options import folder_options, naming, run_folder, speak, typed

if TYPE_CHECKING:
    from runtime.purchase_model import Purchase

BY = {"provider": "billed", "prices": "by the price list", "bound": "as reserved", "person": "as you said"}
"""Who says what was charged."""
STYLES = {"UNKNOWN": "bold red", "FAILED": "red", "REFUSED": "red", "SUBMITTED": "cyan", "DONE": "green"}
PROMPT = 80
"""Characters of a prompt that are shown."""


@click.command("jobs")
@folder_options
@click.option("--unresolved", is_flag=True, help="Only those whose answer was lost, with what to type about each.")
def command(config: Path | None, output_dir: str | None, unresolved: bool, **voice: Any) -> int:
    """Show what was bought for a film: state, the provider's id, what was reserved and charged and who says so, and why one
    failed. Of a purchase whose answer was lost also the evidence, and what to type.

    Reads the ledger only: a run that is going on is not disturbed.
    """
    import terminal
    from config_paths import short

    speak(**voice)
    folder, which = run_folder(config=config, output_dir=output_dir), naming(config, output_dir)
    everything, cap = _read(folder)
    shown = [one for one in everything if one.state == "UNKNOWN"] if unresolved else everything
    if voice["json"]:
        terminal.json_out(_document(folder, everything, shown, cap, which))
        return 0
    if not everything:
        terminal.say(f"nothing was bought in {short(folder)}")
        return 0
    if shown:
        terminal.say(f"{short(folder)}: what was bought", style="bold")
        _say_each(shown)
    else:
        terminal.say("nothing is unresolved")
    _say_unresolved(shown, which)
    _say_totals(everything, cap)
    return 0


def _read(folder: Path) -> tuple[list[Purchase], Decimal | None]:
    """Every purchase, and the cap that the last run was given. Raises MachineTrouble when the ledger cannot be read."""
    from runtime.ledger import Ledger
    from runtime.purchase_words import cap_of
    from runtime.run_store import LEDGER

    with closing(Ledger(folder / LEDGER, read_only=True)) as ledger:
        return ledger.purchases.all(), cap_of(ledger.meta)


def _say_each(shown: Sequence[Purchase]) -> None:
    """A line of columns for each, and one with the id and the reason: an id must be whole to be copied."""
    import terminal

    rows = [_row(one) for one in shown]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for one, row in zip(shown, rows, strict=True):
        columns = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        terminal.say(columns.rstrip(), style=STYLES.get(one.state, ""))
        if detail := _detail(one):
            terminal.say(f"{' ' * widths[0]}  {detail}")


def _row(one: Purchase) -> list[str]:
    from runtime.plain_text import one_line
    from runtime.purchase_words import SAID
    from terminal_live import called

    return [str(one.id), called(one.node), SAID[one.state], _cost(one), one_line(f"{one.provider} {one.model}"),
            _clock(one.intended_at)]


def _cost(one: Purchase) -> str:
    """What was charged and who says so, or what is reserved."""
    from runtime.money import dollars

    reserved = "price unknown" if one.reserved_usd is None else f"{dollars(one.reserved_usd)} reserved"
    if one.charged_usd is None:
        return reserved
    if not one.charged_usd:
        return "nothing charged"
    charged = f"{dollars(one.charged_usd)} {BY.get(one.charged_by, '')}".rstrip()
    return charged if one.charged_usd == one.reserved_usd else f"{charged} ({reserved})"


def _detail(one: Purchase) -> str:
    """The provider's id, and why it stands as it stands."""
    from runtime.plain_text import one_line

    job = f"job {one.remote_id}" if one.remote_id else ""
    side = f"refused for its {one.refusal}" if one.refusal in ("input", "output") else ""
    return one_line(", ".join(part for part in (job, side, one.reason) if part))


def _clock(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def say_lost(error: Exception, bought: Sequence[Purchase], options: Mapping[str, Any], folder: Path) -> None:
    """After a run that met lost answers: of each what is known, and what to type about this film."""
    from errors import Unresolved

    if isinstance(error, Unresolved):
        which = naming(options.get("config"), options.get("output_dir")) or naming(None, str(folder))
        _say_unresolved([one for one in bought if one.id in error.jobs], which)


def _say_unresolved(shown: Sequence[Purchase], which: str) -> None:
    """Of each purchase whose answer was lost: what was asked, what is known, and what to type."""
    import terminal
    from runtime.purchase_words import unresolved

    for one in unresolved(shown):
        terminal.say("")
        terminal.say(_headline(one), style="bold red", always=True)
        for what, said in _known(one):
            terminal.say(f"  {what:<11}{terminal.one_line(said)}", always=True)
        terminal.say("  type what became of it:", always=True)
        for command_line, when in _to_type(one, which):
            terminal.say(f"    {command_line}", style="bold", always=True)
            terminal.say(f"        {when}", always=True)
    for one in shown:
        if one.state == "INTENT":
            terminal.say(f"purchase {one.id} is being sent; if no run works here any more, its answer is lost: "
                         f"`{typed(f'resolve {one.id} {which}')}` takes it from there")


def _headline(one: Purchase) -> str:
    from runtime.money import dollars
    from terminal_live import called

    price = "an unknown price" if one.reserved_usd is None else f"up to {dollars(one.reserved_usd)}"
    return f"purchase {one.id}, {called(one.node)}: nobody knows whether {one.provider} accepted it ({price})"


def _known(one: Purchase) -> Iterator[tuple[str, str]]:
    """What is known of it, as (what, said)."""
    from runtime.plain_text import gist

    asked = [f"{one.asked['seconds']:g} s"] if isinstance(one.asked.get("seconds"), int | float) else []
    asked += [str(one.asked[key]) for key in ("size", "prompt") if one.asked.get(key)]
    yield "sent", f"{_clock(one.intended_at)} to {one.provider} {one.model}"
    if asked:
        yield "asked for", gist(", ".join(asked), PROMPT)
    yield "then", one.reason
    for what, key in (("before it", "before"), ("after it", "after"), ("by us", "own")):
        if isinstance(one.evidence.get(key), Mapping):
            yield what, _facts(one.evidence[key])
    yield "evidence", str(one.evidence.get("says", "")) or "none either way"


def _facts(seen: Mapping[str, Any], of: str = "") -> str:
    """`credits 990, daily gen4_turbo 3`: what a provider's books held. Its clock is for programs (`--json`)."""
    return ", ".join(_facts(value, f"{of}{key} ") if isinstance(value, Mapping) else f"{of}{key} {value}"
                     for key, value in seen.items() if key != "at")


def _to_type(one: Purchase, which: str) -> list[tuple[str, str]]:
    from runtime.purchase_words import to_type

    return [(typed(words), when) for words, when in to_type(one, which)]


def _say_totals(everything: Sequence[Purchase], cap: Decimal | None) -> None:
    import terminal
    from runtime.money import dollars
    from runtime.purchase_words import spent, unresolved

    lost = len(unresolved(everything))
    capped = "" if cap is None else f", the cap is {dollars(cap)}"
    terminal.say(f"{spent(everything)} in {len(everything)} purchases{capped}"
                 + (f"; {lost} unresolved" if lost else ""), style="bold")


def _document(folder: Path, everything: Sequence[Purchase], shown: Sequence[Purchase], cap: Decimal | None,
              which: str) -> dict[str, Any]:
    from runtime.purchase_words import SAID, spent, unresolved

    total = spent(everything)
    return {
        "run_folder": str(folder),
        "purchases": [{**asdict(one), "said": SAID[one.state], "counted_usd": one.counted_usd,
                       "to_type": [words for words, _ in _to_type(one, which)] if one.state == "UNKNOWN" else []}
                      for one in shown],
        "charged_usd": total.charged_usd, "reserved_usd": total.reserved_usd, "unpriced": total.unpriced, "cap_usd": cap,
        "unresolved": [one.id for one in unresolved(everything)],
    }
