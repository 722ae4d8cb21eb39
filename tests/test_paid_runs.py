"""Whole paid runs through the command line against servers that bill: faults, cap, interruption, secrets."""

import json
import signal
import time
from decimal import Decimal
from pathlib import Path

import pytest

from tests import paid_runs
from tests.paid_runs import KEY, again, config, finish, purchases, server_of

PROVIDERS = ("runway", "google")
FAULTS = "failed:INTERNAL.BAD_OUTPUT.CODE01@1, truncated@2, 500_after@3"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_secret_is_in_any_file_or_word_of_a_run_with_failures(tmp_path, provider):
    with server_of(provider, faults=FAULTS) as server:
        film = config(tmp_path, provider, server)
        child = paid_runs.start(film)
        seen = b""
        while child.poll() is None:  # what any other user of the machine can read
            seen += Path(f"/proc/{child.pid}/cmdline").read_bytes()
            time.sleep(0.05)
        _, said = child.communicate()
        code, more = again(film)
        assert code == 6
        assert KEY.encode() not in seen + said and KEY not in more
        for path in film.folder.rglob("*"):
            assert not path.is_file() or KEY.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_wrong_key_buys_nothing_and_says_so_without_quoting_it(tmp_path, provider):
    with server_of(provider, api_key="another") as server:
        code, said = again(config(tmp_path, provider, server))
        assert code == 4 and server.total_usd == 0
        assert KEY not in said and "key" in said.lower()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_ctrl_c_while_a_job_is_being_submitted_records_its_id_and_leaves_it_running(tmp_path, provider):
    with server_of(provider, faults="slow_accept:s=1.5", latency_s=0.05) as server:
        film = config(tmp_path, provider, server)
        child = paid_runs.start(film)
        deadline = time.monotonic() + paid_runs.LONGEST_S
        while not any(post.status is None for post in server.posts):
            assert time.monotonic() < deadline and child.poll() is None
            time.sleep(0.02)
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=paid_runs.LONGEST_S)
        assert child.returncode == 130
        bought = purchases(film)
        assert bought and {one.state for one in bought if one.state != "ABANDONED"} == {"SUBMITTED"}
        assert provider in said.decode() or "veo3" in said.decode()
        posts = len(server.posts)
        finish(film, server)
        assert len(server.posts) - posts == 3 - len([one for one in bought if one.state == "SUBMITTED"])


def test_a_cap_is_met_to_the_cent_and_the_next_run_goes_on(tmp_path):
    with server_of("runway") as server:
        film = config(tmp_path, "runway", server)
        code, said = again(film, "--yes", "--max-cost", "0.10")
        assert code == 5 and "--max-cost" in said
        assert server.total_usd == Decimal("0.10") and len(server.jobs) == 2
        assert again(film, "--yes", "--max-cost", "0.15")[0] == 0
        assert server.total_usd == Decimal("0.15") and len(server.posts) == 3


def test_without_a_terminal_a_paid_run_needs_a_yes_and_a_cap(tmp_path):
    with server_of("runway") as server:
        film = config(tmp_path, "runway", server)
        cap = "set a cap with --max-cost"
        for argv, wanted in ((["--quiet"], f"{cap}, and say --yes"), (["--yes"], cap), (["--max-cost", "1"], "say --yes")):
            code, said = again(film, *argv)
            assert code == 5 and f"what to do: {wanted}\n" in said
        assert not server.posts


def test_only_buys_only_those(tmp_path):
    with server_of("runway") as server:
        film = config(tmp_path, "runway", server)
        assert again(film, *paid_runs.SPEND, "--only", "1,3")[0] == 0
        assert len(server.posts) == 2 and not film.film.exists()


def test_a_failed_segment_is_made_by_the_fallback_which_the_next_run_accepts(tmp_path):
    with server_of("runway", faults="failed:ASSET.INVALID@1") as server:
        film = config(tmp_path, "runway", server, remote_api_settings={"fallback_backend": "animatic"})
        code, said = again(film)
        assert code == 0 and "animatic" in said
        posts = len(server.posts)
        assert again(film)[0] == 0 and len(server.posts) == posts


def test_a_retired_model_is_answered_with_what_replaced_it(tmp_path):
    with server_of("runway") as server:
        block = {"api_key": KEY, "base_url": server.url, "model_version": "gen-3-alpha"}
        film = config(tmp_path, "runway", server, runway_ml=block)
        code, said = again(film)
        assert code == 2 and "retired" in said and "gen4" in said


