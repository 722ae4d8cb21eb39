"""What a run folder knows of its storyboard: whose it is, of which prompt, whether it can be made. Writes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from config import PipelineConfig
from errors import Problem, UserMistakes
from prompt_planner import PlanRequest
from runtime import durable, identity
from runtime.run_folder import RunFolder
from storyboard import Storyboard
from video_generator_interface import Capabilities

FILE = "storyboard.yaml"


def plan_request(config: PipelineConfig, capabilities: Capabilities) -> PlanRequest:
    """What the planner is asked for this film and this backend."""
    return PlanRequest(
        prompt=config.prompt, duration_s=config.duration_seconds, segment_s=config.segment_seconds, film=config.film,
        durations=capabilities.durations, capabilities=capabilities, chaining=config.mode == "chaining", audio=config.audio,
        language=config.planner.language)


def length_to_keep(storyboard: Storyboard, config: PipelineConfig, *, edited: bool) -> float:
    """The seconds a refitted film should have: those of the plan a person edited, else those of the settings."""
    return sum(segment.seconds for segment in storyboard.segments) if edited else config.duration_seconds


class Kept:
    """The storyboard of a run folder, and what the folder knows of it. Writes nothing."""

    def __init__(self, config: PipelineConfig, capabilities: Capabilities, at: RunFolder) -> None:
        self.config, self.can, self.at = config, capabilities, at
        self.path = at.folder / FILE
        self.prompt_key = hashlib.sha256(config.prompt.encode("utf-8", "surrogatepass")).hexdigest()
        film_key = identity.wanted({
            "prompt": self.prompt_key, "duration_s": config.duration_seconds, "segment_s": config.segment_seconds,
            "mode": config.mode, "upright": config.size.height > config.size.width})
        self.known = {"prompt_key": self.prompt_key, "film_key": film_key, "prompt_limit": f"{capabilities.prompt_limit} "
                      f"{capabilities.prompt_unit}"}
        """What the folder remembers of a plan that is written now."""

    def ours(self) -> bool:
        """Whether the storyboard is as we wrote it, so that nobody's work is lost by writing another."""
        with durable.disk_trouble(self.path):
            return self.at.ledger.announced(FILE, durable.sha256_of(self.path))

    def other_plan(self) -> bool:
        """Whether it was planned for a film of another length or mode."""
        return self.at.ledger.meta("film_key") not in (None, self.known["film_key"])

    def outdated(self, storyboard: Storyboard) -> str:
        """Why one that nobody edited has to be planned anew; empty when it serves, if with other seconds.

        Another backend alone is no reason: the plan, and the keyframes bought for it, stay wherever it reads the prompts.
        """
        if self.other_plan():
            return "the settings ask for another length, mode or shape than it was planned for"
        if self.at.ledger.meta("prompt_limit") == self.known["prompt_limit"]:
            return ""
        return next(too_long(storyboard, self.can), "")

    def mistake(self) -> UserMistakes | None:
        """What is wrong when the folder holds another prompt's film."""
        if self.at.ledger.meta("prompt_key") in (None, self.prompt_key):
            return None
        return UserMistakes(
            [Problem(str(self.at.folder), "this run folder holds the film of another prompt")],
            advice="choose another folder with --output-dir, or plan this prompt here with --replan "
                   "(the present storyboard is put aside, its takes are kept)")


def too_long(storyboard: Storyboard, can: Capabilities) -> Iterator[str]:
    """The segments whose prompt the backend cannot read whole."""
    for segment in storyboard.segments:
        if can.prompt_limit is not None and (length := can.prompt_length(segment.video_prompt)) > can.prompt_limit:
            yield f"the prompt of {segment.name} has {length} {can.prompt_unit}, this backend reads {can.prompt_limit}"


def unfit(storyboard: Storyboard, can: Capabilities) -> list[Problem]:
    """The segments whose length the backend cannot make."""
    return [Problem(segment.name, f"{segment.seconds:g} s is not a length this backend makes", str(can.durations))
            for segment in storyboard.segments if not can.durations.allow(segment.seconds)]
