"""Drives all minds in turn, on a clock that may be real or simulated.

Owns the order of visits: a heap of deadlines, a time budget a slot. Refuses to think, and
knows nothing of Twisted: whoever runs it calls `run_slot` some twenty times a second. A
visit that comes late is made once, never made up for. A mind that raises is reported, waits
ever longer, and disturbs no other.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from agents.kernel.clock import Clock

FIRST_PENALTY, LONGEST_PENALTY = 1.0, 300.0
"""Seconds a mind waits after it raised once, and at most."""
ROUNDS = 8
"""Visits one mind may have in one slot: so many slices of a search."""


class Thinker(Protocol):
    """What can be scheduled."""

    slug: str

    def visit(self) -> float:
        """Do a little (about a millisecond); return after how many seconds to come again."""
        ...


@dataclass
class _Seat:
    thinker: Thinker
    deadline: float
    turn: int
    paused: bool = False
    faults: int = 0
    fault: str = ""
    visits: int = 0
    longest: float = 0.0


class Scheduler:
    """All minds of one world. Not thread-safe: one thread calls everything."""

    def __init__(self, clock: Clock, on_error: Callable[[BaseException, str], object]) -> None:
        """`on_error(exception, where)` hears of each mind that raised; it must not raise."""
        self._clock = clock
        self._on_error = on_error
        self._seats: dict[str, _Seat] = {}
        self._heap: list[tuple[float, int, str]] = []
        self._turn = 0

    def register(self, thinker: Thinker, delay: float = 0.0) -> None:
        """Seat a mind (again: it takes its own place anew); first visit after `delay` seconds."""
        self._seats[thinker.slug] = _Seat(thinker, 0.0, 0)
        self._plan(thinker.slug, delay)

    def unregister(self, slug: str) -> None:
        """Forget a mind; nothing happens when it is not seated."""
        self._seats.pop(slug, None)

    def pause(self, slug: str) -> bool:
        """Visit it no more until `resume`; False when it is not seated."""
        seat = self._seats.get(slug)
        if seat:
            seat.paused = True
        return seat is not None

    def resume(self, slug: str) -> bool:
        """Visit it again from now on; False when it is not seated."""
        seat = self._seats.get(slug)
        if seat:
            seat.paused = False
            self._plan(slug, 0.0)
        return seat is not None

    def wake(self, slug: str) -> None:
        """Visit it in the next slot, whatever it had asked for; not when it is paused."""
        if slug in self._seats and not self._seats[slug].paused:
            self._plan(slug, 0.0)

    def paused(self, slug: str) -> bool:
        """Whether it is seated and paused."""
        return slug in self._seats and self._seats[slug].paused

    def fault(self, slug: str) -> str:
        """What its last visit raised, or '' when that went well."""
        seat = self._seats.get(slug)
        return seat.fault if seat else ""

    def __contains__(self, slug: object) -> bool:
        return slug in self._seats

    def __len__(self) -> int:
        return len(self._seats)

    def _plan(self, slug: str, delay: float, start: float | None = None) -> None:
        seat = self._seats[slug]
        self._turn += 1
        seat.deadline = (self._clock.monotonic() if start is None else start) + max(delay, 0.0)
        seat.turn = self._turn
        heapq.heappush(self._heap, (seat.deadline, seat.turn, slug))

    def next_deadline(self) -> float | None:
        """Clock reading of the earliest visit asked for (for simulation), None when there is none."""
        while self._heap and not self._current(self._heap[0]):
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def _current(self, entry: tuple[float, int, str]) -> bool:
        seat = self._seats.get(entry[2])
        return seat is not None and not seat.paused and seat.turn == entry[1]

    def run_slot(self, budget_ms: float = 25.0) -> int:
        """Visit those that are due in turn, until the budget is spent; returns the number of visits.

        A mind that asks for another visit at once has it in the next round, after all others, in
        at most `ROUNDS` rounds. Those left over keep their place and come first in the next slot.
        """
        start = self._clock.monotonic()
        visits = 0
        for _ in range(ROUNDS):
            due: list[tuple[float, int, str]] = []
            while self._heap and self._heap[0][0] <= start:
                entry = heapq.heappop(self._heap)
                if self._current(entry):
                    due.append(entry)
            if not due:
                break
            for position, entry in enumerate(due):
                if visits and (self._clock.monotonic() - start) * 1000 >= budget_ms:
                    for left in due[position:]:
                        heapq.heappush(self._heap, left)
                    return visits
                if self._current(entry):  # an earlier visit of this slot may have unseated or woken it
                    self._visit(entry[2], start)
                    visits += 1
        return visits

    def _visit(self, slug: str, now: float) -> None:
        seat = self._seats[slug]
        turn, begun = seat.turn, self._clock.monotonic()
        try:
            delay = seat.thinker.visit()
            seat.faults, seat.fault = 0, ""
        except Exception as error:  # noqa: BLE001  (one broken mind must not stop the others; it is reported)
            seat.faults += 1
            seat.fault = f"{type(error).__name__}: {error}"
            delay = min(FIRST_PENALTY * 2 ** min(seat.faults - 1, 16), LONGEST_PENALTY)
            self._on_error(error, f"mind {slug}")
        seat.visits += 1
        seat.longest = max(seat.longest, self._clock.monotonic() - begun)
        if self._seats.get(slug) is seat and seat.turn == turn:
            self._plan(slug, delay, now if delay <= 0 else None)
