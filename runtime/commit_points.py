"""The moments at which a run commits something, by name: a test kills a real run at each. Commits nothing itself."""

from __future__ import annotations

import os
import signal

POINTS = (
    "storyboard.announced",
    "storyboard.written",
    "keyframe.made",
    "keyframe.filed",
    "keyframe.recorded",
    "keyframe.published",
    "purchase.intended",
    "purchase.answered",
    "purchase.submitted",
    "purchase.downloaded",
    "purchase.fetched",
    "clip.made",
    "clip.filed",
    "clip.recorded",
    "purchase.done",
    "clip.published",
    "film.made",
    "film.filed",
    "film.recorded",
    "sheet.made",
    "sheet.filed",
    "sheet.recorded",
    "sheet.published",
    "extension.made",
    "extension.filed",
    "extension.recorded",
    "plan.made",
    "plan.filed",
    "plan.recorded",
)
"""In the order in which a run first meets them. `made`: the temporary file is complete. `filed`: it is fsynced and carries
its final name. `recorded`: the ledger knows it. `published`: the folder a person looks into shows it. Of a purchase,
`answered`: the provider has accepted it and nothing of that is on the disk yet. Met only where something is
bought: those, those of a `plan`, which a language model is asked for, those of a `sheet`, which a model that looks at
pictures draws keyframes by; and those of an `extension`, a keyframe of another shape that was painted on."""

PAID = tuple(point for point in POINTS if point.startswith("purchase."))
ANSWERED = tuple(point for point in POINTS if point.startswith("plan."))
SHEETS = tuple(point for point in POINTS if point.startswith("sheet."))
EXTENDED = tuple(point for point in POINTS if point.startswith("extension."))
FREE = tuple(point for point in POINTS if point not in (*PAID, *ANSWERED, *SHEETS, *EXTENDED))
"""Those that every film meets."""

_armed: dict[str, int] = {}


def arm(name: str, visit: int = 1) -> None:
    """Kill this process (as `kill -9` does) when the commit point is reached for the `visit`-th time. For tests."""
    if name not in POINTS:
        raise ValueError(f"there is no commit point {name!r}")
    _armed[name] = visit


def reached(name: str) -> None:
    """Called right after the named step is done."""
    if name not in POINTS:
        raise ValueError(f"there is no commit point {name!r}")
    if name in _armed:
        _armed[name] -= 1
        if _armed[name] == 0:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
