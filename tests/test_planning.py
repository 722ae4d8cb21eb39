"""The storyboard of a run folder when a language model plans: asked for, paid once, revised, taken over, put aside."""

import json
import re
import signal
import subprocess
import sys
from decimal import Decimal

import pytest

import cli
import report
import storyboard
from pipeline import run_pipeline
from tests import planned
from tests.servers.openai import OpenAIServer

LONGEST_S = 60


@pytest.fixture
def server():
    with OpenAIServer() as running:
        yield running


def run(config, *argv, command="plan", yes=True):
    return cli.main(run_pipeline, [command, "--config", str(config), *(["--yes"] if yes else []), *argv])


def board(config):
    return storyboard.read(config.parent / "out" / "storyboard.yaml")


def text(config):
    return (config.parent / "out" / "storyboard.yaml").read_text(encoding="utf-8")


# -- consent -----------------------------------------------------------------------------------------------------------------


def test_planning_says_what_it_may_cost_and_needs_a_yes_and_a_cap_without_a_terminal(tmp_path, server, capsys):
    config = planned.write_config(tmp_path, server, budget={})
    assert run(config) == 5
    assert "--max-cost" in capsys.readouterr().err and not server.posts
    assert run(config, "--max-cost", "1", yes=False) == 5
    assert run(config, "--max-cost", "1") == 0
    said = capsys.readouterr().out
    assert re.search(r"planning asks gpt-6-luna at least 1 question: usually about \$0\.\d+, \$0\.\d+ if no answer fits", said)
    assert "the cap is $1.00, of which $0.00 are used" in said


def test_the_cap_of_a_film_counts_its_planning(tmp_path, server):
    config = planned.write_config(tmp_path, server)
    assert run(config, "--max-cost", "0.002") == 5
    assert run(config, "--max-cost", "0.5") == 0
    assert 0 < planned.charged(planned.purchases(tmp_path / "out")) == server.total_usd < Decimal("0.01")


def test_a_plan_that_is_there_asks_and_costs_nothing(tmp_path, server, capsys):
    config = planned.write_config(tmp_path, server)
    assert run(config) == 0
    before = len(server.posts)
    capsys.readouterr()
    assert run(config, "--max-cost", "0", yes=False) == 0
    assert len(server.posts) == before and "planning asks" not in capsys.readouterr().out


def test_a_free_model_plans_without_a_word_about_money(tmp_path, capsys):
    with OpenAIServer(local=True) as own:
        config = planned.write_config(tmp_path, own, budget={}, planner={"model": "llama3.3"})
        assert run(config, yes=False) == 0
    assert "planning asks" not in capsys.readouterr().out
    assert {one.charged_usd for one in planned.purchases(tmp_path / "out")} == {0}


def test_a_film_is_made_from_such_a_plan(tmp_path, server):
    config = planned.write_config(tmp_path, server, duration_seconds=4, segment_seconds=2)
    assert run(config, command="run") == 0
    assert (tmp_path / "out" / "film.mp4").is_file() and board(config).logline


def test_a_mistake_in_the_planners_block_is_said_with_its_place(tmp_path, server, capsys):
    config = planned.write_config(tmp_path, server, planner={"modell": "x"})
    assert run(config) == 2
    assert "planner.modell: unknown key, did you mean model?" in capsys.readouterr().err


def estimated(config, capsys, *argv):
    capsys.readouterr()
    assert run(config, "--json", *argv, command="estimate", yes=False) == 0
    found = json.loads(capsys.readouterr().out)
    return found, {line["what"]: line for line in found.get("lines", [])}


def test_estimate_reckons_a_plan_and_asks_no_language_model(tmp_path, server, capsys):
    config = planned.write_config(tmp_path, server, duration_seconds=60)
    found, lines = estimated(config, capsys)
    assert not server.posts and not (tmp_path / "out").exists()
    low, expected, high = (Decimal(lines["planning"][name]) for name in ("low", "expected", "high"))
    assert lines["planning"]["backend"] == "gpt-6-luna" and found["low"] == lines["planning"]["low"]
    assert "not planned yet" in found["storyboard"] and "there is no plan yet" in found["notes"][-1]
    assert run(config) == 0
    assert low / 4 < server.total_usd < high and low < expected < high
    assert "planning" not in estimated(config, capsys)[1]


