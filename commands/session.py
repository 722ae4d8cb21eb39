"""One run of the pipeline with a person in front of it: signals, the live view, the report, the last words."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import report
import terminal
from config import Loaded
from errors import LongtakeError, cause
from orders import Orders
from planning import Settled
from runtime.run_store import RunStore
from timeline import Timeline

Pipeline = Callable[[Loaded, Orders, "Session"], Awaitable[Path | None]]
LEAST_THREADS = 4
"""Work that fills a core is bounded by the pools of its backends; more threads than cores let the disk work meanwhile."""
SHOWN_WHOLE = 12
"""Segments of a new storyboard that a run shows before it begins; of a longer one it says how long it is."""


def make_film(run_pipeline: Pipeline, loaded: Loaded, orders: Orders, options: Mapping[str, Any]) -> int:
    """Runs the pipeline with a person watching. Returns the exit code; LongtakeErrors pass through, the report written."""
    for note in loaded.notes:
        terminal.warn(note)
    session = Session(loaded, orders)
    try:
        with session.shown:
            film = asyncio.run(session.work(run_pipeline))
    except LongtakeError:
        session.what_there_is()
        raise
    session.last_words(film, as_json=bool(options.get("json")))
    return session.exit_code


class Session:
    """The audience of one run: shows it, hears the signals, and closes its books when it ends."""

    def __init__(self, loaded: Loaded, orders: Orders) -> None:
        self.loaded, self.orders = loaded, orders
        self.view, self.shown = terminal.LiveRun(), ExitStack()
        self.run: RunStore | None = None
        self.began = time.time()
        self.signalled = 0
        self.exit_code = 0

    async def work(self, run_pipeline: Pipeline) -> Path | None:
        """The whole run, on the event loop. Raises what ended it; an interruption is not an error, only an exit code."""
        threads = self.loaded.draft.threads or max(LEAST_THREADS, (os.cpu_count() or 0) + 2)
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(threads, thread_name_prefix="work"))
        with self._signals():
            try:
                return await run_pipeline(self.loaded, self.orders, self)
            except BaseException as error:  # noqa: BLE001 - an interruption is no error, all else goes on up
                self.exit_code = self._code(error)
                if self.signalled:
                    return None
                raise cause(error) from None

    def begun(self, run: RunStore) -> None:
        """The run folder is open: from now on everything that happens in it is shown."""
        self.run = run
        run.at_end = self._close_the_books
        run.events.listen(self.view.on_event)
        run.events.emit("run", "", f"{'plan' if self.orders.plan_only else 'film'} in {run.folder.name}")
        if self.signalled:
            run.cancel.cancel()

    def planned(self, settled: Settled, timeline: Timeline) -> None:
        """The storyboard stands: a new one, or one asked for, is shown whole, a changed one as what changed."""
        if settled.before is not None:
            terminal.show_diff(settled.before, settled.storyboard)
        if self.orders.plan_only or (settled.new and len(settled.storyboard.segments) <= SHOWN_WHOLE):
            terminal.show_storyboard(settled.storyboard, timeline)
        elif settled.new:
            terminal.say(f"{len(timeline.spans)} segments, {timeline.frames} frames, {timeline.seconds:.2f} s; `plan` shows them")
        if not self.orders.plan_only:
            self.shown.enter_context(self.view)

    def agreed(self, question: str) -> bool:
        """Asks the person, before the live view stands in the way. Without a terminal nobody agrees."""
        return self.orders.yes or terminal.ask(question)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        loop, main = asyncio.get_running_loop(), asyncio.current_task()
        assert main is not None

        def stop(number: int, frame: FrameType | None) -> None:
            if self.signalled:
                os._exit(128 + number)  # the second time nothing is waited for
            self.signalled = number
            if self.run is not None:
                self.run.cancel.cancel()
            loop.call_soon_threadsafe(main.cancel)

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _code(self, error: BaseException) -> int:
        if self.signalled:
            return 128 + self.signalled
        found = cause(error)
        return found.exit_code if isinstance(found, LongtakeError) else 1

    def _close_the_books(self, failure: BaseException | None) -> None:
        """While the folder is still ours: how the run ended goes into the ledger, and the report is written."""
        assert self.run is not None
        code = 0 if failure is None else self._code(failure)
        text = "" if failure is None else "interrupted" if self.signalled else str(cause(failure)).splitlines()[0]
        standings = self.view.board.nodes()
        problems = {standing.node: standing.text for standing in standings if standing.state in ("failed", "blocked")}
        self.run.events.emit("finished", "", text or "done", exit=code)
        self.run.ledger.remember(outcome=json.dumps(
            {"exit": code, "text": text, "started": self.began, "ended": time.time(), "problems": problems},
            ensure_ascii=False))
        if not self.orders.plan_only:
            report.write(report.gather(self.run.folder), self.run.folder / report.NAME)

    def what_there_is(self) -> None:
        """After a failure: what was made all the same, and where the report is."""
        if self.run is not None and not self.orders.plan_only:
            self.view.summary(report=self.run.folder / report.NAME)

    def last_words(self, film: Path | None, *, as_json: bool) -> None:
        """What was made and where it is; or that the run was interrupted and goes on when it is run again."""
        folder = self.loaded.draft.output_dir
        if as_json:
            page = None if self.orders.plan_only else str(folder / report.NAME)
            terminal.json_out({"exit": self.exit_code, "run_folder": str(folder), "film": str(film) if film else None,
                               "storyboard": str(folder / "storyboard.yaml"), "report": page})
        elif self.signalled:
            terminal.warn("interrupted; running the same command again goes on from here")
        elif self.orders.plan_only:
            terminal.say(f"storyboard {folder / 'storyboard.yaml'}", always=True)
        else:
            self.view.summary(film=film, report=folder / report.NAME)
