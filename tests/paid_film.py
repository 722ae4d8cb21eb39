"""A film of grey clips bought from a fake provider by the real stage, on a clock that jumps. Not a test."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import cv2
import numpy as np

import segments
from config import PipelineConfig
from keyframe_slots import Slot, slots
from keyframes import Keyframe
from media.film_format import FilmFormat
from moderation import Reword, Reworded
from orders import Orders
from runtime import events
from runtime.outcome import Made, Outcome
from runtime.purchases import Purchase
from runtime.run_store import RunStore, open_run
from segments import Clip
from storyboard import Segment, Storyboard
from tests import virtual_clock
from tests.fake_provider import FILM
from timeline import timeline
from video_generator_interface import VideoGenerator


async def shout(prompt: str, reason: str) -> Reworded | None:
    """Other words for a prompt: louder ones."""
    return Reworded(prompt.upper(), "in capitals")


async def speechless(prompt: str, reason: str) -> Reworded | None:
    """A planner that knows no other words."""
    return None


@dataclass(frozen=True)
class Ran:
    """One run: how each segment ended, what was said, all purchases of the folder so far, the seconds it took."""

    outcomes: dict[int, Outcome[Clip]]
    events: list[events.Event]
    purchases: list[Purchase]
    counted_usd: Decimal
    seconds: float

    @property
    def states(self) -> list[str]:
        return [one.state for one in self.purchases]

    @property
    def made(self) -> list[int]:
        return [number for number, outcome in self.outcomes.items() if isinstance(outcome, Made)]

    def clip(self, segment: int = 1) -> Clip:
        outcome = self.outcomes[segment]
        assert isinstance(outcome, Made)
        return outcome.value

    def reason(self, segment: int = 1) -> str:
        outcome = self.outcomes[segment]
        assert not isinstance(outcome, Made)
        return outcome.reason

    def said(self, words: str) -> bool:
        return any(words in event.text for event in self.events)


@dataclass
class PaidFilm:
    """A run folder and the lengths of its segments. alike: all segments are the same wish."""

    folder: Path
    seconds: Sequence[int] = (1,)
    film: FilmFormat = FILM
    alike: bool = False
    audio: bool = False
    negative: str = ""

    def run(self, *backends: VideoGenerator, cap: str | Decimal | None = None, orders: Orders | None = None,
            reword: Reword = shout, max_virtual_s: float = 1e6, really: bool = False) -> Ran:
        """One run, with the consent to spend up to `cap`; by the wall clock when `really`, for servers that know no other."""
        with open_run(self.folder) as store:
            before = len(list(events.read(self.folder / "events.jsonl")))
            store.till.open(None if cap is None else Decimal(cap))
            made = self.make(store, backends, orders or Orders(), reword)
            if really:
                begun = time.monotonic()
                outcomes, seconds = asyncio.run(made), time.monotonic() - begun
            else:
                outcomes, seconds = virtual_clock.run(made, max_virtual_s=max_virtual_s)
            said = list(events.read(self.folder / "events.jsonl"))[before:]
            bought = store.ledger.purchases
            return Ran(outcomes, said, bought.all(), bought.counted_usd(), seconds)

    async def make(self, store: RunStore, backends: Sequence[VideoGenerator], orders: Orders,
                   reword: Reword) -> dict[int, Outcome[Clip]]:
        """The stage itself, on whatever loop runs."""
        board = self.board()
        plan = timeline(board, backends[0].capabilities, self.film)
        config = PipelineConfig(prompt="a film", size=self.film.size, fps=self.film.fps, audio=self.audio,
                                output_dir=self.folder)
        async with asyncio.TaskGroup() as tasks:
            pictures = {slot.name: tasks.create_task(self._picture(slot)) for slot in slots(board, "keyframe", orders)}
            clips = segments.generate(board, pictures, backends, store, tasks, config=config, timeline=plan, orders=orders,
                                      reword=reword)
        return {number: task.result() for number, task in clips.items()}

    def board(self) -> Storyboard:
        return Storyboard(title="t", segments=tuple(
            Segment(index=index, seconds=seconds, video_prompt="a fox" if self.alike else f"a fox {index}",
                    negative_prompt=self.negative, first_keyframe_prompt="f", last_keyframe_prompt="l",
                    join="continuous" if index > 1 else "cut")
            for index, seconds in enumerate(self.seconds, 1)))

    async def _picture(self, slot: Slot) -> Outcome[Keyframe]:
        path = self.draw(self.folder / "grey.png")
        return Made(Keyframe(slot, path, "0" * 64, "made", "test", path, "same" if self.alike else slot.name))

    def draw(self, path: Path) -> Path:
        """A grey picture of the film's size."""
        if not path.exists():
            cv2.imwrite(str(path), np.full((self.film.size.height, self.film.size.width, 3), 90, np.uint8))
        return path
