"""Heads as parts: face, hair, hats, scarf. Centred on the chin line's middle at (0, 0); looks to the right."""

from __future__ import annotations

from image_generators.sketch.cast import Look
from image_generators.sketch.palette import RGB, mix, shift
from image_generators.sketch.solids import Part, blob, limb, oval, sharp


def head_parts(look: Look, back: bool, wind: float) -> list[Part]:
    """The head from its neck (0, 0) to about (0, 0.17)."""
    if look.kind == "astronaut":
        return _helmet(look)
    parts = _hair_behind(look, wind)
    parts += [_skull(look)] if not back else [oval(0.0, 0.085, 0.055, 0.07, look.hair)]
    if not back:
        parts += _face(look)
    parts += _hair(look, back)
    parts += _beard(look) if "beard" in look.items and not back else []
    parts += _scarf(look, wind) if "scarf" in look.items else []
    return parts + _headgear(look, back)


def _skull(look: Look) -> Part:
    return blob([(-0.05, 0.1), (-0.035, 0.145), (0.005, 0.158), (0.042, 0.142), (0.055, 0.105), (0.057, 0.088), (0.065, 0.074),
        (0.056, 0.066),
                 (0.052, 0.042), (0.034, 0.02), (0.006, 0.018), (-0.024, 0.036), (-0.046, 0.066)], look.skin)


def _face(look: Look) -> list[Part]:
    ink = (0.13, 0.09, 0.09)
    brow = mix(look.hair, ink, 0.45)
    blush = mix(look.skin, (0.85, 0.32, 0.26), 0.34)
    parts = [Part(oval(0.02, 0.056, 0.016, 0.011, blush).corners, blush, 0.0, opacity=0.55)]
    for x, size in ((0.018, 1.0), (0.047, 0.78)):
        parts += [oval(x, 0.084, 0.0052 * size, 0.008, ink, 0, 0), oval(x + 0.0015, 0.0868, 0.0016, 0.002, (0.95, 0.95, 0.95),
            0, 0)]
        parts.append(limb([(x - 0.011 * size, 0.1055), (x, 0.1105), (x + 0.01 * size, 0.1085)], (0.002, 0.0036, 0.002), brow,
            0))
    mouth = shift(mix(look.skin, (0.55, 0.16, 0.16), 0.62), 0, 1, 0.9)
    parts.append(limb([(0.022, 0.047), (0.035, 0.0435), (0.046, 0.047)], (0.003, 0.005, 0.003), mouth, 0))
    parts.append(limb([(0.044, 0.082), (0.055, 0.07), (0.043, 0.064)], (0.003, 0.005, 0.004), shift(look.skin, 0, 1.15, 0.8),
        0))
    parts.append(oval(-0.022, 0.08, 0.011, 0.016, shift(look.skin, 0, 1.1, 0.9)))
    return parts


def _hair_behind(look: Look, wind: float) -> list[Part]:
    blow = wind * 0.05
    if look.hairdo == "long":
        return [blob([(-0.045, 0.13), (-0.075, 0.08), (-0.085 + blow, 0.0), (-0.09 + blow * 2, -0.1), (-0.04 + blow, -0.11),
            (0.0, -0.02), (0.01, 0.1)], look.hair)]
    if look.hairdo == "tail":
        return [limb([(-0.05, 0.12), (-0.1, 0.1), (-0.11 + blow, 0.02), (-0.095 + blow * 2, -0.06)],
            (0.03, 0.04, 0.035, 0.006), look.hair)]
    if look.hairdo == "bun":
        return [oval(-0.062, 0.125, 0.032, 0.03, look.hair)]
    return []


def _hair(look: Look, back: bool) -> list[Part]:
    low = 0.02 if look.hairdo == "bob" else 0.07
    if back:
        return [blob([(-0.058, 0.09), (-0.05, 0.15), (0.0, 0.172), (0.05, 0.15), (0.058, 0.09), (0.045, low - 0.02),
            (-0.045, low - 0.02)], look.hair)]
    cap = [(-0.052, low), (-0.064, 0.1), (-0.05, 0.15), (-0.01, 0.174), (0.035, 0.165), (0.06, 0.132), (0.058, 0.112),
        (0.03, 0.127), (0.0, 0.126),
           (-0.02, 0.106), (-0.026, 0.09), (-0.03, low)]
    shine = limb([(-0.035, 0.14), (-0.008, 0.157), (0.025, 0.152)], (0.004, 0.011, 0.004),
        shift(mix(look.hair, (1, 1, 1), 0.16), 0, 1, 1.1), 0)
    return [blob(cap, look.hair), shine]


