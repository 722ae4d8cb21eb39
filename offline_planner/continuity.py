"""Carries who, where and when from beat to beat, so that each stands alone. Cuts nothing into segments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from offline_planner import light, places
from offline_planner.beats import Beat
from offline_planner.cast import Cast
from offline_planner.introductions import Member
from offline_planner.light import TIME_JUMP
from offline_planner.verbs import is_finite
from offline_planner.vocabulary import LIVING, PLACES_INSIDE


@dataclass(frozen=True)
class Spot:
    """A location of the film. `name` is how it is called, `noun` what it is."""

    name: str
    noun: str
    qualifiers: frozenset[str] = frozenset()

    @property
    def inside(self) -> bool:
        return self.noun in PLACES_INSIDE


@dataclass(frozen=True)
class Moment:
    """One beat with all that the story has said so far.

    present: who can be seen. subject: who acts, as far as the words tell. alone: the beat's text with a leading pronoun
    replaced by the one it means. jumps: time passes before it. place is None while nothing has been
    said of a place. recent: who was met in the last few beats, the latest first.
    """

    beat: Beat
    alone: str
    place: Spot | None
    time: str
    weather: str
    present: tuple[Member, ...]
    subject: tuple[Member, ...] = ()
    jumps: bool = False
    recent: tuple[Member, ...] = ()


_LEAD = re.compile(
    r"^(?P<lead>(?:[“\"«]?(?:[A-Z][\w’']*[^,.;!?“”\"]{0,60},\s+)?"
    r"(?:(?:In|On|At|Inside|Outside|Behind|Under|From|Through|Across|Along|Up|Down|Above|Over|Beside|Near|By|"
    r"After|Before)\s+(?:[a-z’'\-]+\s+){1,4})?(?:(?:and|but|then|so|now|when|while|as|suddenly|finally|slowly|"
    r"later|meanwhile|soon|there)[, ]+)*))"
    r"(?P<pronoun>she|he|it|they)\b(?P<contracted>['’]\w+)?",
    re.IGNORECASE,
)
_SOMEBODY = {"she": "the woman", "he": "the man", "they": "the people"}
"""What a pronoun still tells where nobody it could mean was named."""
_ANY_PRONOUN = re.compile(r"\b(?:she|he|they|her|him|his|them|their|sie|er|elle|il|ella)\b|[他她]|它", re.IGNORECASE)
_THEY = re.compile(r"\b(?:they|them|their|both|together)\b|他们|她们|معا", re.IGNORECASE)
_EXISTENTIAL = re.compile(
    r"^\W*it(?:['’]s|\s+(?:is|was|rains?|rained|snows?|begins? to (?:rain|snow)|starts? to (?:rain|snow)|"
    r"gets? dark|grows? (?:dark|cold|late)))\b",
    re.IGNORECASE,
)


def follow(beats: Sequence[Beat], cast: Cast, hero: Member | None = None) -> list[Moment]:
    """Goes through the story once.

    `hero` acts where a line names nobody and nobody has acted before (`- wakes up`). The first place, and a time of day
    that is described soon (`It is dusk.`), also hold for the beats before; one that comes (`In the evening she ...`) does not.
    """
    moments: list[Moment] = []
    spots: list[Spot] = []
    names = frozenset(call for member in cast.members for call in member.calls) | frozenset(
        part for member in cast.members for part in member.name.split()
    )
    for beat, ahead in zip(beats, [*beats[1:], None], strict=True):
        moments.append(_next(beat, ahead, moments[-1] if moments else None, spots, cast, names, hero))
    return _backwards(moments)


_SOON = 2
"""How many beats may pass before the first time of day is named, for it to be the time of the opening as well."""


def _backwards(moments: list[Moment]) -> list[Moment]:
    place = next((moment.place for moment in moments if moment.place), None)
    time = next((moment.time for moment in moments if moment.time), "")
    reach = next((number for number, moment in enumerate(moments) if moment.time), 0)
    came = bool(moments) and light.comes(moments[reach].beat.text)
    filled = []
    for number, moment in enumerate(moments):
        known_time = moment.time or (time if number < reach <= _SOON and not came else "")
        filled.append(replace(moment, place=moment.place or place, time=known_time))
    return filled


def _next(
    beat: Beat,
    ahead: Beat | None,
    last: Moment | None,
    spots: list[Spot],
    cast: Cast,
    names: frozenset[str],
    hero: Member | None,
) -> Moment:
    place = _place(_that_says_where(beat, ahead, names), last, spots, names)
    jumps = bool(TIME_JUMP.search(beat.text)) and last is not None
    time = light.time_of_day(beat, last.time if last else "")
    time = (
        ""
        if jumps and time == (last.time if last else "") and re.search("day|later|pass|Tag|später|天|后|يوم", beat.text)
        else time
    )
    moved = last is not None and place != last.place
    subject, alone = _resolved(beat.text, last, cast, hero)
    present = _present(beat.text, subject, cast, None if moved and _nobody_moves(beat.text, cast) else last)
    weather = light.weather(beat.text, "" if jumps or last is None or (beat.place and moved) else last.weather)
    recent = tuple(dict.fromkeys((*present, *(last.recent if last else ()))))[:4]
    return Moment(beat, alone, place, time, weather, present, subject, jumps or _time_went_on(time, last), recent)


def _time_went_on(time: str, last: Moment | None) -> bool:
    return bool(last and last.time and time and time != last.time)


def _nobody_moves(text: str, cast: Cast) -> bool:
    """`The city sleeps.` takes nobody along to the city; `They reach the city` does."""
    return not cast.named_in(text) and not _ANY_PRONOUN.search(text)


def _that_says_where(beat: Beat, ahead: Beat | None, names: frozenset[str]) -> Beat:
    """A paragraph may open with the time (`The next morning it is calm.`) and name the place in its second sentence."""
    if ahead is None or ahead.opens or not beat.opens or beat.place or beat.phases > 1:
        return beat
    here, there = places.best(beat.text, names), places.best(ahead.text, names)
    unsaid = here is None or here.strength < places.SURE
    return replace(beat, text=ahead.text) if unsaid and there and there.strength >= places.OPENING else beat


def _place(beat: Beat, last: Moment | None, spots: list[Spot], names: frozenset[str]) -> Spot | None:
    now = last.place if last else None
    if beat.place:
        noun = next((mention.noun for mention in places.mentions(beat.place, frozenset())), beat.place)
        return _spot(places.Mention(noun, beat.place, 9.0), spots)
    if beat.phase > 1:
        return now
    mention = places.best(beat.text, names)
    if (
        re.match(r"\s*outside\b(?!\s+the)", beat.text, re.IGNORECASE)
        and now
        and now.inside
        and not (mention and mention.strength > 2)
    ):
        return _spot(places.Mention(f"outside {now.noun}", f"outside {now.name}", 3.0), spots)
    if mention is None or (mention.strength < places.SURE and now is not None) or mention.strength < 0.3:
        return now
    known = any(spot.noun == mention.noun for spot in spots)
    if mention.noun in places.MINOR and now and not beat.opens and not known:
        return now
    return _spot(mention, spots)


def _spot(mention: places.Mention, spots: list[Spot]) -> Spot:
    """The location that is meant: one the story knows, unless it says `a` or calls it otherwise. Appends a new one."""
    alike = [spot for spot in spots if spot.noun == mention.noun]
    for spot in reversed(alike):
        if mention.qualifiers == spot.qualifiers or (
            not mention.new and (mention.qualifiers <= spot.qualifiers or not spot.qualifiers)
        ):
            return spot
    if alike and not mention.new and not mention.qualifiers:
        return alike[-1]
    spots.append(Spot(mention.phrase, mention.noun, mention.qualifiers))
    return spots[-1]


def _resolved(text: str, last: Moment | None, cast: Cast, hero: Member | None) -> tuple[tuple[Member, ...], str]:
    """Who acts, and the text with its leading pronoun replaced where only one can be meant."""
    named = cast.mentions(text)
    found = _LEAD.match(text)
    if found and not (named and named[0][0] < found.start("pronoun")) and not _EXISTENTIAL.match(text):
        meant = _meant(found["pronoun"].lower(), last, named)
        said = _names(meant, inside=True) if meant else _SOMEBODY.get(found["pronoun"].lower(), found["pronoun"])
        said = said if found["lead"].strip() else said[:1].upper() + said[1:]
        return meant, found["lead"] + said + text[found.end("pronoun") :]
    first = re.match(r"(?:(?:and then|and|then|but)\s+)?(?P<verb>\w+)", text)
    actors = (last.subject if last else ()) or ((hero,) if hero else ())
    if first and actors and is_finite(first["verb"]) and text[:1].islower():
        return actors, f"{_names(actors, False)} {text[first.start('verb') :]}"
    if named and named[0][0] <= len(text) * 0.6:
        return _subjects(text, named), text
    return (), text


def _subjects(text: str, named: list[tuple[int, int, Member]]) -> tuple[Member, ...]:
    """`Mara and Biscuit climb` has two subjects, `Mara carries Biscuit` one."""
    subjects = [named[0][2]]
    for (_, end, _), (start, _, member) in pairwise(named):
        if re.fullmatch(r"\s*(?:,|and|und|et|y|, and)\s*(?:(?:her|his|their)\s+\w+\s*)?", text[end:start]):
            subjects.append(member)
        else:
            break
    return tuple(dict.fromkeys(subjects))


def _meant(pronoun: str, last: Moment | None, named: list[tuple[int, int, Member]]) -> tuple[Member, ...]:
    """Whom a pronoun means: the one who acted last if it fits, else the only one present it fits; else nobody.

    `they` are those who acted together, else those present, else the two met last.
    """
    if last is None:
        return ()
    if pronoun == "they":
        if len(last.subject) > 1 or any(member.pronoun == "they" for member in last.subject):
            return last.subject
        return last.present if len(last.present) > 1 else last.recent[:2] if len(last.recent) > 1 else ()
    for group in (last.subject, last.present, last.recent):
        fitting = [member for member in group if _fits(member, pronoun)]
        if len(fitting) == 1 and not any(member == fitting[0] for _, _, member in named):
            return (fitting[0],)
    return ()


def _fits(member: Member, pronoun: str) -> bool:
    if member.pronoun in ("", pronoun):
        return member.pronoun == pronoun or pronoun != "it"
    return pronoun == "he" and member.pronoun == "it" and member.name[0].isupper()


def _names(members: tuple[Member, ...], inside: bool) -> str:
    names = [member.name if inside or number else member.label for number, member in enumerate(members)]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _present(text: str, subject: tuple[Member, ...], cast: Cast, last: Moment | None) -> tuple[Member, ...]:
    """Who can be seen: named here, meant by a pronoun, or carried on while the scene does."""
    here = list(dict.fromkeys((*subject, *cast.named_in(text))))
    if last is None:
        return tuple(here)
    here += [member for member in _objects(text, last) if member not in here]
    if _THEY.search(text):
        here += [member for member in last.present if member not in here]
    elif not here or (not subject and _ANY_PRONOUN.search(text)):
        here += [member for member in last.present if member not in here and _carried(text, here, member)]
    return tuple(here[:6])


def _objects(text: str, last: Moment) -> list[Member]:
    """`Elena ran to him`: him is the one he of those just met."""
    said = {_OBJECTS[word] for word in re.findall(r"\w+", text.lower()) if word in _OBJECTS}
    fitting = [[member for member in last.recent if member.pronoun == pronoun] for pronoun in sorted(said)]
    return [members[0] for members in fitting if len(members) == 1]


_OBJECTS = {"him": "he", "her": "she"}


def _carried(text: str, here: list[Member], member: Member) -> bool:
    """Nobody is named: the scene's people are still there, except in a sentence about somebody unknown."""
    if not here and not _ANY_PRONOUN.search(text):
        return not any(word in LIVING for word in re.findall(r"\w+", text.lower()))
    return bool(_ANY_PRONOUN.search(text)) or not here
