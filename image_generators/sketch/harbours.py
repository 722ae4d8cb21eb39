"""A harbour: quay houses, moored boats, crane, harbour light, lamps that mirror in the water, a jetty in front."""

from __future__ import annotations

import numpy as np

from image_generators.sketch.buildings import boat, house
from image_generators.sketch.landmarks import towards
from image_generators.sketch.painting import Painting
from image_generators.sketch.palette import RGB, mix, rgb, shift
from image_generators.sketch.solids import Part, blob, box, limb, move, oval, sharp, stand

EDGE = 8.2
"""How far away the jetty under the figures' feet ends."""
_STONE, _WOOD, _IRON = (0.55, 0.52, 0.5), (0.5, 0.4, 0.3), (0.17, 0.17, 0.19)


def paint_harbour(p: Painting) -> None:
    """All of it but sky, far shore and water, from far to near."""
    side = 1 if p.seed("mole") % 2 else -1
    _quay(p)
    _crane(p, -side * 8.6)
    for x in (-10.5, -5.4, -0.4, 4.8, 9.9):
        _lamp_post(p, x)
    _mole(p, side)
    _fleet(p, side)
    _jetty(p)
    _rowing_boat(p)
    _bollards(p)
    _cargo(p, -towards(p.scene))


def _quay(p: Painting) -> None:
    random = p.random("quay")
    p.quad([(-60, 0.6, 29), (60, 0.6, 29), (60, 0.6, 70), (-60, 0.6, 70)], _STONE, 0.6)
    for row, (z, step) in enumerate(((36.0, 3.9), (30.0, 4.6))):
        x = -19.0 + 2 * random.random()
        while x < 19:
            size = 0.75 + 0.55 * random.random()
            stand(p, move(house(p.light.lamps, random), size=size * (1.25 if row == 0 else 1.0)), x, z, 0.6, mirror=0.35 * row)
            if row and p.light.lamps > 0.4:
                _streak(p, x, z, 0.35)
            x += step * (0.7 + 0.7 * random.random())
    p.quad([(-40, 0.6, 29), (40, 0.6, 29), (40, -0.2, 29), (-40, -0.2, 29)], _STONE, 0.3)


def _streak(p: Painting, x: float, z: float, strength: float, colour: RGB = (1.0, 0.74, 0.4)) -> None:
    """The long image of a lamp in ruffled water."""
    at = p.view.project(np.array([(x, 0.0, z)]))[0]
    foot = float(p.view.y(0.0, EDGE))
    tall = foot - float(at[1])
    for k in range(7):
        part = (k + 0.5) / 7
        wide = p.view.size(z) * (0.16 + 0.22 * part) * (1.25 if (k + p.beat) % 2 else 0.8)
        p.canvas.glow(float(at[0]), float(at[1]) + tall * part, wide, colour, strength * p.light.lamps * (1 - 0.75 * part),
            0.32)


def _lamp_post(p: Painting, x: float) -> None:
    stand(p, [limb([(0, 0), (0, 2.3)], (0.1, 0.07), _IRON), blob([(-0.16, 2.3), (-0.2, 2.62), (0.2, 2.62), (0.16, 2.3)],
        (1.0, 0.85, 0.55), 0), sharp([(-0.26, 2.62), (0.26, 2.62), (0.0, 2.82)], _IRON)], x, 29.3, 0.6)
    p.lamp(x, 3.05, 29.2, 0.5, (1.0, 0.82, 0.5), 0.95 * p.light.lamps)
    p.lamp(x, 2.7, 29.2, 1.7, (1.0, 0.7, 0.36), 0.28 * p.light.lamps)
    if p.light.lamps > 0.3:
        _streak(p, x, 29.0, 0.62)


def _crane(p: Painting, x: float) -> None:
    """A dock crane with a lattice arm."""
    steel = (0.3, 0.3, 0.33)
    arm = [limb([(0.0, 3.0), (3.4, 6.6)], (0.16, 0.1), steel, 0.3), limb([(0.3, 2.5), (3.4, 6.6)], (0.12, 0.08), steel, 0.3)]
    arm += [limb([(0.1 + 3.2 * t, 3.0 + 3.5 * t), (0.6 + 2.9 * t, 2.9 + 3.7 * t)], (0.06, 0.06), steel, 0.2)
        for t in np.linspace(0.08, 0.8, 7)]
    foot = [limb([(side * 0.9, 0), (0, 2.4)], (0.18, 0.16), steel, 0.4) for side in (-1, 1)]
    hook = [limb([(3.4, 6.6), (3.4, 3.2)], (0.04, 0.04), _IRON, 0), blob([(3.2, 3.2), (3.4, 2.9), (3.6, 3.2)], _IRON)]
    stand(p, move([*foot, box(-0.6, 2.2, 0.6, 3.1, (0.62, 0.36, 0.24), 0.5), *arm, *hook], flip=x > 0), x, 31.0, 0.6)


