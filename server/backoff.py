"""How long to wait before a process that died is restarted, and before a silent one is killed. Pure.

Owns the one restart policy, for the Portal and the Server. Knows no clocks or processes: the caller says how long
the process lived.
"""

from __future__ import annotations

from dataclasses import dataclass

DELAYS = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)
MOST_AFTER_READY = 2.0
"""Maximum seconds to wait for a process that was ready in its last life: whatever killed it, it can start."""


@dataclass
class Backoff:
    """Counts failures in a row. A life of `stable` seconds or more resets the count."""

    stable: float = 60.0
    delays: tuple[float, ...] = DELAYS
    failures: int = 0

    def died(self, lived: float, ready: bool = False) -> float:
        """Note a death after `lived` seconds, in which it was `ready` or never was; returns the seconds to wait before
        the next start.
        """
        self.failures = 1 if lived >= self.stable else self.failures + 1
        delay = self.delays[min(self.failures, len(self.delays)) - 1]
        return min(delay, MOST_AFTER_READY) if ready else delay

    def forgive(self) -> None:
        """Forget the failures: the last end was intended."""
        self.failures = 0


@dataclass
class Patience:
    """By what factor to extend the usual time before a process that no longer answers is killed.

    A process that is too slow for its machine has more to do after each start, so it would be killed again and
    again. Each one that was killed early in its life therefore gives the next twice as long.
    """

    stable: float = 300.0
    most: int = 8
    factor: int = 1

    def times(self, lived: float) -> int:
        """The factor for a process that has lived so many seconds: 1 from `stable` on."""
        return 1 if lived >= self.stable else self.factor

    def lost(self, lived: float) -> None:
        """Note that one was killed because it was silent."""
        self.factor = min(2 * self.times(lived), self.most)
