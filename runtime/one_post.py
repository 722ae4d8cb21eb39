"""Lets one request of a purchase onto the wire, whatever an SDK would like to repeat or follow. Knows no SDK, sends nothing.

`HOOKS` go into the httpx client (of either kind) that an SDK is given; `one_post` stands around the call that buys.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from runtime.answers import Busy, Refused


@dataclass
class _Posting:
    """What one purchase has put on the wire so far."""

    requests: int = 0


_posting: ContextVar[_Posting | None] = ContextVar("posting", default=None)


class SentTwice(Exception):
    """The SDK wanted to send a purchase again. It was kept from it; what became of the first is not known."""


@contextmanager
def one_post(*understood: type[BaseException]) -> Iterator[None]:
    """Lets one request through. Raises Refused for anything that goes wrong before it: what was never sent was never bought.

    understood: exceptions that say by themselves that nothing was sent, for whoever translates them.
    """
    mine = _Posting()
    token = _posting.set(mine)
    try:
        yield
    except Exception as error:
        if mine.requests or isinstance(error, (Refused, Busy, *understood)):
            raise
        raise Refused(f"the request could not be put together: {type(error).__name__}") from error
    finally:
        _posting.reset(token)


async def sending(request: Any) -> None:
    """Before a request. Raises SentTwice for the second of a purchase."""
    mine = _posting.get()
    if mine is None:
        return
    if mine.requests:
        raise SentTwice(f"the SDK wanted to send {request.url.path} again")
    mine.requests += 1


async def answered(response: Any) -> None:
    """After its head has come. Raises Refused when it points elsewhere: a purchase, and its key, follow nobody."""
    if _posting.get() is not None and response.has_redirect_location:
        raise Refused(f"{response.url.host} does not answer, it points elsewhere: correct base_url", account=True)


HOOKS: Mapping[str, list[Callable[[Any], Awaitable[None]]]] = {"request": [sending], "response": [answered]}
