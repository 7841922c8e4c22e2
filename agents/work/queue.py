"""Queries about work: the board, one task's history and files, who may take what next, and why not.

Owns the order of the queue and the reasons shown for waiting. Changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from agents.events.models import Event
from agents.governance.rules import called
from agents.kernel.errors import BadInput, NotFound
from agents.work import artifacts, rules
from agents.work.kind import Upshot
from agents.work.models import Artifact, Task
from agents.work.store import Store

MOST_ON_A_PAGE = 200


@dataclass(frozen=True)
class Page[T]:
    """A page of a list: its items, its number from 1, and the total numbers of pages and items."""

    items: list[T]
    page: int
    pages: int
    total: int


_OUTCOMES = ("task.completed", "task.failed", "task.undone", "task.redone")


class Ended(Protocol):
    """A task, as far as it says whether it has ended."""

    @property
    def id(self) -> int:
        """Its number."""
        ...

    @property
    def status(self) -> str:
        """As `Task` has it."""
        ...


class Queue(Store):
    """Queries about tasks."""

    def board(self, statuses: Iterable[str] | None = None, page: int = 1, size: int = 20) -> Page[Task]:
        """One page of the tasks in `statuses` (None: all), by number; raises BadInput."""
        if not 1 <= size <= MOST_ON_A_PAGE:
            raise BadInput(f"A page holds 1 to {MOST_ON_A_PAGE} tasks.", next="board")
        found = Task.objects.order_by("id")
        if statuses is not None:
            found = found.filter(status__in=list(statuses))
        total = found.count()
        pages = max(1, -(-total // size))
        if not 1 <= page <= pages:
            raise BadInput(f"There is no page {page}; the board has {pages}.", next=f"board {pages}")
        return Page(list(found[(page - 1) * size : page * size]), page, pages, total)

    def statuses(self) -> tuple[str, ...]:
        """All possible statuses of a task, in the order of its life."""
        return rules.STATUSES

    def history(self, number: int, limit: int = 1000) -> list[Event]:
        """Who changed what, when and why: the newest `limit` events of the task itself, oldest first."""
        return self.events.last(limit, "task.*", task=self.get(number).id)

    def upshots(self, tasks: Iterable[Ended]) -> dict[int, Upshot]:
        """What came of those that have ended and whose kind tells it, by their numbers; or that it was undone."""
        numbers = [task.id for task in tasks if task.status in ("COMPLETED", "FAILED")]
        self.events.unit.flush()
        if not numbers:
            return {}
        ended = Event.objects.filter(topic__in=_OUTCOMES, task__in=numbers).order_by("seq")
        last = dict(ended.values_list("task", "data"))
        return {
            number: Upshot(str(data["outcome"]), bool(data["well"]))
            for number, data in last.items()
            if number is not None and data.get("outcome")
        }

    def artifacts(self, number: int) -> list[Artifact]:
        """The files that the task produced, by name."""
        return list(Artifact.objects.filter(task_id=self.get(number).id).order_by("name"))

    def artifact_text(self, number: int, name: str) -> str:
        """The text of one of them, as committed; raises NotFound that names the existing ones."""
        found = {a.name: a for a in self.artifacts(number)}
        if name not in found:
            have = ", ".join(found) or "none yet"
            raise NotFound(f"Task {number} has no file {name[:80]!r}; it has: {have}.", next=f"task {number}")
        return artifacts.read_artifact(self.runtime.settings, found[name])

    def next_for(
        self,
        slug: str,
        toolsets: Iterable[str],
        now: datetime | None = None,
        offered: Iterable[Task] | None = None,
        sought: Collection[str] = (),
    ) -> Task | None:
        """The approved task that the agent `slug` should claim next, if there is one.

        His own first; then what nobody was given, once its time of grace is over; each in the order
        of the queue. `offered`: as
        read before, when many ask at once; `sought`: things that others have not got yet for work in
        hand: what nobody was given and needs one of them is left, so that they come to it in turn.
        """
        now = now or self.runtime.clock.now()
        having = frozenset(toolsets)
        fitting = [
            task
            for task in (Task.objects.filter(status="APPROVED") if offered is None else offered)
            if task.assignee in ("", slug)
            and not self.needs(task, having)
            and (task.assignee or (self.free_at(task) <= now and self.equipment(task) not in sought))
        ]
        return min(fitting, key=lambda t: (t.assignee != slug, *self._key(t, now)), default=None)

    def equipment(self, task: Task) -> str:
        """Key of the thing that must be held for it, or ''."""
        return self.kinds[task.kind].equipment if task.kind in self.kinds else ""

    def queue(self, now: datetime | None = None) -> list[Task]:
        """All approved tasks in the order in which they will be taken up."""
        now = now or self.runtime.clock.now()
        return sorted(Task.objects.filter(status="APPROVED"), key=lambda t: self._key(t, now))

    def needs(self, task: Task, toolsets: frozenset[str]) -> str:
        """What an agent with these toolsets lacks for the task, or ''."""
        kind = self.kinds.get(task.kind)
        if kind is None:
            return f"there is no longer a kind of work called {task.kind}"
        if kind.not_yet:
            return kind.not_yet
        missing = [tool for tool in kind.tools if tool not in toolsets]
        return f"it needs the tool {', '.join(missing)}" if missing else ""

    def waiting(
        self,
        task: Task,
        *,
        roster: Sequence[tuple[str, Iterable[str]]] = (),
        now: datetime | None = None,
    ) -> str:
        """Why a task is not running, in words for people; '' if it is running or has ended.

        `roster` lists the agents here (slug, toolsets); without it, tools are not considered.
        """
        now = now or self.runtime.clock.now()
        match task.status:
            case "PENDING_APPROVAL":
                return self._waiting_for_verdict(task, now)
            case "PAUSED":
                return task.reason or "it is paused"
            case "BACKLOGGED":
                return f"in the backlog: {task.reason}" if task.reason else "in the backlog"
            case "APPROVED":
                return self._waiting_for_agent(task, roster, now)
            case _:
                return ""

    def _waiting_for_verdict(self, task: Task, now: datetime) -> str:
        approval = self.governance.of_task(task.id)
        if approval is not None and approval.verdict and approval.sealed_until is not None:
            left = max(0, round((approval.sealed_until - now).total_seconds()))
            return f"sealed as {approval.verdict} by {called(approval.decided_by)}, takes effect in {left} s"
        return "it waits for approval"

    def _waiting_for_agent(self, task: Task, roster: Sequence[tuple[str, Iterable[str]]], now: datetime) -> str:
        able = [frozenset(sets) for slug, sets in roster if task.assignee in ("", slug)]
        if not roster:
            able = [frozenset(getattr(self.kinds.get(task.kind), "tools", ()))]
        if not able:
            return f"{task.assignee} is not here"
        lacks = [self.needs(task, sets) for sets in able]
        if all(lacks):
            return lacks[0]
        if task.assignee:
            busy = Task.objects.filter(assignee=task.assignee, status="RUNNING").order_by("id").first()
            return f"{task.assignee} is at task {busy.id}" if busy else f"{task.assignee} takes it up next"
        if (free := self.free_at(task)) > now:
            return f"offered until {free.astimezone(UTC):%H:%M:%S} UTC; assign {task.id} = agent"
        if thing := self.equipment(task):
            for other in Task.objects.filter(status="RUNNING").order_by("id"):
                if self.equipment(other) == thing:
                    return f"it waits for a free agent, and for the {thing}, which task {other.id} needs"
        return "it waits for a free agent"

    def _key(self, task: Task, now: datetime) -> tuple[int, datetime, int]:
        return rules.queue_key(task.priority, task.approved_at or task.created_at, task.id, now)
