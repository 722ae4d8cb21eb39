"""Ground in perspective: meadow, sand, snow, paving, and water that mirrors what is above it. No things on it."""

from __future__ import annotations

import cv2
import numpy as np

from image_generators.sketch.canvas import smooth
from image_generators.sketch.noise import Array, sample
from image_generators.sketch.painting import Painting, depth_of_rows, rows_below
from image_generators.sketch.palette import RGB, array, mix


def plane(painting: Painting) -> tuple[int, Array, Array] | None:
    """First row, world X (h, W) and Z (h, 1) of the ground in view, or None when no ground is in view."""
    view = painting.view
    top = rows_below(painting, view.level)
    if top >= view.height:
        return None
    z = depth_of_rows(view, top)
    pixels = np.arange(view.width, dtype=np.float32) + 0.5 - view.width / 2 + view.turn * view.optics * view.height
    x = pixels[None, :] / view.scale(z) + view.truck
    return top, x.astype(np.float32), z


def fine(z: Array, size: float) -> Array:
    """How much of a texture with features of `size` world units is still resolved at the depth z."""
    return np.asarray(np.clip(size * 26 / np.maximum(z, 0.5), 0, 1), dtype=np.float32)


def paint_ground(painting: Painting, near: RGB, far: RGB, accent: RGB, grain: float = 1.0) -> None:
    """A plane of one stuff: `near` and `far` albedo, `accent` in patches, `grain` how rough it looks."""
    found = plane(painting)
    if found is None:
        return
    top, x, z = found
    light = painting.light
    offset = painting.seed("ground") % 997 / 997
    if painting.scene.snowed:
        near, far, accent = (mix(tone, (0.9, 0.93, 0.98), 0.86) for tone in (near, far, accent))
    wide = sample(x * 0.016 + offset, z * 0.04, 0, 1.9)
    patch = smooth(sample(x * 0.06 + offset, z * 0.13, 1), 0.35, 0.75) * (0.25 + 0.75 * fine(z, 3.0))
    small = (sample(x * 0.42, z * 0.8 + offset, 3, 1.2) - 0.5) * fine(z, 0.35) * grain
    away = smooth(z, 5.0, 60.0)[..., None]
    base = array(near) + (array(far) - array(near)) * away
    paint = base + (array(accent) - base) * (patch * 0.75)[..., None]
    shade = 0.36 + 0.5 * wide + small * 0.7
    shade *= 0.72 + 0.28 * smooth(z, 1.5, 7.0)
    lit = paint * (0.92 * array(light.ambient) + 0.72 * array(light.key) * shade[..., None])
    fade = (1 - np.exp(-(z - painting.view.dolly) * light.haze))[..., None]
    lit = lit + (array(light.air) - lit) * fade
    painting.canvas.lay(np.ones(lit.shape[:2], np.float32), np.clip(lit, 0, 1).astype(np.float32), top)


def paint_water(painting: Painting, deep: RGB, waves: float = 1.0, shore: float = 1e9) -> None:
    """Water from the horizon to the depth `shore` nearest the camera: mirrors the canvas above it in its ripples."""
    found = plane(painting)
    if found is None:
        return
    top, x, z = found
    view, light, canvas = painting.view, painting.light, painting.canvas
    swell = sample(x * 0.05 + 0.3, z * 0.11, 2, 2.0) - 0.5
    ripple = sample(x * 0.2, z * 0.75, 1, 1.5) - 0.5
    small = sample(x * 0.7, z * 2.4, 3, 1.3) - 0.5
    slope = swell * 0.5 * waves + ripple * (0.25 + 0.75 * fine(z, 1.2)) + small * 0.8 * fine(z, 0.3)
    rows = np.arange(top, view.height, dtype=np.float32)[:, None] + 0.5
    below = rows - np.float32(view.level)
    source = view.level - below * 0.9 - np.abs(slope) * waves * below * 0.75 - 2
    columns = np.broadcast_to(np.arange(view.width, dtype=np.float32)[None, :], x.shape) + slope * waves * (4 + 0.08 * below)
    above = canvas.rgb[: max(2, top)]
    mirror = cv2.remap(above, columns.astype(np.float32), np.clip(source, 0, None).astype(np.float32), cv2.INTER_LINEAR,
                       borderMode=cv2.BORDER_REFLECT_101)
    body = array(mix(light.on(deep, 0.5), light.middle, 0.12))
    grazing = 0.34 + 0.5 * np.exp(-below / (0.22 * view.height))
    paint = body + (mirror - body) * np.clip(grazing - slope * 0.35 * waves, 0.08, 0.92)[..., None]
    paint = paint * (0.96 + 0.3 * slope[..., None] * min(1.5, waves))
    _glitter(painting, paint, x, z, below, slope)
    canvas.lay(smooth(z + slope * 1.2, shore * 0.985, shore * 1.015) if shore < 1e8 else np.ones(x.shape, np.float32),
               np.clip(paint, 0, 1).astype(np.float32), top)


