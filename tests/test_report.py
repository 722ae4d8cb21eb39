"""report.py: one page that says what a run folder holds, whatever state it is in, and runs nothing that a prompt says."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

import cli
import report
from errors import UserMistakes
from media.thumbnails import thumbnail, thumbnails
from report_page.data import ReportData
from report_page.gantt import lanes
from report_page.page import flat, render
from runtime.ledger import Artifact, Ledger
from runtime.purchase_model import Intent
from runtime.run_board import Standing

HOSTILE = """<script>alert("1")</script><img src=x onerror='alert(2)'>&amp; \u202e\x1b[31m"""
VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """What a browser would see: elements, their attributes, the text outside the style sheet; and whether it nests."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text, self.open = "", list[str]()
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data if "style" not in self.open else ""

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def storyboard(prompt: str = "A boat leaves the harbour", segments: int = 3) -> str:
    plan = [{"index": number, "seconds": 5, "video_prompt": f"{prompt} {number}", "last_keyframe_prompt": f"{prompt}, it ends",
             "characters": [prompt], "location": "Harbour",
             **({"first_keyframe_prompt": "it opens"} if number in (1, 3) else {}),
             **({"join": "dissolve", "dissolve_s": 0.5} if number == 3 else {})} for number in range(1, segments + 1)]
    return json.dumps({"title": prompt, "style": prompt, "characters": [{"name": prompt, "description": prompt}],
                       "locations": [{"name": "Harbour"}], "segments": plan})


def line(at: float, kind: str, node: str = "", text: str = "", **data: object) -> str:
    return json.dumps({"at": at, "kind": kind, "node": node, "text": text, "data": data}) + "\n"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run whose third segment failed."""
    folder = tmp_path / "a film"
    (folder / "keyframes").mkdir(parents=True)
    (folder / "segments").mkdir()
    (folder / "storyboard.yaml").write_text(storyboard(), encoding="utf-8")
    for name in ("segment_00", "segment_01", "segment_02", "segment_03_first"):
        Image.new("RGB", (320, 180), (40, 90, 120)).save(folder / "keyframes" / f"{name}.png")
    (folder / "segments" / "segment_01.mp4").write_bytes(b"a clip")
    (folder / "events.jsonl").write_text(
        line(100, "run", text="film") + line(101, "started", "keyframe segment_01", "new", backend="sketch")
        + line(102, "made", "keyframe segment_01") + line(102, "adopted", "keyframe segment_02")
        + line(102, "started", "clip segment_01", "video prompt changed", backend="animatic")
        + line(110, "made", "clip segment_01") + line(110, "reused", "clip segment_02")
        + line(103, "started", "clip segment_03", "new", backend="animatic")
        + line(107, "failed", "clip segment_03", "no <disk>")
        + line(110, "blocked", "film", "1 of 3 segments are not there") + '{"at": 11', encoding="utf-8")
    ledger = Ledger(folder / "ledger.sqlite")
    for take in (1, 2):
        ledger.record(node="clip segment_01", wanted="w", take=take, asked={}, made_by="animatic", sha256="0" * 64,
                      path="segments/segment_01.mp4", seconds_spent=8.0)
    spans = [{"segment": number, "start": 120 * (number - 1), "end": 120 * number, "lead": 0} for number in (1, 2, 3)]
    ledger.remember(timeline=json.dumps({"fps": "24/1", "size": "320x180", "spans": spans}),
                    config=json.dumps({"seed": 7, "runway_ml": {"api_key": "***"}}),
                    outcome=json.dumps({"exit": 4, "text": "1 segment failed", "started": 100.0, "ended": 110.0,
                                        "problems": {"clip segment_03": "no <disk>"}}))
    ledger.close()
    return folder


def page_of(folder: Path) -> Page:
    report.write(report.gather(folder), folder / report.NAME)
    return Page((folder / report.NAME).read_text(encoding="utf-8"))


def test_the_page_tells_the_run(run):
    text = page_of(run).text
    for part in ("A boat leaves the harbour 2", "15.00 s", "360 frames", "00:00:05:00", "dissolve 0.5 s", "Not finished",
                 "1 segment failed", "no <disk>", "1 of 3 segments are not there", "wide · static", "yours", "take 2",
                 "2 (2 kept)", "video prompt changed", "runway_ml.api_key", "***", "Scene 2"):
        assert part in text, part


def test_a_prompt_is_text_and_nothing_else(run):
    (run / "storyboard.yaml").write_text(storyboard(HOSTILE), encoding="utf-8")
    ledger = Ledger(run / "ledger.sqlite")
    ledger.remember(config=json.dumps({HOSTILE: HOSTILE}), outcome=json.dumps({"exit": 4, "text": HOSTILE}))
    ledger.close()
    with (run / "events.jsonl").open("a", encoding="utf-8") as events:
        events.write("\n" + line(111, "failed", f"clip {HOSTILE}", HOSTILE) + line(112, "note", HOSTILE, HOSTILE))
    page = page_of(run)
    assert '<script>alert("1")</script>' in page.text and "\u202e" not in page.text and "\x1b" not in page.text
    assert page.all("script") == [] and all(image["src"].startswith("data:image/jpeg") for image in page.all("img"))
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]


def test_a_place_written_from_right_to_left_turns_no_number_round(run):
    plan = storyboard().replace("Harbour", "البحيرة")
    (run / "storyboard.yaml").write_text(plan, encoding="utf-8")
    page = page_of(run)
    assert "Scene 1البحيرة · 2 segments" in page.text and len(page.all("bdi")) == 2


def test_the_page_loads_nothing_but_files_beside_it(run):
    (run / "film.mp4").write_bytes(b"a film")
    html = (page_of(run), (run / report.NAME).read_text(encoding="utf-8"))[1]
    assert "default-src 'none'; img-src data: 'self'; media-src 'self'; style-src 'unsafe-inline'" in html
    assert not re.search(r"https?://|//[a-z]|@import|url\(", html.replace("data:image", ""))
    for element in ("video", "a"):
        for attributes in Page(html).all(element):
            target = attributes.get("src") or attributes["href"]
            assert target.startswith("./") and (run / target.removeprefix("./")).is_file()


def test_every_picture_says_what_it_shows_and_every_section_has_a_name(run):
    page = page_of(run)
    assert len(page.all("img")) == 4 and all(len(image["alt"]) > 10 for image in page.all("img"))
    assert all("aria-labelledby" in section or "aria-label" in section or section.get("class") == "nofilm"
               for section in page.all("section"))
    assert [len(page.all(tag)) for tag in ("main", "header", "footer", "h1")] == [1, 1, 1, 1]


def test_a_film_of_an_earlier_run_is_not_passed_off_as_this_one(run):
    assert "No film yet" in page_of(run).text
    (run / "film.mp4").write_bytes(b"a film")
    (run / "preview").mkdir()
    (run / "preview" / "preview.mp4").write_bytes(b"a preview")
    text = page_of(run).text
    assert "From an earlier run: what changed since is not in it." in text and "It is not the film." in text


def test_a_finished_run_shows_its_film(run):
    (run / "film.mp4").write_bytes(b"a film")
    with (run / "events.jsonl").open("a", encoding="utf-8") as events:
        events.write("\n" + line(200, "run") + line(201, "made", "film") + line(201, "finished", text="done"))
    page = page_of(run)
    assert page.all("video")[0]["src"] == "./film.mp4" and "earlier run: what" not in page.text


@pytest.mark.parametrize("missing", ["ledger.sqlite", "events.jsonl", "storyboard.yaml", "keyframes", "segments"])
def test_an_interrupted_run_has_a_report_whatever_is_missing(run, missing):
    (run / missing).rename(run / "aside")
    assert "Longtake" in page_of(run).text


@pytest.mark.parametrize(("file", "said"), [("ledger.sqlite", "records of this run could not be read"),
                                            ("storyboard.yaml", "storyboard could not be read")])
def test_a_damaged_file_is_named_and_the_rest_is_shown(run, file, said):
    (run / file).write_bytes(b"\x00 not this at all: [")
    page = page_of(run)
    assert said in page.text and "animatic" in page.text


def test_a_damaged_picture_is_a_hole_and_not_an_end(run):
    (run / "keyframes" / "segment_01.png").write_bytes(b"not a picture")
    assert len(page_of(run).all("img")) == 3


def test_a_run_that_began_after_the_recorded_outcome_is_under_way(run):
    with (run / "events.jsonl").open("a", encoding="utf-8") as events:
        events.write("\n" + line(300, "run") + line(301, "started", "clip segment_03", backend="animatic"))
    text = page_of(run).text
    assert "Under way or interrupted" in text and "1 segment failed" not in text


def test_another_folder_is_refused_in_words(tmp_path):
    with pytest.raises(UserMistakes, match="is not a run folder") as refused:
        report.gather(tmp_path)
    assert "--output-dir" in refused.value.advice


def test_the_command_says_where_the_page_is_and_exits_2_without_a_run(run, tmp_path, capsys):
    assert cli.main(None, ["report", "--output-dir", str(run)]) == 0
    assert capsys.readouterr().out.strip() == str(run / "report.html") and (run / "report.html").is_file()
    assert cli.main(None, ["report", "--output-dir", str(tmp_path / "nothing")]) == 2
    assert "what to do" in capsys.readouterr().err


def test_pictures_get_smaller_as_they_get_more(tmp_path):
    """Noise, the worst that can come, in the share each of 480 keyframes has."""
    Image.effect_noise((640, 360), 90).convert("RGB").save(tmp_path / "noise.png")
    few = thumbnails({"a": tmp_path / "noise.png"}, report.PICTURES_BYTES)
    many = thumbnails({f"segment_{number:02d}": tmp_path / "noise.png" for number in range(24)}, report.PICTURES_BYTES // 20)
    assert len(many) == 24 and sum(map(len, many.values())) <= report.PICTURES_BYTES // 20
    assert len(few["a"]) > 2 * len(many["segment_23"])


@pytest.mark.parametrize("mode", ["RGBA", "P", "I;16", "CMYK", "L", "LA"])
def test_every_kind_of_picture_has_a_thumbnail(tmp_path, mode):
    path = tmp_path / ("picture.tiff" if mode == "CMYK" else "picture.png")
    picture = Image.new(mode, (800, 450), 30_000 if mode == "I;16" else None)
    picture.save(path)
    made = thumbnail(path, 20_000)
    assert made is not None and made.startswith(b"\xff\xd8") and len(made) < 20_000


def test_work_at_the_same_time_lies_on_lanes_of_its_own():
    nodes = [Standing(name, "made", started_at=start, ended_at=end)
             for name, start, end in (("a", 0.0, 5.0), ("b", 1.0, 2.0), ("c", 2.0, 3.0), ("d", 5.0, 6.0))]
    assert [[node.node for node in lane] for lane in lanes(nodes, 9.0)] == [["a", "d"], ["b", "c"]]


def test_settings_are_listed_by_their_full_names():
    assert list(flat({"a": {"b": None, "c": [1, 2]}, "d": {}})) == [("a.b", "not set"), ("a.c", "1, 2"), ("d", "not set")]


def test_answers_of_a_language_model_are_no_rows_of_what_was_made():
    taken = [Artifact(1, node, "w", 1, {}, "gpt", {}, "made", "takes/a", "0" * 64, 1.0, 0.0, True)
             for node in ("plan film", "plan judge_segment_03", "clip segment_01")]
    text = Page(render(ReportData("film", 0.0, shown={one.node: one for one in taken}))).text
    assert "segment 1" in text and "plan film" not in text and "judge" not in text


@pytest.mark.parametrize(("prompts", "times"), [(("blur", "blur"), 1), (("blur", "blur, text"), 2), (("", ""), 0)])
def test_what_no_segment_wants_is_said_once(run, prompts, times):
    plan = json.loads(storyboard(segments=2))
    for segment, prompt in zip(plan["segments"], prompts, strict=True):
        segment["negative_prompt"] = prompt
    (run / "storyboard.yaml").write_text(json.dumps(plan), encoding="utf-8")
    assert page_of(run).text.count("not wanted") == times


def bought(folder: Path) -> None:
    """Purchases in every state: the first segment was reworded, the second is under way, the third's answer was lost."""
    ledger = Ledger(folder / "ledger.sqlite")
    shop = ledger.purchases

    def intent(number: int, wanted: str, prompt: str, model: str = "gen4_turbo", bound: str | None = "0.25") -> int:
        asked = {"prompt": prompt, "price": "$0.05 a second"}
        return shop.intend(Intent(f"clip segment_0{number}", wanted, "job", "runway", model, asked,
                                  Decimal(bound) if bound else None), None).id

    shop.ended(intent(1, "w", "A boat explodes"), "REFUSED", "too violent", charged_usd=Decimal(0), by="provider",
               refusal="input")
    second = shop.submitted(intent(1, "w", "A boat leaves"), "task-1").id
    shop.fetched(second, "takes/bought.mp4", "0" * 64, Decimal("0.25"), "provider")
    shop.done(second)
    shop.submitted(intent(2, "x", "prompt"), "task-2")
    lost = shop.unknown(intent(3, "y", "prompt", bound="0.60"), "no answer: timeout").id
    shop.witness(lost, says="5 credits are gone")
    ledger.remember(config=json.dumps({"budget.max_cost_usd": "5"}))
    ledger.close()


def test_without_a_purchase_there_is_no_word_of_money(run):
    assert "Money" not in page_of(run).text and "$" not in page_of(run).text


def test_the_page_says_what_was_charged_what_is_reserved_and_what_is_left(run):
    bought(run)
    text = page_of(run).text
    for part in ("$0.25 charged, $0.85 reserved; the cap is $5.00, $3.90 of it left", "4 purchases", "runway gen4_turbo",
                 "refused", "under way", "answer lost", "too violent", "$0.05 a second"):
        assert part in text, part


def test_each_attempt_is_counted_and_the_clip_says_what_it_cost(run):
    bought(run)
    card = page_of(run).text
    assert "animatic · take 2 · 8.0 s · $0.25 charged in 2 attempts" in card


def test_a_prompt_in_other_words_stands_beside_the_planned_one(run):
    bought(run)
    said = " ".join(page_of(run).text.split())
    assert "attempt 2. runway had objected: too violent" in said
    assert re.search("as planned ?A boat explodes ?as asked ?A boat leaves", said)


def test_what_is_not_over_says_what_to_type(run):
    bought(run)
    text = page_of(run).text
    for part in ("goes on at runway as task-2 and is paid for",
                 "purchase 4 at runway for up to $0.60 arrived: no answer: timeout", "5 credits are gone",
                 "resolve 4 --attach ID", "resolve 4 --file", "resolve 4 --abandon"):
        assert part in text, part


def test_a_fallback_is_named_at_its_segment(run):
    ledger = Ledger(run / "ledger.sqlite")
    ledger.record(node="clip segment_02", wanted="v", take=1, asked={"video_backend": {"backend": "runway"}},
                  made_by="animatic", sha256="1" * 64, path="segments/segment_02.mp4", seconds_spent=3.0)
    ledger.close()
    assert page_of(run).text.count("animatic in place of runway") == 2  # at the segment and in the table


def test_what_a_provider_says_is_text_and_nothing_else(run):
    ledger = Ledger(run / "ledger.sqlite")
    lost = ledger.purchases.intend(Intent("clip segment_01", "w", "job", HOSTILE, HOSTILE, {"prompt": HOSTILE}, None), None)
    ledger.purchases.unknown(lost.id, HOSTILE)
    ledger.purchases.witness(lost.id, says=HOSTILE)
    ledger.close()
    page = page_of(run)
    assert page.all("script") == [] and "\x1b" not in page.text and "unknown price" in page.text


def test_a_preview_after_a_run_does_not_hide_how_the_run_went(run):
    with (run / "events.jsonl").open("a", encoding="utf-8") as events:
        events.write("\n" + line(200, "run", text="preview in a film") + line(201, "made", "preview")
                     + line(202, "finished", text="done"))
    text = page_of(run).text
    assert "Not finished" in text and "no <disk>" in text and "1 of 3 segments are not there" in text
