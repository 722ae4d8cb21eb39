"""`resolve`: a person says what became of a purchase that nobody else can tell of. Asks no provider and buys nothing."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.options import EXISTING_FILE, folder_options, naming, run_folder, speak, typed

if TYPE_CHECKING:
    from errors import UserMistakes
    from runtime.purchase_model import Purchase, State
    from runtime.run_store import RunStore

MOST_USD = Decimal(1_000_000)
ASPECT_SLACK = 0.02
"""How far a clip's aspect may be off the one that was asked for: what trimming hides."""

WHY = {"bound": ", all that was reserved", "provider": ", as billed", "prices": ", by the price list"}


@dataclass(frozen=True)
class Said:
    """What a person says became of a purchase: the job it is, the file it brought, or that nothing will come of it."""

    attach: str | None
    file: Path | None
    abandon: bool
    charged_usd: Decimal | None

    @property
    def option(self) -> str:
        return "--abandon" if self.abandon else "--file" if self.file else "--attach"


def _id(context: click.Context, option: click.Parameter, text: str | None) -> str | None:
    if text is not None and not re.fullmatch(r"[^\s\x00-\x1f\x7f]{1,500}", text.strip()):
        raise click.BadParameter("an id is one word, as the provider shows it")
    return text.strip() if text is not None else None


