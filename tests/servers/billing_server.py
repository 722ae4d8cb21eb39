"""What the stand-ins have in common: a job is accepted, billed, polled and downloaded, with faults. Has no routes."""

from __future__ import annotations

import random
import time
import uuid
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import formatdate
from types import TracebackType
from typing import Any

from tests.servers.clips import FPS, Look, damage
from tests.servers.faults import HTML, Fault, Faults, Struck
from tests.servers.job_line import JobLine
from tests.servers.ledger_of_bills import ENDS, MICROS, Bill, Books, Job, Order, Phase, Post
from tests.servers.loopback import LoopbackServer, Refused, Reply, Request, with_news
from tests.servers.pictures import PictureStore

Latency = float | Callable[[int, random.Random], float]
"""Seconds from a job's start to its end, or what gives them for the n-th job (from 1)."""


class BillingServer(LoopbackServer):
    """Counts every POST that creates, accepts jobs and bills them. Vendors add routes and the shape of replies.

    latency_s: how long a job runs. faults: a script (tests/servers/faults.py). api_key: the one key that is right; None: any.
    concurrent: how many jobs of one model run at once, the others wait; None: all.
    address_lives_s: how long an address of a video is good. seed: of a latency function's dice.
    """

    def __init__(self, *, latency_s: Latency = 0.02, faults: Faults | str = "", api_key: str | None = None,
                 concurrent: int | None = None, address_lives_s: float = 86_400.0, port: int = 0, seed: int = 0) -> None:
        super().__init__(port=port)
        self.faults = Faults.of(faults)
        self.books = Books()
        self._latency = latency_s
        self._dice = random.Random(seed)
        self._api_key = api_key
        self.concurrent = concurrent
        self.address_lives_s = address_lives_s
        self._lines: dict[str, JobLine] = {}
        self.pictures = PictureStore()

    # what a test looks at

    @property
    def posts(self) -> Sequence[Post]:
        """Every POST that would buy, refused ones too."""
        return self.books.posts

    @property
    def jobs(self) -> Sequence[Job]:
        """Every job accepted."""
        return self.books.jobs

    @property
    def orders(self) -> Sequence[Order]:
        """What those jobs are for."""
        return [job.order for job in self.books.jobs]

    @property
    def bills(self) -> Sequence[Bill]:
        """Every accepted job that costs something: a failed job whose money was given back has no bill."""
        self.advance()
        return self.books.bills

    @property
    def total_usd(self) -> Decimal:
        """What stands to be paid now."""
        return Decimal(sum(bill.micros for bill in self.bills)) / MICROS

    # what vendors fill in

    @abstractmethod
    def refusal(self, status: int, message: str, retry_after_s: float | None = None) -> Reply:
        """An error in the vendor's shape."""

    @abstractmethod
    def no_money(self) -> Reply:
        """What an empty account is told."""

    def unfit(self, faults: Struck) -> Reply:
        """What a request is told whose words are refused at once."""
        return self.refusal(400, "The prompt was blocked by content moderation.")

    def before_accepting(self, order: Order) -> None:
        """The account's own limits. Raises Refused."""

    # the POST that buys

    def create(self, request: Request, model: str, prompt: str, read: Callable[[], Order],
               accepted: Callable[[Job], dict[str, Any]]) -> Reply:
        """One POST that creates: counted, perhaps struck by a fault, read, accepted, billed, answered."""
        return self.counted(request, model, prompt, lambda post: self._create(request, post, read, accepted))

    def counted(self, request: Request, model: str, prompt: str, answer: Callable[[Post], Reply]) -> Reply:
        """One POST to a route that charges, on the books with what came of it."""
        post = self.books.post(request.path, model, prompt, request.key)
        try:
            reply = answer(post)
        except Refused as refused:
            reply = refused.reply
        post.status = 0 if reply.drop else reply.status
        return reply

    def _create(self, request: Request, post: Post, read: Callable[[], Order],
                accepted: Callable[[Job], dict[str, Any]]) -> Reply:
        self.check_key(request)
        faults = self.faults.strike(post.number, post.prompt, self.ways(request))
        self._refuse(faults)
        job = self._accept(read(), post, faults)
        if after := faults.status(when="after"):
            return self._scripted(after)
        if slow := faults.get("slow_accept"):
            self.pause(slow.number("s"))
        if "garbled" in faults:
            return Reply(200, HTML, "text/html")
        body = accepted(job)
        return Reply(body=self.strange(body), drop="drop_after_accept" in faults)

    def _refuse(self, faults: Struck) -> None:
        if "drop_before" in faults:
            raise Refused(Reply(drop=True))
        if before := faults.status():
            raise Refused(self._scripted(before))
        if "out_of_credits" in faults:
            raise Refused(self.no_money())
        if "moderated" in faults:
            raise Refused(self.unfit(faults))

    def _accept(self, order: Order, post: Post, faults: Struck) -> Job:
        with self.books.lock:
            self.before_accepting(order)
            number = len(self.books.jobs) + 1
            latency_s = self._latency if isinstance(self._latency, float | int) else self._latency(number, self._dice)
            job = Job(self.new_id(), number, order, faults, latency_s, time.monotonic(), end=_end(faults))
            job.kept_micros = self.kept_micros(job)
            self.books.accept(job)
            self._lines.setdefault(order.model, JobLine(self.concurrent)).admit(job, job.accepted_at)
            post.job = job.id
            return job

    def strike(self, where: str) -> None:
        """For calls that are about no job. Raises Refused, where the script says so."""
        if fault := self.faults.at(where):
            raise Refused(self._scripted(fault))

    def _scripted(self, fault: Fault) -> Reply:
        """The status a fault asks for, in the vendor's shape."""
        status = fault.status
        if status is None:
            raise ValueError(f"{fault.kind} is no status")
        wait = status.retry_after_s
        reply = self.refusal(status.code, "The fault script says so.", wait)
        if wait is not None and status.as_date:
            when = formatdate(time.time() + self.skew_s() + wait, usegmt=True)
            return replace(reply, headers={**reply.headers, "Retry-After": when})
        return reply

    def ways(self, request: Request) -> Sequence[str]:
        """What the fault `bad` may be on this route."""
        return ("failed", "filtered", "empty", "truncated", "html", "wrong_length")

    def kept_micros(self, job: Job) -> int:
        """What the vendor keeps of the price of a job that ends without what was bought."""
        filtered = job.faults.get("filtered")
        return job.order.micros if filtered and filtered.number("charged") else 0

    def new_id(self) -> str:
        return str(uuid.uuid4())

    # afterwards

    def advance(self) -> float:
        """Moves the lines on; returns the time they were moved to."""
        now = time.monotonic()
        with self.books.lock:
            for line in self._lines.values():
                line.advance(now)
        return now

    def cancel(self, job: Job) -> None:
        """Ends a job: unpaid while it waits, at the full price once it runs. Of a job that has ended the video is deleted."""
        with self.books.lock:
            now = self.advance()
            if job.phase(now) in ENDS:
                job.deleted = True
            else:
                job.kept_micros = 0 if job.phase(now) == "waiting" else job.order.most_micros
                self._lines[job.order.model].cancel(job, now)

    def look(self, job: Job) -> Phase:
        """One poll: counted, perhaps struck. Raises Refused."""
        with self.books.lock:
            now = self.advance()
            job.polled_at.append(now)
            if (fault := job.faults.status("poll_")) and job.faults.still(fault.kind):
                raise Refused(self._scripted(fault))
            if job.faults.still("poll_drop"):
                raise Refused(Reply(drop=True))
            if job.faults.still("poll_garbled"):
                raise Refused(Reply(200, HTML, "text/html"))
            if job.faults.still("throttled", "polls"):
                return "waiting"
            return "unheard_of" if job.faults.still("new_status") else job.phase(now)

    def deliver(self, job: Job) -> Reply:
        """The video as a download, perhaps struck."""
        if (fault := job.faults.status("download_")) and job.faults.still(fault.kind):
            return self._scripted(fault)
        if job.faults.still("html"):
            return Reply(200, HTML, "text/html")
        if job.faults.still("zero_bytes"):
            return Reply(200, b"", "video/mp4")
        clip = self.clip(job)
        reply = Reply(200, clip, "video/mp4")
        if truncated := job.faults.still("truncated"):
            half = len(clip) // 2
            return replace(reply, body=clip[:half]) if truncated.number("quiet") else replace(reply, sent=half)
        if slow := job.faults.still("slow_download"):
            return replace(reply, pause_s=slow.number("s"))
        return reply

    def new_address(self, job: Job) -> int:
        """The number of a fresh address for the job's video."""
        with self.books.lock:
            job.addresses.append(time.monotonic())
            return len(job.addresses)

    def check_address(self, job: Job, number: int) -> None:
        """Raises Refused (403) for an address that is no longer good."""
        with self.books.lock:
            if number > job.dead_addresses and job.faults.still("expired_address"):
                job.dead_addresses = len(job.addresses)
            known = 0 < number <= len(job.addresses)
            old = known and time.monotonic() - job.addresses[number - 1] > self.address_lives_s
            if not known or old or number <= job.dead_addresses:
                raise Refused(Reply(403, b"<Error><Code>AccessDenied</Code></Error>", "application/xml"))

    def clip(self, job: Job) -> bytes:
        """The video of a job, as good as it was bought."""
        order, faults = job.order, job.faults
        width, height = order.width, order.height
        if wrong := faults.get("wrong_size"):
            width, height = map(int, wrong.value.split("x"))
        share = float(wrong.value) if (wrong := faults.get("wrong_length")) else 1.0
        sound = order.audio and "silent" not in faults
        own = f"{order.prompt} {order.seed}" if sound or not order.picture("last") else ""
        look = Look(width, height, max(2, round(order.seconds * FPS * share)), *_ends(order), own, sound)
        clip = self.pictures.clip(order, look)
        return damage(clip) if "damaged" in faults else clip

    # small things

    def skew_s(self) -> float:
        skew = self.faults.everywhere("clock_skew")
        return float(skew.value) if skew else 0.0

    def stamp(self, monotonic: float) -> str:
        """A moment of `time.monotonic` as vendors write it, by the server's own clock."""
        at = time.time() + monotonic - time.monotonic() + self.skew_s()
        return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def strange(self, body: dict[str, Any]) -> dict[str, Any]:
        """A reply as sent: with fields of a later version of the API, at every level, where the script says so."""
        return with_news(body) if self.faults.everywhere("unknown_fields") else body

    def check_key(self, request: Request) -> None:
        """Raises Refused (401) without a key, or with another than the one that is right."""
        if not request.key or self._api_key not in (None, request.key):
            raise Refused(self.refusal(401, "The API key is missing or not valid."))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            super().__exit__(kind, error, trace)
        finally:
            self.pictures.close()


def _ends(order: Order) -> tuple[str, str]:
    first, last = order.picture("first"), order.picture("last")
    return (first.sha256 if first else "", last.sha256 if last else "")


def _end(faults: Struck) -> Phase:
    """How the job will end, settled when it is accepted."""
    ends: tuple[tuple[str, Phase], ...] = (("failed", "failed"), ("filtered_input", "failed"), ("filtered", "filtered"),
                                           ("empty", "empty"), ("cancelled", "cancelled"))
    return next((phase for kind, phase in ends if kind in faults), "succeeded")


def failure(job: Job) -> Fault | None:
    """The fault that made a job fail."""
    return job.faults.get("failed") or job.faults.get("filtered_input")
