"""Chooses shot size and camera move of each segment from its words and its neighbours, never by chance. Draws nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar, get_args

from offline_planner import verbs
from offline_planner import vocabulary as known
from offline_planner.sentences import words
from offline_planner.verbs import base_of
from storyboard import Camera, Move, Shot

Choice = TypeVar("Choice", Shot, Move)
SHOTS: tuple[Shot, ...] = get_args(Shot)
"""From far to near."""


@dataclass(frozen=True)
class View:
    """What the camera needs to know of one segment. opens: a scene starts; new: the place has not been seen before."""

    text: str
    opens: bool
    new: bool
    noun: str
    people: int
    phase: int = 0
    phases: int = 1


_ASKED_SHOT: tuple[tuple[str, Shot], ...] = (
    (r"\bextreme close[- ]?up\b|\bmacro\b", "extreme_close_up"),
    (r"\bclose[- ]?up\b|特写", "close_up"),
    (r"\bmedium shot\b|\bmid[- ]shot\b", "medium"),
    (r"\b(?:extreme wide|aerial|drone|bird'?s[- ]eye)\b", "extreme_wide"),
    (r"\b(?:wide|establishing|long) shot\b", "wide"),
)
_ASKED_MOVE: tuple[tuple[str, Move], ...] = (
    (r"\bpan(?:s|ning)? (?:to the )?left\b", "pan_left"),
    (r"\bpan(?:s|ning)? (?:to the )?right\b", "pan_right"),
    (r"\b(?:push(?:es)? in|dolly in|dollies in|zooms? in|camera (?:moves|glides|tracks) (?:in|closer))\b", "push_in"),
    (r"\b(?:pull(?:s)? (?:out|back)|dolly out|zooms? out|camera (?:moves|glides) back)\b", "pull_out"),
    (r"\btilts? up\b", "tilt_up"),
    (r"\btilts? down\b", "tilt_down"),
    (r"\bstatic (?:shot|camera)\b|\blocked[- ]off\b", "static"),
)
_LEFTWARDS = re.compile(r"\b(?:left|west|back|home|returns?|returned|homeward)\b", re.IGNORECASE)
_UP = re.compile(r"\b(?:looks? up|up at|upwards?|skywards?|overhead|into the sky|to the top|above)\b", re.IGNORECASE)
_DOWN = re.compile(r"\b(?:looks? down|downwards?|to the ground|at (?:his|her|their) feet|down to)\b", re.IGNORECASE)


def choose(views: Sequence[View], tall: bool) -> list[Camera]:
    """One camera a segment. Within a scene a change of shot is a move of the segment before it, since they share a frame.

    tall: the picture is higher than wide, so it tilts where it would pan and is never extremely wide.
    """
    shots: list[Shot] = [_shot(view, number, len(views), tall) for number, view in enumerate(views)]
    shots = _varied(views, shots)
    moves: list[Move] = []
    for number, view in enumerate(views):
        following = number + 1 if number + 1 < len(views) and not views[number + 1].opens else None
        moves.append(_move(view, shots, number, following, moves[-1] if moves else None, tall))
    return [Camera(shot=shot, move=move) for shot, move in zip(shots, moves, strict=True)]


def _asked(text: str, table: Sequence[tuple[str, Choice]]) -> Choice | None:
    return next((choice for pattern, choice in table if re.search(pattern, text, re.IGNORECASE)), None)


def _shot(view: View, number: int, count: int, tall: bool) -> Shot:
    if asked := _asked(view.text, _ASKED_SHOT):
        return "wide" if tall and asked == "extreme_wide" else asked
    if view.phases > 1:
        return _coverage(view, tall)
    said = {word.lower() for word in words(view.text)}
    bases = {base for word in said if (base := base_of(word))}
    if number == count - 1 and count > 2 and not view.opens:
        return "medium"
    if view.new and view.opens:
        return "extreme_wide" if view.noun in known.VAST_PLACES and not tall and view.people < 2 and number == 0 else "wide"
    close = len(said & known.DETAIL) + 0.6 * len(bases & verbs.FEEL) - 0.7 * len(bases & (verbs.TRAVEL | verbs.RISE))
    if close >= 1 and view.people <= 1:
        return "close_up"
    if close >= 0.6 or (view.people >= 1 and not bases & verbs.TRAVEL):
        return "medium"
    return "wide"


def _coverage(view: View, tall: bool) -> Shot:
    """An action of several segments is covered as on a set: the whole, the action, the detail, and back."""
    steps: tuple[Shot, ...] = ("wide", "medium", "close_up", "medium")
    first = view.phase == 1 and view.opens and view.noun in known.VAST_PLACES and not tall
    return "extreme_wide" if first else steps[(view.phase - 1) % len(steps)]


def _varied(views: Sequence[View], shots: list[Shot]) -> list[Shot]:
    """No three alike in a row, and inside a scene no jump of more than one size: the shared frame has to serve both."""
    varied = list(shots)
    for number in range(1, len(varied)):
        asked = _asked(views[number].text, _ASKED_SHOT)
        if not asked and number > 1 and varied[number] == varied[number - 1] == varied[number - 2]:
            varied[number] = "medium" if varied[number] != "medium" else "wide"
        if not asked and not views[number].opens:
            before, now = SHOTS.index(varied[number - 1]), SHOTS.index(varied[number])
            varied[number] = SHOTS[max(before - 1, min(before + 1, now))]
    return varied


def _move(view: View, shots: list[Shot], number: int, following: int | None, before: Move | None, tall: bool) -> Move:
    if asked := _asked(view.text, _ASKED_MOVE):
        return asked
    if following is not None and shots[following] != shots[number]:
        return "push_in" if SHOTS.index(shots[following]) > SHOTS.index(shots[number]) else "pull_out"
    wanted = _wanted_move(view, number == len(shots) - 1 and len(shots) > 1, tall)
    if following is not None and wanted in ("push_in", "pull_out"):
        wanted = "static"
    return _another(view, wanted, following is not None, tall) if wanted == before else wanted


def _wanted_move(view: View, last: bool, tall: bool) -> Move:
    said = {word.lower() for word in words(view.text)}
    bases = {base for word in said if (base := base_of(word))}
    if last:
        return "pull_out"
    if _UP.search(view.text) or (bases & verbs.RISE and (said | {view.noun}) & known.TALL_THINGS):
        return "tilt_up"
    if bases & verbs.DISCOVER or bases & verbs.FEEL:
        return "push_in"
    if bases & verbs.TRAVEL and not tall:
        return "pan_left" if _LEFTWARDS.search(view.text) else "pan_right"
    if _DOWN.search(view.text) or bases & verbs.FALL:
        return "tilt_down"
    if view.new and said & known.TALL_THINGS:
        return "tilt_up"
    return "pan_right" if view.new and not tall else "push_in"


def _another(view: View, repeated: Move, goes_on: bool, tall: bool) -> Move:
    """The same move twice in a row tires: still after movement, and movement after stillness."""
    if repeated == "static":
        return "tilt_up" if tall else "pan_right"
    if repeated in ("push_in", "pull_out") and view.opens and not tall:
        return "pan_right"
    return "static" if goes_on or repeated != "pan_right" else "push_in"
