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
                    r"\blanguage\b[^\n.]{0,40}?[\s:=`\"'](english|german|chinese|deutsch|en|de|zh)\b", re.IGNORECASE)
_RANGE = re.compile(r"\bsegments?\s+(\d+)\s*(?:to|-|–|through)\s*(\d+)", re.IGNORECASE)
_LIST = re.compile(r"\bsegments?\s+(\d+(?:\s*(?:,|and)\s*\d+)*)", re.IGNORECASE)
_EXACTLY = re.compile(r"\bexactly\s+(\d+|one)\s+segments?", re.IGNORECASE)
_TOTAL = re.compile(r"\b(\d+)\s+segments?\b", re.IGNORECASE)
_SECONDS = re.compile(r"(?:\bsegment\s+)?\b(\d+)\s*[:=|(]\s*(\d+(?:\.\d+)?)\s*(?:s|sec|seconds)\b", re.IGNORECASE)
_LIMIT = re.compile(r"\b(?:at most|no more than|maximum of|max\.?|under)\s+(\d{2,6})\s+(?:characters|UTF-16|bytes)", re.I)


@dataclass(frozen=True)
class Scenario:
    """One request as the story teller sees it. numbers: of the segments asked for. present: segments as they stand, by number.

    limit: characters a prompt may have; None: nobody said.
    """

    text: str
    story: Story
    words: Mapping[str, str]
    numbers: tuple[int, ...] = (1,)
    total: int = 1
    seconds: Mapping[int, float] = field(default_factory=dict)
    limit: int | None = None
    present: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)

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
    asked = next(iter(_ASKED.findall(text)), ("", ""))
    language = _LANGUAGES.get((asked[0] or asked[1]).lower(), "en")
    found = list(objects(text))
    told = _as_said(story(text, language), found)
    numbers = _numbers(text)
    total = max([*numbers, *(int(number) for number in _TOTAL.findall(text) if int(number) <= 2000)])
    limits = [int(number) for number in _LIMIT.findall(text)]
    seconds = {int(number): float(length) for number, length in _SECONDS.findall(text)}
    return Scenario(text, told, words(language), numbers, total, seconds, min(limits, default=None), _present(found))


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


def _numbers(text: str) -> tuple[int, ...]:
    """The segments asked for: a range or list that has as many as `exactly N segments` says, else the last one named."""
    exactly = [1 if number == "one" else int(number) for number in _EXACTLY.findall(text)]
    ranges = [tuple(range(int(first), int(last) + 1)) for first, last in _RANGE.findall(text) if int(first) <= int(last) < 5000]
    lists = [tuple(int(number) for number in re.findall(r"\d+", listed)) for listed in _LIST.findall(text)]
    if exactly:
        fits = [numbers for numbers in [*ranges, *lists] if len(numbers) == exactly[-1]]
        return fits[-1] if fits else tuple(range(1, exactly[-1] + 1))
    if found := [*lists[-1:], *ranges[-1:]]:
        return found[-1]
    counts = [int(number) for number in _TOTAL.findall(text) if int(number) <= 2000]
    return tuple(range(1, counts[-1] + 1)) if counts else (1,)


def _as_said(told: Story, found: Sequence[Mapping[str, Any]]) -> Story:
    """The story played by the people and in the places that the messages name."""
    for bible in found:
        characters, locations = _roles(bible.get("characters")), _roles(bible.get("locations"))
        if characters or locations:
            texts = {**told.texts, **{key: bible[key] for key in told.texts if isinstance(bible.get(key), str)}}
            return replace(told, texts=texts, characters=characters or told.characters, locations=locations or told.locations)
    return told


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


def _present(found: Sequence[Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
    """Segments that are shown as they stand, by their number."""
    present: dict[int, Mapping[str, Any]] = {}
    for one in found:
        listed = one.get("segments")
        for segment in listed if isinstance(listed, list) else [one]:
            number = number_of(segment)
            if number is not None:
                present[number] = segment
    return present


def number_of(segment: object) -> int | None:
    """Which segment an object is about."""
    if not isinstance(segment, dict):
        return None
    return next((segment[key] for key in ("index", "number", "segment") if isinstance(segment.get(key), int)), None)
