"""Which parts of two pictures move together, and who is in front of whom. Moves nothing itself."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from media.geometry import Float, Grid, Similarity, UInt8, look_up
from media.motions import BLOCK, Pair, add_new, candidates, shifts_of_blocks

Labels = npt.NDArray[np.uint8]
Both = tuple[Float, Float]

LAYERS = 4
SLACK = 5.0
"""A difference (Y, U and V added up) that is none: shading, grain and codecs make as much."""
TRUNCATED = 40.0
"""Differences above this say no more than: this is not the same thing."""
KNOWN = 18.0
"""The same once the motions are known: what nothing explains follows its surroundings."""
HIDDEN = 8.0
"""What it costs to be hidden behind something nearer: a little, or everything would hide."""
UNSEEN = 3.0
"""What it costs to have left the picture."""
MARGIN = 6.0
"""By how much a new motion has to explain a point better before that counts."""
LEAST = 0.08
"""Mean gain over both pictures for which a motion is a layer: a figure of 1 in 300 points."""
REST = 1.3
"""Rest is likelier than motion."""
CHANGE, EDGE, CHANGE_AT_EDGE = 40.0, 12.0, 6.0
"""What a border between layers costs on a plain and on an edge, and how high an edge is."""
CLEARLY = 3.0
SEEN_AGAIN = 0.6
"""Part of a layer that is found again in the other picture, at least. Measured: .76 to 1; .23 to .53 where there was none."""
RAGGED = 14.0
"""Length of a layer's border in roots of its area, at most: a square has 4, a skyline 12, chance 16 to 66."""
ROUNDS = 2


@dataclass(frozen=True)
class Split:
    """Motions from back to front; for the first and the last picture, which of them each point follows (h, w), and
    whether (0 or 1) that is sure."""

    motions: list[Similarity]
    labels: tuple[Labels, Labels]
    sure: Both

    @property
    def credible(self) -> bool:
        """Whether there are layers, and all but the largest are compact and found again. Others are chance: something has
        changed that did not move, and pieces of it happen to look like something else."""
        largest = np.bincount(np.concatenate([labels.ravel() for labels in self.labels])).argmax()
        return len(self.motions) > 1 and all(self._stands_alone(k) for k in range(len(self.motions)) if k != largest)

    def _stands_alone(self, layer: int) -> bool:
        masks = [labels == layer for labels in self.labels]
        again = [float(sure[mask].mean()) if mask.any() else 0.0 for mask, sure in zip(masks, self.sure, strict=True)]
        return max(again) >= SEEN_AGAIN and max(_raggedness(mask) for mask in masks) <= RAGGED


def _raggedness(mask: npt.NDArray[np.bool_]) -> float:
    border = int(np.count_nonzero(np.diff(mask, axis=0))) + int(np.count_nonzero(np.diff(mask, axis=1)))
    return border / math.sqrt(max(1, int(np.count_nonzero(mask))))


@dataclass(frozen=True)
class _Evidence:
    """For the first and the last picture: (k, h, w) how badly each motion explains each point, and where it takes it."""

    cost: Both
    there: tuple[list[Float], list[Float]]

    def of(self, kept: list[int]) -> _Evidence:
        first, last = self.there
        return _Evidence((self.cost[0][kept], self.cost[1][kept]), ([first[k] for k in kept], [last[k] for k in kept]))

    def and_of(self, more: _Evidence) -> _Evidence:
        cost = (np.concatenate([self.cost[0], more.cost[0]]), np.concatenate([self.cost[1], more.cost[1]]))
        return _Evidence(cost, (self.there[0] + more.there[0], self.there[1] + more.there[1]))


def split(pair: Pair, known: list[Similarity]) -> Split:
    """Finds the motions (`known` among the candidates), gives each point of both pictures one, and orders them.

    The labels come from scanline optimisation (Hirschmueller 2008), first on likeness alone, then knowing who hides whom.
    """
    motions = candidates(pair, known)
    clean = (_clean(pair.first), _clean(pair.last))
    vivid = _vivid(clean)
    evidence = _weigh(vivid, motions, pair.grid)
    kept = _chosen(motions, evidence)
    unexplained = np.asarray(cv2.blur(evidence.cost[0][kept].min(axis=0), (BLOCK, BLOCK)) > 0.35 * TRUNCATED)
    more: list[Similarity] = []
    for motion in shifts_of_blocks(Pair(*vivid, pair.grid, pair.at, pair.to), unexplained):
        if add_new(motions, motion, pair.grid):
            more.append(motion)
    if more:
        evidence = evidence.and_of(_weigh(vivid, more, pair.grid))
        kept = _chosen(motions, evidence)
    return _assign([motions[k] for k in kept], evidence.of(kept), clean)


def _clean(picture: UInt8) -> UInt8:
    """Without rain and grain."""
    return np.asarray(cv2.medianBlur(picture, 5), np.uint8)


