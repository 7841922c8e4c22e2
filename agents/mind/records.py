"""What may be read about the world in words and figures: for acts, rooms and commands.

Owns the reading of tables, minds and the machine behind the port `Records`. Refuses to
change anything, and to say what it did not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count

from agents.kernel.errors import NotFound
from agents.mind import sensors, telling
from agents.mind.recall import DEEDS
from agents.mind.sensors import Probe
from agents.work.models import Task
from agents.work.ports import Machine, Presence

if TYPE_CHECKING:
    from agents.mind.house import House


MACHINE_SECONDS = 2.0
"""How long a measurement of the machine is good: all minds look at each of their steps."""


class HouseRecords:
    """The records of one house."""

    def __init__(self, house: House, probe: Probe | None = None) -> None:
        """`probe` measures the machine; by default the disk under the state folder."""
        self._house = house
        self._machine: tuple[float, Machine] | None = None
        self._probe = probe or (lambda: sensors.machine(house.runtime.settings.state_dir))

    def machine(self) -> Machine:
        """Disk, memory and swap, measured within the last seconds."""
        instant = self._house.runtime.clock.monotonic()
        if self._machine is None or instant >= self._machine[0]:
            self._machine = (instant + MACHINE_SECONDS, self._probe())
        return self._machine[1]

    def board(self) -> dict[str, int]:
        """Number of tasks by status; statuses without a task are left out."""
        rows = Task.objects.order_by("status").values_list("status").annotate(Count("id"))
        return {str(status): int(count) for status, count in rows}

    def presences(self) -> tuple[Presence, ...]:
        """Every agent of the roster, and those whose file was not taken, with the reason."""
        found = []
        for slug, persona in self._house.personas.items():
            mind = self._house.mind(slug)
            where = (mind.where() if mind else "") or self._body_left(slug)
            doing = telling.doing(mind) if mind else "has no mind yet"
            found.append(Presence(slug, persona.name, bool(mind and mind.awake), where, doing, persona.parent))
        for problem in (p for p in self._house.problems if p.slug):
            where = self._body_left(problem.slug)
            found.append(Presence(problem.slug, problem.slug.title(), False, where, f"stays away: {problem}"))
        return tuple(found)

    def _body_left(self, slug: str) -> str:
        """Where a body stands whose mind is none or has not found it yet ('' when there is none)."""
        try:
            return self._house.body_of(slug).where()
        except NotFound:
            return ""

    def deeds(self, slug: str, most: int = DEEDS) -> tuple[tuple[str, str], ...]:
        """(when in ISO form, ground action) of the steps `slug` finished since it last wrote its
        journal; walking is left out. The newest `most`, oldest of them first.
        """
        mind = self._house.mind(slug)
        return tuple(mind.recall.deeds())[-most:] if mind else ()

    def room_name(self, key: str) -> str:
        """A room's name as people see it; the key itself when there is no such room."""
        return next((room.name for room in self._house.world.rooms() if room.key == key), key)
