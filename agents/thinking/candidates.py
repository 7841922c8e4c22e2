"""What one agent might think about now, read from the records.

Owns the reading, which is cheap: a few indexed rows. Refuses to weigh the candidates: `seeds` does.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from agents.events.models import Event
from agents.house.values import Candidate, Kind
from agents.thinking.account import DID, OPEN_STATES
from agents.thinking.ports import Ground
from agents.thinking.rules import SCRIPTURE
from agents.thinking.seeds import Past
from agents.work.models import Task

KEPT = 32
"""So many events of others are kept in mind, of the whole house."""
MOST = 5
"""So many tasks of one's own, events and companions are considered at a time."""
_OPEN: Mapping[str, tuple[Kind, float]] = {
    "RUNNING": ("creative", 0.6),
    "APPROVED": ("creative", 0.4),
    "PAUSED": ("memory", 0.9),
    "FAILED": ("memory", 0.9),
}
"""The kind of seed that a task of one's own is, and how unfinished, by its state."""
Open = tuple[int, str, datetime]
LEFT = 0.8
"""How unfinished a plan is that was left."""


class Happenings:
    """The newest events of tasks, of the whole house."""

    def __init__(self) -> None:
        self._newest: deque[Event] = deque(maxlen=KEPT)
        self._open: dict[str, list[Open]] | None = None

    def read(self) -> None:
        """Read them from the tables."""
        found = [event for topic in DID for event in Event.objects.filter(topic=topic).order_by("-seq")[:KEPT]]
        self._newest = deque(sorted(found, key=lambda event: event.seq)[-KEPT:], KEPT)
        self._open = None

    def heard(self, event: Event) -> None:
        """Note one as it happens."""
        if "set" in event.data:  # its row was changed
            self._open = None
        if event.topic in DID:
            self._newest.append(event)

    def open(self, slug: str) -> list[Open]:
        """Number, state and last change of the tasks that are given to an agent and not done; all are read at once,
        when one of them has changed.
        """
        if self._open is None:
            self._open = {}
            rows = Task.objects.filter(status__in=OPEN_STATES).exclude(assignee="").order_by("id")
            for assignee, number, status, at in rows.values_list("assignee", "id", "status", "updated_at"):
                self._open.setdefault(assignee, []).append((number, status, at))
        return self._open.get(slug, [])

    def of_others(self, slug: str) -> Iterator[Event]:
        """What others did, the newest first."""
        return islice((event for event in reversed(self._newest) if event.actor != f"agent:{slug}"), MOST)


def candidates(ground: Ground, slug: str, happenings: Happenings, recent: Sequence[Past]) -> list[Candidate]:
    """Everything it might think about; there is always something."""
    return [
        *_existential(ground, slug, recent),
        *_swarm(ground, slug, happenings),
        *_memory(ground, slug, happenings, recent),
        *_here(ground, slug),
    ]


def _existential(ground: Ground, slug: str, recent: Sequence[Past]) -> Iterator[Candidate]:
    yield Candidate("existential", "self")
    if ground.known.who(slug).errands:
        yield Candidate("existential", "errand")
    for aim in ground.known.aims(slug):
        yield Candidate("existential", f"aim:{aim.name}", 0.5 * (1 - aim.done / aim.of))
    turn = zlib.crc32(recent[0].id.encode()) if recent else 0
    yield Candidate("scripture", f"rule:{turn % len(SCRIPTURE)}")


def _swarm(ground: Ground, slug: str, happenings: Happenings) -> Iterator[Candidate]:
    for event in happenings.of_others(slug):
        yield Candidate("swarm", f"event:{event.seq}", at=event.at)
    beside = ground.core.world.agents(ground.known.where(slug))
    present = [one for one in beside if one != slug and one in ground.core.roster]
    for other in present[:MOST]:
        yield Candidate("swarm", f"agent:{other}")


def _memory(ground: Ground, slug: str, happenings: Happenings, recent: Sequence[Past]) -> Iterator[Candidate]:
    for number, status, at in happenings.open(slug)[:MOST]:
        kind, unfinished = _OPEN[status]
        yield Candidate(kind, f"task:{number}", unfinished, at)
    if last := ground.known.latest(slug):
        yield Candidate("memory", "deed", at=last.finished_at)
    yield Candidate("memory", "journal")
    if left := ground.known.left(slug):
        yield Candidate("memory", "plan", LEFT, left.at)
    if len(recent) > MOST:
        yield Candidate("memory", f"thought:{recent[MOST].id}")


def _here(ground: Ground, slug: str) -> Iterator[Candidate]:
    if room := ground.known.where(slug):
        yield Candidate("creative", f"room:{room}")
    yield Candidate("creative", "machine")
    yield Candidate("freeform", "board")
    yield Candidate("freeform", "waits")
    yield Candidate("freeform", "doing")
