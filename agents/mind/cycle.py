"""One agent's cycle: sense, choose a goal, plan, act, reflect.

Owns the order of these and nothing of their content: goals weigh, the planner plans, acts
act, the journal remembers. A visit does one small thing and says when it wants the next.
Refuses to act without a plan, to take a step whose preconditions do not hold now, and to
hold the thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import CancelledError, Deferred, ensureDeferred
from twisted.python.failure import Failure

from agents.goap import Plan
from agents.goap.model import Fact, fact
from agents.governance.rules import Actor
from agents.kernel.errors import NotFound, StepFailed
from agents.lineage.persona import Persona
from agents.mind import choosing, goals, life, sensors, steps, wanting, words
from agents.mind.choosing import Choice, Thinking
from agents.mind.goals import Wish
from agents.mind.kept import MindKept
from agents.mind.life import AT_ONCE, POLL
from agents.mind.models import PlanRecord
from agents.mind.pursuit import Pursuit
from agents.mind.recall import Recall
from agents.mind.sensors import View
from agents.work.kind import site_of
from agents.work.models import Task
from agents.work.ports import Body
from agents.work.toolbox import Toolbox

if TYPE_CHECKING:
    from agents.mind.house import House

FAILED_PENALTY, PENALTY_SECONDS = 20, 300.0
"""Cost added to an action that failed, and for how long."""
SETTLED_SECONDS = 30.0
"""How long a plan is kept, once it was weighed against what else could be done, before it is weighed again."""
WAIT_SECONDS = 20.0
"""How long a task waits for a thing that another agent works with, before it looks again."""


class Mind:
    """The mind of one agent. All of it runs on the thread that may touch tables."""

    def __init__(self, persona: Persona, house: House) -> None:
        self.slug, self.persona, self.house = persona.slug, persona, house
        self.found: Body | None = None
        self.seen: View | None = None
        """What it saw last."""
        self.life, self.trouble = "INIT", ""
        self.tools: Toolbox | None = None
        self.pursuit: Pursuit | None = None
        self.waits: dict[str, tuple[float, str]] = {}
        """Goals left alone until an instant of the clock, and why."""
        self.actor = Actor("agent", persona.slug, persona.having)
        self.recall = Recall(persona, house.runtime, house.journal, house.events.unit.flush)
        self._penalties: dict[str, float] = {}
        self._thinking: Thinking | None = None
        self._step: Deferred[None] | None = None
        self._not_before = 0.0
        self._settled = 0.0
        self._owed: Callable[[], None] | None = None
        self._lost = False

    # -- what others ask ---------------------------------------------------------------------
    @property
    def awake(self) -> bool:
        """Whether it is ready, seated, not laid to rest, and did not stumble at its last visit."""
        minds = self.house.minds
        return self.life == "READY" and self.slug in minds and not minds.paused(self.slug) and not minds.fault(self.slug)

    @property
    def busy(self) -> bool:
        """Whether a step runs at this moment."""
        return self._step is not None

    @property
    def at_rest(self) -> bool:
        """Whether nothing is under way that could not be written down."""
        return self._step is None and self._thinking is None and self._owed is None and not self._lost

    def snapshot(self) -> MindKept:
        """What it knows besides the tables, while it is at rest."""
        return MindKept(
            self.life, self.trouble, self.tools is not None, self.seen.where if self.seen else "",
            self.pursuit.snapshot() if self.pursuit else None, dict(self.waits), dict(self._penalties), self._not_before,
            self._settled, self.recall.snapshot(),
        )  # fmt: skip

    def restore(self, kept: MindKept) -> None:
        """Know what it knew; the tables, the house's repertoire and its records are restored before."""
        house = self.house
        self.life, self.trouble = kept.life, kept.trouble
        self.tools = house.toolbox(self.persona) if kept.equipped else None
        view = sensors.view(self.slug, kept.seen or self.body.where(), self.persona.home, house.world, house.records.machine())
        self.seen = view if kept.seen else None
        self.pursuit = Pursuit.restored(house.repertoire.domain(view), kept.pursuit) if kept.pursuit else None
        self.waits, self._penalties = dict(kept.waits), dict(kept.penalties)
        self._not_before, self._settled = kept.not_before, kept.settled
        self.recall.restore(kept.recall)

    @property
    def body(self) -> Body:
        """Its body; raises NotFound when there is none in the world."""
        if self.found is None:
            self.found = self.house.body_of(self.slug)
        return self.found

    def where(self) -> str:
        """Key of the room it stands in, '' when it has no body."""
        return self.found.where() if self.found else ""

    def note(self, topic: str, **data: object) -> None:
        """Append the event `agent.<slug>.<topic>`."""
        task = self.pursuit.wish.task if self.pursuit else None
        self.house.events.append(
            f"agent.{self.slug}.{topic}", self.actor, via="mind", agent=self.slug, task=task, data=data
        )

    def task(self) -> Task | None:
        """The task in hand: running and given to this agent, the oldest if several."""
        return self.recall.task()

    def given(self, number: int) -> Task:
        """The task with this number: the one in hand, or read anew where it is in hand no more. Raises NotFound."""
        task = self.task()
        return task if task is not None and task.pk == number else self.house.work.get(number)

    def look(self) -> View:
        """See the world now."""
        house = self.house
        self.seen = sensors.view(self.slug, self.body.where(), self.persona.home, house.world, house.records.machine())
        return self.seen

    def readiness(self, plan: Plan | None = None) -> dict[str, str]:
        """Each act that has a procedural precondition (of those in `plan`, if given): '' or why not now."""
        asked = self.house.repertoire.asked
        names = asked if plan is None else asked.keys() & plan.names
        return {name: asked[name](self.slug, self.house.records) for name in names}

    def state(self, view: View, task: Task | None, known: Iterable[Fact] = (), plan: Plan | None = None) -> int:
        """All that holds for this agent: what is in `view`, what its task asks, what it knows; procedural
        preconditions are asked as far as they bear on `plan` (None: all).

        Raises NotFound when the task's place is gone, StepFailed when its parameters do not fit.
        """
        more = [fact("ready", name) for name, why in self.readiness(plan).items() if not why]
        if task is not None and task.kind in self.house.kinds:
            kind = self.house.kinds[task.kind]
            more += [fact("working", kind.name), fact("site", site_of(kind, kind.params_of(task), self.house.world))]
        return self.house.repertoire.state(view, (*more, *known))

    def stirred(self) -> None:
        """A task that is or was its own was changed: weigh anew what to do."""
        self.recall.forget_task()
        self._settled = 0.0

    # -- the visit -----------------------------------------------------------------------------
    def visit(self) -> float:
        """Do one small thing; returns the seconds after which to come again."""
        self.house.visited.append(self)
        if self._lost:
            self._lost = False
            self.take_up("what it did last could not be written down")
        if self.life != "READY":
            return life.live(self)
        if self._owed is not None:
            self._owed()
            self.house.events.unit.then(self._paid)
        if self._step is not None:
            return POLL
        if self._thinking is not None:
            return self._think(self._thinking)
        if self.pursuit is not None:
            return self._follow(self.pursuit)
        return self._choose()

    def take_up(self, why: str) -> None:
        """Take up what the tables know; plans cut short are dropped."""
        for record in PlanRecord.objects.filter(agent=self.slug, state="running"):
            self.house.plans.close(record, "dropped", why)
        self.recall.read()

    def owe(self, write: Callable[[], None]) -> None:
        """Something was done and could not be written down: write it before anything else is done."""
        self._owed = write

    def _paid(self) -> None:
        self._owed = None

    def lose(self) -> None:
        """What was done in the last unit of work is not on record: forget it, and go on from the tables."""
        if self._step is not None:
            self._step.cancel()
        self._step = self._thinking = self.pursuit = None
        self.house.plans.forget(self.slug)
        self._lost = True

    def stop(self) -> None:
        """End: the step under way is cut short (the journal knows it began), the plan is kept on record."""
        if self._step is not None:
            self._step.cancel()
        if self.pursuit is not None:
            self._drop("the world is shutting down")
        if self.life != "SHUTDOWN":
            self.note("life", state="SHUTDOWN")
        self.life = "SHUTDOWN"

    # -- choosing ------------------------------------------------------------------------------
    def _choose(self) -> float:
        wishes = wanting.wishes(self)
        if not wishes:
            return wanting.rest(self)
        self._thinking = choosing.choose(self, wishes)
        return self._think(self._thinking)

    # -- planning ------------------------------------------------------------------------------
    def _think(self, thinking: Thinking) -> float:
        """One slice of choosing; at its end the plan is adopted."""
        try:
            next(thinking)
            return AT_ONCE
        except StopIteration as end:
            choice: Choice | None = end.value
        self._thinking = None
        return POLL if choice is None else self._adopt(choice)

    def _adopt(self, choice: Choice) -> float:
        wish, plan = choice.wish, choice.plan
        self._drop(f"{wish.name} matters more: {wish.why}")
        record = self.house.plans.open(
            self.slug, wish, plan, choice.over, choice.reason, self.house.said(choice.view),
            origin=choice.origin,
        )
        self.pursuit = Pursuit(record, wish, plan, choice.known, over=choice.over)
        self.note(
            "plan", plan=record.pk, goal=wish.name, steps=len(plan), cost=plan.cost, reason=choice.reason,
            origin=choice.origin,
        )
        return AT_ONCE

    def penalties(self) -> dict[str, int]:
        """What is added to the cost of actions: of acts with a procedural cost, and of what failed of late."""
        instant = self.house.runtime.clock.monotonic()
        self._penalties = {name: until for name, until in self._penalties.items() if until > instant}
        asked = {name: extra(self.slug, self.house.records) for name, extra in self.house.repertoire.extra.items()}
        return {name: cost for name, cost in asked.items() if cost} | dict.fromkeys(self._penalties, FAILED_PENALTY)

    def failed(self, action: str) -> float | None:
        """Seconds since `action` failed, None when it did not of late."""
        until = self._penalties.get(action, 0.0)
        instant = self.house.runtime.clock.monotonic()
        return PENALTY_SECONDS - (until - instant) if until > instant else None

    def wait(self, wish: Wish, why: str) -> None:
        """Another agent works with what is needed: say so once, and look again later."""
        if self.waits.get(wish.name, (0.0, ""))[1] != why:
            steps.tell(self, wish, f"I wait with {wish.name}: {why}.")
        self.waits[wish.name] = (self.house.runtime.clock.monotonic() + WAIT_SECONDS, why)

    def let_go(self, wish: Wish, why: str) -> float:
        """Leave a goal: a task is told of in place and handed back, an errand waits for its time."""
        if wish.task is not None:
            task = self.house.work.get(wish.task)
            if task.status == "RUNNING" and task.assignee == self.slug:
                said = f"I cannot go on with {wish.name}: {why.rstrip('.')}."
                steps.tell(self, wish, said)
                self.house.work.block(wish.task, self.slug, said)
                self.recall.forget_task()
            self._leave(wish, why)
            return POLL
        every = next((e.every for e in self.persona.errands if e.name == wish.name), PENALTY_SECONDS)
        self.waits[wish.name] = (self.house.runtime.clock.monotonic() + every, why)
        self._leave(wish, why)
        self.recall.happens(wish.name, False)
        other = next((s.method for s in self.recall.standings() if wish.aim and s.aim.name == wish.aim and s.left), None)
        if other is not None:
            steps.tell(self, wish, f"I cannot have {words.of_goal(wish.name)}: {why.rstrip('.')}. "
                                   f"For \"{wish.aim}\" I go on {other.name}.")
        else:
            self.house.plans.close(self.house.plans.open(self.slug, wish, None, (), why), "failed", why)
        self.note("stuck", goal=wish.name, reason=why)
        return POLL

    def _leave(self, wish: Wish, why: str) -> None:
        if self.pursuit is not None and self.pursuit.wish.name == wish.name:
            self._drop(why)

    # -- acting --------------------------------------------------------------------------------
    def _follow(self, now: Pursuit) -> float:
        """Check that the plan still makes sense, and take its next step."""
        task = self.given(now.wish.task) if now.wish.task else None
        if task is not None and (task.status != "RUNNING" or task.assignee != self.slug):
            self._drop(task.reason or f"task {task.pk} is {task.status.lower().replace('_', ' ')}")
            return POLL
        instant = self.house.runtime.clock.monotonic()
        if instant < self._not_before:
            return self._not_before - instant
        if self._rivalled(now):
            return AT_ONCE
        view = self.look()
        domain = self.house.repertoire.domain(view)
        try:
            state = self.state(view, task, now.known, now.plan)
        except (NotFound, StepFailed) as error:
            return self.let_go(now.wish, error.message)
        position = now.plan.resume(domain, state)
        if position is None:
            return self.replan(steps.lost(now, domain, state, view))
        if position != now.position and position < len(now.plan):
            self.house.plans.advance(now.record, position, f"resumed at step {position + 1}")
            self.note("resume", plan=now.id, goal=now.wish.name, step=position + 1, of=len(now.plan))
        now.position = position
        if position == len(now.plan):
            return self._reached(now, task)
        step = now.plan.steps[position]
        self._not_before = instant + self.house.runtime.settings.step_seconds
        self._begin(steps.perform(self, now, step, domain.action(step.action), view, task))
        if self._step is not None:
            return POLL
        return AT_ONCE if self.pursuit is not now else max(self._not_before - instant, AT_ONCE)

    def _rivalled(self, now: Pursuit) -> bool:
        """Whether something else may be worth more than the rest of the plan: it is left for what is of a
        higher tier, and thought about for what is not, now and then.
        """
        instant = self.house.runtime.clock.monotonic()
        if instant < self._settled:
            return False
        self._settled = instant + SETTLED_SECONDS
        wishes = wanting.wishes(self)
        now.wish = next((w for w in wishes if w.name == now.wish.name), now.wish)
        rivals = goals.rivals(now.wish, now.remaining, wishes)
        if rivals and rivals[0].tier > now.wish.tier:
            self._drop(f"{rivals[0].name} matters more: {rivals[0].why}")
            return True
        if not rivals:
            return False
        self._thinking = choosing.reconsider(self, now.wish, now.remaining, rivals)
        return True

    def _begin(self, coroutine: Any) -> None:
        try:
            rest = self.house.minds.begin(self.slug, coroutine)
        except BaseException as error:  # noqa: BLE001  (reported by `_broken`, as what it raises after a wait is)
            self._broken(Failure(error))  # type: ignore[no-untyped-call]
            return
        if rest is not None:  # its end wakes the mind
            running = ensureDeferred(rest)
            running.addErrback(self._broken)
            self._step = running
            running.addBoth(self._ended, running)

    def _broken(self, failure: Failure) -> None:
        """Something around the step failed (the step's own failures are handled where it is done)."""
        if isinstance(failure.value, CancelledError):
            return
        if failure.value is not None:
            self.house.bugs.capture(failure.value, f"the cycle of {self.slug}")
        self.replan(f"something broke: {failure.getErrorMessage()}")
        self._not_before = self.house.runtime.clock.monotonic() + life.RETRY_SECONDS

    def _ended(self, _: object, running: Deferred[None]) -> None:
        if self._step is running:
            self._step = None
        self.house.minds.wake(self.slug)

    def penalise(self, action: str) -> None:
        """Make `action` dear for a while, so that the next plan avoids it if it can."""
        self._penalties[action] = self.house.runtime.clock.monotonic() + PENALTY_SECONDS

    def replan(self, reason: str) -> float:
        """Leave the plan but not the goal; the reason is an event."""
        now = self.pursuit
        if now is None:
            return POLL
        self.note("replan", plan=now.id, goal=now.wish.name, reason=reason)
        self.house.plans.close(now.record, "dropped", reason)
        self.pursuit = None
        self._thinking = choosing.anew(self, now.wish, now.over, reason, now.known)
        return AT_ONCE

    def give_up(self, reason: str) -> None:
        """Leave the present goal for this reason."""
        if self.pursuit is not None:
            self.let_go(self.pursuit.wish, reason)

    def _drop(self, reason: str) -> None:
        if self.pursuit is not None:
            self.note("leave", plan=self.pursuit.id, goal=self.pursuit.wish.name, reason=reason)
            self.house.plans.close(self.pursuit.record, "dropped", reason)
            self.pursuit = None

    # -- reflecting ------------------------------------------------------------------------------
    def _reached(self, now: Pursuit, task: Task | None) -> float:
        """The goal holds: hand the task in, or remember when the errand was done."""
        if task is not None:
            self.house.work.complete(task.pk, self.slug, now.said or f"{task.title}: done")
            self.recall.forget_task()
        else:
            self.recall.happens(now.wish.name, True)
        self.waits.pop(now.wish.name, None)
        self.house.plans.close(now.record, "done")
        self.note("reached", plan=now.id, goal=now.wish.name)
        self.pursuit = None
        return POLL
