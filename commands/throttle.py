"""A limit on how fast one client is told things, with a count of what was left out. Pure.

A token bucket: `burst` lines at once, then `rate` a second. Time is given, never taken.
"""

from __future__ import annotations


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
