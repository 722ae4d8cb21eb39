"""How a body holds itself: joints of standing, walking, climbing, kneeling people. Draws nothing and knows no clothes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

Spot = tuple[float, float]
Line = Sequence[Spot]
THIGH, UPPER_ARM = 0.24, 0.165
"""Lengths in heights of a person; a shin is as long as a thigh, a forearm as an upper arm."""


@dataclass(frozen=True)
class Pose:
    """What a body does. phase: where in its step (radians). wind: how far cloth blows, to the right."""

    action: str = "stand"
    phase: float = 0.0
    wind: float = 0.0
    back: bool = False


@dataclass(frozen=True)
class Joints:
    """Far and near legs and arms as lines from the body outwards, for a person 1 high who looks to the right."""

    hip: Spot
    chest: Spot
    legs: tuple[Line, Line]
    arms: tuple[Line, Line]


def joints(pose: Pose, held: Collection[str] = ()) -> Joints:
    """The joints of a pose; the far hand comes forward with what it holds."""
    found = _POSES.get(pose.action, _standing)(pose.phase)
    if {"umbrella", "lantern", "kite", "staff"} & set(held) and pose.action not in ("steer", "lie"):
        x, y = found.chest
        far = arm(found.chest, (x + 0.2, y - (0.06 if pose.action != "kneel" else 0.1)))
        found = replace(found, arms=(far, found.arms[1]))
    return found


def _bent(start: Spot, end: Spot, length: float, way: float) -> list[Spot]:
    """A line of two equal parts from `start` to (towards) `end`; its joint lies to the front (`way` 1) or back (-1)."""
    across, down = end[0] - start[0], end[1] - start[1]
    reach = max(1e-6, float(np.hypot(across, down)))
    part = min(1.0, 1.985 * length / reach)
    across, down, reach = across * part, down * part, reach * part
    out = float(np.sqrt(max(0.0, length**2 - (reach / 2) ** 2))) * way
    joint = (start[0] + across / 2 - down / reach * out, start[1] + down / 2 + across / reach * out)
    return [start, joint, (start[0] + across, start[1] + down)]


def leg(hip: Spot, foot: Spot) -> list[Spot]:
    """Hip, knee and ankle; knees bend to the front."""
    return _bent(hip, foot, THIGH, 1.0)


def arm(shoulder: Spot, hand: Spot) -> list[Spot]:
    """Shoulder, elbow and hand; elbows bend to the back."""
    return _bent(shoulder, hand, UPPER_ARM, -1.0)


def _built(hip: Spot, chest: Spot, feet: tuple[Spot, Spot], hands: tuple[Spot, Spot]) -> Joints:
    return Joints(hip, chest, (leg(hip, feet[0]), leg(hip, feet[1])), (arm(chest, hands[0]), arm(chest, hands[1])))


def _standing(phase: float) -> Joints:
    """At ease; every other keyframe a hand comes up."""
    hand = (0.15, 0.6) if np.cos(phase) < 0 else (0.05, 0.49)
    return _built((0.0, 0.492), (0.0, 0.8), ((0.05, 0.02), (-0.035, 0.02)), (hand, (-0.035, 0.485)))


def _walking(phase: float) -> Joints:
    stride, swing = 0.15, float(np.cos(phase))
    feet = [(stride * np.cos(at), 0.022 + 0.07 * max(0.0, -np.sin(at)) + 0.03 * max(0.0, -np.cos(at)))
        for at in (phase, phase + np.pi)]
    hands = ((0.03 - 0.16 * swing, 0.53), (0.05 + 0.16 * swing, 0.53))
    return _built((0.0, 0.478), (0.025, 0.785), (feet[0], feet[1]), hands)


def _running(phase: float) -> Joints:
    stride, swing = 0.24, float(np.cos(phase))
    feet = [(stride * np.cos(at) + 0.02, 0.03 + 0.13 * max(0.0, -np.cos(at)) + 0.1 * max(0.0, -np.sin(at)))
        for at in (phase, phase + np.pi)]
    hands = ((0.13 - 0.17 * swing, 0.6 - 0.03 * swing), (0.13 + 0.17 * swing, 0.6 + 0.05 * swing))
    return _built((0.0, 0.47), (0.085, 0.765), (feet[0], feet[1]), hands)


def _climbing(phase: float) -> Joints:
    high = ((0.13, 0.12), (-0.09, 0.03)) if np.cos(phase) > 0 else ((-0.09, 0.03), (0.13, 0.12))
    return _built((0.02, 0.49), (0.075, 0.785), high, ((0.27, 0.72), (0.1, 0.53)))


def _kneeling(phase: float) -> Joints:
    hip, chest = (-0.03, 0.28), (0.06, 0.57)
    rear = [hip, (-0.015, 0.045), (-0.2, 0.05)]
    hand = 0.03 * float(np.sin(phase))
    return Joints(hip, chest, (rear, leg(hip, (0.17, 0.02))), (arm(chest, (0.27, 0.3 + hand)), arm(chest, (0.25, 0.25 - hand))))


def _sitting(phase: float) -> Joints:
    hip, chest = (-0.06, 0.25), (-0.05, 0.55)
    legs = [hip, (0.17, 0.29), (0.2, 0.03)], [hip, (0.19, 0.265), (0.24, 0.02)]
    return Joints(hip, chest, legs, (arm(chest, (0.16, 0.35)), arm(chest, (0.12, 0.32))))


def _steering(phase: float) -> Joints:
    """Legs apart, both hands on the spokes of a wheel."""
    lean = 0.02 * float(np.cos(phase))
    return _built((-0.02, 0.472), (0.03 + lean, 0.775), ((0.13, 0.02), (-0.12, 0.02)), ((0.31, 0.76), (0.28, 0.6)))


def _striking(phase: float) -> Joints:
    """Hands together before the breast."""
    return _built((0.0, 0.49), (0.01, 0.795), ((0.06, 0.02), (-0.04, 0.02)), ((0.22, 0.7), (0.2, 0.66)))


def _waving(phase: float) -> Joints:
    still = _standing(0.0)
    return replace(still, arms=([(0.0, 0.795), (0.13, 0.9), (0.14 + 0.05 * float(np.cos(phase)), 1.07)], still.arms[1]))


def _looking(phase: float) -> Joints:
    """Every other keyframe a hand shades the eyes."""
    still = _standing(0.0)
    return replace(still, arms=([(0.0, 0.79), (0.17, 0.82), (0.085, 0.955)], still.arms[1])) if np.cos(phase) > 0 else still


def _hanging(phase: float) -> Joints:
    """Afloat in water, space or air: legs trail."""
    sway = 0.05 * float(np.sin(phase))
    return _built((0.0, 0.5), (0.0, 0.8), ((0.08, 0.05 + sway), (-0.1, 0.06 - sway)), ((0.22, 0.78 + sway), (-0.1, 0.6)))


_POSES: dict[str, Callable[[float], Joints]] = {
    "walk": _walking, "run": _running, "climb": _climbing, "kneel": _kneeling, "sit": _sitting, "steer": _steering,
    "strike": _striking, "wave": _waving, "look": _looking, "fly": _hanging, "swim": _hanging, "dive": _hanging,
}
