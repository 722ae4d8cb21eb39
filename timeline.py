"""Storyboard x capabilities -> which frames of the film each segment owns. Pure: the plan, the estimate, the join and the
report all count by it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from media.film_format import FilmFormat, near_enough
from storyboard import Segment, Storyboard
from video_generator_interface import Capabilities, SegmentRequest, VideoGenerator

ONE_SHOT = "One single continuous shot, no scene cuts."
_ONE_SHOT = re.compile(r"\b(one|single|continuous|unbroken|uncut)\b[^.]{0,20}\b(shot|take)\b|"
                       r"\b(no|without)( any| a| scene| jump)* cuts?\b", re.IGNORECASE)


@dataclass(frozen=True)
class Span:
    """One segment's part of the film, in film frames.

    The clip, at the film's rate, is `lead + owned + 1` frames long: `lead` frames that are blended into the end of the
    segment before (a dissolve), then the frames [start, end) of the film, then the frame of the closing keyframe, which
    belongs to the next segment and is dropped at the join.
    `asked_s` is what the backend is asked for; `delivered` is what it makes of that, at `rate`.
    """

    segment: int
    start: int
    end: int
    lead: int
    asked_s: float
    delivered: int
    rate: Fraction

    @property
    def owned(self) -> int:
        return self.end - self.start

    @property
    def clip_frames(self) -> int:
        """How long the clip is at the film's rate."""
        return self.lead + self.owned + 1


@dataclass(frozen=True)
class Timeline:
    """The whole film in frames."""

    spans: tuple[Span, ...]
    film: FilmFormat

    @property
    def frames(self) -> int:
        return self.spans[-1].end if self.spans else 0

    @property
    def seconds(self) -> float:
        return self.film.seconds(self.frames)

    def span(self, segment: int) -> Span:
        return self.spans[segment - 1]

    def time_code(self, frame: int) -> str:
        """`00:00:12:07`: hours, minutes, seconds, frames."""
        rate = max(1, round(self.film.fps))
        seconds, frames = divmod(frame, rate)
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frames:02d}"


def film_frames(delivered: int, rate: Fraction, film: FilmFormat) -> int:
    """How many frames `delivered` frames at `rate` become at the film's rate: the first and the last stay where they are.

    Wan2.1's 81 frames at 16 fps span 80/16 s; at 24 fps that is 121 frames.
    """
    return round(Fraction(delivered - 1) / rate * film.fps) + 1


def timeline(storyboard: Storyboard, capabilities: Capabilities, film: FilmFormat) -> Timeline:
    """Lays the segments end to end.

    A dissolve overlaps the segment with the one before. Its frames are asked for on top where the model can make the
    longer clip; where not, the segment, and so the film, is shorter by them.
    """
    spans: list[Span] = []
    start = 0
    for segment in storyboard.segments:
        span = _span(segment, start, capabilities, film)
        spans.append(span)
        start = span.end
    return Timeline(tuple(spans), film)


def _span(segment: Segment, start: int, can: Capabilities, film: FilmFormat) -> Span:
    lead = film.frames(segment.dissolve_s or 0.0) if segment.join == "dissolve" and segment.index > 1 else 0
    longer = segment.seconds + (segment.dissolve_s or 0.0)
    asked = longer if lead and can.durations.allow(longer) else segment.seconds
    delivered = can.frames(asked)
    owned = film_frames(delivered, can.fps, film) - 1 - lead
    return Span(segment.index, start, start + owned, lead, asked, delivered, can.fps)


def longest_tail(spans: Sequence[Span]) -> dict[int, int]:
    """For each segment the film frames from its start to the end of the film: what is started first when places are few."""
    end = spans[-1].end if spans else 0
    return {span.segment: end - span.start for span in spans}


def unable_to(backend: VideoGenerator, request: SegmentRequest, span: Span) -> list[str]:
    """Why the backend cannot make this request so that it fills its span of the film, in words; empty when it can."""
    can = backend.capabilities
    reasons = list(can.problems(request))
    if not can.durations.allow(request.seconds):
        reasons.append(f"{request.seconds:g} s is not a length it makes ({can.durations})")
    elif not near_enough(film_frames(can.frames(request.seconds), can.fps, backend.film), span.clip_frames):
        reasons.append(f"for {request.seconds:g} s it does not make the {span.clip_frames} frames the plan counts on")
    if request.audio and not can.audio:
        reasons.append("it makes no sound (audio: false)")
    if request.last_frame is not None and not can.last_frame:
        reasons.append("it takes no last keyframe (mode: chaining needs none)")
    if can.sizes is not None and request.size not in can.sizes:
        reasons.append(f"it does not make {request.size} ({', '.join(map(str, can.sizes))})")
    if can.prompt_limit is not None and can.prompt_length(request.prompt) > can.prompt_limit:
        reasons.append(f"the prompt has {can.prompt_length(request.prompt)} {can.prompt_unit}, it takes {can.prompt_limit}")
    return reasons


def in_one_shot(prompt: str, backends: Sequence[VideoGenerator]) -> str:
    """The prompt with the wish for one shot, where one of the backends would cut within a clip; as it is where it says so
    already, or where there is no room for it.

    All are told alike, the fallbacks too: a segment is one shot whoever makes it. The wish is no part of what a clip is known
    by: one that was made without it counts on.
    """
    abilities = [backend.capabilities for backend in backends]
    if not prompt.strip() or _ONE_SHOT.search(prompt) or not any(can.tends_to_cut for can in abilities):
        return prompt
    longer = f"{prompt.rstrip()} {ONE_SHOT}"
    fits = all(can.prompt_limit is None or can.prompt_length(longer) <= can.prompt_limit for can in abilities)
    return longer if fits else prompt


def without_what_it_lacks(backend: VideoGenerator, request: SegmentRequest) -> tuple[SegmentRequest, list[str]]:
    """The request as a fallback can serve it, and in words what is missing from it."""
    can, missing = backend.capabilities, list[str]()
    if request.last_frame is not None and not can.last_frame:
        request = replace(request, last_frame=None)
        missing.append("it takes no last keyframe, so the join behind this clip may show")
    if request.audio and not can.audio:
        request = replace(request, audio=False)
        missing.append("it makes no sound, so this clip is silent")
    return request, missing + left_out(backend, request)


def left_out(backend: VideoGenerator, request: SegmentRequest) -> list[str]:
    """What of a request a backend does not look at, in words; nothing of that keeps it from making the clip."""
    can = backend.capabilities
    left = ["it takes no negative prompt"] if request.negative_prompt and can.prompt and not can.negative_prompt else []
    return left + (["it takes no seed, so another take is simply another one"] if can.prompt and not can.seed else [])
