"""How long a person waits for `--help`, beside a Python that does nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.ratios import Ratio, interleaved

ROOT = Path(__file__).resolve().parent.parent


def run(repetitions: int = 15) -> list[Ratio]:
    """`pipeline.py --help` against `python -c pass`, taking turns."""
    seconds = interleaved({
        "help": lambda: _start("pipeline.py", "--help"),
        "nothing": lambda: _start("-c", "pass"),
    }, repetitions)
    note = f"{seconds['help'] * 1000:.0f} ms against {seconds['nothing'] * 1000:.0f} ms"
    return [Ratio("pipeline.py --help against python -c pass", seconds["help"] / seconds["nothing"], 6, note)]


def _start(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
