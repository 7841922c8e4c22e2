"""How long to wait before a process that died is started again. Pure.

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
