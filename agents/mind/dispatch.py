"""The dispatcher: gives approved tasks to agents that are free, and stops tasks that make no progress.

Owns when the tables of approvals and tasks are read: only after a change, or when something falls due. Refuses to
decide who may take a task and how long is too long (`work` does), and to do a task (a mind does).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.events.models import Event
from agents.house.core import Core
from agents.house.house import House
from agents.house.part import Part
from agents.kernel.errors import Conflict, TimmyError
from agents.mind.mind import Mind
from agents.mind.minds import Minds
from agents.work.models import Task
from agents.work.settings import WorkSettings
from agents.work.tools import granted

_log = logging.getLogger("timmy.dispatch")
CLAIM_SECONDS, LIMITS_SECONDS = 5.0, 10.0
"""How often approved work that nobody could take is offered again, and running work is looked at; whatever is
changed is looked at within a second.
"""


@dataclass(frozen=True)
class DispatchKept:
    """What it knows between two beats, besides the tables. `due_at`, `claim_at`, `limits_at`: readings of the clock."""

    tasks_changed: bool
    approvals_changed: bool
    claim_at: float
    limits_at: float
    due: datetime | None
    due_at: float


class Dispatch(Part):
    """The dispatcher of one house. Not thread-safe: one thread calls everything."""

    name = "dispatch"
    after = ("mind",)
    Kept = DispatchKept

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._work = core.work
        self._tasks_changed = self._approvals_changed = True
        self._offered: list[Task] = []
        self._working: list[Task] = []
        self._due: datetime | None = None
        """When the next seal runs out or the next item is decided by nobody."""
        self._due_at = self._claim_at = self._limits_at = 0.0
        self._unsubscribe: list[Callable[[], None]] = []

    # -- beginning and end -----------------------------------------------------------------------
    def wire(self, house: House) -> None:
        """Learn who may be free."""
        self._minds = house.need(Minds)

    def start(self) -> None:
        """Hear of changes."""
        subscribe = self.core.bus.subscribe
        self._unsubscribe = [subscribe("task.*", self._task_changed), subscribe("approval.*", self._approval_changed)]

    def stop(self) -> None:
        """Hear of nothing any more."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    def move(self, jump: timedelta) -> None:
        """The times in the tables have moved: ask them again."""
        self.look_anew()

    def look_anew(self) -> None:
        """Take nothing that is known for granted: the tables may be others."""
        self._tasks_changed = self._approvals_changed = True

    def _task_changed(self, event: Event) -> None:
        self._tasks_changed = True

    def _approval_changed(self, event: Event) -> None:
        self._approvals_changed = True

    # -- keeping ---------------------------------------------------------------------------------
    def snapshot(self) -> DispatchKept:
        """What it knows besides the tables."""
        return DispatchKept(
            self._tasks_changed, self._approvals_changed, self._claim_at, self._limits_at, self._due, self._due_at
        )

    def restore(self, kept: DispatchKept) -> None:
        """Know what was known, with the tables as they were."""
        self._tasks_changed, self._approvals_changed = kept.tasks_changed, kept.approvals_changed
        self._claim_at, self._limits_at = kept.claim_at, kept.limits_at
        self._due, self._due_at = kept.due, kept.due_at
        self._read_board()

    # -- what others may ask -----------------------------------------------------------------------
    def given_to(self, slug: str) -> list[Task]:
        """The tasks that this agent has to do, as the board was when it was last looked at; the oldest first."""
        return [task for task in sorted((*self._working, *self._offered), key=_number) if task.assignee == slug]

    def could_give(self, task: Task, slug: str) -> bool:
        """Whether the task would be given to this agent if it were nobody's: the rule by which tasks are given."""
        mind = self._minds.get(slug)
        if mind is None or not _idle(mind) or self.given_to(slug):
            return False
        nobodys = copy(task)
        nobodys.assignee = ""
        holders = {item.key: item.holder for item in self.core.world.items()}
        sought = self._sought(holders, apart=task.pk)
        return self._next_for(mind, [nobodys], sought) is not None

    def _next_for(self, mind: Mind, offered: list[Task], sought: set[str]) -> Task | None:
        return self._work.next_for(mind.slug, granted(mind.persona.having), offered=offered, sought=sought)

    # -- once a second ---------------------------------------------------------------------------
    def beat(self) -> None:
        """Let due seals take effect, give approved tasks to free agents, stop what stands still."""
        self._look()
        if self._due is not None and self.core.runtime.clock.now() >= self._due:
            self._work.settle()
            self._approvals_changed = True
            self._look()
        instant = self.core.runtime.clock.monotonic()
        if self._offered and instant >= self._claim_at:
            self._claim_at = instant + self._claim()
        if self._working and instant >= self._limits_at:
            self._limits_at = instant + self._check_limits()

    @property
    def next_beat(self) -> float:
        """Clock reading before which a beat would find nothing to do."""
        instant = self.core.runtime.clock.monotonic()
        if self._tasks_changed or self._approvals_changed:
            return instant
        beats = [self._claim_at] * bool(self._offered) + [self._limits_at] * bool(self._working)
        if self._due is not None:
            beats.append(self._due_at if instant < self._due_at else self._clock_at(self._due))
        return max(min(beats, default=float("inf")), instant)

    def _look(self) -> None:
        if self._approvals_changed:
            self._approvals_changed = False
            self._due = self.core.governance.next_due()
            self._due_at = self._clock_at(self._due) if self._due is not None else 0.0
        if self._tasks_changed:
            self._tasks_changed, self._claim_at, self._limits_at = False, 0.0, 0.0
            self._read_board()

    def _read_board(self) -> None:
        found = list(Task.objects.filter(status__in=("APPROVED", "RUNNING")).order_by("id"))
        self._offered = [task for task in found if task.status == "APPROVED"]
        self._working = [task for task in found if task.status == "RUNNING"]

    def _clock_at(self, due: datetime) -> float:
        """What the clock will read then; to be asked once, since its fractions differ with the instant of asking."""
        clock = self.core.runtime.clock
        return clock.monotonic() + (due - clock.now()).total_seconds()

    def _claim(self) -> float:
        """Give what may be taken to those who are free; returns the seconds after which to look again."""
        now = self.core.runtime.clock.now()
        graces = [0.0 if task.assignee else (self._work.free_at(task) - now).total_seconds() for task in self._offered]
        offered = [task for task, grace in zip(self._offered, graces, strict=True) if grace <= 0]
        holders = {item.key: item.holder for item in self.core.world.items()}
        sought = self._sought(holders)
        for slug, mind in self._minds.all.items():
            if not offered:
                break
            if not _idle(mind):
                continue
            task = self._next_for(mind, offered, sought)
            if task is None:
                continue
            offered.remove(task)
            try:
                self._work.claim(task.pk, slug)
            except (Conflict, TimmyError) as error:
                _log.info("%s did not get task %s: %s", slug, task.pk, error)
                continue
            if (thing := self._work.equipment(task)) and holders.get(thing) != slug:
                sought.add(thing)
            self._minds.scheduler.wake(slug)
        return max(CLAIM_SECONDS, min(graces)) if not offered else CLAIM_SECONDS

    def _sought(self, holders: Mapping[str, str], apart: int = 0) -> set[str]:
        """The things that agents who are awake need for their work in hand and have not got, but for task `apart`."""
        found = set()
        for task in self._working:
            if task.pk == apart:
                continue
            mind, thing = self._minds.get(task.assignee), self._work.equipment(task)
            if thing and mind is not None and mind.awake and holders.get(thing) != task.assignee:
                found.add(thing)
        return found

    def _check_limits(self) -> float:
        """Stop what stands still; returns the seconds before which nothing will have stood still too long."""
        stall, now = self.core.runtime.settings.of(WorkSettings).stall_minutes * 60, self.core.runtime.clock.now()
        for task in self._working:
            mind = self._minds.get(task.assignee)
            if not self._work.over_limits(task) or (mind and mind.busy):
                continue
            task.refresh_from_db()  # progress is no change that is heard of
            if task.status == "RUNNING" and (why := self._work.over_limits(task)):
                self._work.block(task.pk, task.assignee, why)
        since = min((task.progress_at or now for task in self._working), default=now)
        return max(LIMITS_SECONDS, stall - (now - since).total_seconds())


def _idle(mind: Mind) -> bool:
    """Whether it can take up a task."""
    return mind.awake and mind.task() is None


def _number(task: Task) -> int:
    return task.pk
