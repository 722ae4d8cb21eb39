"""How one frame moves into another: dense flow, a global similarity, whether both show the same thing. Draws no frame."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from media.colour import planes_of
from media.film_format import Size
from media.geometry import Float, Grid, Similarity, UInt8
from media.light import change_of_light, evened
from media.motion_layers import Split, split
from media.motions import Pair, fit, match_corners, slides

WORK_SIDE = 640
"""The longer side of the pictures that are matched. 1280 costs four times as much and gains nothing (media.md C)."""
EXPLAINED = 4.0
"""Mean luma difference below which no second explanation is looked for; it takes half of the time."""
SETTLED = 0.98
"""One motion that explains this much is the whole truth."""
FARTHEST = 12.0
"""Longest flow on top of a layer's own motion, in points of the grid: what moves farther is another layer."""
LIT = 8.0
"""From this mean difference at matched corners on, the light has changed and only detail is matched. Measured: up to 5.5 in
one light, 10 where a lantern comes in, 30 where a lamp is lit."""
CV_THREADS = 2
"""The results do not depend on it; set so that a machine with many cores is not flooded by one clip."""


@dataclass(frozen=True)
class Layer:
    """What moves together: a similarity and what is left on top of it, in frame pixels on the motion's grid.

    A point p of the first frame is found in the last one at similarity(p + forward(p)); a point q of the last one is
    found in the first at inverse(q + backward(q)). Both fields are smooth where nothing was found, so that what is in only
    one of the frames dissolves instead of tearing. in_first, in_last: (h, w) 0 to 1, where this layer is seen.
    """

    similarity: Similarity
    forward: Float
    backward: Float
    in_first: Float
    in_last: Float


@dataclass(frozen=True)
class Motion:
    """How the first frame moves into the last one: layers from back to front.

    sure: (h, w) of the first and of the last frame, 0 or 1, what is found where its layer says and is of that layer there;
    of one layer alone, what leaves the frame too.
    similar: part of the pictures (0 to 1) that each finds again in the other, at the same place both ways and looking
    alike. inliers: corners that agree with the similarity (0 where the flow does without one). residual: mean luma
    difference, 0 to 255, between the first frame and what it finds in the last one.
    """

    grid: Grid
    layers: tuple[Layer, ...]
    similar: float
    inliers: int
    residual: float
    sure: tuple[Float, Float]

    @property
    def related(self) -> bool:
        """Whether the two frames show the same thing. Measured: 50 unrelated pairs of photographs, drawings and both have
        at most .02 and 8 corners; two drawings of one place, one from twice as near, .06 and 23, and morph well."""
        return self.similar >= 0.3 or self.inliers >= 20


