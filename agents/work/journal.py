"""The journal: every plan step is written down before and after it is done.

Owns the states of a step (started → done, failed or review) and the rule that a key is done at most once. Never
repeats an interrupted step that is neither pure nor keyed: a person has to judge that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


class Attempt:
    """The steps of one attempt at a task, oldest first, read once by whoever carries it out."""

    def __init__(self, steps: Iterable[Step] = ()) -> None:
        self.steps = list(steps)

    def under(self, key: str) -> list[Step]:
        """All tries under this key."""
        return [step for step in self.steps if step.key == key]

    def finished(self) -> list[Step]:
        """The finished steps, in the order in which they ended."""
        done = [step for step in self.steps if step.state == "done"]
        return sorted(done, key=lambda step: (step.finished_at or step.started_at, step.id))


class Journal:
    """The steps of all agents."""

    def __init__(self, runtime: Runtime, events: EventLog) -> None:
        self._runtime, self._events, self._unit = runtime, events, events.unit

    def attempt(self, task: Task) -> Attempt:
        """The journal of the current attempt at `task`."""
        self._unit.flush()
        return Attempt(Step.objects.filter(task=task, attempt=task.attempt).order_by("id"))

    def begin(
        self,
        agent: str,
        plan: str,
        index: int,
        action: str,
        *,
        task: Task | None = None,
        key: str = "",
        repeat: Repeat,
        attempt: Attempt | None = None,
    ) -> Step:
        """Record that a step begins. If `key` is already done, its step is returned instead, with `state` done, and
        must not be performed again. A step without a key never repeats another. `attempt`: the steps of the task's
        attempt, if the caller has them; the new one is added.

        Raises StepFailed if an earlier, unrepeatable try under this key was interrupted: it has gone to review.
        """
        with self._unit():
            tries = [] if not key else list(Step.objects.filter(key=key)) if attempt is None else attempt.under(key)
            done = next((step for step in tries if step.state == "done"), None)
            if done is not None:
                return done
            open_steps = [step for step in tries if step.state == "started"]
            for open_step in open_steps:
                self.cut_short(open_step)
            if not any(step.repeat == "once" for step in open_steps):
                row = self._begin(agent, plan, index, action, task, key, repeat)
                if attempt is not None:
                    attempt.steps.append(row)
                return row
        raise StepFailed(f"{action} was cut short before and may have happened; it waits for review.")

    def _begin(
        self, agent: str, plan: str, index: int, action: str, task: Task | None, key: str, repeat: Repeat
    ) -> Step:
        number = self._runtime.new_id()
        step = self._unit.add(
            made(
                Step,
                id=number,
                agent=agent,
                plan=plan,
                index=index,
                action=action,
                task_id=task.pk if task else None,
                attempt=task.attempt if task else 1,
                key=key or number,
                repeat=repeat,
                state="started",
                result={},
                error="",
                started_at=self._runtime.clock.now(),
                finished_at=None,
            )
        )
        self._unit.vouch(step)
        return step

    def finish(self, step: Step, result: Mapping[str, Any]) -> Step:
        """Record that a step is done, with its JSON-able result. Raises Conflict if it is not open or the key was done
        by another in the meantime.
        """
        try:
            return self._close(step, "done", result=dict(result))
        except IntegrityError:
            raise Conflict(f"{step.action} was already done under the same key.") from None

    def fail(self, step: Step, error: str) -> Step:
        """Record that a step could not be done, and why. Raises Conflict if it is not open."""
        return self._close(step, "failed", error=shorten(clean(error), 2000))

    def cut_short(self, step: Step) -> Step:
        """Decide what an interrupted step means: review if it may have happened and must not happen twice, otherwise
        failed and free to be repeated.
        """
        state = "review" if step.repeat == "once" else "failed"
        return self._close(step, state, error="cut short; it may have happened" if state == "review" else CUT_SHORT)

    def interrupted(self) -> list[Step]:
        """Steps that began and never ended, oldest first; at start-up nobody is performing them."""
        self._unit.flush()
        return list(Step.objects.filter(state="started").order_by("id"))

    def _close(self, step: Step, state: str, **columns: Any) -> Step:
        if step.state != "started":
            raise Conflict(f"Step {step.id} ({step.action}) is not open.")
        changes = {"state": state, "finished_at": self._runtime.clock.now(), **columns}
        alone = step.key == step.id or self._unit.waits(step)  # otherwise another process may hold the same key
        with self._unit() if alone else self._unit.part():
            if not alone:
                rows = Step.objects.filter(id=step.id, state="started").update(**changes)
                if rows != 1:
                    raise Conflict(f"Step {step.id} ({step.action}) is not open.")
            for name, value in changes.items():
                setattr(step, name, value)
            if alone:
                self._unit.change(step, *changes)
            self._unit.vouch(step)
            if state != "done":  # success is reported by whoever did it
                self._tell(step, "failed" if state == "failed" else "review")
        return step

    def _tell(self, step: Step, how: str) -> None:
        self._events.append(
            f"agent.{step.agent}.step.{how}",
            f"agent:{step.agent}",
            via="mind",
            agent=step.agent,
            task=step.task_id,
            step=step.id,
            data={"action": step.action, "index": step.index, "plan": step.plan, "key": step.key, "error": step.error},
        )
