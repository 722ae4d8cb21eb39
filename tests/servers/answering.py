"""What servers have in common that answer a POST at once: sold, billed, answered, with faults. Has no routes."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2

from tests.servers.billing_server import BillingServer
from tests.servers.drawing import UInt8, encode
from tests.servers.faults import HTML, Struck
from tests.servers.ledger_of_bills import Job, Order, Post
from tests.servers.loopback import Reply, Request

LONGEST_S = 600.0
"""How long a `stuck` answer keeps a customer waiting: longer than anybody's patience."""


@dataclass(frozen=True)
class Sale:
    """What was asked for with its price, and the reply that hands it over when it is done."""

    order: Order
    reply: Callable[[Job], Reply]


class AnsweringServer(BillingServer):
    """One POST, one answer: pictures and words. latency_s is the time between them."""

    def sell(self, request: Request, model: str, prompt: str, read: Callable[[Struck], Sale]) -> Reply:
        """One POST: counted, perhaps struck by a fault, read, billed, made, answered."""
        return self.counted(request, model, prompt, lambda post: self._sell(request, post, read))

    def _sell(self, request: Request, post: Post, read: Callable[[Struck], Sale]) -> Reply:
        self.check_key(request)
        faults = self.faults.strike(post.number, post.prompt, self.ways(request))
        self._refuse(faults)
        sale = read(faults)
        job = self._accept(sale.order, post, faults)
        self.advance()
        self.pause(max(0.0, min(LONGEST_S, job.ended_at - time.monotonic())))
        if after := faults.status(when="after"):
            return self._scripted(after)
        if slow := faults.get("slow_accept"):
            self.pause(slow.number("s"))
        if "garbled" in faults or "html" in faults:
            return Reply(200, HTML, "text/html")
        reply = Reply(drop=True) if "drop_after_accept" in faults else sale.reply(job)
        if truncated := faults.get("truncated"):
            half = len(reply.octets) // 2
            return replace(reply, body=reply.octets[:half]) if truncated.number("quiet") else replace(reply, sent=half)
        return reply


def picture_file(picture: UInt8, kind: str, faults: Struck, *, clear: bool = False) -> tuple[bytes, str]:
    """The picture as it is handed out: (file, png, jpeg or webp), as good as it was bought. clear: on no background."""
    if wrong := faults.get("wrong_size"):
        width, height = map(int, wrong.value.split("x"))
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA).astype("uint8")
    if other := faults.get("other_format"):
        kind = other.value
    data = encode(picture, kind, opaque=not clear and "rgba" not in faults)
    noise = hashlib.shake_256(data)
    if "not_a_picture" in faults:
        return noise.digest(len(data)), kind
    if "damaged" in faults:
        third = len(data) // 3
        data = data[:third] + noise.digest(third) + data[2 * third :]
    return data, kind
