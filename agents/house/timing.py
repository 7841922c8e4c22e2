"""How long a part's turns take: the newest ones, in milliseconds.

Owns the sample. Leaves the judgement to others.
"""

from __future__ import annotations

from collections import deque
from types import TracebackType

from agents.kernel.clock import Clock

MOST = 1000
"""Number of turns kept."""
SHARES = {"p50": 0.5, "p99": 0.99, "max": 1.0}


class Timing:
    """A context manager around each turn."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._taken: deque[float] = deque(maxlen=MOST)
        self._begun = 0.0

    def __enter__(self) -> None:
        """Start a turn."""
        self._begun = self._clock.monotonic()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self._taken.append((self._clock.monotonic() - self._begun) * 1000)

    def percentiles(self) -> dict[str, float]:
        """`p50`, `p99` and `max`; empty before the first turn."""
        taken = sorted(self._taken)
        if not taken:
            return {}
        last = len(taken) - 1
        return {name: round(taken[round(last * share)], 2) for name, share in SHARES.items()}
