"""Writes the prompts of a segment: shot, who, what, where, when, style, within the model's limit. Decides nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from errors import Problem, UserMistakes
from offline_planner import sentences
from offline_planner.continuity import Moment
from offline_planner.introductions import Member
from offline_planner.verbs import is_finite
from offline_planner.vocabulary import ABSTRACT, COLOURS
from prompt_labels import Labels
from storyboard import Camera

MOST_WORDS = 60
"""Words of action a prompt holds: more cannot happen in one clip."""

@dataclass(frozen=True)
class Scene:
    """All that the words of one segment's prompts are made of."""

    index: int
    moments: tuple[Moment, ...]
    place: str
    time: str
    weather: str
    people: tuple[Member, ...]
    style: str
    camera: Camera
    end_shot: str
    says_end: bool
    labels: Labels


@dataclass(frozen=True)
class Limit:
    """How long a prompt may be (None: as long as it is) and how the vendor counts."""

    most: int | None
    length: Callable[[str], int]
    unit: str


@dataclass(frozen=True)
class _Kept:
    """What a shortened prompt still holds. Given up in this order: the style's details, further clauses, the traits of all but
    the first character, all traits, the weather, the style."""

    style: int = 2
    clauses: int = 99
    traits: int = 99
    weather: bool = True


_ORDER = (
    _Kept(),
    _Kept(style=1),
    *(_Kept(style=1, clauses=count) for count in (4, 3, 2)),
    _Kept(1, 2, 1),
    _Kept(1, 1, 1),
    _Kept(1, 1, 0),
    _Kept(1, 1, 0, False),
    _Kept(0, 1, 0, False),
)


def salient(moments: Sequence[Moment]) -> tuple[Moment, ...]:
    """The moments whose words are used, in order: all while they are few, else those with somebody who does something."""
    if sum(len(sentences.words(moment.alone)) for moment in moments) <= MOST_WORDS:
        return tuple(moments)
    ranked = sorted(range(len(moments)), key=lambda number: (-_salience(moments[number], number), number))
    kept: list[int] = []
    left = MOST_WORDS
    for number in ranked:
        size = len(sentences.words(moments[number].alone))
        if size <= left or not kept:
            kept.append(number)
            left -= size
    return tuple(moments[number] for number in sorted(kept))


def _salience(moment: Moment, number: int) -> float:
    said = [word.lower() for word in sentences.words(moment.beat.text)]
    score = (
        2.0 * bool(moment.subject)
        + min(2, sum(map(is_finite, said)))
        + (1.5 if number == 0 else 0.0)
        + 0.5 * bool(COLOURS.intersection(said))
    )
    score -= (
        1.0 * bool(ABSTRACT.intersection(said)) + 1.5 * bool(re.match(r"\W*[\"“«「]", moment.beat.text)) + 2.0 * (len(said) < 3)
    )
    return score


def video_prompt(scene: Scene, limit: Limit) -> str:
    """What the video model is asked for. Raises UserMistakes when not even the first clause fits."""
    said = scene.labels
    turns = scene.says_end and scene.end_shot != scene.camera.shot
    ending = f"{said.ending}{said.colon}{said.shot_inside(scene.end_shot)}{said.stop}" if turns else ""

    def write(kept: _Kept) -> str:
        camera = f"{said.said('shot', scene.camera.shot)}{said.comma}{said.said('move', scene.camera.move)}{said.stop}"
        return _run_on(said, camera + _body(scene, kept, _told(scene, kept)), ending)

    return _fitted(scene, limit, write, "video prompt")


def first_prompt(scene: Scene) -> str:
    """The still that opens a scene: the moment before the action."""
    said = scene.labels
    return _still(scene, scene.camera.shot, f"{said.first}{said.colon}{_text(scene.moments[:1])}")


def last_prompt(scene: Scene) -> str:
    """The still that ends the segment; a continuous segment behind it starts from the same picture.

    It shows the last sentence, and names those before it: what they brought into the picture is still there.
    """
    said, beat = scene.labels, scene.moments[-1].beat
    label = said.middle if beat.phase < beat.phases and beat.phases > 1 else said.last
    before = f"{said.before}{said.colon}{_text(scene.moments[:-1])}" if len(scene.moments) > 1 else ""
    return _still(scene, scene.end_shot, _run_on(said, f"{label}{said.colon}{_text(scene.moments[-1:])}", before))


