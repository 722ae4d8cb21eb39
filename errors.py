"""Every failure a user can meet: the class is the exit code and the advice. Knows nothing of how it is printed."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

DISK_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
"""How a system says that there is no room left: on the disk, or in what this user may take of it."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, said so that the user can put it right.

    `where` is what an editor can jump to (`config.yaml:12:5: fps`) or a part of the film (`segment 4`).
    """

    where: str
    what: str
    advice: str = ""

    def __str__(self) -> str:
        said = f"{self.where}: {self.what}" if self.where else self.what
        return f"{said}, {self.advice}" if self.advice else said


class LongtakeError(Exception):
    """A failure with an exit code. `advice` says what to do next, in the user's words."""

    exit_code = 1

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


class UserMistakes(LongtakeError):
    """The config, the storyboard or the command line is wrong, and the files alone show it. Lists every problem at once."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem], *, advice: str = "") -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems), advice=advice)


class BackendUnavailable(LongtakeError):
    """A backend cannot run here: key, GPU, checkpoint, import. Only the world shows it, not the files."""

    exit_code = 3

    def __init__(self, problems: Iterable[Problem], *, advice: str = "") -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems), advice=advice)


class SegmentsFailed(LongtakeError):
    """The run is over and some segments are not there. Running again does just those."""

    exit_code = 4


class ConsentMissing(LongtakeError):
    """What was asked for needs a person's yes, and there was none."""

    exit_code = 5


class CapReached(LongtakeError):
    """The cap leaves no room for one more purchase. What is bought already is finished; nothing more is bought."""

    exit_code = 5


class Unresolved(LongtakeError):
    """A purchase of which nobody knows whether it arrived. It is never bought again by itself; a person decides."""

    exit_code = 6
    jobs: tuple[int, ...] = ()
    """The numbers of the purchases."""
    film: Path | None = None
    """The film, where it was made all the same: the purchases were for another plan of it."""


class MachineTrouble(LongtakeError):
    """The lock is held, the disk is full, the file system refuses: nothing the film's files can mend."""

    exit_code = 7


class MediaError(LongtakeError):
    """A picture or a video that cannot be read, or is not what it should be. `path` is not repeated in the message."""

    exit_code = 4


class GenerationFailed(LongtakeError):
    """A backend could not make one clip or one image. A stage turns it into the value `Failed`; it stops no run."""

    exit_code = 4


class Moderated(GenerationFailed):
    """The provider refused the words or pictures (`side` input), or what it had made of them (output), or does not say."""

    def __init__(self, message: str, *, side: Literal["input", "output", "unknown"], advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.side = side


class BadOutput(GenerationFailed):
    """The provider made something and found it unusable itself: the same request may well succeed."""


class StillOut(LongtakeError):
    """A paid job goes on at the provider, or its clip could not be fetched yet. Running again goes on with it; no fallback."""

    exit_code = 4


class NoNetwork(StillOut):
    """No connection to a provider comes about. Nothing was sent, what is paid is kept; running again goes on. No fallback."""

    exit_code = 7


class Cancelled(LongtakeError):
    """Raised inside a worker thread when the run is being stopped."""

    exit_code = 130


@contextmanager
def foreign_code() -> Iterator[None]:
    """Around the code of a backend, which may be anybody's: whatever it raises is a failure of its clip, not of the run.

    A full disk is the machine's trouble, however a backend puts it: no other segment and no fallback could do better.
    """
    try:
        yield
    except Exception as error:
        told = error.__cause__ if isinstance(error, GenerationFailed) else error
        if isinstance(told, OSError) and told.errno in DISK_FULL:
            raise MachineTrouble(f"the disk is full: {error}", advice="make room, then run again: it goes on") from error
        if isinstance(error, LongtakeError):
            raise
        raise GenerationFailed(f"its code failed: {type(error).__name__}: {error}") from error


def cause(error: BaseException) -> BaseException:
    """What a person should be told of: of a group (tasks that failed together) the first failure of ours, else the first."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    causes = [cause(inner) for inner in error.exceptions]
    return next((inner for inner in causes if isinstance(inner, LongtakeError)), causes[0])
