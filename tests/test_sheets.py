"""Sheets of characters and places: bought first, once, by whom; what is drawn by them, in what order, and what goes stale."""

import asyncio

import pytest

import errors
import sheets
from cost_estimator import estimate
from generators.animatic_generator import AnimaticGenerator as Free
from image_generator_interface import ImageCapabilities
from keyframe_slots import sheet_slots
from media import frames
from orders import Orders
from picture_costs import to_be_paid
from runtime.answers import Refused
from runtime.outcome import Blocked, Made, Unresolved
from runtime.run_store import open_run
from standing import from_ledger
from storyboard import Character, Location
from tests.fake_painter import PLAIN, USD, OtherPainter, Painter, Stroke, Studio, scenery
from tests.fake_provider import FILM
from tests.painted_film import PaintedFilm, board
from timeline import timeline
from video_generator_interface import BackendOptions, Quote

LOOKS = ImageCapabilities(references=4)
CAST = {"characters": (Character(name="Ada", description="a girl in a red coat"), Character(name="Bo")),
        "locations": (Location(name="The Old Harbour"),)}
WHO = {"characters": ("Ada",), "location": "The Old Harbour"}


def film(folder, *parts, **fields):
    """Nothing is looked at twice: what the studio draws has little to do with the picture before."""
    return PaintedFilm(folder, board(*(parts or (WHO, WHO)), **{**CAST, **fields}), {"keyframes": {"rerolls": 0}})


def guides(request):
    return [name for name, _ in request.pictures()]


def test_a_sheet_is_made_of_who_and_where_is_in_the_film_and_of_nobody_else():
    found = sheet_slots(board(WHO, **CAST), Orders())
    assert [(one.kind, one.name, one.file) for one in found] == [
        ("character", "Ada", "ada"), ("location", "The Old Harbour", "the_old_harbour")]


def test_those_called_alike_get_files_of_their_own():
    cast = {"characters": (Character(name="Bo!"), Character(name="bo")), "locations": (Location(name="BO"),)}
    found = sheet_slots(board({"characters": ("Bo!", "bo"), "location": "BO"}, **cast), Orders())
    assert [one.file for one in found] == ["bo", "bo_2", "bo_3"]


@pytest.mark.parametrize("name", ["x" * 400, "日本" * 200, "../" * 90 + "etc/passwd", "𝔸" * 300])
def test_a_name_of_any_length_is_a_file_that_can_be_written(tmp_path, name):
    cast = {"characters": (Character(name=name), Character(name=name + "!"))}
    ran = PaintedFilm(tmp_path, board({"characters": (name, name + "!")}, **cast)).run(Painter(Studio(), LOOKS))
    assert "segment_00" in ran.made and len(list((tmp_path / "sheets").iterdir())) == 2


def test_keyframes_are_drawn_by_the_sheets_and_by_the_keyframe_before(tmp_path):
    studio = Studio()
    ran = film(tmp_path).run(Painter(studio, LOOKS))
    assert [post.keyframe for post in studio.posts] == ["sheet ada", "sheet the_old_harbour", "segment_00", "segment_01",
                                                        "segment_02"]
    assert [guides(post) for post in studio.posts[2:]] == [
        ["Ada", "The Old Harbour"], *2 * [["Ada", "The Old Harbour", "the moment before"]]]
    assert studio.posts[3].previous == ran.keyframe("segment_00").path
    assert sorted(path.name for path in (tmp_path / "sheets").iterdir()) == ["ada.png", "the_old_harbour.png"]


def test_running_again_buys_nothing(tmp_path):
    studio = Studio()
    film(tmp_path).run(Painter(studio, LOOKS))
    ran = film(tmp_path).run(Painter(studio, LOOKS))
    assert (len(studio.posts), [one.kind for one in ran.events if one.kind in ("stale", "made")]) == (5, [])


def test_a_backend_that_looks_at_nothing_makes_no_sheets_and_draws_all_at_once(tmp_path):
    studio = Studio()
    ran = film(tmp_path).run(Painter(studio))
    assert (len(studio.posts), ran.seconds) == (3, pytest.approx(1))


def test_a_cut_starts_a_new_branch(tmp_path):
    studio = Studio()
    film(tmp_path, WHO, {**WHO, "join": "cut"}).run(Painter(studio, LOOKS))
    assert ["the moment before" in guides(post) for post in studio.posts[2:]] == [False, False, True, True]


def test_a_picture_of_yours_takes_the_place_of_a_sheet(tmp_path):
    (tmp_path / "sheets").mkdir()
    frames.save_png(scenery(FILM.size, 5), tmp_path / "sheets" / "Ada.PNG")
    studio = Studio()
    ran = film(tmp_path).run(Painter(studio, LOOKS))
    assert not studio.drawn("sheet ada")
    assert studio.drawn("segment_00")[0].figures[0].reference == tmp_path / "sheets" / "Ada.PNG"
    assert [one.node for one in ran.events if one.kind == "adopted"] == ["sheet ada"]


