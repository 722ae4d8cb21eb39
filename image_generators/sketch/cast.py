"""A character's words and reference picture -> how it looks, the same in every frame. Draws nothing."""

from __future__ import annotations

import colorsys
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from image_generator_interface import Figure
from image_generators.sketch import vocabulary as words
from image_generators.sketch.matching import first_mention, mentioned, plain
from image_generators.sketch.palette import RGB, mix, rgb, shift
from image_generators.sketch.scene_words import number
from image_generators.sketch.stand_ins import shapeless

PEOPLE = ("child", "woman", "granny", "elder", "man", "astronaut")
_SKINS = ("#f1c9a5", "#e2ac82", "#c98e63", "#9a6542", "#6d452e", "#edbd9a")
_HAIRS = ("#2a211d", "#4b3021", "#6f4526", "#a5713a", "#1d1b22", "#8a3d1e")
_CLOTHES = ("#b5473c", "#31678e", "#d09a3a", "#4f7f5f", "#7a4f86", "#c86f4a", "#3f8486", "#8f3f55")


@dataclass(frozen=True)
class Look:
    """How one being looks. `colour` is that of its clothes, or of its fur."""

    kind: str
    height: float
    colour: RGB
    second: RGB
    skin: RGB
    hair: RGB
    garment: str
    hairdo: str
    items: frozenset[str]
    scarf: RGB
    seed: int


def _size(about: str, kind: str) -> float:
    """Grown people are one high; of animals and robots `small` and `huge` are taken at their word."""
    if kind in PEOPLE:
        return {"child": 0.64, "granny": 0.9, "elder": 0.97, "woman": 0.95}.get(kind, 1.0)
    return 0.72 if first_mention(about, words.SMALL) >= 0 else 1.3 if first_mention(about, words.LARGE) >= 0 else 1.0


