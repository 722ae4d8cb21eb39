"""Escaping and the words for times and names on the page. Knows no section of it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from fractions import Fraction
from html import escape
from urllib.parse import quote

from runtime.ledger import Artifact
from runtime.plain_text import plain


def esc(text: object) -> str:
    """Text for an element or a quoted attribute: no markup, no control characters, no bidi overrides."""
    return escape(plain(str(text)), quote=True)


def link(path: str) -> str:
    """A relative URL to a file in the run folder; `./` keeps a name with a colon from being taken for a scheme."""
    return "./" + quote(path)


def clock(at: float | None) -> str:
    """`2026-01-31 09:15`, in local time."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at)) if at else ""


def time_code(frame: int, fps: Fraction) -> str:
    """`00:00:12:07`: hours, minutes, seconds, frames, counted as timeline.Timeline does."""
    seconds, frames = divmod(frame, max(1, round(fps)))
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frames:02d}"


def called(node: str) -> str:
    """What a person calls a node: `segment 4`, `keyframe 02`, `keyframe 04, first`."""
    group, _, name = node.partition(" ")
    number = name.removeprefix("segment_")
    if group == "clip" and number.isdecimal():
        return f"segment {int(number)}"
    if group in ("keyframe", "extension"):
        return f"{group} {number.replace('_first', ', first')}"
    return node


def by_whom(artifact: Artifact) -> str:
    """The backend that made it, with the one that was asked where another stood in for it."""
    asked = artifact.asked.get("video_backend") or artifact.asked.get("image_backend")
    name = asked.get("backend") if isinstance(asked, dict) else None
    return artifact.made_by if name in (None, artifact.made_by) else f"{artifact.made_by} in place of {name}"


def chips(words: Iterable[tuple[str, str]]) -> str:
    """A row of small labels: (kind, text)."""
    labels = "".join(f'<li class="chip {kind}">{esc(text)}</li>' for kind, text in words if text)
    return f'<ul class="chips">{labels}</ul>' if labels else ""


def count(number: int, thing: str) -> str:
    """`1 segment`, `6 segments`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
