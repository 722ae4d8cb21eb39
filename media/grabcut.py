"""GrabCut from given seeds, its pieces, and its outline at a finer scale. Chooses no seeds and judges nothing.

Rother, Kolmogorov and Blake 2004, "GrabCut: interactive foreground extraction using iterated graph cuts".
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

UInt8 = npt.NDArray[np.uint8]
Float = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]

ROUNDS = 3
FINE_SIDE = 640
"""Longer side at which the outline is drawn: GrabCut takes a second there, and film is larger by 2 to 3 at most."""


def seeds(front: Bool, perhaps: Bool, behind: Bool) -> UInt8:
    """(H, W) what is surely in front, perhaps in front, and surely behind; all else is perhaps behind."""
    found = np.full(front.shape, cv2.GC_PR_BGD, np.uint8)
    found[behind] = cv2.GC_BGD
    found[perhaps] = cv2.GC_PR_FGD
    found[front] = cv2.GC_FGD
    return found


def cut(rgb: UInt8, labels: UInt8, rounds: int = ROUNDS) -> Bool:
    """(H, W) what is in front of an (H, W, 3) picture; nothing when one of the two sides has no sure place."""
    labels = labels.copy()
    if not (labels == cv2.GC_FGD).any() or not (labels == cv2.GC_BGD).any():
        return np.zeros(labels.shape, np.bool_)
    back, front = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(1)
    cv2.grabCut(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), labels, (0, 0, 0, 0), back, front, rounds, cv2.GC_INIT_WITH_MASK)
    return np.asarray((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD), np.bool_)


def pieces(found: Bool) -> Bool:
    """Its largest piece, and those at least a third as large; opened, so that threads go, and small holes filled."""
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


def redrawn(rgb: UInt8, found: Bool) -> Bool:
    """(H, W) the same as was found at a smaller scale, its outline drawn anew along the edges of the large picture."""
    scale = min(1.0, FINE_SIDE / max(rgb.shape[:2]))
    fine = np.asarray(cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    share = cv2.resize(found.astype(np.float32), (fine.shape[1], fine.shape[0]), interpolation=cv2.INTER_LINEAR)
    reach = max(2, round(1.5 * max(fine.shape) / max(found.shape)))
    grain = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    whole = (share > 0.5).astype(np.uint8)
    inner, outer = cv2.erode(whole, grain) > 0, cv2.dilate(whole, grain) > 0
    rows, columns = _around(outer, 6 * reach)
    labels = seeds(inner | (whole > 0) & ~outer, whole > 0, ~outer)[rows, columns]
    drawn = np.zeros(whole.shape, np.bool_)
    drawn[rows, columns] = cut(fine[rows, columns], labels, 1)
    drawn = _smooth(drawn, 0.8) > 0.5
    large = cv2.resize(drawn.astype(np.float32), (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(_smooth(np.asarray(large, np.float32), 0.5 / scale) > 0.5, np.bool_)


def _around(where: npt.NDArray[np.bool_], margin: int) -> tuple[slice, slice]:
    """The rectangle about it, with a margin."""
    spans = [np.flatnonzero(where.any(axis=axis)) for axis in (1, 0)]
    return tuple(slice(max(0, int(span[0]) - margin), int(span[-1]) + margin + 1) for span in spans)  # type: ignore[return-value]


def _smooth(share: npt.NDArray[np.generic], sigma: float) -> Float:
    return np.asarray(cv2.GaussianBlur(share.astype(np.float32), (0, 0), sigma), np.float32)