def find_motion(first: UInt8, last: UInt8, *, layered: bool = True) -> Motion:
    """Matches two frames (I420, same size): plain flow, flow on top of a similarity, and layers; the best of them.

    Where both explain the frames about as well the similarity wins: it knows what comes in at the edges and keeps straight
    lines straight (measured on photographs: 42.4 dB against 50.0 on a pan, 40.1 against 45.3 on a roll).

    Layers are for what slides in front of something else, unless not `layered`. Measured on seven scenes at 720p (figures
    that stand or walk before a pan, three depths; photographs and drawings): 41.1 dB against 28.4 of one motion, and within
    24 pixels of the layers' borders 35.1 against 21.3.

    When the light changes, detail is matched and no layers are looked for: these are told apart by their likeness.
    """
    cv2.setNumThreads(CV_THREADS)
    cv2.setRNGSeed(0)
    frame = Size(first.shape[1], first.shape[0] * 2 // 3)
    grid = Grid(_work_size(frame), frame)
    pictures = [_small(planes, grid) for planes in (first, last)]
    small = [np.ascontiguousarray(picture[..., 0]) for picture in pictures]
    even = [evened(luma) for luma in small]
    seen, evenly = _camera(small, grid), _camera(even, grid)
    if evenly.inliers and change_of_light(small[0], small[1], *evenly.agreeing, grid) > LIT:
        return _by_detail(evenly, small, even, grid)
    whole = _whole(seen, small, grid)
    if not layered or whole.similar > SETTLED or not whole.related or (seen.move and not slides(seen.move)):
        return whole
    found = split(Pair(pictures[0], pictures[1], grid, seen.at, seen.to), [seen.move] if seen.move else [])
    if not found.credible:
        return whole
    cut = _layered(found, seen.inliers, small, grid)
    return whole if whole.residual < 0.8 * cut.residual else cut


@dataclass(frozen=True)
class _Camera:
    """Corners (n, 2) of one picture found in the other, in frame pixels, what most of them agree with (None when fewer
    than 10 agree or it is not a camera's move), and which of them do."""

    at: Float
    to: Float
    move: Similarity | None
    agrees: npt.NDArray[np.bool_]

    @property
    def inliers(self) -> int:
        return int(self.agrees.sum()) if self.move else 0

    @property
    def agreeing(self) -> tuple[Float, Float]:
        return self.at[self.agrees], self.to[self.agrees]


def _camera(small: list[UInt8], grid: Grid) -> _Camera:
    at, to = match_corners(small[0], small[1], grid)
    found, agrees = fit(at, to, grid) if len(at) >= 10 else (None, np.zeros(len(at), bool))
    plausible = found is not None and agrees.sum() >= 10 and found.is_plausible
    return _Camera(at, to, found if plausible else None, agrees)


def _small(planes: UInt8, grid: Grid) -> UInt8:
    """(h, w, 3) Y, U and V of an I420 frame on the grid."""
    small = [cv2.resize(plane, grid.raster, interpolation=cv2.INTER_AREA) for plane in planes_of(planes)]
    return np.asarray(cv2.merge(small), np.uint8)


def _whole(seen: _Camera, small: list[UInt8], grid: Grid) -> Motion:
    """One layer: plain flow or flow on top of the similarity."""
    if seen.move is None:
        return _motion_on_top_of(Similarity(), 0, small, grid)
    camera = _motion_on_top_of(seen.move, seen.inliers, small, grid)
    if camera.residual < EXPLAINED:
        return camera
    plain = _motion_on_top_of(Similarity(), 0, small, grid)
    return plain if plain.residual < 0.8 * camera.residual else camera


def _layered(found: Split, inliers: int, small: list[UInt8], grid: Grid) -> Motion:
    layers, similar, residual = [], np.zeros(2), 0.0
    for number, motion in enumerate(found.motions):
        masks = [np.asarray(labels == number, np.float32) for labels in found.labels]
        layer, good, differs = _layer(motion, masks, small, grid)
        layers.append(layer)
        similar += good
        residual += differs
    return Motion(grid, tuple(layers), float(similar.min()), inliers, residual, found.sure)


def _layer(motion: Similarity, masks: list[Float], small: list[UInt8], grid: Grid) -> tuple[Layer, Float, float]:
    (ahead, behind), trust = _found_on_top_of(motion, small[0], small[1], grid)
    limit = FARTHEST * grid.frame.width / grid.raster.width
    trust = [one * (_length(field) < limit) * mask for one, field, mask in zip(trust, (ahead, behind), masks, strict=True)]
    good = np.array([one.mean() for one in trust])
    fields = [_fill(field, one) for field, one in zip((ahead, behind), trust, strict=True)]
    arrived = np.asarray(cv2.transform(grid.points + fields[0], motion.at(1)), np.float32)
    differs = cv2.absdiff(small[0], grid.sample_picture(small[1], arrived)).astype(np.float32)
    seen = np.where(grid.inside(arrived), differs, np.float32(8)) * masks[0]
    return Layer(motion, fields[0], fields[1], _soft(masks[0]), _soft(masks[1])), good, float(seen.mean())


def _soft(mask: Float) -> Float:
    return np.asarray(cv2.GaussianBlur(cv2.medianBlur(mask, 3), (0, 0), 0.7), np.float32)


def _work_size(frame: Size) -> Size:
    """Long side at most WORK_SIDE, no side under 64 (the flow's pyramid needs some pixels to stand on)."""
    scale = max(min(1.0, WORK_SIDE / max(frame)), 64 / min(frame))
    return Size(round(frame.width * scale), round(frame.height * scale))


def dense_flow(first: UInt8, last: UInt8, *, preset: int = cv2.DISOPTICAL_FLOW_PRESET_MEDIUM) -> Float:
    """(H, W, 2) where each pixel of `first` went in `last`, in pixels (Kroeger 2016, dense inverse search)."""
    search = cv2.DISOpticalFlow.create(preset)
    return np.asarray(search.calc(first, last, np.empty(0, np.float32)), np.float32)


def _by_detail(seen: _Camera, small: list[UInt8], even: list[UInt8], grid: Grid) -> Motion:
    """One layer when the light has changed: what looks alike nevertheless goes where it is, the rest where its detail is.

    Evened pictures alone lose small figures, whose own light is most of what they are."""
    move = seen.move or Similarity()
    ways, trust = _found_on_top_of(move, small[0], small[1], grid)
    other_ways, other_trust = _found_on_top_of(move, even[0], even[1], grid)
    found = [np.where(sure[..., None] > 0, way, other) for way, sure, other in zip(ways, trust, other_ways, strict=True)]
    either = [np.maximum(one, other) for one, other in zip(trust, other_trust, strict=True)]
    return _motion((found[0], found[1]), either, move, seen.inliers, even, grid)


def _motion_on_top_of(similarity: Similarity, inliers: int, small: list[UInt8], grid: Grid) -> Motion:
    """Aligns by the similarity, finds the flow that is left both ways, and keeps it only where both ways agree."""
    ways, trust = _found_on_top_of(similarity, small[0], small[1], grid)
    return _motion(ways, trust, similarity, inliers, small, grid)


def _motion(
    ways: tuple[Float, Float], trust: list[Float], similarity: Similarity, inliers: int, small: list[UInt8], grid: Grid
) -> Motion:
    """One layer from the flow both ways, where it is to be trusted."""
    similar = float(min(np.mean(trusted) for trusted in trust))
    fields = [_fill(field, trusted) for field, trusted in zip(ways, trust, strict=True)]
    residual = _residual(fields[0], small[0], small[1], similarity.at(1), grid)
    everywhere = np.ones_like(trust[0])
    layer = Layer(similarity, fields[0], fields[1], everywhere, everywhere)
    leaves = [~grid.inside(np.asarray(cv2.transform(grid.points, similarity.at(way)), np.float32)) for way in (1, -1)]
    sure = [np.maximum(one, away) for one, away in zip(trust, leaves, strict=True)]
    return Motion(grid, (layer,), similar, inliers, residual, (sure[0], sure[1]))


def _found_on_top_of(similarity: Similarity, first: UInt8, last: UInt8, grid: Grid) -> tuple[tuple[Float, Float], list[Float]]:
    """The flow that is left both ways, in frame pixels, and where (0 or 1) it is to be trusted."""
    there, back = (np.asarray(cv2.transform(grid.points, similarity.at(power)), np.float32) for power in (1, -1))
    last_aligned = grid.sample_picture(last, there)
    first_aligned = grid.sample_picture(first, back)
    scale = np.divide(grid.frame, grid.raster, dtype=np.float32)
    forward = dense_flow(first, last_aligned) * scale
    backward = dense_flow(last, first_aligned) * scale
    trust = [
        _trust(forward, backward, first, last, similarity.at(1), grid) * grid.inside(there),
        _trust(backward, forward, last, first, similarity.at(-1), grid) * grid.inside(back),
    ]
    return (forward, backward), trust


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
