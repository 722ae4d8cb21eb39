"""A third party's package, really installed, and what the command line makes of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "tests" / "plugin_package"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the package was installed into by pip, without any index."""
    folder = tmp_path_factory.mktemp("plugins")
    copy = shutil.copytree(PACKAGE, folder / "source")  # building writes beside the sources
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation",
           "--disable-pip-version-check", "--target", str(folder / "site"), str(copy)]
    subprocess.run(pip, check=True, capture_output=True, text=True)
    return folder / "site"


def longtake(site: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(site), os.environ["PYTHONPATH"]])
    return subprocess.run([sys.executable, str(ROOT / "pipeline.py"), *arguments], cwd=cwd, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": path}, check=False)


@pytest.fixture(scope="module")
def listed(site: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(longtake(site, "backends", "--json", cwd=tmp_path_factory.mktemp("cwd")).stdout)
    return answer


def one(listed: dict[str, Any], name: str, kind: str = "video backend") -> dict[str, Any]:
    return next(backend for backend in listed["backends"] if (backend["name"], backend["kind"]) == (name, kind))


def test_a_plug_in_is_listed_with_its_block_and_what_it_can(listed: dict[str, Any]):
    acme = one(listed, "acme")
    assert (acme["package"], acme["section"]) == ("acme-longtake 1.2", "acme")
    assert acme["about"] == "Acme: the colour of the first keyframe, held."
    assert [(key["key"], key["default"]) for key in acme["keys"]] == [("grey", "128"), ("api_key", "not set")]
    assert "segments of 1, 2 s" in acme["can"]


def test_a_plug_in_says_itself_why_it_cannot_run_here(listed: dict[str, Any]):
    assert not one(listed, "acme")["runs_here"]
    assert one(listed, "acme")["problems"] == ["acme: there is no api_key, write acme: api_key: ${ACME_KEY} into the config"]
    assert one(listed, "acme", "image backend")["runs_here"]


def test_a_plug_in_that_cannot_be_imported_is_listed_with_the_reason(listed: dict[str, Any]):
    (problem,) = one(listed, "broken")["problems"]
    assert "ModuleNotFoundError: No module named 'acme_sdk_that_is_not_installed'" in problem
    assert one(listed, "animatic")["runs_here"]


def test_a_plug_in_with_a_built_ins_name_is_refused_and_named(listed: dict[str, Any]):
    (refused,) = listed["refused"]
    assert (refused["name"], refused["package"]) == ("animatic", "acme-longtake 1.2")
    assert one(listed, "animatic")["package"] == ""


def test_its_block_is_checked_with_the_rest_of_the_config(site: Path, tmp_path: Path):
    wrong = "prompt: a fox\nvideo_generation_backend: acme\nacme:\n  gray: 3\n  grey: 999\nfsp: 3\n"
    (tmp_path / "config.yaml").write_text(wrong)
    done = longtake(site, "config", cwd=tmp_path)
    assert done.returncode == 2
    assert "config.yaml:4:3: acme.gray: unknown key, did you mean grey?" in done.stderr
    assert "config.yaml:5:9: acme.grey: 999 is out of range" in done.stderr
    assert "config.yaml:6:1: fsp: unknown key" in done.stderr


def test_only_a_run_that_asks_for_a_broken_plug_in_stops(site: Path, tmp_path: Path):
    assert longtake(site, "config", "--prompt", "a fox", cwd=tmp_path).returncode == 0
    done = longtake(site, "run", "--prompt", "a fox", "--backend", "broken", cwd=tmp_path)
    assert done.returncode == 3
    assert "acme_sdk_that_is_not_installed" in done.stderr
    assert "uninstall acme-longtake 1.2" in done.stderr
    assert not (tmp_path / "runs").exists()


def test_a_film_is_made_by_plug_ins(site: Path, tmp_path: Path):
    done = longtake(site, "run", "--prompt", "A fox crosses the ice.", "--backend", "acme", "--images", "acme", "--quiet",
                    "--seconds", "2", "--set", "size=128x72", "--set", "acme.api_key=sesame", "--output-dir", "film",
                    cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "film" / "film.mp4").exists()
    written = b"".join(path.read_bytes() for path in (tmp_path / "film").rglob("*") if path.is_file())
    assert b"sesame" not in written
