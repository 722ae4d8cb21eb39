"""Text -> sentences -> clauses -> words, in any script, without a model. Knows nothing of films."""

from __future__ import annotations

import re
from functools import lru_cache

from offline_planner.verbs import is_finite
from offline_planner.vocabulary import any_of, words_of

_STOPS = "!?…؟।。！？．"
_WIDE_STOPS = "。！？．"
_CLOSERS = "\"'”’»›」』)]）】"
_ABBREVIATIONS = words_of(
    "mr mrs ms dr prof st sr jr vs etc e.g i.e approx no vol fig al inc ltd co dept capt sgt lt col gen z.b d.h u.a "
    "usw bzw ca nr bspw m mme mlle sra ud a.m p.m u.s u.k"
)
LONGEST_CLAUSE = 45
"""Words a clause may have before it is cut by length alone."""
LONGEST_WORD = 200
_CONJUNCTIONS = (
    "and then",
    "and",
    "then",
    "but",
    "while",
    "until",
    "when",
    "as",
    "before",
    "after",
    "so",
    "und dann",
    "und",
    "dann",
    "aber",
    "während",
    "et puis",
    "et",
    "puis",
    "mais",
    "y luego",
    "y",
    "luego",
    "pero",
    "然后",
    "接着",
    "但是",
    "ثم",
    "потом",
    "и",
    "но",
)
_AT_CONJUNCTION = re.compile(rf"\s+(?=(?:{any_of(_CONJUNCTIONS)})\s)", re.IGNORECASE)
_AT_MARK = re.compile(
    r"(?<=[;؛；])\s*|\s+[–—]\s+|(?<=[,،])\s+(?=(?:and|then|but|while|und|aber|et|puis|y|ثم|until|where|when)\b)|(?<=[，])"
)
_OPENING_CONJUNCTION = re.compile(r"^(?:and then|and|then|but|while|where|und dann|und|dann|et puis|et|puis)\s+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af\U00020000-\U0003ffff]")
_WORD = re.compile(r"[^\W_]+(?:['’.\-][^\W_]+)*")


def words(text: str) -> list[str]:
    """The words of a text. Two Chinese or Japanese signs count as one word, since they are not set apart."""
    return list(_words(text))


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    if not _CJK.search(text):
        return tuple(_WORD.findall(text))
    spaced = re.sub(f"({_CJK.pattern}{{1,2}})", r" \1 ", text)
    return tuple(_WORD.findall(spaced))


def is_readable(text: str) -> bool:
    """Whether its words are words: a hundred thousand letters without a space are carried through and not looked into."""
    return all(len(word) <= LONGEST_WORD for word in text.split())


def is_unspaced(text: str) -> bool:
    """Whether most of the text is in a script that sets no spaces between words."""
    return 2 * len(_CJK.findall(text)) > len(re.sub(r"\s", "", text))


def ends(text: str) -> bool:
    """Whether the text ends as a sentence does."""
    return text.rstrip().rstrip(_CLOSERS)[-1:] in (*_STOPS, ".", ":") and bool(text.strip())


def split(paragraph: str) -> list[str]:
    """The sentences of one paragraph; what has no full stop for too long is cut into clauses. Nothing is lost but spaces."""
    found: list[str] = []
    start = position = 0
    while position < len(paragraph):
        after = _stop_at(paragraph, position)
        if after is None:
            position += 1
            continue
        found.append(paragraph[start:after])
        start = position = after
    found.append(paragraph[start:])
    stripped = [re.sub(r"\s+", " ", sentence).strip() for sentence in found]
    return [part for sentence in _with_strays(stripped) for part in _not_too_long(sentence)]


def _with_strays(found: list[str]) -> list[str]:
    """A lone mark belongs to the sentence before it."""
    whole: list[str] = []
    for sentence in found:
        if sentence and not words(sentence) and whole and len(sentence) <= 3:
            whole[-1] += sentence
        elif sentence:
            whole.append(sentence)
    return whole


