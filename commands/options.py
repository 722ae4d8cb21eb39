"""The options that commands share, and how they become a loaded config. Runs nothing."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from config import Loaded, Override
    from errors import Problem

Function = TypeVar("Function", bound=Callable[..., Any])
Text = str | None

DEFAULT_CONFIG = Path("config.yaml")
MOST_SEGMENTS = 99_999
EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

KNOWN, SECRETS = "longtake.known", "longtake.secrets"
"""Where in click's context a command leaves what a failure's document should name, and what a bug's report must not."""

# What an option of the command line sets in the config.
SETS = {"prompt": "prompt", "prompt_file": "prompt_file", "backend": "video_generation_backend",
        "images": "image_generation_backend", "mode": "mode", "output_dir": "output_dir", "seconds": "duration_seconds",
        "max_cost": "budget.max_cost_usd"}


COMMANDLINE = ParameterSource.COMMANDLINE
NAMES_THE_FILM = {"config", "settings", *SETS}
"""The options of `config_options`, by the names they have in Python."""


def film_options(function: Function) -> Function:
    """Adds what says which film is meant and how the command talks. `load_config` takes them as keyword arguments."""
    return config_options(voice_options(yes_option(function)))


def config_options(function: Function) -> Function:
    """Adds the options that choose and change the config."""
    return _with(function, (
        click.option("--config", type=EXISTING_FILE, metavar="FILE",
                     help="The settings.  [default: config.yaml where there is one and no --prompt]"),
        click.option("--prompt", metavar="TEXT", help="The film in words, as long as you like."),
        click.option("--prompt-file", type=EXISTING_FILE, metavar="FILE", help="The film in words, in a UTF-8 text file."),
        click.option("--seconds", metavar="NUMBER", help="How long the film should be, in seconds.  [config's default: 30]"),
        click.option("--backend", metavar="NAME", help="What makes the clips (see `backends`).  [config's default: animatic]"),
        click.option("--images", metavar="NAME", help="What draws the keyframes.  [config's default: sketch]"),
        click.option("--mode", metavar="keyframe|chaining", help="From keyframe to keyframe, all in parallel; or each segment "
                     "from the last frame of the one before.  [config's default: keyframe]"),
        click.option("--max-cost", metavar="USD", help="The most this film may ever cost, in US dollars: charges and what is "
                     "reserved for jobs under way.  [config's default: no cap]"),
        click.option("--output-dir", metavar="FOLDER", help="The run folder. The same folder continues the same film.  "
                     "[config's default: runs/NAME, by the name of the config]"),
        click.option("--set", "settings", metavar="KEY=VALUE", multiple=True,
                     help="Any setting of the config, as in --set fps=30 or --set remote_api_settings.timeout=900 (seconds). "
                     "May be given again."),
    ))


def voice_options(function: Function) -> Function:
    """Adds how the command talks."""
    return _with(function, (
        click.option("--quiet", is_flag=True, expose_value=True, help="Say nothing but warnings and errors."),
        click.option("--json", is_flag=True, help="One JSON document on standard output; all else goes to standard error."),
    ))


def folder_options(function: Function) -> Function:
    """Adds the options that say which run folder is meant, for `run_folder`, and how the command talks."""
    return _with(voice_options(function), (
        click.option("--config", type=EXISTING_FILE, metavar="FILE",
                     help="The settings the film was made with.  [default: config.yaml where there is one]"),
        click.option("--output-dir", metavar="FOLDER", help="The run folder.  [default: the config's]"),
    ))


def yes_option(function: Function) -> Function:
    """Adds the consent that is given beforehand."""
    return _with(function, (click.option("--yes", is_flag=True, help="Ask nothing; the answer is yes."),))


def _with(function: Function, decorators: tuple[Callable[[Function], Function], ...]) -> Function:
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


def segment_list(context: click.Context, option: click.Parameter, text: Text) -> frozenset[int] | None:
    """`1,4-6` -> {1, 4, 5, 6}; for `callback=`. Raises BadParameter saying which part is wrong."""
    if text is None:
        return None
    numbers: set[int] = set()
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\d{1,9})\s*(?:-\s*(\d{1,9})\s*)?", part, re.ASCII)
        if not found:
            raise click.BadParameter(f"{part.strip()!r} is neither a segment nor a range of them: write 3,5 or 1,4-6")
        first, last = int(found[1]), int(found[2] or found[1])
        if not 1 <= first <= last <= MOST_SEGMENTS:
            raise click.BadParameter(f"{part.strip()!r} is out of order or out of range: segments are counted from 1")
        numbers.update(range(first, last + 1))
    return frozenset(numbers)


def speak(*, quiet: bool = False, json: bool = False, **_: Any) -> None:
    """Sets how this process talks, from the options of a command."""
    import terminal

    terminal.speak(quiet=quiet, json=json)


