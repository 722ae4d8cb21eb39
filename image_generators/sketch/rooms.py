"""Rooms in true perspective: walls, floor boards, a window with its light, and furniture by what the words name."""

from __future__ import annotations

import numpy as np

from image_generators.sketch.canvas import blur, rough_mask
from image_generators.sketch.ground import fine, plane
from image_generators.sketch.noise import Array, sample
from image_generators.sketch.painting import Painting
from image_generators.sketch.palette import RGB, array, mix, rgb, shift
from image_generators.sketch.sky import paint_sky
from image_generators.sketch.solids import Part, blob, box, limb, oval, sharp, stand

BACK, SIDE, HIGH = 11.0, 4.6, 3.1
_PAPERS = ("#b8a487", "#8fa08c", "#a98c7a", "#8c97a6", "#bfae96", "#9c7f70")


def paint_room(p: Painting) -> None:
    """A room seen from one end; its window shows the sky of the hour."""
    paint_sky(p)
    sky = p.canvas.rgb.copy()
    paper = rgb(_PAPERS[p.seed("paper") % len(_PAPERS)])
    left = -1 if p.light.sun[0] < 0 else 1
    inside = _indoor(p)
    _walls(p, paper)
    _floor(p)
    window = (left * 1.75 - 0.95, 1.15, left * 1.75 + 0.95, 2.45)
    _window(p, sky, window)
    _furniture(p, inside, -left)
    _beam(p, window, left)
    _hanging_lamp(p)


def _indoor(p: Painting) -> set[str]:
    found: set[str] = {"kitchen", "library", "fireplace"} & (p.scene.fixed or p.scene.details)
    usual: tuple[str, ...] = ("library", "fireplace", "kitchen")
    return found or {usual[p.seed("kind") % 3]}


def lit(p: Painting, albedo: RGB, amount: float) -> RGB:
    """Indoor surfaces: daylight from the window, or warm lamps when it is dark."""
    lamp = p.light.lamps
    warm = mix(p.light.ambient, (0.78, 0.56, 0.36), 0.25 + 0.5 * lamp)
    return tuple(min(1.0, a * (0.38 + 0.75 * amount) * (0.45 + 0.8 * w)) for a,
        w in zip(albedo, warm, strict=True))  # type: ignore[return-value]


def _face(p: Painting, corners: list[tuple[float, float, float]], colour: RGB) -> None:
    points = np.array(corners, dtype=np.float64)
    points[:, 2] = np.maximum(points[:, 2], p.view.dolly + 0.4)
    p.canvas.shape(p.view.project(points), colour)


def _walls(p: Painting, paper: RGB) -> None:
    _face(p, [(-SIDE, 0, BACK), (SIDE, 0, BACK), (SIDE, HIGH, BACK), (-SIDE, HIGH, BACK)], lit(p, paper, 0.62))
    for k in range(24):
        x = -SIDE + k * 2 * SIDE / 24
        _face(p, [(x, 0.9, BACK), (x + 0.16, 0.9, BACK), (x + 0.16, HIGH, BACK), (x, HIGH, BACK)],
            lit(p, shift(paper, 0, 1, 0.96), 0.62))
    for side in (-1, 1):
        amount = 0.66 if side == (1 if p.light.sun[0] < 0 else -1) else 0.36
        _face(p, [(side * SIDE, 0, BACK), (side * SIDE, 0, 0), (side * SIDE, HIGH, 0), (side * SIDE, HIGH, BACK)],
            lit(p, paper, amount))
        _face(p, [(side * SIDE, 0, BACK), (side * SIDE, 0, 0), (side * SIDE, 0.9, 0), (side * SIDE, 0.9, BACK)],
            lit(p, mix(paper, (0.36, 0.26, 0.19), 0.65), amount))
    _face(p, [(-SIDE, 0, BACK), (SIDE, 0, BACK), (SIDE, 0.9, BACK), (-SIDE, 0.9, BACK)],
        lit(p, mix(paper, (0.36, 0.26, 0.19), 0.65), 0.55))
    _face(p, [(-SIDE, 0.9, BACK), (SIDE, 0.9, BACK), (SIDE, 0.98, BACK), (-SIDE, 0.98, BACK)], lit(p, (0.75, 0.66, 0.52), 0.6))
    _face(p, [(-SIDE, HIGH, BACK), (SIDE, HIGH, BACK), (SIDE, HIGH, 0), (-SIDE, HIGH, 0)], lit(p, (0.7, 0.64, 0.55), 0.4))
    for k in range(5):
        z = BACK - 0.4 - 2.2 * k
        _face(p, [(-SIDE, HIGH - 0.22, z), (SIDE, HIGH - 0.22, z), (SIDE, HIGH, z), (-SIDE, HIGH, z)],
            lit(p, (0.36, 0.26, 0.18), 0.45))


