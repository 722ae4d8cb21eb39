"""Finds where a sentence plays: the noun phrase around a place word, and how sure the sentence is of it. Carries nothing on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from offline_planner import other_languages as foreign
from offline_planner import vocabulary as known
from offline_planner.sentences import is_readable
from offline_planner.vocabulary import any_of, words_of

_ARTICLE = r"(?:(?:(?i:the|an?|his|her|their|its|my|our|this|that|another|one)|[A-Z][a-z]+['’]s)\s+)"
_NOT_IN_PHRASE = (
    "and or of in on at to into the a an his her their is are was were it with for from by as but then she "
    "he they that this who "
    "while over under up down out off back away toward towards through across along inside behind all"
)
_ADJECTIVE = rf"(?:(?!(?:{'|'.join(_NOT_IN_PHRASE.split())})\b)[a-zà-ÿ][\w’'\-]*,?\s+)"
_PLAIN = rf"(?:(?!(?:{'|'.join(_NOT_IN_PHRASE.split())})\b)[a-zà-ÿ][\w’'\-]*\s+)"
_NOUN = rf"(?:{any_of(known.PLACES)})"
_OF = (
    rf"(?:\s+(?:of|in|at|above|by|on|near|under|behind|beside|beneath|over)\s+(?:the|an?|his|her|their)\s+{_PLAIN}{{0,2}}(?!(?:{'|'.join(_NOT_IN_PHRASE.split())})\b)[a-z][\w\-]+(?:(?<=edge|foot|side|tops|back)\s+of\s+(?:the|an?)\s+[a-z][\w\-]+)?"
    r"(?=[\s,.;:!?)—–]|$))"
)
_COMPOUND = any_of(known.LIVING | words_of("lamp lamps light lights door window wall sign corner bell clock gate music life"))
_PHRASE = re.compile(
    rf"(?P<article>{_ARTICLE})?(?P<before>{_ADJECTIVE}{{0,3}}?)(?P<noun>{_NOUN})(?![\w\-])(?!['’]s)(?!\s+(?:{_COMPOUND})\b)(?P<of>{_OF})?"
)
_PREPOSITIONS: dict[str, float] = {
    "into": 3,
    "onto": 2.5,
    "to": 2.6,
    "reaches": 3,
    "reach": 3,
    "reached": 3,
    "enters": 3,
    "enter": 3,
    "entered": 3,
    "arrives at": 3,
    "arrive at": 3,
    "home to": 3,
    "back to": 3,
    "back in": 3,
    "back at": 3,
    "returns to": 3,
    "up to": 2.6,
    "down to": 2.8,
    "out to": 2.4,
    "out onto": 2.8,
    "out into": 3,
    "deep in": 2.2,
    "in": 2,
    "inside": 2.2,
    "at": 2,
    "on": 1.7,
    "through": 1.8,
    "along": 1.8,
    "across": 1.7,
    "crosses": 1.8,
    "cross": 1.8,
    "within": 2,
    "aboard": 2.2,
    "down": 1.3,
    "up": 1.1,
    "climbs": 1.3,
    "climb": 1.3,
    "under": 0.8,
    "below": 0.6,
    "above": 0.6,
    "over": 1.0,
    "by": 1.0,
    "beside": 1.0,
    "near": 1.0,
    "around": 1.0,
    "outside": 1.2,
    "behind": 0.5,
    "toward": 0.6,
    "towards": 0.6,
    "from": 0.4,
    "out of": 0.2,
    "leaves": 0.2,
    "leave": 0.2,
    "beyond": 0.3,
    "of": 0.3,
    "for": 0.2,
    "like": 0.0,
    "no": 0.0,
    "past": 0.8,
    "between": 1.2,
    "off": 0.3,
    "against": 0.4,
    "where": 1.0,
}
_LOOKING = re.compile(
    r"\b(?:look|looks|looked|looking|stare|stares|staring|gaze|gazes|gazing|point|points|pointing|listen|listens|wave|waves|listening)\s+(?:\w+ly\s+)?"
    r"(?:out\s+|up\s+|down\s+|back\s+)?(?:at|to|into|across|over|on|in|out)\s*$"
)
_IS = re.compile(r"\s+(?:is|was|are|were|lies|lay|sleeps?|slept)\b")
"""`The forest was silent.`: a sentence about a place plays there."""
_FLYING = re.compile(r"\b(?:fly|flies|flew|flying|soars?|soared|glides?|floats?|drifts?|hovers?|circles?)\b", re.IGNORECASE)
_BACKGROUND = re.compile(
    r"\s*(?:far\s+)?(?:behind|above|below|beneath|beyond|in the distance|far away|far off|far out|ahead of|before)\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(rf"(?<![\w])({any_of(_PREPOSITIONS)})\s*$", re.IGNORECASE)
_PROPER = re.compile(
    r"\b(?P<how>in|on|to|into|through|across|reaches|reach|near)\s+(?P<name>[A-ZÀ-Þ][a-zà-ÿ]+(?:\s+[A-ZÀ-Þ][a-zà-ÿ]+)?)(?!['’\w])"
)
_PLANETS = words_of("mars moon earth venus titan europa jupiter saturn")
_NOT_PROPER = words_of(
    "January February March April May June July August September October November December Monday Tuesday Wednesday "
    "Thursday Friday Saturday Sunday Christmas Easter God English French German Spanish Chinese Spring Summer Autumn "
    "Winter"
)
_FOREIGN = re.compile(rf"(?<!\w)(?P<word>{any_of(foreign.FOREIGN_PLACES)})(?!\w)")
_SCRIPT = re.compile(any_of(foreign.SCRIPT_PLACES))
_FOREIGN_FROM = re.compile(r"\b(?:aus|von|vom|de|desde|du|from)\s+(?:\w+\s+)?$|[从从]$")
_SEEN_FROM_AFAR = re.compile(
    r"(?:看见|望见|看到|望着|看着|远处的?)[^，。]{0,4}$|(?:ينظر|تنظر|نظر|نظرت|ينظرون)\s+إلى\s+\S{0,3}$"
)
SURE = 1.2
"""From this strength on a mention moves the story to another place; below it, only where no place is known yet."""


OPENING = 2.4
"""The strength of a place that a sentence opens with."""


@dataclass(frozen=True)
class Mention:
    """One place in a sentence. `noun` is what tells it from other places; `phrase` is how the location is called."""

    noun: str
    phrase: str
    strength: float
    new: bool = False

    @property
    def qualifiers(self) -> frozenset[str]:
        """What distinguishes this harbour from another: `old`, `pine`."""
        return frozenset(re.findall(r"[\w’'\-]+", self.phrase.lower())) - {"the", "a", "an", "same", "very", "whole", self.noun}


def mentions(text: str, names: frozenset[str]) -> Iterator[Mention]:
    """Every place in a text with its strength. `names` are the characters' names, which are no towns."""
    if not is_readable(text):
        return
    for match in _PHRASE.finditer(text):
        yield _common(text, match)
    for match in _PROPER.finditer(text):
        name, first = match["name"], match["name"].split()[0]
        common = (first.lower() in known.PLACES or match["how"] == "on") and first.lower() not in _PLANETS
        if first not in names | _NOT_PROPER and name not in names and not common:
            yield Mention(name.lower(), name, _PREPOSITIONS[match["how"].lower()] + _place_in(text, match.start()))
    yield from _foreign(text)


