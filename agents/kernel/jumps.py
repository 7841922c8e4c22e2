"""Whether the machine's clock was changed or the machine slept: wall time compared with running time.

Owns the detection. Whoever keeps wall-clock deadlines moves them (docs/adr/0010).
"""

from __future__ import annotations

from datetime import timedelta

from agents.kernel.clock import Clock

LEAST = 5.0
"""Difference in seconds between wall time and running time, between two checks, that counts as a jump."""


class Jumps:
    """The jumps of one clock since this object was created."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = self._now()
        self.count = 0
        self.last = timedelta()

    def _now(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()

    def pending(self) -> timedelta | None:
        """How far wall time has jumped since the last check, None if it has not. A jump remains pending until `taken`
        is called; small corrections are followed silently.
        """
        moved = self._now() - self._offset
        if abs(moved) >= LEAST:
            return timedelta(seconds=moved)
        self._offset += moved
        return None

    def taken(self, jump: timedelta) -> None:
        """Everything that depends on it was moved by `jump`."""
        self._offset += jump.total_seconds()
        self.count += 1
        self.last = jump


def in_words(jump: timedelta) -> str:
    """`1:00:00 ahead`, `1 day, 0:00:00 back`."""
    way = "ahead" if jump > timedelta() else "back"
    return f"{timedelta(seconds=round(abs(jump).total_seconds()))} {way}"