def _still(scene: Scene, shot: str, told: str) -> str:
    said = scene.labels
    return f"{said.still}{said.comma}{said.shot_inside(shot)}{said.stop}{_body(scene, _Kept(clauses=1), told)}"


def _run_on(said: Labels, *parts: str) -> str:
    """Sentences one after the other, as this language sets them."""
    return said.stop[1:].join(part.rstrip() for part in parts if part)


def _fitted(scene: Scene, limit: Limit, write: Callable[[_Kept], str], what: str) -> str:
    shortest = ""
    for kept in _ORDER:
        shortest = write(kept)
        if limit.most is None or limit.length(shortest) <= limit.most:
            return shortest
    raise UserMistakes(
        [
            Problem(
                f"segment {scene.index}",
                f"its {what} has {limit.length(shortest)} {limit.unit} at the shortest, the model takes {limit.most}",
                f"shorten this part of the story: {_clipped(scene.moments[0].beat.text)}",
            )
        ]
    )


def _clipped(text: str) -> str:
    return text if len(text) <= 60 else text[:60] + "…"


def _told(scene: Scene, kept: _Kept) -> str:
    beat = scene.moments[0].beat
    told = _text(scene.moments[: kept.clauses])
    if beat.phases == 1 or len(scene.moments) > 1:
        return told
    said = scene.labels
    if told.isascii() and not any(map(is_finite, sentences.words(told))):
        return f"{told.rstrip('.')}{said.comma}{said.said('seen', scene.camera.shot)}{said.stop}".rstrip()
    return f"{said.phase(beat.phase, beat.phases)}{said.colon}{told}"


def _text(moments: Sequence[Moment]) -> str:
    """The sentences one after the other. A pronoun stays where the sentence just before says whom it means."""
    parts: list[str] = []
    for number, moment in enumerate(moments):
        before = moments[number - 1] if number else None
        clear = before is not None and before.subject == moment.subject and moment.beat.text[:1].isupper() and moment.subject
        parts.append(_sentence(moment.beat.text if clear else moment.alone))
    return "".join(part if part.endswith("。") else f"{part} " for part in parts).rstrip()


def _sentence(text: str) -> str:
    text = re.sub(r"^(?:and then|and|then|but)\s+(?=[A-Z])", "", text.strip())
    whole = text[:1].upper() + text[1:]
    if sentences.is_unspaced(whole):
        return whole if sentences.ends(whole) else whole.rstrip("，、；") + "。"
    return whole if sentences.ends(whole) and not whole.endswith(":") else whole.rstrip(" ,;:،؛") + "."


def _body(scene: Scene, kept: _Kept, told: str) -> str:
    described = [member for member in scene.people if _is_described(member)]
    parts = [
        told,
        *(_trait(member, told) for member in described[: kept.traits]),
        _unsaid(scene, told),
        _setting(scene, kept),
    ]
    style = scene.style if kept.style == 2 else scene.style.split(",")[0]
    if kept.style and style:
        parts.append(f"{scene.labels.style}{scene.labels.colon}{style}{scene.labels.stop}")
    return _run_on(scene.labels, *parts)


def _is_described(member: Member) -> bool:
    """`the fox` is `a fox`: that describes nobody."""
    return bool(member.description) and member.description.split()[1:] != member.name.split()[1:]


def _trait(member: Member, told: str) -> str:
    """Who it is, unless the action has just said so."""
    if re.sub(r"^(?:an?|the)\s", "", member.description.lower()) in told.lower():
        return ""
    english = re.match(r"(?:an?|the|two|three|four)\s", member.description)
    return f"{member.label} is {member.description}." if english else f"{member.label}: {member.description}."


def _unsaid(scene: Scene, told: str) -> str:
    """Those without a description whom the action does not name."""
    names = [
        member.name
        for member in scene.people
        if not _is_described(member) and not any(call.lower() in told.lower() for call in member.calls)
    ]
    said = scene.labels
    return f"{said.people}{said.colon}{said.comma.join(names)}{said.stop}" if names else ""


def _setting(scene: Scene, kept: _Kept) -> str:
    said = scene.labels
    parts = (scene.place, said.said("time", scene.time), scene.weather if kept.weather else "")
    return f"{said.setting}{said.colon}{said.comma.join(part for part in parts if part)}{said.stop}"
