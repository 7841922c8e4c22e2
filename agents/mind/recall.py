"""A mind's cache of the tables, so that a visit need not query them.

Owns when each errand was last done, how far the aims have come, what was said of late, where things were taken from,
and the task in hand. Refuses to know more than the tables: all of it can be dropped at any time and is then read again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.db.models import Max

from agents.events.models import Event
from agents.goap.model import Fact
from agents.kernel.runtime import Runtime
from agents.lineage.aims import period
from agents.lineage.persona import Errand, Persona
from agents.mind import aims, goals
from agents.mind.aims import Happened, Standing
from agents.mind.kept import RecallKept
from agents.mind.lately import Lately, lately, mark
from agents.mind.models import PlanRecord
from agents.mind.pursuit import TELL
from agents.work.journal import Attempt, Journal
from agents.work.models import Step, Task

LONGEST_WEEK = timedelta(days=7)
"""A week may have begun in the month before."""
REMEMBERED = 96
"""So many of its own last words, and as many gestures, an agent takes care not to repeat."""
AGAIN = {"say": timedelta(days=7), "emote": timedelta(days=1)}
"""How long an agent that speaks for itself does not repeat a sentence, and a gesture."""


class Recall:
    """The working memory of one mind. Read from the tables when it is first asked."""

    def __init__(self, persona: Persona, runtime: Runtime, journal: Journal, flush: Callable[[], None]) -> None:
        """`flush` writes what a unit of work still holds back, so that the tables are up to date."""
        self.persona, self._runtime, self._journal, self._flush = persona, runtime, journal, flush
        self._slug = persona.slug
        self.last: dict[str, datetime] = {}
        """When each errand was last done, or would have been at its turn."""
        self._first: datetime | None = None
        """When it came into the world, by the first event of its life."""
        self._due: tuple[datetime, datetime, tuple[Errand, ...]] | None = None
        self._happened: list[Happened] = []
        self._standings: dict[str, Standing] = {}
        """By aim, of all whose goals did not happen since they were looked at."""
        self._looked = self._runtime.clock.now()
        self._good_until: datetime | None = None
        """The standings hold between these instants, as long as nothing happens (the clock may be set back)."""
        self._task: Task | None = None
        self._task_known = False
        self._attempt: tuple[int, Attempt] | None = None
        self._told: dict[str, Lately] = {}
        self._origins: dict[str, str] = {}
        self._newest: tuple[tuple[str, str], ...] | None = None
        """The newest deed since it last wrote its journal; none of them is held but that, for they may be many."""
        self._latest: dict[bool, Step | None] = {}
        """The step it finished last, walks left out (False), and that by which it last wrote its journal (True)."""

    # -- from the tables ---------------------------------------------------------------------
    def read(self) -> None:
        """Forget everything and read it again."""
        self._flush()
        mine, now = PlanRecord.objects.filter(agent=self._slug), self._runtime.clock.now()
        done = dict(mine.filter(state="done", task=None).values_list("goal").annotate(Max("updated_at")))
        self.last = goals.taken_up(self.persona, done, now)
        came = Event.objects.filter(agent=self._slug).order_by("seq").first()
        self._first = came.at if came else now
        ended = mine.filter(
            state__in=("done", "failed"),
            task=None,
            goal__in=sorted(aims.subgoals(self.persona.aims)),
            updated_at__gte=period("medium-term", now)[0] - LONGEST_WEEK,
        ).order_by("updated_at", "id")
        self._happened = [
            Happened(r.goal, r.updated_at, r.state == "done") for r in ended.only("goal", "updated_at", "state")
        ]
        self._due = self._good_until = None
        self._standings, self._told, self._origins, self._newest, self._latest = {}, {}, {}, None, {}
        self.forget_task()

    def snapshot(self) -> RecallKept:
        """What would be lost by reading the tables anew."""
        place = {id(habit): number for number, habit in enumerate(self.persona.habits)}
        due = (*self._due[:2], [place[id(habit)] for habit in self._due[2]]) if self._due else None
        task = self._task.pk if self._task else None
        return RecallKept(dict(self.last), self._first, due, list(self._happened), task, self._task_known)

    def restore(self, kept: RecallKept) -> None:
        """Know what was known; all else is read when it is asked for."""
        self.last, self._first, self._happened = dict(kept.last), kept.first, list(kept.happened)
        self._due = (*kept.due[:2], tuple(self.persona.habits[place] for place in kept.due[2])) if kept.due else None
        self._good_until, self._standings, self._told, self._origins, self._newest, self._latest = (
            None,
            {},
            {},
            {},
            None,
            {},
        )
        self.forget_task()
        self._task = None if kept.task is None else Task.objects.filter(id=kept.task).first()
        self._task_known = kept.task_known

    def forget_task(self) -> None:
        """Somebody changed a task that is or was its own: look again when it is next asked for."""
        self._task_known, self._attempt = False, None

    def holds(self, number: int | None) -> bool:
        """Whether this is the task it has in mind."""
        return self._task is not None and self._task.pk == number

    def attempt(self, task: Task) -> Attempt:
        """The steps of the present attempt at `task`, which this agent carries out."""
        if self._attempt is None or self._attempt[0] != task.pk:
            self._attempt = (task.pk, self._journal.attempt(task))
        return self._attempt[1]

    def task(self) -> Task | None:
        """The task in hand: running and given to this agent, the oldest if several."""
        if not self._task_known:
            self._flush()
            self._task = Task.objects.filter(assignee=self._slug, status="RUNNING").order_by("id").first()
            self._task_known = True
        return self._task

    # -- errands and aims -----------------------------------------------------------------------
    def due(self) -> tuple[tuple[Errand, ...], float]:
        """The errands that are due, and the seconds until that may change."""
        now = self._runtime.local()
        if self._due is None or not self._due[0] <= now < self._due[1]:
            errands, seconds = goals.due(self.persona, self.last, now)
            self._due = (now, now + timedelta(seconds=seconds), errands)
        return self._due[2], (self._due[1] - now).total_seconds()

    def standings(self) -> list[Standing]:
        """How far each of its aims has come."""
        now = self._runtime.clock.now()
        if self._good_until is None or not self._looked <= now < self._good_until:
            kept = self._standings
            self._standings = {
                aim.name: at
                if (at := kept.get(aim.name)) is not None and self._looked <= now < at.good_until
                else aims.standing(aim, self._happened, now, first=self._first, place=aims.place(self._slug, aim))
                for aim in self.persona.aims
            }
            self._looked, self._good_until = (
                now,
                min((at.good_until for at in self._standings.values()), default=datetime.max.replace(tzinfo=UTC)),
            )
        return list(self._standings.values())

    def happens(self, goal: str, reached: bool) -> None:
        """Take down that a goal of its own was reached, or could not be; the tables have it already."""
        now = self._runtime.clock.now()
        if reached:
            self.last[goal] = now
            self._due = None
        if goal in aims.subgoals(self.persona.aims):
            first = min(period(aim.phase, now)[0] for aim in self.persona.aims)
            if self._happened and self._happened[0].at < first:
                self._happened = aims.between(self._happened, first, now)
            self._happened.append(Happened(goal, now, reached))
            self._good_until = None
            for aim in self.persona.aims:
                if goal in aims.subgoals([aim]):
                    self._standings.pop(aim.name, None)

    def sees_to(self, goal: str, at: datetime) -> bool:
        """Take down that somebody else reached, at this instant, a goal of which one of the house is enough: its own
        turn comes a period after that. False where that changes nothing.
        """
        before = self.last.get(goal)
        if before is None or at <= before:
            return False
        self.last[goal], self._due = at, None
        return True

    def move(self, jump: timedelta) -> None:
        """The clock has jumped: what was done so many minutes ago was done as many minutes ago still."""
        self.last = {goal: at + jump for goal, at in self.last.items()}
        self._due = None
        self._happened = [replace(h, at=h.at + jump) for h in self._happened]
        self._first = self._first + jump if self._first else None
        self._good_until, self._standings, self._told = None, {}, {}

    # -- deeds --------------------------------------------------------------------------------------
    def said(self, deed: str, text: str) -> bool:
        """Whether it said or showed this within the time in which that would tell nothing new."""
        if deed not in self._told:
            self._flush()
            newest = Event.objects.filter(topic=f"agent.{self._slug}.{deed}").order_by("-seq")[:REMEMBERED]
            self._told[deed] = lately(REMEMBERED, ((event.at, event.data["text"]) for event in reversed(newest)))
        return mark(text) in self._told[deed].since(self._runtime.clock.now() - AGAIN[deed])

    def heard(self, deed: str, at: datetime, text: str) -> None:
        """Take down a word or gesture of its own."""
        if deed in self._told:
            self._told[deed].add(at, mark(text))

    def origin(self, item: str) -> str:
        """Key of the room where it last took `item`, '' when it never did."""
        if item not in self._origins:
            self._flush()
            taken = Step.objects.filter(agent=self._slug, state="done", action__startswith=f"take({item}, ")
            last = taken.order_by("-id").first()
            self._origins[item] = Fact.parse(last.action).args[1] if last else ""
        return self._origins[item]

    def deeds(self, most: int = 500) -> tuple[tuple[str, str], ...]:
        """(when in ISO form, ground action) of the steps it finished since it last wrote its journal;
        walking is left out, and saying that something cannot be done. The newest `most`, oldest of them first.
        """
        if self._newest is None:
            self._newest = self._since_journal(1)
        return self._newest[:most] if most <= 1 or not self._newest else self._since_journal(most)

    def latest(self, *, journal: bool = False) -> Step | None:
        """The step it finished last; walking is left out, and saying that something cannot be done. With `journal` that
        by which it last wrote its journal.
        """
        if journal not in self._latest:
            self._flush()
            done = Step.objects.filter(agent=self._slug, state="done")
            found = (
                done.filter(action=JOURNAL) if journal else done.exclude(action=TELL).exclude(action__startswith=WALK)
            )
            self._latest[journal] = found.order_by("-id").first()
        return self._latest[journal]

    def _since_journal(self, most: int) -> tuple[tuple[str, str], ...]:
        last = self.latest(journal=True)
        self._flush()
        done = Step.objects.filter(agent=self._slug, state="done", id__gt=last.id if last else "")
        newest = done.exclude(action=TELL).exclude(action__startswith=WALK).order_by("-id")[:most]
        return tuple(_deed(*row) for row in reversed(newest.values_list("finished_at", "action")))

    def ended(self, step: Step) -> None:
        """Take down that a step has ended, well or not."""
        if (
            self._attempt is not None
            and step.task_id is not None
            and all(step is not one for one in self._attempt[1].steps)
        ):
            self._attempt = None  # it was read anew while the step was under way

    def did(self, step: Step) -> None:
        """Take down a step that was finished."""
        self.ended(step)
        if step.action.startswith("take("):
            item, room = Fact.parse(step.action).args
            self._origins[item] = room
        if not step.action.startswith(WALK):
            self._newest = () if step.action == JOURNAL else (_deed(step.finished_at, step.action),)
            for journal in (False, True) if step.action == JOURNAL else (False,):
                if (last := self._latest.get(journal)) is None or step.id > last.id:  # as the table would have it
                    self._latest[journal] = step


JOURNAL, WALK = "keep_journal", "move("


def _deed(at: datetime | None, action: str) -> tuple[str, str]:
    return at.isoformat(timespec="seconds") if at else "", action
