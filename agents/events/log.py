"""The event log: append, read, verify, export, prune.

Owns the only writes to the event table. An event joins the transaction of the change it reports, so neither exists
without the other, and it is published when that transaction commits. Never changes or removes events about
decisions, tasks and money, and refuses undeclared topics.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TextIO

from django.db import connection
from django.db.models import Model, QuerySet

from agents.events import chain, declared
from agents.events import rows as rows_
from agents.events.bus import Bus, pattern_regex
from agents.events.chain import ChainReport
from agents.events.models import Event
from agents.events.rows import Said
from agents.events.topic import KEPT
from agents.events.unit import Unit, made
from agents.kernel.runtime import Runtime

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

LAID = ".drop"
"""Topics with these endings report that something has become free."""

CHECKPOINT, ROWS = "log.checkpoint", "log.rows"
WORLD = "system:world"
MOST_ROWS = 500
"""Maximum number of rows that one event vouches for."""

LOOK = "look"
"""The interface through which things, rooms and files make requests for whoever looks at them. It is never allowed to
do anything.
"""

_NEWEST = f"SELECT seq, digest FROM {Event._meta.db_table} ORDER BY seq DESC LIMIT 1"  # noqa: S608  (our own name)

logger = logging.getLogger(__name__)


class EventLog:
    """This world's log. One writer at a time (SQLite's IMMEDIATE transactions) keeps the chain linear; in other
    databases the primary key `seq` turns a fork into an error.
    """

    def __init__(self, runtime: Runtime, bus: Bus) -> None:
        """`bus` is notified of each event after its transaction has committed."""
        self._runtime = runtime
        self._bus = bus
        self.unit = Unit(self._witness)
        self._newest: tuple[int, Event, Hash] | None = None
        """The unit in which the last event was written, that event, and its hash without rows."""
        self._open: dict[str, str | None] = {}
        """What was last said about rows that are still growing."""
        self.decisive = 0
        """Counts the events that others may have to act on: those kept for ever, and those about things put down."""
        self._head = (0, 0, chain.GENESIS)
        """Unit, number and digest of the last event, valid as long as that unit excludes other writers."""

    def append(
        self,
        topic: str,
        actor: object,
        *,
        via: str = "",
        agent: str = "",
        task: int | None = None,
        approval: int | None = None,
        step: str = "",
        data: Mapping[str, object] | None = None,
        rows: Said | None = None,
    ) -> Event:
        """Write one event, inside the surrounding transaction if there is one.

        `actor` is an Actor or its written form. Strings in `data` are escaped and redacted. Raises ValueError for
        an undeclared topic or for an action requested by looking, TypeError for data that is not plain.
        """
        if via == LOOK:
            raise ValueError(f"{topic}: nothing is done by looking")
        with self.unit():
            seq, previous = self._last()
            event = made(
                Event,
                seq=seq + 1,
                at=self._runtime.clock.now(),
                topic=declared.check(topic),
                actor=chain.safe(str(actor)),
                via=via,
                agent=agent,
                task=task,
                approval=approval,
                step=step,
                data=chain.safe(data) if data else {},
                rows=rows,
                previous=previous,
            )
            hashed = chain.opened(event.__dict__)
            event.digest = chain.closed(hashed, rows)
            self.unit.add(event)
            self.unit.then(partial(self._bus.publish, event))
            self.decisive += topic.startswith(KEPT) or topic.endswith(LAID)
            self._head = (self.unit.number if self.unit.collects else 0, event.seq, event.digest)
            self._newest = (self.unit.scope, event, hashed)
        return event

    def _witness(self, vouched: Mapping[str, Model | None]) -> None:
        """At the end of a unit, its last event vouches for its rows, or a new event does if none is pending."""
        said: Said = {}
        for name, row in vouched.items():
            value = rows_.digest(row) if row is not None else None
            if row is not None and rows_.is_open(row):
                if self._open.get(name) == value:
                    continue
                self._open[name] = value
            else:
                self._open.pop(name, None)
            said[name] = value
        scope, last, hashed = self._newest or (0, None, None)
        if (
            last is None
            or hashed is None
            or scope != self.unit.scope
            or self._head[:2] != (self.unit.number, last.seq)
            or len(said) > MOST_ROWS
        ):
            self.vouch(said)
        elif said:
            last.rows = {**(last.rows or {}), **said}
            last.digest = chain.closed(hashed, last.rows)
            self._head = (*self._head[:2], last.digest)
            self.unit.change(last, "rows", "digest")

    def vouch(self, said: Said) -> None:
        """Write separate events that vouch for these rows, whoever wrote them."""
        pairs = list(said.items())
        for first in range(0, len(pairs), MOST_ROWS):
            self.append(ROWS, WORLD, via="system", rows=dict(pairs[first : first + MOST_ROWS]))

    def cover(self) -> None:
        """Vouch for everything in tables that this log has not vouched for before."""
        if not (missing := rows_.uncovered()):
            return
        with self.unit():
            for name in missing:
                table = rows_.tables()[name]._default_manager.order_by("pk").iterator(1000)
                self.vouch({rows_.key(row): rows_.digest(row) for row in table})
            self.append("log.covered", WORLD, via="system", data={"tables": missing})

    def _last(self) -> tuple[int, str]:
        """Number and digest of the last event; read again for each unit, and inside a part that may be rolled back."""
        if self._head[0] != self.unit.number or not self.unit.collects:
            with connection.cursor() as cursor:  # queried once in each unit, by hand, in a tenth of the ORM's time
                cursor.execute(_NEWEST)
                self._head = (self.unit.number, *(cursor.fetchone() or (0, chain.GENESIS)))
        return self._head[1:]

    def after(
        self,
        seq: int,
        topics: str = "**",
        *,
        agent: str | None = None,
        task: int | None = None,
        approval: int | None = None,
        limit: int = 1000,
    ) -> list[Event]:
        """The first `limit` matching events after `seq`, oldest first."""
        self.unit.flush()
        return list(_matching(topics, agent, task, approval).filter(seq__gt=seq).order_by("seq")[:limit])

    def last(
        self,
        count: int,
        topics: str = "**",
        *,
        agent: str | None = None,
        task: int | None = None,
        approval: int | None = None,
    ) -> list[Event]:
        """The newest `count` matching events, oldest first."""
        self.unit.flush()
        return list(_matching(topics, agent, task, approval).order_by("-seq")[:count])[::-1]

    def first_at(self, at: datetime) -> int:
        """Number of the first event at or after an instant, or the number that the next event will have. Found by
        bisection, because numbers are indexed and times increase with them, except where the clock was set back:
        there the result may be slightly too early or late.
        """
        self.unit.flush()
        low, high = 1, (Event.objects.order_by("-seq").values_list("seq", flat=True).first() or 0) + 1
        while low < high:
            middle = (low + high) // 2
            found = (
                Event.objects.filter(seq__gte=middle).order_by("seq").values_list("seq", "at").first()
            )  # numbers have gaps
            if found is None or found[1] >= at:
                high = middle
            else:
                low = found[0] + 1
        return low

    def of_steps(self, task: int, steps: Iterable[str]) -> list[Event]:
        """The events under these steps of a task, oldest first."""
        self.unit.flush()
        return list(Event.objects.filter(task=task, step__in=list(steps)).order_by("seq"))

    def verify(self) -> ChainReport:
        """Recompute the whole chain; stops at the first row that does not match."""
        return verify(Event.objects.order_by("seq").iterator(chunk_size=1000))

    def export(self, stream: TextIO, *, after: int = 0) -> int:
        """Write every event after `after` to `stream`, one JSON object on each line; returns their number."""
        count = 0
        for event in Event.objects.filter(seq__gt=after).order_by("seq").iterator(chunk_size=1000):
            stream.write(json.dumps(as_dict(event), ensure_ascii=True) + "\n")
            count += 1
        return count

    def prune(self, before: datetime) -> int:
        """Remove events older than `before`, except those that are kept for ever; returns their number.

        A checkpoint event seals what remains: the digest of the last removed row, and a digest over the digests of
        all rows kept up to it, so that the chain can still be verified.
        """
        with self.unit.part():
            old = Event.objects.filter(at__lt=before).order_by("seq")
            last = old.last()
            doomed = old.exclude(declared.among(lambda topic: topic.kept))
            for prefix in KEPT:
                doomed = doomed.exclude(topic__startswith=prefix)
            if last is None or not doomed.exists():
                return 0
            doomed = doomed.filter(seq__lte=last.seq)
            of = set(doomed.filter(rows__isnull=False).values_list("seq", flat=True))
            self.vouch(
                {name: value for name, (seq, value) in rows_.logged().items() if seq in of and value is not None}
            )
            removed, _ = doomed.delete()
            kept = list(Event.objects.filter(seq__lte=last.seq).order_by("seq").values_list("digest", flat=True))
            self.append(
                CHECKPOINT,
                WORLD,
                via="system",
                data={"upto": last.seq, "head": last.digest, "kept": len(kept), "seal": chain.fingerprint(kept)},
            )
        logger.info("pruned %d events up to %d", removed, last.seq)
        return removed


def as_dict(event: Event) -> dict[str, Any]:
    """The event's columns as plain data, `at` in ISO 8601."""
    return {c: getattr(event, c) for c in chain.COLUMNS} | {"at": event.at.isoformat(), "digest": event.digest}


