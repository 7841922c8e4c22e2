"""What should stand in the blanks of what is told of decisions, of people's visits, of ages and of sources.

Computed anew from approvals, events, messages and persona files.
"""

from __future__ import annotations

from agents.events.models import Event
from agents.governance.models import Approval
from agents.thinking.models import Message
from agents.work.models import Task
from tests.support.truths_told import Blanks, Told, all_of, often, word

VERDICTS = {"approved": "approved", "rejected": "vetoed"}
CHANGES = {
    "paused": "paused",
    "resumed": "resumed",
    "backlogged": "shelved",
    "reopened": "reopened",
    "retried": "retried",
    "assigned": "gave out",
}


class Decided(Told):
    """What `Truth` needs for these forms."""

    def _whoever(self, actor: str) -> str:
        return "you" if actor == self.hearer else self._actor(actor)

    def _approval(self, record: str) -> Approval:
        kind, _, key = record.partition(":")
        assert kind == "approval", record
        return Approval.objects.get(id=int(key))

    def _event(self, record: str) -> Event:
        kind, _, key = record.partition(":")
        assert kind == "event", record
        return Event.objects.get(seq=int(key))

    # -- decisions
    def of_verdicts(self, *records: str) -> list[Blanks]:
        """All that one person decided in one way within the span, and no other."""
        rows, span = [self._approval(record) for record in records[:-1]], records[-1]
        ((verdict, by),) = {(row.verdict, row.decided_by) for row in rows}
        same = Approval.objects.filter(verdict=verdict, decided_by=by)
        there = {row.pk for row in same if span == "span:all" or self.within(span, row.decided_at)}
        assert {row.pk for row in rows} == there
        titles = list(dict.fromkeys(f'"{row.title}"' for row in rows))
        told = [*titles[:3], *([f"{word(len(titles) - 3)} more"] if len(titles) > 3 else [])]
        lead = "in all " if span == "span:all" else self._leads(span)[1]
        count = f"{word(len(rows))} item{'s' * (len(rows) != 1)}"
        return [
            {"lead": lead, "who": self._whoever(by), "did": VERDICTS[verdict], "count": count, "titles": all_of(told)}
        ]

    def of_verdicts_none(self, approvals: str, span: str) -> list[Blanks]:
        rows = [
            row
            for row in Approval.objects.exclude(verdict="")
            if span == "span:all" or self.within(span, row.decided_at)
        ]
        lead = "in all " if span == "span:all" else self._leads(span)[1]
        free = [did for verdict, did in VERDICTS.items() if not any(row.verdict == verdict for row in rows)]
        return [{"lead": lead, "did": did} for did in [*free, *(["approved or refused"] if not rows else [])]]

    def of_decided(self, approval: str, task: str) -> list[Blanks]:
        row = self._approval(approval)
        assert f"task:{row.task}" == task
        said = {"number": str(row.task), "title": row.title, "ago": self._ago(row.decided_at)}
        return [said | {"who": self._whoever(row.decided_by), "did": VERDICTS[row.verdict]}]

    def of_decided_none(self, task: str) -> list[Blanks]:
        number = task.removeprefix("task:")
        assert not Approval.objects.filter(task=int(number)).exclude(verdict="").exists()
        return [{"number": number}]

    def of_changed(self, event: str, task: str) -> list[Blanks]:
        row = self._event(event)
        assert f"task:{row.task}" == task
        said = {"number": str(row.task), "ago": self._ago(row.at)}
        return [said | {"who": self._whoever(row.actor), "did": CHANGES[row.topic.removeprefix("task.")]}]

    def of_changed_none(self, task: str) -> list[Blanks]:
        number = int(task.removeprefix("task:"))
        topics = set(Event.objects.filter(task=number).values_list("topic", flat=True))
        return [{"did": did, "number": str(number)} for topic, did in CHANGES.items() if f"task.{topic}" not in topics]

    def of_failures(self, *records: str) -> list[Blanks]:
        rows = [self._row(record) for record in records]
        failed = Task.objects.filter(title=rows[0].title, status="FAILED")
        assert {row.pk for row in rows} == {row.pk for row in failed}
        return [{"title": rows[0].title, "times": often(len(rows))}]

    def of_failures_none(self, task: str) -> list[Blanks]:
        row = self._row(task)
        assert not Task.objects.filter(title=row.title, status="FAILED").exists()
        return [{"title": row.title}]

    def of_how(self, task: str, kind: str) -> list[Blanks]:
        row, of = self._row(task), self.house.kinds[kind.removeprefix("kind:")]
        assert row.kind == of.name
        return [{"number": str(row.pk), "title": row.title, "kind": of.name, "purpose": of.purpose}]

    # -- people
    def of_person_here(self, room: str) -> list[Blanks]:
        key = self._key(room)
        return [
            {"who": name[:1].upper() + name[1:], "room": self._name(key)}
            for name, where in self.house.world.people()
            if where == key
        ]

    def of_person_gone(self, event: str) -> list[Blanks]:
        row = self._event(event)
        newest = Event.objects.filter(topic="person.left", actor=row.actor).latest("seq")
        assert row.topic == "person.left" and row.seq == newest.seq
        name = row.actor.partition(":")[2]
        assert name not in {one for one, _ in self.house.world.people()}
        return [{"who": name[:1].upper() + name[1:], "ago": self._ago(row.at)}]

    def of_person_none(self, record: str) -> list[Blanks]:
        here = {name.lower() for name, _ in self.house.world.people()}
        return [{"who": name} for name in ("Mia", "Ana", "Alexander") if name.lower() not in here]

    def of_visit_last(self, event: str) -> list[Blanks]:
        row = self._event(event)
        assert row == Event.objects.filter(topic="person.left", actor=self.hearer).latest("seq")
        return [{"ago": self._ago(row.at), "day": f"{row.at.day} {row.at:%B}", "time": f"{row.at:%H:%M}"}]

    def of_visit_first(self, actor: str) -> list[Blanks]:
        assert actor == f"actor:{self.hearer}"
        assert not Event.objects.filter(topic="person.left", actor=self.hearer).exists()
        return [{}]

    def of_said(self, message: str) -> list[Blanks]:
        assert self.hearer.startswith("owner:"), "others may not read it"
        row = Message.objects.get(id=message.removeprefix("message:"))
        assert row.to == f"agent:{self.agent}"
        kind, _, name = row.sender.partition(":")
        who = self.house.personas[name].name if kind == "agent" else name[:1].upper() + name[1:]
        return [{"ago": self._ago(row.at), "who": who, "text": row.text}]

    def of_said_none(self, record: str) -> list[Blanks]:
        name = record.removeprefix("conversation:")
        said = Message.objects.filter(to=f"agent:{self.agent}", sender__in=(f"agent:{name}", f"person:{name}"))
        assert not said.exists()
        known = self.house.personas
        return [{"who": known[name].name if name in known else name[:1].upper() + name[1:]}]

    # -- kin
    def of_parent_me(self, agent: str) -> list[Blanks]:
        slug = self._slug(agent)
        assert self.house.personas[slug].parent == self.agent
        return [self._is(slug)]

    def of_siblings_mine(self, agent: str) -> list[Blanks]:
        slug = self._slug(agent)
        assert self.house.personas[slug].parent == self.agent
        return [{"children": all_of(self._children(self.agent, slug))}]

    def of_grandchildren(self, agent: str) -> list[Blanks]:
        slug, all_ = self._slug(agent), self.house.personas.values()
        names = [
            f"{one.name}, the child of {child.name}"
            for child in all_
            if child.parent == slug
            for one in all_
            if one.parent == child.slug
        ]
        assert names
        return [self._is(slug) | {"names": all_of(names)}]

    def of_grandchildren_none(self, agent: str) -> list[Blanks]:
        slug, all_ = self._slug(agent), self.house.personas.values()
        children = {one.slug for one in all_ if one.parent == slug}
        assert not [one for one in all_ if one.parent in children]
        return [self._is(slug)]

    def of_ages_some(self, *agents: str) -> list[Blanks]:
        born = {one.slug: one for one in self.house.personas.values() if one.born}
        assert len(born) < len(self.house.personas) and set(born) == {self._slug(agent) for agent in agents}
        return [{"names": all_of([born[self._slug(agent)].name for agent in agents])}]

    def of_ages_none(self, record: str) -> list[Blanks]:
        assert not [one for one in self.house.personas.values() if one.born]
        return [{}]

    def of_ages(self, *agents: str) -> list[Blanks]:
        days = sorted((one.born, one.name) for one in self.house.personas.values())
        assert all(day for day, _ in days)
        return [{"eldest": days[0][1], "youngest": days[-1][1]}]

    def of_source(self, *tasks: str) -> list[Blanks]:
        numbers = [str(self._row(task).pk) for task in tasks]
        return [{"tasks": all_of([f"task {number}" for number in numbers]), "first": numbers[0]}]

    def of_why_of(self, agent: str) -> list[Blanks]:
        persona, mind = self.house.personas[self._slug(agent)], self.house.mind(self._slug(agent))
        assert mind is not None and mind.pursuit is not None
        return [
            {"name": persona.name, "why": one.why} for one in persona.errands if one.name == mind.pursuit.record.goal
        ]
