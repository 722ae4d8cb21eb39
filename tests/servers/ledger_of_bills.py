"""What a server counts: every POST that would buy, every job it accepted, every bill that stands. Knows no vendor."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import Literal

from tests.servers.faults import Struck

MICROS = 1_000_000
Phase = Literal["waiting", "queued", "running", "unheard_of", "succeeded", "failed", "filtered", "empty", "cancelled"]
"""`waiting`: for a free place of the tier. `queued`: accepted, not begun. `unheard_of`: runs, and says so in a new word."""
ENDS = ("succeeded", "failed", "filtered", "empty", "cancelled")


@dataclass(frozen=True)
class Picture:
    """One image that was sent and could be decoded. role: `first` or `last`."""

    role: str
    sha256: str
    width: int
    height: int


@dataclass(frozen=True)
class Order:
    """What one POST asked for, with the server's own price. `micros`: what it will cost, `most_micros`: what is quoted."""

    model: str
    prompt: str
    seconds: float
    width: int
    height: int
    pictures: tuple[Picture, ...]
    micros: int
    most_micros: int
    negative_prompt: str = ""
    audio: bool = False
    seed: int | None = None
    parameters: tuple[tuple[str, object], ...] = ()
    unit_micros: int = 1
    """What the vendor bills in: whole credits, at Runway."""

    def times(self, share: str) -> int:
        """So many times the quoted price, in whole units."""
        units = Decimal(share) * self.most_micros / self.unit_micros
        return int(units.to_integral_value(ROUND_CEILING)) * self.unit_micros

    @property
    def images(self) -> tuple[str, ...]:
        """sha256 of the image files as they were sent, first and last."""
        return tuple(picture.sha256 for picture in self.pictures)

    @property
    def what(self) -> str:
        """What is bought, in a few words: a clip, a picture, an answer."""
        shown = " + ".join(picture.role for picture in self.pictures) or "no picture"
        if self.seconds:
            return f"{self.seconds:g} s {self.width}x{self.height}{' sound' if self.audio else ''}, {shown}"
        if self.width:
            masked = " and a mask" if self.picture("mask") else ""
            count = len(self.pictures) - bool(masked)
            from_ = f"{count} picture{'s' * (count != 1)}{masked}" if count else "words"
            return f"{self.width}x{self.height} from {from_}"
        told = dict(self.parameters)
        return f"{told.get('schema') or 'an answer'}, {told.get('tokens_in')} tokens in, {told.get('tokens_out')} out"

    def picture(self, role: str) -> Picture | None:
        return next((picture for picture in self.pictures if picture.role == role), None)


@dataclass
class Post:
    """One POST to a route that creates, whatever came of it. number: from 1. status: None while unanswered, 0: cut off."""

    number: int
    path: str
    model: str
    prompt: str
    status: int | None = None
    job: str | None = None
    key: str = field(default="", repr=False)


@dataclass(frozen=True)
class Bill:
    """Money one accepted job has cost: what was quoted while it runs, what was charged when it has ended."""

    job: str
    number: int
    order: Order
    micros: int
    quoted_micros: int
    settled: bool

    @property
    def usd(self) -> Decimal:
        return Decimal(self.micros) / MICROS

    @property
    def quoted_usd(self) -> Decimal:
        return Decimal(self.quoted_micros) / MICROS

    @property
    def artifact(self) -> tuple[str, str, float, tuple[str, ...]]:
        """What was bought, whoever asked for it how often: model, prompt, seconds, the pictures' hashes."""
        return self.order.model, self.order.prompt, self.order.seconds, self.order.images


@dataclass
class Job:
    """One accepted job and its way through time (seconds of `time.monotonic`). Its end is settled when it begins."""

    id: str
    number: int
    order: Order
    faults: Struck
    latency_s: float
    accepted_at: float
    end: Phase = "succeeded"
    began_at: float | None = None
    ended_at: float = float("inf")
    polled_at: list[float] = field(default_factory=list)
    addresses: list[float] = field(default_factory=list)
    dead_addresses: int = 0
    deleted: bool = False
    kept_micros: int = 0
    """What the vendor keeps of the price when there is no video."""

    def begin(self, now: float) -> None:
        self.began_at = now
        self.ended_at = float("inf") if "stuck" in self.faults else now + self.latency_s

    def phase(self, now: float) -> Phase:
        if now >= self.ended_at:
            return self.end
        if self.began_at is None:
            return "waiting"
        return "queued" if now < self.began_at + self.latency_s / 5 else "running"

    def progress(self, now: float) -> float:
        """0 to 1, of a job that runs."""
        done = (now - (self.began_at or now)) / self.latency_s if self.latency_s else 1.0
        return round(min(0.99, max(0.0, done)), 2)

    def micros(self, now: float) -> int:
        """What it has cost: the quote until the end, then what the end costs."""
        if now < self.ended_at:
            return self.order.most_micros
        failed = self.faults.get("failed")
        if self.end == "succeeded" or (failed and failed.number("charged")):
            overbill = self.faults.get("overbill")
            return self.order.times(overbill.value) if overbill else self.order.micros
        return self.kept_micros


class Books:
    """The counts of one server. Thread-safe; what is handed out is a copy."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._posts: list[Post] = []
        self._jobs: dict[str, Job] = {}

    def post(self, path: str, model: str, prompt: str, key: str) -> Post:
        with self.lock:
            post = Post(len(self._posts) + 1, path, model, prompt, key=key)
            self._posts.append(post)
            return post

    def accept(self, job: Job) -> None:
        with self.lock:
            self._jobs[job.id] = job

    def job(self, id: str) -> Job | None:
        """The job, unless there is none or it was deleted."""
        with self.lock:
            job = self._jobs.get(id)
            return None if job is None or job.deleted else job

    @property
    def posts(self) -> Sequence[Post]:
        with self.lock:
            return list(self._posts)

    @property
    def jobs(self) -> Sequence[Job]:
        with self.lock:
            return list(self._jobs.values())

    @property
    def bills(self) -> Sequence[Bill]:
        """One for every accepted job that costs something: a job whose money was given back has none."""
        now = time.monotonic()
        return [Bill(job.id, job.number, job.order, micros, job.order.most_micros, now >= job.ended_at)
                for job in self.jobs if (micros := job.micros(now))]
