"""What was said aloud in each room within the last hour, so that nobody repeats what another has just said there.

Owns that memory. It is bounded, and read from the log when it is first needed. Refuses to silence anybody: an agent
that speaks for itself asks first, one that reports on a task does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from agents.events.log import EventLog
from agents.events.models import Event
from agents.kernel.clock import Clock
from agents.mind.lately import Lately, lately, mark

HOUR = timedelta(hours=1)
MOST = 512
"""So many sentences are kept in mind, of the whole house."""


class Aloud:
    """The sentences that agents said in rooms."""

    def __init__(self, events: EventLog, clock: Clock) -> None:
        self._events, self._clock = events, clock
        self._row: Lately | None = None

    def said(self, room: str, text: str) -> bool:
        """Whether somebody said this there within the hour."""
        since = self._clock.now() - HOUR
        if self._row is None:
            self._row = lately(MOST, self._read(since))
        return mark(f"{room} {text}") in self._row.since(since)

    def heard(self, room: str, text: str, at: datetime) -> None:
        """Somebody said this there."""
        if self._row is not None:
            self._row.add(at, mark(f"{room} {text}"))

    def forget(self) -> None:
        """What was heard last may not be on record: read it again."""
        self._row = None

    def _read(self, since: datetime) -> Iterator[tuple[datetime, str]]:
        first = self._events.first_at(since)
        found = Event.objects.filter(seq__gte=first, topic__startswith="agent.", topic__endswith=".say")
        for event in reversed(found.order_by("-seq")[:MOST]):
            yield event.at, f"{event.data['room']} {event.data['text']}"