def test_a_reference_of_yours_needs_no_sheet(tmp_path):
    frames.save_png(scenery(FILM.size, 5), tmp_path / "ada.png")
    studio = Studio()
    film(tmp_path, WHO, characters=(Character(name="Ada", reference="ada.png"),)).run(Painter(studio, LOOKS))
    assert [post.keyframe for post in studio.posts] == ["sheet the_old_harbour", "segment_00", "segment_01"]
    assert guides(studio.posts[1]) == ["Ada", "The Old Harbour"]


def test_a_model_that_looks_at_one_picture_waits_for_no_other(tmp_path):
    studio = Studio()
    ran = film(tmp_path).run(Painter(studio, ImageCapabilities(references=1)))
    assert [guides(post) for post in studio.posts[2:]] == [["Ada"]] * 3
    assert ran.seconds == pytest.approx(2)


def test_a_replaced_sheet_makes_keyframes_stale_and_buys_nothing_until_it_is_asked_for(tmp_path):
    studio = Studio()
    film(tmp_path).run(Painter(studio, LOOKS))
    frames.save_png(scenery(FILM.size, 9), tmp_path / "sheets" / "ada.png")
    ran = film(tmp_path).run(Painter(studio, LOOKS))
    assert [one.node for one in ran.events if one.kind == "stale"] == [f"keyframe segment_0{n}" for n in range(3)]
    assert len(studio.posts) == 5
    film(tmp_path).run(Painter(studio, LOOKS), orders=Orders(refresh_stale=True))
    assert [post.keyframe for post in studio.posts[5:]] == ["segment_00", "segment_01", "segment_02"]
    assert not film(tmp_path).run(Painter(studio, LOOKS)).said("--refresh stale")


def test_a_replaced_keyframe_makes_the_next_stale_and_no_other(tmp_path):
    studio = Studio()
    film(tmp_path).run(Painter(studio, LOOKS))
    frames.save_png(scenery(FILM.size, 9), tmp_path / "keyframes" / "segment_00.png")
    ran = film(tmp_path).run(Painter(studio, LOOKS))
    assert [one.node for one in ran.events if one.kind == "stale"] == ["keyframe segment_01"]


def test_without_its_sheet_a_keyframe_is_blocked_and_says_why(tmp_path):
    studio = Studio(lambda number, request: Stroke(refuse=Refused("404")) if request.keyframe == "sheet ada" else PLAIN)
    ran = film(tmp_path, WHO, {"join": "cut"}).run(Painter(studio, LOOKS))
    assert isinstance(ran.outcomes["segment_00"], Blocked)
    assert "the sheet of Ada is not there" in ran.outcomes["segment_00"].reason
    assert ran.made == ["segment_02_first", "segment_02"]


@pytest.mark.parametrize(("cap", "lost", "kind"), [(None, True, Unresolved), ("0.01", False, Blocked)])
def test_what_a_sheet_ends_with_goes_along_the_branch(tmp_path, cap, lost, kind):
    ran = film(tmp_path).run(Painter(Studio([Stroke(lost=lost)]), LOOKS), cap=cap)
    assert {type(outcome) for outcome in ran.outcomes.values()} == {kind}
    assert kind is Unresolved or ran.outcomes["segment_02"].by == "budget"


def test_the_look_of_a_stand_in_is_not_carried_on(tmp_path):
    studio = Studio(lambda number, request: Stroke(refuse=Refused("404")) if request.keyframe == "segment_00" else PLAIN)
    film(tmp_path).run(Painter(studio, LOOKS), OtherPainter(Studio()))
    assert guides(studio.drawn("segment_01")[0]) == ["Ada", "The Old Harbour"]
    assert guides(studio.drawn("segment_02")[0])[-1] == "the moment before"


def test_only_a_part_goes_on_from_what_is_there(tmp_path):
    studio = Studio()
    film(tmp_path).run(Painter(studio, LOOKS), orders=Orders(only=frozenset({1})))
    film(tmp_path).run(Painter(studio, LOOKS), orders=Orders(only=frozenset({2})))
    assert [post.keyframe for post in studio.posts[2:]] == ["segment_00", "segment_01", "segment_02"]
    assert guides(studio.posts[4])[-1] == "the moment before"


@pytest.mark.parametrize("latency_s", [30])
def test_six_scenes_take_as_long_as_the_longest_and_the_sheets(tmp_path, latency_s):
    parts = [{**WHO, "join": "continuous" if number % 5 else "cut"} for number in range(30)]
    parts[0]["join"] = "cut"
    ran = film(tmp_path, *parts).run(Painter(Studio([Stroke(latency_s)]), LOOKS, places=8))
    assert len(ran.made) == 36
    assert ran.seconds <= 1.05 * (1 + 6) * latency_s


