"""Memory that nobody uses any longer, given back to the system while a run goes on. Knows not what it was used for."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys
import time
from functools import _lru_cache_wrapper, cache
from typing import Any, TypeVar

from runtime.pools import in_thread

Cached = TypeVar("Cached", bound="_lru_cache_wrapper[Any]")

ARENA_MAX = -8
"""mallopt's M_ARENA_MAX (malloc.h)."""
ARENAS = 2
"""Every thread may get a pool of its own by default, and each keeps what one picture of a film once took there."""
UNUSED_S = 10.0
"""After so long without a question, what is kept for the next one is thrown away."""
_kept: list[_Kept] = []


class _Kept:
    """A cache of large things, and when it was last seen to be asked."""

    def __init__(self, cached: _lru_cache_wrapper[Any]) -> None:
        self._cached, self._asked, self._since = cached, 0, 0.0

    def empty(self) -> None:
        self._cached.cache_clear()
        self._asked = 0

    def look(self, now: float) -> None:
        """Empties it where nobody has asked for a while."""
        seen = self._cached.cache_info()
        if seen.hits + seen.misses != self._asked:
            self._asked, self._since = seen.hits + seen.misses, now
        elif seen.currsize and now - self._since >= UNUSED_S:
            self.empty()


def while_used(cached: Cached) -> Cached:
    """Marks an `lru_cache` of large things that can be made again: it is emptied when nobody asks it any longer."""
    _kept.append(_Kept(cached))
    return cached


@cache
def _glibc() -> ctypes.CDLL | None:
    """The C library, where it is one that can be asked."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None


@cache
def settle() -> None:
    """Once a process, before there are many threads and when all is loaded that lives as long as it: the garbage collector need
    not go through that again, and threads share their pools of memory."""
    library = _glibc()
    if library is not None:
        library.mallopt(ARENA_MAX, ARENAS)
    gc.collect()
    gc.freeze()


def give_back(*, caches: bool = False) -> None:
    """Gives back what is free now, with the caches that are not used, or with all of them: some milliseconds, for which threads
    that want memory wait. Blocking. A C library other than glibc decides by itself when."""
    for kept in _kept:
        if caches:
            kept.empty()
        else:
            kept.look(time.monotonic())
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


async def stay_small(every_s: float = 2.0) -> None:
    """Gives back again and again. Runs until it is cancelled."""
    while True:
        await asyncio.sleep(every_s)
        await in_thread(give_back)
