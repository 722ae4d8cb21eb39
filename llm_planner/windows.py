"""The bible, then the segments in windows written at the same time, each asked again alone. Judges no continuity."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from errors import BadOutput, LongtakeError
from language_model.asking import Chat, TooLong
from language_model.question import Question
from llm_planner import languages
from llm_planner.answers import Bible, FilmPlan, Look, Scripted, WindowPlan, bible_of, film_of, numbered, window_of
from llm_planner.brief import Brief, prompt, said
from llm_planner.compose import named

WINDOW = 8
"""Segments in one answer: about four thousand tokens, which every model can write."""
TOKENS_PER_SEGMENT, TOKENS_BESIDE = 900, 4000
"""Of an answer, at most: in Chinese a segment takes twice the tokens it takes in English. Beside: what some models think."""
TOKENS_PER_PART = 400
SMALLEST_FILM = 8
"""Up to so many segments a film is planned in one answer."""


@dataclass(frozen=True)
class Questions:
    """What is asked for a film. size: of a window. edition: which of several plans of the same film is meant. Asks nobody."""

    brief: Brief
    size: int = WINDOW
    edition: int = 0

    @property
    def short(self) -> bool:
        """Whether one answer holds the whole film."""
        return self.brief.count <= min(self.size, SMALLEST_FILM)

    def parts(self) -> list[list[int]]:
        """The numbers of each window's segments, evenly: the parts of the bible."""
        numbers = self._numbers()
        count = -(-len(numbers) // self.size)
        cuts = [round(at * len(numbers) / count) for at in range(count + 1)]
        return [numbers[first:last] for first, last in itertools.pairwise(cuts)]

    def whole(self) -> Question[FilmPlan]:
        """A short film in one answer."""
        numbers = self._numbers()
        return Question(
            node="plan film", prompt=prompt("film"), form=film_of(len(numbers)), order=self.brief.order(numbers),
            material={"film": self.brief.facts(), "story": self.brief.story},
            wrong=lambda plan: list(wrong(plan.segments, numbers)),
            weak=lambda plan: [*self._weak(plan.segments, plan, numbers), *self._looks(plan)],
            most_out=self._room(len(numbers)) + 2000, edition=self.edition)

    def bible(self) -> Question[Bible]:
        """What all windows share."""
        parts = self.parts()
        lengths = "; ".join(f"part {at} tells {said(numbers)}" for at, numbers in enumerate(parts, 1))
        named_ = languages.NAMES.get(self.brief.language, self.brief.language)
        return Question(
            node="plan bible", prompt=prompt("bible"), form=bible_of(len(parts)),
            order=f"Write the bible of this film, with exactly {len(parts)} parts: {lengths}. What goes into prompts is in "
                  f"{named_}; language: {named_}.",
            material={"film": self.brief.facts(), "story": self.brief.story}, weak=self._looks,
            most_out=3000 + TOKENS_BESIDE + TOKENS_PER_PART * len(parts), edition=self.edition)

    def window(self, bible: Bible, part: int, numbers: Sequence[int], *, name: str = "", order: str = "",
               more: Mapping[str, Any] | None = None) -> Question[WindowPlan]:
        """Some segments, seen from the bible and the parts around. more: what else there is to go by."""
        around = bible.parts[max(0, part - 1):part + 2]
        material = {
            "film": self.brief.facts(), "bible": bible.model_dump(mode="json", exclude={"parts", "logline"}),
            "parts": [{"part": one.number, "yours": one is bible.parts[min(part, len(bible.parts) - 1)], "tells": one.tells,
                       "begins": one.begins, "ends": one.ends} for one in around],
            **({"piece of the story": self.brief.excerpt(numbers)} if self.brief.story else {}), **(more or {})}
        return Question(
            node=f"plan {name or _name(numbers)}", prompt=prompt("window"), form=window_of(len(numbers)),
            order=order or self.brief.order(numbers), material=material,
            wrong=lambda plan: list(wrong(plan.segments, numbers)),
            weak=lambda plan: list(self._weak(plan.segments, bible, numbers)),
            most_out=self._room(len(numbers)), edition=self.edition)

    # -- what may be wrong -------------------------------------------------------------------------------------------------

    def _weak(self, segments: Sequence[Scripted], look: Look, numbers: Sequence[int]) -> list[str]:
        """What is worth asking once more: a prompt that is too long, in another language, or about somebody unknown."""
        told, known = list[str](), names_of(look)
        for one, number in zip(segments, numbers, strict=False):
            length = self.brief.length(one.video_prompt)
            if self.brief.limit is not None and length > self.brief.limit:
                told.append(f"segment {number}: its video_prompt has {length} {self.brief.unit}, at most {self.brief.limit} "
                            "are taken")
            for name in ("video_prompt", "first_keyframe_prompt", "last_keyframe_prompt"):
                if strange := languages.foreign(getattr(one, name) or "", self.brief.language, known):
                    told.append(f"segment {number}: its {name} {strange}")
            told += [f"segment {number}: {name!r} is not one of the film's characters" for name in one.characters
                     if named(name, look.characters) is None]
        return told

    def _looks(self, look: Look) -> list[str]:
        texts = [("style", look.style), *((f"traits of {one.name}", one.traits) for one in look.characters),
                 *((f"traits of {one.name}", one.traits) for one in look.locations)]
        return [f"{what}: {strange}" for what, text in texts
                if (strange := languages.foreign(text, self.brief.language, names_of(look)))]

    def _numbers(self) -> list[int]:
        return list(range(1, self.brief.count + 1))

    def _room(self, segments: int) -> int:
        return TOKENS_BESIDE + TOKENS_PER_SEGMENT * segments


@dataclass(frozen=True)
class Windows(Questions):
    """Asks for segments."""

    chat: Chat = field(kw_only=True)

    async def film(self) -> tuple[Look, list[Scripted]]:
        """The whole film: in one answer where it is short, else a bible first."""
        if self.short:
            try:
                plan = await self.chat.ask(self.whole())
                return plan, numbered(plan.segments, self._numbers())
            except TooLong:  # the bible is shorter than the film, and windows can be halved
                pass
        bible = await self.chat.ask(self.bible())
        return bible, await self.segments(bible)

    async def segments(self, bible: Bible) -> list[Scripted]:
        """All segments, windows at the same time. What is paid is kept also when another window fails."""
        done = itertools.count(1)
        parts = self.parts()

        async def one(at: int) -> list[Scripted]:
            written = await self.written(bible, at, parts[at])
            self.chat.run.events.emit("progress", "storyboard", "windows planned", done=next(done), total=len(parts))
            return written

        return list(itertools.chain(*await together([one(at) for at in range(len(parts))])))

    async def written(self, bible: Bible, part: int, numbers: Sequence[int]) -> list[Scripted]:
        """The segments of a window; where that is too long an answer, or none is right, of its halves."""
        try:
            plan = await self.chat.ask(self.window(bible, part, numbers))
        except BadOutput as failure:
            if len(numbers) == 1:
                raise
            self.chat.run.events.emit("note", "storyboard", f"asking for {said(numbers)} in halves: {failure}")
            half = len(numbers) // 2
            found = await together([self.written(bible, part, some) for some in (numbers[:half], numbers[half:])])
            return [one for window in found for one in window]
        return numbered(plan.segments, numbers)


def wrong(segments: Sequence[Scripted], numbers: Sequence[int]) -> list[str]:
    """What no storyboard can be made of."""
    return [f"segment {number}: a {one.join} needs a first_keyframe_prompt, the first frame as a still"
            for one, number in zip(segments, numbers, strict=False)
            if (one.join != "continuous" or number == 1) and one.first_keyframe_prompt is None]


def names_of(look: Look) -> list[str]:
    """Every name the film has: they may be in any language."""
    return [*(one.name for one in look.characters), *(one.name for one in look.locations), *(one.name for one in look.props)]


def _name(numbers: Sequence[int]) -> str:
    return f"window_{numbers[0]:02d}-{numbers[-1]:02d}" if len(numbers) > 1 else f"window_{numbers[0]:02d}"


async def together(works: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
    """The results of all, at the same time. Each is waited for: what is paid is kept. Then the worst failure is raised."""
    found = await asyncio.gather(*works, return_exceptions=True)
    failures = [one for one in found if isinstance(one, BaseException)]
    if failures:
        raise max(failures, key=_gravity)
    return list(found)


def _gravity(failure: BaseException) -> int:
    return failure.exit_code if isinstance(failure, LongtakeError) else 1000
