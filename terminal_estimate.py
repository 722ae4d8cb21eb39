"""What a film costs, and what it would cost elsewhere, as something rich can draw. Prints nothing and reckons nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from cost_estimator import CostEstimate, CostLine, affordable
from runtime.money import CENT, dollars
from runtime.plain_text import one_line

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from cost_comparison import Compared

PRICES = ("low", "expected", "high")
STANDINGS = {"to make": "", "there": "is there", "paid, under way": "paid, under way"}


def drawn(estimate: CostEstimate, cap_usd: Decimal | None, counted_usd: Decimal, *, whole: bool) -> Iterator[RenderableType]:
    """The table of an estimate and the lines below it; `whole`: every clip on a line of its own."""
    from rich.table import Table
    from rich.text import Text

    if any(line.low != 0 or line.high != 0 for line in estimate.lines):
        yield _table(estimate, whole=whole)
    else:
        yield Text(_nothing(estimate), style="bold green")
    below = Table.grid(padding=(0, 2, 0, 0))
    if estimate.wall_s:
        below.add_row("time", f"about {duration(estimate.wall_s)} for the clips, {estimate.places} at a time")
    if cap_usd is not None or counted_usd:
        below.add_row("cap", _cap(estimate, cap_usd, counted_usd))
    for note in estimate.notes:
        below.add_row("note", Text(one_line(note)), style="dim")
    if below.row_count:
        yield below


def cost_table_rows(estimate: CostEstimate, *, whole: bool) -> list[tuple[str, ...]]:
    """What, what is asked, low, expected, high, standing: a row a line. Lines that are alike and free share one; where the
    estimate is not shown whole, also clips that are alike, and all pictures of a kind."""
    def alike(line: CostLine) -> object:
        kind, apart = line.what.split()[0], whole and (line.is_clip or line.low != 0)
        prices = (line.low, line.expected, line.high)
        same = prices if whole or line.is_clip else tuple(usd is None for usd in prices)
        return line.what if apart else (kind, line.seconds, line.standing, same)

    return [_row(list(lines)) for _, lines in groupby(estimate.lines, alike)]


def _row(lines: Sequence[CostLine]) -> tuple[str, ...]:
    first, count = lines[0], len(lines)
    asked = f"{first.seconds:g} s" if first.is_clip else first.backend
    prices = ["" if first.standing != "to make" else _sum(lines, price) for price in PRICES]
    return (_called(lines), f"{count} x {asked}" if count > 1 and first.is_clip else asked, *prices, STANDINGS[first.standing])


def _called(lines: Sequence[CostLine]) -> str:
    first, last = lines[0].what, lines[-1].what
    if len(lines) == 1:
        return first
    return f"segments {first.split()[-1]}-{last.split()[-1]}" if lines[0].is_clip else f"{len(lines)} {first.split()[0]}s"


def _sum(lines: Sequence[CostLine], price: str) -> str:
    amounts = [getattr(line, price) for line in lines]
    return _amount(None if None in amounts else sum(amounts, Decimal(0)))


def _table(estimate: CostEstimate, *, whole: bool) -> Table:
    from rich.table import Table
    from rich.text import Text

    clips = [line for line in estimate.lines if line.is_clip]
    title = clips[0].backend if clips else estimate.lines[0].backend
    table = Table(title=Text(f"{title}, in US dollars"), title_justify="left", header_style="bold")
    rows = cost_table_rows(estimate, whole=whole)
    columns = ("what", "asked", *PRICES, *([""] if any(row[-1] for row in rows) else []))
    for name in columns:
        table.add_column(name, justify="right" if name in PRICES else "left", overflow="fold")
    for row in rows:
        table.add_row(*row[:len(columns)])
    table.add_section()
    total = [_amount(amount) for amount in (estimate.low, estimate.expected, estimate.high)]
    table.add_row("total", f"{sum(line.seconds for line in clips):g} s", *total, style="bold")
    if estimate.low is None and estimate.known_low:
        table.add_row("of which known", "", dollars(estimate.known_low))
    return table


def _nothing(estimate: CostEstimate) -> str:
    """Why there is no table: it is free, or all of it is there or paid."""
    clips = [line for line in estimate.lines if line.is_clip]
    left = len(estimate.to_make)
    if not left and any(line.standing == "paid, under way" for line in clips):
        return "nothing more is to be paid: every clip is there, or paid and under way"
    if not left:
        return "costs nothing: every clip is there"
    count = "1 segment" if left == 1 else f"{left} segments"
    return f"costs nothing: {count} by {clips[0].backend}"


def _cap(estimate: CostEstimate, cap_usd: Decimal | None, counted_usd: Decimal) -> str:
    if cap_usd is None:
        return f"none; {dollars(counted_usd)} charged or reserved so far"
    used = f"of which {dollars(counted_usd)} is used" if counted_usd else "nothing of it used yet"
    left = len(estimate.to_make)
    if not left or estimate.free:
        return f"{dollars(cap_usd)}, {used}"
    paid_for = affordable(estimate, cap_usd, counted_usd)
    if paid_for == left:
        enough = "the segment that is to be made" if left == 1 else f"all {left} segments that are to be made"
    else:
        enough = f"{paid_for} of the {left} segments that are to be made" if left > 1 else "no segment"
    return f"{dollars(cap_usd)}, {used}: it pays for {enough}"


def duration(seconds: float) -> str:
    """`45 s`, `12 min`, `2 h 10 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


def compared(rows: Sequence[Compared]) -> Iterator[RenderableType]:
    """The comparison: what can make the film, the cheapest first, then why the others cannot."""
    from rich.text import Text

    able, unable = [row for row in rows if row.estimate is not None], [row for row in rows if row.estimate is None]
    yield from _side_by_side(able)
    yield Text("")
    if any(row.chosen for row in able):
        yield Text("* what the config says")
    yield Text("The whole film each time, as if nothing of it were there; the number of segments stays.", style="dim")
    for backend, problem in _what_keeps(able):
        yield Text(f"{backend} cannot run here yet: {one_line(problem)}", style="yellow")
    if unable:
        yield Text("Cannot make this film:", style="bold")
    for row in unable:
        yield _hanging(f"{row.title}: {one_line('; '.join(row.cannot))}", "")


def _side_by_side(rows: Sequence[Compared]) -> Iterator[RenderableType]:
    """A line a backend in columns, and below it, over the whole width, what it cannot do and what changes."""
    from rich.text import Text

    lines = [("", *PRICES, "time", "film", "here"), *map(_figures, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for row, cells in zip([None, *rows], lines, strict=True):
        title, *figures = (cell.rjust(width) if column else cell.ljust(width)
                           for column, (cell, width) in enumerate(zip(cells, widths, strict=True)))
        style = "bold green" if row is not None and row.chosen else "bold"
        yield Text.assemble((title, style), " ", (" ".join(figures), "bold" if row is None else ""))
        for facts, style in ((row.lacks, "yellow"), (row.changes, "dim")) if row is not None else ():
            if facts:
                yield _hanging(one_line(", ".join(facts)), style)


def _figures(row: Compared) -> tuple[str, ...]:
    assert row.estimate is not None and row.film_s is not None
    prices = [_amount(usd) for usd in (row.estimate.low, row.estimate.expected, row.estimate.high)]
    time = "unknown" if row.estimate.wall_s is None else duration(row.estimate.wall_s)
    here = "no" if row.problems else "ready"
    return (f"{'*' if row.chosen else ' '} {row.title}", *prices, time, f"{row.film_s:.1f} s", here)


def _hanging(text: str, style: str) -> RenderableType:
    from rich.padding import Padding
    from rich.text import Text

    return Padding(Text(text, style=style), (0, 0, 0, 4))


def _what_keeps(rows: Sequence[Compared]) -> Iterator[tuple[str, str]]:
    """What keeps the backends from running here; of what several models want at the same place (a key) the first wish."""
    said = set[tuple[str, str]]()
    for row in rows:
        for problem in row.problems:
            place = (row.backend, problem.partition(": ")[0])
            if place not in said:
                yield row.backend, problem
            said.add(place)


def _amount(usd: Decimal | None) -> str:
    """Whole cents from a dollar on, rounded up; below it as exactly as `dollars` says it."""
    return dollars(usd.quantize(CENT, ROUND_CEILING) if usd is not None and usd >= 1 else usd)
