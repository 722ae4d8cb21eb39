"""The example of docs/adding_a_backend.md, run as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

from media import probe
from tests import films

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "adding_a_backend.md").read_text(encoding="utf-8")


def test_the_documented_backend_makes_a_film_as_a_plug_in(tmp_path):
    code, = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    entry, = re.findall(r"^still = \"(.*)\"$", PAGE, re.MULTILINE)
    info = tmp_path / "site" / "still-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: still\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[longtake.video_generators]\nstill = {entry}\n")
    (tmp_path / "site" / "still_generator.py").write_text(code)
    film = films.write_config(tmp_path, video_generation_backend="still", still={"change_at": 0.5})
    path = os.pathsep.join([str(tmp_path / "site"), os.environ.get("PYTHONPATH", "")])
    ran = subprocess.run([sys.executable, "-m", "pipeline", "--config", str(film.config)], cwd=ROOT, capture_output=True,
                         text=True, env={**os.environ, "PYTHONPATH": path}, check=False)
    assert ran.returncode == 0, ran.stderr
    assert probe.probe(film.film).frames == 48
