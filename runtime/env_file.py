"""The text of a .env file -> names and values with their lines. Touches neither the disk nor the process's environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from errors import Problem
from runtime.yaml_marks import Mark

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(?:#.*)?')
_SINGLE = re.compile(r"'([^']*)'\s*(?:#.*)?")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


@dataclass(frozen=True)
class EnvFile:
    """Values by name, kept out of its repr since most of them are keys; and the line of each name."""

    values: Mapping[str, str] = field(repr=False)
    marks: Mapping[str, Mark]
    problems: tuple[Problem, ...] = ()


def parse(text: str, place: str) -> EnvFile:
    """Reads `NAME=value` lines: comments, `export`, 'literal' and "escaped" quotes. The last of two equal names counts."""
    values: dict[str, str] = {}
    marks: dict[str, Mark] = {}
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        found = _LINE.fullmatch(bare)
        value = _value(found[2]) if found else None
        if found is None or value is None:  # the line itself is never quoted: it may be half a key
            what = "is not NAME=value" if found is None else f"the quotes of {found[1]} are not closed"
            problems.append(Problem(f"{place}:{number}:{len(line) - len(line.lstrip()) + 1}", what))
        else:
            values[found[1]], marks[found[1]] = value, Mark(place, number, line.index(found[1]) + 1)
    return EnvFile(values, marks, tuple(problems))


def _value(written: str) -> str | None:
    """The value behind the equals sign, None when its quotes are not closed."""
    if written.startswith('"'):
        found = _DOUBLE.fullmatch(written)
        return re.sub(r"\\(.)", lambda one: _ESCAPES.get(one[1], one[1]), found[1]) if found else None
    if written.startswith("'"):
        found = _SINGLE.fullmatch(written)
        return found[1] if found else None
    return re.split(r"(?:^|\s)#", written, maxsplit=1)[0].rstrip()
