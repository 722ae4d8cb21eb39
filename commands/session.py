"""One run of the pipeline with a person in front of it: signals, the live view, the report, the last words."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from pathlib import Path
from types import FrameType
from typing import Any

import report
import terminal
from commands import offer_words, planning_words, preview_words
from commands.jobs import say_lost
from commands.options import known
from config import Loaded
from config_paths import short
from consent import Offer, PlanningOffer
from errors import ConsentMissing, LongtakeError, Unresolved, cause
from orders import Orders
from planning import Settled
from preview import Preview
from runtime import run_board
from runtime.purchase_model import Purchase
from runtime.purchase_words import going_on, spent, under_way
from runtime.run_store import RunStore
from timeline import Timeline

Pipeline = Callable[[Loaded, Orders, "Session"], Awaitable[Path | None]]
LEAST_THREADS = 4
"""Work that fills a core is bounded by the pools of its backends; more threads than cores let the disk work meanwhile."""
NOTABLE_S = 0.5
"""A film this much longer or shorter than the settings say is worth a line."""
SHOWN_WHOLE = 12
"""Segments of a new storyboard that a run shows before it begins; of a longer one it says how long it is."""
NEWS = ("made", "adopted", "failed", "blocked")
REPORTED = ("config", "timeline")
"""What the ledger remembers of a run that its report shows."""
PREVIEW = "preview/preview.mp4"
GOES_ON = "running the same command again goes on from here"


def make_film(run_pipeline: Pipeline, loaded: Loaded, orders: Orders, options: Mapping[str, Any]) -> int:
    """Runs the pipeline with a person watching. Returns the exit code; LongtakeErrors pass through, the report written."""
    session = Session(loaded, orders)
    try:
        with session.shown:
            film = asyncio.run(session.work(run_pipeline))
    except LongtakeError as error:
        session.what_there_is(error)
        say_lost(error, session.bought, options, loaded.draft.output_dir)
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
        self.asking = False
        self.before: dict[str, str | None] = {}
        self.preview: Preview | None = None
        self.bought: tuple[Purchase, ...] = ()
        self.bought_before = 0

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
        self.before = {key: run.ledger.meta(key) for key in ("outcome", *REPORTED)}
        known(run_folder=str(run.folder))
        run.at_end = self._close_the_books
        run.events.listen(self.view.on_event)
        what = "plan " if self.orders.plan_only else "sheets " if self.orders.sheets_only else \
            run_board.PREVIEW if self.orders.preview_only else "film "
        run.events.emit("run", "", f"{what}in {run.folder.name}")
        if self.signalled:
            run.cancel.cancel()

    def planned(self, settled: Settled, timeline: Timeline) -> None:
        """The storyboard stands: a new one, or one asked for, is shown whole, a changed one as what changed."""
        if settled.before is not None:
            terminal.show_diff(settled.before, settled.storyboard)
        if self.orders.plan_only or (settled.new and len(settled.storyboard.segments) <= SHOWN_WHOLE):
            terminal.show_storyboard(settled.storyboard, timeline)
        elif settled.new:
            length = f"{timeline.frames} frames, {timeline.seconds:.2f} s"
            terminal.say(f"{len(timeline.spans)} segments, {length}; `plan` shows them")
        wanted = self.loaded.draft.duration_seconds
        if abs(timeline.seconds - wanted) > NOTABLE_S:
            terminal.say(f"the storyboard makes a film of {timeline.seconds:.2f} s, the settings say {wanted:g} s")
        if self.orders.preview_only:
            self.works()

    def works(self) -> None:
        """Nothing is asked any more: from now on the live view stands."""
        self.shown.enter_context(self.view)

    def pays(self, offer: Offer) -> None:
        """Shows what the run may cost, and asks once. Without a terminal it needs --yes and a cap. Raises ConsentMissing."""
        terminal.show_estimate(offer.estimate, offer.cap_usd, offer.counted_usd)
        for line in offer_words.warnings(offer):
            terminal.warn(line)
        self._agreed_to_pay("Buy this?", offer.cap_usd, advice="`estimate --compare` shows what else could make it; `preview` "
                            "shows it for nothing")

    def _agreed_to_pay(self, question: str, cap_usd: Decimal | None, *, advice: str) -> None:
        if not terminal.somebody_there() and not (self.orders.yes and cap_usd is not None):
            wanted = (["set a cap with --max-cost"] if cap_usd is None else []) + ([] if self.orders.yes else ["say --yes"])
            raise ConsentMissing("this run costs money and there is no terminal to ask at", advice=", and ".join(wanted))
        if not self.agreed(question):
            raise ConsentMissing("nobody agreed to what this run costs, so nothing was bought", advice=advice)

    def pays_for_planning(self, offer: PlanningOffer) -> None:
        """Shows what planning may cost, and asks. Raises ConsentMissing."""
        for line in planning_words.lines(offer):
            terminal.say(line)
        self._agreed_to_pay("Plan for this?", offer.cap_usd, advice="planner.provider: offline plans by rules, for nothing")

    def previewed(self, preview: Preview) -> None:
        """The preview that was asked for is there; what it says is told at the end."""
        self.preview = preview

    def agreed(self, question: str) -> bool:
        """Asks the person, before the live view stands in the way. Without a terminal nobody agrees."""
        if self.orders.yes:
            return True
        self.asking = threading.current_thread() is threading.main_thread()  # where signals are heard
        try:
            return terminal.ask(question)
        finally:
            self.asking = False

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
            if self.asking:
                raise asyncio.CancelledError  # else the waiting for an answer goes on, and the loop hears nothing
            loop.call_soon_threadsafe(main.cancel)
            loop.call_soon_threadsafe(self._waits_for_answers)

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _waits_for_answers(self) -> None:
        """Why a run that is being stopped goes on for a moment."""
        if self.run is not None and self.run.till.purchases.all("state = 'INTENT'"):
            terminal.warn("stopping as soon as what was sent is answered, so that nothing paid is lost; Ctrl-C again stops at "
                          "once, and then nobody knows whether it arrived")

    def _code(self, error: BaseException) -> int:
        if self.signalled:
            return 128 + self.signalled
        found = cause(error)
        return found.exit_code if isinstance(found, LongtakeError) else 1

    def _close_the_books(self, failure: BaseException | None) -> None:
        """While the folder is still ours: how the run ended goes into the ledger, and the report is written."""
        assert self.run is not None
        self.bought, self.bought_before = tuple(self.run.till.purchases.all()), self.run.till.since
        code = 0 if failure is None else self._code(failure)
        text = "" if failure is None else "interrupted" if self.signalled else (str(cause(failure)).splitlines() or ["?"])[0]
        try:
            self.run.events.emit("finished", "", text or "done", exit=code)
            if not self.orders.preview_only:  # the outcome of the last run is still that of the film
                self._remember(code, self.run.events.redact(text))
            if not self.orders.plan_only and not (code == 0 and self._report_stands()):
                report.write(report.gather(self.run.folder), self.run.folder / report.NAME)
        except Exception as trouble:
            if failure is None:
                raise
            terminal.warn(f"and the books of this run could not be closed: {trouble}")  # the failure itself is told later
        finally:
            known(**{name: str(path) for name, path in self._there().items()}, **self._money())

    def _remember(self, code: int, text: str) -> None:
        assert self.run is not None
        problems = {one.node: one.text for one in self.view.board.nodes() if one.state in ("failed", "blocked")}
        self.run.ledger.remember(outcome=json.dumps(
            {"exit": code, "text": text, "started": self.began, "ended": time.time(), "problems": problems},
            ensure_ascii=False))

    def _report_stands(self) -> bool:
        """Whether the page that is there shows all there is: it takes seconds to draw one for a long film."""
        assert self.run is not None
        folder, page = self.run.folder, self.run.folder / report.NAME
        if any(one.state in NEWS for one in self.view.board.nodes()) or not page.is_file():
            return False
        unchanged = all(self.run.ledger.meta(key) == self.before[key] for key in REPORTED)
        went_well = json.loads(self.before["outcome"] or "{}").get("exit") == 0
        latest = max((folder / "storyboard.yaml").stat().st_mtime, *(one.changed_at for one in self.bought), 0.0)
        return unchanged and went_well and page.stat().st_mtime >= latest

    def _there(self) -> dict[str, Path]:
        """The report and the preview, as far as they are there."""
        folder = self.loaded.draft.output_dir
        drawn, preview = folder / report.NAME, self.view.board.node("preview")
        there = {"report": drawn} if drawn.is_file() and not self.orders.plan_only else {}
        return there | ({"preview": folder / PREVIEW} if preview is not None and preview.state == "made" else {})

    def what_there_is(self, error: LongtakeError) -> None:
        """After a failure: what was made all the same, and where the report is."""
        if self.run is not None and not self.orders.plan_only:
            film = error.film if isinstance(error, Unresolved) else None
            known(**({"film": str(film)} if film else {}))
            self._summary(film)

    def last_words(self, film: Path | None, *, as_json: bool) -> None:
        """What was made and where it is; or that the run was interrupted and goes on when it is run again."""
        storyboard = self.loaded.draft.output_dir / "storyboard.yaml"
        if as_json:
            self._document(film, storyboard)
        elif self.signalled:
            terminal.warn(f"interrupted; {f'{jobs} and goes on from here' if (jobs := going_on(self.bought)) else GOES_ON}")
        elif self.orders.plan_only or self.orders.sheets_only:
            terminal.say(f"storyboard {short(storyboard)}", always=True)
            if self.orders.sheets_only and (sheets := storyboard.parent / "sheets").is_dir():
                terminal.say(f"sheets     {short(sheets)}: a picture of yours put there under the same name takes the place of "
                             "one; `run` draws the film by them", always=True)
        elif self.preview is not None:
            terminal.say(f"{'preview':<11}{short(self.preview.path)}", always=True)
            for line in preview_words.lines(self.preview):
                terminal.say(line)
        else:
            self._summary(film)

    def _summary(self, film: Path | None) -> None:
        there = {name: short(path) for name, path in self._there().items()}
        self.view.summary(film=short(film) if film else "", report=there.get("report", ""), preview=there.get("preview", ""),
                          money=self._spent())
        if going_on(self.bought):
            terminal.warn(going_on(self.bought))

    def _spent(self) -> str:
        """What this run cost, and the film so far; empty when nothing was ever bought for it."""
        now = [one for one in self.bought if one.id > self.bought_before]
        if not self.bought or len(now) == len(self.bought):
            return str(spent(now)) if now else ""
        return f"{spent(now) if now else 'nothing spent'} in this run, {spent(self.bought)} in all"

    def _money(self) -> dict[str, object]:
        """The same as data, with the jobs that go on at providers."""
        if not self.bought:
            return {}
        total = spent(self.bought)
        jobs = [{"purchase": one.id, "node": one.node, "provider": one.provider, "job": one.remote_id}
                for one in under_way(self.bought)]
        return {"charged_usd": total.charged_usd, "reserved_usd": total.reserved_usd, "under_way": jobs}

    def _document(self, film: Path | None, storyboard: Path) -> None:
        there = self._there()
        document = {"exit": self.exit_code, "run_folder": storyboard.parent, "film": film, "storyboard": storyboard,
                    "report": there.get("report"), "preview": there.get("preview"), **self._money()}
        if self.preview is not None:
            document |= preview_words.document(self.preview)
        if self.signalled:
            document |= {"error": "interrupted", "advice": GOES_ON, "problems": []}
        terminal.json_out(document)
