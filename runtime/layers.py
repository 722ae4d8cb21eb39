"""Settings from several sources laid over each other, each value with the mark of its source. Knows no setting's name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from errors import Problem
from runtime.validation import is_secret
from runtime.yaml_marks import Mark, Marks, Parsed, Path, Plain

_REFERENCE = re.compile(r"\$\$\{|\$\{([^}]*)(\}?)")
_NAMED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)


@dataclass
class Layers:
    """The values so far and their marks. `secrets` are paths whose value came from a variable with a secret's name."""

    values: dict[str, Plain] = field(repr=False)
    marks: Marks
    secrets: set[Path] = field(default_factory=set)

    def put(self, path: Path, value: Plain, mark: Mark) -> None:
        """Lays one value over what is there; what stands in the way of a nested key gives way."""
        holder = self.values
        for depth, part in enumerate(path[:-1], 1):
            inner = holder.get(str(part))
            if not isinstance(inner, dict):
                inner = holder[str(part)] = {}
                self.marks.keys[path[:depth]] = self.marks.values[path[:depth]] = mark
            holder = inner
        self.drop(path)
        self.marks.faulty.discard(path)
        self.marks.loose.add(path)
        holder[str(path[-1])] = value
        self.marks.keys[path] = self.marks.values[path] = mark

    def drop(self, path: Path) -> None:
        """Takes a value out, and all that is known of it."""
        holder: Plain = self.values
        for part in path[:-1]:
            holder = holder.get(str(part)) if isinstance(holder, dict) else None
        if isinstance(holder, dict):
            holder.pop(str(path[-1]), None)
        for known in (self.marks.keys, self.marks.values, self.marks.texts):
            for inside in [one for one in known if one[: len(path)] == path]:
                del known[inside]

    def leaves(self) -> Iterator[tuple[Path, Plain, Mark]]:
        """Every value that is no block of keys, with its path and its source."""
        yield from self._leaves(self.values, ())

    def _leaves(self, block: Mapping[str, Plain], prefix: Path) -> Iterator[tuple[Path, Plain, Mark]]:
        for key, value in block.items():
            path = (*prefix, key)
            if isinstance(value, dict) and value:
                yield from self._leaves(value, path)
            else:
                yield path, value, self.marks.value(path)


def from_yaml(parsed: Parsed, variables: Mapping[str, str], problems: list[Problem]) -> Layers:
    """The lowest layer: a parsed file with `${NAME}` filled in. A file that holds no block of keys is a problem."""
    problems += parsed.problems
    layers = Layers({}, parsed.marks)
    if isinstance(parsed.values, dict):
        layers.values = {key: _filled(value, (key,), layers, variables, problems) for key, value in parsed.values.items()}
    elif parsed.values is not None:
        problems.append(Problem(str(parsed.marks.value(())), "is not a block of keys", "write lines like `prompt: ...`"))
    return layers


def _filled(value: Plain, path: Path, layers: Layers, variables: Mapping[str, str], problems: list[Problem]) -> Plain:
    if isinstance(value, dict):
        return {key: _filled(item, (*path, key), layers, variables, problems) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, (*path, at), layers, variables, problems) for at, item in enumerate(value)]
    if not isinstance(value, str) or "${" not in value:
        return value

    def fill(found: re.Match[str]) -> str:
        if found[0] == "$${":
            return "${"
        named = _NAMED.fullmatch(found[1]) if found[2] else None
        if named is None:
            layers.marks.faulty.add(path)
            advice = "write ${NAME} or ${NAME:-default}, or $${ for the characters themselves"
            problems.append(Problem(str(layers.marks.value(path)), f"{found[0][:40]!r} names no variable", advice))
            return ""
        if is_secret(named[1]):
            layers.secrets.add(path)
        given = variables.get(named[1]) or named[2]
        if given is None:
            layers.marks.faulty.add(path)
            what = f"the environment variable {named[1]} is {'empty' if named[1] in variables else 'not set'}"
            advice = f"set it or put it into .env, or write ${{{named[1]}:-default}}"
            problems.append(Problem(str(layers.marks.value(path)), what, advice))
        return given or ""

    layers.marks.loose.add(path)
    return _REFERENCE.sub(fill, value)


def alternatives(layers: Layers, given: Mapping[Path, Mark], together: Collection[str]) -> list[Problem]:
    """Keys of which one is wanted: those of a higher layer displace those below; two in one layer are a problem."""
    here = [path for path in given if len(path) == 1 and path[0] in together]
    if here:
        for name in together:
            if (name,) not in here:
                layers.drop((name,))
    return [Problem(str(given[path]), f"{path[0]} and {here[0][0]} are both given", "keep one of them") for path in here[1:]]
