"""What happens in a run, for people and pages: events.jsonl, run.log and whoever listens. The truth is in the ledger."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from runtime.plain_text import masked

Kind = Literal[
    "run",  # a run began; text: what it works on
    "planned",  # a node is part of this run; text: what it is
    "waiting",  # text: what it waits for
    "started",  # work began; text: by whom
    "progress",  # done of total steps of a phase
    "made",  # finished, new; text: why it had to be made
    "reused",  # finished, an earlier take counts
    "adopted",  # finished, the user's own file
    "failed",  # text: the reason
    "blocked",  # cannot be made; text: what keeps it
    "stalled",  # nothing was heard of it for a while
    "stale",  # what it was made from has changed since; it is kept
    "note",  # something a person should know
    "finished",  # the run is over; text: how
]
Scalar = str | int | float | bool | None
_JSON = json.JSONEncoder(ensure_ascii=False)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u2028-\u202e\u2066-\u2069]+")
"""What a terminal may act upon that shows the log."""


@dataclass(frozen=True)
class Event:
    """One thing that happened. `at`: seconds since 1970. `node`: `keyframe segment_02`, `clip segment_04`, `film` or ''."""

    at: float
    kind: Kind
    node: str = ""
    text: str = ""
    data: Mapping[str, Scalar] = field(default_factory=dict)


class EventLog:
    """Appends events to events.jsonl and run.log and hands them to listeners, from any thread.

    Every text passes the redactor first: `secrets` never reach a file or a listener. Of the progress of one node at most
    two lines a second are written; listeners get all of it.
    """

    PROGRESS_EVERY_S = 0.5

    def __init__(self, folder: Path, secrets: Iterable[str] = ()) -> None:
        self._events = os.open(folder / "events.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._log = os.open(folder / "run.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._secrets = tuple(secrets)
        self._second, self._clock = -1, ""
        self._listeners: list[Callable[[Event], None]] = []
        self._progress_at: dict[str, float] = {}
        self._working: dict[str, float] = {}
        self._lock = threading.RLock()
        self._untold: deque[Event] = deque()
        self._telling = False

    def listen(self, listener: Callable[[Event], None]) -> None:
        """From now on `listener` is called with every event, in the thread that emitted it, one event after the other.

        It may emit and listen itself: what it emits is written at once, and told when all have heard the event before. It must
        not wait for another thread that emits.
        """
        self._listeners.append(listener)

    def emit(self, kind: Kind, node: str = "", text: str = "", **data: Scalar) -> None:
        """Says that something happened."""
        clean = {key: self.redact(value) if isinstance(value, str) else value for key, value in data.items()}
        event = Event(time.time(), kind, node, self.redact(text), clean)
        with self._lock:
            if self._worth_a_line(event):
                self._write(event)
            self._follow(event)
            self._untold.append(event)
            if not self._telling:  # else a listener of this thread emitted
                self._tell()

    def _tell(self) -> None:
        self._telling = True
        try:
            while self._untold:
                event = self._untold.popleft()
                for listener in tuple(self._listeners):
                    listener(event)
        finally:
            self._telling = False

    def _write(self, event: Event) -> None:
        with suppress(OSError):  # the disk is full: whoever writes what counts will say so
            os.write(self._events, (_JSON.encode(_compact(event)) + "\n").encode("utf-8", "replace"))
            if event.kind != "progress":
                os.write(self._log, (_log_line(event, self._at(event)) + "\n").encode("utf-8", "replace"))

    def _at(self, event: Event) -> str:
        """When it happened, to the second, as a person reads it."""
        if int(event.at) != self._second:
            self._second = int(event.at)
            self._clock = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(event.at))
        return self._clock

    def silent(self, for_s: float) -> list[tuple[str, float]]:
        """The nodes in work of which nothing was heard for so long, with the seconds. Each is told once a silence."""
        now = time.time()
        with self._lock:
            quiet = [(node, now - at) for node, at in self._working.items() if now - at >= for_s]
            for node, _ in quiet:
                del self._working[node]
        return quiet

    def _follow(self, event: Event) -> None:
        if event.kind in ("started", "progress"):
            self._working[event.node] = event.at
        elif event.kind not in ("note", "stale"):
            self._working.pop(event.node, None)

    def redact(self, text: str) -> str:
        """The text without any secret this run knows."""
        return masked(text, self._secrets)

    def _worth_a_line(self, event: Event) -> bool:
        if event.kind != "progress":
            return True
        if event.at - self._progress_at.get(event.node, 0.0) < self.PROGRESS_EVERY_S:
            return False
        self._progress_at[event.node] = event.at
        return True

    def close(self) -> None:
        os.close(self._events)
        os.close(self._log)


def read(path: Path) -> Iterator[Event]:
    """The events of a run folder, oldest first. A torn last line (the machine went down) is passed over."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                yield Event(**json.loads(line))
            except (ValueError, TypeError):
                continue


def _compact(event: Event) -> dict[str, object]:
    fields = {"at": event.at, "kind": event.kind, "node": event.node, "text": event.text, "data": dict(event.data)}
    return {key: value for key, value in fields.items() if value not in ("", {})}


def _log_line(event: Event, at: str) -> str:
    extra = " ".join(f"{key}={value}" for key, value in event.data.items())
    return _CONTROL.sub(" ", f"{at} {event.kind:8} {event.node} {event.text} {extra}").rstrip()
