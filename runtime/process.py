"""The one place that starts other programs: streamed log, own group, and nobody left behind. Knows none of them by name."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from errors import MachineTrouble

GUARD = Path(__file__).with_name("process_guard.py")
GRACE_S = 5.0
LONGEST_LINE = 16_384
"""Characters. A longer line is passed on in pieces: a progress bar without line ends must not fill the memory."""

OnLine = Callable[[str], None]
_LINE_END = re.compile(r"\r\n|\r|\n")


async def run(argv: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None, log: Path | None = None,
              on_line: OnLine | None = None, grace_s: float = GRACE_S) -> int:
    """Runs a program to its end and returns its exit code (128 + n when signal n ended it).

    Standard output and error, together, are appended to `log` and handed to `on_line` line by line, in the event loop; a
    carriage return ends a line too. `env` is the whole environment, None the one of this process; secrets belong there and
    never into `argv`, which everyone on the machine can read.

    When the awaiting task is cancelled, or `on_line` raises, the program and all it started are asked to end and after
    `grace_s` killed. The same happens when this process ends in whatever way, SIGKILL included, and to what a program that
    ended leaves running. Raises MachineTrouble when there is no such program.
    """
    _check(argv[0], env)
    with contextlib.ExitStack() as files:
        output = Output(files.enter_context(open(log, "ab")) if log else None)
        child = _start(argv, env, cwd, grace_s)
        threading.Thread(target=output.read, args=(child,), daemon=True).start()
        try:
            _go(child)
            while (line := await output.lines.get()) is not None:
                if on_line:
                    on_line(line)
        finally:
            await _end(child, output, grace_s)
    if output.log_trouble:
        raise MachineTrouble(f"cannot write {log}: {output.log_trouble.strerror}", advice="make room on the disk")
    return child.returncode


def _check(program: str, env: Mapping[str, str] | None) -> None:
    if shutil.which(program, path=env.get("PATH") if env is not None else None) is None:
        raise MachineTrouble(f"there is no program {program} to start", advice="install it, or give its full path")


def _start(argv: Sequence[str], env: Mapping[str, str] | None, cwd: Path | None, grace_s: float) -> subprocess.Popen[bytes]:
    """The guard, apart from this process's group, so that Ctrl-C reaches the children through cancellation only.

    Not asyncio's own subprocess: that kills the guard, and with it the order, when the loop closes.
    """
    guarded = [sys.executable, "-I", "-S", str(GUARD), str(grace_s), *argv]
    apart: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    try:
        return subprocess.Popen(guarded, env=env, cwd=cwd, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, **apart)
    except OSError as error:
        raise MachineTrouble(f"cannot start {argv[0]}: {error.strerror}") from error


def _go(child: subprocess.Popen[bytes]) -> None:
    """Lets the guard start the program, now that somebody is there to end it."""
    assert child.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        child.stdin.write(b"go\n")


async def _end(child: subprocess.Popen[bytes], output: Output, grace_s: float) -> None:
    """Cuts the lifeline and waits until the guard is done. Should it not be, it is killed, and the program with it."""
    assert child.stdin is not None
    child.stdin.close()
    try:
        async with asyncio.timeout(grace_s + 10):
            while not output.ended:
                await output.lines.get()
    except TimeoutError:
        child.kill()


class Output:
    """Passes a child's output on, from a thread to the event loop. `lines` ends with None once the exit code is known."""

    def __init__(self, log: IO[bytes] | None) -> None:
        self.lines: asyncio.Queue[str | None] = asyncio.Queue()
        self.ended = False
        self.log_trouble: OSError | None = None
        self._log = log
        self._loop = asyncio.get_running_loop()

    def read(self, child: subprocess.Popen[bytes]) -> None:
        """Reads to the end of the output, then waits for the exit code. For a thread of its own."""
        assert child.stdout is not None
        with child.stdout:
            self._pump(child.stdout)
        child.wait()
        self.ended = True
        self._put(None)

    def _pump(self, stdout: IO[bytes]) -> None:
        decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        rest = ""
        while chunk := stdout.read(65_536):
            self._keep(chunk)
            *whole, rest = _split(rest + decode(chunk))
            for line in whole:
                self._put(line)
        if rest := rest + decode(b"", final=True):
            self._put(rest.rstrip("\r"))

    def _keep(self, chunk: bytes) -> None:
        """A log that cannot be written must not stop the reading, or the child would wait for ever."""
        if self._log is None:
            return
        try:
            self._log.write(chunk)
            self._log.flush()
        except OSError as error:
            self.log_trouble, self._log = error, None
        except ValueError:  # closed: a second cancellation did not wait for us
            self._log = None

    def _put(self, line: str | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(self.lines.put_nowait, line)


def _split(text: str) -> list[str]:
    """Whole lines and, last, what is not yet one. A final carriage return waits: its line feed may follow."""
    held = "\r" if text.endswith("\r") else ""
    *whole, rest = _LINE_END.split(text.removesuffix(held) if held else text)
    *full, rest = _pieces(rest)
    return [*(piece for line in whole for piece in _pieces(line)), *full, rest + held]


def _pieces(line: str) -> list[str]:
    return [line[start : start + LONGEST_LINE] for start in range(0, len(line), LONGEST_LINE)] or [""]
