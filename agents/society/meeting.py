"""What two agents that have just met have to say to each other.

Owns the order of subjects: a thing that one is waiting for, a task to hand over, a question from last time, advice,
news. Reads the records behind them, and hands tasks over, because that may be said only if it is done. Refuses to speak
(the part does) and to decide who may be given a task (the dispatcher does).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from agents.house.core import Core
from agents.kernel.errors import Conflict, TimmyError
from agents.mind.dispatch import Dispatch
from agents.mind.mind import Mind
from agents.mind.minds import Minds
from agents.society import news, phrases, rules
from agents.society.memory import Debt, Memory, Question
from agents.society.phrases import Meeting
from agents.society.rules import Giver, Handing, Line, Party, Standing
from agents.society.story import status_since
from agents.work.models import Step, Task

_log = logging.getLogger("timmy.society")


class Matters:
    """What is to be said between two. `memory` is what an agent has in mind, `lay` has it lay a thing down for
    another, `clock` puts an instant into words, `name` an agent.
    """

    def __init__(
        self,
        core: Core,
        minds: Minds,
        dispatch: Dispatch,
        memory: Callable[[str], Memory],
        lay: Callable[[str, str, str], None],
        clock: Callable[[datetime], str],
        name: Callable[[str], str],
    ) -> None:
        self._core, self._minds, self._dispatch = core, minds, dispatch
        self._memory, self._lay, self._clock, self._name = memory, lay, clock, name

    def between(self, mind: Mind, other: Mind) -> list[Line]:
        """What `mind`, who has come upon `other`, and the other say; nothing if there is nothing to say."""
        if not (mind.up and other.up):  # one of them is up for a task only
            return self._handing_over(mind, other)
        for find in (self._need, self._handing_over, self._follow_up, self._counsel, self._exchange):
            if lines := find(mind, other):
                return lines
        return []

    def _party(self, mind: Mind) -> Party:
        return Party(mind.slug, mind.persona.name, self._memory(mind.slug), partial(_due, mind), mind.persona.voice)

    def _meeting(self, a: Party, b: Party) -> Meeting:
        here, last = self._core.runtime.local(), a.memory.met.get(b.slug)
        met_today = last is not None and last.astimezone(here.tzinfo).date() == here.date()
        return Meeting(self._core.runtime.clock.now(), here.hour, met_today, self._clock, self._name)

    # -- a thing that one waits for ------------------------------------------------------------------
    def _need(self, mind: Mind, other: Mind) -> list[Line]:
        """One waits for a thing that the other has: it is laid down, or the other says when it will be free."""
        for asker, holder in ((mind, other), (other, mind)):
            asking, working = asker.task(), holder.task()
            held = self._lacked(asker) & self._held(holder.slug) if asking is not None else frozenset()
            if asking is None or not held or self._may_hand(asking, holder):
                continue
            key, now = min(held), self._core.runtime.clock.now()
            name = self._thing(key)
            self._lay(holder.slug, key, asker.slug)  # a task in hand goes before
            question = Question("thing", asking.pk, now, f"task:{asking.pk}", key, name)
            self._memory(holder.slug).wonder(asker.slug, question)
            a, b = self._party(asker), self._party(holder)
            return phrases.need(a, b, name, key, asking.pk, working.pk if working else 0)
        return []

    def _lacked(self, mind: Mind) -> frozenset[str]:
        """The things that its work waits for."""
        return frozenset(thing for goal in mind.waits if (wait := mind.waiting(goal)) for thing in wait.things)

    def _held(self, slug: str) -> frozenset[str]:
        return frozenset(item.key for item in self._core.world.items() if item.holder == slug)

    def _thing(self, key: str) -> str:
        return next((item.name for item in self._core.world.items() if item.key == key), key)

    # -- a task to be handed over ----------------------------------------------------------------------
    def _handing_over(self, mind: Mind, other: Mind) -> list[Line]:
        for giver, receiver in ((mind, other), (other, mind)):
            if not receiver.up or receiver.task() is not None:
                continue
            for handing, task in self._handings(giver, receiver):
                if self._may_hand(task, receiver) and self._hand_over(handing, task, giver, receiver):
                    a, b, thing = self._party(giver), self._party(receiver), self._thing(handing.lacks)
                    title = news.titled(task.pk, task.title)
                    return phrases.hand_over(a, b, handing, title, thing, self._meeting(a, b))
        return []

    def _handings(self, giver: Mind, receiver: Mind) -> Iterator[tuple[Handing, Task]]:
        hand, given = giver.task(), {task.pk: task for task in self._dispatch.given_to(giver.slug)}
        if hand is None or hand.pk not in given:
            return
        equipped = self._core.work.equipment(hand) in self._held(giver.slug)
        lacks = min(self._lacked(giver) & self._held(receiver.slug), default="")
        # Who holds what the work needs has as good as begun it.
        able = Giver(tuple(given), hand.pk, giver.up or equipped, lacks)
        for handing in rules.handings(able, self._held(receiver.slug)):
            yield handing, given[handing.task]

    def _may_hand(self, task: Task, receiver: Mind) -> bool:
        return self._dispatch.could_give(task, receiver.slug) and not self._core.work.kept_with(task)

    def _hand_over(self, handing: Handing, task: Task, giver: Mind, receiver: Mind) -> bool:
        """Do it, on record. False where somebody has changed the task meanwhile."""
        name, now = giver.persona.name, self._core.runtime.clock.now()
        why = f"{name}'s hours are over"
        if handing.lacks:
            why = f"{receiver.persona.name} has the {self._thing(handing.lacks)}"
        elif handing.behind:
            why = f"{name} has task {handing.behind} before it"
        try:
            self._core.work.delegate(task.pk, giver.slug, receiver.slug, why)
        except (Conflict, TimmyError) as error:
            _log.info("%s could not hand task %s over: %s", giver.slug, task.pk, error)
            return False
        memory = self._memory(giver.slug)
        memory.owe(receiver.slug, Debt(f"taking task {task.pk} off my hands", f"task:{task.pk}"))
        memory.wonder(receiver.slug, Question("taken", task.pk, now, f"task:{task.pk}"))
        self._minds.scheduler.wake(giver.slug)
        return True

    # -- what was said last time -------------------------------------------------------------------------
    def _follow_up(self, mind: Mind, other: Mind) -> list[Line]:
        for asker, asked in ((mind, other), (other, mind)):
            question = self._memory(asker.slug).questions.pop(asked.slug, None)
            if question is not None and (answer := self._stands(question, asker, asked)):
                a, b = self._party(asker), self._party(asked)
                return phrases.follow_up(a, b, question, answer, self._meeting(a, b))
        return []

    def _stands(self, question: Question, asker: Mind, asked: Mind) -> str:
        """How it stands with what is asked after, '' if the task is gone."""
        self._core.events.unit.flush()
        if question.kind == "thing":
            took = Step.objects.filter(
                agent=asked.slug,
                state="done",
                action__startswith=f"take({question.key}, ",
                finished_at__gte=question.at,
            )
            if (step := took.order_by("id").first()) is not None and step.finished_at is not None:
                return f"I did, {asker.persona.name}, at {self._clock(step.finished_at)}."
        task = Task.objects.filter(pk=question.task).first()
        if task is None:
            return ""
        stands = self._standing_of(task, asked)
        if question.kind != "thing":
            return f"{phrases.capital(stands)}, {asker.persona.name}."
        return f"No, {asker.persona.name}. {phrases.capital(stands)}."

    def _standing_of(self, task: Task, speaker: Mind) -> str:
        """How a task stands, as `speaker` says it: `task 5 was done at 14:02`."""
        whose = "I" if task.assignee == speaker.slug else self._name(task.assignee) if task.assignee else "nobody"
        since, number = self._clock(status_since(task)), f"task {task.pk}"
        am = "am" if whose == "I" else "is"
        return {
            "PENDING_APPROVAL": f"{number} waits for the owner's word",
            "APPROVED": f"{number} waits to be begun",
            "RUNNING": f"{whose} {am} at {number}",
            "PAUSED": f"{number} has been paused since {since}",
            "COMPLETED": f"{whose} finished {number} at {since}",
            "FAILED": f"{number} failed at {since}, and nobody has tried it again",
            "BACKLOGGED": f"{number} was shelved at {since}",
            "VETOED": f"{number} was refused at {since}",
        }[task.status]

    # -- counsel and news ----------------------------------------------------------------------------------
    def _counsel(self, mind: Mind, other: Mind) -> list[Line]:
        """A child that has greeted its father or mother today asks how it stands."""
        now = self._core.runtime.clock.now()
        for child, elder in ((mind, other), (other, mind)):
            memory = self._memory(child.slug)
            if child.persona.parent != elder.slug or (memory.asked is not None and now - memory.asked < rules.ASKS):
                continue
            a, b = self._party(child), self._party(elder)
            if self._meeting(a, b).met_today and (standing := _standing(child, now)) is not None:
                memory.asked = now
                return phrases.counsel(a, b, standing)
        return []

    def _exchange(self, mind: Mind, other: Mind) -> list[Line]:
        a, b = self._party(mind), self._party(other)
        return phrases.exchange(a, b, self._meeting(a, b))


def _standing(mind: Mind, now: datetime) -> Standing | None:
    """How its aim of the week stands, beside even steps."""
    for at in mind.recall.standings():
        if at.aim.phase == "short-term":
            since = now - (at.due - at.share * at.done)
            return Standing(at.aim.name, at.done, at.of, min(max(int(since / at.share), 0), at.of))
    return None


def _due(mind: Mind, goal: str, at: datetime) -> datetime | None:
    habit = mind.persona.habit(goal)
    last = mind.recall.last.get(goal)
    return at + habit.period if habit is not None and last is not None and last < at else None
