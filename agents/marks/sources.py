"""What marks are left by: the events that count, and how the newest of them are found in the record.

Owns the sources by name. Each look into the record is one query that an index serves, bounded in rows. Refuses to keep
anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from agents.events.models import CAME, Event
from agents.kernel import ids
from agents.work.models import Step

MOST_STEPS = 5000
"""So many of the newest steps are looked through for those of one action."""
LONG_AGO = timedelta(days=1)
"""Steps are looked for within this."""
EVENING = 17
"""From this local hour on a meal is supper."""


@dataclass(frozen=True)
class Source:
    """What counts. `topics` are the patterns of its events. `room(event, zone)` says in which room one of them counts:
    its key, '' for any, None for one that does not. `find(room, most, now, zone)` gives the newest instants, oldest
    first.
    """

    topics: tuple[str, ...]
    room: Callable[[Event, tzinfo | None], str | None]
    find: Callable[[str, int, datetime, tzinfo | None], list[datetime]]


def _of_topics(*topics: str) -> Source:
    """Events of these topics, which count in whatever room shows them."""

    def find(room: str, most: int, now: datetime, zone: tzinfo | None) -> list[datetime]:
        found = Event.objects.filter(topic__in=topics).order_by("-seq").values_list("at", flat=True)
        return list(found[:most])[::-1]

    return Source(topics, lambda event, zone: "", find)


def _walked() -> Source:
    def find(room: str, most: int, now: datetime, zone: tzinfo | None) -> list[datetime]:
        came = Event.objects.annotate(place=CAME).filter(place=room, topic__endswith=".move").order_by("-at")
        return list(came.values_list("at", flat=True)[:most])[::-1]

    return Source(("agent.*.move", "person.move"), lambda event, zone: str(event.data.get("to", "")) or None, find)


def _done(action: str, counts: Callable[[datetime, tzinfo | None], bool] = lambda at, zone: True) -> Source:
    """Steps of one action; `counts` says at which instants they do."""

    def room(event: Event, zone: tzinfo | None) -> str | None:
        return "" if event.data.get("action") == action and counts(event.at, zone) else None

    def find(room: str, most: int, now: datetime, zone: tzinfo | None) -> list[datetime]:
        newest = Step.objects.filter(id__gte=ids.first_at(now - LONG_AGO)).order_by("-id")
        rows = newest.values_list("action", "state", "finished_at")[:MOST_STEPS]
        found = [at for one, state, at in rows if one == action and state == "done" and at and counts(at, zone)]
        return sorted(found)[-most:]

    return Source(("agent.*.did",), room, find)


SOURCES: Mapping[str, Source] = {
    "walks": _walked(),
    "errors": _of_topics("bug.filed"),
    "verdicts": _of_topics("approval.approved", "approval.rejected"),
    "finished": _of_topics("task.completed"),
    "births": _of_topics("roster.added"),
    "tended": _done("tend_shrine"),
    "suppers": _done("share_meal", lambda at, zone: at.astimezone(zone).hour >= EVENING),
}
