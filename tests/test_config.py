"""config.py: what a run is told, from where, and what is said when it is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from config import Loaded, Override, PipelineConfig, load, process_environment, show
from errors import Problem, UserMistakes
from media.film_format import FilmFormat, Size
from video_generator_interface import BackendOptions

KEY = "sk-never-shown-1234"
BLOCKS = {"sketch", "acme2.1", "runway_ml", "google_veo"}


class SketchOptions(BackendOptions):
    """A backend's block."""

    detail: int = 3
    api_key: SecretStr | None = None


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def loaded(text: str, environment: Mapping[str, str] | None = None, **overrides: str) -> Loaded:
    Path("config.yaml").write_text(text, encoding="utf-8")
    told = [Override(key.replace("__", "."), value, f"--set {key.replace('__', '.')}") for key, value in overrides.items()]
    return load(Path("config.yaml"), environment or {}, told, BLOCKS)


def said(found: Loaded) -> list[str]:
    return [str(problem) for problem in found.problems]


def shown(found: Loaded) -> dict[str, tuple[str, str]]:
    return {one.key: (one.value, re.sub(r"(:\d+):\d+$", r"\1", str(one.source)))
            for one in show(found, {"sketch": SketchOptions})}


def test_a_prompt_alone_is_enough(folder: Path):
    config = load(None, {}, [Override("prompt", "The keeper: a tale!", "--prompt")]).config
    assert config.prompt == "The keeper: a tale!"
    assert config.output_dir == folder / "runs/the-keeper-a-tale"
    assert (config.film, config.mode) == (FilmFormat(Size(1280, 720), Fraction(24)), "keyframe")
    assert (config.video_generation_backend, config.image_generation_backend) == ("animatic", "sketch")


@pytest.mark.parametrize(("prompt", "name"), [("☂", "untitled"), ("  Été — 海 ", "été-海"), ("x" * 99, "x" * 32)])
def test_the_run_folder_is_named_after_the_prompt(folder: Path, prompt: str, name: str):
    assert load(None, {}, [Override("prompt", prompt, "--prompt")]).config.output_dir == folder / "runs" / name


def test_every_problem_is_listed_at_once_with_its_place(folder: Path):
    found = loaded(
        "prompt: x\nduration_secnods: 30\nfps: fast\nsize: 1281x720\nmode: on\nseed: true\ninitial_image: no.png\n"
        "remote_api_settings: {timeout: -1, retries: 3}\nsketch:\n  detial: 3\nfit: ${NOPE}\nseed: 2\nrunway_ml: 3\n",
        {"LONGTAKE_THREADS": "some"}, remote_api_settings__max_retries="many")
    problems = list(found.problems)
    assert found.section("sketch").validate(SketchOptions, problems) is None
    assert [str(problem) for problem in problems] == [
        "config.yaml:2:1: duration_secnods: unknown key, did you mean duration_seconds?",
        "config.yaml:3:6: fps: 'fast' is not a rate like 24, 23.976 or 30000/1001",
        "config.yaml:4:7: size: 1281x720 has an odd side, did you mean 1280x720?",
        "config.yaml:5:7: mode: 'on' is not one of keyframe, chaining",
        "config.yaml:6:7: seed: true is not a number",
        "config.yaml:7:16: initial_image: there is no file no.png",
        "config.yaml:8:32: remote_api_settings.timeout: -1 is out of range, it must be more than 0",
        "config.yaml:8:36: remote_api_settings.retries: unknown key, did you mean max_retries?",
        "config.yaml:11:6: the environment variable NOPE is not set, set it or put it into .env, or write ${NOPE:-default}",
        "config.yaml:12:1: seed is there twice, first in line 6: keep one of them",
        "config.yaml:13:12: runway_ml: is not a block of keys, write key: value lines below it",
        "environment LONGTAKE_THREADS: 'some' is not a whole number, write a number such as 3",
        "--set remote_api_settings.max_retries: 'many' is not a whole number, write a number such as 3",
        "config.yaml:10:3: sketch.detial: unknown key, did you mean detail?",
    ]
    with pytest.raises(UserMistakes):
        _ = found.config


def test_what_is_right_can_be_checked_further_while_something_is_wrong(folder: Path):
    found = loaded("prompt: x\nvideo_generation_backend: acme\nfps: 0\n")
    assert found.problems and found.draft.video_generation_backend == "acme"
    assert found.where("video_generation_backend") == "config.yaml:2:27: video_generation_backend"


