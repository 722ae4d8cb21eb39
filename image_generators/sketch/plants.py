"""Trees, grass, flowers, rocks: single ones as parts, and whole layers of silhouettes. Decides not where a place has them."""

from __future__ import annotations

import numpy as np

from image_generators.sketch.canvas import blur, rough_mask
from image_generators.sketch.noise import Array, sample
from image_generators.sketch.painting import Painting
from image_generators.sketch.palette import RGB, array, mix, shift
from image_generators.sketch.solids import Part, blob, curve, grounded, limb, oval, sharp


def fir(random: np.random.Generator, high: float, colour: RGB) -> list[Part]:
    """A fir with drooping layers."""
    parts = [limb([(0, 0), (0, high * 0.3)], (0.07 * high, 0.05 * high), (0.28, 0.2, 0.16))]
    steps = 6
    for step in range(steps):
        low, top = high * (0.1 + 0.135 * step), high * (0.36 + 0.13 * step)
        half = high * 0.25 * (1 - step / (steps + 0.6)) * (0.9 + 0.2 * random.random())
        top = min(top, high)
        jag = [(-half, low), (-half * 0.62, low + 0.035 * high), (-half * 0.34, low - 0.012 * high), (0.0, low + 0.022 * high),
            (half * 0.36, low - 0.014 * high),
               (half * 0.66, low + 0.03 * high), (half, low), (half * 0.36, (low + top) / 2), (0, top), (-half * 0.36,
                   (low + top) / 2)]
        parts.append(sharp(jag, shift(colour, 0, 1, 0.78 + 0.07 * step), 1.1))
    return parts


def leafy(random: np.random.Generator, high: float, colour: RGB) -> list[Part]:
    """A broad tree: trunk, boughs, and a crown of clustered leaves, darker below."""
    bark = (0.3, 0.22, 0.17)
    lean = (random.random() - 0.5) * 0.12 * high
    parts = [grounded(limb([(0, 0), (lean * 0.2, high * 0.2), (lean, high * 0.55)], (0.15 * high, 0.075 * high, 0.04 * high),
        bark))]
    for side in (-1, 1):
        parts.append(limb([(lean * 0.4, high * 0.3), (side * high * 0.1 + lean, high * 0.46), (side * high * 0.2 + lean,
            high * 0.6)], (0.045 * high, 0.03 * high, 0.012 * high), bark))
    for ring, (tone, count) in enumerate(((0.6, 9), (0.82, 10), (1.02, 9), (1.15, 5))):
        for place in range(count):
            angle = place / count * 2 * np.pi + random.random()
            reach = (0.25 - 0.045 * ring) * high * (0.75 + 0.3 * random.random())
            x = lean + reach * np.cos(angle) * 1.15 - 0.02 * ring * high
            y = high * (0.65 + 0.042 * ring) + reach * 0.72 * np.sin(angle)
            parts.append(_tuft(random, x, y, high * (0.1 + 0.06 * random.random()) * (1 - 0.1 * ring),
                shift(colour, 0.008 * ring, 1, tone)))
    return parts


def _tuft(random: np.random.Generator, x: float, y: float, radius: float, colour: RGB) -> Part:
    turn = np.linspace(0, 2 * np.pi, 26, endpoint=False)
    reach = radius * (0.78 + 0.4 * random.random(26))
    return blob([(x + r * float(np.cos(a)) * 1.15, y + r * float(np.sin(a)) * 0.86) for r, a in zip(reach, turn, strict=True)],
        colour, 0.6, 1.0)


def palm(random: np.random.Generator, high: float) -> list[Part]:
    """A palm that leans."""
    lean = (random.random() - 0.5) * high * 0.5
    parts = [limb([(0, 0), (lean * 0.25, high * 0.5), (lean, high)], (0.07 * high, 0.05 * high, 0.04 * high),
        (0.42, 0.31, 0.21))]
    for leaf in range(12):
        angle = np.pi * (1.15 * leaf / 11 - 0.075)
        reach, rise = float(np.cos(angle)) * high * 0.44, high * (0.1 + 0.16 * float(np.sin(angle)))
        frond = [(lean, high), (lean + reach * 0.45, high + rise), (lean + reach * 0.85, high + rise * 0.5),
            (lean + reach, high + rise * 0.5 - 0.16 * high)]
        parts.append(limb(frond, (0.025 * high, 0.055 * high, 0.045 * high, 0.004 * high), (0.2, 0.3 + 0.09 * (leaf % 3),
            0.17), 0.5))
    return parts


def boulder(random: np.random.Generator, size: float, colour: RGB) -> list[Part]:
    """A rock with a lit face."""
    turn = np.linspace(0, np.pi, 8)
    reach = size * (0.8 + 0.35 * random.random(8))
    top = [(float(r * np.cos(a)), float(r * np.sin(a) * 0.68)) for r, a in zip(reach, turn, strict=True)]
    face = [(x * 0.55 + 0.1 * size, y * 0.75 + 0.12 * size) for x, y in top[1:5]]
    return [sharp([*top, (-size, -0.04 * size), (size, -0.04 * size)], colour, 1.2), blob([*face, (0.1 * size, 0.1 * size)],
        shift(colour, 0, 1, 1.1), 0.6)]


def tussock(random: np.random.Generator, high: float, colour: RGB, bloom: RGB | None = None) -> list[Part]:
    """Blades of grass from one root, perhaps with flowers."""
    parts: list[Part] = []
    for blade in range(9):
        lean = (blade - 4) * 0.1 * high + (random.random() - 0.5) * 0.2 * high
        tall = high * (0.5 + 0.5 * random.random())
        parts.append(limb([(blade * 0.02 * high, 0), (lean * 0.4, tall * 0.6), (lean * 1.3, tall)], (0.045 * high, 0.03 * high,
            0.005 * high), shift(colour, 0, 1, 0.75 + 0.45 * random.random()), 0.3))
        if bloom is not None and blade % 3 == 0:
            parts += [oval(lean * 1.3, tall, 0.075 * high, 0.06 * high, bloom, random.random()),
                oval(lean * 1.3, tall, 0.024 * high, 0.02 * high, (0.95, 0.8, 0.3))]
    return parts


