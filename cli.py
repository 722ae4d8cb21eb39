"""The command line: argv -> exit code. Commands are imported when they are called; runs nothing itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from errors import Problem

VERSION = "0.1.0"
DEFAULT = "run"
COMMANDS = {
    "run": ("commands.run", "Make the film, or go on with it. The default."),
    "plan": ("commands.plan", "Stop behind the storyboard and show it."),
    "pick": ("commands.pick", "Use another of the pictures that were made for a keyframe."),
    "estimate": ("commands.estimate", "What the film will cost and how long it takes; --compare the backends."),
    "preview": ("commands.preview", "The whole film as a moving storyboard with captions and prices. Buys nothing."),
    "status": ("commands.status", "Where a run stands; --watch follows it."),
    "jobs": ("commands.jobs", "What was bought: state, ids, costs, evidence."),
    "resolve": ("commands.resolve", "Say what became of a purchase whose answer was lost."),
    "costs": ("commands.costs", "What was really charged, by model and day, across films."),
    "report": ("commands.report", "Write the run as one page, report.html."),
    "clean": ("commands.clean", "What a run folder holds, and what of it can go. Asks."),
    "backends": ("commands.backends", "What can make clips and keyframes, and whether it can here."),
    "config": ("commands.config", "Check the settings; --show them with their sources."),
    "doctor": ("commands.doctor", "Python, disk, codecs, GPUs, keys, versions."),
}
EPILOG = """\b
Examples:
  pipeline.py --config config.yaml           make the film, or go on with it
  pipeline.py --prompt "A fox crosses the ice at dawn." --seconds 20
  pipeline.py run --config config.yaml --redo 4
  pipeline.py run --help                     every option of a run, with units and defaults

