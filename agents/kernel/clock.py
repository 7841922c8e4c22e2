"""Time as a value that is passed in, so that a simulated day can be replayed exactly.

Owns the project's only calls to the system clock. Refuses naive datetimes: every instant here is aware and in UTC.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


def processor_seconds() -> float:
    """Seconds of processor time that this process has used."""
    return time.process_time()


class Clock(Protocol):
    """The interface of a clock."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary start, never running backwards."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since an arbitrary start; unaffected by changes to the wall clock."""
        return time.monotonic()


class SimulatedClock:
    """A clock that stands still until it is advanced."""

    def __init__(self, start: datetime) -> None:
        """`start` is the first instant shown; raises ValueError if it is naive."""
        if start.tzinfo is None:
            raise ValueError("a simulated clock needs an aware start")
        self._start = self._now = start.astimezone(UTC)
        self._elapsed = 0.0

    def now(self) -> datetime:
        """The simulated instant, aware, in UTC."""
        return self._now

    def monotonic(self) -> float:
        """Simulated seconds since the start."""
        return self._elapsed

    def advance(self, seconds: float) -> None:
        """Advance by `seconds`; raises ValueError if negative."""
        self.advance_to(self._elapsed + seconds)

    def advance_to(self, instant: float) -> None:
        """Advance to so many seconds after the start; raises ValueError if that is in the past."""
        if instant < self._elapsed:
            raise ValueError("time does not run backwards")
        self._elapsed = instant
        self._now = self._start + timedelta(seconds=instant)
