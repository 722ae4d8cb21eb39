"""Keyframes that stay whole in a film of another shape: painted on once, billed once, found again, or mirrored."""

from collections import Counter
from contextlib import closing
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from PIL import Image

from checks import fit_notes
from image_generator_interface import ImageCapabilities
from keyframe_slots import MIRRORED
from media import frames
from media.film_format import Size
from media.fit import fit
from runtime.commit_points import EXTENDED
from runtime.ledger import Ledger
from tests import paid_pictures, paid_runs
from tests.fake_painter import OtherPainter, Painter, Stroke, Studio, filtered
from tests.fake_provider import FILM
from tests.paid_pictures import ASKED_FOR, killed, server_of
from tests.paid_runs import again, purchases
from tests.painted_film import PaintedFilm, board

BEYOND = "goes on beyond its sides"
TALL = Size(60, 120)
CALLED = ["purchase.intended", "purchase.answered", "purchase.downloaded", "purchase.fetched", "purchase.done"]
WHO_CANNOT = ImageCapabilities(sizes=(TALL,))
WHO_CAN = ImageCapabilities(sizes=(TALL,), edits=True, outpaints=True)


def film(tmp_path, *parts, **settings):
    return PaintedFilm(tmp_path, board(*(parts or ({},))), {"fit": "outpaint", **settings})


def painter(studio=None, **how):
    return Painter(studio or Studio(), WHO_CAN, **how)


def taken(ran, kind="extension"):
    return [one for one in ran.purchases if one.node.startswith(f"{kind} ")]


# -- a picture is painted on ------------------------------------------------------------------------------------------------

def test_a_keyframe_of_another_shape_is_bought_and_then_what_lies_beyond_its_sides(tmp_path):
    ran = film(tmp_path).run(painter())
    assert Counter(one.node.split()[0] for one in ran.purchases) == {"keyframe": 2, "extension": 2}
    keyframe = ran.keyframe()
    drawn, shown = frames.load_rgb(keyframe.path), frames.load_rgb(keyframe.fitted)
    assert drawn.shape == (120, 60, 3) and shown.shape == (64, 64, 3)
    assert np.array_equal(shown[:, 16:48], fit(drawn, Size(32, 64), "crop").rgb)
    mirrored = fit(drawn, FILM.size, "outpaint").rgb
    assert np.abs(shown[:, :10].astype(int) - mirrored[:, :10]).mean() > 10


def test_the_second_run_buys_nothing_and_makes_the_same_of_it(tmp_path):
    first = film(tmp_path).run(painter(studio := Studio()))
    again = film(tmp_path).run(painter(studio))
    assert len(studio.posts) == 4 and again.keyframe().key == first.keyframe().key
    without = film(tmp_path).run(Painter(studio, WHO_CANNOT))  # who draws them still does; who painted on is gone
    assert without.keyframe().key == first.keyframe().key and len(studio.posts) == 4


def test_a_keyframe_of_nearly_the_films_shape_is_cut_and_nothing_is_bought_for_it(tmp_path):
    ran = film(tmp_path).run(Painter(Studio(), replace(WHO_CAN, sizes=(Size(128, 124),))))
    assert not taken(ran) and frames.load_rgb(ran.keyframe().fitted).shape == (64, 64, 3)


def test_other_ways_of_fitting_buy_nothing_besides(tmp_path):
    for way in ("crop", "pad"):
        ran = film(tmp_path / way, fit=way).run(painter())
        assert not taken(ran)


def test_your_own_picture_is_painted_on_and_stays_yours(tmp_path):
    (tmp_path / "keyframes").mkdir()
    theirs = tmp_path / "keyframes" / "segment_00.jpg"
    Image.new("RGB", (300, 150), "navy").save(theirs)
    before = theirs.read_bytes()
    ran = film(tmp_path).run(painter())
    keyframe = ran.keyframe()
    assert (keyframe.source, keyframe.path, theirs.read_bytes()) == ("user", theirs, before)
    assert [one.node for one in taken(ran)].count("extension segment_00") == 1
    assert np.abs(frames.load_rgb(keyframe.fitted)[20:44].astype(int) - (0, 0, 128)).max() <= 2
    theirs.unlink()
    Image.new("RGB", (300, 150), "teal").save(theirs)
    assert len(taken(film(tmp_path).run(painter()))) == 3


