"""Pictures with a figure whose shape is known: drawn ones, and photographs laid over photographs. Measures nothing.

Drawn: five shapes before sky, ground and a dozen things. Laid: what is cut out of one photograph along a known line, before
another one; both come with scikit-image. A picture before shows the figure elsewhere, or not at all, in another light.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from skimage import data

UInt8 = npt.NDArray[np.uint8]
Bool = npt.NDArray[np.bool_]
HEIGHT, WIDTH = 270, 480
WAYS = {"near": (0.12, 0.0), "little": (0.05, 0.01), "far": (0.3, 0.02), "in": None, "alone": None}
"""How far the figure was from where it is, in widths and heights of the frame; it was not there, or nothing was before."""
SHAPES = ("person", "dog", "box", "star", "two")
CUT = {
    "astronaut": [(150, 20), (290, 20), (305, 120), (270, 180), (345, 235), (385, 511), (30, 511), (60, 290), (170, 215)],
    "coffee": [(70, 180), (120, 45), (270, 10), (380, 60), (480, 180), (460, 320), (300, 390), (130, 340)],
    "rocket": [(255, 130), (275, 105), (290, 130), (290, 380), (255, 380)],
    "chelsea": [(150, 30), (260, 60), (330, 10), (380, 110), (360, 230), (250, 290), (150, 230), (120, 120)],
}
"""Corners (x, y) of parts of photographs, cut out as they are: where they end is known because it is where they were cut."""
BEHIND = {"astronaut": "coffee", "coffee": "rocket", "rocket": "chelsea", "chelsea": "motorcycle"}


class Scene(NamedTuple):
    """now, before: (H, W, 3). figure: (H, W) where it is now."""

    name: str
    now: UInt8
    before: UInt8 | None
    figure: Bool


def drawn(seeds: range) -> Iterator[Scene]:
    """Every shape, of every seed, in every way."""
    for shape in SHAPES:
        for seed in seeds:
            draw = np.random.default_rng(1000 + seed)
            x, y = 0.3 + 0.4 * draw.random(), 0.42 + 0.2 * draw.random()
            now, figure = picture(shape, seed, x, y)
            for way, step in WAYS.items():
                before = None
                if way == "in":
                    before = picture(shape, seed, x, y, light=0.95, empty=True)[0]
                elif step:
                    before = picture(shape, seed, x + (step[0] if x < 0.5 else -step[0]), y + step[1], light=0.95)[0]
                yield Scene(f"{shape} {seed} {way}", now, before, figure)


def laid() -> Iterator[Scene]:
    """Every cut out photograph before another one, in every way but alone: the one behind has a figure of its own."""
    for name, behind in BEHIND.items():
        for way, step in WAYS.items():
            if way == "alone":
                continue
            now, figure = _laid(name, behind, 0.5, 1.0)
            x = 0.5 - (step[0] if step else 0)
            before, _ = _laid(name, behind, x, 0.96, empty=step is None)
            yield Scene(f"{name} before {behind} {way}", now, before, figure)


def picture(shape: str, seed: int, x: float, y: float, *, light: float = 1.0, empty: bool = False) -> tuple[UInt8, Bool]:
    """(H, W, 3) a figure before sky, ground and a dozen things of every colour, with grain; and (H, W) where it is."""
    draw = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    behind = np.where((rows > HEIGHT * 0.6)[..., None], draw.integers(40, 140, 3), draw.integers(90, 200, 3)).astype(np.float32)
    behind += (columns / WIDTH * 25)[..., None]
    for _ in range(9):
        colour, at_x, at_y, radius = draw.integers(60, 180, 3), *(draw.random(2) * (WIDTH, HEIGHT)), draw.random() * 30 + 8
        behind[np.hypot(rows - at_y, columns - at_x) < radius] = colour
    behind += cv2.GaussianBlur(draw.normal(0, 25, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 3)[..., None]
    where = outline(shape, x, y)
    figure = np.array([215, 60, 40] if seed % 2 else [30, 40, 90]) + ((rows - y * HEIGHT) * 0.15)[..., None]
    rgb = (behind if empty else np.where(where[..., None], figure, behind)) * light
    return np.clip(rgb + np.random.default_rng(seed + 99).normal(0, 3, rgb.shape), 0, 255).astype(np.uint8), where


def outline(shape: str, x: float, y: float) -> Bool:
    """(H, W) a shape about x, y of the frame."""
    drawn, at_x, at_y = np.zeros((HEIGHT, WIDTH), np.uint8), int(x * WIDTH), int(y * HEIGHT)
    if shape == "person":
        cv2.circle(drawn, (at_x, at_y - 62), 18, 1, -1)
        cv2.ellipse(drawn, (at_x, at_y), (26, 48), 0, 0, 360, 1, -1)
        for left in (-18, 6):
            cv2.rectangle(drawn, (at_x + left, at_y + 40), (at_x + left + 12, at_y + 85), 1, -1)
    elif shape == "dog":
        cv2.ellipse(drawn, (at_x, at_y), (50, 24), 0, 0, 360, 1, -1)
        cv2.circle(drawn, (at_x + 52, at_y - 22), 17, 1, -1)
        for left in (-38, -22, 22, 38):
            cv2.rectangle(drawn, (at_x + left - 5, at_y + 10), (at_x + left + 5, at_y + 50), 1, -1)
    elif shape == "box":
        cv2.rectangle(drawn, (at_x - 40, at_y - 50), (at_x + 40, at_y + 60), 1, -1)
    elif shape == "star":
        corners = [(at_x + int(far * np.sin(n * np.pi / 5)), at_y - int(far * np.cos(n * np.pi / 5)))
                   for n, far in enumerate([28, 60] * 5)]
        cv2.fillPoly(drawn, [np.array(corners)], 1)
    else:
        cv2.ellipse(drawn, (at_x - 45, at_y), (26, 60), 0, 0, 360, 1, -1)
        cv2.ellipse(drawn, (at_x + 45, at_y + 5), (24, 52), 0, 0, 360, 1, -1)
    return drawn > 0


def _laid(name: str, behind: str, x: float, light: float, *, empty: bool = False) -> tuple[UInt8, Bool]:
    height, width = 360, 640
    photo, back = photograph(name), photograph(behind)
    scale = max(width / back.shape[1], height / back.shape[0])
    rgb = cv2.resize(back, None, fx=scale + 0.001, fy=scale + 0.001, interpolation=cv2.INTER_AREA)[:height, :width]
    mask = np.zeros(photo.shape[:2], np.uint8)
    corners = np.array(CUT[name])
    cv2.fillPoly(mask, [corners], 255)
    smaller = 0.6 * height / float(np.ptp(corners[:, 1]))
    middle, low = corners.mean(axis=0)[0], corners[:, 1].max()
    way = np.array([[smaller, 0, x * width - smaller * middle], [0, smaller, 0.95 * height - smaller * low]], np.float64)
    share = cv2.warpAffine(mask, way, (width, height)).astype(np.float32)[..., None] / 255
    figure = cv2.warpAffine(photo, way, (width, height))
    mixed = (rgb if empty else rgb * (1 - share) + figure * share) * light
    grain = np.random.default_rng(int(1000 * x)).normal(0, 2.5, mixed.shape)
    return np.clip(mixed + grain, 0, 255).astype(np.uint8), share[..., 0] > 0.5


def photograph(name: str) -> UInt8:
    """(H, W, 3) one that comes with scikit-image."""
    given = getattr(data, "stereo_motorcycle" if name == "motorcycle" else name)()
    picture = np.asarray(given[0] if name == "motorcycle" else given, np.uint8)
    return np.ascontiguousarray(np.stack([picture] * 3, axis=-1) if picture.ndim == 2 else picture[..., :3])
