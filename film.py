"""Clips -> one film: overlaps, sound, the join. Makes no clip, and never passes off a part as the film."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import errors
from attempts import BUDGET, NETWORK
from errors import CapReached, MediaError, NoNetwork, SegmentsFailed
from media import audio, concat, normalise, probe
from orders import Orders
from runtime import durable, identity
from runtime.outcome import Blocked, Failed, Made, Outcome, Unresolved, remedies
from runtime.paid_call import NO_WAY, let_go
from runtime.pools import in_thread
from runtime.purchase_words import unresolved
from runtime.purchases import Purchase
from runtime.run_store import RunStore, Wish
from segments import Clip, Clips
from timeline import Span, Timeline

NODE = "film"
RAISE = "raise the cap with --max-cost and run again"
NOTHING = Decimal(0)
RECIPE = 1
"""Raised when the same clips are joined into another film than before."""


@dataclass(frozen=True)
class _Piece:
    """A segment's own frames of the film, ready to be copied; `clip` has its sound."""

    path: Path
    frames: int
    clip: Path
    clip_sha256: str
    skip: int


async def finish(clips: Clips, run: RunStore, tasks: asyncio.TaskGroup, *, timeline: Timeline, orders: Orders,
                 rebuy_usd: Decimal = NOTHING) -> Path | None:
    """The film when all segments were asked for; else just waits for those that were. Returns the film, or None.

    Raises SegmentsFailed, naming each, when not every segment asked for is there; Unresolved, with the film, when all are and
    the answer to a purchase that nothing of it waits for was lost: it may have been paid for, and a person has to say; but not
    of a picture or a text of at most `rebuy_usd`, which counts as charged.
    """
    if orders.only is None:
        made = await join(clips, run, tasks, timeline=timeline, to=run.folder / "film.mp4")
        await in_thread(run.withdraw, "segments", {f"segment_{index:02d}" for index in clips})
        await let_go(run.till, run.folder, rebuy_usd)
        refuse_doubts(run, made)
        return made
    outcomes = {index: await task for index, task in clips.items()}
    refuse_holes(outcomes, "", run.till.advice, unresolved(run.ledger.purchases.all()))
    if (run.folder / "film.mp4").exists():
        run.events.emit("note", "", "film.mp4 is as an earlier run left it: a run without --only joins the film anew")
    await let_go(run.till, run.folder, rebuy_usd)
    refuse_doubts(run, None)
    return None


async def join(clips: Clips, run: RunStore, tasks: asyncio.TaskGroup, *, timeline: Timeline, to: Path) -> Path:
    """Brings each clip to the film's format as soon as it and its neighbours are there, and joins them at `to`."""
    joiner = _Joiner(clips, run, timeline)
    run.events.emit("planned", NODE, f"{timeline.frames} frames, {timeline.seconds:g} s, {timeline.film}")
    pieces = [tasks.create_task(joiner.piece(span), name=f"piece {span.segment}") for span in timeline.spans]
    outcomes = {index: await task for index, task in clips.items()}
    if unmade(outcomes):
        run.events.emit("blocked", NODE, _not_there(outcomes))
    refuse_holes(outcomes, ", so there is no film", run.till.advice, unresolved(run.ledger.purchases.all()))
    ready = [piece for task in pieces if (piece := await task) is not None]
    return await joiner.joined(ready, to)


def _not_there(outcomes: Mapping[int, Outcome[Clip]]) -> str:
    missing = len(unmade(outcomes))
    return f"{missing} of {len(outcomes)} segments {'is' if missing == 1 else 'are'} not there"


def refuse_holes(outcomes: Mapping[int, Outcome[Clip]], so: str, to_buy_on: str = RAISE,
                 doubtful: Sequence[Purchase] = ()) -> None:
    """Raises what fits, naming each, when a segment is not there: Unresolved before CapReached before NoNetwork
    before SegmentsFailed.

    to_buy_on: what to do where it was not bought. doubtful: all purchases whose answer was lost; a segment that waits for
    several pictures names just one.
    """
    missing = unmade(outcomes)
    if not missing:
        return
    reasons = "\n".join(f"  {line}" for line in _causes(outcomes))
    text = f"{_not_there(outcomes)}{so}:\n{reasons}"
    lost = {job for outcome in outcomes.values() if isinstance(outcome, Unresolved) for job in outcome.jobs}
    if lost:
        lost |= {one.id for one in doubtful}
        error = errors.Unresolved(text, advice=_resolve(sorted(lost), doubtful))
        error.jobs = tuple(sorted(lost))
        raise error
    if any(isinstance(outcome, Blocked) and outcome.by == BUDGET for outcome in outcomes.values()):
        raise CapReached(text, advice=f"{to_buy_on}; what is bought is kept and counted")
    if any(isinstance(outcome, Blocked) and outcome.by == NETWORK for outcome in outcomes.values()):
        raise NoNetwork(text, advice=NO_WAY)
    raise SegmentsFailed(text, advice=f"{remedies(outcomes.values())}running again makes just those")


