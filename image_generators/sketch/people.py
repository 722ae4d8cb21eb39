"""People as parts: body, clothes, pose. Heads and what hands hold are in heads.py; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from image_generators.sketch.cast import Look
from image_generators.sketch.heads import head_parts
from image_generators.sketch.palette import RGB, mix, shift
from image_generators.sketch.poses import Joints, Pose
from image_generators.sketch.poses import joints as joints_of
from image_generators.sketch.solids import Part, blob, box, limb, move, oval

BOOT = (0.17, 0.13, 0.12)


def person(look: Look, pose: Pose, held: dict[str, RGB]) -> list[Part]:
    """A person who looks to the right, feet at (0, 0), grown to `look.height`. `held`: colours of what it carries."""
    joints = joints_of(pose, held)
    trousers = mix(look.second, (0.16, 0.17, 0.22), 0.35)
    if look.kind == "astronaut":
        trousers = look.colour
    sleeve = look.colour
    far, near = 0, 1
    parts = [*_arm(joints.arms[far], shift(sleeve, 0, 1, 0.8), look.skin, look)]
    parts += _leg(joints.legs[far], shift(trousers, 0, 1, 0.78), look)
    parts += _leg(joints.legs[near], trousers, look)
    if "backpack" in look.items or look.kind == "astronaut":
        parts += _pack(joints, look)
    parts += _body(joints, look, pose)
    parts += _head(joints, look, pose)
    parts += _held(joints, held, pose)
    parts += _arm(joints.arms[near], shift(sleeve, 0, 1, 0.94), look.skin, look)
    if pose.action == "swim":
        parts = move(parts, 0.0, -0.62, 1.0)
    if pose.action == "dive":
        parts = move(parts, -0.35, 0.2, 1.0, lean=-1.1)
    if pose.action == "lie":
        parts = move(parts, -0.45, 0.1, 1.0, lean=1.45)
    return move(parts, size=look.height)


def _leg(line: Sequence[tuple[float, float]], colour: RGB, look: Look) -> list[Part]:
    x, y = line[-1]
    thick = 1.35 if look.kind == "astronaut" else 1.0
    boot = BOOT if look.kind != "astronaut" else (0.75, 0.76, 0.78)
    shoe = blob([(-0.035, 0.05), (-0.038, -0.02), (0.03, -0.022), (0.085, -0.02), (0.082, 0.005), (0.03, 0.03), (0.028, 0.055)],
        boot)
    return [limb(line, (0.115 * thick, 0.09 * thick, 0.066 * thick), colour),
        *move([shoe], x, y, lean=-min(0.9, 7 * max(0.0, y - 0.03)) if x < line[0][0] else 0.0)]


def _arm(line: Sequence[tuple[float, float]], colour: RGB, skin: RGB, look: Look) -> list[Part]:
    x, y = line[-1]
    thick = 1.4 if look.kind == "astronaut" else 1.12 if look.garment in ("coat", "raincoat", "cloak") else 1.0
    hand = skin if look.kind != "astronaut" else (0.7, 0.72, 0.75)
    (ex, ey) = line[-2]
    reach = max(1e-6, float(np.hypot(x - ex, y - ey)))
    hx, hy = x + 0.022 * (x - ex) / reach, y + 0.022 * (y - ey) / reach
    sleeve = limb(line, (0.084 * thick, 0.074 * thick, 0.062 * thick), colour)
    cuff = oval(x, y, 0.031 * thick, 0.028 * thick, shift(colour, 0, 1, 0.82), 0, 0.6)
    return [oval(hx, hy, 0.024, 0.029, hand), sleeve, cuff]


def _pack(joints: Joints, look: Look) -> list[Part]:
    x, y = joints.chest
    colour = (0.7, 0.72, 0.75) if look.kind == "astronaut" else shift(look.scarf, 0, 0.8, 0.7)
    return [blob([(x - 0.05, y + 0.02), (x - 0.17, y + 0.0), (x - 0.19, y - 0.2), (x - 0.13, y - 0.27), (x - 0.03, y - 0.26)],
        colour)]


def _body(joints: Joints, look: Look, pose: Pose) -> list[Part]:
    (hx, hy), (cx, cy) = joints.hip, joints.chest
    wide = 1.25 if look.kind == "astronaut" else 1.0
    torso = blob([(cx - 0.05, cy + 0.055), (cx - 0.085 * wide, cy + 0.02), (cx - 0.085 * wide, cy - 0.12),
        (hx - 0.07 * wide, hy + 0.03),
                  (hx - 0.065, hy - 0.05), (hx + 0.065, hy - 0.05), (hx + 0.07 * wide, hy + 0.03), (cx + 0.085 * wide,
                      cy - 0.12),
                  (cx + 0.08 * wide, cy + 0.02), (cx + 0.045, cy + 0.055)], look.colour)
    if look.kind == "astronaut":
        return [torso, box(cx - 0.02, cy - 0.14, cx + 0.075, cy - 0.06, (0.35, 0.42, 0.5)),
            box(cx + 0.03, cy - 0.1, cx + 0.055, cy - 0.08, (0.9, 0.3, 0.2), glow=0.6)]
    length = {"coat": 0.23, "raincoat": 0.2, "dress": 0.27, "cloak": 0.42, "sweater": 0.0, "suit": 0.1}.get(look.garment, 0.1)
    if length < 0.05:
        return [torso]
    skirt = _skirt(joints, look, pose, length)
    return [torso, skirt, *_folds(joints, look, pose, length), *_trim(joints, look, pose)]


def _skirt(joints: Joints, look: Look, pose: Pose, length: float) -> Part:
    """The part of a coat, dress or cloak below the waist: it swings with the step and blows with the wind."""
    (hx, hy), (cx, cy) = joints.hip, joints.chest
    waist = 0.075 if look.garment in ("dress", "suit") else 0.079
    flare = {"dress": 0.17, "cloak": 0.19, "suit": 0.09}.get(look.garment, 0.135)
    low = max(0.06, hy - length)
    if pose.action in ("sit", "kneel"):
        knee = max(line[1][0] for line in joints.legs)
        low = hy - (0.08 if pose.action == "sit" else 0.2)
        return blob([(cx - 0.08, cy - 0.1), (hx - 0.11, hy - 0.02), (hx - 0.1, low), (hx + 0.08, low - 0.005),
            (knee + 0.02, hy - 0.08), (knee + 0.06, hy + 0.05), (cx + 0.08, cy - 0.12)], look.colour)
    sway = 0.02 * float(np.sin(pose.phase)) + pose.wind * 0.07
    knees = [line[1][0] for line in joints.legs]
    back, front = min(hx - flare + sway * 1.2, min(knees) - 0.075), max(hx + flare * 0.92 + sway, max(knees) + 0.075)
    top = cy + 0.02 if look.garment == "cloak" else hy + 0.13
    up = hx + (cx - hx) * (top - hy) / (cy - hy)
    return blob([(up - waist, top), (hx - waist * 1.05, hy + 0.02), (back * 0.9, (hy + low) / 2), (back, low),
        (hx - 0.03 + sway, low - 0.015), (front, low + 0.005), (front * 0.9, (hy + low) / 2), (hx + waist * 1.05, hy + 0.02),
        (up + waist * 0.95, top)], look.colour)


def _folds(joints: Joints, look: Look, pose: Pose, length: float) -> list[Part]:
    """Soft shade where cloth falls in folds."""
    if pose.action in ("sit", "kneel"):
        return []
    (hx, hy), shade = joints.hip, shift(look.colour, 0.01, 1.05, 0.62)
    low, sway = max(0.06, hy - length), 0.03 * float(np.sin(pose.phase)) + pose.wind * 0.09
    folds = [limb([(hx + k * 0.3, hy + 0.04), (hx + k * 0.7 + sway * 0.5, (hy + low) / 2), (hx + k + sway, low + 0.01)],
        (0.004, 0.012, 0.026), shade, 0.0)
             for k in (-0.075, -0.01, 0.07)]
    return [replace(fold, opacity=0.42) for fold in folds]


def _trim(joints: Joints, look: Look, pose: Pose) -> list[Part]:
    """Belt, collar and buttons."""
    (hx, hy), (cx, cy) = joints.hip, joints.chest
    dark = shift(look.colour, 0, 1, 0.7)
    up = hx + (cx - hx) * 0.33
    belt = limb([(up - 0.072, hy + 0.1), (up, hy + 0.088), (up + 0.072, hy + 0.1)], (0.022, 0.022), dark, 0.5)
    if look.garment not in ("coat", "raincoat", "suit"):
        return [belt]
    collar = blob([(cx - 0.05, cy + 0.06), (cx - 0.06, cy + 0.02), (cx + 0.01, cy + 0.0), (cx + 0.062, cy + 0.02),
        (cx + 0.05, cy + 0.065), (cx + 0.01, cy + 0.04)], shift(look.colour, 0, 1, 0.84))
    if pose.back:
        return [belt, collar]
    buttons = [oval(cx + 0.05 + (hx - cx) * k, cy - 0.05 - 0.085 * k, 0.0085, 0.0085, mix(dark, (0.9, 0.8, 0.55), 0.55))
        for k in range(3)]
    return [belt, collar, *buttons] if look.garment == "coat" else [collar, *buttons]


def _head(joints: Joints, look: Look, pose: Pose) -> list[Part]:
    x, y = joints.chest
    neck = limb([(x + 0.005, y + 0.03), (x + 0.012, y + 0.09)], (0.058, 0.052), shift(look.skin, 0, 1.05, 0.85))
    scale = 1.42 if look.kind == "child" else 1.2
    head = move(head_parts(look, pose.back, pose.wind), x + 0.014, y + 0.062, scale)
    return [neck, *head]


def _held(joints: Joints, held: dict[str, RGB], pose: Pose) -> list[Part]:
    x, y = joints.arms[0][-1]
    parts: list[Part] = []
    wood = (0.36, 0.25, 0.17)
    if "staff" in held:
        parts.append(limb([(x + 0.02, 0.0), (x + 0.012, 0.55), (x, 1.02)], (0.022, 0.022, 0.026), wood))
    if "umbrella" in held:
        parts += _umbrella(x, y, held["umbrella"], pose.wind)
    elif "lantern" in held:
        parts += _lantern(x + 0.01, y)
    if "sword" in held:
        parts.append(limb([(x, y), (x + 0.12, y + 0.38)], (0.024, 0.006), (0.85, 0.88, 0.92)))
    return parts


def _umbrella(x: float, y: float, colour: RGB, wind: float) -> list[Part]:
    top, lean = y + 0.56, -0.09 - 0.04 * wind
    tip = x + lean
    dark = shift(colour, 0, 1.05, 0.8)
    dome = [(tip - 0.34, top - 0.17), (tip - 0.29, top - 0.04), (tip - 0.15, top + 0.045), (tip, top + 0.07),
        (tip + 0.15, top + 0.045),
            (tip + 0.29, top - 0.04), (tip + 0.34, top - 0.17), (tip + 0.23, top - 0.125), (tip + 0.115, top - 0.165), (tip,
                top - 0.125),
            (tip - 0.115, top - 0.165), (tip - 0.23, top - 0.125)]
    gore = [(tip - 0.115, top - 0.165), (tip - 0.11, top - 0.04), (tip, top + 0.07), (tip + 0.11, top - 0.04),
        (tip + 0.115, top - 0.165), (tip, top - 0.125)]
    return [limb([(x, y - 0.06), (tip, top + 0.11)], (0.014, 0.014), (0.2, 0.17, 0.16)), blob(dome, colour, 1.2),
        blob(gore, dark, 0.6)]


def _lantern(x: float, y: float) -> list[Part]:
    metal = (0.22, 0.2, 0.19)
    return [limb([(x - 0.03, y - 0.06), (x, y - 0.005), (x + 0.03, y - 0.06)], (0.008, 0.008), metal),
            box(x - 0.036, y - 0.17, x + 0.036, y - 0.06, (1.0, 0.84, 0.45), 0, 1.0), oval(x, y - 0.115, 0.02, 0.035,
                (1.0, 0.97, 0.8), 0, 0, 1.0),
            box(x - 0.042, y - 0.19, x + 0.042, y - 0.168, metal), blob([(x - 0.042, y - 0.062), (x, y - 0.03),
                (x + 0.042, y - 0.062)], metal)]
