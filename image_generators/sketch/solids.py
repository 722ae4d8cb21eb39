"""Drawn things: flat parts with rounded light, put together and stood into the world. Knows no particular thing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from image_generators.sketch.canvas import blur, rough_mask
from image_generators.sketch.noise import Array, sample
from image_generators.sketch.painting import Painting
from image_generators.sketch.palette import RGB, array, mix

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Part:
    """One flat part in world units (X right, Y up from the feet). round: how much its edges turn away from the light.

    glow: how much of its own light it has. rough: how much brush shows on it.
    """

    corners: Array
    colour: RGB
    round: float = 1.0
    glow: float = 0.0
    rough: float = 0.35
    opacity: float = 1.0


def curve(points: Points, steps: int = 6, closed: bool = True) -> Array:
    """A smooth line (Catmull-Rom) through the points, (N, 2)."""
    at = np.array(points, dtype=np.float64)
    ends = (at[-1:], at[:2]) if closed else (2 * at[:1] - at[1:2], 2 * at[-1:] - at[-2:-1])
    padded = np.concatenate([ends[0], at, ends[1]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    count = len(at) if closed else len(at) - 1
    pieces = [_segment(padded[i], padded[i + 1], padded[i + 2], padded[i + 3], t) for i in range(count)]
    return np.concatenate(pieces if closed else [*pieces, at[-1:]])


def _segment(a: Array, b: Array, c: Array, d: Array, t: Array) -> Array:
    return np.asarray(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))


def blob(points: Points, colour: RGB, round: float = 1.0, rough: float = 0.35, opacity: float = 1.0) -> Part:
    """A part with a smooth outline through the points."""
    return Part(curve(points), colour, round, 0.0, rough, opacity)


def sharp(points: Points, colour: RGB, round: float = 0.5, glow: float = 0.0, opacity: float = 1.0) -> Part:
    """A part with straight edges."""
    return Part(np.array(points, dtype=np.float64), colour, round, glow, 0.3, opacity)


def box(left: float, bottom: float, right: float, top: float, colour: RGB, round: float = 0.25, glow: float = 0.0) -> Part:
    """An upright rectangle."""
    return sharp([(left, bottom), (right, bottom), (right, top), (left, top)], colour, round, glow)


def oval(x: float, y: float, wide: float, high: float, colour: RGB, lean: float = 0.0, round: float = 1.0,
        glow: float = 0.0) -> Part:
    """An ellipse of half axes `wide` and `high`, leaning by `lean` radians."""
    turn = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    across, up = wide * np.cos(turn), high * np.sin(turn)
    corners = np.stack([x + across * np.cos(lean) - up * np.sin(lean), y + across * np.sin(lean) + up * np.cos(lean)], axis=1)
    return Part(corners, colour, round, glow)


def limb(points: Points, widths: Sequence[float], colour: RGB, round: float = 1.0) -> Part:
    """A tube along a smooth line, as wide (across) as `widths` say at its points, with round ends."""
    line = curve(points, 7, closed=False)
    wide = np.interp(np.linspace(0, 1, len(line)), np.linspace(0, 1, len(widths)), widths) / 2
    along = np.gradient(line, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) * wide[:, None]
    start = _cap(line[0], -along[0], wide[0])
    end = _cap(line[-1], along[-1], wide[-1])
    return Part(np.concatenate([line + across, end, (line - across)[::-1], start]), colour, round)


def _cap(at: Array, out: Array, radius: float) -> Array:
    turn = np.linspace(np.pi / 2, -np.pi / 2, 7)[1:-1]
    side = np.array([-out[1], out[0]])
    return np.asarray(at + radius * (np.cos(turn)[:, None] * out + np.sin(turn)[:, None] * side))


def grounded(part: Part) -> Part:
    """The part cut off flat at the ground."""
    level = np.stack([part.corners[:, 0], np.maximum(part.corners[:, 1], 0.0)], axis=1)
    return replace(part, corners=level)


def move(parts: Iterable[Part], x: float = 0.0, y: float = 0.0, size: float = 1.0, flip: bool = False,
        lean: float = 0.0) -> list[Part]:
    """Parts leant by radians, scaled, mirrored, then shifted."""
    spin = np.array([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]])
    grown = np.array([-size if flip else size, size])
    return [replace(part, corners=(part.corners @ spin) * grown + np.array([x, y])) for part in parts]


def stand(painting: Painting, parts: Sequence[Part], x: float, z: float, y: float = 0.0, shadow: float = 0.0,
        mirror: float = 0.0,
          lift: float = 0.0) -> None:
    """Draws parts at a place in the world. shadow: strength of the shade at their feet; mirror: of their image in water.

    lift: extra light, for those whom the eye is to find.
    """
    if not parts or not painting.behind(z):
        return
    drawn = _drawn(painting, parts, x, y, z, lift)
    if shadow > 0:
        _shade(painting, parts, x, y, z, shadow)
    if drawn is None:
        return
    box_, rgb, alpha = drawn
    if mirror > 0:
        _mirror(painting, drawn, float(painting.view.y(y, z)), mirror)
    painting.canvas.patch(box_, alpha, rgb)


def _drawn(painting: Painting, parts: Sequence[Part], x: float, y: float, z: float, lift: float) -> tuple[tuple[int, int, int,
        int], Array, Array] | None:
    view, canvas, light = painting.view, painting.canvas, painting.light
    offset = np.array([x, y])
    shapes = [view.points(part.corners + offset, z) for part in parts]
    everything = np.concatenate(shapes)
    margin = max(3.0, 0.02 * view.size(z))
    box_ = canvas.box(everything, margin)
    if box_ is None:
        return None
    left, top, right, bottom = box_
    rgb = np.zeros((bottom - top, right - left, 3), dtype=np.float32)
    alpha = np.zeros(rgb.shape[:2], dtype=np.float32)
    sun = np.array(view.from_angle(*light.sun)) - everything.mean(axis=0)
    toward = sun / max(np.linalg.norm(sun), 1e-6)
    for part, shape in zip(parts, shapes, strict=True):
        _paint_part(painting, rgb, alpha, part, shape - np.array([left, top]), toward, lift)
    _rim(painting, rgb, alpha, toward, view.size(z))
    fade = float(1 - np.exp(-max(0.0, z - view.dolly - 2) * light.haze))
    rgb += (array(light.air) - rgb) * np.float32(fade)
    return box_, rgb, alpha


def _paint_part(painting: Painting, rgb: Array, alpha: Array, part: Part, shape: Array, toward: Array, lift: float) -> None:
    height, width = alpha.shape
    low, high = np.floor(shape.min(axis=0)) - 2, np.ceil(shape.max(axis=0)) + 3
    left, top = max(0, int(low[0])), max(0, int(low[1]))
    right, bottom = min(width, int(high[0])), min(height, int(high[1]))
    if right <= left or bottom <= top:
        return
    mask = rough_mask((bottom - top, right - left), [shape - np.array([left, top])])
    lit = _facing(mask, part, shape, toward)
    light = painting.light
    ambient, key = array(light.ambient) * 0.92, array(light.key) * 0.72
    paint = array(part.colour) * (ambient + key * lit[..., None]) * np.float32(1 + lift)
    if part.glow > 0:
        paint = paint + (array(part.colour) - paint) * np.float32(part.glow)
    cover = (mask * np.float32(part.opacity))
    area = rgb[top:bottom, left:right]
    area += (np.minimum(paint, 1) - area) * cover[..., None]
    under = alpha[top:bottom, left:right]
    under += (1 - under) * cover


def _facing(mask: Array, part: Part, shape: Array, toward: Array) -> Array:
    """How much each pixel faces the lamp: the mask is taken for a cushion."""
    size = float(np.sqrt(max(1.0, np.prod(np.ptp(shape, axis=0)))))
    lit = np.full(mask.shape, 0.5, dtype=np.float32)
    if part.round > 0 and size > 5:
        narrow = max(0.8, float(np.ptp(shape, axis=0).min()) * 0.2)
        soft = blur(mask, narrow)
        across = cv2.Scharr(soft, cv2.CV_32F, 1, 0, scale=1 / 32)
        down = cv2.Scharr(soft, cv2.CV_32F, 0, 1, scale=1 / 32)
        lit -= (across * np.float32(toward[0]) + down * np.float32(toward[1])) * np.float32(narrow * 2.1 * part.round)
        lit -= down * np.float32(-narrow * 0.8 * part.round)
    if part.rough > 0 and size > 24:
        rows = np.arange(mask.shape[0], dtype=np.float32)[:, None] / size
        columns = np.arange(mask.shape[1], dtype=np.float32)[None, :] / size
        lit += (sample(columns * 0.22, rows * 0.13, 0, 2.3) - 0.5) * np.float32(0.6 * part.rough)
    return np.clip(lit, 0, 1.15)


def _rim(painting: Painting, rgb: Array, alpha: Array, toward: Array, scale: float) -> None:
    """A bright line on the edge towards the lamp: what holds a figure off its background."""
    width = float(np.clip(0.014 * scale, 0.8, 9))
    moved = np.array([[1, 0, -toward[0] * width], [0, 1, -toward[1] * width]], dtype=np.float64)
    shifted = cv2.warpAffine(alpha, moved, (alpha.shape[1], alpha.shape[0]), borderMode=cv2.BORDER_REPLICATE)
    edge = np.clip(alpha - shifted, 0, 1)
    edge = blur(edge, width * 0.35)
    low_sun = float(np.exp(-painting.light.sun[1] * 3.0))
    strength = painting.light.glare * (0.22 + 0.5 * low_sun) * (0.7 if painting.light.moon else 1.0)
    rgb += (1 - np.clip(rgb, 0, 1)) * array(painting.light.key) * (edge * np.float32(strength))[..., None]


def _shade(painting: Painting, parts: Sequence[Part], x: float, y: float, z: float, strength: float) -> None:
    """Soft shade where the parts touch the ground, drawn out away from the lamp."""
    view = painting.view
    feet = np.concatenate([part.corners for part in parts])
    low = feet[feet[:, 1] < feet[:, 1].min() + 0.16 * max(0.3, float(np.ptp(feet[:, 1])))]
    middle, half = float(low[:, 0].mean()), float(np.ptp(low[:, 0]) / 2 + 0.03)
    scale = view.size(z)
    across, down = float(view.x(x + middle, z)), float(view.y(y, z))
    flat = max(1.2, (half * 0.22 + 0.015) * scale * min(1.0, view.eye))
    dark = mix(painting.light.ambient, (0.03, 0.03, 0.08), 0.82)
    away = -np.sign(painting.light.sun[0]) * half * scale
    turn = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    for shift, wide, opacity in ((0.0, 1.1, 0.6), (0.7 * painting.light.glare, 1.7, 0.34)):
        corners = np.stack([across + away * shift + half * scale * wide * np.cos(turn), down + flat * np.sin(turn)], axis=1)
        painting.canvas.shape(corners, dark, strength * opacity, soft=max(0.8, flat * 0.45))


def _mirror(painting: Painting, drawn: tuple[tuple[int, int, int, int], Array, Array], foot: float, strength: float) -> None:
    box_, rgb, alpha = drawn
    rows = int(min(rgb.shape[0], max(0, painting.canvas.height - foot)))
    keep = int(np.clip(round(foot) - box_[1], 1, rgb.shape[0]))
    image, cover = rgb[:keep][::-1][:rows], alpha[:keep][::-1][:rows]
    start = round(foot)
    if start >= painting.canvas.height or start < 0 or not len(image):
        return
    down = np.arange(len(image), dtype=np.float32)[:, None]
    wobble = np.sin(down * 0.9 * 360 / painting.canvas.height) * (1 + down * 0.05)
    columns = (np.arange(image.shape[1], dtype=np.float32)[None, :] + wobble).astype(np.float32)
    source = np.broadcast_to(down, columns.shape).astype(np.float32)
    image = cv2.remap(np.ascontiguousarray(image), columns, source, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.remap(np.ascontiguousarray(cover), columns, source, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    fade = np.exp(-down / max(8.0, len(image) * 0.6)) * strength
    end = min(painting.canvas.height, start + len(image))
    cover, image = (cover * fade)[: end - start], image[: end - start] * np.float32(0.8)
    painting.canvas.patch((box_[0], start, box_[2], end), cover.astype(np.float32), image)