def best(text: str, names: frozenset[str]) -> Mention | None:
    """Where the sentence plays, or None when it says nothing of a place. Of two as strong, the later."""
    found = list(mentions(text, names))
    top = max((mention.strength for mention in found), default=0.0)
    return next((mention for mention in reversed(found) if mention.strength == top), None) if top > 0 else None


def _place_in(text: str, at: int) -> float:
    """A sentence that opens with a place plays there."""
    return 0.75 if at <= 4 else 0.0


def _common(text: str, match: re.Match[str]) -> Mention:
    lead = text[: match.start()]
    before = _BEFORE.search(lead)
    strength = _PREPOSITIONS[before[1].lower()] if before else 0.7
    strength += _place_in(text, before.start() if before else 99)
    if _LOOKING.search(lead) or re.search(r"\b(?:like|as|of) (?:\w+ ){0,2}(?:in|on|at)\s*$", lead):
        strength = 0.3
    if before and before[1].lower() == "to" and re.search(r"\b(?:says?|speaks?|belongs?|sings?|tells?)\s+to\s*$", lead):
        strength = 0.3
    if before and before[1].lower() in ("over", "above") and _FLYING.search(text):
        strength = 2.0
    if not lead and match["noun"] not in _AMBIGUOUS and _IS.match(text, match.end()):
        strength = 2.0
    if _BACKGROUND.match(text):
        strength = min(strength, 1.0)
    if match["noun"] in _AMBIGUOUS and not (match["article"] and before):
        strength = 0.0
    if not match["article"] and not match["before"] and match["noun"] not in _WITHOUT_ARTICLE and len(text.split()) > 4:
        strength = min(strength, 0.4)
    return Mention(match["noun"], _phrase(match), strength, _is_new(match["article"]))


