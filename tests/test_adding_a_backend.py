"""The examples of docs/adding_a_backend.md, run as they stand there."""

import itertools
import json
import os
import re
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from media import probe
from media.film_format import FilmFormat, Size
from tests import clips, films
from tests.servers.loopback import LoopbackServer, Reply, Request

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "adding_a_backend.md").read_text(encoding="utf-8")
KEY = "acme-0123456789"


@pytest.fixture
def plug_in(tmp_path):
    """What `pip install` leaves behind for the page's modules and entry points; the environment that finds them."""
    entries, = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    info = tmp_path / "site" / "examples-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: examples\nVersion: 1.0\n")
    group, *lines = entries.replace("[project.entry-points.", "[").replace('"', "").splitlines()
    (info / "entry_points.txt").write_text("\n".join([group, *lines]))
    for name, code in re.findall(r"```python\n# (\w+\.py)\n(.*?)```", PAGE, re.DOTALL):
        (tmp_path / "site" / name).write_text(code)
    path = os.pathsep.join([str(tmp_path / "site"), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path, "ACME_API_KEY": KEY}


def pipeline(environment, *argv):
    return subprocess.run([sys.executable, "-m", "pipeline", *map(str, argv)], cwd=ROOT, capture_output=True, text=True,
                          env=environment, check=False)


def test_the_documented_backend_makes_a_film_as_a_plug_in(tmp_path, plug_in):
    film = films.write_config(tmp_path, video_generation_backend="still", still={"change_at": 0.5})
    ran = pipeline(plug_in, "--config", film.config)
    assert ran.returncode == 0, ran.stderr
    assert probe.probe(film.film).frames == 48


class Acme(LoopbackServer):
    """The vendor of the page: accepts jobs, and loses its answer to the second."""

    def __init__(self, folder):
        super().__init__()
        self.folder, self.jobs, self._number = folder, {}, itertools.count(1)

    def answer(self, request: Request) -> Reply:
        if request.path.startswith("/videos/"):
            return Reply(200, (self.folder / request.path.split("/")[-1]).read_bytes(), "video/mp4")
        if request.key != KEY:
            return Reply(401, {"error": "wrong key"})
        if request.path == "/account":
            return Reply(200, {"balance_usd": "9.50"})
        if request.method == "GET":
            return Reply(200, {"phase": "succeeded", "charged_usd": "0.10", "video": f"{self.url}/videos/{request.path[6:]}"})
        return self.accept(request.json(), f"job-{next(self._number)}")

    def accept(self, asked, name) -> Reply:
        self.jobs[name] = asked
        film = FilmFormat(Size(320, 180), Fraction(24))
        clips.film_clip(self.folder / name, range(round(24 * asked["seconds"])), film)
        return Reply(200, {"id": name, "at_most_usd": "0.10"}, drop=name == "job-2")


@pytest.fixture
def acme(tmp_path):
    (tmp_path / "vendor").mkdir()
    with Acme(tmp_path / "vendor") as server:
        yield server


def paid_film(folder, server):
    """The page's config, at the server's address."""
    block, = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    said = YAML(typ="safe").load(re.sub(r"as_of: (\S+),", r"as_of: '\1',", block))
    said["catalogue"]["acme"]["poll_s"] = 0.02
    return films.write_config(folder, **{**said, "size": "320x180", "fps": 24, "segment_seconds": 2,
                                         "acme": {"base_url": server.url}})


def test_the_documented_paid_backend_buys_each_clip_once_even_when_an_answer_is_lost(tmp_path, plug_in, acme):
    film = paid_film(tmp_path, acme)
    first = pipeline(plug_in, "--config", film.config, "--yes")
    assert first.returncode == 6 and "resolve" in first.stderr, first.stderr
    lost = json.loads(pipeline(plug_in, "jobs", "--config", film.config, "--json").stdout)["unresolved"]
    assert pipeline(plug_in, "resolve", *lost, "--config", film.config, "--attach", "job-2").returncode == 0
    second = pipeline(plug_in, "--config", film.config, "--yes", "--json")
    assert second.returncode == 0, second.stderr
    assert len(acme.jobs) == 2 and probe.probe(film.film).frames == 94
    assert not any(KEY.encode() in path.read_bytes() for path in film.folder.rglob("*") if path.is_file())


def test_the_documented_paid_backend_is_estimated_proven_and_missed_its_key(tmp_path, plug_in, acme):
    film = paid_film(tmp_path, acme)
    said = json.loads(pipeline(plug_in, "estimate", "--config", film.config, "--json").stdout)
    assert Decimal(said["low"]) == Decimal("0.20")
    assert "a balance of $9.50" in pipeline(plug_in, "doctor", "--online", "--config", film.config).stdout
    without = pipeline({**plug_in, "ACME_API_KEY": ""}, "--config", film.config, "--yes")
    assert without.returncode == 3 and "acme.api_key: is missing, set ACME_API_KEY" in without.stderr