def _mole(p: Painting, side: int) -> None:
    """A breakwater that ends in a small light."""
    z, end = 25.0, side * 6.3
    p.quad([(end, 0.0, z), (side * 40, 0.0, z), (side * 40, 0.85, z), (end, 0.85, z)], shift(_STONE, 0, 1, 0.8), 0.3)
    p.quad([(end, 0.85, z), (side * 40, 0.85, z), (side * 40, 0.85, z + 1.6), (end, 0.85, z + 1.6)], _STONE, 0.7)
    red, white = (0.72, 0.2, 0.17), (0.9, 0.87, 0.82)
    parts = [sharp([(-0.42 + 0.03 * k, 0.62 * k), (0.42 - 0.03 * k, 0.62 * k), (0.39 - 0.03 * k, 0.62 * (k + 1)),
        (-0.39 + 0.03 * k, 0.62 * (k + 1))], red if k % 2 else white, 1.2) for k in range(4)]
    parts += [box(-0.42, 2.46, 0.42, 2.56, _IRON), box(-0.2, 2.56, 0.2, 2.92, (1.0, 0.75, 0.5), 0, max(0.3, p.light.lamps)),
        blob([(-0.28, 2.9), (0.0, 3.2), (0.28, 2.9)], red)]
    x = end + side * 0.7
    stand(p, parts, x, z - 0.1, 0.85, mirror=0.3)
    bright = p.light.lamps * (1.0 if p.beat % 2 else 0.55)
    p.lamp(x, 3.6, z, 0.6, (1.0, 0.5, 0.36), bright)
    p.lamp(x, 3.6, z, 2.0, (1.0, 0.4, 0.3), 0.35 * bright)
    if p.light.lamps > 0.3:
        _streak(p, x, z, 0.55 * bright, (1.0, 0.42, 0.32))


def _fleet(p: Painting, side: int) -> None:
    """Fishing boats at their moorings; they nod with every keyframe."""
    random = p.random("fleet")
    tones = ("#2f5d86", "#8a3b32", "#3f7a5f", "#c9a14a", "#55607a", "#7a4a3a")
    places = ((-side * 9.4, 23.5), (-side * 4.3, 22.0), (side * 1.7, 20.5), (-side * 7.0, 17.0), (side * 5.2, 15.5),
        (-side * 2.2, 14.0))
    for k, (x, z) in enumerate(places):
        size, nod = 0.8 + 0.25 * random.random(), 0.018 * (1 if (k + p.beat) % 2 else -1)
        parts = move(fishing_boat(rgb(tones[k]), p.light.lamps * (k % 2), random), size=size, flip=k % 3 == 0, lean=nod)
        stand(p, parts, x + random.random(), z, 0.03 + nod * 0.6, mirror=0.5)
        if k % 2 and p.light.lamps > 0.3:
            p.lamp(x, 1.0, z, 0.5, strength=0.35 * p.light.lamps)
            _streak(p, x, z, 0.3)


