"""How each place is layered, from far to near, and the table of all places. Several have files of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from image_generators.sketch import beyond, city, decks, rooms, shores, towers, woods
from image_generators.sketch.buildings import church, house
from image_generators.sketch.cover import EARTH, GRASS, ROCK, SAND, SNOW, STRAW, scatter, stones, tufts
from image_generators.sketch.ground import paint_ground, paint_sheen, paint_track
from image_generators.sketch.painting import Painting
from image_generators.sketch.palette import mix
from image_generators.sketch.plants import firs, layer, leaf_colour, leafy, leaves, palm, tussock
from image_generators.sketch.props import column
from image_generators.sketch.ridges import conifers, leafage, mist, paint_ridge
from image_generators.sketch.sky import paint_sky
from image_generators.sketch.solids import limb, stand


@dataclass(frozen=True)
class Stage:
    """A place: where its horizon lies in a wide shot, how high the camera stands, who paints what is behind and before."""

    horizon: float
    eye: float
    back: Callable[[Painting], None]
    front: Callable[[Painting], None] | None = None


def _mountains(p: Painting) -> None:
    paint_sky(p)
    white = 0.36 if p.scene.weather == "snowfall" or "snow" in p.scene.place or p.scene.time in ("dawn", "dusk",
        "morning") else 0.55
    paint_ridge(p, 260, 0.5, (0.42, 0.44, 0.52), what="range", profile="crags", width=0.85, snow=white)
    mist(p, 260, 0.45, 0.07)
    paint_ridge(p, 120, 0.33, (0.38, 0.4, 0.44), what="peaks", profile="crags", width=0.7, snow=white + 0.15)
    mist(p, 120, 0.5, 0.06)
    paint_ground(p, (0.42, 0.47, 0.24), (0.36, 0.42, 0.25), ROCK)
    paint_ridge(p, 55, 0.15, (0.24, 0.33, 0.24), what="woods", width=0.7, base=0.01, edge=conifers(30, 0.028))
    mist(p, 55, 0.4, 0.035)
    scatter(p, 30, 9, 26, 22, "fir")
    stones(p, 9, 3.4, 12)


def _snow(p: Painting) -> None:
    paint_sky(p)
    paint_ridge(p, 240, 0.34, (0.55, 0.6, 0.7), what="range", profile="crags", width=0.8, snow=0.05)
    mist(p, 240, 0.5, 0.06)
    paint_ridge(p, 90, 0.12, (0.82, 0.87, 0.95), what="drifts", width=0.9, base=0.0, relief=0.6)
    paint_ground(p, SNOW, SNOW, (0.74, 0.81, 0.93), grain=0.5)
    if "iceberg" not in p.scene.details:
        layer(p, firs(p.random("firs"), 26, 34, 2.7), 46, (0.2, 0.27, 0.3))
    mist(p, 46, 0.35, 0.03)
    scatter(p, 9, 10, 22, 15, "fir")


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
        stones(p, 5, 4, 14)


def _field(p: Painting) -> None:
    paint_sky(p)
    grass = STRAW if p.seed("straw") % 3 == 0 or p.scene.time == "golden" else GRASS
    paint_ground(p, grass, mix(grass, (0.55, 0.56, 0.26), 0.4), mix(grass, (0.24, 0.36, 0.14), 0.6))
    for z, high, tone in ((200.0, 0.13, 0.75), (110.0, 0.09, 0.9), (60.0, 0.055, 1.0)):
        edge = leafage(20, 0.012) if z != 110.0 else None
        paint_ridge(p, z, high, mix(grass, (0.2, 0.34, 0.2), 1.3 - tone), what=f"hill{z}", width=0.9, base=-0.01, relief=0.55,
            edge=edge)
    mist(p, 60, 0.3, 0.03)
    for k, (x, z) in enumerate(((-7.5, 26.0), (8.4, 30.0), (5.8, 22.0))):
        if k < 1 + p.seed("trees") % 3:
            stand(p, leafy(p.random("tree", k), 3.2, leaf_colour(p)), x, z, shadow=0.6)
    tufts(p, 70, 4.6, 20, grass, 0.34, bloom=True)


def _field_front(p: Painting) -> None:
    grass = mix(GRASS, (0.1, 0.14, 0.06), 0.45)
    random = p.random("front")
    for k in range(16):
        x = (k - 7.5) * 0.34 + random.random() * 0.2
        if p.behind(2.9):
            stand(p, tussock(random, 0.42, grass), x, 2.9, p.view.eye - 0.66 + 0.08 * random.random() - 0.1
                * (1 - abs(k - 7.5) / 8))


def _village(p: Painting) -> None:
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
    tufts(p, 30, 5, 13, GRASS, 0.3, bloom=True)


def _road(p: Painting) -> None:
    _field_like(p)
    paint_track(p, 1.9, (0.36, 0.36, 0.38), bend=0.9, edge=0.12, middle=True)
    for z in (44, 34, 26, 20, 15.5, 12):
        side = 3.4
        stand(p, [limb([(0, 0), (0, 2.6)], (0.09, 0.07), (0.3, 0.24, 0.2)), limb([(-0.45, 2.35), (0.45, 2.35)], (0.06, 0.06),
            (0.3, 0.24, 0.2))], side, z, shadow=0.4)
    if p.scene.wet:
        paint_sheen(p, 0.3)
    tufts(p, 40, 5, 16, STRAW, 0.3, clear=2.2)


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
    tufts(p, 80, 4.8, 15, GRASS, 0.36, bloom=True, clear=1.5)


def _ruins(p: Painting) -> None:
    paint_sky(p)
    paint_ridge(p, 210, 0.16, (0.45, 0.43, 0.42), what="range", width=0.9, base=0.01)
    mist(p, 210, 0.4, 0.05)
    paint_ground(p, mix(STRAW, SAND, 0.4), mix(STRAW, SAND, 0.5), mix(GRASS, STRAW, 0.4))
    random = p.random("columns")
    for k, z in enumerate((30.0, 24.0, 19.0, 15.0, 12.0)):
        for side in (-1, 1):
            stand(p, column(random, 3.6 * (0.35 + 0.65 * random.random() if k % 2 else 1.0)), side * (3.6 + 0.1 * k), z,
                shadow=0.6)
    p.quad([(-4.2, 3.6, 30), (4.2, 3.6, 30), (4.2, 4.2, 30), (-4.2, 4.2, 30)], (0.75, 0.68, 0.58), 0.5)
    stones(p, 12, 6.5, 16)
    tufts(p, 40, 5, 14, GRASS, 0.3)


STAGES: dict[str, Stage] = {
    "sea": Stage(0.56, 0.9, shores.paint_sea), "coast": Stage(0.56, 1.05, shores.paint_coast), "mountains": Stage(0.66, 0.85,
        _mountains), "snow": Stage(0.63, 0.85, _snow),
    "desert": Stage(0.62, 0.85, _desert), "forest": Stage(0.64, 0.85, woods.paint_forest,
        woods.forest_front), "field": Stage(0.62, 0.85, _field, _field_front), "lake": Stage(0.57, 1.05, shores.paint_lake),
    "village": Stage(0.6, 0.95, _village), "road": Stage(0.6, 0.95, _road), "garden": Stage(0.6, 0.95,
        _garden), "ruins": Stage(0.62, 0.85, _ruins),
    "city": Stage(0.63, 0.85, city.paint_street), "station": Stage(0.6, 0.9, city.paint_station), "room": Stage(0.55, 1.02,
        rooms.paint_room),
    "cave": Stage(0.58, 0.95, beyond.paint_cave, beyond.cave_front), "space": Stage(0.66, 0.85,
        beyond.paint_space), "underwater": Stage(0.68, 0.9, beyond.paint_underwater),
    "sky": Stage(0.6, 0.9, beyond.paint_air), "deck": Stage(0.5, 1.05, decks.paint_deck),
    "tower": Stage(0.57, 1.05, towers.paint_tower),
}
