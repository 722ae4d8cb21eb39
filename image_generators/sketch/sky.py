"""Skies: gradient, sun or moon, stars, clouds, aurora, rainbow. Nothing below the horizon."""

from __future__ import annotations

import numpy as np

from image_generators.sketch.canvas import Canvas, blur, smooth
from image_generators.sketch.noise import Array, sample
from image_generators.sketch.painting import Painting
from image_generators.sketch.palette import RGB, array, mix
from image_generators.sketch.weather import lightning


def paint_sky(painting: Painting) -> None:
    """Fills the whole canvas with the sky of this light."""
    across, above = painting.view.angles()
    _gradient(painting, across, above)
    if painting.light.stars > 0.05:
        paint_stars(painting, across, above)
    _lamp(painting)
    if "aurora" in painting.scene.details:
        _aurora(painting, across, above)
    if painting.light.clouds > 0.05:
        _clouds(painting, across, above)
    if painting.scene.weather == "storm":
        lightning(painting, painting.beat)
    if "rainbow" in painting.scene.details:
        _rainbow(painting, across, above)


def _gradient(painting: Painting, across: Array, above: Array) -> None:
    light = painting.light
    height = np.clip(above, 0, 1.2)
    to_middle = smooth(height, -0.02, 0.34)[..., None]
    to_top = smooth(height, 0.22, 0.95)[..., None]
    column = array(light.low) + (array(light.middle) - array(light.low)) * to_middle
    column = column + (array(light.top) - column) * to_top
    painting.canvas.rgb[:] = column
    sun_x, sun_y = light.sun
    near = np.exp(-(((across - sun_x) / 0.75) ** 2) - ((above - sun_y * 0.6) / 0.3) ** 2)
    painting.canvas.lay((near * 0.55 * light.glare * (0.45 if light.moon else 1)).astype(np.float32), mix(light.low, light.key,
        0.5))


def paint_stars(painting: Painting, across: Array, above: Array) -> None:
    """Stars and the band of the milky way, as bright as the light says."""
    random, canvas, view = painting.random("stars"), painting.canvas, painting.view
    count = 420
    at = random.uniform((-2.2, 0.0), (2.2, 1.3), (count, 2))
    bright = random.uniform(0.12, 1.0, count) ** 2.2
    field = np.zeros((canvas.height, canvas.width), dtype=np.float32)
    for (right, up), shine in zip(at, bright, strict=True):
        x, y = view.from_angle(right, up)
        _dot(field, x - 0.5, y - 0.5, shine * min(1.0, up * 6))
    size = max(0.5, canvas.height / 1100)
    shine = blur(field, size) * np.float32(6.3 * size * size + 1.2)
    milky = smooth(sample(across * 0.16 + above * 0.1, above * 0.35 - across * 0.2, 1), 0.5, 1.0) * smooth(above, 0.02, 0.4)
    canvas.lay(np.clip(milky * 0.16 * painting.light.stars, 0, 1), (0.62, 0.66, 0.9))
    canvas.lay(np.clip(shine * painting.light.stars, 0, 1), (0.95, 0.95, 1.0))


def _dot(field: Array, x: float, y: float, value: float) -> None:
    """Adds a point of light between pixels, so that it glides when the camera moves."""
    left, top = int(np.floor(x)), int(np.floor(y))
    part_x, part_y = x - left, y - top
    for row, weight_y in ((top, 1 - part_y), (top + 1, part_y)):
        for column, weight_x in ((left, 1 - part_x), (left + 1, part_x)):
            if 0 <= row < field.shape[0] and 0 <= column < field.shape[1]:
                field[row, column] += value * weight_x * weight_y


def _lamp(painting: Painting) -> None:
    light, canvas = painting.light, painting.canvas
    x, y = painting.view.from_angle(*light.sun)
    unit = canvas.height * painting.view.optics
    canvas.glow(x, y, unit * 0.34, light.key, 0.36 * light.glare)
    canvas.glow(x, y, unit * 0.11, light.key, 0.5 * light.glare)
    if light.glare < 0.12:
        return
    radius = unit * (0.032 if light.moon else 0.03 if light.sun[1] > 0.3 else 0.045)
    if light.moon:
        _moon(canvas, x, y, radius, light.glare)
    else:
        disc(canvas, x, y, radius, mix(light.key, (1.0, 0.98, 0.9), 0.75), light.glare)
        canvas.glow(x, y, radius * 1.8, (1.0, 0.95, 0.82), 0.8 * light.glare)