def _floor(p: Painting) -> None:
    found = plane(p)
    if found is None:
        return
    top, x, z = found
    board = np.floor(x * 2.2)
    tone = 0.85 + 0.3 * (np.abs(np.sin(board * 12.9898)) * 43.7 % 1 - 0.5)
    seam = np.clip(1 - np.abs((x * 2.2) % 1 - 0.5) * -2 - 1.93, 0, 1) * 8 * fine(z, 0.5)
    streak = sample(x * 0.9, z * 0.05, 1, 1.4) - 0.5
    near = np.exp(-(((z - 6) / 5) ** 2))
    level = np.clip(tone + streak * 0.3 - seam * 0.4, 0.2, 1.4) * (0.55 + 0.45 * near)
    colour = array(lit(p, (0.56, 0.38, 0.25), 0.68))
    inside = ((z < BACK) & (np.abs(x) < SIDE)).astype(np.float32)
    p.canvas.lay(inside, np.clip(colour * level[..., None], 0, 1).astype(np.float32), top)
    rug = np.clip((1 - ((x / 2.3) ** 2 + ((z - 6.6) / 1.9) ** 2)) * 14, 0, 1)
    ring = np.abs(np.sqrt((x / 2.3) ** 2 + ((z - 6.6) / 1.9) ** 2) - 0.82) < 0.05
    cloth = array(lit(p, rgb(("#8c3f3a", "#3f5a78", "#6b7048")[p.seed("rug") % 3]), 0.7))
    trim = array(lit(p, (0.85, 0.74, 0.52), 0.7))
    p.canvas.lay(rug.astype(np.float32), np.where(ring[..., None], trim, cloth).astype(np.float32), top)


def _window(p: Painting, sky: Array, frame: tuple[float, float, float, float]) -> None:
    left, low, right, high = frame
    glass = p.view.points(np.array([(left, low), (right, low), (right, high), (left, high)]), BACK)
    mask = rough_mask((p.canvas.height, p.canvas.width), [glass])
    view = np.clip(sky[::-1] * 0.25 + sky * 0.6 + array(p.light.low) * 0.25, 0, 1)
    p.canvas.lay(mask, view)
    hill = p.view.points(np.array([(left, low), (right, low), (right, low + 0.35), ((left + right) / 2, low + 0.55),
        (left, low + 0.3)]), BACK)
    p.canvas.lay(rough_mask(mask.shape, [hill]) * mask * 0.8, mix(p.light.on((0.3, 0.4, 0.25), 0.5), p.light.low, 0.3))
    wood, cloth = (0.9, 0.86, 0.78), rgb(("#c8b48c", "#b5695a", "#6f8494")[p.seed("cloth") % 3])
    middle, parts = (left + right) / 2, []
    for x in (left, middle, right):
        parts.append(box(x - 0.04, low, x + 0.04, high, wood))
    for y in (low, (low + high) / 2, high):
        parts.append(box(left - 0.04, y - 0.035, right + 0.04, y + 0.035, wood))
    parts.append(box(left - 0.18, low - 0.1, right + 0.18, low - 0.02, wood))
    for side, x in ((-1, left), (1, right)):
        parts.append(blob([(x - side * 0.12, high + 0.15), (x + side * 0.42, high + 0.15), (x + side * 0.34, (low + high) / 2),
            (x + side * 0.4, low - 0.35), (x + side * 0.02, low - 0.35), (x - side * 0.02, (low + high) / 2)], cloth, 0.35))
    parts.append(limb([(left - 0.5, high + 0.16), (right + 0.5, high + 0.16)], (0.05, 0.05), (0.35, 0.25, 0.18)))
    stand(p, parts, 0, BACK - 0.02)
    x, y = p.view.project(np.array([(middle, (low + high) / 2, BACK)]))[0]
    p.glows.append((float(x), float(y), 0.9 * p.view.size(BACK), mix(p.light.low, p.light.key, 0.5), 0.3 if not p.light.moon
        else 0.12))