def refuse_doubts(run: RunStore, film: Path | None) -> None:
    """Raises Unresolved when the answer to a purchase was lost that no segment of this run waits for."""
    doubtful = unresolved(run.ledger.purchases.all())
    if not doubtful:
        return
    named = "\n".join(f"  purchase {one.id} at {one.provider}, for {_whose(one)}: {one.reason}"
                      for one in doubtful)
    made = f"{film.name} is made" if film else "every segment that was asked for is there"
    which = (f"purchase {doubtful[0].id} was accepted, and is" if len(doubtful) == 1
             else f"purchases {', '.join(str(one.id) for one in doubtful)} were accepted, and are")
    error = errors.Unresolved(f"{made}; but nobody knows whether {which} billed:\n{named}",
                              advice=_resolve([one.id for one in doubtful], doubtful))
    error.jobs, error.film = tuple(one.id for one in doubtful), film
    raise error


def _whose(purchase: Purchase) -> str:
    """What it was for; a picture or clip that is there all the same was asked for by another plan of it."""
    return purchase.node if purchase.node.startswith("plan ") else f"another plan of {purchase.node}"


@dataclass
class _Cause:
    """What one cause kept from being made: segments, what else, and the segments that only wait for those."""

    own: list[int] = field(default_factory=list)
    roots: dict[str, None] = field(default_factory=dict)
    waiting: list[int] = field(default_factory=list)

    def __str__(self) -> str:
        kept = ([_numbered(self.own)] if self.own else []) + [
            root for root in self.roots if root not in [f"segment {index}" for index in self.own]]
        return ", ".join(kept)


def _causes(outcomes: Mapping[int, Outcome[Clip]]) -> Iterator[str]:
    """A line for each cause, however many segments wait for what it kept from being made."""
    found: dict[str, _Cause] = {}
    for index, ended in outcomes.items():
        if isinstance(ended, Made):
            continue
        root = "" if isinstance(ended, Failed) else ended.root
        if not root or isinstance(ended, Failed):
            found.setdefault(ended.reason, _Cause()).own.append(index)
            continue
        cause = found.setdefault(ended.cause, _Cause())
        cause.roots[root] = None
        cause.waiting.append(index)
    for reason, cause in found.items():
        waits = f" ({_numbered(cause.waiting)} wait{'s' * (len(cause.waiting) == 1)} for it)" if cause.waiting else ""
        yield f"{cause}: {reason}{waits}"


def _numbered(indexes: Sequence[int]) -> str:
    """`segment 4`, `segments 1-3, 7`."""
    runs = [[index for _, index in run] for _, run in groupby(enumerate(indexes), lambda pair: pair[1] - pair[0])]
    told = ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
    return f"segment{'s' * (len(indexes) > 1)} {told}"


def _resolve(jobs: Sequence[int], doubtful: Sequence[Purchase]) -> str:
    """What to type about purchases whose answer was lost; of one that is answered at once no job can be found."""
    each = " and ".join(f"`resolve {job}`" for job in jobs)
    answered = bool(doubtful) and all(one.kind == "call" for one in doubtful)
    ways = "" if answered else "--attach ID when the provider shows the job, --file CLIP when you have its clip, "
    rule = " (which budget.rebuy_unknown_usd can do by itself)" if answered else ""
    return (f"say what became of it with {each}: {ways}--abandon to give it up and buy anew{rule}; then run again. `jobs` "
            "shows the evidence")


def unmade(outcomes: Mapping[int, Outcome[Clip]]) -> dict[int, str]:
    """Segment -> why it is not there."""
    return {index: outcome.reason for index, outcome in outcomes.items() if not isinstance(outcome, Made)}


