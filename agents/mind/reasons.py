"""Why a step was taken: the goal of its plan, from the journal and the table of plans.

Owns this one look-up, for many steps at once. Refuses to guess: a step that is not on record has no reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agents.mind.models import PlanRecord
from agents.mind.words import of_goal
from agents.work.models import Step, Task


def of_steps(ids: Iterable[str]) -> Mapping[str, str]:
    """The purpose of each step that is on record, as a noun: `task 3, Survey ~/garden`, `a round of the Forge`."""
    plans = dict(Step.objects.filter(id__in=set(ids)).values_list("id", "plan"))
    goals = {
        pk: (goal, task)
        for pk, goal, task in PlanRecord.objects.filter(id__in=set(plans.values())).values_list("id", "goal", "task")
    }
    titles = dict(Task.objects.filter(id__in={task for _, task in goals.values() if task}).values_list("id", "title"))
    return {
        step: f"task {task}, {titles[task]}" if task in titles else of_goal(goal)
        for step, plan in plans.items()
        if plan in goals
        for goal, task in [goals[plan]]
    }
