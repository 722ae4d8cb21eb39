"""What a place is painted with: canvas, camera, light and seeds in one hand. Holds no recipe of a place."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from image_generators.sketch.camera import View
from image_generators.sketch.canvas import Canvas
from image_generators.sketch.noise import Array
from image_generators.sketch.palette import RGB, Light
from image_generators.sketch.scene_words import Scene, number


@dataclass
class Painting:
    """One frame in the making."""

    canvas: Canvas
    view: View
    light: Light
    scene: Scene
    beat: int = 0
    glows: list[tuple[float, float, float, RGB, float]] = field(default_factory=list)

    def random(self, *what: object) -> np.random.Generator:
        """The same numbers for the same thing at the same place, in every frame of the film."""
        return np.random.default_rng(number(self.scene.seed, *what))

    def seed(self, *what: object) -> int:
        """A seed for noise; as `random`."""
        return number(self.scene.seed, *what) % 100003

    def behind(self, z: float) -> bool:
        """Whether the depth z lies in view, not behind or right at the lens."""
        return z - self.view.dolly > 0.9

    def colour(self, albedo: RGB, z: float, facing: float = 0.5) -> RGB:
        """A lit surface seen through the air between."""
        return self.light.far(self.light.on(albedo, facing), z - self.view.dolly)

    def quad(self, corners: list[tuple[float, float, float]], albedo: RGB, facing: float = 0.5, opacity: float = 1.0) -> None:
        """A flat face in the world, lit and hazed as at its middle."""
        points = np.array(corners, dtype=np.float64)
        points[:, 2] = np.maximum(points[:, 2], self.view.dolly + 0.4)
        self.canvas.shape(self.view.project(points), self.colour(albedo, float(points[:, 2].mean()), facing), opacity)

    def lamp(self, x: float, y: float, z: float, radius: float, colour: RGB = (1.0, 0.78, 0.42), strength: float = 1.0) -> None:
        """A light in the world; it is laid over everything when the frame is finished."""
        if self.behind(z):
            at = self.view.project(np.array([[x, y, z]]))[0]
            self.glows.append((float(at[0]), float(at[1]), radius * self.view.size(z), colour, strength))


def rows_below(painting: Painting, row: float) -> int:
    """The first canvas row below a height in pixels, inside the canvas."""
    return int(np.clip(np.ceil(row), 0, painting.canvas.height))


def depth_of_rows(view: View, top: int) -> Array:
    """World depth of the ground at every row from `top` down, (h, 1) float32."""
    rows = np.arange(top, view.height, dtype=np.float32) + 0.5
    below = np.maximum(rows - np.float32(view.level), 0.25)
    return np.asarray(2.0 * view.optics * view.height * view.eye / below + view.dolly, dtype=np.float32)[:, None]
