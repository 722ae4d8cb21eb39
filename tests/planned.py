"""Films planned by a language model that stands on this machine, and what was paid for them. Not a test."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import storyboard
from catalogue import load
from config_model import PlannerSettings
from media.film_format import FilmFormat, Size
from prompt_planner import Planned, Planner, PlanRequest
from runtime import events
from runtime.ledger import Ledger
from runtime.purchases import Purchase
from runtime.run_store import RunStore, open_run
from storyboard import Storyboard
from tests.servers.openai import OpenAIServer
from video_generator_interface import Capabilities, Durations

STORY = "A lighthouse keeper teaches a boy to light the lamp before the storm comes in from the sea."
KEY = "sk-test-0123456789"
FILM = FilmFormat(Size(1280, 720), Fraction(24))


def request(segments: int = 4, prompt: str = STORY, language: str | None = None, **can: Any) -> PlanRequest:
    """A film of so many segments of five seconds."""
    durations = Durations(choices=(5.0, 10.0))
    capabilities = Capabilities(durations=durations, frames=lambda seconds: round(seconds * 24), fps=Fraction(24), **can)
    return PlanRequest(prompt=prompt, duration_s=5.0 * segments, segment_s=5.0, film=FILM, durations=durations,
                       capabilities=capabilities, language=language)


def settings(server: OpenAIServer, **more: Any) -> PlannerSettings:
    return PlannerSettings(**{"provider": "openai", "model": "gpt-6-luna", "base_url": server.url, "api_key": KEY, **more})


@dataclass(frozen=True)
class Ran:
    """One planning: what came of it, what was said, and the purchases of the folder so far."""

    planned: Planned
    events: Sequence[events.Event]
    purchases: Sequence[Purchase]

    @property
    def board(self) -> Storyboard:
        return self.planned.storyboard

    @property
    def charged_usd(self) -> Decimal:
        return charged(self.purchases)

    @property
    def said(self) -> str:
        return "\n".join(one.text for one in self.events)

    def of(self, node: str) -> list[Purchase]:
        return [one for one in self.purchases if one.node.startswith(f"plan {node}")]


def charged(purchases: Sequence[Purchase]) -> Decimal:
    return sum((one.charged_usd or Decimal(0) for one in purchases), Decimal(0))


def planner(run: RunStore, server: OpenAIServer, cap: str | None = "5", **more: Any) -> Planner:
    """A planner in an open run folder, its till open."""
    run.till.open(None if cap is None else Decimal(cap), Decimal("0.05"))
    return Planner(settings(server, **more), load(), run)


def plan(folder: Path, server: OpenAIServer, asked: PlanRequest | None = None, *, edition: int = 0, **more: Any) -> Ran:
    """Plans once. Raises what planning raises."""
    with open_run(folder, [KEY]) as run:
        planned = asyncio.run(planner(run, server, **more).plan(asked or request(), edition))
        assert not list(storyboard.problems(planned.storyboard))
        bought = run.ledger.purchases.all()
    return Ran(planned, list(events.read(folder / "events.jsonl")), bought)


def purchases(folder: Path) -> list[Purchase]:
    ledger = Ledger(folder / "ledger.sqlite", read_only=True)
    try:
        return ledger.purchases.all()
    finally:
        ledger.close()


def write_config(folder: Path, server: OpenAIServer, **more: Any) -> Path:
    """A config file of a small film that is planned by the server; JSON is YAML."""
    planner_block = {"provider": "openai", "model": "gpt-6-luna", "base_url": server.url, "api_key": KEY,
                     **more.pop("planner", {})}
    values = {"prompt": STORY, "duration_seconds": 20, "segment_seconds": 5, "size": "160x90", "fps": 12, "output_dir": "out",
              "budget": {"max_cost_usd": 1}, **more, "planner": planner_block}
    path = folder / "film.yaml"
    path.write_text(json.dumps(values), encoding="utf-8")
    return path


def said_in(caplog: Any) -> str:
    return "\n".join(record.getMessage() for record in caplog.records if record.levelno >= logging.DEBUG)
