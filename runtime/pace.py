"""So many requests in so long, as a provider allows an account: a turn for each. Knows no provider and sends nothing."""

from __future__ import annotations

import asyncio
from collections import deque


class Pace:
    """At most `most` turns in any `seconds`, in the order in which they are asked for, on whatever event loop runs.

    It counts what this process does. Others with the same account are not seen: a 429 may come all the same.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self.most, self.seconds = most, seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ahead = asyncio.Lock()
        self._taken: deque[float] = deque()

    async def turn(self) -> None:
        """Returns when one more request may go out."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:  # a new run in the same process: its clock is another one
            self._loop, self._ahead, self._taken = loop, asyncio.Lock(), deque()
        async with self._ahead:
            if len(self._taken) == self.most:
                await asyncio.sleep(self._taken[0] + self.seconds - loop.time())
                self._taken.popleft()
            self._taken.append(loop.time())
