"""YAML, environment and command line -> the frozen settings of a run, each with its source. Imports no backend.

The only module that reads the environment.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, SecretStr

from config_model import PipelineConfig as PipelineConfig
from config_model import RemoteApiSettings as RemoteApiSettings
from config_model import folder_name
from errors import Problem, UserMistakes
from runtime import env_file, layers, yaml_marks
from runtime.validation import dotted, in_order, is_secret, place, validated
from runtime.yaml_marks import Mark, Marks, Plain

Source = Mark
"""Where a value came from. str(): `config.yaml:12:5`, `environment LONGTAKE_FPS`, `--set fps`, `default`."""
Options = TypeVar("Options", bound=BaseModel)

PREFIX = "LONGTAKE_"
MASK = "********"
DEFAULT = Source("default")
LATER = frozenset({"runway_ml", "google_veo"})
"""Blocks that belong to a config whether or not a backend of this version reads them."""
UNREAD = ("max_retries", "polling_interval", "timeout")
"""Of remote_api_settings: no backend of this version asks over the network."""
_PATHS = ("prompt_file", "initial_image", "output_dir")
_PROMPTS = ("prompt", "prompt_file")


@dataclass(frozen=True)
class Override:
    """One setting from the command line. `said_as` is what the user typed: `--fps`, `--set remote_api_settings.timeout`."""

    key: str
    text: str = field(repr=False)
    said_as: str


@dataclass(frozen=True)
class RawSection:
    """A backend's block as it was written, for the backend to judge. Its values are kept out of its repr."""

    name: str
    values: Mapping[str, Plain] = field(repr=False)
    marks: Marks = field(repr=False)

    def validate(self, options: type[Options], problems: list[Problem]) -> Options | None:
        """The backend's options, or None with what is wrong added to `problems`."""
        return validated(options, self.values, self.marks, problems, (self.name,))


