"""How late the Server's thread is: what each command of a person has to wait in addition to its own time.

Owns one beat and its recent delays. `timmy doctor` does the explaining.
"""

from __future__ import annotations

from collections import deque

from twisted.internet import reactor

from agents.kernel.clock import SystemClock

EVERY, KEPT = 0.05, 2400
"""Seconds between two checks, and how many are kept: two minutes."""

clock = SystemClock()
_late: deque[tuple[float, float]] = deque(maxlen=KEPT)
"""(when, how late), both in seconds."""


def begin() -> None:
    """Measure from now on, as long as the reactor runs."""
    _late.clear()
    _look(clock.monotonic() + EVERY)


def _look(due: float) -> None:
    now = clock.monotonic()
    if now >= due:
        _late.append((now, now - due))
        due = now + EVERY
    reactor.callLater(due - now, _look, due)  # type: ignore[attr-defined]


def percentiles(seconds: float = KEPT * EVERY) -> dict[str, float]:
    """`p50`, `p99` and `max` of the recent delays, over at most two minutes, in milliseconds; zeros before the first
    check.
    """
    since = clock.monotonic() - seconds
    found = sorted(late for at, late in _late if at >= since) or [0.0]
    at = {"p50": found[len(found) // 2], "p99": found[min(len(found) * 99 // 100, len(found) - 1)], "max": found[-1]}
    return {name: round(1000 * value, 1) for name, value in at.items()}
