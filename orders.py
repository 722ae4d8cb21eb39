"""What this one run is asked to do beyond the config, as data. Remembers nothing from run to run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Orders:
    """only: make just these segments, and no film. redo: take these segments anew though a take counts.
    replan: plan anew, the present storyboard is put aside. revise: what to change in the plan, in words; plan_from: a
    storyboard file to take in place of a plan. refit: change seconds until the backend can make the plan.
    refresh_stale: draw keyframes anew whose reference pictures have changed. fill: the backend that fills the holes of
    a preview. plan_only: stop behind the storyboard. sheets_only: stop behind the sheets
    of characters and places. preview_only: make the preview, draw and buy nothing else. yes: nobody is
    to be asked.
    """

    only: frozenset[int] | None = None
    redo: frozenset[int] = frozenset()
    replan: bool = False
    revise: str = ""
    plan_from: Path | None = None
    refit: bool = False
    refresh_stale: bool = False
    fill: str | None = None
    plan_only: bool = False
    sheets_only: bool = False
    preview_only: bool = False
    yes: bool = False

    def wants(self, segment: int) -> bool:
        """Whether this run is to make the segment."""
        return self.only is None or segment in self.only


def listed(segments: Iterable[int]) -> str:
    """`1,4-6` for {1, 4, 5, 6}, as --only takes it."""
    runs: list[list[int]] = []
    for number in sorted(segments):
        if runs and runs[-1][-1] == number - 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    return ",".join("-".join(map(str, run)) for run in runs)
