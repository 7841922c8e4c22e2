"""Who may read the results of a task: its report and other files, its result, its steps, why it stopped.

Owns that rule, which every interface uses, and how the owner shows results to others and hides them again. A task's
title and status are on the board for everybody; what it found is the owner's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from django.db.models import Q

from agents.governance.rules import Actor
from agents.kernel.errors import BadInput, Conflict
from agents.work.models import Task
from agents.work.store import Store

ALL = "*"
ANYBODY = Actor("person", "")
"""Nobody has been shown anything."""
MOST = 50
"""Maximum number of people to whom one task can be shown by name."""


class Reported(Protocol):
    """A task, as far as it says who may read what came out of it."""

    @property
    def shown(self) -> str:
        """As `Task` has it."""
        ...


def _names(task: Reported) -> list[str]:
    return [name for name in task.shown.split(",") if name]


def reads(viewer: Actor, task: Reported) -> bool:
    """Whether the viewer may read what came out of the task."""
    return viewer.kind != "person" or bool({ALL, viewer.name} & set(_names(task)))


def to_whom(task: Task) -> str:
    """Who besides the owner may read it, in words; '' for nobody."""
    return "all" if ALL in _names(task) else ", ".join(_names(task))


def read_by(viewer: Actor) -> Q:
    """The same rule as a condition for queries on the table of tasks."""
    return Q() if viewer.kind != "person" else Q(shown__contains=f",{ALL},") | Q(shown__contains=f",{viewer.name},")


class Reports(Store):
    """Showing and hiding."""

    def reads(self, viewer: Actor, number: int) -> bool:
        """Whether the viewer may read the results of the task with this number; nobody can if it does not exist."""
        return viewer.kind != "person" or Task.objects.filter(read_by(viewer), id=number).exists()

    def show(self, number: int, names: Sequence[str], actor: Actor, via: str) -> Task:
        """Let these people read it, too; without names, everybody."""
        self.permit(actor, "show")
        task = self.get(number)
        return self._shown(task, dict.fromkeys([*_names(task), *names]) if names else [ALL], actor, via)

    def hide(self, number: int, names: Collection[str], actor: Actor, via: str) -> Task:
        """Let these people no longer read it; without names, nobody but the owner. Raises Conflict if it is shown to
        everybody.
        """
        self.permit(actor, "show")
        task = self.get(number)
        if names and ALL in _names(task):
            raise Conflict(
                f"Task {number} is shown to all; hide it first, then show it to some.", next=f"hide {number}"
            )
        return self._shown(task, [name for name in _names(task) if names and name not in names], actor, via)

    def _shown(self, task: Task, names: Collection[str], actor: Actor, via: str) -> Task:
        if len(names) > MOST:
            raise BadInput(f"A task can be shown to {MOST} by name.", next=f"show {task.pk}")
        shown = f",{','.join(names)}," if names else ""
        return self.change(
            task, "shown" if names else "hidden", actor, via, data={"to_whom": ", ".join(names)}, shown=shown
        )
