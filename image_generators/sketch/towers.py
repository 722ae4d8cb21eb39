"""The room at the top of a tower: stone, tall windows on the night, stairs that wind up; in a lighthouse its great lamp."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from image_generators.sketch.buildings import ship
from image_generators.sketch.camera import LENS
from image_generators.sketch.canvas import blur, rough_mask, smooth
from image_generators.sketch.ground import fine, paint_water, plane
from image_generators.sketch.noise import Array, sample
from image_generators.sketch.painting import Painting
from image_generators.sketch.palette import RGB, array, mix, shift, times
from image_generators.sketch.props import campfire
from image_generators.sketch.ridges import paint_ridge
from image_generators.sketch.shores import SEA
from image_generators.sketch.sky import paint_sky
from image_generators.sketch.solids import Part, blob, box, limb, move, oval, sharp, stand

RADIUS, MIDDLE, HIGH, SILL = 5.6, 7.0, 4.0, 0.56
"""The round wall: its radius, its centre's depth, its height, and where the glass begins."""
LAMP = (1.05, 9.4)
_STONE, _IRON, _GOLD = (0.5, 0.47, 0.45), (0.16, 0.16, 0.18), (1.0, 0.74, 0.3)


def burning(p: Painting) -> bool:
    """Whether the great lamp is lit: at night, but not while somebody is still on the way up to it."""
    return p.light.lamps > 0.4 and "cold lamp" not in p.scene.details


def paint_tower(p: Painting) -> None:
    """From the far to the near: the world outside far below, the glass, the wall, the stairs, the lamp."""
    _outside(p)
    lit = "lighthouse" in p.scene.details and burning(p)
    if lit:
        _beams(p)
    _wall(p, lit)
    _floor(p, lit)
    if "lighthouse" in p.scene.details:
        stand(p, move(_lens(lit), size=0.84), LAMP[0], LAMP[1], shadow=0.8)
        _shine(p, lit)
    else:
        stand(p, _brazier(), LAMP[0], LAMP[1], shadow=0.8)
        p.lamp(LAMP[0], 1.0, LAMP[1], 1.0, (1.0, 0.6, 0.25), 0.6)
    _stairs(p, lit)


def _outside(p: Painting) -> None:
    still = p.view
    p.view = replace(still, eye=5.0)
    paint_sky(p)
    paint_ridge(p, 400, 0.05, (0.4, 0.44, 0.46), what="headland", width=0.9, base=-0.02)
    paint_water(p, SEA, waves=1.8 if p.scene.weather in ("storm", "wind") else 0.9)
    if "ship" in p.scene.details:
        stand(p, move(ship(max(0.5, p.light.lamps), (0.6, 0.25, 0.2)), size=1.9, flip=p.beat % 2 == 0), -3.0, 110.0, 0.0,
            mirror=0.4)
        p.lamp(-3.0, 3.4, 110.0, 4.5, (1.0, 0.75, 0.4), 0.4)
    p.view = still


def _ring(angle: Array | float) -> tuple[Array, Array]:
    """X and Z on the wall at an angle, 0 straight ahead."""
    return RADIUS * np.sin(angle), MIDDLE + RADIUS * np.cos(angle)


def _strip(p: Painting, start: float, end: float, low: float, high: float) -> Array:
    """Outline, in pixels, of a piece of the round wall."""
    turn = np.linspace(start, end, max(4, int(abs(end - start) * 16)))
    x, z = _ring(turn)
    z = np.maximum(z, p.view.dolly + 0.5)
    bottom = np.stack([x, np.full_like(x, low), z], axis=1)
    top = np.stack([x, np.full_like(x, high), z], axis=1)
    return p.view.project(np.concatenate([bottom, top[::-1]]))


def _wall(p: Painting, lit: bool) -> None:
    """Stone below the sill and above the glass, iron bars between."""
    glow = 0.55 if lit else 0.22
    warm = mix(p.light.ambient, (0.9, 0.66, 0.38), glow)
    shape = (p.canvas.height, p.canvas.width)
    angle, height = _on_the_wall(p)
    for low, high in ((0.0, SILL), (HIGH - 0.55, 9.0)):
        mask = rough_mask(shape, [_strip(p, -1.9, 1.9, low, high)])
        p.canvas.lay(mask, _masonry(angle * RADIUS, height, times(_STONE, warm, 1.15)))
    bars = [_strip(p, a - 0.012, a + 0.012, SILL, HIGH - 0.5) for a in np.linspace(-1.5, 1.5, 11)]
    bars += [_strip(p, -1.9, 1.9, y - 0.03, y + 0.03) for y in (SILL + 0.02, 2.0, HIGH - 0.55)]
    slant = np.linspace(-1.5, 1.5, 11)
    for a, b in pairwise(slant):
        for y0, y1 in ((SILL, 2.0), (2.0, SILL)):
            bars.append(_slant(p, float(a), float(b), y0, y1))
    iron = times((0.3, 0.28, 0.27), warm)
    p.canvas.lay(rough_mask(shape, bars), iron)
    sill = rough_mask(shape, [_strip(p, -1.9, 1.9, SILL - 0.08, SILL)])
    p.canvas.lay(sill, times(_STONE, warm, 1.7))


