"""When the log is anchored, and what it is compared with at each start.

Owns the queries for what `anchors` compares, and the schedule: at start and stop, once a day, and some seconds
after important decisions, several together. Except at the end, git runs outside the thread that holds the tables.
Refuses to anchor a log that does not match its anchors: the findings remain until the owner accepts them.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred, ensureDeferred

from agents.events import anchors, declared
from agents.events.anchors import Anchor, Log, Recorded, Store
from agents.events.durable import durable
from agents.events.log import CHECKPOINT, WORLD, EventLog
from agents.events.models import Event
from agents.events.settings import EventsSettings
from agents.kernel.errors import TimmyError, Unavailable
from agents.kernel.text import clean

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from typing import Any

    from agents.events.bus import Bus
    from agents.kernel.runtime import Runtime
    from agents.kernel.settings import Settings

ANCHORED = "log.anchored"
TOGETHER_SECONDS, DAILY_SECONDS, AGAIN_SECONDS = 5.0, 86_400.0, 300.0
"""How long a decision waits for others, how old the newest anchor may be, and when a failed attempt is repeated."""
_CHUNK = 500
_log = logging.getLogger("timmy.anchors")


def folder(settings: Settings) -> Path:
    """The folder of this world's anchors."""
    return settings.state_dir / "anchors"


@dataclass(frozen=True)
class Compared:
    """The result of comparing the log with its anchors: the anchors, and what is wrong, in words."""

    line: tuple[Anchor, ...]
    wrong: tuple[str, ...]


def compare(store: Store) -> Compared:
    """Compare the log with all valid anchors. Fast: it reads the log only at its anchors, and counts it."""
    try:
        line = store.read()
    except TimmyError as error:
        return Compared((), (f"the anchors cannot be read: {error.message}",))
    force = anchors.in_force(line)
    digests: dict[int, str] = {}
    for first in range(0, len(force), _CHUNK):
        wanted = [one.seq for one in force[first : first + _CHUNK]]
        digests |= dict(Event.objects.filter(seq__in=wanted).values_list("seq", "digest"))
    recorded = [Recorded(data.get("number", 0), seq, data.get("before", "")) for seq, data in _of(ANCHORED)]
    last, count = _last(), Event.objects.filter(seq__lte=force[-1].seq).count() if force else 0
    log = Log(last, count, digests, recorded, [seq for seq, _ in _of(CHECKPOINT)])
    return Compared(tuple(line), tuple(anchors.differences(line, log)))


def _of(topic: str) -> list[tuple[int, dict[str, Any]]]:
    return list(Event.objects.filter(topic=topic).order_by("seq").values_list("seq", "data"))


def _last() -> int:
    return Event.objects.order_by("-seq").values_list("seq", flat=True).first() or 0