def test_a_plan_that_costs_nothing_has_no_line_in_an_estimate_and_a_missing_key_is_said(tmp_path, server, capsys):
    config = planned.write_config(tmp_path, server, planner={"api_key": None, "base_url": None})
    found, lines = estimated(config, capsys)
    assert "planning" in lines and "planner gpt-6-luna cannot be asked here yet: planner.api_key" in found["warnings"][0]
    assert "planning" not in estimated(config, capsys, "--set", "planner.fall_back=true")[1]
    assert "planning" not in estimated(config, capsys, "--set", "planner.provider=offline")[1]
    assert "planning" not in estimated(config, capsys, "--set", "planner.free=true")[1]


def test_what_a_plan_costs_counts_in_every_row_of_a_comparison_and_in_what_a_cap_pays_for(tmp_path, server, capsys):
    config = planned.write_config(tmp_path, server)
    rows = estimated(config, capsys, "--compare")[0]["rows"]
    assert all(Decimal(row["estimate"]["low"]) > 0 for row in rows if row["backend"] == "animatic")
    assert estimated(config, capsys, "--max-cost", "0.00001")[0]["affordable"] == 0
    assert estimated(config, capsys, "--max-cost", "1")[0]["affordable"] == 4


def test_other_words_for_what_may_be_refused_are_in_the_high(tmp_path, server, capsys):
    config = planned.write_config(tmp_path, server, image_generation_backend="openai", openai_images={
        "base_url": server.url, "api_key": planned.KEY, "model_version": "gpt-image-2.5-flare", "quality": "low"})
    words = estimated(config, capsys)[1]["other words"]
    assert Decimal(words["low"]) == Decimal(words["expected"]) == 0 < Decimal(words["high"])


def test_without_a_key_nothing_is_asked_and_rules_plan_only_where_the_user_says_so(tmp_path, server, capsys):
    config = planned.write_config(tmp_path, server, planner={"api_key": None, "base_url": None})
    assert run(config) == 3
    assert "set OPENAI_API_KEY" in capsys.readouterr().err
    assert run(config, "--set", "planner.fall_back=true", yes=False) == 0
    assert "could not plan it: planner.api_key: is missing" in capsys.readouterr().out


def test_rules_that_stepped_in_are_said_to_have_planned_and_the_model_is_asked_anew_by_replan(tmp_path, capsys):
    with OpenAIServer(api_key=planned.KEY) as server:
        _rules_step_in(tmp_path, server, capsys)


def _rules_step_in(tmp_path, server, capsys):
    assert run(planned.write_config(tmp_path, server, planner={"fall_back": True, "api_key": "sk-wrong"})) == 0
    assert "4 segments, planned by rules" in capsys.readouterr().out
    assert report.gather(tmp_path / "out").planned_by == "rules"
    config = planned.write_config(tmp_path, server)
    assert run(config) == 0
    assert "planned by rules: --replan has gpt-6-luna plan it anew" in capsys.readouterr().out
    assert run(config, "--replan") == 0
    assert "planned by gpt-6-luna" in capsys.readouterr().out
    path = tmp_path / "out" / "storyboard.yaml"
    path.write_text(text(config).replace("The Last Lamp", "Mine"), encoding="utf-8")
    report.write(report.gather(tmp_path / "out"), tmp_path / "page.html")
    assert "Planned by gpt-6-luna, edited since." in (tmp_path / "page.html").read_text("utf-8")


def test_a_plan_by_rules_stays_when_a_model_is_named_later_and_this_is_said(tmp_path, server, capsys):
    config = planned.write_config(tmp_path, server)
    assert run(config, "--set", "planner.provider=offline") == 0
    assert run(config) == 0
    assert "planned by rules: --replan has gpt-6-luna plan it anew" in capsys.readouterr().out and not server.posts


# -- crashes -----------------------------------------------------------------------------------------------------------------


def killed(config, point, visit=1, *more):
    argv = [sys.executable, "-m", "tests.crash_run", point, str(visit), "plan", "--config", str(config), "--yes", *more]
    child = subprocess.run(argv, capture_output=True, timeout=LONGEST_S)
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()


@pytest.mark.parametrize(("point", "again"), [
    ("purchase.answered", 1), ("purchase.fetched", 0), ("plan.filed", 0), ("plan.recorded", 0)])
