"""The storyboard strip as one picture, to be sent around or put into a README. Reads keyframes, changes nothing."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageOps

from keyframe_slots import Slot, closing, opening
from media.fonts import drawable, font_for
from report_page.data import ReportData
from storyboard import Segment

COLUMNS, PICTURE, GAP, MARGIN = 2, 384, 8, 28
HEAD, LINE, GIST_LINES = 30, 22, 2
PAPER, INK, FAINT, EMPTY = (250, 249, 246), (32, 34, 38), (110, 114, 122), (226, 224, 218)


def write(data: ReportData, folder: Path, to: Path) -> None:
    """Draws each segment as its first and last keyframe with its number, length, camera and gist; the format follows the name.

    Raises OSError when it cannot be written, ValueError when the name's ending is no picture format, or there is no plan.
    """
    if data.storyboard is None or data.film is None:
        raise ValueError("there is no storyboard to draw yet: run `plan` first")
    height = round(PICTURE * data.film.size.height / data.film.size.width)
    cell = (2 * PICTURE + GAP, HEAD + height + GIST_LINES * LINE + MARGIN)
    rows = -(-len(data.storyboard.segments) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * (cell[0] + MARGIN) + MARGIN, rows * cell[1] + MARGIN), PAPER)
    for number, segment in enumerate(data.storyboard.segments):
        corner = MARGIN + number % COLUMNS * (cell[0] + MARGIN), MARGIN // 2 + number // COLUMNS * cell[1]
        _segment(sheet, data, folder, segment, corner, height)
    sheet.save(to, quality=86)


def _segment(sheet: Image.Image, data: ReportData, folder: Path, segment: Segment, corner: tuple[int, int],
             height: int) -> None:
    left, top = corner
    join = "" if segment.index == 1 or segment.join == "continuous" else f" · {segment.join}"
    camera = f"{segment.camera.shot}, {segment.camera.move}".replace("_", " ")
    _text(sheet, (left, top), f"{segment.index}", 19, INK)
    _text(sheet, (left + 34, top + 2), f"{segment.seconds:g} s · {camera}{join}", 16, FAINT)
    for place, slot in enumerate((opening(segment), closing(segment))):
        sheet.paste(_picture(data, folder, slot, height), (left + place * (PICTURE + GAP), top + HEAD))
    gist = drawable(segment.gist)
    for number, line in enumerate(_wrapped(gist, 2 * PICTURE + GAP, 15)):
        _text(sheet, (left, top + HEAD + height + 6 + number * LINE), line, 15, INK)


def _picture(data: ReportData, folder: Path, slot: Slot, height: int) -> Image.Image:
    link = data.pictures.get(slot.name)
    if link is None or not (folder / link).is_file():
        return Image.new("RGB", (PICTURE, height), EMPTY)
    with Image.open(folder / link) as picture:
        return ImageOps.fit(ImageOps.exif_transpose(picture).convert("RGB"), (PICTURE, height), Image.Resampling.LANCZOS)


def _text(sheet: Image.Image, corner: tuple[int, int], text: str, size: int, colour: tuple[int, int, int]) -> None:
    font = font_for(text, size)
    if font is not None:  # a script that no installed font can draw is left out rather than boxed
        ImageDraw.Draw(sheet).text(corner, text, fill=colour, font=font)


def _wrapped(text: str, width: int, size: int) -> list[str]:
    """At most two lines that fit; what does not is cut at a word, with an ellipsis."""
    font = font_for(text + "…", size)
    lines: list[str] = []
    words = text.split()
    while words and font is not None and len(lines) < GIST_LINES:
        count = next((count for count in range(len(words), 1, -1) if font.getlength(" ".join(words[:count])) <= width - 20), 1)
        lines.append(" ".join(words[:count]))
        words = words[count:]
    if words and lines:
        lines[-1] += " …"
    return lines
