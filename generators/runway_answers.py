"""What Runway's answers mean: tasks, the account, errors. Sends nothing; the SDK is loaded by whoever asks (runway_generator).

Answers are read as they came, not through the SDK's classes: those turn a task of an older shape into a pending one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

from generators.remote_protocol import Busy, JobState, Refused, Trouble, verdict
from runtime.answers import Side, unanswered
from runtime.http import retry_after_s
from runtime.plain_text import gist, masked

Phase = Literal["queued", "running", "succeeded", "failed", "cancelled"]
PHASES: Mapping[str, Phase] = {"PENDING": "queued", "THROTTLED": "queued", "RUNNING": "running", "SUCCEEDED": "succeeded",
                               "FAILED": "failed", "CANCELLED": "cancelled"}
AGAIN = ("INTERNAL", "THIRD_PARTY")
"""Failure codes after which the same task may well succeed (docs.dev.runwayml.com/errors/task-failures)."""
TOMORROW_S = 86_400.0
LONGEST_REASON = 400


# -- tasks ---------------------------------------------------------------------------------------------------------------


def task_state(task: Mapping[str, Any], usd_per_credit: Decimal | None) -> JobState:
    """One look at a task. A status nobody knows counts as still running, and is said. Raises Trouble where there is none."""
    status, failure = task.get("status"), str(task.get("failure") or "")
    if not isinstance(status, str):
        raise Trouble("Runway's answer says nothing of the task")
    phase, charged = PHASES.get(status.upper(), "running"), usd(_at(task, "cost", "credits"), usd_per_credit)
    if phase == "succeeded":
        address = next(iter(task.get("output") or ()), None)
        if not isinstance(address, str):
            return JobState("failed", charged_usd=charged, reason="Runway says that it succeeded, and there is no video")
        return JobState(phase, charged_usd=charged, address=address)
    if phase == "failed":
        return _failed(failure, str(task.get("failureCode") or ""), charged)
    reason = {"THROTTLED": "waiting for a free place of the account", "CANCELLED": "Runway has cancelled it"}.get(status, "")
    if status.upper() not in PHASES:
        reason = f"in a state that is new to Longtake: {gist(status, 40)}"
    progress = task.get("progress")
    return JobState(phase, progress if isinstance(progress, float | int) else None, charged, reason)


def _failed(failure: str, code: str, charged_usd: Decimal | None) -> JobState:
    parts = code.upper().split(".")
    refusal: Side | None = None
    if "SAFETY" in parts:
        refusal = "output" if "OUTPUT" in parts else "input" if {"INPUT", "INPUT_PREPROCESSING"} & set(parts) else "unknown"
    reason = gist(f"{failure or 'it failed'} ({code or 'Runway gives no code'})", LONGEST_REASON)
    return JobState("failed", charged_usd=charged_usd, reason=reason, refusal=refusal,
                    again=refusal is None and parts[0] in AGAIN)


def usd(credits: Any, usd_per_credit: Decimal | None) -> Decimal | None:
    """Credits in dollars; None where no number was said."""
    if isinstance(credits, bool) or not isinstance(credits, int | float) or usd_per_credit is None:
        return None
    return Decimal(str(credits)) * usd_per_credit


# -- the account ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Account:
    """What the organization has and may do with one model. at_once, a_day: None where there is no limit."""

    credits: int
    today: int
    at_once: int | None
    a_day: int | None

    def __str__(self) -> str:
        at_once = "no limit" if self.at_once is None else str(self.at_once)
        a_day = f"{self.today} today, no limit" if self.a_day is None else f"{self.today} of {self.a_day} today"
        return " - ".join(filter(None, (f"{at_once} at once, {a_day}", self.shut or self.used_up)))

    @property
    def shut(self) -> str:
        """Why this organization cannot have this model made at all; empty where it can."""
        allowed = {"at once": self.at_once, "a day": self.a_day}
        none = next((when for when, most in allowed.items() if most == 0), "")
        return f"the tier of this organization allows no job of it {none}" if none else ""

    @property
    def used_up(self) -> str:
        """Why it can have none made for now; empty where it can."""
        if self.a_day is None or self.today < self.a_day:
            return ""
        return f"all {self.a_day} jobs of a day that the tier of this organization allows are used up, {self.today} were made"


def account(body: Mapping[str, Any], model: str) -> Account:
    """The organization's answer, as far as it is about one model. Raises Trouble when it does not say what there is."""
    credits = _whole(_at(body, "creditBalance"))
    if credits is None:
        raise Trouble("Runway's answer says nothing of the account")
    limits = _at(body, "tier", "models", model) or {}
    return Account(credits, _whole(_at(body, "usage", "models", model, "dailyGenerations")) or 0,
                   _whole(_at(limits, "maxConcurrentGenerations")), _whole(_at(limits, "maxDailyGenerations")))


