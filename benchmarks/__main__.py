"""`python -m benchmarks`: every promised ratio, measured here and now. Fails nothing: machines are shared and noisy."""

from __future__ import annotations

import sys
from importlib import import_module

from benchmarks.ratios import machine

BENCHMARKS = ("bench_cli", "bench_join", "bench_orchestration", "bench_paid", "bench_animatic", "bench_masks")
ONLY_BY_NAME = ("bench_film_memory",)
"""What takes ten minutes."""


def main(chosen: list[str]) -> None:
    """Prints the ratios of the benchmarks named, or of all."""
    print(machine())
    for name in (*BENCHMARKS, *ONLY_BY_NAME):
        if name.removeprefix("bench_") in chosen or (not chosen and name in BENCHMARKS):
            for ratio in import_module(f"benchmarks.{name}").run():
                print(ratio, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
