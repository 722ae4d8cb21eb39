"""Streets and stations: boxes in true perspective with lit windows. Draws no people and no weather."""

from __future__ import annotations

import numpy as np

from image_generators.sketch.buildings import train
from image_generators.sketch.canvas import rough_mask, smooth
from image_generators.sketch.ground import paint_ground, paint_sheen, plane
from image_generators.sketch.noise import Array
from image_generators.sketch.painting import Painting
from image_generators.sketch.palette import RGB, mix, rgb
from image_generators.sketch.ridges import mist
from image_generators.sketch.sky import paint_sky
from image_generators.sketch.solids import box, limb, oval, stand

KERB = 3.3
_WALLS = ("#8a5a48", "#a58a70", "#6d6a72", "#7b4d44", "#93907f", "#5b6672", "#b09a82")
_SIGNS = ((1.0, 0.35, 0.5), (0.3, 0.9, 1.0), (1.0, 0.75, 0.3), (0.6, 0.45, 1.0), (0.4, 1.0, 0.6))


def paint_street(p: Painting) -> None:
    """A street between houses, a skyline at its end."""
    paint_sky(p)
    _skyline(p, 170, 0.36, 1.0)
    mist(p, 170, 0.4, 0.09)
    _skyline(p, 95, 0.26, 0.85)
    mist(p, 95, 0.35, 0.07)
    paint_ground(p, (0.34, 0.34, 0.37), (0.36, 0.36, 0.38), (0.28, 0.28, 0.31), grain=0.8)
    _pavement(p)
    _houses(p)
    for z in (38.0, 27.0, 19.0, 13.0):
        for side in (-1, 1):
            street_lamp(p, side * (KERB - 0.35), z, -side)
    if p.scene.wet or (p.scene.time == "night" and p.seed("wet") % 2):
        paint_sheen(p, 0.55 if p.scene.wet else 0.25)


def _skyline(p: Painting, z: float, high: float, tone: float) -> None:
    random, view, canvas = p.random("skyline", z), p.view, p.canvas
    walls: list[Array] = []
    panes: list[Array] = []
    unit = view.rise(1.0, z)
    x = -1.7
    while x < 1.7:
        wide = 0.035 + 0.07 * random.random()
        tall = high * (0.25 + 0.75 * random.random() ** 1.6) * (0.75 + 0.5 * np.exp(-((x / 0.8) ** 2)))
        walls.append(_rectangle(x, 0, x + wide, tall) * unit)
        if random.random() < 0.3:
            walls.append(_rectangle(x + wide * 0.3, tall, x + wide * 0.7, tall * 1.12) * unit)
        if random.random() < 0.2:
            walls.append(_rectangle(x + wide * 0.48, tall, x + wide * 0.52, tall * 1.3) * unit)
        for row in np.arange(0.02, tall - 0.012, 0.0145):
            for column in np.arange(0.008, wide - 0.008, 0.012):
                if random.random() < 0.34:
                    panes.append(_rectangle(x + column, row, x + column + 0.006, row + 0.008) * unit)
        x += wide + 0.012 * random.random()
    mask = rough_mask((canvas.height, canvas.width), [view.points(wall, z) for wall in walls])
    canvas.lay(mask, p.colour((0.36 * tone, 0.38 * tone, 0.45 * tone), z, 0.35))
    if p.light.lamps > 0.2:
        lights = rough_mask((canvas.height, canvas.width), [view.points(pane, z) for pane in panes])
        canvas.lay(lights * mask * min(0.55, p.light.lamps * 0.55), mix((1.0, 0.82, 0.5), p.light.air, 0.2))


def _rectangle(left: float, bottom: float, right: float, top: float) -> Array:
    return np.array([(left, bottom), (right, bottom), (right, top), (left, top)], dtype=np.float64)


