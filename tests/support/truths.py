"""Sentences said without a model, read back: is each what its records say, by a reading of their own?

For each form whose wording a sentence fits, what should stand in its blanks is computed anew from the records that the
sentence names (tables, persona files, world), not by the code that composed it; the wording with that is the sentence,
or it is not true.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist

from agents.events.models import Event
from agents.governance.models import Approval
from agents.house.values import Sentence
from agents.mind.models import PlanRecord
from agents.mind.words import of_goal
from agents.thinking.forms import FORMS, LONGEST, WITHOUT_RECORD
from agents.thinking.forms.wording import past
from agents.thinking.models import Thought
from agents.work.models import Step, Task
from tests.support import hearsay, musings
from tests.support.furnished import Furnished as House
from tests.support.truths_decided import Decided
from tests.support.truths_told import STANDS

PRETENDED = re.compile(
    r"(?i)\bI "
    r"(think|thought|feel|felt|remember|recall|wonder|believe|realise|realize|understand|hope|wish|want|love|fear|know|reason)\b"
)
"""What a sentence without a model must not claim."""
STATES = {
    "PENDING_APPROVAL": "waiting for the owner's word",
    "APPROVED": "approved and not begun",
    "RUNNING": "under way",
    "PAUSED": "paused",
    "FAILED": "failed",
    "COMPLETED": "done",
    "BACKLOGGED": "put aside",
    "VETOED": "vetoed",
}
Blanks = dict[str, str]


def ago(now: datetime, then: datetime | None) -> str:
    assert then is not None
    minutes = int((now - then).total_seconds()) // 60
    if minutes < 1:
        return "less than a minute"
    size, word = (1440, "day") if minutes >= 1440 else (60, "hour") if minutes >= 60 else (1, "minute")
    return f"{minutes // size} {word}{'s' * (minutes // size != 1)}"


def many(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(names: list[str]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else names[0] if names else "nobody"


class Truth(Decided):
    """What should stand in the blanks of each form, for one agent, now."""

    def __init__(self, house: House, agent: str, hearer: str = "owner:alexander") -> None:
        self.house, self.agent, self.now = house, agent, house.runtime.clock.now()
        self.hearer = hearer
        house.events.unit.flush()
        self.persona = house.personas[agent]

    def problem(self, sentence: Sentence) -> str:
        """'' when it is true, else what is wrong with it."""
        if PRETENDED.search(re.sub(r'"[^"]*"', "", sentence.text)):
            return f"it pretends: {sentence.text}"
        if not sentence.records and sentence.text in self._manners():
            return ""
        if (wrong := musings.problem(self, sentence.text, sentence.records)) is not None:
            return wrong
        if hearsay.TOLD.fullmatch(sentence.text):
            return hearsay.problem(self.house, sentence.text, sentence.records)
        tried = []
        for form in _fitting(sentence.text):
            if form in WITHOUT_RECORD:
                if not sentence.records:
                    return ""
                continue
            try:
                expected: list[Blanks] = getattr(self, "of_" + form.replace(".", "_"))(*sentence.records)
            except (AssertionError, LookupError, ObjectDoesNotExist, StopIteration, TypeError, ValueError) as error:
                tried.append(f"{form}: {error!r}")
                continue
            told = [
                wording.format(**{name: _line(value) if name != "lead" else value for name, value in blanks.items()})
                for blanks in expected
                for wording in FORMS[form]
            ]
            if sentence.text in (text[0].upper() + text[1:] for text in told):
                return ""
            tried.append(f"{form}: it should be one of {told}")
        return f"{sentence.text!r} {sentence.records} is not on record: {tried or 'no such form'}"

    def _manners(self) -> set[str]:
        """All that its file has it say on occasions, to whoever hears it."""
        name = self.hearer.partition(":")[2]
        called = name[:1].upper() + name[1:] if name else "friend"
        voices = self.persona.voice.model_dump().values()
        return {wording.format(hearer=called) for wordings in voices for wording in wordings}

    # -- itself
    def of_self(self, agent: str) -> list[Blanks]:
        assert agent == f"agent:{self.agent}"
        return [{"name": self.persona.name, "role": self.persona.role}]

    def of_errand(self, agent: str) -> list[Blanks]:
        return [{"goal": of_goal(e.name), "every": _every(e.every), "why": e.why} for e in self.persona.errands]

    def of_aim(self, agent: str) -> list[Blanks]:
        found = []
        for at in self.house.mind(self.agent).recall.standings():  # type: ignore[union-attr]
            if at.method is not None:
                found.append({"aim": at.aim.name, "done": str(at.done), "of": str(at.of), "method": at.method.name})
        return found

    def of_aim_shut(self, agent: str) -> list[Blanks]:
        shut = [at for at in self.house.mind(self.agent).recall.standings() if at.method is None]  # type: ignore[union-attr]
        return [{"aim": at.aim.name} for at in shut]

    # -- where
    def _room(self, record: str) -> tuple[str, str]:
        kind, _, key = record.partition(":")
        assert kind == "room"
        return key, self._name(key)

    def _here(self, record: str) -> tuple[str, str]:
        key, name = self._room(record)
        if self.house.body_of(self.agent).where() != key:
            raise LookupError("it stands elsewhere")
        return key, name

    def _people(self, key: str) -> list[str]:
        found = [self.house.personas[slug].name for slug in self.house.world.agents(key)]
        return found + [name for name, room in self.house.world.people() if room == key]

    def of_place(self, room: str) -> list[Blanks]:
        return [{"room": self._here(room)[1]}]

    def of_company(self, room: str) -> list[Blanks]:
        key, name = self._here(room)
        others = [one for one in self._people(key) if one != self.persona.name]
        assert others
        return [{"room": name, "people": listed(others)}]

    def of_alone(self, room: str) -> list[Blanks]:
        key, name = self._here(room)
        if self._people(key) != [self.persona.name]:
            raise LookupError("somebody is there")
        return [{"room": name}]

    def of_room(self, room: str) -> list[Blanks]:
        key, name = self._room(room)
        return [{"room": name, "people": listed(self._people(key))}]

    def of_ways(self, room: str) -> list[Blanks]:
        key, name = self._room(room)
        targets = [
            self._room(f"room:{way.target}")[1] for way in self.house.world.exits(self.agent) if way.origin == key
        ]
        return [{"room": name, "rooms": listed(targets)}]

    def of_barred(self, room: str, other: str) -> list[Blanks]:
        (a, one), (b, two) = self._room(room), self._room(other)
        return [
            {"room": one, "other": two, "reason": w.why_not}
            for w in self.house.world.exits(self.agent)
            if (w.origin, w.target) == (a, b)
        ]

    def of_map(self, record: str) -> list[Blanks]:
        return [{"count": many(len(self.house.world.rooms()), "room")}]

    # -- plans
    def _plan(self, record: str) -> tuple[PlanRecord, list[str]]:
        kind, _, key = record.partition(":")
        assert kind == "plan"
        plan = PlanRecord.objects.get(id=key)
        assert plan.agent == self.agent
        return plan, [str(step.get("text") or step["action"]) for step in plan.steps]

    def _running(self, record: str) -> tuple[PlanRecord, list[str], int]:
        plan, steps = self._plan(record)
        pursuit = self.house.mind(self.agent).pursuit  # type: ignore[union-attr]
        if plan.state != "running" or pursuit is None or pursuit.record.pk != plan.pk:
            raise LookupError("that plan is not in force")
        return plan, steps, pursuit.position

    def of_doing(self, plan: str) -> list[Blanks]:
        row, steps, at = self._running(plan)
        return [{"i": str(at + 1), "n": str(len(steps)), "goal": of_goal(row.goal), "deed": steps[at]}]

    def of_done(self, plan: str) -> list[Blanks]:
        row, steps, at = self._running(plan)
        if at != len(steps):
            raise LookupError("steps are left")
        return [{"goal": of_goal(row.goal), "count": many(len(steps), "step")}]

    def of_next(self, plan: str) -> list[Blanks]:
        _, steps, at = self._running(plan)
        return [{"rest": ", then ".join(steps[at + 1 : at + 4])}]

    def of_idle(self, agent: str) -> list[Blanks]:
        if self.house.mind(self.agent).pursuit is not None:  # type: ignore[union-attr]
            raise LookupError("it has a plan")
        doing = next(p.doing for p in self.house.records.presences() if p.slug == self.agent)
        first = {"rests": "I rest", "waits": "I wait", "is": "I am", "waits:": "I wait:"}
        verb, space, rest = doing.replace(";", ",").partition(" ")
        bare = verb.rstrip(",")
        return [{"doing": first.get(bare, bare) + verb[len(bare) :] + space + rest}]

    def of_plan_task(self, plan: str, task: str) -> list[Blanks]:
        row, _ = self._plan(plan)
        found = self._task(task)
        if row.task != found.pk:
            raise LookupError("another task")
        return [{"number": str(found.pk), "title": found.title}]

    def of_left(self, plan: str) -> list[Blanks]:
        row, _ = self._plan(plan)
        if (
            row.state not in ("dropped", "failed")
            or row != PlanRecord.objects.filter(agent=self.agent).order_by("id").last()
        ):
            raise LookupError("it is not the one that was left last")
        return [{"ago": ago(self.now, row.updated_at), "goal": of_goal(row.goal), "reason": row.reason}]

    # -- deeds
    def _step(self, record: str) -> Step:
        kind, _, key = record.partition(":")
        assert kind == "step"
        step = Step.objects.get(id=key)
        assert (step.agent, step.state) == (self.agent, "done")
        return step

    def of_did(self, step: str) -> list[Blanks]:
        row = self._step(step)
        texts = [
            s.get("text")
            for p in PlanRecord.objects.filter(agent=self.agent)
            for s in p.steps
            if s["action"] == row.action
        ]
        assert texts, "no plan had that step"
        # keys of rooms are told as titles where a plan tells their names
        return [
            {"ago": ago(self.now, row.finished_at), "deed": past(deed)}
            for deed in {self._deed(row.action), *map(str, texts)}
        ]

    def of_did_none(self, agent: str) -> list[Blanks]:
        done = (
            Step.objects.filter(agent=self.agent, state="done")
            .exclude(action__startswith="move(")
            .exclude(action="tell_why")
        )
        if done.exists():
            raise LookupError("it finished something")
        return [{}]

    def of_journal(self, step: str) -> list[Blanks]:
        row = self._step(step)
        assert row.action == "keep_journal"
        assert not Step.objects.filter(agent=self.agent, state="done", action="keep_journal", id__gt=row.pk).exists()
        return [{"ago": ago(self.now, row.finished_at), "deeds": many(row.result["deeds"], "deed")}]

    def of_journal_none(self, agent: str) -> list[Blanks]:
        if Step.objects.filter(agent=self.agent, state="done", action="keep_journal").exists():
            raise LookupError("it wrote one")
        return [{}]

    # -- work
    def _task(self, record: str) -> Task:
        kind, _, key = record.partition(":")
        assert kind == "task"
        return Task.objects.get(id=int(key))

    def _mine(self, record: str) -> Blanks:
        task = self._task(record)
        if task.assignee != self.agent:
            raise LookupError("another's")
        return {"number": str(task.pk), "title": task.title, "stands": STANDS[task.status], "reason": task.reason}

    def of_mine(self, task: str) -> list[Blanks]:
        return [{name: value for name, value in self._mine(task).items() if name != "reason"}]

    def of_mine_why(self, task: str) -> list[Blanks]:
        return [self._mine(task)]

    def of_mine_none(self, agent: str) -> list[Blanks]:
        if Task.objects.filter(assignee=self.agent, status__in=("RUNNING", "PAUSED", "FAILED", "APPROVED")).exists():
            raise LookupError("it has one")
        return [{}]

    def of_completed(self, record: str) -> list[Blanks]:
        task = self._task(record)
        if (task.status, task.assignee) != ("COMPLETED", self.agent):
            raise LookupError("it is not completed")
        return [
            {
                "ago": ago(self.now, task.finished_at),
                "number": str(task.pk),
                "title": task.title,
                "result": task.result or "none on record",
            }
        ]

    def of_task(self, record: str) -> list[Blanks]:
        task = self._task(record)
        whose = f"given to {self.house.personas[task.assignee].name}" if task.assignee else "given to nobody"
        return [{"number": str(task.pk), "title": task.title, "stands": STANDS[task.status], "whose": whose}]

    def of_task_none(self, record: str) -> list[Blanks]:
        number = record.removeprefix("task:")
        if Task.objects.filter(id=int(number)).exists():
            raise LookupError("there is one")
        return [{"number": number}]

    def of_event(self, record: str) -> list[Blanks]:
        event = Event.objects.get(seq=int(record.removeprefix("event:")))
        kind, _, name = event.actor.partition(":")
        who = {
            "owner": "the owner",
            "agent": self.house.personas[name].name if name in self.house.personas else "",
        }.get(kind, name)
        did = {
            "completed": "completed",
            "failed": "failed at",
            "escalated": "asked for help with",
            "proposed": "proposed",
        }[event.topic[5:]]
        return [
            {
                "ago": ago(self.now, event.at),
                "who": who,
                "did": did,
                "number": str(event.task),
                "title": str(event.data["title"]),
            }
        ]

    def of_waits(self, *records: str) -> list[Blanks]:
        pending = list(Approval.objects.filter(state="pending", verdict="").order_by("id"))
        first = pending[0]
        of = [f"task:{first.task}"] if first.task else []
        assert [*(f"approval:{one.pk}" for one in pending), *of] == list(records)
        items = "1 item waits" if len(pending) == 1 else f"{len(pending)} items wait"
        return [
            {
                "items": items,
                "ago": ago(self.now, first.created_at),
                "ref": f"task {first.task}" if first.task else f"a{first.pk}",
                "title": first.title,
            }
        ]

    of_waits_you = of_waits

    def of_waits_none(self, record: str) -> list[Blanks]:
        if Approval.objects.filter(state="pending", verdict="").exists():
            raise LookupError("something waits")
        return [{}]

    def of_board(self, record: str) -> list[Blanks]:
        counts = [(state, Task.objects.filter(status=state).count()) for state in STATES]
        return [
            {
                "tally": listed([f"{n} {STATES[state]}" for state, n in counts if n])
                if any(n for _, n in counts)
                else "no task"
            }
        ]

    # -- the rest
    def of_machine(self, record: str) -> list[Blanks]:
        return [{"free": f"{self.house.records.machine().disk_free:.0%}"}]

    def of_agent(self, record: str) -> list[Blanks]:
        there = next(p for p in self.house.records.presences() if p.slug == record.removeprefix("agent:"))
        room = self._room(f"room:{there.room}")[1] if there.room else "no room"
        return [{"name": there.name, "room": room, "doing": there.doing.replace(";", ",")}]

    def of_agent_busy(self, record: str, plan: str) -> list[Blanks]:
        slug = record.removeprefix("agent:")
        row = PlanRecord.objects.get(id=plan.removeprefix("plan:"))
        there = next(p for p in self.house.records.presences() if p.slug == slug)
        pursuit = self.house.mind(slug).pursuit
        assert row.agent == slug and pursuit is not None and pursuit.record.pk == row.pk
        if pursuit.position == len(row.steps):
            return [{"name": there.name, "room": self._name(there.room), "goal": of_goal(row.goal), "deed": "over"}]
        step = row.steps[pursuit.position]
        deed = str(step.get("text") or step["action"])
        return [{"name": there.name, "room": self._name(there.room), "goal": of_goal(row.goal), "deed": deed}]

    of_agent_done = of_agent_busy

    def of_rule(self, record: str) -> list[Blanks]:
        from agents.thinking.rules import SCRIPTURE

        return [{"rule": SCRIPTURE[int(record.removeprefix("rule:"))]}]

    def of_thought(self, record: str) -> list[Blanks]:
        row = Thought.objects.get(id=record.removeprefix("thought:"))
        assert (row.agent, row.state) == (self.agent, "thought")
        sort, _, key = row.subject.partition(":")
        subjects = [f'"{row.subject}"'] if row.injected_by else [f"task {key}", f'my aim "{key}"', *_OF.get(sort, ())]
        if sort == "society":
            subjects.append(key)
        if sort == "agent":
            subjects.append(self.house.personas[key].name)
        if sort == "room":
            subjects.append(self._room(row.subject)[1])
        return [{"ago": ago(self.now, row.at), "subject": subject} for subject in subjects]

    def of_given(self, record: str) -> list[Blanks]:
        row = Thought.objects.get(id=record.removeprefix("thought:"))
        return [
            {
                "who": "the owner" if row.injected_by.startswith("owner:") else row.injected_by.partition(":")[2],
                "text": row.subject,
            }
        ]


_OF = {
    "event": ["what another did with a task"],
    "self": ["who I am by my file"],
    "errand": ["what I see to of myself"],
    "plan": ["a plan I left"],
    "doing": ["what I do"],
    "deed": ["a step I finished"],
    "journal": ["my journal"],
    "thought": ["an earlier thought"],
    "rule": ["a rule of this house"],
    "board": ["the board"],
    "machine": ["the disk"],
    "waits": ["what waits for the owner's word"],
}


def _every(seconds: float) -> str:
    size, word = next(
        (size, word) for size, word in ((86400, "day"), (3600, "hour"), (60, "minute"), (0, "")) if seconds >= size
    )
    return many(int(seconds // size), word) if size else "less than a minute"


def _line(text: str) -> str:
    one = re.sub(r"\b(owner|person|agent|system):(?=\w)", "", " ".join(text.split()))
    return (one if len(one) <= LONGEST else one[: LONGEST - 1] + "…").rstrip(".")


def _fitting(text: str) -> Iterator[str]:
    """Every form that the text can be of."""
    for form, wordings in FORMS.items():
        if any(
            re.fullmatch(".*?".join(map(re.escape, re.split(r"\{\w+\}", wording))), text, re.IGNORECASE)
            for wording in wordings
        ):
            yield form


def checker(house: House) -> Callable[..., list[str]]:
    """A function that says what is wrong with an agent's sentences, said now."""

    def problems(agent: str, sentences: Any, hearer: str = "owner:alexander") -> list[str]:
        truth = Truth(house, agent, hearer)
        return [problem for one in sentences if (problem := truth.problem(one))]

    return problems
