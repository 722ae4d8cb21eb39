"""A file with what a developer needs to find a bug, and nothing secret. Sends it nowhere."""

from __future__ import annotations

import platform
import re
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from runtime.plain_text import masked

_SECRET_ARGUMENT = re.compile(r"(?i)([\w.-]*(?:key|token|secret|password|credential)[\w-]*=).+", re.DOTALL)


def write(error: BaseException, arguments: Sequence[str], version: str, secrets: Sequence[str] = ()) -> Path:
    """Writes the report to the folder for temporary files and returns its path.

    `secrets` are taken out wherever they stand, and so are the values of settings that are named like secrets.
    """
    text = masked(_text(error, arguments, version), secrets)
    name = f"longtake-bug-{time.strftime('%Y%m%d-%H%M%S')}-"
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", errors="backslashreplace", prefix=name, suffix=".txt",
                                     delete=False) as file:
        file.write(text)
    return Path(file.name)


def _text(error: BaseException, arguments: Sequence[str], version: str) -> str:
    shown = [_SECRET_ARGUMENT.sub(r"\1********", argument) for argument in arguments]
    packages = sorted({f"{dist.name} {dist.version}" for dist in metadata.distributions()}, key=str.lower)
    return "\n".join([
        f"Longtake {version}, Python {platform.python_version()}, {platform.platform()}",
        f"command line: {shown!r}",
        f"stdout is a terminal: {sys.stdout.isatty()}",
        "",
        "".join(traceback.format_exception(error)),
        "installed: " + ", ".join(packages),
        "",
    ])
