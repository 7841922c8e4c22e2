"""What should stand in the blanks of what is told of days, kin, rooms, tasks and help: computed from the records anew.

The bounds of a span are computed here from its name alone, not by the code that told of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from agents.events.models import Event
from agents.thinking.forms.wording import past
from agents.thinking.models import Message
from agents.work.models import Artifact, Step, Task

if TYPE_CHECKING:
    from tests.support.furnished import Furnished as House

Blanks = dict[str, str]
WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
STANDS = {
    "PENDING_APPROVAL": "is waiting for the owner's word",
    "APPROVED": "is approved and not begun",
    "RUNNING": "is under way",
    "PAUSED": "is paused",
    "FAILED": "has failed",
    "COMPLETED": "is done",
    "BACKLOGGED": "is put aside",
    "VETOED": "is vetoed",
}
DONE = {"survey": ("surveyed", "folder"), "test": ("ran the tests of", "project"), "build": ("built", "room")}


def word(number: int) -> str:
    return WORDS[number] if number < len(WORDS) else str(number)


def often(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{word(number)} times")


def the(name: str) -> str:
    return f"the {name}" if name[0].isupper() and not name.startswith("The ") else name


def all_of(names: list[str]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else names[0] if names else "nobody"


def last_part(title: str) -> str:
    of = title.split(" ", 1)[1] if " " in title else title
    return of.rstrip("/").split("/")[-1] if of[0] in "~/" else of


class Told:
    """What `Truth` needs for these forms."""

    house: House
    agent: str
    now: datetime
    hearer: str

    # -- spans
    def span(self, record: str) -> tuple[datetime, datetime, str]:
        """Beginning, end and phrase of the span that a record names."""
        kind, _, key = record.partition(":")
        assert kind == "span"
        midnight = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        day, monday = timedelta(days=1), midnight - timedelta(days=self.now.weekday())
        hours = {hour: midnight + timedelta(hours=hour) for hour in (8, 12, 17, 18)}
        known: dict[str, tuple[datetime, datetime, str]] = {
            "today": (midnight, self.now, "today"),
            "yesterday": (midnight - day, midnight, "yesterday"),
            "day before yesterday": (midnight - 2 * day, midnight - day, "the day before yesterday"),
            "this morning": (midnight, min(self.now, hours[12]), "this morning"),
            "this afternoon": (hours[12], min(self.now, hours[18]), "this afternoon"),
            "this evening": (hours[17], self.now, "this evening"),
            "tonight": (hours[17], self.now, "tonight"),
            "yesterday morning": (midnight - day, hours[12] - day, "yesterday morning"),
            "yesterday afternoon": (hours[12] - day, hours[18] - day, "yesterday afternoon"),
            "yesterday evening": (hours[17] - day, midnight, "yesterday evening"),
            "last night": (hours[18] - day, min(self.now, hours[8]), "last night"),
            "this week": (monday, self.now, "this week"),
            "last week": (monday - 7 * day, monday, "last week"),
            "this month": (midnight.replace(day=1), self.now, "this month"),
            "lately": (self.now - 2 * day, self.now, "in the last two days"),
            "since yesterday": (midnight - day, self.now, "since yesterday"),
        }
        if key.startswith("since ") and key[6:] in WEEK:
            back = (self.now.weekday() - WEEK.index(key[6:])) % 7
            return midnight - back * day, self.now, f"since {key[6:].title()}"
        if key.startswith("since ") and key[6].isdigit():
            at = midnight + timedelta(hours=int(key[6:8]), minutes=int(key[9:11]))
            return at if at <= self.now else at - day, self.now, key
        if key.endswith(" days ago"):
            back = int(key.split()[0])
            return midnight - back * day, midnight - (back - 1) * day, key
        if key == "left":
            left = Event.objects.filter(topic="person.left", actor=self.hearer).latest("seq")
            return left.at, self.now, "since you left"
        if key in WEEK:
            back = (self.now.weekday() - WEEK.index(key)) % 7 or 7
            return midnight - back * day, midnight - (back - 1) * day, f"on {key.title()}"
        if "-" in key:
            unit, many = key.split("-")
            size = {"minute": 60, "hour": 3600, "day": 86400, "week": 604800}[unit]
            several = unit if many == "1" else f"{many} {unit}s"
            return self.now - timedelta(seconds=size * int(many)), self.now, f"in the last {several}"
        return known[key]

    def within(self, record: str, at: datetime | None) -> bool:
        since, until, _ = self.span(record)
        return at is not None and since <= at and (at < until or at == until == self.now)

    def _leads(self, span: str) -> list[str]:
        return ["", f"{self.span(span)[2]} "]

    def _is(self, slug: str) -> Blanks:
        if slug == self.agent:
            return {
                "I": "I",
                "me": "me",
                "my": "my",
                "My": "My",
                "mine": "mine",
                "am": "am",
                "was": "was",
                "have": "have",
                "would": "would",
            }
        name = self.house.personas[slug].name
        own = f"{name}'s"
        return {
            "I": name,
            "me": name,
            "my": own,
            "My": own,
            "mine": name,
            "am": "is",
            "was": "was",
            "have": "has",
            "would": "would",
        }

    def _row(self, record: str) -> Task:
        kind, _, key = record.partition(":")
        assert kind == "task", record
        return Task.objects.get(id=int(key))

    def _slug(self, record: str) -> str:
        kind, _, key = record.partition(":")
        assert kind == "agent", record
        return key

    def _ago(self, at: datetime | None) -> str:
        from tests.support.truths import ago

        return ago(self.now, at)

    def _in_days(self, span: str, tasks: list[Task], status: str) -> Iterator[Blanks]:
        assert len({task.assignee for task in tasks}) == 1
        assert all(task.status == status and self.within(span, task.finished_at) for task in tasks)
        for lead in self._leads(span):
            yield self._is(tasks[0].assignee) | {"lead": lead}

    # -- days
    def of_day_failed(self, task: str, span: str) -> list[Blanks]:
        row = self._row(task)
        came = {"number": str(row.pk), "title": row.title, "reason": row.reason}
        return [blanks | came for blanks in self._in_days(span, [row], "FAILED")]

    of_day_failed_bare = of_day_failed

    def of_day_failed_many(self, *records: str) -> list[Blanks]:
        rows = [self._row(record) for record in records[:-1]]
        same = Task.objects.filter(title=rows[0].title, assignee=rows[0].assignee, status="FAILED")
        assert sorted(row.pk for row in rows) == sorted(
            row.pk for row in same if self.within(records[-1], row.finished_at)
        )
        newest = max(rows, key=lambda row: row.finished_at or row.updated_at)
        came = {"times": often(len(rows)), "title": newest.title, "reason": newest.reason}
        return [blanks | came for blanks in self._in_days(records[-1], rows, "FAILED")]

    def of_day_one(self, task: str, span: str) -> list[Blanks]:
        row = self._row(task)
        came = {"number": str(row.pk), "title": row.title, "result": row.result}
        return [blanks | came for blanks in self._in_days(span, [row], "COMPLETED")]

    of_day_one_bare = of_day_one

    def of_day_many(self, *records: str) -> list[Blanks]:
        rows = [self._row(record) for record in records[:-1]]
        (kind,) = {row.kind for row in rows}
        same = Task.objects.filter(kind=kind, assignee=rows[0].assignee, status="COMPLETED")
        there = [row.pk for row in same if self.within(records[-1], row.finished_at)]
        assert sorted(row.pk for row in rows) == sorted(there), "all of them, and no other"
        did, noun = DONE.get(kind, ("finished", "task"))
        each = Counter(last_part(row.title) if kind in DONE else f'"{row.title}"' for row in rows)
        names = [f"{of} ({often(many)})" if many > 1 else of for of, many in each.items()]
        told = [*names[:5], *([f"{word(len(names) - 5)} more"] if len(names) > 5 else [])]
        came = {"did": did, "count": f"{word(len(names))} {noun}s", "subjects": all_of(told)}
        again = {"subject": next(iter(each)) if len(each) == 1 else "different things", "times": often(len(rows))}
        return [blanks | came | again for blanks in self._in_days(records[-1], rows, "COMPLETED")]

    of_day_again = of_day_many

    def of_day_result(self, task: str) -> list[Blanks]:
        row = self._row(task)
        assert row.status == "COMPLETED"
        return [self._is(row.assignee) | {"number": str(row.pk), "result": row.result}]

    def of_day_rounds(self, agent: str, span: str) -> list[Blanks]:
        slug = self._slug(agent)
        rows = Step.objects.filter(agent=slug, state="done", task=None)
        counted = Counter(
            row.action
            for row in rows
            if self.within(span, row.finished_at) and not row.action.startswith(("move(", "rest(", "tell_why"))
        )
        most = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
        deeds = [f"{past(self._deed(action))} {often(many)}" for action, many in most]
        assert deeds
        return [self._is(slug) | {"deeds": all_of(deeds)}]

    def _deed(self, action: str) -> str:
        from agents.mind.words import of_deed

        deed = of_deed(None, self.house.kinds)(action)
        names = {room.key: the(room.name) for room in self.house.world.rooms()}
        names |= {item.key: f"the {item.name.removeprefix('the ')}" for item in self.house.world.items()}
        for key in action.rstrip(")").split("(")[-1].split(", "):
            deed = deed.replace(key.replace("_", " ").title(), names.get(key, key))
        return deed

    def _ended(self, span: str, slug: str = "") -> list[Task]:
        rows = Task.objects.filter(status__in=("COMPLETED", "FAILED"), **({"assignee": slug} if slug else {}))
        return [row for row in rows if self.within(span, row.finished_at)]

    def of_day_none(self, agent: str, span: str) -> list[Blanks]:
        slug = self._slug(agent)
        assert not self._ended(span, slug)
        return [self._is(slug) | {"lead": lead} for lead in self._leads(span)]

    def of_day_nothing(self, agent: str, span: str) -> list[Blanks]:
        slug = self._slug(agent)
        assert not [row for row in self._ended(span, slug) if row.status == "COMPLETED"]
        _, _, phrase = self.span(span)
        nouns = [phrase, phrase.removeprefix("in "), f"the time {phrase}", phrase.replace("on ", "last ")]
        return [self._is(slug) | {"noun": noun} for noun in nouns]

    def of_day_open(self, task: str) -> list[Blanks]:
        row = self._row(task)
        assert row.assignee == self.agent
        return [{"number": str(row.pk), "title": row.title, "state": STANDS[row.status].removeprefix("is ")}]

    def of_last_task(self, task: str) -> list[Blanks]:
        row = self._row(task)
        done = Task.objects.filter(assignee=row.assignee, status="COMPLETED")
        assert row.finished_at == max(one.finished_at for one in done if one.finished_at)
        return [self._is(row.assignee) | {"ago": self._ago(row.finished_at), "number": str(row.pk), "title": row.title}]

    def _row_of(self, records: tuple[str, ...]) -> list[Task]:
        rows = [self._row(record) for record in records]
        same = list(Task.objects.filter(title=rows[0].title, finished_at__isnull=False).order_by("-finished_at", "-id"))
        assert [row.pk for row in same[: len(rows)]] == [row.pk for row in rows]
        assert all(row.status == "FAILED" for row in rows)
        assert len(same) == len(rows) or same[len(rows)].status == "COMPLETED"
        return rows

    def of_streak(self, *records: str) -> list[Blanks]:
        rows = self._row_of(records)
        return [{"count": word(len(rows)), "title": rows[0].title}]

    def of_streak_days(self, *records: str) -> list[Blanks]:
        rows = self._row_of(records)
        days = [row.finished_at.date() for row in rows if row.finished_at]
        assert all((one - other).days == 1 for one, other in pairwise(days))
        return [{"count": word(len(rows)), "title": rows[0].title}]

    def of_news_none(self, board: str, span: str) -> list[Blanks]:
        assert not self._ended(span)
        return [{"lead": lead} for lead in self._leads(span)]

    def of_news_proposed(self, task: str, span: str) -> list[Blanks]:
        row = self._row(task)
        assert self.within(span, row.created_at)
        who = {"number": str(row.pk), "title": row.title, "who": self._actor(row.proposer)}
        return [who | {"lead": lead} for lead in self._leads(span)]

    def _actor(self, written: str) -> str:
        kind, name = written.split(":", 1)
        return {"owner": "the owner", "agent": self.house.personas[name].name if kind == "agent" else ""}.get(
            kind, name
        )

    def _counted(self, agent: str, span: str, kind: str = "") -> list[Blanks]:
        slug = self._slug(agent)
        rows = Task.objects.filter(assignee=slug, status="COMPLETED", **({"kind": kind} if kind else {}))
        many = sum(span == "span:all" or self.within(span, row.finished_at) for row in rows)
        leads = ["in all "] if span == "span:all" else self._leads(span)[1:]
        count = f"{word(many)} task{'s' * (many != 1)}"
        return [self._is(slug) | {"lead": lead, "count": count, "kind": kind} for lead in leads]

    def of_counted_did(self, agent: str, span: str) -> list[Blanks]:
        return self._counted(agent, span)

    def of_counted_kind(self, agent: str, span: str, kind: str) -> list[Blanks]:
        return self._counted(agent, span, kind.removeprefix("kind:"))

    # -- who
    def of_who(self, agent: str) -> list[Blanks]:
        persona = self.house.personas[self._slug(agent)]
        return [{"name": persona.name, "role": persona.role}]

    def of_temper(self, agent: str) -> list[Blanks]:
        slug = self._slug(agent)
        return [self._is(slug) | {"temperament": self.house.personas[slug].temperament}]

    def of_mind(self, agent: str) -> list[Blanks]:
        slug = self._slug(agent)
        return [self._is(slug) | {"prefers": self.house.personas[slug].mind.prefers}]

    def of_born(self, agent: str) -> list[Blanks]:
        slug = self._slug(agent)
        return [self._is(slug) | {"day": self.house.personas[slug].born[:10]}]

    def of_born_none(self, agent: str) -> list[Blanks]:
        slug = self._slug(agent)
        assert not self.house.personas[slug].born
        return [self._is(slug)]

    def of_parent(self, agent: str) -> list[Blanks]:
        slug = self._slug(agent)
        parent = self.house.personas[slug].parent
        return [self._is(slug) | {"parent": self.house.personas[parent].name}]

    def of_parent_none(self, agent: str) -> list[Blanks]:
        slug = self._slug(agent)
        assert self.house.personas[slug].parent not in self.house.personas
        return [self._is(slug)]

    def _children(self, slug: str, but: str = "") -> list[str]:
        return [one.name for one in self.house.personas.values() if one.parent == slug and one.slug != but]

    def of_children(self, agent: str) -> list[Blanks]:
        slug = self._slug(agent)
        assert self._children(slug)
        return [self._is(slug) | {"children": all_of(self._children(slug))}]

    def of_children_none(self, agent: str) -> list[Blanks]:
        slug = self._slug(agent)
        assert not self._children(slug)
        return [self._is(slug)]

    def of_siblings(self, agent: str) -> list[Blanks]:
        slug = self._slug(agent)
        parent = self.house.personas[slug].parent
        names = self._children(parent, slug)
        return [self._is(slug) | {"parent": self.house.personas[parent].name, "children": all_of(names)}]

    def of_purpose(self, agent: str) -> list[Blanks]:
        return [{"aim": aim.name, "why": aim.why} for aim in self.house.personas[self._slug(agent)].aims]

    def of_errands(self, agent: str) -> list[Blanks]:
        from agents.mind.words import of_goal

        persona = self.house.personas[self._slug(agent)]
        return [{"name": persona.name, "goals": all_of([of_goal(one.name) for one in persona.errands])}]

    of_errands_of = of_errands

    def of_hours(self, agent: str) -> list[Blanks]:
        schedule = self.house.personas[self._slug(agent)].schedule
        assert schedule is not None
        return [{"since": f"{schedule[0]}:00", "until": f"{schedule[1]}:00"}]

    def of_home(self, agent: str) -> list[Blanks]:
        slug = self._slug(agent)
        return [self._is(slug) | {"room": self._name(self.house.personas[slug].home)}]

    def of_carry(self, agent: str, items: str) -> list[Blanks]:
        names = [f"the {one.name.removeprefix('the ')}" for one in self.house.world.items() if one.holder == self.agent]
        assert names
        return [{"things": all_of(names)}]

    def of_carry_none(self, agent: str, items: str) -> list[Blanks]:
        assert not [one for one in self.house.world.items() if one.holder == self.agent]
        return [{}]

    def of_hearer(self, actor: str) -> list[Blanks]:
        kind, _, name = actor.removeprefix("actor:").partition(":")
        assert actor == f"actor:{self.hearer}"
        what = {"owner": "the owner of this house", "person": "a guest here", "agent": "an agent like me"}
        return [{"name": name[0].upper() + name[1:], "what": what[kind]}]

    def of_owner_you(self, actor: str) -> list[Blanks]:
        assert actor == f"actor:{self.hearer}" and self.hearer.startswith("owner:")
        return [{}]

    def of_owner_unnamed(self, record: str) -> list[Blanks]:
        return [{}]

    def of_talked(self, message: str) -> list[Blanks]:
        row = Message.objects.get(id=message.removeprefix("message:"))
        assert row.conversation == f"{self.hearer} agent:{self.agent}" and not row.answers
        return [{"ago": self._ago(row.at), "text": row.text}]

    def of_talked_none(self, conversation: str) -> list[Blanks]:
        conversation = f"{conversation.removeprefix('conversation:')} agent:{self.agent}"
        assert Message.objects.filter(conversation=conversation, answers="").count() <= 1
        return [{}]

    # -- doing
    def of_why_errand(self, agent: str, plan: str) -> list[Blanks]:
        from agents.mind.models import PlanRecord

        goal = PlanRecord.objects.get(id=plan.removeprefix("plan:")).goal
        return [{"why": one.why} for one in self.house.personas[self.agent].errands if one.name == goal]

    def of_why_task(self, task: str) -> list[Blanks]:
        return [{"ago": self._ago(self._row(task).approved_at)}]

    # -- the house
    def _name(self, key: str) -> str:
        return the(next(room.name for room in self.house.world.rooms() if room.key == key))

    def _key(self, record: str) -> str:
        kind, _, key = record.partition(":")
        assert kind == "room", record
        return key

    def of_here(self, room: str) -> list[Blanks]:
        return [{"room": self._name(self._key(room))}]

    of_way_here = of_here

    def of_room_for(self, room: str) -> list[Blanks]:
        from commands.handbook import Book

        return [{"room": self._name(self._key(room)), "purpose": Book().room(self._key(room))[0]}]

    def of_room_look(self, room: str) -> list[Blanks]:
        from commands.handbook import Book

        return [{"text": Book().room(self._key(room))[1]}]

    def of_way(self, here: str, target: str) -> list[Blanks]:
        """Every shortest way, found by going from room to room."""
        onward: dict[str, list[str]] = {}
        for way in self.house.world.exits(self.agent):
            if not way.why_not:
                onward.setdefault(way.origin, []).append(way.target)
        paths = [[self._key(here)]]
        while not (there := [path for path in paths if path[-1] == self._key(target)]):
            paths = [[*path, room] for path in paths for room in onward.get(path[-1], ()) if room not in path]
            assert paths
        names = {"here": self._name(self._key(here)), "room": self._name(self._key(target))}
        return [names | {"steps": ", then ".join(map(self._name, path[1:]))} for path in there]

    def of_way_none(self, here: str, target: str) -> list[Blanks]:
        raise LookupError("all rooms of this map are joined")

    def of_map_some(self, record: str, *rooms: str) -> list[Blanks]:
        return [{"rooms": all_of([self._name(self._key(room)) for room in rooms])}]

    def of_thing(self, item: str) -> list[Blanks]:
        one = self._item(item)
        assert one.room
        return [{"thing": f"the {one.name.removeprefix('the ')}", "room": self._name(one.room)}]

    def of_thing_held(self, item: str) -> list[Blanks]:
        one = self._item(item)
        who = one.holder.removeprefix("person:")
        name = self.house.personas[who].name if who in self.house.personas else who
        return [{"thing": f"the {one.name.removeprefix('the ')}", "who": name}]

    def of_thing_mine(self, item: str) -> list[Blanks]:
        assert self._item(item).holder == self.agent
        return self.of_thing_held(item)

    def of_thing_nowhere(self, item: str) -> list[Blanks]:
        one = self._item(item)
        assert not one.room and not one.holder
        return [{"thing": f"the {one.name.removeprefix('the ')}"}]

    def _item(self, record: str) -> Any:
        return next(one for one in self.house.world.items() if f"item:{one.key}" == record)

    def of_things(self, record: str) -> list[Blanks]:
        return [{"things": all_of([f"the {one.name.removeprefix('the ')}" for one in self.house.world.items()])}]

    def of_house(self, record: str) -> list[Blanks]:
        return [
            {"rooms": f"{len(self.house.world.rooms())} rooms", "agents": f"{len(self.house.personas)} agents"}
            if len(self.house.personas) > 1
            else {"rooms": f"{len(self.house.world.rooms())} rooms", "agents": "1 agent"}
        ]

    def of_agents(self, record: str) -> list[Blanks]:
        names = [one.name for one in self.house.personas.values()]
        return [{"count": f"{len(names)} agent{'s' * (len(names) != 1)}", "names": all_of(names)}]

    def of_agents_asleep(self, record: str) -> list[Blanks]:
        names = [one.name for one in self.house.records.presences() if not one.awake]
        assert names
        return [{"names": all_of(names)}]

    def of_people(self, record: str) -> list[Blanks]:
        names = [name for name, _ in self.house.world.people()]
        assert names
        return [{"people": all_of(names)}]

    def of_people_none(self, record: str) -> list[Blanks]:
        assert not self.house.world.people()
        return [{}]

    def of_clock(self, record: str) -> list[Blanks]:
        return [{"time": f"{self.now:%H:%M}", "day": f"{self.now:%A}, {self.now.day} {self.now:%B %Y}"}]

    def of_howto(self, verb: str) -> list[Blanks]:
        from commands.handbook import Book

        one = next(one for one in Book().verbs() if one.name == verb.removeprefix("verb:"))
        return [{"typed": form, "what": one.what[0].lower() + one.what[1:]} for form in one.forms]

    def of_topic(self, record: str) -> list[Blanks]:
        from commands.handbook import Book

        found = Book().topic([record.removeprefix("topic:")])
        assert found is not None
        return [{"topic": found[0], "text": found[1]}]

    # -- tasks
    def _stands(self, record: str) -> Blanks:
        row = self._row(record)
        return {"number": str(row.pk), "title": row.title, "stands": STANDS[row.status], "reason": row.reason}

    def of_task_why(self, task: str) -> list[Blanks]:
        assert self._row(task).reason
        return [self._stands(task)]

    def of_task_ended(self, task: str) -> list[Blanks]:
        row = self._row(task)
        at = row.finished_at
        assert at is not None
        when = {"ago": self._ago(at), "day": f"{at.day} {at:%B}", "time": f"{at:%H:%M}"}
        return [when | {"number": str(row.pk)}]

    def of_task_took(self, task: str) -> list[Blanks]:
        row = self._row(task)
        assert row.finished_at is not None
        from tests.support.truths import ago

        return [{"length": ago(row.finished_at, row.started_at)}]

    def of_task_begun(self, task: str) -> list[Blanks]:
        row = self._row(task)
        return [{"number": str(row.pk), "ago": self._ago(row.started_at)}]

    def of_task_when(self, task: str) -> list[Blanks]:
        row = self._row(task)
        assert row.status not in ("COMPLETED", "FAILED")
        return [self._stands(task)]

    def of_task_whose(self, task: str) -> list[Blanks]:
        row = self._row(task)
        return [self._stands(task) | {"who": self.house.personas[row.assignee].name}]

    def of_task_who(self, task: str) -> list[Blanks]:
        assert self._row(task).status == "COMPLETED"
        return self.of_task_whose(task)

    def of_task_free(self, task: str) -> list[Blanks]:
        assert not self._row(task).assignee
        return [self._stands(task)]

    def of_task_proposed(self, task: str) -> list[Blanks]:
        row = self._row(task)
        return [{"who": self._actor(row.proposer), "ago": self._ago(row.created_at)}]

    def of_found(self, task: str) -> list[Blanks]:
        row = self._row(task)
        assert row.status == "COMPLETED"
        return [self._is(row.assignee) | {"number": str(row.pk), "title": row.title, "result": row.result}]

    def of_found_report(self, task: str) -> list[Blanks]:
        assert Artifact.objects.filter(task=self._row(task), name="report").exists()
        return [{"number": task.removeprefix("task:")}]

    def of_found_hidden(self, task: str) -> list[Blanks]:
        return [{"number": task.removeprefix("task:")}]

    def of_found_none(self, agent: str) -> list[Blanks]:
        slug = self._slug(agent)
        assert not Task.objects.filter(assignee=slug, status="COMPLETED").exclude(result="").exists()
        return [self._is(slug)]

    def of_wrong_none(self, agent: str) -> list[Blanks]:
        slug = self._slug(agent)
        assert not Task.objects.filter(assignee=slug, status__in=("FAILED", "PAUSED")).exists()
        return [self._is(slug)]

    def of_wrong_none_house(self, record: str) -> list[Blanks]:
        assert not Task.objects.filter(status__in=("FAILED", "PAUSED")).exists()
        return [{}]

    def of_open_you(self, task: str) -> list[Blanks]:
        assert self._row(task).status in ("FAILED", "PAUSED")
        return [self._stands(task)]

    def of_free_you(self, kind: str) -> list[Blanks]:
        return [{"example": self.house.kinds[kind.removeprefix("kind:")].example}]

    def of_counted_state(self, board: str, state: str) -> list[Blanks]:
        status = state.removeprefix("state:")
        many = Task.objects.filter(status=status).count()
        stand = STANDS[status]
        if many != 1:
            stand = {"is": "are", "has": "have"}[stand.split()[0]] + stand[stand.index(" ") :]
        return [{"count": f"{word(many)} task{'s' * (many != 1)}", "stand": stand}]

    def of_counted_all(self, board: str) -> list[Blanks]:
        many = Task.objects.count()
        return [{"count": f"{word(many)} task{'s' * (many != 1)}", "are": "is" if many == 1 else "are"}]

    def _kinds(self) -> str:
        return all_of(sorted(name for name, kind in self.house.kinds.items() if kind.steps))

    def of_can_kinds(self, record: str) -> list[Blanks]:
        return [{"kinds": self._kinds()}]

    of_can_not = of_can_kinds

    def of_can_kind(self, record: str) -> list[Blanks]:
        kind = self.house.kinds[record.removeprefix("kind:")]
        return [{"kind": kind.name, "purpose": kind.purpose, "usage": kind.usage}]
