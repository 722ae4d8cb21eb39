"""The diagram: prompt -> storyboard -> keyframes -> clips -> film. Every box is a module; nothing else is here."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

import cli

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from pathlib import Path

    from checks import Able
    from config import Loaded
    from consent import Offer, PlanningOffer
    from keyframes import Keyframes
    from media.fit import FitMode
    from orders import Orders
    from planning import Settled
    from preview import Preview
    from runtime.run_store import RunStore
    from segments import Clips
    from storyboard import Storyboard
    from timeline import Timeline


class Audience(Protocol):
    """Who watches a run: it is told when work begins and what is planned, and may be asked; the rest it hears from
    `run.events`."""

    def begun(self, run: RunStore) -> None: ...

    def agreed(self, question: str) -> bool: ...

    def planned(self, settled: Settled, timeline: Timeline) -> None: ...

    def previewed(self, preview: Preview) -> None: ...

    def pays(self, offer: Offer) -> None: ...

    def pays_for_planning(self, offer: PlanningOffer) -> None: ...

    def works(self) -> None: ...


async def run_pipeline(loaded: Loaded, orders: Orders, audience: Audience) -> Path | None:
    """Makes the film of a config, or goes on with it. Returns the film, or None when the orders asked for less.

    Raises a LongtakeError, alone or in a group, when what was asked for is not there at the end.
    """
    # Loaded here, so that `--help` waits for none of it.
    import asyncio

    import checks
    import consent
    import film
    import generators.factory
    import image_generators.factory
    import keyframes
    import picture_judge
    import planning
    import prompt_planner
    import segments
    import sheets
    from runtime.pools import in_thread
    from runtime.run_store import open_run
    from runtime.watch import watched
    from timeline import timeline

    backends, painters = generators.factory.create_all(loaded), image_generators.factory.create_all(loaded)
    config = loaded.config
    able = checks.able_backends(config, backends, painters, orders)
    with open_run(config.output_dir, loaded.secrets) as run:
        audience.begun(run)
        planner = prompt_planner.Planner(config.planner, loaded.catalogue, run)
        settled = await planning.settle(loaded, backends[0].capabilities, run, orders, audience.agreed, planner,
                                        lambda bound: consent.for_planning(bound, run, config, audience))
        board, plan = settled.storyboard, timeline(settled.storyboard, backends[0].capabilities, config.film)
        planning.remember(loaded, plan, run)
        audience.planned(settled, plan)
        if orders.plan_only:
            return None
        fit = await in_thread(checks.before_work, config, board, plan, able, run, orders)
        if orders.preview_only:
            audience.previewed(await _preview(loaded, orders, run, board, plan, able, fit, {}, {}))
            return None
        judge = picture_judge.create(config, loaded.catalogue, run)
        await consent.open_till(board, plan, able, run, config, orders, audience)
        audience.works()
        async with watched(run, config.stall_after_seconds), asyncio.TaskGroup() as tasks:
            looks = sheets.render(board, able.images, run, tasks, config=config, orders=orders, reword=planner.reword)
            if orders.sheets_only:
                await sheets.finish(looks, run)
                return None
            frames = keyframes.render(board, looks, able.images, run, tasks, config=config, fit_mode=fit, orders=orders,
                                      reword=planner.reword, judge=judge)
            clips = segments.generate(board, frames, able.videos, run, tasks, config=config, timeline=plan, orders=orders,
                                      reword=planner.reword)
            if orders.fill is not None:
                await _preview(loaded, orders, run, board, plan, able, fit, frames, clips)
            made = await film.finish(clips, run, tasks, timeline=plan, orders=orders,
                                     rebuy_usd=config.budget.rebuy_unknown_usd)
        return made


def _preview(loaded: Loaded, orders: Orders, run: RunStore, board: Storyboard, plan: Timeline, able: Able, fit: FitMode,
             frames: Keyframes, clips: Clips) -> Awaitable[Preview]:
    """The preview of what is there and what this run makes. The embedded backends fill its holes: nothing is asked or bought
    elsewhere."""
    import generators.factory
    import image_generators.factory
    import preview

    fillers = preview.Fillers(generators.factory.create(loaded, orders.fill or ""), image_generators.factory.create(loaded))
    return preview.make(board, frames, clips, run, config=loaded.config, timeline=plan, able=able, fit_mode=fit,
                        fillers=fillers, orders=orders)


def main() -> None:
    """What the console script `longtake` and `python pipeline.py` run."""
    sys.exit(cli.main(run_pipeline))


if __name__ == "__main__":
    main()
