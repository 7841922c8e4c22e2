"""How long to wait before a process that died is started again, and before one that is silent is killed. Pure.

Owns the one restart policy, used for the Portal and for the Server. Refuses to know
clocks or processes: it is told how long the process lived.
"""

from __future__ import annotations

from dataclasses import dataclass

DELAYS = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)
MOST_AFTER_READY = 2.0
"""Seconds waited at most for one that was ready in its last life: whatever killed it, it can start."""


@dataclass
class Backoff:
    """Counts failures in a row. A life of `stable` seconds or more forgives those before it."""

    stable: float = 60.0
    delays: tuple[float, ...] = DELAYS
    failures: int = 0

    def died(self, lived: float, ready: bool = False) -> float:
        """Note a death after `lived` seconds, in which it was `ready` or never; the seconds to wait before
        the next start.
        """
        self.failures = 1 if lived >= self.stable else self.failures + 1
        delay = self.delays[min(self.failures, len(self.delays)) - 1]
        return min(delay, MOST_AFTER_READY) if ready else delay

    def forgive(self) -> None:
        """Forget the failures: the last end was asked for."""
        self.failures = 0


@dataclass
class Patience:
    """How many times the usual silence is borne before a process that answers no more is killed.

    One that is too slow for its machine has more to do after each start, so it would be killed again and again: each
    that was killed early in its life lets the next be silent for twice as long.
    """

    stable: float = 300.0
    most: int = 8
    factor: int = 1

    def times(self, lived: float) -> int:
        """The factor for one that has lived so many seconds: 1 from `stable` on."""
        return 1 if lived >= self.stable else self.factor

    def lost(self, lived: float) -> None:
        """Note that one was killed for its silence."""
        self.factor = min(2 * self.times(lived), self.most)
