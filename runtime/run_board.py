"""What is known of a run from its events: each node's state, times and progress. Shows nothing and decides nothing."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from runtime.events import Event

State = Literal["planned", "waiting", "running", "stalled", "made", "reused", "adopted", "failed", "blocked"]
ENDED: tuple[State, ...] = ("made", "reused", "adopted", "failed", "blocked")
GROUPS = ("storyboard", "sheet", "keyframe", "extension", "clip", "film")
"""The kinds of work a film goes through, in order."""
PREVIEW = "preview "
"""How the `about` of a run begins that only showed what there is."""
ACTIVE: tuple[State, ...] = ("running", "stalled")


@dataclass(frozen=True)
class Standing:
    """How it stands with one node. Times are seconds since 1970.

    `text` is what was said last: what is waited for, why it failed. `why` it had to be made, `by` which backend;
    `done` of `total` steps of `phase`.
    """

    node: str
    state: State = "planned"
    text: str = ""
    why: str = ""
    by: str = ""
    phase: str = ""
    done: int = 0
    total: int = 0
    started_at: float | None = None
    ended_at: float | None = None
    stale: str = ""

    @property
    def group(self) -> str:
        """`keyframe`, `clip`, `film` ...: the first word of the node's name."""
        return self.node.partition(" ")[0]

    @property
    def share(self) -> float | None:
        """How much of the phase is done, 0 to 1, or None when nobody said."""
        return min(1.0, self.done / self.total) if self.total > 0 else None

    def seconds(self, now: float) -> float:
        """How long it has been, or was, in work."""
        if self.started_at is None:
            return 0.0
        return max(0.0, (now if self.ended_at is None else self.ended_at) - self.started_at)


class Board:
    """All nodes of one run. `hear` may be called from any thread; a `run` event begins a new run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begin(0.0, "")

    def _begin(self, at: float, text: str) -> None:
        self.started_at, self.last_at, self.about = at, at, text
        self.finished: str | None = None
        self.notes: list[tuple[str, str]] = []
        self._nodes: dict[str, Standing] = {}

    def hear(self, event: Event) -> None:
        """Takes in what happened."""
        with self._lock:
            if event.kind == "run" or not self.last_at:
                self._begin(event.at, event.text if event.kind == "run" else "")
            self.last_at = max(self.last_at, event.at)
            if event.kind == "finished":
                self.finished = event.text
            elif event.kind == "note":
                self.notes.append((event.node, event.text))
            elif event.node and event.kind != "run":
                self._nodes[event.node] = after(self._nodes.get(event.node, Standing(event.node)), event)

    def node(self, name: str) -> Standing | None:
        """How it stands with one node, or None when nothing was heard of it."""
        with self._lock:
            return self._nodes.get(name)

    def nodes(self, group: str | None = None) -> list[Standing]:
        """The nodes as they stand now, of one group or all, in the order of the film."""
        with self._lock:
            found = [standing for standing in self._nodes.values() if group is None or standing.group == group]
        return sorted(found, key=lambda standing: in_order(standing.node))

    def work_s(self, now: float) -> dict[str, float]:
        """Group -> seconds of work in it, added up; work at the same time counts each."""
        spent: dict[str, float] = {}
        for standing in self.nodes():
            seconds = standing.seconds(now)
            if seconds > 0:
                spent[standing.group] = spent.get(standing.group, 0.0) + seconds
        return spent


def after(standing: Standing, event: Event) -> Standing:
    """How a node stands after an event about it."""
    match event.kind:
        case "planned":
            return replace(standing, text=event.text)
        case "waiting":
            return replace(standing, state="waiting", text=event.text)
        case "started":
            return replace(standing, state="running", text="", why=event.text, by=_word(event, "backend"), phase="", done=0,
                           total=0, started_at=event.at, ended_at=None)
        case "progress":
            return replace(standing, state="running", text="", phase=event.text, done=_whole(event, "done"),
                           total=_whole(event, "total"), started_at=standing.started_at or event.at)
        case "stalled":
            return replace(standing, state="stalled", text=event.text)
        case "stale":
            return replace(standing, stale=event.text or "what it was made from has changed")
        case "made" | "reused" | "adopted" | "failed" | "blocked":
            return replace(standing, state=event.kind, text=event.text, by=_word(event, "made_by") or standing.by,
                           ended_at=event.at)
    return standing


def runs(events: Iterable[Event]) -> list[Board]:
    """One board for each run in a log, oldest first."""
    boards: list[Board] = []
    for event in events:
        if event.kind == "run" or not boards:
            boards.append(Board())
        boards[-1].hear(event)
    return boards


def without_previews(boards: Sequence[Board]) -> Sequence[Board]:
    """The runs that made or planned something; all of them when there were only previews."""
    return [board for board in boards if not board.about.startswith(PREVIEW)] or boards


def lasted(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3:07 min`, `1:02:09 h`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d} min"
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d} h"


def in_order(node: str) -> tuple[object, ...]:
    """A sort key for nodes: by kind of work, then as in the film: segment_99 before segment_100, a segment's first
    keyframe before its last."""
    group, _, name = node.partition(" ")
    parts = re.split(r"(\d+)", name.removesuffix("_first"))
    place = GROUPS.index(group) if group in GROUPS else len(GROUPS)
    return (place, [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], not name.endswith("_first"), node)


def _whole(event: Event, key: str) -> int:
    value = event.data.get(key, 0)
    return int(value) if isinstance(value, int | float) else 0


def _word(event: Event, key: str) -> str:
    value = event.data.get(key)
    return value if isinstance(value, str) else ""
