"""How each place out of doors is layered, from far to near. City, rooms and other worlds have files of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from image_generators.sketch import beyond, city, rooms
from image_generators.sketch.ground import paint_foam, paint_ground, paint_sheen, paint_track, paint_water
from image_generators.sketch.noise import crags, hills
from image_generators.sketch.painting import Painting
from image_generators.sketch.palette import mix
from image_generators.sketch.plants import boulder, fir, firs, layer, leaf_colour, leafy, leaves, palm, trunks, tussock
from image_generators.sketch.ridges import conifers, leafage, mist, paint_ridge
from image_generators.sketch.sky import paint_sky
from image_generators.sketch.solids import stand

SHORE = 9.0
GRASS, STRAW, EARTH, SAND, ROCK = (0.36, 0.46, 0.2), (0.66, 0.62, 0.32), (0.42, 0.33, 0.24), (0.86, 0.72, 0.5), (0.44, 0.41, 0.4)
SNOW = (0.9, 0.93, 0.98)
SEA = (0.1, 0.3, 0.38)


@dataclass(frozen=True)
class Stage:
    """A place: where its horizon lies in a wide shot, how high the camera stands, who paints what is behind and before."""

    horizon: float
    eye: float
    back: Callable[[Painting], None]
    front: Callable[[Painting], None] | None = None
    water: bool = False
    air: bool = False


def _sea(p: Painting) -> None:
    paint_sky(p)
    if "island" in p.scene.details or p.seed("land") % 3 == 0:
        paint_ridge(p, 160, 0.07, ROCK, what="isle", width=0.8, base=-0.03)
    rough = p.scene.weather in ("storm", "wind")
    paint_water(p, SEA, waves=1.9 if rough else 1.0)
    if rough:
        _breakers(p)


def _breakers(p: Painting) -> None:
    """Swell that rises above the plane of the sea, with foam on its crests."""
    for z, high in ((60.0, 0.9), (40.0, 0.85), (27.0, 0.75), (18.0, 0.6), (12.0, 0.42), (8.6, 0.24)):
        x = np.linspace(-1.6 * z, 1.6 * z, 260)
        seed = p.seed("swell", z)
        crest = high * (0.9 * hills(x * 0.16, seed, 2) ** 1.6 + 0.3 * crags(x * 0.3, seed + 3, 3) ** 2)
        line = np.stack([x, crest], axis=1)
        tone = 0.7 + 0.3 * z / 60
        layer(p, [np.concatenate([line, [[1.6 * z, -0.35], [-1.6 * z, -0.35]]])], z, (0.16 * tone, 0.34 * tone, 0.4 * tone), light=0.25, texture=0.9)
        foam = np.clip(crest - 0.62 * high, 0, None) * 0.55 + 0.012 * high
        layer(p, [np.concatenate([line, (line - np.stack([0 * x, foam], axis=1))[::-1]])], z - 0.01, (0.78, 0.84, 0.86), soft=0.02, texture=1.0)


def _coast(p: Painting) -> None:
    paint_sky(p)
    paint_ridge(p, 170, 0.1, (0.4, 0.45, 0.44), what="headland", width=0.9, base=-0.035)
    paint_water(p, SEA, waves=1.7 if p.scene.weather in ("storm", "wind") else 0.9)
    if "pier" in p.scene.fixed:
        _quay(p)
        return
    _headland(p)
    if "cliff" in p.scene.details or "lighthouse" in p.scene.details:
        _shore_ground(p, GRASS, mix(GRASS, STRAW, 0.5), ROCK)
    else:
        _shore_ground(p, SAND, mix(SAND, EARTH, 0.2), mix(SAND, EARTH, 0.35))
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
        keep = x > reach - 0.7
        line = np.stack([side * x[keep], np.maximum(top[keep], 0.0)], axis=1)
        layer(p, [np.concatenate([line, [[side * 46, -0.02], [line[0, 0], -0.02]]])], z, mix(ROCK, (0.56, 0.44, 0.34), 0.45), light=0.4, texture=1.0)
        deep = np.clip(0.07 * high * climb[keep] * (0.5 + 1.2 * random.random(len(line))), 0, None)
        high_up = climb[keep] > 0.72
        turf = np.concatenate([line, (line - np.stack([0 * deep, deep * high_up], axis=1))[::-1]])
        layer(p, [turf], z - 0.01, GRASS, texture=0.6)


def headland_side(p: Painting) -> int:
    """On which side the cliff of this coast is: away from the sun."""
    return -1 if p.light.sun[0] > 0 else 1


def _shore_ground(p: Painting, near: tuple[float, float, float], far: tuple[float, float, float], accent: tuple[float, float, float]) -> None:
    keep = p.canvas.rgb.copy()
    paint_ground(p, near, far, accent)
    from image_generators.sketch.canvas import smooth
    from image_generators.sketch.ground import plane
    from image_generators.sketch.noise import sample
    found = plane(p)
    if found is None:
        return
    top, x, z = found
    edge = SHORE + 2.2 * (sample(x * 0.03, np.float32(0.1), 2, 2.0) - 0.5) + 0.5 * (sample(x * 0.2, z * 0.2, 1) - 0.5)
    water = smooth(z - edge, -0.25, 0.25)
    ground = p.canvas.rgb[top:]
    wet = 1 - 0.3 * np.exp(-np.clip(edge - z, 0, None) / 1.1)
    p.canvas.rgb[top:] = keep[top:] * water[..., None] + ground * (wet * (1 - water))[..., None]


def _quay(p: Painting) -> None:
    stone = (0.55, 0.52, 0.5)
    random = p.random("quay")
    for k in range(7):
        x = -15 + k * 4.4 + random.random()
        if p.behind(30):
            from image_generators.sketch.buildings import house
            stand(p, house(p.light.lamps, random), x, 30 + random.random() * 2, 0.6, mirror=0.4)
    p.quad([(-40, 0.6, 29), (40, 0.6, 29), (40, -0.2, 29), (-40, -0.2, 29)], stone, 0.3)
    _planks(p)


def _planks(p: Painting) -> None:
    """A wooden jetty under the figures' feet."""
    wood = (0.5, 0.4, 0.3)
    p.quad([(-30, 0, 8.2), (30, 0, 8.2), (30, -0.5, 8.2), (-30, -0.5, 8.2)], (0.22, 0.17, 0.14), 0.2)
    keep_far = 8.2
    z = keep_far
    random = p.random("planks")
    while z > 0.8:
        tone = 0.88 + 0.2 * random.random()
        step = 0.42
        if p.behind(z):
            p.quad([(-40, 0, z), (40, 0, z), (40, 0, z - step * 0.94), (-40, 0, z - step * 0.94)], (wood[0] * tone, wood[1] * tone, wood[2] * tone), 0.55)
            p.quad([(-40, 0, z - step * 0.94), (40, 0, z - step * 0.94), (40, 0, z - step), (-40, 0, z - step)], (0.14, 0.11, 0.1), 0.2)
        z -= step


