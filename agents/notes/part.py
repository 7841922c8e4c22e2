"""Notes as a part of the house: agents read what is pinned where they come, answer, and pin notes of their own.

Owns what each agent has read, and what it owes: an answer, or a note on a task that did not go well. An answer is
composed from records alone, for anybody to read. Refuses to do what a note says, to answer an agent's note, to answer
one twice, and to do more than one thing a slot.

    a walk is done ─▶ pending ─▶ read ─▶ answered, where there is something true to say
    a task did not go well ─▶ owed ─▶ a wish to be in the Workshop ─▶ pinned there
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents.events.models import Event
from agents.goap.model import Goal, fact
from agents.governance.rules import Actor
from agents.house.core import Core
from agents.house.house import House
from agents.house.part import NEVER, Part
from agents.house.values import Candidate, Sentence, Wish
from agents.kernel.errors import StepFailed, TimmyError, unwritable
from agents.kernel.text import shorten
from agents.mind.goals import own
from agents.mind.mind import Mind
from agents.mind.minds import Minds
from agents.notes import rules
from agents.notes.models import Note
from agents.notes.service import Notes, called
from agents.thinking import reflex
from agents.thinking.forms.wording import placed, span
from agents.thinking.ports import Ground, Handbook, Known
from agents.thinking.talk import actor
from agents.work.models import Step
from agents.work.reports import ANYBODY

WORKSHOP = "workshop"
"""Key of the room where notes on tasks are pinned."""
UNWELL = "Task {n} is over, and not all went well. Whoever goes on with it should read task {n} first."
MOST_PENDING = 32
READ_BACK = 64
"""So many of an agent's readings are looked at when the house starts anew."""
PIN_WEIGHT = 8.0
TOLD = 3
"""So many notes an agent tells of at once."""
MOST_SAID = 2
"""Sentences of an answer."""
_SUBJECT = "notes:"
_log = logging.getLogger("timmy.notes")


@dataclass(frozen=True)
class NotesKept:
    """The newest note that each agent has read in each room, who has just come where, and who owes a note on what."""

    read: dict[str, dict[str, int]]
    pending: list[tuple[str, str]]
    owed: dict[str, int]


