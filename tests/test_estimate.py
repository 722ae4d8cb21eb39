"""`estimate`: what a film will cost, said before anything is bought, and nothing written for it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from rich.console import Console

import cli
import generators.factory
import terminal
import terminal_estimate
from catalogue import load
from cost_estimator import CostEstimate, CostLine
from generators.animatic_generator import AnimaticGenerator
from runtime.ledger import Ledger
from runtime.purchases import Intent
from runtime.run_store import LEDGER, LOCK, open_run
from runtime.spend import Spend
from tests.films import Film, write_config
from video_generator_interface import Quote

PAID = {"video_generation_backend": "runway", "size": "1280x720", "fps": 24, "duration_seconds": 24, "segment_seconds": 6,
        "runway_ml": {"model_version": "veo3.1_fast", "api_key": "k"}}


class GpuVideo(AnimaticGenerator):
    """A plug-in that takes half a minute of a GPU of one's own for every second."""

    name = section = "test-gpu"

    def quote(self, seconds: float, *, audio: bool = False) -> Quote:
        return Quote(wall_s=30 * seconds, gpu_s=30 * seconds)


@pytest.fixture
def gpu_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    info = tmp_path / "site" / "longtake_test_gpu-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: longtake-test-gpu\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[longtake.video_generators]\ntest-gpu = tests.test_estimate:GpuVideo\n")
    monkeypatch.syspath_prepend(str(info.parent))
    generators.factory.registry.__dict__.pop("_found", None)
    yield
    generators.factory.registry.__dict__.pop("_found", None)


def never(*_: object) -> None:
    raise AssertionError("the pipeline ran")


def estimate(film: Film, *argv: str) -> int:
    return cli.main(never, ["estimate", "--config", str(film.config), *argv])


