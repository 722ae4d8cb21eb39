"""The storyboard of a run folder: planned once, kept, edited by a person, refitted. Plans nothing itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

import prompt_planner
import storyboard as boards
from config import Loaded, PipelineConfig, show
from errors import ConsentMissing, Problem, UserMistakes
from orders import Orders
from prompt_planner import PlanRequest
from runtime import durable, identity
from runtime.commit_points import reached
from runtime.pools import in_thread
from runtime.run_store import RunStore
from storyboard import Storyboard
from timeline import Timeline
from video_generator_interface import Capabilities

FILE = "storyboard.yaml"
NODE = "storyboard"


@dataclass(frozen=True)
class Settled:
    """The storyboard this run works by. `before` is what it was, when this run changed it."""

    storyboard: Storyboard
    before: Storyboard | None = None
    edited: bool = False
    new: bool = False


async def settle(loaded: Loaded, capabilities: Capabilities, run: RunStore, orders: Orders,
                 agreed: Callable[[str], bool]) -> Settled:
    """Reads the run folder's storyboard, or plans one; a storyboard nobody edited is refitted when the backend changes.

    `agreed` asks a person. Raises UserMistakes when the folder holds another prompt's film, or when an edited storyboard
    asks for what the backend cannot make; ConsentMissing when an edited one is to be planned over and nobody agrees.
    """
    desk = _Desk(loaded.config, capabilities, run)
    if orders.replan and desk.path.exists():
        if not desk.ours() and not agreed(f"You edited {desk.path.name}. Put it aside and plan anew?"):
            raise ConsentMissing(f"{desk.path.name} was edited and nobody agreed to put it aside", advice="say it with --yes")
        desk.put_aside()
    if not desk.path.exists():
        return Settled(await in_thread(desk.plan), new=True)
    return await in_thread(desk.keep, orders.refit)


def remember(loaded: Loaded, timeline: Timeline, run: RunStore) -> None:
    """Keeps the plan and the effective settings (secrets masked) in the ledger, for the report and for `status`."""
    spans = [{"segment": span.segment, "start": span.start, "end": span.end, "lead": span.lead} for span in timeline.spans]
    plan = {"fps": str(timeline.film.fps), "size": str(timeline.film.size), "spans": spans}
    settings = {shown.key: str(shown.value) for shown in show(loaded)}
    run.ledger.remember(timeline=json.dumps(plan), config=json.dumps(settings, ensure_ascii=False))


class _Desk:
    def __init__(self, config: PipelineConfig, capabilities: Capabilities, run: RunStore) -> None:
        self.config, self.can, self.run = config, capabilities, run
        self.path = run.folder / FILE
        self.prompt_key = hashlib.sha256(config.prompt.encode("utf-8", "surrogatepass")).hexdigest()
        self.plan_key = identity.wanted({
            "prompt": self.prompt_key, "duration_s": config.duration_seconds, "segment_s": config.segment_seconds,
            "mode": config.mode})

    def plan(self) -> Storyboard:
        """A new storyboard by the planner, written to the run folder."""
        self.run.events.emit("started", NODE, "planning", backend="rules")
        request = PlanRequest(
            prompt=self.config.prompt, duration_s=self.config.duration_seconds, segment_s=self.config.segment_seconds,
            film=self.config.film, durations=self.can.durations, capabilities=self.can,
            chaining=self.config.mode == "chaining")
        storyboard = prompt_planner.plan_offline(request)
        for note in prompt_planner.explain(request, storyboard):
            self.run.events.emit("note", NODE, note)
        self._write(boards.render(storyboard))
        self.run.events.emit("made", NODE, f"{len(storyboard.segments)} segments")
        return storyboard

    def keep(self, refit: bool) -> Settled:
        """The storyboard that is there: obeyed when a person edited it, brought up to date when not."""
        self._same_prompt()
        text = self.path.read_text(encoding="utf-8")
        ours = self.ours()
        if ours and self.run.ledger.meta("plan_key") != self.plan_key:
            before = boards.read(self.path)
            self.put_aside()
            return Settled(self.plan(), before)
        storyboard = boards.read(self.path)
        at_fault = list(unfit(storyboard, self.can))
        if at_fault and (ours or refit):
            return self._refitted(storyboard, text, edited=not ours)
        if at_fault:
            raise UserMistakes(at_fault, advice="change those segments, or let `plan --refit` change their seconds")
        self.run.events.emit("reused", NODE, "as you edited it" if not ours else "as planned")
        return Settled(storyboard, edited=not ours)

    def _refitted(self, storyboard: Storyboard, text: str, *, edited: bool) -> Settled:
        fitting = prompt_planner.refit(storyboard, self.can.durations, self.config.duration_seconds)
        self._write(boards.render(fitting, text))
        self.run.events.emit("made", NODE, "refitted: only seconds changed")
        return Settled(fitting, storyboard, edited)

    def ours(self) -> bool:
        """Whether the storyboard is as we wrote it, so that nobody's work is lost by writing another."""
        return self.run.ledger.announced(FILE, durable.sha256_of(self.path))

    def _same_prompt(self) -> None:
        before = self.run.ledger.meta("prompt_key")
        if before is not None and before != self.prompt_key:
            raise UserMistakes(
                [Problem(str(self.run.folder), "this run folder holds the film of another prompt")],
                advice="choose another folder with --output-dir, or plan this prompt here with --replan "
                       "(the present storyboard is put aside, its takes are kept)")

    def put_aside(self) -> None:
        """The present storyboard stays in the folder, under the next free number."""
        aside = next(path for number in range(1, 10_000)
                     if not (path := self.path.with_name(f"storyboard.{number}.yaml")).exists())
        self.path.rename(aside)
        self.run.events.emit("note", NODE, f"the storyboard that was there is now {aside.name}")

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
