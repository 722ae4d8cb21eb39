"""Who does what in a scene, and where on the stage: marks, directions and steps. Bodies are people.py, words vocabulary.py."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from image_generator_interface import ImageRequest
from image_generators.sketch import vocabulary as words
from image_generators.sketch.camera import LENS, STAGE
from image_generators.sketch.cast import PEOPLE, Look
from image_generators.sketch.matching import first_mention, mentioned, plain
from image_generators.sketch.scene_words import Scene
from prompt_labels import MOMENT, STYLE, without_setting

_BIG = ("horse", "camel", "elephant", "bear", "cow", "dragon", "whale", "lion", "deer")
MOVING = ("walk", "run", "climb", "fly", "swim", "dive")
CARRIED = ("umbrella", "lantern", "staff", "sword")
_ENDS = re.compile(r"[.!?;。！？；]")
_JOINING = re.compile(r"^\W*(?:and|und|et|y|e|with|和|与|跟|her|his|the|a|small|little|white|dog|cat|,)*\W*$")
_WAVES = re.compile(r"\b(?:the|a|of|great|big|high|huge|dark|white|heavy|crashing|breaking|giant)\s+waves?\b")
_TOGETHER = re.compile(r"\b(?:they|both|together|each other|face to face)\b")
_HOLDS = re.compile(r"(?:with|under|hold\w*|carr\w+|rais\w+|lift\w*|swing\w*|open\w*|lights?|mit|hält|trägt|提着?"
                    r"|打着?|撑着?|举着?)\W*(?:\w+\W+){0,3}?$")
_LAYOUTS = (
    ((-0.36, 0.0), (0.3, 0.5), (0.64, 1.3), (-0.72, 1.7), (0.06, 2.6)),
    ((-0.42, -0.25), (0.34, 1.1), (0.06, 2.2), (0.72, 1.6), (-0.78, 1.9)),
    ((-0.3, 0.7), (0.36, 0.0), (0.7, 1.5), (-0.7, 1.6), (0.1, 2.5)),
)
"""Marks (part of half the frame, towards where the first figure looks; depth behind the stage's front) by rank."""


@dataclass(frozen=True)
class Role:
    """What one figure does in this frame, and what it holds besides what it always has."""

    action: str
    carries: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Mark:
    """Where a figure stands (world X relative to the middle of the view, depth behind the stage) and which way it faces."""

    x: float
    back: float
    left: bool


def opens(request: ImageRequest) -> bool:
    """Whether this keyframe is the first of its scene: figures are about to go where they will have gone in the next."""
    return request.keyframe.endswith("_first") or request.beat == 0


def roles(request: ImageRequest, scene: Scene, looks: Sequence[Look]) -> list[Role]:
    """What everybody does, by the first verb behind a figure's name in the same sentence; else what the scene does."""
    text = _told(request, scene)
    named = _mentions(text, scene, looks)
    acts, held = [""] * len(looks), [frozenset[str]()] * len(looks)
    for (at, index), following in zip(reversed(named), [len(text), *(at for at, _ in reversed(named))], strict=False):
        span = _ENDS.split(text[at:following], maxsplit=1)[0]
        span = span.split(" ", 1)[1] if " " in span else span[1:]
        acts[index] = _first_action(span) or acts[index] or (_shared(span, text, following, named, acts))
        held[index] = held[index] | _held(span)
    if acts and acts[0] and _TOGETHER.search(text):
        acts = [act or acts[0] for act in acts]
    others = [kind for kind in mentioned(text, words.KINDS) if kind not in PEOPLE and kind not in {look.kind for look in looks}]
    if not any(acts) and scene.action and not others:
        acts = [scene.action if rank == 0 or scene.action in MOVING else "" for rank in range(len(looks))]
    return [Role(act or _idle(request, looks, rank), held[rank]) for rank, act in enumerate(acts)]


def _told(request: ImageRequest, scene: Scene) -> str:
    """What happens, without the words for camera, setting, style and looks."""
    text = STYLE.split(without_setting(MOMENT.split(plain(request.prompt), maxsplit=1)[-1]), maxsplit=1)[0]
    for figure in scene.figures:
        about = plain(figure.description).strip(" .")
        text = re.sub(rf"{re.escape(plain(figure.name))} is {re.escape(about)}\.?", " ", text) if about else text
        text = text.replace(about, " ") if len(about) > 12 else text
    return _WAVES.sub(" ", text)


def _mentions(text: str, scene: Scene, looks: Sequence[Look]) -> list[tuple[int, int]]:
    """Where each figure is named (by its name, an animal also by its kind, people by he or she), in the text's order."""
    found: dict[int, int] = {}
    kinds = [look.kind for look in looks]
    for index, (figure, look) in enumerate(zip(scene.figures, looks, strict=False)):
        names = {plain(figure.name), *(part for part in plain(figure.name).split() if len(part) > 3)}
        terms = [re.escape(name) for name in sorted(names, key=len, reverse=True) if name]
        alone = kinds.count(look.kind) == 1 and look.kind in words.KINDS
        if alone and (look.kind not in PEOPLE or plain(figure.name) in words.KINDS):
            terms += [re.escape(term.replace("_", " ")) for term in words.KINDS[look.kind].split() if term not in ("he", "she")]
        if look.kind in PEOPLE and not any(kind in PEOPLE for kind in kinds[:index]):
            terms += [r"she\b", r"he\b", r"they\b", "她", "他"]
        for match in re.finditer(r"(?<![a-z])(?:" + "|".join(terms) + ")", text):
            found.setdefault(match.start(), index)
    return sorted(found.items())


def _first_action(span: str) -> str:
    found = mentioned(span, words.ACTIONS)
    return found[0] if found else ""


def _shared(span: str, text: str, following: int, named: Sequence[tuple[int, int]], acts: Sequence[str]) -> str:
    """`Mara and Biscuit hurry`: what the next figure does, when only a joining word stands between."""
    rest = next((index for at, index in named if at == following), None)
    return acts[rest] if rest is not None and _JOINING.match(span) and not _ENDS.search(span) else ""


def _held(span: str) -> frozenset[str]:
    carried = set()
    for item in CARRIED:
        terms = " ".join(term for term in words.ITEMS[item].split() if term != "lamp")
        at = first_mention(span, terms)
        if at >= 0 and _HOLDS.search(span[:at]):
            carried.add(item)
    return frozenset(carried)


def _idle(request: ImageRequest, looks: Sequence[Look], rank: int) -> str:
    """Where the words name nobody's deed, life goes on: animals and the last person are on their way."""
    if len(looks) < 2 or request.framing.zoom > 1.3:
        return ""
    last = max((index for index, look in enumerate(looks) if look.kind in PEOPLE), default=0)
    return "walk" if looks[rank].kind not in PEOPLE or rank == last > 0 else ""


NEAR_BY = 0.45
"""How far from the first figure others stand in any shot; who stands further away comes nearer in close ones."""
FIXED = {"deck": (-0.02, -0.34, 0.5, 0.72, -0.66), "tower": (-0.3, 0.12, 0.5, 0.7, -0.6)}
"""Places where things stand that people use: marks there, as parts of half the frame."""


def marks(request: ImageRequest, scene: Scene, looks: Sequence[Look], acts: Sequence[str], towards: int) -> list[Mark]:
    """Where everybody is in this frame. `towards`: the side (-1, 1) the first figure looks to."""
    aspect = request.size.width / request.size.height
    half = aspect * STAGE / LENS / 2 * min(1.0, 0.55 + 0.25 * aspect)
    close = min(1.0, max(1.0, request.framing.zoom) ** -2.0)
    layout = _LAYOUTS[(scene.seed >> 5) % len(_LAYOUTS)]
    found: list[Mark] = []
    for rank, (look, act) in enumerate(zip(looks, acts, strict=True)):
        place, back = layout[rank]
        if scene.place in FIXED:
            place, back = FIXED[scene.place][rank], 0.0 if rank == 0 else back
        ahead = rank == 0 or look.kind not in PEOPLE or (act in MOVING and acts[0] in MOVING)
        way = towards if ahead else -towards
        x = place * towards + way * _gone(request, act) * STAGE / (STAGE + back)
        if rank:
            first = found[0].x / half / (1 + found[0].back / STAGE)
            off = abs(x - first)
            x = first + (min(off, NEAR_BY) + max(0.0, off - NEAR_BY) * close) * (1 if x > first else -1)
        back += 1.0 if request.framing.y < -0.03 else 0.0
        found.append(Mark(min(0.82, max(-0.82, x)) * half * (1 + back / STAGE), back, way < 0))
    return _apart(found, [1.15 if look.kind in _BIG else 0.66 for look in looks])


def _gone(request: ImageRequest, act: str) -> float:
    """How far along its way a figure is, in halves of the frame.

    A figure that goes further than about its own width between two keyframes is not found again by dense optical flow, and
    dissolves where it should walk (measured with the animatic backend: 0.05 of the frame's width is followed at every place).
    """
    if opens(request):
        return -0.045 if act in MOVING else 0.0
    return {"run": 0.07, "fly": 0.07}.get(act, 0.055) if act in MOVING else 0.025


def _apart(found: list[Mark], rooms: Sequence[float]) -> list[Mark]:
    """Nobody stands in or walks through another; big animals want more room."""
    kept = found[:1]
    for mark, room in zip(found[1:], rooms[1:], strict=True):
        for other, wide in zip(kept, rooms, strict=False):
            gap, least = mark.x - other.x, max(room, wide)
            if abs(gap) < least and abs(mark.back - other.back) < 1.5:
                mark = replace(mark, x=other.x + (least if gap >= 0 else -least))
        kept.append(mark)
    return kept
