"""Ten times the film takes no more memory, and a thousand bought clips little."""

import os
import subprocess
import sys
from pathlib import Path

from media import probe
from tests import films

ROOT = Path(__file__).resolve().parent.parent
PLACES = ("the harbour", "the forest", "the desert", "the city", "the mountains")


def peak_of(*arguments, **variables):
    """The most memory, in bytes, that a Python with these arguments held; it has to end well.

    Asked for by a small process in between: the system counts what a child shared with its parent before it became another
    program, and a test worker may be large.
    """
    ask = ("import resource, subprocess, sys\ncode = subprocess.call(sys.argv[1:], stdout=sys.stderr)\n"
           "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\nsys.exit(code)")
    asked = subprocess.run([sys.executable, "-c", ask, sys.executable, *arguments], cwd=ROOT, env={**os.environ, **variables},
                           stdout=subprocess.PIPE, check=True)
    return int(asked.stdout) * (1 if sys.platform == "darwin" else 1024)


def peak_memory(folder, segments):
    """The most memory, in bytes, that a whole run of so many segments held, and its film."""
    folder.mkdir()
    story = " ".join(f"A fox number {number} runs through {PLACES[number // 6 % len(PLACES)]}." for number in range(segments))
    film = films.write_config(folder, prompt=story, duration_seconds=segments * 0.5, segment_seconds=0.5, size="64x64", fps=8)
    return peak_of("-m", "pipeline", "--config", str(film.config), "--quiet"), film


def test_240_segments_take_no_more_memory_than_24_and_join_in_order(tmp_path):
    few, _ = peak_memory(tmp_path / "24", 24)
    many, film = peak_memory(tmp_path / "240", 240)
    assert many < 1.2 * few
    assert probe.probe(film.film).frames == 240 * 4
    assert (film.folder / "segments" / "segment_100.mp4").exists()
    assert (film.folder / "report.html").stat().st_size < 6_000_000


def test_a_paid_run_of_1000_segments_takes_less_than_200_mb(tmp_path):
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else str(tmp_path)  # what is tried is not how fast a disk can fsync
    assert peak_of("-m", "benchmarks.bench_paid", "1000", TMPDIR=memory) < 200e6
