"""What the answer to a POST that costs money means: refused, busy, or nobody knows. Sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

Side = Literal["input", "output", "unknown"]


class Refused(Exception):
    """The provider has definitely not accepted the POST (400 401 402 403 404 413 422): nothing is charged.

    refusal: the side it objected to, where it was for the content. account: no other request would fare better (key,
    credits, a model that the account may not use); key: most likely the key is at fault.
    """

    def __init__(self, reason: str, *, refusal: Side | None = None, account: bool = False, key: bool = False) -> None:
        super().__init__(reason)
        self.refusal, self.account, self.key = refusal, account, key


class Busy(Exception):
    """429: nothing was accepted, ask again later. `retry_after_s` where the provider says when."""

    def __init__(self, reason: str, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class Offline(Busy):
    """No connection came about, so nothing was sent: the network, its names, a proxy, or nobody listens there."""


class Trouble(Exception):
    """No answer, or one that says nothing about the job: 408, 409, 5xx, a lost connection, a download that broke off.

    Of a poll or a download it is tried again. Of a POST nobody knows whether it was accepted.
    """

    def __init__(self, reason: str, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


REFUSALS = frozenset({400, 401, 402, 403, 404, 413, 422})
ACCOUNT = frozenset({401, 402, 403})
KEY = frozenset({401, 403})


def verdict(status: int, reason: str, *, retry_after_s: float | None = None, refusal: Side | None = None,
            account: bool = False) -> Refused | Busy | Trouble:
    """What an HTTP status means for a POST that costs money (the table of design.md, section 6)."""
    if status == 429:
        return Busy(reason, retry_after_s)
    if status in REFUSALS:
        account = account or (status in ACCOUNT and refusal is None)
        return Refused(reason, refusal=refusal, account=account, key=account and (status in KEY or "key" in reason.lower()))
    return Trouble(reason, retry_after_s)


def json_object(answer: Any) -> Mapping[str, Any]:
    """The body of an SDK's raw answer. Raises Trouble when it is none that can be read, the page of a gateway for one."""
    try:
        body = answer.http_response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Trouble("what came is not what the API answers: is there a gateway in between?")
    return body


def unanswered(why: BaseException | None, wire: Any, said: str) -> Busy | Trouble:
    """What it means that a request got no answer. Without a connection nothing was sent, and that is known; with one, whatever
    broke, it may have arrived.

    wire: httpx, or httpx2 where an SDK brings that. said: what broke, in words that hold no secret.
    """
    if isinstance(why, wire.PoolTimeout):
        return Busy(f"too much is asked at once, nothing was sent ({said})")
    if isinstance(why, wire.ConnectError | wire.ConnectTimeout | wire.ProxyError):
        return Offline(f"it cannot be reached, nothing was sent ({said})")
    return Trouble(f"no answer came ({said})")