def _mountains(p: Painting) -> None:
    paint_sky(p)
    white = 0.36 if p.scene.weather == "snowfall" or "snow" in p.scene.place or p.scene.time in ("dawn", "dusk", "morning") else 0.55
    paint_ridge(p, 260, 0.5, (0.42, 0.44, 0.52), what="range", profile="crags", width=0.85, snow=white)
    mist(p, 260, 0.45, 0.07)
    paint_ridge(p, 120, 0.33, (0.38, 0.4, 0.44), what="peaks", profile="crags", width=0.7, snow=white + 0.15)
    mist(p, 120, 0.5, 0.06)
    paint_ground(p, (0.42, 0.47, 0.24), (0.36, 0.42, 0.25), ROCK)
    paint_ridge(p, 55, 0.15, (0.24, 0.33, 0.24), what="woods", width=0.7, base=0.01, edge=conifers(30, 0.028))
    mist(p, 55, 0.4, 0.035)
    _scatter(p, 30, 9, 26, 22, "fir")
    _stones(p, 9, 3.4, 12)


def _snow(p: Painting) -> None:
    paint_sky(p)
    paint_ridge(p, 240, 0.34, (0.55, 0.6, 0.7), what="range", profile="crags", width=0.8, snow=0.05)
    mist(p, 240, 0.5, 0.06)
    paint_ridge(p, 90, 0.12, (0.82, 0.87, 0.95), what="drifts", width=0.9, base=0.0, relief=0.6)
    paint_ground(p, SNOW, SNOW, (0.74, 0.81, 0.93), grain=0.5)
    if "iceberg" not in p.scene.details:
        layer(p, firs(p.random("firs"), 26, 34, 2.7), 46, (0.2, 0.27, 0.3))
    mist(p, 46, 0.35, 0.03)
    _scatter(p, 9, 10, 22, 15, "fir")