def test_the_same_film_by_the_other_provider_is_one_changed_line(tmp_path):
    with server_of("runway") as runway, server_of("google") as google:
        film = config(tmp_path, "google", google, duration_seconds=3, video_generation_backend="runway",
                      runway_ml={"api_key": KEY, "base_url": runway.url, "model_version": "tiny"},
                      catalogue={**paid_runs.RUNWAY["catalogue"], **paid_runs.GOOGLE["catalogue"]})
        assert again(film, *paid_runs.SPEND)[0] == 0
        code, said = again(film, *paid_runs.SPEND, "--backend", "google")
        assert code == 0, said
        assert runway.posts and google.posts


def test_a_retired_model_s_clips_are_fetched_and_joined_and_no_more_is_bought(tmp_path):
    with server_of("runway", latency_s=0.05) as server:
        film = config(tmp_path, "runway", server)
        assert again(film, *paid_runs.SPEND, "--only", "1,2")[0] == 0
        assert paid_runs.start(film, point="purchase.submitted").wait(paid_runs.LONGEST_S) != 0
        settings = json.loads(film.config.read_text())
        settings["catalogue"]["runway"]["video"]["tiny"]["retires"] = "2020-01-01"
        film.config.write_text(json.dumps(settings))
        code, said = again(film)
        assert code == 0 and "tiny was retired on 2020-01-01; nothing more is bought of it" in " ".join(said.split())
        code, said = again(film, *paid_runs.SPEND, "--redo", "2")
        assert code == 4 and len(server.posts) == 3
        for command in ("jobs", "status", "costs", "report", "estimate"):
            assert paid_runs.told(command, "--config", str(film.config))[0] == 0
        assert again(film, *paid_runs.SPEND, "--output-dir", str(tmp_path / "another"))[0] == 2


def test_a_lost_answer_of_an_earlier_plan_ends_every_run_with_its_code_and_with_the_film_until_it_is_resolved(tmp_path):
    with server_of("runway", faults="drop_after_accept@1") as server:
        film = config(tmp_path, "runway", server)
        assert again(film)[0] == 6
        settings = json.loads(film.config.read_text())
        film.config.write_text(json.dumps({**settings, "seed": 99}))
        for _ in range(2):
            code, said = again(film)
            assert code == 6 and "resolve 1 --config" in said
            assert "film.mp4 is made; but nobody knows whether purchase 1 was" in said
            assert film.film.is_file()
        assert f'"film": "{film.film}"' in again(film, *paid_runs.SPEND, "--json")[1]
        assert paid_runs.told("resolve", "1", "--abandon", "--config", str(film.config))[0] == 0
        assert again(film)[0] == 0


def test_what_to_type_about_a_lost_answer_is_said_with_the_film_it_is_of(tmp_path):
    with server_of("runway", faults="drop_after_accept@1") as server:
        film = config(tmp_path, "runway", server)
        code, said = again(film)
        (lost,) = [one for one in purchases(film) if one.state == "UNKNOWN"]
        assert code == 6 and f"resolve {lost.id} --config {film.config} --attach ID" in said


def test_a_run_that_is_stopped_says_that_it_waits_for_the_answer_to_a_purchase(tmp_path):
    with server_of("runway", faults="slow_accept:s=1.5") as server:
        film = config(tmp_path, "runway", server)
        child = paid_runs.start(film)
        deadline = time.monotonic() + paid_runs.LONGEST_S
        while not any(post.status is None for post in server.posts):
            assert time.monotonic() < deadline and child.poll() is None
            time.sleep(0.02)
        child.send_signal(signal.SIGINT)
        assert "Ctrl-C again stops at once" in child.communicate(timeout=paid_runs.LONGEST_S)[1].decode()


def test_an_id_that_is_no_job_of_the_provider_leaves_the_purchase_in_doubt_and_can_be_put_right(tmp_path):
    with server_of("runway", faults="drop_after_accept@1") as server:
        film = config(tmp_path, "runway", server)
        assert again(film)[0] == 6
        lost, = [one for one in purchases(film) if one.state == "UNKNOWN"]
        wrong = "11111111-2222-3333-4444-555555555555"
        paid_runs.told("resolve", str(lost.id), "--attach", wrong, "--output-dir", str(film.folder))
        posts = len(server.posts)
        code, said = again(film)
        assert code == 6 and f"{wrong}, which was given as its job, cannot be asked for" in said
        assert paid_runs.resolve_all(film, server) == 1 and again(film)[0] == 0
        assert len(server.posts) == posts