def verify(events: Iterable[Event]) -> ChainReport:
    """Check `events` (all of them, in order) against their digests and the newest checkpoint."""
    checkpoint = Event.objects.filter(topic=CHECKPOINT).order_by("seq").last()
    sealed: dict[str, Any] = checkpoint.data if checkpoint else {"upto": 0, "head": chain.GENESIS}
    kept: list[str] = []
    head, checked = chain.GENESIS, 0
    crossed = not checkpoint
    for event in events:
        if event.digest != chain.digest({c: getattr(event, c) for c in chain.COLUMNS}):
            return ChainReport(False, checked, event.seq, "its content does not match its digest", head)
        if event.seq <= sealed["upto"]:
            kept.append(event.digest)
        else:
            if not crossed:
                if chain.fingerprint(kept) != sealed["seal"]:
                    why = f"the rows kept before checkpoint {sealed['upto']} are not those it sealed"
                    return ChainReport(False, checked, event.seq, why, head)
                head, crossed = sealed["head"], True
            if event.previous != head:
                return ChainReport(False, checked, event.seq, "a row before it was removed or added", head)
        head = event.digest
        checked += 1
    return ChainReport(True, checked, head=head)


def _matching(topics: str, agent: str | None, task: int | None, approval: int | None) -> QuerySet[Event]:
    found = Event.objects.all()
    if topics != "**":
        found = found.filter(topic__regex=pattern_regex(topics)) if "*" in topics else found.filter(topic=topics)
    if agent is not None:
        found = found.filter(agent=agent)
    if task is not None:
        found = found.filter(task=task)
    if approval is not None:
        found = found.filter(approval=approval)
    return found
