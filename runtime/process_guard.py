"""Stands between this program and a child, so that the child's whole family ends when the program does. Run as a script.

    python process_guard.py GRACE_S COMMAND [ARGUMENT ...]

Standard input is the lifeline: the child starts after the line `go`, and everything is ended when it closes, which the
system does even when the program is killed with SIGKILL. Output is the child's own. The exit code is the child's, or
128 + n when signal n ended it. Knows nothing of the program that started it, and imports nothing of ours.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

NEVER_STARTED, NOT_FOUND = 125, 127
LINUX = sys.platform.startswith("linux")
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h


def main(grace_s: float, argv: list[str]) -> int:
    """Runs the command to its end, or to the end of the lifeline. Returns its exit code."""
    if _read_lifeline() != b"go\n":
        return NEVER_STARTED
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    try:
        child = _start(argv)
    except OSError as error:
        os.write(1, f"cannot start {argv[0]}: {error.strerror}\n".encode())
        return NOT_FOUND
    family = Family(child, grace_s)
    threading.Thread(target=_end_with_the_lifeline, args=(family,), daemon=True).start()
    if sys.platform != "win32":
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        code = child.wait()
    finally:
        family.end()
    return code if code >= 0 else 128 - code


def _read_lifeline() -> bytes:
    """What the program writes next; empty when it is gone."""
    return os.read(0, 64)


def _end_with_the_lifeline(family: Family) -> None:
    while _read_lifeline():
        pass
    family.end()


def _start(argv: list[str]) -> subprocess.Popen[bytes]:
    """A group of its own: a signal for it does not hit this guard, and Ctrl-C on the terminal hits neither."""
    if sys.platform == "win32":
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, creationflags=subprocess.CREATE_NEW_PROCESS_GROUP)
    # Should this guard itself be killed with SIGKILL, the kernel takes the child along.
    return subprocess.Popen(argv, stdin=subprocess.DEVNULL, start_new_session=True,
                            preexec_fn=lambda: _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL))


def _prctl(option: int, value: int) -> None:
    if LINUX:
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


class Family:
    """The child and all that come from it, those in sessions of their own included where the system is Linux."""

    def __init__(self, child: subprocess.Popen[bytes], grace_s: float) -> None:
        self._child = child
        self._grace_s = grace_s
        self._once = threading.Lock()

    def end(self) -> None:
        """Asks everyone to end, waits for the grace period, then kills who is left. Returns when nobody is."""
        with self._once:
            if sys.platform == "win32":
                if self._child.poll() is None:
                    subprocess.run(["taskkill", "/T", "/F", "/PID", str(self._child.pid)], capture_output=True, check=False)
                return
            self._signal(signal.SIGTERM)
            deadline = time.monotonic() + self._grace_s
            while self._alive() and time.monotonic() < deadline:
                time.sleep(0.02)
            while self._alive():  # again, as long as one of them starts another
                self._signal(signal.SIGKILL)
                time.sleep(0.02)

    def _alive(self) -> bool:
        return bool(living_descendants(os.getpid())) if LINUX else self._child.poll() is None

    def _signal(self, number: int) -> None:
        if sys.platform == "win32":
            return
        # The child may be gone and its group live on, or the other way round.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, number)
        for pid in living_descendants(os.getpid()) if LINUX else []:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)


def living_descendants(root: int) -> list[int]:
    """The processes below `root` that are not zombies, from /proc (Linux). Orphans count: `root` adopts them."""
    children: dict[int, list[tuple[int, bool]]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (found := _parent_and_life(name)):
            children.setdefault(found[0], []).append((int(name), found[1]))
    living, todo = [], [root]
    while todo:
        for pid, alive in children.get(todo.pop(), []):
            todo.append(pid)
            if alive:
                living.append(pid)
    return living


def _parent_and_life(pid: str) -> tuple[int, bool] | None:
    """proc(5): the fields of stat after the name, which is in parentheses and may hold anything, start with state, ppid."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            state, parent = file.read().rpartition(")")[2].split()[:2]
    except (OSError, ValueError):
        return None
    return int(parent), state not in "ZX"


if __name__ == "__main__":
    code = main(float(sys.argv[1]), sys.argv[2:])
    os._exit(code)  # the thread at the lifeline would hold up an ordinary exit
