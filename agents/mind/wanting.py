"""What one mind could want now, collected from all parts, and how long it may rest if that is nothing.

Owns the collecting and the wait. Refuses to weigh (`goals` does) and to plan.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from agents.house.values import Wish
from agents.mind import aims, goals, sensors
from agents.mind.scheduler import POLL, Delay

if TYPE_CHECKING:
    from agents.mind.mind import Mind

FELT_SECONDS = 60.0
"""How often an idle agent that heeds the machine's state looks at it."""


def wishes(mind: Mind) -> list[Wish]:
    """All that could be wanted now of any part, strongest first; what waits is left out."""
    found = mind.minds.wishes_of(mind.slug, mind.core.runtime.clock.now())
    return goals.ranked(wish for wish in found if mind.waiting(wish.name) is None)


def own(mind: Mind, now: datetime) -> list[Wish]:
    """What its task, its file and what it holds have it want."""
    core, found = mind.core, []
    task = mind.task()
    if task is None:
        if held := [i.key for i in core.world.items() if i.holder == mind.slug]:
            found += goals.of_borrowed({i: mind.recall.origin(i) or mind.persona.home for i in held})
    elif task.kind in core.kinds:
        found.append(goals.of_task(task.pk, task.title, task.priority, core.kinds[task.kind].goal()))
    if mind.up:
        found += goals.of_errands(mind.recall.due()[0], mind.recall.last, now)
        found += aims.wishes(mind.recall.standings(), now)
        if mind.persona.heeds:
            felt = sensors.of_machine(mind.minds.records.machine())
            found += goals.of_machine(mind.persona, felt, mind.recall.last, now)
    elif mind.body.where() != mind.persona.home:
        found.append(goals.to_sleep(mind.persona))
    return found


def rest(mind: Mind) -> Delay:
    """Seconds until something more may be wanted of itself; whatever else comes up wakes it."""
    clock = mind.core.runtime.clock
    instant = clock.monotonic()
    waits = [mind.minds.wants_at_of(mind.slug, clock.now())]
    waits += [wait.until - instant for wait in mind.waits.values() if wait.until > instant]
    return Delay(max(min(waits), POLL))


def own_rest(mind: Mind, now: datetime) -> float:
    """Seconds until its file may have it want more."""
    waits = [mind.recall.due()[1]]
    if mind.up:
        for at in mind.recall.standings():
            waits.append(((at.due if at.next is not None and at.due > now else at.good_until) - now).total_seconds())
        if mind.persona.heeds:
            waits.append(FELT_SECONDS)
    return min(waits)
