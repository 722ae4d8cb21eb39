"""One run folder -> one page to look at. Gathers what is known and writes the file; report_page draws it. Makes no film."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import storyboard as boards
from errors import LongtakeError, MachineTrouble, Problem, UserMistakes
from keyframe_slots import MIRRORED
from keyframe_slots import closing as closing_slot
from keyframe_slots import opening as opening_slot
from media.film_format import FilmFormat, Size
from report_page.data import FrameSpan, ReportData, RunOutcome
from runtime import durable, events
from runtime.ledger import Artifact, Ledger
from runtime.purchase_model import Purchase
from runtime.purchase_words import cap_of
from runtime.run_board import Board, runs, without_previews
from storyboard import Storyboard

__all__ = ["NAME", "FrameSpan", "ReportData", "RunOutcome", "gather", "write"]

NAME = "report.html"
PICTURES_BYTES = 3_600_000
"""What all embedded pictures may weigh together before base64, which adds a third."""
POSTER_BYTES = 150_000
CANDIDATES_BYTES = 1_200_000
"""What the pictures may weigh that were not used."""
SHAPE_KEPT = 0.995
"""Of a picture's area: what is lost beyond this is said."""


@dataclass
class _Known:
    """What the ledger holds, or nothing when there is none."""

    shown: dict[str, Artifact] = field(default_factory=dict)
    takes: dict[str, int] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)
    purchases: tuple[Purchase, ...] = ()
    cap_usd: Decimal | None = None
    choices: dict[str, Any] = field(default_factory=dict)
    planned_by: str = ""


def gather(folder: Path) -> ReportData:
    """Everything known of a run folder, whatever state an interruption left it in. Changes nothing.

    Raises UserMistakes when `folder` is not a run folder.
    """
    if not any((folder / name).exists() for name in ("storyboard.yaml", "ledger.sqlite", "events.jsonl")):
        raise UserMistakes([Problem(str(folder), "is not a run folder")],
                           advice="name the folder of a film with --output-dir, or make one with `run`")
    troubles: list[str] = []
    known = _known(folder, troubles)
    storyboard = _storyboard(folder, troubles)
    given = _pictures(folder, storyboard, known.shown)
    extended = _extended(folder, known.shown, known.meta.get("fit"))
    pictures = given | {name: one.path for name, one in extended.items() if name in given}
    thumbnails = _thumbnails(folder, pictures)
    logged = without_previews(runs(events.read(folder / "events.jsonl")))
    film, spans = _timeline(known.meta.get("timeline"))
    return ReportData(
        folder=folder.resolve().name, written_at=time.time(), storyboard=storyboard, film=film, spans=spans,
        shown=known.shown, takes=known.takes, config=_mapping(known.meta.get("config")),
        outcome=_outcome(known.meta.get("outcome"), logged), last=logged[-1] if logged else None,
        planned_by=known.planned_by, work=next((board for board in reversed(logged) if board.work_s(board.last_at)), None),
        film_path=_first(folder, "film.mp4"), preview_path=_first(folder, "preview.mp4", "preview/preview.mp4"),
        clips=_clips(folder, known.shown), pictures=pictures, thumbnails=thumbnails, choices=known.choices,
        candidate_pictures=_candidates(folder, known.choices),
        losses=_losses(folder, given, film, known.meta.get("fit"), extended), poster=_poster(folder, pictures),
        purchases=known.purchases, cap_usd=known.cap_usd, troubles=tuple(troubles))


def write(data: ReportData, to: Path) -> None:
    """Writes the page as one file that appears whole. Raises MachineTrouble when the disk is full."""
    from report_page import page

    durable.write_text(to, page.render(data))


def _known(folder: Path, troubles: list[str]) -> _Known:
    from candidates import remembered

    path = folder / "ledger.sqlite"
    if not path.exists():
        return _Known()
    try:
        ledger = Ledger(path, read_only=True)
        with closing(ledger):
            takes = ledger.counts()
            meta = {key: _json(ledger.meta(key)) for key in ("timeline", "config", "outcome", "fit")}
            names = [node.removeprefix("keyframe ") for node in takes if node.startswith("keyframe ")]
            choices = {name: choice for name in names if (choice := remembered(ledger, name)) is not None}
            return _Known(ledger.shown(), takes, meta, tuple(ledger.purchases.all()), cap_of(ledger.meta), choices,
                          _planned_by(folder / "storyboard.yaml", ledger))
    except MachineTrouble as error:
        troubles.append(f"The records of this run could not be read: {error}")
        return _Known()


def _planned_by(path: Path, ledger: Ledger) -> str:
    """Who planned it; whether it was edited shows where it is as its planner wrote it, and not where that was a person."""
    by = ledger.meta("planned_by") or ""
    yours = by in ("", "you") or "revised" in by or not path.is_file()
    return by if yours or ledger.announced(path.name, durable.sha256_of(path)) else f"{by}, edited since"


def _storyboard(folder: Path, troubles: list[str]) -> Storyboard | None:
    path = folder / "storyboard.yaml"
    if not path.exists():
        return None
    try:
        return boards.read(path)
    except LongtakeError as error:
        troubles.append(f"The storyboard could not be read: {error}")
        return None


