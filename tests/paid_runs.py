"""Small films bought from the servers that bill, killed and taken up again as a person would. Not a test."""

from __future__ import annotations

import contextlib
import hashlib
import io
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cli
from pipeline import run_pipeline
from runtime.ledger import Ledger
from runtime.purchases import Purchase
from tests import films
from tests.servers import GoogleServer, RunwayServer
from tests.servers.billing_server import BillingServer
from tests.servers.runway_models import RunwayModel

ROOT = Path(__file__).resolve().parent.parent
LONGEST_S = 120
KEY = "key-that-nobody-may-see-4711"
TINY = RunwayModel({"": "5"}, (1, 2), ("160:90",), seed=True)
PRICE = {"as_of": "2026-11-22", "source": "test"}
SPEND = ["--yes", "--max-cost", "20"]
Server = RunwayServer | GoogleServer

RUNWAY: dict[str, Any] = {
    "video_generation_backend": "runway",
    "catalogue": {"runway": {"poll_s": 0.02, "video": {"tiny": {
        "route": "image_to_video", "seconds": [1, 2], "shapes": ["160:90"], "last_frame": True, "audio": "never", "seed": True,
        "prompt": "optional", "poll_s": 0.02, "prices": [{"credits_per_second": 5, **PRICE}]}}}},
}
GOOGLE: dict[str, Any] = {
    "video_generation_backend": "veo3", "segment_seconds": 3, "duration_seconds": 9,
    "catalogue": {"google": {"video": {"gemini-omni-1.1-flash": {"poll_s": 0.02}}}},
}


@contextmanager
def server_of(provider: str, **how: Any) -> Iterator[Server]:
    """The stand-in for a provider, quick unless said otherwise."""
    made: Server = RunwayServer(models={"tiny": TINY}, **how) if provider == "runway" else GoogleServer(**how)
    with made as server:
        yield server


def config(folder: Path, provider: str, server: Server, **more: Any) -> films.Film:
    """A film of three short segments that this server makes."""
    block: dict[str, Any] = {"base_url": server.url, "api_key": KEY}
    block["model_version"] = "tiny" if provider == "runway" else "gemini-omni-1.1-flash"
    told = {**(RUNWAY if provider == "runway" else GOOGLE), ("runway_ml" if provider == "runway" else "google_veo"): block}
    short = {"duration_seconds": 3, "segment_seconds": 1, "size": "160x90", "fps": 8}
    return films.write_config(folder, **{**short, **told, **more})


def purchases(film: films.Film) -> list[Purchase]:
    """What the ledger says was bought."""
    if not (film.folder / "ledger.sqlite").exists():
        return []
    ledger = Ledger(film.folder / "ledger.sqlite", read_only=True)
    try:
        return ledger.purchases.all()
    finally:
        ledger.close()


def start(film: films.Film, *argv: str, point: str = "", visit: int = 1) -> subprocess.Popen[bytes]:
    """The real pipeline as a process of its own, to be killed; by itself at a commit point when one is named."""
    module = ["tests.crash_run", point, str(visit), "run"] if point else ["pipeline", "run"]
    return subprocess.Popen([sys.executable, "-m", *module, "--config", str(film.config), *(argv or SPEND)], cwd=ROOT,
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def again(film: films.Film, *argv: str) -> tuple[int, str]:
    """Runs it in this process: exit code, and what it said on both streams."""
    return told("run", "--config", str(film.config), *(argv or SPEND))


def told(*argv: str) -> tuple[int, str]:
    """A command in this process: exit code, and what it said on both streams."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = cli.main(run_pipeline, argv)
    return code, said.getvalue()


def resolve_all(film: films.Film, server: Server) -> int:
    """What a person does who looks at the provider's page: attaches a job that is there, abandons what never arrived.

    Returns how many there were.
    """
    wait_until_quiet(server)
    known = {one.remote_id for one in purchases(film)}
    lost = [one for one in purchases(film) if one.state == "UNKNOWN"]
    for purchase in lost:
        there = [job for job in server.jobs if job.order.prompt == purchase.asked["prompt"] and remote_id(job) not in known]
        assert len(there) <= 1, "a lost answer was bought again"
        how = ["--attach", remote_id(there[0])] if there else ["--abandon", "--charged", "0"]
        with contextlib.redirect_stdout(io.StringIO()):
            assert cli.main(run_pipeline, ["resolve", str(purchase.id), *how, "--output-dir", str(film.folder)]) == 0
        known |= {remote_id(job) for job in there}
    return len(lost)


def wait_until_quiet(server: BillingServer) -> None:
    """Until the server has dealt with all that dead clients had sent: who looks earlier sees less than there is."""
    seen, deadline = -1, time.monotonic() + LONGEST_S
    while seen != len(server.requests) or any(post.status is None for post in server.posts):
        assert time.monotonic() < deadline
        seen = len(server.requests)
        time.sleep(0.4)


def remote_id(job: Any) -> str:
    """The id a provider gave a job, as a client is told it."""
    return str(job.id)


def finish(film: films.Film, server: Server) -> None:
    """Runs, resolving what has to be resolved, until the film is there."""
    for _ in range(4):
        code, said = again(film)
        if code == 0:
            return
        assert code == 6, said
        assert "resolve" in said
        assert resolve_all(film, server)
    raise AssertionError("the film does not come to an end")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def assert_paid_once(film: films.Film, server: Server, undisturbed: str) -> None:
    """The film is the undisturbed one; every artifact was billed at most once, and the ledger knows each bill."""
    assert sha256(film.film) == undisturbed
    artifacts = [bill.artifact for bill in server.bills]
    assert len(artifacts) == len(set(artifacts)), "an artifact was billed twice"
    bought = purchases(film)
    assert {one.state for one in bought} <= {"DONE", "ABANDONED"}
    assert sum(one.charged_usd or 0 for one in bought) == server.total_usd
    assert len([one for one in bought if one.remote_id]) == len(server.jobs)
    assert not [*film.folder.rglob("*.part"), *film.folder.rglob("bought-*")]
    ledger = Ledger(film.folder / "ledger.sqlite", read_only=True)
    try:
        assert ledger.check() == "ok"
    finally:
        ledger.close()
