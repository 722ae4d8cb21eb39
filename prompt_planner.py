"""A long prompt -> a storyboard: the public door of planning, by rules or by a language model. Knows no backend."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from catalogue import Catalogue
from config_model import PlannerSettings
from errors import BackendUnavailable, GenerationFailed, Problem, UserMistakes
from language_model.endpoint import Endpoint
from llm_planner import costs, languages
from llm_planner.brief import Brief
from llm_planner.costs import RULES
from llm_planner.costs import Bound as Bound
from llm_planner.planner import Author
from llm_planner.planner import Planned as Planned
from llm_planner.revise import Revised as Revised
from llm_planner.revise import brief_for
from media.film_format import FilmFormat
from moderation import Reworded
from offline_planner import beats, plan, rewording, timing, wording
from prompt_labels import ENGLISH, LANGUAGES, Labels
from runtime.pools import in_thread
from runtime.run_store import RunStore
from storyboard import Storyboard, problems
from timeline import ONE_SHOT
from video_generator_interface import Capabilities, Durations

MOST_NAMED = 12
"""So many sentences that found no room are told word by word, of all segments alike; the rest is counted."""


@dataclass(frozen=True)
class PlanRequest:
    """All that planning depends on.

    segment_s: how long a segment should be about; None leaves it to the planner. durations: the lengths segments may
    have. capabilities: prompt limit and whether a last frame is taken. chaining: no last keyframes are drawn, so the
    prompts say in words how a segment ends. audio: clips are to have sound. language: of the prompts, where the settings say.
    """

    prompt: str
    duration_s: float
    segment_s: float | None
    film: FilmFormat
    durations: Durations
    capabilities: Capabilities
    chaining: bool = False
    audio: bool = False
    language: str | None = None


class Planner:
    """What plans the films of one run folder, as the settings say: rules, or a language model."""

    def __init__(self, settings: PlannerSettings, catalogue: Catalogue, run: RunStore) -> None:
        self.settings, self.run = settings, run
        self.author = Author(settings, catalogue, run) if settings.provider == "openai" else None

    @property
    def name(self) -> str:
        """What a person calls it: `rules`, or the model."""
        return self.author.endpoint.model if self.author else RULES

    def problems(self) -> list[Problem]:
        """Why it cannot plan here and now; nothing where rules may step in."""
        return [] if self.settings.fall_back else self._lacking()

    def _lacking(self) -> list[Problem]:
        return list(self.author.problems()) if self.author else []

    def bound(self, request: PlanRequest, edition: int) -> Bound:
        """What planning may cost. Blocking. Raises UserMistakes as planning does."""
        if self.author is None or self._lacking():
            return costs.nothing(self.name)
        return self.author.bound(_brief(request), edition)

    async def plan(self, request: PlanRequest, edition: int = 0) -> Planned:
        """The plan, and what to know of it. edition: which of several plans of the same film is meant.

        Raises UserMistakes as `plan_offline` does; what a language model raises, unless the settings say to fall back on rules.
        """
        if self.author is None:
            return await in_thread(_planned_offline, request)
        brief = await in_thread(_brief, request)
        try:
            if lacking := self._lacking():
                raise BackendUnavailable(lacking)
            return await self.author.plan(brief, edition, _must_hold)
        except (GenerationFailed, BackendUnavailable) as failure:
            if not self.settings.fall_back:
                raise
            planned = await in_thread(_planned_offline, request)
            return replace(planned, notes=(f"{self.name} could not plan it: {failure}", *planned.notes))

    async def bound_of_revision(self, request: PlanRequest, storyboard: Storyboard, wish: str) -> Bound:
        """What a revision may cost. Raises UserMistakes where rules plan: they understand no wish."""
        author, brief = self._reviser(), await in_thread(_brief_for, request, storyboard)
        return await in_thread(author.bound_of_revision, storyboard, wish, brief)

    async def revise(self, request: PlanRequest, storyboard: Storyboard, wish: str) -> Revised:
        """The plan as its author wishes it. Raises UserMistakes when what comes of it breaks a rule."""
        author, brief = self._reviser(), await in_thread(_brief_for, request, storyboard)
        revised = await author.revise(storyboard, beats.clean(wish), brief)
        _must_hold(revised.storyboard)
        return revised

    def _reviser(self) -> Author:
        if self.author is None:
            raise UserMistakes([Problem("planner.provider", "is offline, and rules understand no wish",
                                        "name a language model (`--set planner.provider=openai`), or edit the storyboard")])
        return self.author

    async def reword(self, prompt: str, reason: str) -> Reworded | None:
        """A prompt that a provider refused, in other words; None when none are known.

        A language model is asked where one plans, and where what it costs was agreed to; else the rules are.
        """
        if self.author is None or not (self.run.till.is_open or self.author.endpoint.free):
            return await reword(prompt, reason)
        try:
            return await self.author.other_words(prompt, reason)
        except GenerationFailed as failure:
            self.run.events.emit("note", "", f"{self.name} finds no other words ({failure}): asking the rules")
            return await reword(prompt, reason)


def mistakes(settings: PlannerSettings, catalogue: Catalogue) -> list[Problem]:
    """What is wrong with the settings of the planner, as far as the files show."""
    if settings.provider == "offline":
        return []
    critics = [] if settings.critic_model is None else Endpoint(settings, catalogue, settings.critic_model).mistakes()
    return [*Endpoint(settings, catalogue).mistakes(), *(replace(one, where="planner.critic_model") for one in critics)]


def bound_of_plan(settings: PlannerSettings, catalogue: Catalogue, request: PlanRequest) -> Bound:
    """What a plan that nobody has made yet may cost; nothing where rules make it. Blocking. Raises UserMistakes as planning
    does."""
    if settings.provider == "offline" or (settings.fall_back and list(Endpoint(settings, catalogue).problems())):
        return costs.nothing()
    return costs.of_plan(settings, catalogue, _brief(request))


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
    notes += _untold(draft, total)
    if abs(total - request.duration_s) > 0.01:
        notes.append(f"The film is {total:g} s instead of {request.duration_s:g} s: segments can be {request.durations}.")
    if any(segment.location is None for segment in storyboard.segments):
        notes.append("The text names no place the rules know: name one, or write it into the storyboard.")
    return notes


def _untold(draft: plan.Draft, total_s: float) -> Iterator[str]:
    """What of the text is in no prompt, by segment: first how much, then which."""
    if not draft.untold:
        return
    told = draft.beats - len(draft.untold)
    yield f"The prompts use {told} of the text's {draft.beats} sentences and clauses: more do not fit into {total_s:g} s."
    by_segment: dict[int, list[str]] = {}
    for number, text in draft.untold:
        by_segment.setdefault(number, []).append(text)
    each = max(1, MOST_NAMED // len(by_segment))
    for number, texts in list(by_segment.items())[:MOST_NAMED]:
        named = " ".join(f"“{_short(text)}”" for text in texts[:each])
        yield f"Segment {number} leaves out: {named}" + (f" and {len(texts) - each} more" if len(texts) > each else "")
    rest = sum(map(len, list(by_segment.values())[MOST_NAMED:]))
    if rest:
        yield f"And {_counted(rest, 'sentence')} more in later segments."


def _short(text: str) -> str:
    return text if len(text) <= 70 else text[:69].rstrip() + "…"


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
    terms = plan.Terms(
        durations=request.durations,
        duration_s=request.duration_s,
        segment_s=request.segment_s,
        limit=wording.Limit(_limit(can), can.prompt_length, _unit(can)),
        tall=request.film.size.height > request.film.size.width,
        steered=can.last_frame and not request.chaining,
        labels=_labels(request, prompt),
    )
    made = plan.draft(beats.read(prompt), terms)
    _raise_for(problems(made.storyboard))
    return made


def _labels(request: PlanRequest, prompt: str) -> Labels:
    """The words around those of the prompt: in its language, unless the settings or the video model want another."""
    code = request.language or request.capabilities.language or languages.language_of(prompt, few=2) or "en"
    return LANGUAGES.get(code, ENGLISH)


def _planned_offline(request: PlanRequest) -> Planned:
    storyboard = plan_offline(request)
    return Planned(storyboard, tuple(explain(request, storyboard)), RULES)


def _must_hold(storyboard: Storyboard) -> None:
    """Raises UserMistakes where a storyboard breaks a rule."""
    _raise_for(problems(storyboard))


def _brief(request: PlanRequest) -> Brief:
    """The film as a language model has to keep to it: as many segments as the rules would make, all about as long."""
    prompt, can = beats.clean(request.prompt), request.capabilities
    _raise_for([*_prompt_problems(prompt), *_time_problems(request.durations, request.duration_s, request.segment_s)])
    count = timing.how_many(request.durations, request.duration_s, request.segment_s)
    plan.check_count(count, request.duration_s)
    seconds = timing.spread(request.durations, request.duration_s, [1.0] * count)
    language = request.language or can.language or languages.language_of(prompt) or "en"
    return Brief(
        story=prompt, seconds=tuple(seconds), language=language,
        limit=_limit(can), unit=_unit(can), length=can.prompt_length, steered=can.last_frame and not request.chaining,
        audio=request.audio, negative=can.negative_prompt, tall=request.film.size.height > request.film.size.width,
        dissolves=tuple(plan.may_dissolve(request.durations, seconds, at) for at in range(count)))


def _brief_for(request: PlanRequest, storyboard: Storyboard) -> Brief:
    """The same of a plan that stands: its prompts stay in the language they are in."""
    brief = _brief(request)
    spoken = languages.language_of(" ".join(one.video_prompt for one in storyboard.segments[:4]))
    return brief_for(brief, storyboard, spoken or brief.language)


def _limit(can: Capabilities) -> int | None:
    """How long a planned prompt may be: what is added when a segment is asked for has to find room."""
    added = len(ONE_SHOT) + 1 if can.tends_to_cut else 0
    return None if can.prompt_limit is None else can.prompt_limit - added


def _unit(can: Capabilities) -> str:
    return "characters" if can.prompt_unit == "characters" else "UTF-16 units"


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
