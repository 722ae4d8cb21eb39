"""The command line as a person meets it: what is loaded, what is said, which exit code."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import click
import pytest

import cli
from commands.options import segment_list
from errors import BackendUnavailable, LongtakeError, MachineTrouble, Problem, SegmentsFailed, UserMistakes

ROOT = Path(__file__).parent.parent
HEAVY = ("pydantic", "rich", "numpy", "cv2", "av", "PIL", "asyncio", "ruamel.yaml", "sqlite3", "config",
         "video_generator_interface")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder the command line is used in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def never(*_: object) -> None:
    raise AssertionError("the pipeline ran")


def pipeline(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(ROOT / "pipeline.py"), *arguments], cwd=cwd, capture_output=True, text=True,
                          check=False)


def test_help_loads_nothing_heavy_and_no_command(tmp_path: Path):
    code = f"import sys; import pipeline; sys.path.insert(0, {str(ROOT)!r})\n" \
           "try: pipeline.main()\n" \
           "except SystemExit: print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code, "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert "click" in loaded
    assert sorted(loaded & {*HEAVY, "commands"}) == []


def test_the_table_says_of_each_command_where_it_is():
    for name, (module, line) in cli.COMMANDS.items():
        command = import_module(module).command
        assert isinstance(command, click.Command)
        assert (command.name, bool(command.help), line[-1]) == (name, True, ".")


def test_every_module_in_the_folder_of_commands_is_a_command_or_shared():
    modules = {f"commands.{path.stem}" for path in (ROOT / "commands").glob("*.py")}
    assert modules - {module for module, _ in cli.COMMANDS.values()} == {
        "commands.__init__", "commands.offer_words", "commands.options", "commands.planning_words", "commands.preview_words",
        "commands.session"}


def test_every_option_of_every_command_has_help():
    for module, _ in cli.COMMANDS.values():
        options = [option for option in import_module(module).command.params if isinstance(option, click.Option)]
        assert not [option.name for option in options if not option.help]


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]):
    assert cli.main(never, ["--version"]) == 0
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert capsys.readouterr().out == f"longtake, version {version}\n"


@pytest.mark.parametrize(("arguments", "means"), [
    ([], ["run"]), (["--config", "x"], ["run", "--config", "x"]), (["run", "--yes"], ["run", "--yes"]),
    (["--help"], ["--help"]), (["typo"], ["typo"]), (["--prompt", "plan"], ["run", "--prompt", "plan"]),
])
def test_options_without_a_command_are_those_of_run(arguments: list[str], means: list[str]):
    assert cli.with_command(arguments) == means


def test_without_a_config_or_a_prompt_it_says_what_is_missing(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert cli.main(never, []) == 2
    assert "there is no config.yaml here: say what to film with --config FILE or --prompt TEXT" in capsys.readouterr().err


def test_an_unknown_command_is_answered_with_those_there_are(capsys: pytest.CaptureFixture[str]):
    assert cli.main(never, ["rum"]) == 2
    assert "there is no command 'rum', there are run, plan" in capsys.readouterr().err


def test_every_mistake_is_said_at_once_and_nothing_is_written(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "config.yaml").write_text("prompt: a fox\nfsp: 24\nvideo_generation_backend: animatik\nanimatic:\n  speed: 3\n")
    assert cli.main(never, ["--images", "gogle", "--set", "mode=chain", "--fill", "animatic"]) == 2
    said = capsys.readouterr().err
    for part in ("config.yaml:2:1: fsp: unknown key", "config.yaml:3:27: video_generation_backend: there is no video backend "
                 "'animatik', did you mean animatic?", "config.yaml:5:3: animatic.speed: unknown key",
                 "--images: image_generation_backend: there is no image backend 'gogle', did you mean google?",
                 "--set mode: 'chain'"):
        assert part in said
    assert "Traceback" not in said
    assert [path.name for path in folder.iterdir()] == ["config.yaml"]


@pytest.mark.parametrize("setting", ["fps", "=3", " "])
def test_a_setting_without_a_value_is_a_usage_error(folder: Path, setting: str, capsys: pytest.CaptureFixture[str]):
    assert cli.main(never, ["--prompt", "a fox", "--set", setting]) == 2
    assert "is not KEY=VALUE" in capsys.readouterr().err


def failing_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> int:
        raise error

    monkeypatch.setattr(cli.commands, "invoke", fail)


@pytest.mark.parametrize(("error", "code"), [
    (UserMistakes([Problem("config.yaml:1:1", "no")]), 2), (BackendUnavailable([Problem("acme", "no key")]), 3),
    (SegmentsFailed("segment 4 failed"), 4), (MachineTrouble("disk full"), 7), (LongtakeError("odd"), 1),
    (ExceptionGroup("tasks", [ValueError("a consequence"), SegmentsFailed("segment 4 failed")]), 4),
    (KeyboardInterrupt(), 130), (click.Abort(), 130), (click.UsageError("no"), 2),
])
def test_the_exit_code_says_what_kind_of_trouble_it_was(error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch,
                                                       capsys: pytest.CaptureFixture[str]):
    failing_with(error, monkeypatch)
    assert cli.main(never, []) == code
    assert "Traceback" not in capsys.readouterr().err


def test_a_failure_is_said_with_its_advice(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    failing_with(MachineTrouble("the disk is full", advice="make room"), monkeypatch)
    cli.main(never, ["--prompt", "a fox"])
    assert capsys.readouterr().err == "error: the disk is full\n  what to do: make room\n"


@pytest.mark.parametrize(("arguments", "code", "part"), [
    (["rum", "--json"], 2, "there is no command 'rum'"), (["run", "--bogus", "--json"], 2, "No such option"),
    (["--json"], 2, "there is no config.yaml here"), (["status", "--json", "--watch"], 2, "give one of them"),
    (["report", "--json", "--output-dir", "nowhere"], 2, "there is no run in this folder"),
    (["clean", "--json", "--output-dir", " "], 2, "is empty"),
    (["config", "--json", "--prompt", "x", "--set", "fsp=3"], 2, "did you mean fps?"),
])
def test_with_json_every_failure_is_one_document(folder: Path, arguments: list[str], code: int, part: str,
                                                 capsys: pytest.CaptureFixture[str]):
    assert cli.main(never, arguments) == code
    told = json.loads(capsys.readouterr().out)
    assert told["exit"] == code and part in told["error"] and {"advice", "problems"} <= told.keys()


def test_the_problems_of_a_failure_are_told_apart(folder: Path, capsys: pytest.CaptureFixture[str]):
    cli.main(never, ["--json", "--prompt", "x", "--set", "fsp=3", "--set", "mode=chain"])
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert {"where": "--set fsp", "what": "unknown key", "advice": "did you mean fps?"} in problems and len(problems) == 2


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (ZeroDivisionError("x"), 1), (click.Abort(), 130)])
def test_with_json_an_end_nobody_planned_is_a_document_too(error: BaseException, code: int, tmp_path: Path,
                                                           monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    failing_with(error, monkeypatch)
    assert cli.main(never, ["--json"]) == json.loads(capsys.readouterr().out)["exit"] == code


@pytest.mark.parametrize("name", ["ENOSPC", "EROFS", "EACCES", "ENAMETOOLONG", "ENOTDIR", "EISDIR"])
def test_what_a_file_system_refuses_is_no_bug(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    number = getattr(errno, name)
    failing_with(OSError(number, os.strerror(number), "some/film.mp4"), monkeypatch)
    assert cli.main(never, []) == 7
    assert f"error: some/film.mp4: {os.strerror(number)}\n" in capsys.readouterr().err


def test_a_bug_leaves_a_report_without_secrets(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
                                               tmp_path: Path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("ACME_API_KEY", "sesame-1234")
    failing_with(ZeroDivisionError("while asking with sesame-1234"), monkeypatch)
    assert cli.main(never, ["--set", "acme.api_key=hunter2", "--yes"]) == 1
    (report,) = tmp_path.iterdir()
    text = report.read_text()
    assert str(report) in capsys.readouterr().err
    assert "ZeroDivisionError" in text and "'--yes'" in text and "Python 3" in text and "click " in text
    assert "sesame" not in text and "hunter2" not in text


def test_a_reader_that_has_gone_is_no_bug(tmp_path: Path):
    with subprocess.Popen([sys.executable, str(ROOT / "pipeline.py"), "doctor"], cwd=tmp_path, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as child:
        assert child.stdout and child.stderr
        child.stdout.close()
        assert child.stderr.read() == b""
    assert child.returncode == cli.PIPE_CLOSED


@pytest.mark.parametrize(("text", "numbers"), [
    ("3", {3}), ("3,5", {3, 5}), ("1,4-6", {1, 4, 5, 6}), (" 2 - 3 , 3 ", {2, 3}), ("99-100", {99, 100})])
def test_a_list_of_segments_is_read(text: str, numbers: set[int]):
    assert parsed(text) == numbers


@pytest.mark.parametrize("text", ["", ",", "x", "1,", "4-", "-4", "6-4", "0", "0-2", "1.5", "1-99999999", "٣", "1 2"])
def test_a_list_that_is_none_is_refused_with_the_part_at_fault(text: str):
    with pytest.raises(click.BadParameter, match=r"neither a segment nor a range|out of range"):
        parsed(text)


def parsed(text: str) -> set[int]:
    command = click.Command("x")
    return set(segment_list(click.Context(command), click.Option(["--only"]), text) or ())


def test_config_shows_each_setting_with_its_source(folder: Path, capsys: pytest.CaptureFixture[str],
                                                  monkeypatch: pytest.MonkeyPatch):
    (folder / "config.yaml").write_text("prompt: a fox\nfps: 25\n")
    monkeypatch.setenv("LONGTAKE_SEED", "7")
    assert cli.main(never, ["config", "--json", "--seconds", "12"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["fps"] == {"value": "25", "source": "config.yaml:2:6"}
    assert shown["seed"] == {"value": "7", "source": "environment LONGTAKE_SEED"}
    assert shown["duration_seconds"] == {"value": "12", "source": "--seconds"}
    assert shown["mode"]["source"] == "default"


def test_a_bugs_report_holds_no_secret_of_the_config(folder: Path, monkeypatch: pytest.MonkeyPatch,
                                                     capsys: pytest.CaptureFixture[str]):
    def buggy(*_: object) -> None:
        raise ZeroDivisionError("while asking with sesame-1234")

    monkeypatch.setattr("tempfile.tempdir", str(folder))
    (folder / "config.yaml").write_text("prompt: a fox\nrunway_ml: {api_key: sesame-1234}\n")
    assert cli.main(buggy, ["run"]) == 1
    (report,) = folder.glob("longtake-bug-*")
    assert "sesame" not in report.read_text() + capsys.readouterr().err
