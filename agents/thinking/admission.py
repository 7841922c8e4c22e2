"""Who may ask an agent, and when: whether it answers at all, whether there is room, and how agents ask each other.

Owns these refusals and their wording. Refuses to write anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from agents.governance.rules import Actor
from agents.house.core import Core
from agents.kernel.errors import BadInput, Conflict, NotFound
from agents.thinking.messages import MessageLog, agent_of
from agents.thinking.ports import Known
from agents.thinking.settings import ThinkingSettings
from agents.thinking.talk import Talk

MOST_AT_ONCE, MOST_OF_ONE = 64, 8
"""Answers under way in all, and of one agent."""


class Admission:
    """The admission of one house. `talks` are the answers under way."""

    def __init__(self, core: Core, known: Known, log: MessageLog, talks: Mapping[str, Talk]) -> None:
        self.core, self._known, self.log, self._talks = core, known, log, talks

    def away(self, slug: str) -> NotFound:
        """The error that an agent is not where it was addressed, with where it is and how to reach it."""
        name, where = self._name(slug), self._known.presence(slug).room
        place = f" but in {self._known.room_name(where)}" if where else ""
        return NotFound(f"{name} is not here{place}. `ask` reaches {name} anywhere.", next=f"ask {slug} = …")

    def may_answer(self, slug: str) -> None:
        """Raises NotFound if there is no such agent, Conflict if it does not answer now."""
        speaks = self._known.speaks(slug)
        if speaks is None:
            raise NotFound(f"No agent is called {slug} here.", next="agents")
        if not speaks:
            doing = self._known.presence(slug).doing
            raise Conflict(f"{self._name(slug)} does not answer now: {doing}.", next=f"agents {slug}")

    def may_ask(self, asker: Actor, slug: str) -> None:
        """Agents ask each other one level deep: not while they are answering, and not an agent that is itself waiting
        for an answer.
        """
        if asker.name == slug:
            raise BadInput(f"{slug} does not ask itself.")
        if any(talk.slug == asker.name for talk in self._talks.values()):
            raise Conflict(f"{asker.name} is answering somebody; until then it asks nobody.")
        if any(talk.asked.sender == agent_of(slug) for talk in self._talks.values()):
            raise Conflict(f"{slug} waits for an answer itself; until then no agent asks it.")
        most = self.core.runtime.settings.of(ThinkingSettings).questions_hour
        if (asked := self.log.asked_since(asker, self.core.runtime.clock.now() - timedelta(hours=1))) >= most:
            raise Conflict(f"{asker.name} has asked {asked} questions within an hour, which is all it may.")

    def has_room(self, slug: str, leaving: int) -> None:
        """Raises Conflict if no more answers fit; `leaving` answers are about to be cut."""
        if (
            len(self._talks) - leaving >= MOST_AT_ONCE
            or sum(t.slug == slug for t in self._talks.values()) - leaving >= MOST_OF_ONE
        ):
            raise Conflict(f"{self._name(slug)} is answering as many people as it can. Ask again in a moment.")

    def _name(self, slug: str) -> str:
        persona = self.core.roster.get(slug)
        return persona.name if persona else slug
