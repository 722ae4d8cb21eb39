"""YAML text -> plain values, and where in the text each key and value stands. Judges no value (validation.py does)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from errors import Problem

Path = tuple[str | int, ...]
Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]

MOST_VALUES = 100_000
"""Aliases can make a small file unfold into billions of values: reading stops here."""
MOST_LEVELS = 100


@dataclass(frozen=True)
class Mark:
    """Where a value came from: a place in a file (line and column from 1), or, with line 0, a name such as `--fps`."""

    place: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.place}:{self.line}:{self.column}" if self.line else self.place


@dataclass
class Marks:
    """Marks by path, `("segments", 0, "seconds")`.

    texts: unquoted numbers and the like as they were written. faulty: values whose problem has been told already.
    loose: values given as bare text, by the environment or a command line, that may mean more than text.
    """

    place: str
    keys: dict[Path, Mark] = field(default_factory=dict)
    values: dict[Path, Mark] = field(default_factory=dict)
    texts: dict[Path, str] = field(default_factory=dict, repr=False)
    faulty: set[Path] = field(default_factory=set)
    loose: set[Path] = field(default_factory=set)

    def key(self, path: Path) -> Mark:
        """The mark of the key, or of the nearest part around it that has one."""
        return self.keys.get(path) or self.value(path)

    def value(self, path: Path) -> Mark:
        """The mark of the value, or of the nearest part around it that has one."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path) or Mark(self.place)


@dataclass(frozen=True)
class Parsed:
    """What a text holds. With `problems`, `values` is what could still be read."""

    values: Plain
    marks: Marks
    problems: tuple[Problem, ...] = ()


def read(path: FilePath) -> tuple[str, tuple[Problem, ...]]:
    """The text of a UTF-8 file, with or without a byte order mark; what keeps it from being read is a problem."""
    try:
        return path.read_bytes().decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        before = bytes(error.object[: error.start])
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        return "", (Problem(f"{path}:{line}:{column}", "is not UTF-8 text", "save it as UTF-8"),)
    except FileNotFoundError:
        return "", (Problem(str(path), "there is no such file"),)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return "", (Problem(str(path), f"cannot be read: {reason}"),)


def parse(text: str, place: str) -> Parsed:
    """Reads one YAML 1.2 document. `place` is what problems call it. Never raises for what the text holds.

    Safe types only; anchors, aliases and `<<` are followed; tags of a language, several documents, keys that are there
    twice and files that unfold without end are problems. Dates stay text.
    """
    marks = Marks(place)
    yaml = YAML(typ="safe", pure=True)
    yaml.composer.warn_double_anchors = False
    try:
        root = yaml.compose(text.removeprefix("\ufeff"))
    except (YAMLError, RecursionError) as error:
        return Parsed(None, marks, (_syntax_problem(error, text, place),))
    marks.values[()] = Mark(place, 1, 1)
    if root is None:
        return Parsed(None, marks)
    unfolding = _Unfolding(marks)
    values = unfolding.value(root, ())
    return Parsed(values, marks, tuple(unfolding.problems))


def scalar(text: str) -> Plain:
    """What a text given on the command line or in the environment means as YAML; itself when it is no YAML."""
    parsed = parse(text, "")
    return text if parsed.problems else parsed.values


