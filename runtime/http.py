"""Downloads, and single requests to a vendor that has no SDK. Repeats nothing, follows no purchase elsewhere, knows no vendor.

The only module of ours that opens sockets. `httpx` is loaded when something is really asked for.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.answers import Refused, unanswered
from runtime.pools import in_thread

if TYPE_CHECKING:
    from ssl import SSLContext

    from httpx import Response

STALL_S = 60.0
"""A download that stands still for so long is given up, and can be begun anew."""
CONNECT_S = 10.0
CHUNK_BYTES = 1 << 20
_GONE = frozenset({401, 403, 404, 410})
_TEXT = ("text/", "application/json", "application/xml", "application/xhtml")
"""Kinds of what a gateway, a login page or an error answers in place of a file."""


class Unreachable(Exception):
    """Nothing came, or not all of it, or something else than was expected. `retry_after_s`: when to ask again, if said."""

    def __init__(self, reason: str, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class Expired(Exception):
    """There is nothing at this address, or not any more: 401, 403, 404, 410."""


@dataclass(frozen=True)
class Answer:
    """What came back, whatever its status. Names of headers are lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)

    def json(self) -> Mapping[str, Any] | None:
        """The body as an object; None where it is none."""
        try:
            found = json.loads(self.content)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None


@dataclass(frozen=True)
class File:
    """One file of a form. kind: `image/png`."""

    name: str
    data: bytes = field(repr=False)
    kind: str


Form = Mapping[str, "str | File"]


async def ask(url: str, headers: Mapping[str, str], form: Form | None = None, *, timeout_s: float) -> Answer:
    """One request, sent once: a GET, or with a form a POST as multipart/form-data. Proxies are as the environment says.

    Every request has a connection of its own: in one that was kept, and that the other end is closing, a POST would be lost.
    Raises Offline or Busy when nothing was sent, Refused when it never can be or when the answer points elsewhere, Trouble
    when no answer came, or not all of it: then nobody knows whether a POST arrived. No message holds a header or the address.
    """
    import httpx

    parts = [(name, (None, one.encode()) if isinstance(one, str) else (one.name, one.data, one.kind))
             for name, one in (form or {}).items()]
    with _meant():
        async with httpx.AsyncClient(timeout=httpx.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s)),
                                     verify=certificates()) as client:
            reply = await client.request("GET" if form is None else "POST", url, headers=dict(headers), files=parts or None)
    if reply.has_redirect_location:
        raise Refused(f"{reply.url.host} does not answer, it points elsewhere: correct base_url", account=True)
    return Answer(reply.status_code, {name.lower(): value for name, value in reply.headers.items()}, reply.content)


@contextmanager
def _meant() -> Iterator[None]:
    """What httpx raises, as what it means for a purchase."""
    import httpx

    try:
        yield
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
        raise Refused(f"the request cannot be sent ({type(error).__name__}): see base_url and the key", account=True) from None
    except httpx.RequestError as error:
        raise unanswered(error, httpx, f"{type(error).__name__}: {error}") from None


async def fetch(url: str, to: Path, *, timeout_s: float, expect: str = "video/") -> None:
    """Puts what `url` holds into the file `to`, in at most `timeout_s` seconds. Proxies are as the environment says.

    expect: how its content type should begin; one that says nothing (octet-stream) is taken, text, HTML and JSON are not.
    Raises Expired, or Unreachable for all else that may go better the next time; then there is no file. No message holds
    the address: its query may be a key.
    """
    import httpx

    client = httpx.AsyncClient(timeout=min(timeout_s, STALL_S), follow_redirects=True, verify=certificates(),
                               headers={"Accept": f"{expect}*", "Accept-Encoding": "identity"})
    whole = False
    try:
        async with asyncio.timeout(timeout_s), client, client.stream("GET", url) as response:
            _check(response, expect)
            await _save(response, to)
            whole = True
    except TimeoutError as error:
        raise Unreachable(f"the download took longer than {timeout_s:g} s") from error
    except httpx.InvalidURL as error:
        raise Unreachable("the address cannot be read") from error
    except httpx.RequestError as error:
        raise Unreachable(f"the download broke off: {str(error) or type(error).__name__}") from error
    finally:
        if not whole:
            to.unlink(missing_ok=True)


def _check(response: Response, expect: str) -> None:
    """Raises when this is not the answer that was hoped for."""
    if response.status_code in _GONE:
        raise Expired(f"HTTP {response.status_code}")
    if not response.is_success:
        raise Unreachable(f"HTTP {response.status_code}", retry_after_s(response.headers))
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not kind.startswith(expect) and (kind.startswith(_TEXT) or kind.endswith(("+json", "+xml"))):
        raise Unreachable(f"{kind} came where {expect}* was expected")


async def _save(response: Response, to: Path) -> None:
    """Writes the body in threads: a disk can be slow. Raises Unreachable when less came than was promised."""
    with to.open("wb") as file:
        async for chunk in response.aiter_raw(CHUNK_BYTES):
            await in_thread(file.write, chunk)
    came, promised = response.num_bytes_downloaded, response.headers.get("content-length", "")
    if came == 0:
        raise Unreachable("nothing came")
    if promised.isdigit() and came < int(promised):
        raise Unreachable(f"{came} of {promised} bytes came")


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """The seconds that a `retry-after` header names, as a number or as a date; None where there is none that can be read.

    A date is measured from the `date` header of the same reply: the other clock need not be ours. Names of `headers` are
    lower case, or do not care (those of httpx).
    """
    said = headers.get("retry-after", "").strip()
    try:
        seconds = float(said)
    except ValueError:
        until = _moment(said)
        seconds = float("nan") if until is None else until - (_moment(headers.get("date", "")) or time.time())
    return max(0.0, seconds) if abs(seconds) < float("inf") else None


def _moment(said: str) -> float | None:
    """Seconds since 1970 of a date as HTTP writes it."""
    try:
        return parsedate_to_datetime(said).timestamp()
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=1)
def certificates() -> SSLContext:
    """Whom to trust, for any client of httpx. Read once: it takes longer than many a download."""
    import httpx

    return httpx.create_ssl_context()


class _WithoutQuery(logging.Filter):
    """httpx logs every address it asks, query and all."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(str(one).partition("?")[0] if "?" in str(one) else one for one in record.args)
        return True


logging.getLogger("httpx").addFilter(_WithoutQuery())
logging.getLogger("httpcore").setLevel(logging.INFO)  # below, it logs the headers of replies: redirects have addresses, too
