"""The part of a picture that stays while the rest is painted anew: found without weights, feathered, put back. Paints nothing.

What stays is found by GrabCut (Rother, Kolmogorov and Blake 2004), seeded by what changed since another picture of the same
place and by where things stand in a frame; a mask that the picture does not bear out is not given.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from errors import MediaError
from media.frames import load_rgb
from media.salience import spectral_residual

UInt8 = npt.NDArray[np.uint8]
Float = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]

SIDE = 320
"""Longer side at which is segmented: GrabCut takes a second at 640 and finds the same."""
ROUNDS = 4
LEAST, MOST = 0.015, 0.6
"""Of the frame: what is smaller is a speck, what is larger leaves no surroundings."""
WHOLE = 0.75
"""How much of what was found is in one piece (or two)."""
STEADY = 0.8
"""Intersection over union of two findings from seeds of two sizes: where the picture decides, they agree."""
EDGE, APART = 0.85, 9.0
"""The share of the outline across which colours differ by so much (CIE Lab): an outline through flat colour was invented."""
EXPLAINS = 0.9
"""The share of what has changed that a finding has to account for. Right ones have 0.92 to 0.97, wrong ones up to 0.88."""
BETWEEN = 41
"""Pixels of 320: what moved by less than its width leaves no larger gap between where it was and where it is."""
ALIKE = 16.0
"""Distance in Lab (8 bits) of two places of one thing."""
STILL, LEAST_MOVED = 0.45, 0.004
"""Where more of the frame than the first has changed, the camera moved; where less than the second, nothing did."""
MOVED = 18.0
"""Of 255: a change of colour that is more than light and noise."""
FEATHER = 0.012
"""Of the longer side: how far what is kept blends into what is painted. All of it lies outside of what is kept."""


class NoMask(MediaError):
    """No part of the picture stands out well enough; the message says why."""


@dataclass(frozen=True)
class Found:
    """subject: (H, W) bool, what stands out of the picture. steady, edge: how well it is borne out."""

    subject: Bool
    steady: float
    edge: float


def subject(rgb: UInt8, before: UInt8 | None = None) -> Found:
    """What stands in front of its surroundings in an (H, W, 3) picture. `before`: the same place, earlier.

    Raises NoMask when nothing does, or when it is too uncertain.
    """
    small = _small(rgb)
    earlier, changed = small, np.zeros(small.shape[:2], np.bool_)
    if before is not None:
        earlier = np.asarray(cv2.resize(before, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_AREA), np.uint8)
        changed = _changed(small, earlier)
    if LEAST_MOVED <= changed.mean() <= STILL:  # else the camera moved, or nothing did
        ways = [_borne_out(small, seeds) for seeds in _by_change(small, earlier, changed)]
        told = [(_explains(small, earlier, changed, one.subject), one) for one in ways if isinstance(one, Found)]
        share, found = max(told, key=lambda one: one[0], default=(1.0, ways[0]))
        found = found if share >= EXPLAINS else "it does not account for all that has changed"
    else:
        found = _borne_out(small, _by_position(small))
    if isinstance(found, str):
        raise NoMask(found)
    large = cv2.resize(found.subject.astype(np.float32), (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_CUBIC)
    return Found(np.asarray(_smooth(np.asarray(large, np.float32)) > 0.5, np.bool_), found.steady, found.edge)


def _borne_out(rgb: UInt8, seeds: Seeds) -> Found | str:
    """What GrabCut finds from the seeds; or why it is not to be believed."""
    wide, narrow = (_cut(rgb, one) for one in seeds)
    found = _pieces(wide)
    part = float(found.mean())
    if not LEAST <= part <= MOST:
        return "nothing stands out" if part < LEAST else "no surroundings are left: it fills the frame"
    if found.sum() < WHOLE * wide.sum():
        return "what stands out is in many pieces"
    steady, edge = _overlap(found, _pieces(narrow)), _edge(rgb, found)
    if steady < STEADY:
        return "it is not clear where it ends"
    return Found(found, steady, edge) if edge >= EDGE else "its outline follows no edge of the picture"


def by_hand(path: Path, size: tuple[int, int]) -> Bool:
    """(H, W) what a person's mask paints anew: white is painted, black stays. `size`: width and height it has to have the
    shape of. Raises MediaError when it is no picture, of another shape, or of one colour."""
    grey = load_rgb(path).mean(axis=2)
    if abs(grey.shape[1] * size[1] - grey.shape[0] * size[0]) > 0.02 * grey.shape[1] * size[1]:
        raise MediaError(f"the mask is {grey.shape[1]}x{grey.shape[0]}, the picture {size[0]}x{size[1]}: another shape")
    white = cv2.resize(grey.astype(np.float32), size, interpolation=cv2.INTER_LINEAR) > 127
    if white.all() or not white.any():
        raise MediaError("the mask is of one colour: white is painted anew, black stays")
    return np.asarray(white, np.bool_)


def feathered(kept: Bool) -> UInt8:
    """(H, W) grey, as an image backend takes it: 0 where the picture is kept, rising to 255 outside of it."""
    reach = max(2.0, FEATHER * max(kept.shape))
    away = cv2.distanceTransform((~kept).astype(np.uint8), cv2.DIST_L2, 3)
    part = np.clip(away / reach, 0, 1)
    return np.asarray(np.rint(255 * (3 * part**2 - 2 * part**3)), np.uint8)


def put_back(base: UInt8, painted: UInt8, kept: Bool) -> UInt8:
    """The painted picture with the kept part of `base` in it, pixel for pixel; around that the two blend.

    What was painted is fitted to the colours of `base` at the border, so that no seam shows where a model shifted them.
    Both are (H, W, 3) of one size. Raises MediaError when they are not.
    """
    if base.shape != painted.shape or base.shape[:2] != kept.shape:
        raise MediaError(f"the painted picture is {painted.shape[1]}x{painted.shape[0]}, not {base.shape[1]}x{base.shape[0]}")
    share = feathered(kept).astype(np.float32)[..., None] / 255
    mixed = base * (1 - share) + _fitted(base, painted, kept) * share
    out = np.asarray(np.clip(np.rint(mixed), 0, 255), np.uint8)
    out[kept] = base[kept]
    return out


def _fitted(base: UInt8, painted: UInt8, kept: Bool) -> Float:
    """Gain and offset of each channel, from a ring on the kept side of the border, fading out with distance from it."""
    reach = max(3, round(0.03 * max(kept.shape)))
    inside = cv2.distanceTransform(kept.astype(np.uint8), cv2.DIST_L2, 3)
    ring = (inside > 0) & (inside <= reach)
    wanted, got = base[ring].astype(np.float32), painted[ring].astype(np.float32)
    if len(wanted) < 50:
        return np.asarray(painted, np.float32)
    gain = np.clip((wanted.std(axis=0) + 2) / (got.std(axis=0) + 2), 0.8, 1.25)
    shift = np.clip(wanted.mean(axis=0) - gain * got.mean(axis=0), -40, 40)
    outside = cv2.distanceTransform((~kept).astype(np.uint8), cv2.DIST_L2, 3)
    near = np.exp(-outside / (0.15 * max(kept.shape)))[..., None].astype(np.float32)
    whole = np.asarray(painted, np.float32)
    return np.asarray(whole + near * (whole * (gain - 1) + shift), np.float32)


def _small(rgb: UInt8) -> UInt8:
    scale = min(1.0, SIDE / max(rgb.shape[:2]))
    size = (max(8, round(rgb.shape[1] * scale)), max(8, round(rgb.shape[0] * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


Seeds = tuple[UInt8, UInt8]
"""What GrabCut starts from, once with many and once with few places that are sure."""


def _by_position(rgb: UInt8) -> Seeds:
    """Seeds from what is unlike the frame's border, near its middle, and catches the eye."""
    height, width = rgb.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    across, down = (columns / width - 0.5) / 0.30, (rows / height - 0.55) / 0.36
    middle = np.exp(-0.5 * (across**2 + down**2))
    seen = spectral_residual(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32))
    seen = np.asarray(cv2.GaussianBlur(seen / max(float(seen.max()), 1e-9), (0, 0), 0.03 * width), np.float32)
    likely = _unlike_the_border(rgb) * (0.35 + 0.65 * middle) + 0.15 * seen
    likely = likely / max(float(np.percentile(likely, 99)), 1e-6)
    return _seeds(likely > 0.55, likely > 0.3, likely < 0.06), _seeds(likely > 0.75, likely > 0.3, likely < 0.06)


