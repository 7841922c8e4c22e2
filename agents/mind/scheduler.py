"""Drives all minds in turn, on a clock that may be real or simulated.

Owns the order of visits: a heap of deadlines, and a time budget for each slot. Refuses to think, and to know Twisted:
whoever runs it calls `run_slot` some forty times a second. A late visit is made once and not made up for. A mind that
raises is reported, waits longer each time, and disturbs no other. A guard interrupts one that holds the thread too
long; if that happens again and again the mind is paused until somebody resumes it. Records that cannot be written are
no mind's fault: the slot is abandoned and begun anew.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Coroutine, Generator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NewType, Protocol, TypeVar

from agents.kernel.clock import Clock
from agents.kernel.errors import unwritable
from agents.kernel.guard import Guard, Overran, driven, stretch, unguarded

T = TypeVar("T")
Delay = NewType("Delay", float)
"""Seconds until the next visit; an instant is a reading of the clock."""
AT_ONCE, POLL = Delay(0.0), Delay(0.25)
"""In the same slot, and soon (while a step runs)."""
FIRST_PENALTY, LONGEST_PENALTY = 1.0, 300.0
"""Seconds a mind waits after it raised once, and at most."""
OVERRUN_PENALTY = 10.0
"""Seconds it waits after it held the thread too long once; twice that after the second time, and so on."""
FORGIVEN = 3600.0
"""Seconds after which such a time is forgiven."""
LATE = 1.0
"""A visit this many seconds after it was due counts as late."""
ROUNDS = 8
"""Visits one mind may have in one slot: so many slices of a search."""


class Thinker(Protocol):
    """What can be scheduled."""

    slug: str

    def visit(self) -> Delay:
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
    not_before: float = 0.0
    overran: Overran | None = None
    overruns: list[float] = field(default_factory=list)
    aside: str = ""


@dataclass(frozen=True)
class SeatKept:
    """A seat as plain values, without its thinker; times are readings of the clock."""

    deadline: float
    turn: int
    paused: bool
    faults: int
    fault: str
    not_before: float
    overruns: list[float]
    aside: str


class Scheduler:
    """All minds of one world. Not thread-safe: one thread calls everything."""

    def __init__(
        self,
        clock: Clock,
        on_error: Callable[[BaseException, str], object],
        guard: Guard = unguarded,
        overruns: int = 3,
    ) -> None:
        """`on_error(exception, where)` hears of each mind that raised; it must not raise. `guard` is around
        each stretch; a mind that it ended `overruns` times within an hour is set aside.
        """
        self._clock = clock
        self._on_error = on_error
        self._guard, self._overruns = guard, overruns
        self.on_aside: Callable[[str, str], object] = lambda slug, why: None
        """Hears the name of each mind that is set aside, and why."""
        self.late = 0
        """Visits that came late; what they would have made up for was dropped."""
        self.visited: list[str] = []
        """Whom the present slot visited; whoever ends the slot clears it."""
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
            seat.paused, seat.aside, seat.faults, seat.fault, seat.not_before = False, "", 0, "", 0.0
            seat.overruns.clear()
            self._plan(slug, 0.0)
        return seat is not None

    def wake(self, slug: str) -> None:
        """Visit it in the next slot, whatever it had asked for; not when it is paused, nor before a
        penalty is over.
        """
        if slug in self._seats and not self._seats[slug].paused:
            self._plan(slug, 0.0)

    def paused(self, slug: str) -> bool:
        """Whether it is seated and paused."""
        return slug in self._seats and self._seats[slug].paused

    def fault(self, slug: str) -> str:
        """What its last visit raised, or '' when that went well."""
        seat = self._seats.get(slug)
        return seat.fault if seat else ""

    def behind(self, slug: str) -> float:
        """Seconds by which its next visit is late already; 0 for one that is paused or less than LATE behind."""
        seat = self._seats.get(slug)
        if seat is None or seat.paused:
            return 0.0
        late = self._clock.monotonic() - seat.deadline
        return late if late > LATE else 0.0

    def aside(self, slug: str) -> str:
        """Why it was set aside, or ''."""
        seat = self._seats.get(slug)
        return seat.aside if seat else ""

    def counts(self) -> dict[str, float]:
        """How many are seated, paused, failing and set aside, how many visits were made, how many came late,
        and the longest of all in milliseconds.
        """
        seats = self._seats.values()
        return {
            "seated": len(seats),
            "paused": sum(s.paused for s in seats),
            "failing": sum(bool(s.fault) for s in seats),
            "aside": sum(bool(s.aside) for s in seats),
            "late": self.late,
            "visits": sum(s.visits for s in seats),
            "longest_ms": round(1000 * max((s.longest for s in seats), default=0.0), 1),
        }

    def begin(self, slug: str, coroutine: Coroutine[Any, Any, T]) -> Generator[Any, Any, T] | None:
        """Do a step of a mind up to where it waits for something, guarded as its visits are; returns the rest of
        it, None when that was all: most steps wait for nothing.
        """
        overran = partial(self._overran, slug)
        try:
            wanted = stretch(coroutine, self._guard, overran)
        except StopIteration:
            return None
        return driven(coroutine, wanted, self._guard, overran)

    def snapshot(self) -> dict[str, SeatKept]:
        """Every seat, for a time when no mind is being visited."""
        return {
            slug: SeatKept(s.deadline, s.turn, s.paused, s.faults, s.fault, s.not_before, list(s.overruns), s.aside)
            for slug, s in self._seats.items()
        }

    def restore(self, kept: Mapping[str, SeatKept]) -> None:
        """Put those that are seated where they were. Raises KeyError for one that is not kept."""
        for slug, seat in self._seats.items():
            was = kept[slug]
            seat.deadline, seat.turn, seat.paused = was.deadline, was.turn, was.paused
            seat.faults, seat.fault, seat.not_before = was.faults, was.fault, was.not_before
            seat.overruns, seat.aside = list(was.overruns), was.aside
        self._turn = max((seat.turn for seat in self._seats.values()), default=0)
        self._heap = sorted((seat.deadline, seat.turn, slug) for slug, seat in self._seats.items())

    def __contains__(self, slug: object) -> bool:
        return slug in self._seats

    def __len__(self) -> int:
        return len(self._seats)

    def _plan(self, slug: str, delay: float, start: float | None = None) -> None:
        seat = self._seats[slug]
        self._turn += 1
        seat.deadline = max((self._clock.monotonic() if start is None else start) + max(delay, 0.0), seat.not_before)
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

        A mind that asks for another visit at once has it after all others that are due, at most `ROUNDS` times.
        Those left over keep their place and come first in the next slot.
        """
        start, visits = self._clock.monotonic(), 0
        had: dict[str, int] = {}
        enough: list[tuple[float, int, str]] = []
        try:
            while self._heap and self._heap[0][0] <= start:
                if visits and (self._clock.monotonic() - start) * 1000 >= budget_ms:
                    break
                entry = heapq.heappop(self._heap)
                if not self._current(entry):  # an earlier visit of this slot may have unseated or woken it
                    continue
                slug = entry[2]
                if (before := had.get(slug, 0)) == ROUNDS:
                    enough.append(entry)
                    continue
                had[slug] = before + 1
                self.late += start - entry[0] > LATE
                self._visit(slug, start)
                visits += 1
        finally:
            for entry in enough:
                heapq.heappush(self._heap, entry)
        return visits

    def _visit(self, slug: str, now: float) -> None:
        self.visited.append(slug)
        seat = self._seats[slug]
        turn, begun = seat.turn, self._clock.monotonic()
        delay, overran = AT_ONCE, None
        try:
            with self._guard() as watch:
                delay = seat.thinker.visit()
            overran = watch.overran
            if overran is None:
                seat.faults, seat.fault = 0, ""
        except Overran as error:
            overran = error
        except Exception as error:  # one broken mind must not stop the others; it is reported
            if unwritable(error) is not None:
                self._plan(slug, 0.0)
                raise  # the whole slot is undone, and tried again when they can be written
            seat.faults += 1
            seat.fault = f"{type(error).__name__}: {error}"
            delay = Delay(min(FIRST_PENALTY * 2 ** min(seat.faults - 1, 16), LONGEST_PENALTY))
            seat.not_before = self._clock.monotonic() + delay
            self._on_error(error, f"mind {slug}")
        seat.visits += 1
        seat.longest = max(seat.longest, self._clock.monotonic() - begun)
        if overran is not None:
            self._overran(slug, overran)
        if self._seats.get(slug) is seat and (seat.turn == turn or seat.not_before > now):
            self._plan(slug, delay, now if delay <= 0 else None)

    def _overran(self, slug: str, error: Overran) -> None:
        """Make it wait, and set it aside when it happened too often; a visit and the step in it count once."""
        seat, now = self._seats.get(slug), self._clock.monotonic()
        if seat is None or seat.overran is error:
            return
        seat.overran, seat.fault = error, str(error)
        self._on_error(error, f"mind {slug}")
        seat.overruns = [*(at for at in seat.overruns if now - at < FORGIVEN), now]
        seat.not_before = now + min(OVERRUN_PENALTY * 2 ** min(len(seat.overruns) - 1, 16), LONGEST_PENALTY)
        self._plan(slug, 0.0)
        if len(seat.overruns) >= self._overruns and not seat.aside:
            seat.paused = True
            seat.aside = f"it blocked the world {len(seat.overruns)} times within an hour: {seat.fault}"
            self.on_aside(slug, seat.aside)
