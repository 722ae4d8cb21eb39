"""What Google's refusals say: which side they object to, and to what. Asks nobody and decides nothing."""

from __future__ import annotations

import re

from runtime.answers import Side

CATEGORIES = {
    "children": "58061214 17301594",
    "a celebrity": "29310472 15236754",
    "video safety": "64151117 42237218",
    "dangerous content": "62263041",
    "hate": "57734940 22137204",
    "other": "74803281 29578790 42876398",
    "prohibited content": "89371032 49114662 63429089 72817394 60599140",
    "third-party content": "35561574 35561575",
    "sexual content": "90789179 43188360",
    "toxic content": "78610348",
    "violence": "61493863 56562880",
    "vulgarity": "32635315",
}
"""Support codes by what they stand for, from Google's page on responsible AI and usage guidelines for Veo (2026)."""
_NAMES = {code: name for name, codes in CATEGORIES.items() for code in codes.split()}
_OBJECTS = re.compile(
    r"usage guidelines|use polic|our policies|support codes?:|moderation|safety (?:filter|reason|polic)|for safety|prohibited|"
    r"responsible ai|sensitive words|celebrit|likeness", re.IGNORECASE)
_OUTPUT = re.compile(r"generated (?:video|output|audio)|output video|filtered out|issue with the audio|blocked videos",
                     re.IGNORECASE)
_INPUT = re.compile(r"input (?:image|text|prompt)|\bprompt\b|\bimages?\b|couldn.t be submitted|might violate", re.IGNORECASE)


def refusal_side(text: str, otherwise: Side | None = None) -> Side | None:
    """The side a text objects to; `unknown` where it objects and does not say; `otherwise` where it does not object."""
    if not _OBJECTS.search(text):
        return otherwise
    if _OUTPUT.search(text):  # first: a filtered sound is blamed on "your prompt" as well
        return "output"
    return "input" if _INPUT.search(text) else "unknown"


def explained(text: str) -> str:
    """The text with the names of its support codes behind it, where they are known."""
    names = dict.fromkeys(_NAMES[code] for code in re.findall(r"\b\d{8}\b", text) if code in _NAMES)
    return f"{text} ({', '.join(names)})" if names else text
