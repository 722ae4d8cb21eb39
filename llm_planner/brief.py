"""What the film has to keep to, and what the model is told of it: lengths, limits, language, abilities. Asks nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from language_model.question import Prompt, prompt_file
from llm_planner import languages
from storyboard import Storyboard

PROMPTS = Path(__file__).parent / "prompts"
EXCERPT = 6000
"""Characters of the story that a window sees of a long one."""


def prompt(name: str) -> Prompt:
    """`prompts/<name>.md`."""
    return prompt_file(PROMPTS / f"{name}.md")


@dataclass(frozen=True)
class Brief:
    """story: the user's own words. seconds: of each segment. language: of the prompts, as a code. limit: how long a video
    prompt may be, None: as long as it is, in `unit`, counted by `length`. steered: the model is given the last frame as well.
    audio: sound is asked for. negative: the model takes a negative prompt. dissolves: which segments may be dissolved into.
    """

    story: str
    seconds: tuple[float, ...]
    language: str
    limit: int | None
    unit: str
    length: Callable[[str], int]
    steered: bool
    audio: bool
    negative: bool
    tall: bool
    dissolves: tuple[bool, ...]

    @property
    def count(self) -> int:
        return len(self.seconds)

    def facts(self) -> dict[str, Any]:
        """The film as numbers and words, for a model to read."""
        room = None if self.limit is None else max(self.limit * 6 // 10, min(self.limit, 160))
        facts: dict[str, Any] = {
            "number of clips": self.count,
            "film_seconds": round(sum(self.seconds), 2),
            "picture": "upright" if self.tall else "wide",
            "language of everything that is a prompt, a trait, a style or a name of a place": languages.NAMES.get(
                self.language, self.language),
            "sound": "say what is heard, and lines that are spoken in quotes" if self.audio else "none: nobody speaks",
            "how a clip ends": "the model is given the last keyframe" if self.steered else
                               "the model is not given the last keyframe: say in the video prompt how the clip ends",
            "negative prompt": "taken" if self.negative else "not taken: leave it empty, and say what is seen instead"}
        if room is not None:
            facts["length of a video prompt"] = f"at most {room} {self.unit}"
        return facts

    def order(self, numbers: Sequence[int], verb: str = "Write") -> str:
        """`Write segments 13 to 20: exactly 8 segments.`, with the seconds of each and the language."""
        lengths = ", ".join(f"{number}: {self.seconds[number - 1]:g} s" for number in numbers)
        named = languages.NAMES.get(self.language, self.language)
        exactly = "exactly one segment" if len(numbers) == 1 else f"exactly {len(numbers)} segments"
        return f"{verb} {said(numbers)}: {exactly}. How long each is: {lengths}. Prompts are in {named}; language: {named}."

    def excerpt(self, numbers: Sequence[int]) -> str:
        """The piece of a long story that these segments are likely to tell, with what stands around it."""
        if len(self.story) <= EXCERPT:
            return self.story
        share = len(self.story) / self.count
        middle = (numbers[0] - 1 + numbers[-1]) / 2 * share
        wide = max(EXCERPT, int(1.5 * share * len(numbers)))
        at = max(0, min(len(self.story) - wide, int(middle - wide / 2)))
        return self.story[at:at + min(wide, 3 * EXCERPT)]


def said(numbers: Sequence[int]) -> str:
    """`segments 13 to 20`, `segments 3, 7`, `segment 5`."""
    if len(numbers) == 1:
        return f"segment {numbers[0]}"
    if list(numbers) == list(range(numbers[0], numbers[-1] + 1)):
        return f"segments {numbers[0]} to {numbers[-1]}"
    return f"segments {', '.join(map(str, numbers))}"


def as_material(storyboard: Storyboard, numbers: Sequence[int]) -> list[Mapping[str, Any]]:
    """Segments of a plan as a model sees them: in the form in which it answers, so that it can give back what stays."""
    left_out = {"seconds", "camera", "dissolve_s", "negative_prompt", "mask", "mask_keeps"}
    segments = [storyboard.segment(number) for number in numbers]
    return [{**one.model_dump(mode="json", exclude=left_out, exclude_defaults=True), "index": one.index,
             "shot": one.camera.shot, "move": one.camera.move} for one in segments]
