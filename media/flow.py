"""How one frame moves into another: dense flow, a global similarity, whether both show the same thing. Draws no frame."""

from __future__ import annotations

import cmath
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from media.film_format import Size

UInt8 = npt.NDArray[np.uint8]
Float = npt.NDArray[np.float32]

WORK_SIDE = 640
"""The longer side of the pictures that are matched. 1280 costs four times as much and gains nothing (media.md C)."""
EXPLAINED = 4.0
"""Mean luma difference below which no second explanation is looked for; it takes half of the time."""
CV_THREADS = 2
"""The results do not depend on it; set so that a machine with many cores is not flooded by one clip."""


@dataclass(frozen=True)
class Similarity:
    """z -> turn * z + shift over frame pixels as complex numbers: zoom and rotation are `turn`, translation is `shift`."""

    turn: complex = 1.0 + 0j
    shift: complex = 0j

    def at(self, t: float) -> npt.NDArray[np.float64]:
        """(2, 3) matrix of the similarity raised to the power `t`: 0 is rest, 1 the whole move, -1 its inverse.

        With turn = exp(w), f^t(z) = exp(t w) z + shift * (exp(t w) - 1) / (exp(w) - 1): constant speed in zoom and angle.
        """
        part = cmath.exp(t * cmath.log(self.turn))
        way = t + 0j if abs(self.turn - 1) < 1e-9 else (part - 1) / (self.turn - 1)
        moved = self.shift * way
        return np.array([[part.real, -part.imag, moved.real], [part.imag, part.real, moved.imag]])

    @property
    def is_plausible(self) -> bool:
        """A camera between two keyframes of a scene zooms by less than 5 and rolls by less than 45 degrees."""
        return 0.2 < abs(self.turn) < 5 and abs(cmath.phase(self.turn)) < cmath.pi / 4


@dataclass(frozen=True)
class Grid:
    """A coarse raster of points over a frame; a field has one vector, in frame pixels, for each of them."""

    raster: Size
    frame: Size

    @cached_property
    def points(self) -> Float:
        """(h, w, 2) x and y of each point, in frame pixels."""
        columns, rows = np.meshgrid(np.arange(self.raster.width), np.arange(self.raster.height))
        return self.in_frame(np.stack([columns, rows], axis=-1))

    @cached_property
    def _step(self) -> Float:
        """Frame pixels per raster point."""
        return np.divide(self.frame, self.raster, dtype=np.float32)

    def in_raster(self, at: npt.NDArray[np.floating]) -> Float:
        """Frame pixels -> raster positions (the centre of the first point is 0)."""
        return np.asarray((at + 0.5) / self._step - 0.5, np.float32)

    def in_frame(self, spots: npt.NDArray[np.floating]) -> Float:
        """Raster positions -> frame pixels."""
        return np.asarray((spots + 0.5) * self._step - 0.5, np.float32)

    def scaled_down(self, field: Float) -> Float:
        """Vectors in frame pixels -> in raster points."""
        return np.asarray(field / self._step, np.float32)

    def sample(self, field: Float, at: Float) -> Float:
        """What a field shows at (h, w, 2) frame positions; its edge goes on outside."""
        return look_up(field, self.in_raster(at))

    def sample_picture(self, picture: UInt8, at: Float) -> UInt8:
        """What a picture of raster size shows at (h, w, 2) frame positions; its edge goes on outside."""
        return np.asarray(look_up(picture, self.in_raster(at)), np.uint8)

    def inside(self, at: Float) -> npt.NDArray[np.bool_]:
        """(h, w) whether each position lies in the frame."""
        x, y = at[..., 0], at[..., 1]
        return np.asarray((x >= 0) & (x <= self.frame.width - 1) & (y >= 0) & (y <= self.frame.height - 1))


