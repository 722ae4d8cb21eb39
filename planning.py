"""The storyboard of a run folder: planned once, kept, edited by a person, refitted. Plans nothing itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import prompt_planner
import storyboard as boards
from config import Loaded, PipelineConfig, show
from errors import BackendUnavailable, ConsentMissing, Problem, UserMistakes
from kept_plan import FILE, Kept, length_to_keep, plan_request, unfit
from orders import Orders
from prompt_planner import Bound, Planned, Planner, Revised
from runtime import durable
from runtime.commit_points import reached
from runtime.pools import in_thread
from runtime.run_folder import RunFolder
from runtime.run_store import RunStore
from storyboard import Storyboard
from timeline import Timeline
from video_generator_interface import Capabilities

NODE = "storyboard"
YOU = "you"
"""Who planned a storyboard that was given."""
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
    if orders.plan_from is not None:
        return await in_thread(desk.take, orders.plan_from, orders.refit)
    if orders.revise:
        return await desk.revise(orders.revise)
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
    """The storyboard the next run would work by. `how`: where it comes from, in words; `warning`: why a run would refuse it;
    `to_plan`: it is made by rules to be looked at, and a run plans another first."""

    storyboard: Storyboard
    how: str
    warning: str = ""
    to_plan: bool = False


def peek(config: PipelineConfig, capabilities: Capabilities, at: RunFolder | None) -> Peeked:
    """As `settle` without a person and without a trace: nothing is written. `at` is None where no run has been yet.

    Blocking. Raises UserMistakes when the folder holds another prompt's film, or the storyboard cannot be read.
    """
    if not (config.output_dir / FILE).exists():
        return Peeked(prompt_planner.plan_offline(plan_request(config, capabilities)), _by_rules(config), to_plan=True)
    kept = Kept(config, capabilities, at) if at is not None else None
    if kept is not None and (mistake := kept.mistake()) is not None:
        raise mistake
    storyboard, ours = boards.read(config.output_dir / FILE), kept is not None and kept.ours()
    if kept is not None and ours and (why := kept.outdated(storyboard)):
        planned = prompt_planner.plan_offline(plan_request(config, capabilities))
        return Peeked(planned, f"{_by_rules(config)}: {why}", to_plan=True)
    at_fault = list(unfit(storyboard, capabilities))
    if not at_fault:
        return Peeked(storyboard, FILE if ours else f"{FILE}, as you edited it")
    fitting = prompt_planner.refit(storyboard, capabilities.durations, length_to_keep(storyboard, config, edited=not ours))
    return Peeked(fitting, f"{FILE}, its seconds refitted", "" if ours else
                  f"{at_fault[0]}: a run refuses the storyboard you edited until `plan --refit` has changed its seconds")


def _by_rules(config: PipelineConfig) -> str:
    """Where a plan comes from that is made to be looked at: no estimate asks a language model."""
    return "planned now, nothing is written" if config.planner.provider == "offline" else (
        "not planned yet, laid out by rules for this; nothing is written")


class _Desk(Kept):
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
        if planned.by == self.planner.name:  # where rules stepped in, what the model was paid for counts when it is asked again
            self.run.ledger.remember(planned_edition=str(edition))
        return planned.storyboard

    async def revise(self, wish: str) -> Settled:
        """The plan that is there, changed as its author wishes; it counts as edited from now on, the old one is put aside."""
        if not self.path.exists():
            raise UserMistakes([Problem(str(self.path), "there is no plan to revise yet", "make one with `plan`")])
        self._same_prompt()
        if lacking := self.planner.problems():
            raise BackendUnavailable(lacking, advice="or edit the storyboard by hand")
        before, request = boards.read(self.path), plan_request(self.config, self.can)
        await self.pays(await self.planner.bound_of_revision(request, before, wish))
        self.run.events.emit("started", NODE, "revising", backend=self.planner.name)
        try:
            revised = await self.planner.revise(request, before, wish)
        finally:
            self.run.till.close()
        await in_thread(self._revised, revised)
        return Settled(revised.storyboard, before, edited=True)

    def _revised(self, revised: Revised) -> None:
        for note in revised.notes:
            self.run.events.emit("note", NODE, note)
        present = self.path.read_bytes().decode("utf-8")
        text = boards.rearrange(revised.storyboard, present, revised.sources)
        if text != present:
            self.put_aside()
            self._write_yours(text, _revised_by(self.planner.name, self.run.ledger.meta("planned_by")))
        self.run.events.emit("made", NODE, "as you wished" if text != present else "nothing of it was concerned")

    def take(self, source: Path, refit: bool) -> Settled:
        """A storyboard that is given counts as edited; the one that is there is put aside. Raises UserMistakes where the
        backend cannot make it."""
        self._same_prompt()
        storyboard = boards.read(source)
        before = boards.read(self.path) if self.path.exists() else None
        storyboard, text = _moved(storyboard, source, self.path)
        if at_fault := list(unfit(storyboard, self.can)):
            if not refit:
                raise UserMistakes(at_fault, advice="change those segments, or let --refit change their seconds")
            wanted = length_to_keep(storyboard, self.config, edited=True)
            storyboard = prompt_planner.refit(storyboard, self.can.durations, wanted)
            text = boards.render(storyboard, text)
        if before is not None and text != self.path.read_bytes().decode("utf-8"):
            self.put_aside()
        self._write_yours(text, YOU)
        self.run.events.emit("adopted", NODE, f"from {source.name}")
        return Settled(storyboard, before, edited=True, new=before is None)

    def _write_yours(self, text: str, by: str) -> None:
        """Writes what a person asked for word by word: not announced, so that it is never planned over unasked."""
        self.run.ledger.remember(**self.known, planned_by=by)
        durable.write_text(self.path, text)

    def _planned(self, planned: Planned) -> None:
        for note in planned.notes:
            self.run.events.emit("note", NODE, note)
        text = boards.render(planned.storyboard)
        if self.path.exists() and not self.ours():
            self.put_aside()
        self._write(text, planned_by=planned.by)
        count = len(planned.storyboard.segments)
        self.run.events.emit("made", NODE, f"{count} segment{'s' * (count != 1)}, planned by {planned.by}", made_by=planned.by)

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
        """The storyboard that is there when it has to be planned anew: nobody edited it, and it does not serve."""
        self._same_prompt()
        storyboard = boards.read(self.path)
        if not self.ours() or not (why := self.outdated(storyboard)):
            return None
        self.run.events.emit("note", NODE, f"it is planned anew: {why}")
        return storyboard

    def _kept(self, refit: bool) -> Settled:
        storyboard, ours = boards.read(self.path), self.ours()
        text = self.path.read_bytes().decode("utf-8")
        if self.other_plan():
            self.run.events.emit("note", NODE, "you edited it, so it is obeyed, whatever length and mode the settings say now "
                                               "(--replan plans anew)")
        if ours and self.run.ledger.meta("planned_by") not in (None, self.planner.name):
            self.run.events.emit("note", NODE, f"planned by {self.run.ledger.meta('planned_by')}: --replan has "
                                               f"{self.planner.name} plan it anew")
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
        """A copy of the present storyboard stays in the folder, under the next free number."""
        aside = next(path for number in range(1, 10_000)
                     if not (path := self.path.with_name(f"storyboard.{number}.yaml")).exists())
        durable.copy(self.path, aside)
        self.run.events.emit("note", NODE, f"the storyboard that was here is now {aside.name}")

    def _write(self, text: str, **known: str) -> None:
        self.run.ledger.announce(FILE, _sha256(text), **self.known, **known)
        reached("storyboard.announced")
        durable.write_text(self.path, text)
        reached("storyboard.written")


def _revised_by(name: str, planned_by: str | None) -> str:
    """`rules, revised by MODEL`; a model that revises what it planned is named once."""
    if planned_by is None or planned_by.rpartition(" by ")[2] == name:
        return planned_by or name
    return f"{planned_by}, revised by {name}"


def _moved(storyboard: Storyboard, source: Path, to: Path) -> tuple[Storyboard, str]:
    """The storyboard and its text with the pictures it names found from where it is going to lie."""
    text = source.read_bytes().decode("utf-8")
    if source.absolute().parent == to.absolute().parent or not any(one.reference for one in storyboard.characters):
        return storyboard, text
    people = tuple(one.model_copy(update={"reference": str((source.absolute().parent / one.reference).resolve())})
                   if one.reference else one for one in storyboard.characters)
    moved = storyboard.model_copy(update={"characters": people})
    return moved, boards.render(moved, text)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