def _vivid(pictures: tuple[UInt8, UInt8]) -> tuple[UInt8, UInt8]:
    """With as much contrast as the differences need: a night is matched like a day."""
    spread = float(np.percentile(cv2.absdiff(*pictures).sum(axis=2), 90))
    gain = min(3.0, max(1.0, 2 * TRUNCATED / max(spread, 1.0)))
    table = np.clip((np.arange(256) - 128) * gain + 128, 0, 255).astype(np.uint8)
    first, last = (np.asarray(cv2.LUT(one, table), np.uint8) for one in pictures)
    return first, last


def _weigh(pictures: tuple[UInt8, UInt8], motions: list[Similarity], grid: Grid) -> _Evidence:
    first, last = pictures
    there, back = _costs(first, last, motions, 1, grid), _costs(last, first, motions, -1, grid)
    return _Evidence((there[0], back[0]), (there[1], back[1]))


def _costs(one: UInt8, other: UInt8, motions: list[Similarity], power: int, grid: Grid) -> tuple[Float, list[Float]]:
    """Differences count from the range of values around a point (Birchfield & Tomasi 1998): half a pixel is none."""
    low, high = (np.asarray(work(other, np.ones((3, 3), np.uint8)), np.uint8) for work in (cv2.erode, cv2.dilate))
    every, there = np.empty((len(motions), *one.shape[:2]), np.float32), []
    for index, motion in enumerate(motions):
        at = np.asarray(cv2.transform(grid.points, motion.at(power)), np.float32)
        spots = grid.in_raster(at)
        above, below = cv2.subtract(one, look_up(high, spots)), cv2.subtract(look_up(low, spots), one)
        differs = cv2.transform(cv2.add(above, below), np.ones((1, 3), np.float32)).astype(np.float32)
        cost = np.asarray(cv2.blur(np.minimum(differs, TRUNCATED), (3, 3)))
        every[index] = np.where(grid.inside(at), np.maximum(0, cost - SLACK), np.float32(UNSEEN))
        there.append(spots)
    return every, there


def _chosen(motions: list[Similarity], evidence: _Evidence) -> list[int]:
    """The few motions that explain both pictures: the best, then, one by one, what explains most of the rest.

    A motion gains only where neither end is explained yet: what is hidden in the other picture finds likenesses there
    under some motion, but these belong to something else.
    """
    soft = [np.stack([cv2.blur(one, (9, 9)) for one in cost])[:, 2::4, 2::4] for cost in evidence.cost]
    there = [[np.ascontiguousarray((at[2::4, 2::4] - 2) / 4, np.float32) for at in ways] for ways in evidence.there]
    prior = np.array([REST if motion == Similarity() else 1.0 for motion in motions])
    picked = [int(np.argmin([soft[0][k].mean() + soft[1][k].mean() for k in range(len(motions))]))]
    while len(picked) < LAYERS:
        now = [cost[picked].min(axis=0) for cost in soft]
        gain = np.zeros(len(motions))
        for k in set(range(len(motions))) - set(picked):
            for side in (0, 1):
                unmet = np.minimum(now[side], look_up(now[1 - side], there[side][k]))
                gain[k] += prior[k] * np.maximum(0, unmet - soft[side][k] - MARGIN).mean()
        best = int(gain.argmax())
        if gain[best] < LEAST:
            break
        picked.append(best)
    return picked


def _assign(motions: list[Similarity], evidence: _Evidence, pictures: tuple[UInt8, UInt8]) -> Split:
    """The labels by likeness, then again knowing who hides whom, and the motions from back to front."""
    borders = _borders(pictures)
    labels = _smoothed((_owned(evidence, 0), _owned(evidence, 1)), borders)
    for _ in range(ROUNDS):
        sure = (_sure(evidence, labels, 0), _sure(evidence, labels, 1))
        rank = _ranks(evidence, labels, sure)
        hiding = [_hiding(evidence, side, labels[1 - side], sure[1 - side], rank) for side in (0, 1)]
        labels = _smoothed((hiding[0], hiding[1]), borders)
    sure = (_sure(evidence, labels, 0), _sure(evidence, labels, 1))
    order = np.argsort(_ranks(evidence, labels, sure))
    place = np.argsort(order).astype(np.uint8)
    return Split([motions[k] for k in order], (place[labels[0]], place[labels[1]]), sure)


def _owned(evidence: _Evidence, side: int) -> Float:
    """The costs, higher where the other end is explained better by another motion: it belongs to something else."""
    best = evidence.cost[1 - side].min(axis=0)
    pairs = zip(evidence.cost[side], evidence.there[side], strict=True)
    return np.stack([np.where(one - look_up(best, at) > 5, np.float32(KNOWN), np.minimum(one, KNOWN)) for one, at in pairs])