def known(**facts: object) -> None:
    """Remembers what can be said of a run (`run_folder`, `report`, `under_way`) should the command fail later."""
    context = click.get_current_context(silent=True)
    if context is not None:
        context.meta.setdefault(KNOWN, {}).update(facts)


def naming(config: Path | None = None, output_dir: Text = None) -> str:
    """The options that name this film, as they were given: to be typed again."""
    return shlex.join([*(["--config", str(config)] if config else []), *(["--output-dir", output_dir] if output_dir else [])])


def typed(words: str) -> str:
    """A command as it is typed here, with the name that this program was started by."""
    program = Path(sys.argv[0]).name if sys.argv else ""
    return f"{'longtake' if program.startswith('longtake') else 'python pipeline.py'} {words}".rstrip()


def with_same_film(command: str, *more: str) -> str:
    """Another command as it is typed here, about the film that the present command was told of by `config_options`."""
    context = click.get_current_context(silent=True)
    words: list[str] = []
    for option in context.command.params if context is not None else ():
        name = option.name or ""
        if context is None or name not in NAMES_THE_FILM or context.get_parameter_source(name) is not COMMANDLINE:
            continue
        value = context.params[name]
        for one in value if option.multiple else (value,):
            words += [option.opts[0], str(one)]
    return typed(shlex.join([command, *words, *more]))


def run_folder(*, config: Path | None = None, output_dir: Text = None) -> Path:
    """The run folder that `folder_options` name. Raises UserMistakes when there is no run in it."""
    from config import load, process_environment
    from config_paths import short
    from errors import Problem, UserMistakes
    from runtime.run_store import LEDGER

    if output_dir is not None:
        if not output_dir.strip():
            raise click.BadParameter("is empty", param_hint="--output-dir")
        folder = Path(output_dir).absolute()
    else:
        path = _file(config, {}, "which film: name its run folder with --output-dir FOLDER, or its --config FILE")
        folder = load(path, process_environment()).draft.output_dir
    known(run_folder=str(folder))
    if not (folder / LEDGER).is_file():
        raise UserMistakes([Problem(short(folder), "there is no run in this folder")],
                           advice="name the folder of a film with --output-dir, or make one with `run`")
    return folder


def load_config(*, fill: Text = None, **options: Any) -> Loaded:
    """The config of a command, command line included, from the options of `film_options`.

    Raises UserMistakes with everything that is wrong in it, the backends' names and blocks included.
    """
    loaded = read_config(**options, fill=fill)
    _ = loaded.config
    return loaded


def read_config(*, config: Path | None = None, settings: tuple[str, ...] = (), fill: Text = None, **options: Any) -> Loaded:
    """As `load_config`, with what is wrong in `Loaded.problems` instead of raised."""
    from dataclasses import replace

    import generators.factory
    import image_generators.factory
    from config import load, process_environment
    from runtime.validation import in_order

    speak(**options)
    sections = generators.factory.registry.sections() | image_generators.factory.registry.sections()
    loaded = load(_file(config, options), process_environment(), list(_overrides(options, settings)), sections)
    also = [(fill, "--fill")] if fill else []
    problems: list[Problem] = [*loaded.problems, *generators.factory.mistakes(loaded, also),
                               *image_generators.factory.mistakes(loaded), *_planner_mistakes(loaded)]
    if (context := click.get_current_context(silent=True)) is not None:
        context.meta[SECRETS] = loaded.secrets
    return replace(loaded, problems=tuple(in_order(dict.fromkeys(problems))))


def _planner_mistakes(loaded: Loaded) -> list[Problem]:
    """What is wrong with the planner's settings, where it stands."""
    from dataclasses import replace

    import prompt_planner

    found = prompt_planner.mistakes(loaded.draft.planner, loaded.catalogue)
    return [replace(one, where=loaded.where(one.where)) for one in found]


def _file(config: Path | None, options: dict[str, Any],
          missing: str = "say what to film with --config FILE or --prompt TEXT") -> Path | None:
    if config is not None:
        return config
    if options.get("prompt") or options.get("prompt_file"):
        return None
    if DEFAULT_CONFIG.is_file():
        return DEFAULT_CONFIG
    raise click.UsageError(f"there is no config.yaml here: {missing}")


def _overrides(options: dict[str, Any], settings: tuple[str, ...]) -> Iterator[Override]:
    from config import Override

    for setting in settings:
        key, equals, text = setting.partition("=")
        if not (equals and key.strip()):
            raise click.BadParameter(f"{setting!r} is not KEY=VALUE", param_hint="--set")
        yield Override(key.strip(), text, f"--set {key.strip()}")
    for option, key in SETS.items():
        if options.get(option) is not None:
            yield Override(key, str(options[option]), f"--{option.replace('_', '-')}")
