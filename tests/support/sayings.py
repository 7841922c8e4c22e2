"""What the tables hold of a simulated run, read once, and one line that was said in it: to look up what was so then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from agents.events.models import Event
from agents.work.models import Step
from tests.support import hearsay
from tests.support.furnished import Furnished as House

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
Said = dict[str, str]


class Record:
    """What the tables hold of a run, read once."""

    def __init__(self, house: House) -> None:
        house.events.unit.flush()
        self.house = house
        self.own: dict[str, list[tuple[datetime, str, str]]] = {slug: [] for slug in house.personas}
        """Of each agent (when, matter, clause) of all that it did itself and is worth telling, oldest first."""
        self.learned: dict[str, list[Event]] = {slug: [] for slug in house.personas}
        self.tasks: dict[int, list[Event]] = {}
        self.moved: list[Step] = []
        """Things taken and laid down, in order."""
        for step in Step.objects.filter(state="done").order_by("finished_at", "id"):
            if step.action.startswith(("take(", "drop(")):
                self.moved.append(step)
            elif clause := hearsay.clause(step.action, step.result, house):
                assert step.finished_at is not None
                self.own[step.agent].append((step.finished_at, hearsay.matter(step.action), clause))
        for event in Event.objects.filter(topic__startswith="task.").order_by("seq"):
            assert event.task is not None
            self.tasks.setdefault(event.task, []).append(event)
            if event.topic in hearsay.ENDED and event.agent in self.own:
                self.own[event.agent].append((event.at, f"task:{event.task}", hearsay.clause_of_event(event)))
        for event in Event.objects.filter(topic__endswith=".learned").order_by("seq"):
            self.learned[event.agent].append(event)
        self.said = list(Event.objects.filter(topic__startswith="agent.", topic__endswith=".say").order_by("seq"))
        for own in self.own.values():
            own.sort(key=lambda one: one[0])

    def standing(self, task: int, at: datetime) -> tuple[str, str, datetime | None]:
        """Status, assignee, and when the status was changed last, as events alone tell."""
        status, assignee, since = "", "", None
        for event in self.tasks.get(task, ()):
            if event.at <= at:
                changed = event.data.get("set", {})
                assignee = changed.get("assignee", assignee)
                if changed.get("status", status) != status:
                    status, since = changed["status"], event.at
        return status, assignee, since

    def in_hand(self, slug: str, at: datetime) -> set[int]:
        """The tasks that one had in hand at an instant."""
        return {task for task in self.tasks if self.standing(task, at)[:2] == ("RUNNING", slug)}

    def movings(self, slug: str, act: str, item: str, since: datetime, until: datetime) -> list[Step]:
        """When an agent took or dropped a thing."""
        return [
            step
            for step in self.moved
            if step.agent == slug and step.action.startswith(f"{act}({item}, ") and since <= step.finished_at <= until  # type: ignore[operator]
        ]


@dataclass
class Saying:
    """One line: who said it to whom and when; `first` is the line that it answers, None for the first of two; `pairs`
    are the exchanges before.
    """

    record: Record
    text: str
    step: Step
    first: Step | None = None
    pairs: list[tuple[Step, Step]] = field(default_factory=list)

    @cached_property
    def at(self) -> datetime:
        assert self.step.finished_at is not None
        return self.step.finished_at

    @property
    def house(self) -> House:
        return self.record.house

    @property
    def speaker(self) -> str:
        return self.step.agent

    @property
    def other(self) -> str:
        return str(self.step.result["to"])

    def name(self, slug: str) -> str:
        return self.house.personas[slug].name

    def slug(self, name: str) -> str:
        return next(slug for slug, one in self.house.personas.items() if one.name == name)

    def clock(self, at: datetime) -> str:
        days = (self.at.date() - at.date()).days
        return hearsay.hour(at) + {0: "", 1: " yesterday"}.get(days, f" on {at:%A}")

    # -- what the records said then
    def learned(self, slug: str, **more: str) -> list[Event]:
        """What one had been told, oldest first."""
        return [
            event
            for event in self.record.learned[slug]
            if event.at < self.at and all(event.data[name] == value for name, value in more.items())
        ]

    def standing(self, task: int) -> tuple[str, str, datetime | None]:
        return self.record.standing(task, self.at)

    def in_hand(self, slug: str) -> set[int]:
        return self.record.in_hand(slug, self.at)

    def moving(self, slug: str, act: str, item: str, since: datetime = BEGINNING) -> list[Step]:
        return self.record.movings(slug, act, item, since, self.at)

    def holds(self, slug: str, item: str) -> bool:
        last = [s for s in self.record.moved if f"({item}, " in s.action and s.finished_at <= self.at][-1:]  # type: ignore[operator]
        return bool(last) and last[0].agent == slug and last[0].action.startswith("take")

    def item(self, name: str) -> str:
        return next(item.key for item in self.house.world.items() if item.name == name)

    def own_news(self, slug: str) -> list[tuple[datetime, str, str]]:
        return [one for one in self.record.own[slug] if one[0] <= self.at]

    def asked_for(self, item: str, asker: str) -> datetime:
        """When one last said to the other that it waited for a thing."""
        about = f"item:{item}"
        said = [a for a, _ in self.pairs if (a.agent, a.result["about"], a.result["kind"]) == (asker, about, "asks")]
        return [a.started_at for a in said if "I am waiting for" in a.result["said"]][-1]

    def told_before(self) -> Step:
        assert self.first is not None, "it answers nothing"
        return self.first


def lines_of(record: Record) -> Iterator[Saying]:
    """All lines that were said at meetings, oldest first."""
    order = {event.step: event.seq for event in record.said}  # ids made within one millisecond have none
    told = Step.objects.filter(action="tell_why", state="done", result__has_key="to")
    lines = sorted(told, key=lambda step: order[step.id])
    pairs: list[tuple[Step, Step]] = []
    for first, second in zip(lines[::2], lines[1::2], strict=True):
        assert (first.agent, first.result["to"]) == (second.result["to"], second.agent), "two answer each other"
        yield Saying(record, first.result["said"], first, None, pairs[:])
        yield Saying(record, second.result["said"], second, first, pairs[:])
        pairs.append((first, second))
