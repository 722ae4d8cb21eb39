"""Buildings and vehicles as parts, standing at (0, 0) on the ground. `lit` makes windows and lamps shine. Draws nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from image_generators.sketch.palette import RGB, mix, rgb, shift
from image_generators.sketch.solids import Part, blob, box, limb, oval, sharp

WARM = (1.0, 0.8, 0.45)


def pane(x: float, y: float, wide: float, high: float, lit: float) -> list[Part]:
    """A window with a frame and a cross, around (x, y)."""
    glass = mix((0.24, 0.3, 0.38), WARM, min(1.0, lit))
    bar = min(wide, high) * 0.07
    frame = (0.88, 0.85, 0.78)
    return [box(x - wide / 2 - bar, y - high / 2 - bar, x + wide / 2 + bar, y + high / 2 + bar, frame),
        box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2, glass, 0, lit),
            box(x - bar / 2, y - high / 2, x + bar / 2, y + high / 2, frame), box(x - wide / 2, y - bar / 2, x + wide / 2,
                y + bar / 2, frame)]


def house(lit: float, random: np.random.Generator, tint: RGB | None = None) -> list[Part]:
    """A cottage with a gable, a chimney and two or three windows; about 2.6 high."""
    wall = rgb(("#d8c9ae", "#c9b8a0", "#b9846a", "#cfd0c4", "#c4a27a")[int(random.integers(5))])
    wall = tint or wall
    roof = rgb(("#8a4a38", "#5d4a48", "#6b5136", "#4b5a66", "#9a5a3c")[int(random.integers(5))])
    half, eaves = 1.25 + 0.35 * random.random(), 1.3 + 0.2 * random.random()
    top = eaves + 0.95 + 0.2 * random.random()
    side = 0.55 * half
    parts = [box(-side - 0.34, top - 0.75, -side - 0.1, top + 0.12, shift(wall, 0, 0.8, 0.7)), box(-half, 0, half, eaves, wall)]
    parts.append(sharp([(-half - 0.18, eaves - 0.08), (half + 0.18, eaves - 0.08), (half * 0.72, top), (-half * 0.72, top)],
        roof, 0.4))
    for row in range(1, 5):
        y = eaves - 0.08 + (top - eaves) * row / 5
        reach = half + 0.18 - (0.18 + half * 0.28) * row / 5
        parts.append(limb([(-reach, y), (reach, y)], (0.02, 0.02), shift(roof, 0, 1, 0.82), 0))
    parts += [box(-0.2, 0, 0.22, 0.82, shift(roof, 0.02, 0.9, 0.8)), oval(0.14, 0.42, 0.025, 0.025, (0.85, 0.7, 0.35))]
    for x in (-half * 0.62, half * 0.62):
        parts += pane(x, 0.72, 0.38, 0.46, lit)
    return parts


def lighthouse(lit: float, colour: RGB) -> list[Part]:
    """A tower 7 high with bands of a colour; its lamp is at (0, 6.25)."""
    white, dark = (0.93, 0.9, 0.85), (0.2, 0.2, 0.23)
    parts = [box(0.3, 0, 2.1, 1.0, white), sharp([(0.2, 0.95), (2.2, 0.95), (1.8, 1.55), (0.6, 1.55)],
        shift(colour, 0, 0.9, 0.8), 0.4), *pane(1.5, 0.5, 0.3, 0.36, lit)]

    def half(y: float) -> float:
        return 0.78 - 0.3 * y / 5.8

    for band in range(5):
        low, high = band * 1.16, (band + 1) * 1.16
        tone = colour if band % 2 == 0 else white
        parts.append(sharp([(-half(low), low), (half(low), low), (half(high), high), (-half(high), high)], tone, 1.3))
    for y in (1.5, 3.1, 4.6):
        parts.append(box(-0.09, y, 0.09, y + 0.32, mix(dark, WARM, lit), 0, lit))
    parts += [box(-0.22, 0, 0.22, 0.72, dark), box(-0.72, 5.74, 0.72, 5.88, dark), box(-0.4, 5.88, 0.4, 6.55,
        mix((0.5, 0.58, 0.62), (1.0, 0.93, 0.68), max(0.3, lit)), 0.4, max(0.25, lit))]
    parts += [box(x - 0.02, 5.88, x + 0.02, 6.55, dark) for x in (-0.4, -0.13, 0.13, 0.4)]
    parts += [limb([(-0.7, 6.1), (0.7, 6.1)], (0.03, 0.03), dark),
        blob([(-0.52, 6.52), (-0.36, 6.86), (0.0, 7.06), (0.36, 6.86), (0.52, 6.52)], shift(colour, 0, 1, 0.85)),
        oval(0, 7.12, 0.07, 0.1, dark)]
    return parts


def castle(lit: float, colour: RGB) -> list[Part]:
    """A keep with four towers and banners, about 8 high."""
    stone = (0.55, 0.52, 0.53)
    parts: list[Part] = [blob([(-4.6, 0.0), (-3.6, 0.16), (0.0, 0.22), (3.6, 0.16), (4.7, 0.0), (0.0, -0.12)],
        (0.34, 0.41, 0.24), 0.4)]
    for x, wide, high in ((-3.2, 0.7, 4.6), (3.2, 0.75, 5.2), (-1.2, 0.62, 7.0), (1.4, 0.7, 6.2)):
        parts += [box(x - wide, 0, x + wide, high, shift(stone, 0, 1, 0.9), 0.8),
            sharp([(x - wide * 1.25, high), (x + wide * 1.25, high), (x, high + wide * 2.7)], mix(colour, (0.25, 0.25, 0.35),
            0.5), 0.9)]
        parts += [box(x - 0.09, high - 0.95, x + 0.09, high - 0.5, mix((0.15, 0.15, 0.2), WARM, lit), 0, lit)]
        parts += [limb([(x, high + wide * 2.7), (x, high + wide * 2.7 + 0.7)], (0.04, 0.03), (0.2, 0.2, 0.2)),
            sharp([(x, high + wide * 2.7 + 0.7), (x + 0.6, high + wide * 2.7 + 0.52), (x, high + wide * 2.7 + 0.36)], colour)]
    parts.append(box(-3.2, 0, 3.2, 2.7, stone, 0.3))
    parts += [box(-3.2 + k * 0.53, 2.65, -2.93 + k * 0.53, 3.0, stone) for k in range(12)]
    parts += [blob([(-0.5, 0), (-0.5, 0.9), (0.0, 1.4), (0.5, 0.9), (0.5, 0)], (0.16, 0.12, 0.12), 0.2)]
    return parts


def church(lit: float, colour: RGB) -> list[Part]:
    """A nave and a steeple, about 5.5 high."""
    wall, roof = (0.86, 0.82, 0.75), mix(colour, (0.3, 0.3, 0.34), 0.7)
    parts = [box(-0.4, 0, 2.6, 1.7, wall), sharp([(-0.5, 1.65), (2.75, 1.65), (2.4, 2.6), (-0.3, 2.6)], roof, 0.4),
        box(-1.2, 0, -0.05, 3.4, shift(wall, 0, 1, 0.95), 0.5)]
    parts += [sharp([(-1.32, 3.36), (0.07, 3.36), (-0.62, 5.6)], roof, 0.9), *pane(-0.62, 2.7, 0.24, 0.42, lit)]
    for x in (0.5, 1.2, 1.9):
        parts += pane(x, 0.9, 0.26, 0.6, lit)
    return parts


def windmill(turn: float, colour: RGB) -> list[Part]:
    """A mill 4 high with sails turned by `turn` radians."""
    wall, cloth = (0.85, 0.8, 0.72), (0.93, 0.9, 0.82)
    parts = [sharp([(-0.9, 0), (0.9, 0), (0.55, 3.2), (-0.55, 3.2)], wall, 1.2),
        blob([(-0.66, 3.15), (-0.4, 3.8), (0.3, 3.9), (0.66, 3.15)], mix(colour, (0.35, 0.25, 0.22), 0.6)),
        box(-0.2, 0, 0.22, 0.85, (0.3, 0.22, 0.18))]
    for arm in range(4):
        angle = turn + arm * np.pi / 2
        along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        hub = np.array([0.1, 3.4])
        corners = [hub + along * 0.4, hub + along * 2.3, hub + along * 2.3 + across * 0.42, hub + along * 0.4 + across * 0.42]
        parts += [Part(np.array(corners), cloth, 0.2), limb([tuple(hub), tuple(hub + along * 2.4)], (0.09, 0.05),
            (0.35, 0.25, 0.2))]
    return parts


def tower(lit: float, colour: RGB) -> list[Part]:
    """A slim stone tower with a clock, 6.5 high."""
    stone = (0.68, 0.62, 0.55)
    parts = [box(-0.7, 0, 0.7, 4.9, stone, 0.7), box(-0.82, 4.8, 0.82, 5.0, shift(stone, 0, 1, 0.8)),
        sharp([(-0.8, 5.0), (0.8, 5.0), (0, 6.7)], mix(colour, (0.3, 0.33, 0.36), 0.6), 0.9)]
    parts += [oval(0, 4.1, 0.42, 0.42, (0.94, 0.9, 0.8), 0, 0.3, 0.4 * lit), limb([(0, 4.1), (0.0, 4.38)], (0.04, 0.03),
        (0.2, 0.2, 0.2)), limb([(0, 4.1), (0.2, 4.02)], (0.04, 0.03), (0.2, 0.2, 0.2))]
    return parts + [part for y in (1.2, 2.6) for part in pane(0, y, 0.26, 0.5, lit)]


def train(lit: float, colour: RGB) -> list[Part]:
    """A steam engine and two carriages, 11 long, heading right."""
    dark, gold = (0.15, 0.16, 0.19), (0.78, 0.62, 0.3)
    parts: list[Part] = []
    for left in (-9.2, -5.1):
        parts += [box(left, 0.5, left + 3.9, 2.1, colour, 0.5), box(left - 0.08, 2.05, left + 3.98, 2.3, dark),
            box(left, 0.72, left + 3.9, 0.8, gold)]
        parts += [part for k in range(5) for part in pane(left + 0.48 + k * 0.74, 1.45, 0.46, 0.58, lit)]
        parts += [oval(left + x, 0.3, 0.3, 0.3, dark) for x in (0.6, 1.2, 2.7, 3.3)]
    parts += [box(-0.9, 0.5, 0.2, 2.25, dark, 0.5), box(-1.0, 2.2, 0.35, 2.4, colour), *pane(-0.35, 1.6, 0.5, 0.5, lit)]
    parts += [blob([(0.1, 0.7), (0.1, 1.75), (2.4, 1.75), (2.62, 1.2), (2.4, 0.7)], colour), box(0.1, 0.45, 2.7, 0.72, dark),
        box(1.95, 1.7, 2.2, 2.5, dark, 0.8), box(1.85, 2.45, 2.3, 2.62, dark), oval(0.95, 1.8, 0.2, 0.28, gold)]
    parts += [oval(x, 0.38, r, r, dark) for x, r in ((0.3, 0.38), (1.15, 0.38), (1.95, 0.3), (2.5, 0.26))]
    parts += [oval(x, 0.38, 0.2, 0.2, mix(colour, gold, 0.4)) for x in (0.3, 1.15)]
    return [*parts, oval(2.62, 1.3, 0.14, 0.16, (1.0, 0.93, 0.7), 0, 0, 0.9), sharp([(2.5, 0.1), (3.0, 0.08), (2.65, 0.7)],
        dark)]


def car(lit: float, colour: RGB) -> list[Part]:
    """A small round car, 2.3 long, heading right."""
    glass = mix((0.35, 0.45, 0.52), (0.1, 0.12, 0.18), 0.5 * lit)
    parts = [blob([(-1.15, 0.22), (-1.17, 0.5), (-0.95, 0.6), (-0.62, 0.86), (-0.1, 0.92), (0.34, 0.84), (0.62, 0.58),
        (1.05, 0.5), (1.16, 0.34), (1.14, 0.2), (0, 0.16)], colour)]
    parts += [blob([(-0.6, 0.58), (-0.45, 0.8), (-0.12, 0.84), (-0.1, 0.58)], glass, 0.4),
        blob([(-0.02, 0.58), (-0.02, 0.84), (0.28, 0.79), (0.48, 0.58)], glass, 0.4)]
    parts += [part for x in (-0.68, 0.7) for part in (oval(x, 0.2, 0.2, 0.2, (0.1, 0.1, 0.11)),
        oval(x, 0.2, 0.1, 0.1, (0.6, 0.6, 0.62)))]
    return [*parts, oval(1.1, 0.4, 0.06, 0.08, (1.0, 0.95, 0.75), 0, 0, max(0.3, lit)), box(-1.17, 0.36, -1.11, 0.46,
        (0.85, 0.15, 0.12), 0, max(0.2, lit))]


def ship(lit: float, colour: RGB) -> list[Part]:
    """A steamer, 9 long."""
    hull = [(-4.3, 1.2), (-4.0, 0.0), (-3.6, -0.1), (3.5, -0.1), (4.2, 0.5), (4.7, 1.35), (2.5, 1.15)]
    parts = [blob(hull, mix(colour, (0.12, 0.13, 0.17), 0.6)), box(-3.7, -0.1, 3.6, 0.14, (0.5, 0.16, 0.14)),
        box(-2.9, 1.1, 2.2, 1.75, (0.9, 0.88, 0.83)), box(-1.6, 1.75, 1.6, 2.3, (0.9, 0.88, 0.83))]
    parts += [part for k in range(9) for part in (oval(-2.6 + k * 0.55, 1.42, 0.09, 0.09, mix((0.2, 0.25, 0.3), WARM, lit), 0,
        0, lit),)]
    for x in (-0.8, 0.6):
        parts += [box(x - 0.28, 2.3, x + 0.28, 3.5, colour, 0.8), box(x - 0.3, 3.3, x + 0.3, 3.55, (0.12, 0.12, 0.14))]
    return [*parts, limb([(3.0, 1.2), (3.0, 3.8)], (0.07, 0.04), (0.3, 0.25, 0.2)), limb([(-3.3, 1.2), (-3.3, 3.4)],
        (0.07, 0.04), (0.3, 0.25, 0.2))]


def sailboat(wind: float, colour: RGB) -> list[Part]:
    """A sloop, 4 high, heading right."""
    belly = 0.18 + 0.16 * abs(wind)
    hull = blob([(-1.45, 0.5), (-1.25, 0.05), (-0.6, -0.08), (0.9, -0.06), (1.6, 0.55), (0.2, 0.44)], (0.4, 0.25, 0.17))
    trim = limb([(-1.42, 0.48), (0.1, 0.42), (1.56, 0.53)], (0.07, 0.06, 0.05), (0.86, 0.8, 0.7), 0.4)
    sail = (0.95, 0.91, 0.83)
    main = blob([(-0.02, 3.85), (-0.5, 2.6), (-1.2 - belly * 0.4, 0.82), (-0.5, 0.74), (0.0, 0.78)], sail, 0.9)
    jib = blob([(0.1, 3.4), (0.55 + belly, 1.9), (1.48, 0.66), (0.6, 0.78), (0.1, 0.9)], mix(colour, sail, 0.25), 0.9)
    return [limb([(0.03, 0.3), (0.03, 4.0)], (0.07, 0.04), (0.34, 0.24, 0.17)), main, jib, hull, trim,
        sharp([(0.03, 4.0), (-0.35, 3.9), (0.03, 3.8)], colour)]


def boat(colour: RGB) -> list[Part]:
    """A rowing boat, 2.4 long."""
    inside = blob([(-1.1, 0.34), (-0.6, 0.27), (0.6, 0.27), (1.2, 0.38), (0.5, 0.2), (-0.6, 0.2)], (0.25, 0.17, 0.12))
    hull = blob([(-1.15, 0.36), (-1.0, 0.06), (-0.5, -0.05), (0.6, -0.05), (1.05, 0.1), (1.28, 0.42), (0.6, 0.25),
        (-0.5, 0.25)], colour)
    return [inside, hull, limb([(-1.12, 0.35), (0.0, 0.25), (1.25, 0.41)], (0.045, 0.04, 0.04), (0.84, 0.76, 0.62), 0.4),
        limb([(-0.1, 0.4), (-0.7, -0.02)], (0.03, 0.05), (0.5, 0.36, 0.22))]


def rocket(lit: float, colour: RGB) -> list[Part]:
    """A classic rocket with fins, 4.6 high, upright."""
    white = (0.9, 0.9, 0.9)
    fins = [sharp([(side * 0.5, 1.2), (side * 1.1, 0.1), (side * 1.05, -0.1), (side * 0.4, 0.35)], colour) for side in (-1, 1)]
    body = blob([(0, 4.6), (-0.32, 3.9), (-0.56, 2.8), (-0.58, 1.4), (-0.36, 0.3), (0.36, 0.3), (0.58, 1.4), (0.56, 2.8),
        (0.32, 3.9)], white, 1.3)
    nose = blob([(0, 4.62), (-0.2, 4.2), (-0.34, 3.82), (0, 3.72), (0.34, 3.82), (0.2, 4.2)], colour, 1.2)
    flame = [blob([(-0.3, 0.3), (-0.26, -0.5), (0, -1.6), (0.26, -0.5), (0.3, 0.3)], (1.0, 0.6, 0.2), 0),
        blob([(-0.16, 0.3), (0, -0.8), (0.16, 0.3)], (1.0, 0.95, 0.7), 0)]
    fire = [Part(part.corners, part.colour, 0, 1.0, opacity=0.9) for part in flame] if lit > 1 else []
    return [*fire, *fins, body, nose, oval(0, 2.9, 0.26, 0.26, (0.3, 0.3, 0.34)), oval(0, 2.9, 0.19, 0.19, (0.5, 0.75, 0.9), 0,
        0.5, 0.3), sharp([(-0.06, 1.2), (0.06, 1.2), (0.05, 0.1), (-0.05, 0.1)], shift(colour, 0, 1, 0.8))]


COLOURED: dict[str, Callable[[float, RGB], list[Part]]] = {
    "lighthouse": lighthouse, "castle": castle, "church": church, "tower": tower, "train": train, "car": car, "ship": ship,
        "rocket": rocket,
}
