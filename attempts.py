"""One artifact, tried at one backend after the other, and in other words where a provider objects. Makes nothing itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import moderation
from errors import (
    BadOutput,
    CapReached,
    ConsentMissing,
    GenerationFailed,
    MediaError,
    Moderated,
    NoNetwork,
    StillOut,
    Unresolved,
    foreign_code,
)
from runtime import outcome
from runtime.outcome import Blocked, Failed, Made, Outcome
from runtime.pools import in_thread
from runtime.purchases import Purchase
from runtime.run_store import RunStore, Wish
from runtime.till import Counter

T = TypeVar("T")
BUDGET = "budget"
"""Who blocks what the cap has no room for."""
NETWORK = "network"
"""Who blocks what nobody could be asked for."""
SPOILT, SPOILT_AGAIN = 2, 1
"""After so many charged things of no use, and none of use, a run buys no more of a backend: the next would be no better. The
second where earlier runs have nothing of use from it either: a person was told so before agreeing to this one."""
BAD_OUTPUTS = 1
"""How often one run asks the same backend again after it found its own output unusable."""


class Backend(Protocol):
    """What is asked of a backend here, of clips or of pictures."""

    @property
    def name(self) -> str: ...
    @property
    def charges(self) -> bool: ...
    async def places(self) -> int: ...


B = TypeVar("B", bound=Backend)


@dataclass(frozen=True)
class Try:
    """How one attempt differs from the plan: `prompt` in other words, `number` of re-rolls before it."""

    prompt: str
    number: int
    counter: Counter


@dataclass(frozen=True)
class Artifact(Generic[B, T]):
    """What is to be made. able: why a backend cannot make it, in words; fits: why not in these other words. make: one
    attempt. again: earlier refusals do not count, since a person asked for another take."""

    wish: Wish
    why: str
    prompt: str
    pool: str
    priority: float
    able: Callable[[B], Sequence[str]]
    make: Callable[[B, Try], Awaitable[T]]
    reword: moderation.Reword
    again: bool = False
    fits: Callable[[B, str], Sequence[str]] = lambda backend, prompt: ()


async def by_one_of(backends: Sequence[B], run: RunStore, artifact: Artifact[B, T]) -> Outcome[T]:
    """The first backend that makes it. A fallback is asked only after one has verifiably failed: never while a purchase may
    have arrived, goes on, or had no room under the cap."""
    node, reasons, advice = artifact.wish.node, list[str](), dict[str, None]()
    counter = run.till.counter(node, artifact.wish.wanted)
    live = await counter.out()
    in_turn = list(_from(live.provider if live else "", backends))
    if live is not None and not in_turn:
        return _told(run, node, _out_of_reach(live))
    for backend in in_turn:
        unable = artifact.able(backend) if live is None else ()  # what is bought is waited for, whatever holds by now
        if unable:
            reasons.append(f"{backend.name} cannot make it: {'; '.join(unable)}")
            run.events.emit("note", node, reasons[-1])
            continue
        priority = float("inf") if live is not None else artifact.priority
        pool = run.pool(f"{artifact.pool} {backend.name}", await backend.places())
        if pool.taken:
            run.events.emit("waiting", node, f"a place at {backend.name}")
        async with pool.turn(priority):
            run.events.emit("started", node, artifact.why, backend=backend.name)
            try:
                return Made(await _in_words(backend, run, artifact, counter))
            except Unresolved as lost:
                return _told(run, node, outcome.Unresolved(str(lost), lost.jobs))
            except (CapReached, ConsentMissing) as full:
                return _told(run, node, Blocked(BUDGET, str(full)))
            except NoNetwork as away:
                return _told(run, node, Blocked(NETWORK, str(away)))
            except StillOut as out:
                return _told(run, node, Failed(f"{out} ({out.advice})"))
            except (GenerationFailed, MediaError) as error:
                reasons.append(f"{backend.name}: {error}")
                advice |= {error.advice: None} if error.advice else {}
                run.events.emit("note", node, reasons[-1])
            finally:
                counter.parted()
        live = None
    return _told(run, node, Failed("; ".join(reasons), "; ".join(advice)))


def _from(provider: str, backends: Sequence[B]) -> Iterator[B]:
    """The backends from the one that a purchase is out at; those before it have failed already. All when none is out."""
    found = not provider
    for backend in backends:
        found = found or backend.name == provider
        if found:
            yield backend


def _out_of_reach(live: Purchase) -> Failed | outcome.Unresolved:
    """A purchase at a provider that the config names no more."""
    reason = (f"purchase {live.id} for it is out at {live.provider}, which this config does not name; name it as "
              f"fallback_backend, or `resolve {live.id}`")
    return outcome.Unresolved(reason, (live.id,)) if live.state == "UNKNOWN" else Failed(reason)


def _told(run: RunStore, node: str, ended: Failed | Blocked | outcome.Unresolved) -> Failed | Blocked | outcome.Unresolved:
    run.events.emit("blocked" if isinstance(ended, Blocked) else "failed", node, ended.reason)
    return ended


async def _in_words(backend: B, run: RunStore, artifact: Artifact[B, T], counter: Counter) -> T:
    """One backend, asked as the plan says, and after a refusal as `moderation` says."""
    node, prompt, bad = artifact.wish.node, artifact.prompt, 0
    while True:
        refused = _refusals(backend, run, artifact, counter)
        live = await counter.out()
        step = moderation.after(refused, artifact.prompt) if live is None else moderation.Next()
        if step.over:
            raise GenerationFailed(f"{step.over}: {refused[-1].reason} (edit the prompt, or --redo asks again)")
        if live is None:
            await _worth_more(backend, counter)
        if step.rewrite:
            prompt = await _rewritten(backend, run, artifact, refused[-1].reason)
        try:
            with foreign_code():
                return await artifact.make(backend, Try(prompt, len(refused) + bad, counter))
        except (GenerationFailed, MediaError) as error:
            await _verified(counter, error)
            bad += isinstance(error, BadOutput)
            if isinstance(error, Moderated) and len(_refusals(backend, run, artifact, counter)) > len(refused):
                run.events.emit("note", node, f"{backend.name} objects ({error.side}): {error}")
            elif isinstance(error, BadOutput) and bad <= BAD_OUTPUTS:
                run.events.emit("note", node, f"{backend.name} found its own output unusable, asking once more: {error}")
            else:
                raise


async def _worth_more(backend: Backend, counter: Counter) -> None:
    """Raises GenerationFailed where all that this run has from a backend was paid and of no use."""
    if not backend.charges:
        return
    model = getattr(backend, "model_version", "")
    spoilt = await in_thread(counter.spoilt, backend.name, model)
    before = await in_thread(counter.till.purchases.in_vain, backend.name, model, counter.till.since) if spoilt else []
    if len(spoilt) >= (SPOILT_AGAIN if before else SPOILT):
        raise GenerationFailed(f"it was paid for {len(spoilt)} that cannot be used, and for none that can, so this run buys no "
                               f"more of it: {spoilt[-1].reason}")


def _refusals(backend: B, run: RunStore, artifact: Artifact[B, T], counter: Counter) -> list[Purchase]:
    """What this backend objected to so far, in earlier runs too, oldest first."""
    return [one for one in counter.history() if one.refusal and one.provider == backend.name
            and (not artifact.again or one.id > run.till.since)]


async def _verified(counter: Counter, error: GenerationFailed | MediaError) -> None:
    """A failure is one only when nothing is out for the artifact; else, whatever a backend raised, raises StillOut."""
    live = await counter.out()
    if live is not None:
        raise StillOut(f"{error}; purchase {live.id} at {live.provider} is out for it all the same",
                       advice="running again goes on with it; nothing is bought again") from error


async def paid_for(run: RunStore, counter: Counter, sha256: str) -> None:
    """What was bought is a take now: the purchase is done, and the copy it was kept in until now goes."""
    purchase = await counter.out()
    if purchase is not None and purchase.state == "FETCHED" and purchase.sha256 == sha256:
        await counter.done(sha256)
        (run.folder / (purchase.path or "")).unlink(missing_ok=True)


async def useless(counter: Counter, reason: str) -> None:
    """What was bought cannot be used: the purchase has failed, and was charged. Its file stays where it is."""
    purchase = await counter.out()
    if purchase is not None and purchase.state == "FETCHED":
        await counter.ended(purchase, "FAILED", f"{reason} (the file is {purchase.path})", charged_usd=purchase.charged_usd,
                            by=purchase.charged_by)


async def _rewritten(backend: B, run: RunStore, artifact: Artifact[B, T], reason: str) -> str:
    """The prompt in other words that this backend takes. Raises GenerationFailed where there are none: a fallback is asked."""
    other = await artifact.reword(artifact.prompt, reason)
    if other is None or other.prompt == artifact.prompt:
        raise GenerationFailed(f"{reason}; no other words were found for it: edit its prompt in storyboard.yaml")
    if wrong := artifact.fits(backend, other.prompt):
        raise GenerationFailed(f"{reason}; in other words it cannot be asked for ({'; '.join(wrong)}): shorten its prompt in "
                               "storyboard.yaml")
    run.events.emit("note", artifact.wish.node, f"asking in other words: {other.changes}")
    return other.prompt
