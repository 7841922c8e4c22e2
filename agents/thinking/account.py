"""What one agent can truly say of itself and of its house, each sentence with its records.

Owns the account as a whole; each matter is read in a module of its own (`matters`), and the wording is in `forms`.
Tasks and approvals are always up to date in their tables; a unit of work may hold back all other rows, so these are
flushed before they are read. Refuses to state anything that is not on record at the instant it is asked: nothing is
kept from one question to the next.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q

from agents.governance.rules import Actor
from agents.house.values import Sentence
from agents.thinking.forms import OF_ANOTHER_PART, SUBJECTS
from agents.thinking.forms.wording import placed
from agents.thinking.matters.deeds import DID, Deeds
from agents.thinking.matters.itself import Itself
from agents.thinking.matters.verdicts import Verdicts
from agents.thinking.matters.visits import Visits
from agents.thinking.matters.work import OPEN_STATES
from agents.thinking.messages import REFLEX, WHOLE, conversation_of
from agents.thinking.models import Message, Thought
from agents.thinking.ports import Known
from agents.thinking.rules import THOUGHT
from agents.thinking.seeds import Past

__all__ = ["DID", "OPEN_STATES", "Account", "of_subject"]
LATELY = timedelta(minutes=30)
"""How long "he" and "it" refer back to what was spoken of."""
EXCHANGES = 3
"""Answers that are looked through for one that stated something."""


class Account(Itself, Deeds, Verdicts, Visits):
    """The account of one agent, on all matters."""

    def before(self, past: Past) -> Sentence:
        """The thought before, or an earlier one."""
        subject = of_subject(self._known, past.subject, given=past.given)
        return self._say("thought", (f"thought:{past.id}",), ago=self._ago(past.at), subject=subject)

    def thought(self, id: str) -> list[Sentence]:
        """An earlier thought of its own, or words that somebody gave it to think about."""
        self._core.events.unit.flush()
        found = Thought.objects.filter(id=id, agent=self._slug).first()
        if found is None:
            return []
        if found.state != THOUGHT:
            who = "the owner" if found.injected_by.startswith("owner:") else found.injected_by.partition(":")[2]
            return [self._say("given", (f"thought:{id}",), who=who, text=found.subject)]
        return [self.before(Past(id, found.kind, found.subject, found.at, bool(found.injected_by)))]

    def latest_thought(self) -> list[Sentence]:
        """What its last thought was about, if the hearer may read thoughts."""
        if self.hearer.kind == "person":
            return [self.manner("thoughts.guest")]
        self._core.events.unit.flush()
        last = Thought.objects.filter(agent=self._slug, state=THOUGHT).order_by("-at", "-id").first()
        told = [self.before(Past(last.pk, last.kind, last.subject, last.at, bool(last.injected_by)))] if last else []
        return [*told, self.manner("thoughts.owner")]

    def exchange(self, asker: Actor) -> tuple[str, list[str]]:
        """The asker's last question that was answered, and the records that the latest answers stated; a model's answer
        states none. What was said long ago no longer counts.
        """
        self._core.events.unit.flush()
        said = Message.objects.filter(conversation=conversation_of(asker, self._slug), state=WHOLE).exclude(answers="")
        last = list(said.filter(at__gte=self._now - LATELY).order_by("-id")[:EXCHANGES])
        if not last:
            return "", []
        question = Message.objects.filter(id=last[0].answers).values_list("text", flat=True).first() or ""
        for answer in last:
            stated = answer.records if answer.source == REFLEX else []
            if records := [record for _, records in stated for record in records]:
                return question, records
        return question, []

    def talked(self, asker: Actor, words: str) -> list[Sentence]:
        """What the asker said to it before these words."""
        self._core.events.unit.flush()
        said = Message.objects.filter(conversation=conversation_of(asker, self._slug), answers="").order_by("-id")[:2]
        last = next((one for one in said if one.text != words.strip()), None)
        if last is None:
            return [self._say("talked.none", (f"conversation:{asker}",))]
        return [self._say("talked", (f"message:{last.pk}",), ago=self._ago(last.at), text=last.text)]

    def said_by(self, slug: str = "", person: str = "") -> list[Sentence]:
        """What somebody else said to it last. Only the owner may read it; others are told so."""
        if self.hearer.kind != "owner":
            return [self.manner("discretion.guest")]
        self._core.events.unit.flush()
        who = Q(sender=f"agent:{slug}") if slug else Q(sender__iexact=f"person:{person}")
        last = Message.objects.filter(who, to=f"agent:{self._slug}").order_by("-id").first()
        name = self._known.name(slug) if slug else person[:1].upper() + person[1:]
        if last is None:
            return [self._say("said.none", (f"conversation:{slug or person}",), who=name)]
        return [self._say("said", (f"message:{last.pk}",), ago=self._ago(last.at), who=name, text=last.text)]


def of_subject(known: Known, subject: str, *, given: bool) -> str:
    """What a thought is about, in its agent's words; `given`: its subject is somebody's words."""
    if given:
        return f'"{subject}"'
    sort, _, key = subject.partition(":")
    name, room = (
        (known.name(key) if sort == "agent" else ""),
        (placed(known.room_name(key)) if sort == "room" else ""),
    )
    return SUBJECTS.get(sort, OF_ANOTHER_PART).format(key=key, name=name, room=room)
