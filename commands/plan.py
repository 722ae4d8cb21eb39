"""`plan`: stops behind the storyboard and shows it. Plans nothing itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from commands.options import EXISTING_FILE, film_options, load_config


@click.command("plan")
@film_options
@click.option("--replan", is_flag=True, help="Plan anew; the present storyboard is put aside under a number.")
@click.option("--from", "plan_from", type=EXISTING_FILE, metavar="FILE", help="Take this storyboard in place of a plan; the "
              "present one is put aside.")
@click.option("--revise", metavar="TEXT", help="What to change in the present plan, in words; all else stays as it is. Needs a "
              "language model (planner.provider).")
@click.option("--refit", is_flag=True, help="Change the seconds of an edited storyboard until the backend can make it.")
@click.option("--sheets", is_flag=True, help="Also make the sheets: one picture of each character and place, to be looked at "
              "before keyframes are drawn by them. Asks before it buys.")
@click.pass_obj
def command(run_pipeline: Any, /, replan: bool, refit: bool, sheets: bool, plan_from: Path | None, revise: str | None,
            **options: Any) -> int:
    """Plan the film, write storyboard.yaml and show it. Makes no clip, and no picture but the sheets when asked to."""
    from commands.session import make_film
    from orders import Orders

    if sum((replan, plan_from is not None, revise is not None)) > 1:
        raise click.UsageError("--replan, --from and --revise exclude each other")
    if revise is not None and not revise.strip():
        raise click.BadParameter("says nothing", param_hint="--revise")
    orders = Orders(replan=replan, refit=refit, plan_from=plan_from, revise=revise or "", plan_only=not sheets,
                    sheets_only=sheets, yes=bool(options.get("yes")))
    return make_film(run_pipeline, load_config(**options), orders, options)
