"""Limits, pure: on how fast one client is told things, and on how often somebody may fail.

A token bucket (`burst` lines at once, then `rate` a second) with a count of what was left out, and a
tally of failures. Time is given, never taken.
"""

from __future__ import annotations

from collections import deque


class Throttle:
    """One client's allowance."""

    def __init__(self, rate: float, burst: int, now: float) -> None:
        """`rate` in lines a second; `now` in seconds from any start."""
        self._rate, self._burst = rate, burst
        self._tokens, self._then = float(burst), now
        self.left_out = 0

    def admit(self, now: float) -> bool:
        """Whether one more line may be told; if not, it is counted as left out."""
        self._tokens = min(self._burst, self._tokens + (now - self._then) * self._rate)
        self._then = now
        if self._tokens < 1:
            self.left_out += 1
            return False
        self._tokens -= 1
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
