"""A rehearsal of a paid run, for free: all servers in the foreground, a line for every job and bill, a table at the end.

    python -m tests.servers --latency 5 --faults "429@2:retry_after=3, failed:SAFETY.OUTPUT.VIDEO@4"
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from tests.servers.billing_server import BillingServer
from tests.servers.faults import Faults, described
from tests.servers.google import GoogleServer
from tests.servers.ledger_of_bills import ENDS, Job
from tests.servers.openai import OpenAIServer
from tests.servers.runway import RunwayServer
from tests.servers.stability import StabilityServer

CONFIGS = {
    "Runway": """runway_ml:
  base_url: {url}
  api_key: rehearsal
  model_version: veo3.1_fast""",
    "Google": """google_veo:
  base_url: {url}
  api_key: rehearsal
  model_version: gemini-omni-1.1-flash

google_veo:                     # or Veo, the Vertex way
  base_url: {url}
  access_token: rehearsal
  project_id: rehearsal
  region: us-central1
  model_version: veo-3.1-fast-generate-001

google_images:                  # with image_generation_backend: google
  base_url: {url}
  api_key: rehearsal""",
    "OpenAI": """planner:                        # tells a story of its own, whatever the prompt
  provider: openai
  model: gpt-6-luna
  base_url: {url}
  api_key: rehearsal