MINOR = words_of(
    "path trail road tracks rails gate stream deck hall hallway corridor staircase roof crossroads clearing bridge tent cell"
)
"""Part of the larger place they are in: they move the story only where a paragraph opens with them."""
_AMBIGUOUS = words_of(
    "light sky clouds bank bar club stage store shop gym flat deck track tracks rails park orbit train bus car taxi ship "
    "boat field mine court station carriage moon square hall study stream plain plains border gate road path trail cell "
    "tent camp roof"
)
_WITHOUT_ARTICLE = words_of("home school prison space orbit church hospital mars town sea countryside")


def _is_new(article: str | None) -> bool:
    return (article or "").strip().lower() in ("a", "an", "another", "one")


_NO_PLACE = re.compile(
    r"\s(?:her|his|their)\s|\b(?:way|moment|time|night|morning|evening|end|day|rain|light|dark|wind|snow|fog)$"
)


def _phrase(match: re.Match[str]) -> str:
    """`a dark pine forest` -> `the dark pine forest`: a location is called the same from its second scene on."""
    article = (match["article"] or "").strip()
    if not article and match["noun"] in _WITHOUT_ARTICLE and not match["before"]:
        return match["noun"].capitalize() if match["noun"] == "mars" else match["noun"]
    if article.lower() in ("", "a", "an", "another", "this", "that", "one", "its"):
        article = "the"
    owned = article.endswith(("’s", "'s"))
    phrase = f"{article if owned else article.lower()} {match['before']}{match['noun']}"
    of = match["of"] or ""
    of = "" if _NO_PLACE.search(of) else of
    return re.sub(r"\s+", " ", phrase + of)


def _foreign(text: str) -> Iterator[Mention]:
    ours = bool(re.search(r"\b(?:the|and|is)\b", text))
    for match in _FOREIGN.finditer(text) if not ours else ():
        leaving = bool(_FOREIGN_FROM.search(text[: match.start()]))
        yield Mention(match["word"].lower(), match["word"], 0.4 if leaving else 1.6)
    for match in _SCRIPT.finditer(text) if not text.isascii() else ():
        word = match.group()
        short = len(word) == 1 or (not _whole(text, match) and not re.search(r"[\u3040-\u9fff]", word))
        leaving = text[max(0, match.start() - 3) : match.start()].endswith(("从", "离开", "望着", "من ", "看着")) or bool(
            _SEEN_FROM_AFAR.search(text[max(0, match.start() - 16) : match.start()])
        )
        yield Mention(word, word, 0.0 if short and len(word) > 1 else 0.5 if short else 0.4 if leaving else 1.6)


def _whole(text: str, match: re.Match[str]) -> bool:
    """Whether the word stands alone; Arabic and Hebrew write `in the` and `and the` onto it."""
    start = match.start()
    while start > 0 and text[start - 1] in "وفبلכבלהומ":
        start -= 1
    return not (start > 0 and text[start - 1].isalnum()) and not text[match.end() : match.end() + 1].isalnum()