def _beard(look: Look) -> list[Part]:
    return [blob([(-0.028, 0.065), (-0.03, 0.03), (-0.012, -0.02), (0.02, -0.045), (0.046, -0.01), (0.055, 0.04),
        (0.05, 0.056), (0.034, 0.05),
                  (0.016, 0.054), (-0.01, 0.058)], look.hair)]


def _scarf(look: Look, wind: float) -> list[Part]:
    tail = limb([(-0.03, 0.0), (-0.08 + wind * 0.06, -0.05), (-0.1 + wind * 0.2, -0.14 + abs(wind) * 0.09)],
        (0.035, 0.042, 0.05), shift(look.scarf, 0, 1, 0.86))
    return [tail, blob([(-0.056, 0.025), (-0.052, -0.018), (0.0, -0.034), (0.054, -0.016), (0.054, 0.024), (0.0, 0.008)],
        look.scarf)]


def _headgear(look: Look, back: bool) -> list[Part]:
    items, colour = look.items, look.colour
    dark = shift(colour, 0, 1, 0.8)
    if "crown" in items:
        return [_crown((0.9, 0.72, 0.28))]
    if "hood" in items or look.garment in ("raincoat", "cloak"):
        return [_hood(colour, back)]
    if "hat" in items:
        brim = limb([(-0.11, 0.118), (0.0, 0.132), (0.115, 0.114)], (0.012, 0.024, 0.012), dark)
        return [blob([(-0.056, 0.13), (-0.05, 0.19), (-0.02, 0.207), (0.01, 0.196), (0.04, 0.206), (0.058, 0.185),
            (0.058, 0.13)], dark), brim]
    if "cap" in items or look.kind == "elder":
        knit = shift(look.scarf, 0, 0.8, 0.85) if look.kind != "elder" else mix(colour, (0.12, 0.14, 0.2), 0.55)
        band = limb([(-0.06, 0.112), (0.0, 0.128), (0.062, 0.118)], (0.026, 0.028, 0.026), shift(knit, 0, 1, 0.82))
        return [blob([(-0.06, 0.115), (-0.055, 0.165), (-0.01, 0.192), (0.04, 0.178), (0.062, 0.122), (0.0, 0.125)], knit),
            band]
    return []


def _crown(gold: RGB) -> Part:
    return sharp([(-0.05, 0.135), (-0.056, 0.195), (-0.028, 0.17), (0.0, 0.205), (0.03, 0.17), (0.06, 0.195), (0.055, 0.135)],
        gold)


def _hood(colour: RGB, back: bool) -> Part:
    if back:
        return blob([(-0.07, 0.0), (-0.075, 0.1), (-0.045, 0.17), (0.0, 0.188), (0.045, 0.17), (0.075, 0.1), (0.07, 0.0),
            (0.0, -0.02)], colour)
    return blob([(0.034, 0.012), (0.0, -0.03), (-0.065, -0.02), (-0.085, 0.06), (-0.075, 0.14), (-0.03, 0.185), (0.03, 0.182),
        (0.072, 0.14), (0.062, 0.126),
                 (0.03, 0.135), (0.0, 0.12), (-0.02, 0.08), (-0.012, 0.04)], colour)


def _helmet(look: Look) -> list[Part]:
    visor = [(0.0, 0.04), (-0.008, 0.09), (0.01, 0.14), (0.05, 0.14), (0.078, 0.095), (0.06, 0.045)]
    return [oval(0.005, 0.09, 0.09, 0.095, look.colour, 0, 1.2), blob(visor, (0.13, 0.19, 0.3)),
        oval(0.04, 0.118, 0.016, 0.009, (0.9, 0.95, 1.0), 0.5, 0, 0.8)]
