"""When a provider is looked at: spread in time, few at once, whichever backends ask with one account. Names no provider."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable

from pydantic import SecretStr

from generators.remote_protocol import JobState
from video_generator_interface import BackendOptions

JITTER = 0.2
LOOKS_AT_ONCE = 4
"""Polls of one account that may be on the wire together; an answer can hold a whole clip."""


class Poller:
    """Every look at the jobs of one account goes through here, on whatever event loop runs."""

    def __init__(self, dice: random.Random | None = None) -> None:
        self._dice = dice or random.Random()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._places = asyncio.Semaphore(LOOKS_AT_ONCE)

    async def look(self, ask: Callable[[], Awaitable[JobState]], wait_s: float) -> JobState:
        """One look, after `wait_s`."""
        await self.pause(wait_s)
        loop = asyncio.get_running_loop()
        if loop is not self._loop:  # a new run in the same process
            self._loop, self._places = loop, asyncio.Semaphore(LOOKS_AT_ONCE)
        async with self._places:
            return await ask()

    async def pause(self, wait_s: float) -> None:
        """Waits so long, never less, and up to a fifth more, so that those who begin to wait together drift apart."""
        await asyncio.sleep(wait_s * self._dice.uniform(1, 1 + JITTER))


_POLLERS: dict[str, Poller] = {}


def account(provider: str, options: BackendOptions) -> str:
    """What stands for who asks whom: provider, address, project, keys. None of them can be read out of it."""
    told = [provider, *(str(getattr(options, name, None)) for name in ("base_url", "project_id"))]
    for name in type(options).model_fields:
        if isinstance(key := getattr(options, name), SecretStr):
            told.append(f"{name} {key.get_secret_value()}")
    return hashlib.sha256(repr(told).encode()).hexdigest()


def poller_of(account: str) -> Poller:
    """The one of an account in this process, whoever asks with it: a fallback of the same vendor shares it."""
    return _POLLERS.setdefault(account, Poller())
