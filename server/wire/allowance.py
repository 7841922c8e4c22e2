"""How much somebody may send: a bucket that fills at a rate and may be overdrawn. Pure.

Time is passed in. What has been read cannot be unread, so a bucket does not refuse: it says for how long to stop
reading.
"""

from __future__ import annotations

LONGEST_PAUSE = 10.0  # seconds; also the limit of overdraft, so that neighbours at one address get a turn


class Bucket:
    """An allowance of `rate` a second, and `burst` at once: by default twice the rate."""

    def __init__(self, rate: float, now: float, burst: float = 0) -> None:
        self.rate, self.burst, self._then = rate, burst or 2 * rate, now
        self._left = self.burst

    def take(self, amount: float, now: float) -> float:
        """Take `amount`, whether available or not; returns the seconds to wait until something is left again."""
        self._fill(now)
        self._left = max(self._left - amount, -LONGEST_PAUSE * self.rate)
        return max(0.0, -self._left / self.rate)

    def spare(self, amount: float, now: float) -> bool:
        """Take `amount` if it is available; returns whether it was."""
        self._fill(now)
        if self._left < amount:
            return False
        self._left -= amount
        return True

    def full(self, now: float) -> bool:
        """Whether everything taken has been refilled."""
        self._fill(now)
        return self._left >= self.burst

    def _fill(self, now: float) -> None:
        self._left = min(self.burst, self._left + max(0.0, now - self._then) * self.rate)
        self._then = now
