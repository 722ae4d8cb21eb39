"""Fills any JSON schema with something plausible from a scenario: by the names of its fields, within its bounds.

Knows the words planners use for their fields, and no planner.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.servers.scenario import Scenario, cut
from tests.servers.slips import Slip
from tests.servers.stories_told import Role

Schema = Mapping[str, Any]
_KINDS = {"segment": "segment", "shot": "segment", "beat": "segment", "change": "segment", "character": "character",
          "people": "character", "cast": "character", "location": "location", "place": "location", "prop": "prop",
          "finding": "finding", "problem": "finding", "issue": "finding", "score": "score", "candidate": "score",
          "rating": "score"}


@dataclass(frozen=True)
class Here:
    """Where in the answer we are. at: the position in the list around, from 0. number: the segment."""

    kind: str = "film"
    at: int = 0
    number: int = 1
    said: Mapping[str, Any] | None = None
    """The segment as it stands, where it is to be changed."""


class Filler:
    """scores: how good each picture that was sent is, 0 to 1. slips: what a critic finds."""

    def __init__(self, scenario: Scenario, schema: Schema, scores: Sequence[float] = (), slips: Sequence[Slip] = ()) -> None:
        self.scenario, self.schema, self.scores, self.slips = scenario, schema, scores, slips
        self.definitions: Mapping[str, Any] = schema.get("$defs") or schema.get("definitions") or {}

    def answer(self) -> Any:
        return self.fill(self.schema, "", Here(number=self.scenario.numbers[0]))

    def fill(self, schema: Schema, name: str, here: Here) -> Any:
        """A value for one field."""
        schema = self._resolved(schema, name, here)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._choice(list(schema["enum"]), name, here)
        kind = schema.get("type") or ("object" if "properties" in schema else "string")
        if kind == "object":
            return {key: self.fill(inner, key, here) for key, inner in (schema.get("properties") or {}).items()}
        if kind == "array":
            return self._list(schema, name, here)
        if kind in ("integer", "number"):
            return self._number(schema, name, here)
        if kind == "boolean":
            return self._yes(name, here)
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
            return not self._opens(here)
        return any(word in low for word in ("dissolve", "reference", "error", "refus", "question"))

    def _opens(self, here: Here) -> bool:
        return here.number == 1 or self.scenario.moment(here.number).opens

    # lists

    def _list(self, schema: Schema, name: str, here: Here) -> list[Any]:
        kind = next((kind for word, kind in _KINDS.items() if word in name.lower()), "")
        items = self._resolved(schema.get("items") or {"type": "string"}, name, here)
        if items.get("type") == "string" and "enum" not in items:
            return self._bounded(schema, self._strings(name, here), name, here, items)
        count, least, most = self._count(kind), int(schema.get("minItems", 0)), int(schema.get("maxItems", 10_000))
        places = range(max(least, min(most, count)))
        return [self.fill(items, name, self._there(kind, here, place)) for place in places]

    def _bounded(self, schema: Schema, found: list[str], name: str, here: Here, items: Schema) -> list[str]:
        least, most = int(schema.get("minItems", 0)), int(schema.get("maxItems", 10_000))
        while len(found) < least:
            found.append(self._text(items, name, replace(here, at=len(found))))
        return [cut(text, items.get("maxLength")) for text in found[:most]]

    def _count(self, kind: str) -> int:
        story = self.scenario.story
        return {"segment": len(self.scenario.numbers), "character": len(story.characters), "location": len(story.locations),
                "prop": len(story.props), "finding": len(self.slips), "score": len(self.scores)}.get(kind, 2)

    def _there(self, kind: str, here: Here, at: int) -> Here:
        if kind == "segment":
            numbers = self.scenario.numbers
            number = numbers[min(at, len(numbers) - 1)]
            return Here(kind, at, number, self.scenario.present.get(number))
        if kind == "finding" and at < len(self.slips):
            return Here(kind, at, self.slips[at].number)
        return Here(kind or here.kind, at, here.number, here.said)

    def _strings(self, name: str, here: Here) -> list[str]:
        low, story = name.lower(), self.scenario.story
        if "character" in low or low in ("who", "people", "cast"):
            roles = self.scenario.moment(here.number).who if here.kind in ("segment", "finding") else story.characters
            return [role.name for role in roles]
        if "location" in low or "place" in low:
            return [role.name for role in story.locations]
        if "prop" in low or "object" in low:
            return list(story.props[here.number % 2 : here.number % 2 + 1] if here.kind == "segment" else story.props)
        if here.kind in ("character", "location") and any(word in low for word in ("trait", "visible", "look", "feature")):
            return re.split("[,，] ?", self._role(here).traits)
        return [self._text({}, name, here)]

    # single values

    def _choice(self, values: list[Any], name: str, here: Here) -> Any:
        if name.lower() == "join" and {"cut", "continuous"} <= set(values):
            return "cut" if self._opens(here) else "continuous"
        if here.kind == "finding" and "severity" in name.lower():
            return values[-1]
        names = [value for value in values if isinstance(value, str) and value in self._strings("location", here)]
        if names:
            return self.scenario.moment(here.number).where.name
        return values[(here.number + here.at + len(name)) % len(values)]

    def _number(self, schema: Schema, name: str, here: Here) -> float:
        low, whole = name.lower(), schema.get("type") == "integer"
        least = schema.get("minimum", schema.get("exclusiveMinimum", 0))
        most = schema.get("maximum", schema.get("exclusiveMaximum"))
        if here.kind == "score" and low in ("candidate", "index", "number", "picture", "image"):
            value: float = here.at + 1
        elif low in ("index", "number", "segment") or low.endswith(("_index", "_number")):
            value = here.number
        elif any(word in low for word in ("second", "duration", "length")):
            value = self.scenario.seconds.get(here.number, 5)
        elif here.kind == "score":
            share = self.scores[here.at] if here.at < len(self.scores) else 0.5
            value = least + share * ((most if most is not None else 10) - least)
        else:
            value = 1 if most is None else (least + most) / 2
        value = max(least, value if most is None else min(most, value))
        return math.floor(value + 0.5) if whole else round(value, 2)

    def _yes(self, name: str, here: Here) -> bool:
        if any(word in name.lower() for word in ("ok", "clean", "consistent", "passed", "fine")):
            return not self.slips
        return False

    def _text(self, schema: Schema, name: str, here: Here) -> str:
        text = self._said(name.lower(), here)
        limit = schema.get("maxLength")
        text = cut(text, min(limit, self.scenario.limit or limit) if limit and "prompt" in name else limit)
        return text.ljust(int(schema.get("minLength", 0)), ".")

    def _said(self, low: str, here: Here) -> str:
        if here.kind == "segment":
            return self._of_segment(low, here)
        if here.kind in ("character", "location"):
            return self._of_role(low, self._role(here))
        if here.kind == "prop":
            props = self.scenario.story.props
            return props[here.at % len(props)]
        if here.kind == "finding":
            return self._of_finding(low, here)
        if here.kind == "score":
            good = here.at < len(self.scores) and self.scores[here.at] >= max(self.scores)
            return self.scenario.words["fine" if good else "poor"]
        return self._of_film(low)

    def _of_segment(self, low: str, here: Here) -> str:
        scene, words, at = self.scenario, self.scenario.words, self.scenario.moment(here.number)
        if here.said and isinstance(here.said.get(low), str):
            return f"{here.said[low]} {words['milder']}" if "prompt" in low and "negative" not in low else str(here.said[low])
        still = any(word in low for word in ("frame", "still", "image", "picture")) or "prompt" in low
        if still and any(word in low for word in ("first", "start", "opening")):
            return scene.still(here.number, first=True)
        if still and any(word in low for word in ("last", "end", "closing")):
            return scene.still(here.number, first=False)
        rules = (("negative", words["negative"]), ("reason", words["cut" if self._opens(here) else "on"]),
                 ("why", words["cut" if self._opens(here) else "on"]), ("keep", words["keep"]), ("same", words["keep"]),
                 ("contin", words["keep"]), ("carr", words["keep"]), ("location", at.where.name), ("place", at.where.name),
                 ("where", at.where.name), ("setting", at.where.name), ("camera", scene.story.texts["lens"]),
                 ("lens", scene.story.texts["lens"]), ("light", scene.story.texts["light"]), ("sound", words["sound"]),
                 ("audio", words["sound"]), ("time", at.time), ("prop", scene.story.props[0]),
                 ("prompt", scene.video(here.number)), ("video", scene.video(here.number)))
        return next((text for word, text in rules if word in low), at.action)

    def _of_role(self, low: str, role: Role) -> str:
        if low == "name":
            return role.name
        traits = re.split("[,，] ?", role.traits)
        if any(word in low for word in ("wear", "cloth", "wardrobe", "outfit")):
            return traits[-1]
        return role.traits

    def _of_finding(self, low: str, here: Here) -> str:
        slip = self.slips[here.at] if here.at < len(self.slips) else None
        if any(word in low for word in ("fix", "advice", "suggest", "instead", "ask", "correction")):
            return self.scenario.words["fix"]
        return slip.says if slip else self.scenario.words["keep"]

    def _of_film(self, low: str) -> str:
        texts, words = self.scenario.story.texts, self.scenario.words
        for key, text in (*texts.items(), ("negative", words["negative"]), ("summary", texts["logline"]),
                          ("synopsis", texts["logline"]), ("look", texts["style"]), ("colo", texts["palette"]),
                          ("prompt", self.scenario.video(self.scenario.numbers[0])), ("reason", words["milder"])):
            if key in low:
                return text
        return texts["logline"]

    def _role(self, here: Here) -> Role:
        roles = self.scenario.story.locations if here.kind == "location" else self.scenario.story.characters
        return roles[here.at % len(roles)]
