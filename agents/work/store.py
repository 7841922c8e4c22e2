"""The only way to the task table: read a task, change a task.

Owns `change`, through which every transition and every other change of a task goes: one conditional update and one
event in one transaction. Does not judge whether a change is wise.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import UTC, datetime
from typing import Any

from agents.events.log import EventLog
from agents.governance.rules import Actor, called, may, require
from agents.governance.service import Governance
from agents.kernel.errors import Conflict, NotFound
from agents.kernel.runtime import Runtime
from agents.kernel.text import clean
from agents.work import record, rules
from agents.work.kind import Kind
from agents.work.models import Task
from agents.work.ports import World
from agents.work.settings import WorkSettings


class Store:
    """The base of every part of the work service."""

    def __init__(
        self,
        runtime: Runtime,
        events: EventLog,
        governance: Governance,
        kinds: Mapping[str, Kind],
        world: World | None = None,
    ) -> None:
        """`kinds` by name; the one called `words` takes the titles that name no other. `world`: the map on which
        places named by tasks must exist; without one, places are looked up when the work begins.
        """
        self.world = world
        self.runtime = runtime
        self.events = events
        self.governance = governance
        self.kinds = kinds
        self.moved_at: datetime | None = None
        """When the machine's clock last jumped, in the new time."""

    def free_at(self, task: Task) -> datetime:
        """When an unassigned, approved task may be taken by any suitable agent."""
        since = task.approved_at or task.created_at
        if self.moved_at is not None:  # the grace time starts again after a jump, even backwards
            since = self.moved_at if since > self.runtime.clock.now() else max(since, self.moved_at)
        return rules.free_at(since, self.runtime.settings.of(WorkSettings).grace_seconds)

    def get(self, number: int) -> Task:
        """The task with this number; raises NotFound."""
        self.events.unit.flush()
        try:
            return Task.objects.get(id=number)
        except Task.DoesNotExist:
            raise NotFound(f"There is no task {number}.", next="board") from None

    def permit(self, actor: Actor, act: str, target: str = "") -> None:
        """Raise NotAllowed unless `actor` may do `act`."""
        require(may(actor, act, target))

    def change(
        self,
        task: Task,
        what: str,
        actor: Actor | str,
        via: str,
        *,
        reason: str | None = None,
        data: Mapping[str, object] | None = None,
        **columns: Any,
    ) -> Task:
        """Change `task` and record it, unless somebody changed it since `task` was read.

        `what` names a transition in `rules.TRANSITIONS`, or else is the last word of the event for a change that
        keeps the status. `reason` is cleaned and stored on the task until its next transition. Returns the task as
        it is now; the argument `task` stays as it was. Raises IllegalTransition, BadInput if the reason is too
        long, Conflict naming who was first.
        """
        if what in rules.TRANSITIONS:
            step = rules.transition(what, task.status, task.id)
            columns["status"], past = step.target, step.past
            reason = reason or ""
        else:
            past = what
        if reason is not None:
            columns["reason"] = rules.check_text(clean(reason, keep_lines=False), rules.MAX_REASON, "reason")
        columns["version"] = task.version + 1
        now = self.runtime.clock.now()
        with self.events.unit.part():
            expected = Task.objects.filter(id=task.id, status=task.status, version=task.version)
            if expected.update(updated_at=now, **columns) != 1:
                raise self._lost(task)
            told: dict[str, object] = {"title": task.title, "from": task.status, **(data or {})}
            told["to"] = columns.get("status", task.status)
            if reason:
                told["reason"] = columns["reason"]
            told["set"] = record.changes(columns)
            agent = columns.get("assignee") or task.assignee
            self.events.append(f"task.{past}", actor, via=via, agent=agent, task=task.id, data=told)
        changed = copy(task)
        for name, value in {**columns, "updated_at": now}.items():
            setattr(changed, name, value)
        return changed

    def _lost(self, task: Task) -> Conflict:
        last = self.events.last(1, "task.*", task=task.id)
        stands = rules.in_words(self.get(task.id).status)
        if not last:
            return Conflict(f"Task {task.id} has changed; it is {stands}.", next=f"task {task.id}")
        event = last[0]
        by = f"by {called(event.actor)} at {event.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC via {event.via or 'system'}"
        return Conflict(f"Task {task.id} was just {event.topic[5:]} {by}; it is {stands}.", next=f"task {task.id}")
