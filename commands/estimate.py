"""`estimate`: what the film will cost and how long it takes, here and elsewhere. Plans in memory, writes and buys nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.options import config_options, load_config, segment_list, voice_options

if TYPE_CHECKING:
    from config import Loaded
    from cost_comparison import Compared
    from cost_estimator import CostEstimate, Standing, Words
    from image_generator_interface import ImageGenerator
    from orders import Orders
    from planning import Peeked
    from runtime.run_folder import RunFolder
    from timeline import Timeline
    from video_generator_interface import VideoGenerator

NOT_PLANNED = ("there is no plan yet: how many segments the film has and how long it is stands; who is in it and where it "
               "cuts, and so how many sheets and keyframes it takes, is known once it is planned")
ASKED_LATER = "how many are made at a time is asked of the provider when a run begins"


@click.command("estimate")
@config_options
@click.option("--only", metavar="LIST", callback=segment_list, help="Reckon just these segments: 3,5 or 1,4-6.")
@click.option("--compare", is_flag=True, help="The same film by every backend and every model there is, side by side.")
@voice_options
def command(only: frozenset[int] | None, compare: bool, **options: Any) -> int:
    """Show what the film will cost and how long it takes, before anything is bought. Writes nothing.

    The run folder's storyboard counts where there is one; else the film is planned in memory, by rules: a plan by a language
    model is reckoned, not asked for. low: every clip that is missing
    bought once. expected: re-rolls included, as often as in your own history. high: every purchase at its bound and twice,
    and the dearest fallback on top.
    """
    from orders import Orders

    with _desk(load_config(**options), Orders(only=only)) as desk:
        if compare:
            _tell_compared(desk, as_json=options["json"])
        else:
            _tell(desk, as_json=options["json"])
    return 0


def _tell(desk: _Desk, *, as_json: bool) -> None:
    import terminal
    from cost_estimator import affordable

    reckoned, standing = desk.reckoned()
    cap, used, warnings = desk.loaded.config.budget.max_cost_usd, standing.counted_usd, list(dict.fromkeys(desk.warnings()))
    if as_json:
        terminal.json_out({
            **desk.facts(), "backend": desk.videos[0].title, "fallbacks": [video.title for video in desk.videos[1:]],
            "lines": [asdict(line) for line in reckoned.lines], "to_make": len(reckoned.to_make), **_sums(reckoned),
            "charges": reckoned.charges, "cap_usd": cap, "charged_usd": standing.charged_usd,
            "reserved_usd": standing.reserved_usd, "affordable": None if cap is None else affordable(reckoned, cap, used),
            "warnings": warnings})
        return
    terminal.say(desk.heading(), style="bold")
    terminal.show_estimate(reckoned, cap, used, whole=True)
    for warning in warnings:
        terminal.warn(warning)


def _sums(reckoned: CostEstimate) -> dict[str, Any]:
    return {"low": reckoned.low, "expected": reckoned.expected, "high": reckoned.high, "known_low": reckoned.known_low,
            "wall_s": reckoned.wall_s, "places": reckoned.places, "notes": reckoned.notes}


def _tell_compared(desk: _Desk, *, as_json: bool) -> None:
    import terminal

    rows = desk.compared()
    if as_json:
        terminal.json_out({**desk.facts(), "rows": [
            {**asdict(replace(row, estimate=None)), "estimate": _sums(row.estimate) if row.estimate else None,
             "runs_here": not row.problems} for row in rows]})
        return
    terminal.say(desk.heading(), style="bold")
    terminal.show_comparison(rows)


@dataclass(frozen=True)
class _Desk:
    """All that an estimate is made from. at: the run folder, None where there is none yet."""

    loaded: Loaded
    orders: Orders
    videos: Sequence[VideoGenerator]
    images: Sequence[ImageGenerator]
    at: RunFolder | None
    peeked: Peeked
    timeline: Timeline

    def facts(self) -> dict[str, Any]:
        config, board = self.loaded.config, self.peeked.storyboard
        return {"run_folder": config.output_dir, "storyboard": self.peeked.how, "title": board.title, "mode": config.mode,
                "segments": len(board.segments), "film_s": self.timeline.seconds}

    def heading(self) -> str:
        board = self.peeked.storyboard
        count = f"{len(board.segments)} segment{'s' * (len(board.segments) != 1)}"
        return f"{board.title}: {count}, {self.timeline.seconds:.2f} s ({self.peeked.how})"

    def reckoned(self) -> tuple[CostEstimate, Standing]:
        from consent import past_rerolls
        from cost_estimator import Standing, estimate
        from picture_costs import to_be_paid
        from standing import from_ledger

        config, board = self.loaded.config, self.peeked.storyboard
        standing = Standing() if self.at is None else from_ledger(
            self.at, board, self.timeline, config, self.videos[0], self.images, self.orders)
        found = estimate(
            board, self.timeline, self.videos, self.images, mode=config.mode, audio=config.audio, standing=standing,
            reroll=past_rerolls(config), places=self.videos[0].usual_places, gpu_usd_per_hour=config.budget.gpu_usd_per_hour,
            orders=self.orders, pictures=to_be_paid(board, self.images, config, self.orders), words=self.words())
        return replace(found, notes=(*found.notes, *self._notes(found))), standing

    def words(self) -> Words:
        """What a language model is still to write for the film, the plan included where there is none."""
        import consent
        import prompt_planner
        from kept_plan import plan_request

        config, catalogue = self.loaded.config, self.loaded.catalogue
        request = plan_request(config, self.videos[0].capabilities)
        planning = prompt_planner.bound_of_plan(config.planner, catalogue, request) if self.peeked.to_plan else None
        return consent.words(config, catalogue, planning)

    def _notes(self, found: CostEstimate) -> Iterator[str]:
        if self._by_a_model:
            yield NOT_PLANNED
        if found.wall_s and self.videos[0].charges:
            yield ASKED_LATER

    @property
    def _by_a_model(self) -> bool:
        """Whether a language model plans the film before anything else."""
        return self.peeked.to_plan and self.loaded.config.planner.provider != "offline"

    def compared(self) -> list[Compared]:
        import generators.factory
        from consent import past_rerolls
        from cost_comparison import Compared, Film, compare

        film = Film(self.peeked.storyboard, self.loaded.config, self.videos, self.images,
                    past_rerolls(self.loaded.config), self.orders, self.words())
        found = dict(generators.factory.each(self.loaded))
        missing = [Compared(name, name, cannot=(reason,)) for name, reason in found.items() if isinstance(reason, str)]
        return compare(film, [backend for backend in found.values() if not isinstance(backend, str)]) + missing

    def warnings(self) -> Iterator[str]:
        """What a person should know of the plan and the backends before buying."""
        from checks import fit_notes
        from llm_planner.planner import endpoints

        yield from [self.peeked.warning] if self.peeked.warning else []
        for role, model in endpoints(self.loaded.config.planner, self.loaded.catalogue).items():
            yield from (f"{role} {model.model} cannot be asked here yet: {problem}" for problem in model.problems())
        yield from self._refused()
        config = self.loaded.config
        yield from fit_notes(config, self.images, [config.initial_image] if config.initial_image else [])
        backends: list[VideoGenerator | ImageGenerator] = [*self.videos, *self.images]
        for backend in backends:
            yield from backend.warnings()
            yield from (f"{backend.name} cannot run here yet: {problem}" for problem in backend.problems())

    def _refused(self) -> Iterator[str]:
        """Why a run would not begin with this plan. Raises UserMistakes when it is the command line that is wrong."""
        from checks import plan_can_be_made
        from errors import UserMistakes

        try:
            plan_can_be_made(self.peeked.storyboard, self.timeline, self.videos[0], self.loaded.config, self.orders)
        except UserMistakes as refused:
            if any(problem.where.startswith("--") for problem in refused.problems):
                raise
            alike: dict[str, list[str]] = {}
            for problem in refused.problems:
                alike.setdefault(problem.what, []).append(problem.where)
            for what, where in alike.items():
                yield f"a run would refuse it: {where[0]}{f' and {len(where) - 1} more' if len(where) > 1 else ''}: {what}"


@contextmanager
def _desk(loaded: Loaded, orders: Orders) -> Iterator[_Desk]:
    """Reads what there is; nothing is locked, so a run may be at work in the folder meanwhile."""
    import generators.factory
    import image_generators.factory
    import planning
    from timeline import timeline

    config = loaded.config
    videos, images = generators.factory.create_all(loaded), image_generators.factory.create_all(loaded)
    can = videos[0].capabilities
    with _opened(config.output_dir) as at:
        peeked = planning.peek(config, can, at)
        yield _Desk(loaded, orders, videos, images, at, peeked, timeline(peeked.storyboard, can, config.film))


@contextmanager
def _opened(folder: Path) -> Iterator[RunFolder | None]:
    from runtime.ledger import Ledger
    from runtime.run_folder import RunFolder
    from runtime.run_store import LEDGER

    if not (folder / LEDGER).is_file():
        yield None
        return
    ledger = Ledger(folder / LEDGER, read_only=True)
    try:
        yield RunFolder(folder, ledger)
    finally:
        ledger.close()
