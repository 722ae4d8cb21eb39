"""`preview`: the whole film as a moving storyboard with captions and prices. Buys nothing and asks no paid backend."""

from __future__ import annotations

from typing import Any

import click

from commands.options import config_options, load_config, segment_list, voice_options


@click.command("preview")
@config_options
@voice_options
@click.option("--only", metavar="LIST", callback=segment_list, help="Show just these segments (3,5 or 1,4-6).")
@click.pass_obj
def command(run_pipeline: Any, /, only: frozenset[int] | None, **options: Any) -> int:
    """Show the whole film before it is paid for, as preview/preview.mp4.

    Clips and keyframes that are there are shown as they are, your own pictures too; the others are filled by the embedded
    backends. Each segment says its number, its time and what it would cost. Nothing is bought, no provider is asked, and no
    key is needed. The film is planned when it is not yet.
    """
    from commands.session import make_film
    from orders import Orders

    return make_film(run_pipeline, load_config(**options), Orders(only=only, preview_only=True), options)
