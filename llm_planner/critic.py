"""A second look at a plan for faults of continuity, and the segments concerned asked for again. Knows no rules of its own."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from decimal import Decimal

from errors import GenerationFailed
from language_model.asking import Chat
from language_model.endpoint import Endpoint
from language_model.question import Question
from llm_planner.answers import Bible, Finding, Findings, Look, Part, Scripted, WindowPlan
from llm_planner.brief import prompt, said
from llm_planner.windows import TOKENS_BESIDE, Windows, together
from runtime.plain_text import gist

ROUNDS = 2
"""How often what was found is written again."""
AT_ONCE = 24
"""Segments that are looked through in one question; each sees the one before, too."""
MOST_AT_ONCE = 8
"""Findings of one question that are followed: a plan with more is not mended by them."""


async def reviewed(reader: Chat, windows: Windows, look: Look, scripted: Sequence[Scripted],
                   ) -> tuple[list[Scripted], list[str]]:
    """The segments after at most two rounds, and what was found, in sentences. In the second round only what changed is
    looked at, with its neighbours. Where the critic fails the plan stands as it is, and this is said."""
    segments, notes = list(scripted), list[str]()
    concerned: set[int] = {one.index for one in segments}
    for round_ in range(1, ROUNDS + 1):
        try:
            findings = await _found(reader, windows, look, segments, concerned, round_)
            notes += [f"Looking through it found, in segment {one.segment}: {one.says}" for one in findings]
            if not findings:
                return segments, notes
            segments = await _rewritten(windows, look, segments, findings, round_)
        except GenerationFailed as failure:
            return segments, [*notes, f"Looking through the plan failed, it stands as it was: {failure}"]
        concerned = {number for one in findings for number in (one.segment - 1, one.segment, one.segment + 1)}
    notes.append(f"What was found in round {ROUNDS} was written again; nobody looked at it once more.")
    return segments, notes


def bound_usd(endpoint: Endpoint, segments: int) -> Decimal | None:
    """The most that two looks at a film of so many segments can cost, and writing a third of it again. None: unknown."""
    looks = -(-segments // AT_ONCE)
    look = endpoint.bound_usd(4000 + 600 * min(segments, AT_ONCE), TOKENS_BESIDE + 150 * AT_ONCE)
    return None if look is None else ROUNDS * looks * look * 2


async def _found(reader: Chat, windows: Windows, look: Look, segments: Sequence[Scripted], concerned: set[int], round_: int,
                 ) -> list[Finding]:
    """What is found in the segments concerned, by number, each segment's findings once."""
    numbers = [one.index for one in segments if one.index in concerned]
    chunks = [numbers[at:at + AT_ONCE] for at in range(0, len(numbers), AT_ONCE)]
    answers = await together([reader.ask(_question(windows, look, segments, some, f"critic_{round_}_{at:02d}"))
                              for at, some in enumerate(chunks, 1)])
    found = [one for answer, some in zip(answers, chunks, strict=True) for one in answer.findings[:MOST_AT_ONCE]
             if one.segment in some]
    return sorted(found, key=lambda one: one.segment)


def _question(windows: Windows, look: Look, segments: Sequence[Scripted], numbers: Sequence[int], name: str,
              ) -> Question[Findings]:
    shown = [one for one in segments if numbers[0] - 1 <= one.index <= numbers[-1]]
    return Question(
        node=f"plan {name}", prompt=prompt("critic"), form=Findings,
        order=f"Check {said(numbers)} of this plan for faults of continuity.",
        material={"characters": [one.model_dump() for one in look.characters],
                  "locations": [one.model_dump() for one in look.locations], "segments": [_seen(one) for one in shown]},
        most_out=TOKENS_BESIDE + 150 * len(numbers), edition=windows.edition)


def _seen(one: Scripted) -> Mapping[str, object]:
    """A segment as the critic and whoever mends it sees it."""
    return one.model_dump(mode="json", exclude={"negative_prompt", "shot", "join_reason"}, exclude_none=True)


async def _rewritten(windows: Windows, look: Look, segments: Sequence[Scripted], findings: Sequence[Finding], round_: int,
                     ) -> list[Scripted]:
    """The plan with the segments concerned written again, in groups of neighbours."""
    numbers = sorted({one.segment for one in findings})
    groups = list(_groups(numbers, windows.size))
    answers = await together([windows.chat.ask(_mend(windows, look, segments, findings, group, round_)) for group in groups])
    anew = {number: one.model_copy(update={"index": number}) for group, answer in zip(groups, answers, strict=True)
            for number, one in zip(group, answer.segments, strict=True)}
    return [anew.get(one.index, one) for one in segments]


def _groups(numbers: Sequence[int], size: int) -> list[list[int]]:
    """Neighbours together, at most `size` of them."""
    runs = [[number for _, number in run] for _, run in itertools.groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])]
    return [run[at:at + size] for run in runs for at in range(0, len(run), size)]


def _mend(windows: Windows, look: Look, segments: Sequence[Scripted], findings: Sequence[Finding], numbers: Sequence[int],
          round_: int) -> Question[WindowPlan]:
    around = [one for one in segments if numbers[0] - 1 <= one.index <= numbers[-1] + 1]
    faults = [{"in": one.segment, "fault": gist(one.says, 300), "write": gist(one.fix, 300)} for one in findings
              if one.segment in numbers]
    order = windows.brief.order(numbers, "Write again") + " Mend the faults that were found; keep every other word."
    name = f"mend_{round_}_{numbers[0]:02d}-{numbers[-1]:02d}"
    return windows.window(_bible(look), 0, numbers, name=name, order=order,
                          more={"faults": faults, "segments": [_seen(one) for one in around]})


def _bible(look: Look) -> Bible:
    """The bible that a plan goes by: a short film's has no parts."""
    if isinstance(look, Bible):
        return look
    whole = Part(number=1, tells=look.logline, begins="as the segments say", ends="as the segments say")
    return Bible(**look.model_dump(exclude={"segments"}), parts=[whole])
