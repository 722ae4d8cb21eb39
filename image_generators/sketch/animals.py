"""Animals and robots as parts: one builder for all that walks on four legs, one for each other kind. Draws nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from image_generators.sketch.cast import Look
from image_generators.sketch.palette import RGB, mix, shift
from image_generators.sketch.people import Pose
from image_generators.sketch.solids import Part, blob, box, limb, move, oval

INK = (0.08, 0.07, 0.08)


@dataclass(frozen=True)
class Build:
    """A four-legged body in world units. neck: how far the head stands forward and above the shoulder."""

    leg: float
    length: float
    deep: float
    neck: tuple[float, float]
    head: float
    snout: float
    ears: str
    tail: str
    thick: float = 0.07
    belly: RGB | None = None


_BUILDS = {
    "dog": Build(0.23, 0.42, 0.17, (0.11, 0.17), 0.075, 0.1, "drop", "up", 0.06),
    "fox": Build(0.17, 0.38, 0.13, (0.12, 0.1), 0.062, 0.11, "point", "brush", 0.045, (0.93, 0.9, 0.84)),
    "wolf": Build(0.3, 0.5, 0.2, (0.14, 0.12), 0.08, 0.12, "point", "brush", 0.065),
    "cat": Build(0.15, 0.28, 0.11, (0.07, 0.11), 0.058, 0.035, "point", "thin", 0.042),
    "bear": Build(0.3, 0.72, 0.42, (0.2, 0.1), 0.14, 0.13, "round", "none", 0.18),
    "deer": Build(0.48, 0.52, 0.22, (0.15, 0.33), 0.065, 0.1, "antler", "stub", 0.055, (0.85, 0.74, 0.6)),
    "horse": Build(0.55, 0.78, 0.33, (0.25, 0.42), 0.085, 0.19, "horse", "long", 0.085),
    "camel": Build(0.72, 0.8, 0.36, (0.42, 0.33), 0.08, 0.15, "drop", "thin", 0.09),
    "rabbit": Build(0.07, 0.19, 0.12, (0.06, 0.07), 0.05, 0.025, "long", "stub", 0.04),
    "sheep": Build(0.2, 0.4, 0.26, (0.12, 0.08), 0.065, 0.07, "drop", "stub", 0.05),
    "cow": Build(0.42, 0.85, 0.42, (0.2, 0.1), 0.11, 0.16, "drop", "thin", 0.1),
    "elephant": Build(0.75, 1.25, 0.8, (0.3, 0.12), 0.3, 0.1, "flap", "thin", 0.26),
    "lion": Build(0.4, 0.72, 0.28, (0.18, 0.18), 0.12, 0.09, "mane", "thin", 0.09),
    "mouse": Build(0.035, 0.12, 0.07, (0.05, 0.03), 0.035, 0.03, "round", "thin", 0.02),
}


def creature(look: Look, pose: Pose) -> list[Part]:
    """Whatever is not a person, looking to the right, feet at (0, 0)."""
    if look.kind in _BUILDS:
        return _four_legged(_BUILDS[look.kind], look, pose)
    return _OTHERS[look.kind](look, pose)


def _four_legged(build: Build, look: Look, pose: Pose) -> list[Part]:
    colour, dark = look.colour, shift(look.colour, 0, 1.05, 0.72)
    sit = pose.action in ("sit", "lie") and build.length < 0.6
    top = build.leg + build.deep
    front, rear = build.length / 2, -build.length / 2
    parts = _tail(build, look, pose, rear, top, sit)
    swing = float(np.sin(pose.phase)) * {"walk": 0.42, "run": 0.8}.get(pose.action, 0.1)
    for x, angle, tone in ((rear + 0.05 * build.length, -swing, dark), (front - 0.02 * build.length, swing, dark)):
        parts.append(_paw_leg(build, x, angle, tone))
    body = [(rear - 0.02, top - build.deep * 0.35), (rear + 0.04, top - build.deep * 0.02), (0.0, top - build.deep * 0.1),
        (front - 0.04, top + build.deep * 0.04),
            (front + build.deep * 0.22, top - build.deep * 0.4), (front - 0.02, build.leg - build.deep * 0.08), (0.0,
                build.leg + build.deep * 0.05),
            (rear + build.length * 0.2, build.leg + build.deep * 0.16), (rear, build.leg + build.deep * 0.1)]
    if look.kind == "camel":
        body[2:3] = [(-0.24, top + 0.02), (-0.1, top + 0.17), (0.02, top + 0.2), (0.12, top + 0.14), (0.24, top - 0.02)]
    shift_y = build.length * 0.2 if sit else 0.0
    neck_at = (front - build.deep * 0.15 - (0.1 * build.length if sit else 0), top - build.deep * 0.3 + shift_y)
    parts += _neck(build, look, neck_at)
    near = [blob(body, colour)]
    if build.belly:
        near.append(blob([(front + build.deep * 0.15, top - build.deep * 0.5), (front - 0.04, build.leg - 0.004),
            (front - 0.12, build.leg + 0.02), (front - 0.02, top - build.deep * 0.5)], build.belly))
    near = move(near, 0, 0, lean=0.62) if sit else near
    parts += near
    for x, angle in ((rear + 0.12 * build.length, swing), (front - 0.1 * build.length, -swing)):
        parts.append(_paw_leg(build, x, angle if not sit else 0.0, colour))
    if sit:
        parts.append(oval(rear + 0.13 * build.length, build.leg * 0.62, build.deep * 0.6, build.leg * 0.62, colour))
    return parts + _head(build, look, neck_at)


def _paw_leg(build: Build, x: float, swing: float, colour: RGB) -> Part:
    hip = build.leg + build.deep * 0.3
    foot = (x + build.leg * float(np.sin(swing)), build.leg * (1 - float(np.cos(swing))) * 0.8 + 0.012)
    knee = (x + build.leg * 0.45 * float(np.sin(swing * 1.3)) - 0.012, build.leg * 0.52)
    return limb([(x, hip), knee, foot], (build.thick * 1.7, build.thick, build.thick * 0.72), colour)


def _tail(build: Build, look: Look, pose: Pose, rear: float, top: float, sit: bool) -> list[Part]:
    colour, size, y = look.colour, build.length, top - build.deep * 0.2 - (size_drop(build) if sit else 0)
    sway = 0.06 * float(np.sin(pose.phase * 0.7)) + 0.05 * pose.wind
    if build.tail == "up":
        return [limb([(rear + 0.02, y), (rear - size * 0.2, y + size * 0.12), (rear - size * 0.26 + sway, y + size * 0.4)],
            (0.04, 0.035, 0.018), colour)]
    if build.tail == "brush":
        end = (rear - size * 0.75, y - size * 0.22 + sway)
        return [limb([(rear + 0.03, y), (rear - size * 0.32, y - size * 0.12), end], (0.04, 0.125, 0.03), colour),
                limb([(rear - size * 0.56, y - size * 0.19 + sway * 0.6), end], (0.085, 0.02), build.belly or shift(colour, 0,
                    1, 0.8))]
    if build.tail == "thin":
        return [limb([(rear + 0.02, y), (rear - size * 0.22, y - size * 0.1), (rear - size * 0.3 + sway, y - size * 0.05
            if look.kind == "cat" else y - size * 0.4)],
                     (0.03 * size * 2.4, 0.02 * size * 2.4, 0.016 * size * 2.4), colour)]
    if build.tail == "long":
        return [limb([(rear + 0.02, y), (rear - 0.1, y - 0.06), (rear - 0.12 + sway, y - 0.42)], (0.05, 0.1, 0.03), look.hair)]
    return [oval(rear, y, 0.05 * size * 2, 0.05 * size * 2, shift(colour, 0, 0.6, 1.15))] if build.tail == "stub" else []


def size_drop(build: Build) -> float:
    """How far the rump sinks when the animal sits."""
    return build.leg + build.deep * 0.4


def _neck(build: Build, look: Look, at: tuple[float, float]) -> list[Part]:
    colour, head = look.colour, build.head
    x, y = at[0] + build.neck[0], at[1] + build.neck[1] + head * 0.2
    parts: list[Part] = []
    if build.ears == "mane":
        parts.append(oval(x - 0.02, y - 0.02, head * 1.75, head * 1.85, shift(colour, -0.03, 1.1, 0.62)))
    if build.ears == "horse":
        parts.append(limb([(at[0] - 0.06, at[1] + 0.12), ((at[0] + x) / 2 - 0.09, (at[1] + y) / 2 + 0.1),
            (x - 0.06, y + 0.08)], (0.06, 0.1, 0.05), look.hair))
    parts.append(limb([(at[0] - build.deep * 0.1, at[1] - build.deep * 0.1), ((at[0] + x) / 2, (at[1] + y) / 2), (x, y)],
        (build.deep * 0.85, (build.deep + head) * 0.55, head * 1.5), colour))
    return parts


def _head(build: Build, look: Look, at: tuple[float, float]) -> list[Part]:
    colour, head = look.colour, build.head
    x, y = at[0] + build.neck[0], at[1] + build.neck[1] + head * 0.2
    parts = _ears(build, look, x, y)
    face = [(x - head, y + head * 0.1), (x - head * 0.35, y + head * 0.92), (x + head * 0.5, y + head * 0.6),
        (x + head * 0.8 + build.snout * 0.5, y + head * 0.08),
            (x + head * 0.75 + build.snout, y - head * 0.12), (x + head * 0.7 + build.snout, y - head * 0.5), (x + head * 0.4,
                y - head * 0.72), (x - head * 0.6, y - head * 0.7)]
    parts.append(blob(face, colour))
    if build.belly and look.kind == "fox":
        parts.append(blob([(x + head * 0.1, y - head * 0.2), (x + head * 0.72 + build.snout, y - head * 0.3),
            (x + head * 0.4, y - head * 0.74), (x - head * 0.5, y - head * 0.72)], build.belly))
    if build.ears == "flap":
        parts.append(limb([(x + head * 0.7, y - 0.05), (x + head * 1.15, y - 0.4), (x + head * 1.0, y - 0.85),
            (x + head * 1.3, y - 0.95)], (0.24, 0.16, 0.1, 0.06), colour))
        parts.append(blob([(x - 0.1, y + 0.28), (x - 0.36, y + 0.22), (x - 0.42, y - 0.15), (x - 0.18, y - 0.36),
            (x + 0.02, y - 0.05)], shift(colour, 0, 1, 0.86)))
    nose = 0.16 * head + 0.004
    if build.ears not in ("flap", "horse"):
        parts.append(oval(x + head * 0.74 + build.snout, y - head * 0.16, nose, nose * 0.8, INK, 0, 0.4))
    parts.append(oval(x + head * 0.3, y + head * 0.22, head * 0.11 + 0.002, head * 0.14 + 0.002, INK, 0, 0))
    parts.append(oval(x + head * 0.34, y + head * 0.28, head * 0.035 + 0.001, head * 0.04 + 0.001, (0.95, 0.95, 0.95), 0, 0))
    return parts


def _ears(build: Build, look: Look, x: float, y: float) -> list[Part]:
    head, colour = build.head, look.colour
    dark = shift(colour, 0, 1, 0.7)
    if build.ears == "point":
        far = blob([(x - head * 0.1, y + head * 0.6), (x + head * 0.12, y + head * 1.75), (x + head * 0.45, y + head * 0.6)],
            dark)
        return [far, blob([(x - head * 0.7, y + head * 0.5), (x - head * 0.45, y + head * 1.8),
            (x + head * 0.05, y + head * 0.75)], colour)]
    if build.ears == "drop":
        return [limb([(x - head * 0.35, y + head * 0.7), (x - head * 0.75, y + head * 0.2), (x - head * 0.6, y - head * 0.4)],
            (head * 0.3, head * 0.6, head * 0.4), dark)]
    if build.ears == "long":
        return [limb([(x - head * 0.2, y + head * 0.6), (x - head * (0.4 + k), y + head * 2.6)], (head * 0.4, head * 0.45),
            tone) for k, tone in ((0.0, dark), (0.6, colour))]
    if build.ears == "horse":
        return [limb([(x - 0.01, y + 0.06), (x + 0.005, y + 0.15)], (0.04, 0.012), colour)]
    if build.ears == "antler":
        horn = (0.5, 0.4, 0.29)
        beams = [limb([(x - 0.01, y + 0.05), (x - 0.1 + k, y + 0.2), (x - 0.03 + k, y + 0.36)], (0.018, 0.014, 0.006), horn)
            for k in (0.0, 0.09)]
        tines = [limb([(x - 0.085 + k, y + 0.2), (x + 0.0 + k, y + 0.27)], (0.012, 0.004), horn) for k in (0.0, 0.09)]
        return [*beams, *tines, limb([(x - 0.04, y + 0.05), (x - 0.11, y + 0.07)], (0.035, 0.012), dark)]
    return [oval(x - head * 0.4, y + head * 0.85, head * 0.32, head * 0.32, dark)] if build.ears in ("round", "mane") else []


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
    wings = [blob([(x, 0.95), (x - 0.2, 1.5 + lift), (x - 0.75, 1.85 + lift), (x - 0.62, 1.45 + lift), (x - 0.85, 1.2 + lift),
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
