"""Places by the water: open sea, coast with cliffs or quay, lake. Water itself is ground.py's."""

from __future__ import annotations

import numpy as np

from image_generators.sketch.canvas import smooth
from image_generators.sketch.cover import EARTH, GRASS, ROCK, SAND, STRAW, stones
from image_generators.sketch.ground import paint_foam, paint_ground, paint_water, plane
from image_generators.sketch.harbours import paint_harbour
from image_generators.sketch.noise import crags, hills, sample
from image_generators.sketch.painting import Painting
from image_generators.sketch.palette import RGB, mix
from image_generators.sketch.plants import layer, leaf_colour, leafy, tussock
from image_generators.sketch.ridges import conifers, mist, paint_ridge
from image_generators.sketch.sky import paint_sky
from image_generators.sketch.solids import stand

SHORE = 9.0
SEA = (0.1, 0.3, 0.38)


def paint_sea(p: Painting) -> None:
    paint_sky(p)
    if "island" in p.scene.details or p.seed("land") % 3 == 0:
        paint_ridge(p, 160, 0.07, ROCK, what="isle", width=0.8, base=-0.03)
    rough = p.scene.weather in ("storm", "wind")
    paint_water(p, SEA, waves=1.9 if rough else 1.0)
    if rough:
        _breakers(p)


def _breakers(p: Painting) -> None:
    """Swell that rises above the plane of the sea, with foam on its crests."""
    for z, high in ((70.0, 3.4), (46.0, 2.8), (31.0, 2.1), (21.0, 1.5), (14.0, 0.95), (9.4, 0.42)):
        x = np.linspace(-1.6 * z, 1.6 * z, 320)
        seed = p.seed("swell", z)
        crest = high * (1.15 * hills(x * 2.6 / np.sqrt(z) * 0.12, seed, 2) ** 2.2 + 0.2 * crags(x * 1.3 / np.sqrt(z), seed + 3,
            3) ** 2)
        line, tone = np.stack([x, crest], axis=1), 0.72 + 0.28 * z / 70
        body = np.concatenate([line, [[1.6 * z, -3.0], [-1.6 * z, -3.0]]])
        layer(p, [body], z, (0.3 * tone, 0.48 * tone, 0.52 * tone), light=0.25, texture=1.1)
        lace = np.clip(crest - 0.4 * high, 0, None) * (0.25 + 0.75 * hills(x * 0.9, seed + 7, 3)) * 0.6
        foam = np.concatenate([line, (line - np.stack([0 * x, lace], axis=1))[::-1]])
        layer(p, [foam], z - 0.01, (0.84, 0.9, 0.92), soft=0.016, texture=1.2)


def paint_coast(p: Painting) -> None:
    paint_sky(p)
    paint_ridge(p, 170, 0.1, (0.4, 0.45, 0.44), what="headland", width=0.9, base=-0.035)
    paint_water(p, SEA, waves=1.7 if p.scene.weather in ("storm", "wind") else 0.9)
    if "pier" in p.scene.fixed:
        paint_harbour(p)
        return
    _headland(p)
    if "cliff" in p.scene.details or "lighthouse" in p.scene.details:
        shore_ground(p, GRASS, mix(GRASS, STRAW, 0.5), ROCK)
    else:
        shore_ground(p, SAND, mix(SAND, EARTH, 0.2), mix(SAND, EARTH, 0.35))
        paint_foam(p, SHORE, 0.0)


def _headland(p: Painting) -> None:
    """A cliff that comes in from one side; what stands on the coast stands on it."""
    side = headland_side(p)
    random = p.random("cliff")
    for z, reach, high in ((46.0, 2.2, 4.4), (27.0, 3.6, 2.5)):
        x = np.linspace(0, 46, 230)
        rough = crags(x * 0.9, p.seed("cliff", z)) - 0.5
        climb = np.clip((x - reach + 0.8 * rough) / (0.55 * high), 0, 1) ** 0.62
        top = high * climb * (0.86 + 0.22 * hills(x * 0.22, p.seed("turf", z), 3)) + 0.16 * rough * climb
        keep = top > 0.02 * high
        line = np.stack([side * x[keep], np.maximum(top[keep], 0.0)], axis=1)
        layer(p, [np.concatenate([line, [[side * 46, -0.02], [line[0, 0], -0.02]]])], z, mix(ROCK, (0.56, 0.44, 0.34), 0.45),
            light=0.4, texture=1.0)
        deep = np.clip(0.07 * high * climb[keep] * (0.5 + 1.2 * random.random(len(line))), 0, None)
        high_up = climb[keep] > 0.72
        turf = np.concatenate([line, (line - np.stack([0 * deep, deep * high_up], axis=1))[::-1]])
        layer(p, [turf], z - 0.01, GRASS, texture=0.6)


def headland_side(p: Painting) -> int:
    """On which side the cliff of this coast is: away from the sun."""
    return -1 if p.light.sun[0] > 0 else 1


def shore_ground(p: Painting, near: RGB, far: RGB, accent: RGB) -> None:
    keep = p.canvas.rgb.copy()
    paint_ground(p, near, far, accent)
    found = plane(p)
    if found is None:
        return
    top, x, z = found
    edge = SHORE + 2.2 * (sample(x * 0.03, np.float32(0.1), 2, 2.0) - 0.5) + 0.5 * (sample(x * 0.2, z * 0.2, 1) - 0.5)
    water = smooth(z - edge, -0.25, 0.25)
    ground = p.canvas.rgb[top:]
    wet = 1 - 0.3 * np.exp(-np.clip(edge - z, 0, None) / 1.1)
    p.canvas.rgb[top:] = keep[top:] * water[..., None] + ground * (wet * (1 - water))[..., None]


def paint_lake(p: Painting) -> None:
    paint_sky(p)
    paint_ridge(p, 230, 0.27, (0.4, 0.44, 0.52), what="range", profile="crags", width=0.9, snow=0.62)
    mist(p, 230, 0.4, 0.05)
    paint_ridge(p, 110, 0.12, (0.26, 0.36, 0.27), what="shore", width=0.8, base=0.02, edge=conifers(34, 0.02))
    mist(p, 110, 0.45, 0.03)
    paint_water(p, (0.12, 0.28, 0.32), waves=0.45)
    shore_ground(p, mix(GRASS, EARTH, 0.2), GRASS, mix(STRAW, EARTH, 0.3))
    stones(p, 9, 6.8, 9.2)
    random = p.random("reeds")
    for k in range(18):
        x = (-1 if k % 2 else 1) * (2.8 + 5 * random.random())
        stand(p, tussock(random, 0.75, (0.45, 0.47, 0.22)), x, 7.6 + 1.2 * random.random())
    stand(p, leafy(random, 3.6, leaf_colour(p)), -5.4 if p.seed("side") % 2 else 5.4, 10.5, shadow=0.5)