def test_what_is_asked_for_is_the_place_and_nobody_in_it(tmp_path):
    film(tmp_path).run(painter(studio := Studio()))
    (asked, *_) = [post for post in studio.posts if post.edit]
    assert BEYOND in asked.prompt and "nobody" in asked.prompt and asked.size == FILM.size


def test_only_the_candidate_that_is_used_is_painted_on(tmp_path):
    ran = film(tmp_path, keyframes={"candidates": 3}).run(painter())
    assert (len(taken(ran, "keyframe")), len(taken(ran))) == (6, 2)


# -- who cannot ------------------------------------------------------------------------------------------------------------

def test_where_nobody_can_borders_are_mirrored_and_it_is_said_before(tmp_path):
    ours = film(tmp_path)
    ran = ours.run(cannot := Painter(Studio(), WHO_CANNOT))
    keyframe = ran.keyframe()
    assert not taken(ran) and keyframe.key.endswith(" mirrored")
    assert np.array_equal(frames.load_rgb(keyframe.fitted), fit(frames.load_rgb(keyframe.path), FILM.size, "outpaint").rgb)
    (said,) = fit_notes(ours.config, [cannot], [])
    assert "mirrored" in said and not list(fit_notes(ours.config, [cannot, painter()], []))


def test_a_fallback_that_can_is_asked_to_paint_on_what_the_first_drew(tmp_path):
    ran = film(tmp_path).run(Painter(drew := Studio(), WHO_CANNOT),
                             OtherPainter(painted := Studio(), WHO_CAN))
    assert (len(drew.posts), len(painted.posts)) == (2, 2) and ran.made == ["segment_00", "segment_01"]


def test_a_fallback_that_cannot_stands_in_with_mirrored_borders_and_that_counts_from_then_on(tmp_path):
    studio = Studio(lambda number, request: filtered() if request.edit else Stroke())
    ran = film(tmp_path).run(painter(studio), OtherPainter(other := Studio(), WHO_CANNOT))
    assert ran.made == ["segment_00", "segment_01"] and not other.posts and ran.said("borders are mirrored")
    keyframe, posts = ran.keyframe(), len(studio.posts)
    assert np.array_equal(frames.load_rgb(keyframe.fitted), fit(frames.load_rgb(keyframe.path), FILM.size, "outpaint").rgb)
    assert {event.data.get("made_by") for event in ran.events if event.node.startswith("extension ") and event.kind == "made"
            } == {MIRRORED}
    assert film(tmp_path).run(painter(studio)).keyframe().key == keyframe.key and len(studio.posts) == posts


def test_without_a_fallback_what_nobody_paints_keeps_the_keyframe_from_being_used(tmp_path):
    studio = Studio(lambda number, request: filtered() if request.edit else Stroke())
    ran = film(tmp_path).run(painter(studio))
    assert not ran.made and "what lies beyond" in ran.outcomes["segment_00"].reason
    posts = len(studio.posts)
    assert not film(tmp_path).run(painter(studio)).made and len(studio.posts) == posts


def test_a_cap_without_room_for_the_borders_keeps_the_picture_and_blocks_the_keyframe(tmp_path):
    ran = film(tmp_path).run(painter(studio := Studio()), cap="0.08")
    assert not ran.made and {outcome.by for outcome in ran.outcomes.values()} == {"budget"}
    assert studio.billed_usd <= Decimal("0.08")
    assert film(tmp_path).run(painter(studio)).made == ["segment_00", "segment_01"] and len(studio.posts) == 4


# -- whole runs ------------------------------------------------------------------------------------------------------------

def square(folder, server, **more):
    """A film twice as wide as high: Stability draws none such."""
    return paid_pictures.config(folder, "stability", server, size="256x128", fit="outpaint", **more)


