"""The live table of a run as something rich can draw, and its plain lines and closing words. Prints nothing itself."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from runtime.events import Event
from runtime.plain_text import one_line
from runtime.run_board import ACTIVE, ENDED, GROUPS, Board, Standing, in_order, lasted

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.table import Table
    from rich.text import Text

NAMES = {"sheet": "sheets", "clip": "segments", "keyframe": "keyframes", "extension": "extensions", "film": "film",
         "storyboard": "storyboard"}
STYLES = {"running": "cyan", "stalled": "yellow", "waiting": "dim", "planned": "dim", "made": "green", "reused": "blue",
          "adopted": "magenta", "failed": "bold red", "blocked": "red"}
SAID = {"made": "made", "reused": "kept", "adopted": "yours", "failed": "FAILED", "blocked": "blocked", "stalled": "quiet",
        "started": "start", "stale": "stale", "note": "note"}
NARROW = 64
HUNDREDTHS = 100
LINES_AROUND = 7
"""Lines of the screen the table leaves to the heading, the summary lines and the prompt."""


def called(node: str) -> str:
    """What a person calls a node: `segment 4`; a keyframe keeps the name of its file."""
    group, _, name = one_line(node).partition(" ")
    number = name.removeprefix("segment_")
    return f"segment {int(number)}" if group == "clip" and number.isdecimal() else one_line(node)


def line_for(event: Event, standing: Standing | None = None) -> str | None:
    """The one plain line that says an event, or None for those that would only be noise."""
    if event.kind not in SAID:
        return None
    parts = [called(event.node)] if event.node else []
    if event.kind == "started" and standing is not None and standing.by:
        parts.append(one_line(standing.by))
    if event.text:
        parts.append(one_line(event.text))
    if event.kind == "made" and standing is not None and standing.started_at is not None:
        parts.append(lasted(standing.seconds(event.at)))
    return f"{SAID[event.kind]:<8}{' · '.join(parts)}"


def counts(nodes: Sequence[Standing]) -> str:
    """`3 made, 2 reused, 1 failed`."""
    tally = Counter(standing.state for standing in nodes)
    return ", ".join(f"{tally[state]} {state}" for state in (*ENDED, *ACTIVE, "waiting", "planned") if tally[state])


class LiveTable:
    """Draws a board in whatever space there is: the segments at work, then those that wait, and counts of the rest."""

    def __init__(self, board: Board) -> None:
        self.board = board

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        now = time.time()
        yield self._heading(now, options.max_width)
        rows = max(1, (options.height or console.height) - LINES_AROUND)
        nodes = [standing for standing in self.board.nodes() if standing.group == "clip" and standing.state not in ENDED]
        active = sorted(nodes, key=lambda standing: (standing.state not in ACTIVE, in_order(standing.node)))
        if active:
            yield self._table(active[:rows], now, options.max_width)
        if len(active) > rows:
            yield _dim(f"and {len(active) - rows} more: {counts(active[rows:])}")
        yield from self._others(now)

    def _heading(self, now: float, width: int) -> Table:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        clips = self.board.nodes("clip")
        done = sum(standing.state in ENDED for standing in clips)
        within = sum(standing.share or 0.0 for standing in clips if standing.state in ACTIVE)
        heading = Table.grid(padding=(0, 1))
        what = f"segments {done} of {len(clips)}" if clips else one_line(self.board.about)
        text = Text(what, style="bold", no_wrap=True)
        elapsed = [Text(lasted(now - (self.board.started_at or now)), no_wrap=True)] if width > 30 else []
        room = min(30, width - 36)
        bar = [ProgressBar(total=max(1, len(clips)), completed=done + within, width=room)] if room > 3 and clips else []
        heading.add_row(text, *bar, *elapsed)
        return heading

    def _table(self, nodes: Sequence[Standing], now: float, width: int) -> Table:
        from rich.table import Table

        wide = width >= NARROW
        table = Table(box=None, show_header=False, padding=(0, 1, 0, 0), pad_edge=False, expand=True)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        if wide:
            table.add_column(width=16)
        table.add_column(justify="right", no_wrap=True)
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        for standing in nodes:
            table.add_row(*_row(standing, now, wide))
        return table

    def _others(self, now: float) -> list[Text]:
        lines = []
        for group in dict.fromkeys(standing.group for standing in self.board.nodes()):
            nodes = self.board.nodes(group)
            if group == "clip":
                ended = [standing for standing in nodes if standing.state in ENDED]
                lines += [_dim(f"segments   {counts(ended)}")] if ended else []
            else:
                lines.append(_dim(f"{NAMES.get(group, group):<10} {_group_line(nodes, now)}"))
        return lines


def _group_line(nodes: Sequence[Standing], now: float) -> str:
    if len(nodes) == 1 and nodes[0].state in ACTIVE:
        share = nodes[0].share
        return " ".join([one_line(nodes[0].phase) or "at work", *([f"{share:.0%}"] if share is not None else []),
                         lasted(nodes[0].seconds(now))])
    active = [standing.node.partition(" ")[2] for standing in nodes if standing.state in ACTIVE]
    return counts(nodes) + (f": {one_line(', '.join(active[:4]))}" if any(active) else "")


def _row(standing: Standing, now: float, wide: bool) -> list[RenderableType]:
    from rich.progress_bar import ProgressBar
    from rich.text import Text

    share = standing.share if standing.state in ACTIVE else None
    state = standing.state if wide or share is None else f"{share:.0%}"
    elapsed = lasted(standing.seconds(now)) if standing.started_at is not None else ""
    detail = _detail(standing)
    bar: list[RenderableType] = []
    if wide:
        bar = [Text("") if share is None else ProgressBar(total=1.0, completed=share, width=16)]
    return [Text(called(standing.node)), Text(state, style=STYLES[standing.state]), *bar, Text(elapsed),
            Text(detail, style="dim")]


def _detail(standing: Standing) -> str:
    if standing.state == "stalled":
        return one_line(standing.text) or "nothing was heard of it for a while"
    if standing.state in ("waiting", "planned"):
        return f"waits for {one_line(standing.text)}" if standing.state == "waiting" and standing.text else ""
    return one_line(" · ".join(part for part in (standing.by, how_far(standing)) if part))


def how_far(standing: Standing) -> str:
    """The phase and how much of it is done: `drawing 30/120`, `running 40 %` of what is counted in hundredths, `queued`."""
    if standing.total == HUNDREDTHS:
        steps = f"{standing.done} %" if standing.done else ""
    else:
        steps = f"{standing.done}/{standing.total}" if standing.total else ""
    return " ".join(part for part in (standing.phase, steps) if part)


def _dim(text: str) -> Text:
    from rich.text import Text

    return Text(text, style="dim", no_wrap=True, overflow="ellipsis")


MOST_NAMED, MOST_LISTED = 12, 8
"""Reasons that have a line in the closing words, and nodes that are listed for each."""


def closing_lines(board: Board, now: float) -> list[tuple[str, str]]:
    """(text, style) lines that say how a run went: counts, what was made anew and why, what failed and why, time."""
    lines: list[tuple[str, str]] = []
    for group in GROUPS:
        nodes = board.nodes(group)
        if nodes and (group in ("keyframe", "clip") or nodes[0].state in ENDED):
            lines.append((f"{NAMES[group]:<11}{counts(nodes)}", ""))
    lines += _named(board, "made", "green") if any(standing.state == "reused" for standing in board.nodes()) else []
    lines += [(f"  stale    {called(standing.node)}: {one_line(standing.stale)}", "yellow")
              for standing in board.nodes() if standing.stale]
    lines += _named(board, "failed", "bold red") + _named(board, "blocked", "red")
    spent = ", ".join(f"{NAMES.get(group, group)} {lasted(seconds)}" for group, seconds in board.work_s(now).items())
    total = lasted(now - (board.started_at or now))
    lines.append((f"{'time':<11}{total}" + (f" (work in {spent})" if spent else ""), ""))
    return lines


def _changed(standing: Standing) -> bool:
    """Whether it was made anew for a reason worth a line, not for the first time."""
    return standing.why not in ("", "new") and standing.group in ("keyframe", "clip")


def _named(board: Board, state: str, style: str) -> list[tuple[str, str]]:
    """A line for each reason, with all that it holds for."""
    alike: dict[str, list[str]] = {}
    for standing in board.nodes():
        if standing.state == state and (state != "made" or _changed(standing)):
            reason = one_line(standing.why if state == "made" else standing.text)
            alike.setdefault(reason, []).append(called(standing.node))
    lines = [(f"  {state:<8} {_listed(names)}" + (f": {reason}" if reason else ""), style)
             for reason, names in list(alike.items())[:MOST_NAMED]]
    more = sum(map(len, list(alike.values())[MOST_NAMED:]))
    if more:
        lines.append((f"  and {more} more {state}; the report names them all", style))
    return lines


def _listed(names: Sequence[str]) -> str:
    """`segment 1`, `keyframes segment_01, segment_02; segments 1, 2`: those of a kind share its name."""
    kinds: dict[str, list[str]] = {}
    for name in names[:MOST_LISTED]:
        kind, _, rest = name.partition(" ")
        kinds.setdefault(kind, []).append(rest)
    told = [" ".join(part for part in (kind + "s" * (len(rest) > 1), ", ".join(rest)) if part) for kind, rest in kinds.items()]
    more = [f"{len(names) - MOST_LISTED} more"] if len(names) > MOST_LISTED else []
    return "; ".join(told + more)