def _slant(p: Painting, start: float, end: float, low: float, high: float) -> Array:
    turn = np.linspace(start, end, 6)
    x, z = _ring(turn)
    z = np.maximum(z, p.view.dolly + 0.5)
    y = np.linspace(low, high, 6)
    one = np.stack([x, y - 0.016, z], axis=1)
    other = np.stack([x, y + 0.016, z], axis=1)
    return p.view.project(np.concatenate([one, other[::-1]]))


def _on_the_wall(p: Painting) -> tuple[Array, Array]:
    """Where each pixel's line of sight meets the round wall: (1, W) angle and (H, W) height."""
    across, above = p.view.angles()
    slope, deep = across / LENS, p.view.dolly - MIDDLE
    one, half = 1 + slope**2, p.view.truck * slope + deep
    far = (np.sqrt(np.maximum(half**2 - one * (p.view.truck**2 + deep**2 - RADIUS**2), 0.01)) - half) / one
    return np.arctan2(p.view.truck + slope * far, deep + far), p.view.eye + above * far / LENS


def _masonry(across: Array, above: Array, stone: RGB) -> Array:
    """Courses of dressed stone; both in world units, along the wall and up."""
    row = above * 3.6
    course = np.floor(row)
    along = across * 1.55 + 0.5 * (course % 2)
    joint = np.minimum(np.abs(row % 1 - 0.5) * -1 + 0.5, (np.abs(along % 1 - 0.5) * -1 + 0.5) * 2.0)
    block = np.abs(np.sin(np.floor(along) * 12.9898 + course * 78.233)) * 43.7 % 1
    rough = sample(across * 0.16, above * 0.16, 1, 1.5) - 0.5
    level = (0.8 + 0.22 * block + 0.4 * rough) * (0.62 + 0.38 * smooth(joint, 0.0, 0.09))
    return np.asarray(np.clip(array(stone) * level[..., None], 0, 1), dtype=np.float32)


def _floor(p: Painting, lit: bool) -> None:
    found = plane(p)
    if found is None:
        return
    top, x, z = found
    far = np.hypot(x, z - MIDDLE)
    angle = np.arctan2(x, z - MIDDLE + 1e-3)
    ring = np.abs((far * 1.1) % 1 - 0.5)
    ray = np.abs((angle * 7 + 0.5 * np.floor(far * 1.1)) % 1 - 0.5)
    joint = smooth(np.minimum(0.5 - ring, (0.5 - ray) * np.maximum(far, 0.3) * 0.7), 0.0, 0.05)
    rough = (sample(x * 0.35, z * 0.35, 1, 1.4) - 0.5) * fine(z, 0.5)
    pool = np.exp(-(((x - LAMP[0]) / 3.0) ** 2) - ((z - LAMP[1]) / 2.6) ** 2)
    warm = array(mix(p.light.ambient, (0.9, 0.66, 0.38), 0.5 if lit else 0.2))
    level = (0.75 + 0.5 * rough) * (0.7 + 0.3 * joint) + (0.9 if lit else 0.12) * pool
    paint = array((0.46, 0.42, 0.39)) * warm * level[..., None]
    p.canvas.lay((far < RADIUS).astype(np.float32), np.clip(paint, 0, 1).astype(np.float32), top)


def _lens(lit: bool) -> list[Part]:
    """A great lens of glass rings on an iron foot, as high as two people."""
    glow = 1.0 if lit else 0.12
    glass, edge = ((1.0, 0.84, 0.46), (0.86, 0.6, 0.24)) if lit else ((0.36, 0.44, 0.5), (0.52, 0.6, 0.64))
    parts = [sharp([(-0.62, 0), (0.62, 0), (0.34, 0.3), (-0.34, 0.3)], _IRON, 0.8), box(-0.26, 0.25, 0.26, 0.8, _IRON, 1.0),
        sharp([(-0.34, 0.78), (0.34, 0.78), (0.74, 0.98), (-0.74, 0.98)], (0.55, 0.42, 0.2), 0.9)]
    body = blob([(-0.62, 1.0), (-0.8, 1.5), (-0.62, 2.1), (-0.3, 2.5), (0.3, 2.5), (0.62, 2.1), (0.8, 1.5), (0.62, 1.0)],
        glass, 0.7)
    parts.append(replace(body, glow=glow * 0.85))
    for y, half in ((1.06, 0.64), (1.16, 0.7), (1.27, 0.74), (1.75, 0.76), (1.88, 0.72), (2.0, 0.67), (2.12, 0.6), (2.24, 0.52),
            (2.36, 0.42)):
        ring = limb([(-half, y + 0.02), (0.0, y - 0.03), (half, y + 0.02)], (0.03, 0.045, 0.03), edge, 0.5)
        parts.append(replace(ring, glow=glow * 0.7))
    turn = np.linspace(0, 2 * np.pi, 25)
    for half in (0.44, 0.32, 0.2):
        line = limb([(float(half * np.cos(a)), float(1.5 + 0.62 * half * np.sin(a))) for a in turn], (0.035, 0.035), edge, 0.5)
        parts.append(replace(line, glow=glow * 0.7))
    parts.append(replace(oval(0.0, 1.5, 0.11, 0.09, (1.0, 0.97, 0.85) if lit else edge, 0, 0.6), glow=glow))
    parts += [limb([(x * 0.64, 1.0), (x * 0.8, 1.5), (x * 0.3, 2.5)], (0.035, 0.035), (0.5, 0.38, 0.18)) for x in (-1, 1)]
    return [*parts, blob([(-0.36, 2.48), (-0.2, 2.66), (0, 2.74), (0.2, 2.66), (0.36, 2.48)], (0.5, 0.38, 0.18), 1.0)]