def document(film: Film, capsys: pytest.CaptureFixture[str], *argv: str) -> dict[str, Any]:
    capsys.readouterr()
    assert estimate(film, "--json", *argv) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def held(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def total(said: str) -> list[str]:
    """Low, expected and high of the last line of the table."""
    (line,) = [line for line in said.splitlines() if line.startswith("│ total")]
    return [cell.strip() for cell in line.split("│")[3:6]]


@pytest.fixture
def paid(tmp_path: Path) -> Film:
    """A film of four segments of six seconds at ten cents a second, planned by nobody yet."""
    return write_config(tmp_path, **PAID)


def test_a_film_without_a_run_folder_is_planned_in_memory(paid: Film, capsys: pytest.CaptureFixture[str]):
    before = held(paid.config.parent)
    assert estimate(paid) == 0
    said = capsys.readouterr().out
    assert "4 segments, 23.83 s (planned now, nothing is written)" in said
    assert total(said) == ["$2.40", "$2.40", "$4.80"]
    assert held(paid.config.parent) == before
    assert not paid.folder.exists()


def test_a_run_folder_is_read_and_left_as_it_was_even_while_a_run_works_in_it(film: Film, capsys: pytest.CaptureFixture[str]):
    (film.folder / LOCK).unlink(missing_ok=True)
    before = held(film.folder)
    for argv in ((), ("--compare",), ("--json",)):
        assert estimate(film, *argv) == 0
    assert held(film.folder) == before
    with FileLock(film.folder / LOCK):
        assert estimate(film) == 0


def test_a_film_that_is_made_costs_nothing_and_one_changed_prompt_is_one_segment(
        film: Film, capsys: pytest.CaptureFixture[str]):
    assert estimate(film) == 0
    assert "costs nothing: every clip is there" in capsys.readouterr().out
    film.change(2, video_prompt="Rain.")
    found = document(film, capsys)
    assert [line["what"] for line in found["lines"] if line["standing"] == "to make"] == ["segment 2"]
    assert found["storyboard"] == "storyboard.yaml, as you edited it"


def test_the_document_has_every_amount_as_text_and_the_lines_make_the_totals(paid: Film, capsys: pytest.CaptureFixture[str]):
    found = document(paid, capsys, "--max-cost", "1.5")
    assert (found["backend"], found["cap_usd"], found["affordable"], found["to_make"]) == ("runway veo3.1_fast", "1.5", 2, 4)
    for name in ("low", "expected", "high"):
        assert Decimal(found[name]) == sum(Decimal(line[name]) for line in found["lines"])
    assert {type(line[name]) for line in found["lines"] for name in ("low", "high", "reserve")} == {str}
    assert found["charges"] and found["wall_s"] == 4 * 90


def test_the_cap_is_said_with_what_it_pays_for_and_what_is_used_of_it(paid: Film, capsys: pytest.CaptureFixture[str]):
    paid.folder.mkdir()
    ledger = Ledger(paid.folder / LEDGER)
    ledger.purchases.intend(Intent("clip segment_09", "f" * 64, "job", "p", "m", {}, Decimal("0.30")), None)
    ledger.close()
    assert estimate(paid, "--max-cost", "1.50") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "$1.50, of which $0.30 is used: it pays for 2 of the 4 segments that are to be made" in said


def test_the_cap_of_a_film_of_one_segment_is_said_of_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    film = write_config(tmp_path, **PAID | {"duration_seconds": 6})
    assert estimate(film, "--max-cost", "5") == 0
    assert "it pays for the segment that is to be made" in " ".join(capsys.readouterr().out.split())
    assert estimate(film, "--max-cost", "0.1") == 0
    assert "it pays for no segment" in " ".join(capsys.readouterr().out.split())


def test_the_user_s_own_history_raises_what_is_expected(
        paid: Film, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with open_run(tmp_path / "earlier") as run:
        bought = run.ledger.purchases
        for number in range(6):
            wanted = str(number % 5) * 64
            one = bought.intend(Intent("clip segment_01", wanted, "job", "runway", "veo3.1_fast", {}, Decimal(1)), None)
            bought.submitted(one.id, f"job-{number}")
            if number == 5:
                bought.ended(one.id, "FAILED", "filtered", charged_usd=Decimal(1), by="provider")
            else:
                bought.fetched(one.id, "a.mp4", wanted, Decimal(1), "provider")
                bought.done(one.id)
        Spend().add("run", "earlier", *bought.all())
    found = document(paid, capsys)
    assert (found["low"], found["expected"]) == ("2.400000", "2.880000")
    assert "expected: 1.20 purchases a clip, as in your own history with runway veo3.1_fast" in found["notes"]


def test_an_unknown_price_is_called_unknown_and_never_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    film = write_config(tmp_path, **PAID, catalogue={"runway": {"video": {"veo3.1_fast": {"prices": []}}}})
    assert estimate(film, "--max-cost", "9") == 0
    said = capsys.readouterr()
    assert total(said.out) == ["unknown", "unknown", "unknown"]
    assert "it pays for 0 of the 4 segments" in said.out
    assert "its price is not known" in said.err
    found = document(film, capsys)
    assert (found["low"], found["expected"], found["high"], found["known_low"]) == (None, None, None, "0.000000")


def test_an_old_price_and_a_missing_key_are_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    old = [{"usd_per_second": "0.05", "as_of": "2020-01-01", "source": "an old bill"}]
    settings = {**PAID, "runway_ml": {"model_version": "veo3.1_fast"}}
    film = write_config(tmp_path, **settings, catalogue={"runway": {"video": {"veo3.1_fast": {"prices": old}}}})
    assert estimate(film) == 0
    said = capsys.readouterr().err
    assert "days old (2020-01-01, an old bill)" in said
    assert "runway cannot run here yet" in said


def test_what_a_run_would_refuse_is_said_once_for_all_segments(paid: Film, capsys: pytest.CaptureFixture[str]):
    assert estimate(paid, "--set", "runway_ml.model_version=gen4_turbo") == 0
    said = capsys.readouterr().err
    assert said.count("a run would refuse it: segment_01 and 3 more: it takes no last keyframe") == 1


def test_only_some_segments_are_reckoned_and_one_the_film_has_not_is_a_mistake(
        paid: Film, capsys: pytest.CaptureFixture[str]):
    found = document(paid, capsys, "--only", "2-3")
    assert [line["what"] for line in found["lines"] if line["seconds"]] == ["segment 2", "segment 3"]
    assert estimate(paid, "--only", "9") == 2
    assert "there is no segment 9" in capsys.readouterr().err


def test_the_folder_of_another_prompt_is_not_taken_for_this_film(film: Film, capsys: pytest.CaptureFixture[str]):
    assert estimate(film, "--set", "prompt=Something else.") == 2
    assert "holds the film of another prompt" in capsys.readouterr().err


def test_an_edited_plan_the_backend_cannot_make_is_refitted_for_the_estimate_only(
        film: Film, capsys: pytest.CaptureFixture[str]):
    film.change(1, video_prompt="Rain.")
    before = held(film.folder)
    found = document(film, capsys, "--backend", "runway", "--set", "size=1280x720", "--set", "fps=24")
    assert {line["seconds"] for line in found["lines"] if line["seconds"]} == {4.0}
    assert "a run refuses the storyboard you edited" in found["warnings"][0]
    assert held(film.folder) == before


def test_compare_has_every_backend_and_every_live_model_once(
        paid: Film, gpu_plugin: None, capsys: pytest.CaptureFixture[str]):
    rows = document(paid, capsys, "--compare", "--set", "budget.gpu_usd_per_hour=1.20")["rows"]
    models = [f"{name} {model.id}" for name, provider in (("runway", "runway"), ("veo3", "google"))
              for model in load().live(provider, date.today())]
    assert sorted(row["title"] for row in rows) == sorted(["animatic", "test-gpu", *models])
    by_title = {row["title"]: row for row in rows}
    assert [row["title"] for row in rows if row["chosen"]] == ["runway veo3.1_fast"]
    assert by_title["test-gpu"]["estimate"]["low"] == "0.240000"  # 24 s, half a minute each, at 2 cents a minute
    assert "in mode chaining only (takes no last keyframe)" in by_title["runway gen4_turbo"]["lacks"]
    assert by_title["animatic"]["runs_here"] and not by_title["veo3 veo-3.1-fast-generate-001"]["runs_here"]


def test_no_figure_is_broken_over_two_lines_at_eighty_columns(
        paid: Film, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    titles = [row["title"] for row in document(paid, capsys, "--compare")["rows"] if row["estimate"]]
    monkeypatch.setattr(terminal, "WIDTH_IN_A_FILE", 80)
    assert estimate(paid, "--compare") == 0
    lines = capsys.readouterr().out.splitlines()
    figures = [line for line in lines if line[2:].partition("  ")[0] in titles or line[2:].rsplit(" ", 6)[0] in titles]
    assert [line.split()[-1] in ("ready", "no") and " s " in line for line in figures] == [True] * len(titles)
    assert estimate(paid) == 0
    assert max(map(len, capsys.readouterr().out.splitlines()[1:])) <= 80


def shown(*parts: Any, width: int = 80) -> str:
    screen = Console(file=io.StringIO(), width=width)
    screen.print(*parts, sep="\n")
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


def lines(*standings: str) -> tuple[CostLine, ...]:
    keyframes = [CostLine(f"keyframe segment_{number:02d}", "sketch", 0.0, "to make") for number in range(3)]
    return (*keyframes, *(
        CostLine(f"segment {number}", "p", 5.0, "to make", Decimal("0.5"), Decimal("0.5"), Decimal(1), Decimal("0.5"), True)
        if standing == "to make" else CostLine(f"segment {number}", "p", 5.0, standing)  # type: ignore[arg-type]
        for number, standing in enumerate(standings, 1)))


def test_segments_that_are_alike_share_a_line_where_a_person_is_asked():
    found = CostEstimate(lines("there", "to make", "to make", "to make"))
    assert terminal_estimate.cost_table_rows(found, whole=False) == [
        ("3 keyframes", "sketch", "$0.00", "$0.00", "$0.00", ""),
        ("segment 1", "5 s", "", "", "", "is there"),
        ("segments 2-4", "3 x 5 s", "$1.50", "$1.50", "$3.00", ""),
    ]
    assert [row[0] for row in terminal_estimate.cost_table_rows(found, whole=True)] == [
        "3 keyframes", "segment 1", "segment 2", "segment 3", "segment 4"]


@pytest.mark.parametrize(("standings", "says"), [
    (("there", "there"), "costs nothing: every clip is there"),
    (("there", "paid, under way"), "nothing more is to be paid: every clip is there, or paid and under way"),
])
def test_when_nothing_is_left_to_pay_that_is_said(standings: tuple[str, ...], says: str):
    assert says in shown(*terminal_estimate.drawn(CostEstimate(lines(*standings)), None, Decimal(0), whole=True))


@pytest.mark.parametrize(("seconds", "says"), [(45, "45 s"), (360, "6 min"), (7800, "2 h 10 min")])
def test_a_time_is_said_as_a_person_would(seconds: float, says: str):
    assert terminal_estimate.duration(seconds) == says
