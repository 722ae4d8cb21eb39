"""Fills any JSON schema with something plausible: lists as long as asked, numbers within bounds, words by the field's name.

Knows the words planners use for their fields, and no planner.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.servers.field_words import Here, Teller
from tests.servers.scenario import cut

Schema = Mapping[str, Any]
_KINDS = {"segment": "segment", "shot": "segment", "beat": "segment", "character": "character", "people": "character",
          "cast": "character", "location": "location", "place": "location", "prop": "prop", "part": "part",
          "finding": "finding", "problem": "finding", "issue": "finding", "score": "score", "candidate": "score",
          "rating": "score"}
_UNASKED = ("changed", "removed", "added")
"""Lists of what changes: empty, until somebody asks for a change."""
DEEPEST = 6
"""Forms that hold themselves are filled so far down."""
_GOOD = ("ok", "clean", "consistent", "passed", "fine")
_SLIP_KINDS = {"two_actions": "jump"}


class Filler:
    """One answer to one schema."""

    def __init__(self, teller: Teller, schema: Schema) -> None:
        self.teller, self.schema = teller, schema
        self.scenario = teller.scenario
        self.definitions: Mapping[str, Any] = schema.get("$defs") or schema.get("definitions") or {}

    def answer(self) -> Any:
        return self.fill(self.schema, "", Here(number=self.scenario.numbers[0]))

    def segment(self, number: int) -> Any:
        """One segment in the form the schema has for what changes."""
        items = self._resolved(self.schema["properties"]["changed"], "changed", Here())["items"]
        return self.fill(items, "segment", Here("segment", 0, number))

    def fill(self, schema: Schema, name: str, here: Here) -> Any:
        """A value for one field."""
        schema = self._resolved(schema, name, here)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._choice(list(schema["enum"]), name, here)
        kind = schema.get("type") or ("object" if "properties" in schema else "string")
        if kind == "object":
            here = replace(here, deep=here.deep + 1)
            return {key: self.fill(inner, key, here) for key, inner in (schema.get("properties") or {}).items()}
        if kind == "array":
            return self._list(schema, name, here)
        if kind in ("integer", "number"):
            return self._number(schema, name, here)
        if kind == "boolean":
            return not self.teller.slips and any(word in name.lower() for word in _GOOD)
        return None if kind == "null" else self._text(schema, name, here)

    def _resolved(self, schema: Schema, name: str, here: Here) -> Schema:
        """References followed; of alternatives the first that is not null, null where the field means nothing here."""
        while "$ref" in schema:
            schema = {**self.definitions[str(schema["$ref"]).rpartition("/")[2]],
                      **{key: value for key, value in schema.items() if key != "$ref"}}
        ways = schema.get("anyOf") or schema.get("oneOf")
        if ways:
            nothing = any(way.get("type") == "null" for way in ways) and self._means_nothing(name, here)
            chosen = next(way for way in ways if (way.get("type") == "null") == nothing)
            return self._resolved({**{key: value for key, value in schema.items() if key not in ("anyOf", "oneOf", "default")},
                                   **chosen}, name, here)
        for part in schema.get("allOf") or ():
            schema = {**schema, **self._resolved(part, name, here)}
        return schema

    def _means_nothing(self, name: str, here: Here) -> bool:
        low = name.lower()
        if here.kind == "segment" and "first" in low:
            return not self.teller.opens(here)
        if self._is_revision or here.deep > DEEPEST:
            return True
        return any(word in low for word in ("dissolve", "reference", "error", "refus", "question"))

    @property
    def _is_revision(self) -> bool:
        return "changed" in (self.schema.get("properties") or {})

    # lists

    def _list(self, schema: Schema, name: str, here: Here) -> list[Any]:
        least, most = int(schema.get("minItems", 0)), int(schema.get("maxItems", 10_000))
        if name in _UNASKED or (self._is_revision and here.kind == "film"):
            return []
        kind = next((kind for word, kind in _KINDS.items() if word in name.lower()), "")
        items = self._resolved(schema.get("items") or {"type": "string"}, name, here)
        if items.get("type") == "string" and "enum" not in items:
            found = self.teller.strings(name, here)
            found = [self._text(items, name, here)] if found is None else found
            found += [self._text(items, name, replace(here, at=at)) for at in range(len(found), least)]
            return [cut(text, items.get("maxLength")) for text in found[:most]]
        count = max(least, min(most, self.teller.count(kind) if here.deep <= DEEPEST else 0))
        return [self.fill(items, name, self._there(kind, here, place)) for place in range(count)]

    def _there(self, kind: str, here: Here, at: int) -> Here:
        if kind == "segment":
            return replace(here, kind=kind, at=at, number=self.scenario.numbers[min(at, len(self.scenario.numbers) - 1)])
        if kind == "finding" and at < len(self.teller.slips):
            return replace(here, kind=kind, at=at, number=self.teller.slips[at].number)
        return replace(here, kind=kind or here.kind, at=at)

    # single values

    def _choice(self, values: list[Any], name: str, here: Here) -> Any:
        if name.lower() == "join" and {"cut", "continuous"} <= set(values):
            return "cut" if self.teller.opens(here) else "continuous"
        if here.kind == "finding" and here.at < len(self.teller.slips):
            kind = self.teller.slips[here.at].kind
            return next((one for one in (kind, _SLIP_KINDS.get(kind)) if one in values), values[-1])
        places = [role.name for role in self.scenario.story.locations]
        if any(value in places for value in values):
            return self.scenario.moment(here.number).where.name
        return values[(here.number + len(name) + (0 if here.kind == "segment" else here.at)) % len(values)]

    def _number(self, schema: Schema, name: str, here: Here) -> float:
        low, whole = name.lower(), schema.get("type") == "integer"
        least = schema.get("minimum", schema.get("exclusiveMinimum", 0))
        most = schema.get("maximum", schema.get("exclusiveMaximum"))
        if here.kind in ("score", "part") and low in ("candidate", "index", "number", "picture", "image", "part"):
            value: float = here.at + 1
        elif low in ("index", "number", "segment") or low.endswith(("_index", "_number")):
            value = here.number
        elif any(word in low for word in ("second", "duration", "length")):
            value = self.scenario.seconds.get(here.number, 5)
        elif here.kind == "score":
            share = self.teller.scores[here.at] if here.at < len(self.teller.scores) else 0.5
            value = least + share * ((most if most is not None else 10) - least)
        else:
            value = 1 if most is None else (least + most) / 2
        value = max(least, value if most is None else min(most, value))
        return math.floor(value + 0.5) if whole else round(value, 2)

    def _text(self, schema: Schema, name: str, here: Here) -> str:
        text = cut(self.teller.said(name.lower(), here), schema.get("maxLength"))
        return text.ljust(int(schema.get("minLength", 0)), ".")
