"""The deck of a sailing ship at sea: planks, rails, mast, rigging, wheel. The sea behind it rolls with every keyframe."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np

from image_generators.sketch.ground import fine, plane
from image_generators.sketch.noise import Array, hills, sample
from image_generators.sketch.painting import Painting
from image_generators.sketch.palette import array, mix, shift
from image_generators.sketch.plants import layer
from image_generators.sketch.shores import paint_sea
from image_generators.sketch.solids import Part, blob, box, curve, limb, oval, sharp, stand

WHEEL = (0.42, 5.5)
"""X and Z of the ship's wheel."""
BOW, HALF = 19.0, 3.3
_WOOD, _DARK, _ROPE = (0.5, 0.36, 0.24), (0.3, 0.2, 0.14), (0.6, 0.52, 0.4)


def paint_deck(p: Painting) -> None:
    """Sky and sea roll behind a deck that stands still, as they do for those on board."""
    _sea(p)
    if p.scene.weather in ("storm", "wind"):
        _wave(p)
    _planks(p)
    for side in (-1, 1):
        _rail(p, side)
    _bowsprit(p)
    _mast(p, -1.5, 9.5)
    _hatch(p)
    stand(p, _wheel(), WHEEL[0], WHEEL[1], shadow=0.6)


def _sea(p: Painting) -> None:
    still, rough = p.view, p.scene.weather in ("storm", "wind")
    p.view = replace(still, eye=still.eye + 1.3)
    paint_sea(p)
    p.view = still
    angle = (4.2 if rough else 1.2) * (1 if p.beat % 2 else -1)
    middle = (p.canvas.width / 2, p.canvas.height / 2)
    turn = cv2.getRotationMatrix2D(middle, angle, 1.0 + abs(angle) * 0.031)
    size = (p.canvas.width, p.canvas.height)
    p.canvas.rgb = np.asarray(cv2.warpAffine(p.canvas.rgb, turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _wave(p: Painting) -> None:
    """A sea that stands up behind the bow, its crest torn to spray."""
    z, random = 24.0, p.random("wave", p.beat)
    x = np.linspace(-26, 26, 260)
    top = 3.6 * np.exp(-(((x - 4.5 - 1.4 * (p.beat % 2)) / 6.5) ** 2)) + 0.8 * hills(x * 0.28, p.seed("wave"), 3) - 0.2
    line = np.stack([x, top], axis=1)
    layer(p, [np.concatenate([line, [[26, -3.0], [-26, -3.0]]])], z, (0.16, 0.34, 0.4), light=0.3, texture=1.2)
    lace = (0.16 + 0.9 * np.clip(top - 1.6, 0, 2) * hills(x * 1.1, p.seed("lace"), 4)) * 0.55
    foam = np.concatenate([line + np.array([0, 0.05]), (line - np.stack([0 * x, lace], axis=1))[::-1]])
    layer(p, [foam], z - 0.02, (0.86, 0.92, 0.95), soft=0.03, texture=1.2)
    at = [(float(a), float(np.interp(a, x, top)), float(b)) for a, b in zip(3 + 9 * random.random(46), random.random(46),
        strict=True)]
    drops = [_drop(a, y + 1.2 * b**2, 0.03 + 0.11 * b) for a, y, b in at]
    layer(p, drops, z - 0.04, (0.9, 0.94, 0.97), soft=0.035, light=0.0)


def _drop(x: float, y: float, size: float) -> Array:
    return oval(x, y, size * 1.3, size, (1, 1, 1)).corners


def _half(z: Array | float) -> Array:
    """Half the deck's width at the depth z: it narrows to the bow."""
    return np.asarray(HALF * np.sqrt(np.clip(1 - (np.asarray(z) / BOW) ** 2.6, 0, 1)))


def _planks(p: Painting) -> None:
    found = plane(p)
    if found is None:
        return
    top, x, z = found
    board = np.floor(x * 3.1 + 0.5)
    tone = 0.86 + 0.34 * (np.abs(np.sin(board * 12.9898 + 2.0)) * 43.7 % 1 - 0.5)
    seam = np.clip(0.06 - np.abs((x * 3.1 + 0.5) % 1 - 0.03), 0, 1) * 15 * fine(z, 0.5)
    grain = (sample(x * 0.9, z * 0.06, 1, 1.4) - 0.5) * fine(z, 0.8)
    wet = 0.5 * sample(x * 0.1, z * 0.12, 2) if p.scene.wet else np.zeros_like(x)
    level = np.clip(tone + grain * 0.5 - seam * 0.55, 0.25, 1.4) * (0.72 + 0.28 * np.clip(z / 7, 0, 1))
    wood, light = array(p.light.on(_WOOD, 0.6)), p.light
    paint = wood * level[..., None] + array(mix(light.low, light.middle, 0.5)) * (wet * 0.3)[..., None]
    warm = np.exp(-(((x + 1.5) / 2.2) ** 2) - ((z - 8.2) / 2.4) ** 2) * 0.5 * p.light.lamps
    paint = paint + array((0.5, 0.33, 0.14)) * warm[..., None]
    p.canvas.lay(np.clip((_half(z) - np.abs(x)) * 18, 0, 1).astype(np.float32), np.clip(paint, 0, 1).astype(np.float32), top)


def _rail(p: Painting, side: int) -> None:
    """Bulwark, posts and a rail along one side, up to the bow."""
    depths = np.linspace(BOW - 0.05, 2.4, 40)
    edge = [(side * float(_half(z)), float(z)) for z in depths if p.behind(float(z))]
    wall = shift(_DARK, 0, 1, 1.15)
    for (x0, z0), (x1, z1) in pairwise(edge):
        p.quad([(x0, -0.02, z0), (x1, -0.02, z1), (x1, 0.36, z1), (x0, 0.36, z0)], wall, 0.4)
        p.quad([(x0, 0.58, z0), (x1, 0.58, z1), (x1, 0.66, z1), (x0, 0.66, z0)], _WOOD, 0.8)
    for x, z in edge[::2]:
        stand(p, [box(-0.035, 0.3, 0.035, 0.6, _DARK, 0.8)], x, z)


def _bowsprit(p: Painting) -> None:
    stand(p, [limb([(0.0, 0.3), (0.5, 1.3), (1.0, 2.2)], (0.22, 0.16, 0.06), _DARK)], 0.0, BOW - 0.3)


def _mast(p: Painting, x: float, z: float) -> None:
    """Mast, yard with furled sail, shrouds to the rails, and a lantern."""
    rope = [limb([(0.0, 6.4), (end, 0.62)], (0.03, 0.03), _ROPE, 0.2) for end in (-1.55, -1.15, -0.75, 3.6, 4.0, 4.4)]
    steps = [limb([(-1.46 + 0.2 * k, 0.95 + 0.75 * k), (-0.7 + 0.1 * k, 0.95 + 0.75 * k)], (0.02, 0.02), _ROPE, 0)
        for k in range(6)]
    yard = limb([(-3.4, 4.55), (0.0, 4.75), (3.4, 4.6)], (0.1, 0.17, 0.1), _DARK)
    sag = 0.16 if p.beat % 2 else 0.1
    sail = [blob([(a, 4.6), (a + 0.2, 4.5 - sag * 1.6), (a + 0.6, 4.35 - sag), (a + 1.0, 4.48 - sag), (a + 1.15, 4.64)],
        (0.78, 0.73, 0.64), 1.2) for a in (-3.3, -2.2, -1.1, 0.0, 1.1, 2.2)]
    stand(p, [*rope, *steps, limb([(0, 0), (0, 4), (0, 9)], (0.42, 0.38, 0.3), _WOOD), *sail, yard,
        *[box(-0.23, y, 0.23, y + 0.1, _DARK) for y in (0.5, 1.9, 3.4)]], x, z, shadow=0.5)
    metal, lit = (0.2, 0.18, 0.17), max(0.4, p.light.lamps)
    stand(p, [limb([(0, 1.7), (0.34, 1.72)], (0.03, 0.03), metal), box(0.25, 1.36, 0.45, 1.62, (1.0, 0.82, 0.45), 0, lit),
        blob([(0.22, 1.62), (0.35, 1.74), (0.48, 1.62)], metal), box(0.22, 1.32, 0.48, 1.37, metal)], x, z - 0.2)
    p.lamp(x + 0.35, 1.5, z - 0.2, 0.5, (1.0, 0.78, 0.4), 0.75 * lit)
    p.lamp(x + 0.35, 1.2, z - 0.2, 1.7, (1.0, 0.66, 0.3), 0.3 * lit)


def _hatch(p: Painting) -> None:
    """Barrels and a coil of rope lashed by the rail."""
    barrel = (0.4, 0.27, 0.17)
    parts: list[Part] = []
    for x in (0.0, 0.52):
        parts += [blob([(x - 0.2, 0), (x - 0.26, 0.3), (x - 0.2, 0.62), (x + 0.2, 0.62), (x + 0.26, 0.3), (x + 0.2, 0)],
            barrel, 1.3),
            *[limb([(x - 0.23, y), (x, y - 0.02), (x + 0.23, y)], (0.035, 0.035), (0.2, 0.19, 0.2)) for y in (0.14, 0.5)]]
    stand(p, parts, 2.0, 8.4, shadow=0.7)
    coil = [Part(curve([(-0.26 + k * 0.03, 0.05 + k * 0.05), (0, 0.0 + k * 0.05), (0.26 - k * 0.03, 0.05 + k * 0.05),
        (0, 0.1 + k * 0.05)]), shift(_ROPE, 0, 1, 0.75 + 0.1 * k), 0.8) for k in range(3)]
    stand(p, coil, -2.1, 6.9, shadow=0.6)


def _wheel() -> list[Part]:
    """The ship's wheel on its post, seen from its side: a tall ellipse with spokes."""
    turn = np.linspace(0, 2 * np.pi, 33)
    wide, high, up = 0.17, 0.36, 0.66
    rim = limb([(float(wide * np.cos(a)), float(up + high * np.sin(a))) for a in turn], (0.05, 0.05), _WOOD, 0.9)
    inner = limb([(float(0.6 * wide * np.cos(a)), float(up + 0.6 * high * np.sin(a))) for a in turn], (0.022, 0.022), _DARK,
        0.6)
    spokes = [limb([(0.0, up), (float(1.32 * wide * np.cos(a)), float(up + 1.32 * high * np.sin(a)))], (0.03, 0.026, 0.034),
        _DARK)
        for a in np.arange(8) * np.pi / 4 + 0.2]
    post = sharp([(0.05, 0.0), (0.42, 0.0), (0.3, 0.62), (0.12, 0.62)], _DARK, 0.9)
    return [post, box(0.0, 0.58, 0.34, 0.72, shift(_DARK, 0, 1, 1.3), 0.8), *spokes, inner, rim,
        oval(0.0, up, 0.05, 0.07, (0.75, 0.6, 0.3))]