def _timeline(stored: object) -> tuple[FilmFormat | None, dict[int, FrameSpan]]:
    try:
        told = _mapping(stored)
        film = FilmFormat(Size.parse(told["size"]), Fraction(told["fps"]))
        spans = [FrameSpan(int(span["segment"]), int(span["start"]), int(span["end"]), int(span.get("lead", 0)))
                 for span in told["spans"]]
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None, {}
    return film, {span.segment: span for span in spans}


def _outcome(stored: object, logged: Sequence[Board]) -> RunOutcome | None:
    """The outcome on record, unless a later run began and has not said how it ended."""
    told = _mapping(stored)
    if "exit" not in told:
        return None
    started = told.get("started")
    if logged and logged[-1].finished is None and isinstance(started, int | float) and logged[-1].started_at > started + 1:
        return None
    problems = {str(node): str(reason) for node, reason in _mapping(told.get("problems")).items()}
    return RunOutcome(int(told["exit"]), str(told.get("text", "")), _number(started), _number(told.get("ended")), problems)


def _pictures(folder: Path, storyboard: Storyboard | None, shown: Mapping[str, Artifact]) -> dict[str, str]:
    """Keyframe name -> its picture: what lies in keyframes/, else the take the ledger knows."""
    names = [slot.name for segment in storyboard.segments for slot in (opening_slot(segment), closing_slot(segment))] \
        if storyboard else [node.removeprefix("keyframe ") for node in shown if node.startswith("keyframe ")]
    found: dict[str, str] = {}
    for name in dict.fromkeys(names):
        artifact = shown.get(f"keyframe {name}")
        endings = [f"keyframes/{name}{ending}" for ending in (".png", ".jpg", ".jpeg", ".webp")]
        path = _first(folder, *endings, *([artifact.path] if artifact else []))
        if path is not None:
            found[name] = path
    return found


def _clips(folder: Path, shown: Mapping[str, Artifact]) -> dict[int, str]:
    found: dict[int, str] = {}
    for node, artifact in shown.items():
        number = node.removeprefix("clip segment_")
        if number.isdecimal():
            path = _first(folder, f"segments/segment_{int(number):02d}.mp4", artifact.path)
            found |= {int(number): path} if path else {}
    return found


def _thumbnails(folder: Path, pictures: Mapping[str, str]) -> dict[str, bytes]:
    from media.thumbnails import thumbnails

    return thumbnails({name: folder / path for name, path in pictures.items()}, PICTURES_BYTES)


def _candidates(folder: Path, choices: Mapping[str, Any]) -> dict[str, bytes]:
    from media.thumbnails import thumbnails

    pictures = {f"{name} {one.candidate}": folder / one.path for name, choice in choices.items() for one in choice.candidates}
    return thumbnails(pictures, CANDIDATES_BYTES) if pictures else {}


def _extended(folder: Path, shown: Mapping[str, Artifact], fit_mode: object) -> dict[str, Artifact]:
    """Keyframe name -> the picture with what was painted beyond its sides, where that is in the film."""
    found: dict[str, Artifact] = {}
    for node, artifact in shown.items() if fit_mode == "outpaint" else ():
        name = node.removeprefix("extension ")
        keyframe = shown.get(f"keyframe {name}")
        if name != node and keyframe is not None and artifact.asked.get("picture") == keyframe.sha256:
            found |= {name: artifact} if _first(folder, artifact.path) else {}
    return found


def _losses(folder: Path, pictures: Mapping[str, str], film: FilmFormat | None, fit_mode: object,
            extended: Mapping[str, Artifact]) -> dict[str, str]:
    """What bringing each keyframe to the film's shape has cost it; those that have the shape lost nothing."""
    from media.fit import kept_by_crop, needs_borders
    from media.pictures import picture_size

    found: dict[str, str] = {}
    for name, path in pictures.items() if film is not None else ():
        assert film is not None
        try:
            size = picture_size(folder / path)
        except LongtakeError:
            continue
        kept = kept_by_crop(size, film.size)
        if kept < SHAPE_KEPT:
            whole = {"pad": f"{size}, whole, before a blurred border",
                     "outpaint": f"{size}, whole, {_beyond(extended.get(name))}" if needs_borders(size, film.size) else ""}
            found[name] = whole.get(str(fit_mode)) or f"{size}, of which {kept:.0%} is left in the film's shape"
    return found


def _beyond(extension: Artifact | None) -> str:
    if extension is None or extension.made_by == MIRRORED:
        return "its borders mirrored" + (" in place of painted ones" if extension else "")
    return f"painted on to the film's shape by {extension.made_by}"


def _poster(folder: Path, pictures: Mapping[str, str]) -> bytes | None:
    from media.thumbnails import POSTER_STEPS, thumbnail

    opening = pictures.get("segment_00")
    return thumbnail(folder / opening, POSTER_BYTES, POSTER_STEPS) if opening else None


def _first(folder: Path, *names: str) -> str | None:
    return next((name for name in names if (folder / name).is_file()), None)


def _json(text: str | None) -> object:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
