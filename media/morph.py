"""The frames between two frames that show the same thing, along the motion found between them. Finds no motion itself."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from media.flow import Layer, Motion
from media.geometry import Float, Grid, Similarity, UInt8, look_up
from media.warp import Region, Source, Warper

MAP_SIDE = 240
"""Points of a field along the longer side. Measured on five photographed scenes: 160, 240, 320 and 640 are within 0.1 dB."""
MASK_STEP = 2
"""The same of the masks, so that edges are sharp."""
BEYOND = 16
"""How far around a layer is drawn what may belong to it."""
SHORT = 0.3
"""Part of the time that what does not match takes to go over, so that it is not seen twice all along."""
FEATHER = 1 / 80
"""How softly (a Gaussian's deviation, of the longer side) what matches passes into what does not."""


class Morph:
    """Every point of the picture travels at constant speed (in zoom and angle as well) from where it is in the first frame
    to where it is in the last one; the look goes over on the way, and in a short dissolve where nothing matches.

    Layers are drawn from back to front. What is seen of a layer in only one of the frames, because the other shows
    something nearer there, comes from that one; what neither shows is left to the layer in front.
    """

    def __init__(self, first: UInt8, last: UInt8, motion: Motion) -> None:
        self.motion = motion
        self._first, self._last = Source(first), Source(last)
        self._warper = Warper(motion.grid.frame)
        self._early, self._late, self._mixed = (np.empty_like(first) for _ in range(3))
        self._layers = [_LayerInTime(motion, number) for number in range(len(motion.layers))]

    def frame(self, t: float) -> UInt8:
        """The frame at `t` from 0 (exactly the first) to 1 (exactly the last), I420."""
        if t <= 0 or t >= 1:
            return self._first.planes if t <= 0 else self._last.planes
        frame = np.empty_like(self._first.planes)
        back, *nearer = self._layers
        known = self._draw(back, self._warper.whole, t, frame).known
        width, height = self.motion.grid.frame
        backed = np.asarray(cv2.resize(known, (width // MASK_STEP, height // MASK_STEP))) if nearer else known
        for layer in nearer:
            region = layer.region(t)
            if region is not None:
                look = self._draw(layer, region, t, self._mixed)
                under = region.of(backed, MASK_STEP)
                self._warper.blend(frame, self._mixed, np.asarray(1 - (1 - look.cover) * under, np.float32), frame, region)
                np.maximum(under, look.known, out=under)
        return frame

    def _draw(self, layer: _LayerInTime, region: Region, t: float, into: UInt8) -> _Look:
        look = layer.look(region, t)
        # The frame that is seen most decides how sharp the picture is; the kernel of the other cannot be told (0.1 dB).
        self._warper.sample(self._first, look.to_first, self._early, region, fine=t <= 0.5)
        self._warper.sample(self._last, look.to_last, self._late, region, fine=t > 0.5)
        self._warper.blend(self._early, self._late, look.weight, into, region)
        return look


class _Look(NamedTuple):
    """Of a layer over a region: offsets into both frames, and (h, w) 0 to 1 how much of the last frame is seen, how much
    the layer covers of what is behind it, and whether either frame shows it."""

    to_first: Float
    to_last: Float
    weight: Float
    cover: Float
    known: Float


class _LayerInTime:
    """Where one layer is, and what of it is seen, at any time."""

    def __init__(self, motion: Motion, number: int) -> None:
        self._layer: Layer = motion.layers[number]
        self._grid = motion.grid
        self._alone = len(motion.layers) == 1
        self._mask_step = MASK_STEP if number else 2 * MASK_STEP
        self._points: dict[Region, Float] = {}
        self._fields = [motion.grid.scaled_down(field) for field in (self._layer.forward, self._layer.backward)]
        nearer = motion.layers[number + 1 :]
        self._seen = (
            _seen(self._layer.in_first, [layer.in_first for layer in nearer], motion.sure[0]),
            _seen(self._layer.in_last, [layer.in_last for layer in nearer], motion.sure[1]),
        )
        self._matched = [_feathered(sure) for sure in motion.sure]
        self._fall = _fall(motion.grid, self._layer.similarity)
        self._boxes = [_corners(mask, motion.grid) for mask in (self._layer.in_first, self._layer.in_last)]

    def region(self, t: float) -> Region | None:
        """What the layer may cover at `t`; None where that is nothing."""
        moves = [self._layer.similarity.at(power) for power in (t, t - 1)]
        spots = [cv2.transform(box[None], move)[0] for box, move in zip(self._boxes, moves, strict=True) if len(box)]
        if not spots:
            return None
        low, high = np.concatenate(spots).min(axis=0) - BEYOND, np.concatenate(spots).max(axis=0) + BEYOND
        left, top = (int(max(0, value)) // 2 * 2 for value in low)
        right, bottom = (int(min(side, value)) // 2 * 2 for value, side in zip(high, self._grid.frame, strict=True))
        return Region(left, top, right, bottom) if right > left and bottom > top else None

    def look(self, region: Region, t: float) -> _Look:
        points = region.points(max(1, round(max(self._grid.frame) / MAP_SIDE)))
        similarity = self._layer.similarity
        in_first = _look_back(self._grid, points, self._fields[0], t, similarity.at(-t))
        in_last = _look_back(self._grid, points, self._fields[1], 1 - t, similarity.at(1 - t))
        to_first, to_last = in_first - points, in_last - points
        weight = _weight(self._grid, in_first, in_last, t, self._mixed(in_first, in_last, t), self._fall)
        if self._alone:
            return _Look(to_first, to_last, weight, weight, weight)
        shares = [
            np.where(self._grid.inside(at), share, 1e-3 * share).astype(np.float32) + np.float32(1e-6)
            for at, share in ((in_first, 1 - weight), (in_last, weight))
        ]
        return self._owned(to_first, to_last, shares, self._raster_points(region))

    def _mixed(self, in_first: Float, in_last: Float, t: float) -> Float:
        """(h, w) how far the look has gone over: all along where the frames match, around the middle of the time elsewhere.
        Layers have what only one frame shows, which wins by its worth at any time."""
        slowly, shortly = np.float32(_eased(t)), np.float32(_eased((t - 0.5) / SHORT + 0.5))
        if not self._alone:
            return np.full(in_first.shape[:2], slowly)
        matched = [self._grid.sample(one, at) for one, at in zip(self._matched, (in_first, in_last), strict=True)]
        return np.asarray(shortly + (slowly - shortly) * np.minimum(*matched), np.float32)

    def _raster_points(self, region: Region) -> Float:
        """Where the points of the masks over a region are on the grid; of the whole frame, they are asked for each time."""
        if region not in self._points:
            self._points = {region: self._grid.in_raster(region.points(self._mask_step))}
        return self._points[region]

    def _owned(self, to_first: Float, to_last: Float, shares: list[Float], points: Float) -> _Look:
        size = (points.shape[1], points.shape[0])
        ends = []
        for seen, offset, coarse in zip(self._seen, (to_first, to_last), shares, strict=True):
            at = cv2.add(points, cv2.resize(self._grid.scaled_down(offset), size))
            share = np.asarray(cv2.resize(coarse, size), np.float32)
            of_layer, free, worth = cv2.split(look_up(seen, np.asarray(at, np.float32)))
            ends.append((share * of_layer, share * free, share * worth, np.where(share > 2e-3, of_layer, np.float32(0))))
        (first, free_first, worth_first, known_first), (last, free_last, worth_last, known_last) = ends
        cover = np.minimum((first + last) / (free_first + free_last + np.float32(1e-4)), 1)
        known = np.maximum(known_first, known_last)
        weight = np.divide(worth_last, worth_first + worth_last, dtype=np.float32)
        return _Look(to_first, to_last, weight, cover, known)


def _seen(mask: Float, nearer: list[Float], sure: Float) -> Float:
    """(h, w, 3) of one frame: whether it shows the layer, whether it shows nothing nearer, and what it is worth as a
    source: most inside of the layer, little at its edge (half of that is something else), least what surely is nearer."""
    covered = np.minimum(sum(nearer, np.zeros_like(mask)), 1)
    inner = cv2.erode(mask, np.ones((3, 3), np.uint8))
    surely = covered * cv2.dilate(sure, np.ones((5, 5), np.uint8))
    worth = inner + 1e-2 * mask + 1e-3 * (1 - surely) + 1e-5
    return np.ascontiguousarray(np.dstack([mask, 1 - covered, worth]), np.float32)


def _corners(mask: Float, grid: Grid) -> Float:
    """(n, 2) corners of what a mask shows, in frame pixels; none when it shows nothing."""
    rows, columns = np.flatnonzero(mask.max(axis=1) > 0.05), np.flatnonzero(mask.max(axis=0) > 0.05)
    if not len(rows):
        return np.empty((0, 2), np.float32)
    corners = [(x, y) for x in (columns[0], columns[-1]) for y in (rows[0], rows[-1])]
    return grid.in_frame(np.array(corners, np.float32))


def _look_back(grid: Grid, points: Float, way: Float, part: float, matrix: npt.NDArray[np.float64]) -> Float:
    """Where each of the points of the made frame was in the frame that the field starts from, `part` of the way ago.

    A point p has come to S(p + part * way(p)). Undoing S gives u; p = u - part * way(p) is solved by iteration, which
    converges where the field bends less than a fold.
    """
    target = grid.in_raster(np.asarray(cv2.transform(points, matrix), np.float32))
    found = target
    for _ in range(3):
        found = np.asarray(target - part * look_up(way, found), np.float32)
    return grid.in_frame(found)


def _eased(t: float) -> float:
    part = min(max(t, 0.0), 1.0)
    return part * part * (3 - 2 * part)


def _feathered(sure: Float) -> Float:
    """(h, w) 0 to 1 what matches and is not near what does not: around that, plain ground matches a bit of anything."""
    reach = max(1, round(max(sure.shape) * FEATHER))
    inner = cv2.erode(cv2.medianBlur(sure, 5), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    return np.asarray(cv2.GaussianBlur(inner, (0, 0), reach), np.float32)


def _fall(grid: Grid, move: Similarity) -> float:
    """Over how many pixels from its edge a frame gives way to the other. Wide, because pictures are darker towards their
    edges and a narrow fall shows as a picture in the picture; yet no wider than the move makes the edges wander."""
    corners = np.array([[(x, y) for x in (0, grid.frame.width - 1) for y in (0, grid.frame.height - 1)]], np.float64)
    strays = max(float(np.abs(cv2.transform(corners, move.at(way)) - corners).max()) for way in (1, -1))
    return min(0.3 * min(grid.frame), 4 * strays)


def _weight(grid: Grid, in_first: Float, in_last: Float, t: float, mixed: Float, fall: float) -> Float:
    """(h, w) how much of the last frame is seen: as far as the look has gone over; more where the first frame is nearer to
    its edge than the last one to its own, all of it where the first has nothing to show, and the other way round."""
    depth_first, depth_last = _depth(grid, in_first), _depth(grid, in_last)
    far_first, far_last = _far_from_edge(depth_first, fall, t), _far_from_edge(depth_last, fall, 1 - t)
    nearer = far_last - far_first
    shown_first, shown_last = (np.clip(1 + depth / 2, 1e-3, 1) for depth in (depth_first, depth_last))
    last = (mixed * (far_last + 1e-3) + (1 - mixed) * np.maximum(0, nearer)) * shown_last
    first = ((1 - mixed) * (far_first + 1e-3) + mixed * np.maximum(0, -nearer)) * shown_first
    return np.asarray(last / (last + first + 1e-9), np.float32)


def _depth(grid: Grid, at: Float) -> Float:
    """(h, w) how far inside the frame each position is, in pixels; negative outside."""
    sides = [np.minimum(at[..., axis], np.float32(grid.frame[axis] - 1) - at[..., axis]) for axis in (0, 1)]
    return np.asarray(np.minimum(sides[0], sides[1]), np.float32)


def _far_from_edge(depth: Float, fall: float, part: float) -> Float:
    """(h, w) 1 well inside the frame, falling to 0 at its edge; 1 all over when the frame is itself again (part 0)."""
    wide = np.float32(max(1.0, fall * min(1.0, 4 * part)))
    inside = np.clip(depth / wide + 1 / wide, 0, 1)
    return np.asarray(inside * inside * (3 - 2 * inside), np.float32)
