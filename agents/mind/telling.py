"""What a mind does and why not otherwise, told from its plan and its records.

Owns the sentences about a present plan. Refuses to reconstruct: what is said is read off
the plan in force, the search, or the reason that was written down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.goap import explain
from agents.goap.explain import WhyNot
from agents.kernel.errors import NotFound
from agents.mind import words

if TYPE_CHECKING:
    from agents.mind.cycle import Mind


def doing(mind: Mind) -> str:
    """One line on what it does now: `walk from … to … (3 of 9, for task 1)`, or why nothing."""
    house = mind.house
    if mind.life == "FAILED":
        return f"could not start: {mind.trouble}"
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
    deed = words.of_deed(mind.seen or mind.look(), house.kinds)(now.plan.steps[now.position].action)
    return f"{deed} ({now.position + 1} of {len(now.plan)}, {aim})"


def why_not(mind: Mind, text: str) -> WhyNot:
    """Why `text`, an action or one of its goals, is not what it does now.

    Raises NotFound for a word that is neither, naming the nearest action.
    """
    goal = _goal(mind, text)
    if goal is not None:
        return goal
    now = mind.pursuit
    if now is None:
        raise NotFound(f"{mind.persona.name} pursues nothing now: it {doing(mind)}.", next=f"plan {mind.slug}")
    view = mind.look()
    domain = mind.house.repertoire.domain(view)
    task = mind.house.work.get(now.wish.task) if now.wish.task else None
    state = domain.state(mind.sense(view, task) | now.known)
    return explain.why_not(
        domain, state, now.wish.goal, text, words=words.of_fact(view),
        deeds=words.of_deed(view, mind.house.kinds),
    )


def _goal(mind: Mind, text: str) -> WhyNot | None:
    """The answer when `text` names a goal: it is pursued, waits, is not due, or matters less."""
    wanted = "".join(text.split()).lower()

    def same(name: str) -> bool:
        return "".join(name.split()).lower() == wanted

    current = mind.pursuit.wish if mind.pursuit else None
    if current is not None and same(current.name):
        return WhyNot((f"{current.name} is what it pursues now.",), "planned", ())
    for name, (until, why) in mind.waits.items():
        if same(name) and until > mind.house.runtime.clock.monotonic():
            return WhyNot((f"{name} waits: {why}.",), "impossible", ())
    for wish in mind.wishes():
        if same(wish.name):
            against = f"{current.name} ({current.score:.0f})" if current else "nothing yet; it comes next"
            return WhyNot((f"{wish.name} weighs {wish.score:.0f}; it is after {against}.",), "dearer", ())
    if any(same(errand.name) for errand in mind.persona.errands):
        return WhyNot((f"{text.strip()} is not due yet.",), "unneeded", ())
    return None


