"""All that walks on four legs: one builder and a table of bodies. Draws nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from image_generators.sketch.cast import Look
from image_generators.sketch.palette import RGB, shift
from image_generators.sketch.poses import Pose
from image_generators.sketch.solids import Part, blob, limb, oval

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


BUILDS = {
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


def four_legged(build: Build, look: Look, pose: Pose) -> list[Part]:
    """The animal, looking to the right, feet at (0, 0)."""
    if pose.action in ("sit", "lie") and build.length < 0.6:
        return _sitting(build, look, pose)
    colour, dark = look.colour, shift(look.colour, 0, 1.05, 0.72)
    top, front, rear = build.leg + build.deep, build.length / 2, -build.length / 2
    parts = _tail(build, look, pose, rear, top)
    swing = float(np.sin(pose.phase)) * {"walk": 0.42, "run": 0.8}.get(pose.action, 0.1) * min(1.0, 0.5 + 0.14 / build.leg)
    for x, angle in ((rear + 0.05 * build.length, -swing), (front - 0.02 * build.length, swing)):
        parts.append(_paw_leg(build, x, angle, dark))
    neck_at = (front - build.deep * 0.15, top - build.deep * 0.3)
    parts += [*_neck(build, look, neck_at), _trunk(build, look)]
    if build.belly:
        chest = [(front + build.deep * 0.15, top - build.deep * 0.5), (front - 0.04, build.leg - 0.004),
                 (front - 0.12, build.leg + 0.02), (front - 0.02, top - build.deep * 0.5)]
        parts.append(blob(chest, build.belly))
    for x, angle in ((rear + 0.12 * build.length, swing), (front - 0.1 * build.length, -swing)):
        parts.append(_paw_leg(build, x, angle, colour))
    return parts + _head(build, look, neck_at)


def _trunk(build: Build, look: Look) -> Part:
    top, front, rear, deep = build.leg + build.deep, build.length / 2, -build.length / 2, build.deep
    back = [(0.0, top - deep * 0.1)]
    if look.kind == "camel":
        back = [(-0.24, top + 0.02), (-0.1, top + 0.17), (0.02, top + 0.2), (0.12, top + 0.14), (0.24, top - 0.02)]
    return blob([
        (rear - 0.02, top - deep * 0.35), (rear + 0.04, top - deep * 0.02), *back, (front - 0.04, top + deep * 0.04),
        (front + deep * 0.22, top - deep * 0.4), (front - 0.02, build.leg - deep * 0.08), (0.0, build.leg + deep * 0.05),
        (rear + build.length * 0.2, build.leg + deep * 0.16), (rear, build.leg + deep * 0.1),
    ], look.colour)


def _sitting(build: Build, look: Look, pose: Pose) -> list[Part]:
    """On its haunches; asleep it lies curled up."""
    colour, dark, size = look.colour, shift(look.colour, 0, 1.05, 0.72), build.length
    sway = 0.05 * float(np.sin(pose.phase))
    tail = limb([(-size * 0.42, 0.04), (-size * 0.72, 0.05), (-size * 0.8, 0.12 + sway)],
        (0.05, 0.07 if build.tail == "brush" else 0.035, 0.02), dark)
    if pose.action == "lie":
        heap = blob([(-size * 0.5, 0.02), (-size * 0.46, size * 0.34), (0.0, size * 0.44), (size * 0.4, size * 0.3),
            (size * 0.46, 0.02)], colour)
        return [tail, heap, oval(-size * 0.25, size * 0.16, size * 0.24, size * 0.16, colour),
            *_head(build, look, (size * 0.36 - build.neck[0], build.head * 0.75 - build.neck[1]))]
    high = (build.leg + build.deep) * 1.08
    neck_at = (size * 0.16, high - build.deep * 0.2)
    body = limb([(-size * 0.24, build.deep * 0.62), (-size * 0.04, high * 0.55), (size * 0.14, high * 0.9)],
        (build.deep * 1.35, build.deep * 1.2, build.deep * 0.8), colour)
    far = limb([(size * 0.2, high * 0.7), (size * 0.25, high * 0.35), (size * 0.26, 0.015)], (build.thick * 1.5, build.thick,
        build.thick * 0.8), dark)
    near = limb([(size * 0.15, high * 0.7), (size * 0.19, high * 0.35), (size * 0.2, 0.015)], (build.thick * 1.6, build.thick,
        build.thick * 0.85), colour)
    paw = limb([(-size * 0.12, 0.03), (size * 0.1, 0.018)], (build.thick, build.thick * 0.8), colour)
    parts = [tail, far, *_neck(build, look, neck_at), body]
    if build.belly:
        parts.append(blob([(size * 0.2, high * 0.92), (size * 0.27, high * 0.7), (size * 0.2, high * 0.45),
            (size * 0.13, high * 0.7)], build.belly))
    return [*parts, near, oval(-size * 0.2, build.deep * 0.55, build.deep * 0.62, build.deep * 0.52, colour), paw,
        *_head(build, look, neck_at)]


def _paw_leg(build: Build, x: float, swing: float, colour: RGB) -> Part:
    hip = build.leg + build.deep * 0.3
    foot = (x + build.leg * float(np.sin(swing)), build.leg * (1 - float(np.cos(swing))) * 0.8 + 0.012)
    knee = (x + build.leg * 0.45 * float(np.sin(swing * 1.3)) - 0.012, build.leg * 0.52)
    return limb([(x, hip), knee, foot], (build.thick * 1.7, build.thick, build.thick * 0.72), colour)


def _tail(build: Build, look: Look, pose: Pose, rear: float, top: float) -> list[Part]:
    colour, size, y = look.colour, build.length, top - build.deep * 0.2
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