def _by_change(rgb: UInt8, before: UInt8, changed: Bool) -> list[Seeds]:
    """Seeds from what moved: it is where the picture has changed and its surroundings do not go on. Two ways: what moved by
    less than its width overlaps where it was, there nothing has changed, and its surroundings are further off."""
    near = cv2.dilate(changed.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    between = cv2.morphologyEx(changed.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((BETWEEN, BETWEEN), np.uint8)) > 0
    return [_of_change(rgb, before, changed, near), _of_change(rgb, before, changed, near | between)]


def _of_change(rgb: UInt8, before: UInt8, changed: Bool, hole: Bool) -> Seeds:
    unlike = _unlike(rgb, before, hole)
    here, left = changed & (unlike > 4), changed & (unlike < -4)
    sure, surer = (cv2.erode(here.astype(np.uint8), np.ones((side, side), np.uint8)) > 0 for side in (5, 9))
    around = here.copy()
    if sure.any():  # where it overlaps itself its colours tell
        around |= hole & ~changed & (_away_from(_lab(rgb), _lab(rgb)[sure], 6) < ALIKE)
    far = cv2.dilate(hole.astype(np.uint8), np.ones((13, 13), np.uint8)) == 0
    return _seeds(sure, around & ~left, far & ~around), _seeds(surer, around & ~left, far & ~around)


def _unlike(rgb: UInt8, before: UInt8, hole: Bool) -> Float:
    """How much more the picture differs from what its surroundings would go on as in the hole than the one before does."""
    behind = cv2.inpaint(rgb, hole.astype(np.uint8), 4, cv2.INPAINT_TELEA).astype(np.float32)
    now, then = (cv2.GaussianBlur(np.abs(one.astype(np.float32) - behind).max(axis=2), (0, 0), 2) for one in (rgb, before))
    return np.asarray(now - then, np.float32)


def _explains(rgb: UInt8, before: UInt8, changed: Bool, found: Bool) -> float:
    """The share of all change that it explains, by having come there or having left: its surroundings, without it, tell."""
    hole = cv2.dilate((changed | found).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    unlike = _unlike(rgb, before, hole)
    return float(np.where(found, unlike > 0, unlike < 0)[changed].mean())


def _seeds(front: Bool, perhaps: Bool, behind: Bool) -> UInt8:
    found = np.full(front.shape, cv2.GC_PR_BGD, np.uint8)
    found[behind] = cv2.GC_BGD
    found[perhaps] = cv2.GC_PR_FGD
    found[front] = cv2.GC_FGD
    return found


def _unlike_the_border(rgb: UInt8) -> Float:
    """How far each place's colour is from those along the frame's left, right and upper side (k-means of them), 0 to 1."""
    lab = _lab(rgb)
    deep = max(2, rgb.shape[1] // 24)
    border = np.concatenate([lab[:, :deep].reshape(-1, 3), lab[:, -deep:].reshape(-1, 3), lab[:deep].reshape(-1, 3)])
    return np.asarray(np.clip(_away_from(lab, border, 8) / 45, 0, 1), np.float32)


def _lab(rgb: UInt8) -> Float:
    return np.asarray(cv2.cvtColor(cv2.GaussianBlur(rgb, (0, 0), 1.5), cv2.COLOR_RGB2LAB), np.float32)


def _away_from(lab: Float, colours: Float, groups: int) -> Float:
    """How far each place's colour is from the nearest of the groups that these colours form (k-means)."""
    cv2.setRNGSeed(1)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    best = np.zeros((len(colours), 1), np.int32)
    centres = np.asarray(cv2.kmeans(colours, min(groups, len(colours)), best, stop, 2, cv2.KMEANS_PP_CENTERS)[2], np.float32)
    return np.asarray(np.min(np.linalg.norm(lab[:, :, None] - centres[None, None], axis=3), axis=2), np.float32)


def _changed(rgb: UInt8, before: UInt8) -> Bool:
    """Where the picture shows something else than before. A change of the light all over is none."""
    now, then = (cv2.GaussianBlur(one, (0, 0), 1.2).astype(np.float32) for one in (rgb, before))
    gain = (np.median(now, axis=(0, 1)) + 1) / (np.median(then, axis=(0, 1)) + 1)
    away = np.abs(now - then * gain).max(axis=2)
    grain = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    moved = cv2.morphologyEx((away > MOVED).astype(np.uint8), cv2.MORPH_OPEN, grain)
    return np.asarray(cv2.morphologyEx(moved, cv2.MORPH_CLOSE, grain) > 0, np.bool_)


def _cut(rgb: UInt8, seeds: UInt8) -> Bool:
    """GrabCut from these seeds."""
    labels = seeds.copy()
    if not (labels == cv2.GC_FGD).any() or not (labels == cv2.GC_BGD).any():
        return np.zeros(labels.shape, np.bool_)
    back, front = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(1)
    cv2.grabCut(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), labels, (0, 0, 0, 0), back, front, ROUNDS, cv2.GC_INIT_WITH_MASK)
    return np.asarray((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD), np.bool_)


def _pieces(found: Bool) -> Bool:
    """Its largest piece, and those at least a third as large; opened, so that threads go, and its holes filled."""
    grain = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    opened = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_OPEN, grain)
    count, labels, facts, _ = cv2.connectedComponentsWithStats(opened)
    sizes = [int(facts[number, cv2.CC_STAT_AREA]) for number in range(1, count)]
    keep = [number for number, size in enumerate(sizes, 1) if size >= max(sizes) / 3]
    whole = np.isin(labels, keep).astype(np.uint8) if keep else np.zeros_like(opened)
    outlines, _ = cv2.findContours(whole, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    for outline in outlines:
        if cv2.contourArea(outline) < 0.002 * whole.size:
            cv2.drawContours(whole, [outline], -1, 1, cv2.FILLED)
    return np.asarray(whole > 0, np.bool_)


def _smooth(share: Float) -> Float:
    return np.asarray(cv2.GaussianBlur(share, (0, 0), max(0.8, max(share.shape) / SIDE / 2)), np.float32)


def _overlap(one: Bool, other: Bool) -> float:
    return float((one & other).sum() / max(1, (one | other).sum()))


def _edge(rgb: UInt8, found: Bool) -> float:
    """The share of the outline, within the frame, across which the colours differ."""
    lab = np.asarray(cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)
    grain = np.ones((3, 3), np.uint8)
    whole = found.astype(np.uint8)
    inner, outer = cv2.erode(whole, grain, iterations=2), cv2.dilate(whole, grain, iterations=2)
    rings = [(found & (inner == 0)), (~found & (outer > 0))]
    means = [_mean_near(lab, ring) for ring in rings]
    outline = rings[0].copy()
    outline[:3], outline[-3:], outline[:, :3], outline[:, -3:] = False, False, False, False
    apart = np.linalg.norm(means[0] - means[1], axis=2)
    return float((apart[outline] > APART).mean()) if outline.any() else 0.0


def _mean_near(lab: Float, where: Bool) -> Float:
    """The mean colour of the places of `where` around each place."""
    weight = cv2.boxFilter(where.astype(np.float32), -1, (7, 7))
    total = cv2.boxFilter(lab.astype(np.float32) * where[..., None], -1, (7, 7))
    return np.asarray(total / np.maximum(weight, 1e-4)[..., None], np.float32)