def _beam(p: Painting, frame: tuple[float, float, float, float], side: int) -> None:
    """Light through the window: a patch on the floor and a soft shaft."""
    left, _, right, high = frame
    slide = -side * 1.7
    patch = np.array([(left + slide, 0, 7.6), (right + slide, 0, 7.6), (right + slide * 1.6, 0, 5.4),
        (left + slide * 1.6, 0, 5.4)])
    patch[:, 2] = np.maximum(patch[:, 2], p.view.dolly + 0.5)
    strength = 0.34 * (p.light.glare if not p.light.moon else 0.35)
    shape = (p.canvas.height, p.canvas.width)
    floor = blur(rough_mask(shape, [p.view.project(patch)]), p.canvas.height * 0.006) * strength
    p.canvas.rgb += (1 - np.clip(p.canvas.rgb, 0, 1)) * array(p.light.key) * floor[..., None] * 0.8
    corners = [(left, high, BACK), (right, high, BACK), tuple(patch[2]), tuple(patch[3])]
    shaft = rough_mask(shape, [p.view.project(np.array(corners, dtype=np.float64))])
    shaft = blur(shaft, p.canvas.height * 0.02) * strength * 0.3
    p.canvas.rgb += (1 - np.clip(p.canvas.rgb, 0, 1)) * array(p.light.key) * shaft[..., None]


def _hanging_lamp(p: Painting) -> None:
    on = 0.25 + 0.75 * p.light.lamps if p.light.lamps > 0.3 else 0.0
    shade = blob([(-0.06, 2.62), (-0.3, 2.36), (0.3, 2.36), (0.06, 2.62)], (0.72, 0.52, 0.3))
    stand(p, [limb([(0, 3.1), (0, 2.6)], (0.02, 0.02), (0.15, 0.12, 0.1)), shade, oval(0, 2.36, 0.1, 0.06, (1.0, 0.9, 0.65), 0,
        0, on)], 0.3, 8.5)
    if on:
        p.lamp(0.3, 2.3, 8.5, 1.4, (1.0, 0.78, 0.46), 0.42 * on)


def _furniture(p: Painting, kinds: set[str], side: int) -> None:
    random = p.random("furniture")
    if "kitchen" in kinds:
        stand(p, _counter(p), side * 2.3, BACK - 0.4, shadow=0.6)
        stand(p, _shelf(random, pots=True), side * 2.3, BACK - 0.05, 1.62)
    if "library" in kinds:
        stand(p, _bookcase(random), side * 2.2, BACK - 0.3, shadow=0.6)
        stand(p, _bookcase(random), side * 3.95, BACK - 0.3, shadow=0.6)
    if "fireplace" in kinds:
        stand(p, _hearth(), side * 2.1, BACK - 0.3, shadow=0.6)
        p.lamp(side * 2.1, 0.45, BACK - 0.3, 1.0, (1.0, 0.55, 0.2), 0.6)
    if "kitchen" in kinds or "table" in p.scene.details:
        stand(p, _table(), -side * 1.7, 7.6, shadow=0.7)
    else:
        stand(p, _armchair(rgb(("#7a4438", "#3f5e5a", "#56527a")[p.seed("chair") % 3])), -side * 2.5, 7.9, shadow=0.7)
    stand(p, _plant(random), -side * 4.0, 9.2, shadow=0.6)


