"""`doctor`: whether this machine, and with --online the providers, have what a run needs. Mends nothing, buys nothing."""

from __future__ import annotations

import asyncio
import os
import platform
import re
import shutil
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from commands.options import EXISTING_FILE, load_config, speak, voice_options

if TYPE_CHECKING:
    from config import Loaded
    from image_generator_interface import ImageGenerator
    from language_model.endpoint import Endpoint
    from video_generator_interface import VideoGenerator

Standing = Literal["ok", "note", "bad"]
Prove = Callable[[], Awaitable[tuple[Standing, str]]]
"""Makes free calls, and returns how it stands and what they said."""
ROOT = Path(__file__).parent.parent
NEEDS_PYTHON = (3, 11)
NEEDS_DISK_GB, NEEDS_MEMORY_GB = 2.0, 2.0
"""Below, a 30 s film at 1280x720 may not come to its end."""
KEYS = ("OPENAI_API_KEY", "STABILITY_API_KEY", "RUNWAYML_API_SECRET", "GEMINI_API_KEY", "GOOGLE_API_KEY")
"""Where the vendors' own tools look for their keys; a config reads one with ${NAME}."""
PROOF_S = 90.0
"""How long a backend may take to prove itself: longer than any of them waits for one answer."""
CODECS: tuple[tuple[str, Literal["r", "w"], str], ...] = (
    ("libx264", "w", "video encoder"), ("aac", "w", "sound encoder"), ("h264", "r", "video decoder"))
