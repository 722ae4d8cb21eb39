"""Things the words name, stood where they belong at their place. Knows which thing goes where; solids.py draws them."""

from __future__ import annotations

import numpy as np

from image_generators.sketch import buildings
from image_generators.sketch.canvas import blur, rough_mask
from image_generators.sketch.city import street_lamp
from image_generators.sketch.landmarks import side_of, towards
from image_generators.sketch.painting import Painting
from image_generators.sketch.palette import RGB, array, rgb, shift
from image_generators.sketch.plants import boulder, leaf_colour, leafy
from image_generators.sketch.solids import Part, blob, box, limb, move, oval, sharp, stand

INDOORS = ("room", "tower", "deck")
WATERS = ("sea", "coast", "lake")
_SHOWN = {
    "station": {"train"}, "room": {"table"}, "city": {"lighthouse", "castle", "lamp", "house"}, "village": {"house",
        "church"},
}


def paint_props(p: Painting) -> None:
    """Everything named, from far to near, except what the place itself already shows."""
    if p.scene.place in INDOORS:
        return
    shown = _SHOWN.get(p.scene.place, set())
    for name in ("castle", "lighthouse", "tower", "church", "windmill", "house", "ship", "rocket", "train", "bridge",
            "sailboat", "balloon",
                 "tree", "tent", "well", "boat", "car", "bench", "campfire", "bicycle", "iceberg", "fence", "rocks", "lamp",
                     "gulls", "kite"):
        if name == "bench" and p.scene.action == "sit" and p.scene.figures:
            continue
        if name == "boat" and ((p.scene.place == "sea" and p.scene.figures) or "pier" in p.scene.fixed):
            continue
        if name in p.scene.details and name not in shown:
            _place(p, name)
    if "gulls" not in p.scene.details and p.scene.place in ("coast", "sea") and not p.scene.wet and p.light.stars < 0.5:
        _gulls(p, 3)


def _colour(p: Painting, name: str) -> RGB:
    if name in p.scene.tints:
        return p.scene.tints[name]
    tones = ("#b5382e", "#2f5d86", "#c9892f", "#3f7a5f", "#7a3f5e")
    return rgb(tones[p.seed("tone", name) % 5]) if name != "lighthouse" else rgb("#b5352c")


def _place(p: Painting, name: str) -> None:
    random = p.random("prop", name)
    random.random()
    side = side_of(p.scene, name)
    x, z, y = _spot(p, name, side, random)
    lit, colour = p.light.lamps, _colour(p, name)
    if name == "lamp":
        street_lamp(p, x, z, -side)
        return
    water = p.scene.place in WATERS and name in ("sailboat", "ship", "boat")
    parts = _parts(p, name, lit, colour, random)
    size = {"castle": 0.78, "lighthouse": 0.85}.get(name, 1.0)
    if parts:
        stand(p, move(parts, size=size), x, z, y, shadow=0.0 if water or y > 0.5 else 0.6, mirror=0.5 if water else 0.0)
    _lights(p, name, x, y, z, size)
    if name == "gulls":
        _gulls(p, 7)


def _spot(p: Painting, name: str, side: int, random: np.random.Generator) -> tuple[float, float, float]:
    """Where a thing stands: X, Z and the height of its foot."""
    coast = p.scene.place == "coast"
    far = {"castle": (5.6, 30.0), "lighthouse": (7.0, 27.0), "tower": (7.0, 30.0), "church": (6.0, 32.0),
        "windmill": (6.0, 26.0), "house": (4.6, 20.0),
           "ship": (6.0, 44.0), "rocket": (4.4, 22.0), "train": (3.0, 24.0), "sailboat": (3.6, 24.0), "balloon": (3.0,
               24.0), "tree": (4.0, 13.0), "tent": (2.8, 9.5),
           "well": (2.6, 10.0), "boat": (2.4, 12.0), "car": (2.2, 10.5), "bench": (1.9, 7.8), "campfire": (1.3,
               6.6), "bicycle": (2.0, 7.4), "iceberg": (5.0, 34.0), "fence": (4.2, 11.0), "rocks": (3.0, 9.0),
                   "lamp": (2.2, 9.0), "kite": (2.0, 11.0)}
    x, z = far.get(name, (3.0, 12.0))
    x = side * x * (0.9 + 0.2 * random.random())
    y = 0.0
    if coast and name == "lighthouse":
        x, z, y = side * 7.6, 27.0, 2.45
    if coast and name in ("house", "church", "tower", "castle"):
        x, z, y = side * 10.5, 27.5, 2.45
    if name in ("sailboat", "ship", "boat"):
        x = -x if coast else x
        if p.scene.place == "lake":
            z = max(z * 0.7, 12.0)
    y = {"balloon": 2.6, "kite": 2.9}.get(name, y)
    if name == "rocket" and p.scene.place == "space":
        x, z, y = (side * 3.6, 17.0, 0.0) if p.scene.figures else (1.8, 15.0, 1.9)
    if name == "campfire" and p.scene.figures:
        x, z = 0.12 * towards(p.scene), 6.3
    if p.scene.place == "city" and name == "car":
        x, z = 1.3, 11.0
    return x, z, y


