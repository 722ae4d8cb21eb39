"""Birds, fish, dragons and robots as parts, and the door to the four-legged ones. Draws nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from image_generators.sketch.cast import Look
from image_generators.sketch.palette import mix, shift
from image_generators.sketch.poses import Pose
from image_generators.sketch.quadrupeds import BUILDS, INK, four_legged
from image_generators.sketch.solids import Part, blob, box, limb, move, oval


def creature(look: Look, pose: Pose) -> list[Part]:
    """Whatever is not a person, looking to the right, feet at (0, 0)."""
    if look.kind in BUILDS:
        return four_legged(BUILDS[look.kind], look, pose)
    return _OTHERS[look.kind](look, pose)


def _bird(look: Look, pose: Pose) -> list[Part]:
    colour, dark = look.colour, shift(look.colour, 0, 1, 0.7)
    if pose.action == "fly":
        lift = 0.16 * float(np.sin(pose.phase))
        far = blob([(0.08, 0.02), (0.2, 0.17 + lift), (0.36, 0.24 + lift * 1.6), (0.58, 0.2 + lift * 1.2), (0.36, 0.14 + lift),
            (0.16, 0.04), (-0.02, 0.0)], dark)
        body = blob([(0.22, 0.02), (0.16, 0.05), (0.05, 0.05), (-0.12, 0.02), (-0.3, 0.02), (-0.32, -0.04), (-0.14, -0.04),
            (0.06, -0.05), (0.17, -0.02)], colour)
        spread = [(0.08, 0.01), (0.02, 0.17 + lift), (-0.14, 0.28 + lift * 1.7), (-0.42, 0.3 + lift * 1.4), (-0.64, 0.2 + lift),
            (-0.36, 0.17 + lift), (-0.16, 0.06), (-0.08, 0.0)]
        near = blob(spread, mix(colour, (1, 1, 1), 0.1))
        tips = blob([(-0.34, 0.28 + lift * 1.45), (-0.44, 0.3 + lift * 1.4), (-0.64, 0.2 + lift), (-0.4, 0.2 + lift * 1.1)],
            dark, 0.4)
        return move([far, body, near, tips, oval(0.17, 0.025, 0.008, 0.009, INK, 0, 0), sharp_beak(0.22, 0.012)], 0, 1.25, 1.0)
    legs = [limb([(x, 0.07), (x + 0.005, 0.0)], (0.01, 0.008), (0.75, 0.5, 0.2)) for x in (-0.01, 0.025)]
    body = blob([(-0.2, 0.04), (-0.1, 0.1), (0.02, 0.16), (0.06, 0.23), (0.11, 0.235), (0.125, 0.19), (0.09, 0.12),
        (0.04, 0.06), (-0.05, 0.045)], colour)
    wing = blob([(-0.16, 0.055), (-0.04, 0.14), (0.04, 0.13), (0.0, 0.075)], dark)
    return move([*legs, body, wing, sharp_beak(0.12, 0.2), oval(0.092, 0.21, 0.007, 0.008, INK, 0, 0)], 0, 0, 1.15)


def sharp_beak(x: float, y: float) -> Part:
    """A small beak that points to the right."""
    return blob([(x - 0.01, y + 0.016), (x + 0.045, y), (x - 0.01, y - 0.012)], (0.9, 0.65, 0.2))


def _fish(look: Look, pose: Pose) -> list[Part]:
    wag = 0.03 * float(np.sin(pose.phase * 2))
    body = blob([(0.26, 0.0), (0.12, 0.1), (-0.08, 0.09), (-0.22, 0.02), (-0.22, -0.02), (-0.08, -0.09), (0.12, -0.09)],
        look.colour)
    tail = blob([(-0.19, 0.0), (-0.33, 0.11 + wag), (-0.29, 0.0 + wag), (-0.33, -0.11 + wag)], shift(look.colour, 0, 1, 0.8))
    fin = blob([(0.08, 0.08), (-0.02, 0.17), (-0.1, 0.08)], shift(look.colour, 0.02, 1, 0.85))
    return move([tail, fin, body, oval(0.16, 0.025, 0.014, 0.016, INK, 0, 0)], 0, 0.7)


def _whale(look: Look, pose: Pose) -> list[Part]:
    wag = 0.08 * float(np.sin(pose.phase))
    body = blob([(1.2, 0.02), (1.0, 0.32), (0.4, 0.44), (-0.4, 0.3), (-1.1, 0.1), (-1.1, 0.0), (-0.4, -0.16), (0.4, -0.28),
        (1.0, -0.22)], look.colour)
    belly = blob([(1.17, -0.02), (0.5, -0.08), (-0.2, -0.12), (0.4, -0.27), (1.0, -0.21)], mix(look.colour, (0.95, 0.95, 0.95),
        0.6), 0.5)
    tail = blob([(-1.0, 0.05), (-1.42, 0.28 + wag), (-1.6, 0.24 + wag), (-1.4, 0.06 + wag), (-1.58, -0.12 + wag),
        (-1.36, -0.12 + wag)], shift(look.colour, 0, 1, 0.85))
    fin = blob([(0.5, -0.1), (0.2, -0.5), (0.0, -0.52), (0.22, -0.14)], shift(look.colour, 0, 1, 0.75))
    return move([tail, body, belly, fin, oval(0.86, 0.0, 0.03, 0.03, INK, 0, 0)], 0, 0.75, 0.8, lean=0.06)


def _penguin(look: Look, pose: Pose) -> list[Part]:
    rock = 0.08 * float(np.sin(pose.phase))
    body = blob([(0.0, 0.55), (-0.08, 0.5), (-0.1, 0.38), (-0.15, 0.15), (-0.1, 0.02), (0.08, 0.02), (0.13, 0.16),
        (0.09, 0.38), (0.08, 0.5)], look.colour)
    belly = blob([(0.05, 0.4), (-0.03, 0.3), (-0.04, 0.1), (0.07, 0.05), (0.115, 0.16), (0.085, 0.36)], (0.94, 0.94, 0.92))
    feet = [blob([(x, 0.03), (x + 0.09, 0.0), (x - 0.02, 0.0)], (0.85, 0.55, 0.2)) for x in (-0.06, 0.03)]
    wing = limb([(-0.06, 0.37), (-0.11 - rock, 0.25), (-0.09 - rock, 0.14)], (0.07, 0.06, 0.02), shift(look.colour, 0, 1, 0.75))
    return [*feet, body, belly, wing, sharp_beak(0.085, 0.47), oval(0.04, 0.485, 0.011, 0.012, (0.95, 0.95, 0.95), 0, 0)]


def _dragon(look: Look, pose: Pose) -> list[Part]:
    lift = 0.2 * float(np.sin(pose.phase))
    dark = shift(look.colour, 0, 1, 0.7)
    wings = [blob([(x, 0.95), (x - 0.2, 1.85 + lift), (x - 1.05, 2.45 + lift), (x - 0.95, 1.85 + lift), (x - 1.25, 1.5 + lift),
        (x - 0.45, 1.12), (x - 0.3, 0.85)], tone) for x, tone in ((0.15, dark), (0.0, mix(look.colour, (0.8, 0.5, 0.3), 0.3)))]
    tail = limb([(-0.35, 0.6), (-0.8, 0.35), (-1.2, 0.4), (-1.5, 0.6)], (0.34, 0.2, 0.1, 0.02), look.colour)
    legs = [limb([(x, 0.55), (x + 0.06, 0.28), (x, 0.02)], (0.2, 0.13, 0.12), tone) for x, tone in ((-0.3, dark), (0.3, dark),
        (-0.2, look.colour), (0.4, look.colour))]
    body = limb([(-0.4, 0.62), (0.1, 0.7), (0.5, 0.85), (0.62, 1.2), (0.8, 1.35)], (0.36, 0.46, 0.34, 0.2, 0.2), look.colour)
    head = blob([(0.68, 1.36), (0.72, 1.48), (0.88, 1.48), (1.15, 1.38), (1.15, 1.3), (0.86, 1.24)], look.colour)
    return [wings[0], tail, legs[0], legs[1], body, head, legs[2], legs[3], wings[1], oval(0.87, 1.41, 0.022, 0.024,
        (1.0, 0.85, 0.3), 0, 0, 1.0)]


def _robot(look: Look, pose: Pose) -> list[Part]:
    steel, dark, shine = look.colour, shift(look.colour, 0, 1, 0.68), (0.45, 0.95, 1.0)
    swing = float(np.sin(pose.phase)) * (0.3 if pose.action in ("walk", "run") else 0.06)
    parts: list[Part] = []
    for angle, tone in ((-swing, dark), (swing, steel)):
        x = 0.46 * float(np.sin(angle))
        parts += [limb([(0.0, 0.42), (x * 0.5, 0.22), (x, 0.05)], (0.09, 0.075, 0.08), tone),
            blob([(x - 0.07, 0.08), (x + 0.1, 0.07), (x + 0.13, 0.0), (x - 0.08, 0.0)], dark)]
    parts.append(limb([(0.02, 0.72), (0.1 + swing * 0.3, 0.56), (0.18 + swing * 0.4, 0.44)], (0.07, 0.06, 0.08), dark))
    parts.append(blob([(-0.16, 0.76), (-0.17, 0.44), (-0.1, 0.38), (0.1, 0.38), (0.17, 0.44), (0.16, 0.76), (0.08, 0.8),
        (-0.08, 0.8)], steel))
    parts += [box(-0.02, 0.54, 0.12, 0.68, dark), oval(0.05, 0.61, 0.035, 0.035, (1.0, 0.72, 0.3), 0, 0, 0.9)]
    parts += [box(-0.03, 0.79, 0.05, 0.84, dark), blob([(-0.13, 0.86), (-0.12, 1.0), (0.0, 1.04), (0.14, 1.0), (0.15, 0.86),
        (0.0, 0.82)], steel)]
    parts += [blob([(0.0, 0.89), (0.0, 0.975), (0.13, 0.97), (0.135, 0.89)], (0.08, 0.12, 0.17)),
        oval(0.045, 0.933, 0.02, 0.026, shine, 0, 0, 1.0), oval(0.102, 0.933, 0.016, 0.026, shine, 0, 0, 1.0)]
    parts += [limb([(-0.04, 1.02), (-0.06, 1.12)], (0.012, 0.01), dark), oval(-0.06, 1.13, 0.02, 0.02, (1.0, 0.4, 0.3), 0, 0,
        0.8)]
    parts.append(limb([(-0.08, 0.72), (-0.1 - swing * 0.3, 0.56), (-0.04 - swing * 0.4, 0.42)], (0.08, 0.065, 0.09), steel))
    return parts


_OTHERS: dict[str, Callable[[Look, Pose], list[Part]]] = {
    "bird": _bird, "fish": _fish, "whale": _whale, "penguin": _penguin, "dragon": _dragon, "robot": _robot,
}
