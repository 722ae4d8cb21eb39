"""What lies and grows on open ground: stones, tufts, scattered firs; and the colours of the land itself."""

from __future__ import annotations

from image_generators.sketch.painting import Painting
from image_generators.sketch.palette import RGB, mix
from image_generators.sketch.plants import boulder, fir, tussock
from image_generators.sketch.solids import stand

GRASS, STRAW, EARTH, SAND, ROCK = (0.36, 0.46, 0.2), (0.66, 0.62, 0.32), (0.42, 0.33, 0.24), (0.86, 0.72, 0.5), (0.44, 0.41,
    0.4)
SNOW = (0.9, 0.93, 0.98)


def scatter(p: Painting, count: int, near: float, far: float, span: float, what: str) -> None:
    random = p.random("scatter", what)
    found = sorted(((near + (far - near) * random.random(), (random.random() * 2 - 1)) for _ in range(count)), reverse=True)
    for z, side in found:
        x = side * span * z / far
        high = 1.7 + 1.5 * random.random()
        if abs(x) > 2.6 and what == "fir":
            tone = (0.17, 0.27, 0.2) if not p.scene.snowed else (0.36, 0.45, 0.47)
            stand(p, fir(random, high, tone), x, z, shadow=0.5)


def stones(p: Painting, count: int, near: float, far: float) -> None:
    random = p.random("stones")
    for z in sorted(near + (far - near) * random.random(count), reverse=True):
        x = (1.6 + 5.5 * random.random()) * (-1 if random.random() < 0.5 else 1)
        stand(p, boulder(random, 0.16 + 0.36 * random.random(), ROCK), x, float(z), shadow=0.7)


def tufts(p: Painting, count: int, near: float, far: float, colour: RGB, high: float, bloom: bool = False,
        clear: float = 0.0) -> None:
    """Grass that breaks up the ground; with flowers where the words have them, or in clear meadows."""
    random = p.random("tufts")
    if p.scene.snowed:
        count, colour, bloom = count // 3, mix(colour, SNOW, 0.55), False
    petals = ((0.9, 0.32, 0.25), (0.95, 0.9, 0.85), (0.93, 0.75, 0.25), (0.6, 0.5, 0.85))
    flowers = "flowers" in p.scene.details
    for z in sorted(near + (far - near) * random.random(count) ** 1.5, reverse=True):
        x = (random.random() * 2 - 1) * 0.95 * z
        petal = petals[int(random.integers(4))] if bloom and (flowers or random.random() < 0.3) else None
        tall = high * (0.5 + 0.8 * random.random())
        if abs(x) >= clear:
            stand(p, tussock(random, tall, colour, petal), x, float(z))