class _Unfolding:
    """Turns nodes into values, and notes the marks on the way."""

    def __init__(self, marks: Marks) -> None:
        self.marks = marks
        self.problems: list[Problem] = []
        self.seen = 0
        self.stopped = False

    def value(self, node: Node, path: Path) -> Plain:
        self.seen += 1
        if self.seen > MOST_VALUES or len(path) > MOST_LEVELS:
            if not self.stopped:
                self.problem(node, "unfolds into too many values", "use fewer aliases (*name)")
            self.stopped = True
        if self.stopped:
            return None
        self.marks.values[path] = self.mark(node)
        if isinstance(node, MappingNode):
            return self.mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, position)) for position, item in enumerate(node.value)]
        return self.scalar(node, path) if isinstance(node, ScalarNode) else None

    def mapping(self, node: MappingNode, path: Path) -> Plain:
        values: dict[str, Plain] = {}
        merged: list[Node] = []
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.problem(key, "a list or a block cannot be a key")
            elif str(key.tag).endswith(":merge"):
                merged += value.value if isinstance(value, SequenceNode) else [value]
            elif key.value in values:
                first = self.marks.keys[(*path, key.value)]
                self.problem(key, f"{key.value} is there twice", f"first in line {first.line}: keep one of them")
            else:
                self.entry(values, key, value, path)
        for source in merged:
            self.merge(values, source, path)
        return values

    def entry(self, values: dict[str, Plain], key: ScalarNode, value: Node, path: Path) -> None:
        at = (*path, key.value)
        self.marks.keys[at] = self.mark(key)
        values[key.value] = self.value(value, at)
        if isinstance(value, ScalarNode) and value.value == "" and value.style is None:
            self.marks.values[at] = self.marks.keys[at]  # an empty value has its mark at whatever comes next

    def merge(self, values: dict[str, Plain], source: Node, path: Path) -> None:
        if not isinstance(source, MappingNode):
            self.problem(source, "<< takes in blocks of keys only", "write <<: *name")
            return
        for key, value in source.value:
            if isinstance(key, ScalarNode) and key.value not in values and not str(key.tag).endswith(":merge"):
                self.entry(values, key, value, path)

    def scalar(self, node: ScalarNode, path: Path) -> Plain:
        kind = str(node.tag).removeprefix("tag:yaml.org,2002:")
        if kind == "str" or (kind == "timestamp" and node.style is None):
            return str(node.value)
        if kind not in ("int", "float", "bool", "null"):
            self.problem(node, f"the tag {node.tag} means nothing here", "leave it out")
            return None
        if kind != "null":
            self.marks.texts[path] = node.value
        return self.number(kind, node)

    def number(self, kind: str, node: ScalarNode) -> Plain:
        text = str(node.value).replace("_", "").lower()
        try:
            if kind == "int":
                return _whole(text)
            if kind == "float":
                return float(text.replace(".inf", "inf").replace(".nan", "nan"))
        except ValueError:
            self.problem(node, f"{node.value!r} is not a number")
            return None
        return None if kind == "null" else text == "true"

    def mark(self, node: Node) -> Mark:
        return Mark(self.marks.place, node.start_mark.line + 1, node.start_mark.column + 1)

    def problem(self, node: Node, what: str, advice: str = "") -> None:
        self.problems.append(Problem(str(self.mark(node)), what, advice))


def _whole(text: str) -> int:
    """YAML 1.2: 0x10 is 16, 0o10 is 8, 010 is 10."""
    unsigned = text.lstrip("+-")
    base = {"0x": 16, "0o": 8, "0b": 2}.get(unsigned[:2], 10)
    number = int(unsigned, base)
    return -number if text.startswith("-") else number


_SYNTAX = (
    (r"character '\\t'", "a tab stands where only spaces may indent", "use spaces"),
    (r"another document", "a second document begins here", "keep one, a file holds one"),
    (r"mapping values are not allowed", "there is a second `: ` in this line", "put the text into quotes"),
    (r"undefined alias '(.*)'", "*{0} is not defined", "write &{0} where it is, or put the text into quotes"),
    (r"expected ',' or '(.)'", "`{0}` is missing", "close what was opened"),
    (r"character '(.)' that cannot start", "no value can begin with {0}", "put the text into quotes"),
    (r"node content, but found '<stream end>'", "a [ or {{ is opened and never closed", "close it"),
    (r"node content, but found '(.*)'", "a value is missing before {0}", ""),
    (r"unexpected end of stream", "a quote is opened and never closed", "close it"),
    (r"could not find expected ':'", "`: ` is missing behind the key", "write key: value"),
    (r"expected <block end>", "does not line up with the lines before", "indent the keys of one block alike"),
)


def _syntax_problem(error: YAMLError | RecursionError, text: str, place: str) -> Problem:
    if isinstance(error, ReaderError):
        before = text[: error.position]
        where = Mark(place, before.count("\n") + 1, error.position - before.rfind("\n"))
        return Problem(str(where), f"the character U+{ord(text[error.position]):04X} is not allowed in YAML", "take it out")
    if not isinstance(error, MarkedYAMLError):
        return Problem(place, "is nested too deeply to be read")
    said = error.problem or error.context or "is not YAML"
    at = error.problem_mark or error.context_mark
    if ("end of stream" in said or "stream end" in said) and error.context_mark is not None:
        at = error.context_mark  # where the quote or bracket opens tells more than the end of the file
    where = Mark(place, at.line + 1, at.column + 1) if at is not None else Mark(place)
    for pattern, what, advice in _SYNTAX:
        found = re.search(pattern, said)
        if found:
            return Problem(str(where), what.format(*found.groups()), advice.format(*found.groups()))
    return Problem(str(where), said)
