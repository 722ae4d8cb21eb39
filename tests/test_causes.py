"""Why something is not there is said once, where it began; what hangs on it only says on what."""

from decimal import Decimal

import pytest

import errors
import film
import terminal
from report_page import page
from report_page.data import ReportData
from runtime.answers import Refused
from runtime.events import Event
from runtime.outcome import Blocked, Failed, Made, Unresolved, without
from runtime.purchase_model import Intent
from runtime.run_board import Board
from runtime.run_store import open_run
from tests.fake_painter import PLAIN, Painter, Stroke, Studio
from tests.painted_film import PaintedFilm, board
from tests.test_sheets import CAST, LOOKS, WHO

WHY = "the prompt was refused: 400"


def told(*outcomes, **kinds):
    with pytest.raises(errors.LongtakeError) as ended:
        film.refuse_holes(dict(enumerate(outcomes, 1)), ", so there is no film", **kinds)
    return ended.value, str(ended.value)


def test_a_chain_names_its_root_and_never_why_twice():
    sheet = without("sheet mara", "the sheet of Mara", Failed(WHY))
    picture = without("keyframe segment_01", "keyframe segment_01", sheet)
    assert sheet.reason == picture.reason == "the sheet of Mara is not there"
    assert (picture.by, picture.root, picture.cause) == ("sheet mara", "the sheet of Mara", WHY)
    lost = without("keyframe segment_01", "keyframe segment_01", Unresolved("lost", (7,)))
    assert (lost.reason, lost.jobs, lost.cause) == ("keyframe segment_01 is not there", (7,), "lost")


def test_an_error_has_a_line_for_each_cause():
    waits = without("sheet mara", "the sheet of Mara", Failed(WHY))
    _, text = told(waits, waits, Made(None), waits, Failed("runway: down"), Failed("runway: down"),
                   without("clip segment_06", "segment 6", Failed("runway: down")))
    assert text.splitlines() == [
        "6 of 7 segments are not there, so there is no film:",
        f"  the sheet of Mara: {WHY} (segments 1-2, 4 wait for it)",
        "  segments 5-6: runway: down (segment 7 waits for it)"]


def test_one_segment_is_not_there_and_several_are_not():
    assert told(Made(None), Failed("runway: down"))[1].startswith("1 of 2 segments is not there, so")
    assert told(Failed("runway: down"), Failed("x"))[1].startswith("2 of 2 segments are not there, so")


def test_purchases_in_doubt_are_named_one_by_one_or_together(tmp_path):
    with open_run(tmp_path) as run:
        for said in ("purchase 1 was accepted, and is billed", "purchases 1, 2 were accepted, and are billed"):
            shop, node = run.ledger.purchases, f"clip segment_0{len(run.ledger.purchases.all()) + 1}"
            bought = shop.intend(Intent(node, node, "job", "runway", "gen4_turbo", {}, Decimal("0.25")), None)
            shop.unknown(bought.id, "no answer")
            with pytest.raises(errors.Unresolved, match=said):
                film.refuse_doubts(run, None)


def test_what_has_to_be_done_about_the_root_decides_what_is_raised():
    cap = Blocked("budget", "no room under the cap")
    assert isinstance(told(without("k", "keyframe segment_00", cap))[0], errors.CapReached)
    assert told(without("k", "keyframe segment_00", Unresolved("lost", (3,))), Failed("x"))[0].jobs == (3,)


def closing(*events):
    heard = Board()
    for number, (kind, node, text) in enumerate(events):
        heard.hear(Event(float(number), kind, node, text))
    return heard


def test_the_last_words_have_a_line_for_each_reason(capsys):
    waits = [("blocked", f"{kind} segment_{number:02d}", "the sheet of Mara is not there")
             for kind in ("keyframe", "clip") for number in (1, 2)]
    terminal.LiveRun(closing(("run", "", ""), ("failed", "sheet mara", WHY), *waits)).summary()
    said = capsys.readouterr().out
    assert f"  failed   sheet mara: {WHY}\n" in said and said.count(WHY) == 1
    assert "  blocked  keyframes segment_01, segment_02; segments 1, 2: the sheet of Mara is not there\n" in said


def test_the_report_says_each_reason_once():
    waits = [("blocked", f"clip segment_{number:02d}", "the sheet of Mara is not there") for number in range(1, 31)]
    drawn = page.render(ReportData("f", 0.0, last=closing(("run", "", ""), ("failed", "sheet mara", WHY), *waits)))
    worth = drawn.partition('id="trouble"')[2].partition("</section>")[0]
    assert worth.count(WHY) == 1 and worth.count("<li>") == 2 and "segment 12 and 18 more</b> the sheet of Mara" in worth


def test_of_a_refused_sheet_a_whole_run_says_why_once(tmp_path):
    studio = Studio(lambda number, request: Stroke(refuse=Refused("404")) if request.keyframe == "sheet ada" else PLAIN)
    plan = board(WHO, WHO, WHO, **CAST)
    ran = PaintedFilm(tmp_path, plan, clips=True).run(Painter(studio, LOOKS))
    assert [event.node for event in ran.events if event.kind in ("failed", "blocked") and "404" in event.text] == ["sheet ada"]
    reasons = {outcome.reason for outcome in ran.clips.values() if not isinstance(outcome, Made)}
    assert reasons == {"the sheet of Ada is not there"}
