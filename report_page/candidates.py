"""What a keyframe was chosen from: small pictures with their scores and why. Draws from what was gathered, chooses nothing."""

from __future__ import annotations

import base64

from keyframe_slots import Slot
from report_page.data import ReportData
from report_page.words import esc, link


def candidates(data: ReportData, slot: Slot) -> str:
    """The candidates of a keyframe, the one that is used first said; nothing where there was no choice."""
    choice = data.choices.get(slot.name)
    if choice is None:
        return ""
    items = "".join(
        f"<li>{_image(data, slot, one.candidate, one.path)}<p><b>{one.candidate}</b>"
        f"{' used' if one.candidate == choice.chosen else ''} · {one.score:.2f} · {esc(one.reason)}</p></li>"
        for one in choice.candidates)
    return (f'<details class="candidates"><summary>{len(choice.candidates)} candidates, {choice.chosen} chosen by '
            f"{esc(choice.by)}</summary><ul>{items}</ul></details>")


def _image(data: ReportData, slot: Slot, number: int, path: str) -> str:
    jpeg = data.candidate_pictures.get(f"{slot.name} {number}")
    if jpeg is None:
        return ""
    source = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
    return f'<a href="{esc(link(path))}"><img src="{source}" alt="Candidate {number} of {esc(slot.name)}" loading="lazy"></a>'
