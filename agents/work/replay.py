"""The state of tasks and approvals, rebuilt from the event log alone and compared with the tables.

Owns the meaning of an event's `set` (the columns it changed). Repairs nothing: differences are shown to a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.events.models import Event
from agents.governance import record as approval_record
from agents.governance.models import Approval, Policy
from agents.work import record as task_record
from agents.work import rules
from agents.work.models import Task

Row = dict[str, Any]
_NEW = {"shown": ""}
"""Columns that older events do not have, with their values at that time."""
UNDER_APPROVAL = frozenset({"APPROVED", "RUNNING", "PAUSED", "COMPLETED", "FAILED"})
"""Statuses that a task has only under an approved item."""


@dataclass
class Rebuilt:
    """What the log says. `faults` are steps in it that no legal history contains."""

    tasks: dict[int, Row] = field(default_factory=dict)
    approvals: dict[int, Row] = field(default_factory=dict)
    policies: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def rebuild(events: Iterable[Event]) -> Rebuilt:
    """Replay `events`: all those of tasks, approvals and policies, in order."""
    state = Rebuilt()
    for event in events:
        area = event.topic.partition(".")[0]
        if area == "policy":
            state.policies[event.data["name"]] = event.data["to"]
        elif "set" in event.data:
            if area == "task" and event.task is not None:
                _check_step(state, event)
                state.tasks.setdefault(event.task, {}).update(event.data["set"])
            elif area == "approval" and event.approval is not None:
                state.approvals.setdefault(event.approval, {}).update(event.data["set"])
    return state


def compare() -> list[str]:
    """Every difference between the log and the tables, in words; empty if they agree."""
    rebuilt = rebuild(Event.objects.filter(topic__regex=r"^(task|approval|policy)\.").order_by("seq").iterator(1000))
    tasks = {t.id: task_record.snapshot(t) for t in Task.objects.order_by("id").iterator(1000)}
    approvals = {a.id: approval_record.snapshot(a) for a in Approval.objects.order_by("id").iterator(1000)}
    policies = dict(Policy.objects.values_list("name", "value"))
    return [
        *rebuilt.faults,
        *_differences("task ", rebuilt.tasks, tasks),
        *_differences("approval a", rebuilt.approvals, approvals),
        *_differences(
            "policy ",
            {n: {"value": v} for n, v in rebuilt.policies.items()},
            {n: {"value": v} for n, v in policies.items()},
        ),
        *_unapproved(tasks, approvals),
    ]


def _check_step(state: Rebuilt, event: Event) -> None:
    if event.task in state.tasks:
        was, now = state.tasks[event.task].get("status"), event.data["set"].get("status")
        if event.data.get("from") != was:
            state.faults.append(f"event {event.seq}: task {event.task} was {was}, not {event.data.get('from')}")
        elif now not in (None, was) and (was, now) not in rules.EDGES:
            state.faults.append(f"event {event.seq}: task {event.task} went from {was} to {now}, which is not legal")
    elif event.topic != "task.proposed":
        state.faults.append(f"event {event.seq}: task {event.task} was never proposed")


def _differences(name: str, logged: Mapping[Any, Row], table: Mapping[Any, Row]) -> Iterator[str]:
    for key in sorted(logged.keys() | table.keys()):
        if key not in table:
            yield f"{name}{key} is in the log but not in the table"
        elif key not in logged:
            yield f"{name}{key} is in the table but not in the log"
        else:
            for column in table[key]:
                said, found = logged[key].get(column, _NEW.get(column)), table[key][column]
                if said != found:
                    yield f"{name}{key}: {column} is {found!r} in the table and {said!r} in the log"


def _unapproved(tasks: Mapping[int, Row], approvals: Mapping[int, Row]) -> Iterator[str]:
    newest: dict[int, Row] = {}
    for number in sorted(approvals):
        if (task := approvals[number]["task"]) is not None:
            newest[task] = approvals[number]
    for number, row in tasks.items():
        state = newest.get(number, {}).get("state")
        if row["status"] in UNDER_APPROVAL and state != "approved":
            yield f"task {number} is {row['status']} but its approval is {state or 'missing'}"
        elif row["status"] == "PENDING_APPROVAL" and state != "pending":
            yield f"task {number} waits for an approval that is {state or 'missing'}"
