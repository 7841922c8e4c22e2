"""What an agent did within a stretch of time, as one story: events, messages and questions to models.

Owns the merging of these records by time. Refuses to record anything, and to decide who may read: the caller asks for
the owner only.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from agents.cascade.told import CallTold
from agents.events import declared
from agents.events.log import EventLog
from agents.events.models import Event
from agents.events.seen import Span
from agents.thinking.messages import MessageLog
from agents.thinking.models import Message

type Told = Event | Message | CallTold


@dataclass(frozen=True)
class Records:
    """Where the story of one agent is read. `calls`: what the model service told of the stretch."""

    events: EventLog
    messages: MessageLog
    slug: str
    span: Span
    calls: tuple[CallTold, ...] = ()

    def first(self, most: int) -> list[Told]:
        """The first `most` of them, the oldest first."""
        order = count()
        found: list[Told] = [
            *self._events(most),
            *self.messages.within(self.slug, self.span.since, self.span.until, most),
            *self.calls,
        ]
        return [told for _, _, told in sorted((one.at, next(order), one) for one in found)][:most]

    def _events(self, most: int) -> list[Event]:
        begin = self.events.first_at(self.span.since)
        mine = Event.objects.filter(agent=self.slug, seq__gte=begin, at__gte=self.span.since, at__lt=self.span.until)
        return list(mine.exclude(declared.among(lambda topic: topic.twice)).order_by("seq")[:most])

    def last_before(self) -> Event | None:
        """The last thing on record before the stretch."""
        begin = self.events.first_at(self.span.since)
        return Event.objects.filter(agent=self.slug, seq__lt=begin).order_by("-seq").first()
