"""The storyboard as a strip: keyframe, segment, keyframe, scene by scene. Draws from what was gathered, reads no file."""

from __future__ import annotations

import base64

from keyframe_slots import Slot, closing, opening
from report_page.candidates import candidates
from report_page.data import ReportData
from report_page.money import cost
from report_page.words import by_whom, chips, count, esc, link, time_code
from runtime.run_board import lasted
from runtime.word_changes import changed
from storyboard import Segment, Storyboard

SAID = {
    "made": "made", "reused": "kept", "adopted": "your own file", "failed": "failed", "blocked": "blocked",
    "running": "unfinished", "stalled": "unfinished, stalled", "waiting": "not reached",
    "planned": "not reached",
}


def strip(data: ReportData) -> str:
    """The section with every scene, or nothing when there is no storyboard."""
    board = data.storyboard
    if board is None:
        return ""
    scenes = "".join(_scene(data, number, scene) for number, scene in enumerate(board.scenes(), start=1))
    told = [board.style, f"Planned by {data.planned_by}." if data.planned_by else ""]
    style = "".join(f'<p class="lede">{esc(said)}</p>' for said in told if said)
    avoid = f'<p class="avoid">not wanted anywhere: {esc(_unwanted(board))}</p>' if _unwanted(board) else ""
    return ('<section aria-labelledby="storyboard"><h2 id="storyboard">Storyboard</h2>'
            f"{style}{avoid}{_cast(data)}{scenes}</section>")


def _unwanted(board: Storyboard) -> str:
    """The negative prompt when all segments share one, so that it is said once."""
    prompts = {segment.negative_prompt for segment in board.segments}
    return prompts.pop() if len(prompts) == 1 and len(board.segments) > 1 else ""


def _cast(data: ReportData) -> str:
    assert data.storyboard is not None
    rows = [("character", thing.name, thing.description) for thing in data.storyboard.characters]
    rows += [("place", thing.name, thing.description) for thing in data.storyboard.locations]
    if not rows:
        return ""
    items = "".join(f'<div><dt class="{kind}">{esc(name)}</dt><dd>{esc(said) or "&nbsp;"}</dd></div>'
                    for kind, name, said in rows)
    return f'<details class="cast"><summary>Characters and places ({len(rows)})</summary><dl>{items}</dl></details>'


def _scene(data: ReportData, number: int, scene: tuple[Segment, ...]) -> str:
    before = scene[0].first_keyframe_prompt or ""
    cells = [_keyframe(data, opening(scene[0]), before, "")]
    for segment in scene:
        cells += [_segment(data, segment), _keyframe(data, closing(segment), segment.last_keyframe_prompt, before)]
        before = segment.last_keyframe_prompt
    heading = f'<h3>Scene {number}<span>{_facts(data, scene)}</span></h3>'
    return f'{_join(scene[0])}<div class="scene">{heading}<ol class="strip">{"".join(cells)}</ol></div>'


def _join(segment: Segment) -> str:
    if segment.index == 1:
        return ""
    length = f" {segment.dissolve_s:g} s" if segment.join == "dissolve" and segment.dissolve_s else ""
    return f'<p class="join {segment.join}"><span>{segment.join}{length}</span></p>'


def _facts(data: ReportData, scene: tuple[Segment, ...]) -> str:
    """As HTML; the place by itself, so that one in Arabic or Hebrew does not turn the number behind it round."""
    place = f"<bdi>{esc(scene[0].location)}</bdi>" if scene[0].location else ""
    spans = [data.spans[segment.index] for segment in scene if segment.index in data.spans]
    if data.film is None or len(spans) != len(scene):
        length = f"{sum(segment.seconds for segment in scene):g} s"
    else:
        length = f"{data.film.seconds(spans[-1].end - spans[0].start):.2f} s"
    return " · ".join(part for part in (place, esc(count(len(scene), "segment")), esc(length)) if part)