def _parts(p: Painting, name: str, lit: float, colour: RGB, random: np.random.Generator) -> list[Part]:
    if name in buildings.COLOURED:
        flying = name == "rocket" and p.scene.place in ("space", "sky") and not p.scene.figures
        parts = buildings.COLOURED[name](2.0 if flying else lit, colour)
        return move(parts, lean=0.9) if flying else parts
    if name == "house":
        return buildings.house(lit, random, p.scene.tints.get("house"))
    if name == "windmill":
        return buildings.windmill(0.35, colour)
    if name == "sailboat":
        return buildings.sailboat(1.0 if p.scene.weather in ("wind", "storm") else 0.4, colour)
    if name == "boat":
        return buildings.boat(colour)
    if name == "rocks":
        return [part for k in range(3) for part in move(boulder(random, 0.5 - 0.1 * k, (0.44, 0.41, 0.4)), 0.7 * k)]
    if name == "tree":
        return leafy(random, 4.4, leaf_colour(p))
    return {"balloon": balloon, "tent": tent, "well": well, "bench": bench, "campfire": campfire, "bicycle": bicycle,
        "bridge": bridge, "iceberg": iceberg, "fence": fence, "kite": kite}.get(name, nothing)(colour)


def _lights(p: Painting, name: str, x: float, y: float, z: float, size: float) -> None:
    lit = p.light.lamps
    if name == "lighthouse":
        p.lamp(x, y + 6.2 * size, z, 1.1, (1.0, 0.9, 0.6), 0.9 * max(0.25, lit))
        if lit > 0.4:
            _beam(p, x, y + 6.2 * size, z)
    if name == "campfire":
        p.lamp(x, 0.25, z, 0.7, (1.0, 0.55, 0.2), 0.4 + 0.3 * lit)
    if name == "tent" and lit > 0.4:
        p.lamp(x, 0.4, z, 0.8, (1.0, 0.7, 0.35), 0.5 * lit)
    if name == "balloon" and lit > 0.4:
        p.lamp(x, y + 1.6, z, 1.2, (1.0, 0.65, 0.3), 0.4 * lit)
    if name in ("house", "castle", "church", "ship", "train") and lit > 0.4:
        p.lamp(x, y + 0.7, z, 1.1, strength=0.3 * lit)


def _beam(p: Painting, x: float, y: float, z: float) -> None:
    """The light of a lighthouse sweeping out to sea."""
    at = p.view.project(np.array([(x, y, z)]))[0]
    reach = p.canvas.width * 1.3
    away = -1 if x > 0 else 1
    for way, strength in ((away, 0.3), (-away, 0.16)):
        end = at[0] + way * reach
        corners = np.array([at, (end, at[1] - reach * 0.13), (end, at[1] + reach * 0.02)])
        mask = blur(rough_mask((p.canvas.height, p.canvas.width), [corners]), p.canvas.height * 0.008)
        fade = np.exp(-np.abs(np.arange(p.canvas.width) + 0.5 - at[0]) / (0.5 * p.canvas.width)).astype(np.float32)
        shine = mask * fade[None, :] * np.float32(strength * p.light.lamps)
        p.canvas.rgb += (1 - np.clip(p.canvas.rgb, 0, 1)) * array((1.0, 0.9, 0.66)) * shine[..., None]


def _gulls(p: Painting, count: int) -> None:
    random = p.random("gulls")
    tone = p.light.on((0.9, 0.9, 0.92), 0.4) if not p.light.moon else p.light.on((0.6, 0.6, 0.65), 0.4)
    dark = shift(tone, 0, 1, 0.55)
    for k in range(count):
        x, y, z = (random.random() - 0.5) * 9, 2.6 + 2.6 * random.random(), 16 + 14 * random.random()
        lift = 0.12 + 0.2 * random.random()
        bird = [limb([(-0.5, lift), (-0.24, lift * 1.5), (0, 0), (0.24, lift * 1.5), (0.5, lift)],
            (0.012, 0.07, 0.1, 0.07, 0.012), dark if k % 2 else tone, 0.3)]
        stand(p, bird, x, z, y)


