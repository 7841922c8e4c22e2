"""What an agent is doing, did and means to do, by its plan and its journal of steps."""

from __future__ import annotations

from collections.abc import Sequence

from agents.events.models import Event
from agents.house.values import Sentence
from agents.thinking.forms import counted, listed
from agents.thinking.forms.wording import past
from agents.thinking.matters.base import MOST, Sentences, Teller
from agents.thinking.rows import find_task
from agents.work.models import Step

DID = {
    "task.completed": "completed",
    "task.failed": "failed at",
    "task.escalated": "asked for help with",
    "task.proposed": "proposed",
}
"""The events of others that are told, and how."""
WALK, TOLD = "move(", "tell_why"


class Deeds(Teller):
    """An agent's plan and steps."""

    def doing(self) -> Sentences:
        """The step in hand, or that there is none and why."""
        plan = self._known.plan(self._slug)
        if plan is None:
            doing = self._known.presence(self._slug).told(self.hearer).replace("; ", ", ")
            return [self._say("idle", (f"agent:{self._slug}",), doing=own(doing))]
        if plan.position >= len(plan.steps):
            return [self._say("done", (f"plan:{plan.id}",), count=counted(len(plan.steps), "step"), goal=plan.goal)]
        deed = plan.steps[plan.position]
        return [
            self._say("doing", (f"plan:{plan.id}",), i=plan.position + 1, n=len(plan.steps), goal=plan.goal, deed=deed),
            *self._of_plan(plan.id, plan.task),
        ]

    def _of_plan(self, plan: str, number: int | None) -> Sentences:
        task = find_task(number) if number else None
        if task is None:
            return []
        return [self._say("plan.task", (f"plan:{plan}", f"task:{task.id}"), number=task.id, title=task.title)]

    def why(self, slug: str = "") -> Sentences:
        """Why it does what it does: the owner's approval, or the reason that its file gives for the errand; of another,
        that reason.
        """
        if slug and slug != self._slug:
            return self._why_of(slug)
        plan = self._known.plan(self._slug)
        if plan is None:
            return []
        task = find_task(plan.task) if plan.task else None
        if task is not None and task.approved_at is not None:
            return [self._say("why.task", (f"task:{task.id}",), ago=self._ago(task.approved_at))]
        reasons = [why for goal, _, why in self._known.who(self._slug).errands if goal == plan.goal and why]
        return [self._say("why.errand", (f"agent:{self._slug}", f"plan:{plan.id}"), why=reasons[0])] if reasons else []

    def _why_of(self, slug: str) -> Sentences:
        plan, who = self._known.plan(slug), self._known.who(slug)
        reasons = [why for goal, _, why in who.errands if plan is not None and goal == plan.goal and why]
        return [self._say("why.of", (f"agent:{slug}",), name=who.name, why=reasons[0])] if reasons else []

    def next(self) -> Sentences:
        """The steps that follow, by the plan in force."""
        plan = self._known.plan(self._slug)
        rest = plan.steps[plan.position + 1 : plan.position + 1 + MOST] if plan else ()
        return [self._say("next", (f"plan:{plan.id}",), rest=", then ".join(rest))] if plan and rest else []

    def did(self, most: int = MOST) -> Sentences:
        """The steps it finished last, walks left out, the newest first."""
        if most == 1:
            last = self._known.latest(self._slug)
            return [self.step(last)] if last else [self._say("did.none", (f"agent:{self._slug}",))]
        self._core.events.unit.flush()
        done = Step.objects.filter(agent=self._slug, state="done").exclude(action__startswith=WALK).exclude(action=TOLD)
        found = [self.step(step) for step in done.order_by("-id")[:most]]
        return found or [self._say("did.none", (f"agent:{self._slug}",))]

    def step(self, step: Step) -> Sentence:
        """One finished step."""
        at = step.finished_at or step.started_at
        return self._say("did", (f"step:{step.pk}",), ago=self._ago(at), deed=past(self._deed(step.action)))

    def source(self, tasks: Sequence[int]) -> Sentence:
        """Which tasks it was that it spoke of last."""
        names = listed(f"task {number}" for number in tasks)
        return self._say("source", [f"task:{number}" for number in tasks], tasks=names, first=tasks[0])

    def journal(self) -> Sentences:
        """The last entry in its journal."""
        last = self._known.latest(self._slug, journal=True)
        if last is None or last.finished_at is None:
            return [self._say("journal.none", (f"agent:{self._slug}",))]
        deeds = counted(int(last.result.get("deeds", 0)), "deed")
        return [self._say("journal", (f"step:{last.pk}",), ago=self._ago(last.finished_at), deeds=deeds)]

    def left(self) -> Sentences:
        """The plan it left last, with the reason on record."""
        plan = self._known.left(self._slug)
        if plan is None or not plan.reason or (plan.task and not self._core.work.reads(self.hearer, plan.task)):
            return []
        return [self._say("left", (f"plan:{plan.id}",), ago=self._ago(plan.at), goal=plan.goal, reason=plan.reason)]

    def event(self, seq: int) -> Sentences:
        """What an event says that somebody did with a task."""
        self._core.events.unit.flush()
        event = Event.objects.filter(seq=seq, topic__in=DID).first()
        if event is None:
            return []
        blanks = {"who": self._actor(event.actor), "did": DID[event.topic], "number": event.task}
        title = event.data.get("title", "")
        return [self._say("event", (f"event:{seq}",), ago=self._ago(event.at), title=title, **blanks)]


def own(doing: str) -> str:
    """What somebody is seen to be about, as he says it himself: `rests, nothing is due` as `I rest, nothing is due`."""
    verb, space, rest = doing.partition(" ")
    word = verb.rstrip(":,")
    return f"I {_FIRST[word]}{verb[len(word) :]}{space}{rest}" if word in _FIRST else doing


_FIRST = {
    "rests": "rest",
    "waits": "wait",
    "is": "am",
    "was": "was",
    "could": "could",
    "stumbled": "stumbled",
    "has": "have",
}