def test_command_line_over_environment_over_env_file_over_yaml_over_defaults(folder: Path):
    Path(".env").write_text("LONGTAKE_SEED=2\nLONGTAKE_FPS=30\nLONGTAKE_SKETCH__DETAIL=7\n")
    found = loaded("prompt: x\nseed: 1\nfps: 25\nsize: 640x360\nmode: chaining\n",
                   {"LONGTAKE_FPS": "50", "LONGTAKE_MODE": "keyframe"}, mode="chaining")
    assert found.config.seed == 2 and found.config.fps == 50 and found.config.mode == "chaining"
    assert shown(found)["size"] == ("640x360", "config.yaml:4")
    assert shown(found)["seed"] == ("2", ".env:1")
    assert shown(found)["fps"] == ("50", "environment LONGTAKE_FPS")
    assert shown(found)["mode"] == ("chaining", "--set mode")
    assert shown(found)["fit"] == ("auto", "default")
    assert shown(found)["sketch.detail"] == ("7", ".env:3")


def test_an_env_file_does_not_touch_the_environment_of_the_process(folder: Path):
    Path(".env").write_text("LONGTAKE_SEED=2\n")
    before = process_environment()
    loaded("prompt: x\n")
    assert process_environment() == before and "LONGTAKE_SEED" not in before


def test_variables_are_filled_in(folder: Path):
    Path(".env").write_text("TOWN=Oslo\nSIZE=320x180\n")
    found = loaded("prompt: From ${TOWN} to ${WHERE:-the sea} for $${5}\nsize: ${SIZE}\nfps: ${RATE:-25}\n", {"TOWN": "Rome"})
    assert found.config.prompt == "From Rome to the sea for ${5}"
    assert found.config.size == (320, 180) and found.config.fps == 25


def test_a_reference_that_names_no_variable_is_said(folder: Path):
    assert "'${a b}' names no variable" in said(loaded("prompt: ${a b}\n"))[0]


@pytest.mark.parametrize(("text", "rate"), [
    ("24", 24), ("23.976", Fraction(24000, 1001)), ("29.97", Fraction(30000, 1001)), ("59.94", Fraction(60000, 1001)),
    ("30000/1001", Fraction(30000, 1001)), ("'25'", 25), ("12.5", Fraction(25, 2)),
])
def test_rates_are_exact(folder: Path, text: str, rate: Fraction):
    assert loaded(f"prompt: x\nfps: {text}\n").config.film.fps == rate


@pytest.mark.parametrize("text", ["0", "121", "1/0", "true", "[24]", "nan", ".inf", "24.00001", "''"])
def test_what_is_no_rate_is_refused(folder: Path, text: str):
    assert said(loaded(f"prompt: x\nfps: {text}\n"))[0].startswith("config.yaml:2:6: fps: ")


@pytest.mark.parametrize("text", ["1280", "62x64", "8194x64", "641x360", "1280 by 720", "[1280, 720]", "0x720", "-2x-2"])
def test_what_is_no_size_is_refused(folder: Path, text: str):
    assert said(loaded(f"prompt: x\nsize: {text}\n"))[0].startswith("config.yaml:2:7: size: ")


def test_paths_are_relative_to_where_they_are_written(folder: Path):
    (folder / "films").mkdir()
    (folder / "films" / "story.txt").write_text("\ufeffEin Märchen\n", encoding="utf-8")
    (folder / "films" / "a.yaml").write_text("prompt_file: story.txt\noutput_dir: out\n")
    config = load(Path("films/a.yaml"), {}).config
    assert (config.prompt, config.output_dir) == ("Ein Märchen", folder / "films/out")
    found = load(Path("films/a.yaml"), {}, [Override("output_dir", "here", "--output-dir")])
    assert found.config.output_dir == folder / "here"


def test_paths_within_blocks_are_relative_to_where_they_are_written_too(folder: Path):
    class Options(BackendOptions):
        credentials_file: Path | None = None
        address: str = ""

    (folder / "films").mkdir()
    (folder / "films" / "a.yaml").write_text(
        "prompt: x\nbudget: {books: mine.sqlite}\nacme: {credentials_file: key.json, address: key.json}\n")
    found = load(Path("films/a.yaml"), {}, sections={"acme"})
    assert found.config.budget.books == Path("films/mine.sqlite")
    assert found.section("acme").validate(Options, []) == Options(credentials_file=Path("films/key.json"), address="key.json")
    typed = load(Path("films/a.yaml"), {}, [Override("acme.credentials_file", "here.json", "--set")], sections={"acme"})
    assert typed.section("acme").validate(Options, []) == Options(credentials_file=Path("here.json"), address="key.json")


def test_the_run_folder_lies_beside_the_config(folder: Path):
    (folder / "films").mkdir()
    (folder / "films" / "a.yaml").write_text("prompt: x\n")
    found = load(Path("films/a.yaml"), {})
    assert found.config.output_dir == folder / "films/runs/a"
    assert shown(found)["output_dir"] == ("films/runs/a", "default")


