"""What stands in a field of an answer, by the field's name and by what the answer is about there. Knows no schema."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.servers.scenario import Scenario
from tests.servers.slips import Slip
from tests.servers.stories_told import Role


@dataclass(frozen=True)
class Here:
    """Where in the answer we are. kind: `film`, `segment`, `character`, `location`, `prop`, `part`, `finding`, `score`.

    at: the position in the list around, from 0. number: the segment. deep: how many objects are around.
    """

    kind: str = "film"
    at: int = 0
    number: int = 1
    deep: int = 0


class Teller:
    """scores: how good each picture that was sent is, 0 to 1. slips: what a critic finds."""

    def __init__(self, scenario: Scenario, scores: Sequence[float] = (), slips: Sequence[Slip] = ()) -> None:
        self.scenario, self.scores, self.slips = scenario, scores, slips

    def count(self, kind: str) -> int:
        """How many of a kind there are."""
        story = self.scenario.story
        return {"segment": len(self.scenario.numbers), "character": len(story.characters), "location": len(story.locations),
                "prop": len(story.props), "part": len(self.scenario.parts), "finding": len(self.slips),
                "score": len(self.scores)}.get(kind, 2)

    def opens(self, here: Here) -> bool:
        """Whether the segment begins a scene."""
        return here.number == 1 or self.scenario.moment(here.number).opens

    def strings(self, name: str, here: Here) -> list[str] | None:
        """A list of names or traits; None where the field is another one."""
        low, story, moment = name.lower(), self.scenario.story, self.scenario.moment(here.number)
        if "drop" in low or "remove" in low:
            return []
        if "character" in low or low in ("who", "people", "cast"):
            return [role.name for role in (moment.who if here.kind in ("segment", "finding") else story.characters)]
        if "location" in low or "place" in low:
            return [role.name for role in story.locations]
        if "prop" in low or "object" in low:
            return [prop for prop in story.props if here.kind != "segment" or _seen(prop, moment.action)]
        if here.kind in ("character", "location") and any(word in low for word in ("trait", "visible", "look", "feature")):
            return re.split("[,，] ?", self._role(here).traits)
        return None

    def said(self, low: str, here: Here) -> str:
        """A text. low: the field's name in lower case."""
        by_kind = {"segment": self._of_segment, "character": self._of_role, "location": self._of_role, "prop": self._of_prop,
                   "part": self._of_part, "finding": self._of_finding, "score": self._of_score}
        return by_kind.get(here.kind, self._of_film)(low, here)

    def _of_segment(self, low: str, here: Here) -> str:
        scene, words, at = self.scenario, self.scenario.words, self.scenario.moment(here.number)
        still = any(word in low for word in ("frame", "still", "image", "picture")) or "prompt" in low
        if still and any(word in low for word in ("first", "start", "opening")):
            return scene.still(here.number, first=True)
        if still and any(word in low for word in ("last", "end", "closing")):
            return scene.still(here.number, first=False)
        why, lens = words["cut" if self.opens(here) else "on"], scene.story.texts["lens"]
        rules = (("negative", words["negative"]), ("reason", why), ("why", why), ("keep", words["keep"]),
                 ("same", words["keep"]), ("contin", words["keep"]), ("location", at.where.name), ("place", at.where.name),
                 ("where", at.where.name), ("setting", at.where.name), ("camera", lens), ("lens", lens),
                 ("light", scene.story.texts["light"]), ("sound", words["sound"]), ("audio", words["sound"]),
                 ("time", at.time), ("prop", scene.story.props[0]), ("prompt", scene.video(here.number)),
                 ("video", scene.video(here.number)))
        return next((text for word, text in rules if word in low), at.action)

    def _of_role(self, low: str, here: Here) -> str:
        role = self._role(here)
        if low == "name":
            return role.name
        wears = any(word in low for word in ("wear", "cloth", "wardrobe", "outfit"))
        return re.split("[,，] ?", role.traits)[-1] if wears else role.traits

    def _of_prop(self, low: str, here: Here) -> str:
        props = self.scenario.story.props
        return props[here.at % len(props)]

    def _of_part(self, low: str, here: Here) -> str:
        numbers = self.scenario.parts[here.at] if here.at < len(self.scenario.parts) else self.scenario.numbers
        if "begin" in low or "start" in low:
            return self.scenario.still(numbers[0], first=True)
        if "end" in low:
            return self.scenario.still(numbers[-1], first=False)
        stop = "。" if self.scenario.story.language == "zh" else ". "
        return stop.join(self.scenario.moment(number).action for number in numbers[:6]).strip() + stop.strip()

    def _of_finding(self, low: str, here: Here) -> str:
        if any(word in low for word in ("fix", "advice", "suggest", "instead", "correction")):
            return self.scenario.words["fix"]
        return self.slips[here.at].says if here.at < len(self.slips) else self.scenario.words["keep"]

    def _of_score(self, low: str, here: Here) -> str:
        good = here.at < len(self.scores) and self.scores[here.at] >= 0.8 * max(self.scores)  # sheets are scored as well
        return self.scenario.words["fine" if good else "poor"]

    def _of_film(self, low: str, here: Here) -> str:
        texts, words = self.scenario.story.texts, self.scenario.words
        known: Mapping[str, Any] = {**texts, "negative": words["negative"], "summary": texts["logline"], "look": texts["style"],
                                    "synopsis": texts["logline"], "colo": texts["palette"]}
        return str(next((text for key, text in known.items() if key in low), texts["logline"]))

    def _role(self, here: Here) -> Role:
        roles = self.scenario.story.locations if here.kind == "location" else self.scenario.story.characters
        return roles[here.at % len(roles)]


def _seen(prop: str, action: str) -> bool:
    """Whether an action is about a thing: by its longer words, or by pairs of characters where there are no words."""
    pieces = re.findall(r"[A-Za-zäöüÄÖÜß]{6,}", prop) or [prop[at : at + 2] for at in range(len(prop) - 1)]
    return any(piece.lower() in action.lower() for piece in pieces)
