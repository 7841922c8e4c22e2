"""The table of notes behind one door: pin one, answer one, take one down, read a room's.

Owns the only writes to the table, each with its event in one transaction, and the notes of each room as they stand,
which are read once and kept, because every look asks for them. Refuses to do anything that a note says.
"""

from __future__ import annotations

from agents.governance.allowance import KEEPING
from agents.governance.rules import Actor, may, require
from agents.house.core import Core
from agents.kernel.errors import Conflict, IllegalTransition, NotAllowed, NotFound
from agents.notes import rules
from agents.notes.models import Note
from agents.notes.settings import NotesSettings
from agents.thinking.ports import Known

PAGE = 10
"""Notes of a page."""


class Notes:
    """Those of one world."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._standing: dict[str, tuple[Note, ...]] = {}

    # -- writing ---------------------------------------------------------------------------------
    def leave(self, actor: Actor, room: str, text: str, via: str, answers: int | None = None) -> Note:
        """Pin a note in a room. Raises NotAllowed, BadInput, Conflict where there is no place for it."""
        require(may(actor, "note", room))
        self._core.governance.allowance.take(actor, KEEPING, text)
        words = rules.words(text, guest=actor.kind == "person")
        if any(
            one.author == str(actor) and one.text == words and one.answers == answers for one in self.standing(room)
        ):
            raise Conflict("The same note of yours is pinned here already.", next="notes")
        with self._core.events.unit.part():
            self._make_room(actor, room, via)
            note = Note.objects.create(
                room=room, author=str(actor), text=words, answers=answers, at=self._core.runtime.clock.now()
            )
            data = {"answers": answers} if answers else {}
            self._record(note, "answered" if answers else "left", actor, via, **data)
        return note

    def answer(self, number: int, actor: Actor, text: str, via: str) -> Note:
        """Pin an answer beside a note. Raises NotFound besides."""
        found = self.find(number)
        if found.removed_at is not None:
            raise IllegalTransition(f"Note {number} was taken down, so nobody would find the answer.", next="notes")
        return self.leave(actor, found.room, text, via, answers=number)

    def remove(self, number: int, actor: Actor, via: str) -> Note:
        """Take down a note of one's own; the owner takes down any. Raises NotFound, NotAllowed, IllegalTransition."""
        note = self.find(number)
        require(may(actor, "unpin", note.author))
        if note.removed_at is not None:
            raise IllegalTransition(f"Note {number} was taken down already.", next=f"note restore {number}")
        with self._core.events.unit.part():
            self._take_down(note, actor, via)
        return note

    def restore(self, number: int, actor: Actor, via: str) -> Note:
        """Pin a note again, by whoever took it down or the owner."""
        note = self.find(number)
        if note.removed_at is None:
            raise IllegalTransition(f"Note {number} is pinned.", next="notes")
        if str(actor) != note.removed_by and actor.kind != "owner":
            raise NotAllowed("Only whoever took a note down, or the owner, pins it again.", next="notes")
        require(may(actor, "note", note.room))
        self._core.governance.allowance.take(actor, KEEPING, note.text)
        with self._core.events.unit.part():
            self._make_room(actor, note.room, via)
            note.removed_at, note.removed_by = None, ""
            note.save(update_fields=["removed_at", "removed_by"])
            self._record(note, "restored", actor, via, author=note.author)
        return note

    def _make_room(self, actor: Actor, room: str, via: str) -> None:
        """Raise Conflict where no more notes may be pinned; an agent takes its oldest down instead."""
        settings = self._core.runtime.settings.of(NotesSettings)
        if len(self.standing(room)) >= settings.notes_room:
            raise Conflict(
                f"{settings.notes_room} notes are pinned here, and there is no space for more.", next="notes"
            )
        mine = Note.objects.filter(author=str(actor), removed_at=None).order_by("id")
        if actor.kind == "person" and mine.count() >= settings.notes_guest:
            oldest = mine.values_list("id", flat=True).first()
            raise Conflict(
                f"A guest can have {settings.notes_guest} notes pinned at a time.",
                next=f"note remove {oldest}" if oldest else "help notes",
            )
        if actor.kind == "agent":
            if not settings.notes_agent:
                raise Conflict("Agents pin no notes in this world.", next="help notes")
            for note in list(mine)[: max(mine.count() - settings.notes_agent + 1, 0)]:
                self._take_down(note, actor, via)

    def _take_down(self, note: Note, actor: Actor, via: str) -> None:
        note.removed_at, note.removed_by = self._core.runtime.clock.now(), str(actor)
        note.save(update_fields=["removed_at", "removed_by"])
        self._record(note, "removed", actor, via, author=note.author)

    def _record(self, note: Note, what: str, actor: Actor, via: str, **data: object) -> None:
        self._standing.pop(note.room, None)
        agent = actor.name if actor.kind == "agent" else ""
        told = {"note": note.pk, "room": note.room, **data}
        self._core.events.append(f"note.{what}", actor, via=via, agent=agent, data=told)
        self._core.events.unit.vouch(note)

    # -- reading ---------------------------------------------------------------------------------
    def find(self, number: int) -> Note:
        """One note, pinned or taken down. Raises NotFound."""
        found = Note.objects.filter(pk=number).first()
        if found is None:
            raise NotFound(f"There is no note {number}.", next="notes")
        return found

    def standing(self, room: str) -> tuple[Note, ...]:
        """The notes that are pinned in a room, oldest first; the same tuple until one is pinned or taken down."""
        held = self._standing.get(room)
        if held is None:
            held = self._standing[room] = tuple(Note.objects.filter(room=room, removed_at=None).order_by("id"))
        return held

    def page(self, room: str, number: int) -> tuple[list[Note], bool]:
        """A page of them, newest first, and whether there are more."""
        newest = self.standing(room)[::-1]
        last = number * PAGE
        return list(newest[last - PAGE : last]), len(newest) > last

    def by(self, author: str, most: int) -> list[Note]:
        """The newest notes of somebody that are pinned anywhere."""
        return list(Note.objects.filter(author=author, removed_at=None).order_by("-id")[:most])

    def forget(self) -> None:
        """What is kept may not be on record: read it again."""
        self._standing.clear()

    def line(self, room: str, known: Known) -> str:
        """How the room tells of its notes; '' where there are none."""
        notes = self.standing(room)
        return rules.pinned([called(known, one.author) for one in notes], notes[-1].text) if notes else ""


def called(known: Known, author: str) -> str:
    """The author of a note by name."""
    kind, _, name = author.partition(":")
    return known.name(name) if kind == "agent" else name
