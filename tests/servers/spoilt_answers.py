"""Answers in words that are bad in one way: JSON that breaks off, that does not keep to its schema, that is talked around."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.servers.faults import Struck


def without(text: str, how: str, faults: Struck) -> str:
    """The answer as the model writes it: in a code block where that was asked for, with chat around it where it is chatty."""
    if "invalid_json" in faults:
        text = text[: len(text) * 3 // 4]
    if how == "block":
        text = f"```json\n{text}\n```"
    if "chatty" in faults:
        text = f"Sure! Here is what you asked for:\n\n{text}\n\nLet me know if I should change anything."
    return text


def broken(way: str, value: Any, schema: Mapping[str, Any]) -> Any:
    """The same answer, not as its schema wants it."""
    if not isinstance(value, dict) or not value:
        return value
    if way == "empty":
        return {}
    if way == "extra":
        return {**value, "remarks": "as you can see, this went well"}
    longest = max(value, key=lambda name: len(str(value[name])))
    listed = value[longest]
    if way == "count" and isinstance(listed, list):
        return {**value, longest: listed[:-1]}
    inner = listed[len(listed) // 2] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else value
    name = _victim(way, inner, schema)
    if way == "missing":
        del inner[name]
    else:
        inner[name] = {"oh": "no"} if way == "type" else "sideways"
    return value


def _victim(way: str, inner: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """The field that is spoilt: for `enum` one with choices, where there is one."""
    choices = [name for name in inner if way == "enum" and name in set(_with_choices(schema))]
    return (choices or [name for name, text in inner.items() if isinstance(text, str)] or list(inner))[0]


def _with_choices(schema: Any) -> Iterator[str]:
    """The names of all fields that may have certain values only."""
    for name, inner in schema.items() if isinstance(schema, dict) else enumerate(schema) if isinstance(schema, list) else ():
        if isinstance(inner, dict) and "enum" in inner:
            yield str(name)
        yield from _with_choices(inner)
