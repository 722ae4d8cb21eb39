"""The frame between two frames, moved along the motion from one to the other. Knows nothing of clips and files."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from media.colour import planes_of
from media.flow import dense_flow

UInt8 = npt.NDArray[np.uint8]
Float = npt.NDArray[np.float32]

_FLOW_WIDTH = 640
_LEAST_CONSISTENT = 0.3
"""Below this part of consistent motion two frames have a cut between them (media.md C: related pairs .14 to 1, mostly over
.5; unrelated ones .01)."""


class Motion(NamedTuple):
    """Flow between two frames both ways, (h, w, 2) in parts of the frame's width and height; `trust` (h, w) is 1 where the
    way there and back ends where it began, 0 where it does not."""

    forth: Float
    back: Float
    trust: Float


class Between:
    """Two neighbouring frames, I420 planes of one shape. The motion is measured once, when it is first needed."""

    def __init__(self, before: UInt8, after: UInt8) -> None:
        self.before, self.after = before, after

    def at(self, part: float) -> UInt8:
        """The frame at `part` (0 to 1) of the way: along the motion where both directions agree on it, else the nearer frame.

        The flows from the frame between to its neighbours are put together from both directions (Jiang et al. 2018,
        Super SloMo, equation 4).
        """
        nearer = self.before if part < 0.5 else self.after
        if self.is_cut:
            return nearer
        forth, back, trust = self.motion
        to_before = -(1 - part) * part * forth + part * part * back
        to_after = (1 - part) * (1 - part) * forth - part * (1 - part) * back
        made = []
        for first, second, near in zip(planes_of(self.before), planes_of(self.after), planes_of(nearer), strict=True):
            sure = np.asarray(cv2.resize(trust, (first.shape[1], first.shape[0])), np.float32)
            moved = _blend(_warp(first, to_before), _warp(second, to_after), np.full_like(sure, 1 - part))
            made.append(_blend(moved, near, sure).reshape(-1))
        return np.concatenate(made).reshape(self.before.shape)

    @property
    def is_cut(self) -> bool:
        """Whether the two frames show different scenes."""
        return float((self.motion.trust > 0.5).mean()) < _LEAST_CONSISTENT

    @cached_property
    def motion(self) -> Motion:
        """Dense inverse search both ways, on luma no wider than 640."""
        before, after = _small(self.before), _small(self.after)
        forth, back = (dense_flow(*pair, preset=cv2.DISOPTICAL_FLOW_PRESET_FAST) for pair in ((before, after), (after, before)))
        height, width = before.shape
        returned = forth + _fetch(back, _grid(width, height) + forth)
        strayed = np.linalg.norm(returned, axis=2) > 1.0 + 0.05 * np.linalg.norm(forth, axis=2)
        trust = cv2.GaussianBlur((~strayed).astype(np.float32), (0, 0), 2)
        parts = np.array([width, height], np.float32)
        return Motion(forth / parts, back / parts, np.asarray(trust, np.float32))


def _small(i420: UInt8) -> UInt8:
    luma = planes_of(i420)[0]
    height, width = luma.shape
    if width <= _FLOW_WIDTH:
        return np.ascontiguousarray(luma)
    small = (_FLOW_WIDTH, round(height * _FLOW_WIDTH / width))
    return np.asarray(cv2.resize(luma, small, interpolation=cv2.INTER_AREA), np.uint8)


def _grid(width: int, height: int) -> Float:
    return np.dstack(np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)))


def _warp(plane: UInt8, flow: Float) -> UInt8:
    """Fetches each pixel from where `flow` (in parts of width and height) says it comes from."""
    height, width = plane.shape
    there = cv2.resize(flow, (width, height)) * np.array([width, height], np.float32) + _grid(width, height)
    return np.asarray(_fetch(plane, np.asarray(there, np.float32)), np.uint8)


def _fetch(source: UInt8 | Float, places: Float) -> Float | UInt8:
    remap: Any = cv2.remap  # its types do not know that the second map may be left out
    fetched: Float | UInt8 = remap(source, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return fetched


def _blend(one: UInt8, other: UInt8, weight: Float) -> UInt8:
    return np.asarray(cv2.blendLinear(one, other, weight, 1 - weight), np.uint8)