def look_of(figure: Figure, seed: int) -> Look:
    """Kind, clothes and colours of a figure. Named colours win over the reference picture, that over the seed."""
    about = plain(f"{figure.name}. {figure.description}")
    own = number(seed, plain(figure.name))
    said = plain(figure.description)
    kind = _kind(said if mentioned(said, words.KINDS) or any(one.stand_in for one in shapeless(said)) else about)
    if kind == "man" and first_mention(about, words.HE) < 0 and re.search(r"(a|ah|ine|elle|lyn)$", plain(figure.name)):
        kind = "woman"
    items = frozenset(mentioned(about, words.ITEMS))
    garments = mentioned(about, words.GARMENTS)
    garment = garments[0] if garments else _usual_garment(kind, own)
    named = _colour_before(about, words.GARMENTS) or (_dominant(figure.reference) if figure.reference else None)
    first = named or _any_colour(about, kind) or rgb(_CLOTHES[own % len(_CLOTHES)])
    grey = kind in ("elder", "granny")
    hair = _hair_colour(about) or ((0.86, 0.85, 0.83) if grey else rgb(_HAIRS[own // 7 % len(_HAIRS)]))
    hairdo = {"granny": "bun", "elder": "short", "man": "short"}.get(kind, ("long", "bob", "bun", "tail")[own // 11 % 4])
    if kind == "child":
        boy = first_mention(about, "boy son junge knabe niño garçon 男孩") >= 0
        hairdo = "short" if boy else ("bob", "tail", "long")[own // 11 % 3]
    if "longhair" in items:
        hairdo = "long"
    second = shift(mix(first, (0.2, 0.2, 0.26), 0.72), 0.04)
    scarf = _colour_before(about, {"scarf": words.ITEMS["scarf"]}) or shift(first, 0.45, 0.8, 1.1)
    height = _size(about, kind) * (0.97 + 0.06 * (own % 97) / 97)
    return Look(kind, height, first, second, rgb(_SKINS[own // 3 % len(_SKINS)]), hair, garment, hairdo, items, scarf, own)


def _kind(about: str) -> str:
    """The being these words name first; a grown-up word beside an age word gives the old one."""
    found = mentioned(about, words.KINDS)
    odd = next((one for one in shapeless(about) if one.stand_in), None)
    if odd is not None and (not found or odd.at <= first_mention(about, words.KINDS[found[0]])):
        return odd.stand_in
    if not found:
        return ("man", "woman", "child")[number(about) % 3]
    if "robot" in found or "astronaut" in found:
        return "robot" if "robot" in found else "astronaut"
    old = first_mention(about, "old elderly aged grey-haired alt alte alter alten 老 vieille vieja") >= 0
    if found[0] == "elder" and len(found) > 1 and found[1] in ("woman", "granny"):
        return "granny"
    if old and found[0] == "woman":
        return "granny"
    if old and found[0] not in PEOPLE:
        return found[0]
    if old and found[0] == "man":
        return "elder"
    if found[0] == "elder" and first_mention(about, "young junger junge joven jeune 年轻") >= 0:
        return "man"
    if found[0] == "elder" and len(found) > 1 and found[1] not in PEOPLE:
        return found[1]
    return found[0]


def _usual_garment(kind: str, seed: int) -> str:
    if kind == "granny":
        return "dress"
    if kind in ("woman", "child"):
        return ("coat", "dress", "sweater")[seed // 5 % 3]
    return ("coat", "coat", "sweater")[seed // 5 % 3]


def _colour_before(about: str, table: dict[str, str]) -> RGB | None:
    """The colour named just before one of these things, or just behind it (`a coat of red`)."""
    for terms in table.values():
        at = first_mention(about, terms)
        if at < 0:
            continue
        near = [(first_mention(about[max(0, at - 22) : at + 2], names), code) for code, names in words.COLOURS.values()]
        best = max(near)
        if best[0] >= 0:
            return _toned(rgb(best[1]), about[max(0, at - 22) : at])
    return None


def _hair_colour(about: str) -> RGB | None:
    at = first_mention(about, words.HAIR)
    if at < 0:
        return rgb("#d9b56a") if first_mention(about, "blond blonde") >= 0 else None
    near = about[max(0, at - 20) : at]
    found = [(first_mention(near, names), code) for code, names in words.HAIRS.items()]
    best = max(found)
    return rgb(best[1]) if best[0] >= 0 else None


def _toned(colour: RGB, words_before: str) -> RGB:
    """`dark blue` and `pale blue` are not `blue`."""
    if first_mention(words_before, "dark deep dunkel dunkle dunkelblauen 深 oscuro sombre") >= 0:
        return shift(colour, 0, 1.0, 0.62)
    if first_mention(words_before, "light pale hell helle 浅 claro clair") >= 0:
        return mix(colour, (0.95, 0.95, 0.95), 0.4)
    return colour


def _any_colour(about: str, kind: str) -> RGB | None:
    """A colour named anywhere; hair and eyes are nobody's clothes."""
    text = re.sub(r"\w+(?:\s\w+)?[\s-](?:hair|haired|eyes|eyed|beard|lantern|umbrella|scarf)\b", " ", about)
    named = [(first_mention(text, names), code) for code, names in words.COLOURS.values()]
    found = [(at, code) for at, code in named if at >= 0]
    if found:
        return rgb(min(found)[1])
    return rgb(_FURS[kind]) if kind in _FURS else None


_FURS = {
    "dog": "#a97a4a", "cat": "#6f6a68", "fox": "#d2692a", "wolf": "#7d8087", "bear": "#5d4130", "deer": "#a8744a",
        "horse": "#7c4f33",
    "camel": "#c79a5c", "rabbit": "#b9aa98", "sheep": "#e8e2d6", "cow": "#e6dccb", "elephant": "#85868c", "lion": "#cf9a4e",
        "bird": "#39404e",
    "whale": "#46607e", "fish": "#e08a3c", "dragon": "#4d8a63", "penguin": "#2b3038", "mouse": "#9a8f86", "robot": "#9aa5ad",
        "astronaut": "#e6e6e3",
    "elder": "#3e5572",
}


def item_colour(figure: Figure, item: str) -> RGB | None:
    """The colour named before an item of the figure (`a yellow umbrella`)."""
    return _colour_before(plain(figure.description), {item: words.ITEMS[item]})


def _dominant(reference: Path) -> RGB | None:
    """The saturated colour that fills most of a picture; None for a grey or unreadable one."""
    try:
        with Image.open(reference) as picture:
            small = np.asarray(picture.convert("RGB").resize((48, 48)).convert("HSV"), dtype=np.int64).reshape(-1, 3)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError):
        return None
    vivid = small[(small[:, 1] > 70) & (small[:, 2] > 50)]
    if len(vivid) < 24:
        return None
    hues = np.bincount(vivid[:, 0] // 16, weights=vivid[:, 1], minlength=16)
    chosen = vivid[vivid[:, 0] // 16 == int(hues.argmax())]
    hue, saturation, value = np.median(chosen, axis=0) / 255
    return colorsys.hsv_to_rgb(float(hue), float(saturation), float(value))