def test_killed_while_planning_only_the_one_answer_that_was_lost_is_asked_for_again(tmp_path, server, point, again):
    config = planned.write_config(tmp_path, server, duration_seconds=60, planner={"critic": False, "parallel": 1})
    killed(config, point, visit=2)
    assert run(config) == 0
    bought = planned.purchases(tmp_path / "out")
    assert len(server.orders) == 3 + again and len(board(config).segments) == 12
    assert [one.state for one in bought if one.state != "DONE"] == ["ABANDONED"] * again
    assert planned.charged(bought) >= server.total_usd


def test_a_lost_answer_above_the_price_that_may_be_paid_again_waits_for_a_person(tmp_path, server, capsys):
    config = planned.write_config(tmp_path, server, budget={"max_cost_usd": 1, "rebuy_unknown_usd": 0})
    killed(config, "purchase.answered")
    assert run(config) == 6
    assert "resolve 1 --abandon" in capsys.readouterr().err and len(server.orders) == 1


def test_planning_anew_buys_another_plan_once(tmp_path, server):
    config = planned.write_config(tmp_path, server, planner={"critic": False})
    assert run(config) == 0
    killed(config, "storyboard.announced", 1, "--replan")
    assert run(config, "--replan") == 0
    assert len(server.orders) == 2, "the answer that the killed run paid for counts"
    assert run(config, "--replan") == 0
    assert len(server.orders) == 3


# -- taken over, revised -----------------------------------------------------------------------------------------------------


def test_a_storyboard_that_is_given_is_used_as_it_is_and_the_old_one_put_aside(tmp_path, server, capsys):
    config = planned.write_config(tmp_path, server)
    assert run(config) == 0
    old = text(config)
    mine = tmp_path / "mine.yaml"
    mine.write_text(old.replace("title: The Last Lamp", "title: My own film  # mine"), encoding="utf-8")
    capsys.readouterr()
    assert run(config, "--from", str(mine)) == 0
    assert text(config) == mine.read_text("utf-8")
    assert (tmp_path / "out" / "storyboard.1.yaml").read_text("utf-8") == old
    assert "title: The Last Lamp -> My own film" in capsys.readouterr().out
    assert run(config) == 0 and board(config).title == "My own film", "it counts as edited"


def test_a_given_storyboard_needs_no_planner_and_finds_its_pictures(tmp_path, server):
    config = planned.write_config(tmp_path, server)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "s.yaml").write_text(
        "title: T\ncharacters:\n  - {name: Mara, reference: mara.png}\nsegments:\n"
        "  - {index: 1, seconds: 5, join: cut, video_prompt: a, first_keyframe_prompt: b, last_keyframe_prompt: c}\n", "utf-8")
    assert run(config, "--from", str(tmp_path / "a" / "s.yaml")) == 0
    assert board(config).characters[0].reference == str(tmp_path / "a" / "mara.png") and not server.posts


def test_what_a_revision_does_not_mention_stays_byte_for_byte(tmp_path, server, capsys):
    config = planned.write_config(tmp_path, server, duration_seconds=45)
    assert run(config) == 0
    path = tmp_path / "out" / "storyboard.yaml"
    path.write_text(text(config).replace("  - index: 2\n", "  # mine: keep\n  - index: 2   # here\n"), encoding="utf-8")
    before = text(config)
    capsys.readouterr()
    assert run(config, "--revise", "make the middle darker") == 0
    after, changed = segments_of(text(config)), [4, 5, 6]
    assert {number: one for number, one in after.items() if number not in changed} == {
        number: one for number, one in segments_of(before).items() if number not in changed}
    assert all("darker" in after[number] for number in changed)
    assert "  # mine: keep\n  - index: 2   # here\n" in text(config)
    assert (tmp_path / "out" / "storyboard.1.yaml").read_text("utf-8") == before
    shown = capsys.readouterr().out
    assert "segment 5 · video_prompt" in shown and "segment 2 ·" not in shown