def balloon(colour: RGB) -> list[Part]:
    """A hot-air balloon, 3.4 high."""
    pale = shift(colour, 0.06, 0.6, 1.35)
    skin = blob([(0, 3.4), (-0.85, 3.05), (-1.15, 2.3), (-0.9, 1.5), (-0.3, 0.75), (0.3, 0.75), (0.9, 1.5), (1.15, 2.3),
        (0.85, 3.05)], colour, 1.4)
    gores = [blob([(x * 0.05, 3.38), (x * 0.62, 2.9), (x * 0.8, 2.3), (x * 0.6, 1.5), (x * 0.2, 0.76), (x * 0.02, 0.76),
        (x * 0.3, 1.5), (x * 0.42, 2.3), (x * 0.34, 2.9)], pale, 1.0) for x in (-1.0, 1.0)]
    ropes = [limb([(x * 0.28, 0.76), (x * 0.16, 0.3)], (0.015, 0.015), (0.3, 0.25, 0.2), 0) for x in (-1, 1)]
    return [skin, *gores, *ropes, box(-0.19, 0, 0.19, 0.3, (0.5, 0.34, 0.2))]


def tent(colour: RGB) -> list[Part]:
    """A ridge tent seen from its open end."""
    return [sharp([(-1.0, 0), (0.0, 1.15), (1.0, 0)], colour, 0.8), sharp([(0.0, 1.15), (1.0, 0), (1.7, 0.1), (0.8, 1.1)],
        shift(colour, 0, 1, 0.72), 0.5), sharp([(-0.3, 0), (0, 0.9), (0.3, 0)], (0.16, 0.11, 0.08), 0.1)]


def well(colour: RGB) -> list[Part]:
    """A stone well with a little roof."""
    posts = [box(x - 0.05, 0.4, x + 0.05, 1.25, (0.34, 0.25, 0.18)) for x in (-0.42, 0.42)]
    return [*posts, sharp([(-0.72, 1.2), (0.72, 1.2), (0, 1.7)], colour, 0.6),
        blob([(-0.55, 0), (-0.55, 0.5), (0, 0.55), (0.55, 0.5), (0.55, 0), (0, -0.05)], (0.58, 0.55, 0.52)),
        oval(0, 0.5, 0.52, 0.08, (0.12, 0.12, 0.14))]


def bench(colour: RGB) -> list[Part]:
    """A park bench."""
    wood = (0.45, 0.3, 0.2)
    return [*[box(x - 0.03, 0, x + 0.03, 0.6, (0.16, 0.16, 0.17)) for x in (-0.6, 0.6)],
        *[box(-0.75, y, 0.75, y + 0.07, wood) for y in (0.24, 0.38, 0.5)], box(-0.75, 0.2, 0.75, 0.26, shift(wood, 0, 1, 1.15))]


def campfire(colour: RGB) -> list[Part]:
    """Logs and flames."""
    logs = [limb([(-0.28, 0.03), (0.26, 0.12)], (0.1, 0.08), (0.3, 0.19, 0.12)), limb([(0.28, 0.03), (-0.24, 0.13)],
        (0.1, 0.08), (0.26, 0.17, 0.11))]
    flames = [blob([(x - w * 0.8, 0.07), (x - w * 1.1, high * 0.3), (x - w * 0.75, high * 0.62), (x - w * 0.45, high * 0.4),
        (x - w * 0.1, high * 0.72), (x + w * 0.1, high), (x + w * 0.3, high * 0.6), (x + w * 0.6, high * 0.42),
        (x + w * 0.85, high * 0.66), (x + w * 1.05, high * 0.28), (x + w * 0.8, 0.07)], tone, 0) for x, w, high, tone in ((0,
            0.17, 0.6, (1.0, 0.42, 0.1)), (0.04, 0.12, 0.45, (1.0, 0.66, 0.2)),
        (0.0, 0.07, 0.28, (1.0, 0.93, 0.6)))]
    return [*logs, *[Part(flame.corners, flame.colour, 0, 1.0, opacity=0.92) for flame in flames]]


