"""One picture of every character and every place, before keyframes are drawn by them. Draws nothing itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import errors
from attempts import BUDGET, NETWORK
from config import PipelineConfig
from errors import MediaError
from image_generator_interface import Framing, ImageGenerator, ImageRequest
from keyframe_checks import findings
from keyframe_slots import SheetKind, SheetSlot, sheet_slots
from keyframe_wishes import user_sheets, wish_for_own_sheet, wish_for_sheet
from media import frames
from media.film_format import Size
from moderation import Reword
from orders import Orders
from painting import Drawing, Easel
from runtime import durable
from runtime.identity import seed_of
from runtime.ledger import Artifact
from runtime.outcome import Blocked, Failed, Made, Outcome, Unresolved, remedies
from runtime.paid_call import NO_WAY
from runtime.pools import in_thread
from runtime.run_store import RunStore
from storyboard import Storyboard

CHARACTER_SHAPE = Size(1536, 1024)
"""Three views beside each other; a backend is asked for its nearest."""
WORDS = {
    "character": "Character reference sheet of {thing}. One and the same figure three times, side by side, on a plain light "
                 "grey background: the whole figure from the front, the whole figure from the side, and the face close up with "
                 "its usual expression. Even, neutral light. The same clothes and colours in all three.",
    "location": "Reference picture of a place: {thing}. All of it in one wide view, in its usual light, with nobody in it.",
}
AVOID = "text, letters, captions, watermark, frame, border"
FIRST = 1e6
"""Priority: everything else waits for these."""


@dataclass(frozen=True)
class Sheet:
    """A picture of a character or a place that is there. `source` is `user` for one that the user put there."""

    slot: SheetSlot
    path: Path
    sha256: str
    source: Literal["made", "user"]
    made_by: str


Sheets = Mapping[tuple[SheetKind, str], "asyncio.Task[Outcome[Sheet]]"]
"""By what it shows: `("character", "Ada")`."""


def needed(storyboard: Storyboard, backends: Sequence[ImageGenerator], config: PipelineConfig,
           orders: Orders) -> list[SheetSlot]:
    """The sheets this run draws keyframes by: none for a backend that looks at no pictures."""
    wanted = config.keyframes.sheets and backends[0].capabilities.references > 0
    return sheet_slots(storyboard, orders) if wanted else []


def render(storyboard: Storyboard, backends: Sequence[ImageGenerator], run: RunStore, tasks: asyncio.TaskGroup, *,
           config: PipelineConfig, orders: Orders, reword: Reword) -> Sheets:
    """Starts one task per sheet. One that cannot be made ends as a value that says why, and stops no other."""
    slots = needed(storyboard, backends, config, orders)
    maker = _Maker(storyboard, [one for one in backends if one.capabilities.references], run, config, reword)
    for slot in slots:
        run.events.emit("planned", slot.node)
    return {(slot.kind, slot.name): tasks.create_task(maker.settle(slot), name=slot.node) for slot in slots}


def request_for(slot: SheetSlot, storyboard: Storyboard, config: PipelineConfig) -> ImageRequest:
    """What an image backend is asked for this sheet."""
    thing = f"{slot.name}, {slot.description}" if slot.description else slot.name
    shape = CHARACTER_SHAPE if slot.kind == "character" else config.size
    return ImageRequest(
        keyframe=slot.node, prompt=WORDS[slot.kind].format(thing=thing.rstrip(". ")), negative_prompt=AVOID,
        style=storyboard.style, size=shape, seed=seed_of(config.seed, slot.node), framing=Framing())


async def finish(sheets: Sheets, run: RunStore) -> None:
    """Waits for the sheets, where a run is to make no more than those.

    Raises Unresolved, CapReached, NoNetwork or SegmentsFailed, naming each, when one is not there.
    """
    if not sheets:
        run.events.emit("note", "", "no sheets: the plan names nobody and no place, or the image backend looks at no pictures")
    ended = {name: await task for (_, name), task in sheets.items()}
    reasons = "\n".join(f"  {name}: {one.reason}" for name, one in ended.items() if not isinstance(one, Made))
    if not reasons:
        return
    lost = [job for one in ended.values() if isinstance(one, Unresolved) for job in one.jobs]
    text = f"{reasons.count(chr(10)) + 1} of {len(ended)} sheets are not there:\n{reasons}"
    if lost:
        error = errors.Unresolved(text, advice=" and ".join(f"`resolve {job} --abandon`" for job in lost) + " buys anew")
        error.jobs = tuple(lost)
        raise error
    if any(isinstance(one, Blocked) and one.by == BUDGET for one in ended.values()):
        raise errors.CapReached(text, advice="raise the cap with --max-cost and run again: what is bought is kept and counted")
    if any(isinstance(one, Blocked) and one.by == NETWORK for one in ended.values()):
        raise errors.NoNetwork(text, advice=NO_WAY)
    raise errors.SegmentsFailed(text, advice=f"{remedies(ended.values())}running again makes just those; a picture of yours in "
                                             "sheets/ takes their place")


class _Maker:
    def __init__(self, storyboard: Storyboard, backends: Sequence[ImageGenerator], run: RunStore, config: PipelineConfig,
                 reword: Reword) -> None:
        self.storyboard, self.backends, self.run, self.config = storyboard, backends, run, config
        self.easel = Easel(backends, run, reword)

    async def settle(self, slot: SheetSlot) -> Outcome[Sheet]:
        """Adopts, finds or draws one sheet."""
        try:
            theirs = await in_thread(self._adopted, slot)
            outcome = Made(theirs, fresh=False) if theirs is not None else await self._drawn(slot)
        except MediaError as error:
            self.run.events.emit("failed", slot.node, str(error))
            return Failed(str(error))
        if not isinstance(outcome, Made):
            return outcome
        sheet = await in_thread(self._published, slot, outcome.value)
        kind: Literal["made", "reused"] = "made" if outcome.fresh else "reused"
        self.run.events.emit("adopted" if sheet.source == "user" else kind, slot.node, made_by=sheet.made_by)
        return Made(sheet, fresh=outcome.fresh)

    def _adopted(self, slot: SheetSlot) -> Artifact | None:
        """The picture that a person put into sheets/."""
        for path in user_sheets(self.run, slot)[:1]:
            digest, where = durable.sha256_of(path), path.relative_to(self.run.folder).as_posix()
            wish = wish_for_own_sheet(slot, digest)
            found = self.run.find(wish)
            if found is not None and found.path == where:
                return found
            frames.load_rgb(path)  # raises MediaError when it is no picture
            return self.run.ledger.record(
                node=wish.node, wanted=wish.wanted, take=self.run.ledger.next_take(wish.node, wish.wanted), asked=wish.asked,
                made_by="user", path=where, sha256=digest, source="user")
        return None

    async def _drawn(self, slot: SheetSlot) -> Outcome[Artifact]:
        request = request_for(slot, self.storyboard, self.config)
        wish = wish_for_sheet(slot, request, self.backends[0])
        found = await in_thread(self.run.find, wish)
        if found is not None:
            return Made(found, fresh=False)
        why = await in_thread(self.run.why, wish)
        drawing = Drawing(wish, request, why, request.size, priority=FIRST)
        outcome = await self.easel.drawn(drawing, partial(self.run.find, wish))
        if isinstance(outcome, Made) and outcome.fresh:
            rerolls = self.config.keyframes.rerolls
            return Made(await self.easel.sound(outcome.value, self._wrong,
                                               lambda number: self.easel.drawn(drawing, reroll=number), rerolls))
        return outcome

    def _wrong(self, artifact: Artifact) -> list[str]:
        return findings(self.run.folder / artifact.path)

    def _published(self, slot: SheetSlot, artifact: Artifact) -> Sheet:
        path = self.run.folder / artifact.path
        if artifact.source == "made":
            self.run.publish(artifact, self.run.path("sheets", f"{slot.file}.png"), link=False)
        return Sheet(slot, path, artifact.sha256, artifact.source, artifact.made_by)
