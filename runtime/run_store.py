"""One run folder while a run works in it: lock, ledger, events, takes and how they are published. Knows nothing of video."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock, Timeout

from errors import MachineTrouble
from runtime import allocator, durable, identity
from runtime.commit_points import reached
from runtime.events import EventLog
from runtime.ledger import Artifact, Ledger
from runtime.pools import CancelToken, PriorityPool
from runtime.run_folder import RunFolder
from runtime.till import Till

LEDGER, EVENTS, LOCK = "ledger.sqlite", "events.jsonl", ".lock"


@dataclass(frozen=True)
class Wish:
    """Something to be made. `node` says what it is in the run, `asked` everything that its bytes depend on; but for `unheard`,
    keys of it that `by`, who is asked first, is not told of: a take of `by` that differs in these alone counts."""

    node: str
    asked: Mapping[str, Any]
    unheard: tuple[str, ...] = ()
    by: str = ""

    @cached_property
    def wanted(self) -> str:
        """The fingerprint under which takes of this wish are found again."""
        return identity.wanted(self.asked)

    @property
    def kind(self) -> str:
        """The first word of the node: `clip segment_04` is a clip."""
        return self.node.split()[0]

    @property
    def name(self) -> str:
        """The last word of the node, what its files are called."""
        return self.node.split()[-1]


class Step(Protocol):
    """How far a piece of work is: `done` of `total` steps of `phase`."""

    @property
    def phase(self) -> str: ...
    @property
    def done(self) -> int: ...
    @property
    def total(self) -> int: ...


@dataclass
class RunStore(RunFolder):
    """What the stages share. Made by `open_run`, which holds the lock for as long as this is in use."""

    events: EventLog
    till: Till
    cancel: CancelToken = field(default_factory=CancelToken)
    at_end: Callable[[BaseException | None], None] = lambda failure: None
    """Called before the folder is closed, with what ended the run when that was a failure."""
    _pools: dict[str, PriorityPool] = field(default_factory=dict)
    _writing: dict[Path, threading.Lock] = field(default_factory=dict)
    _writing_lock: threading.Lock = field(default_factory=threading.Lock)

    def pool(self, name: str, size: int) -> PriorityPool:
        """The pool of this name; whoever asks first sets its size."""
        return self._pools.setdefault(name, PriorityPool(size))

    def path(self, *parts: str) -> Path:
        """A path inside the run folder, its parent folder made. Raises MachineTrouble when that cannot be."""
        path = os.path.join(self.folder, *parts)
        _made(os.path.dirname(path))
        return Path(path)

    def part(self, wish: Wish, suffix: str) -> Path:
        """A temporary name to make the wish under. An interrupted run's are swept when the folder is opened again."""
        return self.path("takes", wish.name, f"{wish.kind}-{wish.wanted[:16]}{suffix}{durable.PART}")

    def find(self, wish: Wish) -> Artifact | None:
        """The take that counts for this wish, if its file is there and still has the bytes it was recorded with.

        A take of the same wish under another number counts too, when segments were put in or taken out before it.
        """
        artifact = self.ledger.chosen(wish.node, wish.wanted) or self._elsewhere(wish)
        if artifact is not None and not self.intact(artifact):
            self.ledger.unchoose(artifact)
            return None
        if artifact is not None and ((shown := self.ledger.current(wish.node)) is None or shown.id != artifact.id):
            self.ledger.make_current(artifact)
        return artifact

    def _elsewhere(self, wish: Wish) -> Artifact | None:
        found = self.ledger.chosen_elsewhere(wish.kind, wish.wanted)
        if found is None or not self.intact(found):
            found = self.alike(wish.node, wish.asked, wish.unheard, wish.by)
        return None if found is None else self.ledger.record(
            node=wish.node, wanted=wish.wanted, take=self.ledger.next_take(wish.node, wish.wanted), asked=wish.asked,
            made_by=found.made_by, made_from=found.made_from, path=found.path, sha256=found.sha256, source=found.source,
            seconds_spent=found.seconds_spent)

    def keep(self, wish: Wish, part: Path, *, suffix: str, made_by: str, seconds_spent: float = 0.0,
             made_from: Mapping[str, str] | None = None, to: Path | None = None) -> Artifact:
        """Turns a finished temporary file into the chosen take: fsynced, renamed, then recorded.

        It lands in takes/, or at `to`. Raises MachineTrouble when the disk is full.
        """
        take = self.ledger.next_take(wish.node, wish.wanted)
        final = to or self.path("takes", wish.name, f"{wish.kind}-{wish.wanted[:16]}-{take}{suffix}")
        reached(f"{wish.kind}.made")
        digest = durable.sha256_of(part)
        if to is not None:  # a name that a person may have put a file under, too
            self._put_yours_aside(to)
            self.ledger.announce(to.name, digest)
        with durable.disk_trouble(final):
            durable.file_it(part, final)
        reached(f"{wish.kind}.filed")
        artifact = self.ledger.record(
            node=wish.node, wanted=wish.wanted, take=take, asked=wish.asked, made_by=made_by, made_from=made_from,
            path=final.as_posix()[len(self.folder.as_posix()) + 1:], sha256=digest, seconds_spent=seconds_spent)
        reached(f"{wish.kind}.recorded")
        return artifact

    def publish(self, artifact: Artifact, to: Path, *, link: bool) -> None:
        """Shows a take where a person looks for it: as a hard link, or as a copy that may be edited in place.

        What a person put there in the meantime is never written over: it is put aside under a name that says so.
        """
        source = self.folder / artifact.path
        _made(os.path.dirname(to))
        with durable.disk_trouble(to):
            if to.is_file() and (to.samefile(source) if link else durable.sha256_of(to) == artifact.sha256):
                return
        self._put_yours_aside(to)
        (durable.link if link else durable.copy)(source, to)
        reached(f"{artifact.node.split()[0]}.published")

    def _put_yours_aside(self, path: Path) -> None:
        if not path.is_file():
            return
        digest = durable.sha256_of(path)
        if self.ledger.made_by_us(digest) or self.ledger.announced(path.name, digest):
            return
        aside = next(name for number in range(1, 10_000)
                     if not (name := path.with_name(f"{path.stem}.yours.{number}{path.suffix}")).exists())
        with durable.disk_trouble(aside):
            path.rename(aside)
        self.events.emit("note", "", f"{path.name} was not ours: it is now {aside.name}")

    def withdraw(self, folder: str, keep: Collection[str]) -> None:
        """Takes out of a folder what we published there under names that the film no longer has. The takes stay."""
        for path in sorted((self.folder / folder).glob("segment_*")):
            if path.stem not in keep and path.is_file() and self.ledger.made_by_us(durable.sha256_of(path)):
                path.unlink()

    def derived(self, target: Path, make: Callable[[Path], None]) -> Path:
        """A file in cache/ that `make` writes from others; the one that is there when it has the bytes it was written with.

        Whoever asks for a file that another thread is writing waits for it.
        """
        with self._one_at_a_time(target):
            if self.is_derived(target):
                return target
            part = target.with_name(target.name + durable.PART)
            try:
                make(part)
                return self.file_derived(part, target)
            finally:
                part.unlink(missing_ok=True)

    def is_derived(self, target: Path) -> bool:
        """Whether a derived file is there as it was written."""
        return target.is_file() and self.ledger.announced(target.name, durable.sha256_of(target))

    def file_derived(self, part: Path, target: Path) -> Path:
        """Gives a finished derived file its name, and remembers its bytes."""
        self.ledger.announce(target.name, durable.sha256_of(part))
        with durable.disk_trouble(target):
            durable.file_it(part, target)
        return target

    def _one_at_a_time(self, target: Path) -> threading.Lock:
        with self._writing_lock:
            return self._writing.setdefault(target, threading.Lock())

    def reporter(self, node: str) -> Callable[[Step], None]:
        """What a backend reports the progress of a node to; it raises Cancelled when the run is being stopped."""
        def report(step: Step) -> None:
            self.cancel.check()
            self.events.emit("progress", node, step.phase, done=step.done, total=step.total)
        return report

    def why(self, wish: Wish) -> str:
        """The reason why a wish has to be made, in words: what differs from what the node showed before."""
        before = self.ledger.current(wish.node)
        if before is None:
            return "new"
        if before.wanted != wish.wanted:
            return ", ".join(name.replace("_", " ") for name in identity.changed(before.asked, wish.asked)) + " changed"
        return "another take" if self.intact(before) else "its file was gone or damaged"


