"""`plan`: stops behind the storyboard and shows it. Plans nothing itself."""

from __future__ import annotations

from typing import Any

import click

from commands.options import film_options, load_config


@click.command("plan")
@film_options
@click.option("--replan", is_flag=True, help="Plan anew; the present storyboard is put aside under a number.")
@click.option("--refit", is_flag=True, help="Change the seconds of an edited storyboard until the backend can make it.")
@click.pass_obj
def command(run_pipeline: Any, /, replan: bool, refit: bool, **options: Any) -> int:
    """Plan the film, write storyboard.yaml and show it. Makes no picture and no clip."""
    from commands.session import make_film
    from orders import Orders

    orders = Orders(replan=replan, refit=refit, plan_only=True, yes=bool(options.get("yes")))
    return make_film(run_pipeline, load_config(**options), orders, options)
