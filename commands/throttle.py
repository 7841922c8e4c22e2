"""A limit on how fast one client is told things, with a count of what was left out. Pure.

A sliding window: at most so many in any stretch of so many seconds. Time is given, never taken.
"""

from __future__ import annotations

from collections import deque


class Throttle:
    """One client's allowance."""

    def __init__(self, most: int, seconds: float = 1.0) -> None:
        """At most `most` lines within any `seconds`."""
        self._seconds = seconds
        self._told: deque[float] = deque(maxlen=most)
        self.left_out = 0

    def admit(self, now: float) -> bool:
        """Whether one more line may be told; if not, it is counted as left out."""
        if len(self._told) == self._told.maxlen and now - self._told[0] < self._seconds:
            self.left_out += 1
            return False
        self._told.append(now)
        return True

    def take_left_out(self) -> int:
        """How many were left out since this was last asked."""
        count, self.left_out = self.left_out, 0
        return count