@dataclass(frozen=True)
class Loaded:
    """What `load` found. With `problems`, `draft` has defaults where a value is wrong: good for further checks only.

    notes: what a person should know and no run stops for. environment: the process's over the .env file's.
    """

    draft: PipelineConfig
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    sources: Mapping[str, Source]
    layers: layers.Layers = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    path: Path | None = None

    @property
    def config(self) -> PipelineConfig:
        """The settings of the run. Raises UserMistakes with everything that is wrong."""
        if self.problems:
            raise UserMistakes(self.problems)
        return self.draft

    def section(self, name: str) -> RawSection:
        """A backend's block; an empty one when the config has none."""
        values = self.layers.values.get(name)
        return RawSection(name, values if isinstance(values, dict) else {}, self.layers.marks)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value nobody may see, in the config and in the environment: what a log has to mask."""
        hidden = [text for name, text in self.environment.items() if is_secret(name)]
        hidden += [str(value) for path, value, _ in self.layers.leaves() if value and _hidden(path, self.layers)]
        return tuple(dict.fromkeys(text for text in hidden if text))

    def where(self, key: str) -> str:
        """`config.yaml:12:5: video_generation_backend`, for problems that only others can see in a value."""
        return place(self.sources.get(key, DEFAULT), key)


@dataclass(frozen=True)
class Shown:
    """One line of `config --show`. Secrets are masked already."""

    key: str
    value: str
    source: Source


def process_environment() -> Mapping[str, str]:
    """The environment of this process, as it is now."""
    return dict(os.environ)


def load(
    path: Path | None, environment: Mapping[str, str], overrides: Sequence[Override] = (), sections: Collection[str] = (),
) -> Loaded:
    """Reads the settings of a run: defaults < YAML < environment (.env below the process's) < command line.

    `sections` are the names of the blocks that backends validate. Raises nothing: what is wrong is in `problems`, so
    that a caller can add what the backends find and list everything at once.
    """
    problems: list[Problem] = []
    variables, marks = _variables(path, environment, problems)
    stack = _file_layer(path, variables, problems)
    known = {*sections, *LATER}
    _lay(stack, _from_environment(variables, marks), problems)
    _lay(stack, [(_path(one.key, known), one.text, Source(one.said_as)) for one in overrides], problems)
    _resolve(stack, path, problems)
    problems += _section_problems(stack, known)
    values = {key: value for key, value in stack.values.items() if key not in known}
    draft = validated(PipelineConfig, values, stack.marks, problems, also=known) or _draft(values, stack.marks)
    notes = tuple(_notes(stack, sections))
    return Loaded(draft, tuple(in_order(problems)), notes, _sources(draft, stack), stack, variables, path)


def _variables(
    path: Path | None, environment: Mapping[str, str], problems: list[Problem],
) -> tuple[Mapping[str, str], Mapping[str, Source]]:
    """All variables, and for those that count from .env their place in it."""
    file = (path.parent if path else Path()) / ".env"
    if not file.is_file():
        return dict(environment), {}
    text, unreadable = yaml_marks.read(file)
    parsed = env_file.parse(text, str(file))
    problems += [*unreadable, *parsed.problems]
    marks = {name: mark for name, mark in parsed.marks.items() if name not in environment}
    return {**parsed.values, **environment}, marks


def _file_layer(path: Path | None, variables: Mapping[str, str], problems: list[Problem]) -> layers.Layers:
    text, unreadable = yaml_marks.read(path) if path else ("", ())
    problems += unreadable
    stack = layers.from_yaml(yaml_marks.parse(text, str(path or "")), variables, problems)
    given: dict[yaml_marks.Path, Mark] = {(name,): stack.marks.key((name,)) for name in stack.values}
    problems += layers.alternatives(stack, given, _PROMPTS)
    return stack


def _from_environment(
    variables: Mapping[str, str], marks: Mapping[str, Source],
) -> Iterator[tuple[yaml_marks.Path, str, Source]]:
    """`LONGTAKE_RUNWAY_ML__API_KEY=x` -> `runway_ml.api_key`. An empty variable counts as not set."""
    for name, text in sorted(variables.items()):
        if name.startswith(PREFIX) and text:
            yield tuple(name.removeprefix(PREFIX).lower().split("__")), text, marks.get(name, Source(f"environment {name}"))


def _path(key: str, sections: Collection[str]) -> yaml_marks.Path:
    """`acme2.1.seed` -> (`acme2.1`, `seed`): a section's name may hold a dot."""
    for name in sections:
        if key.startswith(f"{name}."):
            return (name, *key.removeprefix(f"{name}.").split("."))
    return tuple(key.split("."))


def _lay(
    stack: layers.Layers, given: Sequence[tuple[yaml_marks.Path, str, Source]] | Iterator[tuple[yaml_marks.Path, str, Source]],
    problems: list[Problem],
) -> None:
    marks: dict[yaml_marks.Path, Source] = {}
    for path, text, source in given:
        stack.put(path, text, source)
        marks[path] = source
    problems += layers.alternatives(stack, marks, _PROMPTS)


def _resolve(stack: layers.Layers, path: Path | None, problems: list[Problem]) -> None:
    """Makes paths openable, reads the prompt's file, and names the run folder."""
    folder = path.parent if path else Path()
    for key in _PATHS:
        written, mark = stack.values.get(key), stack.marks.value((key,))
        if isinstance(written, str) and written.strip():
            base = folder if mark.line else Path()  # what is typed is relative to where it is typed
            stack.values[key] = str(base / _home(written.strip()))
    _read_prompt(stack, problems)
    image = stack.values.get("initial_image")
    faulty = ("initial_image",) in stack.marks.faulty
    if isinstance(image, str) and not faulty and not Path(image).is_file():
        where = place(stack.marks.value(("initial_image",)), "initial_image")
        problems.append(Problem(where, f"there is no file {image}"))
    if "output_dir" not in stack.values:
        name = path.stem if path else folder_name(str(stack.values.get("prompt", "")))
        stack.values["output_dir"] = str(folder / "runs" / name)


def _home(written: str) -> Path:
    """The path, with a `~` at its start opened where there is such a user."""
    try:
        return Path(written).expanduser()
    except RuntimeError:
        return Path(written)


def _read_prompt(stack: layers.Layers, problems: list[Problem]) -> None:
    if "prompt_file" not in stack.values:
        if "prompt" not in stack.values:
            problems.append(Problem(stack.marks.place, "there is no prompt", "write prompt: or prompt_file:, or give --prompt"))
            stack.values["prompt"] = "-"
        return
    written, mark = stack.values["prompt_file"], stack.marks.value(("prompt_file",))
    stack.marks.keys[("prompt",)] = stack.marks.values[("prompt",)] = mark
    stack.values["prompt"] = "-"
    if not isinstance(written, str) or ("prompt_file",) in stack.marks.faulty:
        return
    text, unreadable = yaml_marks.read(Path(written))
    problems += [Problem(place(mark, "prompt_file"), str(problem)) for problem in unreadable]
    if not text.strip() and not unreadable:
        problems.append(Problem(place(mark, "prompt_file"), f"{written} holds nothing but blanks", "describe the film"))
    stack.values["prompt"] = text.strip() or "-"


def _section_problems(stack: layers.Layers, known: Collection[str]) -> Iterator[Problem]:
    for name in known:
        value = stack.values.get(name)
        if value is not None and not isinstance(value, dict):
            where = place(stack.marks.value((name,)), name)
            yield Problem(where, "is not a block of keys", "write key: value lines below it")


def _draft(values: Mapping[str, Plain], marks: Marks) -> PipelineConfig:
    """What the values that are right make, with defaults for the others."""
    right = {key: value for key, value in values.items() if validated(PipelineConfig, {"prompt": "-", key: value}, marks, [])}
    draft = validated(PipelineConfig, {"prompt": "-", **right}, marks, [])
    assert draft is not None, "values that are right one by one are right together"
    return draft


def _notes(stack: layers.Layers, sections: Collection[str]) -> Iterator[str]:
    for name in sorted(LATER.difference(sections).intersection(stack.values)):
        yield f"{place(stack.marks.key((name,)), name)}: this version has no backend that reads it"
    settings = stack.values.get("remote_api_settings")
    for name in UNREAD:
        if isinstance(settings, dict) and name in settings:
            path = ("remote_api_settings", name)
            yield f"{place(stack.marks.key(path), dotted(path))}: this version has no backend that reads it"


def _sources(draft: PipelineConfig, stack: layers.Layers) -> dict[str, Source]:
    sources = {dotted(path): DEFAULT for path, _ in _fields(draft, ())}
    given = {dotted(path): mark for path, _, mark in stack.leaves() if path in stack.marks.values}
    return {**sources, **given}


def _fields(model: BaseModel, prefix: yaml_marks.Path) -> Iterator[tuple[yaml_marks.Path, object]]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _fields(value, (*prefix, name))
        else:
            yield (*prefix, name), value


def show(loaded: Loaded, options: Mapping[str, type[BaseModel]] | None = None) -> list[Shown]:
    """Every setting as it takes effect, with its source. `options`: the model of each backend's block, for its defaults."""
    effective: dict[yaml_marks.Path, object] = dict(_fields(loaded.draft, ()))
    for name, model in (options or {}).items():
        block = loaded.section(name).validate(model, [])
        effective |= dict(_fields(block, (name,))) if block else {}
    for path, value, _ in loaded.layers.leaves():
        effective.setdefault(path, value)
    return [Shown(dotted(path), _text(path, value, loaded), loaded.sources.get(dotted(path), DEFAULT))
            for path, value in effective.items()]


def _text(path: yaml_marks.Path, value: object, loaded: Loaded) -> str:
    if isinstance(value, SecretStr) or _hidden(path, loaded.layers):
        bare = value.get_secret_value() if isinstance(value, SecretStr) else value
        return MASK if bare else "null"
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return f"[{', '.join(_text(path, item, loaded) for item in value)}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _hidden(path: yaml_marks.Path, stack: layers.Layers) -> bool:
    return path in stack.secrets or any(is_secret(str(part)) for part in path)
