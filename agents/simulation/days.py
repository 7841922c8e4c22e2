"""What happens to a simulated world from outside: an owner proposes, decides and checks on things, and doors are
locked for a while.

Owns the calendar: a heap of coming events. It draws from a random source of its own, so that what the minds do does not
change what is asked of them. Refuses any way in but the owner's: it calls the services that commands call.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal

from agents.governance.rules import Actor
from agents.house.house import House
from agents.kernel import randomness
from agents.kernel.errors import Conflict, IllegalTransition
from agents.kernel.randomness import State
from agents.work.models import Task
from agents.work.ports import Records

OWNER = Actor("owner", "owner")
VIA = "simulation"
AWAKE = (7, 23)
"""Hours of the day in which the owner asks and decides."""
TASKS_PER_AGENT_HOUR = 0.4
TOOLED_PER_HOUR = 20.0
"""At most so many tasks an hour need one of the things of which there is one."""
VETOED = 0.08
LOCKED_EVERY, LOCKED_FOR = 3 * 3600.0, (300.0, 1800.0)
ROUND_EVERY = 1800.0
"""How often the owner looks after what was paused or failed."""
WHAT = ("chairs", "candles", "slates", "jars", "maps", "bolts", "letters", "lamps", "bricks", "seeds")


What = Literal["ask", "decide", "lock", "unlock", "round"]
Given = tuple[bool | int | str, ...]


@dataclass(frozen=True)
class DaysKept:
    """What is to come (when, in which order, what, with what), and whence chance goes on."""

    heap: list[tuple[float, int, What, Given]]
    count: int
    tended: list[int]
    chance: State


class Days:
    """The calendar of one run."""

    def __init__(self, house: House, bar: Callable[[str, str, str], None], chance: Random) -> None:
        """`bar(from, to, why)` lets nobody pass; '' opens the way again."""
        self._house, self._bar, self._chance = house, bar, chance
        self._records = house.need(Records)
        self._heap: list[tuple[float, int, What, Given]] = []
        self._count = 0
        self._tended: set[int] = set()
        self._later(self._gap(), "ask")
        self._later(chance.uniform(0, LOCKED_EVERY), "lock")
        self._later(ROUND_EVERY, "round")

    @property
    def next(self) -> float:
        """When something befalls next, in seconds from the start."""
        return self._heap[0][0]

    def snapshot(self) -> DaysKept:
        """All that the calendar is, as plain values."""
        return DaysKept(sorted(self._heap), self._count, sorted(self._tended), randomness.state(self._chance))

    def restore(self, kept: DaysKept) -> None:
        """Be as it was; raises ValueError where that cannot be."""
        if not kept.heap:
            raise ValueError("nothing is to come")
        randomness.restore(self._chance, kept.chance)
        self._heap, self._count, self._tended = sorted(kept.heap), kept.count, set(kept.tended)

    def pass_until(self, instant: float) -> None:
        """Let everything befall that has come due."""
        while self._heap[0][0] <= instant:
            _, _, what, given = heapq.heappop(self._heap)
            getattr(self, f"_{what}")(*given)

    def _later(self, seconds: float, what: What, *given: bool | int | str) -> None:
        self._count += 1
        heapq.heappush(self._heap, (self._house.runtime.clock.monotonic() + seconds, self._count, what, given))

    def _gap(self) -> float:
        """Seconds to the next request: exponential, as independent requests are."""
        rate = TASKS_PER_AGENT_HOUR * max(1, len(self._house.roster)) / 3600
        return -math.log(1 - self._chance.random()) / rate

    def _ask(self) -> None:
        self._later(self._gap(), "ask")
        if not AWAKE[0] <= self._house.runtime.clock.now().hour < AWAKE[1]:
            return
        chance = self._chance
        tooled = min(0.4, TOOLED_PER_HOUR / (TASKS_PER_AGENT_HOUR * max(1, len(self._house.roster))))
        kind = chance.choice(("Mend", "Sort")) if chance.random() < tooled else "Count"
        room = chance.choice(sorted(self._house.world.rooms(), key=lambda room: room.key))
        task = self._house.work.propose(f"{kind} {chance.choice(WHAT)} in {room.key}", "", OWNER, VIA)
        self._later(chance.uniform(30, 900), "decide", task.pk, chance.random() < VETOED)

    def _decide(self, number: int, no: bool) -> None:
        """Read it, and give the verdict."""
        work, governance = self._house.work, self._house.governance
        governance.show(work.approval(str(number)), OWNER)
        work.decide([str(number)], "no" if no else "ok", OWNER, VIA, reason="not now" if no else "")

    def _lock(self) -> None:
        """A door is locked for a while, from one side."""
        chance = self._chance
        self._later(chance.uniform(0.5, 1.5) * LOCKED_EVERY, "lock")
        way = chance.choice(sorted(self._house.world.exits(""), key=lambda way: (way.origin, way.target)))
        to = self._records.room_name(way.target)
        self._bar(way.origin, way.target, f"The way to {to} is locked by the owner.")
        self._later(chance.uniform(*LOCKED_FOR), "unlock", way.origin, way.target)

    def _unlock(self, origin: str, target: str) -> None:
        self._bar(origin, target, "")

    def _round(self) -> None:
        """What was paused goes on once, what failed is tried once more, and the rest is put aside."""
        self._later(ROUND_EVERY, "round")
        work = self._house.work
        for task in Task.objects.filter(status__in=("PAUSED", "FAILED")).order_by("id"):
            try:
                if task.pk in self._tended:
                    work.backlog(task.pk, "it was tried twice", OWNER, VIA)
                elif task.status == "PAUSED":
                    work.resume(task.pk, OWNER, VIA)
                else:
                    work.retry(task.pk, OWNER, VIA)
            except (Conflict, IllegalTransition):  # it moved on in the meantime
                continue
            self._tended.add(task.pk)
