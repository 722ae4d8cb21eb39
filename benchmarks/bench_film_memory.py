"""The most memory that a whole bought film of a thousand segments takes, from the prompt to the report. Takes minutes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ruamel.yaml import YAML

from benchmarks.ratios import Ratio
from tests import tiny_runway

ROOT = Path(__file__).resolve().parent.parent
SEGMENTS, MOST_MB = 1000, 200
PLACES = ("the harbour", "the forest", "the desert", "the city", "the mountains")
ASKED = ("import resource, subprocess, sys\ncode = subprocess.call(sys.argv[1:], stdout=sys.stderr)\n"
         "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\nsys.exit(code)")
"""A small process in between: the system counts what a child shared with a large parent before it became another program."""


def run() -> list[Ratio]:
    """One process plans by rules, draws sketches, buys clips through Runway's SDK from a server on this machine, joins them and
    writes the report."""
    with tempfile.TemporaryDirectory() as folder, tiny_runway.serve(latency_s=0.05) as server:
        home = Path(folder)
        with (home / "config.yaml").open("w", encoding="utf-8") as file:
            YAML().dump(_config(home / "run", server.url), file)
        peak_mb = _peak_mb(home)
        assert (home / "run" / "film.mp4").exists()
    return [Ratio(f"memory of a whole bought film of {SEGMENTS} segments against {MOST_MB} MB", peak_mb / MOST_MB, 1,
                  f"{peak_mb:.0f} MB; Runway's SDK, sketches as keyframes, Python and all libraries included")]


def _peak_mb(home: Path) -> float:
    film = ["-m", "pipeline", "--config", str(home / "config.yaml"), "--yes", "--max-cost", "1000", "--quiet"]
    apart = {"HOME": str(home), "XDG_DATA_HOME": str(home / "data"), "NO_PROXY": "*"}
    asked = subprocess.run([sys.executable, "-c", ASKED, sys.executable, *film], cwd=ROOT, env={**os.environ, **apart},
                           stdout=subprocess.PIPE, check=True)
    return int(asked.stdout) * (1 if sys.platform == "darwin" else 1024) / 1e6


def _config(output: Path, url: str) -> dict[str, object]:
    """A second a segment, in the one tiny shape that the server of the tests knows."""
    story = " ".join(f"A fox number {number} runs through {PLACES[number // 6 % 5]}." for number in range(SEGMENTS))
    tiny = {"seconds": [1, 2], "shapes": ["160:90"], "last_frame": True, "seed": True, "poll_s": 0.5,
            "prices": [{"credits_per_second": tiny_runway.CREDITS, "as_of": "2026-11-22", "source": "benchmark"}]}
    return {"prompt": story, "video_generation_backend": "runway", "duration_seconds": SEGMENTS, "segment_seconds": 1,
            "size": "160x90", "fps": 24, "output_dir": str(output), "catalogue": {"runway": {"video": {"tiny": tiny}}},
            "runway_ml": {"base_url": url, "api_key": "rehearsal", "model_version": "tiny", "parallel": 20}}
