"""What `doctor` finds on this machine, and with --online at servers that stand in for the providers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.servers import GoogleServer, OpenAIServer, RunwayServer

ROOT = Path(__file__).parent.parent


def pipeline(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(ROOT / "pipeline.py"), *arguments], cwd=cwd, capture_output=True, text=True,
                          check=False)


def test_doctor_says_what_is_here_and_no_value_of_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sesame-1234")
    done = pipeline("doctor", "--json", cwd=tmp_path)
    findings: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    found = {finding["what"]: finding for finding in findings}
    assert done.returncode == 0
    assert (found["OPENAI_API_KEY"]["found"], found["STABILITY_API_KEY"]["found"]) == ("present", "absent")
    assert found["video encoder"]["standing"] == "ok"
    assert "sesame" not in done.stdout + done.stderr


def test_doctor_exits_3_when_a_film_cannot_be_made():
    without_av = "import sys; sys.modules['av'] = None; import pipeline; pipeline.main()"
    done = subprocess.run([sys.executable, "-c", without_av, "doctor"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "PyAV cannot be loaded" in done.stdout


def online(folder: Path, **settings: object) -> subprocess.CompletedProcess[str]:
    (folder / "film.yaml").write_text(json.dumps({"prompt": "a fox", **settings}))
    return pipeline("doctor", "--online", "--json", "--config", str(folder / "film.yaml"), cwd=folder)


def test_doctor_online_asks_every_backend_of_the_config_and_buys_nothing(tmp_path: Path):
    with RunwayServer(api_key="right-key") as runway, GoogleServer(api_key="right-key") as google:
        done = online(tmp_path, video_generation_backend="runway", remote_api_settings={"fallback_backend": "veo3"},
                      runway_ml={"base_url": runway.url, "api_key": "right-key"},
                      google_veo={"base_url": google.url, "api_key": "wrong-key"})
        assert (runway.posts, google.posts) == ([], [])
    document = json.loads(done.stdout)
    found = {finding["what"]: finding for finding in document["findings"]}
    assert (done.returncode, document["can_run"]) == (3, False)
    assert found["runway veo3.1_fast"]["standing"] == "ok" and "credits 1000" in found["runway veo3.1_fast"]["found"]
    assert found["veo3 gemini-omni-1.1-flash"]["standing"] == "bad" and found["sketch"]["standing"] == "ok"
    assert "-key" not in done.stdout + done.stderr


def test_doctor_online_asks_for_who_plans_who_looks_and_who_judges(tmp_path: Path):
    with OpenAIServer(api_key="right-key") as server:
        planner = {"provider": "openai", "base_url": server.url, "api_key": "right-key", "model": "gpt-6-luna",
                   "critic_model": "gpt-9"}
        done = online(tmp_path, planner=planner, keyframes={"candidates": 2, "judge": "gpt-6-sol"})
        assert server.posts == []
    found = {one["what"]: one for one in json.loads(done.stdout)["findings"]}
    assert found["planner gpt-6-luna"]["standing"] == "ok"
    assert "gpt-9" in found["critic gpt-9"]["found"] and found["critic gpt-9"]["standing"] != "ok"
    assert "judge gpt-6-sol" in found and "right-key" not in done.stdout + done.stderr


def test_doctor_online_refuses_a_config_that_is_wrong_as_a_run_does(tmp_path: Path):
    done = online(tmp_path, video_generation_backend="runway", runway_ml={"model_version": "gen-3-alpha"})
    assert done.returncode == 2 and "gen-3-alpha" in done.stderr
