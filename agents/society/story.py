"""What an agent tells of its day by the fire: one or two sentences, taken from the records of that day.

Owns what is worth telling, and reads the records once an evening. Refuses whatever is for the owner alone (results,
reasons, paths), because it is said aloud.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import QuerySet

from agents.events.models import Event
from agents.events.unit import Unit
from agents.house.values import Sentence
from agents.society.news import of_step, titled
from agents.society.phrases import capital
from agents.work.models import Step, Task

MOST = 2
"""So many sentences tell a day."""
Clock = Callable[[datetime], str]
Names = Callable[[str], str]


@dataclass(frozen=True)
class Teller:
    """Who tells, since when, and what instants, agents and rooms are called."""

    slug: str
    since: datetime
    clock: Clock
    name: Names
    room: Names


def tell(teller: Teller, unit: Unit) -> list[Sentence]:
    """The main things of its day, what mattered most first."""
    unit.flush()
    found = (one for of in (_tasks, _spared, _disk, _rare, _heard) for one in of(teller))
    return list(islice(found, MOST))


def status_since(task: Task) -> datetime:
    """When a task's status was changed last; other changes, as of its priority, leave that alone."""
    for event in Event.objects.filter(task=task.pk, topic__startswith="task.").order_by("-seq"):
        if event.data.get("to") is not None and event.data.get("from") != event.data["to"]:
            return event.at
    return task.updated_at


def _tasks(of: Teller) -> Iterator[Sentence]:
    """What became of tasks of its own."""
    mine = Task.objects.filter(assignee=of.slug, updated_at__gte=of.since).order_by("-updated_at", "-id")
    for task in mine.filter(status__in=("COMPLETED", "FAILED", "PAUSED"))[:MOST]:
        title, since = titled(task.pk, task.title), of.clock(status_since(task))
        text = {
            "COMPLETED": f"I finished {title}, at {since}.",
            "FAILED": f"{capital(title)}, failed at {since}, and it is not done.",
            "PAUSED": f"{capital(title)}, has stood still since {since}.",
        }[task.status]
        yield Sentence(text, (f"task:{task.pk}",))


def _spared(of: Teller) -> Iterator[Sentence]:
    """A way that another spared it by a word."""
    told = _learned(of).filter(data__effect="spared").order_by("-seq").first()
    if told is not None:
        happened = of.clock(datetime.fromisoformat(told.data["happened"]))
        text = f"{of.name(str(told.data['by']))} told me at {of.clock(told.at)} that at {happened} {told.data['state']}"
        yield Sentence(f"{text}; it spared me the way.", (f"event:{told.seq}",))


def _learned(of: Teller) -> QuerySet[Event]:
    return Event.objects.filter(topic=f"agent.{of.slug}.learned", at__gte=of.since)


def _disk(of: Teller) -> Iterator[Sentence]:
    """How the disk stood when it first and last looked, where that is not the same."""
    looked = Step.objects.filter(agent=of.slug, state="done", action="check_disk", finished_at__gte=of.since).order_by(
        "id"
    )
    first, last = looked.first(), looked.last()
    if first is None or last is None or first.finished_at is None or last.finished_at is None:
        return
    a, b = (f"{float(step.result['disk_free']):.0%}" for step in (first, last))
    if a != b:
        yield Sentence(
            f"At {of.clock(first.finished_at)} {a} of the disk was free, at {of.clock(last.finished_at)} it was {b}.",
            (f"step:{first.pk}", f"step:{last.pk}"),
        )


def _rare(of: Teller) -> Iterator[Sentence]:
    """What it did but once: the rest it does every day."""
    done = Step.objects.filter(agent=of.slug, state="done", task=None, finished_at__gte=of.since).order_by("id")
    rows = list(done.values_list("action", "result", "id", "finished_at"))
    counts = Counter(action for action, *_ in rows)
    for action, result, step, at in rows:
        if counts[action] == 1 and at and (found := of_step(of.slug, action, result, step, at, of.room)) is not None:
            yield Sentence(f"At {of.clock(at)}, for the only time today, I {found.clause}.", (found.source,))
            return


def _heard(of: Teller) -> Iterator[Sentence]:
    """What it was told last of a task."""
    told = _learned(of).filter(data__about__startswith="task:").order_by("-seq").first()
    if told is not None:
        text = f"{of.name(str(told.data['by']))} told me at {of.clock(told.at)} that {told.data['state']}."
        yield Sentence(text, (f"event:{told.seq}",))
