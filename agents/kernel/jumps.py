"""When the machine's clock was set, or the machine slept: wall time against time that only runs.

Owns the noticing. Refuses to mend: whoever keeps deadlines by the wall moves them (docs/adr/0010).
"""

from __future__ import annotations

from datetime import timedelta

from agents.kernel.clock import Clock

LEAST = 5.0
"""Seconds by which wall time must leave running time between two looks to count as a jump."""


class Jumps:
    """The jumps of one clock since this was made."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = self._now()
        self.count = 0
        self.last = timedelta()

    def _now(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()

    def pending(self) -> timedelta | None:
        """How far wall time has jumped since the last look, None when it has not. What is pending stays so
        until it is `taken`; small corrections are followed without a word.
        """
        moved = self._now() - self._offset
        if abs(moved) >= LEAST:
            return timedelta(seconds=moved)
        self._offset += moved
        return None

    def taken(self, jump: timedelta) -> None:
        """All that depends on it was moved by `jump`."""
        self._offset += jump.total_seconds()
        self.count += 1
        self.last = jump


def in_words(jump: timedelta) -> str:
    """`1:00:00 ahead`, `1 day, 0:00:00 back`."""
    way = "ahead" if jump > timedelta() else "back"
    return f"{timedelta(seconds=round(abs(jump).total_seconds()))} {way}"
