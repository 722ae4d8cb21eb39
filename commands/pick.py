"""`pick`: a person chooses another of the pictures that were made for a keyframe. Makes none and buys none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.options import folder_options, run_folder, speak

if TYPE_CHECKING:
    from candidates import Choice
    from errors import UserMistakes
    from runtime.run_store import RunStore


@click.command("pick")
@click.argument("what", type=click.Choice(["keyframe"]))
@click.argument("which", metavar="KEYFRAME")
@click.option("--candidate", type=click.IntRange(min=1), help="Its number. Left out, the candidates are listed.")
@folder_options
def command(what: str, which: str, candidate: int | None, config: Path | None, output_dir: str | None, **voice: Any) -> int:
    """Use another of the pictures that were made for a KEYFRAME (`keyframes.candidates`): `pick keyframe 4 --candidate 2`.

    KEYFRAME is the number of the segment it ends, 0 for the film's first picture, or its name (segment_04_first). The next run
    makes the clips beside it anew; keyframes that were drawn by it are stale, and stay until --refresh stale.
    """
    import terminal
    from candidates import remembered
    from runtime.run_store import open_run

    speak(**voice)
    name = _name(which)
    with open_run(run_folder(config=config, output_dir=output_dir)) as run:
        choice = remembered(run.ledger, name)
        if choice is None:
            raise _mistake(name, "there was nothing to choose from", "set keyframes.candidates, and run")
        if candidate is not None:
            choice = _picked(run, name, choice, candidate)
    if voice.get("json"):
        terminal.json_out({"keyframe": name, "chosen": choice.chosen, "by": choice.by,
                           "candidates": [vars(one) for one in choice.candidates]})
        return 0
    terminal.table(["candidate", "score", "why", ""], [
        [str(one.candidate), f"{one.score:.2f}", one.reason, "used" if one.candidate == choice.chosen else ""]
        for one in choice.candidates], title=f"keyframe {name}, chosen by {choice.by}")
    return 0


def _name(which: str) -> str:
    """`4` -> `segment_04`."""
    return f"segment_{int(which):02d}" if which.isdecimal() else which.removeprefix("keyframes/").removesuffix(".png")


def _picked(run: RunStore, name: str, choice: Choice, number: int) -> Choice:
    """Makes the candidate the keyframe's picture, and shows it in keyframes/. Raises UserMistakes when that cannot be."""
    from dataclasses import replace

    from candidates import remember, use
    from keyframe_wishes import own_pictures
    from runtime.run_store import Wish

    node = f"keyframe {name}"
    wanted = next((one for one in choice.candidates if one.candidate == number), None)
    if wanted is None:
        known = ", ".join(str(one.candidate) for one in choice.candidates)
        raise _mistake(name, f"has no candidate {number}", f"it has {known}")
    mine = own_pictures(run, name, node)
    if mine:
        raise _mistake(name, f"is a picture of yours: keyframes/{mine[0].name}", "take it out of the folder first")
    takes, shown = run.ledger.artifacts(), run.ledger.current(node)
    picture = next((one for one in takes if one.node == node and one.sha256 == wanted.sha256 and run.intact(one)), None)
    present = shown.wanted if shown is not None and shown.source == "made" else choice.wanted
    asked = next((one.asked for one in takes if one.node == node and one.wanted == present), None)
    if picture is None or asked is None:
        raise _mistake(name, f"candidate {number} is gone: {wanted.path}", "running again makes others")
    take = use(run.ledger, picture, Wish(node, asked))
    run.publish(take, run.path("keyframes", f"{name}.png"), link=False)
    picked = replace(choice, wanted=take.wanted, chosen=number, by="you")
    remember(run.ledger, name, picked)
    run.events.emit("note", node, f"candidate {number} was picked by hand")
    return picked


def _mistake(name: str, what: str, advice: str) -> UserMistakes:
    from errors import Problem, UserMistakes

    return UserMistakes([Problem(f"keyframe {name}", what, advice)])
