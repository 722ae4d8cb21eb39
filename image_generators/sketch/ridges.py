"""Layers of land and wood against the sky: ridges, dunes, cliffs, tree lines. Nothing with details of its own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from image_generators.sketch.canvas import smooth
from image_generators.sketch.noise import Array, crags, hills, sample
from image_generators.sketch.painting import Painting
from image_generators.sketch.palette import RGB, array, mix

Profile = Callable[[Array, int], Array]


def paint_ridge(
    painting: Painting, z: float, height: float, albedo: RGB, *, what: str, profile: str = "hills", width: float = 0.5,
    base: float = 0.0, snow: float = 0.0, relief: float = 1.0, edge: Profile | None = None,
) -> None:
    """A range at the depth z that fills up to `height` of a wide frame; `width`: size of its shapes in frame heights.

    base: what stands even at its lowest, in frame heights. snow: from which part of the height up it is white (0: none).
    edge: adds to the line, in frame heights (tree tops).
    """
    view, light, canvas = painting.view, painting.light, painting.canvas
    seed, unit = painting.seed(what), view.rise(1.0, z)
    x = view.columns(z) / unit
    line = _line(x, seed, profile, width) / _line(np.linspace(-0.8, 0.8, 192), seed, profile, width).max()
    tall = base + (height - base) * np.clip(line, 0, 1.2)
    if edge is not None:
        tall = tall + edge(x, seed)
    crest = np.asarray(view.y(tall * unit, z))
    top = int(np.clip(np.floor(crest.min()) - 1, 0, canvas.height))
    bottom = int(np.clip(np.ceil(float(view.y(0.0, z)) + 2), 0, canvas.height))
    if bottom <= top:
        return
    rows = np.arange(top, bottom, dtype=np.float32)[:, None] + 0.5
    mask = np.clip(rows - crest[None, :] + 0.5, 0, 1).astype(np.float32)
    paint = _relief(painting, x, (view.level - rows) / view.size(z) / unit + view.eye / unit, tall, albedo, seed, relief, snow)
    near = light.far((0.0, 0.0, 0.0), z)
    lost = near[0] / max(light.air[0], 1e-3)
    low = np.clip((rows - crest[None, :]) / max(8.0, bottom - top), 0, 1) * min(0.5, 0.12 + light.haze * 10)
    veil = (lost + (1 - lost) * low).astype(np.float32)[..., None]
    canvas.lay(mask, paint + (array(light.air) - paint) * veil, top)


def _line(x: Array, seed: int, profile: str, width: float) -> Array:
    if profile != "crags":
        return hills(x / width, seed)
    return np.asarray(crags(x / width, seed) ** 1.3 * (0.35 + 0.65 * hills(x / (width * 1.4), seed + 5, 2)))


def _relief(painting: Painting, x: Array, up: Array, tall: Array, albedo: RGB, seed: int, relief: float, snow: float) -> Array:
    """Faces of the slope: warped noise, lit from the lamp's side; snow lies on what faces up."""
    light = painting.light
    offset = seed % 211 / 211
    u, v = (x[None, :] * 0.55 + offset).astype(np.float32), (up * 0.55).astype(np.float32)
    skew = u + v * 0.55
    face = sample(skew, v * 0.7 - u * 0.35, 1, 1.8)
    side = np.float32(0.006 if light.sun[0] > 0 else -0.006)
    slope = (sample(skew + side, v * 0.7 - u * 0.35, 1, 1.8) - face) * 6 + (sample(skew + side * 4, v * 0.7 - u * 0.35, 1,
        1.8) - face) * 3
    lit = np.clip(0.42 + slope * relief + (face - 0.5) * 0.35 * relief, 0, 1)
    dark, bright = array(light.on(albedo, 0.05)), array(light.on(albedo, 1.0))
    paint = dark + (bright - dark) * lit[..., None]
    if snow > 0:
        line = snow + 0.22 * (face - 0.5) + 0.1 * (sample(u * 3, v * 3, 0) - 0.5)
        cover = smooth(up / np.maximum(tall.max(), 1e-3) - line, -0.05, 0.09) * smooth(lit, 0.12, 0.4)
        white = array(light.on((0.8, 0.84, 0.92), 0.15)) + (array(light.on((1.0, 0.99, 0.97), 1.0)) - array(light.on((0.8,
            0.84, 0.92), 0.15))) * lit[..., None]
        paint = paint + (white - paint) * (cover * 0.94)[..., None]
    return np.asarray(paint, dtype=np.float32)


def conifers(density: float = 26.0, tall: float = 0.05) -> Profile:
    """Tops of firs along a ridge."""
    def tops(x: Array, seed: int) -> Array:
        best = np.zeros_like(x)
        for row in range(2):
            at = x * density * (1 + 0.37 * row) + row * 0.5
            cell = np.floor(at)
            chance = np.abs(np.sin(cell * 127.1 + seed + row * 31)) % 1
            part = np.abs(at - cell - 0.5) * 2
            best = np.maximum(best, np.clip(1 - part * 1.25, 0, 1) * (0.45 + 0.55 * chance) * tall)
        return best
    return tops


def leafage(density: float = 14.0, tall: float = 0.04) -> Profile:
    """Round crowns along a ridge."""
    def tops(x: Array, seed: int) -> Array:
        at = x * density
        cell = np.floor(at)
        chance = np.abs(np.sin(cell * 91.7 + seed)) % 1
        dome = np.sqrt(np.clip(1 - ((at - cell - 0.5) * 1.9) ** 2, 0, 1)) * (0.4 + 0.6 * chance)
        return np.asarray(tall * (0.7 * dome + 0.5 * hills(x * density * 2.2, seed + 3, 3)))
    return tops


def mist(painting: Painting, z: float, strength: float, reach: float = 0.1) -> None:
    """A band of bright air at the foot of what stands at the depth z."""
    across, above = painting.view.angles()
    drift = 0.55 + 0.45 * sample(across * 0.35 + painting.view.truck * 0.02, above * 1.2 + z * 0.01, 2, 2.0)
    foot = painting.view.eye / painting.view.rise(1.0, z)
    band = np.exp(-(((above + foot - reach * 0.2) / reach) ** 2)) * drift
    colour = mix(painting.light.air, painting.light.low, 0.4)
    painting.canvas.lay((band * strength).astype(np.float32), colour)