def layer(painting: Painting, polygons: list[Array], z: float, albedo: RGB, soft: float = 0.0, light: float = 1.0,
        texture: float = 0.25) -> None:
    """Many shapes at one depth ((N, 2) world X and Y each) as one lit silhouette.

    soft: blur in world units. light: how round it looks. texture: how rough its face is.
    """
    if not painting.behind(z) or not polygons:
        return
    view, canvas = painting.view, painting.canvas
    shapes = [view.points(corners, z) for corners in polygons]
    inside = [shape for shape in shapes if shape[:, 0].max() > 0 and shape[:, 0].min() < canvas.width]
    if not inside:
        return
    rows = np.concatenate(inside)[:, 1]
    scale = view.size(z)
    start = int(np.clip(rows.min() - 3 - 3 * soft * scale, 0, canvas.height - 1))
    end = int(np.clip(rows.max() + 3 + 3 * soft * scale, start + 1, canvas.height))
    mask = rough_mask((end - start, canvas.width), [shape - np.array([0, start]) for shape in inside])
    if soft > 0:
        mask = blur(mask, soft * scale)
    around = blur(mask, max(1.0, 0.09 * scale))
    side = 1 if painting.light.sun[0] > 0 else -1
    lit = np.asarray(0.38 - np.gradient(around, axis=1) * side * 0.16 * scale * light)
    if texture > 0:
        across = view.columns(z)[None, :].astype(np.float32)
        up = ((view.level - np.arange(start, end, dtype=np.float32)[:, None]) / np.float32(scale)).astype(np.float32)
        lit += (sample(across * 0.07, up * 0.045 + across * 0.012, 1, 1.5) - 0.5) * np.float32(1.3 * texture)
    lit = np.clip(lit, 0, 1)
    dark, bright = array(painting.colour(albedo, z, 0.0)), array(painting.colour(albedo, z, 1.0))
    canvas.lay(mask, dark + (bright - dark) * lit[..., None], start)


def trunks(random: np.random.Generator, z: float, span: float, count: int, thick: float, high: float,
        boughs: bool = True) -> list[Array]:
    """Outlines of bare trunks spread over `span` at both sides, for `layer`. Leaves the middle clearer when z is small."""
    found: list[Array] = []
    for place in range(count):
        x = (place + random.random()) / count * 2 * span - span
        wide = thick * (0.6 + 0.8 * random.random())
        bend = (random.random() - 0.5) * 0.9
        found.append(grounded(limb([(x - bend * 0.1, 0.0), (x, high * 0.12), (x + bend * 0.6, high * 0.6), (x + bend, high)],
            (wide * 1.9, wide, wide * 0.85, wide * 0.6), (0, 0, 0))).corners)
        for bough in range(3 if boughs else 0):
            side = -1 if random.random() < 0.5 else 1
            y = high * (0.3 + 0.2 * bough + 0.1 * random.random())
            reach = (0.8 + 1.2 * random.random()) * side
            found.append(limb([(x + bend * 0.4, y), (x + reach * 0.5, y + 0.4), (x + reach, y + 0.9 + 0.5 * random.random())],
                (wide * 0.42, wide * 0.26, wide * 0.06), (0, 0, 0)).corners)
    return found


def leaves(random: np.random.Generator, at: list[tuple[float, float]], size: float, count: int) -> list[Array]:
    """Outlines of clumps of leaves around points, for `layer`."""
    found: list[Array] = []
    for x, y in at:
        for _ in range(count):
            angle, reach = random.random() * 2 * np.pi, size * np.sqrt(random.random())
            cx, cy, r = x + reach * np.cos(angle), y + reach * 0.6 * np.sin(angle), size * (0.16 + 0.2 * random.random())
            turn = np.linspace(0, 2 * np.pi, 9, endpoint=False)
            ring = r * (0.7 + 0.6 * random.random(9))
            found.append(curve([(float(cx + a * np.cos(t)), float(cy + 0.7 * a * np.sin(t))) for a,
                t in zip(ring, turn, strict=True)], 3))
    return found


def firs(random: np.random.Generator, span: float, count: int, high: float) -> list[Array]:
    """Outlines of firs side by side, for `layer`."""
    found: list[Array] = []
    for place in range(count):
        x = (place + random.random()) / count * 2 * span - span
        tall, half = high * (0.6 + 0.5 * random.random()), high * 0.17
        side: list[tuple[float, float]] = []
        for step in range(9):
            y = tall * (0.08 + 0.1 * step)
            reach = half * (1 - step / 9.3)
            side += [(reach, y), (reach * 0.52, y + tall * 0.06)]
        outline = [(0.02 * tall, -0.3), (0.02 * tall, tall * 0.08), *side, (0.0, tall)]
        left = [(-a, b) for a, b in reversed(outline[:-1])]
        found.append(np.array(outline + left) + np.array([x, 0.0]))
    return found


def leaf_colour(painting: Painting) -> RGB:
    """Green, or what the season makes of it."""
    if "autumn" in painting.scene.details:
        return (0.78, 0.42, 0.16)
    if "blossom" in painting.scene.details:
        return (0.93, 0.68, 0.74)
    if painting.scene.snowed:
        return (0.62, 0.68, 0.7)
    return mix((0.3, 0.43, 0.2), (0.42, 0.46, 0.2), (painting.scene.seed >> 4 & 15) / 15)
