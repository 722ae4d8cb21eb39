"""Time, weather, mood and style -> the colours of air and light. Draws nothing."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass, replace

import numpy as np

from image_generators.sketch.noise import Array
from image_generators.sketch.scene_words import Scene

RGB = tuple[float, float, float]


def rgb(code: str) -> RGB:
    """`#4f8a4c` -> parts of 0 to 1."""
    return int(code[1:3], 16) / 255, int(code[3:5], 16) / 255, int(code[5:7], 16) / 255


def mix(one: RGB, other: RGB, part: float) -> RGB:
    """`part` of `other` in `one`."""
    return tuple(a + (b - a) * part for a, b in zip(one, other, strict=True))  # type: ignore[return-value]


def times(one: RGB, other: RGB, by: float = 1.0) -> RGB:
    """A surface under a light: part by part, scaled."""
    return one[0] * other[0] * by, one[1] * other[1] * by, one[2] * other[2] * by


def luma(colour: RGB) -> float:
    """How bright a colour looks (BT.709 weights)."""
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def shift(colour: RGB, hue: float = 0.0, saturation: float = 1.0, value: float = 1.0) -> RGB:
    """A colour turned in hue, and scaled in saturation and value."""
    h, s, v = colorsys.rgb_to_hsv(*colour)
    return colorsys.hsv_to_rgb((h + hue) % 1, min(1.0, s * saturation), min(1.0, v * value))


@dataclass(frozen=True)
class Light:
    """The air and the light of one frame, in display values of 0 to 1.

    sun: direction of the lamp of the sky (right, above the horizon) in frame heights; glare: how much of it is seen.
    haze: how fast distance fades, per world unit. lamps: how much windows and lanterns glow.
    """

    top: RGB
    middle: RGB
    low: RGB
    key: RGB
    ambient: RGB
    sun: tuple[float, float]
    glare: float
    haze: float
    clouds: float
    stars: float
    lamps: float
    moon: bool

    def on(self, albedo: RGB, facing: float = 0.55) -> RGB:
        """A matt surface under this light; `facing` 0 is in the shade, 1 faces the lamp."""
        return tuple(
            min(1.0, a * (0.92 * amb + 0.72 * key * facing))
            for a, amb, key in zip(albedo, self.ambient, self.key, strict=True)
        )  # type: ignore[return-value]

    def far(self, colour: RGB, distance: float) -> RGB:
        """A colour seen through `distance` units of this air."""
        return mix(colour, self.air, float(1 - np.exp(-distance * self.haze)))

    @property
    def air(self) -> RGB:
        """What distance fades to."""
        return mix(self.low, self.middle, 0.35)


_HOURS: dict[str, tuple[str, str, str, str, str]] = {
    "dawn": ("#4d6ca8", "#c3a0b8", "#ffd0a0", "#ffc08e", "#9a93b4"),
    "morning": ("#4c8ac4", "#98c3dd", "#f3e6c6", "#ffe6b4", "#9fb2cc"),
    "day": ("#3a7cc2", "#86b8df", "#dbeaee", "#fff0d0", "#a3b9d4"),
    "noon": ("#2b74c4", "#6cb0e2", "#d5ebf2", "#fff6de", "#b0c4da"),
    "golden": ("#5580b0", "#e2b98a", "#ffcb7c", "#ffbe68", "#a8949c"),
    "dusk": ("#27305f", "#8f5584", "#f98f5a", "#ff9a62", "#65608c"),
    "night": ("#060c20", "#11224a", "#2d4878", "#9db9ec", "#38507f"),
}
_HEIGHT = {"dawn": 0.07, "morning": 0.22, "day": 0.42, "noon": 0.62, "golden": 0.14, "dusk": 0.045, "night": 0.41}


def light_for(scene: Scene) -> Light:
    """The light of a scene: the hour's colours, bent by weather, mood and place."""
    top, middle, low, key, ambient = (rgb(code) for code in _HOURS[scene.time])
    side = -1 if scene.seed & 64 else 1
    sun = (side * (0.18 + 0.3 * (scene.seed >> 8 & 255) / 255), _HEIGHT[scene.time])
    turn = ((scene.seed >> 16 & 255) / 255 - 0.5) * 0.03
    night = scene.time == "night"
    light = Light(
        shift(top, turn), shift(middle, turn), shift(low, turn), key, ambient, sun, 1.0, 0.0055, 0.42,
        1.0 if night else 0.25 if scene.time == "dusk" else 0.0,
        {"night": 1.0, "dusk": 0.85, "dawn": 0.45}.get(scene.time, 0.12), night,
    )
    return _moody(_weathered(light, scene), scene)


