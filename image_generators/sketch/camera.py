"""Where the camera stands and what it sees: world to pixels. Draws nothing.

World units are heights of a grown person. X goes right, Y up, Z away from the camera; the ground is Y = 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from image_generator_interface import Framing
from image_generators.sketch.noise import Array
from media.film_format import Size

LENS = 2.0
"""Focal length in frame heights."""
STAGE = 5.4
"""How far away the figures stand when zoom is 1."""
NEAR = 0.35
WALK = 0.28
"""The part of a zoom (as an exponent) that the camera walks: more is more depth, and less for a morph to hold on to."""
TRUCK = 0.55
"""The part of a sideways move that the camera walks; it turns for the rest."""


@dataclass(frozen=True)
class View:
    """A camera. `horizon` is where the horizon lies in a wide shot (0 top, 1 bottom), `eye` its height above ground."""

    width: int
    height: int
    horizon: float
    eye: float
    truck: float = 0.0
    turn: float = 0.0
    tilt: float = 0.0
    dolly: float = 0.0
    optics: float = 1.0

    @cached_property
    def level(self) -> float:
        """The horizon's row in pixels."""
        return self.height * (0.5 + self.optics * (self.horizon - 0.5 - self.tilt))

    def scale(self, z: float | Array) -> float | Array:
        """Pixels per world unit at the depth z."""
        return LENS * self.optics * self.height / np.maximum(np.asarray(z) - self.dolly, NEAR)

    def size(self, z: float) -> float:
        """Pixels per world unit at the depth z, as one number."""
        return float(self.scale(z))

    def x(self, x: float | Array, z: float | Array) -> Array:
        """Column of the world point, in pixels."""
        middle = self.width / 2 - self.turn * self.optics * self.height
        return np.asarray(middle + (np.asarray(x) - self.truck) * self.scale(z))

    def y(self, y: float | Array, z: float | Array) -> Array:
        """Row of the world point, in pixels."""
        return np.asarray(self.level + (self.eye - np.asarray(y)) * self.scale(z))

    def points(self, corners: Array, z: float) -> Array:
        """(N, 2) world X and Y at one depth -> (N, 2) pixels."""
        return np.stack([self.x(corners[:, 0], z), self.y(corners[:, 1], z)], axis=1)

    def project(self, corners: Array) -> Array:
        """(N, 3) world points -> (N, 2) pixels."""
        return np.stack([self.x(corners[:, 0], corners[:, 2]), self.y(corners[:, 1], corners[:, 2])], axis=1)

    def columns(self, z: float) -> Array:
        """World X of every column's centre at the depth z."""
        pixels = np.arange(self.width) + 0.5 - self.width / 2 + self.turn * self.optics * self.height
        return np.asarray(pixels / self.size(z) + self.truck)

    def rise(self, part: float, z: float) -> float:
        """World height that fills `part` of a wide frame's height at the depth z."""
        return part * z / LENS

    def angles(self) -> tuple[Array, Array]:
        """Directions of all pixels, in frame heights of a wide shot: (1, W) to the right and (H, 1) above the horizon."""
        across = (np.arange(self.width, dtype=np.float32) + 0.5 - self.width / 2) / self.height / self.optics + self.turn
        above = (self.level - np.arange(self.height, dtype=np.float32) - 0.5) / self.height / self.optics
        return across[None, :], above[:, None]

    def from_angle(self, across: float, above: float) -> tuple[float, float]:
        """Pixel of a direction as `angles` gives it: for what is endlessly far away."""
        x = self.width / 2 + (across - self.turn) * self.optics * self.height
        return x, self.level - above * self.optics * self.height


def see(size: Size, framing: Framing, horizon: float, eye: float, aim: tuple[float, float, float] | None) -> View:
    """The camera for a framing. It goes closer than the zoom says, because a close shot is about a face.

    In the wider shots feet stay in the frame. `aim` is the point in the world that close shots turn to, or None.
    """
    zoom = max(0.4, min(6.0, framing.zoom))
    zoom = zoom**1.4 if zoom > 1 else zoom
    dolly = STAGE * (1 - zoom**-WALK)
    optics = zoom / (STAGE / (STAGE - dolly))
    aspect = size.width / size.height
    slide = framing.x * aspect
    truck, turn, tilt = TRUCK * slide * STAGE / LENS, (1 - TRUCK) * slide, framing.y
    pull = min(1.0, max(0.0, (zoom - 1.0) / 1.5))
    pull = pull * pull * (3 - 2 * pull)
    if aim is not None and pull > 0:
        reach = LENS / (aim[2] - dolly)
        turn += pull * 0.8 * ((aim[0] - truck) * reach - turn)
        tilt += pull * (horizon - 0.5 + (eye - aim[1]) * reach)
    if aim is not None:
        foot = 0.5 + optics * (horizon - 0.5 - tilt) + eye * LENS * optics / max(NEAR, aim[2] - dolly)
        tilt += max(0.0, foot - 0.965) / optics * min(1.0, max(0.0, (2.1 - zoom) / 0.6))
    return View(size.width, size.height, horizon, eye, truck, turn, tilt, dolly, optics)