def _glitter(painting: Painting, paint: Array, x: Array, z: Array, below: Array, slope: Array) -> None:
    """The path of light under the lamp."""
    light, view = painting.light, painting.view
    column, _ = view.from_angle(*light.sun)
    width = 0.03 * view.height + below * (0.22 + 0.25 * light.sun[1])
    pixels = np.arange(view.width, dtype=np.float32)[None, :]
    path = np.exp(-(((pixels - column + slope * 60 * view.height / 720) / width) ** 2))
    spark = smooth(sample(x * 0.33, z * 1.5, 3, 1.1) + slope * 0.3, 0.5, 0.72) * 0.8 + 0.22
    strength = path * spark * light.glare * (0.5 if light.moon else 0.8) * np.exp(-light.sun[1] * 1.4)
    paint += (1 - np.clip(paint, 0, 1)) * (array(light.key) * strength[..., None])


def paint_foam(painting: Painting, shore: float, beat: float) -> None:
    """Lines of foam that run up a beach at the depth `shore`."""
    found = plane(painting)
    if found is None:
        return
    top, x, z = found
    white = painting.light.on((0.98, 0.98, 0.96), 0.9)
    for line in range(4):
        lap = shore * (1 + 0.13 * line + 0.02 * np.sin(beat * 1.7 + line))
        edge = lap + 1.6 * (sample(x * 0.03 + line * 0.3, np.float32(0.1 * line), 2, 2.0) - 0.5)
        width = 0.05 + 0.012 * z
        lace = smooth(sample(x * 0.35, z * 0.9, 1, 1.3), 0.36, 0.6)
        band = np.exp(-(((z - edge) / width) ** 2)) * (0.35 + 0.65 * lace)
        painting.canvas.lay((band * (0.85 - 0.16 * line)).astype(np.float32), white, top)


def paint_track(painting: Painting, half: float, albedo: RGB, bend: float = 0.0, edge: float = 0.25,
        middle: bool = False) -> None:
    """A way of `half` width that leads to the horizon, swinging by `bend`; `middle` paints a dashed line."""
    found = plane(painting)
    if found is None:
        return
    top, x, z = found
    if painting.scene.snowed:
        albedo = mix(albedo, (0.84, 0.87, 0.93), 0.6)
    centre = bend * np.sin(z * 0.09 + painting.seed("track") % 7) * np.clip((z - 3) / 12, 0, 2.5)
    rough = (sample(x * 0.25, z * 0.3, 1) - 0.5) * edge
    mask = smooth(np.abs(x - centre) + rough, half + edge * 0.5, half - edge * 0.5)
    texture = 0.42 + 0.3 * (sample(x * 0.35, z * 0.5, 3, 1.2) - 0.5) * fine(z, 0.3) + 0.12 * sample(x * 0.05, z * 0.1, 0)
    light = painting.light
    lit = array(albedo) * (0.92 * array(light.ambient) + 0.72 * array(light.key) * texture[..., None])
    fade = (1 - np.exp(-(z - painting.view.dolly) * light.haze))[..., None]
    lit = lit + (array(light.air) - lit) * fade
    painting.canvas.lay(mask, lit.astype(np.float32), top)
    if middle:
        dash = smooth(np.abs(x - centre), 0.09, 0.05) * smooth(np.abs((z * 0.33) % 1 - 0.5), 0.26, 0.22) * fine(z, 0.5)
        painting.canvas.lay(dash * 0.75, light.on((0.92, 0.88, 0.7), 0.7), top)


def paint_sheen(painting: Painting, strength: float) -> None:
    """Wet ground: what stands above smears downwards into it, in puddles."""
    found = plane(painting)
    if found is None:
        return
    top, x, z = found
    view, canvas = painting.view, painting.canvas
    rows = np.arange(top, view.height, dtype=np.float32)[:, None] + 0.5
    ripple = (sample(x * 0.4, z * 0.6, 3, 1.2) - 0.5) * 14 * view.height / 720
    source = np.clip(2 * view.level - rows + ripple * 2, 0, None) + np.zeros_like(x)
    columns = np.broadcast_to(np.arange(view.width, dtype=np.float32)[None, :], x.shape) + ripple
    above = cv2.GaussianBlur(canvas.rgb[: max(2, top)], (0, 0), 1.2 * view.height / 360, sigmaY=9.0 * view.height / 360)
    mirror = cv2.remap(above, columns.astype(np.float32), source.astype(np.float32), cv2.INTER_LINEAR,
                       borderMode=cv2.BORDER_REFLECT_101)
    puddle = 0.45 + 0.55 * smooth(sample(x * 0.07, z * 0.12, 2), 0.4, 0.62)
    canvas.lay((puddle * strength).astype(np.float32), mirror * np.float32(0.92), top)
