"""One agent's cycle: sense, choose a goal, plan, act, reflect.

Owns the order of these stages, and what follows from the outcome of each. Goals weigh, the planner plans, acts act, and
the journal remembers; only the cycle changes the mind. A visit does one small thing and says when it wants the next.
Refuses to act without a plan, to take a step whose preconditions do not hold now, and to hold the thread.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, ensureDeferred
from twisted.python.failure import Failure

from agents.goap.domain import GroundAction
from agents.house.values import Wish
from agents.kernel.errors import NotFound, StepFailed
from agents.mind import choosing, goals, life, pursuit, steps, wanting, words
from agents.mind.choosing import Choice, InUse, OutOfReach, Thinking
from agents.mind.goals import Wait
from agents.mind.mind import PENALTY_SECONDS, Mind
from agents.mind.models import PlanRecord
from agents.mind.pursuit import Pursuit
from agents.mind.scheduler import AT_ONCE, POLL, Delay
from agents.mind.sensors import View
from agents.mind.settings import MindSettings
from agents.mind.steps import Came, Done, Failed, Refused
from agents.work.kind import Upshot
from agents.work.models import Task

SETTLED_SECONDS = 30.0
"""How long a plan is kept, once it was weighed against what else could be done, before it is weighed again."""
WAIT_SECONDS = 20.0
"""How long a task waits for a thing that another agent works with, before it looks whether it was told of all."""
TRIES = 3
"""Failures after which an errand is left until its next time."""


class Cycle:
    """What the scheduler visits: it goes on with one mind, on the thread that may touch tables."""

    def __init__(self, mind: Mind) -> None:
        self.mind, self.slug, self.minds, self.core = mind, mind.slug, mind.minds, mind.core

    # -- the visit -----------------------------------------------------------------------------
    def visit(self) -> Delay:
        """Do one small thing; returns the seconds after which to come again."""
        mind = self.mind
        if mind.lost:
            mind.lost = False
            self._take_up("what it did last could not be written down")
        if mind.life != "READY":
            return self._live()
        if mind.owed is not None:
            mind.owed()
            self.core.events.unit.then(self._paid)
        if mind.step is not None:
            return POLL
        if mind.thinking is not None:
            return self._think(mind.thinking)
        if mind.pursuit is not None:
            return self._follow(mind.pursuit)
        return self._choose()

    def _paid(self) -> None:
        self.mind.owed = None

    def lose(self) -> None:
        """What was done in the last unit of work is not on record: forget it, and go on from the tables."""
        mind = self.mind
        if mind.step is not None:
            mind.step.cancel()
        mind.step = mind.thinking = mind.pursuit = None
        self.minds.plans.forget(self.slug)
        mind.lost = True

    def depart(self) -> None:
        """The agent lives here no more: its task in hand waits for another."""
        gone, task = f"{self.mind.persona.name} lives here no more", self.mind.task()
        if task is not None:
            self.core.work.block(task.pk, self.slug, f"{gone}.")
        self.stop(gone)

    def stop(self, why: str = "the world is shutting down") -> None:
        """End: the step under way is cut short (the journal knows it began), the plan is kept on record."""
        mind = self.mind
        if mind.step is not None:
            mind.step.cancel()
        self._drop(why)
        if mind.life != "SHUTDOWN":
            self._note("life", state="SHUTDOWN")
        mind.life = "SHUTDOWN"

    def _note(self, topic: str, **data: object) -> None:
        """Append the event `agent.<slug>.<topic>`."""
        task = self.mind.pursuit.wish.task if self.mind.pursuit else None
        self.core.events.append(
            f"agent.{self.slug}.{topic}", self.mind.actor, via="mind", agent=self.slug, task=task, data=data
        )

    def _instant(self) -> float:
        return self.core.runtime.clock.monotonic()

    # -- waking --------------------------------------------------------------------------------
    def _live(self) -> Delay:
        """Go on to the next stage of its life."""
        mind = self.mind
        if mind.life == "SHUTDOWN":
            return life.RETRY
        came = life.attempt(mind)
        if came.trouble:
            if came.trouble != mind.trouble:
                mind.trouble = came.trouble
                self._note("life", state="FAILED", stage=came.stage, reason=came.trouble)
            mind.life = "FAILED"
            return life.RETRY
        self._note("life", state=came.stage, note=came.found)
        mind.life = life.NEXT[came.stage]
        if mind.life == "READY":
            mind.trouble = ""
            self._take_up("the world was started again")
            self._note("life", state="READY")
        return AT_ONCE

    def _take_up(self, why: str) -> None:
        """Take up what the tables know; plans cut short are dropped."""
        for record in PlanRecord.objects.filter(agent=self.slug, state="running"):
            self.minds.plans.close(record, "dropped", why)
        self.mind.recall.read()

    # -- choosing ------------------------------------------------------------------------------
    def _choose(self) -> Delay:
        wishes = wanting.wishes(self.mind)
        if not wishes:
            return wanting.rest(self.mind)
        self.mind.thinking = choosing.choose(self.mind, wishes)
        return self._think(self.mind.thinking)

    def _think(self, thinking: Thinking) -> Delay:
        """One slice of choosing, in which wishes may be found to be out of reach; at its end the plan is adopted."""
        try:
            while (came := next(thinking)) is not None:
                self._without(came)
            return AT_ONCE
        except StopIteration as end:
            choice: Choice | None = end.value
        self.mind.thinking = None
        return POLL if choice is None else self._adopt(choice)

    def _without(self, came: OutOfReach | InUse) -> None:
        if isinstance(came, InUse):
            self._wait(came)
        else:
            self._let_go(came.wish, came.why)

    def _adopt(self, choice: Choice) -> Delay:
        wish, plan = choice.wish, choice.plan
        self._drop(f"{wish.name} matters more: {wish.why}")
        record = self.minds.plans.open(
            self.slug,
            wish,
            plan,
            choice.over,
            choice.reason,
            self.minds.said(choice.view),
            origin=choice.origin,
        )
        self.mind.pursuit = Pursuit(record, wish, plan, choice.known, over=choice.over)
        self._note(
            "plan",
            plan=record.pk,
            goal=wish.name,
            steps=len(plan),
            cost=plan.cost,
            reason=choice.reason,
            origin=choice.origin,
        )
        return AT_ONCE

    # -- acting --------------------------------------------------------------------------------
    def _follow(self, now: Pursuit) -> Delay:
        """Check that the plan still makes sense, and take its next step."""
        mind = self.mind
        task = mind.given(now.wish.task) if now.wish.task else None
        if task is not None and (task.status != "RUNNING" or task.assignee != self.slug):
            self._drop(task.reason or f"task {task.pk} is {task.status.lower().replace('_', ' ')}")
            return POLL
        if now.reached:
            return self._reached(now, task)
        instant = self._instant()
        if instant < mind.not_before:
            return Delay(mind.not_before - instant)
        if self._rivalled(now, instant):
            return AT_ONCE
        view = mind.look()
        domain = self.minds.repertoire.domain(view)
        try:
            state = mind.state(view, task, now.known, now.plan)
        except (NotFound, StepFailed) as error:
            return self._let_go(now.wish, error.message)
        position = now.plan.resume(domain, state)
        if position is None and not self._wanted(now.wish):
            self._drop("it is wanted no more")
            return POLL
        if position is None:
            return self._replan(steps.lost(now, domain, state, view))
        if position != now.position and position < len(now.plan):
            self.minds.plans.advance(now.record, position, f"resumed at step {position + 1}")
            self._note("resume", plan=now.id, goal=now.wish.name, step=position + 1, of=len(now.plan))
        now.position = position
        if position == len(now.plan):
            return self._reached(now, task)
        mind.not_before = instant + self.core.runtime.settings.of(MindSettings).step_seconds
        self._begin(self._take(now, domain.action(now.plan.steps[position].action), view, task))
        if mind.step is not None:
            return POLL
        return AT_ONCE if mind.pursuit is not now else Delay(max(mind.not_before - instant, AT_ONCE))

    def _wanted(self, wish: Wish) -> bool:
        """Whether the wish is one still: nobody has to lay down what somebody took from him."""
        return wish.task is not None or any(wish.name == one.name for one in wanting.wishes(self.mind))

    def _rivalled(self, now: Pursuit, instant: float) -> bool:
        """Whether something else may be worth more than the rest of the plan: it is left for what is of a
        higher tier, and thought about for what is not, now and then.
        """
        mind = self.mind
        if instant < mind.settled:
            return False
        mind.settled = instant + SETTLED_SECONDS
        wishes = wanting.wishes(mind)
        now.wish = next((w for w in wishes if w.name == now.wish.name), now.wish)
        rivals = goals.rivals(now.wish, now.remaining, wishes)
        if rivals and rivals[0].tier > now.wish.tier:
            self._drop(f"{rivals[0].name} matters more: {rivals[0].why}")
            return True
        if not rivals:
            return False
        mind.thinking = choosing.reconsider(mind, now.wish, now.remaining, rivals)
        return True

    async def _take(self, now: Pursuit, ground: GroundAction, view: View, task: Task | None) -> None:
        """Take the step of the plan that is next, and follow from what came of it."""
        came = await steps.perform(self.mind, now, ground, view, task)
        if isinstance(came, Done) and came.unwritten is not None:
            self.mind.owed = came.unwritten
        if self.mind.pursuit is now:
            self._took(now, came, ground, task)

    def _took(self, now: Pursuit, came: Came, ground: GroundAction, task: Task | None) -> None:
        mind = self.mind
        if isinstance(came, Refused):
            self._let_go(now.wish, came.why)
        elif isinstance(came, Failed):
            mind.penalise(came.action)
            now.failures += 1
            limit = steps.over_limits(mind, task) if task is not None else self._too_often(now)
            if limit:
                self._let_go(now.wish, f"{came.deed} failed: {came.why.rstrip('.')}; {limit}")
            else:
                self._replan(f"{came.deed} failed: {came.why}")
        else:
            now.go_on(came.added, came.deleted, came.said)
            now.reached = now.position == len(now.plan) and self._holds(now, task)
            for item in pursuit.taken(ground):  # that putting it back was shelved is of another time
                mind.waits.pop(goals.putting_back(item), None)
            if task is not None and now.position < len(now.plan) and (limit := steps.over_limits(mind, task)):
                self._let_go(now.wish, limit)

    def _holds(self, now: Pursuit, task: Task | None) -> bool:
        """Whether the goal holds in this very instant, in which nobody can have undone it."""
        view = self.mind.look()
        try:
            state = self.mind.state(view, task, now.known)
        except (NotFound, StepFailed):
            return False
        return self.minds.repertoire.domain(view).holds(state, now.wish.goal)

    def _too_often(self, now: Pursuit) -> str:
        return "it failed too often" if now.failures >= TRIES else ""

    def _begin(self, step: Coroutine[Any, Any, None]) -> None:
        try:
            rest = self.minds.scheduler.begin(self.slug, step)
        except BaseException as error:  # noqa: BLE001  (reported by `_broken`, as what it raises after a wait is)
            self._broken(Failure(error))  # type: ignore[no-untyped-call]
            return
        if rest is not None:  # its end wakes the mind
            running = ensureDeferred(rest)
            running.addErrback(self._broken)
            self.mind.step = running
            running.addBoth(self._ended, running)

    def _broken(self, failure: Failure) -> None:
        """Something around the step failed (the step's own failures are handled where it is done)."""
        if isinstance(failure.value, CancelledError):
            return
        if failure.value is not None:
            self.core.faults(failure.value, f"the cycle of {self.slug}")
        self._replan(f"something broke: {failure.getErrorMessage()}")
        self.mind.not_before = self._instant() + life.RETRY

    def _ended(self, _: object, running: Deferred[None]) -> None:
        if self.mind.step is running:
            self.mind.step = None
        self.minds.scheduler.wake(self.slug)

    # -- leaving -------------------------------------------------------------------------------
    def _replan(self, reason: str) -> Delay:
        """Leave the plan but not the goal; the reason is an event."""
        now = self.mind.pursuit
        if now is None:
            return POLL
        self._note("replan", plan=now.id, goal=now.wish.name, reason=reason)
        self.minds.plans.close(now.record, "dropped", reason)
        self.mind.pursuit = None
        self.mind.thinking = choosing.anew(self.mind, now.wish, now.over, reason, now.known)
        return AT_ONCE

    def _drop(self, reason: str) -> None:
        now = self.mind.pursuit
        if now is not None:
            self._note("leave", plan=now.id, goal=now.wish.name, reason=reason)
            self.minds.plans.close(now.record, "dropped", reason)
            self.mind.pursuit = None

    def _wait(self, came: InUse) -> None:
        """Another agent works with what is needed: say so once, and look again later."""
        name, before = came.wish.name, self.mind.waits.get(came.wish.name)
        if before is None or before.why != came.why:
            steps.tell(self.mind, came.wish, f"I wait with {name}: {came.why}.")
        self.mind.waits[name] = Wait(self._instant() + WAIT_SECONDS, came.why, came.things)

    def _let_go(self, wish: Wish, why: str) -> Delay:
        """Leave a goal: a task is told of in place and handed back, an errand waits for its time."""
        if wish.task is not None:
            self._hand_back(wish, wish.task, why)
            return POLL
        mind, minds = self.mind, self.minds
        habit = mind.persona.habit(wish.name)
        every = habit.every if habit else PENALTY_SECONDS
        mind.waits[wish.name] = Wait(self._instant() + every, why)
        self._leave(wish, why)
        mind.recall.happens(wish.name, False)
        other = next(
            (s.method for s in mind.recall.standings() if wish.aim and s.aim.name == wish.aim and s.left), None
        )
        if other is not None:
            steps.tell(
                mind,
                wish,
                f'I cannot have {words.of_goal(wish.name)}: {why.rstrip(".")}. For "{wish.aim}" I go on {other.name}.',
            )
        else:
            minds.plans.close(minds.plans.open(self.slug, wish, None, (), why), "failed", why)
        self._note("stuck", goal=wish.name, reason=why)
        return POLL

    def _hand_back(self, wish: Wish, number: int, why: str) -> None:
        task = self.core.work.get(number)
        if task.status == "RUNNING" and task.assignee == self.slug:
            said = f"I cannot go on with {wish.name}: {why.rstrip('.')}."
            steps.tell(self.mind, wish, said)
            self.core.work.block(number, self.slug, said)
            self.mind.recall.forget_task()
        self._leave(wish, why)

    def _leave(self, wish: Wish, why: str) -> None:
        if self.mind.pursuit is not None and self.mind.pursuit.wish.name == wish.name:
            self._drop(why)

    # -- reflecting ------------------------------------------------------------------------------
    def _reached(self, now: Pursuit, task: Task | None) -> Delay:
        """The goal holds: hand the task in, or remember when the errand was done."""
        mind = self.mind
        if task is not None:
            told = [step.result["upshot"] for step in mind.recall.attempt(task).finished() if "upshot" in step.result]
            upshot = Upshot(**told[-1]) if told else None
            self.core.work.complete(task.pk, self.slug, now.said or f"{task.title}: done", upshot)
            mind.recall.forget_task()
        else:
            mind.recall.happens(now.wish.name, True)
        mind.waits.pop(now.wish.name, None)
        self.minds.plans.close(now.record, "done")
        self._note("reached", plan=now.id, goal=now.wish.name)
        mind.pursuit = None
        return POLL
