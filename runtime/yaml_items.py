"""A list of blocks in a YAML text, changed item by item: an item that stays keeps its bytes and its comments. Reads no file."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from runtime import yaml_edit
from runtime.yaml_marks import Plain

Block = Mapping[str, Plain]


@dataclass(frozen=True)
class Item:
    """One item of the list as it is to be. source: the place (from 0) of the one it comes from, None for a new one; old: what
    that one means."""

    source: int | None
    old: Block
    new: Block


def rearranged(before: str, key: str, items: Sequence[Item]) -> str | None:
    """The text with the list under `key` made of these items; None where it holds no list of blocks in lines of their own."""
    cut = _cut(before, key)
    if cut is None:
        return None
    head, chunks, tail = cut
    column = _dash_column(chunks[0])
    made = [_fresh(key, item.new, column) if item.source is None else _edited(chunks[item.source], key, item)
            for item in items]
    return head + "".join(made) + tail


def _cut(text: str, key: str) -> tuple[str, list[str], str] | None:
    """What stands before the list, each of its items with the comments above it, and what stands behind."""
    listed = _list(YAML(typ="safe", pure=True).compose(text), key)
    if listed is None or "\r" in text or "\t" in text:
        return None
    lines = text.splitlines(keepends=True)
    column = listed.start_mark.column
    dashes = [item.start_mark.line for item in listed.value]
    starts = [_above(lines, dash, column) for dash in dashes[1:]]
    first, end = dashes[0], _above(lines, min(listed.end_mark.line, len(lines)), column)
    cuts = [first, *starts, end]
    if not all(lines[dash][column:column + 1] == "-" for dash in dashes) or sorted(set(cuts)) != cuts:
        return None
    chunks = ["".join(lines[one:other]) for one, other in itertools.pairwise(cuts)]
    chunks = [chunk if chunk.endswith("\n") else chunk + "\n" for chunk in chunks]
    return "".join(lines[:first]), chunks, "".join(lines[end:])


def _list(node: Node | None, key: str) -> SequenceNode | None:
    pairs = node.value if isinstance(node, MappingNode) else []
    found = next((value for name, value in pairs if name.value == key), None)
    if not isinstance(found, SequenceNode) or found.flow_style or not found.value:
        return None
    plain = all(isinstance(one, MappingNode) and not one.flow_style and not one.anchor for one in found.value)
    return found if plain else None


def _above(lines: Sequence[str], line: int, column: int) -> int:
    """Where the comments and blank lines directly above a line begin."""
    while line > 0 and (not lines[line - 1].strip() or (
            lines[line - 1].lstrip().startswith("#") and len(lines[line - 1]) - len(lines[line - 1].lstrip()) <= column)):
        line -= 1
    return line


def _dash_column(chunk: str) -> int:
    line = next(line for line in chunk.splitlines() if line.lstrip().startswith("-"))
    return len(line) - len(line.lstrip())


def _edited(chunk: str, key: str, item: Item) -> str:
    """An item's text with what differs put in."""
    if item.old == item.new:
        return chunk
    head = f"{key}:\n"
    text = yaml_edit.edit(head + chunk, {key: [dict(item.old)]}, {key: [dict(item.new)]})
    return text.removeprefix(head)


def _fresh(key: str, value: Block, column: int) -> str:
    text = yaml_edit.dump({key: [dict(value)]}).removeprefix(f"{key}:\n")
    lines = text.splitlines(keepends=True)
    shift = column - _dash_column(text)
    moved = [(" " * shift + line if shift > 0 else line[-shift:]) if line.strip() else line for line in lines]
    return "\n" + "".join(moved)