def look_up(table: npt.NDArray[Any], at: Float) -> npt.NDArray[Any]:
    """(h, w, 2) raster positions -> what is there, linearly interpolated; the edge goes on outside."""
    x, y = cv2.split(at)
    return np.asarray(cv2.remap(table, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


@dataclass(frozen=True)
class Motion:
    """How the first frame moves into the last one, in frame pixels on `grid`.

    A point p of the first frame is found in the last one at similarity(p + forward(p)); a point q of the last one is
    found in the first at inverse(q + backward(q)). Both fields are smooth where nothing was found, so that what is in only
    one of the frames dissolves instead of tearing.

    similar: part of the pictures (0 to 1) that each finds again in the other, at the same place both ways and looking
    alike. inliers: corners that agree with the similarity (0 where the flow does without one). residual: mean luma
    difference, 0 to 255, between the first frame and what it finds in the last one.
    """

    grid: Grid
    similarity: Similarity
    forward: Float
    backward: Float
    similar: float
    inliers: int
    residual: float

    @property
    def related(self) -> bool:
        """Whether the two frames show the same thing. Measured: 50 unrelated pairs of photographs, drawings and both have
        at most .02 and 8 corners; two drawings of one place, one from twice as near, .06 and 23, and morph well."""
        return self.similar >= 0.3 or self.inliers >= 20


def find_motion(first: UInt8, last: UInt8) -> Motion:
    """Matches two luma planes (H, W) of the same size: plain flow and flow on top of a similarity, the better of both.

    Where both explain the frames about as well the similarity wins: it knows what comes in at the edges and keeps straight
    lines straight (measured on photographs: 42.4 dB against 50.0 on a pan, 40.1 against 45.3 on a roll).
    """
    cv2.setNumThreads(CV_THREADS)
    cv2.setRNGSeed(0)
    frame = Size(first.shape[1], first.shape[0])
    grid = Grid(_work_size(frame), frame)
    small = [np.asarray(cv2.resize(luma, grid.raster, interpolation=cv2.INTER_AREA), np.uint8) for luma in (first, last)]
    similarity, inliers = find_similarity(small[0], small[1], grid)
    if similarity is None:
        return _motion_on_top_of(Similarity(), 0, small[0], small[1], grid)
    camera = _motion_on_top_of(similarity, inliers, small[0], small[1], grid)
    if camera.residual < EXPLAINED:
        return camera
    plain = _motion_on_top_of(Similarity(), 0, small[0], small[1], grid)
    return plain if plain.residual < 0.8 * camera.residual else camera


def _work_size(frame: Size) -> Size:
    """Long side at most WORK_SIDE, no side under 64 (the flow's pyramid needs some pixels to stand on)."""
    scale = max(min(1.0, WORK_SIDE / max(frame)), 64 / min(frame))
    return Size(round(frame.width * scale), round(frame.height * scale))


def find_similarity(first: UInt8, last: UInt8, grid: Grid) -> tuple[Similarity | None, int]:
    """Corners of both (ORB) matched and fitted (RANSAC); None when fewer than 10 agree. Also how many agree."""
    orb = cv2.ORB.create(2000, fastThreshold=10)
    (spots, words), (other_spots, other_words) = (orb.detectAndCompute(picture, None) for picture in (first, last))
    if words is None or other_words is None or min(len(words), len(other_words)) < 10:
        return None, 0
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(words, other_words, 2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < 0.8 * pair[1].distance]
    if len(good) < 10:
        return None, 0
    at = grid.in_frame(np.array([spots[match.queryIdx].pt for match in good]))
    to = grid.in_frame(np.array([other_spots[match.trainIdx].pt for match in good]))
    reach = 3.0 * grid.frame.width / grid.raster.width
    matrix, agrees = cv2.estimateAffinePartial2D(at, to, method=cv2.RANSAC, ransacReprojThreshold=reach, maxIters=4000)
    inliers = int(np.sum(agrees)) if agrees is not None else 0
    if matrix is None or inliers < 10:
        return None, inliers
    found = Similarity(complex(matrix[0, 0], matrix[1, 0]), complex(matrix[0, 2], matrix[1, 2]))
    return (found, inliers) if found.is_plausible else (None, 0)


def dense_flow(first: UInt8, last: UInt8) -> Float:
    """(H, W, 2) where each pixel of `first` went in `last`, in pixels (Kroeger 2016, dense inverse search)."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return np.asarray(search.calc(first, last, np.empty(0, np.float32)), np.float32)


def _motion_on_top_of(similarity: Similarity, inliers: int, first: UInt8, last: UInt8, grid: Grid) -> Motion:
    """Aligns by the similarity, finds the flow that is left both ways, and keeps it only where both ways agree."""
    there, back = (np.asarray(cv2.transform(grid.points, similarity.at(power)), np.float32) for power in (1, -1))
    last_aligned = grid.sample_picture(last, there)
    first_aligned = grid.sample_picture(first, back)
    scale = np.divide(grid.frame, grid.raster, dtype=np.float32)
    forward = dense_flow(first, last_aligned) * scale
    backward = dense_flow(last, first_aligned) * scale
    trust = [
        _trust(forward, backward, first, last, similarity.at(1), grid),
        _trust(backward, forward, last, first, similarity.at(-1), grid),
    ]
    seen = [grid.inside(there), grid.inside(back)]
    similar = float(min(np.mean(trusted * visible) for trusted, visible in zip(trust, seen, strict=True)))
    fields = [_fill(field, trusted * visible) for field, trusted, visible in zip((forward, backward), trust, seen, strict=True)]
    residual = _residual(fields[0], first, last, similarity.at(1), grid)
    return Motion(grid, similarity, fields[0], fields[1], similar, inliers, residual)


def _trust(ahead: Float, behind: Float, first: UInt8, last: UInt8, matrix: npt.NDArray[np.float64], grid: Grid) -> Float:
    """(h, w) 0 or 1: the way there and back ends where it began, and both ends look alike."""
    moved = grid.points + ahead
    arrived = np.asarray(cv2.transform(moved, matrix), np.float32)
    # With p' = S(p + ahead(p)), the way back is S^-1(p' + behind(p')): in the last frame's pixels p' + behind - S(p) is 0.
    home = arrived + grid.sample(behind, arrived)
    missed = _length(home - cv2.transform(grid.points, matrix))
    reach = 1.5 * grid.frame.width / grid.raster.width + 0.02 * _length(ahead)
    differs = cv2.absdiff(cv2.blur(first, (3, 3)), grid.sample_picture(np.asarray(cv2.blur(last, (3, 3)), np.uint8), arrived))
    return np.asarray((missed < reach) & (differs < 30), np.float32)


def _length(field: Float) -> Float:
    return np.asarray(cv2.magnitude(*cv2.split(field)), np.float32)


def _fill(field: Float, trust: Float) -> Float:
    """Puts what surrounds them where vectors are not to be trusted (normalised convolution, coarser and coarser)."""
    width = trust.shape[1]
    weight, carried = trust, np.asarray(field * trust[..., None], np.float32)
    levels: list[tuple[Float, Float]] = []
    while min(weight.shape) > 2:
        levels.append((weight, carried))
        half = ((weight.shape[1] + 1) // 2, (weight.shape[0] + 1) // 2)
        coarser = [cv2.resize(part, half, interpolation=cv2.INTER_AREA) for part in (weight, carried)]
        weight, carried = (np.asarray(part, np.float32) for part in coarser)
    filled = carried / np.maximum(weight, 1e-6)[..., None]
    for weight, carried in reversed(levels):
        coarse = np.asarray(cv2.resize(filled, (weight.shape[1], weight.shape[0]), interpolation=cv2.INTER_LINEAR))
        known = np.minimum(weight, 1.0)[..., None]
        filled = carried + (1 - known) * coarse
    soft = np.asarray(cv2.GaussianBlur(trust, (0, 0), max(1.0, width / 320)))[..., None]
    smooth = np.asarray(cv2.GaussianBlur(filled, (0, 0), max(1.0, width / 160)))
    smoother = soft * filled + (1 - soft) * smooth
    # A last blur keeps straight lines straight; wider ones cost 0.2 dB where something moves before a background.
    return np.asarray(cv2.GaussianBlur(smoother, (0, 0), max(1.0, width / 160)), np.float32)


def _residual(forward: Float, first: UInt8, last: UInt8, matrix: npt.NDArray[np.float64], grid: Grid) -> float:
    """Mean luma difference between the first frame and what it finds in the last one. What leaves the frame counts as
    badly found, so that a similarity which throws most of the picture out does not win by what is left."""
    arrived = np.asarray(cv2.transform(grid.points + forward, matrix), np.float32)
    differs = cv2.absdiff(first, grid.sample_picture(last, arrived)).astype(np.float32)
    inside = grid.inside(arrived)
    outside = float(np.mean(~inside))
    return float(np.mean(differs[inside])) + 8 * outside if inside.any() else 255.0
