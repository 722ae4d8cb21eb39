"""Changes to a plan that its author asks for: what a model says changes is put into the storyboard, all else stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from language_model.asking import Chat
from language_model.question import Question
from llm_planner.answers import Added, Look, Person, Place, Revision, Scripted, Thing
from llm_planner.brief import Brief, as_material, prompt, said
from llm_planner.compose import Composer, named
from llm_planner.windows import TOKENS_BESIDE, TOKENS_PER_SEGMENT, together, wrong
from storyboard import Character, Segment, Storyboard

AT_ONCE = 24
"""Segments that one question is about."""


@dataclass(frozen=True)
class Revised:
    """The plan after a revision. sources: which segment of before (from 0) each one was, None for a new one. notes: what had to
    be done beside what was asked for."""

    storyboard: Storyboard
    sources: tuple[int | None, ...]
    notes: tuple[str, ...]


async def revised(chat: Chat, storyboard: Storyboard, wish: str, brief: Brief) -> Revised:
    """The plan as the author wishes it. Segments that no answer mentions are the same objects as before."""
    answers = await together([chat.ask(one) for one in questions(storyboard, wish, brief)])
    return _Editing(storyboard, brief).with_all(answers)


def questions(storyboard: Storyboard, wish: str, brief: Brief) -> list[Question[Revision]]:
    """One for every couple of scenes."""
    numbers = [one.index for one in storyboard.segments]
    chunks = [numbers[at:at + AT_ONCE] for at in range(0, len(numbers), AT_ONCE)]
    return [_question(storyboard, wish, chunk, brief) for chunk in chunks]


def _question(storyboard: Storyboard, wish: str, numbers: Sequence[int], brief: Brief) -> Question[Revision]:
    """What changes in these segments."""
    return Question(
        node=f"plan revision_{numbers[0]:02d}-{numbers[-1]:02d}", prompt=prompt("revise"), form=Revision,
        order=f"Say what changes in {said(numbers)} of this plan of {len(storyboard.segments)}, and nothing that stays.",
        material={"the author's wish": wish, "film": {**brief.facts(), "style": storyboard.style},
                  "characters": [one.model_dump(include={"name", "description"}) for one in storyboard.characters],
                  "locations": [one.model_dump() for one in storyboard.locations],
                  "segments": as_material(storyboard, numbers)},
        wrong=lambda answer: list(_wrong(answer, numbers)), weak=lambda answer: list(_weak(answer, storyboard, numbers)),
        most_out=TOKENS_BESIDE + TOKENS_PER_SEGMENT * len(numbers))


def _wrong(answer: Revision, numbers: Sequence[int]) -> Iterator[str]:
    for one in answer.changed:
        if one.index not in numbers:
            yield f"changed: there is no segment {one.index} among {said(numbers)}"
    yield from (f"removed: there is no segment {number} among {said(numbers)}" for number in answer.removed
                if number not in numbers)
    yield from (f"added: there is no segment {one.after} to follow" for one in answer.added
                if one.after not in (*numbers, numbers[0] - 1))
    yield from wrong(answer.changed, [one.index for one in answer.changed])


def _weak(answer: Revision, storyboard: Storyboard, numbers: Sequence[int]) -> Iterator[str]:
    """Segments that still show somebody who is to go."""
    told = {one.index: one.characters for one in answer.changed if "characters" in one.model_fields_set}
    for number in numbers:
        here = told.get(number, list(storyboard.segment(number).characters))
        for name in answer.dropped_characters if number not in answer.removed else ():
            if name in here:
                yield f"segment {number} still shows {name}, who is dropped"


class _Editing:
    """A storyboard while answers are put into it."""

    def __init__(self, storyboard: Storyboard, brief: Brief) -> None:
        self.before, self.brief = storyboard, brief
        self.notes: list[str] = []

    def with_all(self, answers: Sequence[Revision]) -> Revised:
        changed = {one.index: one for answer in answers for one in answer.changed}
        removed = {number for answer in answers for number in answer.removed}
        added = [one for answer in answers for one in answer.added]
        if len(removed) == len(self.before.segments) and not added:
            self.notes.append("The revision would take out every segment: none is taken out.")
            removed = set()
        frame = self._frame(answers)
        composer = Composer(_look(frame), self.brief, self.notes)
        parts = list(self._parts(composer, changed, removed, added))
        segments = tuple(_renumbered(segment, number) for number, (segment, _) in enumerate(parts, 1))
        whole = frame.model_copy(update={"segments": segments})
        return Revised(self._cast(whole, answers), tuple(source for _, source in parts), tuple(self.notes))

    def _frame(self, answers: Sequence[Revision]) -> Storyboard:
        """The film's own words after the revision: style and characters."""
        style = next((answer.style for answer in answers if answer.style), self.before.style)
        people = {one.name: one for one in self.before.characters}
        for one in (person for answer in answers for person in answer.characters):
            name = named(one.name, self.before.characters) or one.name
            was = people.get(name)
            people[name] = was.model_copy(update={"description": one.traits}) if was else Character(
                name=name, description=one.traits)
        return self.before.model_copy(update={"style": style, "characters": tuple(people.values())})

    def _parts(self, composer: Composer, changed: dict[int, Scripted], removed: set[int], added: Sequence[Added],
               ) -> Iterator[tuple[Segment, int | None]]:
        """Every segment of the film to be, with the place of the one it was."""
        yield from self._new(composer, added, 0)
        gap: Segment | None = None
        for segment in self.before.segments:
            if segment.index in removed:
                gap = segment
            else:
                now = self._changed(composer, segment, changed[segment.index]) if segment.index in changed else segment
                yield self._after_gap(now, gap), segment.index - 1
                gap = None
            yield from self._new(composer, added, segment.index)

    def _changed(self, composer: Composer, was: Segment, one: Scripted) -> Segment:
        """The segment as it is now; what the answer leaves out stays, and so does what no answer speaks of."""
        now = composer.segment(one.model_copy(update=_unsaid(was, one)), was.seconds)
        same = {"index": was.index, "negative_prompt": now.negative_prompt if one.negative_prompt else was.negative_prompt,
                "mask": was.mask, "mask_keeps": was.mask_keeps}
        if now.join == was.join:
            same["dissolve_s"] = was.dissolve_s
            if "first_keyframe_prompt" not in one.model_fields_set:
                same["first_keyframe_prompt"] = was.first_keyframe_prompt
        kept = {name: getattr(was, name) for name in ("join_reason", "keep", "action", "time_of_day")
                if not getattr(now, name)}
        return now.model_copy(update={**same, **kept})

    def _new(self, composer: Composer, added: Sequence[Added], after: int) -> Iterator[tuple[Segment, None]]:
        """A segment that is put in is as long as the one it follows, and opens a scene where it says so."""
        for one in added:
            if one.after == after:
                seconds = self.before.segments[max(0, after - 1)].seconds
                place = min(max(2, after), self.brief.count)
                segment = one.segment.model_copy(update={"index": place})
                if segment.first_keyframe_prompt is None and segment.join != "continuous":
                    segment = segment.model_copy(update={"first_keyframe_prompt": segment.action})
                yield composer.segment(segment, seconds), None

    def _after_gap(self, segment: Segment, gap: Segment | None) -> Segment:
        """A segment that went on from one that is gone begins with the picture that one ended with."""
        if gap is None or segment.opens_a_scene:
            return segment
        self.notes.append(f"Segment {segment.index} went on from one that is gone: it is cut in now.")
        return segment.model_copy(update={"join": "cut", "first_keyframe_prompt": gap.last_keyframe_prompt})

    def _cast(self, storyboard: Storyboard, answers: Sequence[Revision]) -> Storyboard:
        """Without those who go and are in no segment any more."""
        gone = {named(name, storyboard.characters) for answer in answers for name in answer.dropped_characters} - {None}
        shown = {name for one in storyboard.segments for name in one.characters}
        self.notes += [f"{name} is still in segments that the revision left as they are."
                       for name in sorted(map(str, gone & shown))]
        kept = tuple(one for one in storyboard.characters if one.name not in gone - shown)
        return storyboard.model_copy(update={"characters": kept})


