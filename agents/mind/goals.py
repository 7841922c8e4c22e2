"""What an agent might want now, and what it wants most: pure functions over plain values.

Owns the weights, the urgency and the hysteresis. Refuses tables and the world: whoever
calls says what is known. A wish is a goal with a score and the words for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from agents.goap.model import Fact, Goal
from agents.lineage.persona import Errand, Persona
from agents.mind.sensors import fact

TASK_WEIGHT: Mapping[str, int] = {"LOW": 200, "NORMAL": 300, "HIGH": 400, "URGENT": 500}
"""Any task goes before tidying up, and that before any errand."""
TIDY_WEIGHT = 150.0
"""Errands score less than this, however late; putting a borrowed thing back scores it."""
MOST_URGENT = 3.0
"""However late an errand is, it counts no more than this many times its weight."""
HYSTERESIS = 1.5
"""A new wish must be this much stronger than what is under way, so that nobody dithers."""


@dataclass(frozen=True)
class Wish:
    """A goal that could be pursued. `why` is a clause that ends a sentence; `task` its number or None."""

    goal: Goal
    score: float
    why: str
    task: int | None = None

    @property
    def name(self) -> str:
        """The goal's name: `task 3`, `seen(board)`."""
        return self.goal.name


def of_task(number: int, title: str, priority: str, condition: tuple[Fact, ...]) -> Wish:
    """The wish to finish a task that was given."""
    goal = Goal(name=f"task {number}", condition=condition, priority=TASK_WEIGHT[priority])
    return Wish(goal, float(TASK_WEIGHT[priority]), f"task {number} was given to me: {title}", number)


def of_borrowed(origins: Mapping[str, str]) -> list[Wish]:
    """One wish for each thing that is held without work, to lay it where it was taken ({item: room})."""
    return [
        Wish(Goal(name=f"put back {item}", condition=(fact("in", item, room),), priority=1), TIDY_WEIGHT, "others may need it")
        for item, room in sorted(origins.items())
    ]


def turn_before(slug: str, errand: Errand, now: datetime) -> datetime:
    """The latest instant up to `now` at which it was this agent's turn for an errand never done yet.

    Turns come once a period, at a place in it that agent and errand give, the same in every
    process and at every start: so a house that opens does not do everything at once, and what
    comes once in six hours comes although the world was restarted in between.
    """
    draw = sha256(f"{slug} {errand.name}".encode()).digest()
    place = int.from_bytes(draw[:8]) / 2**64 * errand.every
    return now - timedelta(seconds=(now.timestamp() - place) % errand.every)


def taken_up(persona: Persona, done: Mapping[str, datetime], now: datetime) -> dict[str, datetime]:
    """When each errand was last done, or for those never done the turn before `now`, to wait for the next."""
    return {e.name: done.get(e.name) or turn_before(persona.slug, e, now) for e in persona.errands}


def urgency(errand: Errand, last: datetime | None, now: datetime) -> float:
    """How due it is: 1 at its period and growing to `MOST_URGENT`; below 1 it is not due. Without a time it counts 1."""
    if last is None:
        return 1.0
    return min((now - last) / timedelta(seconds=errand.every), MOST_URGENT)


def of_errands(persona: Persona, last: Mapping[str, datetime], now: datetime) -> list[Wish]:
    """The errands that are due at this hour."""
    wishes = []
    for errand in persona.errands:
        due = urgency(errand, last.get(errand.name), now)
        if due >= 1 and errand.in_season(now):
            wishes.append(Wish(errand.goal(), min(errand.weight * due, TIDY_WEIGHT - 1), errand.why or "it is due"))
    return wishes


def to_sleep(persona: Persona) -> Wish:
    """Out of hours there is one wish: to be at home."""
    return Wish(Goal(name="be at home", condition=(fact("at", "me", persona.home),), priority=1), 1.0, "my hours are over")


def until_due(persona: Persona, last: Mapping[str, datetime], now: datetime) -> float:
    """Seconds until the next errand falls due (0 when one is); an hour when there is none."""
    waits = [
        (last[errand.name] + timedelta(seconds=errand.every) - now).total_seconds() if errand.name in last else 0.0
        for errand in persona.errands
        if errand.in_season(now)
    ]
    return max(min(waits, default=3600.0), 0.0)


def ranked(wishes: Iterable[Wish]) -> list[Wish]:
    """Strongest first; equal ones in the order of their names, so that the choice is the same anywhere."""
    return sorted(wishes, key=lambda wish: (-wish.score, wish.name))


def better(current: Wish, wishes: Iterable[Wish]) -> Wish | None:
    """The wish worth leaving `current` for, or None."""
    best = next(iter(ranked(w for w in wishes if w.name != current.name)), None)
    return best if best and best.score > current.score * HYSTERESIS else None
