"""How long one provider is out of reach, seen together by all of a run that ask it. Sends nothing and knows no provider."""

from __future__ import annotations

NEVER_REACHED_S = 20.0
"""So long a provider is asked in vain that answered nothing in this run yet: most likely there is no way to it at all."""
OUTAGE_S = 120.0
"""So long one that did answer: a router that starts anew, a laptop that was carried from one network into another."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 15.0
LEFT_ALONE_S = 60.0
"""After it was given up nobody tries it again for so long: else each of a hundred clips would wait for itself."""


class Outage:
    """Moments are seconds of whatever clock the caller goes by, in one run always the same one."""

    def __init__(self) -> None:
        self._answered = False
        self._since: float | None = None
        self._last = 0.0
        self._given_up = False

    def over(self) -> None:
        """It answered, whatever it said."""
        self._answered, self._since, self._given_up = True, None, False

    def missed(self, now: float) -> float | None:
        """No connection came about. Returns in how many seconds to try again; None when that is given up."""
        if self._since is None:
            self._since = now
        self._last, lasted = now, now - self._since
        left = (OUTAGE_S if self._answered else NEVER_REACHED_S) - lasted
        self._given_up = left <= 0
        return None if self._given_up else min(max(FIRST_PAUSE_S, lasted), LONGEST_PAUSE_S, max(left, FIRST_PAUSE_S))

    def given_up(self, now: float) -> bool:
        """Whether it need not be tried, since that was given up a moment ago."""
        return self._given_up and now - self._last < LEFT_ALONE_S
