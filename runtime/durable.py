"""Files that exist whole or not at all. Decides no names and keeps no records."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from errors import DISK_FULL, MachineTrouble

PART = ".part"
"""The ending of every temporary name. Whoever holds the lock of a folder may delete such files."""


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hexadecimal. Raises OSError when it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_it(part: Path, final: Path) -> None:
    """fsync, rename, fsync of the folder: after this the file survives a power cut under its final name, whole."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    os.replace(part, final)
    _sync_folder(final.parent)


def write_text(path: Path, text: str) -> None:
    """Replaces a small text file as a whole (UTF-8, line ends as given)."""
    part = path.with_name(path.name + PART)
    with disk_trouble(path):
        part.write_text(text, encoding="utf-8", newline="")
        file_it(part, path)


def copy(source: Path, to: Path) -> None:
    """A copy that appears whole. It shares no bytes with the source, so that editing it in place harms nobody.

    The folder is not fsynced: should a power cut undo the rename, the copy is simply made again.
    """
    part = to.with_name(to.name + PART)
    with disk_trouble(to):
        shutil.copyfile(source, part)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(part, to)


def link(source: Path, to: Path) -> None:
    """A hard link that replaces what was there, or a copy where the file system knows no links."""
    part = to.with_name(to.name + PART)
    part.unlink(missing_ok=True)
    try:
        part.hardlink_to(source)
    except OSError:
        copy(source, to)
        return
    with disk_trouble(to):
        os.replace(part, to)
    part.unlink(missing_ok=True)  # renaming one link of a file onto another of the same file leaves both


def sweep(*candidates: Path) -> None:
    """Deletes what an interrupted process left half done, of files that only we can have begun."""
    for path in candidates:
        if path.name.endswith(PART) and path.is_file():
            path.unlink(missing_ok=True)


@contextmanager
def disk_trouble(path: Path) -> Iterator[None]:
    """Turns what a file system raises (full, read-only, a folder where a file should be) into an error for the user."""
    try:
        yield
    except OSError as error:
        if error.errno in DISK_FULL:
            raise MachineTrouble(f"the disk is full: {path.name} could not be written",
                                 advice="make room (`clean` shows what is there), then run again: it goes on") from error
        raise MachineTrouble(f"{path} cannot be written: {error.strerror or error}",
                             advice="see what stands there, or choose another folder with --output-dir") from error


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # Windows opens no folders; renames are journalled there
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
