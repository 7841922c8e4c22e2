"""What was seen in a room, and when: who walked through, what was done and said there.

Owns the log queries by room, each answered from an index and with limited rows. Does not decide who may see an
event: the caller provides that condition. `at` is the wall clock, which is what people ask about; the order of the
log itself is `seq`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from agents.events.log import EventLog
from agents.events.models import CAME, LEFT, PLACE, Event

MOST_COUNTED = 1000
"""Maximum number of events counted for one answer; beyond it, the answer says that there are more."""
WALKS = (CAME, LEFT)
_SIDES = (*WALKS, PLACE)
_ORDER = ("at", "agent", "seq")
"""The same order as the indices, so that nothing needs to be sorted."""


@dataclass(frozen=True)
class Span:
    """A span of time, without its end."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class Crossing:
    """Somebody's passage through a room. `came` is None if they were there when the span began, `left` if no departure
    is on record.
    """

    actor: str
    came: Event | None = None
    left: Event | None = None


def _of(log: EventLog, room: str, side: Any, known: Q, span: Span | None = None) -> QuerySet[Event]:
    log.unit.flush()
    found = Event.objects.annotate(place=side).filter(
        known, Q(topic__startswith="agent.") | Q(topic__startswith="person.") | Q(topic__startswith="note."), place=room
    )
    return found.filter(at__gte=span.since, at__lt=span.until) if span else found


def _count(found: QuerySet[Event]) -> int:
    return found.order_by()[:MOST_COUNTED].count()


def crossings(log: EventLog, room: str, span: Span, known: Q, most: int) -> tuple[list[Crossing], int]:
    """The newest `most` passages through a room that began in the span, oldest first, and the number of earlier ones
    (counted up to MOST_COUNTED). `known` restricts them to what may be shown.
    """
    came = _of(log, room, CAME, known, span)
    newest = list(came.order_by(*(f"-{column}" for column in _ORDER))[:most])[::-1]
    earlier = _count(came) - most if len(newest) == most else 0
    since = newest[0].at if earlier else span.since
    left = _of(log, room, LEFT, known).filter(at__gte=since).order_by(*_ORDER)[: 2 * most]
    return _paired(newest, left, None if earlier else span.until), earlier


def _paired(came: Iterable[Event], left: Iterable[Event], until: datetime | None) -> list[Crossing]:
    """Each arrival with the departure that followed it; departures before `until` without an arrival stand alone."""
    found: list[Crossing] = []
    inside: dict[str, int] = {}
    for event, comes in sorted([*((e, True) for e in came), *((e, False) for e in left)], key=lambda pair: pair[0].seq):
        if comes:
            inside[event.actor] = len(found)
            found.append(Crossing(event.actor, came=event))
        elif event.actor in inside:
            at = inside.pop(event.actor)
            found[at] = replace(found[at], left=event)
        elif until is not None and event.at < until and not any(one.actor == event.actor for one in found):
            found.append(Crossing(event.actor, left=event))
    return found


def scene(log: EventLog, room: str, span: Span, known: Q, most: int) -> list[Event]:
    """The first `most` things that were seen in the room within the span, in order."""
    seen = [e for side in _SIDES for e in _of(log, room, side, known, span).order_by(*_ORDER)[:most]]
    return sorted(seen, key=lambda event: (event.at, event.seq))[:most]


def size(log: EventLog, room: str, span: Span, known: Q) -> int:
    """Their total number, counted up to MOST_COUNTED."""
    return min(sum(_count(_of(log, room, side, known, span)) for side in _SIDES), MOST_COUNTED)


def nearest(
    log: EventLog, room: str, span: Span, known: Q, sides: Iterable[Any] = _SIDES
) -> tuple[Event | None, Event | None]:
    """What was last seen in the room before the span, and first after it."""
    before: list[Event] = []
    after: list[Event] = []
    for side in sides:
        found = _of(log, room, side, known)
        before += found.filter(at__lt=span.since).order_by(*(F(column).desc() for column in _ORDER))[:1]
        after += found.filter(at__gte=span.until).order_by(*_ORDER)[:1]
    return max(before, key=lambda e: e.at, default=None), min(after, key=lambda e: e.at, default=None)
