"""Finds the words of a table in a text, in scripts with and without spaces. Knows no table itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def plain(text: str) -> str:
    """Lower case, one kind of space, compatibility forms folded."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())


@cache
def _pattern(terms: str) -> re.Pattern[str]:
    """One expression for all of these words; scripts without spaces are found anywhere, the others as whole words."""
    all_terms = [plain(word).replace("_", " ") for word in terms.split()]
    asian = [re.escape(word) for word in all_terms if ASIAN.search(word)]
    spaced = "|".join(re.escape(word) for word in all_terms if not ASIAN.search(word))
    return re.compile("|".join([rf"(?<!\w)({spaced})(?:s|es)?(?!\w)" if spaced else r"((?!))", *asian]))


def first_mention(text: str, terms: str) -> int:
    """Where one of these words stands first in `text` (as `plain` gives it), or -1. English plurals count."""
    found = _pattern(terms).search(text)
    return found.start() if found else -1


def mentioned(text: str, table: Mapping[str, str]) -> list[str]:
    """The keys of the table whose words are in the text, in the order of the text; of two at one place the longer word's."""
    found = [(match.start(), -len(match[1] or match[0]), key) for key, terms in table.items()
        if (match := _pattern(terms).search(text))]
    return [key for _, _, key in sorted(found)]