def _pavement(p: Painting) -> None:
    found = plane(p)
    if found is None:
        return
    top, x, z = found
    light = p.light
    side = smooth(np.abs(x), KERB - 0.75, KERB - 0.7)
    fade = np.exp(-(z - p.view.dolly) * light.haze) * np.clip(8 / z, 0, 1)
    joint = np.maximum(smooth(np.abs(z * 1.1 % 1 - 0.5), 0.47, 0.49), smooth(np.abs(x * 1.1 % 1 - 0.5), 0.47, 0.49))
    stone = p.colour((0.52, 0.5, 0.49), 12, 0.5)
    p.canvas.lay((side * 0.8).astype(np.float32), stone, top)
    p.canvas.lay((side * joint * 0.45 * fade).astype(np.float32), p.colour((0.25, 0.24, 0.25), 12, 0.3), top)
    kerb = smooth(np.abs(np.abs(x) - (KERB - 0.74)), 0.06, 0.03)
    p.canvas.lay((kerb * 0.6 * fade).astype(np.float32), light.on((0.75, 0.73, 0.7), 0.7), top)
    dash = smooth(np.abs(x), 0.08, 0.05) * smooth(np.abs((z * 0.4) % 1 - 0.5), 0.25, 0.22)
    p.canvas.lay((dash * 0.55 * fade).astype(np.float32), light.on((0.9, 0.87, 0.75), 0.7), top)


def _houses(p: Painting) -> None:
    """Two rows of fronts, far ones first."""
    blocks: list[tuple[float, float, int, int]] = []
    for side in (-1, 1):
        z, number = 4.2, 0
        while z < 64:
            random = p.random("block", side, number)
            deep = 4.2 + 3.2 * random.random()
            blocks.append((z, deep, side, number))
            z, number = z + deep, number + 1
    for z, deep, side, number in sorted(blocks, reverse=True):
        _house(p, z, deep, side, number)


def _house(p: Painting, z: float, deep: float, side: int, number: int) -> None:
    random = p.random("front", side, number)
    wall = rgb(_WALLS[int(random.integers(len(_WALLS)))])
    high = 4.2 + 4.6 * random.random()
    x, near, far = side * KERB * 1.06, max(z, p.view.dolly + 0.5), z + deep
    if far <= near:
        return
    facing = 0.75 if (p.light.sun[0] > 0) != (side > 0) else 0.28
    p.quad([(x, 0, near), (x, 0, far), (x, high, far), (x, high, near)], wall, facing)
    p.quad([(x, high, near), (x, high, far), (x - side * 0.18, high, far), (x - side * 0.18, high, near)],
        mix(wall, (0.2, 0.2, 0.2), 0.5), 0.3)
    p.quad([(x, high - 0.3, near), (x, high - 0.3, far), (x, high, far), (x, high, near)], mix(wall, (0.95, 0.9, 0.8), 0.25),
        facing)
    _panes(p, random, x, near, z, deep, high)
    _shop(p, random, x, side, z, deep, near)


def _panes(p: Painting, random: np.random.Generator, x: float, near: float, z: float, deep: float, high: float) -> None:
    columns, storeys = max(2, round(deep / 1.15)), int((high - 1.6) / 1.15)
    day = mix((0.3, 0.36, 0.42), p.light.middle, 0.45)
    for storey in range(storeys):
        low = 1.75 + storey * 1.15
        for column in range(columns):
            left = z + deep * (column + 0.27) / columns
            right, lit = left + deep * 0.46 / columns, random.random() < 0.42
            warm = (1.0, 0.8 + 0.1 * random.random(), 0.45 + 0.25 * random.random())
            if left < near + 0.05:
                continue
            tone = mix(mix(day, (0.1, 0.12, 0.18), 0.5 * p.light.lamps), warm, p.light.lamps * 0.95 if lit else 0.04)
            tone = p.light.far(tone if lit and p.light.lamps > 0.3 else mix(tone, p.light.ambient, 0.35), z - p.view.dolly)
            corners = np.array([(x, low, left), (x, low, right), (x, low + 0.68, right), (x, low + 0.68, left)])
            p.canvas.shape(p.view.project(corners), tone)
            p.quad([(x, low - 0.07, left - 0.04), (x, low - 0.07, right + 0.04), (x, low, right + 0.04),
                (x, low, left - 0.04)], (0.7, 0.66, 0.6), 0.5)


