"""How late the Server's thread comes: what each command of a person has to wait on top of its own time.

Owns one beat and how late it was of late. Refuses to explain: `timmy doctor` does.
"""

from __future__ import annotations

from collections import deque

from twisted.internet import reactor

from agents.kernel.clock import SystemClock

EVERY, KEPT = 0.05, 2400
"""Seconds between two looks, and how many are kept: two minutes."""

clock = SystemClock()
_late: deque[float] = deque(maxlen=KEPT)


def begin() -> None:
    """Measure from now on, for as long as the reactor runs."""
    _late.clear()
    _look(clock.monotonic() + EVERY)


def _look(due: float) -> None:
    now = clock.monotonic()
    if now >= due:
        _late.append(now - due)
        due = now + EVERY
    reactor.callLater(due - now, _look, due)  # type: ignore[attr-defined]


def percentiles() -> dict[str, float]:
    """`p50`, `p99` and `max` of the last two minutes, in milliseconds; zeros before the first look."""
    found = sorted(_late) or [0.0]
    at = {"p50": found[len(found) // 2], "p99": found[min(len(found) * 99 // 100, len(found) - 1)], "max": found[-1]}
    return {name: round(1000 * seconds, 1) for name, seconds in at.items()}