class Anchoring:
    """The anchors of a running world. Everything is called by the thread that may touch tables."""

    def __init__(self, runtime: Runtime, events: EventLog, bus: Bus, offload: Callable[..., Awaitable[Any]]) -> None:
        """Reads nothing before `begin`."""
        self._runtime, self._events, self._bus, self._offload = runtime, events, bus, offload
        self._store = Store(folder(runtime.settings))
        self._line: list[Anchor] = []
        self._counted: tuple[int, int] | None = None
        self._due: float | None = None
        self._away_due: float | None = None
        self._busy = False
        self._undo: list[Callable[[], None]] = []
        self.wrong: tuple[str, ...] = ()
        """In what ways the log was not the anchored one when this world started."""
        self.failing = self.away = ""
        """Why the last anchor, or its copy to the other place, could not be made; '' if it could."""

    @property
    def troubles(self) -> list[str]:
        """What the owner needs to know, in words."""
        place = clean(self._runtime.settings.of(EventsSettings).anchor_copy)
        return [
            *self.wrong,
            *([f"the log cannot be anchored: {self.failing}"] if self.failing else []),
            *([f"the anchors do not reach {place}: {self.away}"] if self.away else []),
        ]

    def begin(self) -> None:
        """Compare before this start writes anything, and subscribe to decisions."""
        found = compare(self._store)
        self._line, self.wrong = list(found.line), found.wrong
        for one in found.wrong:
            _log.error("the record is not what was anchored: %s", one)
        weighty = [topic.pattern for topic in declared.found().values() if topic.weighty]
        self._undo = [self._bus.subscribe(pattern, self._decided) for pattern in weighty]
        self._due = self._runtime.clock.monotonic()

    def _decided(self, event: Event) -> None:
        soon = self._runtime.clock.monotonic() + (0.0 if event.topic == CHECKPOINT else TOGETHER_SECONDS)
        self._due = soon if self._due is None else min(self._due, soon)

    def beat(self) -> None:
        """Anchor if it is time, and retry a failed copy to the other place. Call it once a second."""
        now = self._runtime.clock.monotonic()
        if self._busy:
            return
        if self._due is not None and now >= self._due and not self.wrong:
            self._start(self._next())
        elif self._away_due is not None and now >= self._away_due:
            self._start(None)

    def stop(self) -> None:
        """Make a last anchor here and now, and unsubscribe."""
        for undo in self._undo:
            undo()
        if self._undo and not self._busy and not self.wrong:
            try:
                self._write(self._next())
            except (TimmyError, OSError) as error:
                _log.error("the log could not be anchored at the end: %s", error)
        self._undo = []

    def accept(self, actor: str, via: str, code: str, wrong: Sequence[str]) -> Anchor:
        """The owner accepts the log as it is: it is anchored again, and no longer compared with earlier anchors.
        Raises Unavailable.
        """
        if self._busy:
            raise Unavailable("An anchor is being made right now.", next="timmy audit verify")
        with durable():
            self._events.append("log.accepted", actor, via=via, data={"code": code, "wrong": list(wrong)})
        try:
            self._line = self._store.read()
        except TimmyError:  # it cannot be continued, so it is kept beside the new one
            now = self._runtime.clock.now()
            kept = folder(self._runtime.settings)
            kept.rename(kept.with_name(f"{kept.name}-{now:%Y%m%d-%H%M%S}"))
            self._line = []
        self._counted = None
        anchor = self._write(self._next(accepted=True))
        self.wrong = ()
        return anchor

    # -- internals -------------------------------------------------------------------------------------
    def _next(self, accepted: bool = False) -> Anchor:
        """Write the event about the next anchor to disk, and prepare the anchor itself, which nobody has seen yet."""
        self._due = None
        known = max((data.get("number", 0) for _, data in _of(ANCHORED)), default=0) if accepted else 0
        last = self._line[-1] if self._line else None
        number = max(last.number if last else 0, known) + 1
        with durable():
            event = self._events.append(
                ANCHORED, WORLD, via="system", data={"number": number, "before": last.commit if last else ""}
            )
        at = event.at.astimezone(UTC).isoformat(timespec="seconds")
        since = self._counted
        if since is None or Event.objects.filter(topic=CHECKPOINT, seq__gt=since[0]).exists():
            self._counted = (event.seq, Event.objects.count())
        else:  # rows are removed only before a checkpoint, and numbers have no gaps
            self._counted = (event.seq, since[1] + event.seq - since[0])
        return Anchor(number, event.seq, event.digest, at, self._counted[1], accepted)

    def _write(self, anchor: Anchor) -> Anchor:
        made = replace(anchor, commit=self._store.write(anchor))
        self._line.append(made)
        return made

    def _start(self, anchor: Anchor | None) -> None:
        self._busy = True
        running: Deferred[None] = ensureDeferred(self._make(anchor))
        running.addErrback(lambda failure: _log.error("an anchor failed: %s", failure.getTraceback()))

    async def _make(self, anchor: Anchor | None) -> None:
        clock, place = self._runtime.clock, self._runtime.settings.of(EventsSettings).anchor_copy
        try:
            if anchor is not None:
                try:
                    commit = await self._offload(self._store.write, anchor)
                except (TimmyError, OSError) as error:
                    self._failed(error)
                    return
                self._line.append(replace(anchor, commit=commit))
                self.failing = ""
                later = clock.monotonic() + DAILY_SECONDS
                self._due = later if self._due is None else self._due
            if place:
                await self._bring(place)
        finally:
            self._busy = False

    def _failed(self, error: Exception) -> None:
        self._due = self._runtime.clock.monotonic() + AGAIN_SECONDS
        why = error.message if isinstance(error, TimmyError) else str(error)
        if why != self.failing:
            _log.error("the log could not be anchored: %s", why)
        self.failing = why

    async def _bring(self, place: str) -> None:
        try:
            await self._offload(self._store.push, place)
        except (TimmyError, OSError) as error:
            self._away_due = self._runtime.clock.monotonic() + AGAIN_SECONDS
            why = error.message if isinstance(error, TimmyError) else str(error)
            if why != self.away:
                _log.error("the anchors could not be brought to %s: %s", clean(place), why)
            self.away = why
        else:
            self._away_due, self.away = None, ""