def _weathered(light: Light, scene: Scene) -> Light:
    if scene.weather == "rain":
        return _grey(light, 0.72, 1.0 if light.moon else 0.74, haze=0.017, clouds=0.95)
    if scene.weather == "storm":
        return _grey(light, 0.76, 0.95 if light.moon else 0.6, haze=0.014, clouds=1.0)
    if scene.weather == "fog":
        return _grey(light, 0.55, 0.96, haze=0.05, clouds=0.3, flat=0.62)
    if scene.weather == "snowfall":
        return _grey(light, 0.6, 0.98, haze=0.022, clouds=0.7, flat=0.35)
    if scene.weather == "cloudy":
        return _grey(light, 0.55, 0.92, haze=0.008, clouds=0.9)
    if scene.weather == "wind":
        return replace(light, clouds=0.62)
    return light


def _grey(light: Light, part: float, value: float, haze: float, clouds: float, flat: float = 0.0) -> Light:
    """Overcast: colours go to their own grey, the sun fades, the sky gets flatter."""
    def dull(colour: RGB, cool: float = 1.0) -> RGB:
        y = luma(colour) * value
        return mix(shift(colour, 0, 1, value), (y * 0.94, y * 1.0, y * 1.07 * cool), part)

    low = mix(dull(light.low), dull(light.middle), 0.45)
    return replace(
        light, top=mix(dull(light.top), low, flat), middle=mix(dull(light.middle), low, flat), low=low,
        key=shift(dull(light.key), 0, 1, 1 - 0.35 * part), ambient=dull(mix(light.ambient, light.key, 0.15)),
        glare=light.glare * (1 - part) * 0.7, haze=haze, clouds=clouds, stars=light.stars * (1 - part) * 0.5,
        lamps=min(1.0, light.lamps + 0.35),
    )


def _moody(light: Light, scene: Scene) -> Light:
    def bend(colour: RGB) -> RGB:
        if scene.mood == "gloomy":
            colour = shift(colour, 0, 0.78, 0.9)
        if scene.mood == "magic":
            colour = mix(shift(colour, 0.02, 1.12), (0.42, 0.3, 0.72), 0.1)
        if scene.mood == "warm":
            colour = mix(colour, (1.0, 0.78, 0.5), 0.07)
        return colour

    if scene.place == "space":
        return replace(light, key=(1.0, 0.96, 0.9), ambient=(0.2, 0.22, 0.33), low=(0.1, 0.1, 0.16), middle=(0.05, 0.05, 0.1),
            haze=0.002, moon=False,
                       glare=0.9, lamps=0.6, stars=1.0)
    if scene.place == "city" and light.lamps > 0.5:
        light = replace(light, ambient=mix(light.ambient, (0.6, 0.42, 0.38), 0.38), low=mix(light.low, (0.5, 0.32, 0.38),
            0.4 * light.lamps))
    if scene.place == "desert":
        light = replace(light, low=mix(light.low, (1.0, 0.82, 0.6), 0.3 if not light.moon else 0.05))
    return replace(light, top=bend(light.top), middle=bend(light.middle), low=bend(light.low), ambient=bend(light.ambient))


def array(colour: RGB) -> Array:
    """A colour as float32 (3,)."""
    return np.array(colour, dtype=np.float32)
