"""Reads a form as browsers and SDKs post it: every part with its name, its file's name and its type. Streams nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from email import message_from_string
from email.message import Message

from tests.servers.loopback import Request


@dataclass(frozen=True)
class Part:
    """One part. filename: None where it is a plain field. kind: its own content type, empty where it states none."""

    name: str
    data: bytes = field(repr=False)
    filename: str | None = None
    kind: str = ""

    @property
    def text(self) -> str:
        return self.data.decode("utf-8", errors="replace")


def read_parts(request: Request) -> list[Part]:
    """The parts of a multipart/form-data body in their order; [] where it is none."""
    head = message_from_string(f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n")
    boundary = head.get_boundary()
    if not boundary or head.get_content_type() != "multipart/form-data":
        return []
    parts = []
    for section in (b"\r\n" + request.body).split(b"\r\n--" + boundary.encode())[1:]:
        if section.startswith(b"--"):
            break
        about, gap, data = section.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if gap and (part := _part(message_from_string(about.decode("utf-8", errors="replace") + "\r\n\r\n"), data)):
            parts.append(part)
    return parts


def _part(about: Message, data: bytes) -> Part | None:
    name = about.get_param("name", header="content-disposition")
    kind = about.get_content_type() if about["content-type"] else ""
    return Part(name, data, about.get_filename(), kind) if isinstance(name, str) else None


def read_form(request: Request) -> dict[str, bytes]:
    """The parts by name."""
    return {part.name: part.data for part in read_parts(request)}


def named(parts: Sequence[Part], *names: str) -> list[Part]:
    """Those of these names: an SDK writes `image` for one file and `image[]` for several."""
    return [part for part in parts if part.name in names]