def _keyframe(data: ReportData, slot: Slot, prompt: str, before: str) -> str:
    """`before`: the prompt of the keyframe before in the scene: what is new against it is marked."""
    jpeg = data.thumbnails.get(slot.name)
    alt = f"Keyframe {slot.name}" + (f": {prompt}" if prompt else "")
    if jpeg is None:
        standing = data.last.node(slot.node) if data.last else None
        why = SAID[standing.state] if standing and standing.state in ("failed", "blocked") else "no picture"
        image = f'<div class="missing" role="img" aria-label="{esc(alt)}, {esc(why)}">{esc(why)}</div>'
    else:
        source = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
        image = f'<img src="{source}" alt="{esc(alt)}" loading="lazy" decoding="async"{_proportions(data)}>'
        if slot.name in data.pictures:
            image = f'<a href="{esc(link(data.pictures[slot.name]))}">{image}</a>'
    name = esc(slot.name) + _whose(data, slot)
    said = "".join(f"<mark>{esc(one.text)}</mark>" if one.new else esc(one.text) for one in changed(before, prompt))
    words = f'<details><summary>{name}</summary><p dir="auto">{said}</p></details>' if prompt else f"<p>{name}</p>"
    lost = f'<p class="lost">{esc(data.losses[slot.name])}</p>' if slot.name in data.losses else ""
    return f'<li class="keyframe"><figure>{image}<figcaption>{words}{lost}{candidates(data, slot)}</figcaption></figure></li>'


def _proportions(data: ReportData) -> str:
    return f' width="{data.film.size.width}" height="{data.film.size.height}"' if data.film else ""


def _whose(data: ReportData, slot: Slot) -> str:
    artifact, standing = data.shown.get(slot.node), data.last.node(slot.node) if data.last else None
    users = artifact.source == "user" if artifact else standing is not None and standing.state == "adopted"
    return ' <b class="yours">yours</b>' if users else ""


def _segment(data: ReportData, segment: Segment) -> str:
    camera = f"{segment.camera.shot} · {segment.camera.move}".replace("_", " ")
    people = [("character", name) for name in segment.characters]
    labels = chips([("camera", camera), *people, ("place", segment.location or "")])
    assert data.storyboard is not None
    own = segment.negative_prompt and not _unwanted(data.storyboard)
    avoid = f'<p class="avoid">not wanted: {esc(segment.negative_prompt)}</p>' if own else ""
    head = f'<div class="head"><b>{segment.index}</b><span>{_span(data, segment)}</span></div>'
    return (f'<li class="segment" id="{segment.name}">{head}'
            f'<p class="prompt" dir="auto">{esc(segment.video_prompt)}</p>{labels}{avoid}{_state(data, segment)}'
            f'{_clip(data, segment)}</li>')


def _span(data: ReportData, segment: Segment) -> str:
    span = data.spans.get(segment.index)
    if span is None or data.film is None:
        return f"{segment.seconds:g} s"
    frames = span.end - span.start
    return (f'<span class="code">{time_code(span.start, data.film.fps)}</span> {data.film.seconds(frames):.2f} s'
            f" · {count(frames, 'frame')}")


def _state(data: ReportData, segment: Segment) -> str:
    node = f"clip {segment.name}"
    artifact, standing = data.shown.get(node), data.last.node(node) if data.last else None
    state = standing.state if standing else "made" if artifact else "planned"
    if state in ("failed", "blocked"):
        said = f"{state}: {standing.text}" if standing and standing.text else state
        return f'<p class="state {state}">{esc(said)}</p>'
    facts = [by_whom(artifact), f"take {artifact.take}", lasted(artifact.seconds_spent)] if artifact else []
    facts += [cost(data, artifact.wanted)] if artifact else []
    return f'<p class="state {state}">{SAID[state]}<span>{"".join(f" · {esc(fact)}" for fact in facts if fact)}</span></p>'


def _clip(data: ReportData, segment: Segment) -> str:
    path = data.clips.get(segment.index)
    if path is None:
        return ""
    return (f'<details class="clip"><summary>Play this segment</summary><video controls preload="none" playsinline '
            f'aria-label="Clip of segment {segment.index}" src="{esc(link(path))}"></video></details>')
