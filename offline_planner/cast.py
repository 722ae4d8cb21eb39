"""Finds who is in the story: people and animals with their names, descriptions and pronouns. Does not say where they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from offline_planner import introductions
from offline_planner.introductions import Member
from offline_planner.sentences import is_readable

MOST = 24
"""Characters a storyboard gets; of more, those named most often."""

_PRONOUNS = {
    "she": "she",
    "her": "she",
    "hers": "she",
    "herself": "she",
    "he": "he",
    "him": "he",
    "his": "he",
    "himself": "he",
    "it": "it",
    "its": "it",
    "itself": "it",
    "sie": "she",
    "er": "he",
    "elle": "she",
    "他": "he",
    "她": "she",
    "它": "it",
}


@dataclass
class Cast:
    """All members, and a way to find them in a text."""

    members: tuple[Member, ...]
    _by_call: dict[str, Member] = field(init=False, default_factory=dict)
    _finder: re.Pattern[str] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._by_call = {call.lower(): member for member in reversed(self.members) for call in member.calls}
        spaced = [re.escape(call) + r"(?![^\W_])" for call in self._calls() if not introductions.is_script(call)]
        unspaced = [re.escape(call) for call in self._calls() if introductions.is_script(call)]
        pieces = ([rf"(?<![^\W_])(?:{'|'.join(spaced)})"] if spaced else []) + unspaced
        self._finder = re.compile("|".join(pieces), re.IGNORECASE) if pieces else None

    def _calls(self) -> list[str]:
        return sorted(self._by_call, key=lambda call: (-len(call), call))

    def mentions(self, text: str) -> list[tuple[int, int, Member]]:
        """Where in the text whom: (start, end, member), in order."""
        if self._finder is None:
            return []
        return [
            (found.start(), found.end(), self._by_call[found.group().lower()])
            for found in self._finder.finditer(text)
            if not (found.group()[0].islower() and found.group().lower() in self._names)
        ]

    @property
    def _names(self) -> frozenset[str]:
        return frozenset(member.name.lower() for member in self.members if member.name[0].isupper() and member.name.isascii())

    def named_in(self, text: str) -> list[Member]:
        """Who is named in the text, each once, in order."""
        return list(dict.fromkeys(member for _, _, member in self.mentions(text)))


def find(texts: Sequence[str]) -> Cast:
    """Reads the whole story once and says who is in it, in the order they come in."""
    texts = [text if is_readable(text) else "" for text in texts]
    found: dict[str, Member] = {}
    for number, text in enumerate(texts):
        for member in introductions.introduced(text, number):
            _add(found, member)
    for number, text in enumerate(texts):
        for member in (
            *introductions.bare_names(text, number),
            *introductions.nameless(text, number, found),
            *introductions.foreign(text, number, found),
        ):
            _add(found, member)
    found = _described_later(found, texts)
    kept = _most_named(list(found.values()), texts)
    return Cast(tuple(_with_pronouns(kept, texts)))


def _add(found: dict[str, Member], member: Member) -> None:
    old = found.get(member.name)
    if old is None and not _known_otherwise(found, member):
        found[member.name] = member
    elif old is not None:
        best = old if old.description else member
        calls = tuple(dict.fromkeys(old.calls + member.calls))
        found[member.name] = replace(
            best, pronoun=old.pronoun or member.pronoun, calls=calls, order=min(old.order, member.order)
        )


def _described_later(found: dict[str, Member], texts: Sequence[str]) -> dict[str, Member]:
    """`Idris grips the wheel. He is a tall man in a coat.`: the second sentence describes whom the first names alone."""
    described = dict(found)
    for before, text in pairwise(texts):
        match = introductions.PRONOUN_IS.match(text)
        named = Cast(tuple(described.values())).named_in(before) if match else []
        if (
            match
            and len(named) == 1
            and not named[0].description
            and introductions.describes(match["what"], introductions.PRONOUN_IS)
        ):
            head = introductions.member(named[0].name, match["what"], named[0].order)
            described[head.name] = replace(head, calls=tuple(dict.fromkeys(named[0].calls + head.calls)))
            described.pop(next((call for call in head.calls if call in described and call != head.name), ""), None)
    return described


def _known_otherwise(found: dict[str, Member], member: Member) -> bool:
    """`Ruiz` is `Detective Ruiz`, who is already known."""
    return any(call in other.calls for other in found.values() for call in (member.name, *member.calls))


def _most_named(members: list[Member], texts: Sequence[str]) -> list[Member]:
    cast, seen = Cast(tuple(members)), Counter[str]()
    for text in texts:
        seen.update(member.name for member in cast.named_in(text))
    often = sorted(members, key=lambda member: (-seen[member.name], member.order))[:MOST]
    return sorted((member for member in often if seen[member.name]), key=lambda member: member.order)


def _with_pronouns(members: list[Member], texts: Sequence[str]) -> Iterator[Member]:
    """Learns whether Mara is a she from the sentences in which nobody else is named."""
    cast, votes = Cast(tuple(members)), {member.name: Counter[str]() for member in members}
    for text in texts:
        named = cast.named_in(text)
        said = {_PRONOUNS[word] for word in re.findall(r"\w+|[他她它]", text.lower()) if word in _PRONOUNS} - {"it"}
        if len(named) == 1 and len(said) == 1:
            votes[named[0].name].update(said)
    for member in members:
        learned = votes[member.name].most_common(1)
        yield member if member.pronoun or not learned else replace(member, pronoun=learned[0][0])
