"""Answers of a language model -> a storyboard that keeps every rule: standalone prompts, traits, limits, joins. Asks nobody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from llm_planner.answers import Look, Scripted
from llm_planner.brief import Brief
from prompt_labels import ENGLISH
from runtime.plain_text import gist
from storyboard import Camera, Character, Join, Location, Prop, Segment, Storyboard

DISSOLVE_S = 0.5
SAID_ALREADY = 0.6
"""The share of the words of somebody's traits that a prompt has to hold for them to count as said."""
NEAR_ITS_BEGIN = 80
"""Where in a prompt the camera has to be said: video models weigh the beginning most."""
_SHOTS = {"extreme_wide": "Extreme wide shot", "wide": "Wide shot", "medium": "Medium shot", "close_up": "Close-up",
          "extreme_close_up": "Extreme close-up"}
_MOVES = {"static": "static camera", "push_in": "slow push in", "pull_out": "slow pull out", "pan_left": "camera pans left",
          "pan_right": "camera pans right", "tilt_up": "camera tilts up", "tilt_down": "camera tilts down"}
_WITHOUT_BLANKS = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_CAMERA = re.compile(r"\b(shot|close-up|closeup|view|angle|camera)\b", re.IGNORECASE)


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)


@dataclass
class Composer:
    """Makes segments of answers. notes: what had to be changed, for a person."""

    look: Look
    brief: Brief
    notes: list[str] = field(default_factory=list)

    def storyboard(self, scripted: Sequence[Scripted]) -> Storyboard:
        """The whole plan."""
        segments = tuple(self.segment(one, self.brief.seconds[one.index - 1]) for one in scripted)
        look = self.look
        return Storyboard(
            title=look.title, logline=look.logline, style=look.style, palette=look.palette, lens=look.lens, light=look.light,
            characters=tuple(Character(name=one.name, description=one.traits) for one in _once(look.characters)),
            locations=tuple(Location(name=one.name, description=one.traits) for one in _once(look.locations)),
            props=tuple(Prop(name=one.name, description=one.look) for one in _once(look.props)), segments=segments)

    def segment(self, one: Scripted, seconds: float) -> Segment:
        """One segment, its prompts complete and within the limit."""
        people = list(dict.fromkeys(filter(None, (named(name, self.look.characters) for name in one.characters))))
        place = named(one.location or "", self.look.locations)
        join = self._join(one)
        first = one.first_keyframe_prompt or f"{one.action} {one.video_prompt}"
        return Segment(
            index=one.index, seconds=seconds, video_prompt=self._video(one, people, place),
            first_keyframe_prompt=None if join == "continuous" else self._still(first, people, place),
            last_keyframe_prompt=self._still(one.last_keyframe_prompt, people, place),
            negative_prompt=(one.negative_prompt or ENGLISH.negative) if self.brief.negative else "",
            camera=Camera(shot=one.shot, move=one.move), characters=tuple(people), location=place, join=join,
            dissolve_s=DISSOLVE_S if join == "dissolve" else None, join_reason=one.join_reason, keep=one.keep,
            action=one.action, time_of_day=one.time_of_day, props=tuple(dict.fromkeys(one.props)))

    def _join(self, one: Scripted) -> Join:
        if one.index == 1:
            return "cut"
        if one.join == "dissolve" and not self.brief.dissolves[one.index - 1]:
            self.notes.append(f"segment {one.index} is cut in, not dissolved: there is no clip as long as that takes")
            return "cut"
        return one.join

    # -- prompts -----------------------------------------------------------------------------------------------------------

    def _still(self, words: str, people: Sequence[str], place: str | None) -> str:
        return _joined(self._peopled(words, people), self._setting(words, place), self._styled(words))

    def _video(self, one: Scripted, people: Sequence[str], place: str | None) -> str:
        """The fullest prompt that is not too long: style, place and the later people's traits go first, then the end."""
        words = self._camera(one)
        for prompt in self._shorter(words, people, place):
            if self._fits(prompt):
                return prompt
        self.notes.append(f"segment {one.index}: its prompt was longer than the video model takes, and was cut")
        return _cut(words, self.brief.limit or len(words), self.brief.length)

    def _shorter(self, words: str, people: Sequence[str], place: str | None) -> Iterator[str]:
        setting, style = self._setting(words, place), self._styled(words)
        yield _joined(self._peopled(words, people), setting, style)
        yield _joined(self._peopled(words, people), setting)
        for count in range(len(people), -1, -1):
            yield self._peopled(words, people[:count])
        sentences = re.findall(r".+?(?:[.!?。！？]+|$)\s*", words)
        for count in range(len(sentences) - 1, 0, -1):
            yield self._peopled("".join(sentences[:count]).strip(), people[:1])

    def _fits(self, prompt: str) -> bool:
        return self.brief.limit is None or self.brief.length(prompt) <= self.brief.limit

    def _camera(self, one: Scripted) -> str:
        """The prompt with shot and move in front, in the terms video models know, where it says nothing of them."""
        if self.brief.language != "en" or _CAMERA.search(one.video_prompt[:NEAR_ITS_BEGIN]):
            return one.video_prompt
        return f"{_SHOTS[one.shot]}, {_MOVES[one.move]}. {one.video_prompt}"

    def _peopled(self, words: str, people: Sequence[str]) -> str:
        """The words with the traits of everybody who is seen, behind their name or at the end."""
        for name in people:
            traits = next(one.traits for one in self.look.characters if one.name == name)
            if says(words, traits):
                continue
            found = re.search(_whole(name), words)
            at = found.end() if found else len(words)
            beside = f"（{traits}）" if _WITHOUT_BLANKS.search(traits) else f" ({traits})"
            words = f"{words[:at]}{beside}{words[at:]}" if found else _joined(words, f"{name}{beside}")
        return words

    def _setting(self, words: str, place: str | None) -> str:
        traits = next((one.traits for one in self.look.locations if one.name == place), "")
        if place is None or says(words, traits):
            return ""
        return traits if place.lower() in words.lower() else f"{place}, {traits}"

    def _styled(self, words: str) -> str:
        return "" if says(words, self.look.style) else self.look.style


