"""What was asked, as a fingerprint: two wishes are the same exactly when their canonical JSON is. Knows no kinds of wishes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def wanted(asked: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, of the canonical JSON (sorted keys, UTF-8, no NaN) of what is asked for."""
    return hashlib.sha256(_CANONICAL.encode(asked).encode("utf-8", "surrogatepass")).hexdigest()


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The names of what differs between two wishes, in order: the reason why something is made again."""
    return [key for key in sorted({*before, *after}) if before.get(key) != after.get(key)]


def seed_of(base: int, *parts: str | int) -> int:
    """A seed (0 to 2**31 - 1) that is the film's own for each part, and always the same."""
    digest = hashlib.sha256(":".join(map(str, (base, *parts))).encode()).digest()
    return int.from_bytes(digest[:4], "big") & 0x7FFFFFFF
