"""What a benchmark hands back: one measured ratio beside its goal. Measures nothing itself."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal


@dataclass(frozen=True)
class Ratio:
    """`value` is how many times; `goal` is what it should be, `bound` on which side of it."""

    name: str
    value: float
    goal: float
    note: str = ""
    bound: Literal["at most", "at least"] = "at most"

    @property
    def met(self) -> bool:
        return self.value <= self.goal if self.bound == "at most" else self.value >= self.goal

    def __str__(self) -> str:
        verdict = "ok    " if self.met else "MISSED"
        note = f"; {self.note}" if self.note else ""
        return f"{verdict} {self.name}: {self.value:.2f}x (goal: {self.bound} {self.goal:g}x){note}"


def interleaved(works: Mapping[str, Callable[[], object]], repetitions: int) -> dict[str, float]:
    """The median seconds of each work. They take turns, so that a busy moment of the machine meets all of them."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repetitions):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def machine() -> str:
    """Where and when: ratios travel, seconds do not."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{now}, {platform.system()} {platform.machine()}, {cores} cores, Python {platform.python_version()}"
