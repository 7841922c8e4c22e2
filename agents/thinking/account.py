"""What one agent can truly say of itself and of its house, each sentence with its records.

Owns the account as a whole; each matter is read in a module of its own (`matters`), and the wording is in `forms`.
What is told of tasks and approvals is written at once; of all else a unit of work may hold rows back, and these are
written before they are read. Refuses to state anything that is not on record at the instant it is asked: nothing is
kept from one question to the next.
"""

from __future__ import annotations

from agents.governance.rules import Actor
from agents.house.values import Sentence
from agents.thinking.forms import OF_ANOTHER_PART, SUBJECTS
from agents.thinking.forms.wording import placed
from agents.thinking.matters.days import Days
from agents.thinking.matters.deeds import DID, Deeds
from agents.thinking.matters.house import HouseMatters
from agents.thinking.matters.itself import Itself
from agents.thinking.matters.work import OPEN_STATES
from agents.thinking.messages import conversation_of
from agents.thinking.models import Message, Thought
from agents.thinking.ports import Known
from agents.thinking.rules import THOUGHT
from agents.thinking.seeds import Past

__all__ = ["DID", "OPEN_STATES", "Account", "of_subject"]


class Account(Itself, Deeds, Days, HouseMatters):
    """One agent's, of all matters."""

    def before(self, past: Past) -> Sentence:
        """The thought before, or an earlier one."""
        subject = of_subject(self._known, past.subject, given=past.given)
        return self._say("thought", (f"thought:{past.id}",), ago=self._ago(past.at), subject=subject)

    def thought(self, id: str) -> list[Sentence]:
        """An earlier thought of its own, or what somebody gave it to think about."""
        self._core.events.unit.flush()
        found = Thought.objects.filter(id=id, agent=self._slug).first()
        if found is None:
            return []
        if found.state != THOUGHT:
            who = "the owner" if found.injected_by.startswith("owner:") else found.injected_by.partition(":")[2]
            return [self._say("given", (f"thought:{id}",), who=who, text=found.subject)]
        return [self.before(Past(id, found.kind, found.subject, found.at, bool(found.injected_by)))]

    def latest_thought(self) -> list[Sentence]:
        """Of what it thought last, where whoever hears it may read thoughts."""
        if self.hearer.kind == "person":
            return [self.manner("thoughts.guest")]
        self._core.events.unit.flush()
        last = Thought.objects.filter(agent=self._slug, state=THOUGHT).order_by("-at", "-id").first()
        told = [self.before(Past(last.pk, last.kind, last.subject, last.at, bool(last.injected_by)))] if last else []
        return [*told, self.manner("thoughts.owner")]

    def talked(self, asker: Actor, words: str) -> list[Sentence]:
        """What whoever asks said to it before these words."""
        self._core.events.unit.flush()
        said = Message.objects.filter(conversation=conversation_of(asker, self._slug), answers="").order_by("-id")[:2]
        last = next((one for one in said if one.text != words.strip()), None)
        if last is None:
            return [self._say("talked.none", (f"conversation:{asker}",))]
        return [self._say("talked", (f"message:{last.pk}",), ago=self._ago(last.at), text=last.text)]


def of_subject(known: Known, subject: str, *, given: bool) -> str:
    """What a thought is of, in its agent's words; `given`: its subject is somebody's words."""
    if given:
        return f'"{subject}"'
    sort, _, key = subject.partition(":")
    name, room = (
        (known.name(key) if sort == "agent" else ""),
        (placed(known.room_name(key)) if sort == "room" else ""),
    )
    return SUBJECTS.get(sort, OF_ANOTHER_PART).format(key=key, name=name, room=room)
