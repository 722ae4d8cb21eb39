"""The paths of a config: as they are to be opened, and short, as they are shown. Reads the prompt's file and no other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from config_model import BLANK, WORDLESS, folder_name, says_something
from errors import Problem
from runtime import layers, yaml_marks
from runtime.validation import dotted, place
from runtime.yaml_marks import Mark, Marks, Plain

PATHS: tuple[yaml_marks.Path, ...] = (("prompt_file",), ("initial_image",), ("output_dir",), ("budget", "books"))


def resolve(stack: layers.Layers, config: Path | None, problems: list[Problem]) -> None:
    """Makes paths openable, reads the prompt's file, and names the run folder. `config` is the file the paths stand in."""
    folder = config.parent if config else Path()
    for path in PATHS:
        _open(stack, path, folder, problems)
    _read_prompt(stack, problems)
    image = stack.values.get("initial_image")
    faulty = ("initial_image",) in stack.marks.faulty
    if isinstance(image, str) and not faulty and not _is_file(image):
        where = place(stack.marks.value(("initial_image",)), "initial_image")
        problems.append(Problem(where, f"there is no file {image}"))
    name = config.stem if config else folder_name(str(stack.values.get("prompt", "")))
    output = stack.values.setdefault("output_dir", str(folder / "runs" / name))
    if isinstance(output, str):
        # FFmpeg would take what stands before a colon in a relative path for a protocol.
        stack.values["output_dir"] = str(Path(output).absolute())


def short(path: Path) -> str:
    """The path as a person here would type it: relative where it lies below the present folder."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _open(stack: layers.Layers, path: yaml_marks.Path, folder: Path, problems: list[Problem]) -> None:
    *within, key = path
    block: Any = stack.values
    for name in within:
        block = block.get(name) if isinstance(block, dict) else None
    written, mark = block.get(key) if isinstance(block, dict) else None, stack.marks.value(path)
    if not isinstance(written, str) or path in stack.marks.faulty:
        return
    if not written.strip():  # to Path it would be the present folder
        problems.append(Problem(place(mark, dotted(path)), "is empty", "give it a value, or leave the key out"))
        stack.marks.faulty.add(path)
        return
    block[key] = _opened(written, mark, folder)


def within(name: str, values: Mapping[str, Plain], options: type[BaseModel], marks: Marks, folder: Path) -> dict[str, Plain]:
    """A backend's block with its paths made openable: they are relative to what the film's own are relative to."""
    paths = {key for key, one in options.model_fields.items() if Path in (one.annotation, *get_args(one.annotation))}
    return {key: _opened(value, marks.value((name, key)), folder) if key in paths and isinstance(value, str) and value.strip()
            else value for key, value in values.items()}


def _opened(written: str, mark: Mark, folder: Path) -> str:
    """What is typed is relative to where it is typed."""
    return str((folder if mark.line else Path()) / _home(written.strip()))


def _home(written: str) -> Path:
    """The path, with a `~` at its start opened where there is such a user."""
    try:
        return Path(written).expanduser()
    except RuntimeError:
        return Path(written)


def _is_file(path: str) -> bool:
    try:
        return Path(path).is_file()
    except OSError:  # its name is too long, say
        return False


def _read_prompt(stack: layers.Layers, problems: list[Problem]) -> None:
    if "prompt_file" not in stack.values:
        if "prompt" not in stack.values:
            if stack.values or not problems:  # a file that cannot be read may hold one
                advice = "write prompt: or prompt_file:, or give --prompt"
                problems.append(Problem(stack.marks.place, "there is no prompt", advice))
            stack.values["prompt"] = BLANK
        return
    written, mark = stack.values["prompt_file"], stack.marks.value(("prompt_file",))
    stack.marks.keys[("prompt",)] = stack.marks.values[("prompt",)] = mark
    stack.values["prompt"] = BLANK
    if not isinstance(written, str) or ("prompt_file",) in stack.marks.faulty:
        return
    text, unreadable = yaml_marks.read(Path(written))
    problems += [Problem(place(mark, "prompt_file"), str(problem)) for problem in unreadable]
    if not says_something(text) and not unreadable:
        problems.append(Problem(place(mark, "prompt_file"), f"{written} {WORDLESS}"))
    stack.values["prompt"] = text.strip() if says_something(text) else BLANK
