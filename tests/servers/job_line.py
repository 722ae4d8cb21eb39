"""Who may run and who has to wait: the places a vendor's tier has for one model. Bills nothing."""

from __future__ import annotations

from collections import deque

from tests.servers.ledger_of_bills import Job


class JobLine:
    """First come, first served. Moved on by whoever looks (`advance`), so that it needs no clockwork of its own."""

    def __init__(self, places: int | None) -> None:
        self._places = places
        self._running: list[Job] = []
        self._waiting: deque[Job] = deque()

    def admit(self, job: Job, now: float) -> None:
        self.advance(now)
        if self._places is None:
            job.begin(now)
        elif len(self._running) < self._places:
            self._start(job, now)
        else:
            self._waiting.append(job)

    def advance(self, now: float) -> None:
        """Gives the places of jobs that have ended to those that wait, each at the moment its place became free."""
        while ended := [job for job in self._running if job.ended_at <= now]:
            first = min(ended, key=lambda job: job.ended_at)
            self._running.remove(first)
            if self._waiting:
                job = self._waiting.popleft()
                self._start(job, max(first.ended_at, job.accepted_at))

    def cancel(self, job: Job, now: float) -> None:
        """Ends a job now, wherever it stands."""
        if job in self._waiting:
            self._waiting.remove(job)
        job.end, job.ended_at = "cancelled", now
        self.advance(now)

    def _start(self, job: Job, at: float) -> None:
        job.begin(at)
        self._running.append(job)