def _borders(pictures: tuple[UInt8, UInt8]) -> list[Float]:
    """What a change of label costs between neighbours; for the rows, then for the columns, (lines, ways, 2, others, 1)."""
    light = np.stack([cv2.GaussianBlur(picture, (0, 0), 0.8) for picture in pictures]).astype(np.float32)
    borders = []
    for axis in (1, 2):
        edges = np.abs(np.diff(light, axis=axis)).sum(axis=3)
        change = np.moveaxis(CHANGE * np.exp(-edges / EDGE) + CHANGE_AT_EDGE, axis, 0)
        borders.append(np.ascontiguousarray(np.stack([change, change[::-1]], axis=1)[:, :, :, None]))
    return borders


def _smoothed(cost: Both, borders: list[Float]) -> tuple[Labels, Labels]:
    """(h, w) the best motion of each point of both pictures, so that neighbours differ only where there is an edge: passes
    from four sides, both pictures and both ways of a pass at once."""
    every = np.stack(cost)
    total = np.zeros_like(every)
    for axis, change in zip((2, 3), borders, strict=True):
        lines = np.moveaxis(every, axis, 0)
        both = np.ascontiguousarray(np.stack([lines, lines[::-1]], axis=1))
        for index in range(1, len(both)):
            before = both[index - 1]
            both[index] += np.minimum(before - before.min(axis=2, keepdims=True), change[index - 1])
        np.moveaxis(total, axis, 0)[:] += both[:, 0] + both[::-1, 1] - lines
    return np.asarray(total[0].argmin(axis=0), np.uint8), np.asarray(total[1].argmin(axis=0), np.uint8)


def _met(theirs: Labels, at: Float) -> Labels:
    """What the other end is, 255 outside."""
    return np.asarray(cv2.remap(theirs, at[..., 0], at[..., 1], cv2.INTER_NEAREST, borderValue=255), np.uint8)


def _sure(evidence: _Evidence, labels: tuple[Labels, Labels], side: int) -> Float:
    """(h, w) 0 or 1: what follows its motion in both pictures and looks alike in both."""
    sure = np.zeros(labels[side].shape, np.float32)
    for k, at in enumerate(evidence.there[side]):
        same = (labels[side] == k) & (_met(labels[1 - side], at) == k)
        sure[same & (evidence.cost[side][k] < KNOWN / 2)] = 1
    return np.asarray(cv2.medianBlur(sure, 5), np.float32)


def _ranks(evidence: _Evidence, labels: tuple[Labels, Labels], sure: Both) -> npt.NDArray[np.int64]:
    """(k,) 0 for what is farthest. Whoever clearly hides more than it is hidden by is nearer; else the smaller."""
    count = len(evidence.cost[0])
    votes = sum((_votes(evidence, side, labels, sure[1 - side]) for side in (0, 1)), np.zeros((count, count)))
    area = np.array([sum(np.count_nonzero(mine == k) for mine in labels) for k in range(count)], np.float64)
    clear = np.maximum(votes, votes.T) > CLEARLY * np.minimum(votes, votes.T) + 50
    wins = np.where(clear, np.sign(votes - votes.T), np.sign(area[None] - area[:, None]))
    return np.argsort(np.argsort(wins.sum(axis=1) - 1e-9 * area, kind="stable"), kind="stable")


def _votes(evidence: _Evidence, side: int, labels: tuple[Labels, Labels], sure: Float) -> npt.NDArray[np.float64]:
    """(k, k) at [a, b]: how many points say that motion a is nearer than b, because b vanishes behind a. Only points
    count that nothing explains and no motion takes out of the picture."""
    count = len(evidence.cost[0])
    votes = np.zeros((count, count))
    met = [_met(labels[1 - side], at) for at in evidence.there[side]]
    lost = (_owned(evidence, side).min(axis=0) > 0.8 * KNOWN) & np.all(np.stack(met) != 255, axis=0)
    for k, (at, found) in enumerate(zip(evidence.there[side], met, strict=True)):
        hidden = lost & (labels[side] == k) & (found != k) & (look_up(sure, at) > 0.5)
        votes[:, k] += np.bincount(found[hidden], minlength=count)[:count]
    return votes


def _hiding(evidence: _Evidence, side: int, theirs: Labels, sure: Float, rank: npt.NDArray[np.int64]) -> Float:
    """The costs when it is known who hides whom: what comes to lie behind something nearer is excused, what should cover
    something farther but does not is not there. Only what is surely seen hides."""
    better = np.minimum(evidence.cost[side], np.float32(KNOWN))
    for k, at in enumerate(evidence.there[side]):
        found = _met(theirs, at)
        known = (found != 255) & (look_up(sure, at) > 0.5)
        other = rank[np.where(known, found, k)]
        better[k] = np.where(other > rank[k], np.minimum(better[k], np.float32(HIDDEN)), better[k])
        better[k][other < rank[k]] = KNOWN
    return better
