"""One run: a house over a light world, and the loop that advances its time.

Owns the order of what happens at an instant (the calendar, the minds, the heartbeat), and the figures of the run.
Refuses every clock but the simulated one: it jumps from one thing that is due to the next, and nothing waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from agents.events.models import Event
from agents.house import house as houses
from agents.kernel import randomness
from agents.kernel.clock import SimulatedClock
from agents.kernel.runtime import Runtime
from agents.kernel.settings import Settings
from agents.lineage.persona import Persona
from agents.mind.pursuit import TELL
from agents.simulation import hands, people
from agents.simulation.days import Days
from agents.simulation.light import LightWorld
from agents.thinking.service import Thoughts
from agents.work import artifacts
from agents.work.models import Step, Task
from agents.work.ports import Body, World

START = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)
KINDS = Path(__file__).with_name("kinds")
BEAT_SECONDS = 1.0
UNIT_SECONDS = 600.0
"""So much simulated time is one transaction: nothing outside waits for it."""


@dataclass(frozen=True)
class Figures:
    """What a run came to. `digest` is the last of the chain of events: equal digests are equal logs."""

    agents: int
    hours: float
    agent_steps: int
    tasks_done: int
    model_calls: int
    events: int
    digest: str


def settings(folder: Path) -> Settings:
    """The settings of every simulation, whatever the owner's are."""
    return Settings.model_construct(
        state_dir=folder, owner="owner", sandbox="bare", step_seconds=10.0, seal_seconds=10.0, read_paths=()
    )


class Simulation:
    """One world from its first instant on."""

    def __init__(
        self,
        place: Place,
        founders: Mapping[str, Persona],
        agents: int,
        seed: int,
        folder: Path,
        start: datetime = START,
    ) -> None:
        """`folder` is where a state folder would be; nothing is written there."""
        self.place, self.founders, self.seed, self.start = place, dict(founders), seed, start
        self.clock = SimulatedClock(start)
        self.runtime = Runtime(settings(folder), self.clock, randomness.seeded(seed, "house"))
        rooms = sorted(room.key for room in place.world.rooms())
        personas = people.inhabitants(founders, rooms, agents, randomness.seeded(seed, "people"))
        place.settle(personas)
        self.house = houses.build(
            self.runtime,
            place.world,
            place.body,
            hands.offload,
            personas=personas,
            kinds=KINDS,
            probe=hands.machine(self.clock),
            home=artifacts.home_of,
        )
        self.house.start()
        self.house.need(Thoughts).drive()
        self.days = Days(self.house, place.bar, randomness.seeded(seed, "days"))

    def run(
        self,
        hours: float,
        progress: Callable[[float], None] = lambda share: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Let so many hours pass (from the start; what has passed already is not repeated), or fewer: `stop` is
        asked after each stretch. Then nothing is under way (see `saving`).
        """
        end = hours * 3600
        while self.clock.monotonic() < end and not stop():
            until = min((self.clock.monotonic() // UNIT_SECONDS + 1) * UNIT_SECONDS, end)
            self._pass(until)
            progress(until / end)

    def _pass(self, until: float) -> None:
        house, clock = self.house, self.clock
        while True:
            self._think(min(until, self.days.next, house.next_beat))
            self.days.pass_until(clock.monotonic())
            house.heartbeat()
            if clock.monotonic() >= until and not self._due(until):
                return

    def _due(self, until: float) -> bool:
        """Whether anything is to be done up to then: a mind in the midst of its thoughts asks to go on at once."""
        return min(self.days.next, self.house.next_beat, self.house.next_slot) <= until

    def _think(self, until: float) -> None:
        """Let the minds go on until then, or until one of them has changed a task: all in one transaction."""
        house, clock = self.house, self.clock
        decisive = house.events.decisive
        with house.events.unit.batch():
            while house.events.decisive == decisive:
                deadline = house.next_slot
                if deadline > until:
                    clock.advance_to(max(until, clock.monotonic()))
                    return
                clock.advance_to(max(deadline, clock.monotonic()))
                house.slot(float("inf"))

    def figures(self) -> Figures:
        """What it has come to now."""
        last = Event.objects.order_by("-seq").only("seq", "digest").first()
        return Figures(
            agents=len(self.house.roster),
            hours=round(self.clock.monotonic() / 3600, 6),
            agent_steps=Step.objects.filter(state="done").exclude(action=TELL).count(),
            tasks_done=Task.objects.filter(status="COMPLETED").count(),
            model_calls=0,
            events=last.seq if last else 0,
            digest=last.digest if last else "",
        )


class Place(Protocol):
    """Where a simulation is set: the world, its bodies, its doors."""

    @property
    def world(self) -> World:
        """Rooms, ways and things."""
        ...

    def settle(self, personas: Mapping[str, Persona]) -> None:
        """Give each of them a body, at home."""
        ...

    def body(self, slug: str) -> Body:
        """The body of one of them."""
        ...

    def bar(self, origin: str, target: str, why: str) -> None:
        """Let nobody pass from one room to the other, for this reason; '' opens the way again."""
        ...


class LightPlace:
    """A light world of a map design's rooms (see `world.mapfile`): names, functions, exits and things."""

    def __init__(self, rooms: Mapping[str, Any]) -> None:
        self.world = world = LightWorld()
        self.body, self.bar = world.body, world.bar
        for key, room in rooms.items():
            world.room(key, room.name, room.function or "")
        for key, room in rooms.items():
            for way in room.exits:
                world.way(key, way.to, way.name)
            for thing, spec in room.things.items():
                if spec.typeclass == "item":
                    world.thing(thing, spec.name, key)

    def settle(self, personas: Mapping[str, Persona]) -> None:
        """Give each of them a body, at home."""
        for slug, persona in personas.items():
            self.world.body(slug, persona.home, persona.name)
