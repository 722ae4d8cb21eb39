"""What a planner's messages ask for: which segments, how long, in which language, with which people. Answers nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.servers.stories_told import Language, Moment, Role, Story, story, words

_LANGUAGES: dict[str, Language] = {"english": "en", "german": "de", "deutsch": "de", "chinese": "zh", "中文": "zh", "en": "en",
                                   "de": "de", "zh": "zh"}
_ASKED = re.compile(r"\b(?:in|into)\s+(english|german|chinese)\b|"
                    r"\blanguage\b[^\n.]{0,90}?[\s:=`\"'](english|german|chinese|deutsch|en|de|zh)\b", re.IGNORECASE)
_RANGE = re.compile(r"\bsegments?\s+(\d+)\s*(?:to|-|–|through)\s*(\d+)", re.IGNORECASE)
_LIST = re.compile(r"\bsegments?\s+(\d+(?:\s*(?:,|and)\s*\d+)*)", re.IGNORECASE)
_EXACTLY = re.compile(r"\bexactly\s+(\d+|one)\s+segments?", re.IGNORECASE)
_TOTAL = re.compile(r"\b(\d+)\s+segments?\b|\bnumber of (?:clips|segments)\W{1,4}(\d+)", re.IGNORECASE)
_PARTS = re.compile(r"\bpart\s+\d+\s+\w+\s+segments?\s+(\d+)(?:\s*(?:to|-|–)\s*(\d+))?", re.IGNORECASE)
_SECONDS = re.compile(r"(?:\bsegment\s+)?\b(\d+)\s*[:=|(]\s*(\d+(?:\.\d+)?)\s*(?:s|sec|seconds)\b", re.IGNORECASE)
_LIMIT = re.compile(r"\b(?:at most|no more than|maximum of|max\.?|under)\s+(\d{2,6})\s+(?:characters|UTF-16|bytes)", re.I)


@dataclass(frozen=True)
class Scenario:
    """One request as the story teller sees it. numbers: of the segments asked for. present: segments as they stand, by number.

    limit: characters a prompt may have; None: nobody said. parts: the segments of each part, where a bible should have some.
    material: what the messages hold as JSON, every object of it.
    """

    text: str
    story: Story
    words: Mapping[str, str]
    numbers: tuple[int, ...] = (1,)
    total: int = 1
    seconds: Mapping[int, float] = field(default_factory=dict)
    limit: int | None = None
    present: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    parts: tuple[tuple[int, ...], ...] = ()
    material: tuple[Mapping[str, Any], ...] = ()

    def said(self, *names: str) -> str:
        """The first text of the material under one of these names; empty where there is none."""
        return next((one[name] for one in self.material for name in names if isinstance(one.get(name), str)), "")

    def moment(self, number: int) -> Moment:
        return self.story.moment(number, max(self.total, number))

    def still(self, number: int, *, first: bool) -> str:
        """A frame in words that stand alone."""
        at = self.moment(number)
        return self._say("still", at, pose=at.starts if first else at.ends)

    def video(self, number: int) -> str:
        """What a video model is told."""
        at = self.moment(number)
        return self._say("video", at, action=at.action, detail=at.detail, end=at.ends)

    def _say(self, how: str, at: Moment, **more: str) -> str:
        comma, stop = ("，", "；") if self.story.language == "zh" else (", ", "; ")
        who = stop.join(f"{role.name}{comma}{role.traits}" if role.traits else role.name for role in at.who)
        where = f"{at.where.name}{comma}{at.where.traits}" if at.where.traits else at.where.name
        text = self.words[how].format(who=who, place=where[:1].upper() + where[1:], time=at.time,
                                      style=self.story.texts["style"], **more)
        return cut(text, self.limit)


def read(texts: Sequence[str]) -> Scenario:
    """From the texts of the messages, in their order."""
    text = "\n".join(texts)
    material = tuple(one for found in objects(text) for one in _inside(found))
    asked = next(iter(_ASKED.findall(text)), ("", ""))
    language = _LANGUAGES.get((asked[0] or asked[1]).lower()) or _language_of(text if not material else str(material[0]))
    numbers = _numbers(text)
    parts = tuple(tuple(range(int(first), int(last or first) + 1)) for first, last in _PARTS.findall(text))
    limits = [int(number) for number in _LIMIT.findall(text)]
    seconds = {int(number): float(length) for number, length in _SECONDS.findall(text)}
    return Scenario(text, _as_said(story(text, language), material), words(language), numbers, max([*numbers, *_totals(text)]),
                    seconds, min(limits, default=None), _present(material), parts, material)


def cut(text: str, limit: int | None) -> str:
    """No longer than the limit, at a word's end where there is one."""
    if limit is None or len(text) <= limit:
        return text
    return text[:limit].rsplit(" ", 1)[0] if " " in text[limit // 2 : limit] else text[:limit]


def objects(text: str) -> Iterator[dict[str, Any]]:
    """Every JSON object in a text."""
    decoder, at = json.JSONDecoder(), text.find("{")
    while at >= 0:
        try:
            found, end = decoder.raw_decode(text, at)
        except ValueError:
            end = at + 1
        else:
            if isinstance(found, dict):
                yield found
        at = text.find("{", end)


def _inside(value: Any) -> Iterator[Mapping[str, Any]]:
    """An object and every object in it, the outer ones first."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _inside(inner)


def _totals(text: str) -> list[int]:
    return [number for pair in _TOTAL.findall(text) if (number := int(pair[0] or pair[1])) <= 2000]


def _numbers(text: str) -> tuple[int, ...]:
    """The segments asked for: the first range or list with as many as `exactly N segments` says, else the first there is."""
    exactly = [1 if number == "one" else int(number) for number in _EXACTLY.findall(text)]
    ranges = [tuple(range(int(first), int(last) + 1)) for first, last in _RANGE.findall(text) if int(first) <= int(last) < 5000]
    lists = [tuple(int(number) for number in re.findall(r"\d+", listed)) for listed in _LIST.findall(text)]
    if exactly:
        fits = [numbers for numbers in [*ranges, *lists] if len(numbers) == exactly[0]]
        return fits[0] if fits else tuple(range(1, exactly[0] + 1))
    return next(iter([*ranges, *lists]), tuple(range(1, max(_totals(text), default=1) + 1)))


def _language_of(text: str) -> Language:
    """The language most of a text is in, by its script and its smallest words."""
    if sum("\u4e00" <= char <= "\u9fff" for char in text) * 5 > len(text):
        return "zh"
    german, english = (len(re.findall(rf"\b(?:{small})\b", text)) for small in ("der|die|das|und|ein", "the|and|of|a|is"))
    return "de" if german > english else "en"


def _as_said(told: Story, material: Sequence[Mapping[str, Any]]) -> Story:
    """The story played by the people and in the places that the messages name. A logline says what the author said."""
    author = next((one["story"] for one in material if isinstance(one.get("story"), str)), "")
    texts = {**told.texts, "logline": cut(author.strip(), 160) or told.texts["logline"]}
    for bible in material:
        characters, locations = _roles(bible.get("characters")), _roles(bible.get("locations"))
        if characters or locations:
            texts |= {key: bible[key] for key in texts if isinstance(bible.get(key), str) and bible[key]}
            props = tuple(role.name for role in _roles(bible.get("props")))
            return replace(told, texts=texts, characters=characters or told.characters, locations=locations or told.locations,
                           props=props or told.props)
    return replace(told, texts=texts)


def _roles(listed: object) -> tuple[Role, ...]:
    roles = []
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and isinstance(one.get("name"), str):
            traits: list[str] = []
            for key, value in one.items():
                listing = value if isinstance(value, list) else [value] if key != "name" else []
                traits += [text for text in listing if isinstance(text, str) and not any(text in known for known in traits)]
            roles.append(Role(one["name"], ", ".join(traits)))
    return tuple(roles)


def _present(material: Sequence[Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
    """Segments that are shown as they stand, by their number."""
    listed = [one.get("segments") for one in material]
    segments = [segment for some in listed if isinstance(some, list) for segment in some]
    return {number: segment for segment in segments if (number := number_of(segment)) is not None}


def number_of(segment: object) -> int | None:
    """Which segment an object is about."""
    if not isinstance(segment, dict):
        return None
    return next((segment[key] for key in ("index", "number", "segment") if isinstance(segment.get(key), int)), None)
