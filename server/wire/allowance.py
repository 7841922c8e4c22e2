"""How much somebody may send: a bucket that fills at a rate and may be overdrawn. Pure.

Time is given, never taken. What has been read cannot be unread, so a bucket does not refuse: it says how
long to read no more.
"""

from __future__ import annotations

LONGEST_PAUSE = 10.0  # seconds; also how deep a bucket gets, so that neighbours at one address come to a turn


class Bucket:
    """An allowance of `rate` a second, and `burst` at once: if none is given, twice the rate."""

    def __init__(self, rate: float, now: float, burst: float = 0) -> None:
        self.rate, self.burst, self._then = rate, burst or 2 * rate, now
        self._left = self.burst

    def take(self, amount: float, now: float) -> float:
        """Take `amount`, there or not; the seconds to wait until there is something left again."""
        self._fill(now)
        self._left = max(self._left - amount, -LONGEST_PAUSE * self.rate)
        return max(0.0, -self._left / self.rate)

    def spare(self, amount: float, now: float) -> bool:
        """Take `amount` if it is there; whether it was."""
        self._fill(now)
        if self._left < amount:
            return False
        self._left -= amount
        return True

    def full(self, now: float) -> bool:
        """Whether nothing has been taken that has not come back."""
        self._fill(now)
        return self._left >= self.burst

    def _fill(self, now: float) -> None:
        self._left = min(self.burst, self._left + max(0.0, now - self._then) * self.rate)
        self._then = now
