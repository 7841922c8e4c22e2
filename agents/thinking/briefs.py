"""What a model is shown when somebody speaks to an agent: who it is, its records, the conversation so far.

Owns the choice of records and who hears the answer. Refuses to ask anybody: `conversation` does.
"""

from __future__ import annotations

from agents.cascade.ports import Question
from agents.governance.rules import Actor
from agents.house.core import Core
from agents.house.values import Sentence
from agents.thinking import prompt, reflex
from agents.thinking.account import Account
from agents.thinking.messages import MessageLog, agent_of
from agents.thinking.ports import Ground
from agents.thinking.prompt import Portrait, Turn
from agents.thinking.talk import Talk
from agents.work.reports import ANYBODY

MOST_TURNS = 12
"""Messages of a conversation that a model is shown."""


class Briefs:
    """The briefs of one house."""

    def __init__(self, core: Core, ground: Ground, log: MessageLog) -> None:
        self._core, self._ground, self._log = core, ground, log

    def question(self, talk: Talk) -> Question:
        """What a model is asked; `talk` keeps the records it was shown."""
        persona, asked = self._core.roster[talk.slug], talk.asked
        talk.records = prompt.shown(self._records(talk))
        turns = [
            Turn(m.text, m.sender == agent_of(talk.slug))
            for m in self._log.between(asked.conversation, asked.pk, MOST_TURNS)
        ]
        messages = prompt.build(self.portrait(talk.slug), self._called(talk.asker), talk.records, turns, asked.text)
        return Question(
            talk.answer.pk, talk.slug, "talk", messages, person=talk.asker.kind != "agent", **persona.mind.choice
        )

    def portrait(self, slug: str) -> Portrait:
        """Who speaks, by its file."""
        persona = self._core.roster[slug]
        return Portrait(persona.name, persona.role, persona.temperament, persona.description)

    def hearer(self, talk: Talk) -> Actor:
        """Who hears the answer: the asker, or anybody if it is said aloud in front of other people."""
        room, name = talk.asked.room, talk.asker.name
        if talk.asked.channel == "room" and any(
            where == room and other != name for other, where in self._core.world.people()
        ):
            return ANYBODY
        return talk.asker

    def _records(self, talk: Talk) -> list[Sentence]:
        """First the records that bear on the words, then the general state of things."""
        hearer = self.hearer(talk)
        account = Account(self._ground, talk.slug, hearer=hearer)
        told = reflex.answer(self._ground, talk.slug, talk.asker, talk.asked.text, hearer).sentences
        more = [
            *account.doing(),
            *account.next(),
            *account.did(8),
            *account.mine(),
            *account.completed(),
            *account.place(),
            *account.company(),
            account.board(),
            account.waits(),
            *self._ground.recalls(talk.slug, talk.asked.text, hearer),
        ]
        known: dict[tuple[str, ...], Sentence] = {}
        for sentence in (one for one in (*told, *more) if one.records):
            known.setdefault((*sentence.records, sentence.text), sentence)
        return list(known.values())

    def _called(self, asker: Actor) -> str:
        if asker.kind == "owner":
            return "The owner"
        if asker.kind == "agent":
            return f"The agent {self._core.roster[asker.name].name if asker.name in self._core.roster else asker.name}"
        return f"The visitor {prompt.quoted(asker.name)}"