def shown_in(ours):
    with closing(Ledger(ours.folder / "ledger.sqlite", read_only=True)) as ledger:
        return ledger.shown()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The hash of the film that nothing interrupted, and what it cost."""
    with server_of("stability") as server:
        ours = square(tmp_path_factory.mktemp("undisturbed"), server)
        code, said = again(ours)
        assert code == 0, said
        return paid_runs.sha256(ours.film), server.total_usd


@pytest.mark.parametrize(("point", "visit"), [*((point, 2) for point in CALLED), *((point, 1) for point in EXTENDED),
                                              (EXTENDED[-1], 2)])
def test_killed_anywhere_the_picture_and_what_lies_beyond_it_are_billed_once_each(tmp_path, whole, point, visit):
    with server_of("stability") as server:
        ours = square(tmp_path, server)
        killed(ours, point, visit)
        code, said = again(ours)
        assert code == 0, said
        paid_pictures.assert_whole(ours, server, whole[0])
        paid_pictures.assert_twice_only_what_was_lost(ours, server)
        twice = Counter(bill.artifact for bill in server.bills).values()
        assert max(twice) == 1 or point in ("purchase.intended", "purchase.answered")


def test_borders_whose_answer_was_lost_are_asked_about_and_the_picture_stays(tmp_path, whole):
    with server_of("stability") as server:
        ours = square(tmp_path, server, budget=ASKED_FOR)
        killed(ours, "purchase.answered", 2)
        code, said = again(ours)
        (gone,) = paid_pictures.lost(ours)
        assert code == 6 and gone.node == "extension segment_00" and f"resolve {gone.id}" in said
        assert len(server.posts) == 2
        paid_pictures.give_up(ours, gone, sum(paid_pictures.drawn(server, gone)))
        assert again(ours)[0] == 0
        paid_pictures.assert_whole(ours, server, whole[0])
        assert paid_pictures.charged(purchases(ours)) == server.total_usd == whole[1] + Decimal("0.04")


def test_the_estimate_counts_the_borders_and_the_report_says_who_painted_them(tmp_path):
    with server_of("stability") as server:
        ours = square(tmp_path, server)
        code, said = paid_runs.told("estimate", "--config", str(ours.config), "--json")
        assert code == 0 and said.count('"extension segment_') == 3 and '"low": "0.315000"' in said, said
        assert again(ours)[0] == 0
        page = (ours.folder / "report.html").read_text(encoding="utf-8")
        assert "1344x768, whole, painted on to the film&#x27;s shape by stability" in page and "extension 00" in page
        code, said = paid_runs.told("estimate", "--config", str(ours.config))
        assert code == 0 and "costs nothing: every clip is there" in said
        take = next(ours.folder.glob("takes/segment_00/extension-*"))
        for one in ours.folder.glob("takes/segment_00/extension-*"):
            one.unlink()
        code, said = paid_runs.told("estimate", "--config", str(ours.config), "--json")
        assert '"extension segment_00"' in said and '"low": "0.040000"' in said and not take.exists()


def test_the_picture_a_film_opens_with_is_painted_on_and_reckoned_before(tmp_path):
    Image.new("RGB", (500, 500), "teal").save(tmp_path / "mine.png")
    with server_of("stability") as server:
        ours = paid_pictures.config(tmp_path, "stability", server, fit="outpaint", initial_image="mine.png")
        code, said = paid_runs.told("estimate", "--config", str(ours.config), "--json")
        assert code == 0 and '"low": "0.170000"' in said and said.count('"extension segment_') == 1
        assert again(ours)[0] == 0 and server.total_usd == Decimal("0.17")
        assert [one.node for one in purchases(ours) if one.node.startswith("extension")] == ["extension segment_00"]


def test_a_preview_shows_what_was_painted(tmp_path):
    with server_of("stability") as server:
        ours = square(tmp_path, server)
        assert again(ours)[0] == 0
        next(ours.folder.glob("takes/segment_01/clip-*")).write_bytes(b"damaged")
        shown = shown_in(ours)["extension segment_00"].sha256
        assert paid_runs.told("preview", "--config", str(ours.config))[0] == 0
        assert list(ours.folder.glob(f"preview/keyframes/{shown[:16]}-*.png")) and len(server.posts) == 4


def test_the_ledger_tells_a_picture_from_what_lies_beyond_it(tmp_path, whole):
    with server_of("stability") as server:
        ours = square(tmp_path, server)
        assert again(ours)[0] == 0
        shown = shown_in(ours)
        assert shown["extension segment_00"].asked["picture"] == shown["keyframe segment_00"].sha256
        assert frames.load_rgb(ours.folder / shown["extension segment_00"].path).shape == (128, 256, 3)
