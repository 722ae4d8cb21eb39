"""The keyframes of a film, bought from a fake studio by the real stages, on a clock that jumps. Not a test."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import keyframes
import segments
import sheets
from candidates import Judge
from config import PipelineConfig
from image_generator_interface import ImageGenerator
from keyframes import Keyframe
from moderation import Reword
from orders import Orders
from runtime import events
from runtime.outcome import Made, Outcome
from runtime.purchases import Purchase
from runtime.run_store import RunStore, open_run
from segments import Clip
from storyboard import Segment, Storyboard
from tests import virtual_clock
from tests.fake_provider import FILM, FakeProvider, FakeVideo
from tests.paid_film import shout
from timeline import timeline


def segment(index: int, **fields: Any) -> Segment:
    """A segment of a second, continuous but for the first."""
    known = {"seconds": 1, "video_prompt": f"it moves {index}", "first_keyframe_prompt": f"the opening {index}",
             "last_keyframe_prompt": f"the end {index}", "join": "continuous" if index > 1 else "cut", **fields}
    return Segment(index=index, **known)


def board(*parts: Mapping[str, Any], **fields: Any) -> Storyboard:
    """A plan of one segment for each part, which says how it differs from the usual one."""
    return Storyboard(title="t", segments=tuple(segment(index, **part) for index, part in enumerate(parts, 1)), **fields)


@dataclass(frozen=True)
class Ran:
    """One run: how each keyframe and each segment ended, what was said, all purchases so far, the seconds it took."""

    outcomes: dict[str, Outcome[Keyframe]]
    clips: dict[int, Outcome[Clip]]
    events: list[events.Event]
    purchases: list[Purchase]
    seconds: float

    @property
    def states(self) -> list[str]:
        return [one.state for one in self.purchases]

    @property
    def made(self) -> list[str]:
        return [name for name, outcome in self.outcomes.items() if isinstance(outcome, Made)]

    def keyframe(self, name: str = "segment_00") -> Keyframe:
        outcome = self.outcomes[name]
        assert isinstance(outcome, Made), outcome
        return outcome.value

    def said(self, words: str) -> bool:
        return any(words in event.text for event in self.events)


@dataclass
class PaintedFilm:
    """A run folder and its plan; `settings` are those of the config. clips: whether the segments are made as well."""

    folder: Path
    plan: Storyboard = field(default_factory=lambda: board({}))
    settings: Mapping[str, Any] = field(default_factory=dict)
    clips: bool = False
    judge: Judge | None = None

    def run(self, *painters: ImageGenerator, cap: str | None = None, rebuy: str = "0", orders: Orders | None = None,
            reword: Reword = shout) -> Ran:
        """One run, with the consent to spend up to `cap`."""
        with open_run(self.folder) as store:
            before = len(list(events.read(self.folder / "events.jsonl")))
            store.till.open(None if cap is None else Decimal(cap), Decimal(rebuy))
            (outcomes, clips), seconds = virtual_clock.run(self._made(store, painters, orders or Orders(), reword))
            said = list(events.read(self.folder / "events.jsonl"))[before:]
            return Ran(outcomes, clips, said, store.ledger.purchases.all(), seconds)

    @property
    def config(self) -> PipelineConfig:
        return PipelineConfig(prompt="a film", size=FILM.size, fps=FILM.fps, output_dir=self.folder, **self.settings)

    async def _made(self, store: RunStore, painters: Sequence[ImageGenerator], orders: Orders,
                    reword: Reword) -> tuple[dict[str, Outcome[Keyframe]], dict[int, Outcome[Clip]]]:
        video = FakeVideo(FakeProvider())
        plan = timeline(self.plan, video.capabilities, FILM)
        async with asyncio.TaskGroup() as tasks:
            looks = sheets.render(self.plan, painters, store, tasks, config=self.config, orders=orders, reword=reword)
            pictures = keyframes.render(self.plan, looks, painters, store, tasks, config=self.config,
                                        fit_mode="crop" if self.config.fit == "auto" else self.config.fit,
                                        orders=orders, reword=reword, judge=self.judge)
            clips = segments.generate(self.plan, pictures, [video], store, tasks, config=self.config, timeline=plan,
                                      orders=orders, reword=reword) if self.clips else {}
        return ({name: task.result() for name, task in pictures.items()},
                {number: task.result() for number, task in clips.items()})