def _unsaid(was: Segment, one: Scripted) -> dict[str, object]:
    """What an answer leaves out of a segment that changes, as it was."""
    present: dict[str, object] = {
        "shot": was.camera.shot, "move": was.camera.move, "characters": list(was.characters), "location": was.location,
        "props": list(was.props), "join": was.join, "first_keyframe_prompt": was.first_keyframe_prompt}
    return {name: value for name, value in present.items() if name not in one.model_fields_set}


def _renumbered(segment: Segment, number: int) -> Segment:
    """The segment under its new number; the film's first one opens it."""
    if segment.index == number:
        return segment
    opens = number == 1 and segment.join != "cut"
    first = segment.first_keyframe_prompt or segment.last_keyframe_prompt
    return segment.model_copy(update={"index": number, **(
        {"join": "cut", "dissolve_s": None, "first_keyframe_prompt": first} if opens else {})})


def _look(storyboard: Storyboard) -> Look:
    """What a plan says of the whole film, as answers say it."""
    def told(name: str, description: str) -> dict[str, str]:
        return {"name": name, "traits": description or name}

    return Look(
        title=storyboard.title, logline=storyboard.logline or storyboard.title, style=storyboard.style or storyboard.title,
        palette=storyboard.palette, characters=[Person(**told(one.name, one.description)) for one in storyboard.characters],
        locations=[Place(**told(one.name, one.description)) for one in storyboard.locations],
        props=[Thing(name=one.name, look=one.description or one.name) for one in storyboard.props])


def brief_for(brief: Brief, storyboard: Storyboard, language: str) -> Brief:
    """The brief of a plan that stands: its own lengths, and the language its prompts are in."""
    seconds = tuple(one.seconds for one in storyboard.segments)
    dissolves = tuple(one.join == "dissolve" for one in storyboard.segments)
    return replace(brief, seconds=seconds, language=language, dissolves=dissolves)
