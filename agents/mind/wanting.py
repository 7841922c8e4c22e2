"""What one mind may want now, gathered from all that gives it wishes, and how long it may rest when that is nothing.

Owns the gathering and the wait. Refuses to weigh (that is `goals`) and to plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.mind import aims, goals, sensors
from agents.mind.goals import Wish
from agents.mind.life import POLL

if TYPE_CHECKING:
    from agents.mind.cycle import Mind

FELT_SECONDS = 60.0
"""How often an idle agent that heeds the machine's state looks at it."""


def wishes(mind: Mind) -> list[Wish]:
    """All that could be wanted now, strongest first; what waits is left out."""
    house, found = mind.house, []
    now, instant = house.runtime.clock.now(), house.runtime.clock.monotonic()
    task = mind.task()
    if task is None:
        if held := [i.key for i in house.world.items() if i.holder == mind.slug]:
            found += goals.of_borrowed({i: mind.recall.origin(i) or mind.persona.home for i in held})
    elif task.kind in house.kinds:
        found.append(goals.of_task(task.pk, task.title, task.priority, house.kinds[task.kind].goal()))
    if mind.persona.awake_at(now):
        found += goals.of_errands(mind.recall.due()[0], mind.recall.last, now)
        found += aims.wishes(mind.recall.standings(), now)
        if mind.persona.heeds:
            felt = sensors.of_machine(house.records.machine())
            found += goals.of_machine(mind.persona, felt, mind.recall.last, now)
    elif mind.body.where() != mind.persona.home:
        found.append(goals.to_sleep(mind.persona))
    return goals.ranked(w for w in found if mind.waits.get(w.name, (0.0, ""))[0] <= instant)


def rest(mind: Mind) -> float:
    """Seconds until something more may be wanted of itself; whatever else comes up wakes it."""
    now, instant = mind.house.runtime.clock.now(), mind.house.runtime.clock.monotonic()
    waits = [mind.recall.due()[1]]
    waits += [until - instant for until, _ in mind.waits.values() if until > instant]
    if mind.persona.awake_at(now):
        for at in mind.recall.standings():
            waits.append(((at.due if at.next is not None and at.due > now else at.good_until) - now).total_seconds())
        if mind.persona.heeds:
            waits.append(FELT_SECONDS)
    return max(min(waits), POLL)
