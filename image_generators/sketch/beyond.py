"""Places that are not on open ground: caves, space, under water, up in the air."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from image_generators.sketch.canvas import blur, rough_mask, smooth
from image_generators.sketch.ground import paint_ground, plane
from image_generators.sketch.noise import Array, sample
from image_generators.sketch.painting import Painting
from image_generators.sketch.palette import RGB, array, mix, rgb
from image_generators.sketch.plants import boulder, layer
from image_generators.sketch.ridges import paint_ridge
from image_generators.sketch.sky import disc, paint_sky, paint_stars
from image_generators.sketch.solids import limb, stand


def paint_cave(p: Painting) -> None:
    """A cave whose mouth opens on daylight (or moonlight); rock gets darker towards the camera."""
    paint_sky(p)
    paint_ridge(p, 120, 0.12, (0.35, 0.42, 0.4), what="outside", width=0.7, base=0.0)
    paint_ground(p, (0.3, 0.27, 0.27), (0.36, 0.33, 0.32), (0.2, 0.19, 0.2))
    for z, half, tone in ((30.0, 4.2, 0.62), (19.0, 3.9, 0.46), (12.5, 3.8, 0.33), (8.4, 3.7, 0.22)):
        _mouth(p, z, half, (0.5 * tone, 0.46 * tone, 0.46 * tone))
    x, y = p.view.project(np.array([(0.4, 2.4, 30.0)]))[0]
    p.glows.append((float(x), float(y), p.canvas.height * 0.2, mix(p.light.low, p.light.key, 0.4), 0.35))
    random = p.random("stones")
    for k in range(7):
        side = -1 if k % 2 else 1
        stand(p, boulder(random, 0.2 + 0.3 * random.random(), (0.26, 0.24, 0.25)), side * (2.2 + 1.5 * random.random()),
            12.0 - 0.8 * k, shadow=0.7)
    if p.scene.mood == "magic" or p.seed("crystals") % 2:
        _crystals(p, random)


def _mouth(p: Painting, z: float, half: float, colour: RGB) -> None:
    turn = np.linspace(-0.12, np.pi + 0.12, 60)
    random = p.random("mouth", z)
    ragged = 1 + 0.16 * (np.interp(turn, np.linspace(-0.12, np.pi + 0.12, 19),
        random.random(19)) - 0.5) + 0.05 * (random.random(60) - 0.5)
    shift = 0.9 * (random.random() - 0.5)
    x, y = shift + half * ragged * np.cos(turn), -0.1 + half * 1.02 * ragged * np.sin(turn)
    inner = np.stack([x, y], axis=1)
    outer = np.array([(-60.0, -0.15), (-60.0, 50.0), (60.0, 50.0), (60.0, -0.15)])
    layer(p, [np.concatenate([inner, outer])], z, colour, light=0.5)


def _crystals(p: Painting, random: np.random.Generator) -> None:
    tint = ((0.4, 0.9, 1.0), (0.75, 0.5, 1.0), (0.4, 1.0, 0.7))[p.seed("tint") % 3]
    for k in range(6):
        x, z = (3.0 + 0.6 * random.random()) * (-1 if k % 2 else 1), 11.0 - 0.6 * k
        shard = [limb([(lean * 0.2, 0), (lean, 0.3 + 0.5 * random.random())], (0.14, 0.02), tint) for lean in (-0.25, 0.0,
            0.22)]
        stand(p, [type(part)(part.corners, part.colour, 0.6, 0.75) for part in shard], x, z)
        p.lamp(x, 0.3, z, 0.7, tint, 0.4)


def cave_front(p: Painting) -> None:
    """The rock the camera looks out from."""
    _mouth(p, 3.3, 1.85, (0.07, 0.065, 0.075))


def paint_space(p: Painting) -> None:
    """Stars, a nebula and a planet; a bare world to stand on."""
    across, above = p.view.angles()
    offset = p.seed("nebula") % 499 / 499
    tint = ((0.36, 0.16, 0.46), (0.1, 0.3, 0.46), (0.45, 0.2, 0.2))[p.seed("hue") % 3]
    other = ((0.1, 0.36, 0.5), (0.4, 0.16, 0.4), (0.15, 0.2, 0.45))[p.seed("hue") % 3]
    p.canvas.rgb[:] = array((0.015, 0.018, 0.04)) + 0.02 * np.clip(1 - above, 0, 2)[..., None]
    fold = 0.12 * (sample(across * 0.4 + offset, above * 0.4, 2, 2.0) - 0.5)
    cloud = sample(across * 0.22 + fold + offset, above * 0.34 + fold, 0, 1.9)
    veil = sample(across * 0.3 - fold + 0.5, above * 0.3 + offset, 3, 1.9)
    p.canvas.rgb += (smooth(cloud, 0.45, 1.0) * 0.75)[..., None] * array(tint)
    p.canvas.rgb += (smooth(veil, 0.5, 1.0) * 0.6)[..., None] * array(other)
    paint_stars(p, across, above)
    _planet(p, across, above)
    grounded = p.seed("ground") % 2 == 0 or any(word in p.scene.details for word in ("rocks", "house"))
    if grounded or p.scene.figures:
        rock = rgb(("#8b8792", "#a8664a", "#7f8aa0")[p.seed("rock") % 3])
        paint_ridge(p, 140, 0.13, rock, what="crater", profile="crags", width=0.8, base=0.0)
        paint_ground(p, rock, mix(rock, (0.3, 0.3, 0.36), 0.3), mix(rock, (0.2, 0.18, 0.22), 0.5))
        random = p.random("stones")
        for k in range(8):
            stand(p, boulder(random, 0.15 + 0.35 * random.random(), rock), (2.0 + 4 * random.random()) * (-1 if k % 2 else 1),
                15.0 - 1.2 * k, shadow=0.8)


def _planet(p: Painting, across: Array, above: Array) -> None:
    random = p.random("planet")
    side = -1 if p.light.sun[0] > 0 else 1
    middle = (side * (0.3 + 0.12 * random.random()), 0.36 + 0.08 * random.random())
    radius = 0.22 + 0.06 * random.random()
    tints = (((0.85, 0.62, 0.4), (0.6, 0.36, 0.26)), ((0.42, 0.66, 0.85), (0.2, 0.34, 0.6)),
        ((0.8, 0.55, 0.66), (0.45, 0.26, 0.5)))[p.seed("world") % 3]
    x, y = (across - middle[0]) / radius, (above - middle[1]) / radius
    inside = x * x + y * y
    z = np.sqrt(np.clip(1 - inside, 0, 1))
    lean = y * 0.95 + x * 0.25
    band = sample(lean * 0.5 + 0.02 * x, 0.12 * x + 0 * y, 1, 1.5)
    paint = array(tints[1]) + (array(tints[0]) - array(tints[1])) * band[..., None]
    lit = np.clip(-side * x * 0.75 + y * 0.35 + z * 0.5, 0.02, 1)
    edge = smooth(inside, 1.0, 1.0 - 5 / (radius * p.canvas.height))
    halo = np.exp(-np.clip(np.sqrt(inside) - 1, 0, None) / 0.06) * (1 - edge) * np.clip(0.3 - side * x * 0.5, 0, 1)
    p.canvas.rgb += (halo * 0.4)[..., None].astype(np.float32) * array(tints[0])
    rings = "ringed" in p.scene.details or p.seed("rings") % 3 == 0
    if rings:
        _rings(p, x, y, tints[0], front=False)
    p.canvas.lay(edge, np.clip(paint * (0.04 + 1.05 * lit[..., None]), 0, 1).astype(np.float32))
    if rings:
        _rings(p, x, y, tints[0], front=True)
    at = p.view.from_angle(-middle[0] * 0.9, 0.55)
    disc(p.canvas, at[0], at[1], p.canvas.height * 0.028 * p.view.optics, (0.75, 0.75, 0.78), 0.95)
    disc(p.canvas, at[0] + side * p.canvas.height * 0.012, at[1] + 0.008 * p.canvas.height, p.canvas.height * 0.025
        * p.view.optics, (0.06, 0.06, 0.1), 0.75, 2)


def _rings(p: Painting, x: Array, y: Array, colour: RGB, front: bool) -> None:
    along, up = x * 0.94 + y * 0.34, y * 0.94 - x * 0.34
    reach = np.hypot(along, up / 0.24)
    body = smooth(reach, 1.28, 1.34) * smooth(reach, 2.1, 2.02) * (0.45 + 0.55 * sample(reach * 0.55, 0 * reach + 0.3, 1, 1.2))
    body = body * (1 - 0.75 * smooth(np.abs(reach - 1.74), 0.05, 0.02))
    half = smooth(up, 0.01, -0.01) if front else smooth(up, -0.01, 0.01)
    p.canvas.lay((body * half * 0.85).astype(np.float32), mix(colour, (0.95, 0.9, 0.8), 0.45))


def paint_underwater(p: Painting) -> None:
    """Blue depth with rays from above, a sandy floor, corals and weed."""
    across, above = p.view.angles()
    light, deep = mix((0.35, 0.82, 0.86), p.light.middle, 0.2), (0.015, 0.14, 0.27)
    dim = 0.4 if p.light.moon else 1.0
    light = (light[0] * dim, light[1] * dim, light[2] * dim)
    part = smooth(above, -0.35, 0.85)[..., None]
    p.canvas.rgb[:] = array(deep) + (array(light) - array(deep)) * part
    x0 = p.light.sun[0]
    fan = (across - x0) / np.clip(1.5 - above, 0.35, 3)
    rays = sample(fan * 0.8 + p.seed("rays") % 99 / 99, 0 * fan + 0.2, 1, 1.3) * smooth(above, -0.35, 0.7)
    p.canvas.rgb += (1 - p.canvas.rgb) * array((0.75, 0.98, 0.95)) * (smooth(rays, 0.22, 0.8) * 0.34 * dim)[..., None]
    p.light = replace(p.light, low=mix(deep, light, 0.42), middle=mix(deep, light, 0.5), haze=0.04,
        ambient=mix((0.25, 0.5, 0.6), deep, 0.2),
                      key=(0.7 * dim, 0.95 * dim, 0.9 * dim))
    paint_ridge(p, 60, 0.16, (0.3, 0.4, 0.45), what="reef", profile="crags", width=0.6)
    paint_ridge(p, 32, 0.1, (0.28, 0.38, 0.4), what="reef2", profile="crags", width=0.5)
    paint_ground(p, (0.72, 0.68, 0.52), (0.5, 0.6, 0.58), (0.5, 0.55, 0.46))
    _caustics(p)
    _reef(p)


def _caustics(p: Painting) -> None:
    found = plane(p)
    if found is None:
        return
    top, x, z = found
    net = 1 - np.abs(sample(x * 0.12, z * 0.16, 1, 1.8) - 0.5) * 2
    other = 1 - np.abs(sample(x * 0.1 + 0.4, z * 0.13 + 0.2, 2, 1.8) - 0.5) * 2
    shine = smooth(net * other, 0.78, 0.98) * np.exp(-z / 22)
    p.canvas.lay((shine * 0.4).astype(np.float32), (0.85, 1.0, 0.95), top)


def _reef(p: Painting) -> None:
    random = p.random("reef")
    tones = ((0.85, 0.4, 0.38), (0.92, 0.62, 0.35), (0.62, 0.42, 0.72), (0.9, 0.75, 0.45), (0.3, 0.6, 0.4))
    for z in sorted(7 + 12 * random.random(26), reverse=True):
        x = (random.random() * 2 - 1) * 0.85 * z
        tone = tones[int(random.integers(5))]
        if random.random() < 0.4:
            weed = [limb([(k * 0.1, 0), (k * 0.1 + 0.15, 0.5), (k * 0.1 - 0.08, 1.0), (k * 0.1 + 0.12, 1.3 + random.random())],
                (0.09, 0.08, 0.05, 0.01), (0.2, 0.45, 0.3)) for k in range(4)]
            stand(p, weed, x, float(z))
        elif abs(x) > 1.2:
            fan = [limb([(0, 0), (np.sin(a) * 0.25, 0.25), (np.sin(a) * 0.6, 0.28 + np.cos(a) * 0.36)], (0.12, 0.09, 0.04),
                tone) for a in np.linspace(-1.1, 1.1, 6)]
            stand(p, fan, x, float(z), shadow=0.4)
            stand(p, boulder(random, 0.3, (0.4, 0.42, 0.42)), x + 0.3, float(z) - 0.1, shadow=0.4)
    for _ in range(40):
        bx, by, bz = random.random() * 12 - 6, random.random() * 4, 5 + 8 * random.random()
        if p.behind(bz):
            at = p.view.project(np.array([(bx, by, bz)]))[0]
            disc(p.canvas, float(at[0]), float(at[1]), p.view.size(bz) * 0.025, (0.85, 1.0, 1.0), 0.35)


def paint_air(p: Painting) -> None:
    """High above the land: sky all around, a sea of cloud below."""
    paint_sky(p)
    random = p.random("heap")
    bright, shade = mix(p.light.low, p.light.key, 0.5), mix(p.light.ambient, p.light.middle, 0.4)
    for z, count, low in ((90.0, 15, 0.035), (52.0, 12, 0.1), (30.0, 9, 0.19), (17.0, 7, 0.31)):
        for k in range(count):
            x = (k + random.random() - count / 2) * z * 1.7 / count
            _heap(p, random, x, p.view.eye - p.view.rise(low + 0.03 * random.random(), z), z,
                z * (0.05 + 0.03 * random.random()), bright, shade)


def _heap(p: Painting, random: np.random.Generator, x: float, y: float, z: float, size: float, bright: RGB, shade: RGB) -> None:
    view, canvas = p.view, p.canvas
    turn = np.linspace(0, 2 * np.pi, 26, endpoint=False)
    puffs = []
    for k in range(11):
        along = (k - 5) / 5
        r = size * (0.55 + 0.45 * random.random()) * (1.05 - 0.6 * abs(along))
        puffs.append(np.stack([x + along * size * 2.0 + r * np.cos(turn), y + r * 0.35 + r * 0.85 * np.sin(turn)], axis=1))
    corners = [view.points(puff, z) for puff in puffs]
    box = canvas.box(np.concatenate(corners), 20)
    if box is None or min(box[2] - box[0], box[3] - box[1]) < 3:
        return
    scale = view.size(z) * size
    mask = rough_mask((box[3] - box[1], box[2] - box[0]), [shape - np.array(box[:2]) for shape in corners])
    mask = blur(mask, max(0.8, scale * 0.05))
    inner = blur(mask, max(1.0, scale * 0.28))
    down, across = np.gradient(inner)
    side = 1.0 if p.light.sun[0] > 0 else -1.0
    lit = np.clip(0.5 + (down * 1.2 - across * side * 0.8) * scale * 1.1, 0, 1)
    fade = float(1 - np.exp(-z * 0.012))
    paint = array(shade) + (array(bright) - array(shade)) * lit[..., None]
    paint = paint + (array(p.light.air) - paint) * np.float32(fade)
    canvas.patch(box, mask * 0.94, paint.astype(np.float32))