def _shop(p: Painting, random: np.random.Generator, x: float, side: int, z: float, deep: float, near: float) -> None:
    """Ground floor: a lit window, an awning, in a neon town a sign."""
    left, right = max(near + 0.1, z + deep * 0.12), z + deep * 0.88
    warm = (1.0, 0.78 + 0.1 * random.random(), 0.48)
    shine = min(1.0, p.light.lamps * 1.1)
    canopy = rgb(("#a33c34", "#2f5f58", "#c08a3a", "#39507e", "#7a3f5e")[int(random.integers(5))])
    sign = _SIGNS[int(random.integers(len(_SIGNS)))]
    if right <= left + 0.2:
        return
    glass = p.light.far(mix(mix((0.2, 0.24, 0.28), p.light.ambient, 0.4), warm, shine * 0.85), z - p.view.dolly)
    corners = np.array([(x, 0.25, left), (x, 0.25, right), (x, 1.08, right), (x, 1.08, left)])
    p.canvas.shape(p.view.project(corners), glass)
    middle = (left + right) / 2
    for pane in np.linspace(left, right, 5):
        p.quad([(x, 0.25, pane - 0.03), (x, 0.25, pane + 0.03), (x, 1.08, pane + 0.03), (x, 1.08, pane - 0.03)],
            (0.2, 0.16, 0.15), 0.3)
    p.quad([(x, 0.25, left), (x, 0.25, right), (x, 0.45, right), (x, 0.45, left)], mix(canopy, (0.2, 0.15, 0.12), 0.5), 0.4)
    p.quad([(x, 0.85, left), (x, 0.85, right), (x, 0.88, right), (x, 0.88, left)], (0.2, 0.16, 0.15), 0.3)
    p.quad([(x, 0.0, middle - 0.05), (x, 0.0, middle + 0.05), (x, 1.08, middle + 0.05), (x, 1.08, middle - 0.05)],
        (0.2, 0.17, 0.16), 0.3)
    p.quad([(x, 1.42, left - 0.1), (x, 1.42, right + 0.1), (x - side * 0.6, 1.12, right + 0.1),
        (x - side * 0.6, 1.12, left - 0.1)], canopy, 0.7)
    if shine > 0.3:
        p.lamp(x - side * 0.3, 0.6, middle, 0.7, strength=0.16 * shine)
    neon = "neon" in p.scene.details or p.scene.style == "vivid"
    if p.light.lamps > 0.5 and (neon or random.random() < 0.3):
        _sign(p, x, side, left, sign, 2.1 + random.random())


def _sign(p: Painting, x: float, side: int, z: float, colour: RGB, y: float) -> None:
    board = np.array([(x, y, z), (x - side * 0.55, y, z), (x - side * 0.55, y + 1.1, z), (x, y + 1.1, z)])
    p.canvas.shape(p.view.project(board), mix(colour, (0.1, 0.1, 0.14), 0.35))
    inner = np.array([(x - side * 0.1, y + 0.1, z), (x - side * 0.45, y + 0.1, z), (x - side * 0.45, y + 1.0, z),
        (x - side * 0.1, y + 1.0, z)])
    p.canvas.shape(p.view.project(inner), mix(colour, (1, 1, 1), 0.45))
    p.lamp(x - side * 0.3, y + 0.55, z, 0.7, colour, 0.55)


