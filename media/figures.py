"""What stands in front of its surroundings in a picture, found without weights, or a reason why it cannot be told. Keeps and
paints nothing.

Of one picture: several measures of what is unlike its surroundings each seed a GrabCut of their own. Where the picture decides
they agree; where they do not, or the picture does not bear it out, there is no mask. Of a picture and one before it: what came
into its place (media/arrivals.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from media import arrivals, figure_proof, grabcut, standing_out
from media.masks import NoMask

UInt8 = npt.NDArray[np.uint8]
Float = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]

SIDE = 240
"""Longer side at which is looked: six cuts take half a second, and at 320 they agree no better."""
AGREE = 0.77
"""How far (intersection over union) the least agreeing cut may be from what most of them say, less what was left out."""
LEFT_OUT_WEIGHS = 0.25
OUTLINED, ON_EDGES = 0.9, 0.85
TOLD_INSIDE, TOLD_NEAR = 0.78, 0.88


ONE_THING = 0.85
"""How much of what was found is in its largest piece. Of several things that stand out in one picture, which is meant?"""


@dataclass(frozen=True)
class Found:
    """subject: (H, W) bool, what stands out of the picture. steady: how well several ways to find it agree, 0 to 1; edge:
    the share of its outline across which colours differ."""

    subject: Bool
    steady: float
    edge: float


def subject(rgb: UInt8, before: UInt8 | None = None) -> Found:
    """What stands in front of its surroundings in an (H, W, 3) picture. `before`: the same place, earlier, of any size.

    Raises NoMask when nothing does, or when it is too uncertain.
    """
    come = arrivals.arrived(rgb, before) if before is not None else None
    if isinstance(come, str):
        raise NoMask(come)
    found = Found(come.subject, come.steady, come.edge) if come else _of_one(_small(rgb, SIDE))
    drawn = grabcut.redrawn(rgb, found.subject)
    if come is None and figure_proof.lacks_shoulders(rgb, drawn):
        raise NoMask("a part may be left out")
    return Found(drawn, found.steady, found.edge)


def _of_one(rgb: UInt8) -> Found:
    """What most of the ways agree on. Raises NoMask."""
    cuts = [grabcut.pieces(grabcut.cut(rgb, labels)) for labels in _ways(rgb)]
    found = grabcut.pieces(np.asarray(np.mean(cuts, axis=0) > 0.5, np.bool_))
    steady = min(figure_proof.overlap(found, one) for one in cuts)
    why = figure_proof.stands(found) or _doubt(rgb, found, steady)
    if why:
        raise NoMask(why)
    return Found(found, steady, figure_proof.outlined(rgb, found))


def _doubt(rgb: UInt8, found: Bool, steady: float) -> str | None:
    if steady < AGREE:  # the cheap question first: most pictures end here
        return "it is not clear what stands out"
    if figure_proof.largest_piece(found) < ONE_THING:
        return "several things stand out"
    if figure_proof.outlined(rgb, found) < OUTLINED or figure_proof.on_edges(rgb, found) < ON_EDGES:
        return "its outline follows no edge of the picture"
    inside, near = figure_proof.told_apart(rgb, found)
    if inside < TOLD_INSIDE or near < TOLD_NEAR:
        return "its colours are those of its surroundings"
    return "a part may be left out" if steady - LEFT_OUT_WEIGHS * figure_proof.left_out(rgb, found) < AGREE else None


def _ways(rgb: UInt8) -> list[UInt8]:
    """Seeds from several measures, more and fewer of them sure."""
    border = standing_out.to_one(standing_out.unlike_border(rgb))
    closed = standing_out.to_one(standing_out.barrier(rgb, standing_out.frame_sides(rgb.shape, 2)))
    sides = standing_out.to_one(standing_out.unlike_sides(rgb))
    place = standing_out.near_the_middle(rgb.shape) * 0.65 + 0.35
    all_three = np.asarray((border + closed + sides) / 3, np.float32)
    return [
        _seeds(closed, 1.4, 0.4), _seeds(closed, 1.6, 0.25), _seeds(all_three, 1.4, 0.4),
        _seeds(standing_out.to_one(all_three * place), 1.4, 0.35), _seeds(standing_out.to_one(sides * place), 1.4, 0.35),
        _by_eye(rgb, border, place),
    ]


def _seeds(likely: Float, sure: float, behind: float) -> UInt8:
    """Perhaps in front from Otsu's threshold on; sure of it, or surely behind, from so many times that on."""
    split, _ = cv2.threshold((likely * 255).astype(np.uint8), 0, 255, cv2.THRESH_OTSU)
    split /= 255
    return grabcut.seeds(likely > min(0.97, sure * split), likely > split, likely <= behind * split)


def _by_eye(rgb: UInt8, border: Float, place: Float) -> UInt8:
    likely = border * place + 0.15 * standing_out.catches_the_eye(rgb)
    likely = likely / max(float(np.percentile(likely, 99)), 1e-6)
    return grabcut.seeds(likely > 0.55, likely > 0.3, likely < 0.06)


def _small(rgb: UInt8, side: int) -> UInt8:
    scale = min(1.0, side / max(rgb.shape[:2]))
    size = (max(8, round(rgb.shape[1] * scale)), max(8, round(rgb.shape[0] * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
