"""What a person sees and is asked on the terminal: the only module that prints. Decides nothing about the film."""

from __future__ import annotations

import json
import os
import select
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

import terminal_live
from runtime.events import Event
from runtime.plain_text import escape_json, one_line, plain
from runtime.run_board import Board

if TYPE_CHECKING:
    from decimal import Decimal

    from rich.console import Console, RenderableType
    from rich.live import Live

    from cost_comparison import Compared
    from cost_estimator import CostEstimate
    from storyboard import Storyboard
    from timeline import Timeline

__all__ = ["LiveRun", "ask", "error", "json_out", "one_line", "plain", "say", "show_comparison", "show_diff", "show_estimate",
           "show_storyboard", "speak", "table", "warn"]

WIDTH_IN_A_FILE = 110
"""Columns of tables when the output goes to a file or a pipe, which have no width of their own."""


@dataclass
class _Voice:
    quiet: bool = False
    json: bool = False
    live: Live | None = None


_voice = _Voice()


def speak(*, quiet: bool = False, json: bool = False) -> None:
    """How this process talks. `quiet`: only warnings, errors and what is said with `always`.
    `json`: standard output belongs to `json_out`; everything else goes to standard error."""
    _voice.quiet, _voice.json = quiet, json


def say(text: str, *, style: str = "", always: bool = False) -> None:
    """Says something to the person. `style` is for terminals with colour (`bold`, `green` ...); `always` also when quiet."""
    if _voice.quiet and not always:
        return
    _put(text, style, stderr=_voice.json)


def warn(text: str) -> None:
    """Something that goes on, but that the person should know. Goes to standard error."""
    _put(f"warning: {text}", "yellow", stderr=True)


def error(problem: str, advice: str = "") -> None:
    """Why it stopped, and what to do next. Goes to standard error. Several problems stand on lines of their own."""
    lines = plain(problem).splitlines() or ["something went wrong"]
    _put("\n".join([f"error: {lines[0]}", *(f"       {line}" for line in lines[1:])]), "bold red", stderr=True)
    if advice:
        _put(f"  what to do: {advice}", "", stderr=True)


def json_out(document: object) -> None:
    """One JSON document on standard output, for programs. What JSON does not know (paths, decimals) becomes text."""
    text = json.dumps(document, ensure_ascii=not _is_utf(sys.stdout), indent=2, default=str)
    _lenient(sys.stdout)
    print(escape_json(text), flush=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], title: str = "") -> None:
    """A table of text cells; cells wrap where the terminal is narrow."""
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=Text(plain(title)) if title else None, title_justify="left", header_style="bold")
    for column in columns:
        drawn.add_column(Text(plain(column)), overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(plain(cell)) for cell in row))
    show(drawn)


def ask(question: str) -> bool:
    """Asks for consent; only `y` or `yes` is one. Without a terminal on both sides nobody is asked, and the answer is no."""
    if not somebody_there():
        return False
    _put(f"{question} [y/N] ", "bold", stderr=_voice.json, end="")
    try:
        return _typed().strip().lower() in ("y", "yes")
    except EOFError:
        return False


def somebody_there() -> bool:
    """Whether there is a terminal on both sides, so that a person can be asked."""
    return sys.stdin.isatty() and (sys.stderr if _voice.json else sys.stdout).isatty()


def _typed() -> str:
    """A line somebody typed. Looks up ten times a second: a signal that comes just before the reading would not end it."""
    if os.name == "posix":
        while not select.select([sys.stdin], [], [], 0.1)[0]:
            pass
    return input()


def show(drawn: RenderableType) -> None:
    """Shows something rich can draw, unless quiet."""
    if _voice.quiet:
        return
    screen = console(stderr=_voice.json)
    if screen.is_terminal:
        screen.print(drawn)
        return
    with screen.capture() as captured:
        screen.print(drawn)
    print(*(line.rstrip() for line in captured.get().splitlines()), sep="\n", file=screen.file, flush=True)


def show_storyboard(storyboard: Storyboard, timeline: Timeline) -> None:
    """The plan in colour: keyframes, segments, prompts, lengths, time codes and joins, and the film's length to the frame."""
    import terminal_storyboard

    for part in terminal_storyboard.drawn(storyboard, timeline):
        show(part)