@pytest.mark.parametrize(("text", "wanted"), [
    ("fps: 24\n", "config.yaml: there is no prompt, write prompt: or prompt_file:, or give --prompt"),
    ("prompt: ' '\n", "config.yaml:1:9: prompt: holds no word, describe the film"),
    ("prompt: '... -'\n", "config.yaml:1:9: prompt: holds no word, describe the film"),
    ("prompt:\n", "config.yaml:1:1: prompt: is empty, give it a value, or leave the key out"),
    ("prompt: x\nprompt_file: y\n", "config.yaml:2:1: prompt_file and prompt are both given, keep one of them"),
    ("prompt_file: no.txt\n", "config.yaml:1:14: prompt_file: no.txt: there is no such file"),
    ("prompt_file: blank.txt\n", "config.yaml:1:14: prompt_file: blank.txt holds no word, describe the film"),
    ("prompt_file: bad.txt\n", "config.yaml:1:14: prompt_file: bad.txt:2:2: is not UTF-8 text, save it as UTF-8"),
    ("- a\n", "config.yaml:1:1: is not a block of keys, write lines like `prompt: ...`"),
])
def test_exactly_one_prompt_is_wanted(folder: Path, text: str, wanted: str):
    (folder / "blank.txt").write_text("\n \n")
    (folder / "bad.txt").write_bytes(b"a\nb\xfc")
    assert wanted in said(loaded(text))


@pytest.mark.parametrize("content", [b"prompt: a f\xfcchs\n", b'prompt: "a fox\n'])
def test_a_file_that_cannot_be_read_is_not_also_said_to_hold_no_prompt(folder: Path, content: bytes):
    (folder / "config.yaml").write_bytes(content)
    problems = [str(problem) for problem in load(Path("config.yaml"), {}).problems]
    assert len(problems) == 1 and "there is no prompt" not in problems[0]


def test_a_prompt_typed_stands_for_the_file_of_the_config(folder: Path):
    config = loaded("prompt_file: no.txt\n", prompt="42").config
    assert (config.prompt, config.prompt_file) == ("42", None)


@pytest.mark.parametrize("prompt", ["[Scene 1] A fox", "true", "a: b", "{x", "- x", "'quoted'", "12", "${HOME}"])
def test_a_prompt_typed_is_taken_word_for_word(folder: Path, prompt: str):
    assert load(None, {}, [Override("prompt", prompt, "--prompt")]).config.prompt == prompt


def test_bytes_that_are_no_text_do_not_reach_a_file(folder: Path):
    load(None, {}, [Override("prompt", "a\udcff", "--prompt")]).config.prompt.encode("utf-8")


@pytest.mark.parametrize("text", ["[a, b]", "a,b", " a , b "])
def test_lists_can_be_typed(folder: Path, text: str):
    found = loaded("prompt: x\n", image_fallback_backends=text, remote_api_settings__fallback_backend="wan2.1")
    assert found.config.image_fallback_backends == ("a", "b")
    assert found.config.remote_api_settings.fallback_backend == ("wan2.1",)


def test_a_setting_can_be_unset(folder: Path):
    assert loaded("prompt: x\nsegment_seconds: 4\n", segment_seconds="null").config.segment_seconds is None


def test_blocks_of_backends_are_theirs_to_judge(folder: Path):
    found = loaded("prompt: x\nsketch: {detail: 4}\nacme2.1: {a: 1}\n", sketch__detail="5")
    problems: list[Problem] = []
    assert found.section("sketch").validate(SketchOptions, problems) == SketchOptions(detail=5)
    assert found.section("nothing").validate(SketchOptions, problems) == SketchOptions() and not problems
    assert not found.problems


def test_an_unknown_variable_of_ours_is_said_with_the_nearest(folder: Path):
    assert said(loaded("prompt: x\n", {"LONGTAKE_FIST": "crop"}))[0] == (
        "environment LONGTAKE_FIST: unknown key, did you mean fit?")


def test_secrets_are_never_shown(folder: Path):
    Path(".env").write_text(f"RUNWAY_TOKEN={KEY}\n")
    found = loaded(
        f"prompt: x\nrunway_ml: {{api_key: {KEY}, client_secret: ['{KEY}']}}\nsketch: {{api_key: {KEY}, detail: 4}}\n"
        "google_veo: {note: 'Bearer ${RUNWAY_TOKEN}'}\n", {"LONGTAKE_GOOGLE_VEO__PASSWORD": KEY}, google_veo__hf_token=KEY)
    problems = list(found.problems)
    found.section("sketch").validate(SketchOptions, problems)
    everything = repr([found, found.section("sketch"), show(found), show(found, {"sketch": SketchOptions})])
    assert KEY not in everything
    assert KEY in found.secrets
    assert shown(found)["google_veo.note"] == ("********", "config.yaml:4")