def fishing_boat(colour: RGB, lit: float, random: np.random.Generator) -> list[Part]:
    """A smack with a wheelhouse and a bare mast, 3.4 long, heading right."""
    tall, wood = 3.0 + 1.2 * random.random(), (0.42, 0.32, 0.24)
    rope = (0.3, 0.28, 0.27)
    hull = blob([(-1.6, 0.62), (-1.5, 0.1), (-1.0, -0.06), (0.8, -0.06), (1.4, 0.22), (1.85, 0.86), (0.9, 0.6), (-0.6, 0.5)],
        colour)
    rigging = [limb([(0.35, tall), (end, 0.6)], (0.025, 0.025), rope, 0) for end in (-1.5, 1.75)]
    cabin = [box(-1.1, 0.5, -0.25, 1.15, (0.86, 0.83, 0.76), 0.5), box(-1.2, 1.12, -0.15, 1.22, shift(colour, 0, 1, 0.8)),
        box(-0.62, 0.78, -0.34, 1.02, mix((0.25, 0.3, 0.36), (1.0, 0.8, 0.45), lit), 0, lit),
        box(-1.0, 0.78, -0.74, 1.02, mix((0.25, 0.3, 0.36), (1.0, 0.8, 0.45), lit), 0, lit)]
    furled = limb([(0.35, 1.0), (-0.4, 1.12), (-1.1, 1.35)], (0.1, 0.15, 0.07), (0.72, 0.66, 0.56))
    return [*rigging, limb([(0.35, 0.4), (0.35, tall)], (0.1, 0.05), wood), *cabin, furled, hull,
        limb([(-1.58, 0.6), (-0.4, 0.5), (0.9, 0.6), (1.82, 0.84)], (0.06, 0.06, 0.05), (0.88, 0.84, 0.76), 0.4),
        limb([(-1.5, 0.2), (0.2, 0.14), (1.5, 0.36)], (0.035, 0.035, 0.03), (0.9, 0.88, 0.82), 0.2)]


def _jetty(p: Painting) -> None:
    """A wooden jetty under the figures' feet, its planks wet when it rains."""
    p.quad([(-30, 0, EDGE), (30, 0, EDGE), (30, -0.5, EDGE), (-30, -0.5, EDGE)], (0.22, 0.17, 0.14), 0.2)
    z, random, step = EDGE, p.random("planks"), 0.42
    while z > 0.8:
        tone = 0.86 + 0.26 * random.random()
        shine = 0.16 * random.random() if p.scene.wet else 0.0
        if p.behind(z):
            plank = mix((_WOOD[0] * tone, _WOOD[1] * tone, _WOOD[2] * tone), (0.8, 0.84, 0.9), shine)
            p.quad([(-40, 0, z), (40, 0, z), (40, 0, z - step * 0.94), (-40, 0, z - step * 0.94)], plank, 0.6)
            p.quad([(-40, 0, z - step * 0.94), (40, 0, z - step * 0.94), (40, 0, z - step), (-40, 0, z - step)],
                (0.14, 0.11, 0.1), 0.2)
        z -= step


def _rowing_boat(p: Painting) -> None:
    """The boat that lies at the jetty, in the colour the words give it."""
    colour = p.scene.tints.get("boat", (0.7, 0.17, 0.14))
    x, nod = -0.1 * towards(p.scene), 0.025 * (1 if p.beat % 2 else -1)
    stand(p, move(boat(colour), size=1.05, lean=nod), x, EDGE + 0.75, 0.02, mirror=0.45)
    rope = limb([(x + 1.2, 0.4), (x + 1.6, 0.12), (x + 1.95, 0.3)], (0.03, 0.03), (0.72, 0.66, 0.54), 0.2)
    stand(p, [rope], 0.0, EDGE + 0.1)


def _bollards(p: Painting) -> None:
    for k in range(-3, 4):
        iron = blob([(-0.1, 0), (-0.09, 0.22), (-0.15, 0.27), (-0.13, 0.35), (0.13, 0.35), (0.15, 0.27), (0.09, 0.22), (0.1,
            0)], _IRON)
        stand(p, [iron], 1.85 + 2.6 * k, EDGE - 0.15, shadow=0.6)


def _cargo(p: Painting, side: int) -> None:
    """Crates, a barrel, lobster pots and net at the side of the picture."""
    wood = (0.55, 0.43, 0.3)
    parts: list[Part] = []
    for x, y, size in ((0.0, 0.0, 0.52), (0.58, 0.0, 0.46), (0.2, 0.52, 0.4)):
        parts += [box(x - size / 2, y, x + size / 2, y + size, wood, 0.5)]
        parts += [limb([(x - size / 2, y + t), (x + size / 2, y + t)], (0.045, 0.045), shift(wood, 0, 1, 0.72), 0.2)
            for t in (0.04, size / 2, size - 0.04)]
    stand(p, parts, side * 3.3, 7.4, shadow=0.7)
    pot = [Part(oval(0, 0.2, 0.34, 0.24, (0.5, 0.4, 0.26)).corners, (0.42, 0.34, 0.24), 0.9)]
    pot += [limb([(x, 0.0), (x * 0.9, 0.4)], (0.025, 0.025), (0.24, 0.2, 0.16), 0) for x in (-0.26, -0.13, 0.0, 0.13, 0.26)]
    stand(p, pot, side * 2.55, 7.0, shadow=0.7)
