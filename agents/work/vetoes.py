"""Vetoes and their reasons: what was refused, when, by whom and why, and whether a proposal is the like of it.

Owns the reading of them from the record, and the one test of likeness: the same kind of task, and the same target. That
is what the task would reach or, where that is nothing, what it is about. A veto stands until the task is reopened.
Refuses to judge: whoever proposes is told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents.events.models import Event
from agents.governance.models import Approval
from agents.kernel.errors import Conflict
from agents.work.effect import Effect
from agents.work.models import Task
from agents.work.store import Store

VETOED = "task.vetoed"
MOST_COMPARED = 200
"""So many of the newest vetoes of one kind are compared with a proposal."""


@dataclass(frozen=True)
class Veto:
    """One veto. `by` is the written form of who gave it; `stands`: the task was not reopened since; `event` is its
    number in the log.
    """

    task: int
    title: str
    kind: str
    reason: str
    by: str
    at: datetime
    stands: bool
    event: int

    @property
    def words(self) -> str:
        """`task 3: use the free relay`."""
        return f"task {self.task}: {self.reason}" if self.reason else f"task {self.task}, without a reason"


class Refused(Conflict):
    """The like was vetoed before."""

    def __init__(self, veto: Veto) -> None:
        reason = f" The reason given was: {veto.reason}" if veto.reason else " No reason was given."
        super().__init__(f"The like was vetoed as task {veto.task}.{reason}", next=f"task {veto.task}")
        self.veto = veto


class Vetoes(Store):
    """The reading of vetoes."""

    def vetoes(self, most: int, skip: int = 0) -> list[Veto]:
        """The newest vetoes, after the first `skip`."""
        self.events.unit.flush()
        return _of(list(Event.objects.filter(topic=VETOED).order_by("-seq")[skip : skip + most]))

    def vetoed(
        self, title: str, kind: str, params: Mapping[str, Any], effects: tuple[Effect, ...], but: int = 0
    ) -> Veto | None:
        """The newest veto of the like that stands; `but` is a task that is not compared."""
        refused = Task.objects.filter(status="VETOED", kind=kind).exclude(id=but).order_by("-id")[:MOST_COMPARED]
        tasks = {task.pk: task for task in refused}
        if not tasks:
            return None
        reached = dict(Approval.objects.filter(task__in=tasks).order_by("id").values_list("task", "effects"))
        wanted = _target(title, params, [{"kind": one.kind, "target": one.target} for one in effects])
        for number, task in tasks.items():
            if _target(task.title, task.params, reached.get(number) or []) == wanted:
                found = Event.objects.filter(topic=VETOED, task=number).order_by("-seq")[:1]
                return next(iter(_of(list(found))), None)
        return None


def _target(title: str, params: Mapping[str, Any], effects: list[Mapping[str, Any]]) -> str:
    """What a proposal is upon, as text; where its kind could not read it, that is its title."""
    reached = sorted({(str(one["kind"]), str(one["target"])) for one in effects})
    return json.dumps(reached or dict(params) or title, sort_keys=True, default=str).casefold()


def _of(events: list[Event]) -> list[Veto]:
    tasks = Task.objects.in_bulk([event.task for event in events if event.task is not None])
    found = []
    for event in events:
        if (task := tasks.get(event.task or 0)) is not None:
            reason = str(event.data.get("reason", ""))
            stands = task.status == "VETOED"
            found.append(Veto(task.pk, task.title, task.kind, reason, event.actor, event.at, stands, event.seq))
    return found