def test_a_secret_in_the_wrong_place_is_not_quoted_in_a_problem(folder: Path):
    found = loaded(f"prompt: x\nrunway_ml: {KEY}\nsketch: {{api_key: [{KEY}]}}\nremote_api_settings: {{token: {KEY}}}\n")
    problems = list(found.problems)
    found.section("sketch").validate(SketchOptions, problems)
    assert len(problems) == 3 and KEY not in repr(problems)


def test_the_settings_cannot_be_changed_and_know_no_other_keys():
    config = PipelineConfig(prompt="x")
    with pytest.raises(ValueError, match="frozen"):
        config.seed = 2
    with pytest.raises(ValueError, match="nope"):
        PipelineConfig.model_validate({"prompt": "x", "nope": 1})


class Tunnel(BaseModel):
    """A block within a block."""

    host: str = ""
    knock: SecretStr | None = None


class SignedOptions(BackendOptions):
    """Options whose secrets are such by their type, whatever they are called."""

    signing: SecretStr = SecretStr("")
    spare: tuple[SecretStr, ...] = ()
    tunnel: Tunnel = Tunnel()
    strength: float = 1.0


def test_what_an_options_type_calls_secret_is_hidden_whatever_its_name(folder: Path):
    found = loaded("prompt: x\nacme2.1:\n  signing: hunter2hunter2\n  spare: [hunter3hunter3]\n"
                   "  tunnel: {host: example, knock: hunter4hunter4}\n")
    assert found.section("acme2.1").validate(SignedOptions, [])
    for lines in (show(found), show(found, {"acme2.1": SignedOptions})):
        assert "hunter" not in repr(lines) and ("acme2.1.tunnel.host", "example") in [(one.key, one.value) for one in lines]
    assert {"hunter2hunter2", "hunter3hunter3", "hunter4hunter4"} <= {*found.secrets}


def test_a_wrong_value_of_what_a_type_calls_secret_is_not_quoted(folder: Path):
    found = loaded("prompt: x\nacme2.1: {tunnel: {knock: 1.5}, spare: hunter3}\n")
    problems: list[Problem] = []
    found.section("acme2.1").validate(SignedOptions, problems)
    assert [str(problem) for problem in problems] == [
        "config.yaml:2:40: acme2.1.spare: the value is not a list, write [one, two]"]


def test_a_key_is_no_part_of_what_a_clip_is_made_of():
    with_keys = SignedOptions.model_validate(
        {"signing": "a", "spare": ["b"], "tunnel": {"host": "h", "knock": "c"}, "strength": 2})
    assert with_keys.identity() == {"strength": 2.0, "tunnel": {"host": "h"}, "spare": []}
    assert SignedOptions().identity() == {"strength": 1.0, "tunnel": {"host": ""}, "spare": []}


@pytest.mark.parametrize("written", ["", "  "])
def test_an_output_dir_of_blanks_is_not_the_present_folder(folder: Path, written: str):
    assert said(loaded("prompt: x\n", output_dir=written)) == [
        "--set output_dir: is empty, give it a value, or leave the key out"]


def test_a_film_and_its_segments_hold_at_least_one_frame(folder: Path):
    less = "are not even one frame of a film at 1 frames a second, it must be at least 1 s"
    assert said(loaded("prompt: x\nfps: 1\nsegment_seconds: 0.3\n", duration_seconds="0.04")) == [
        f"config.yaml:3:18: segment_seconds: 0.3 s {less}", f"--set duration_seconds: 0.04 s {less}"]
    assert not said(loaded("prompt: x\nfps: 25\n", duration_seconds="0.04"))


def test_a_picture_whose_name_is_too_long_is_a_problem_and_no_crash(folder: Path):
    assert "there is no file xxx" in said(loaded(f"prompt: x\ninitial_image: {'x' * 300}\n"))[0]


def test_a_config_that_is_not_there_is_said(folder: Path):
    assert said(load(Path("no.yaml"), {}))[0] == "no.yaml: there is no such file"


@pytest.mark.parametrize("written", [r'"a\0b"', "~nobody-of-this-name/x", "''", ".", "[a]"])
def test_a_path_that_leads_nowhere_is_a_problem_and_no_crash(folder: Path, written: str):
    assert said(loaded(f"prompt_file: {written}\n"))[0].startswith("config.yaml:1:14: prompt_file: ")
