"""Which words of a text are new against another one. Draws nothing."""

from __future__ import annotations

import difflib
import re
from typing import NamedTuple


class Words(NamedTuple):
    """A stretch of a text, blanks included. new: the text before does not have it there."""

    text: str
    new: bool


def changed(before: str, text: str) -> list[Words]:
    """All of `text`, in stretches; put together they are it. Nothing is new where there is nothing before."""
    words, earlier = re.findall(r"\S+\s*|^\s+", text), before.split()
    if not earlier:
        return [Words(text, False)] if text else []
    plain = [word.strip().strip(".,;:!?").lower() for word in words]
    known = [word.strip(".,;:!?").lower() for word in earlier]
    found: list[Words] = []
    for tag, _, _, start, end in difflib.SequenceMatcher(None, known, plain, autojunk=False).get_opcodes():
        if start < end:
            found.append(Words("".join(words[start:end]), tag != "equal"))
    return found
