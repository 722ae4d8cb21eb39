"""A long prompt -> title, style and beats: one thing that happens, in the writer's own words. Does not know who or where."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from offline_planner import sentences
from offline_planner.verbs import is_finite
from offline_planner.vocabulary import STYLE
from storyboard import Join

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[P^_X][^\x1b]*(?:\x1b\\)?|\x1b[ "
    r"-/]*[0-~]|\x9b[0-?]*[ -/]*[@-~]"
)
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u200b")
_TITLE = re.compile(
    r"^\s*(?:#{1,3}\s+|(?:title|titel|titre|título|标题|题目|العنوان)\s*[:：]\s*)(?P<title>\S.*?)\s*$", re.IGNORECASE
)
_STYLE_LINE = re.compile(
    r"^\s*(?:visual |overall )?(?:style|look|stil|风格|الأسلوب)\s*[:：]\s*(?P<style>\S.*?)\s*$", re.IGNORECASE
)
_HEADING = re.compile(
    r"^\s*(?:\d+\.?\s+)?(?P<side>INT\.?\s*/\s*EXT|INT|EXT|I/E)[.:]?\s+(?P<place>.+?)(?:\s+[-–—]+\s+(?P<time>[^-–—]+?))?\s*$"
)
_SCENE = re.compile(
    r"^\s*(?:scene|szene|scène|escena|act|chapter|第)\s*(?:\d+|[ivx]+|[一二三四五六七八九十]+)\s*[幕场章]?\s*[:.\-–—：]?\s*(?P<rest>.*)$",
    re.IGNORECASE,
)
_TRANSITION = re.compile(
    r"^\s*(?P<how>(?:smash |match |hard )?cut to|dissolve to|cross-?fade to|fade (?:in|out|to black)|the end)\s*[:.]?\s*$",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^\s*(?:[-*•‣–—·]|\(?\d{1,3}[.)]|[a-z]\))\s+")
_SPEAKER = re.compile(r"^\s*(?P<who>[A-Z][A-Z .'’-]{1,28}[A-Z])(?:\s*\((?P<how>[^)]*)\))?\s*:?\s*$")


@dataclass(frozen=True)
class Beat:
    """One sentence, clause or line of the prompt.

    place, time: what a screenplay heading said (`INT. KITCHEN - NIGHT`), else None. join: what the writer asked for
    (`CUT TO:`), else None. opens: whether a paragraph, heading or list item starts here. phase: 0, or which part of an
    action too long for one segment this is, of `phases`.
    """

    text: str
    opens: bool = False
    place: str | None = None
    time: str | None = None
    join: Join | None = None
    phase: int = 0
    phases: int = 1

    @property
    def weight(self) -> float:
        """How much film the beat needs, in arbitrary units: words, and more for each verb."""
        words = sentences.words(self.text)
        return (len(words) + 3.0 * min(4, sum(is_finite(word) for word in words)) + 2.0) / self.phases


@dataclass(frozen=True)
class Script:
    """The prompt, read. `title` and `style` are empty where the prompt says nothing of them."""

    title: str
    style: str
    beats: tuple[Beat, ...]


def clean(text: str) -> str:
    """The prompt without escape codes, control characters, lone surrogates and bidi overrides; line ends are `\\n`.

    Joiners and marks (emoji, Arabic, Persian, Hindi need them) stay.
    """
    text = _ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = re.sub("[\x85\u2028\u2029\x0b\x0c]", "\n", text).replace("\t", " ")
    kept = [sign for sign in text if sign == "\n" or (unicodedata.category(sign) not in ("Cc", "Cs") and sign not in _TURNS)]
    return "".join(sign for sign in kept if ord(sign) & 0xFFFE != 0xFFFE).strip()


def says_nothing(text: str) -> bool:
    """Whether a cleaned prompt has no visible sign in it."""
    return not any(unicodedata.category(sign)[0] in "LNPS" for sign in text)


def read(prompt: str) -> Script:
    """Reads a cleaned prompt. At least one beat comes back."""
    lines = _without_capitals(prompt.split("\n"))
    title, lines = _title(lines)
    styles, lines = _style_lines(lines)
    beats = list(_beats(lines))
    told = [beat for beat in beats if not _is_style_only(beat.text)]
    styles += [beat.text.rstrip(".!") for beat in beats if _is_style_only(beat.text)]
    styles = [
        re.sub(r"^(?:in|im|shot on|filmed on)\s+(?:the style of |stil von )?", "", style, flags=re.IGNORECASE)
        for style in styles
    ]
    if not styles:
        styles = list(dict.fromkeys(found.group(0).lower() for beat in beats for found in STYLE.finditer(beat.text)))[:3]
    return Script(title, ", ".join(styles), tuple(told or beats or [Beat(title or prompt, opens=True)]))


def _without_capitals(lines: list[str]) -> list[str]:
    """A screenplay introduces `ANNA (30)`: in the action she is Anna."""
    if not any(_HEADING.match(line) for line in lines):
        return lines
    return [
        line
        if _HEADING.match(line) or _SPEAKER.match(line) or _TRANSITION.match(line) or _TITLE.match(line)
        else re.sub(r"\s\(\d{1,2}s?\)", "", re.sub(r"\b[A-Z]{3,}\b", lambda word: word.group().title(), line))
        for line in lines
    ]


def _title(lines: list[str]) -> tuple[str, list[str]]:
    filled = [number for number, line in enumerate(lines) if line.strip()]
    for number in filled[:3]:
        if (found := _TITLE.match(lines[number])) and len(found["title"]) <= 120:
            return found["title"].strip('*_"“” '), lines[:number] + lines[number + 1 :]
    first = lines[filled[0]].strip() if filled else ""
    listed = len(filled) > 1 and bool(_BULLET.match(lines[filled[1]]))
    blank_after = len(filled) > 1 and (listed or filled[1] > filled[0] + 1)
    short = (
        len(first) <= 60
        and len(first.split()) <= (12 if listed else 8)
        and not sentences.ends(first)
        and first[-1:] not in ",:;،，"
    )
    if blank_after and short and not _HEADING.match(first) and not _BULLET.match(first) and not _TRANSITION.match(first):
        return first.strip('*_"“” '), lines[filled[1] :]
    return "", lines


def _style_lines(lines: list[str]) -> tuple[list[str], list[str]]:
    found = [match["style"].rstrip(".") for line in lines if (match := _STYLE_LINE.match(line))]
    return found, [line for line in lines if not _STYLE_LINE.match(line)]


def _is_style_only(text: str) -> bool:
    """`Shot on 35mm film, muted colours.`: words about the picture, and nobody who does anything."""
    if not STYLE.search(text) or len(text) > 160:
        return False
    opening = re.match(
        r"\s*(?:shot|filmed|painted|drawn|rendered|in the style|style|look|watercolou?r|black and white|im stil|"
        r"everything|35mm|16mm)\b",
        text,
        re.IGNORECASE,
    )
    return bool(opening or STYLE.match(text)) and not any(is_finite(word) for word in sentences.words(text)[1:])


def _beats(lines: list[str]) -> Iterator[Beat]:
    """Headings and transitions are not beats of their own: they colour the next one."""
    pending = Beat("", opens=True)
    for block in _blocks(lines):
        if found := _HEADING.match(block):
            pending = replace(pending, opens=True, place=_heading_place(found), time=(found["time"] or "").strip() or None)
            continue
        if found := _TRANSITION.match(block):
            pending = replace(pending, opens=True, join=_transition(found["how"]))
            continue
        pending = replace(pending, opens=True)
        for sentence in sentences.split(block):
            yield replace(pending, text=sentence)
            pending = Beat("", place=pending.place, time=pending.time)


def _heading_place(found: re.Match[str]) -> str:
    place = found["place"].strip(" .").lower()
    return place if re.match(r"(?:the|a|an|his|her|their|\w+['’]s)\b", place) else f"the {place}"


def _transition(how: str) -> Join | None:
    if "cut" in how.lower():
        return "cut"
    return "dissolve" if re.search("dissolve|fade to", how, re.IGNORECASE) and "black" not in how.lower() else None


def _blocks(lines: list[str]) -> Iterator[str]:
    """Lines joined to paragraphs; headings, list items, transitions and speeches stand alone."""
    block: list[str] = []
    speaker = ""
    for line in [*lines, ""]:
        stripped = line.strip()
        alone = _HEADING.match(line) or _TRANSITION.match(line)
        scene = None if alone else _SCENE.match(line)
        cue = None if alone or scene else _SPEAKER.match(line)
        starts = bool(alone or scene or cue or _BULLET.match(line))
        if block and (not stripped or starts):
            yield _spoken(speaker, " ".join(block))
            block, speaker = [], ""
        if alone:
            yield stripped
        elif cue and len(cue["who"].split()) <= 3:
            speaker = cue["who"].strip().title()
        elif scene:
            block = [scene["rest"].strip()] if scene["rest"].strip() else []
        elif stripped and not (speaker and re.fullmatch(r"\([^)]*\)", stripped)):
            block.append(_BULLET.sub("", line, count=1).strip())
    if speaker:
        yield speaker


def _spoken(speaker: str, text: str) -> str:
    said = text.strip('“”"')
    return f"{speaker} says: “{said}”" if speaker else text
