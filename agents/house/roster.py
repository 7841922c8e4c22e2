"""The roster: who lives here.

Owns the list of agents while the house runs, and the events by which parts learn that one arrived or left. Knows
nothing of an agent but its file. Reads and writes no files, and creates neither minds nor bodies: parts do that
when they are notified.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agents.events.log import EventLog
from agents.governance.rules import SYSTEM, Actor
from agents.kernel.errors import Conflict, NotFound
from agents.lineage.persona import Persona


class Roster(Mapping[str, Persona]):
    """The agents by slug, in the order in which they arrived. One thread calls everything."""

    def __init__(self, people: Mapping[str, Persona], events: EventLog) -> None:
        self._people, self._events = dict(people), events

    def __getitem__(self, slug: str) -> Persona:
        return self._people[slug]

    def __iter__(self) -> Iterator[str]:
        return iter(self._people)

    def __len__(self) -> int:
        return len(self._people)

    @property
    def first(self) -> str:
        """The slug of the first of the line, who has no parent; '' if nobody is here."""
        return next((slug for slug, persona in self._people.items() if not persona.parent), "")

    def amend(self, people: Mapping[str, Persona]) -> None:
        """Replace the files of the agents that are here, before the house starts."""
        self._people.update({slug: people[slug] for slug in self._people.keys() & people.keys()})

    def add(self, persona: Persona, actor: Actor | str = SYSTEM, via: str = "system") -> None:
        """Let an agent live here from now on; parts get `roster.added` once that is on record. The caller has saved
        its file. Raises Conflict if that slug already lives here.
        """
        if persona.slug in self._people:
            raise Conflict(f"{persona.slug} lives here already.", next=f"agents {persona.slug}")
        with self._events.unit():
            self._events.unit.then(lambda: self._people.update({persona.slug: persona}))
            data = {"name": persona.name, "parent": persona.parent}
            self._events.append("roster.added", actor, via=via, agent=persona.slug, data=data)

    def remove(self, slug: str, reason: str, actor: Actor | str = SYSTEM, via: str = "system") -> None:
        """Remove an agent; parts get `roster.removed` once that is on record. What it did stays on record, and its
        current task waits for another agent. Raises NotFound.
        """
        persona = self._people.get(slug)
        if persona is None:
            raise NotFound(f"There is no agent called {slug} here.", next="agents")
        with self._events.unit():
            self._events.unit.then(lambda: self._people.__delitem__(slug))
            data = {"name": persona.name, "reason": reason}
            self._events.append("roster.removed", actor, via=via, agent=slug, data=data)
