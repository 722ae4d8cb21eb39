"""Forests: rows of trunks or firs in haze, a path, leaves before the lens. Single trees are plants.py's."""

from __future__ import annotations

import numpy as np

from image_generators.sketch.canvas import smooth
from image_generators.sketch.cover import EARTH, GRASS, tufts
from image_generators.sketch.ground import paint_ground, paint_track
from image_generators.sketch.noise import sample
from image_generators.sketch.painting import Painting
from image_generators.sketch.palette import array, mix
from image_generators.sketch.plants import firs, layer, leaf_colour, leaves, trunks
from image_generators.sketch.ridges import leafage, mist, paint_ridge
from image_generators.sketch.sky import paint_sky
from image_generators.sketch.solids import Part, grounded, limb, stand


def paint_forest(p: Painting) -> None:
    paint_sky(p)
    leaf = leaf_colour(p)
    glow = mix(p.light.low, p.light.key, 0.4)
    x, y = p.view.from_angle(p.light.sun[0] * 0.5, 0.16)
    p.canvas.glow(x, y, p.canvas.height * 0.5, glow, 0.28 * (0.3 + p.light.glare))
    paint_ridge(p, 90, 0.34, mix(leaf, (0.3, 0.42, 0.34), 0.5), what="wall", width=0.5, base=0.16, edge=leafage(12, 0.07))
    paint_ground(p, mix(EARTH, leaf, 0.42), mix(EARTH, leaf, 0.5), mix(EARTH, leaf, 0.15))
    paint_track(p, 1.1, (0.5, 0.41, 0.3) if not p.light.moon else (0.72, 0.66, 0.58), bend=0.8, edge=0.9)
    mist(p, 300, 0.75, 0.035)
    mist(p, 70, 0.5, 0.2)
    pines = "pines" in p.scene.details or p.scene.snowed or p.seed("pines") % 3 == 0
    for z, count, tone in ((52.0, 22, 1.0), (34.0, 15, 0.85), (23.0, 11, 0.7)):
        random = p.random("trunks", z)
        bark = (0.36 * tone, 0.31 * tone, 0.27 * tone)
        span = z * 0.85
        if pines:
            layer(p, firs(random, span, count, 8.5), z, mix(leaf, (0.16, 0.26, 0.2), 0.55))
        else:
            layer(p, trunks(random, z, span, count, 0.5, 14), z, bark)
            tops = [(float(a), 8.6 * z / 34 + 2 * float(b)) for a, b in random.random((9, 2))
                * np.array([2 * span, 1]) - np.array([span, 0])]
            layer(p, leaves(random, tops, 3.4, 16), z - 0.1, mix(leaf, (0.2, 0.3, 0.16), 0.3 * (1 - tone) * 3))
        mist(p, z, 0.34, 0.1)
    _shafts(p)
    random = p.random("near")
    for x_, z in ((-6.6, 15.0), (5.6, 13.5), (-4.4, 10.2), (7.2, 9.4)):
        stand(p, _trunk(random), x_, z, shadow=0.4)
    tufts(p, 34, 5, 15, mix(leaf, GRASS, 0.5), 0.4)


def _shafts(p: Painting) -> None:
    """Light of sun or moon that falls between the crowns."""
    across, above = p.view.angles()
    x, y = p.light.sun[0], max(0.5, p.light.sun[1] + 0.2)
    fan = np.arctan2(across - x, y - above)
    far = np.hypot(across - x, y - above)
    rays = smooth(sample(fan * 0.55 + p.seed("shafts") % 97 / 97, np.float32(0.3), 1, 1.3), 0.45, 0.9)
    fade = np.exp(-(((far - 0.3) / 0.5) ** 2)) * smooth(y - above, 0.02, 0.2)
    strength = 0.5 * (0.35 + 0.65 * p.light.glare) * (0.9 if p.light.moon else 0.7)
    shine = (rays * fade * strength).astype(np.float32)
    p.canvas.rgb += (1 - np.clip(p.canvas.rgb, 0, 1)) * array(mix(p.light.key, p.light.low, 0.3)) * (0.55 * shine)[..., None]


def _trunk(random: np.random.Generator) -> list[Part]:
    bark = (0.27, 0.21, 0.17)
    bend = (random.random() - 0.5) * 0.8
    parts = [grounded(limb([(0, 0), (0.02, 1.6), (bend * 0.5, 5.0), (bend, 10.0)], (1.15, 0.62, 0.52, 0.42), bark))]
    parts += [limb([(side * 0.12, 0.35), (side * 0.42, 0.08), (side * 0.75, -0.03)], (0.34, 0.18, 0.06), bark) for side in (-1,
        1)]
    parts.append(limb([(bend * 0.3, 3.2), (bend + 0.9, 4.2), (bend + 1.9, 4.6)], (0.24, 0.15, 0.05), bark))
    return parts


def forest_front(p: Painting) -> None:
    leaf = mix(leaf_colour(p), (0.08, 0.1, 0.08), 0.62)
    random = p.random("front")
    top = p.view.eye + 0.92
    at = [(x, top + 0.2 * random.random() + 0.13 * abs(x)) for x in np.linspace(-2.6, 2.6, 11)]
    at = [(x, y - (0.35 if abs(x) > 1.6 else 0.0)) for x, y in at]
    layer(p, leaves(random, at, 0.42, 16), 3.0, leaf, soft=0.012)
