"""Makes text from outside harmless to show: no escape codes, no reordering. Prints nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

# ECMA-48: CSI sequences, strings (OSC, DCS, SOS, PM, APC) up to their terminator, two-character escapes; each also in C1 form.
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
_BREAK = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Controls but newline; bidi embeddings, overrides and isolates (Unicode UAX 9); lone surrogates; the byte order mark.
_HIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
# What JSON leaves as it is and a terminal may act upon.
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u061c\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def plain(text: str) -> str:
    """The text without escape sequences, control characters and bidi overrides; line ends become `\\n`, tabs a space.

    What is left of a sequence that is cut short goes too. Joiners, combining marks and emoji stay.
    """
    text = _BREAK.sub("\n", _SEQUENCE.sub("", text))
    return _HIDDEN.sub("", text.replace("\t", " "))


def one_line(text: str) -> str:
    """The same on one line, runs of white space as one space: for cells, so that a prompt cannot forge lines."""
    return " ".join(plain(text).split())


def gist(text: str, most: int) -> str:
    """One line of at most `most` characters, cut at a word where there is one near, with an ellipsis when cut."""
    text = one_line(text)
    if len(text) <= most:
        return text
    head = text[: max(0, most - 1)]
    word = head.rfind(" ")
    if word > most * 0.6 and not text[len(head)].isspace():
        head = head[:word]
    return head.rstrip(" ,;:.–—-") + "…"


def escape_json(document: str) -> str:
    """JSON text in which no character is left that a terminal could act upon; it means the same."""
    return _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", document)


def masked(text: str, secrets: Sequence[str]) -> str:
    """The text with every secret of four characters or more taken out, the longest first."""
    if not secrets:
        return text
    for secret in sorted({secret for secret in secrets if len(secret) >= 4}, key=len, reverse=True):
        text = text.replace(secret, "********")
    return text
