"""What may be read about the world in words and figures: for acts, rooms and commands.

Owns the reading of tables, minds and the machine behind the port `Records`. Refuses to
change anything, and to say what it did not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count

from agents.kernel.errors import NotFound
from agents.mind import sensors, telling
from agents.mind.kept import RecordsKept
from agents.mind.sensors import Probe
from agents.work.models import Task
from agents.work.ports import Machine, Presence

if TYPE_CHECKING:
    from agents.mind.house import House


MACHINE_SECONDS = 2.0
"""How long a measurement of the machine is good: all minds look at each of their steps."""
ROSTER_SECONDS = 2.0
"""How long a count of those awake is good."""


class HouseRecords:
    """The records of one house."""

    def __init__(self, house: House, probe: Probe | None = None) -> None:
        """`probe` measures the machine; by default the disk under the state folder."""
        self._house = house
        self._machine: tuple[float, Machine] | None = None
        self._asleep: tuple[float, tuple[str, ...], int] | None = None
        self._board: dict[str, int] | None = None
        self._named: tuple[object, dict[str, str]] = ((), {})
        self._probe = probe or (lambda: sensors.machine(house.runtime.settings.state_dir))

    def snapshot(self) -> RecordsKept:
        """What is not measured or counted anew for a while."""
        return RecordsKept(self._machine, self._asleep)

    def restore(self, kept: RecordsKept) -> None:
        """Go on with what was measured and counted."""
        self._machine, self._asleep, self._board = kept.machine, kept.asleep, None

    def machine(self) -> Machine:
        """Disk, memory and swap, measured within the last seconds."""
        instant = self._house.runtime.clock.monotonic()
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

    def presences(self) -> tuple[Presence, ...]:
        """Every agent of the roster, and those whose file was not taken, with the reason."""
        found = [self.presence(slug) for slug in self._house.personas]
        for problem in (p for p in self._house.problems if p.slug):
            where = self._body_left(problem.slug)
            found.append(Presence(problem.slug, problem.slug.title(), False, where, f"stays away: {problem}"))
        return tuple(found)

    def presence(self, slug: str) -> Presence:
        """One agent of the roster."""
        persona, mind = self._house.personas[slug], self._house.mind(slug)
        where = (mind.where() if mind else "") or self._body_left(slug)
        doing = telling.doing(mind) if mind else "has no mind yet"
        return Presence(slug, persona.name, bool(mind and mind.awake), where, doing, persona.parent)

    def company(self, slug: str, room: str) -> tuple[str, ...]:
        """Names of the other agents that stand in the room."""
        personas = self._house.personas
        return tuple(personas[one].name for one in self._house.world.agents(room) if one != slug and one in personas)

    def children(self, slug: str) -> tuple[Presence, ...]:
        """The agents whose parent `slug` is."""
        return tuple(self.presence(one) for one, persona in self._house.personas.items() if persona.parent == slug)

    def parent(self, slug: str) -> tuple[str, str]:
        """Slug and name of an agent's parent; both '' when it has none here."""
        parent = self._house.personas.get(self._house.personas[slug].parent)
        return (parent.slug, parent.name) if parent else ("", "")

    def asleep(self) -> tuple[tuple[str, ...], int]:
        """Names of the agents whose minds do not run, and how many agents there are in all, as of some
        seconds ago at most.
        """
        instant = self._house.runtime.clock.monotonic()
        if self._asleep is None or instant >= self._asleep[0]:
            away = [p.slug.title() for p in self._house.problems if p.slug]
            still = [one.name for slug, one in self._house.personas.items() if not ((m := self._house.mind(slug)) and m.awake)]
            self._asleep = (instant + ROSTER_SECONDS, (*still, *away), len(self._house.personas) + len(away))
        return self._asleep[1:]

    def _body_left(self, slug: str) -> str:
        """Where a body stands whose mind is none or has not found it yet ('' when there is none)."""
        try:
            return self._house.body_of(slug).where()
        except NotFound:
            return ""

    def deeds(self, slug: str, most: int = 500) -> tuple[tuple[str, str], ...]:
        """(when in ISO form, ground action) of the steps `slug` finished since it last wrote its
        journal; walking is left out. The newest `most`, oldest of them first.
        """
        mind = self._house.mind(slug)
        return mind.recall.deeds(most) if mind else ()

    def room_name(self, key: str) -> str:
        """A room's name as people see it; the key itself when there is no such room."""
        rooms = self._house.world.rooms()
        if rooms is not self._named[0]:
            self._named = (rooms, {room.key: room.name for room in rooms})
        return self._named[1].get(key, key)
