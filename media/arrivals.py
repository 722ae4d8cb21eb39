"""What has come into its place in a picture since another one of the same surroundings. Knows nothing of a single picture.

The picture before is laid over this one as the camera moved; where the two then differ, something came or something left.
What came has its outline in this picture and none in the one before; of what left the reverse holds. That is what a finding
is judged by. What that was measured on: docs/benchmarks.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from media import figure_proof, grabcut, motions, standing_out
from media.film_format import Size
from media.geometry import Grid

UInt8 = npt.NDArray[np.uint8]
Float = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]

SIDE = 320
STEADY = 0.8
"""Intersection over union of two findings from seeds of two sizes: where the picture decides, they agree."""
EDGE = 0.85
CAME, LEFT = 0.85, 0.8
"""The share of the outline of what came that is one in this picture only; of what left, in the one before only."""
SURELY_CAME, SURELY_LEFT = 0.93, 0.85
"""From these on no second way has to find the same."""
SAME = 0.85
"""Intersection over union of what two ways found."""
STEEPER = 3.0
"""Difference in CIE Lab by which an outline is one in one picture only."""
WHOLE = 0.75
"""How much of what was found is in one piece (or two)."""
BETWEEN = 41
"""Pixels of 320: what moved by less than its width leaves no larger gap between where it was and where it is."""
ALIKE = 16.0
"""Distance in Lab (8 bits) of two places of one thing."""
STILL, LEAST_MOVED = 0.45, 0.004
"""Where more of the frame than the first has changed, it is another place; where less than the second, nothing has."""
MOVED = 18.0
"""Of 255: a change of colour that is more than light and noise."""
AGREEING = 12
"""Corners that tell how the camera moved."""
SPECK = 0.003
"""Of the frame: a smaller piece of what has changed tells nothing."""


@dataclass(frozen=True)
class Change:
    """now, before: (H, W, 3) on one raster, before as the camera sees it now. where: (H, W) where they differ."""

    now: UInt8
    before: UInt8
    where: Bool


@dataclass(frozen=True)
class Arrival:
    """subject: (H, W) what came, at a small scale. steady: how far two sets of seeds agree. edge: the share of its outline
    across which colours differ. came, left: CAME, LEFT of it, left being None where nothing left. whole: each piece of what
    changed was told as a whole."""

    subject: Bool
    steady: float
    edge: float
    came: float
    left: float | None
    whole: bool

    @property
    def told(self) -> float:
        return self.came + (LEFT if self.left is None else self.left)

    @property
    def is_clear(self) -> bool:
        """Whether it ends where the picture says."""
        return self.steady >= STEADY and self.edge >= EDGE

    def is_sure(self, others: list[Bool]) -> bool:
        """Whether both outlines are where they should be, clearly, or so that another way has found the same."""
        left = 1.0 if self.left is None else self.left
        if self.came < CAME or left < LEFT:
            return False
        return (self.whole or (self.came >= SURELY_CAME and left >= SURELY_LEFT)
                or any(figure_proof.overlap(self.subject, other) >= SAME for other in others))


def arrived(rgb: UInt8, before: UInt8) -> Arrival | str | None:
    """What came; or why it cannot be told. None where nothing has changed, or everything: there the picture itself has to
    tell."""
    change = _change(rgb, before)
    if not LEAST_MOVED <= change.where.mean() <= STILL:
        return None
    ways = _ways(change)
    cuts = [grabcut.cut(change.now, many) for many, _ in ways]
    found = [grabcut.pieces(one) for one in cuts]
    doubts = [_unclear(one, wide) for one, wide in zip(found, cuts, strict=True)]
    told: list[Arrival] = []
    for number, (_, few) in enumerate(ways):
        if doubts[number] is None:
            arrival = _judged(change, found[number], few, whole=number == len(ways) - 1)
            others = found[:number] + found[number + 1 :]
            told += [arrival] if arrival.is_clear and arrival.is_sure(others) else []
    return max(told, key=lambda one: one.told) if told else doubts[0] or "it does not account for all that has changed"


def _unclear(found: Bool, wide: Bool) -> str | None:
    return figure_proof.stands(found) or ("what stands out is in many pieces" if found.sum() < WHOLE * wide.sum() else None)


def _change(rgb: UInt8, before: UInt8) -> Change:
    scale = min(1.0, SIDE / max(rgb.shape[:2]))
    size = (max(8, round(rgb.shape[1] * scale)), max(8, round(rgb.shape[0] * scale)))
    now, then = (np.asarray(cv2.resize(one, size, interpolation=cv2.INTER_AREA), np.uint8) for one in (rgb, before))
    as_it_was = Change(now, then, _differs(now, then))
    moved = _as_seen_now(now, then)
    if moved is None:
        return as_it_was
    panned = Change(now, moved, _differs(now, moved))
    return panned if panned.where.sum() < 0.9 * as_it_was.where.sum() else as_it_was


def _as_seen_now(now: UInt8, before: UInt8) -> UInt8 | None:
    """The picture before as the camera would show it now, what it did not show then being as it is now; None where it rests or
    too few corners agree."""
    size = Size(now.shape[1], now.shape[0])
    grid = Grid(size, size)
    luma = [np.asarray(cv2.cvtColor(one, cv2.COLOR_RGB2GRAY), np.uint8) for one in (before, now)]
    move, agrees = motions.fit(*motions.match_corners(luma[0], luma[1], grid), grid)
    if move is None or agrees.sum() < AGREEING or not move.is_plausible:
        return None
    shown = np.full(now.shape[:2], 255, np.uint8)
    seen = cv2.warpAffine(before, move.at(1), size, flags=cv2.INTER_LINEAR)
    inside = cv2.erode(cv2.warpAffine(shown, move.at(1), size), np.ones((5, 5), np.uint8)) == 255
    return np.asarray(np.where(inside[..., None], seen, now), np.uint8)


def _differs(now: UInt8, before: UInt8) -> Bool:
    """Where the picture shows something else than before. A change of the light all over is none."""
    here, then = (cv2.GaussianBlur(one, (0, 0), 1.2).astype(np.float32) for one in (now, before))
    gain = np.median((here + 1) / (then + 1), axis=(0, 1))  # of places, not of pictures: a figure shifts those
    away = np.abs(here - then * gain).max(axis=2)
    grain = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    moved = cv2.morphologyEx((away > MOVED).astype(np.uint8), cv2.MORPH_OPEN, grain)
    return np.asarray(cv2.morphologyEx(moved, cv2.MORPH_CLOSE, grain) > 0, np.bool_)


def _ways(change: Change) -> list[tuple[UInt8, UInt8]]:
    """Pairs of seeds, many and few sure. What moved by less than its width overlaps where it was: nothing has changed there,
    and its surroundings are further off. What came from afar is whole, and so is where it was."""
    where = change.where.astype(np.uint8)
    near = cv2.dilate(where, np.ones((5, 5), np.uint8)) > 0
    between = cv2.morphologyEx(where, cv2.MORPH_CLOSE, np.ones((BETWEEN, BETWEEN), np.uint8)) > 0
    return [_by_place(change, near), _by_place(change, near | between), _by_piece(change, near)]


def _by_place(change: Change, hole: Bool) -> tuple[UInt8, UInt8]:
    """Each place told by itself, as one that came or one that something left."""
    unlike = _unlike(change, hole)
    here, left = change.where & (unlike > 4), change.where & (unlike < -4)
    sure, surer = (cv2.erode(here.astype(np.uint8), np.ones((side, side), np.uint8)) > 0 for side in (5, 9))
    around = here.copy()
    if sure.any():  # where it overlaps itself its colours tell
        colours = standing_out.lab(change.now)
        around |= hole & ~change.where & (standing_out.unlike_groups(colours, colours[sure], 6) < ALIKE)
    far = cv2.dilate(hole.astype(np.uint8), np.ones((13, 13), np.uint8)) == 0
    behind = far & ~around | (cv2.erode(left.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0)
    return grabcut.seeds(sure, around & ~left, behind), grabcut.seeds(surer, around & ~left, behind)


def _by_piece(change: Change, hole: Bool) -> tuple[UInt8, UInt8]:
    """Each piece of what has changed told as a whole: the picture in which it has an outline is the one that has it."""
    unlike = _unlike(change, hole)
    slopes = [_slope(one) for one in (change.now, change.before)]
    count, labels, facts, _ = cv2.connectedComponentsWithStats(change.where.astype(np.uint8))
    came = np.zeros(labels.shape, np.uint8)
    for number in range(1, count):
        piece = labels == number
        if facts[number, cv2.CC_STAT_AREA] < SPECK * piece.size:
            continue
        outline = cv2.morphologyEx(piece.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
        here, there = (float(slope[outline].mean()) for slope in slopes)
        share = float(unlike[piece].mean() / max(1.0, np.abs(unlike[piece]).mean()))
        came[piece] = (here - there) / max(1.0, here + there) + share > 0
    sure, surer = (cv2.erode(came, np.ones((side, side), np.uint8)) > 0 for side in (5, 9))
    behind = cv2.dilate(came, np.ones((9, 9), np.uint8)) == 0
    return grabcut.seeds(sure, came > 0, behind), grabcut.seeds(surer, came > 0, behind)


def _slope(rgb: UInt8) -> Float:
    grey = cv2.GaussianBlur(rgb, (0, 0), 1).astype(np.float32)
    steep = [np.abs(cv2.Sobel(grey, cv2.CV_32F, *way)).max(axis=2) for way in ((1, 0), (0, 1))]
    return np.asarray(cv2.dilate(np.hypot(*steep), np.ones((5, 5), np.uint8)), np.float32)


def _unlike(change: Change, hole: Bool) -> Float:
    """How much more the picture differs from what its surroundings would go on as in the hole than the one before does."""
    behind = cv2.inpaint(change.now, hole.astype(np.uint8), 4, cv2.INPAINT_TELEA).astype(np.float32)
    now, then = (cv2.GaussianBlur(np.abs(one.astype(np.float32) - behind).max(axis=2), (0, 0), 2)
                 for one in (change.now, change.before))
    return np.asarray(now - then, np.float32)


def _judged(change: Change, found: Bool, few: UInt8, *, whole: bool) -> Arrival:
    steady = figure_proof.overlap(found, grabcut.pieces(grabcut.cut(change.now, few)))
    came = only_in(change.now, _even(change), found, change.where, 7)
    near = cv2.dilate(found.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    gone = cv2.morphologyEx((change.where & ~near).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)) > 0
    away = cv2.dilate(found.astype(np.uint8), np.ones((13, 13), np.uint8)) == 0
    left = only_in(_even(change), change.now, gone, away, 1) if gone.mean() > SPECK else None
    return Arrival(found, steady, figure_proof.outlined(change.now, found), came or 0.0, left, whole)


def only_in(here: UInt8, there: UInt8, shape: Bool, where: Bool, wider: int) -> float | None:
    """The share of a shape's outline, near what is asked for, that is one here and not there; None where it has none."""
    (steps, outline), (others, _) = (figure_proof.across_outline(one, shape) for one in (here, there))
    outline &= cv2.dilate(where.astype(np.uint8), np.ones((wider, wider), np.uint8)) > 0
    return float((steps - others > STEEPER)[outline].mean()) if outline.any() else None


def _even(change: Change) -> UInt8:
    """The picture before in the light of this one."""
    gain = np.median((change.now + 1.0) / (change.before + 1.0), axis=(0, 1))
    return np.asarray(np.clip(change.before * gain, 0, 255), np.uint8)
