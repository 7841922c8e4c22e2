"""The journal: every plan step is written down before and after it is done.

Owns the step's states (started → done, failed or review) and the rule that a key is done at
most once. Refuses to repeat a step that is neither pure nor keyed and was cut short: that is a
person's to judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError

from agents.events.log import EventLog
from agents.events.unit import made
from agents.kernel.errors import Conflict, StepFailed
from agents.kernel.runtime import Runtime
from agents.kernel.text import clean, shorten
from agents.work.act import Repeat
from agents.work.models import Step, Task

CUT_SHORT = "cut short; free to be repeated"


class Journal:
    """The steps of all agents."""

    def __init__(self, runtime: Runtime, events: EventLog) -> None:
        self._runtime, self._events, self._unit = runtime, events, events.unit

    def begin(
        self, agent: str, plan: str, index: int, action: str, *, task: Task | None = None, key: str = "", repeat: Repeat
    ) -> Step:
        """Write that a step begins. Where `key` is done already its step is returned instead, with
        `state` done, and must not be performed again. Without a key the step is like no other.

        Raises StepFailed when an earlier, unrepeatable try under this key was cut short: it has
        gone to review.
        """
        if not key:
            return self._begin(agent, plan, index, action, task, key, repeat)
        with self._unit.part():
            done = Step.objects.filter(key=key, state="done").first()
            if done is not None:
                return done
            open_steps = list(Step.objects.filter(key=key, state="started"))
            for open_step in open_steps:
                self.cut_short(open_step)
            if not any(s.repeat == "once" for s in open_steps):
                return self._begin(agent, plan, index, action, task, key, repeat)
        raise StepFailed(f"{action} was cut short before and may have happened; it waits for review.")

    def _begin(self, agent: str, plan: str, index: int, action: str, task: Task | None, key: str, repeat: Repeat) -> Step:
        number = self._runtime.new_id()
        return self._unit.add(made(
            Step, id=number, agent=agent, plan=plan, index=index, action=action, task_id=task.pk if task else None,
            attempt=task.attempt if task else 1, key=key or number, repeat=repeat, state="started", result={}, error="",
            started_at=self._runtime.clock.now(), finished_at=None,
        ))  # fmt: skip

    def finish(self, step: Step, result: Mapping[str, Any]) -> Step:
        """Write that a step is done, with its JSON-able result. Raises Conflict when it is not open
        or another has done the key meanwhile.
        """
        try:
            return self._close(step, "done", result=dict(result))
        except IntegrityError:
            raise Conflict(f"{step.action} was already done under the same key.") from None

    def fail(self, step: Step, error: str) -> Step:
        """Write that a step could not be done, and why. Raises Conflict when it is not open."""
        return self._close(step, "failed", error=shorten(clean(error), 2000))

    def cut_short(self, step: Step) -> Step:
        """Decide what a step means that was begun and never ended: review when it may have happened
        once and must not again, else failed and free to be repeated.
        """
        state = "review" if step.repeat == "once" else "failed"
        return self._close(step, state, error="cut short; it may have happened" if state == "review" else CUT_SHORT)

    def interrupted(self) -> list[Step]:
        """Steps begun and never ended, oldest first; at start-up nobody is performing them."""
        self._unit.flush()
        return list(Step.objects.filter(state="started").order_by("id"))

    def finished(self, task: Task, attempt: int | None = None) -> list[Step]:
        """The finished steps of a task's attempt (the present one when None), in order."""
        self._unit.flush()
        done = Step.objects.filter(task=task, attempt=attempt or task.attempt, state="done")
        return list(done.order_by("finished_at", "id"))

    def tried(self, step: Step) -> list[str]:
        """Ids of the earlier tries at what `step` does: of its task's attempt, under the same key."""
        if step.task_id is None:
            return []  # the key of an errand's step is its own
        self._unit.flush()
        same = Step.objects.filter(task=step.task_id, attempt=step.attempt, key=step.key)
        return list(same.exclude(id=step.id).values_list("id", flat=True))

    def _close(self, step: Step, state: str, **columns: Any) -> Step:
        if step.state != "started":
            raise Conflict(f"Step {step.id} ({step.action}) is not open.")
        changes = {"state": state, "finished_at": self._runtime.clock.now(), **columns}
        with self._unit.part() if step.key != step.id else self._unit():
            if step.key != step.id:  # another process may hold the same key
                rows = Step.objects.filter(id=step.id, state="started").update(**changes)
                if rows != 1:
                    raise Conflict(f"Step {step.id} ({step.action}) is not open.")
            for name, value in changes.items():
                setattr(step, name, value)
            if step.key == step.id:
                self._unit.change(step, *changes)
            if state != "done":  # what went well is told by whoever did it
                self._tell(step, "failed" if state == "failed" else "review")
        return step

    def _tell(self, step: Step, how: str) -> None:
        self._events.append(
            f"agent.{step.agent}.step.{how}", f"agent:{step.agent}", via="mind", agent=step.agent,
            task=step.task_id, step=step.id,
            data={"action": step.action, "index": step.index, "plan": step.plan, "key": step.key, "error": step.error},
        )  # fmt: skip