def _desert(p: Painting) -> None:
    paint_sky(p)
    if p.seed("mesa") % 2:
        paint_ridge(p, 220, 0.12, (0.6, 0.36, 0.26), what="mesa", profile="crags", width=0.7, base=-0.03)
    paint_ground(p, (0.88, 0.65, 0.41), (0.86, 0.63, 0.4), (0.76, 0.52, 0.32), grain=0.6)
    for z, high, tone in ((150.0, 0.085, 0.86), (80.0, 0.065, 0.94), (42.0, 0.05, 1.0)):
        paint_ridge(p, z, high, (0.86 * tone, 0.62 * tone, 0.38 * tone), what=f"dune{z}", width=1.1, base=-0.012, relief=0.7)
    if "palm" in p.scene.details:
        for k in range(4):
            stand(p, palm(p.random("palm", k), 3.4), -5.5 + 1.3 * k, 16 + k, shadow=0.5)
    elif p.seed("stones") % 2:
        _stones(p, 5, 4, 14)


def _forest(p: Painting) -> None:
    paint_sky(p)
    leaf = leaf_colour(p)
    glow = mix(p.light.low, p.light.key, 0.4)
    x, y = p.view.from_angle(p.light.sun[0] * 0.5, 0.16)
    p.canvas.glow(x, y, p.canvas.height * 0.5, glow, 0.28 * (0.3 + p.light.glare))
    paint_ridge(p, 90, 0.34, mix(leaf, (0.3, 0.42, 0.34), 0.5), what="wall", width=0.5, base=0.16, edge=leafage(12, 0.07))
    paint_ground(p, mix(EARTH, leaf, 0.42), mix(EARTH, leaf, 0.5), mix(EARTH, leaf, 0.15))
    paint_track(p, 1.1, (0.5, 0.41, 0.3), bend=0.8, edge=0.9)
    mist(p, 70, 0.5, 0.2)
    pines = "pines" in p.scene.details or p.seed("pines") % 3 == 0
    for z, count, tone in ((52.0, 22, 1.0), (34.0, 15, 0.85), (23.0, 11, 0.7)):
        random = p.random("trunks", z)
        bark = (0.36 * tone, 0.31 * tone, 0.27 * tone)
        span = z * 0.85
        if pines:
            layer(p, firs(random, span, count, 8.5), z, mix(leaf, (0.16, 0.26, 0.2), 0.55))
        else:
            layer(p, trunks(random, z, span, count, 0.5, 14), z, bark)
            tops = [(float(a), 8.6 * z / 34 + 2 * float(b)) for a, b in random.random((9, 2)) * np.array([2 * span, 1]) - np.array([span, 0])]
            layer(p, leaves(random, tops, 3.4, 16), z - 0.1, mix(leaf, (0.2, 0.3, 0.16), 0.3 * (1 - tone) * 3))
        mist(p, z, 0.34, 0.1)
    random = p.random("near")
    for x_, z in ((-6.6, 15.0), (5.6, 13.5), (-4.4, 10.2), (7.2, 9.4)):
        stand(p, [*_trunk(random, x_)], x_, z, shadow=0.4)
    _tufts(p, 34, 5, 15, mix(leaf, GRASS, 0.5), 0.4)


