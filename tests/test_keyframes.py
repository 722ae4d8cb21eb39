"""Keyframes that cost money: bought once, asked in other words, by whom, and what a segment hears when there is none."""

import pytest
from PIL import Image

import errors
import film
from image_generator_interface import ImageCapabilities
from orders import Orders
from runtime.answers import Refused
from runtime.outcome import Blocked, Failed, Unresolved
from runtime.paid_call import Spoilt
from runtime.run_store import open_run
from standing import from_ledger
from storyboard import Camera
from tests.fake_painter import PLAIN, USD, OtherPainter, Painter, Stroke, Studio, filtered
from tests.fake_provider import FILM, FakeProvider, FakeVideo
from tests.painted_film import PaintedFilm, board
from timeline import timeline


def reckoned(made, painter):
    """What an estimate would find of it."""
    with open_run(made.folder) as run:
        video = FakeVideo(FakeProvider())
        return from_ledger(run, made.plan, timeline(made.plan, video.capabilities, FILM), made.config, video, [painter])


LOST = Stroke(lost=True)
WORDS_REFUSED = Stroke(refuse=Refused("not these words", refusal="input"))


def test_a_keyframe_is_bought_once_and_never_again(tmp_path):
    studio = Studio()
    ran = PaintedFilm(tmp_path).run(Painter(studio))
    again = PaintedFilm(tmp_path).run(Painter(studio))
    assert (ran.states, len(studio.posts)) == (["DONE", "DONE"], 2)
    assert again.keyframe().sha256 == ran.keyframe().sha256
    assert sum(one.charged_usd or 0 for one in again.purchases) == studio.billed_usd == 2 * USD


def test_what_was_bought_is_kept_once_as_the_take(tmp_path):
    ran = PaintedFilm(tmp_path).run(Painter(Studio()))
    assert [path.name for path in (tmp_path / "takes" / "segment_00").iterdir()] == [ran.keyframe().path.name]


def test_a_refused_result_is_asked_for_once_more_and_then_in_other_words(tmp_path):
    studio = Studio(lambda number, request: PLAIN if request.prompt.isupper() else filtered("0.01"))
    ran = PaintedFilm(tmp_path).run(Painter(studio))
    assert [post.prompt for post in studio.drawn("segment_00")] == ["the opening 1", "the opening 1", "THE OPENING 1"]
    assert (len(ran.made), ran.said("asking in other words: in capitals")) == (2, True)


def test_refused_words_are_changed_at_once_and_both_are_on_record(tmp_path):
    studio = Studio(lambda number, request: PLAIN if request.prompt.isupper() else WORDS_REFUSED)
    ran = PaintedFilm(tmp_path).run(Painter(studio))
    asked = [one.asked["prompt"] for one in ran.purchases if one.node == "keyframe segment_00"]
    assert asked == ["the opening 1", "THE OPENING 1"]


def test_after_the_last_words_the_fallback_draws_it_and_its_take_counts(tmp_path):
    studio, other = Studio([filtered()]), Studio()
    ran = PaintedFilm(tmp_path).run(Painter(studio), OtherPainter(other))
    assert ran.keyframe().made_by == "other-painter"
    asked = len(studio.posts)
    again = PaintedFilm(tmp_path).run(Painter(studio), OtherPainter(other))
    assert (len(studio.posts), len(other.posts), again.made) == (asked, 2, ["segment_00", "segment_01"])


def test_one_that_nobody_draws_stops_no_other(tmp_path):
    studio = Studio(lambda number, request: Stroke(refuse=Refused("404")) if "opening" in request.prompt else PLAIN)
    ran = PaintedFilm(tmp_path).run(Painter(studio))
    assert isinstance(ran.outcomes["segment_00"], Failed)
    assert ran.made == ["segment_01"]


def test_a_lost_answer_is_asked_again_only_when_that_is_cheap_enough(tmp_path):
    studio = Studio([LOST, PLAIN])
    ran = PaintedFilm(tmp_path / "dear").run(Painter(studio, places=1), rebuy="0.03")
    assert isinstance(ran.outcomes["segment_00"], Unresolved)
    studio = Studio([LOST, PLAIN])
    ran = PaintedFilm(tmp_path / "cheap").run(Painter(studio, places=1), rebuy="0.05")
    assert (len(ran.made), ran.states) == (2, ["ABANDONED", "DONE", "DONE"])


@pytest.mark.parametrize(("stroke", "cap", "error", "code"), [
    (LOST, None, errors.Unresolved, 6), (PLAIN, "0.03", errors.CapReached, 5), (Stroke(refuse=Refused("404")), None,
                                                                              errors.SegmentsFailed, 4)])
