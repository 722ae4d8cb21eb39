"""Finds an installed font that can really draw a text. Draws nothing and installs nothing."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont, features

Font = ImageFont.FreeTypeFont

FOLDERS = (
    "/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts",
    "/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts",
    "C:/Windows/Fonts", "~/AppData/Local/Microsoft/Windows/Fonts",
)
"""Where Linux, macOS and Windows keep fonts; those that are not there are passed over."""
LIKED = (
    "notosans-regular", "notosans[", "dejavusans", "sfns", "segoeui", "helvetica", "liberationsans-regular", "arial",
    "notosanscjk-regular", "pingfang", "hiragino", "msyh", "yugoth", "malgun",
)
"""Starts of file names, best first; any other upright regular face comes after them."""
DISLIKED = ("bold", "italic", "oblique", "light", "thin", "black", "condensed", "narrow", "mono", "serif", "emoji", "symbol")
PROBE_SIZE = 24
NOBODYS = "\U0010ffff"
"""A noncharacter: what a font draws for it is what it draws for everything it does not know."""
# Scripts whose letters join, stack or reorder: without raqm Pillow would draw them wrong (Unicode blocks, first and last).
SHAPED = ((0x0590, 0x08FF), (0x0900, 0x109F), (0x1780, 0x17FF), (0x1800, 0x18AF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFE))


def drawable(text: str) -> str:
    """The text without symbols (emoji, arrows, dingbats) that no font draws together with its letters.

    Letters are never dropped: whether they can be drawn is for `font_for` to say.
    """
    text = unicodedata.normalize("NFC", text)
    kept = [char for char in text if char.isascii() or (unicodedata.category(char) not in ("So", "Sk", "Co", "Cn", "Cf")
            and not 0xFE00 <= ord(char) <= 0xFE0F)]
    return " ".join("".join(kept).split())


def right_to_left(text: str) -> bool:
    """Whether the first letter with a direction of its own goes from right to left (Unicode UAX 9, rules P2 and P3)."""
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


def font_for(text: str, size: int) -> Font | None:
    """A font of `size` pixels with a glyph for every character of `text`, or None when none is installed."""
    needed = "".join(sorted({char for char in text if not char.isspace()}))
    if any(first <= ord(char) <= last for char in needed for first, last in SHAPED) and not features.check("raqm"):
        return None
    return _at_size(_choice(needed), size)


@lru_cache(maxsize=256)
def _choice(needed: str) -> Path | None:
    """The first font file that covers the characters; an empty path is Pillow's own font."""
    for path in (*_installed(), Path()):
        font = _at_size(path, PROBE_SIZE)
        if font is not None and _covers(font, needed):
            return path
    return None


def _at_size(path: Path | None, size: int) -> Font | None:
    if path is None:
        return None
    try:
        font = ImageFont.truetype(str(path), size) if path.name else ImageFont.load_default(size)
    except (OSError, ValueError):  # damaged, or a bitmap font without this size
        return None
    return font if isinstance(font, Font) else None


def _covers(font: Font, needed: str) -> bool:
    unknown = _drawn(font, NOBODYS)
    return all(_drawn(font, char) != unknown for char in needed)


def _drawn(font: Font, char: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(char)
    return mask.size, bytes(mask)


@lru_cache(maxsize=1)
def _installed() -> tuple[Path, ...]:
    return tuple(sorted(_files(), key=lambda path: (_rank(path.name.lower()), path.name)))


def _files() -> Iterator[Path]:
    for name in FOLDERS:
        folder = Path(name).expanduser()
        if folder.is_dir():
            yield from (path for path in folder.rglob("*") if path.suffix.lower() in (".ttf", ".otf", ".ttc"))


def _rank(name: str) -> int:
    for place, start in enumerate(LIKED):
        if name.startswith(start) and (name[len(start):].startswith((".", "-regular", "w", "variable", "[")) or "[" in start):
            return place
    return len(LIKED) + (1 if any(word in name for word in DISLIKED) else 0)