SAMPLES = {"Latin": "Fox", "Chinese": "狐狸", "Arabic": "ثعلب"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. Only `bad` keeps a run from working."""

    what: str
    standing: Standing
    found: str
    advice: str = ""


@click.command("doctor")
@click.option("--online", is_flag=True, help="Also make the free calls that prove that each backend and language model the "
              "config names could work: that its key is good, and its model there. Buys nothing.")
@click.option("--config", type=EXISTING_FILE, metavar="FILE",
              help="With --online: the settings that name the backends.  [default: config.yaml where there is one]")
@voice_options
def command(online: bool, config: Path | None, **voice: Any) -> int:
    """Look at Python, disk, memory, codecs, GPUs, fonts, keys (present or absent, never their value) and versions.

    Exit code 0 when a film can be made here, 3 when not.
    """
    import terminal

    if config and not online:
        raise click.UsageError("--config goes with --online")
    speak(**voice)
    findings = [finding for look in LOOKS for finding in look()]
    findings += _backends(config, voice) if online else []
    bad = [finding for finding in findings if finding.standing == "bad"]
    if voice["json"]:
        terminal.json_out(_document(findings, bad))
        return 3 if bad else 0
    for finding in findings:
        style = {"ok": "green", "note": "yellow", "bad": "bold red"}[finding.standing]
        advice = f" ({finding.advice})" if finding.advice else ""
        terminal.say(f"{finding.standing:5} {finding.what:22} {finding.found}{advice}", style=style,
                     always=finding.standing == "bad")
    terminal.say("a film cannot be made here yet" if bad else "a film can be made here", style="bold")
    return 3 if bad else 0


def _document(findings: list[Finding], bad: list[Finding]) -> dict[str, Any]:
    document = {"can_run": not bad, "findings": [asdict(finding) for finding in findings]}
    if bad:
        problems = [{"where": one.what, "what": one.found, "advice": one.advice} for one in bad]
        document |= {"exit": 3, "error": "a film cannot be made here yet", "advice": "", "problems": problems}
    return document


def _python() -> Iterator[Finding]:
    found = f"{platform.python_version()} on {platform.platform()}"
    old = sys.version_info < NEEDS_PYTHON
    yield Finding("Python", "bad" if old else "ok", found, "install Python 3.11 or later" if old else "")


def _machine() -> Iterator[Finding]:
    yield Finding("cores", "ok", str(os.cpu_count() or "unknown"))
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    short = free < NEEDS_DISK_GB
    yield Finding("disk", "bad" if short else "ok", f"{free:.1f} GB free here", "make room" if short else "")
    memory = memory_gb()
    if memory is None:
        yield Finding("memory", "note", "unknown on this system")
    else:
        yield Finding("memory", "note" if memory < NEEDS_MEMORY_GB else "ok", f"{memory:.1f} GB",
                      "choose a smaller size" if memory < NEEDS_MEMORY_GB else "")


def memory_gb() -> float | None:
    """The machine's memory, or None where the system does not tell in a portable way (Windows)."""
    if not hasattr(os, "sysconf"):
        return None
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    except (ValueError, OSError):
        return None


def _codecs() -> Iterator[Finding]:
    try:
        import av
    except ImportError as error:
        yield Finding("codecs", "bad", f"PyAV cannot be loaded: {error}", "install requirements.txt again")
        return
    by = f"PyAV {av.__version__}"
    for name, mode, what in CODECS:
        try:
            av.Codec(name, mode)
        except ValueError:  # UnknownCodecError derives from it
            yield Finding(what, "bad", f"{name} is missing from {by}", "install the av wheel of requirements.txt")
        else:
            yield Finding(what, "ok", f"{name}, by {by}")


def _gpus() -> Iterator[Finding]:
    lines: list[str] = []
    code = asyncio.run(_ask_nvidia(lines)) if shutil.which("nvidia-smi") else 1
    if code or not lines:
        yield Finding("GPU", "note", "none found; the embedded backends need none")
    for line in lines if not code else []:
        yield Finding("GPU", "ok", line)


async def _ask_nvidia(lines: list[str]) -> int:
    from runtime import process

    ask = ["nvidia-smi", "--query-gpu=index,name,memory.total,driver_version", "--format=csv,noheader"]
    try:
        async with asyncio.timeout(20):
            return await process.run(ask, on_line=lines.append, grace_s=1)
    except TimeoutError:
        return 1


def _fonts() -> Iterator[Finding]:
    try:
        from media.fonts import font_for
    except ImportError as error:
        yield Finding("fonts", "bad", f"Pillow cannot be loaded: {error}", "install requirements.txt again")
        return
    drawable = [script for script, sample in SAMPLES.items() if font_for(sample, 20)]
    missing = [script for script in SAMPLES if script not in drawable]
    yield Finding("fonts", "note" if missing else "ok", f"captions of previews in {', '.join(drawable) or 'no script'}",
                  f"install a font to caption {', '.join(missing)}" if missing else "")


def _keys() -> Iterator[Finding]:
    from config import process_environment

    environment = process_environment()
    for name in KEYS:
        yield Finding(name, "ok" if environment.get(name) else "note", "present" if environment.get(name) else "absent")
    yield Finding("keys", "ok", "the embedded backends need none")


def _versions() -> Iterator[Finding]:
    for name, wanted in pins().items():
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield Finding(name, "bad", f"is not installed, {wanted} is wanted", "install requirements.txt")
            continue
        other = found != wanted
        yield Finding(name, "note" if other else "ok", f"{found}, tried with {wanted}" if other else found,
                      "install requirements.txt again" if other else "")


def pins() -> dict[str, str]:
    """Package -> the version this Longtake was tried with: of requirements.txt, or of the installed package's metadata."""
    file = ROOT / "requirements.txt"
    try:
        lines = file.read_text("utf-8").splitlines() if file.is_file() else metadata.requires("longtake") or []
    except metadata.PackageNotFoundError:
        lines = []
    return {found[1]: found[2] for line in lines if (found := re.fullmatch(r"([\w.-]+)==([\w.]+)", line.strip()))}


def _backends(config: Path | None, voice: dict[str, Any]) -> list[Finding]:
    """What each backend of the config says after its free calls. Raises UserMistakes when the config is wrong."""
    import generators.factory
    import image_generators.factory
    from runtime.plain_text import masked

    loaded = load_config(config=config, **voice)
    backends: list[VideoGenerator | ImageGenerator] = [
        *generators.factory.create_all(loaded), *image_generators.factory.create_all(loaded)]
    asked = [(getattr(backend, "title", backend.name), partial(_by_backend, backend)) for backend in backends]
    asked += [(f"{role} {model.model}", partial(_by_model, model)) for role, model in _models(loaded).items()]
    return [replace(finding, found=masked(finding.found, loaded.secrets)) for finding in asyncio.run(_proven(asked))]


def _models(loaded: Loaded) -> dict[str, Endpoint]:
    """The language models that a run of this config would ask, by what they do."""
    import picture_judge
    from llm_planner.planner import endpoints

    judge = picture_judge.endpoint(loaded.config, loaded.catalogue)
    return {**endpoints(loaded.config.planner, loaded.catalogue), **({"judge": judge} if judge else {})}


async def _by_backend(backend: VideoGenerator | ImageGenerator) -> tuple[Standing, str]:
    return "ok", await backend.prove()


async def _by_model(model: Endpoint) -> tuple[Standing, str]:
    proof = await model.prove()
    return "ok" if proof.sure else "note", proof.says


async def _proven(asked: Sequence[tuple[str, Prove]]) -> list[Finding]:
    """All are asked at once; what one of them raises hides no other."""
    found = await asyncio.gather(*(_proof(what, prove) for what, prove in asked))
    return [finding for one in found for finding in one]


async def _proof(what: str, prove: Prove) -> list[Finding]:
    from errors import LongtakeError, Problem, foreign_code

    try:
        async with asyncio.timeout(PROOF_S):
            with foreign_code():
                return [Finding(what, *await prove())]
    except TimeoutError:
        return [Finding(what, "bad", f"no answer within {PROOF_S:g} s", "try again, see the address and the proxies")]
    except LongtakeError as error:
        problems: Sequence[Problem] = getattr(error, "problems", ()) or (Problem("", str(error), error.advice),)
        return [Finding(what, "bad", str(replace(one, advice="")), one.advice) for one in problems]


LOOKS: tuple[Callable[[], Iterator[Finding]], ...] = (_python, _machine, _codecs, _gpus, _fonts, _keys, _versions)
