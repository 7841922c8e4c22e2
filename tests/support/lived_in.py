"""A house with three days behind it: the founding line, work done, failed and waiting, walks, journals and thoughts.

It is Wednesday, 1 April 2026, 16:30 UTC. On Monday Timmy surveyed the garden and ran the tests of the relay, which
failed; they failed again on Tuesday and on Wednesday morning. Today he surveyed three folders (one has broken things in
it), Bezalel ran the tests of the mill. A task of Ezra's is paused, two proposals wait. The owner was last here on
Tuesday at 20:00.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from agents.governance.rules import Actor
from agents.kernel.clock import SimulatedClock
from agents.lineage import persona as personas
from agents.simulation.run import LightPlace
from agents.thinking.ports import Handbook
from agents.work import kind as kinds
from agents.work.kind import Upshot
from agents.work.models import Task
from commands.handbook import Book
from tests.support import light_house
from tests.support.furnished import Furnished as House
from tests.support.light_house import OWNER
from tests.support.light_world import LightWorld
from world import mapfile

MIA = Actor("person", "mia")
BEGIN = datetime(2026, 3, 30, 9, 0, tzinfo=UTC)


class Visited(LightWorld):
    """The map's rooms, with people in them."""

    @classmethod
    def furnished(cls) -> Visited:
        world = cls()
        place = LightPlace(mapfile.read().rooms).world
        world.names, world.functions, world.ways = place.names, place.functions, place.ways
        for key, name in place.things.items():
            world.thing(key, name, place.lying[key])
        return world


def lived_in(folder: Path) -> House:
    """The house, as it stands then."""
    world = Visited.furnished()
    texts = [path.read_text() for path in sorted(personas.FOLDER.glob("*.yaml"))]
    for name in ("garden", "relay", "mill", "attic", "barn", "orchard"):
        (folder / name / ".git").mkdir(parents=True)
        (folder / name / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    clock = SimulatedClock(BEGIN)
    house = light_house.house(
        folder, world, texts, clock=clock, kinds=kinds.FOLDER, outside={Handbook: Book()}, due=False
    )
    day = Past(house, folder)
    day.at("2026-03-30 09:10")
    day.done("Survey {}/garden", "timmy", "I surveyed garden: 14 files, 2 of them stale, nothing broken.")
    day.failed(
        "Test {}/relay = does it pass? $ make test", "timmy", "the command ended with 2: no rule to make target 'test'."
    )
    day.lives(120)
    day.at("2026-03-31 10:00")
    day.failed(
        "Test {}/relay = does it pass? $ make test", "timmy", "the command ended with 2: no rule to make target 'test'."
    )
    day.done("Test {}/mill = does it pass? $ make test", "bezalel", "I have run the tests of mill: 12 tests, all pass.")
    day.at("2026-03-31 20:00")
    house.events.append("person.left", OWNER, via="system")
    day.at("2026-04-01 06:30")
    day.failed(
        "Test {}/relay = does it pass? $ make test", "timmy", "the command ended with 2: no rule to make target 'test'."
    )
    day.at("2026-04-01 10:15")
    day.done("Survey {}/attic", "timmy", "I surveyed attic: 3 files, 1 broken link in README.md.", well=False)
    day.at("2026-04-01 11:40")
    day.done("Survey {}/barn", "timmy", "I surveyed barn: 40 files, nothing stale, nothing broken.")
    day.at("2026-04-01 13:05")
    day.done("Survey {}/orchard", "timmy", "I surveyed orchard: 7 files, nothing stale, nothing broken.")
    day.done("Test {}/mill = does it pass? $ make test", "bezalel", "I have run the tests of mill: 12 tests, all pass.")
    paused = day.begun("Survey {}/mill", "ezra")
    house.work.pause(paused.pk, OWNER, "telnet", reason="the owner wants to look at it first")
    house.work.propose(f"Survey {folder}/relay", "what is stale", OWNER, "telnet")
    day.at("2026-04-01 15:00")
    house.work.propose("Build Nook beside hall", 'a place to sit "Two chairs."', OWNER, "telnet")
    day.lives(300)
    day.at("2026-04-01 16:30")
    world.visitors = {"alexander": "hall", "mia": "workshop"}
    for slug in ("timmy", "ezra", "bezalel"):
        house.thoughts.tick(slug)
    light_house.run(house, seconds=30)
    return house


class Past:
    """Ways to let something have happened."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house, self.folder = house, folder

    def at(self, text: str) -> None:
        """It is that time, by UTC."""
        clock = self.house.runtime.clock
        assert isinstance(clock, SimulatedClock)
        clock.advance((datetime.fromisoformat(text).replace(tzinfo=UTC) - clock.now()).total_seconds())

    def lives(self, seconds: float) -> None:
        """All do what they do of themselves for a while."""
        light_house.run(self.house, seconds=seconds, slot=1.0)

    def begun(self, title: str, slug: str) -> Task:
        """Somebody has a task in hand."""
        task = light_house.give(self.house, title.format(self.folder), slug)
        return self.house.work.claim(task.pk, slug)

    def done(self, title: str, slug: str, result: str, *, well: bool = True) -> Task:
        """Somebody did a task within two minutes, and its kind told what came of it."""
        task = self.begun(title, slug)
        self.house.runtime.clock.advance(120)  # type: ignore[attr-defined]
        return self.house.work.complete(task.pk, slug, result, Upshot(result, well))

    def failed(self, title: str, slug: str, reason: str) -> Task:
        """Somebody failed at one."""
        task = self.begun(title, slug)
        self.house.runtime.clock.advance(60)  # type: ignore[attr-defined]
        return self.house.work.fail(task.pk, slug, reason)
