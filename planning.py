"""The storyboard of a run folder: planned once, kept, edited by a person, refitted. Plans nothing itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import prompt_planner
import storyboard as boards
from config import Loaded, PipelineConfig, show
from errors import BackendUnavailable, ConsentMissing, Problem, UserMistakes
from orders import Orders
from prompt_planner import Bound, Planned, Planner, PlanRequest
from runtime import durable, identity
from runtime.commit_points import reached
from runtime.pools import in_thread
from runtime.run_folder import RunFolder
from runtime.run_store import RunStore
from storyboard import Storyboard
from timeline import Timeline
from video_generator_interface import Capabilities

FILE = "storyboard.yaml"
NODE = "storyboard"
Pays = Callable[[Bound], Awaitable[None]]
"""Asks a person for what planning may cost, and opens the till for it; raises ConsentMissing."""


@dataclass(frozen=True)
class Settled:
    """The storyboard this run works by. `before` is what it was, when this run changed it."""

    storyboard: Storyboard
    before: Storyboard | None = None
    edited: bool = False
    new: bool = False


async def settle(loaded: Loaded, capabilities: Capabilities, run: RunStore, orders: Orders,
                 agreed: Callable[[str], bool], planner: Planner, pays: Pays) -> Settled:
    """Reads the run folder's storyboard, or plans one; a storyboard nobody edited is refitted when the backend changes.

    `agreed` asks a person, `pays` before a planner is asked that may cost something. Raises UserMistakes when the folder
    holds another prompt's film, or when an edited storyboard asks for what the backend cannot make; ConsentMissing when an
    edited one is to be planned over and nobody agrees.
    """
    desk = _Desk(loaded.config, capabilities, run, planner, pays)
    if not desk.path.exists():
        return Settled(await desk.plan(), new=True)
    if not orders.replan:
        return await desk.keep(orders.refit)
    if not desk.ours() and not agreed(f"You edited {desk.path.name}. Put it aside and plan anew?"):
        raise ConsentMissing(f"{desk.path.name} was edited and nobody agreed to put it aside", advice="say it with --yes")
    return Settled(await desk.plan(anew=True), new=True)


def remember(loaded: Loaded, timeline: Timeline, run: RunStore) -> None:
    """Keeps the plan and the effective settings (secrets masked) in the ledger, for the report and for `status`."""
    spans = [{"segment": span.segment, "start": span.start, "end": span.end, "lead": span.lead} for span in timeline.spans]
    plan = {"fps": str(timeline.film.fps), "size": str(timeline.film.size), "spans": spans}
    settings = {shown.key: str(shown.value) for shown in show(loaded)}
    run.ledger.remember(timeline=json.dumps(plan), config=json.dumps(settings, ensure_ascii=False))


@dataclass(frozen=True)
class Peeked:
    """The storyboard the next run would work by. `how`: where it comes from, in words; `warning`: why a run would refuse it."""

    storyboard: Storyboard
    how: str
    warning: str = ""


def peek(config: PipelineConfig, capabilities: Capabilities, at: RunFolder | None) -> Peeked:
    """As `settle` without a person and without a trace: nothing is written. `at` is None where no run has been yet.

    Blocking. Raises UserMistakes when the folder holds another prompt's film, or the storyboard cannot be read.
    """
    if not (config.output_dir / FILE).exists():
        return Peeked(prompt_planner.plan_offline(plan_request(config, capabilities)), _by_rules(config))
    kept = _Kept(config, capabilities, at) if at is not None else None
    if kept is not None and (mistake := kept.mistake()) is not None:
        raise mistake
    storyboard, ours = boards.read(config.output_dir / FILE), kept is not None and kept.ours()
    if kept is not None and ours and kept.other_plan():
        planned = prompt_planner.plan_offline(plan_request(config, capabilities))
        return Peeked(planned, f"{_by_rules(config)}: the settings differ from those of {FILE}")
    at_fault = list(unfit(storyboard, capabilities))
    if not at_fault:
        return Peeked(storyboard, FILE if ours else f"{FILE}, as you edited it")
    fitting = prompt_planner.refit(storyboard, capabilities.durations, length_to_keep(storyboard, config, edited=not ours))
    return Peeked(fitting, f"{FILE}, its seconds refitted", "" if ours else
                  f"{at_fault[0]}: a run refuses the storyboard you edited until `plan --refit` has changed its seconds")


def _by_rules(config: PipelineConfig) -> str:
    """Where a plan comes from that is made to be looked at: no estimate asks a language model."""
    return "planned now, nothing is written" if config.planner.provider == "offline" else (
        "planned by rules for this, nothing is written; a run asks the language model")


def plan_request(config: PipelineConfig, capabilities: Capabilities) -> PlanRequest:
    """What the planner is asked for this film and this backend."""
    return PlanRequest(
        prompt=config.prompt, duration_s=config.duration_seconds, segment_s=config.segment_seconds, film=config.film,
        durations=capabilities.durations, capabilities=capabilities, chaining=config.mode == "chaining", audio=config.audio,
        language=config.planner.language)


def length_to_keep(storyboard: Storyboard, config: PipelineConfig, *, edited: bool) -> float:
    """The seconds a refitted film should have: those of the plan a person edited, else those of the settings."""
    return sum(segment.seconds for segment in storyboard.segments) if edited else config.duration_seconds


class _Kept:
    """The storyboard of a run folder, and what the folder knows of it. Writes nothing."""

    def __init__(self, config: PipelineConfig, capabilities: Capabilities, at: RunFolder) -> None:
        self.config, self.can, self.at = config, capabilities, at
        self.path = at.folder / FILE
        self.prompt_key = hashlib.sha256(config.prompt.encode("utf-8", "surrogatepass")).hexdigest()
        self.plan_key = identity.wanted({
            "prompt": self.prompt_key, "duration_s": config.duration_seconds, "segment_s": config.segment_seconds,
            "mode": config.mode, "upright": config.size.height > config.size.width, "last_frame": capabilities.last_frame,
            "prompt_limit": [capabilities.prompt_limit, capabilities.prompt_unit]})

    def ours(self) -> bool:
        """Whether the storyboard is as we wrote it, so that nobody's work is lost by writing another."""
        with durable.disk_trouble(self.path):
            return self.at.ledger.announced(FILE, durable.sha256_of(self.path))

    def other_plan(self) -> bool:
        """Whether it was planned for a film of another length or mode."""
        return self.at.ledger.meta("plan_key") not in (None, self.plan_key)

    def mistake(self) -> UserMistakes | None:
        """What is wrong when the folder holds another prompt's film."""
        if self.at.ledger.meta("prompt_key") in (None, self.prompt_key):
            return None
        return UserMistakes(
            [Problem(str(self.at.folder), "this run folder holds the film of another prompt")],
            advice="choose another folder with --output-dir, or plan this prompt here with --replan "
                   "(the present storyboard is put aside, its takes are kept)")