\b
Exit codes: 0 done, 1 a bug, 2 config or usage, 3 a backend cannot run, 4 some segments failed,
5 cap reached or consent missing, 6 a paid job is unresolved, 7 the machine (lock, disk), 130/143 interrupted.
After 4, 130 and 143 running again goes on."""

UNABLE, MACHINE, INTERRUPTED, PIPE_CLOSED = 3, 7, 130, 141
FILE_SYSTEM_ERRORS = ("EACCES", "EBUSY", "EDQUOT", "EFBIG", "EIO", "EISDIR", "ELOOP", "EMFILE", "EMLINK", "ENAMETOOLONG",
                      "ENFILE", "ENOSPC", "ENOTDIR", "ENOTEMPTY", "EPERM", "EROFS", "ESTALE")
MOST_COLUMNS, PLAIN_COLUMNS = 110, 100


class Commands(click.Group):
    """Knows its commands by the table; asks none of them for its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return found

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS:
            raise click.UsageError(f"there is no command {args[0]!r}, there are {', '.join(COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.command(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="longtake")
def commands() -> None:
    """One long prompt in, one long film out.

    Options without a command are those of `run`.
    """


class Failure(NamedTuple):
    """What ended a command before its end, for people and for programs. `exit` is the exit code."""

    exit: int
    error: str
    advice: str = ""
    problems: tuple[Problem, ...] = ()


def main(run_pipeline: object, argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code. `run_pipeline` is handed to the commands that run it.

    Everything a user can meet is said in words, with --json also as a document; only a bug leaves a traceback, in a file
    that is named.
    """
    arguments = with_command(sys.argv[1:] if argv is None else argv)
    known: dict[str, Any] = {}
    try:
        failure = _run(run_pipeline, arguments, known)
        if isinstance(failure, Failure) and "--json" in arguments:
            _document(failure, known)
        sys.stdout.flush()
    except BrokenPipeError:
        # `| head` had enough. The flush at exit must not complain about it once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    return failure.exit if isinstance(failure, Failure) else failure


def _run(run_pipeline: object, arguments: list[str], known: dict[str, Any]) -> int | Failure:
    """The exit code of a command, or what ended it, said already. `known` gets what commands left in click's context."""
    try:
        # Not click's own main: it ends the process itself when whoever reads our output has gone.
        with commands.make_context("pipeline.py", arguments, obj=run_pipeline, terminal_width=_columns()) as context:
            try:
                return int(commands.invoke(context) or 0)
            finally:
                known.update(context.meta)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as error:
        error.show()
        return Failure(error.exit_code, error.format_message())
    except (KeyboardInterrupt, click.Abort):
        return Failure(INTERRUPTED, "interrupted")
    except BrokenPipeError:
        raise
    except ModuleNotFoundError as error:
        return _not_installed(error, arguments, known)
    except Exception as error:  # noqa: BLE001 - the process boundary: nothing passes it but an exit code
        return _told(error, arguments, known)


def _document(failure: Failure, known: dict[str, Any]) -> None:
    import terminal
    from commands.options import KNOWN

    problems = [vars(problem) for problem in failure.problems]
    terminal.json_out({**failure._asdict(), "problems": problems, **known.get(KNOWN, {})})


def with_command(arguments: Sequence[str]) -> list[str]:
    """Puts the default command where none is said: `--config x` means `run --config x`."""
    first = arguments[0] if arguments else ""
    if first in COMMANDS or first in ("-h", "--help", "--version") or (first and not first.startswith("-")):
        return list(arguments)
    return [DEFAULT, *arguments]


def _columns() -> int:
    """For help. Asked here, since click would load shutil and three compressors for it."""
    try:
        return min(os.get_terminal_size().columns, MOST_COLUMNS) - 2
    except OSError:
        return PLAIN_COLUMNS


def _not_installed(error: ModuleNotFoundError, arguments: Sequence[str], known: dict[str, Any]) -> Failure:
    """Another Python than the one everything was installed for: no bug, and nothing of ours can be loaded to say so."""
    missing = (error.name or "").partition(".")[0]
    if not missing or find_spec(missing) is not None or (Path(__file__).parent / f"{missing}.py").exists():
        return _told(error, arguments, known)
    failure = Failure(UNABLE, f"the package {missing} is not installed for this Python ({sys.executable})",
                      "use the Python of .venv (`source .venv/bin/activate`), or install requirements.txt")
    sys.stderr.write(f"error: {failure.error}\n  what to do: {failure.advice}\n")
    return failure


def _told(error: Exception, arguments: Sequence[str], known: dict[str, Any]) -> Failure:
    """Says what went wrong; no secret, even where a vendor's message quotes one."""
    from dataclasses import replace

    import terminal
    from runtime.plain_text import masked

    secrets = _secrets(known)
    failure = _failure(error, arguments, secrets)
    failure = failure._replace(error=masked(failure.error, secrets), problems=tuple(
        replace(problem, what=masked(problem.what, secrets)) for problem in failure.problems))
    terminal.error(failure.error, failure.advice)
    return failure


def _failure(error: Exception, arguments: Sequence[str], secrets: Sequence[str]) -> Failure:
    from errors import LongtakeError, cause

    found = cause(error)
    if isinstance(found, LongtakeError):
        return Failure(found.exit_code, str(found), found.advice, getattr(found, "problems", ()))
    if isinstance(found, OSError) and found.errno in _file_system_errors():
        place = f"{found.filename}: " if found.filename else ""
        return Failure(MACHINE, f"{place}{found.strerror}", "see that there is room and leave to read and write, or choose "
                       "another folder with --output-dir; running again goes on")
    from runtime import bug_report

    path = bug_report.write(error, arguments, VERSION, secrets)
    return Failure(1, f"this is a bug in Longtake: {type(found).__name__}: {found}",
                   f"a report lies in {path}: read it, then send it along. Running again goes on where this run was")


def _file_system_errors() -> set[int]:
    """What the machine's file systems refuse, on this operating system. A file that is not there is more likely our mistake."""
    import errno

    return {code for code in (getattr(errno, name, None) for name in FILE_SYSTEM_ERRORS) if code is not None}


def _secrets(known: dict[str, Any]) -> list[str]:
    """What nobody may see: of the environment, and of the config as far as it was read."""
    from commands.options import SECRETS
    from config import process_environment
    from runtime.validation import is_secret

    return [*(value for name, value in process_environment().items() if is_secret(name)), *known.get(SECRETS, ())]
