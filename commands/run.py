"""`run`: makes the film, or goes on with it, while a person watches; the other commands that run the pipeline share it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from commands.options import film_options, load_config, segment_list

if TYPE_CHECKING:
    from orders import Orders


@click.command("run")
@film_options
@click.option("--only", metavar="LIST", callback=segment_list, help="Make just these segments (3,5 or 1,4-6), and no film.")
@click.option("--fill", type=click.Choice(["animatic"]), help="Also write preview/preview.mp4, captioned, its holes filled by "
              "this embedded backend.")
@click.option("--redo", metavar="LIST", callback=segment_list, help="Make these segments anew; earlier takes are kept.")
@click.option("--replan", is_flag=True, help="Plan anew; the present storyboard is put aside under a number.")
@click.option("--refresh", type=click.Choice(["stale"]), help="Draw keyframes anew whose reference pictures have changed.")
@click.pass_obj
def command(run_pipeline: Any, /, only: frozenset[int] | None, fill: str | None, redo: frozenset[int] | None, replan: bool,
            refresh: str | None, **options: Any) -> int:
    """Make the film, or go on with it.

    Running again makes only what is missing or has changed, and says why.
    """
    from commands.session import make_film

    return make_film(run_pipeline, load_config(fill=fill, **options),
                     _orders(only, fill, redo, replan, refresh, options), options)


def _orders(only: frozenset[int] | None, fill: str | None, redo: frozenset[int] | None, replan: bool, refresh: str | None,
            options: dict[str, Any]) -> Orders:
    from orders import Orders

    return Orders(only=only, redo=redo or frozenset(), replan=replan, refresh_stale=refresh == "stale", fill=fill,
                  yes=bool(options.get("yes")))