openai_images:                  # with image_generation_backend: openai
  base_url: {url}
  api_key: rehearsal
  model_version: gpt-image-2.6-flare""",
    "Stability": """stability_images:               # with image_generation_backend: stability
  base_url: {url}
  api_key: rehearsal
  model_version: sd3.5-large""",
}
PORTS = {"Runway": 8811, "Google": 8812, "OpenAI": 8813, "Stability": 8814}


class Watcher:
    """Says what has changed on one server since it last looked."""

    def __init__(self, name: str, server: BillingServer, console: Console) -> None:
        self._name, self._server, self._console = name, server, console
        self._posts = 0
        self._accepted: set[str] = set()
        self._ended: set[str] = set()

    def look(self) -> None:
        posts = self._server.posts
        answered = next((place for place, post in enumerate(posts[self._posts :]) if post.status is None), len(posts))
        for post in posts[self._posts : self._posts + answered]:
            self._posts += 1
            if post.job is None:
                self._say("refused", f"POST {post.number} {post.model}", f"status {post.status or 'none: cut off'}", "yellow")
            elif post.status != 200:
                self._say("lost", f"POST {post.number} {post.model}", f"accepted as {post.job}, the reply was spoilt", "yellow")
        now = self._server.advance()
        for job in self._server.jobs:
            self._follow(job, now)

    def _follow(self, job: Job, now: float) -> None:
        order = job.order
        if job.id not in self._accepted:
            self._accepted.add(job.id)
            words = " ".join(order.prompt[:48].split())
            self._say(f"job {job.number}", f"{order.model} {order.what}", f"at most {_usd(order.most_micros)}  {words}", "cyan")
        phase = job.phase(now)
        if phase in ENDS and job.id not in self._ended:
            self._ended.add(job.id)
            colour = "green" if phase == "succeeded" else "red"
            self._say(f"bill {job.number}", phase, _usd(job.micros(now)), colour)

    def _say(self, what: str, about: str, more: str, colour: str) -> None:
        clock = time.strftime("%H:%M:%S")
        self._console.print(f"{clock} {self._name:<9} [{colour}]{what:<8}[/] {escape(about)}  {escape(more)}", soft_wrap=True)


def _usd(micros: int) -> str:
    """Dollars; a hundredth of a cent where there is less than a cent."""
    return f"${micros / 1e6:.2f}" if micros >= 10_000 or not micros else f"${micros / 1e6:.4f}"


def summary(servers: Mapping[str, BillingServer]) -> Table:
    """What came in and what it cost."""
    table = Table("server", "model", "POSTs", "jobs", "bills", "dollars", title="This rehearsal (nobody was charged)")
    for column in table.columns[2:]:
        column.justify = "right"
    for name, server in ((name, server) for name, server in servers.items() if server.posts):
        bills = server.bills
        for model in sorted({post.model for post in server.posts}):
            mine = [bill for bill in bills if bill.order.model == model]
            table.add_row(name, model or "?", str(sum(post.model == model for post in server.posts)),
                          str(sum(job.order.model == model for job in server.jobs)), str(len(mine)),
                          _usd(sum(bill.micros for bill in mine)).lstrip("$"))
        table.add_row(name, "in all", str(len(server.posts)), str(len(server.jobs)), str(len(bills)),
                      _usd(sum(bill.micros for bill in bills)).lstrip("$"), style="bold", end_section=True)
    return table


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description="Runway, Google, OpenAI and Stability on this "
                                     "machine: real plans, pictures and clips, bills that nobody pays. Stop with Ctrl-C.")
    for name, port in PORTS.items():
        parser.add_argument(f"--{name.lower()}-port", type=int, default=port, metavar="PORT",
                            help=f"usual: {port}; 0: any that is free")
    parser.add_argument("--latency", type=float, default=2.0, metavar="S", help="seconds a job or an answer takes (usual: 2)")
    parser.add_argument("--concurrent", type=int, default=3, metavar="N", help="jobs Runway runs at once per model (usual: 3)")
    parser.add_argument("--credits", type=int, default=10_000, help="the balance at Runway and at Stability, 100 to a "
                        "dollar (usual: 10000)")
    parser.add_argument("--faults", default="", metavar="SCRIPT", help="what goes wrong: KIND@N, KIND*TIMES, KIND~WORDS, with "
                        "commas between; for every server")
    parser.add_argument("--list-faults", action="store_true", help="show what can go wrong, and stop")
    given = parser.parse_args(arguments)
    try:
        Faults.parse(given.faults)
    except ValueError as error:
        parser.error(f"--faults: {error}")
    return given


def _greet(console: Console, servers: Mapping[str, BillingServer]) -> None:
    for name, server in servers.items():
        console.print(f"[bold]{name}[/] answers at {server.url}. In config.yaml:\n", highlight=False)
        console.print(CONFIGS[name].format(url=server.url) + "\n", markup=False, highlight=False)
    proxies = [name for name in os.environ if name.lower() in ("http_proxy", "all_proxy")]
    if proxies and "127.0.0.1" not in os.environ.get("NO_PROXY", os.environ.get("no_proxy", "")):
        console.print(f"[yellow]{proxies[0]} is set: run Longtake with NO_PROXY=127.0.0.1, or it will not get here.[/]")
    console.print("Waiting for jobs; Ctrl-C ends the rehearsal and shows the bill.", style="dim")


def _servers(given: argparse.Namespace) -> dict[str, BillingServer]:
    both: dict[str, Any] = {"latency_s": given.latency, "faults": given.faults}
    return {
        "Runway": RunwayServer(credits=given.credits, concurrent=given.concurrent, port=given.runway_port, **both),
        "Google": GoogleServer(port=given.google_port, **both),
        "OpenAI": OpenAIServer(port=given.openai_port, varied=True, **both),
        "Stability": StabilityServer(credits=given.credits, port=given.stability_port, **both),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs until SIGINT or SIGTERM."""
    given = _options(arguments)
    console = Console(highlight=False)
    if given.list_faults:
        table = Table(Column("fault", no_wrap=True), "what happens", box=None)
        for fault, says in described():
            table.add_row(escape(fault), escape(says))
        console.print(table)
        return 0
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    servers = _servers(given)
    with ExitStack() as stack:
        for name, server in servers.items():
            try:
                stack.enter_context(server)
            except OSError as error:
                console.print(f"{name}: {error.strerror}: choose another port with --{name.lower()}-port", style="red")
                return 7
        _greet(console, servers)
        watchers = [Watcher(name, server, console) for name, server in servers.items()]
        while not stop.wait(0.1):
            for watcher in watchers:
                watcher.look()
        for watcher in watchers:
            watcher.look()
    console.print()
    console.print(summary(servers))
    return 0


if __name__ == "__main__":
    sys.exit(main())