def _trunk(random: np.random.Generator, x: float) -> list[object]:  # type: ignore[type-arg]
    from image_generators.sketch.solids import limb
    bark = (0.27, 0.21, 0.17)
    bend = (random.random() - 0.5) * 0.8
    parts = [limb([(0, -0.06), (0.02, 2.0), (bend * 0.5, 5.0), (bend, 10.0)], (1.05, 0.62, 0.52, 0.42), bark)]
    parts += [limb([(side * 0.12, 0.35), (side * 0.42, 0.08), (side * 0.75, -0.03)], (0.34, 0.18, 0.06), bark) for side in (-1, 1)]
    parts.append(limb([(bend * 0.3, 3.2), (bend + 0.9, 4.2), (bend + 1.9, 4.6)], (0.24, 0.15, 0.05), bark))
    return parts  # type: ignore[return-value]


def _forest_front(p: Painting) -> None:
    leaf = mix(leaf_colour(p), (0.08, 0.1, 0.08), 0.62)
    random = p.random("front")
    top = p.view.eye + 0.92
    at = [(x, top + 0.2 * random.random() + 0.13 * abs(x)) for x in np.linspace(-2.6, 2.6, 11)]
    at = [(x, y - (0.35 if abs(x) > 1.6 else 0.0)) for x, y in at]
    layer(p, leaves(random, at, 0.42, 16), 3.0, leaf, soft=0.012)


def _field(p: Painting) -> None:
    paint_sky(p)
    grass = STRAW if p.seed("straw") % 3 == 0 or p.scene.time == "golden" else GRASS
    paint_ground(p, grass, mix(grass, (0.55, 0.56, 0.26), 0.4), mix(grass, (0.24, 0.36, 0.14), 0.6))
    for z, high, tone in ((200.0, 0.13, 0.75), (110.0, 0.09, 0.9), (60.0, 0.055, 1.0)):
        edge = leafage(20, 0.012) if z != 110.0 else None
        paint_ridge(p, z, high, mix(grass, (0.2, 0.34, 0.2), 1.3 - tone), what=f"hill{z}", width=0.9, base=-0.01, relief=0.55, edge=edge)
    mist(p, 60, 0.3, 0.03)
    for k, (x, z) in enumerate(((-7.5, 26.0), (8.4, 30.0), (5.8, 22.0))):
        if k < 1 + p.seed("trees") % 3:
            stand(p, leafy(p.random("tree", k), 3.2, leaf_colour(p)), x, z, shadow=0.6)
    _tufts(p, 70, 4.6, 20, grass, 0.34, bloom=True)


def _field_front(p: Painting) -> None:
    grass = mix(GRASS, (0.1, 0.14, 0.06), 0.45)
    random = p.random("front")
    for k in range(16):
        x = (k - 7.5) * 0.34 + random.random() * 0.2
        if p.behind(2.9):
            stand(p, tussock(random, 0.42, grass), x, 2.9, p.view.eye - 0.66 + 0.08 * random.random() - 0.1 * (1 - abs(k - 7.5) / 8))


def _lake(p: Painting) -> None:
    paint_sky(p)
    paint_ridge(p, 230, 0.27, (0.4, 0.44, 0.52), what="range", profile="crags", width=0.9, snow=0.62)
    mist(p, 230, 0.4, 0.05)
    paint_ridge(p, 110, 0.12, (0.26, 0.36, 0.27), what="shore", width=0.8, base=0.02, edge=conifers(34, 0.02))
    mist(p, 110, 0.45, 0.03)
    paint_water(p, (0.12, 0.28, 0.32), waves=0.45)
    _shore_ground(p, mix(GRASS, EARTH, 0.2), GRASS, mix(STRAW, EARTH, 0.3))
    _stones(p, 9, 6.8, 9.2)
    random = p.random("reeds")
    for k in range(18):
        x = (-1 if k % 2 else 1) * (2.8 + 5 * random.random())
        stand(p, tussock(random, 0.75, (0.45, 0.47, 0.22)), x, 7.6 + 1.2 * random.random())
    stand(p, leafy(random, 3.6, leaf_colour(p)), -5.4 if p.seed("side") % 2 else 5.4, 10.5, shadow=0.5)


