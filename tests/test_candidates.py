"""Several pictures for one keyframe: bought apart, the best used, the others kept, another picked by hand."""

import asyncio
import json

import cv2
import pytest

import cli
import picture_judge
import report
import storyboard
from candidates import Contest, Score, measured, remembered
from catalogue import load
from config import PipelineConfig
from config_model import KeyframeSettings
from errors import GenerationFailed, UserMistakes
from image_generator_interface import ImageCapabilities
from language_model.endpoint import Endpoint
from media import frames
from orders import Orders
from pipeline import run_pipeline
from runtime.answers import Refused
from runtime.ledger import Ledger
from runtime.outcome import Blocked, Unresolved
from runtime.run_store import open_run
from tests.fake_painter import PLAIN, USD, Painter, Stroke, Studio
from tests.painted_film import PaintedFilm, board
from tests.planned import KEY, settings
from tests.servers.openai import OpenAIServer
from tests.test_scores import blurred, moved, photograph

ONE = Orders(only=frozenset({1}))


class Taste:
    """Likes the candidate of this number."""

    name = "a critic"

    def __init__(self, likes=2, fails=None):
        self.likes, self.fails, self.seen = likes, fails, []

    async def scores(self, contest):
        self.seen.append(contest)
        if self.fails:
            raise self.fails
        return [Score(0.9 if number == self.likes else 0.4, f"because it is {number}")
                for number in range(1, len(contest.pictures) + 1)]


def film(folder, judge=None, **settings):
    return PaintedFilm(folder, board({}), {"keyframes": {"candidates": 3, **settings}}, judge=judge)


def choice(folder, name="segment_00"):
    ledger = Ledger(folder / "ledger.sqlite", read_only=True)
    try:
        return remembered(ledger, name)
    finally:
        ledger.close()


def test_each_candidate_is_a_purchase_with_a_seed_of_its_own(tmp_path):
    studio = Studio()
    ran = film(tmp_path).run(Painter(studio))
    assert (ran.states, len({post.seed for post in studio.drawn("segment_00")})) == (["DONE"] * 6, 3)
    assert studio.billed_usd == sum(one.charged_usd or 0 for one in ran.purchases) == 6 * USD
    film(tmp_path).run(Painter(studio))
    assert len(studio.posts) == 6


def test_the_judge_chooses_and_the_others_are_kept(tmp_path):
    ran = film(tmp_path, Taste(likes=2)).run(Painter(Studio()))
    found = choice(tmp_path)
    assert (found.by, found.chosen, [one.score for one in found.candidates]) == ("a critic", 2, [0.4, 0.9, 0.4])
    assert ran.keyframe().sha256 == found.candidates[1].sha256
    assert all((tmp_path / one.path).is_file() for one in found.candidates)
    assert ran.said("candidate 2 of 3 is used, chosen by a critic: because it is 2")


def test_the_judge_sees_what_it_is_to_be_like(tmp_path):
    judge = Taste()
    film(tmp_path, judge).run(Painter(Studio(), ImageCapabilities(references=4)))
    assert [[name for name, _ in one.guides] for one in judge.seen] == [[], ["the moment before"]]
    assert [one.before is None for one in judge.seen] == [True, False]


@pytest.mark.parametrize("fails", [GenerationFailed("it is down"), ValueError("a bug of the judge")])
def test_where_the_judge_fails_they_are_measured_and_that_is_said(tmp_path, fails):
    ran = film(tmp_path, Taste(fails=fails)).run(Painter(Studio()))
    assert (len(ran.made), choice(tmp_path).by) == (2, "measured")
    assert ran.said("so the candidates are measured")


def test_one_that_is_not_made_is_left_out(tmp_path):
    studio = Studio(lambda number, request: Stroke(refuse=Refused("404")) if number == 2 else PLAIN)
    film(tmp_path).run(Painter(studio, places=1), orders=ONE)
    assert [one.candidate for one in choice(tmp_path).candidates] == [1, 3]


@pytest.mark.parametrize(("stroke", "cap", "kind"), [(Stroke(lost=True), None, Unresolved), (PLAIN, "0.01", Blocked)])
def test_when_none_is_made_the_keyframe_ends_as_they_did(tmp_path, stroke, cap, kind):
    ran = film(tmp_path).run(Painter(Studio([stroke])), cap=cap)
    assert isinstance(ran.outcomes["segment_00"], kind)


def test_without_a_judge_the_sharper_and_nearer_one_wins(tmp_path):
    rgb = photograph("coffee")
    for number, picture in enumerate((blurred(rgb, 0.01), moved(rgb, 1.1), photograph("chelsea"))):
        frames.save_png(picture, tmp_path / f"{number}.png")
    frames.save_png(rgb, tmp_path / "before.png")
    before = tmp_path / "before.png"
    contest = Contest("segment_01", "a cup", [tmp_path / f"{number}.png" for number in range(3)], [("it", before)], before)
    found = measured(contest, [[], [], []])
    assert max(range(3), key=lambda number: found[number].score) == 1
    assert found[1].reason.startswith("measured: sharpness 0.") and "of the keyframe before found again" in found[1].reason


def test_a_fault_costs_more_than_any_beauty(tmp_path):
    frames.save_png(photograph("coffee"), tmp_path / "0.png")
    sound, faulty = measured(Contest("k", "a cup", [tmp_path / "0.png"] * 2), [[], ["it is blank"]])
    assert sound.score - faulty.score == pytest.approx(0.5) and "it is blank" in faulty.reason


def pick(folder, *argv, which="0"):
    return cli.main(run_pipeline, ["pick", "keyframe", which, "--output-dir", str(folder), *argv])


