"""Reads a form as browsers and SDKs post it. Streams nothing."""

from __future__ import annotations

import re

from tests.servers.loopback import Request


def read_form(request: Request) -> dict[str, bytes]:
    """The parts of a multipart/form-data body by name; {} where it is none."""
    boundary = re.search(r'boundary="?([^";]+)"?', request.headers.get("content-type", ""))
    if not boundary:
        return {}
    form: dict[str, bytes] = {}
    for part in (b"\r\n" + request.body).split(b"\r\n--" + boundary[1].encode()):
        head, gap, body = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]+)"', head)
        if gap and name:
            form[name[1].decode()] = body
    return form