def test_a_revised_segment_keeps_its_camera_its_mask_and_a_persons_comments(tmp_path, server):
    config = planned.write_config(tmp_path, server, duration_seconds=45)
    assert run(config) == 0
    path = tmp_path / "out" / "storyboard.yaml"
    whole = segments_of(text(config))[5]
    mine = re.sub(r"    camera:.*(?:\n      .*)*", "    # from below\n    camera: {shot: close_up, move: tilt_up}  # mine",
                  whole) + "\n    mask: auto   # her face"
    path.write_text(text(config).replace(whole, mine), encoding="utf-8")
    before = segments_of(text(config))[5].splitlines()
    assert board(config).segments[4].camera == storyboard.Camera(shot="close_up", move="tilt_up")
    assert run(config, "--revise", "make the middle darker") == 0
    after = segments_of(text(config))[5].splitlines()
    assert board(config).segments[4].mask == "auto" and "darker" in board(config).segments[4].video_prompt
    changed = [line for line in before if line not in after and not line.startswith("      ")]
    assert "# from below" in "".join(after) and "move: tilt_up}  # mine" in "".join(after) and "# her face" in "".join(after)
    assert {line.partition(":")[0].strip() for line in changed} <= {"video_prompt", "last_keyframe_prompt",
                                                                     "first_keyframe_prompt", "action"}, changed


def segments_of(written):
    """The text of each segment, by its number."""
    parts = re.split(r"(?m)^(?=  - index: )", written.partition("segments:\n")[2])
    return {int(re.findall(r"\d+", part)[0]): part.rstrip() for part in parts if part.startswith("  - index")}


def test_somebody_who_is_dropped_goes_from_every_segment_and_from_the_film(tmp_path, server):
    config = planned.write_config(tmp_path, server, duration_seconds=45)
    assert run(config) == 0 and "Jonas" in text(config)
    assert run(config, "--revise", "drop Jonas") == 0
    assert "Jonas" not in [one.name for one in board(config).characters]
    assert not [one.index for one in board(config).segments if "Jonas" in one.video_prompt]


def test_a_revision_needs_a_language_model_and_a_plan(tmp_path, server, capsys):
    config = planned.write_config(tmp_path, server)
    assert run(config, "--revise", "darker") == 2
    assert run(config) == 0
    assert run(config, "--revise", "darker", "--set", "planner.provider=offline") == 2
    said = capsys.readouterr().err
    assert "there is no plan to revise yet" in said and "rules understand no wish" in said


def test_replan_from_and_revise_exclude_each_other(tmp_path, server):
    config = planned.write_config(tmp_path, server)
    assert run(config, "--replan", "--revise", "darker") == 2


# -- another backend ---------------------------------------------------------------------------------------------------------

SOLD = {"as_of": "2026-11-22", "source": "test", "credits_per_second": 5}
CLIPS = {"route": "image_to_video", "shapes": ["1280:720"], "last_frame": True, "audio": "never", "prompt": "optional",
         "prices": [SOLD]}
ELSEWHERE = {
    "video_generation_backend": "runway", "google_veo": {"api_key": planned.KEY},
    "runway_ml": {"api_key": planned.KEY, "model_version": "long"},
    "catalogue": {"runway": {"video": {"long": {**CLIPS, "seconds": [5, 6, 8]},
                                       "curt": {**CLIPS, "seconds": [5, 6, 8], "prompt_limit": 200}}}}}


def test_another_backend_keeps_the_plan_that_was_paid_for(tmp_path, server, capsys):
    config = planned.write_config(tmp_path, server, **ELSEWHERE)
    assert run(config) == 0
    before, posts = text(config), len(server.posts)
    assert run(config, "--backend", "veo3") == 0 and run(config, "--backend", "animatic") == 0
    assert len(server.posts) == posts and text(config) == before
    assert "planned anew" not in capsys.readouterr().out


def test_a_backend_that_cannot_read_the_prompts_has_them_planned_anew_once_and_says_why(tmp_path, server, capsys):
    config = planned.write_config(tmp_path, server, **ELSEWHERE)
    assert run(config) == 0 and max(len(one.video_prompt) for one in board(config).segments) > 200
    config.write_text(config.read_text().replace('"model_version": "long"', '"model_version": "curt"'))
    capsys.readouterr()
    assert run(config) == 0
    assert "it is planned anew: the prompt of segment_01 has" in capsys.readouterr().out
    posts = len(server.posts)
    assert run(config) == 0 and len(server.posts) == posts
