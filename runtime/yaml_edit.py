"""Plain values -> YAML a person likes to read, and changes to a text that leave everything else in it alone. Reads no file."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.scalarstring import (
    DoubleQuotedScalarString,
    FoldedScalarString,
    LiteralScalarString,
    SingleQuotedScalarString,
)
from ruamel.yaml.util import load_yaml_guess_indent

from runtime.yaml_marks import Path, Plain

WIDTH = 110
_ODD = re.compile(r"[^\n\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""What a block or a plain scalar cannot hold: it is written with escapes."""


def dump(values: Mapping[str, Plain], header: str = "") -> str:
    """The values as YAML: long text in blocks, small blocks of short values in one line, the order as it is given."""
    text = _dumped(_styled(dict(values)), _writer())
    return "".join(f"# {line}".rstrip() + "\n" for line in header.splitlines()) + text


def edit(before: str, old: Mapping[str, Plain], new: Mapping[str, Plain]) -> str:
    """`before` with the values that differ between `old` (what it means) and `new` put in; None takes a key out.

    Comments, key order and quoting stay. Where only single values change, all other bytes stay as well. `before` is
    valid YAML. The caller checks that the result means `new`: an alias may stand where it cannot.
    """
    changes = list(_changes(dict(old), dict(new), ()))
    if not changes:
        return before
    if before.startswith("\ufeff"):
        return "\ufeff" + edit(before[1:], old, new)
    newline = "\r\n" if "\r\n" in before else "\n"
    spliced = _spliced(before, changes)
    if spliced is not None:
        return spliced
    writer = _writer()
    data, mapping, offset = load_yaml_guess_indent(before, yaml=writer)
    writer.indent(mapping=2 if offset else mapping or 2, sequence=mapping or 2, offset=offset or 0)
    _apply(data, old, new)
    return _dumped(data, writer).replace("\n", newline)


def _writer() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10**9
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _dumped(data: Any, writer: YAML) -> str:
    stream = io.StringIO()
    writer.dump(data, stream)
    return stream.getvalue().removesuffix("...\n")


def _styled(value: Any, depth: int = 0) -> Any:
    """The value in the classes that carry ruamel's styles."""
    if isinstance(value, dict):
        block = CommentedMap({key: _styled(item, depth + 1) for key, item in value.items()})
        if depth > 1 and _short(list(value.values()), 40):
            block.fa.set_flow_style()
        return block
    if isinstance(value, list):
        items = CommentedSeq([_styled(item, depth + 1) for item in value])
        if _short(value, 80):
            items.fa.set_flow_style()
        for position, item in enumerate(items):
            if position and isinstance(item, CommentedMap) and not item.fa.flow_style():
                items.yaml_set_comment_before_after_key(position, before="\n")
        return items
    return _text(value) if isinstance(value, str) else value


def _short(values: list[Any], most: int) -> bool:
    """Whether all of this reads well in one line."""
    if any(isinstance(value, (dict, list)) for value in values):
        return False
    return sum(len(str(value)) for value in values) <= most and not any("\n" in str(value) for value in values)


def _text(text: str) -> Any:
    if _ODD.search(text):
        return DoubleQuotedScalarString(text)
    if "\n" in text:
        return LiteralScalarString(text)
    if len(text) > WIDTH - 30 and not re.search(r"^\s|\s$|\s\s|\t|[^\S ]", text):
        return _folded(text)
    if text.startswith(("?", ":", "-")):  # ruamel leaves them bare in a flow mapping, where they begin a key
        return SingleQuotedScalarString(text)
    return text


def _folded(text: str) -> Any:
    """A long line wrapped at its blanks: reading it puts the blanks back."""
    lines = textwrap.wrap(text, WIDTH - 10, break_long_words=False, break_on_hyphens=False)
    if " ".join(lines) != text or len(lines) < 2:
        return text
    folded = FoldedScalarString(text)
    positions, at = [], -1
    for line in lines[:-1]:
        at += len(line) + 1
        positions.append(at)
    folded.fold_pos = positions
    return folded


def _changes(old: Plain, new: Plain, path: Path) -> Iterator[tuple[Path, Plain]]:
    """Paths of the smallest parts that differ, with what is to stand there; a list of another length is one part."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in new:
            yield from _changes(old.get(key), new[key], (*path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for position, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _changes(one, other, (*path, position))
    elif old != new:
        yield path, new


def _spliced(before: str, changes: list[tuple[Path, Plain]]) -> str | None:
    """The text with single values replaced in place; None when a change is more than that."""
    nodes: dict[Path, Node] = {}
    _index(YAML(typ="safe", pure=True).compose(before), (), nodes)
    shared = [id(node) for node in nodes.values()]
    cuts: list[tuple[int, int, str]] = []
    for path, value in changes:
        node = nodes.get(path)
        if not isinstance(node, ScalarNode) or node.style in ("|", ">") or node.anchor or shared.count(id(node)) > 1:
            return None
        if value is None or isinstance(value, (dict, list)) or (node.value == "" and node.style is None):
            return None
        written = _inline(value, node.style)
        if "\n" in written or len(written) > WIDTH:
            return None
        cuts.append((node.start_mark.index, node.end_mark.index, written))
    for start, end, written in sorted(cuts, reverse=True):
        before = before[:start] + written + before[end:]
    return before


def _index(node: Node, path: Path, nodes: dict[Path, Node]) -> None:
    nodes[path] = node
    if isinstance(node, MappingNode):
        for key, value in node.value:
            _index(value, (*path, str(key.value)), nodes)
    elif isinstance(node, SequenceNode):
        for position, item in enumerate(node.value):
            _index(item, (*path, position), nodes)


def _inline(value: Plain, style: str | None) -> str:
    """One value in one line, in the quotes the one before had, fit for `[a, b]` as well."""
    if isinstance(value, str):
        if style == '"' or _ODD.search(value) or "\n" in value:
            value = DoubleQuotedScalarString(value)
        elif style == "'":
            value = SingleQuotedScalarString(value)
    items = CommentedSeq([value])
    items.fa.set_flow_style()
    return _dumped(items, _writer()).strip()[1:-1]


def _apply(data: Any, old: Any, new: Any) -> None:
    """Brings a loaded text's tree from `old` to `new`, where they differ."""
    if isinstance(new, dict):
        _apply_to_block(data, old, new)
        return
    kept = min(len(old), len(new), len(data))
    for position in range(kept):
        if old[position] != new[position]:
            if isinstance(new[position], (dict, list)) and type(data[position]) in (CommentedMap, CommentedSeq):
                _apply(data[position], old[position], new[position])
            else:
                data[position] = _styled(new[position], 2)
    del data[kept:]
    data.extend(_styled(_without_empty(item), 1) for item in new[kept:])


def _apply_to_block(data: CommentedMap, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    for order, (key, value) in enumerate(new.items()):
        if old.get(key) == value:
            continue
        if value is None:
            data.pop(key, None)
        elif isinstance(value, (dict, list)) and isinstance(data.get(key), (CommentedMap, CommentedSeq)):
            _apply(data[key], old[key], value)
        elif key in data:
            data[key] = _styled(value, 2)
        else:
            before = [name for name in list(new)[:order] if name in data]
            data.insert(list(data).index(before[-1]) + 1 if before else 0, key, _styled(_without_empty(value), 2))


def _without_empty(value: Any) -> Any:
    return {key: item for key, item in value.items() if item not in (None, "", [])} if isinstance(value, dict) else value

