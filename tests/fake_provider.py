"""A provider of video inside this process, that bills in its own book, and backends that buy from it. Not a test."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from catalogue import Catalogue, Lengths, Price, Provider, Shape, VideoModel
from generators.remote import RemoteVideoGenerator
from generators.remote_poller import Poller
from generators.remote_protocol import JobState, RemoteJob, Trouble
from media import colour, encode
from media.film_format import FilmFormat, Size
from runtime.purchases import Purchase
from video_generator_interface import BackendOptions, SegmentRequest, Terms

FILM = FilmFormat(Size(64, 64), Fraction(8))
LONGEST_S = 8
SMALLEST_USD = Decimal("0.000001")
"""What it bills in: whole millionths of a dollar."""


@dataclass(frozen=True)
class Course:
    """How one POST goes, and the job that it starts. Times in seconds of the loop's clock.

    refuse: what it is answered with in place of a job. lost: its answer never comes, and the job was not accepted
    (`before`) or was (`after`). work_s: until the job ends; None: never. phase, reason, refusal, again: how it ends.
    billed, quoted: what it costs in the end, and what the acceptance says it may cost, as parts of the quoted bound; a
    quote of None is not given. tells: whether the last answer says what was charged. looks, downloads: what goes wrong
    with the first of them: raised, or for a download written in place of the clip.
    """

    answer_s: float = 0.25
    refuse: Exception | None = None
    lost: Literal["", "before", "after"] = ""
    work_s: float | None = 60.0
    phase: Literal["succeeded", "failed", "cancelled"] = "succeeded"
    reason: str = ""
    refusal: Literal["input", "output", "unknown"] | None = None
    again: bool = False
    billed: Decimal | int = 1
    quoted: Decimal | int | None = None
    tells: bool = True
    looks: tuple[Exception, ...] = ()
    downloads: tuple[Exception | bytes, ...] = ()
    clip_s: float | None = None
    """Seconds of the clip that comes; None: as many as were asked for."""


PLAIN = Course()


def output_refused(billed: Decimal | int = 0) -> Course:
    """A job whose result the provider holds back."""
    return Course(phase="failed", reason="the result was filtered", refusal="output", billed=billed)


@dataclass
class Posted:
    """One POST. job: empty where none was accepted."""

    at: float
    request: SegmentRequest
    job: str = ""


@dataclass
class Job:
    """An accepted job. ends_at: None for one that never ends."""

    id: str
    request: SegmentRequest
    course: Course
    ends_at: float | None
    billed_usd: Decimal
    looks: list[float] = field(default_factory=list)
    downloads: int = 0


class FakeProvider:
    """The provider's side: it outlives runs, as providers do, and its clock goes on from run to run.

    course: how the n-th POST (from 1) goes; a sequence goes on with its last. usd_per_second: its price, of which
    `approximate` ones are reserved with a quarter on top. places: jobs it takes at once. look_s: how long a poll takes.
    """

    def __init__(self, course: Callable[[int, SegmentRequest], Course] | Sequence[Course] = (PLAIN,), *,
                 usd_per_second: str | None = "0.10", approximate: bool = False, charged_when_failed: bool | None = None,
                 places: int = 4, poll_s: float = 5.0, look_s: float = 0.0, timeout_s: float = 600.0, max_retries: int = 3,
                 last_frame: bool = True, audio: bool = False, prompt_limit: int | None = None) -> None:
        self._course = course
        self.usd_per_second, self.approximate, self.charged_when_failed = usd_per_second, approximate, charged_when_failed
        self.places, self.poll_s, self.look_s, self.timeout_s, self.max_retries = places, poll_s, look_s, timeout_s, max_retries
        self.last_frame, self.audio, self.prompt_limit = last_frame, audio, prompt_limit
        self.posts: list[Posted] = []
        self.jobs: dict[str, Job] = {}
        self.looks = 0
        self.most_looks_at_once = 0
        self._looking = 0
        self._before_s = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._last_s = 0.0

    @property
    def billed_usd(self) -> Decimal:
        """All that it bills, jobs under way included."""
        return sum((job.billed_usd for job in self.jobs.values()), Decimal(0))

    @property
    def now(self) -> float:
        """Seconds since its first request, over all runs."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._before_s = loop, self._last_s
        self._last_s = self._before_s + loop.time()
        return self._last_s

    def later(self, seconds: float) -> None:
        """Lets time pass between two runs."""
        self._last_s += seconds

    def bound_usd(self, seconds: float) -> Decimal:
        """The most a job of so many seconds may cost by its price list; a dollar where it has none."""
        return self.prices[0].most_usd(seconds) if self.prices else Decimal(1)

    @property
    def prices(self) -> tuple[Price, ...]:
        if self.usd_per_second is None:
            return ()
        return (Price(as_of=date(2026, 11, 22), source="its price list", approximate=self.approximate,
                      usd_per_second=Decimal(self.usd_per_second)),)

    async def post(self, request: SegmentRequest) -> RemoteJob:
        """One POST; it counts whatever becomes of it."""
        self.posts.append(posted := Posted(self.now, request))
        course = self._next(len(self.posts), request)
        if course.lost == "before":
            await asyncio.sleep(course.answer_s)
            raise Trouble("the connection was lost")
        if course.refuse is None:
            posted.job = self._accepted(request, course)
        await asyncio.sleep(course.answer_s)
        if course.refuse is not None:
            raise course.refuse
        if course.lost:
            raise Trouble("the connection was lost")
        quoted = None if course.quoted is None else course.quoted * self.bound_usd(request.seconds)
        return RemoteJob(posted.job, quoted)

    def _next(self, number: int, request: SegmentRequest) -> Course:
        if callable(self._course):
            return self._course(number, request)
        return self._course[min(number, len(self._course)) - 1]

    def _accepted(self, request: SegmentRequest, course: Course) -> str:
        id = f"job-{len(self.jobs) + 1}"
        ends_at = None if course.work_s is None else self.now + course.work_s
        billed = (course.billed * self.bound_usd(request.seconds)).quantize(SMALLEST_USD, ROUND_DOWN)
        self.jobs[id] = Job(id, request, course, ends_at, billed)
        return id

    async def look(self, id: str) -> JobState:
        """One poll."""
        self.looks += 1
        job = self.jobs[id]
        job.looks.append(self.now)
        with self._counted():
            await asyncio.sleep(self.look_s)
        if len(job.looks) <= len(job.course.looks):
            raise job.course.looks[len(job.looks) - 1]
        if job.ends_at is None or self.now < job.ends_at:
            return JobState("running")
        course = job.course
        return JobState(course.phase, charged_usd=job.billed_usd if course.tells else None, reason=course.reason,
                        refusal=course.refusal, again=course.again, address=id)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._looking += 1
        self.most_looks_at_once = max(self.most_looks_at_once, self._looking)
        yield
        self._looking -= 1

    def download(self, id: str, to: Path) -> None:
        """The clip of a job that succeeded, or what goes wrong with it."""
        job = self.jobs[id]
        job.downloads += 1
        if job.downloads <= len(job.course.downloads):
            wrong = job.course.downloads[job.downloads - 1]
            if isinstance(wrong, Exception):
                raise wrong
            to.write_bytes(wrong)
            return
        shutil.copyfile(clip(job.course.clip_s or job.request.seconds), to)


