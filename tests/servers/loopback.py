"""An HTTP/1.1 server on 127.0.0.1 that can also hang up, dawdle and lie about lengths. Knows no vendor and no money."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

LARGEST_BODY = 64_000_000


@dataclass(frozen=True)
class Request:
    """One request; header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> dict[str, Any]:
        """The body as an object; {} where it is none."""
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def key(self) -> str:
        """The key that came with it, Google's way or everybody's; empty when there was none."""
        bearer = self.headers.get("authorization", "")
        return self.headers.get("x-goog-api-key") or (bearer[7:].strip() if bearer.lower().startswith("bearer ") else "")


@dataclass(frozen=True)
class Reply:
    """One answer. `drop`: none at all. `sent`: how many bytes of the body really go out. `pause_s`: before its second half."""

    status: int = 200
    body: bytes | Mapping[str, Any] = b""
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False
    sent: int | None = None
    pause_s: float = 0.0

    @property
    def octets(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def with_news(value: Any) -> Any:
    """The same body with fields of a later version of the API, at every level."""
    if isinstance(value, list):
        return [with_news(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {"futureHint": {"queue": [1, 2.5, None]}, **{name: with_news(inner) for name, inner in value.items()}}


class Refused(Exception):
    """The reply to a request that goes no further."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


class LoopbackServer(ABC):
    """Answers between `start` and `stop`, or inside a `with` block; may be stopped and started again on its port.

    An exception in an answer cuts the connection, and is raised when the block is left: a broken test server is no pass.
    """

    def __init__(self, *, port: int = 0) -> None:
        self._port = port
        self._http: _Server | None = None
        self.closing = threading.Event()
        self.crashes: list[str] = []
        self.requests: list[tuple[str, str]] = []
        """(method, path) of every request, in the order they came."""

    @abstractmethod
    def answer(self, request: Request) -> Reply:
        """May raise Refused. Called from many threads at once."""

    def skew_s(self) -> float:
        """How far the server's clock is ahead."""
        return 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> Self:
        self.closing.clear()
        self._http = _Server(("127.0.0.1", self._port), self)
        self._port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, args=(0.01,), name=self.url, daemon=True).start()
        return self

    def stop(self) -> None:
        """Hangs up on everybody. The counts stay."""
        if self._http is not None:
            self.closing.set()
            self._http.shutdown()
            self._http.hang_up()
            self._http.server_close()
            self._http = None

    def pause(self, seconds: float) -> None:
        """Waits, but no longer than the server lives."""
        self.closing.wait(seconds)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        if self.crashes and kind is None:
            raise AssertionError("the test server itself failed:\n" + "\n".join(self.crashes))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], owner: LoopbackServer) -> None:
        self.owner = owner
        self.connections: dict[socket.socket, threading.Thread] = {}
        super().__init__(address, _Handler)

    def hang_up(self) -> None:
        for connection, thread in list(self.connections.items()):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
            thread.join(timeout=5)

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):  # a client that went away is no fault of ours
            self.owner.crashes.append("".join(traceback.format_exception(error)))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.connections[self.connection] = threading.current_thread()

    def finish(self) -> None:
        self.server.connections.pop(self.connection, None)
        super().finish()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: the counts say more."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return formatdate((timestamp or time.time()) + self.server.owner.skew_s(), usegmt=True)

    def _serve(self) -> None:
        size = int(self.headers.get("Content-Length", 0))
        if size > LARGEST_BODY or "chunked" in self.headers.get("Transfer-Encoding", ""):
            self.close_connection = True
            return self._send(Reply(413 if size > LARGEST_BODY else 411, {"error": "too large, or of unknown length"}))
        body = self.rfile.read(size)
        if len(body) < size:  # the client died while it spoke: nobody has asked for anything
            return self._send(Reply(drop=True))
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        owner = self.server.owner
        owner.requests.append((self.command, parts.path))
        try:
            reply = owner.answer(Request(self.command, parts.path, query, headers, body))
        except Refused as refused:
            reply = refused.reply
        self._send(reply)

    do_GET = do_POST = do_DELETE = do_HEAD = _serve

    def _send(self, reply: Reply) -> None:
        if reply.drop:
            self.close_connection = True
            return
        body = reply.octets
        self.send_response(reply.status)
        for name, value in {"Content-Type": reply.kind, "Content-Length": str(len(body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self._send_body(body, reply)

    def _send_body(self, body: bytes, reply: Reply) -> None:
        if reply.pause_s:
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self.server.owner.pause(reply.pause_s)
            body = body[len(body) // 2 :]
        self.wfile.write(body if reply.sent is None else body[: reply.sent])
        self.close_connection = self.close_connection or reply.sent is not None
