"""What a mind is doing, in words.

Owns the sentences about the present plan. Refuses to reconstruct: everything is read from the plan, the search, or the
reason that was written down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.mind import words
from agents.mind.goals import Wait

if TYPE_CHECKING:
    from agents.mind.mind import Mind


def doing(mind: Mind) -> str:
    """One line on what it does now: `walk from … to … (3 of 9, for task 1)`, or why nothing."""
    minds = mind.minds
    if mind.life == "FAILED":
        return f"could not start: {mind.trouble}"
    if aside := minds.scheduler.aside(mind.slug):
        return f"was stopped: {aside}; `resume {mind.slug}` lets it try again"
    if minds.scheduler.paused(mind.slug):
        return "is paused"
    fault = minds.scheduler.fault(mind.slug)
    if fault:
        return f"stumbled and tries again: {fault}"
    if mind.life != "READY":
        return f"is waking ({mind.life.lower().replace('_', ' ')})"
    now = mind.pursuit
    if now is None:
        task = mind.task()
        wait = mind.waiting(f"task {task.pk}") if task is not None else None
        return f"waits: {why(mind, wait)}" if wait is not None else "rests; nothing is due"
    aim = f"for {words.of_goal(now.wish.name)}"
    if now.position >= len(now.plan):
        return f"finishes, {aim}"
    deed = minds.said(mind.seen or mind.look())[now.plan.steps[now.position].action]
    return f"{deed} ({now.position + 1} of {len(now.plan)}, {aim})"


def why(mind: Mind, wait: Wait) -> str:
    """Why a goal waits: who has now what it needs, or the reason that was found."""
    core = mind.core
    names = {slug: persona.name for slug, persona in core.roster.items()}
    things = [item for item in core.world.items() if item.key in wait.things]
    if not things:
        return wait.why.rstrip(".")
    return words.joined(words.whereabouts(item, names, mind.minds.records.room_name) for item in things)
