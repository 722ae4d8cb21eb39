"""terminal.py: what is shown is harmless, fits, and is as loud as was asked for."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from fractions import Fraction
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

import terminal
import terminal_live
from media.film_format import FilmFormat, Size
from runtime.events import Event, EventLog, Kind
from runtime.plain_text import escape_json, gist, one_line, plain
from runtime.run_board import Board, in_order, lasted, runs
from storyboard import Camera, Character, Segment, Storyboard
from timeline import Span, Timeline

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def normal_voice():
    terminal.speak()
    yield
    terminal.speak()


def board(*told: tuple[Kind, str, str]) -> Board:
    known = Board()
    known.hear(Event(100.0, "run", text="a film"))
    for seconds, (kind, node, text) in enumerate(told):
        known.hear(Event(101.0 + seconds, kind, node, text, {"backend": "animatic"} if kind == "started" else {}))
    return known


def film(*prompts: str) -> tuple[Storyboard, Timeline]:
    segments = tuple(
        Segment(index=number, seconds=5, video_prompt=prompt, first_keyframe_prompt="it opens", last_keyframe_prompt="it ends",
                camera=Camera(shot="wide", move="push_in"), characters=("Mara",), join="continuous" if number == 1 else "cut")
        for number, prompt in enumerate(prompts, start=1))
    spans = tuple(Span(number, 120 * (number - 1), 120 * number, 0, 5.0, 121, Fraction(24))
                  for number in range(1, len(prompts) + 1))
    return (Storyboard(title="A film", characters=(Character(name="Mara"),), segments=segments),
            Timeline(spans, FilmFormat(Size(1280, 720), Fraction(24))))


def drawn(known: Board, width: int, height: int) -> list[str]:
    """The live table on a screen of this size, line by line."""
    screen = Console(file=io.StringIO(), width=width, height=height, force_terminal=True, color_system=None)
    with screen.capture() as captured:
        screen.print(terminal_live.LiveTable(known), height=height)
    return captured.get().splitlines()


@pytest.mark.parametrize(("smuggled", "shown"), [
    ("\x1b[31mred\x1b[0m", "red"),
    ("\x1b]8;;file:///x\x1b\\link\x1b]8;;\x1b\\", "link"),
    ("\x1b]0;title\x07text", "text"),
    ("\x9b2Jgone", "gone"),
    ("a\x1bPq#0\x1b\\b", "ab"),
    ("half \x1b[", "half "),
    ("user\u202etxt.exe\u202c", "usertxt.exe"),
    ("\u2066isolated\u2069", "isolated"),
    ("bell\x07 back\x08space", "bell backspace"),
    ("one\r\ntwo\rthree\u2028four\tfive", "one\ntwo\nthree\nfour five"),
    ("lone \ud800 surrogate", "lone  surrogate"),
    ("家 👨‍👩‍👧 é שלום", "家 👨‍👩‍👧 é שלום"),
])
def test_text_from_a_prompt_cannot_command_the_terminal(smuggled, shown):
    assert plain(smuggled) == shown


def test_a_cell_stays_on_one_line_so_that_a_prompt_cannot_forge_a_message():
    assert one_line("fine\nerror: \x1b[2Ksend money") == "fine error: send money"


def test_a_gist_ends_at_a_word_and_says_that_it_was_cut():
    assert gist("the boat slides past the breakwater", 24) == "the boat slides past…"
    assert gist("short", 24) == "short"
    assert len(gist("wordwithoutanyspaceinit" * 3, 24)) == 24


def test_json_keeps_its_meaning_and_loses_what_a_terminal_acts_upon():
    text = escape_json(json.dumps({"a": "\u202e\x9b31m é"}, ensure_ascii=False))
    assert "\u202e" not in text and "\x9b" not in text
    assert json.loads(text) == {"a": "\u202e\x9b31m é"}


def test_markup_in_a_prompt_is_shown_and_not_obeyed(capsys):
    terminal.say("[bold]not bold[/bold] [link=x]y[/link]")
    terminal.table(["what"], [["[red]cell[/red]"]])
    shown = capsys.readouterr().out
    assert "[bold]not bold[/bold] [link=x]y[/link]" in shown and "[red]cell[/red]" in shown


def test_an_error_says_every_problem_and_what_to_do_on_standard_error(capsys):
    terminal.error("config.yaml:3:1: fps\nconfig.yaml:9:1: size", "write numbers")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "error: config.yaml:3:1: fps\n       config.yaml:9:1: size\n  what to do: write numbers\n"


def test_quiet_leaves_warnings_and_what_must_be_said(capsys):
    terminal.speak(quiet=True)
    terminal.say("chatter")
    terminal.table(["a"], [["b"]])
    terminal.say("film.mp4", always=True)
    terminal.warn("disk is nearly full")
    shown = capsys.readouterr()
    assert shown.out == "film.mp4\n" and shown.err == "warning: disk is nearly full\n"


def test_with_json_standard_output_is_one_document(capsys):
    terminal.speak(json=True)
    terminal.say("working")
    terminal.json_out({"path": Path("film.mp4"), "rate": Fraction(24, 1)})
    shown = capsys.readouterr()
    assert json.loads(shown.out) == {"path": "film.mp4", "rate": "24"} and shown.err == "working\n"


def test_nobody_is_asked_where_there_is_no_terminal(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    assert terminal.ask("delete everything?") is False


def test_an_old_console_gets_question_marks_and_no_crash():
    script = "import terminal; terminal.say('日本 é'); terminal.table(['a'], [['日本']]); terminal.json_out({'a': '日'})"
    done = subprocess.run([sys.executable, "-X", "utf8=0", "-c", script], cwd=ROOT, capture_output=True, check=True,
                          env={**os.environ, "PYTHONIOENCODING": "cp1252:strict"})
    assert done.stdout.startswith(b"?? \xe9") and b'"\\u65e5"' in done.stdout


def test_importing_it_loads_neither_rich_nor_the_storyboard():
    script = "import sys, terminal; print([name for name in ('rich', 'pydantic', 'numpy') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_storyboard_shows_prompts_time_codes_joins_and_the_length_to_the_frame(capsys):
    terminal.show_storyboard(*film("A boat leaves [i]home[/i]", "Night\x1b[2J falls"))
    shown = capsys.readouterr().out
    for part in ("A boat leaves [i]home[/i]", "Night falls", "00:00:05:00", "120 frames", "wide · push in", "cut", "Mara",
                 "it opens", "240 frames, 10.00 s"):
        assert part in shown


def test_a_film_of_one_segment_is_not_said_to_have_segments(capsys):
    terminal.show_storyboard(*film("A boat leaves"))
    assert "1 segment, 120 frames" in capsys.readouterr().out


def test_a_refit_is_shown_as_what_changed(capsys):
    before, _ = film("one", "two")
    longer = before.segments[0].model_copy(update={"seconds": 8.0})
    terminal.show_diff(before, before.model_copy(update={"segments": (longer, before.segments[1])}))
    assert capsys.readouterr().out == "segment 1 · seconds: 5 -> 8\n"
    terminal.show_diff(before, before.model_copy(update={"segments": before.segments[:1]}))
    assert capsys.readouterr().out == "- segment 2: two\n"


def test_of_a_long_prompt_only_what_changed_is_shown_with_some_words_around_it(capsys):
    one, _ = film("Mara climbs the winding stairs with a lantern in her hand. The wind leans on the door. Rain on the glass.")
    segment = one.segments[0]
    prompt = segment.video_prompt
    for new, line in ((prompt.replace("leans on", "rattles"), "… hand. The wind leans on the door. Rain … -> … hand. The wind "
                       "rattles the door. Rain …"),
                      (f"{prompt} It is darker now.", "… on the glass. -> … on the glass. It is darker now."),
                      (f"At dusk {prompt}", "Mara climbs the … -> At dusk Mara climbs the …")):
        terminal.show_diff(one, one.model_copy(update={"segments": (segment.model_copy(update={"video_prompt": new}),)}))
        assert capsys.readouterr().out == f"segment 1 · video_prompt: {line}\n"


def test_without_a_terminal_each_change_is_a_line_and_progress_is_none(capsys, tmp_path):
    log = EventLog(tmp_path)
    with terminal.LiveRun() as view:
        log.listen(view.on_event)
        log.emit("planned", "clip segment_01", "5 s")
        log.emit("started", "clip segment_01", "prompt changed", backend="animatic")
        for done in range(50):
            log.emit("progress", "clip segment_01", "encoding", done=done, total=50)
        log.emit("failed", "clip segment_01", "the \x1b[31mdisk\x1b[0m\nbroke")
    log.close()
    assert capsys.readouterr().out.splitlines() == [
        "start   segment 1 · animatic · prompt changed", "FAILED  segment 1 · the disk broke"]


def test_when_quiet_a_failure_is_still_a_warning(capsys):
    terminal.speak(quiet=True)
    view = terminal.LiveRun()
    view.on_event(Event(1.0, "made", "clip segment_01"))
    view.on_event(Event(2.0, "failed", "clip segment_02", "no disk"))
    shown = capsys.readouterr()
    assert shown.out == "" and "segment 2 · no disk" in shown.err


def test_events_may_come_from_many_threads_at_once(capsys):
    view = terminal.LiveRun()

    def work(first: int) -> None:
        for number in range(first, first + 50):
            view.on_event(Event(1.0, "made", f"clip segment_{number:02d}"))

    threads = [threading.Thread(target=work, args=(first,)) for first in (1, 51, 101)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(view.board.nodes("clip")) == 150 and len(capsys.readouterr().out.splitlines()) == 150


@pytest.mark.parametrize(("width", "height"), [(40, 24), (80, 24), (120, 50), (20, 10)])
def test_240_segments_fit_any_screen(width, height):
    told: list[tuple[Kind, str, str]] = [("planned", f"clip segment_{number:02d}", "5 s") for number in range(1, 241)]
    told += [("started", f"clip segment_{number:02d}", "new") for number in range(3, 60)]
    told += [("progress", "clip segment_05", "エンコード中のとても長い説明 🌊🌊🌊"),
             ("waiting", "clip segment_61", "keyframe segment_60"), ("made", "clip segment_03", ""),
             ("planned", "film", ""), ("started", "keyframe segment_70", "new")]
    lines = drawn(board(*told), width, height)
    assert len(lines) < height
    assert all(cell_len(line) <= width for line in lines)
    assert any("1 of 240" in line for line in lines)


def test_the_live_table_says_what_a_segment_waits_for_and_who_works():
    known = board(("started", "clip segment_01", "new"), ("progress", "clip segment_01", "encoding"),
                  ("waiting", "clip segment_02", "keyframe segment_02"),
                  ("started", "clip segment_03", "new"), ("stalled", "clip segment_03", "silent for 60 s"))
    shown = "\n".join(drawn(known, 90, 24))
    for part in ("animatic · encoding", "waits for keyframe segment_02", "stalled", "silent for 60 s"):
        assert part in shown


def test_the_summary_says_what_was_made_anew_why_and_what_failed(capsys):
    view = terminal.LiveRun(board(
        ("reused", "clip segment_01", ""),
        ("started", "clip segment_02", "video prompt changed"), ("made", "clip segment_02", ""),
        ("failed", "keyframe segment_03", "refused: <words>"), ("blocked", "clip segment_03", "keyframe segment_03 failed"),
        ("adopted", "keyframe segment_00", "")))
    view.summary(film="film.mp4", report="report.html", preview="preview.mp4")
    shown = capsys.readouterr().out
    for part in ("1 made, 1 reused, 1 blocked", "1 adopted, 1 failed", "segment 2: video prompt changed",
                 "keyframe segment_03: refused: <words>", "segment 3: keyframe segment_03 failed", "report     report.html",
                 "preview    preview.mp4"):
        assert part in shown
    assert shown.endswith("film       film.mp4\n")


def test_segment_100_comes_after_segment_99_and_a_first_keyframe_before_the_last():
    nodes = ["film", "clip segment_100", "clip segment_99", "keyframe segment_04", "keyframe segment_04_first", "storyboard"]
    assert sorted(nodes, key=in_order) == ["storyboard", "keyframe segment_04_first", "keyframe segment_04", "clip segment_99",
                                           "clip segment_100", "film"]


def test_a_log_of_two_runs_gives_two_boards():
    told = [Event(1.0, "run"), Event(2.0, "failed", "film", "no"), Event(3.0, "run"), Event(4.0, "started", "film"),
            Event(9.0, "made", "film"), Event(9.0, "finished", text="done")]
    first, second = runs(told)
    assert (first.finished, second.finished) == (None, "done")
    assert second.work_s(100.0) == {"film": 5.0}


@pytest.mark.parametrize(("seconds", "said"), [(0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.7, "1:00 min"),
                                               (3599.6, "1:00:00 h")])
def test_durations_are_said_so_that_they_can_be_read(seconds, said):
    assert lasted(seconds) == said
