"""`backends`: what there is to make clips and keyframes, and whether it can here. Makes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.options import EXISTING_FILE, speak, voice_options

if TYPE_CHECKING:
    from config import Loaded
    from errors import Problem
    from image_generator_interface import ImageGenerator
    from runtime.registry import Entry, Registry
    from video_generator_interface import BackendOptions, VideoGenerator

    Backend = VideoGenerator | ImageGenerator


@dataclass(frozen=True)
class Key:
    """One key of a backend's block in config.yaml."""

    key: str
    type: str
    default: str
    required: bool
    about: str


@dataclass(frozen=True)
class Described:
    """One backend as a person sees it. `problems`: what keeps it from running here; none means it can."""

    name: str
    kind: str
    package: str
    section: str
    about: str = ""
    keys: tuple[Key, ...] = ()
    can: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@click.command("backends")
@click.option("--config", type=EXISTING_FILE, metavar="FILE",
              help="The settings they are judged with.  [default: config.yaml where there is one]")
@voice_options
def command(config: Path | None, **voice: Any) -> int:
    """List the backends: their block in config.yaml, what they can do, and whether they can run here; if not, why.

    Plug-ins are listed too, those that are refused or cannot be loaded included.
    """
    import generators.factory
    import image_generators.factory
    import terminal

    speak(**voice)
    registries: list[Registry[Any]] = [generators.factory.registry, image_generators.factory.registry]
    loaded = _loaded(config, registries)
    found = [_described(registry, entry, loaded) for registry in registries for entry in registry.entries]
    refused = [(registry.kind, one) for registry in registries for one in registry.refused]
    if voice["json"]:
        terminal.json_out({
            "backends": [{**asdict(one), "runs_here": not one.problems} for one in found],
            "refused": [{"kind": kind, "name": one.name, "package": one.origin, "reason": one.reason} for kind, one in refused],
        })
        return 0
    for one in found:
        _say(one)
    for kind, plugin in refused:
        terminal.warn(f"{kind} {plugin.name} of {plugin.origin} is not used: {plugin.reason}")
    return 0


def _loaded(config: Path | None, registries: list[Registry[Any]]) -> Loaded:
    """The settings where there are some; their mistakes are not this command's to complain of."""
    from commands.options import DEFAULT_CONFIG
    from config import load, process_environment

    path = config or (DEFAULT_CONFIG if DEFAULT_CONFIG.is_file() else None)
    return load(path, process_environment(), (), frozenset[str]().union(*(registry.sections() for registry in registries)))


def _described(registry: Registry[Any], entry: Entry, loaded: Loaded) -> Described:
    from errors import BackendUnavailable

    described = Described(entry.name, registry.kind, entry.origin, registry.section(entry.name))
    try:
        return replace(described, **registry.ask(entry.name, lambda found: _asked(found, loaded)))
    except BackendUnavailable as error:  # one that is broken must not hide the others
        return replace(described, problems=tuple(_reason(problem) for problem in error.problems))


def _asked(found: type[Backend], loaded: Loaded) -> dict[str, Any]:
    """What a backend says of itself, with its block of the config and the models that this adds or corrects."""
    from backend_factory import terms

    problems: list[Problem] = []
    options = loaded.section(found.section).validate(found.Options, problems)
    backend = found(options, loaded.draft.film, terms(loaded)) if options is not None else None
    wrong = list(backend.mistakes()) if backend else []
    problems += wrong
    if wrong:  # of a model that nobody knows there is nothing more to say
        backend = None
    problems += list(backend.problems()) if backend else []
    return {"about": _about(found), "keys": tuple(_keys(found.Options)), "can": tuple(_can(backend)) if backend else (),
            "problems": tuple(map(str, problems))}


def _reason(problem: Problem) -> str:
    return f"{problem.what}, {problem.advice}" if problem.advice else problem.what


def _about(backend: type[Backend]) -> str:
    """The first sentence of its docstring."""
    return " ".join((backend.__doc__ or "").split("\n\n")[0].split())


def _keys(options: type[BackendOptions]) -> Iterator[Key]:
    from runtime.key_words import left_out, takes

    for name, field in options.model_fields.items():
        default = "" if field.is_required() else left_out(field).replace("`", "")
        yield Key(name, takes(field).replace("`", ""), default, field.is_required(), field.description or "")


def _can(backend: Backend) -> Iterator[str]:
    from video_generator_interface import Capabilities

    can = backend.capabilities
    if not isinstance(can, Capabilities):
        yield "any size" if can.sizes is None else f"sizes {', '.join(map(str, can.sizes))}"
        yield "looks at pictures of characters" if can.references else "knows characters by their description"
        yield from ["goes on from the keyframe before"] if can.goes_on else []
        yield from ["repaints a part"] if can.edits else []
        return
    yield f"segments of {can.durations}"
    yield "the film's size" if can.sizes is None else f"sizes {', '.join(map(str, can.sizes))}"
    yield f"{float(can.fps):g} frames a second"
    yield "from a first to a last keyframe, or on from a first" if can.last_frame else "on from a first keyframe only"
    for ability, word in ((can.prompt, "prompt read"), (can.audio, "sound"), (can.seed, "seed"),
                          (can.negative_prompt, "negative prompt")):
        yield word if ability else f"no {word}"
    if can.prompt_limit is not None:
        yield f"prompts up to {can.prompt_limit} {'characters' if can.prompt_unit == 'characters' else 'UTF-16 units'}"
    if can.language is not None:
        yield f"prompts in {can.language}"


def _say(one: Described) -> None:
    import terminal
    from runtime.key_words import NOT_SET

    terminal.say(f"{one.name}  ({one.kind}{f', from {one.package}' if one.package else ''})", style="bold")
    if one.about:
        terminal.say(f"  {one.about}")
    if one.can:
        terminal.say(f"  can     {'; '.join(one.can)}")
    terminal.say(f"  config  {one.section}: " + ("" if one.keys else "has no keys"))
    for key in one.keys:
        standing = "; required" if key.required else "" if key.default == NOT_SET else f"; {key.default} when left out"
        terminal.say(f"            {key.key}: {key.type}{standing}" + (f". {key.about}" if key.about else ""))
    for problem in one.problems:
        terminal.say(f"  here    no: {problem}", style="red")
    if not one.problems:
        terminal.say("  here    ready", style="green")