def show_diff(before: Storyboard, after: Storyboard) -> None:
    """What differs between two plans, a line each."""
    import terminal_storyboard

    lines = terminal_storyboard.changes(before, after)
    for line, style in lines or [("the storyboard stays as it is", "")]:
        say(line, style=style)


def show_estimate(estimate: CostEstimate, cap_usd: Decimal | None, counted_usd: Decimal, *, whole: bool = False) -> None:
    """What a film costs, and what the cap pays of it. counted_usd: what is charged and reserved. whole: a line a clip."""
    import terminal_estimate

    for part in terminal_estimate.drawn(estimate, cap_usd, counted_usd, whole=whole):
        show(part)


def show_comparison(rows: Sequence[Compared]) -> None:
    """The same film by every backend, the cheapest first."""
    import terminal_estimate

    for part in terminal_estimate.compared(rows):
        show(part)


class LiveRun:
    """Shows a run while it goes: `with LiveRun() as view: events.listen(view.on_event)`.

    On a terminal a table that is redrawn four times a second, elsewhere one line for each thing that happened; when quiet
    only what went wrong. What is said meanwhile through this module appears above the table.
    """

    def __init__(self, board: Board | None = None) -> None:
        self.board = board or Board()
        self._live: Live | None = None

    def __enter__(self) -> LiveRun:
        if sys.stdout.isatty() and not _voice.quiet and not _voice.json and not (screen := console()).is_dumb_terminal:
            from rich.live import Live

            self._live = Live(terminal_live.LiveTable(self.board), console=screen, refresh_per_second=4, transient=True,
                              vertical_overflow="crop")
            self._live.start()
            _voice.live = self._live
        return self

    def __exit__(self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None) -> None:
        _voice.live = None
        if self._live is not None:
            self._live.stop()

    def on_event(self, event: Event) -> None:
        """Takes in an event, from any thread."""
        self.board.hear(event)
        trouble = event.kind in ("failed", "blocked", "stalled")
        if self._live is not None and not trouble and event.kind not in ("stale", "note"):
            return
        line = terminal_live.line_for(event, self.board.node(event.node))
        if line is not None and trouble and _voice.quiet:
            warn(line)
        elif line is not None:
            say(line, style=terminal_live.STYLES.get(event.kind, ""))

    def summary(self, *, film: str = "", report: str = "", preview: str = "", money: str = "") -> None:
        """The closing words: what was made, kept, adopted, failed or blocked and why, the time it took, what it cost, where
        things are."""
        for line, style in terminal_live.closing_lines(self.board, time.time()):
            say(line, style=style)
        if money:
            say(f"{'money':<11}{money}")
        if report:
            say(f"{'report':<11}{report}")
        if preview:
            say(f"{'preview':<11}{preview}", always=True)
        if film:
            say(f"{'film':<11}{film}", style="bold green", always=True)


def console(*, stderr: bool = False) -> Console:
    """A console on the stream as it is now. NO_COLOR, TERM and COLUMNS are rich's to read."""
    from rich.console import Console

    if _voice.live is not None:
        return _voice.live.console  # so that what is said appears above the table, not in the middle of it
    stream = sys.stderr if stderr else sys.stdout
    _lenient(stream)
    width = None if stream.isatty() else WIDTH_IN_A_FILE
    return Console(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)


def _put(text: str, style: str, *, stderr: bool, end: str = "\n") -> None:
    stream = sys.stderr if stderr else sys.stdout
    if stream.isatty():
        from rich.text import Text

        console(stderr=stderr).print(Text(plain(text), style=style), end=end)
    else:
        _lenient(stream)
        print(plain(text), file=stream, end=end, flush=True)


def _lenient(stream: TextIO) -> None:
    """A character the console's encoding does not know becomes a question mark, not a crash."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None and getattr(stream, "errors", "") == "strict":
        reconfigure(errors="replace")


def _is_utf(stream: TextIO) -> bool:
    return (getattr(stream, "encoding", None) or "").lower().startswith("utf")
