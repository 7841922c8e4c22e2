"""What thinking asks of the house's minds (`agents.thinking.ports.Known`), as plain values.

Owns the way from minds, personas and plans to those values. Refuses to keep any of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.kernel.errors import NotFound
from agents.mind.models import PlanRecord
from agents.mind.words import of_deed, of_goal
from agents.thinking.naming import named
from agents.thinking.ports import AimSeen, PlanSeen, Who
from agents.work.models import Step

if TYPE_CHECKING:
    from agents.lineage.persona import Persona
    from agents.mind.house import House


class HouseKnown:
    """Of one house."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._who: dict[str, tuple[Persona, Who]] = {}

    def who(self, slug: str) -> Who:
        """The agent's file in short. Raises NotFound when it has none."""
        persona = self._house.personas.get(slug)
        if persona is None:
            raise NotFound(f"There is no agent called {slug} here.", next="agents")
        held = self._who.get(slug)
        if held is not None and held[0] is persona:
            return held[1]
        errands = tuple((of_goal(errand.name), errand.every, errand.why) for errand in persona.errands)
        settings = self._house.runtime.settings
        who = Who(
            slug, persona.name, persona.role, persona.temperament, errands, persona.mind.thought_every or settings.thought_seconds,
            settings.thoughts_hour if persona.parent else settings.thoughts_hour_first, persona.mind.choice,
        )
        self._who[slug] = (persona, who)
        return who

    def name(self, slug: str) -> str:
        """What an agent is called; of a slug without a file, the slug as a title."""
        persona = self._house.personas.get(slug)
        return persona.name if persona else slug.title()

    def find(self, words: str) -> str:
        """The slug of the agent that `words` name, the longest name first, or ''."""
        names = ((persona.name, slug) for slug, persona in self._house.personas.items())
        return named(words, (*names, *((slug, slug) for slug in self._house.personas)))

    def able(self, slug: str) -> bool | None:
        """Whether it can think now; None when it rests until somebody wakes it."""
        mind = self._house.mind(slug)
        if mind is None or mind.life == "SHUTDOWN" or self._house.minds.paused(slug):
            return None
        return mind.awake

    def where(self, slug: str) -> str:
        """Key of the room its body stands in ('' when nowhere)."""
        mind = self._house.mind(slug)
        if mind is not None and (room := mind.where()):
            return room
        try:
            return self._house.body_of(slug).where()
        except NotFound:
            return ""

    def plan(self, slug: str) -> PlanSeen | None:
        """The plan in force."""
        mind = self._house.mind(slug)
        now = mind.pursuit if mind else None
        return self._seen(now.record, now.position) if now else None

    def left(self, slug: str) -> PlanSeen | None:
        """The newest plan, where that was left or could not be gone on with."""
        last = self._house.plans.newest(slug)
        return self._seen(last, last.position) if last is not None and last.state in ("dropped", "failed") else None

    def latest(self, slug: str, *, journal: bool = False) -> Step | None:
        """The step the agent finished last, walks left out; with `journal` that by which it last wrote its journal."""
        mind = self._house.mind(slug)
        return mind.recall.latest(journal=journal) if mind else None

    def aims(self, slug: str) -> tuple[AimSeen, ...]:
        """How far each aim has come."""
        mind = self._house.mind(slug)
        found = mind.recall.standings() if mind else ()
        return tuple(AimSeen(at.aim.name, at.method.name if at.method else "", at.done, at.of) for at in found)

    def deed(self, action: str) -> str:
        """A ground action in words."""
        return of_deed(None, self._house.kinds)(action)

    def _seen(self, record: PlanRecord, position: int) -> PlanSeen:
        steps = tuple(str(step.get("text") or self.deed(str(step["action"]))) for step in record.steps)
        return PlanSeen(
            record.pk, of_goal(record.goal), record.task, steps, position, record.state, record.reason, record.updated_at
        )

