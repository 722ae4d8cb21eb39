"""Whether a picture bears out what was cut out of it: its outline, its colours, what was left out. Cuts nothing out itself.

What the figures were measured on: docs/benchmarks.md.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from media import salience, standing_out

UInt8 = npt.NDArray[np.uint8]
Float = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]

LEAST, MOST = 0.015, 0.6
"""Of the frame: what is smaller is a speck, what is larger leaves no surroundings."""
APART = 9.0
"""Distance in CIE Lab of the two sides of an outline: less is flat colour, through which an outline was invented."""
BUSY = 80.0
"""An outline lies where colour changes more than at so many percent of all places."""
NEAR = 0.12
"""Of the longer side: how far around it surroundings have to be told from it."""
FOREIGN = 30.0
"""A barrier (media/standing_out.py) between a place and the frame's border that something closed has."""
GROUND = 0.04
"""What takes up more of the left border and of the right one is the ground, not a figure."""
BELOW, WIDER = 2.0, 1.7
"""Shoulders are so many faces (eyes to mouth) below the upper end of one, and wider than so many."""


def overlap(one: Bool, other: Bool) -> float:
    """Intersection over union, 0 to 1."""
    return float((one & other).sum() / max(1, (one | other).sum()))


def stands(found: Bool) -> str | None:
    """Why a shape cannot be a figure in front of something; None where it can."""
    part = float(found.mean())
    if part < LEAST:
        return "nothing stands out"
    if part > MOST:
        return "no surroundings are left: it fills the frame"
    ground = min(found[:, :2].mean(), found[:, -2:].mean()) > GROUND
    return "it reaches from one side of the frame to the other" if ground else None


def largest_piece(found: Bool) -> float:
    """The share of what was found that its largest piece has."""
    _, _, facts, _ = cv2.connectedComponentsWithStats(found.astype(np.uint8))
    return float(facts[1:, cv2.CC_STAT_AREA].max(initial=0) / max(1, found.sum()))


def lacks_shoulders(rgb: UInt8, found: Bool) -> bool:
    """Whether the largest face in what was found has nothing wider than a head below: clothes in the colour of a wall are left
    out, and no measure of colours sees it. False where no face is found (media/salience.py: needs the extra `faces`)."""
    for face in salience.faces(rgb)[:1]:
        across = slice(face.x, face.x + face.width)
        row = min(face.y + round(BELOW * face.height), len(found) - 3)
        if found[face.y : face.y + face.height, across].mean() > 0.5:
            return bool(found[row].sum() < WIDER * face.width)
    return False


def outlined(rgb: UInt8, found: Bool) -> float:
    """The share of the outline, within the frame, across which colours differ."""
    steps, outline = across_outline(rgb, found)
    return _part(steps > APART, outline)


def across_outline(rgb: UInt8, found: Bool) -> tuple[Float, Bool]:
    """(H, W) how far (CIE Lab) the colours just inside of a shape are from those just outside, and where to read that: along
    its outline, within the frame."""
    colours = np.asarray(cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)
    grain, whole = np.ones((3, 3), np.uint8), found.astype(np.uint8)
    inner, outer = cv2.erode(whole, grain, iterations=2), cv2.dilate(whole, grain, iterations=2)
    rings = [found & (inner == 0), ~found & (outer > 0)]
    inside, outside = (_mean_near(colours, ring) for ring in rings)
    return np.asarray(np.linalg.norm(inside - outside, axis=2), np.float32), _within_frame(rings[0])


def on_edges(rgb: UInt8, found: Bool) -> float:
    """The share of the outline, within the frame, that lies where the picture changes more than in most places."""
    colours = standing_out.lab(rgb, 1.0)
    across, down = (np.abs(cv2.Sobel(colours, cv2.CV_32F, *way)).max(axis=2) for way in ((1, 0), (0, 1)))
    steep = np.hypot(across, down)
    outline = _within_frame(found & (cv2.distanceTransform(found.astype(np.uint8), cv2.DIST_L2, 3) <= 1.5))
    near = cv2.dilate(steep, np.ones((3, 3), np.uint8))
    return float((near[outline] > np.percentile(steep, BUSY)).mean()) if outline.any() else 0.0


def told_apart(rgb: UInt8, found: Bool) -> tuple[float, float]:
    """The share of what was found, and of its near surroundings, whose colours alone say to which side they belong."""
    bins = (standing_out.lab(rgb, 1.0) / 16).astype(np.int32)
    index = bins[..., 0] * 256 + bins[..., 1] * 16 + bins[..., 2]
    front, behind = (_spread(index[side]) for side in (found, ~found))
    share = cv2.GaussianBlur((front / (front + behind + 1e-9))[index].astype(np.float32), (0, 0), 1)
    inside, near = cv2.distanceTransform(found.astype(np.uint8), cv2.DIST_L2, 3) > 2, _near(found, NEAR)
    return _part(share > 0.5, inside), _part(share < 0.5, near)


def left_out(rgb: UInt8, found: Bool) -> float:
    """The share of its near surroundings that nothing connects with the frame's border: a part of it, or something else."""
    border = standing_out.frame_sides(found.shape, max(2, found.shape[1] // 24)) & ~found
    return _part(standing_out.barrier(rgb, border) > FOREIGN, _near(found, 0.15)) if border.any() else 1.0


def _near(found: Bool, part: float) -> Bool:
    away = cv2.distanceTransform((~found).astype(np.uint8), cv2.DIST_L2, 3)
    return np.asarray((away > 2) & (away < part * max(found.shape)), np.bool_)


def _part(of: Bool, where: Bool) -> float:
    return float(of[where].mean()) if where.any() else 0.0


def _spread(index: npt.NDArray[np.int32]) -> Float:
    """How often each of 16 x 16 x 16 colours occurs, a little of it given to its neighbours."""
    counts = np.bincount(index, minlength=4096).reshape(16, 16, 16).astype(np.float32)
    for axis in range(3):
        counts = counts + 0.5 * (np.roll(counts, 1, axis) + np.roll(counts, -1, axis))
    return np.asarray(counts.ravel() / max(1, counts.sum()), np.float32)


def _within_frame(outline: Bool) -> Bool:
    inner = outline.copy()
    inner[:3], inner[-3:], inner[:, :3], inner[:, -3:] = False, False, False, False
    return inner


def _mean_near(colours: Float, where: Bool) -> Float:
    """The mean colour of the places of `where` around each place."""
    weight = cv2.boxFilter(where.astype(np.float32), -1, (7, 7))
    total = cv2.boxFilter(colours.astype(np.float32) * where[..., None], -1, (7, 7))
    return np.asarray(total / np.maximum(weight, 1e-4)[..., None], np.float32)
