"""Several pictures for one keyframe, and the one that is used: bought, scored, remembered, picked by hand. Draws nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from errors import GenerationFailed, LongtakeError, MediaError, foreign_code
from media import frames, scores
from painting import MOST_SEED, Drawing, Easel
from runtime.ledger import Artifact, Ledger
from runtime.outcome import Blocked, Failed, Made, Outcome, Unresolved
from runtime.pools import in_thread
from runtime.run_store import RunStore, Wish

MEASURED = "measured"
"""Who chose, where no model looked."""
FAULT = 0.5
"""What each fault that the checks find takes from a measured score."""
FAR_PALETTE = 20.0
"""Colours this far apart (mean distance in Lab) count half: unrelated photographs are 15 to 60 apart, a relit one 10 to 30."""
SEEDS_APART = 104_729


@dataclass(frozen=True)
class Contest:
    """What is compared. name: of the keyframe. guides: the pictures it goes by, with what each shows. before: the keyframe
    before it in its scene."""

    name: str
    prompt: str
    pictures: Sequence[Path]
    guides: Sequence[tuple[str, Path]] = ()
    before: Path | None = None


@dataclass(frozen=True)
class Score:
    """0 to 1, and why."""

    score: float
    reason: str


class Judge(Protocol):
    """Who looks at the candidates."""

    @property
    def name(self) -> str: ...
    async def scores(self, contest: Contest) -> Sequence[Score]: ...


@dataclass(frozen=True)
class Candidate:
    """One of the pictures made for a keyframe, as it is remembered. `path` is relative to the run folder."""

    candidate: int
    path: str
    sha256: str
    score: float
    reason: str


@dataclass(frozen=True)
class Choice:
    """What was made for a keyframe, and which is used. wanted: the wish of the keyframe. by: who chose (a model, `measured`,
    `you`)."""

    wanted: str
    by: str
    chosen: int
    candidates: tuple[Candidate, ...]


def wish_of(wish: Wish, number: int) -> Wish:
    """The wish of one candidate: a purchase of its own."""
    return Wish(wish.node, {**wish.asked, "candidate": number})


class Contests:
    """How the candidates of a run are made and chosen from. Without a judge they are measured."""

    def __init__(self, easel: Easel, run: RunStore, count: int, judge: Judge | None) -> None:
        self.easel, self.run, self.count, self.judge = easel, run, count, judge

    async def best(self, drawing: Drawing, before: Path | None,
                   faults: Callable[[Artifact], Sequence[str]]) -> Outcome[Artifact]:
        """The take of a keyframe: the best of its candidates. Those that could not be made are left out, and that is said.

        faults: what the checks find wrong with a picture, in words; blocking.
        """
        outcomes = await asyncio.gather(*(self._one(drawing, number) for number in range(1, self.count + 1)))
        made = {number: outcome.value for number, outcome in enumerate(outcomes, 1) if isinstance(outcome, Made)}
        if not made:
            return _worst([outcome for outcome in outcomes if not isinstance(outcome, Made)])
        contest = Contest(drawing.wish.name, drawing.request.prompt, [self.run.folder / one.path for one in made.values()],
                          drawing.request.pictures(), before)
        by, found = await self._scored(contest, list(made.values()), faults)
        listed = tuple(Candidate(number, one.path, one.sha256, round(score.score, 4), score.reason)
                       for (number, one), score in zip(made.items(), found, strict=True))
        winner = max(listed, key=lambda one: (one.score, -one.candidate))
        artifact = await in_thread(use, self.run.ledger, made[winner.candidate], drawing.wish)
        await in_thread(remember, self.run.ledger, drawing.wish.name,
                        Choice(drawing.wish.wanted, by, winner.candidate, listed))
        told = winner.reason if winner.reason.startswith(by) else f"chosen by {by}: {winner.reason}"
        self.run.events.emit("note", drawing.wish.node, f"candidate {winner.candidate} of {len(listed)} is used, {told}")
        return Made(artifact)

    async def _one(self, drawing: Drawing, number: int) -> Outcome[Artifact]:
        wish = wish_of(drawing.wish, number)
        request = replace(drawing.request, seed=(drawing.request.seed + SEEDS_APART * (number - 1)) & MOST_SEED)
        asked = replace(drawing, wish=wish, request=request, why=f"{drawing.why}, candidate {number} of {self.count}")
        look = partial(self._there, wish, drawing.guides)
        found = await in_thread(look)
        return Made(found, fresh=False) if found is not None else await self.easel.drawn(asked, look)

    def _there(self, wish: Wish, guides: Mapping[str, str]) -> Artifact | None:
        found = self.run.find(wish)
        return found if found is not None and dict(found.made_from) == dict(guides) else None

    async def _scored(self, contest: Contest, made: Sequence[Artifact],
                      faults: Callable[[Artifact], Sequence[str]]) -> tuple[str, Sequence[Score]]:
        """Who chose, and the scores. Where the judge fails they are measured, and this is said."""
        if self.judge is not None and len(made) > 1:
            try:
                with foreign_code():
                    return self.judge.name, await self.judge.scores(contest)
            except (GenerationFailed, MediaError) as failure:
                why = str(failure)
            except LongtakeError as failure:  # the cap, a lost answer, an account: no picture is lost for it
                why = f"{failure} ({failure.advice})" if failure.advice else str(failure)
            self.run.events.emit("note", f"keyframe {contest.name}",
                                 f"{self.judge.name} could not choose, so the candidates are measured: {why}")
        found = [await in_thread(faults, one) for one in made]
        return MEASURED, await in_thread(measured, contest, found)


def measured(contest: Contest, faults: Sequence[Sequence[str]]) -> list[Score]:
    """Scores from pixels: sharpness, how near the colours are to the pictures it goes by, and how much of the keyframe before
    is found again. Blocking. Raises MediaError."""
    guides = [frames.load_rgb(path) for _, path in contest.guides]
    before = frames.load_rgb(contest.before) if contest.before else None
    found = []
    for path, wrong in zip(contest.pictures, faults, strict=True):
        rgb = frames.load_rgb(path)
        parts, said = [scores.sharpness(rgb)], [f"sharpness {scores.sharpness(rgb):.2f}"]
        if guides:
            away = sum(scores.palette_distance(rgb, guide) for guide in guides) / len(guides)
            parts.append(1 / (1 + away / FAR_PALETTE))
            said.append(f"colours {away:.0f} away from those it goes by")
        if before is not None:
            parts.append(scores.structure(before, rgb))
            said.append(f"{parts[-1]:.2f} of the keyframe before found again")
        score = max(0.0, sum(parts) / len(parts) - FAULT * len(wrong))
        found.append(Score(score, "measured: " + ", ".join([*said, *wrong])))
    return found


def use(ledger: Ledger, picture: Artifact, wish: Wish) -> Artifact:
    """Makes a candidate the take that counts for its keyframe."""
    for take in ledger.takes(wish.node, wish.wanted):
        if take.sha256 == picture.sha256 and dict(take.made_from) == dict(picture.made_from):
            ledger.choose(take)
            ledger.make_current(take)
            return take
    return ledger.record(
        node=wish.node, wanted=wish.wanted, take=ledger.next_take(wish.node, wish.wanted), asked=wish.asked,
        made_by=picture.made_by, made_from=picture.made_from, path=picture.path, sha256=picture.sha256,
        seconds_spent=picture.seconds_spent)


def remember(ledger: Ledger, name: str, choice: Choice) -> None:
    """Keeps what was made for a keyframe, for the report and for `pick`: the last of it, and that of each wish."""
    told = json.dumps({"wanted": choice.wanted, "by": choice.by, "chosen": choice.chosen,
                       "candidates": [vars(one) for one in choice.candidates]}, ensure_ascii=False)
    ledger.remember(**{_key(name): told, _key(name, choice.wanted): told})


def remembered(ledger: Ledger, name: str) -> Choice | None:
    """What the picture that a keyframe shows was chosen from; None when there was no choice. Of one that a person put there
    instead: what was made last."""
    shown = ledger.current(f"keyframe {name}")
    told: Any = json.loads((shown and ledger.meta(_key(name, shown.wanted))) or ledger.meta(_key(name)) or "null")
    if told is None:
        return None
    choice = Choice(told["wanted"], told["by"], told["chosen"], tuple(Candidate(**one) for one in told["candidates"]))
    theirs = shown is not None and shown.source == "user"
    return choice if theirs or shown is None or shown.sha256 in [one.sha256 for one in choice.candidates] else None


def _key(name: str, wanted: str = "") -> str:
    return f"candidates {name} {wanted}".rstrip()


def _worst(ended: Sequence[Failed | Blocked | Unresolved]) -> Failed | Blocked | Unresolved:
    """How a keyframe ends of which no candidate could be made: what a person has to act on comes first."""
    lost = [one for one in ended if isinstance(one, Unresolved)]
    if lost:
        return Unresolved("; ".join(dict.fromkeys(one.reason for one in lost)), tuple(job for one in lost for job in one.jobs))
    return next((one for one in ended if isinstance(one, Blocked)), ended[0])
