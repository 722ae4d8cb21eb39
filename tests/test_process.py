"""Children are real here, and so is kill -9."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from errors import MachineTrouble
from runtime import process

ROOT = Path(__file__).parent.parent

# A child that starts a grandchild in a session of its own; both refuse to end when asked. Each writes its id to a file.
FAMILY = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(sys.argv[1] + "/" + sys.argv[2], "w").write(str(os.getpid()))
if sys.argv[2] == "child":
    subprocess.Popen([sys.executable, __file__, sys.argv[1], "grandchild"], start_new_session=True)
print("here", flush=True)
time.sleep(600)
"""


@pytest.fixture
def family(tmp_path: Path) -> list[str]:
    script = tmp_path / "family.py"
    script.write_text(FAMILY)
    return [sys.executable, str(script), str(tmp_path), "child"]


def eventually(true: Callable[[], object], within_s: float = 20) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def pids(folder: Path) -> list[int]:
    files = [folder / "child", folder / "grandchild"]
    eventually(lambda: all(file.exists() and file.read_text() for file in files))
    return [int(file.read_text()) for file in files]


def gone(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def python(code: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(code)]


def test_output_goes_line_by_line_to_the_caller_and_whole_to_the_log(tmp_path: Path):
    lines: list[str] = []
    log = tmp_path / "log"
    code = "import sys; sys.stdout.write('one\\n10%\\r20%\\r\\nlast'); sys.stdout.flush(); sys.stderr.write('!')"
    assert asyncio.run(process.run(python(code), log=log, on_line=lines.append)) == 0
    assert lines == ["one", "10%", "20%", "last!"]
    assert log.read_bytes() == b"one\n10%\r20%\r\nlast!"


def test_a_line_without_end_is_passed_on_in_pieces():
    lines: list[str] = []
    asyncio.run(process.run(python("print('x' * 100_000)"), on_line=lines.append))
    assert "".join(lines) == "x" * 100_000
    assert max(map(len, lines)) == process.LONGEST_LINE


def test_broken_utf8_does_not_stop_the_reading():
    lines: list[str] = []
    asyncio.run(process.run(python("import os; os.write(1, b'\\xff\\xc3\\xa9\\n')"), on_line=lines.append))
    assert lines == ["\ufffdé"]


@pytest.mark.parametrize(("code", "expected"), [("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 9)", 137)])
def test_the_exit_code_is_the_childs(code: str, expected: int):
    assert asyncio.run(process.run(python(code))) == expected


def test_the_environment_is_exactly_the_given_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PRICELESS", "secret")
    lines: list[str] = []
    show = "import os; print(os.environ.get('PRICELESS'), os.environ['GIVEN'])"
    asyncio.run(process.run(python(show), env={"GIVEN": "yes"}, on_line=lines.append))
    assert lines == ["None yes"]


def test_a_missing_program_is_said_by_name():
    with pytest.raises(MachineTrouble, match="no-such-program"):
        asyncio.run(process.run(["no-such-program"]))


def test_cancelling_ends_the_child_and_the_grandchild(family: list[str], tmp_path: Path):
    async def cancel_it() -> list[int]:
        task = asyncio.create_task(process.run(family, grace_s=0.2))
        ids = await asyncio.to_thread(pids, tmp_path)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return ids

    assert all(gone(pid) for pid in asyncio.run(cancel_it()))


def test_a_refusing_listener_ends_the_child(family: list[str], tmp_path: Path):
    def refuse(line: str) -> None:
        raise InterruptedError(line)

    with pytest.raises(InterruptedError):
        asyncio.run(process.run(family, on_line=refuse, grace_s=0.2))
    assert gone(int((tmp_path / "child").read_text()))


def test_a_polite_child_has_time_to_put_its_things_in_order(tmp_path: Path):
    code = f"""
        import pathlib, signal, sys, time
        def tidy(*_):
            time.sleep(0.3)
            pathlib.Path({str(tmp_path / "tidy")!r}).touch()
            sys.exit()
        signal.signal(signal.SIGTERM, tidy)
        print("ready", flush=True)
        time.sleep(600)
    """

    async def stop_when_ready() -> None:
        ready = asyncio.Event()
        task = asyncio.create_task(process.run(python(code), on_line=lambda _: ready.set()))
        await ready.wait()
        task.cancel()
        await asyncio.wait([task])

    asyncio.run(stop_when_ready())
    assert (tmp_path / "tidy").exists()


def test_what_an_ended_child_leaves_running_is_ended(family: list[str], tmp_path: Path):
    leave = f"import subprocess, sys; subprocess.Popen({family!r}, start_new_session=True); sys.stdin.read()"
    code = f"{leave}; import os, time\nwhile not os.path.exists({str(tmp_path / 'grandchild')!r}): time.sleep(0.02)"
    assert asyncio.run(process.run(python(code), grace_s=0.2)) == 0
    assert all(gone(pid) for pid in pids(tmp_path))


def test_killing_the_program_with_sigkill_ends_child_and_grandchild(family: list[str], tmp_path: Path):
    start = f"import asyncio; from runtime import process; asyncio.run(process.run({family!r}, grace_s=0.2))"
    program = subprocess.Popen([sys.executable, "-c", start], cwd=ROOT)
    ids = pids(tmp_path)
    os.kill(program.pid, signal.SIGKILL)
    program.wait()
    eventually(lambda: all(gone(pid) for pid in ids))


def test_killing_the_guard_too_ends_the_child(family: list[str], tmp_path: Path):
    start = f"import asyncio; from runtime import process; asyncio.run(process.run({family!r}, grace_s=0.2))"
    program = subprocess.Popen([sys.executable, "-c", start], cwd=ROOT)
    child, grandchild = pids(tmp_path)
    for one in [*psutil.Process(program.pid).children(), psutil.Process(program.pid)]:
        one.kill()
    program.wait()
    eventually(lambda: gone(child))
    os.kill(grandchild, signal.SIGKILL)