def _moon(canvas: Canvas, x: float, y: float, radius: float, strength: float) -> None:
    disc(canvas, x, y, radius, (0.95, 0.94, 0.86), strength)
    for right, down, size in ((-0.3, -0.2, 0.3), (0.25, 0.15, 0.24), (-0.1, 0.42, 0.18), (0.35, -0.4, 0.14)):
        disc(canvas, x + right * radius, y + down * radius, radius * size, (0.83, 0.83, 0.79), 0.55 * strength, radius * 0.06)
    canvas.glow(x, y, radius * 2.4, (0.75, 0.82, 1.0), 0.3 * strength)


def disc(canvas: Canvas, x: float, y: float, radius: float, colour: RGB, opacity: float = 1.0, soft: float = 0.0) -> None:
    """A filled circle."""
    turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    canvas.shape(np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn)], axis=1), colour, opacity, soft)


def _clouds(painting: Painting, across: Array, above: Array) -> None:
    """Clouds on two sheets seen in perspective, lit from the lamp's side by the slope of their own density."""
    light = painting.light
    offset = (painting.seed("clouds") % 977) / 977
    for sheet, (reach, size, amount) in enumerate(((0.62, 0.2, 0.85), (0.3, 0.34, 1.0))):
        depth = reach / (np.maximum(above, 0.0) + 0.16)
        u, v = across * depth * size + offset + sheet * 0.37, depth * size * 1.6 + offset * 2
        v = v + np.zeros_like(u)
        density = _density(u, v, sheet)
        edge = 0.78 - 0.55 * light.clouds
        cover = smooth(density, edge, edge + 0.3) * smooth(above, 0.0, 0.1) * amount
        toward = np.float32(0.012 if light.sun[0] < 0 else -0.012)
        lit = np.clip(0.5 + (density - _density(u + toward * -1, v + 0.01, sheet)) * 5.5, 0, 1)
        shade = mix(mix(light.ambient, light.middle, 0.5), light.low, 0.15)
        bright = mix(light.low, light.key, 0.45) if not light.moon else mix(light.middle, light.key, 0.3)
        paint = array(shade) + (array(bright) - array(shade)) * lit[..., None]
        painting.canvas.lay(cover * (0.55 + 0.25 * light.clouds), paint)


def _density(u: Array, v: Array, sheet: int) -> Array:
    return 0.7 * sample(u, v, 2 + sheet, 1.9) + 0.3 * sample(u * 3.1, v * 3.1, 1, 1.6)


def _aurora(painting: Painting, across: Array, above: Array) -> None:
    offset = (painting.seed("aurora") % 311) / 311
    for curtain in range(3):
        foot = 0.16 + 0.1 * curtain + 0.12 * (sample(across * 0.25 + offset + curtain * 0.3, np.float32(0.2 * curtain), 2,
            2.2) - 0.5)
        rise = above - foot
        rays = 0.45 + 0.55 * sample(across * 0.9 + curtain * 0.21, np.float32(0.5 + 0.1 * curtain), 1, 1.3)
        body = np.where(rise > 0, np.exp(-rise / 0.16), np.exp(rise / 0.012)) * rays
        tint = array((0.25, 0.95, 0.6)) + (array((0.5, 0.3, 0.9)) - array((0.25, 0.95, 0.6))) * np.clip(rise / 0.3, 0, 1)[...,
            None]
        painting.canvas.rgb += (1 - np.minimum(painting.canvas.rgb, 1)) * tint * (0.5 * body[..., None]).astype(np.float32)


def _rainbow(painting: Painting, across: Array, above: Array) -> None:
    distance = np.hypot(across + painting.light.sun[0], above + 0.15)
    for step, colour in enumerate(((0.55, 0.3, 0.8), (0.25, 0.45, 0.95), (0.3, 0.8, 0.45), (0.98, 0.9, 0.35),
            (0.98, 0.55, 0.25), (0.95, 0.3, 0.3))):
        band = np.exp(-(((distance - 0.52 - step * 0.009) / 0.008) ** 2))
        painting.canvas.lay((band * 0.3 * smooth(above, 0, 0.05)).astype(np.float32), colour)
