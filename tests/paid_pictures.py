"""Small films whose keyframes and plans are bought from the servers that bill, run as a person would. Not a test."""

from __future__ import annotations

import json
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from runtime.ledger import Ledger
from runtime.purchases import Purchase
from tests import films, paid_runs, ready_runs
from tests.paid_runs import KEY, LONGEST_S, again, purchases, sha256
from tests.servers import GoogleServer, OpenAIServer, StabilityServer

STORY = "A fox stands on the frozen lake and bleeds. The fox runs across the frozen lake."
OPENING = "The first moment of this action"
"""Words of the prompt of just the first keyframe."""
ASKED_FOR = {"max_cost_usd": 20, "rebuy_unknown_usd": 0}
SIMPLY_AGAIN = {"max_cost_usd": 20, "rebuy_unknown_usd": 1}
SERVERS: dict[str, Any] = {"openai": OpenAIServer, "stability": StabilityServer, "google": GoogleServer}
SECTIONS = {"openai": "openai_images", "stability": "stability_images", "google": "google_images"}
MODELS = {"openai": {"model_version": "gpt-image-2.5-flare", "quality": "low"}, "stability": {}, "google": {}}
Server = OpenAIServer | GoogleServer | StabilityServer


@contextmanager
def server_of(provider: str, **how: Any) -> Iterator[Server]:
    """The stand-in for who draws."""
    with SERVERS[provider](**how) as server:
        yield server


def config(folder: Path, provider: str, server: Server, **more: Any) -> films.Film:
    """A film of one scene, two segments, three keyframes that this server draws; the animatic makes the clips."""
    block = {"base_url": server.url, "api_key": KEY, **MODELS[provider]}
    short = {"prompt": STORY, "duration_seconds": 2, "segment_seconds": 1, "size": "160x90", "fps": 8}
    told = {"image_generation_backend": provider, SECTIONS[provider]: block, "image_fallback_backends": [],
            "budget": SIMPLY_AGAIN}
    return films.write_config(folder, **{**short, **told, **more})


def planned_by(server: Server, **more: Any) -> dict[str, Any]:
    """The block of a planner that asks this server."""
    return {"provider": "openai", "model": "gpt-6-luna", "base_url": server.url, "api_key": KEY, "critic": False, **more}


def undisturbed(folder: Path, provider: str, plans: bool = False) -> str:
    """The hash of a film that nothing interrupted. plans: the same server plans it, too."""
    with server_of(provider) as server:
        film = config(folder, provider, server, **({"planner": planned_by(server)} if plans else {}))
        code, said = again(film)
        assert code == 0, said
        return sha256(film.film)


def killed(film: films.Film, point: str, visit: int = 1) -> None:
    """A run that dies at a commit point."""
    child = ready_runs.start(film, point=point, visit=visit)
    child.join(LONGEST_S)
    assert child.exitcode == -signal.SIGKILL, ready_runs.said(film)


def lost(film: films.Film) -> list[Purchase]:
    """Those whose answer was lost, so far as the ledger knows once a run has looked."""
    return [one for one in purchases(film) if one.state == "UNKNOWN"]


def drawn(server: Server, purchase: Purchase) -> list[Decimal]:
    """What the server billed for the words of a picture, once for each time."""
    return [bill.usd for bill in server.bills if bill.order.prompt == purchase.asked["words"]]


def give_up(film: films.Film, purchase: Purchase, charged_usd: Decimal | int) -> None:
    """What a person does about a lost answer who has looked into the provider's bill."""
    code, said = paid_runs.told("resolve", str(purchase.id), "--abandon", "--charged", str(charged_usd), "--output-dir",
                                str(film.folder))
    assert code == 0, said


def assert_whole(film: films.Film, server: Server, like: str) -> None:
    """The film is the undisturbed one, everything in it was bought and nothing half done is left."""
    assert sha256(film.film) == like
    bought = purchases(film)
    assert {one.state for one in bought} <= {"DONE", "ABANDONED"}
    assert not [*film.folder.rglob("*.part"), *film.folder.rglob("bought-*"), *film.folder.rglob("*.answer.json")]
    ledger = Ledger(film.folder / "ledger.sqlite", read_only=True)
    try:
        assert ledger.check() == "ok"
    finally:
        ledger.close()


def assert_twice_only_what_was_lost(film: films.Film, server: Server) -> None:
    """Every artifact has one purchase that brought it; what was billed besides are answers that were lost, counted in full, or
    at what the answer itself said where that was recorded before its picture was."""
    bought = purchases(film)
    done, given_up = ([one for one in bought if one.state == state] for state in ("DONE", "ABANDONED"))
    assert set(Counter(one.wanted for one in done).values()) <= {1}
    for one in given_up:
        came = one.evidence.get("answer", {}).get("charged_usd")
        assert one.charged_usd == (one.reserved_usd if came is None else Decimal(came))
    bills = Counter(bill.artifact for bill in server.bills)
    price = {bill.artifact: bill.usd for bill in server.bills}
    twice = sum((price[artifact] * (times - 1) for artifact, times in bills.items()), Decimal(0))
    assert sum(bills.values()) - len(bills) <= len(given_up) and len(bills) == len(done)
    assert charged(done) + twice == server.total_usd <= charged(bought)


def charged(bought: list[Purchase]) -> Decimal:
    return sum((one.charged_usd or Decimal(0) for one in bought), Decimal(0))


def costs(film: films.Film) -> dict[str, Any]:
    """What `costs` says of this film, by model."""
    code, said = paid_runs.told("costs", "--config", str(film.config), "--by", "model", "--json")
    assert code == 0, said
    found: dict[str, Any] = json.loads(said)
    return found
