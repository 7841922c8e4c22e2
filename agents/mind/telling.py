"""What a mind does, told from its plan and its records.

Owns the sentences about a present plan. Refuses to reconstruct: what is said is read off
the plan in force, the search, or the reason that was written down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.mind import words

if TYPE_CHECKING:
    from agents.mind.cycle import Mind


def doing(mind: Mind) -> str:
    """One line on what it does now: `walk from … to … (3 of 9, for task 1)`, or why nothing."""
    house = mind.house
    if mind.life == "FAILED":
        return f"could not start: {mind.trouble}"
    if aside := house.minds.aside(mind.slug):
        return f"was set aside: {aside}; `resume {mind.slug}` lets it try again"
    if house.minds.paused(mind.slug):
        return "is paused"
    fault = house.minds.fault(mind.slug)
    if fault:
        return f"stumbled and tries again: {fault}"
    if mind.life != "READY":
        return f"is waking ({mind.life.lower().replace('_', ' ')})"
    now = mind.pursuit
    if now is None:
        waiting = [why for goal, (_, why) in mind.waits.items() if goal.startswith("task ")]
        return f"waits: {waiting[0]}" if waiting and mind.task() else "rests; nothing is due"
    aim = f"for {words.of_goal(now.wish.name)}"
    if now.position >= len(now.plan):
        return f"finishes, {aim}"
    deed = house.said(mind.seen or mind.look())[now.plan.steps[now.position].action]
    return f"{deed} ({now.position + 1} of {len(now.plan)}, {aim})"