class _Joiner:
    def __init__(self, clips: Clips, run: RunStore, timeline: Timeline) -> None:
        self.clips, self.run, self.timeline = clips, run, timeline

    async def piece(self, span: Span) -> _Piece | None:
        """The segment's frames in the film's format; None when its clip, or the one it dissolves into, is not there."""
        clip = await self._clip(span.segment)
        following = self._following(span)
        after = await self._clip(following.segment) if following is not None else None
        if clip is None or (following is not None and after is None):
            return None
        if span.lead == 0 and following is None and await in_thread(self._fits, clip, span):
            return _Piece(clip.path, span.owned, clip.path, clip.sha256, 0)
        path = await in_thread(self._normalised, clip, span, after, following)
        return _Piece(path, span.owned, clip.path, clip.sha256, span.lead)

    def _following(self, span: Span) -> Span | None:
        """The next segment, when it dissolves into this one."""
        if span.segment < len(self.timeline.spans) and self.timeline.span(span.segment + 1).lead:
            return self.timeline.span(span.segment + 1)
        return None

    async def _clip(self, segment: int) -> Clip | None:
        outcome = await self.clips[segment]
        return outcome.value if isinstance(outcome, Made) else None

    def _fits(self, clip: Clip, span: Span) -> bool:
        return clip.frames == span.clip_frames and normalise.is_film_format(clip.path, self.timeline.film)

    def _normalised(self, clip: Clip, span: Span, after: Clip | None, following: Span | None) -> Path:
        film = self.timeline.film
        source = normalise.SourceClip(clip.path, span.clip_frames, span.lead)
        into = normalise.SourceClip(after.path, following.clip_frames, following.lead) if after and following else None
        asked = {"clip": clip.sha256, "lead": span.lead, "frames": span.owned, "film": str(film), "recipe": RECIPE,
                 "encoder": normalise.encoder_fingerprint(film), "into": [after.sha256, into.lead] if after and into else None}
        target = self.run.path("cache", "normalised", f"segment_{span.segment:02d}-{identity.wanted(asked)[:16]}.mp4")
        try:
            return self.run.derived(target, lambda part: normalise.normalise(
                source, part, film, span.owned, dissolve_into=into, on_frame=self._on_frame))
        except MediaError as error:
            raise SegmentsFailed(f"the clip of segment {span.segment} cannot be joined: {error}",
                                 advice=f"make it anew with --redo {span.segment}") from error

    def _on_frame(self, _: int) -> None:
        self.run.cancel.check()

    async def joined(self, pieces: list[_Piece], to: Path) -> Path:
        """The film at `to`: the one that is there when it is the same, else joined anew and checked."""
        wish = Wish(NODE, await in_thread(self._asked, pieces))
        found = await in_thread(self.run.find, wish)
        if found is not None and self.run.folder / found.path == to:
            self.run.events.emit("reused", NODE)
            return to
        self.run.events.emit("started", NODE, await in_thread(self.run.why, wish))
        part = self.run.part(wish, ".mp4")
        await in_thread(self._write, pieces, part)
        await in_thread(self.run.keep, wish, part, suffix=".mp4", made_by="longtake", to=to)
        self.run.events.emit("made", NODE, frames=self.timeline.frames)
        return to

    def _asked(self, pieces: list[_Piece]) -> dict[str, Any]:
        return {"kind": "film", "recipe": RECIPE, "film": str(self.timeline.film),
                "segments": [[durable.sha256_of(piece.path), piece.frames, piece.clip_sha256, piece.skip]
                             for piece in pieces]}

    def _write(self, pieces: list[_Piece], part: Path) -> None:
        film = self.timeline.film
        sound = part.with_name("sound" + durable.PART)
        heard = audio.film_sound([audio.SoundPart(piece.clip, piece.frames, piece.skip) for piece in pieces], film, sound)
        try:
            concat.join([concat.Part(piece.path, piece.frames) for piece in pieces], part, film,
                        audio=sound if heard else None, on_part=self._on_frame)
        finally:
            sound.unlink(missing_ok=True)
        facts = probe.probe(part)
        if facts.frames != self.timeline.frames:
            raise SegmentsFailed(f"the joined film has {facts.frames} frames instead of {self.timeline.frames}")