def judgement(model: str, before: Mapping[str, Any], after: Mapping[str, Any], own: Mapping[str, Any],
              usd_per_credit: Decimal | None) -> str:
    """Whether a POST whose answer was lost seems to have arrived, by the account's books from before and after it.

    Its counters are the whole organization's: they are evidence, never proof. `own`: what this ledger bought in between.
    """
    counted = _at(after, "daily", model), _at(before, "daily", model)
    if not all(isinstance(count, int) for count in counted):
        return "inconclusive: Runway's books do not count this model"
    made, mine = counted[0] - counted[1], int(own.get("jobs", 0))
    gone = Decimal(str(before.get("credits", 0))) - Decimal(str(after.get("credits", 0)))
    spent = Decimal(str(own.get("usd", "0")))
    more = gone - (spent / usd_per_credit if usd_per_credit else 0)
    books = (f"Runway counts {made} more of {model} than before the POST, of which {mine} are other jobs of this run, "
             f"and {more:f} credits are gone that those did not take")
    if _day(before) != _day(after):
        return "inconclusive: Runway's daily counter began anew in between"
    if own.get("unknown"):
        return f"inconclusive: {books}, but of {own['unknown']} other purchases it is not known whether they arrived"
    if made - mine == 1:
        return f"it looks as if the job arrived: {books}"
    if made - mine == 0 and more <= 0:
        return f"it looks as if the job did not arrive: {books}"
    return f"inconclusive: {books}; somebody else may use this organization"


def _day(books: Mapping[str, Any]) -> str:
    return datetime.fromtimestamp(float(books.get("at", 0)), UTC).date().isoformat()


# -- errors --------------------------------------------------------------------------------------------------------------


@contextmanager
def translated(key: str) -> Iterator[None]:
    """Around calls of the SDK: what it raises becomes what a purchase understands. `key` is kept out of every message."""
    import httpx
    import runwayml

    try:
        yield
    except runwayml.APIStatusError as error:
        raise _status(error.status_code, error.body, error.response.headers, key) from None
    except (runwayml.APIConnectionError, httpx.RequestError) as error:
        raise _lost(error.__cause__ if isinstance(error, runwayml.APIConnectionError) else error, key) from None
    except runwayml.APIError as error:
        raise Trouble(f"Runway's answer makes no sense: {type(error).__name__}") from None


def _status(status: int, body: object, headers: Mapping[str, str], key: str) -> Exception:
    said = masked(_words(body), [key])
    reason, lower, wait_s = f"HTTP {status}: {said or 'no reason given'}", said.lower(), retry_after_s(headers)
    if status == 429 and wait_s is None and ("per day" in lower or "daily" in lower):
        wait_s = TOMORROW_S
    unfit: Side | None = "input" if status in (400, 422) and ("moderat" in lower or "safety" in lower) else None
    return verdict(status, reason, retry_after_s=wait_s, refusal=unfit, account=status == 400 and "credit" in lower)


def _words(body: object) -> str:
    """What an error's body says: its sentence, and what of the request it finds wrong."""
    if not isinstance(body, dict):
        return ""
    issues = [f"{'.'.join(map(str, issue.get('path') or ()))}: {issue.get('message', '')}"
              for issue in body.get("issues") or () if isinstance(issue, dict)]
    return gist("; ".join([str(body.get("error") or ""), *issues]), LONGEST_REASON)


def _lost(why: BaseException | None, key: str) -> Exception:
    import httpx

    said = gist(f"{type(why).__name__}: {why}" if why else "no connection", LONGEST_REASON)
    return unanswered(why, httpx, masked(said, [key]))


def _at(body: Any, *path: str) -> Any:
    """The value at a path of keys; None where the path ends before."""
    for name in path:
        body = body.get(name) if isinstance(body, Mapping) else None
    return body


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def refused_before(error: Exception) -> Refused | Busy:
    """What an error means that came before the POST: nothing was accepted, so nothing is lost."""
    if isinstance(error, Trouble):
        return Busy(str(error), error.retry_after_s)
    return Refused(f"a keyframe cannot be sent: {error}")