def _counter(p: Painting) -> list[Part]:
    wood, top = (0.62, 0.5, 0.36), (0.82, 0.76, 0.66)
    parts = [box(-1.6, 0, 1.7, 0.86, wood), box(-1.66, 0.86, 1.76, 0.94, top)]
    parts += [box(-1.5 + k * 0.8, 0.1, -0.8 + k * 0.8, 0.76, shift(wood, 0, 1, 0.9), 0.4) for k in range(4)]
    parts += [oval(-0.9 + k * 0.8, 0.46, 0.03, 0.03, (0.85, 0.75, 0.4)) for k in range(4)]
    parts += [box(0.55, 0.12, 1.4, 0.8, (0.2, 0.2, 0.22)), box(0.68, 0.22, 1.27, 0.56, (1.0, 0.55, 0.22), 0, 0.7)]
    parts += [blob([(0.7, 0.94), (0.68, 1.12), (1.1, 1.12), (1.08, 0.94)], (0.55, 0.3, 0.22)),
        limb([(0.66, 1.13), (1.12, 1.13)], (0.04, 0.04), (0.7, 0.5, 0.4))]
    parts += [blob([(-1.2, 0.94), (-1.24, 1.16), (-1.12, 1.3), (-1.0, 1.16), (-1.04, 0.94)], (0.36, 0.52, 0.62)),
        blob([(-0.5, 0.94), (-0.45, 1.04), (-0.2, 1.1), (0.05, 1.04), (0.1, 0.94)], (0.8, 0.58, 0.32))]
    return parts


def _shelf(random: np.random.Generator, pots: bool) -> list[Part]:
    parts = [box(-1.5, 0, 1.5, 0.06, (0.42, 0.3, 0.2))]
    for k in range(9):
        x, high = -1.3 + k * 0.32, 0.16 + 0.2 * random.random()
        tone = rgb(("#c9b48a", "#a45a44", "#5f7d86", "#d8d2c2", "#7d8a5c")[int(random.integers(5))])
        parts.append(blob([(x - 0.09, 0.06), (x - 0.1, high * 0.7), (x - 0.05, high), (x + 0.05, high), (x + 0.1, high * 0.7),
            (x + 0.09, 0.06)], tone))
    if pots:
        for x in (-1.1, -0.6, 0.2, 0.8):
            parts += [limb([(x, 0), (x, -0.16)], (0.02, 0.02), (0.2, 0.16, 0.13)), oval(x, -0.26, 0.12, 0.12,
                (0.66, 0.4, 0.26))]
    return parts


def _bookcase(random: np.random.Generator) -> list[Part]:
    wood = (0.36, 0.24, 0.16)
    parts = [box(-0.85, 0, 0.85, 2.75, wood), box(-0.76, 0.1, 0.76, 2.66, (0.18, 0.12, 0.09))]
    for row in range(5):
        y, x = 0.12 + row * 0.52, -0.74
        while x < 0.66:
            wide, high = 0.05 + 0.07 * random.random(), 0.27 + 0.16 * random.random()
            tone = rgb(("#8a3b32", "#2f5560", "#b08b4a", "#4f5d3a", "#6a4a6e", "#c9b995", "#3a4a72")[int(random.integers(7))])
            parts.append(box(x, y, min(0.75, x + wide), y + high, tone, 0.5))
            x += wide + 0.006 + (0.1 if random.random() < 0.07 else 0)
        parts.append(box(-0.8, y - 0.05, 0.8, y, wood))
    return parts


