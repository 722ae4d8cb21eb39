"""What is tried after a provider objected to a prompt: once more as it was, then in other words, then no more. Pure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from runtime.purchases import Purchase


@dataclass(frozen=True)
class Reworded:
    """A prompt in other words. `changes` says which words became which: nothing goes missing unsaid."""

    prompt: str
    changes: str


Reword = Callable[[str, str], Awaitable[Reworded | None]]
"""The planner's: (prompt, what the provider said) -> other words, or None when it knows none."""


@dataclass(frozen=True)
class Next:
    """What to try next. rewrite: the words have to change first. over: why nothing more is tried; empty when it is."""

    rewrite: bool = False
    over: str = ""


def after(refused: Sequence[Purchase], prompt: str) -> Next:
    """What follows on these refusals of one artifact by one provider, oldest first. `prompt`: the words of the plan.

    A provider that objected to the result, or does not say to what, is asked once more with the same words; one that
    objected to what it was given would do so again (and some charge for it), so the words change at once.
    """
    if not refused:
        return Next()
    if any(one.asked.get("prompt") != prompt for one in refused):
        return Next(over=f"refused {len(refused)} times, in other words too")
    if refused[-1].refusal == "input" or len(refused) > 1:
        return Next(rewrite=True)
    return Next()
