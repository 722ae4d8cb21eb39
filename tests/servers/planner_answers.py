"""Answers that need more than a filled form: a plan revised, a prompt in other words. All others are just filled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.servers.field_words import Teller
from tests.servers.scenario import Scenario
from tests.servers.schema_filler import Filler, Schema

_GONE = re.compile(r"\b(?:drop|remove|without|no more|lose|ohne|entferne)\s+(?:the |a |an |den |die |das )?(\w+)|去掉(\w{1,3})",
                   re.IGNORECASE)
_THIRDS = {"beginning": 0, "start": 0, "opening": 0, "anfang": 0, "middle": 1, "mitte": 1, "end": 2, "ending": 2, "ende": 2}
_MILDER = {"blood": "red paint", "bloody": "red", "gun": "torch", "weapon": "tool", "knife": "spoon", "kills": "stops",
           "kill": "stop", "dead": "sleeping", "naked": "in a long coat", "blut": "rote farbe", "messer": "löffel",
           "waffe": "werkzeug"}


def told(teller: Teller, schema: Schema) -> Any:
    """The answer in the form of the schema."""
    filler = Filler(teller, schema)
    fields = set(schema.get("properties") or ())
    if {"changed", "removed"} <= fields:
        return _revised(filler)
    if {"prompt", "changes"} <= fields:
        return {**filler.answer(), **_other_words(teller.scenario)}
    return filler.answer()


def _revised(filler: Filler) -> dict[str, Any]:
    """What changes in the plan that is shown: those segments that the wish is about, every other word as it was."""
    scenario = filler.scenario
    wish = scenario.said("wish", "revise", "change", "what the author wishes", "the author's wish") or scenario.text
    gone = next(((first or second) for first, second in _GONE.findall(wish)), "")
    changed = []
    for number in _concerned(scenario, wish, gone):
        present = scenario.present[number]
        kept = {name: _kept(name, value, present) for name, value in filler.segment(number).items()}
        changed.append({name: _changed(name, value, wish, gone, scenario) for name, value in kept.items()})
    dropped = [role.name for role in scenario.story.characters if gone and gone.lower() in f"{role.name} {role.traits}".lower()]
    return {**filler.answer(), "changed": changed, "dropped_characters": dropped}


def _kept(name: str, fresh: Any, present: Mapping[str, Any]) -> Any:
    """One field as it stands; what is not shown is as usual, and an action the first sentence of the prompt."""
    if name in present or name.startswith("first"):
        return present.get(name)
    if name == "action":
        return re.split(r"(?<=[.。])", str(present.get("video_prompt") or fresh))[0]
    if name in ("index", "shot", "move") or name.endswith("prompt"):
        return fresh
    return "continuous" if name == "join" else [] if isinstance(fresh, list) else None if fresh is None else ""


def _concerned(scenario: Scenario, wish: str, gone: str) -> list[int]:
    """The segments that are meant: by number, by third of what is shown, by who is in them; else all."""
    shown = sorted(scenario.present)
    named = {int(number) for listed in re.findall(r"\bsegments?\s+([\d, and]+)", wish) for number in re.findall(r"\d+", listed)}
    found = {number for number in shown if number in named}
    for word, third in _THIRDS.items():
        if re.search(rf"\b{word}\b", wish, re.IGNORECASE):
            found |= {number for at, number in enumerate(shown) if at * 3 // len(shown) == third}
    if gone:
        found |= {number for number in shown if gone.lower() in str(scenario.present[number]).lower()}
    return sorted(found) or ([] if gone or named else shown)


def _changed(name: str, value: Any, wish: str, gone: str, scenario: Scenario) -> Any:
    """One field as the wish wants it."""
    if gone and isinstance(value, list):
        return [one for one in value if gone.lower() not in str(one).lower()]
    if not isinstance(value, str) or not ("prompt" in name or name == "action") or "negative" in name:
        return value
    if gone and gone.lower() in value.lower():
        kept = [part for part in re.split(r"(?<=[.。])\s*", value) if part and gone.lower() not in part.lower()]
        value = " ".join(kept) or "An empty place"
    mood = re.search(r"\b(\w{3,}er)\b(?! the)", wish)
    return f"{value} {scenario.words['now'].format(mood=mood[1])}" if mood and "prompt" in name else value


def _other_words(scenario: Scenario) -> Mapping[str, str]:
    """The prompt that was refused, in milder words; never the same again."""
    prompt = scenario.said("prompt", "the prompt") or scenario.story.texts["logline"]
    changes = [(word, milder) for word, milder in _MILDER.items() if re.search(rf"\b{word}\b", prompt, re.IGNORECASE)]
    for word, milder in changes:
        prompt = re.sub(rf"\b{word}\b", milder, prompt, flags=re.IGNORECASE)
    if not changes:
        prompt = re.sub(r"\b([A-Za-z]{4,})\b", r"calm \1", prompt, count=1) if prompt.isascii() else f"{prompt}。"
    said = ", ".join(f"{word} became {milder}" for word, milder in changes)
    return {"prompt": prompt, "changes": said or scenario.words["milder"]}
