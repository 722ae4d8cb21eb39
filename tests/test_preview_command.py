"""`preview`: the whole film before it is paid for, with prices, without a key, a purchase or a question to anybody."""

import json
from decimal import Decimal

import pytest
from PIL import Image

from media import frames, probe
from runtime.purchase_model import Intent
from runtime.run_store import open_run
from tests import films
from tests.servers import RunwayServer

PRICED = ("--backend", "test-priced")


def preview(film, capsys, *argv):
    """The document of a preview."""
    capsys.readouterr()
    assert film.run("--json", *argv, command="preview").code == 0
    return json.loads(capsys.readouterr().out)


def said(told):
    return [shot["said"] for shot in told["segments"]]


def mean_colour(path, at=0):
    picture = frames.first_frame(path) if at == 0 else frames.last_frame(path)
    return picture[:40].reshape(-1, 3).mean(axis=0)


@pytest.fixture
def film(tmp_path, plugins):
    return films.write_config(tmp_path, fps=4)


def test_a_film_that_was_never_planned_is_shown_whole_with_what_each_segment_costs(film, capsys):
    told = preview(film, capsys, *PRICED)
    assert probe.probe(film.folder / "preview" / "preview.mp4").frames == 16
    assert (film.folder / "storyboard.yaml").is_file() and not film.film.exists()
    assert said(told) == ["$0.05 at test-priced deluxe, not bought"] * 4
    assert [(shot["begin"], shot["end"]) for shot in told["segments"]][1] == ("00:00:01:00", "00:00:02:00")
    assert (told["missing"], told["missing_usd"], told["by"]) == ([1, 2, 3, 4], "0.200", "test-priced deluxe")


def test_it_ends_with_the_price_of_what_is_missing_and_the_command_that_makes_it(film, capsys):
    assert film.run(*PRICED, command="preview").code == 0
    shown = capsys.readouterr().out
    assert f"preview    {film.folder}/preview/preview.mp4" in shown
    assert "missing    segments 1-4 of 4: $0.20 at test-priced deluxe" in shown
    assert f"run --config {film.config} --backend test-priced\n" in shown


def test_a_part_of_the_film_can_be_shown_and_made(film, capsys):
    told = preview(film, capsys, *PRICED, "--only", "2,4")
    assert probe.probe(film.folder / "preview" / "preview.mp4").frames == 8
    assert (told["missing"], told["missing_usd"]) == ([2, 4], "0.100")
    assert told["next"].endswith("--backend test-priced --only 2,4")


@pytest.mark.parametrize(("usd", "words", "total"), [
    ("null", "price unknown at test-priced deluxe, not bought", None), ("0", "not made yet, filled by animatic", "0")])
def test_an_unknown_price_is_said_and_no_price_is_not(film, capsys, usd, words, total):
    told = preview(film, capsys, *PRICED, "--set", f"test-priced.usd_per_second={usd}")
    assert set(said(told)) == {words}
    assert told["missing_usd"] == total


def test_no_provider_is_asked_anything_and_no_key_is_needed(tmp_path, capsys):
    with RunwayServer() as server:
        film = films.write_config(tmp_path, video_generation_backend="runway", duration_seconds=8, fps=4,
                                  runway_ml={"base_url": server.url, "model_version": "veo3.1_fast"})
        told = preview(film, capsys)
        assert film.run("--set", "runway_ml.api_key=key_dummy", command="preview").code == 0
    assert server.requests == []
    assert all(words.endswith(" at runway veo3.1_fast, not bought") for words in said(told))
    with open_run(film.folder) as run:
        assert run.ledger.purchases.all() == []


def test_pictures_of_yours_that_no_run_has_seen_are_shown(film, capsys):
    assert film.run(command="plan").code == 0
    (film.folder / "keyframes").mkdir()
    Image.new("RGB", (160, 90), (0, 255, 0)).save(film.folder / "keyframes" / "segment_00.png")
    preview(film, capsys, *PRICED)
    red, green, blue = mean_colour(film.folder / "preview" / "preview.mp4")
    assert green > 200 and red < 60 and blue < 60
    assert [path.name for path in (film.folder / "keyframes").iterdir()] == ["segment_00.png"]


def test_a_clip_that_counts_is_shown_and_one_whose_prompt_was_edited_is_to_be_made_anew(film, capsys):
    budget = ("--yes", "--set", "budget.max_cost_usd=5")
    assert film.run(*PRICED, *budget).code == 0
    assert said(preview(film, capsys, *PRICED)) == ["made"] * 4
    film.change(2, video_prompt="Something else.")
    told = preview(film, capsys, *PRICED)
    assert said(told) == ["made", "$0.05 at test-priced deluxe, not bought: prompt changed", "made", "made"]
    assert told["next"].endswith("--only 2")
    assert not list((film.folder / "preview" / "fill").glob("segment_0[134]*"))


def test_another_keyframe_prompt_is_seen_in_the_sketches_at_once(film, capsys):
    assert film.run(*PRICED, command="preview").code == 0
    before = mean_colour(film.folder / "preview" / "preview.mp4")
    film.change(1, first_keyframe_prompt="A snowy mountain at noon, wide shot.")
    preview(film, capsys, *PRICED)
    assert abs(mean_colour(film.folder / "preview" / "preview.mp4") - before).max() > 10


def test_a_paid_clip_that_is_not_fetched_yet_costs_nothing_more_and_a_lost_answer_is_named(film, capsys):
    assert film.run(*PRICED, "--yes", "--set", "budget.max_cost_usd=5").code == 0
    with open_run(film.folder) as run:
        shop = run.ledger.purchases
        for index in (1, 2):
            take = run.ledger.current(f"clip segment_0{index}")
            assert take is not None
            run.ledger.unchoose(take)
            paid = shop.intend(Intent(take.node, take.wanted, "job", "test-priced", "deluxe", {}, Decimal("0.05")), None)
            shop.submitted(paid.id, "task-1") if index == 1 else shop.unknown(paid.id, "the line went dead")
    told = preview(film, capsys, *PRICED)
    assert said(told) == ["bought, not fetched yet", "bought perhaps: resolve 2", "made", "made"]
    assert told["missing"] == []


def test_running_it_again_draws_nothing_again(film, capsys):
    assert film.run(*PRICED, command="preview").code == 0
    pieces = {path: path.stat().st_mtime_ns for path in (film.folder / "preview").rglob("segment_*")}
    assert film.run(*PRICED, command="preview").code == 0
    assert {path: path.stat().st_mtime_ns for path in (film.folder / "preview").rglob("segment_*")} == pieces


def test_a_segment_that_is_not_there_is_refused(film, capsys):
    assert film.run(*PRICED, "--only", "9", command="preview").code == 2
    assert "there is no segment 9" in capsys.readouterr().err


def test_a_clip_that_was_bought_is_said_to_be(tmp_path, capsys):
    with RunwayServer() as server:
        film = films.write_config(
            tmp_path, video_generation_backend="runway", duration_seconds=8, fps=4,
            runway_ml={"base_url": server.url, "model_version": "veo3.1_fast", "api_key": "key_dummy"},
            remote_api_settings={"polling_interval": 0.02})
        assert film.run("--only", "1", "--yes", "--max-cost", "5").code == 0
        asked = list(server.requests)
        told = preview(film, capsys)
    assert said(told) == ["bought", "$0.40 at runway veo3.1_fast, not bought"]
    assert (told["missing"], Decimal(told["charged_usd"])) == ([2], Decimal("0.40"))
    assert server.requests == asked
