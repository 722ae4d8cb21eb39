"""Which language a text is in, by its script and its small words: good enough to see a wrong one. Translates nothing."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

NAMES: Mapping[str, str] = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese", "nl": "Dutch",
    "zh": "Chinese", "ja": "Japanese", "ko": "Korean", "ru": "Russian", "uk": "Ukrainian", "ar": "Arabic", "he": "Hebrew",
    "el": "Greek", "hi": "Hindi", "th": "Thai", "pl": "Polish", "tr": "Turkish", "sv": "Swedish",
}
_SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "CJK": ("zh", "ja"), "HIRAGANA": ("ja",), "KATAKANA": ("ja",), "HANGUL": ("ko",), "CYRILLIC": ("ru", "uk"),
    "ARABIC": ("ar",), "HEBREW": ("he",), "GREEK": ("el",), "DEVANAGARI": ("hi",), "THAI": ("th",)}
"""The scripts that say a language; the first is meant where nothing else is known."""
_SMALL: Mapping[str, frozenset[str]] = {code: frozenset(words.split()) for code, words in {
    "en": "the and of a in with on to is at from his her their as into by over an its for through under while",
    "de": "der die das und ein eine einen einer im mit auf zu ist am von sein ihr aus dem den des sich nicht über unter",
    "fr": "le la les et un une des dans avec sur est du de au aux il elle sa son ses qui vers sous",
    "es": "el la los las y un una en con de del sobre es al su sus que por hacia bajo se",
    "it": "il lo la gli le e un una nel nella con di del della su è al alla suo sua che verso sotto",
    "pt": "o a os as e um uma no na com de do da sobre é ao à seu sua que para sob",
    "nl": "de het een en in met op van is aan zijn haar uit naar door onder over die dat",
    "pl": "i w z na do się jest ze nad pod przez jego jej nie to od",
    "tr": "ve bir ile bu da de için gibi üzerinde altında olan onun",
    "sv": "och en ett den det i med på är av sin sitt sina från under över som till",
}.items()}
_FEW = 3
"""Small words that are needed before a language is believed."""
_STRAY = 4
"""Letters of another script in a row that are no name any more."""


def language_of(text: str, few: int = _FEW) -> str | None:
    """The code of its language; None where nothing says it. few: how many small words it takes to be believed."""
    scripts = Counter(filter(None, map(_script, text)))
    letters = sum(character.isalpha() for character in text)
    if letters and sum(scripts.values()) * 3 > letters:
        if scripts["HIRAGANA"] + scripts["KATAKANA"] > 0:
            return "ja"
        return _SCRIPTS[scripts.most_common(1)[0][0]][0]
    words = re.findall(r"[^\W\d_]+", text.lower())
    hits = {code: sum(word in small for word in words) for code, small in _SMALL.items()}
    best, second = sorted(hits, key=lambda code: -hits[code])[:2]
    return best if hits[best] >= few and hits[best] > hits[second] else None


def foreign(text: str, wanted: str, names: Iterable[str] = ()) -> str:
    """What is wrong with the language of a text that should be in `wanted`, in words; empty where nothing is.

    names may be in any script.
    """
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, " ")
    stray = _stray(text, wanted)
    if stray:
        return f"is partly not in {NAMES.get(wanted, wanted)}"
    found = language_of(text)
    if found is not None and found != wanted and not {found, wanted} <= {"zh", "ja"}:
        return f"is in {NAMES.get(found, found)}, not in {NAMES.get(wanted, wanted)}"
    if found is None and wanted not in _SMALL and sum(map(str.isalpha, text)) > 20:
        return f"is not in {NAMES.get(wanted, wanted)}"
    return ""


def _stray(text: str, wanted: str) -> bool:
    """Whether words stand in it in a script that its language does not use."""
    run = 0
    for character in text:
        script = _script(character)
        if script is not None and wanted not in _SCRIPTS[script]:
            run += 1
            if run >= _STRAY:
                return True
        elif character.isalpha():
            run = 0
    return False


def _script(character: str) -> str | None:
    if character.isascii() or not character.isalpha():
        return None
    return next((word for word in unicodedata.name(character, "").split()[:1] if word in _SCRIPTS), None)