@cache
def clip(seconds: float) -> Path:
    """A clip of so many seconds, made once a process."""
    path = Path(_folder().name) / f"{seconds:g}.mp4"
    grey = colour.rgb_to_i420(np.full((FILM.size.height, FILM.size.width, 3), 90, np.uint8))
    with encode.ClipWriter(path, FILM) as writer:
        for _ in range(round(seconds * FILM.fps) + 1):
            writer.write(grey)
    return path


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="longtake-fake-")


class FakeVideo(RemoteVideoGenerator):
    """Buys from a FakeProvider."""

    name = section = provider = "fake"
    model_version = "tiny"

    def __init__(self, world: FakeProvider) -> None:
        model = VideoModel(
            provider=self.provider, id="tiny", seconds=Lengths(least=1, most=LONGEST_S), fps=FILM.fps, extra_frames=1,
            shapes=(Shape(ask="64:64", size=FILM.size),), last_frame=world.last_frame, seed=True, negative_prompt=True,
            audio="option" if world.audio else "never", prompt_limit=world.prompt_limit, prices=world.prices,
            poll_s=world.poll_s, charged_when_failed=world.charged_when_failed)
        models = Catalogue(providers={self.provider: Provider(name=self.provider, video={"tiny": model})})
        super().__init__(BackendOptions(), FILM, Terms(models, max_retries=world.max_retries, timeout_s=world.timeout_s))
        self.world = world
        self.poller = Poller(random.Random(len(world.posts)))

    async def places(self) -> int:
        return self.world.places

    async def submit(self, request: SegmentRequest) -> RemoteJob:
        return await self.world.post(request)

    async def poll(self, job: RemoteJob) -> JobState:
        return await self.world.look(job.id)

    async def download(self, job: RemoteJob, state: JobState, to: Path) -> None:
        self.world.download(state.address, to)

    async def witness(self) -> Mapping[str, Any]:
        return {"jobs": len(self.world.jobs)}

    def judge(self, purchase: Purchase, before: Mapping[str, Any], after: Mapping[str, Any], own: Mapping[str, Any]) -> str:
        more = after["jobs"] - before["jobs"] - own["jobs"]
        return f"its books show {more} more than this ledger knows of"


class StandIn(FakeVideo):
    """A second provider."""

    name = section = provider = "stand-in"
