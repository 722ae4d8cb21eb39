"""OpenAI's SDK, held to one request a purchase, and its exceptions in our words: pictures and plans ask through it. No routes.

Any server that speaks OpenAI's HTTP can be asked. The SDK is imported when a client is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from errors import MachineTrouble
from runtime.answers import Refused, Side, Trouble, unanswered, verdict
from runtime.http import retry_after_s
from runtime.one_post import HOOKS, SentTwice
from runtime.paid_call import Spoilt
from runtime.plain_text import gist, masked

if TYPE_CHECKING:
    from openai import AsyncOpenAI

ADDRESS = "https://api.openai.com/v1"
"""Said explicitly, so that a stray OPENAI_BASE_URL sends no key elsewhere."""
CONNECT_S, ANSWER_S = 10.0, 600.0
"""A purchase gets time: an answer that comes too late was paid for, and nobody can find it again."""
REUSE_S = 1.0
"""A connection that was idle for longer is not used again: the other end may be closing it, and a POST would be lost in it."""
LONGEST_REASON = 400
UNFIT = ("moderation_blocked", "content_policy_violation")
NEVER = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "account_deactivated")
"""Codes of an account that no waiting helps, whatever the status: 429 for the first of them."""


def opened(api_key: str, base_url: str | None, *, answer_s: float = ANSWER_S) -> AsyncOpenAI:
    """A client with key and address said, that never sends anything twice. For the event loop it is made in.

    Raises MachineTrouble when the proxy that the environment names cannot be used.
    """
    import httpx2
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient

    limits = httpx2.Limits(max_connections=None, keepalive_expiry=REUSE_S)
    try:
        wire = DefaultAsyncHttpxClient(limits=limits, event_hooks=dict(HOOKS))
        return AsyncOpenAI(api_key=api_key, base_url=base_url or ADDRESS, max_retries=0, http_client=wire,
                           timeout=httpx2.Timeout(answer_s, connect=min(CONNECT_S, answer_s)))
    except (ImportError, ValueError) as error:
        raise MachineTrouble(f"there is no way out to the network: {error}",
                             advice="see HTTP_PROXY, HTTPS_PROXY and ALL_PROXY") from error


@contextmanager
def translated(secrets: Sequence[str]) -> Iterator[None]:
    """Around calls of the SDK: what it raises becomes Refused, Busy, Spoilt or Trouble, with no `secrets` in its words."""
    import httpx2
    import openai

    try:
        yield
    except openai.APIStatusError as error:
        raise _status(error.status_code, error.body, error.response.headers, secrets) from None
    except (openai.APIConnectionError, httpx2.HTTPError) as error:
        raise _lost(error.__cause__ if isinstance(error, openai.APIConnectionError) else error, secrets) from None
    except openai.OpenAIError as error:
        raise Trouble(f"an answer that makes no sense: {type(error).__name__}") from None


def _status(status: int, body: object, headers: Mapping[str, str], secrets: Sequence[str]) -> Exception:
    inner = body if isinstance(body, dict) else {}
    code, words = str(inner.get("code") or ""), _words(body)
    reason = masked(f"HTTP {status}: {words or 'no reason given'}", secrets)
    if code in UNFIT:
        side = _side(inner)
        if side == "output":  # it was made, and held back: nobody says that this is free
            return Spoilt(reason, refusal="output")
        return Refused(reason, refusal=side)
    if code in NEVER or str(inner.get("type")) in NEVER:
        return Refused(reason, account=True)
    return verdict(status, reason, retry_after_s=_wait_s(headers), account=status == 404)


def _side(error: Mapping[str, Any]) -> Side:
    details = error.get("moderation_details")
    stage = details.get("moderation_stage") if isinstance(details, Mapping) else None
    return "output" if stage == "output" else "input" if stage == "input" else "unknown"


def _words(body: object) -> str:
    if isinstance(body, dict):
        return gist(str(body.get("message") or body.get("code") or ""), LONGEST_REASON)
    said = body if isinstance(body, str) else ""
    return "a page of HTML came" if said.lstrip().startswith("<") else gist(said, LONGEST_REASON)


def _wait_s(headers: Mapping[str, str]) -> float | None:
    try:
        return float(headers.get("retry-after-ms", "")) / 1000
    except ValueError:
        return retry_after_s(headers)


def _lost(why: BaseException | None, secrets: Sequence[str]) -> Exception:
    import httpx2

    if isinstance(why, Refused | SentTwice):
        return why
    said = gist(f"{type(why).__name__}: {why}" if why else "no connection", LONGEST_REASON)
    return unanswered(why, httpx2, masked(said, secrets))