def _hearth() -> list[Part]:
    stone = (0.6, 0.55, 0.5)
    parts = [box(-0.7, 1.3, 0.7, 3.05, shift(stone, 0, 1, 0.85)), box(-1.0, 0, 1.0, 1.3, stone), box(-1.15, 1.3, 1.15, 1.44,
        (0.36, 0.25, 0.18)), blob([(-0.55, 0), (-0.56, 0.7), (0, 0.96), (0.56, 0.7), (0.55, 0)], (0.1, 0.07, 0.06), 0)]
    for x, high, tone in ((-0.18, 0.5, (1.0, 0.45, 0.12)), (0.16, 0.58, (1.0, 0.5, 0.15)), (0.0, 0.42, (1.0, 0.8, 0.4))):
        flame = blob([(x - 0.15, 0.08), (x - 0.13, high * 0.5), (x - 0.01, high), (x + 0.12, high * 0.45), (x + 0.14, 0.08)],
            tone, 0)
        parts.append(Part(flame.corners, tone, 0, 1.0))
    return [*parts, limb([(-0.36, 0.07), (0.36, 0.09)], (0.12, 0.11), (0.28, 0.18, 0.12)), oval(-0.6, 1.6, 0.14, 0.16,
        (0.85, 0.72, 0.4)), box(0.35, 1.46, 0.8, 1.85, (0.5, 0.36, 0.22)), box(0.4, 1.5, 0.75, 1.8, (0.6, 0.68, 0.66))]


def _table() -> list[Part]:
    wood = (0.55, 0.38, 0.24)
    legs = [box(x - 0.05, 0, x + 0.05, 0.5, shift(wood, 0, 1, 0.8)) for x in (-0.95, 0.95)]
    parts = [*legs, sharp([(-1.15, 0.5), (1.15, 0.5), (0.98, 0.62), (-0.98, 0.62)], wood), box(-1.15, 0.44, 1.15, 0.5,
        shift(wood, 0, 1, 0.85))]
    parts += [blob([(-0.5, 0.58), (-0.54, 0.68), (-0.3, 0.74), (-0.06, 0.68), (-0.1, 0.58)], (0.82, 0.58, 0.32)),
        blob([(0.35, 0.58), (0.3, 0.7), (0.36, 0.78), (0.5, 0.78), (0.56, 0.7), (0.5, 0.58)], (0.4, 0.55, 0.66))]
    return [*parts, oval(0.78, 0.6, 0.05, 0.05, (0.78, 0.25, 0.2)), oval(0.68, 0.6, 0.05, 0.05, (0.85, 0.55, 0.2))]


def _armchair(colour: RGB) -> list[Part]:
    return [blob([(-0.6, 0.1), (-0.62, 1.0), (-0.45, 1.15), (0.45, 1.15), (0.62, 1.0), (0.6, 0.1)], shift(colour, 0, 1, 0.86)),
        blob([(-0.48, 0.3), (-0.5, 0.5), (0.5, 0.5), (0.48, 0.3)], shift(colour, 0, 0.9, 1.1)),
            blob([(-0.75, 0.06), (-0.78, 0.58), (-0.62, 0.66), (-0.48, 0.58), (-0.48, 0.06)], colour), blob([(0.48, 0.06),
                (0.48, 0.58), (0.62, 0.66), (0.78, 0.58), (0.75, 0.06)], colour), box(-0.5, 0.06, 0.5, 0.32, colour, 0.5)]


def _plant(random: np.random.Generator) -> list[Part]:
    stems = [limb([(0, 0.4), (lean * 0.5, 0.8), (lean, 0.95 + 0.25 * random.random())], (0.03, 0.12, 0.01),
        (0.28, 0.42 + 0.1 * random.random(), 0.24)) for lean in (-0.5, -0.3, -0.12, 0.1, 0.28, 0.48)]
    return [*stems, blob([(-0.16, 0), (-0.22, 0.42), (0.22, 0.42), (0.16, 0)], (0.66, 0.38, 0.27))]
