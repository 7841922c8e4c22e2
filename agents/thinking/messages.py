"""The message log: what was said between people and agents, written before it is answered, read by the page.

Owns the only writes to the table of messages and the bounds of its reading. Refuses to give anybody but the owner
what others said, and to decide what an answer is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from agents.events import rows
from agents.events.unit import Unit, made
from agents.governance.rules import Actor
from agents.house.values import Sentence
from agents.kernel import ids
from agents.kernel.runtime import Runtime
from agents.kernel.text import shorten
from agents.thinking.models import Message
from agents.thinking.settings import ThinkingSettings

RUNNING, WHOLE, INTERRUPTED, FAILED = "running", "whole", "interrupted", "failed"
REFLEX, PERSON, MIND = "reflex", "person", "mind"
PAGE, MOST_PAGES = 20, 50
MOST_RUNNING = 1000


def agent_of(slug: str) -> str:
    """An agent as it stands in the log."""
    return str(Actor("agent", slug))


def conversation_of(asker: Actor, slug: str) -> str:
    """The name of what is said between somebody and an agent."""
    return f"{asker} {agent_of(slug)}"


class MessageLog:
    """The messages of one world."""

    def __init__(self, runtime: Runtime, unit: Unit) -> None:
        self._runtime, self._unit = runtime, unit
        self._newest = ""
        self._count: dict[str, int] = {}
        """Messages of each conversation that has grown since the start."""

    # -- writing -----------------------------------------------------------------------------------
    def said(self, sender: Actor, text: str, *, channel: str, via: str, room: str = "", to: str = "") -> Message:
        """Somebody's words to an agent (a slug), or ('') to whoever is in the room."""
        return self._add(
            self._row(
                channel=channel,
                via=via,
                room=room,
                sender=str(sender),
                to=agent_of(to) if to else "",
                text=text,
                conversation=conversation_of(sender, to) if to else "",
                state=WHOLE,
                source=MIND if sender.kind == "agent" else PERSON,
            )
        )

    def answering(self, asked: Message) -> Message:
        """The answer to a message, before a word of it is there."""
        return self._add(
            self._row(
                channel=asked.channel,
                via=asked.via,
                room=asked.room,
                sender=asked.to,
                to=asked.sender,
                text="",
                answers=asked.pk,
                conversation=asked.conversation,
                state=RUNNING,
                source="",
            )
        )

    def grows(self, answer: Message, part: str) -> None:
        """So much more of an answer was told."""
        answer.text += part
        self._unit.change(answer, "text")

    def ends(self, answer: Message, state: str, source: str, note: str = "", records: Iterable[Sentence] = ()) -> None:
        """Nothing more will come of an answer."""
        answer.state, answer.source, answer.note = state, shorten(source, 200), shorten(note, 300)
        answer.records = [[sentence.text, list(sentence.records)] for sentence in records]
        self._unit.change(answer, "text", "state", "source", "note", "records")
        self._unit.vouch(answer)

    def _add(self, message: Message) -> Message:
        """Write it; the oldest of its conversation go when there are more than are kept. So nobody's talk drives out
        what others said.
        """
        of, kept = message.conversation, self._runtime.settings.of(ThinkingSettings).messages_kept
        held = self._count.get(of)
        self._count[of] = 1 + (self._of(of).count() if held is None else held)
        added = self._unit.add(message)
        self._unit.vouch(added)
        if self._count[of] > kept + kept // 10:
            for oldest in self._of(of).order_by("-id").values_list("id", flat=True)[kept - 1 : kept]:
                old = self._of(of).filter(id__lt=oldest).exclude(state=RUNNING)
                with self._unit():
                    self._unit.let_go(map(rows.key, old))
                    old.delete()
            self._count[of] = self._of(of).count()
        return added

    def _of(self, conversation: str) -> QuerySet[Message]:
        self._unit.flush()
        return Message.objects.filter(conversation=conversation)

    def _row(self, **columns: object) -> Message:
        id = self._runtime.new_id()
        self._newest = (
            id if id > self._newest else ids.following(self._newest)
        )  # an answer never stands before its question
        given = {"id": self._newest, "at": self._runtime.clock.now(), "answers": "", "note": "", "records": []}
        return made(Message, **given | columns)

    # -- reading -----------------------------------------------------------------------------------
    def find(self, id: str) -> Message | None:
        """One message."""
        self._unit.flush()
        return Message.objects.filter(id=id).first()

    def running(self) -> list[Message]:
        """Answers that are under way, or were when the world ended, oldest first."""
        self._unit.flush()
        return list(Message.objects.filter(state=RUNNING).order_by("id")[:MOST_RUNNING])

    def between(self, conversation: str, before: str, most: int) -> list[Message]:
        """The newest `most` messages of a conversation before the one with the id `before`, oldest first."""
        return list(self._of(conversation).filter(id__lt=before).order_by("-id")[:most])[::-1]

    def asked_since(self, sender: Actor, since: datetime) -> int:
        """How many questions somebody has asked since then."""
        self._unit.flush()
        return Message.objects.filter(sender=str(sender), id__gte=ids.first_at(since), answers="").count()

    def told_since(self, conversation: str, since: datetime) -> frozenset[str]:
        """The sentences from records that were told in a conversation since then."""
        answers = self._of(conversation).filter(id__gte=ids.first_at(since), source=REFLEX)
        return frozenset(told[0] for records in answers.values_list("records", flat=True) for told in records)

    def within(self, slug: str, since: datetime, until: datetime, most: int) -> list[Message]:
        """The first `most` messages to or from an agent from `since` until before `until`, oldest first."""
        self._unit.flush()
        span = Q(id__gte=ids.first_at(since), id__lt=ids.first_at(until))
        found = [
            row for side in _asked(OWNER, slug) for row in Message.objects.filter(side, span).order_by("id")[:most]
        ]
        return sorted(found, key=lambda message: message.pk)[:most]

    def page(self, viewer: Actor, slug: str = "", number: int = 1) -> tuple[list[Message], bool]:
        """The newest messages that the viewer may read (page 1), or those before, oldest of them first, and whether
        there are earlier ones. `slug`: with that agent only.
        """
        self._unit.flush()
        last = number * PAGE
        newest = {
            row.pk: row
            for asked in _asked(viewer, slug)
            for row in Message.objects.filter(asked).order_by("-id")[: last + 1]
        }
        found = [newest[key] for key in sorted(newest, reverse=True)]
        return found[last - PAGE : last][::-1], len(found) > last


OWNER = Actor("owner", "")
"""Who may read all."""


def _asked(viewer: Actor, slug: str) -> list[Q]:
    """What is asked of the table, each of it answered from an index."""
    if viewer.kind != "owner":
        mine = str(viewer)
        return [Q(conversation=conversation_of(viewer, slug))] if slug else [Q(sender=mine), Q(to=mine)]
    return [Q(sender=agent_of(slug)), Q(to=agent_of(slug))] if slug else [Q()]