def test_where_places_are_few_the_longest_scene_goes_first(tmp_path):
    cut = {**WHO, "join": "cut"}
    ran = film(tmp_path, WHO, cut, cut, *[WHO] * 6).run(Painter(Studio(), LOOKS, places=2))
    assert ran.seconds <= 1 + 1 + 8  # the first two places are taken by whoever comes; from then on the longest scene leads


def test_sheets_alone_say_what_is_missing(tmp_path):
    async def made(outcome):
        return outcome

    async def finished(*outcomes):
        with open_run(tmp_path) as run:
            await sheets.finish({("character", str(number)): asyncio.ensure_future(made(one))
                                 for number, one in enumerate(outcomes)}, run)

    for outcome, error in ((Unresolved("lost", (3,)), errors.Unresolved), (Blocked("budget", "full"), errors.CapReached),
                           (Blocked("x", "y"), errors.SegmentsFailed)):
        with pytest.raises(error, match="1 of 2 sheets are not there"):
            asyncio.run(finished(Made(None), outcome))


def test_the_estimate_knows_the_sheets_and_what_is_stale(tmp_path):
    painter = Painter(Studio(), LOOKS)
    plan = film(tmp_path)
    before = reckoned(plan, painter)
    assert [line.what for line in before.lines if line.charges][:3] == ["sheet ada", "sheet the_old_harbour",
                                                                        "keyframe segment_00"]
    assert before.low == 5 * USD
    plan.run(painter)
    assert reckoned(plan, painter).low == 0
    frames.save_png(scenery(FILM.size, 9), tmp_path / "keyframes" / "segment_01.png")
    assert (reckoned(plan, painter).low, reckoned(plan, painter, Orders(refresh_stale=True)).low) == (0, USD)
    plan.run(painter, orders=Orders(refresh_stale=True))
    assert reckoned(plan, painter, Orders(refresh_stale=True)).low == 0


def test_with_sheets_only_nothing_else_is_reckoned(tmp_path):
    found = reckoned(film(tmp_path), Painter(Studio(), LOOKS), Orders(sheets_only=True))
    assert [line.what for line in found.lines] == ["sheet ada", "sheet the_old_harbour"]


def reckoned(film, painter, orders=None):
    video, orders = Free(BackendOptions(), FILM), orders or Orders()
    span = timeline(film.plan, video.capabilities, FILM)
    with open_run(film.folder) as run:
        there = from_ledger(run, film.plan, span, film.config, video, [painter], orders)
    return estimate(film.plan, span, [video], [painter], mode="keyframe", audio=False, standing=there, orders=orders,
                    pictures=to_be_paid(film.plan, [painter], film.config, orders))


class ByTheGuide(Painter):
    """Takes a cent for each picture it is shown, and a dime for painting a part anew."""

    def quote_for(self, request):
        usd = USD + len(request.pictures()[:self.capabilities.references]) * USD / 4 + (USD * 2 if request.edit else 0)
        return Quote(usd, usd)


def test_each_keyframe_is_reckoned_by_the_pictures_it_is_drawn_by_and_by_its_mask(tmp_path):
    parts = [WHO, {"mask": "auto", **WHO}, {"join": "cut"}]
    painter = ByTheGuide(Studio(), ImageCapabilities(references=3, edits=True))
    plan = film(tmp_path, *parts)
    usd = {line.what: line.low for line in reckoned(plan, painter).lines if line.charges}
    assert usd == {
        "sheet ada": USD, "sheet the_old_harbour": USD, "keyframe segment_00": USD + USD / 2,
        "keyframe segment_01": USD + 3 * USD / 4, "keyframe segment_02": USD + USD / 2 + 2 * USD,
        "keyframe segment_03_first": USD, "keyframe segment_03": USD + USD / 4}


def test_candidates_and_their_judge_are_reckoned_for_each_keyframe(tmp_path):
    plan = film(tmp_path, WHO)
    judged = {"keyframes": {"candidates": 3, "judge": "gpt-6-luna"}, "planner": {"provider": "openai", "reasks": 1}}
    plan = PaintedFilm(tmp_path, plan.plan, judged)
    lines = {line.what: line for line in reckoned(plan, ByTheGuide(Studio(), LOOKS)).lines}
    assert lines["keyframe segment_00"].low == 3 * (USD + USD / 2)
    judge = lines["choosing keyframes"]
    assert judge.backend == "gpt-6-luna" and judge.charges and judge.high == 8 * judge.low > 0


def test_a_prompt_that_is_too_long_stops_no_estimate(tmp_path):
    class Strict(Painter):
        def quote_for(self, request):
            raise Refused("the prompt has 9 characters, it reads 3")

    assert reckoned(film(tmp_path), Strict(Studio(), LOOKS)).low == 5 * USD
