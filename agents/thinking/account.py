"""What one agent can truly say of itself and of its house, a matter a method, each sentence with its records.

Owns the reading of those records and nothing of the wording, which is in `forms`. What is told of tasks and approvals is
written at once; of all else a unit of work may hold rows back, which are written before they are read. Refuses to state anything
that is not on record at the instant it is asked: nothing is kept from one question to the next.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from agents.governance import record
from agents.thinking.forms import STATES, SUBJECTS, Sentence, counted, listed, say, span
from agents.thinking.models import Thought
from agents.thinking.rules import SCRIPTURE, THOUGHT
from agents.thinking.seeds import Past
from agents.work.models import Step, Task

if TYPE_CHECKING:
    from datetime import datetime

    from agents.mind.house import House

OPEN_STATES = ("RUNNING", "PAUSED", "FAILED", "APPROVED")
"""What a task given to an agent is in, as long as something of it is to be done."""
DID = {"task.completed": "completed", "task.failed": "failed at", "task.escalated": "asked for help with", "task.proposed": "proposed"}
"""The events of others that are told, and how."""
WALK, TOLD = "move(", "tell_why"
MOST = 3
"""So many of one sort are told at once."""


class Account:
    """One agent's, now. `salt` varies the wording."""

    def __init__(self, house: House, slug: str, salt: int = 0) -> None:
        self._house, self._slug, self._salt = house, slug, salt
        self._now = house.runtime.clock.now()

    def _say(self, form: str, records: Iterable[str], **blanks: object) -> Sentence:
        self._salt += 1
        return say(form, self._salt, records, **blanks)

    def _ago(self, at: datetime) -> str:
        return span((self._now - at).total_seconds())

    # -- itself --------------------------------------------------------------------------------
    def me(self) -> Sentence:
        """Name and role."""
        who = self._house.known.who(self._slug)
        return self._say("self", (f"agent:{self._slug}",), name=who.name, role=who.role)

    def errand(self) -> list[Sentence]:
        """One of the things it sees to of itself, with the reason its file gives."""
        found = [errand for errand in self._house.known.who(self._slug).errands if errand[2]]
        if not found:
            return []
        goal, every, why = found[self._salt % len(found)]
        return [self._say("errand", (f"agent:{self._slug}",), goal=goal, every=span(every), why=why)]

    def aims(self, name: str = "") -> list[Sentence]:
        """How far its aims have come (one of them, if named)."""
        found = []
        for aim in self._house.known.aims(self._slug):
            form = "aim" if aim.method else "aim.shut"
            if name in ("", aim.name):
                found.append(self._say(form, (f"agent:{self._slug}",), aim=aim.name, done=aim.done, of=aim.of, method=aim.method))
        return found

    # -- what it does, did and means to do ---------------------------------------------------------
    def doing(self) -> list[Sentence]:
        """The step in hand, or that there is none and why."""
        plan = self._house.known.plan(self._slug)
        if plan is None:
            doing = self._house.records.presence(self._slug).doing
            return [self._say("idle", (f"agent:{self._slug}",), doing=doing.replace("; ", ", "))]
        if plan.position >= len(plan.steps):
            return [self._say("done", (f"plan:{plan.id}",), count=counted(len(plan.steps), "step"), goal=plan.goal)]
        deed = plan.steps[plan.position]
        return [
            self._say("doing", (f"plan:{plan.id}",), i=plan.position + 1, n=len(plan.steps), goal=plan.goal, deed=deed),
            *self._of_plan(plan.id, plan.task),
        ]

    def _of_plan(self, plan: str, number: int | None) -> list[Sentence]:
        task = Task.objects.filter(id=number).first() if number else None
        if task is None:
            return []
        return [self._say("plan.task", (f"plan:{plan}", f"task:{task.pk}"), number=task.pk, title=task.title)]

    def next(self) -> list[Sentence]:
        """The steps that follow, by the plan in force."""
        plan = self._house.known.plan(self._slug)
        rest = plan.steps[plan.position + 1 : plan.position + 1 + MOST] if plan else ()
        return [self._say("next", (f"plan:{plan.id}",), rest=", then ".join(rest))] if plan and rest else []

    def did(self, most: int = MOST) -> list[Sentence]:
        """The steps it finished last, walks left out, the newest first."""
        if most == 1:
            last = self._house.known.latest(self._slug)
            return [self.step(last)] if last else [self._say("did.none", (f"agent:{self._slug}",))]
        self._house.events.unit.flush()
        done = Step.objects.filter(agent=self._slug, state="done").exclude(action__startswith=WALK).exclude(action=TOLD)
        found = [self.step(step) for step in done.order_by("-id")[:most]]
        return found or [self._say("did.none", (f"agent:{self._slug}",))]

    def step(self, step: Step) -> Sentence:
        """One finished step."""
        at = step.finished_at or step.started_at
        return self._say("did", (f"step:{step.pk}",), ago=self._ago(at), deed=self._house.known.deed(step.action))

    def completed(self) -> list[Sentence]:
        """The task it completed last."""
        done = Task.objects.filter(assignee=self._slug, status="COMPLETED", finished_at__isnull=False).order_by("-finished_at", "-id")[:1]
        return [self._completed(task) for task in done]

    def _completed(self, task: Task) -> Sentence:
        at = task.finished_at or task.updated_at
        return self._say(
            "completed", (f"task:{task.pk}",), ago=self._ago(at), number=task.pk, title=task.title, result=task.result or "none on record"
        )

    def journal(self) -> list[Sentence]:
        """The last entry in its journal."""
        last = self._house.known.latest(self._slug, journal=True)
        if last is None or last.finished_at is None:
            return [self._say("journal.none", (f"agent:{self._slug}",))]
        deeds = counted(int(last.result.get("deeds", 0)), "deed")
        return [self._say("journal", (f"step:{last.pk}",), ago=self._ago(last.finished_at), deeds=deeds)]

    def mine(self) -> list[Sentence]:
        """The tasks it was given, as far as something of them is to be done."""
        given = Task.objects.filter(assignee=self._slug, status__in=OPEN_STATES).order_by("id")[:MOST]
        return [self._mine(task) for task in given] or [self._say("mine.none", (f"agent:{self._slug}",))]

    def _mine(self, task: Task) -> Sentence:
        form = "mine.why" if task.reason and task.status != "RUNNING" else "mine"
        return self._say(form, (f"task:{task.pk}",), number=task.pk, title=task.title, state=STATES[task.status], reason=task.reason)

    def left(self) -> list[Sentence]:
        """The plan it left last, with the reason on record."""
        plan = self._house.known.left(self._slug)
        if plan is None or not plan.reason:
            return []
        return [self._say("left", (f"plan:{plan.id}",), ago=self._ago(plan.at), goal=plan.goal, reason=plan.reason)]

    # -- where it is ---------------------------------------------------------------------------------
    def place(self) -> list[Sentence]:
        """The room it stands in."""
        room = self._room()
        if not room:
            return [self._say("nowhere", (f"agent:{self._slug}",))]
        return [self._say("place", (f"room:{room}",), room=self._named(room))]

    def company(self) -> list[Sentence]:
        """Who is in the same room."""
        room = self._room()
        if not room:
            return []
        people = self._people(room, self._slug)
        if not people:
            return [self._say("alone", (f"room:{room}",), room=self._named(room))]
        return [self._say("company", (f"room:{room}",), room=self._named(room), people=listed(people))]

    def ways(self, room: str = "") -> list[Sentence]:
        """Where ways lead from a room (its own, if none is given), and which of them are barred."""
        room = room or self._room()
        ways = [way for way in self._house.world.exits(self._slug) if way.origin == room]
        if not ways:
            return []
        found = [self._say("ways", (f"room:{room}",), room=self._named(room), rooms=listed(self._named(way.target) for way in ways))]
        for way in ways:
            if way.why_not:
                found.append(self._say(
                    "barred", (f"room:{room}", f"room:{way.target}"), room=self._named(room), other=self._named(way.target), reason=way.why_not
                ))
        return found

    def room(self, key: str) -> list[Sentence]:
        """Who is in a room, and where ways lead from it."""
        if key == self._room():
            return [*self.company(), *self.ways()]
        people = self._people(key)
        return [self._say("room", (f"room:{key}",), room=self._named(key), people=listed(people)), *self.ways(key)]

    def map(self) -> Sentence:
        """How many rooms there are."""
        return self._say("map", ("map",), count=counted(len(self._house.world.rooms()), "room"))

    def _room(self) -> str:
        return self._house.known.where(self._slug)

    def _named(self, room: str) -> str:
        return self._house.records.room_name(room)

    def _people(self, room: str, but: str = "") -> list[str]:
        agents = [self._house.known.name(slug) for slug in self._house.world.agents(room) if slug != but]
        return [*agents, *(name for name, where in self._house.world.people() if where == room)]

    # -- the house -------------------------------------------------------------------------------------
    def agent(self, slug: str) -> Sentence:
        """Where another agent is, and what it does."""
        self._house.known.who(slug)
        there = self._house.records.presence(slug)
        room = self._named(there.room) if there.room else "no room"
        return self._say("agent", (f"agent:{slug}",), name=there.name, room=room, doing=there.doing.replace("; ", ", "))

    def task(self, number: int) -> Sentence:
        """How a task stands."""
        task = Task.objects.filter(id=number).first()
        if task is None:
            return self._say("task.none", (f"task:{number}",), number=number)
        if task.assignee == self._slug:
            return self._completed(task) if task.status == "COMPLETED" else self._mine(task)
        whose = f"given to {self._house.known.name(task.assignee)}" if task.assignee else "given to nobody"
        return self._say("task", (f"task:{number}",), number=number, title=task.title, state=STATES[task.status], whose=whose)

    def event(self, seq: int) -> list[Sentence]:
        """What an event says that somebody did with a task."""
        event = self._house.thoughts.happenings.get(seq)
        if event is None:
            return []
        kind, _, name = event.actor.partition(":")
        who = self._house.known.name(name) if kind == "agent" else "the owner" if kind == "owner" else name
        return [self._say(
            "event", (f"event:{seq}",), ago=self._ago(event.at), who=who, did=DID[event.topic], number=event.task, title=event.data.get("title", "")
        )]

    def waits(self) -> Sentence:
        """What waits for the owner's word."""
        pending = [one for one in self._house.governance.pending() if not one.verdict]
        if not pending:
            return self._say("waits.none", ("board",))
        oldest, count = pending[0], len(pending)
        return self._say(
            "waits", (f"approval:{one.pk}" for one in pending), items=f"{counted(count, 'item')} wait{'s' if count == 1 else ''}",
            ago=self._ago(oldest.created_at), ref=f"task {oldest.task}" if oldest.task else record.ref(oldest), title=oldest.title,
        )  # fmt: skip

    def board(self) -> Sentence:
        """How the work stands."""
        board = self._house.records.board()
        tally = listed(f"{board[state]} {word}" for state, word in STATES.items() if board.get(state)) if board else "no task"
        return self._say("board", ("board",), tally=tally)

    def machine(self) -> Sentence:
        """How full the disk is."""
        return self._say("machine", ("machine",), free=f"{self._house.records.machine().disk_free:.0%}")

    def rule(self, number: int) -> Sentence:
        """One of the words of this house."""
        return self._say("rule", (f"rule:{number}",), rule=SCRIPTURE[number])

    def before(self, past: Past) -> Sentence:
        """The thought before, or an earlier one."""
        subject = of_subject(self._house, past.subject, given=past.given)
        return self._say("thought", (f"thought:{past.id}",), ago=self._ago(past.at), subject=subject)

    def thought(self, id: str) -> list[Sentence]:
        """An earlier thought of its own, or what somebody gave it to think about."""
        self._house.events.unit.flush()
        found = Thought.objects.filter(id=id, agent=self._slug).first()
        if found is None:
            return []
        if found.state != THOUGHT:
            who = "the owner" if found.injected_by.startswith("owner:") else found.injected_by.partition(":")[2]
            return [self._say("given", (f"thought:{id}",), who=who, text=found.subject)]
        return [self.before(Past(id, found.kind, found.subject, found.at, bool(found.injected_by)))]


def of_subject(house: House, subject: str, *, given: bool) -> str:
    """What a thought is of, in its agent's words; `given`: its subject is somebody's words."""
    if given:
        return f'"{subject}"'
    sort, _, key = subject.partition(":")
    name, room = (house.known.name(key) if sort == "agent" else ""), (house.records.room_name(key) if sort == "room" else "")
    return SUBJECTS[sort].format(key=key, name=name, room=room)
