"""Whole films whose keyframes are chosen from candidates by a vision model, all bought from one server that bills."""

import json
from collections import Counter

import pytest

from candidates import remembered
from runtime.ledger import Ledger
from tests import paid_runs
from tests.paid_pictures import ASKED_FOR, charged, config, lost
from tests.paid_runs import KEY, again, purchases, sha256
from tests.servers import OpenAIServer

NAMES = ("segment_00", "segment_01", "segment_02")


@pytest.fixture
def server():
    with OpenAIServer(api_key=KEY, varied=True) as running:
        yield running


def judged(folder, server, **more):
    """Two segments, three keyframes, three candidates each; the server draws and judges, rules plan."""
    asked = {"base_url": server.url, "api_key": KEY, **more.pop("planner", {})}
    return config(folder, "openai", server, planner=asked, keyframes={"candidates": 3, "judge": "gpt-6-luna"}, **more)


def choices(film):
    ledger = Ledger(film.folder / "ledger.sqlite", read_only=True)
    try:
        return {name: remembered(ledger, name) for name in NAMES}
    finally:
        ledger.close()


def bought(film):
    """How many purchases of each kind are done."""
    kinds = Counter(one.node.partition("_")[0].split()[0] for one in purchases(film) if one.state == "DONE")
    return {kind: count for kind, count in kinds.items() if kind != "sheet"}


def page(film):
    return (film.folder / "report.html").read_text("utf-8")


def test_a_whole_film_is_drawn_judged_and_joined_and_the_ledger_is_the_bill(tmp_path, server):
    film = judged(tmp_path, server)
    code, said = again(film)
    assert code == 0, said
    assert bought(film) == {"keyframe": 9, "plan": 3}
    assert charged(purchases(film)) == server.total_usd and film.film.is_file()
    for name, choice in choices(film).items():
        best = max(choice.candidates, key=lambda one: (one.score, -one.candidate))
        assert (choice.by, choice.chosen) == ("gpt-6-luna", best.candidate)
        assert sha256(film.folder / "keyframes" / f"{name}.png") == best.sha256
        assert all((film.folder / one.path).is_file() for one in choice.candidates)
    assert any(len({one.score for one in choice.candidates}) > 1 for choice in choices(film).values())
    assert page(film).count("chosen by gpt-6-luna</summary>") == 3 and page(film).count('alt="Candidate ') == 9


def test_another_is_picked_afterwards_and_only_what_hangs_on_it_is_made_again(tmp_path, server):
    film = judged(tmp_path, server)
    assert again(film)[0] == 0
    posts, before = len(server.posts), sha256(film.film)
    other = next(number for number in (1, 2, 3) if number != choices(film)["segment_02"].chosen)
    code, said = paid_runs.told("pick", "keyframe", "2", "--candidate", str(other), "--config", str(film.config))
    assert code == 0, said
    code, said = again(film)
    assert (code, len(server.posts)) == (0, posts), said
    picked = choices(film)["segment_02"]
    assert (picked.by, picked.chosen) == ("you", other) and sha256(film.film) != before
    assert sha256(film.folder / "keyframes" / "segment_02.png") == picked.candidates[other - 1].sha256
    assert "chosen by you" in page(film)
    assert again(film)[0] == 0 and len(server.posts) == posts


JUDGING = "Score the 3 candidates"


@pytest.mark.parametrize(("fault", "posts", "told"), [
    (f"refusal~{JUDGING}", 2, "refuses"), (f"invalid_json~{JUDGING}", 3, ""), (f"500~{JUDGING}", 3, "lost"),
    (f"broken_schema:missing~{JUDGING}", 3, ""), (f"401~{JUDGING}", 1, "401")])
def test_where_the_judge_fails_the_candidates_are_measured_and_this_is_said(tmp_path, fault, posts, told):
    with OpenAIServer(api_key=KEY, varied=True, faults=fault) as server:
        film = judged(tmp_path, server)
        code, said = again(film)
        assert code == 0, said
        assert {choice.by for choice in choices(film).values()} == {"measured"}
        assert "gpt-6-luna could not choose, so the candidates are measured" in said and told in said
        assert all("measured: sharpness" in one.reason for choice in choices(film).values() for one in choice.candidates)
        assert bought(film) == {"keyframe": 9}
        assert server.total_usd <= charged(purchases(film))
        assert page(film).count("chosen by measured</summary>") == 3
        assert not [one for one in purchases(film) if one.state == "UNKNOWN"]  # nobody waits for them, and they are cheap


def test_a_lost_word_of_the_judge_is_asked_about_only_where_it_is_dear(tmp_path):
    with OpenAIServer(api_key=KEY, varied=True, faults=f"drop_after_accept~{JUDGING}") as server:
        film = judged(tmp_path, server, budget=ASKED_FOR)
        code, said = again(film)
        assert code == 6 and "for plan judge_segment_00: " in said and "another plan" not in said, said
        assert film.film.is_file() and len(lost(film)) == 3
        posts = len(server.posts)
        code, said = again(judged(tmp_path, server))
        assert (code, len(server.posts)) == (0, posts), said
        assert "count as charged for it, and it is needed no more" in said
        assert not lost(film) and server.total_usd <= charged(purchases(film))


def test_candidates_and_judge_count_against_the_cap_and_are_in_the_estimate(tmp_path, server):
    film = judged(tmp_path, server)
    code, said = paid_runs.told("estimate", "--config", str(film.config), "--json")
    assert code == 0
    reckoned = json.loads(said)
    assert again(film)[0] == 0
    assert float(reckoned["low"]) / 3 < float(server.total_usd) <= float(reckoned["high"])
