"""One film, reckoned for every backend that could make it: dollars, minutes, what changes, what it cannot do. Asks nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import prompt_planner
from config import PipelineConfig
from cost_estimator import CostEstimate, Reroll, Words, estimate
from errors import LongtakeError, foreign_code
from image_generator_interface import ImageGenerator
from orders import Orders
from picture_costs import to_be_paid
from segments import request_for
from storyboard import Segment, Storyboard
from timeline import Timeline, timeline
from video_generator_interface import Capabilities, VideoGenerator


@dataclass(frozen=True)
class Compared:
    """A backend, or one of its models, with this film.

    chosen: it is the one the config names. estimate, film_s: of the whole film, as if nothing of it were there; None where it
    cannot be made at all, and `cannot` says why. seconds: the lengths of its segments after refitting. changes: what differs
    from the plan. lacks: what of the film it cannot do. problems: what keeps it from running here.
    """

    backend: str
    title: str
    chosen: bool = False
    estimate: CostEstimate | None = None
    film_s: float | None = None
    seconds: tuple[float, ...] = ()
    changes: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    cannot: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Film:
    """What is compared: a storyboard with all that its price depends on besides the backend. videos: those of the config, the
    chosen one first, then its fallbacks."""

    storyboard: Storyboard
    config: PipelineConfig
    videos: Sequence[VideoGenerator]
    images: Sequence[ImageGenerator]
    reroll: Reroll
    orders: Orders
    words: Words | None = None


def compare(film: Film, backends: Iterable[VideoGenerator]) -> list[Compared]:
    """Every backend with every model it could be asked for, the cheapest first, unknown prices behind, then those that cannot.

    A backend whose code fails is among the last, with the reason.
    """
    found = [compared for backend in backends for compared in _of_one(film, backend)]
    return sorted(found, key=_place)


def _place(one: Compared) -> tuple[object, ...]:
    usd = one.estimate.expected if one.estimate else None
    return (bool(one.cannot), usd is None, usd or 0, one.title)


def _of_one(film: Film, backend: VideoGenerator) -> Iterator[Compared]:
    try:
        with foreign_code():
            variants = backend.variants()
    except LongtakeError as error:
        yield Compared(backend.name, backend.name, cannot=(str(error),))
        return
    for variant in variants:
        title = backend.name
        try:
            with foreign_code():
                title = variant.title
                found = _compared(film, variant)
        except LongtakeError as error:
            found = Compared(backend.name, title, cannot=(str(error),))
        yield found


def _compared(film: Film, video: VideoGenerator) -> Compared:
    here = tuple(str(problem) for problem in video.problems())
    facts = Compared(video.name, video.title, video.title == film.videos[0].title, problems=here)
    mistakes = tuple(problem.what for problem in video.mistakes())
    if mistakes:
        return replace(facts, cannot=mistakes)
    can, config = video.capabilities, film.config
    board = refitted(film.storyboard, can)
    plan = timeline(board, can, config.film)
    mode = config.mode if can.last_frame else "chaining"
    cannot = tuple(_cannot(video, board, plan, config, mode))
    if cannot:
        return replace(facts, cannot=cannot)
    videos = [video, *(other for other in film.videos[1:] if other.name != video.name)]
    reckoned = estimate(board, plan, videos, film.images, mode=mode, audio=config.audio, reroll=film.reroll,
                        places=video.usual_places, gpu_usd_per_hour=config.budget.gpu_usd_per_hour, orders=film.orders,
                        pictures=to_be_paid(board, film.images, config, film.orders), words=film.words)
    return replace(facts, estimate=reckoned, film_s=plan.seconds, seconds=_lengths(board),
                   changes=tuple(_changes(film.storyboard, board, can, config)), lacks=tuple(_lacks(board, can, config)))


def refitted(storyboard: Storyboard, can: Capabilities) -> Storyboard:
    """The same plan in lengths that the backend can make; the film stays as long as it can. Raises UserMistakes when there are
    none."""
    if all(can.durations.allow(segment.seconds) for segment in storyboard.segments):
        return storyboard
    return prompt_planner.refit(storyboard, can.durations, sum(segment.seconds for segment in storyboard.segments))


def _lengths(storyboard: Storyboard) -> tuple[float, ...]:
    return tuple(sorted({segment.seconds for segment in storyboard.segments}))


def _cannot(video: VideoGenerator, board: Storyboard, plan: Timeline, config: PipelineConfig, mode: str) -> Iterator[str]:
    """Why it cannot make this film at all, each reason once, with the first segment it holds for where not for all."""
    can, found = video.capabilities, dict[str, list[int]]()
    if can.sizes is not None and config.size not in can.sizes:
        yield f"it does not make {config.size} ({', '.join(map(str, can.sizes))})"
    last = Path("last.png") if mode == "keyframe" else None
    for segment in board.segments:
        request = request_for(segment, plan.span(segment.index), config.film, Path("first.png"), last, 0,
                              audio=config.audio and can.audio)
        for reason in can.problems(request):
            found.setdefault(reason, []).append(segment.index)
    for reason, numbers in found.items():
        everywhere = len(numbers) == len(board.segments)
        yield reason if everywhere else f"segment {numbers[0]}: {reason}"


def _changes(before: Storyboard, after: Storyboard, can: Capabilities, config: PipelineConfig) -> Iterator[str]:
    if after is not before:
        yield f"segments of {_in_words(_lengths(after))} instead of {_in_words(_lengths(before))}"
    if can.delivers is not None and can.delivers != config.size:
        yield f"made at {can.delivers}, scaled to {config.size}"
    if can.fps != config.fps:
        yield f"made at {float(can.fps):g} frames a second, the film has {float(config.fps):g}"


def _in_words(lengths: Sequence[float]) -> str:
    if len(lengths) > 4:
        return f"{lengths[0]:g} to {lengths[-1]:g} s"
    return f"{', '.join(f'{seconds:g}' for seconds in lengths)} s"


def _lacks(board: Storyboard, can: Capabilities, config: PipelineConfig) -> Iterator[str]:
    if config.mode == "keyframe" and not can.last_frame:
        yield "in mode chaining only (takes no last keyframe)"
    if config.audio and not can.audio:
        yield "no sound"
    if not can.prompt:
        yield "reads no prompts (moves between keyframes)"
    elif not can.seed:
        yield "no seed"
    if can.prompt and not can.negative_prompt and any(segment.negative_prompt for segment in board.segments):
        yield "no negative prompts"
    too_long = [] if can.prompt_limit is None else [
        segment for segment in board.segments if can.prompt_length(segment.video_prompt) > can.prompt_limit]
    if too_long:
        yield _told_too_long(too_long, can)


def _told_too_long(segments: Sequence[Segment], can: Capabilities) -> str:
    unit = "characters" if can.prompt_unit == "characters" else "UTF-16 units"
    longest = max(segments, key=lambda segment: can.prompt_length(segment.video_prompt))
    count = f"{len(segments)} prompts are" if len(segments) > 1 else "a prompt is"
    return (f"{count} too long: segment {longest.index} has {can.prompt_length(longest.video_prompt)} {unit}, "
            f"it takes {can.prompt_limit}")