def _stop_at(text: str, position: int) -> int | None:
    """Where the next sentence begins if a sentence ends at `position`, else None."""
    sign = text[position]
    if sign not in _STOPS and sign != ".":
        return None
    end = position + 1
    while end < len(text) and text[end] in _STOPS + ".":
        end += 1
    last, dots = end, end - position
    while end < len(text) and text[end] in _CLOSERS:
        end += 1
    following = text[end : end + 24].lstrip().lstrip("\"'“‘«„「(")
    if sign in _WIDE_STOPS:
        return end
    if end < len(text) and not text[end].isspace():
        return None
    if following[:1].islower():
        return None
    if sign == "." and dots == 1 and _is_abbreviation(text[max(0, position - 12) : position], following):
        return None
    return max(end, last)


def _is_abbreviation(before: str, following: str) -> bool:
    found = re.search(r"(?:^|[\s(\"“])((?:[^\W\d_]\.)*[^\W\d_]+)$", before)
    if not found:
        return bool(re.search(r"(?:^|\s)\d+$", before)) and following[:1].isdigit()
    word = found[1].lower()
    return word in _ABBREVIATIONS or (len(word) == 1 and found[1].isupper() and word != "i")


def _not_too_long(sentence: str) -> list[str]:
    if len(words(sentence)) <= LONGEST_CLAUSE:
        return [sentence]
    parts = clauses(sentence)
    if len(parts) == 1:
        parts = _packed([piece for piece in _AT_CONJUNCTION.split(sentence) if piece.strip()], LONGEST_CLAUSE // 2)
    if len(parts) == 1:
        return _by_length(sentence)
    return [piece for part in parts for piece in _not_too_long(part)]


def _packed(pieces: list[str], most: int) -> list[str]:
    """Neighbouring pieces joined again while they are short."""
    packed: list[str] = []
    for piece in pieces:
        if packed and len(words(packed[-1])) + len(words(piece)) <= most:
            packed[-1] += " " + piece
        else:
            packed.append(piece)
    return packed


def _by_length(sentence: str) -> list[str]:
    count = -(-len(words(sentence)) // (LONGEST_CLAUSE // 2))
    if is_unspaced(sentence):
        size = -(-len(sentence) // count)
        return [sentence[at : at + size] for at in range(0, len(sentence), size)]
    pieces = sentence.split()
    size = max(1, -(-len(pieces) // count))
    return [" ".join(pieces[at : at + size]) for at in range(0, len(pieces), size)]


def clauses(sentence: str) -> list[str]:
    """The parts of a sentence that each could be an action of their own; one part when it cannot be cut sensibly."""
    if any(mark in sentence for mark in '“”«»「」"'):
        return [sentence]
    parts = [part.strip(" ,，،") for part in _AT_MARK.split(sentence) if part.strip(" ,，،")]
    acting = _where_it_acts([piece for part in parts for piece in _at_verbs(part)])
    return [acting[0], *(_OPENING_CONJUNCTION.sub("", part) for part in acting[1:])]


def _at_verbs(part: str) -> list[str]:
    """Cuts `takes her lamp and climbs the stairs` before `and`, where a verb follows it directly."""
    pieces = re.split(r"(?<!\band)\s+(?=(?:and then|and|then|but|while|where)\s+\w+)", part)
    joined: list[str] = []
    for piece in pieces:
        if joined and not _acts_after_conjunction(piece):
            joined[-1] += " " + piece
        else:
            joined.append(piece)
    return joined


def _acts_after_conjunction(piece: str) -> bool:
    """`and climbs`, `and slowly climbs`, `and then the wind takes`: a verb follows, directly or behind a subject."""
    following = re.sub(r"^\w+ly\s+", "", _OPENING_CONJUNCTION.sub("", piece)).split()
    if following and is_finite(following[0]):
        return True
    subject = bool(following) and (following[0].lower() in _SUBJECT_OPENERS or following[0][:1].isupper())
    return subject and any(is_finite(word.strip(",.;")) for word in following[1:5])


_SUBJECT_OPENERS = words_of("he she it they we i the a an his her their its one two every no")


def _where_it_acts(parts: list[str]) -> list[str]:
    """Joins a part that is too short to be an action to the one before it."""
    whole: list[str] = []
    for part in parts:
        short = len(words(part)) < 3 or (part.isascii() and not any(is_finite(word) for word in words(part)))
        if whole and (short or len(words(whole[-1])) < 3):
            whole[-1] += (" " if not is_unspaced(part) else "，") + part
        else:
            whole.append(part)
    return whole
