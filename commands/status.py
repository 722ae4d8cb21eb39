"""`status`: where a run stands and what is spent, read from what it wrote; it disturbs nothing and asks no provider."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.options import folder_options, naming, run_folder, speak, typed

if TYPE_CHECKING:
    from runtime.events import Event
    from runtime.purchase_model import Purchase
    from runtime.run_board import Board, Standing

LOOK_EVERY_S = 0.25
SILENT_S = 60
"""Seconds without a word from a run after which it may have been killed. It says so itself only when it ends."""


@dataclass(frozen=True)
class Books:
    """What was bought in a run folder, oldest first, and the cap that the last run was given."""

    purchases: tuple[Purchase, ...] = ()
    cap_usd: Decimal | None = None


@click.command("status")
@folder_options
@click.option("--watch", is_flag=True, help="Follow the run until it is over. Ctrl-C ends the watching, not the run.")
def command(config: Path | None, output_dir: str | None, watch: bool, **voice: Any) -> int:
    """Show where the last run of a folder stands: every keyframe and segment, what it waits for, why one failed; what is spent,
    and which paid jobs go on at providers."""
    import terminal
    from config_paths import short
    from runtime.run_store import EVENTS

    speak(**voice)
    if watch and voice["json"]:
        raise click.UsageError("--watch shows, --json says once: give one of them")
    folder = run_folder(config=config, output_dir=output_dir)
    which = naming(config, output_dir)
    if watch:
        terminal.say(f"watching {short(folder)}; Ctrl-C ends the watching, not the run")
        _watch(folder / EVENTS)
        _show_money(_books(folder), which)
        return 0
    board = _last(folder / EVENTS)
    if voice["json"]:
        terminal.json_out(_document(folder, board, _books(folder)))
        return 0
    _show(folder, board)
    _show_money(_books(folder), which)
    return 0


def _books(folder: Path) -> Books:
    """Read while a run may be writing. Raises MachineTrouble when the ledger cannot be read."""
    from runtime.ledger import Ledger
    from runtime.purchase_words import cap_of
    from runtime.run_store import LEDGER

    with closing(Ledger(folder / LEDGER, read_only=True)) as ledger:
        return Books(tuple(ledger.purchases.all()), cap_of(ledger.meta))


def _last(path: Path) -> Board:
    """The last run of a log, not a preview that is over; an empty one when there is none."""
    from runtime.events import read
    from runtime.run_board import Board, runs, without_previews

    found = runs(read(path))
    if not found:
        return Board()
    return found[-1] if found[-1].finished is None else without_previews(found)[-1]


def _show(folder: Path, board: Board) -> None:
    import terminal
    from config_paths import short

    now = time.time()
    rows = [_row(standing, now, board) for standing in board.nodes()]
    terminal.table(["what", "state", "by", "time", "last said"], rows, title=f"{short(folder)}: {board.about}")
    terminal.say(_standing_of_the_run(board, now), style="bold")


def _row(standing: Standing, now: float, board: Board) -> list[str]:
    """What was in work when a run ended, by Ctrl-C say, is in work no longer, and took as long as the run went on."""
    from runtime.run_board import ENDED, lasted

    over = board.finished is not None
    state = "unfinished" if over and standing.state not in (*ENDED, "planned") else standing.state
    took = standing.seconds(board.last_at if over else now)
    return [standing.node, state, standing.by, lasted(took) if took >= 0.05 else "", _detail(standing)]


def _show_money(books: Books, which: str) -> None:
    """What is not over (jobs at providers, and purchases whose answer was lost, with what to type), then the sums. `which`:
    the options that name the film."""
    if not books.purchases:
        return
    import terminal
    from runtime.money import dollars
    from runtime.purchase_words import spent, to_type, under_way, unresolved

    for one in under_way(books.purchases):
        terminal.say(_put("under way", _about(one)))
        terminal.say(_put("", f"job {one.remote_id}"))
    for one in unresolved(books.purchases):
        told = [terminal.one_line(text) for text in (one.reason, str(one.evidence.get("says", "")))]
        commands = [f"`{typed(command)}` {when}" for command, when in to_type(one, which)]
        terminal.say(_put("ANSWER LOST", _about(one)), style="bold red", always=True)
        for line in filter(None, (*told, "say what became of it:", *commands)):
            terminal.say(_put("", line), always=True)
    cap = f", the cap is {dollars(books.cap_usd)}" if books.cap_usd is not None else ""
    terminal.say(_put("money", f"{spent(books.purchases)}{cap}"))


def _put(what: str, said: str) -> str:
    return f"{what:<12}{said}"


def _about(one: Purchase) -> str:
    from runtime.money import dollars
    from runtime.run_board import lasted
    from terminal_live import called

    price = "price unknown" if one.reserved_usd is None else f"up to {dollars(one.reserved_usd)}"
    since = lasted(max(0.0, time.time() - one.intended_at))
    return " · ".join((f"purchase {one.id}", called(one.node), f"{one.provider} {one.model}", price, since))


def _detail(standing: Standing) -> str:
    from terminal_live import how_far

    progress = how_far(standing) if standing.state == "running" else ""
    return ", ".join(part for part in (progress, standing.text or standing.why, standing.stale) if part)


def _standing_of_the_run(board: Board, now: float) -> str:
    from runtime.run_board import lasted

    if not board.last_at:
        return "no run was started here yet"
    if board.finished is not None:
        return f"over: {board.finished}"
    silent = now - board.last_at
    killed = "; where it was killed, running it again goes on" if silent > SILENT_S else ""
    return f"not over: last heard of {lasted(silent)} ago{killed}"


def _document(folder: Path, board: Board, books: Books) -> dict[str, Any]:
    from runtime.purchase_words import spent, under_way, unresolved

    total = spent(books.purchases)
    money = {"charged_usd": total.charged_usd, "reserved_usd": total.reserved_usd, "unpriced": total.unpriced,
             "cap_usd": books.cap_usd}
    now = time.time()
    nodes = [{"node": standing.node, "state": standing.state, "by": standing.by, "phase": standing.phase,
              "done": standing.done, "total": standing.total, "seconds": round(standing.seconds(now), 3),
              "text": standing.text, "why": standing.why, "stale": standing.stale} for standing in board.nodes()]
    return {"run_folder": str(folder), "about": board.about, "finished": board.finished, "last_heard_at": board.last_at,
            "nodes": nodes, "money": money, "under_way": [_job(one) for one in under_way(books.purchases)],
            "unresolved": [_job(one) for one in unresolved(books.purchases)]}


def _job(one: Purchase) -> dict[str, Any]:
    return {"purchase": one.id, "node": one.node, "provider": one.provider, "model": one.model, "job": one.remote_id,
            "reserved_usd": one.reserved_usd, "intended_at": one.intended_at, "reason": one.reason,
            "evidence": one.evidence.get("says", "")}


def _watch(path: Path) -> None:
    """What happened before the watching began is taken in silently, the rest is shown as it comes."""
    import terminal
    from runtime.events import read

    with terminal.LiveRun() as view:
        history = list(read(path))
        for event in history:
            view.board.hear(event)
        if view.board.finished is None:
            for event in follow(path, skip=len(history)):
                view.on_event(event)
                if event.kind == "finished":
                    break
    terminal.say(_standing_of_the_run(view.board, time.time()), style="bold")


def follow(path: Path, *, skip: int) -> Iterator[Event]:
    """The events of a log behind the first `skip`, waiting for more without end. Half a line waits for its other half."""
    from runtime.events import Event

    with path.open("rb") as log:
        rest = b""
        while True:
            rest += log.readline()
            if not rest.endswith(b"\n"):
                time.sleep(LOOK_EVERY_S)
                continue
            line, rest = rest, b""
            try:
                event = Event(**json.loads(line))
            except (ValueError, TypeError):
                continue
            if skip > 0:
                skip -= 1
                continue
            yield event
