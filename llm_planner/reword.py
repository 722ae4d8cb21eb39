"""The question for other words, when a provider refused a prompt. Knows no provider."""

from __future__ import annotations

import hashlib

from language_model.question import Question, most_tokens
from llm_planner.answers import OtherWords
from llm_planner.brief import prompt

LONGER = 1.2
"""How much longer other words may be: the rest of a limit was left free by planning."""


def question(words: str, reason: str) -> Question[OtherWords]:
    """Asks for a milder way to say a prompt. reason: what the provider said."""
    most = int(len(words) * LONGER) + 20
    return Question(
        node=f"plan words_{hashlib.sha256(words.encode('utf-8', 'replace')).hexdigest()[:12]}", prompt=prompt("other_words"),
        form=OtherWords, order=f"Say this prompt in other words, in the language it is in, in at most {most} characters.",
        material={"prompt": words, "the provider said": reason},
        weak=lambda answer: [f"it has {len(answer.prompt)} characters, at most {most} are taken"]
        if len(answer.prompt) > most else [],
        most_out=3000 + 2 * most_tokens(words), about="")