def test_what_keeps_a_keyframe_away_is_what_the_run_ends_with(tmp_path, stroke, cap, error, code):
    ran = PaintedFilm(tmp_path, clips=True).run(Painter(Studio([stroke])), cap=cap)
    assert isinstance(ran.clips[1], (Blocked, Unresolved))
    with pytest.raises(error) as told:
        film.refuse_holes(ran.clips, "")
    assert (told.value.exit_code, "keyframe segment_0" in str(told.value)) == (code, True)


def test_an_answer_that_is_no_picture_is_paid_and_not_used(tmp_path):
    ran = PaintedFilm(tmp_path).run(Painter(Studio([Stroke(picture=b"<html>"), PLAIN]), places=1))
    assert isinstance(ran.outcomes["segment_00"], Failed)
    assert [(one.state, one.charged_usd) for one in ran.purchases] == [("FAILED", USD), ("DONE", USD)]


def test_two_keyframes_alike_are_bought_once(tmp_path):
    studio = Studio()
    plan = board({"first_keyframe_prompt": "a door", "last_keyframe_prompt": "a"},
                 {"first_keyframe_prompt": "a door", "last_keyframe_prompt": "b", "join": "cut"})
    ran = PaintedFilm(tmp_path, plan).run(Painter(studio))
    assert [len(ran.made), len(studio.posts)] == [4, 3]
    assert ran.keyframe("segment_02_first").sha256 == ran.keyframe().sha256


class Told(Painter):
    """Is told of words and pictures alone."""

    framed = False


CLOSER, CUT = {"camera": Camera(shot="close_up", move="push_in")}, {"join": "cut", "first_keyframe_prompt": "a new place"}


@pytest.mark.parametrize("looks", [{}, {"references": 4}, {"goes_on": True}])
@pytest.mark.parametrize(("edit", "bought"), [(CLOSER, []), (CUT, ["segment_02_first"])])
def test_what_a_model_is_not_told_of_buys_no_picture_again(tmp_path, edit, bought, looks):
    can, kept = ImageCapabilities(**looks), {"keyframes": {"rerolls": 0}}
    first = PaintedFilm(tmp_path, board({}, {}, {}), kept).run(Told(Studio(), can))
    edited = PaintedFilm(tmp_path, board({}, edit, {}), kept)
    standing = reckoned(edited, Told(Studio(), can))
    ran = edited.run(Told(studio := Studio(), can))
    assert [post.keyframe for post in studio.posts] == bought == [name for name in ran.made if name not in standing.keyframes]
    assert ran.keyframe("segment_03").sha256 == first.keyframe("segment_03").sha256
    edited.run(Told(again := Studio(), can))
    PaintedFilm(tmp_path, board({}, {}, {}), kept).run(Told(again, can))
    assert not again.posts


def test_a_backend_that_is_told_where_the_camera_stands_draws_anew_when_it_moves(tmp_path):
    PaintedFilm(tmp_path, board({}, {}, {})).run(Painter(Studio()))
    PaintedFilm(tmp_path, board({}, CLOSER, {})).run(Painter(studio := Studio()))
    assert studio.drawn("segment_01") and not studio.drawn("segment_00")


def test_an_unusable_picture_is_asked_for_once_more_with_another_seed(tmp_path):
    studio = Studio([Stroke(refuse=Spoilt("cut off")), PLAIN])
    ran = PaintedFilm(tmp_path, settings={}).run(Painter(studio, places=1), orders=Orders(only=frozenset({1})))
    first, second = studio.drawn("segment_00")
    assert (first.prompt, first.seed + 1, len(ran.made)) == (second.prompt, second.seed, 2)


class Silent(Painter):
    """One that says what its pictures do not show."""

    def remarks(self, request):
        yield f"it leaves out “{request.prompt.split()[-1]}”"
        yield "it draws no hands"


def test_what_a_backend_does_not_show_is_said_once_a_film_and_again_for_the_report_of_the_next_run(tmp_path):
    for _ in range(2):
        ran = PaintedFilm(tmp_path, board({}, {})).run(Silent(Studio()))
        said = [event.text for event in ran.events if event.kind == "note" and event.node == ""]
        assert sorted(said) == ["painter: it draws no hands", *(f"painter: it leaves out “{one}”" for one in "12")]


def test_nothing_is_said_of_a_picture_of_yours(tmp_path):
    PaintedFilm(tmp_path).run(Painter(Studio()))
    for path in (tmp_path / "keyframes").iterdir():
        Image.new("RGB", (FILM.size.width, FILM.size.height), "teal").save(path)
    assert not PaintedFilm(tmp_path).run(Silent(Studio())).said("leaves out")


def test_a_backend_that_cannot_say_what_it_leaves_out_fails_no_keyframe(tmp_path):
    class Broken(Painter):
        def remarks(self, request):
            raise KeyError("zebra")

    ran = PaintedFilm(tmp_path).run(Broken(Studio()))
    assert (len(ran.made), ran.said("cannot say what it leaves out")) == (2, True)
