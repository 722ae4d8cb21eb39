"""The storyboard and its changes as something rich can draw. Prints nothing and counts no frames itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import takewhile, zip_longest
from typing import TYPE_CHECKING

from runtime.plain_text import one_line
from runtime.word_changes import changed
from storyboard import Segment, Storyboard

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

    from timeline import Timeline

JOINS = {"continuous": "", "cut": "cut", "dissolve": "dissolve"}
LONG, AROUND = 80, 3
"""Characters from which on two texts are shown without what they have alike, and how many words of that stay at each end."""


def drawn(storyboard: Storyboard, timeline: Timeline) -> Iterator[RenderableType]:
    """The whole plan: heading, who and where, then each segment with the keyframes it lies between."""
    from rich.text import Text

    yield Text(one_line(storyboard.title), style="bold")
    if storyboard.style:
        yield Text(f"style: {one_line(storyboard.style)}", style="dim")
    yield from _cast(storyboard)
    yield Text("")
    before = ""
    for segment in storyboard.segments:
        yield _segment(segment, timeline, before)
        before = segment.last_keyframe_prompt
    yield Text("")
    count = "1 segment" if len(storyboard.segments) == 1 else f"{len(storyboard.segments)} segments"
    yield Text(f"{count}, {timeline.frames} frames, {timeline.seconds:.2f} s, {timeline.film}", style="bold")


def _cast(storyboard: Storyboard) -> Iterator[Text]:
    from rich.text import Text

    for word, style, things in (("who", "yellow", storyboard.characters), ("where", "green", storyboard.locations)):
        for thing in things:
            said = f": {one_line(thing.description)}" if thing.description else ""
            yield Text.assemble((f"{word:<6}", "dim"), (one_line(thing.name), style), said)


def _prompt(before: str, prompt: str) -> Text:
    """A keyframe's prompt; what is new against the keyframe before stands out."""
    from rich.text import Text

    return Text.assemble(*((words.text, "bold blue" if words.new else "blue")
                           for words in changed(one_line(before), one_line(prompt))))


def _segment(segment: Segment, timeline: Timeline, before: str) -> Table:
    """`before`: the prompt of the keyframe that ends the segment before."""
    from rich.table import Table
    from rich.text import Text

    span = timeline.span(segment.index)
    grid = Table.grid(padding=(0, 1), expand=False)
    grid.add_column(width=8, no_wrap=True)
    grid.add_column(overflow="fold")
    if segment.join != "continuous" and segment.index > 1:
        length = f" {segment.dissolve_s:g} s" if segment.dissolve_s else ""
        grid.add_row(Text("--", style="red"), Text(f"{JOINS[segment.join]}{length}", style="red"))
    if segment.first_keyframe_prompt and segment.opens_a_scene:
        grid.add_row(Text("first", style="blue"), _prompt(before, segment.first_keyframe_prompt))
    facts = [f"{timeline.time_code(span.start)}", f"{timeline.film.seconds(span.owned):.2f} s", f"{span.owned} frames",
             segment.camera.shot.replace("_", " "), segment.camera.move.replace("_", " ")]
    grid.add_row(Text(f"{segment.index:>3}", style="bold cyan"), Text(" · ".join(facts), style="dim"))
    grid.add_row("", Text(one_line(segment.video_prompt), style="bold"))
    people = ", ".join(segment.characters)
    if people or segment.location:
        grid.add_row("", Text.assemble((one_line(people), "yellow"), "  " if people and segment.location else "",
                                       (one_line(segment.location or ""), "green")))
    opening = segment.first_keyframe_prompt if segment.opens_a_scene else before
    grid.add_row(Text("last", style="blue"), _prompt(opening or "", segment.last_keyframe_prompt))
    return grid


def changes(before: Storyboard, after: Storyboard) -> list[tuple[str, str]]:
    """(line, style) for everything that differs between two plans, as `segment 3 · seconds: 5 -> 8`."""
    lines = _fields("", before.model_dump(exclude={"segments"}), after.model_dump(exclude={"segments"}))
    for old, new in _paired(before.segments, after.segments):
        if old is None and new is not None:
            lines.append((f"+ segment {new.index}: {one_line(new.video_prompt)}", "green"))
        elif new is None and old is not None:
            lines.append((f"- segment {old.index}: {one_line(old.video_prompt)}", "red"))
        elif old is not None and new is not None:
            lines += _fields(f"segment {new.index} · ", old.model_dump(exclude={"index"}), new.model_dump(exclude={"index"}))
    return lines


def _paired(before: Sequence[Segment], after: Sequence[Segment]) -> Iterator[tuple[Segment | None, Segment | None]]:
    """The segments of both plans side by side: one that is only counted differently is beside itself."""
    if len(before) == len(after):
        yield from zip(before, after, strict=True)
        return
    words = [[one.model_dump_json(exclude={"index", "join", "first_keyframe_prompt"}) for one in plan]
             for plan in (before, after)]
    for _, i, j, k, m in SequenceMatcher(None, words[0], words[1], autojunk=False).get_opcodes():
        yield from zip_longest(before[i:j], after[k:m])


def _fields(prefix: str, before: dict[str, object], after: dict[str, object]) -> list[tuple[str, str]]:
    return [(f"{prefix}{key}: {' -> '.join(_apart(_value(before[key]), _value(after[key])))}", "yellow")
            for key in after if before[key] != after[key]]


def _apart(before: str, after: str) -> tuple[str, str]:
    """Two long texts without most of what they begin and end with alike: where one sentence changed, it is seen."""
    if min(len(before), len(after)) < LONG:
        return before, after
    old, new = before.split(" "), after.split(" ")
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    start, cut = max(0, head - AROUND), max(0, tail - AROUND)

    def shown(words: list[str]) -> str:
        return ("… " if start else "") + " ".join(words[start:len(words) - cut]) + (" …" if cut else "")

    return shown(old), shown(new)


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """How many words both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _value(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(_value(part) for part in value.values())
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(_value(part) for part in value) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return one_line(str(value)) if value not in (None, "") else "none"