def bicycle(colour: RGB) -> list[Part]:
    """A bicycle on its stand."""
    turn = np.linspace(0, 2 * np.pi, 25)
    wheels = [limb([(float(x + 0.2 * np.cos(a)), float(0.21 + 0.2 * np.sin(a))) for a in turn], (0.02, 0.02), (0.1, 0.1, 0.11),
        0) for x in (-0.33, 0.33)]
    bars = [[(-0.33, 0.21), (-0.05, 0.22), (0.22, 0.48), (-0.16, 0.46), (-0.33, 0.21)], [(-0.05, 0.22), (-0.17, 0.5)],
        [(0.33, 0.21), (0.2, 0.56), (0.12, 0.6)]]
    return [*wheels, *[limb(bar, (0.026, 0.026), colour, 0.4) for bar in bars], box(-0.24, 0.49, -0.1, 0.53, (0.15, 0.12, 0.1))]


def bridge(colour: RGB) -> list[Part]:
    """A stone bridge with two arches."""
    stone = (0.6, 0.55, 0.5)
    top = [(-6.0, 0.9), (-3.0, 1.35), (0, 1.5), (3.0, 1.35), (6.0, 0.9)]
    under = [(5.4, -0.2), (5.2, 0.3), (3.6, 0.95), (1.2, 0.9), (0.5, 0.2), (0.5, -0.2), (-0.5, -0.2), (-0.5, 0.2), (-1.2, 0.9),
        (-3.6, 0.95), (-5.2, 0.3), (-5.4, -0.2)]
    rail = limb(top, (0.12, 0.12), shift(stone, 0, 1, 1.15), 0.4)
    return [sharp([(-7.5, -0.2), (-7.5, 0.8), *top, (7.5, 0.8), (7.5, -0.2), *under], stone, 0.5), rail]


def iceberg(colour: RGB) -> list[Part]:
    """A berg with a lit and a shaded face."""
    ice, shade = (0.9, 0.96, 1.0), (0.62, 0.78, 0.9)
    whole = [(-3.2, -0.1), (-2.7, 1.1), (-1.6, 1.7), (-1.0, 3.2), (0.1, 2.6), (0.8, 3.7), (1.9, 1.9), (2.6, 1.4), (3.2, -0.1)]
    return [sharp(whole, ice, 0.5), sharp([(0.8, 3.7), (1.9, 1.9), (2.6, 1.4), (3.2, -0.1), (0.9, -0.1), (1.2, 1.5)], shade,
        0.3),
            sharp([(-1.0, 3.2), (-0.4, 1.6), (-0.9, -0.1), (-1.9, -0.1), (-1.5, 1.2)], shade, 0.3)]


def fence(colour: RGB) -> list[Part]:
    """Pickets and two rails."""
    wood = (0.86, 0.83, 0.76)
    pickets = [sharp([(x, 0), (x + 0.09, 0), (x + 0.09, 0.5), (x + 0.045, 0.57), (x, 0.5)], wood, 0.4) for x in np.arange(-2.4,
        2.4, 0.22)]
    return [*[box(-2.5, y, 2.5, y + 0.06, shift(wood, 0, 1, 0.85)) for y in (0.14, 0.36)], *pickets]


def kite(colour: RGB) -> list[Part]:
    """A diamond on a string with a tail."""
    pale = shift(colour, 0.12, 0.9, 1.3)
    line = limb([(0, 0), (-0.5, -0.9), (-1.5, -1.9)], (0.012, 0.012), (0.9, 0.9, 0.88), 0)
    tail = limb([(0.08, -0.42), (0.3, -0.75), (0.2, -1.05), (0.45, -1.35)], (0.03, 0.05, 0.03), pale, 0.3)
    return [line, tail, sharp([(0, 0.5), (-0.34, 0.08), (0.08, -0.45), (0.38, 0.12)], colour, 0.4),
        sharp([(0, 0.5), (0.38, 0.12), (0.08, -0.45)], pale, 0.3)]


def column(random: np.random.Generator, high: float) -> list[Part]:
    """A stone column, broken off at `high`."""
    stone = (0.78, 0.71, 0.6)
    whole = high > 3.4
    parts = [box(-0.5, 0, 0.5, 0.22, shift(stone, 0, 1, 0.9)),
        sharp([(-0.36, 0.2), (0.36, 0.2), (0.31, high), (0.1, high - (0 if whole else 0.25)),
        (-0.31, high + (0 if whole else 0.1))], stone, 1.4)]
    parts += [box(x - 0.015, 0.25, x + 0.015, high - 0.3, shift(stone, 0, 1, 0.78)) for x in (-0.18, 0.0, 0.18)]
    return [*parts, *([box(-0.46, high - 0.12, 0.46, high + 0.1, stone)] if whole else boulder(random, 0.22, stone))]


def nothing(colour: RGB) -> list[Part]:
    """For words that the sky, the ground or the weather show instead."""
    return []