def _village(p: Painting) -> None:
    from image_generators.sketch.buildings import church, house
    paint_sky(p)
    paint_ridge(p, 200, 0.19, (0.34, 0.42, 0.4), what="range", width=0.9, base=0.02)
    paint_ground(p, GRASS, GRASS, mix(GRASS, EARTH, 0.5))
    paint_ridge(p, 90, 0.1, (0.3, 0.4, 0.24), what="hill", width=0.8, base=0.015, edge=leafage(22, 0.014))
    mist(p, 90, 0.35, 0.03)
    paint_track(p, 1.5, (0.62, 0.54, 0.44), bend=0.7, edge=0.6)
    random = p.random("houses")
    stand(p, church(p.light.lamps, (0.45, 0.4, 0.42)), 3.2 if p.seed("church") % 2 else -4.4, 36, shadow=0.4)
    for x, z in ((-9.5, 33.0), (9.8, 30.0), (-5.6, 25.0), (6.4, 22.0), (-7.4, 16.5), (7.6, 15.0)):
        stand(p, house(p.light.lamps, random), x + random.random(), z, shadow=0.5)
        if p.light.lamps > 0.4:
            p.lamp(x, 0.7, z, 0.8, strength=0.3 * p.light.lamps)
        stand(p, leafy(random, 1.8 + random.random(), leaf_colour(p)), x + 2.6 * np.sign(x), z - 0.6, shadow=0.5)
    _tufts(p, 30, 5, 13, GRASS, 0.3, bloom=True)


def _road(p: Painting) -> None:
    _field_like(p)
    paint_track(p, 1.9, (0.36, 0.36, 0.38), bend=0.9, edge=0.12, middle=True)
    for z in (44, 34, 26, 20, 15.5, 12):
        side = 3.4
        from image_generators.sketch.solids import limb
        stand(p, [limb([(0, 0), (0, 2.6)], (0.09, 0.07), (0.3, 0.24, 0.2)), limb([(-0.45, 2.35), (0.45, 2.35)], (0.06, 0.06), (0.3, 0.24, 0.2))], side, z, shadow=0.4)
    if p.scene.wet:
        paint_sheen(p, 0.3)
    _tufts(p, 40, 5, 16, STRAW, 0.3, clear=2.2)


def _field_like(p: Painting) -> None:
    paint_sky(p)
    paint_ridge(p, 220, 0.17, (0.4, 0.44, 0.48), what="range", profile="crags", width=1.0)
    mist(p, 220, 0.4, 0.05)
    paint_ground(p, mix(GRASS, STRAW, 0.5), mix(GRASS, STRAW, 0.6), mix(STRAW, EARTH, 0.3))
    paint_ridge(p, 90, 0.06, mix(GRASS, STRAW, 0.3), what="hill", width=0.9, base=0.0, edge=leafage(24, 0.012))



def _garden(p: Painting) -> None:
    paint_sky(p)
    leaf = leaf_colour(p)
    paint_ground(p, GRASS, (0.42, 0.52, 0.24), (0.3, 0.42, 0.17))
    paint_ridge(p, 80, 0.2, mix(leaf, (0.25, 0.4, 0.25), 0.4), what="wood", width=0.4, base=0.08, edge=leafage(16, 0.04))
    mist(p, 80, 0.4, 0.06)
    paint_track(p, 0.95, (0.78, 0.7, 0.58), bend=1.2, edge=0.12)
    random = p.random("trees")
    for x, z in ((-8.5, 27.0), (8.8, 25.0)):
        stand(p, leafy(random, 3.7 + random.random(), leaf), x, z, shadow=0.6)
    hedge = [(side * (2.0 + 0.42 * k), 0.26 + 0.1 * random.random()) for side in (-1, 1) for k in range(34)]
    layer(p, leaves(random, hedge, 0.42, 12), 20.0, mix(leaf, (0.16, 0.3, 0.14), 0.5))
    for x, z in ((-5.6, 17.0), (6.4, 15.0)):
        stand(p, leafy(random, 3.7 + random.random(), leaf), x, z, shadow=0.6)
    _tufts(p, 80, 4.8, 15, GRASS, 0.36, bloom=True, clear=1.5)


