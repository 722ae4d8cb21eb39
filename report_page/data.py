"""What the page shows, as data: gathered by report.py, drawn by the rest of this folder. Reads nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from media.film_format import FilmFormat
from runtime.ledger import Artifact
from runtime.purchase_model import Purchase
from runtime.run_board import Board
from storyboard import Storyboard

if TYPE_CHECKING:
    from candidates import Choice


@dataclass(frozen=True)
class FrameSpan:
    """The film frames [start, end) a segment owns; `lead` frames of it are blended into the segment before."""

    segment: int
    start: int
    end: int
    lead: int = 0


@dataclass(frozen=True)
class RunOutcome:
    """How the last run ended, as it said itself. Times are seconds since 1970."""

    exit: int
    text: str
    started: float | None = None
    ended: float | None = None
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ReportData:
    """All that the page shows. What a run has not got to yet is None or empty; `troubles` says what could not be read.

    `pictures` and `clips` are links relative to the run folder, by keyframe name and segment number; `thumbnails` are JPEG
    bytes by keyframe name, `poster` is a larger one of the film's opening. `losses` says what of a keyframe the film's shape
    has cost it, `choices` what it was chosen from, with JPEGs by name and number in `candidate_pictures`. `last` is the last
    run, `work` the last one that made something. `planned_by`: `rules`, a model, `you`; empty where nobody knows.
    """

    folder: str
    written_at: float
    storyboard: Storyboard | None = None
    planned_by: str = ""
    film: FilmFormat | None = None
    spans: Mapping[int, FrameSpan] = field(default_factory=dict)
    shown: Mapping[str, Artifact] = field(default_factory=dict)
    takes: Mapping[str, int] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    outcome: RunOutcome | None = None
    last: Board | None = None
    work: Board | None = None
    film_path: str | None = None
    preview_path: str | None = None
    clips: Mapping[int, str] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)
    thumbnails: Mapping[str, bytes] = field(default_factory=dict)
    losses: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Choice] = field(default_factory=dict)
    candidate_pictures: Mapping[str, bytes] = field(default_factory=dict)
    poster: bytes | None = None
    purchases: tuple[Purchase, ...] = ()
    cap_usd: Decimal | None = None
    troubles: tuple[str, ...] = ()
