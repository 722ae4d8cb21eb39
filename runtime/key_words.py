"""What a key of a block takes and what it is when left out, in words, from its pydantic field. Writes no document."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

NOT_SET = "not set"

def takes(field: FieldInfo) -> str:
    """As in `number, seconds, at least 0`, choices and values between backticks."""
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    kind = str(extra.get("type") or _kind(field.annotation))
    unit = f", {extra['unit']}" if "unit" in extra else ""
    return f"{kind}{unit}{_limits(field)}"


def left_out(field: FieldInfo) -> str:
    """What it is when nobody says: `required`, `not set`, or the value between backticks."""
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    return "required" if field.is_required() else str(extra.get("default") or _default(field.default))


def _kind(annotation: Any) -> str:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(inner[0])
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in inner)
    if origin in (tuple, list):
        return "a name or a list of names" if _kind(inner[0]) == "text" else f"a list: {_kind(inner[0])}"
    if inner:
        return " or ".join(dict.fromkeys(_kind(one) for one in inner if one is not NoneType))
    names = {
        str: "text", int: "whole number", float: "number", bool: "`true` or `false`", Path: "path", SecretStr: "secret text",
    }
    return names.get(annotation, getattr(annotation, "__name__", str(annotation)))


def _limits(field: FieldInfo) -> str:
    words = (("gt", "more than"), ("ge", "at least"), ("lt", "less than"), ("le", "at most"))
    found = [f"{word} {getattr(rule, limit):.10g}" for rule in _rules(field) for limit, word in words if hasattr(rule, limit)]
    return f", {', '.join(found)}" if found else ""


def _rules(field: FieldInfo) -> Iterator[Any]:
    """The limits of a field, of an optional one as well."""
    yield from field.metadata
    for one in get_args(field.annotation):
        for rule in getattr(one, "__metadata__", ()):
            yield from rule.metadata if isinstance(rule, FieldInfo) else (rule,)


def _default(value: Any) -> str:
    if value is None:
        return NOT_SET
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, (tuple, list)) and not hasattr(value, "_fields"):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{value:.10g}`" if isinstance(value, float) else f"`{value}`"