class NotesPart(Part):
    """The notes of one house. One thread calls everything."""

    name = "notes"
    after = ("mind", "society")
    Kept = NotesKept

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self.notes = Notes(core)
        self._read: dict[str, dict[str, int]] = {}
        self._pending: deque[tuple[str, str]] = deque(maxlen=MOST_PENDING)
        self._owed: dict[str, int] = {}
        self._unsubscribe: list[Callable[[], None]] = []

    # -- beginning and end -----------------------------------------------------------------------
    def offers(self) -> Mapping[type[Any], object]:
        """The notes."""
        return {Notes: self.notes}

    def wire(self, house: House) -> None:
        """Learn who tells of the minds, and what answers are made of."""
        self._minds, self._known = house.need(Minds), house.need(Known)
        self._ground = Ground(self.core, self._known, house.seeds, house.recalls, house.find(Handbook))

    def start(self) -> None:
        """Hear of steps, and of what becomes of tasks."""
        self._minds.witnesses.append(self._done)
        heard = {"task.completed": self._ended, "task.failed": self._ended, "roster.removed": self._removed}
        self._unsubscribe = [self.core.bus.subscribe(topic, hear) for topic, hear in heard.items()]

    def stop(self) -> None:
        """Hear no more."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    # -- keeping ---------------------------------------------------------------------------------
    def snapshot(self) -> NotesKept:
        """All that was not read from the tables, and what was."""
        read = {slug: dict(rooms) for slug, rooms in self._read.items()}
        return NotesKept(read, list(self._pending), dict(self._owed))

    def restore(self, kept: NotesKept) -> None:
        """Know it again."""
        self.notes.forget()
        self._read = {slug: dict(rooms) for slug, rooms in kept.read.items()}
        self._pending, self._owed = deque(kept.pending, MOST_PENDING), dict(kept.owed)

    # -- what happens ------------------------------------------------------------------------------
    def _done(self, step: Step, room: str) -> None:
        """A step was done; where it was a walk, there may be something to read or to pin."""
        if step.action.startswith("move(") and (
            self._unread(step.agent, room) or (room == WORKSHOP and step.agent in self._owed)
        ):
            self._pending.append((step.agent, room))

    def _ended(self, event: Event) -> None:
        """A task is over. Where it did not go well, whoever had it owes a note."""
        if event.agent in self.core.roster and event.task is not None and event.data.get("well") is False:
            self._owed[event.agent] = event.task
            self._pending.append((event.agent, self._known.where(event.agent)))
            self._minds.scheduler.wake(event.agent)

    def _removed(self, event: Event) -> None:
        self._read.pop(event.agent, None)
        self._owed.pop(event.agent, None)

    def _seen(self, slug: str) -> dict[str, int]:
        """The newest note that an agent has read, by room; what it read before this start is found in the record."""
        held = self._read.get(slug)
        if held is None:
            held = self._read[slug] = {}
            self.core.events.unit.flush()
            for event in Event.objects.filter(topic=f"agent.{slug}.noted").order_by("-seq")[:READ_BACK]:
                held.setdefault(str(event.data["room"]), max(event.data["notes"], default=0))
        return held

    def _unread(self, slug: str, room: str) -> list[Note]:
        standing = self.notes.standing(room)
        if not standing:
            return []
        last = self._seen(slug).get(room, 0)
        return [note for note in standing if note.pk > last and note.author != f"agent:{slug}"]

    # -- turns -------------------------------------------------------------------------------------
    @property
    def next_slot(self) -> float:
        """At once where somebody has come to a room with something to read or to pin."""
        return float("-inf") if self._pending else NEVER

    def slot(self, budget_ms: float) -> None:
        """Let one who has come read what is pinned there, or pin what it owes."""
        slug, room = self._pending.popleft()
        mind = self._minds.get(slug)
        if mind is None or not mind.awake or not mind.up or mind.body.where() != room:
            return
        if room == WORKSHOP and slug in self._owed:
            self._leave(mind, room, UNWELL.format(n=self._owed.pop(slug)))
        if unread := self._unread(slug, room):
            self._reads(mind, room, unread)

    def lose(self) -> None:
        """What was done last is not on record: what was read is found there again."""
        self.notes.forget()
        self._read.clear()
        self._pending.clear()

    def _reads(self, mind: Mind, room: str, unread: list[Note]) -> None:
        """Be seen reading, and answer the newest that asks for it."""
        whose = called(self._known, unread[-1].author)
        text = f"reads the note that {whose} left." if len(unread) == 1 else f"reads the {len(unread)} new notes."
        with self.core.events.unit():
            try:
                mind.body.emote(text)
            except StepFailed:  # it is not let be seen here
                return
            data = {"room": room, "notes": [note.pk for note in unread], "text": text}
            self.core.events.append(f"agent.{mind.slug}.noted", mind.actor, via="mind", agent=mind.slug, data=data)
            self._seen(mind.slug)[room] = unread[-1].pk
        answered = {note.answers for note in self.notes.standing(room) if note.author.startswith("agent:")}
        others = [persona.name for slug, persona in self.core.roster.items() if slug != mind.slug]
        for note in reversed(unread):
            asked = not note.author.startswith("agent:") and note.pk not in answered
            if asked and rules.asks(note.text, mind.persona.name, others):
                if said := self._answer(mind.slug, note):
                    self._leave(mind, room, said, note.pk)
                return

    def _answer(self, slug: str, note: Note) -> str:
        """What an agent can truly say to a note, to anybody who reads it; '' where that is nothing."""
        said = reflex.answer(self._ground, slug, actor(note.author), note.text, ANYBODY)
        true = [one.text for one in said.sentences if one.records and not one.records[0].startswith(_SUBJECT)]
        while true and len(" ".join(true[:MOST_SAID])) > rules.LONGEST:
            true.pop()
        return " ".join(true[:MOST_SAID])

    def _leave(self, mind: Mind, room: str, text: str, answers: int | None = None) -> None:
        """Pin a note of the agent's own. One that there is no space for is not pinned."""
        try:
            with self.core.events.unit.part():
                self.notes.leave(mind.actor, room, text, "mind", answers)
                mind.body.emote("pins a note.")
        except TimmyError as error:
            if unwritable(error) is not None:
                raise
            _log.info("%s pinned no note in %s: %s", mind.slug, room, error.message)

    # -- what minds are given ------------------------------------------------------------------------
    def wishes(self, slug: str, now: datetime) -> Iterable[Wish]:
        """To go where it can pin the note that it owes."""
        number = self._owed.get(slug)
        mind = self._minds.get(slug)
        if number is not None and mind is not None and mind.up and mind.task() is None and mind.where() != WORKSHOP:
            goal = Goal(name="leave a note in the Workshop", condition=(fact("at", "me", WORKSHOP),))
            yield own(goal, PIN_WEIGHT, 1.0, f"whoever goes on with task {number} should know how it ended")

    def seeds(self, slug: str) -> Iterable[Candidate]:
        """The newest note that it has read."""
        if (note := next(iter(self._known_to(slug)), None)) is not None:
            yield Candidate("swarm", f"{_SUBJECT}note {note.pk}", at=note.at)

    def recalls(self, slug: str, words: str, asker: Actor) -> Iterable[Sentence]:
        """The notes that it has read, of which the words ask; the newest first."""
        if words.startswith(_SUBJECT):
            found = [note for note in self._known_to(slug) if words == f"{_SUBJECT}note {note.pk}"]
            yield from map(self._told, found)
            return
        known = self._known_to(slug)
        authors = {note.author: called(self._known, note.author) for note in known}
        if not rules.wants_notes(words, authors.values()):
            return
        named = {author for author, name in authors.items() if rules.names(words, name)}
        found = [note for note in known if note.author in named] if named else known
        if rules.for_asker(words):
            mine = {note.pk for note in known if note.author == str(asker)}
            found = [note for note in found if rules.names(note.text, asker.name) or note.answers in mine]
        if not found:
            yield Sentence("I have read no such note.", (f"{_SUBJECT}none",))
        yield from map(self._told, found[:TOLD])

    def _known_to(self, slug: str) -> list[Note]:
        """The notes pinned anywhere that an agent has read, newest first."""
        seen = self._seen(slug)
        found = [note for room, last in seen.items() for note in self.notes.standing(room) if note.pk <= last]
        return sorted(found, key=lambda note: -note.pk)

    def _told(self, note: Note) -> Sentence:
        """What an agent says of a note."""
        ago = span((self.core.runtime.clock.now() - note.at).total_seconds())
        room, who = placed(self._known.room_name(note.room)), called(self._known, note.author)
        text = shorten(note.text, rules.LONGEST).rstrip(".")
        return Sentence(
            f'{who[0].upper()}{who[1:]} left a note in {room} {ago} ago: "{text}".', (f"{_SUBJECT}{note.pk}",)
        )

    def status(self) -> Mapping[str, Any]:
        """How many notes are owed."""
        return {"owed": len(self._owed)}


PARTS = (NotesPart,)