class _Desk(_Kept):
    def __init__(self, config: PipelineConfig, capabilities: Capabilities, run: RunStore, planner: Planner, pays: Pays) -> None:
        super().__init__(config, capabilities, run)
        self.run, self.planner, self.pays = run, planner, pays

    async def plan(self, anew: bool = False) -> Storyboard:
        """A new storyboard by the planner, written to the run folder; one that a person edited is put aside.

        anew: another than the one that was planned of the same prompt before.
        """
        if lacking := self.planner.problems():
            raise BackendUnavailable(lacking, advice="or plan by rules, with planner.provider: offline")
        request, edition = plan_request(self.config, self.can), self._edition(anew)
        await self.pays(await in_thread(self.planner.bound, request, edition))
        self.run.events.emit("started", NODE, "planning", backend=self.planner.name)
        try:
            planned = await self.planner.plan(request, edition)
        finally:
            self.run.till.close()
        await in_thread(self._planned, planned)
        self.run.ledger.remember(planned_edition=str(edition))
        return planned.storyboard

    def _planned(self, planned: Planned) -> None:
        for note in planned.notes:
            self.run.events.emit("note", NODE, note)
        text = boards.render(planned.storyboard)
        if self.path.exists() and not self.ours():
            self.put_aside()
        self._write(text)
        count = len(planned.storyboard.segments)
        self.run.events.emit("made", NODE, f"{count} segment{'s' * (count != 1)}")

    def _edition(self, anew: bool) -> int:
        """Which plan of this prompt is meant: one more where another is asked for and the present one is complete, so that an
        interrupted --replan pays for no answer twice."""
        now = int(self.run.ledger.meta("edition") or 0)
        if anew and self.run.ledger.meta("planned_edition") == str(now):
            now += 1
            self.run.ledger.remember(edition=str(now))
        return now

    async def keep(self, refit: bool) -> Settled:
        """The storyboard that is there: obeyed when a person edited it, brought up to date when not."""
        before = await in_thread(self._outdated)
        return await in_thread(self._kept, refit) if before is None else Settled(await self.plan(), before)

    def _outdated(self) -> Storyboard | None:
        """The storyboard that is there when it has to be planned anew: nobody edited it, and the film has changed."""
        self._same_prompt()
        storyboard = boards.read(self.path)
        return storyboard if self.ours() and self.other_plan() else None

    def _kept(self, refit: bool) -> Settled:
        storyboard, ours = boards.read(self.path), self.ours()
        text = self.path.read_bytes().decode("utf-8")
        if self.other_plan():
            self.run.events.emit("note", NODE, "you edited it, so it is obeyed, whatever length and mode the settings say now "
                                               "(--replan plans anew)")
        at_fault = list(unfit(storyboard, self.can))
        if at_fault and (ours or refit):
            return self._refitted(storyboard, text, edited=not ours)
        if at_fault:
            raise UserMistakes(at_fault, advice="change those segments, or let `plan --refit` change their seconds")
        self.run.events.emit("reused", NODE, "as you edited it" if not ours else "as planned")
        return Settled(storyboard, edited=not ours)

    def _refitted(self, storyboard: Storyboard, text: str, *, edited: bool) -> Settled:
        wanted = length_to_keep(storyboard, self.config, edited=edited)
        fitting = prompt_planner.refit(storyboard, self.can.durations, wanted)
        self._write(boards.render(fitting, text))
        self.run.events.emit("made", NODE, "refitted: only seconds changed")
        return Settled(fitting, storyboard, edited)

    def _same_prompt(self) -> None:
        if (mistake := self.mistake()) is not None:
            raise mistake
        if self.run.ledger.meta("prompt_key") is None:
            self.run.ledger.remember(prompt_key=self.prompt_key)

    def put_aside(self) -> None:
        """A copy of the edited storyboard stays in the folder, under the next free number."""
        aside = next(path for number in range(1, 10_000)
                     if not (path := self.path.with_name(f"storyboard.{number}.yaml")).exists())
        durable.copy(self.path, aside)
        self.run.events.emit("note", NODE, f"the storyboard you edited is now {aside.name}")

    def _write(self, text: str) -> None:
        self.run.ledger.announce(FILE, _sha256(text), prompt_key=self.prompt_key, plan_key=self.plan_key)
        reached("storyboard.announced")
        durable.write_text(self.path, text)
        reached("storyboard.written")


def unfit(storyboard: Storyboard, can: Capabilities) -> list[Problem]:
    """The segments whose length the backend cannot make."""
    return [Problem(segment.name, f"{segment.seconds:g} s is not a length this backend makes", str(can.durations))
            for segment in storyboard.segments if not can.durations.allow(segment.seconds)]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
