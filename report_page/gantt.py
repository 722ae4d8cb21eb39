"""The time line of a run as bars on lanes, in CSS percentages so that it fits any width. Knows nothing of prompts."""

from __future__ import annotations

from collections.abc import Sequence

from report_page.words import called, clock, esc
from runtime.run_board import Board, Standing, lasted

GROUPS = (("storyboard", "Storyboard"), ("sheet", "Sheets"), ("keyframe", "Keyframes"),
          ("extension", "Extensions"), ("clip", "Segments"), ("film", "Film"))
STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
LEAST_SHARE = 0.15
"""Narrowest bar, in percent of the width: shorter work would not be seen."""


def gantt(board: Board | None) -> str:
    """The section, or nothing when no run has done any work."""
    if board is None:
        return ""
    worked = [standing for standing in board.nodes() if standing.started_at is not None]
    end = max((standing.ended_at or board.last_at for standing in worked), default=0.0)
    start = min((standing.started_at for standing in worked if standing.started_at is not None), default=0.0)
    if end <= start:
        return ""
    rows = "".join(_group(name, [standing for standing in worked if standing.group == group], start, end, board)
                   for group, name in GROUPS)
    total = lasted(end - start)
    return (f'<section aria-labelledby="timeline"><h2 id="timeline">Time line</h2><p class="lede">Work of the run of '
            f"{esc(clock(board.started_at))}: {total}. The table below has the same in figures.</p>"
            f'<div class="gantt" role="img" aria-label="Which work went on when, over {total}">'
            f"{rows}{_axis(end - start)}</div></section>")


def _group(name: str, nodes: Sequence[Standing], start: float, end: float, board: Board) -> str:
    if not nodes:
        return ""
    drawn = "".join(f'<div class="lane">{"".join(_bar(node, start, end, board) for node in lane)}</div>'
                    for lane in lanes(nodes, board.last_at))
    return f'<div class="group"><span class="name">{name}</span><div class="lanes">{drawn}</div></div>'


def lanes(nodes: Sequence[Standing], now: float) -> list[list[Standing]]:
    """Puts work that overlaps in time on lanes of its own, each piece on the first lane that is free."""
    found: list[list[Standing]] = []
    for node in sorted(nodes, key=lambda node: node.started_at or 0.0):
        free = next((lane for lane in found if (lane[-1].ended_at or now) <= (node.started_at or 0.0)), None)
        if free is None:
            found.append(free := [])
        free.append(node)
    return found


def _bar(node: Standing, start: float, end: float, board: Board) -> str:
    began, over = node.started_at or start, node.ended_at or board.last_at
    left = 100 * (began - start) / (end - start)
    width = max(LEAST_SHARE, 100 * (over - began) / (end - start))
    state = node.state if node.ended_at is not None else "unfinished"
    group = node.group if any(node.group == known for known, _ in GROUPS) else "other"
    label = node.node.rpartition(" ")[2].removeprefix("segment_").replace("_first", "a") if " " in node.node else ""
    said = f"{called(node.node)}{f' by {node.by}' if node.by else ''}: {state}, {lasted(over - began)}"
    shown = esc(label.lstrip("0") or label[:1]) if width > 2.2 else ""
    return f'<i class="bar on-{group} {state}" style="left:{left:.2f}%;width:{width:.2f}%" title="{esc(said)}">{shown}</i>'


def _axis(seconds: float) -> str:
    step = next((step for step in STEPS_S if seconds / step <= 8), STEPS_S[-1])
    marks = "".join(f'<i style="left:{100 * tick * step / seconds:.2f}%">{_mark(tick * step)}</i>'
                    for tick in range(int(seconds / step) + 1) if 100 * tick * step / seconds < 97)
    return f'<div class="group axis"><span class="name"></span><div class="lanes">{marks}</div></div>'


def _mark(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:g} s"
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}" if whole < 3600 else f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