def _dollars(context: click.Context, option: click.Parameter, text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        usd = Decimal(text.strip().removeprefix("$"))
    except InvalidOperation:
        usd = Decimal("NaN")
    if not (usd.is_finite() and 0 <= usd <= MOST_USD):
        raise click.BadParameter(f"{text!r} is not an amount in US dollars like 0.25, or 0")
    return usd


@click.command("resolve")
@click.argument("job", type=click.IntRange(min=1))
@click.option("--attach", metavar="ID", callback=_id, help="It arrived: the provider shows it as this job. The next run waits "
              "for it and fetches its clip; nothing is bought again. Also puts right an id you gave before.")
@click.option("--file", type=EXISTING_FILE, metavar="CLIP", help="It arrived, and this is what it made: a video of the length "
              "and shape that was asked for. It is copied, and the next run takes it in.")
@click.option("--abandon", is_flag=True, help="Nothing will come of it, and the next run may buy anew. Counted as charged in "
              "full, so that the cap is kept, unless --charged says otherwise.")
@click.option("--charged", metavar="USD", callback=_dollars, help="With --file or --abandon: what the provider charged for it, "
              "in US dollars; 0 when it is not on their bill. Puts right a charge that was given up before, too.  "
              "[default: all that was reserved]")
@folder_options
def command(job: int, attach: str | None, file: Path | None, abandon: bool, charged: Decimal | None, config: Path | None,
            output_dir: str | None, **voice: Any) -> int:
    """Say what became of purchase number JOB: one of --attach, --file and --abandon. `jobs` shows what is known of each.

    A purchase whose answer was lost is never bought again by itself, since it may have been paid for. Have a look at what
    the provider shows, then say it here. One that is under way can be given up or given its file, too.
    """
    import terminal
    from runtime.run_store import open_run

    speak(**voice)
    said = _one_of(attach, file, abandon, charged)
    folder, which = run_folder(config=config, output_dir=output_dir), naming(config, output_dir)
    with open_run(folder) as run:
        before = _resolvable(run, job, said, which)
        after = STEPS[said.option](run, before, said)
        _make_known(run, before, after)
    follows, again = _next(after), typed(f"run {which if config or not output_dir else f'--config FILE {which}'}")
    if voice["json"]:
        terminal.json_out({"run_folder": str(folder), "purchase": job, "before": before.state, "state": after.state,
                           "remote_id": after.remote_id, "charged_usd": after.charged_usd, "file": after.path, "next": follows,
                           "to_type": again})
        return 0
    terminal.say(f"{_named(after)}: {_told(after)}", style="bold", always=True)
    terminal.say(f"{follows}:", always=True)
    terminal.say(f"  {again}", style="bold", always=True)
    return 0


def _one_of(attach: str | None, file: Path | None, abandon: bool, charged: Decimal | None) -> Said:
    given = [name for name, value in (("--attach", attach), ("--file", file), ("--abandon", abandon)) if value]
    if len(given) != 1:
        raise click.UsageError("say one of --attach ID, --file CLIP and --abandon" + (
            f", not {' and '.join(given)} together" if given else ": `jobs` shows what is known of each purchase"))
    if attach and charged is not None:
        raise click.UsageError("--charged goes with --file or --abandon: of a job the provider says it itself")
    return Said(attach, file, abandon, charged)


def _refused(purchase: str, what: str, advice: str = "") -> UserMistakes:
    from errors import Problem, UserMistakes

    return UserMistakes([Problem(purchase, what)], advice=advice)


def _resolvable(run: RunStore, job: int, said: Said, which: str) -> Purchase:
    """The purchase of that number. Raises UserMistakes when there is none, or when this cannot be said of it."""
    from runtime.purchase_words import SAID

    found = run.ledger.purchases.get(job)
    jobs = f"`{typed(f'jobs {which}')}` shows what there is"
    if found is None:
        raise _refused(f"purchase {job}", "there is no such purchase in this film", jobs)
    can = _options_for(found)
    if said.option in can or (found.state == "ABANDONED" and said.abandon and said.charged_usd is not None):
        return found
    if found.state == "ABANDONED" and said.abandon:
        raise _refused(_named(found), f"it is given up already, {_cost(found)}", "--charged USD puts that right")
    if found.kind == "call" and found.state == "UNKNOWN":
        raise _refused(_named(found), f"its answer would have been the thing itself, there is no job: {said.option} does not "
                       "apply", "give it up with --abandon; a picture of your own goes into keyframes/")
    allowed = f"it can be resolved with {' or '.join(can)}" if can else "there is nothing to resolve"
    raise _refused(_named(found), f"it is {SAID[found.state]}: {allowed}", jobs)


def _options_for(purchase: Purchase) -> tuple[str, ...]:
    """What can be said of a purchase in its state."""
    if purchase.kind == "call":
        return ("--abandon",) if purchase.state in ("UNKNOWN", "FETCHED") else ()
    states: dict[State, tuple[str, ...]] = {
        "UNKNOWN": ("--attach", "--file", "--abandon"), "FETCHED": ("--abandon",),
        "SUBMITTED": ("--attach", "--file", "--abandon") if purchase.attached else ("--file", "--abandon")}
    return states.get(purchase.state, ())


def _attach(run: RunStore, purchase: Purchase, said: Said) -> Purchase:
    from runtime.purchase_model import IdTaken

    try:
        return run.ledger.purchases.attach(purchase.id, said.attach or "")
    except IdTaken as other:
        raise _refused(_named(purchase), f"{said.attach} is the id of purchase {other.id}", "see which of the provider's jobs "
                       "is this one; when none is, --abandon gives it up") from other


def _give(run: RunStore, purchase: Purchase, said: Said) -> Purchase:
    """Copies the file to where the next run looks for it. Killed at any moment, the purchase stands as before or as given."""
    from runtime import durable
    from runtime.commit_points import reached

    assert said.file is not None
    kept = run.path("takes", purchase.node.split()[-1], f"bought-{purchase.id}.mp4")
    part = kept.with_name(kept.name + durable.PART)
    with durable.disk_trouble(kept):
        try:
            shutil.copyfile(said.file, part)  # judged is the copy: the original may change meanwhile
            wrong = _wrong(part, purchase)
            if wrong:
                raise _refused(str(said.file), wrong, "see that it is the clip of this purchase; to do without it: --abandon")
            digest = durable.sha256_of(part)
            reached("purchase.downloaded")
            durable.file_it(part, kept)
        finally:
            part.unlink(missing_ok=True)
    given = run.ledger.purchases.given(purchase.id, kept.relative_to(run.folder).as_posix(), digest, said.charged_usd)
    reached("purchase.fetched")
    return given


def _abandon(run: RunStore, purchase: Purchase, said: Said) -> Purchase:
    usd = said.charged_usd
    if purchase.state == "ABANDONED" and usd is not None:
        return run.ledger.purchases.recharged(purchase.id, usd)
    reason = f"given up; {purchase.reason}" if purchase.reason else "given up"
    if usd is None:
        return run.ledger.purchases.ended(purchase.id, "ABANDONED", reason, charged_usd=purchase.charged_usd,
                                          by=purchase.charged_by)
    return run.ledger.purchases.ended(purchase.id, "ABANDONED", reason, charged_usd=usd, by="person")


STEPS: dict[str, Callable[[RunStore, Purchase, Said], Purchase]] = {"--attach": _attach, "--file": _give, "--abandon": _abandon}


def _wrong(clip: Path, purchase: Purchase) -> str:
    """How a file differs from what was asked for; empty when the next run can use it."""
    from errors import MediaError
    from media import probe
    from media.film_format import near_enough

    try:
        facts = probe.probe(clip)
        probe.check_decodes(clip)
    except MediaError as error:
        return f"is no video that can be used: {error}"
    lasts, wanted = float(facts.frames / facts.fps), purchase.asked.get("lasts_s", purchase.asked.get("seconds"))
    if isinstance(wanted, int | float) and not near_enough(facts.frames, round(wanted * facts.fps)):
        return f"lasts {lasts:.2f} s where {wanted:g} s were asked for"
    width, height = _shape(purchase)
    if width and abs(facts.size.width / facts.size.height * height / width - 1) > ASPECT_SLACK:
        return f"is {facts.size} where {width}x{height} was asked for, another shape"
    return ""


def _shape(purchase: Purchase) -> tuple[int, int]:
    """The size or the aspect that was asked for, as width and height; (0, 0) when none was."""
    said = str(purchase.asked.get("size") or purchase.asked.get("shape") or "")
    found = re.fullmatch(r"([1-9]\d{0,4})[x:]([1-9]\d{0,4})", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _make_known(run: RunStore, before: Purchase, after: Purchase) -> None:
    """An event for pages and people, and the charge for the books of all films."""
    import terminal
    from runtime.spend import journal

    run.events.emit("note", after.node, f"purchase {after.id} was {before.state}, is {after.state}: {_told(after)}",
                    purchase=after.id, state=after.state)
    run.events.listen(lambda event: terminal.warn(event.text))
    journal(run)  # it adds what is missing, and that is this


def _named(purchase: Purchase) -> str:
    from terminal_live import called

    return f"purchase {purchase.id}, {called(purchase.node)}"


def _told(after: Purchase) -> str:
    if after.state == "SUBMITTED":
        return f"it is job {after.remote_id} at {after.provider}"
    return f"{'given up' if after.state == 'ABANDONED' else f'its clip is {after.path}'}, {_cost(after)}"


def _cost(purchase: Purchase) -> str:
    from runtime.money import dollars

    if purchase.charged_usd is None:
        return "at a price nobody knows"
    return f"counted as {dollars(purchase.charged_usd)} charged{WHY.get(purchase.charged_by, '')}"


def _next(after: Purchase) -> str:
    """What the next run does about it, in a sentence that a command completes."""
    from terminal_live import called

    if after.state == "SUBMITTED":
        return f"the next run waits for that job and fetches its clip, and buys nothing for {called(after.node)}"
    if after.state == "FETCHED":
        return f"the next run takes the clip in, and buys nothing for {called(after.node)} while its plan stays as it is"
    less = "; when their bill shows less, say it with --abandon --charged USD" if after.charged_by == "bound" else ""
    return f"the next run may buy {called(after.node)} anew{less}"
