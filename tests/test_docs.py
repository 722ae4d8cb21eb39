"""What the pages say is there, is there."""

import importlib
import json
import re
import shlex
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import cli
from runtime.spend import Spend
from tests import films
from tests.servers import GoogleServer, RunwayServer
from tests.servers import __main__ as rehearsal

ROOT = Path(__file__).resolve().parent.parent
REHEARSAL = ROOT / "examples" / "rehearsal_runway.yaml"
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
FOLDERS = {"commands", "report_page", "offline_planner", "llm_planner", "language_model", "generators", "image_generators",
           "media", "runtime", "vendors", "tests", "benchmarks", "scripts", "docs", "examples"}


def test_the_tree_names_every_root_module_and_folder_and_nothing_else():
    tree = ARCHITECTURE.split("<!-- tree")[1].split("```")[1]
    named = set(re.findall(r"^(\S+?)/?(?=\s{2,})", tree, re.MULTILINE))
    assert named == {path.name for path in ROOT.glob("*.py")} | FOLDERS | {"config.yaml", "catalogue.yaml"}


def test_every_link_between_pages_leads_somewhere():
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")):
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name} links to {link}"


PAGES = "\n".join(page.read_text(encoding="utf-8") for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))))


@pytest.mark.parametrize("line", sorted(set(re.findall(r"^ *python pipeline.py (.*)$", PAGES, re.MULTILINE))))
def test_every_command_and_option_in_the_pages_exists(line):
    name, *words = cli.with_command(shlex.split(line, comments=True))
    command = importlib.import_module(cli.COMMANDS[name][0]).command
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known | {"--help"}


@pytest.mark.parametrize("line", sorted(set(re.findall(r"^ *python -m tests.servers(.*)$", PAGES, re.MULTILINE))))
def test_every_rehearsal_in_the_pages_can_be_started(line):
    assert rehearsal._options(shlex.split(line, comments=True)) is not None


def test_every_exit_code_the_readme_names_is_an_error_s():
    import errors

    codes = {member.exit_code for member in vars(errors).values()
             if isinstance(member, type) and issubclass(member, errors.LongtakeError)}
    named = {int(code) for code in re.findall(r"(?:^|[\s,])(\d) (?:config|a backend|some|the cap|a paid|the machine)", README)}
    assert named == {2, 3, 4, 5, 6, 7} <= codes


@pytest.mark.parametrize("example", sorted({path.name for path in (ROOT / "examples").glob("*.yaml")} - {REHEARSAL.name}))
def test_every_example_runs_as_it_is_but_for_its_size(tmp_path, example, capsys):
    argv = ["run", "--config", str(ROOT / "examples" / example), "--output-dir", str(tmp_path / "run"), "--json",
            "--set", "size=96x96", "--set", "fps=6", "--set", "duration_seconds=4", "--set", "segment_seconds=1"]
    from pipeline import run_pipeline

    assert cli.main(run_pipeline, argv) == 0
    assert Path(json.loads(capsys.readouterr().out)["film"]).is_file()


def test_the_paid_example_is_rehearsed_as_it_is_but_for_its_size_and_in_books_of_its_own(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with RunwayServer() as runway, GoogleServer() as google:
        film = rehearsed(tmp_path, runway, google)
        assert film.run("--yes").code == 0
        assert (len(runway.bills), len(google.bills)) == (1, 0)
        assert film.run("--yes", "--backend", "veo3").code == 0
        assert (len(runway.bills), len(google.bills)) == (1, 1)
        billed = runway.total_usd + google.total_usd
    capsys.readouterr()
    assert cli.main(None, ["costs", "--json", "--config", str(film.config)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert float(told["total"]["usd"]) == pytest.approx(float(billed)) and told["file"] == str(tmp_path / "books.sqlite")
    assert not Spend().path.exists()


def test_what_the_readme_shows_of_the_paid_example_stands_in_it():
    shown, = (block for block in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL) if "rehearsal" in block)
    assert set(shown.splitlines()) <= set(REHEARSAL.read_text(encoding="utf-8").splitlines())


def rehearsed(folder: Path, runway: RunwayServer, google: GoogleServer) -> films.Film:
    """The example of a paid film at the addresses of these servers, small, short and impatient."""
    said = YAML(typ="safe").load(REHEARSAL)
    assert {said["video_generation_backend"], *said["catalogue"]} == {"runway", "google"}
    said["runway_ml"]["base_url"], said["google_veo"]["base_url"] = runway.url, google.url
    said |= {"output_dir": "out", "size": "320x180", "fps": 12, "duration_seconds": 4, "segment_seconds": 4,
             "catalogue": {name: {"poll_s": 0.02} for name in said["catalogue"]},
             "budget": {**said["budget"], "books": "books.sqlite"}}
    (folder / "film.yaml").write_text(json.dumps(said), encoding="utf-8")
    return films.Film(folder / "out", folder / "film.yaml")


def test_the_sample_config_is_checked_and_plans_720_frames_in_six_segments(tmp_path):
    film = films.Film(tmp_path / "run", ROOT / "config.yaml")
    assert film.run("--output-dir", str(tmp_path / "run"), command="plan").code == 0
    assert (tmp_path / "run" / "storyboard.yaml").read_text(encoding="utf-8").count("- index:") == 6


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_that_is_pinned_has_its_reason(file):
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    pinned = re.findall(r"^([\w.-]+)==", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name in pinned if name not in reasons] == []
