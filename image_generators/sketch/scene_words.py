"""Words of a request -> what to draw, as plain data. Knows languages only through vocabulary.py; draws nothing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from image_generator_interface import Figure, ImageRequest
from image_generators.sketch import vocabulary as words
from image_generators.sketch.matching import first_mention, mentioned, plain
from image_generators.sketch.stand_ins import shapeless
from prompt_labels import BEFORE, LANGUAGES, without_setting

OVER = re.compile(
    r"\b(?:storm|rain|fog|mist|snow)\w*\s+(?:\w+\s+)?(?:over(?! (?:the|a|an|her|his)\b)|past(?! (?:the|a)\b)|passed|passes|gone"
    r"|ended|ends|cleared|clears|lifted|lifts|stopped|stops|dies|died)\b"
    r"|\b(?:after|since) (?:the|a) (?:storm|rain|fog|snow)\w*"
)
"""Weather that is no more."""
SEVERAL = re.compile(r"\b(?:two|three|zwei|drei|deux|trois|dos|tres)\W+(?:\w+\W+)?$|[两二三]个?$")
INDOORS = ("room", "cave", "space", "underwater", "tower")
"""Places that no weather reaches."""
_TOWER = r"(?:lighthouse|light tower|lantern room|lamp room|tower|belfry|leuchtturm|turm|phare|faro|torre)"
INSIDE = re.compile(
    rf"\b(?:in|inside|within|into|im|dans|en)\s+(?:(?:the|a|an|den|einem|el|un|la|le|top|of|her|his|old)\s+)*(?:\w+\s+)?{_TOWER}\b"
    r"|\b(?:lamp|lantern) room\b|(?:spiral|winding) stair|灯塔[里内]|塔[里内]")
WITHIN = re.compile(r"\bfar below\b|\bstairs?\b|\bstaircase\b|\blens\b|\bmatch\b|\bthe lamp\b|\bclimbs?\b")
OUTSIDE = re.compile(rf"\b(?:outside|beneath|below|near|beside|behind|under|past|towards?|from|at|to)\s+(?:the|a)\s+(?:\w+\s+)?"
                     rf"{_TOWER}\b"
                     r"|\b(?:rocks|beach|path|shore)\b")
ABOARD = re.compile(r"\b(?:on|across|over)\s+(?:the\s+|a\s+)?(?:\w+\s+)?deck\b|\baboard\b|\bon board\b|甲板上")
COLD = re.compile(r"\b(?:cold|unlit|gone out|goes out|broken|stairs?|staircase|climbs?)\b")
"""Whether a tower is seen from within: said outright; by what is only there; by what is only before its
door. And whether its lamp is not lit (yet)."""
CALM_PLACES = ("field", "mountains", "lake", "coast", "forest", "desert", "village", "garden")
CALM_TIMES = ("dawn", "golden", "day", "dusk", "morning")


@dataclass(frozen=True)
class Scene:
    """What the words say. `details` are props and traits; `fixed` those that belong to the place itself."""

    place: str
    time: str
    weather: str
    mood: str
    style: str
    action: str
    details: frozenset[str]
    fixed: frozenset[str]
    seed: int
    figures: tuple[Figure, ...]
    tints: Mapping[str, tuple[float, float, float]]

    @property
    def wet(self) -> bool:
        """Whether the ground mirrors."""
        return self.weather in ("rain", "storm")

    @property
    def snowed(self) -> bool:
        """Whether snow lies on the ground."""
        return self.weather == "snowfall" or "snowy" in self.details or self.place == "snow"

    @property
    def dark(self) -> bool:
        """Whether lamps are lit."""
        return self.time in ("night", "dusk") or self.weather == "storm"


def number(*parts: object) -> int:
    """A number below 2**32 from any words, the same on every machine."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2s(text.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "big")