def _made(folder: str) -> None:
    """Makes the folder unless it is there: a look is cheaper than an attempt."""
    if not os.path.isdir(folder):
        with durable.disk_trouble(Path(folder)):
            os.makedirs(folder, exist_ok=True)


@contextmanager
def open_run(folder: Path, secrets: Iterable[str] = ()) -> Iterator[RunStore]:
    """Opens a run folder, makes it if need be, and holds its lock until the block ends.

    What an interrupted run left half done is swept away. Raises MachineTrouble when another process works in it, or when
    it cannot be written.
    """
    lock = _locked(folder)
    allocator.settle()
    try:
        yield from _opened(folder, secrets)
    finally:
        lock.release()


def _locked(folder: Path) -> FileLock:
    with durable.disk_trouble(folder):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise MachineTrouble(f"{folder} is not a folder", advice="choose another with --output-dir") from error
        lock = FileLock(folder / LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise MachineTrouble(f"another run works in {folder}{_who(folder)}",
                                 advice="wait for it or stop it, or choose another folder with --output-dir") from error
    return lock


def _half_done(folder: Path) -> Iterator[Path]:
    """Files of ours that an interrupted run may have left: never a part of somebody's download beside them."""
    yield from folder.glob("keyframes/segment_*" + durable.PART)
    yield from folder.glob("sheets/*.png" + durable.PART)
    yield from (folder / name for name in ("storyboard.yaml" + durable.PART, "report.html" + durable.PART))
    for room in ("takes", "cache", "preview", "segments"):
        yield from (folder / room).rglob("*" + durable.PART)


def _opened(folder: Path, secrets: Iterable[str]) -> Iterator[RunStore]:
    with durable.disk_trouble(folder):
        durable.sweep(*_half_done(folder))
        ledger = Ledger(folder / LEDGER)
        events = EventLog(folder, secrets)
    run = RunStore(folder, ledger, events, Till(ledger.purchases, events))
    try:
        for done in ledger.purchases.recover():
            (folder / done).unlink(missing_ok=True)
        ledger.remember(worker=f"process {os.getpid()}, since {time.strftime('%Y-%m-%d %H:%M:%S')}")
        try:
            yield run
        except BaseException as failure:
            run.at_end(failure)
            raise
        allocator.give_back(caches=True)  # a report is to come, of everything that was made
        run.at_end(None)
    finally:
        events.close()
        ledger.close()


def _who(folder: Path) -> str:
    try:
        ledger = Ledger(folder / LEDGER, read_only=True)
    except MachineTrouble:
        return ""
    try:
        worker = ledger.meta("worker")
    finally:
        ledger.close()
    return f" ({worker})" if worker else ""
