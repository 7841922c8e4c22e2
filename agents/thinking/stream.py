"""The stream of thoughts of each agent in its table: what was thought, what waits, and the writing of both.

Owns the table. Refuses to think and to choose; holds in memory only what the table would tell again: the last
thoughts of each agent, and how many it has.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Count

from agents.events import rows
from agents.events.unit import made
from agents.kernel.errors import BadInput, Conflict, NotFound
from agents.kernel.text import clean, shorten
from agents.thinking.models import Thought
from agents.thinking.rules import ASKED, DROPPED, QUEUED, THOUGHT
from agents.thinking.seeds import Past, Seed

if TYPE_CHECKING:
    from agents.events.log import EventLog
    from agents.governance.rules import Actor
    from agents.kernel.runtime import Runtime

RECENT = 8
"""Thoughts that bear on the next one."""
LONGEST_GIVEN, MOST_QUEUED = 500, 20
"""Characters of what somebody gives to be thought, and so many such thoughts wait for one agent at most."""
TOLD = 300
"""Characters of a thought in its event; the whole is in the table."""
HOUR = timedelta(hours=1)


@dataclass
class _Memory:
    """Tuples: there is one of these for each agent, and they change once in minutes."""

    recent: tuple[Past, ...]
    count: int
    asked: tuple[datetime, ...] | None = None


class Stream:
    """The thoughts of one house."""

    def __init__(self, runtime: Runtime, events: EventLog) -> None:
        self._runtime, self._events = runtime, events
        self._memory: dict[str, _Memory] = {}
        self._waiting: Counter[str] = Counter()

    def read(self) -> None:
        """Discard the cache, and read again who has thoughts waiting."""
        self._memory.clear()
        rows = Thought.objects.filter(state=QUEUED).order_by("agent").values_list("agent").annotate(Count("id"))
        self._waiting = Counter({str(slug): int(count) for slug, count in rows})

    # -- reading -------------------------------------------------------------------------------------
    @property
    def waiting(self) -> Counter[str]:
        """How many thoughts wait, by agent."""
        return self._waiting

    def recent(self, slug: str) -> tuple[Past, ...]:
        """The agent's last thoughts, the newest first."""
        return self._held(slug).recent

    def asked(self, slug: str) -> int:
        """How often a model was asked for a thought of this agent's within the last hour."""
        held, since = self._held(slug), self._runtime.clock.now() - HOUR
        if held.asked is None:
            rows = (
                Thought.objects.filter(agent=slug, asked_at__gt=since)
                .order_by("asked_at")
                .values_list("asked_at", flat=True)
            )
            held.asked = tuple(at for at in rows if at is not None)
        elif held.asked and held.asked[0] <= since:
            held.asked = tuple(at for at in held.asked if at > since)
        return len(held.asked)

    def page(self, slug: str, page: int, size: int) -> tuple[list[Thought], int]:
        """A page of what was thought, the newest first, and how many there are in all."""
        self._events.unit.flush()
        found = Thought.objects.filter(agent=slug, state=THOUGHT).order_by("-at", "-id")
        return list(found[(page - 1) * size : page * size]), found.count()

    def queue(self, slug: str) -> list[Thought]:
        """What waits to be thought, in order."""
        self._events.unit.flush()
        return list(Thought.objects.filter(agent=slug, state=QUEUED).order_by("position", "id"))

    def get(self, text: str) -> Thought:
        """The thought whose id is `text`, or ends with it. Raises NotFound, or BadInput where several do."""
        self._events.unit.flush()
        wanted = text.strip().upper()
        found = (
            list(Thought.objects.filter(id__endswith=wanted)[:2])
            if len(wanted) >= 4 and wanted.isalnum() and wanted.isascii()
            else []
        )
        if not found:
            raise NotFound(
                f"There is no thought {clean(shorten(text, 40), keep_lines=False)!r} on record.", next="thoughts"
            )
        if len(found) > 1:
            raise BadInput(f"Several thoughts end with {wanted}; give more of its letters.", next="thoughts")
        return found[0]

    def chain(self, thought: Thought, most: int) -> list[Thought]:
        """The thoughts before this one, each the parent of the one after it, the nearest first."""
        found: list[Thought] = []
        parent = thought.parent
        while parent and len(found) < most and (before := Thought.objects.filter(id=parent).first()) is not None:
            found.append(before)
            parent = before.parent
        return found

    def stray(self) -> list[Thought]:
        """Thoughts that a model was asked for and that have not ended."""
        return list(Thought.objects.filter(state=ASKED).order_by("id"))

    # -- writing ---------------------------------------------------------------------------------------
    def begin(self, slug: str, seed: Seed) -> Thought:
        """A thought from a seed of its own, not yet written."""
        return made(
            Thought,
            id=self._runtime.new_id(),
            agent=slug,
            at=self._runtime.clock.now(),
            parent="",
            kind=seed.kind,
            subject=seed.subject,
            terms=dict(seed.terms),
            text="",
            source="",
            records=[],
            injected_by="",
            state=QUEUED,
            position=0,
            asked_at=None,
            note="",
        )

    def take(self, slug: str) -> Thought | None:
        """The first thought that waits."""
        return next(iter(self.queue(slug)), None) if self._waiting[slug] else None

    def ask(self, thought: Thought) -> None:
        """Record that a model is asked for it."""
        self.asked(thought.agent)
        self._leave_queue(thought)
        thought.state, thought.asked_at = ASKED, self._runtime.clock.now()
        self._write(thought)
        held = self._held(thought.agent)
        if held.asked is not None:
            held.asked = (*held.asked, thought.asked_at)

    def end(
        self, thought: Thought, text: str, source: str, records: list[list[object]], note: str, room: str, kept: int
    ) -> None:
        """Record what was thought, also as an event; the oldest are deleted when there are more than `kept`."""
        held = self._held(thought.agent)
        self._leave_queue(thought)
        thought.state, thought.at, thought.parent = (
            THOUGHT,
            self._runtime.clock.now(),
            held.recent[0].id if held.recent else "",
        )
        thought.text, thought.source, thought.records, thought.note = text, source, records, shorten(note, 300)
        self._write(thought)
        slug = thought.agent
        data = {
            "thought": thought.id,
            "kind": thought.kind,
            "source": source,
            "text": shorten(text, TOLD),
            "room": room,
        }
        self._events.append(
            f"agent.{slug}.thought",
            f"agent:{slug}",
            via="mind",
            agent=slug,
            data=data | ({"reason": thought.note} if note else {}),
        )
        held.recent = (
            Past(thought.id, thought.kind, thought.subject, thought.at, bool(thought.injected_by)),
            *held.recent[: RECENT - 1],
        )
        held.count += 1
        if held.count > kept + kept // 10:
            self._forget(slug, kept)

    def drop(self, thought: Thought, why: str) -> None:
        """Record that it was dropped."""
        slug = thought.agent
        self._leave_queue(thought)
        thought.state, thought.note = DROPPED, shorten(why, 300)
        self._write(thought)
        self._events.append(
            f"agent.{slug}.thought.dropped",
            f"agent:{slug}",
            via="mind",
            agent=slug,
            data={"thought": thought.id, "reason": thought.note},
        )

    def inject(self, slug: str, text: str, actor: Actor, via: str) -> Thought:
        """Put somebody's words before all else that waits. Raises BadInput for none or too many words, Conflict when
        the queue is full.
        """
        words = " ".join(clean(text, keep_lines=False).split())
        if not words:
            raise BadInput("There are no words to think about.", next=f"inject {slug} = what makes a good door")
        if len(words) > LONGEST_GIVEN:
            raise BadInput(f"That has {len(words)} characters; a thought that is given has at most {LONGEST_GIVEN}.")
        waiting = self.queue(slug)
        if len(waiting) >= MOST_QUEUED:
            raise Conflict(
                f"{len(waiting)} thoughts wait already; some have to be thought first.", next=f"thoughts {slug}"
            )
        with self._events.unit():
            thought = self._events.unit.add(
                made(
                    Thought,
                    id=self._runtime.new_id(),
                    agent=slug,
                    at=self._runtime.clock.now(),
                    parent="",
                    kind="freeform",
                    subject=words,
                    terms={},
                    text="",
                    source="",
                    records=[],
                    injected_by=str(actor),
                    state=QUEUED,
                    position=min((one.position for one in waiting), default=1) - 1,
                    asked_at=None,
                    note="",
                )
            )
            self._events.unit.vouch(thought)
            self._events.append(
                f"agent.{slug}.given",
                actor,
                via=via,
                agent=slug,
                data={"thought": thought.id, "text": shorten(words, TOLD)},
            )
            self._events.unit.flush()
        self._waiting[slug] += 1
        return thought

    def reorder(self, slug: str, number: int, place: int, actor: Actor, via: str) -> list[Thought]:
        """Move the one that waits as `number` to another place, both counted from 1; returns the queue as it is now.

        Raises BadInput where there is no such place.
        """
        queue = self.queue(slug)
        for asked in (number, place):
            if not 1 <= asked <= len(queue):
                raise BadInput(
                    f"There is no place {asked} in the queue of {slug}, in which {len(queue)} wait.",
                    next=f"thoughts {slug}",
                )
        queue.insert(place - 1, queue.pop(number - 1))
        with self._events.unit():
            for position, thought in enumerate(queue, 1):
                thought.position = position
                self._events.unit.change(thought, "position")
            self._events.append(
                f"agent.{slug}.reordered",
                actor,
                via=via,
                agent=slug,
                data={"thought": queue[place - 1].id, "from_place": number, "to_place": place},
            )
        return queue

    def _write(self, thought: Thought) -> None:
        if thought._state.adding:
            self._events.unit.add(thought)
        else:
            self._events.unit.change(thought, "state", "at", "parent", "text", "source", "records", "asked_at", "note")
        self._events.unit.vouch(thought)

    def _leave_queue(self, thought: Thought) -> None:
        if thought.state == QUEUED and not thought._state.adding:
            self._waiting[thought.agent] -= 1

    def _held(self, slug: str) -> _Memory:
        held = self._memory.get(slug)
        if held is None:
            self._events.unit.flush()
            mine = Thought.objects.filter(agent=slug, state=THOUGHT)
            rows = mine.order_by("-at", "-id").values_list("id", "kind", "subject", "at", "injected_by")[:RECENT]
            held = self._memory[slug] = _Memory(
                tuple(Past(id, kind, of, at, bool(given)) for id, kind, of, at, given in rows), mine.count()
            )
        return held

    def _forget(self, slug: str, kept: int) -> None:
        """Delete the oldest, and all dropped thoughts before them."""
        self._events.unit.flush()
        mine = Thought.objects.filter(agent=slug)
        oldest = mine.filter(state=THOUGHT).order_by("-at", "-id").values_list("at", flat=True)[kept - 1 : kept]
        for at in oldest:
            old = mine.filter(state__in=(THOUGHT, DROPPED), at__lt=at)
            with self._events.unit():
                self._events.unit.let_go(map(rows.key, old))
                old.delete()
        self._held(slug).count = mine.filter(state=THOUGHT).count()