def read(request: ImageRequest) -> Scene:
    """What this request asks to see. Never fails: words it does not know leave a choice that the seed makes."""
    prompt = _of_the_place(request)
    name = plain(request.place.name) if request.place else ""
    about = plain(request.place.description) if request.place else ""
    seed = number(request.seed, name or _said_to_stay(prompt) or prompt)
    fixed = frozenset(mentioned(f"{name} {about}", words.PROPS))
    place = _place(name, about, prompt) or _home(f"{name} {about} {prompt}") or CALM_PLACES[seed % len(CALM_PLACES)]
    place = "tower" if _inside_a_tower(name, about, prompt, place) else place
    place = "deck" if ABOARD.search(without_setting(prompt)) and place != "space" else place
    now = BEFORE.sub(" ", prompt)
    time = _one((now, about, name), words.TIMES) or CALM_TIMES[seed // 8 % len(CALM_TIMES)]
    weather = _one((OVER.sub(" ", now), about, name), words.WEATHERS) or "clear"
    if place == "snow" and weather == "clear" and first_mention(now, words.WEATHERS["clear"]) < 0 and seed % 3 == 0:
        weather = "snowfall"
    told = without_setting(now)
    cold = {"cold lamp"} if place == "tower" and COLD.search(told) else set[str]()
    return Scene(
        place, time, weather, _one((now, about), words.MOODS), _one((plain(request.style), prompt), words.STYLES),
        _one((now, prompt), words.ACTIONS), fixed | frozenset(mentioned(prompt, words.PROPS)) | cold, fixed, seed,
        request.figures or figures_in(request.prompt), _tints(f"{prompt} {name} {about}"),
    )


def _said_to_stay(prompt: str) -> str:
    """The words that the rules write where a text names no place: what is drawn for them is one place for the whole film."""
    return next((said for labels in LANGUAGES.values() if (said := plain(labels.nowhere)) in prompt), "")


def _tints(text: str) -> dict[str, tuple[float, float, float]]:
    """The colours that stand before the names of things: a red rowing boat, the white house."""
    found: dict[str, tuple[float, float, float]] = {}
    for prop, terms in words.PROPS.items():
        at = first_mention(text, terms)
        before = re.split(r"[,.;:，。]", text[max(0, at - 20) : at])[-1] if at > 0 else ""
        named = [(first_mention(before, names), code) for code, names in words.COLOURS.values()]
        if before and max(named)[0] >= 0:
            code = max(named)[1]
            found[prop] = int(code[1:3], 16) / 255, int(code[3:5], 16) / 255, int(code[5:7], 16) / 255
    return found


def _of_the_place(request: ImageRequest) -> str:
    """The prompt without what it says of the characters: a lighthouse keeper brings no lighthouse along."""
    prompt = plain(request.prompt)
    for figure in request.figures:
        about = plain(figure.description).strip(" .")
        prompt = prompt.replace(about, " ") if about else prompt
    return re.sub(r"lighthouse[ -]keeper", "keeper", prompt)


def _place(name: str, about: str, prompt: str) -> str:
    scores: dict[str, float] = {}
    for weight, text in ((6.0, name), (3.0, about), (1.0, prompt)):
        for rank, key in enumerate(mentioned(text, words.PLACES)):
            scores[key] = scores.get(key, 0.0) + weight / (1 + 0.35 * rank)
    return max(scores, key=lambda key: scores[key], default="")


def _inside_a_tower(name: str, about: str, prompt: str, place: str) -> bool:
    told = without_setting(prompt)
    if place == "space":
        return False
    if INSIDE.search(f"{name} {about} {told}"):
        return True
    return re.search(_TOWER, name) is not None and WITHIN.search(told) is not None and OUTSIDE.search(told) is None


def _home(text: str) -> str:
    """Where the first thing named is usually found."""
    return next((words.HOMES[prop] for prop in mentioned(text, words.PROPS) if prop in words.HOMES), "")


def _one(texts: Iterable[str], table: Mapping[str, str]) -> str:
    for text in texts:
        found = [key for key in table if first_mention(text, table[key]) >= 0]
        if found:
            return found[0]
    return ""


def figures_in(prompt: str) -> tuple[Figure, ...]:
    """Up to three beings named in a prompt that comes without figures; the words around the name describe them."""
    text = plain(prompt)
    found = sorted((first_mention(text, terms), kind) for kind, terms in words.KINDS.items())
    odd = {one.word: one.at for one in reversed(list(shapeless(text))) if one.stand_in}
    found = sorted([*((at, kind) for at, kind in found if at not in odd.values()), *((at, word) for word, at in odd.items())])
    beings: list[Figure] = []
    for at, kind in found:
        near = text[max(0, at - 24) : at + 44] if at >= 0 else ""
        people = [being for being in beings if being.name in ("man", "woman", "elder", "granny", "child", "astronaut")]
        pronoun = re.match(r"(he|she|his|her)\b", text[at:]) is not None if at >= 0 else False
        if at >= 0 and not (pronoun and people) and not _same_words(text, at, found, kind):
            beings.append(Figure(kind, kind if kind in odd else near))
            if SEVERAL.search(text[max(0, at - 18) : at]):
                beings.append(Figure({"man": "woman", "woman": "man"}.get(kind, kind) + " too", ""))
    return tuple(beings[:3])


def _same_words(text: str, at: int, found: list[tuple[int, str]], kind: str) -> bool:
    """`old man` is one being, although `man` is a word of its own; `grandmother` stands before `woman`."""
    return any(0 <= at - other <= 12 and other_kind in ("elder", "granny") and kind in ("man", "woman", "elder")
               and other_kind != kind for other, other_kind in found if other >= 0)