def says(words: str, traits: str) -> bool:
    """Whether a prompt already holds what somebody's traits say, in whatever order."""
    wanted, there = _pieces(traits), words.lower()
    return not wanted or sum(one in there for one in wanted) >= SAID_ALREADY * len(wanted)


def _pieces(text: str) -> list[str]:
    """What a text is recognised by: its longer words; of a script without blanks every two characters."""
    if _WITHOUT_BLANKS.search(text):
        plain = re.sub(r"[^\w]", "", text)
        return [plain[at:at + 2] for at in range(0, max(0, len(plain) - 1), 2)]
    return re.findall(r"\w{4,}", text.lower()) or re.findall(r"\w+", text.lower())


def _whole(name: str) -> str:
    return rf"\b{re.escape(name)}\b" if name.isascii() else re.escape(name)


def _joined(*texts: str) -> str:
    """Sentences put one behind the other, each closed."""
    closed = [text if text[-1] in ".!?。！？…\"”" else f"{text}{'。' if ord(text[-1]) > 0x3000 else '.'}"
              for text in (one.strip() for one in texts) if text]
    return " ".join(text[:1].upper() + text[1:] for text in closed)


def _cut(text: str, most: int, length: Callable[[str], int]) -> str:
    room = most
    while room > 1 and length(shorter := gist(text, room)) > most:
        room -= max(1, length(shorter) - most)
    return gist(text, max(1, room))


def named(name: str, known: Sequence[_Named]) -> str | None:
    """The name as the film has it, whatever its article and capitals; None for one it does not have."""
    wanted = _bare(name)
    return next((one.name for one in known if _bare(one.name) == wanted), None) if wanted else None


def _bare(name: str) -> str:
    return re.sub(r"^(the|a|an|der|die|das|le|la|el)\s+", "", name.strip().casefold())


def _once(parts: Sequence[N]) -> list[N]:
    """Each name once, the first that has it."""
    return list({part.name: part for part in reversed(parts)}.values())[::-1]