def _ruins(p: Painting) -> None:
    from image_generators.sketch.props import column
    paint_sky(p)
    paint_ridge(p, 210, 0.16, (0.45, 0.43, 0.42), what="range", width=0.9, base=0.01)
    mist(p, 210, 0.4, 0.05)
    paint_ground(p, mix(STRAW, SAND, 0.4), mix(STRAW, SAND, 0.5), mix(GRASS, STRAW, 0.4))
    random = p.random("columns")
    for k, z in enumerate((30.0, 24.0, 19.0, 15.0, 12.0)):
        for side in (-1, 1):
            stand(p, column(random, 3.6 * (0.35 + 0.65 * random.random() if k % 2 else 1.0)), side * (3.6 + 0.1 * k), z, shadow=0.6)
    p.quad([(-4.2, 3.6, 30), (4.2, 3.6, 30), (4.2, 4.2, 30), (-4.2, 4.2, 30)], (0.75, 0.68, 0.58), 0.5)
    _stones(p, 12, 6.5, 16)
    _tufts(p, 40, 5, 14, GRASS, 0.3)


def _scatter(p: Painting, count: int, near: float, far: float, span: float, what: str) -> None:
    random = p.random("scatter", what)
    found = sorted(((near + (far - near) * random.random(), (random.random() * 2 - 1)) for _ in range(count)), reverse=True)
    for z, side in found:
        x = side * span * z / far
        high = 1.7 + 1.5 * random.random()
        if abs(x) > 2.6 and what == "fir":
            tone = (0.17, 0.27, 0.2) if p.scene.weather != "snowfall" and p.scene.place != "snow" else (0.36, 0.45, 0.47)
            stand(p, fir(random, high, tone), x, z, shadow=0.5)


def _stones(p: Painting, count: int, near: float, far: float) -> None:
    random = p.random("stones")
    for z in sorted(near + (far - near) * random.random(count), reverse=True):
        x = (1.6 + 5.5 * random.random()) * (-1 if random.random() < 0.5 else 1)
        stand(p, boulder(random, 0.16 + 0.36 * random.random(), ROCK), x, float(z), shadow=0.7)


def _tufts(p: Painting, count: int, near: float, far: float, colour: tuple[float, float, float], high: float, bloom: bool = False, clear: float = 0.0) -> None:
    """Grass that breaks up the ground; with flowers where the words have them, or in clear meadows."""
    random = p.random("tufts")
    petals = ((0.9, 0.32, 0.25), (0.95, 0.9, 0.85), (0.93, 0.75, 0.25), (0.6, 0.5, 0.85))
    flowers = "flowers" in p.scene.details
    for z in sorted(near + (far - near) * random.random(count) ** 1.5, reverse=True):
        x = (random.random() * 2 - 1) * 0.95 * z
        petal = petals[int(random.integers(4))] if bloom and (flowers or random.random() < 0.3) else None
        tall = high * (0.5 + 0.8 * random.random())
        if abs(x) >= clear:
            stand(p, tussock(random, tall, colour, petal), x, float(z))


STAGES: dict[str, Stage] = {
    "sea": Stage(0.56, 0.9, _sea, water=True), "coast": Stage(0.56, 1.05, _coast), "mountains": Stage(0.66, 0.85, _mountains), "snow": Stage(0.63, 0.85, _snow),
    "desert": Stage(0.62, 0.85, _desert), "forest": Stage(0.64, 0.85, _forest, _forest_front), "field": Stage(0.62, 0.85, _field, _field_front), "lake": Stage(0.57, 1.05, _lake),
    "village": Stage(0.6, 0.95, _village), "road": Stage(0.6, 0.95, _road), "garden": Stage(0.6, 0.95, _garden), "ruins": Stage(0.62, 0.85, _ruins),
    "city": Stage(0.63, 0.85, city.paint_street), "station": Stage(0.6, 0.9, city.paint_station), "room": Stage(0.55, 1.02, rooms.paint_room),
    "cave": Stage(0.58, 0.95, beyond.paint_cave, beyond.cave_front), "space": Stage(0.66, 0.85, beyond.paint_space), "underwater": Stage(0.68, 0.9, beyond.paint_underwater),
    "sky": Stage(0.6, 0.9, beyond.paint_air, air=True),
}
