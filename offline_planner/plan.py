"""Puts the rules together: a script -> a storyboard. Reads no file and asks no model; the same script gives the same plan."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from errors import Problem, UserMistakes
from offline_planner import camera_choice, cast, continuity, grouping, sentences, timing, wording
from offline_planner.beats import Script
from offline_planner.continuity import Moment, Spot
from offline_planner.introductions import Member
from offline_planner.verbs import base_of
from prompt_labels import ENGLISH, Labels
from storyboard import Camera, Character, Join, Location, Segment, Storyboard
from video_generator_interface import Durations

DISSOLVE_S = 0.5
MOST_SEGMENTS = 2000
_LEAVING = {"leave", "vanish", "disappear", "flee", "escape", "die"}


@dataclass(frozen=True)
class Terms:
    """What the film must keep to. tall: higher than wide. steered: the model is given the last frame as well. labels: the
    language of the words around those of the prompt."""

    durations: Durations
    duration_s: float
    segment_s: float | None
    limit: wording.Limit
    tall: bool
    steered: bool
    labels: Labels = ENGLISH


@dataclass(frozen=True)
class Draft:
    """The plan, how many beats the prompt has, and those that found no room in its words, by the number of the segment."""

    storyboard: Storyboard
    beats: int
    untold: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class _Part:
    """The moments of one segment; `shown` are those whose words it uses, all of them in one place at one time."""

    moments: tuple[Moment, ...]
    shown: tuple[Moment, ...]

    @property
    def place(self) -> Spot | None:
        return self.shown[0].place

    @property
    def time(self) -> str:
        return self.shown[0].time

    @property
    def weight(self) -> float:
        return sum(moment.beat.weight for moment in self.moments)


def draft(script: Script, terms: Terms) -> Draft:
    """Plans the film. Raises UserMistakes when a beat cannot be said within the model's prompt limit."""
    count = timing.how_many(terms.durations, terms.duration_s, terms.segment_s)
    check_count(count, terms.duration_s)
    crew = cast.find([script.title, *(beat.text for beat in script.beats)])
    hero = next(iter(crew.named_in(script.title)), None)
    beats = grouping.cut_until_enough(script.beats, count)
    parts = [_part(moments) for moments in grouping.group(continuity.follow(beats, crew, hero), count)]
    seconds = timing.spread(terms.durations, terms.duration_s, _evened([part.weight for part in parts]))
    style = script.style or terms.labels.look
    segments = _segments(parts, seconds, style, terms)
    storyboard = Storyboard(
        title=_title(script, parts, terms.labels),
        style=style,
        characters=_characters(parts, crew.members),
        locations=_locations(parts),
        segments=tuple(segments),
    )
    untold = [(number, moment.beat.text) for number, part in enumerate(parts, 1)
              for moment in part.moments if moment not in part.shown]
    return Draft(storyboard, len(beats), tuple(untold))


def check_count(count: int, duration_s: float) -> None:
    """Raises UserMistakes when a film of so many segments cannot be planned."""
    if count > MOST_SEGMENTS:
        raise UserMistakes(
            [Problem("duration_seconds", f"{duration_s:g} s need {count} segments", f"{MOST_SEGMENTS} are the most")]
        )


def may_dissolve(durations: Durations, seconds: Sequence[float], number: int) -> bool:
    """Whether the segment at this place (from 0) can be dissolved into: its clip has to be longer by that, and a dissolve
    no longer than its neighbours."""
    return number > 0 and durations.allow(seconds[number] + DISSOLVE_S) and min(seconds[number - 1 : number + 1]) > DISSOLVE_S


def _evened(weights: list[float]) -> list[float]:
    """No segment is much shorter or longer than its neighbours: an eye needs time, and a clip bores."""
    mean = sum(weights) / len(weights)
    return [min(max(weight, 0.4 * mean), 2.5 * mean) for weight in weights]


def _part(moments: Sequence[Moment]) -> _Part:
    """A segment shows one place at one time: the one most of it plays in."""
    share: Counter[tuple[Spot | None, str]] = Counter()
    for moment in moments:
        share[moment.place, moment.time] += round(moment.beat.weight * 10)
    here = share.most_common(1)[0][0]
    return _Part(tuple(moments), wording.salient([moment for moment in moments if (moment.place, moment.time) == here]))


def _segments(parts: list[_Part], seconds: list[float], style: str, terms: Terms) -> list[Segment]:
    joins = [_join(parts, number, seconds, terms.durations) for number in range(len(parts))]
    cameras = camera_choice.choose(_views(parts, joins), terms.tall)
    made, people = [], tuple[Member, ...]()
    for number, part in enumerate(parts):
        follower = number + 1 if number + 1 < len(parts) and joins[number + 1] == "continuous" else None
        here = _staying(parts[number - 1], people, cameras[number]) if joins[number] == "continuous" else ()
        people = tuple(dict.fromkeys((*_people(part), *here)))[:6]
        scene = _scene(number + 1, part, people, style, cameras, follower, terms)
        made.append(_segment(scene, part, seconds[number], joins[number], terms))
    return made


def _segment(scene: wording.Scene, part: _Part, seconds: float, join: Join, terms: Terms) -> Segment:
    return Segment(
        index=scene.index,
        seconds=seconds,
        video_prompt=wording.video_prompt(scene, terms.limit),
        first_keyframe_prompt=None if join == "continuous" else wording.first_prompt(scene),
        last_keyframe_prompt=wording.last_prompt(scene),
        negative_prompt=terms.labels.negative,
        camera=scene.camera,
        characters=tuple(member.name for member in scene.people),
        location=part.place.name if part.place else None,
        join=join,
        dissolve_s=DISSOLVE_S if join == "dissolve" else None,
    )


