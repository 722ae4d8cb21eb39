"""YAML, environment and command line -> the frozen settings of a run, each with its source. Imports no backend.

The only module that reads the environment.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, SecretStr

import catalogue
import config_paths
from catalogue import Catalogue
from config_model import BLANK
from config_model import PipelineConfig as PipelineConfig
from errors import Problem, UserMistakes
from runtime import env_file, layers, yaml_marks
from runtime.validation import dotted, in_order, is_secret, meets, models_within, place, secret_paths, validated
from runtime.yaml_marks import Mark, Marks, Plain

Source = Mark
"""Where a value came from. str(): `config.yaml:12:5`, `environment LONGTAKE_FPS`, `--set fps`, `default`."""
Options = TypeVar("Options", bound=BaseModel)

PREFIX = "LONGTAKE_"
MASK = "********"
DEFAULT = Source("default")
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
    secrets: set[yaml_marks.Path] = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    folder: Path = Path()

    def validate(self, options: type[Options], problems: list[Problem]) -> Options | None:
        """The backend's options, or None with what is wrong added to `problems`.

        From now on the config it came from hides what is secret here: only the options' types say so of every name.
        """
        self.secrets.update((self.name, *path) for path in secret_paths(options))
        told = {name: self.environment[named] for name, named in _told_by(options, self.values, self.environment).items()}
        said = config_paths.within(self.name, self.values, options, self.marks, self.folder)
        return validated(options, {**told, **said}, self.marks, problems, (self.name,))


@dataclass(frozen=True)
class Loaded:
    """What `load` found. With `problems`, `draft` has defaults where a value is wrong: good for further checks only.

    environment: the process's over the .env file's. catalogue: the models there are, the config's own included.
    """

    draft: PipelineConfig
    problems: tuple[Problem, ...]
    sources: Mapping[str, Source]
    layers: layers.Layers = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    catalogue: Catalogue = field(repr=False)
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
        return RawSection(name, values if isinstance(values, dict) else {}, self.layers.marks, self.layers.secrets,
                          self.environment, self.path.parent if self.path else Path())

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value nobody may see, in the config and in the environment: what a log has to mask.

        What only the type of a backend's option calls secret is known once its block was judged.
        """
        hidden = [text for name, text in self.environment.items() if is_secret(name)]
        hidden += [text for path, value, _ in self.layers.leaves() if _hidden(path, self.layers) for text in _texts(value)]
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
    known = {*sections, catalogue.SECTION}
    _lay(stack, _from_environment(variables, marks), problems)
    _lay(stack, [(_path(one.key, known), one.text, Source(one.said_as)) for one in overrides], problems)
    _lay(stack, _usual_variables(stack, variables, marks), problems)
    config_paths.resolve(stack, path, problems)
    problems += _section_problems(stack, known)
    values = {key: value for key, value in stack.values.items() if key not in known}
    draft = validated(PipelineConfig, values, stack.marks, problems, also=known) or _draft(values, stack.marks)
    problems += _without_a_frame(draft, stack)
    models = _catalogue(stack, problems)
    return Loaded(draft, tuple(in_order(problems)), _sources(draft, stack), stack, variables, models, path)


def _catalogue(stack: layers.Layers, problems: list[Problem]) -> Catalogue:
    """The models there are, with what the config's block says of them."""
    block = stack.values.get(catalogue.SECTION)
    return catalogue.merged(block if isinstance(block, dict) else {}, stack.marks, problems)


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


def _told_by(model: type[BaseModel], said: Mapping[str, Plain], variables: Mapping[str, str]) -> dict[str, str]:
    """The fields that say `env` and are not said, each with the first of its variables that is set.

    One that says `unless` is left alone where that other field is said: a key is for its vendor's own address only.
    """
    found: dict[str, str] = {}
    for name, one in model.model_fields.items():
        extra: Mapping[str, Any] = one.json_schema_extra if isinstance(one.json_schema_extra, dict) else {}
        told = next((variable for variable in extra.get("env", ()) if variables.get(variable)), None)
        if told is not None and name not in said and extra.get("unless") not in said:
            found[name] = told
    return found


def _usual_variables(
    stack: layers.Layers, variables: Mapping[str, str], marks: Mapping[str, Source],
) -> Iterator[tuple[yaml_marks.Path, str, Source]]:
    """What the blocks of our own take from variables with names of others, as OPENAI_API_KEY."""
    for block, within in PipelineConfig.model_fields.items():
        said: Any = stack.values.get(block) or {}
        for model in models_within(within.annotation) if isinstance(said, dict) else ():
            for name, told in _told_by(model, said, variables).items():
                yield (block, name), variables[told], marks.get(told, Source(f"environment {told}"))


def _path(key: str, sections: Collection[str]) -> yaml_marks.Path:
    """`acme2.1.seed` -> (`acme2.1`, `seed`): a section's name may hold a dot."""
    for name in sections:
        if key.startswith(f"{name}."):
            return (name, *key.removeprefix(f"{name}.").split("."))
    return tuple(key.split("."))


def _lay(stack: layers.Layers, given: Iterable[tuple[yaml_marks.Path, str, Source]], problems: list[Problem]) -> None:
    marks: dict[yaml_marks.Path, Source] = {}
    for path, text, source in given:
        stack.put(path, text, source)
        marks[path] = source
    problems += layers.alternatives(stack, marks, _PROMPTS)


def _section_problems(stack: layers.Layers, known: Collection[str]) -> Iterator[Problem]:
    for name in known:
        value = stack.values.get(name)
        if value is not None and not isinstance(value, dict):
            where = place(stack.marks.value((name,)), name)
            yield Problem(where, "is not a block of keys", "write key: value lines below it")


def _without_a_frame(draft: PipelineConfig, stack: layers.Layers) -> Iterator[Problem]:
    for key, seconds in (("duration_seconds", draft.duration_seconds), ("segment_seconds", draft.segment_seconds)):
        if seconds is not None and draft.film.frames(seconds) < 1:
            yield Problem(place(stack.marks.value((key,)), key), f"{seconds:g} s are not even one frame of a film at "
                          f"{float(draft.fps):g} frames a second", f"it must be at least {draft.film.seconds(1):.3g} s")


def _draft(values: Mapping[str, Plain], marks: Marks) -> PipelineConfig:
    """What the values that are right make, with defaults for the others."""
    right = {key: value for key, value in values.items() if validated(PipelineConfig, {"prompt": BLANK, key: value}, marks, [])}
    draft = validated(PipelineConfig, {"prompt": BLANK, **right}, marks, [])
    assert draft is not None, "values that are right one by one are right together"
    return draft


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
    if isinstance(value, Path):
        return config_paths.short(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _hidden(path: yaml_marks.Path, stack: layers.Layers) -> bool:
    return any(meets(secret, path) for secret in stack.secrets) or any(is_secret(str(part)) for part in path)


def _texts(value: Plain) -> Iterator[str]:
    """The words in a value; a list or a block holds several."""
    if isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
    elif value is not None:
        yield str(value)