def test_another_is_picked_by_hand_and_the_next_run_keeps_to_it(tmp_path, capsys):
    film(tmp_path, Taste(likes=1)).run(Painter(Studio()))
    assert pick(tmp_path, "--candidate", "3") == 0
    wanted = choice(tmp_path).candidates[2]
    assert (tmp_path / "keyframes" / "segment_00.png").read_bytes() == (tmp_path / wanted.path).read_bytes()
    studio = Studio()
    ran = film(tmp_path, Taste(likes=1)).run(Painter(studio))
    assert (ran.keyframe().sha256, ran.keyframe().source, len(studio.posts)) == (wanted.sha256, "made", 0)
    assert pick(tmp_path, "--candidate", "1") == 0 and choice(tmp_path).by == "you"


def test_what_there_is_to_choose_from_is_listed(tmp_path, capsys):
    film(tmp_path, Taste()).run(Painter(Studio()))
    assert pick(tmp_path, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["chosen"], told["candidates"][0]["reason"]) == (2, "because it is 1")


@pytest.mark.parametrize(("argv", "which", "said"), [
    (["--candidate", "7"], "0", "has no candidate 7"), ([], "9", "nothing to choose from")])
def test_what_cannot_be_picked_is_a_mistake(tmp_path, capsys, argv, which, said):
    film(tmp_path, Taste()).run(Painter(Studio()))
    assert pick(tmp_path, *argv, which=which) == 2
    assert said in capsys.readouterr().err


def test_a_picture_of_yours_is_not_replaced_by_picking(tmp_path, capsys):
    film(tmp_path, Taste()).run(Painter(Studio()))
    cv2.imwrite(str(tmp_path / "keyframes" / "segment_00.png"), photograph("coffee"))
    assert pick(tmp_path, "--candidate", "1") == 2
    assert "a picture of yours" in capsys.readouterr().err


def test_what_is_picked_from_is_what_the_present_picture_was_chosen_from(tmp_path, capsys):
    film(tmp_path, Taste(likes=1)).run(painter := Painter(Studio()))
    first = choice(tmp_path).candidates
    other = PaintedFilm(tmp_path, board({"first_keyframe_prompt": "quite another"}), {"keyframes": {"candidates": 3}})
    assert other.run(painter).keyframe().sha256 not in [one.sha256 for one in first]
    film(tmp_path).run(painter)  # the words are taken back: the take of before counts again
    assert choice(tmp_path).candidates == first and pick(tmp_path, "--candidate", "3") == 0
    assert film(tmp_path).run(painter).keyframe().sha256 == first[2].sha256


def test_a_picture_that_was_drawn_alone_is_not_picked_from_those_of_earlier_words(tmp_path, capsys):
    film(tmp_path, Taste(likes=1)).run(painter := Painter(Studio()))
    other = PaintedFilm(tmp_path, board({"first_keyframe_prompt": "quite another"}))
    shown = other.run(painter).keyframe().sha256
    assert pick(tmp_path, "--candidate", "2") == 2 and "nothing to choose from" in capsys.readouterr().err
    assert other.run(painter).keyframe().sha256 == shown


def test_a_vision_model_is_asked_once_for_all_candidates_and_paid(tmp_path):
    for number in range(2):
        frames.save_png(photograph("coffee"), tmp_path / f"{number}.png")
    contest = Contest("segment_01", "a cup", [tmp_path / "0.png", tmp_path / "1.png"], [("Ada", tmp_path / "0.png")])
    with OpenAIServer() as server, open_run(tmp_path / "run", [KEY]) as run:
        run.till.open(None)
        judge = picture_judge.PictureJudge(Endpoint(settings(server), load(), model="gpt-6-luna"), run)
        found = asyncio.run(judge.scores(contest))
        assert len(found) == 2 and all(0 <= one.score <= 1 and one.reason for one in found)
        assert asyncio.run(judge.scores(contest)) == found
        assert [one.state for one in run.ledger.purchases.all()] == ["DONE"]


def test_what_a_judge_says_is_plain_text():
    said = picture_judge.PictureScore(candidate=1, score=3, reasons="fine\x9b31m\u202e\nchosen by you")
    assert said.reasons == "fine chosen by you"


def test_the_report_shows_what_was_chosen_from_what_changed_in_words_and_what_the_shape_cost(tmp_path):
    made = film(tmp_path, Taste(likes=2))
    made.run(Painter(Studio()))
    (tmp_path / "storyboard.yaml").write_text(storyboard.render(made.plan), encoding="utf-8")
    with open_run(tmp_path) as run:
        run.ledger.remember(timeline=json.dumps({"size": "128x64", "fps": "8", "spans": []}))
    data = report.gather(tmp_path)
    report.write(data, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "3 candidates, 2 chosen by a critic" in page and "because it is 3" in page
    assert page.count('alt="Candidate ') == 6 and "<mark>end </mark>" in page
    assert data.losses["segment_00"] == "64x64, of which 50% is left in the film's shape"
    assert "of which 50% is left" in page


def test_a_judge_that_sees_nothing_is_refused_before_anything_is_bought(tmp_path):
    blind = {"openai": {"language": {"gpt-6-luna": {"vision": False}}}}
    config = PipelineConfig(prompt="a film", output_dir=tmp_path, keyframes=KeyframeSettings(candidates=2, judge="gpt-6-luna"))
    with open_run(tmp_path) as run, pytest.raises(UserMistakes, match="gpt-6-luna looks at no pictures"):
        picture_judge.create(config, load(overrides=blind), run)