def street_lamp(p: Painting, x: float, z: float, side: int) -> None:
    """A lamp post whose arm points to `side`; it shines when it is dark."""
    iron = (0.14, 0.15, 0.17)
    lit = p.light.lamps if p.scene.dark or p.light.lamps > 0.3 else 0.0
    arm = side * 0.38
    stand(p, [limb([(0, 0), (0, 1.4), (0, 2.35), (arm * 0.5, 2.62), (arm, 2.55)], (0.09, 0.06, 0.05, 0.045, 0.05), iron),
        box(-0.08, 0, 0.08, 0.2, iron),
              oval(arm, 2.46, 0.12, 0.1, mix((0.6, 0.6, 0.58), (1.0, 0.88, 0.62), lit), 0, 0, lit)], x, z, shadow=0.4)
    if lit > 0:
        p.lamp(x + arm, 2.46, z, 0.6, (1.0, 0.82, 0.5), 0.55 * lit)
        p.lamp(x + arm, 0.0, z, 1.0, (1.0, 0.8, 0.5), 0.09 * lit)


def paint_station(p: Painting) -> None:
    """A platform under a roof, with a train that waits."""
    paint_sky(p)
    _skyline(p, 150, 0.2, 1.0)
    mist(p, 150, 0.4, 0.08)
    paint_ground(p, (0.55, 0.53, 0.5), (0.5, 0.48, 0.46), (0.45, 0.43, 0.41), grain=0.6)
    p.quad([(-60, -0.02, 15.6), (60, -0.02, 15.6), (60, -0.02, 12.6), (-60, -0.02, 12.6)], (0.24, 0.22, 0.22), 0.4)
    stand(p, train(p.light.lamps, (0.5, 0.16, 0.16)), 4.6, 13.4, 0.0, shadow=0.7)
    if p.light.lamps > 0.3:
        for k in range(8):
            p.lamp(4.6 - 8.6 + k * 1.1, 1.45, 13.4, 0.7, strength=0.16 * p.light.lamps)
    p.quad([(-60, 0, 11.2), (60, 0, 11.2), (60, 0, 10.9), (-60, 0, 10.9)], (0.92, 0.8, 0.35), 0.7)
    iron = (0.2, 0.27, 0.27)
    for z in (11.8, 9.6):
        for x in np.arange(-18, 19, 4.5):
            brace = [limb([(side * 0.02, 2.5), (side * 0.4, 2.95), (side * 1.0, 3.2)], (0.1, 0.08, 0.08), iron)
                for side in (-1, 1)]
            stand(p, [box(-0.1, 0, 0.1, 3.3, iron, 0.8), box(-0.17, 0, 0.17, 0.3, iron, 0.6), *brace], float(x), z, shadow=0.5)
    p.quad([(-60, 3.25, 15), (60, 3.25, 15), (60, 3.4, 5), (-60, 3.4, 5)], (0.3, 0.3, 0.32), 0.1)
    glass = mix(mix(p.light.low, p.light.middle, 0.4), (0.3, 0.3, 0.32), 0.35)
    for z in (13.6, 11.2, 9.0, 7.2):
        for x in np.arange(-20, 20, 2.5):
            panes = np.array([(x, 3.3, z), (x + 2.2, 3.3, z), (x + 2.2, 3.35, z - 0.9), (x, 3.35, z - 0.9)])
            panes[:, 2] = np.maximum(panes[:, 2], p.view.dolly + 0.5)
            p.canvas.shape(p.view.project(panes), glass)
    p.quad([(-60, 3.0, 15), (60, 3.0, 15), (60, 3.3, 15), (-60, 3.3, 15)], (0.42, 0.34, 0.28), 0.4)
    for x in (-8.0, 1.2, 9.0):
        stand(p, [limb([(0, 3.3), (0, 3.0)], (0.03, 0.03), iron), oval(0, 2.9, 0.16, 0.12, (1.0, 0.9, 0.66), 0, 0,
            max(0.2, p.light.lamps))], x, 10)
        p.lamp(x, 2.9, 10, 0.5, strength=0.6 * max(0.25, p.light.lamps))