def _shine(p: Painting, lit: bool) -> None:
    x, z = LAMP
    if not lit:
        p.lamp(x - 0.2, 1.9, z, 0.5, mix(p.light.low, (0.8, 0.86, 1.0), 0.5), 0.12)
        return
    p.lamp(x, 1.3, z, 0.4, (1.0, 0.95, 0.75), 0.8)
    p.lamp(x, 1.3, z, 1.2, (1.0, 0.78, 0.4), 0.4)
    p.lamp(x, 1.3, z, 3.4, (1.0, 0.66, 0.3), 0.12)


def _beams(p: Painting) -> None:
    """Golden light that leaves through the glass, over the sea."""
    at = p.view.project(np.array([(LAMP[0], 1.3, LAMP[1])]))[0]
    reach = p.canvas.width * 1.6
    swing = 0.05 if p.beat % 2 else -0.03
    columns = np.abs(np.arange(p.canvas.width) + 0.5 - at[0])
    for way, strength in ((-1, 0.8), (1, 0.62)):
        end = at[0] + way * reach
        high, low = at[1] - reach * (0.11 + swing), at[1] + reach * (0.03 - swing)
        corners = np.array([(at[0], at[1] - 4), (end, high), (end, low), (at[0], at[1] + 4)])
        mask = blur(rough_mask((p.canvas.height, p.canvas.width), [corners]), p.canvas.height * 0.012)
        fade = np.exp(-columns / (0.75 * p.canvas.width)).astype(np.float32)
        shine = mask * fade[None, :] * np.float32(strength)
        p.canvas.rgb += (1 - np.clip(p.canvas.rgb, 0, 1)) * array(_GOLD) * shine[..., None]


def _brazier() -> list[Part]:
    """A fire basket on three legs."""
    return [*[limb([(x, 0), (0, 0.7)], (0.06, 0.06), _IRON) for x in (-0.35, 0.0, 0.35)], *move(campfire(_IRON), y=0.72,
        size=1.15),
        blob([(-0.42, 0.92), (-0.3, 0.66), (0.3, 0.66), (0.42, 0.92), (0.0, 0.84)], _IRON)]


def _stairs(p: Painting, lit: bool) -> None:
    """Steps that come up along the wall on the left, around a post, with an iron rail."""
    warm = mix(p.light.ambient, (0.9, 0.66, 0.38), 0.45 if lit else 0.25)
    for step in range(13):
        angle, low = -0.25 - 0.115 * step, 0.16 * step
        _step(p, angle, low + 0.16, times(_STONE, warm))
    for step in range(0, 13, 2):
        x, z = _inner(-0.25 - 0.115 * step)
        stand(p, [limb([(0, 0), (0, 0.62)], (0.03, 0.03), _IRON)], x, z, 0.16 * step + 0.16)
    rail = np.array([(*_inner(-0.2 - 0.115 * k), 0.16 * k + 0.78) for k in np.linspace(-0.4, 12.8, 60)])
    points = np.stack([rail[:, 0], rail[:, 2], np.maximum(rail[:, 1], p.view.dolly + 0.5)], axis=1)
    upper = points + np.array([0, 0.05, 0])
    p.canvas.shape(p.view.project(np.concatenate([points, upper[::-1]])), mix(_IRON, _GOLD, 0.25 if lit else 0.1))


def _inner(angle: float) -> tuple[float, float]:
    return float(0.68 * RADIUS * np.sin(angle)), float(MIDDLE + 0.68 * RADIUS * np.cos(angle))


def _step(p: Painting, angle: float, high: float, stone: RGB) -> None:
    """One step of the winding stairs: its side, its tread and its riser."""
    near, nearest = angle - 0.125, p.view.dolly + 0.5
    corners = [(r * float(np.sin(a)), max(MIDDLE + r * float(np.cos(a)), nearest))
        for a, r in ((angle, 0.66 * RADIUS), (angle, RADIUS), (near, RADIUS), (near, 0.66 * RADIUS))]

    def face(tone: float, *points: tuple[int, float]) -> None:
        place = np.array([(corners[k][0], y, corners[k][1]) for k, y in points])
        p.canvas.shape(p.view.project(place), shift(stone, 0, 1, tone))

    face(0.62, (0, 0.0), (0, high), (3, high), (3, 0.0))
    face(1.2, *((k, high) for k in range(4)))
    face(0.85, (0, high - 0.16), (1, high - 0.16), (1, high), (0, high))
