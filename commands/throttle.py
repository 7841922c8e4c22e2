"""Limits, pure: on how fast one client is told things, and on how often somebody may fail.

A sliding window (at most so many lines in any stretch of so many seconds) with a count of what was left out,
and a tally of failures. Time is given, never taken.
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


class Failures:
    """How often each of many keys has failed of late. Bounded: the keys that failed longest ago are forgotten."""

    def __init__(self, limit: int, seconds: float, kept: int = 5000) -> None:
        """A key is spent once it has failed `limit` times within `seconds`."""
        self.limit, self._seconds, self._kept = limit, seconds, kept
        self._failed: dict[str, deque[float]] = {}

    def count(self, key: str, now: float) -> int:
        """How often `key` failed of late."""
        failed = self._failed.get(key)
        while failed and now - failed[0] >= self._seconds:
            failed.popleft()
        return len(failed) if failed else 0

    def note(self, key: str, now: float) -> None:
        """`key` has failed."""
        failed = self._failed.pop(key, None)
        self._failed[key] = failed = deque(maxlen=self.limit) if failed is None else failed
        failed.append(now)
        while len(self._failed) > self._kept:
            del self._failed[next(iter(self._failed))]
