"""`status`: where a run stands, read from what it wrote; it disturbs nothing. Knows only what the events say."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.options import folder_options, run_folder, speak

if TYPE_CHECKING:
    from runtime.events import Event
    from runtime.run_board import Board, Standing

LOOK_EVERY_S = 0.25


@click.command("status")
@folder_options
@click.option("--watch", is_flag=True, help="Follow the run until it is over. Ctrl-C ends the watching, not the run.")
def command(config: Path | None, output_dir: str | None, watch: bool, **voice: Any) -> int:
    """Show where the last run of a folder stands: every keyframe and segment, what it waits for, why one failed."""
    import terminal
    from config_paths import short
    from runtime.run_store import EVENTS

    speak(**voice)
    if watch and voice["json"]:
        raise click.UsageError("--watch shows, --json says once: give one of them")
    folder = run_folder(config=config, output_dir=output_dir)
    if watch:
        terminal.say(f"watching {short(folder)}; Ctrl-C ends the watching, not the run")
        return _watch(folder / EVENTS)
    board = _last(folder / EVENTS)
    if voice["json"]:
        terminal.json_out(_document(folder, board))
        return 0
    _show(folder, board)
    return 0


def _last(path: Path) -> Board:
    """The last run of a log; an empty one when there is none."""
    from runtime.events import read
    from runtime.run_board import Board, runs

    found = runs(read(path))
    return found[-1] if found else Board()


def _show(folder: Path, board: Board) -> None:
    import terminal
    from config_paths import short

    now = time.time()
    rows = [[standing.node, standing.state, standing.by, f"{standing.seconds(now):.1f} s", _detail(standing)]
            for standing in board.nodes()]
    terminal.table(["what", "state", "by", "time", ""], rows, title=f"{short(folder)}: {board.about}")
    terminal.say(_standing_of_the_run(board, now), style="bold")


def _detail(standing: Standing) -> str:
    progress = f"{standing.phase} {standing.done}/{standing.total}" if standing.state == "running" and standing.total else ""
    return ", ".join(part for part in (progress, standing.text or standing.why, standing.stale) if part)


def _standing_of_the_run(board: Board, now: float) -> str:
    if not board.last_at:
        return "no run was started here yet"
    if board.finished is not None:
        return f"over: {board.finished}"
    return f"not over: last heard of {now - board.last_at:.0f} s ago"


def _document(folder: Path, board: Board) -> dict[str, Any]:
    now = time.time()
    nodes = [{"node": standing.node, "state": standing.state, "by": standing.by, "phase": standing.phase,
              "done": standing.done, "total": standing.total, "seconds": round(standing.seconds(now), 3),
              "text": standing.text, "why": standing.why, "stale": standing.stale} for standing in board.nodes()]
    return {"run_folder": str(folder), "about": board.about, "finished": board.finished, "last_heard_at": board.last_at,
            "nodes": nodes}


def _watch(path: Path) -> int:
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
    return 0


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
