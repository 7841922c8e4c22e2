"""The directory: answers to questions about agents and their world, in words and figures.

Owns the translation from roster, minds, tables and machine to the plain values of two ports: `Records`, which acts,
rooms and commands read, and `Known`, which thinking reads. Refuses to change anything, and to state what it did not
read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count

from agents.kernel.errors import NotFound
from agents.mind import sensors, telling
from agents.mind.kept import RecordsKept
from agents.mind.models import PlanRecord
from agents.mind.sensors import Probe
from agents.mind.words import of_deed, of_goal
from agents.thinking.naming import named
from agents.thinking.ports import AimSeen, PlanSeen, Who
from agents.thinking.settings import ThinkingSettings
from agents.work.models import Step, Task
from agents.work.ports import Machine, Presence

if TYPE_CHECKING:
    from agents.lineage.persona import Persona
    from agents.mind.minds import Minds

MACHINE_SECONDS = 2.0
"""How long a measurement of the machine is good: all minds look at each of their steps."""
ROSTER_SECONDS = 2.0
"""How long a count of those awake is good."""


class Directory:
    """That of one house."""

    def __init__(self, minds: Minds, probe: Probe | None = None) -> None:
        """`probe` measures the machine; by default the disk under the state folder."""
        self.minds, self.core = minds, minds.core
        self._machine: tuple[float, Machine] | None = None
        self._asleep: tuple[float, tuple[str, ...], int] | None = None
        self._board: dict[str, int] | None = None
        self._named: tuple[object, dict[str, str]] = ((), {})
        self._who: dict[str, tuple[Persona, Who]] = {}
        self._probe = probe or (lambda: sensors.machine(minds.core.runtime.settings.state_dir))

    # -- the world -------------------------------------------------------------------------------
    def snapshot(self) -> RecordsKept:
        """What is not measured or counted anew for a while."""
        return RecordsKept(self._machine, self._asleep)

    def restore(self, kept: RecordsKept) -> None:
        """Go on with what was measured and counted."""
        self._machine, self._asleep, self._board = kept.machine, kept.asleep, None

    def machine(self) -> Machine:
        """Disk, memory and swap, measured within the last seconds."""
        instant = self.core.runtime.clock.monotonic()
        if self._machine is None or instant >= self._machine[0]:
            self._machine = (instant + MACHINE_SECONDS, self._probe())
        return self._machine[1]

    def board(self) -> dict[str, int]:
        """Number of tasks by status; statuses without a task are left out."""
        if self._board is None:
            rows = Task.objects.order_by("status").values_list("status").annotate(Count("id"))
            self._board = {str(status): int(count) for status, count in rows}
        return dict(self._board)

    def forget_board(self) -> None:
        """A task was made or changed."""
        self._board = None

    def room_name(self, key: str) -> str:
        """A room's name as people see it; the key itself when there is no such room."""
        rooms = self.core.world.rooms()
        if rooms is not self._named[0]:
            self._named = (rooms, {room.key: room.name for room in rooms})
        return self._named[1].get(key, key)

    # -- who is here -----------------------------------------------------------------------------
    def presences(self) -> tuple[Presence, ...]:
        """Every agent of the roster, and those whose file was not taken, with the reason."""
        found = [self.presence(slug) for slug in self.core.roster]
        for problem in (p for p in self.core.problems if p.slug):
            where = self.where(problem.slug)
            found.append(Presence(problem.slug, problem.slug.title(), False, where, f"stays away: {problem}"))
        return tuple(found)

    def presence(self, slug: str) -> Presence:
        """One agent of the roster."""
        persona, mind = self.core.roster[slug], self.minds.get(slug)
        where = self.where(slug)
        doing = telling.doing(mind) if mind else "has no mind yet"
        return Presence(slug, persona.name, bool(mind and mind.awake), where, doing, persona.parent)

    def company(self, slug: str, room: str) -> tuple[str, ...]:
        """Names of the other agents that stand in the room."""
        personas = self.core.roster
        return tuple(personas[one].name for one in self.core.world.agents(room) if one != slug and one in personas)

    def children(self, slug: str) -> tuple[Presence, ...]:
        """The agents whose parent `slug` is."""
        return tuple(self.presence(one) for one, persona in self.core.roster.items() if persona.parent == slug)

    def parent(self, slug: str) -> tuple[str, str]:
        """Slug and name of an agent's parent; both '' when it has none here."""
        parent = self.core.roster.get(self.core.roster[slug].parent)
        return (parent.slug, parent.name) if parent else ("", "")

    def asleep(self) -> tuple[tuple[str, ...], int]:
        """Names of the agents whose minds do not run, and how many agents there are in all, as of some
        seconds ago at most.
        """
        instant = self.core.runtime.clock.monotonic()
        if self._asleep is None or instant >= self._asleep[0]:
            away = [p.slug.title() for p in self.core.problems if p.slug]
            still = [
                one.name for slug, one in self.core.roster.items() if not ((m := self.minds.get(slug)) and m.awake)
            ]
            self._asleep = (instant + ROSTER_SECONDS, (*still, *away), len(self.core.roster) + len(away))
        return self._asleep[1:]

    def deeds(self, slug: str, most: int = 500) -> tuple[tuple[str, str], ...]:
        """(when in ISO form, ground action) of the steps `slug` finished since it last wrote its
        journal; walking is left out. The newest `most`, oldest of them first.
        """
        mind = self.minds.get(slug)
        return mind.recall.deeds(most) if mind else ()

    def who(self, slug: str) -> Who:
        """The agent's file in short. Raises NotFound when it has none."""
        persona = self.core.roster.get(slug)
        if persona is None:
            raise NotFound(f"There is no agent called {slug} here.", next="agents")
        held = self._who.get(slug)
        if held is not None and held[0] is persona:
            return held[1]
        errands = tuple((of_goal(errand.name), errand.every, errand.why) for errand in persona.errands)
        settings = self.core.runtime.settings.of(ThinkingSettings)
        who = Who(
            slug,
            persona.name,
            persona.role,
            persona.temperament,
            errands,
            persona.mind.thought_every or settings.thought_seconds,
            settings.thoughts_hour if persona.parent else settings.thoughts_hour_first,
            persona.mind.choice,
        )
        self._who[slug] = (persona, who)
        return who

    def name(self, slug: str) -> str:
        """What an agent is called; of a slug without a file, the slug as a title."""
        persona = self.core.roster.get(slug)
        return persona.name if persona else slug.title()

    def find(self, words: str) -> str:
        """The slug of the agent that `words` name, the longest name first, or ''."""
        names = ((persona.name, slug) for slug, persona in self.core.roster.items())
        return named(words, (*names, *((slug, slug) for slug in self.core.roster)))

    def able(self, slug: str) -> bool | None:
        """Whether it can think now; None when it rests until somebody wakes it."""
        mind = self.minds.get(slug)
        if mind is None or mind.life == "SHUTDOWN" or self.minds.scheduler.paused(slug):
            return None
        return mind.awake

    def speaks(self, slug: str) -> bool | None:
        """Whether it answers who speaks to it; None when it has no mind here."""
        mind = self.minds.get(slug)
        if mind is None or slug not in self.core.roster:
            return None
        return not self.minds.scheduler.paused(slug) and mind.life not in ("FAILED", "SHUTDOWN")

    def where(self, slug: str) -> str:
        """Key of the room its body stands in ('' when nowhere), also where its mind is none or has not found it yet."""
        mind = self.minds.get(slug)
        if mind is not None and (room := mind.where()):
            return room
        try:
            return self.core.body_of(slug).where()
        except NotFound:
            return ""

    # -- what they are after ---------------------------------------------------------------------
    def plan(self, slug: str) -> PlanSeen | None:
        """The plan in force."""
        mind = self.minds.get(slug)
        now = mind.pursuit if mind else None
        return self._seen(now.record, now.position) if now else None

    def left(self, slug: str) -> PlanSeen | None:
        """The newest plan, where that was left or could not be gone on with."""
        last = self.minds.plans.newest(slug)
        return self._seen(last, last.position) if last is not None and last.state in ("dropped", "failed") else None

    def latest(self, slug: str, *, journal: bool = False) -> Step | None:
        """The step the agent finished last, walks left out; with `journal` that by which it last wrote its journal."""
        mind = self.minds.get(slug)
        return mind.recall.latest(journal=journal) if mind else None

    def aims(self, slug: str) -> tuple[AimSeen, ...]:
        """How far each aim has come."""
        mind = self.minds.get(slug)
        found = mind.recall.standings() if mind else ()
        return tuple(AimSeen(at.aim.name, at.method.name if at.method else "", at.done, at.of) for at in found)

    def deed(self, action: str) -> str:
        """A ground action in words."""
        return of_deed(None, self.core.kinds)(action)

    def _seen(self, record: PlanRecord, position: int) -> PlanSeen:
        steps = tuple(str(step.get("text") or self.deed(str(step["action"]))) for step in record.steps)
        return PlanSeen(
            record.pk,
            of_goal(record.goal),
            record.task,
            steps,
            position,
            record.state,
            record.reason,
            record.updated_at,
        )
