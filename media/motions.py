"""The few near-rigid motions by which one picture becomes another. Says nothing about who follows which of them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from media.geometry import Float, Grid, Similarity, UInt8

CANDIDATES = 9
REACH = 2.0
"""How far from where its motion says a corner may be, in raster points."""
ZOOM_AT_MOST = 1.15
"""A layer slides. When the camera zooms, every depth has a scale of its own and smooth flow looks better."""
BLOCK = 24
"""Side of the blocks that are searched for, in raster points."""


@dataclass(frozen=True)
class Pair:
    """Two pictures (h, w, 3: Y, U, V) on one grid, and the corners (n, 2) of one found in the other, in frame pixels."""

    first: UInt8
    last: UInt8
    grid: Grid
    at: Float
    to: Float


def match_corners(first: UInt8, last: UInt8, grid: Grid) -> tuple[Float, Float]:
    """Corners (ORB) of two luma planes that look alike, (n, 2) each, in frame pixels."""
    orb = cv2.ORB.create(2000, fastThreshold=10)
    (spots, words), (other_spots, other_words) = (orb.detectAndCompute(picture, None) for picture in (first, last))
    nothing = np.empty((0, 2), np.float32)
    if words is None or other_words is None or min(len(words), len(other_words)) < 10:
        return nothing, nothing
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(words, other_words, 2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < 0.8 * pair[1].distance]
    if not good:
        return nothing, nothing
    at = np.array([spots[match.queryIdx].pt for match in good])
    to = np.array([other_spots[match.trainIdx].pt for match in good])
    return grid.in_frame(at), grid.in_frame(to)


def fit(at: Float, to: Float, grid: Grid) -> tuple[Similarity | None, npt.NDArray[np.bool_]]:
    """The similarity that most corners agree with (RANSAC), and (n,) which of them agree."""
    nobody = np.zeros(len(at), bool)
    if len(at) < 4:
        return None, nobody
    reach = _reach(grid) * 1.5
    matrix, agrees = cv2.estimateAffinePartial2D(at, to, method=cv2.RANSAC, ransacReprojThreshold=reach, maxIters=4000)
    if matrix is None:
        return None, nobody
    found = Similarity(complex(matrix[0, 0], matrix[1, 0]), complex(matrix[0, 2], matrix[1, 2]))
    return found, np.asarray(agrees.ravel(), bool)


def slides(motion: Similarity) -> bool:
    """Whether it moves much more than it zooms."""
    return motion.is_plausible and 1 / ZOOM_AT_MOST < abs(motion.turn) < ZOOM_AT_MOST


def candidates(pair: Pair, known: list[Similarity]) -> list[Similarity]:
    """`known` and rest, then what corners agree on that agree with none of these, one after the other."""
    motions: list[Similarity] = []
    for motion in [*known, Similarity()]:
        add_new(motions, motion, pair.grid)
    left = np.ones(len(pair.at), bool)
    for motion in motions:
        left &= ~_follows(pair, motion)
    for _ in range(6):
        found, agrees = fit(pair.at[left], pair.to[left], pair.grid)
        if found is None or agrees.sum() < 6:
            break
        if slides(found):
            add_new(motions, found, pair.grid)
        left[np.flatnonzero(left)[agrees]] = False
    return motions[:CANDIDATES]


def add_new(motions: list[Similarity], motion: Similarity, grid: Grid) -> bool:
    """Adds a motion unless one of them takes the middle and the corners of the frame to about the same places."""
    width, height = grid.frame
    spots = np.array([[[0, 0], [width, 0], [0, height], [width, height], [width / 2, height / 2]]], np.float32)
    moved = cv2.transform(spots, motion.at(1))
    near = _reach(grid) / 2
    new = all(np.abs(cv2.transform(spots, other.at(1)) - moved).max() >= near for other in motions)
    if new:
        motions.append(motion)
    return new


def shifts_of_blocks(pair: Pair, unexplained: npt.NDArray[np.bool_]) -> list[Similarity]:
    """Shifts of textured blocks where (h, w) nothing explains the first picture, most often found first. Finds figures
    that have too few corners; these walk, so it looks far across and not far up."""
    first = np.ascontiguousarray(pair.first[..., 0])
    last = np.ascontiguousarray(pair.last[..., 0])
    texture = cv2.blur(np.square(cv2.Laplacian(cv2.GaussianBlur(first, (0, 0), 1), cv2.CV_32F)), (BLOCK, BLOCK))
    half, (height, width) = BLOCK // 2, first.shape
    places = [
        (float(texture[y, x]), x, y)
        for y in range(half, height - half, half)
        for x in range(half, width - half, half)
        if unexplained[y, x] and texture[y, x] > 4
    ]
    shifts = [_shift_of_block(first, last, x, y) for _, x, y in sorted(places, reverse=True)[:80]]
    return _most_common([shift for shift in shifts if shift is not None], pair.grid)


def _shift_of_block(first: UInt8, last: UInt8, x: int, y: int) -> tuple[int, int] | None:
    half = BLOCK // 2
    across, down = round(0.3 * first.shape[1]), round(0.12 * first.shape[0])
    block = first[y - half : y + half, x - half : x + half]
    left, top = max(0, x - half - across), max(0, y - half - down)
    window = last[top : y + half + down, left : x + half + across]
    _, likeness, _, spot = cv2.minMaxLoc(cv2.matchTemplate(window, block, cv2.TM_CCOEFF_NORMED))
    return (spot[0] + left - (x - half), spot[1] + top - (y - half)) if likeness > 0.7 else None


def _most_common(shifts: list[tuple[int, int]], grid: Grid) -> list[Similarity]:
    found: list[Similarity] = []
    left = np.array(shifts, np.float64).reshape(-1, 2)
    while len(left) >= 3 and len(found) < 3:
        near = np.hypot(*(left[:, None] - left[None]).transpose(2, 0, 1)) < 3
        best = near[int(near.sum(axis=1).argmax())]
        if best.sum() < 3:
            break
        across, down = left[best].mean(axis=0) * grid.frame.width / grid.raster.width
        found.append(Similarity(1 + 0j, complex(across, down)))
        left = left[~best]
    return found


def _follows(pair: Pair, motion: Similarity) -> npt.NDArray[np.bool_]:
    if not len(pair.at):
        return np.zeros(0, bool)
    missed = cv2.transform(pair.at[None], motion.at(1))[0] - pair.to
    return np.asarray(np.hypot(missed[:, 0], missed[:, 1]) < _reach(pair.grid))


def _reach(grid: Grid) -> float:
    return REACH * grid.frame.width / grid.raster.width