def _join(parts: list[_Part], number: int, seconds: list[float], durations: Durations) -> Join:
    if number == 0:
        return "cut"
    before, now = parts[number - 1], parts[number]
    between = now.moments[: now.moments.index(now.shown[0]) + 1]
    asked = next((moment.beat.join for moment in between if moment.beat.join), None)
    fits = may_dissolve(durations, seconds, number)
    if asked:
        return "dissolve" if asked == "dissolve" and fits else "cut"
    if before.place != now.place:
        return "cut"
    if any(moment.jumps for moment in between) or before.time != now.time:
        return "dissolve" if fits else "cut"
    return "continuous"


def _views(parts: list[_Part], joins: list[Join]) -> list[camera_choice.View]:
    views, seen = [], set[Spot | None]()
    for part, join in zip(parts, joins, strict=True):
        beat = part.shown[0].beat
        views.append(
            camera_choice.View(
                text=" ".join(moment.beat.text for moment in part.shown),
                opens=join != "continuous",
                new=part.place not in seen,
                noun=part.place.noun if part.place else "",
                people=len(_people(part)),
                phase=beat.phase,
                phases=beat.phases,
            )
        )
        seen.add(part.place)
    return views


def _people(part: _Part) -> tuple[Member, ...]:
    present = dict.fromkeys(member for moment in part.shown for member in moment.present)
    return tuple(sorted(present, key=lambda member: member.order))[:6]


def _staying(before: _Part, people: tuple[Member, ...], camera: Camera) -> tuple[Member, ...]:
    """Within a scene those who were in the picture stay in it, unless it is a close-up or they have just left."""
    if "close" in camera.shot:
        return ()
    gone = {
        member
        for moment in before.shown
        for member in moment.subject
        if _LEAVING & {base_of(word) for word in sentences.words(moment.beat.text)}
    }
    return tuple(member for member in people if member not in gone)


def _scene(
    index: int, part: _Part, people: tuple[Member, ...], style: str, cameras: list[Camera], follower: int | None, terms: Terms
) -> wording.Scene:
    camera = cameras[index - 1]
    end = cameras[follower].shot if follower is not None else _after_move(camera)
    return wording.Scene(
        index=index,
        moments=part.shown,
        place=part.place.name if part.place else terms.labels.nowhere,
        time=part.time,
        weather=_weather(part, terms.labels),
        people=people,
        style=style,
        camera=camera,
        end_shot=end,
        says_end=not terms.steered,
        labels=terms.labels,
    )


def _weather(part: _Part, said: Labels) -> str:
    """Inside a house the rain is outside."""
    weather = part.shown[-1].weather
    kinds = [said.said("weather", kind) for kind in weather.split(" and ")]
    if not weather or not part.place or not part.place.inside:
        return said.both.join(kinds)
    bare = [re.sub(r"^(?:in|under)\s+(?:an?\s+|the\s+|falling\s+)?", "", kind) if said is ENGLISH else kind for kind in kinds]
    return said.outside.format(said.both.join(bare))


def _after_move(camera: Camera) -> str:
    """The shot a push or a pull ends in."""
    step = {"push_in": 1, "pull_out": -1}.get(camera.move, 0)
    shots = camera_choice.SHOTS
    return shots[max(0, min(len(shots) - 1, shots.index(camera.shot) + step))]


def _characters(parts: list[_Part], members: Sequence[Member]) -> tuple[Character, ...]:
    seen = {member.name for part in parts for member in _people(part)}
    return tuple(Character(name=member.name, description=member.description) for member in members if member.name in seen)


def _locations(parts: list[_Part]) -> tuple[Location, ...]:
    """Each place once, by the name its first sentence gives it."""
    names = dict.fromkeys(part.place.name for part in parts if part.place)
    return tuple(Location(name=name) for name in names)


def _title(script: Script, parts: list[_Part], said: Labels) -> str:
    if script.title:
        return script.title
    member = next(iter(_people(parts[0])), None) or next((member for part in parts for member in _people(part)), None)
    place = parts[0].place
    names = [name for name in (member.label if member else "", place.name if place else "") if name]
    if names and script.beats[0].text.isascii() and len(sentences.words(script.beats[0].text)) > 2:
        joined = said.both.join(names)
        return joined[:1].upper() + joined[1:]
    words = script.beats[0].text.split()
    short = " ".join(words[:6]).rstrip(".,;:!?。，؟، ")
    return (short[:60] or script.beats[0].text[:60]) + ("…" if len(words) > 6 or len(short) > 60 else "")


def with_seconds(storyboard: Storyboard, seconds: Sequence[float]) -> Storyboard:
    """The same plan with other lengths; a dissolve that no longer fits is shortened to half of its shorter neighbour."""
    segments = []
    for number, (segment, length) in enumerate(zip(storyboard.segments, seconds, strict=True)):
        shortest = min(seconds[max(0, number - 1) : number + 1])
        dissolve = segment.dissolve_s
        fitted = dissolve if dissolve is None or dissolve < shortest else shortest / 2
        segments.append(segment.model_copy(update={"seconds": length, "dissolve_s": fitted}))
    return storyboard.model_copy(update={"segments": tuple(segments)})
