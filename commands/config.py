"""`config`: checks the settings, and shows each with its source. Changes none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from commands.options import config_options, load_config, voice_options

if TYPE_CHECKING:
    from config import Loaded, Shown
    from video_generator_interface import BackendOptions


@click.command("config")
@config_options
@click.option("--show", is_flag=True, help="Every setting as it takes effect, with where it comes from; secrets are masked.")
@voice_options
def command(show: bool, **options: Any) -> int:
    """Check the settings without running anything: exit 0 when they are right, 2 with every problem when not."""
    import terminal

    loaded = load_config(**options)
    if options["json"]:
        terminal.json_out({line.key: {"value": line.value, "source": str(line.source)} for line in _lines(loaded)})
    elif show:
        terminal.table(["setting", "value", "source"],
                       [(line.key, _short(line.value), str(line.source)) for line in _lines(loaded)])
    else:
        terminal.say(f"{loaded.path or 'the command line'}: every setting is right", style="green")
    return 0


def _lines(loaded: Loaded) -> list[Shown]:
    import generators.factory
    import image_generators.factory
    from config import show

    blocks: dict[str, type[BackendOptions]] = {
        video.section: type(video).Options for video in generators.factory.create_all(loaded)}
    blocks |= {image.section: type(image).Options for image in image_generators.factory.create_all(loaded)}
    return show(loaded, blocks)


def _short(value: str, longest: int = 100) -> str:
    """A long prompt would bury the other settings."""
    line = " ".join(value.split())
    return line if len(line) <= longest else f"{line[:longest]}... ({len(value)} characters)"
