"""Marks of use as a part of the house: which marks a room bears now.

Owns the newest instants of what left marks in each room that somebody looked at: read from the record once, then heard
from the bus. Refuses to write anything: a mark is read from the record, and goes when the record does not bear it out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from agents.events.models import Event
from agents.house.core import Core
from agents.house.part import Part
from agents.marks.rules import Mark, holds
from agents.marks.sources import SOURCES, Source
from agents.marks.table import MARKS
from agents.thinking.forms.wording import span

MOST = {name: max((mark.least for mark in MARKS if mark.source == name), default=1) for name in SOURCES}
"""So many instants are kept of each source and room."""


class Marks(Part):
    """Those of one house."""

    name = "marks"

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._happened: dict[str, dict[str, deque[datetime]]] = {name: {} for name in SOURCES}
        """By source and room."""
        self._since: datetime | None = None
        self._unsubscribe: list[Callable[[], None]] = []

    def start(self) -> None:
        """Hear of what leaves marks."""
        for name, source in SOURCES.items():
            hear = partial(self._heard, self._happened[name], source)
            self._unsubscribe += [self.core.bus.subscribe(topic, hear) for topic in source.topics]

    def stop(self) -> None:
        """Hear no more."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    def restore(self, kept: None) -> None:
        """The tables are others now."""
        self._since = None
        for rooms in self._happened.values():
            rooms.clear()

    def _heard(self, rooms: dict[str, deque[datetime]], source: Source, event: Event) -> None:
        """Take down when it happened, where somebody has looked before."""
        room = source.room(event, self.core.runtime.zone) if rooms else None
        if room is None:
            return
        for shown, happened in rooms.items():
            if room in ("", shown):
                happened.append(event.at)

    def _newest(self, name: str, room: str) -> deque[datetime]:
        rooms = self._happened[name]
        if room not in rooms:
            self.core.events.unit.flush()
            runtime = self.core.runtime
            found = SOURCES[name].find(room, MOST[name], runtime.clock.now(), runtime.zone)
            rooms[room] = deque(found, MOST[name])
        return rooms[room]

    @property
    def since(self) -> datetime:
        """When the record begins."""
        if self._since is None:
            first = Event.objects.order_by("seq").values_list("at", flat=True).first()
            if first is None:
                return self.core.runtime.clock.now()
            self._since = first
        return self._since

    def of(self, room: str, under_roof: bool) -> Iterator[Mark]:
        """The marks that the room bears now, in the order of the table."""
        now = self.core.runtime.clock.now()
        for mark in MARKS:
            if not mark.fits(room, under_roof):
                continue
            if not holds(mark, self._newest(mark.source, room), now, self.since):
                continue
            if mark.beyond is None or not self.core.world.agents(room):  # where somebody stands, nothing stands empty
                yield mark

    def told(self, mark: Mark, room: str) -> str:
        """What the record says of a mark."""
        happened = self._newest(mark.source, room)
        now = self.core.runtime.clock.now()
        figures = {
            "least": str(mark.least),
            "within": span(mark.within.total_seconds()) if mark.within else "",
            "beyond": span(mark.beyond.total_seconds()) if mark.beyond else "",
            "ago": span((now - happened[-1]).total_seconds()) if happened else "",
        }
        return mark.told.format(**figures)


PARTS = (Marks,)
