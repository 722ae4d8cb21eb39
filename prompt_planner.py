"""A long prompt -> a storyboard: the public door of planning. Plans by rules, not by a model; knows no backend."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from errors import Problem, UserMistakes
from media.film_format import FilmFormat
from moderation import Reworded
from offline_planner import beats, plan, rewording, timing, wording
from storyboard import Storyboard, problems
from video_generator_interface import Capabilities, Durations


@dataclass(frozen=True)
class PlanRequest:
    """All that planning depends on.

    segment_s: how long a segment should be about; None leaves it to the planner. durations: the lengths segments may
    have. capabilities: prompt limit and whether a last frame is taken. chaining: no last keyframes are drawn, so the
    prompts say in words how a segment ends.
    """

    prompt: str
    duration_s: float
    segment_s: float | None
    film: FilmFormat
    durations: Durations
    capabilities: Capabilities
    chaining: bool = False


def plan_offline(request: PlanRequest) -> Storyboard:
    """The storyboard of a prompt, by rules: the same request gives the same plan. Blocking: 20,000 words take seconds.

    Raises UserMistakes when the prompt is empty, the durations are impossible, or a beat is longer than the model's
    prompt limit.
    """
    return _draft(request).storyboard


def explain(request: PlanRequest, storyboard: Storyboard) -> list[str]:
    """What a person should know about the plan `plan_offline` made of this request, in sentences."""
    draft = _draft(request)
    scenes, total = len(storyboard.scenes()), sum(segment.seconds for segment in storyboard.segments)
    notes = [
        f"Planned by rules, not by a model: {_counted(len(storyboard.segments), 'segment')} in {_counted(scenes, 'scene')}."
    ]
    if draft.told < draft.beats:
        notes.append(
            f"The prompts use {draft.told} of the text's {draft.beats} sentences and clauses: more do not fit into {total:g} s."
        )
    if abs(total - request.duration_s) > 0.01:
        notes.append(f"The film is {total:g} s instead of {request.duration_s:g} s: segments can be {request.durations}.")
    if any(segment.location is None for segment in storyboard.segments):
        notes.append("The text names no place the rules know: name one, or write it into the storyboard.")
    return notes


def refit(storyboard: Storyboard, durations: Durations, duration_s: float) -> Storyboard:
    """The same plan for other durations: only seconds change, in proportion, to a sum as near to `duration_s` as can be.

    A dissolve too long for its segments is shortened. Raises UserMistakes when the durations are impossible.
    """
    _raise_for(_time_problems(durations, duration_s, None))
    weights = [segment.seconds**2 for segment in storyboard.segments]
    return plan.with_seconds(storyboard, timing.spread(durations, duration_s, weights))


async def reword(prompt: str, reason: str) -> Reworded | None:
    """A prompt that a provider refused, in milder words; None when the rules know none. Nothing is left out."""
    found = rewording.milder(prompt)
    return None if found is None else Reworded(*found)


def _draft(request: PlanRequest) -> plan.Draft:
    prompt = beats.clean(request.prompt)
    _raise_for([*_prompt_problems(prompt), *_time_problems(request.durations, request.duration_s, request.segment_s)])
    can = request.capabilities
    unit = "characters" if can.prompt_unit == "characters" else "UTF-16 units"
    terms = plan.Terms(
        durations=request.durations,
        duration_s=request.duration_s,
        segment_s=request.segment_s,
        limit=wording.Limit(can.prompt_limit, can.prompt_length, unit),
        tall=request.film.size.height > request.film.size.width,
        steered=can.last_frame and not request.chaining,
    )
    made = plan.draft(beats.read(prompt), terms)
    _raise_for(problems(made.storyboard))
    return made


def _raise_for(found: Iterator[Problem] | list[Problem]) -> None:
    if listed := list(found):
        raise UserMistakes(listed)


def _prompt_problems(prompt: str) -> Iterator[Problem]:
    if beats.says_nothing(prompt):
        yield Problem("prompt", "is empty", "say what the film shows, in a word or in twenty thousand")


def _time_problems(durations: Durations, duration_s: float, segment_s: float | None) -> Iterator[Problem]:
    for where, value in (("duration_seconds", duration_s), ("segment_seconds", segment_s)):
        if value is not None and not (math.isfinite(value) and value > 0):
            yield Problem(where, f"is {value:g}", "must be more than 0")
    if durations.longest <= 0 or durations.shortest > durations.longest:
        yield Problem("durations", "the model says no length it can make", f"it says: {durations}")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
