"""`clean`: what a run folder holds, and what of it can go without losing anything that counts."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.options import folder_options, run_folder, speak, yes_option

if TYPE_CHECKING:
    from runtime.ledger import Ledger

SORTS = ("takes", "cache", "preview")
ABOUT = {
    "film": "film.mp4", "keyframes": "pictures, yours included",
    "takes": "clips and pictures in use, and those of earlier prompts",
    "spare takes": "takes made anew since, bought clips of no use", "cache": "fitted and normalised: made again when needed",
    "preview": "made again by --fill", "other": "storyboard, report, logs, ledger",
}
"""Kinds of things, in the order they are shown."""
CAN_GO = {"takes": "spare takes", "cache": "cache", "preview": "preview"}


@dataclass(frozen=True)
class Held:
    """A file of a run folder: its kind (a key of ABOUT) and its bytes, 0 for another name of a file counted already."""

    path: Path
    kind: str
    size: int


@click.command("clean")
@folder_options
@click.option("--what", type=click.Choice(SORTS), multiple=True,
              help="Only this. May be given again.  [default: spare takes, cache and preview]")
@yes_option
def command(config: Path | None, output_dir: str | None, what: tuple[str, ...], yes: bool, **voice: Any) -> int:
    """Show what a run folder holds, in megabytes, and delete what can go, after asking.

    Never touched: the film, the storyboard, your pictures, and every take that counts, be it for an earlier prompt.
    """
    import terminal

    speak(**voice)
    folder = run_folder(config=config, output_dir=output_dir)
    kinds = {CAN_GO[sort] for sort in what or SORTS}
    held = _look(folder)
    _show(folder, held)
    spare = [one for one in held if one.kind in kinds]
    deleted = _delete_if_agreed(folder, kinds, spare, yes)
    if voice["json"]:  # last, for until then it may fail, and that is another document
        terminal.json_out({"run_folder": str(folder), "bytes": _sizes(held), "deletable": [str(one.path) for one in spare],
                           "deleted": deleted})
    return 0


def _delete_if_agreed(folder: Path, kinds: Collection[str], spare: list[Held], yes: bool) -> bool:
    import terminal

    if not spare:
        terminal.say("nothing here can go")
        return False
    question = f"Delete {', '.join(sorted(kinds))}: {_megabytes(sum(one.size for one in spare))} in {len(spare)} files?"
    if not (yes or terminal.ask(question)):
        terminal.say("nothing was deleted (--yes answers for you)")
        return False
    _delete(folder, kinds)
    terminal.say(f"deleted {_megabytes(sum(one.size for one in spare))}", style="green")
    return True


def _look(folder: Path) -> list[Held]:
    """Every file of a run folder, with its kind."""
    from runtime.ledger import Ledger
    from runtime.run_store import LEDGER

    ledger = Ledger(folder / LEDGER, read_only=True)
    try:
        return held(folder, ledger)
    finally:
        ledger.close()


def held(folder: Path, ledger: Ledger) -> list[Held]:
    """Every file of a run folder with its kind; a file with two names (segments/ links to takes/) is counted once."""
    keep = _counting(folder, ledger)
    seen: set[tuple[int, int]] = set()
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
        about = path.stat()
        inode = (about.st_dev, about.st_ino)
        found.append(Held(path, _kind(path.relative_to(folder), path in keep), 0 if inode in seen else about.st_size))
        seen.add(inode)
    return found


def _counting(folder: Path, ledger: Ledger) -> set[Path]:
    """The files of the takes that count: chosen for what was ever asked, shown now, or the user's; and what was bought and
    no run has made a take of yet."""
    current = {artifact.id for artifact in ledger.shown().values()}
    takes = {folder / one.path for one in ledger.artifacts() if one.chosen or one.id in current or one.source == "user"}
    return takes | {folder / one.path for one in ledger.purchases.all("state = 'FETCHED'") if one.path}


def _kind(path: Path, counts: bool) -> str:
    top = path.parts[0]
    if top == "takes":
        return "takes" if counts else "spare takes"
    if top in ("cache", "preview", "keyframes"):
        return top
    return "takes" if top == "segments" else "film" if top == "film.mp4" else "other"


def _delete(folder: Path, kinds: Collection[str]) -> None:
    """Judges anew under the lock: a run may have come to its end since the question was asked."""
    from runtime.run_store import open_run

    with open_run(folder) as run:
        gone = {one.path for one in held(run.folder, run.ledger) if one.kind in kinds}
        for artifact in run.ledger.artifacts():
            if run.folder / artifact.path in gone:
                run.ledger.forget(artifact)
        for path in gone:
            path.unlink(missing_ok=True)
        _remove_empty_folders(run.folder)


def _remove_empty_folders(folder: Path) -> None:
    for top in ("takes", "cache", "preview"):
        for inner, _, _ in os.walk(folder / top, topdown=False):
            if not os.listdir(inner):
                os.rmdir(inner)


def _sizes(found: Iterable[Held]) -> dict[str, int]:
    sizes = dict.fromkeys(ABOUT, 0)
    for one in found:
        sizes[one.kind] += one.size
    return sizes


def _show(folder: Path, found: list[Held]) -> None:
    import terminal
    from config_paths import short
    from runtime.run_store import LEDGER

    rows = [[kind, _megabytes(size), "yes" if kind in CAN_GO.values() else "", ABOUT[kind]]
            for kind, size in _sizes(found).items()]
    terminal.table(["what", "size", "can go", ""], rows, title=short(folder))
    for other in sorted(folder.resolve().parent.iterdir()):
        if other != folder.resolve() and (other / LEDGER).is_file():
            size = sum(path.stat().st_size for path in other.rglob("*") if path.is_file() and path.stat().st_nlink == 1)
            terminal.say(f"another run folder: {short(other)}, at least {_megabytes(size)}")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
