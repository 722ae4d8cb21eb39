"""How a piece of work ended, as a value: a failure of one stops none of its siblings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


@dataclass(frozen=True)
class Made(Generic[T]):
    """It is there. `fresh` is False when an earlier take, or the user's own file, counts."""

    value: T
    fresh: bool = True


@dataclass(frozen=True)
class Failed:
    """It was tried and could not be made. advice: what a person can do about it, where that is known."""

    reason: str
    advice: str = ""


@dataclass(frozen=True)
class Blocked:
    """It was not tried: something it needs is not there. `by` names that (`budget`: the cap), `reason` says why.

    Where something before that could not be made, `root` says what, in words, and `cause` why; `advice` as of Failed.
    """

    by: str
    reason: str
    root: str = ""
    cause: str = ""
    advice: str = ""


@dataclass(frozen=True)
class Unresolved:
    """Paid for, perhaps: the answer to a purchase was lost. `jobs` are the numbers of those purchases; `root` and `cause` as
    of Blocked."""

    reason: str
    jobs: tuple[int, ...]
    root: str = ""
    cause: str = ""


Outcome = Made[T] | Failed | Blocked | Unresolved


@overload
def without(node: str, what: str, ended: Failed | Blocked) -> Blocked: ...
@overload
def without(node: str, what: str, ended: Unresolved) -> Unresolved: ...
def without(node: str, what: str, ended: Failed | Blocked | Unresolved) -> Blocked | Unresolved:
    """How something ends that needs `node`, which ended so. What a person has to do about it stays: resolve, raise the cap.

    However long the chain is, only its root is named: why that could not be made is said there, once.
    """
    before = ended.root if isinstance(ended, Blocked | Unresolved) else ""
    root, cause = (before, ended.cause) if before and not isinstance(ended, Failed) else (what, ended.reason)
    reason = f"{root} is not there"
    if isinstance(ended, Unresolved):
        return Unresolved(reason, ended.jobs, root, cause)
    return Blocked(ended.by if isinstance(ended, Blocked) else node, reason, root, cause, ended.advice)


def remedies(ended: Iterable[Outcome[Any]]) -> str:
    """What a person has to do before running again is of use, ending in `; then `; empty where nothing is known of."""
    told = dict.fromkeys(one.advice for one in ended if isinstance(one, Failed | Blocked) and one.advice)
    return f"{'; '.join(told)}; then " if told else ""
