"""What falls and drifts before the camera: rain, snow, fog, lightning. Colours of the air are palette.py's."""

from __future__ import annotations

import cv2
import numpy as np

from image_generators.sketch.canvas import blur, smooth
from image_generators.sketch.noise import Array, sample
from image_generators.sketch.painting import Painting
from image_generators.sketch.palette import array, mix
from image_generators.sketch.scene_words import INDOORS


def paint_weather(p: Painting, beat: int) -> None:
    """Lays the weather over the finished scene; drops and flakes fall on with `beat`."""
    if p.scene.place in INDOORS:
        return
    if p.scene.weather == "fog":
        _fog(p)
    if p.scene.weather in ("rain", "storm"):
        _rain(p, beat)
    if p.scene.weather == "snowfall":
        _snow(p, beat)


def lightning(p: Painting, beat: int) -> None:
    """Sheet lightning behind the clouds: another part of the sky lights up in every keyframe. Laid before the land."""
    across, above = p.view.angles()
    random = p.random("lightning", beat)
    x, y = (random.random() - 0.5) * 1.1, 0.2 + 0.16 * random.random()
    billow = sample(across * 0.5 + 0.13 * beat, above * 0.8, 2, 1.9)
    reach = np.exp(-(((across - x) / 0.42) ** 2) - ((above - y) / 0.2) ** 2)
    flash = reach * smooth(billow, 0.22, 0.75) * smooth(above, -0.01, 0.06)
    p.canvas.rgb += (1 - np.clip(p.canvas.rgb, 0, 1)) * array((0.72, 0.78, 1.0)) * (flash * np.float32(0.5))[..., None]
    core = reach**4 * smooth(billow, 0.4, 0.8) * smooth(above, -0.01, 0.06)
    p.canvas.rgb += (1 - np.clip(p.canvas.rgb, 0, 1)) * array((0.9, 0.92, 1.0)) * (core * np.float32(0.4))[..., None]


def _fog(p: Painting) -> None:
    across, above = p.view.angles()
    drift = sample(across * 0.3 + 0.2, above * 0.7, 2, 2.0)
    low = smooth(above, 0.4, -0.3)
    strength = np.clip((drift - 0.25) * 0.6, 0, 1) * (0.25 + 0.6 * low)
    p.canvas.lay(strength.astype(np.float32), mix(p.light.air, (1, 1, 1), 0.08 if not p.light.moon else 0.0))


def _rain(p: Painting, beat: int) -> None:
    """Streaks on three sheets: motion blur of scattered drops along the wind."""
    height, width = p.canvas.height, p.canvas.width
    slant = 0.28 if p.scene.weather == "storm" else 0.12
    veil = mix(p.light.air, (1, 1, 1), 0.25)
    for sheet, (length, share, strength) in enumerate(((0.035, 0.0034, 0.3), (0.07, 0.0016, 0.36), (0.13, 0.0004, 0.34))):
        small = (270, max(2, round(270 * width / height)))
        random = np.random.default_rng(p.scene.seed + beat * 101 + sheet)
        drops = (random.random(small) < share).astype(np.float32) * random.random(small, dtype=np.float32)
        streak = _streaks(drops, max(2, round(length * 270)), slant)
        field = cv2.resize(streak, (width, height), interpolation=cv2.INTER_CUBIC)
        p.canvas.lay(np.clip(field * strength * 1.6, 0, 0.4), veil)


def _streaks(drops: Array, length: int, slant: float) -> Array:
    total = np.zeros_like(drops)
    for step in range(length):
        moved = np.roll(drops, (step, -round(step * slant)), axis=(0, 1))
        total = np.maximum(total, moved * (1 - abs(2 * step / length - 1) * 0.7))
    return total


def _snow(p: Painting, beat: int) -> None:
    random = p.random("flakes", beat)
    for count, size, strength in ((420, 0.0016, 0.55), (170, 0.003, 0.7), (36, 0.0075, 0.5)):
        field = np.zeros((p.canvas.height, p.canvas.width), np.float32)
        at = random.random((count, 2)) * (p.canvas.width, p.canvas.height)
        for x, y in at:
            radius = max(1.0, size * p.canvas.height * (0.6 + 0.8 * random.random()) * 16)
            cv2.circle(field, (round(x * 16), round(y * 16)), round(radius), 1.0, -1, cv2.LINE_AA, 4)
        p.canvas.lay(blur(field, size * p.canvas.height * 0.5) * strength, (0.97, 0.98, 1.0))
