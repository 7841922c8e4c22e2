"""An agent that cannot start stands where it stood, and whoever looks sees why (M1)."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.governance.rules import Actor
from agents.house import house as houses
from agents.kernel import randomness
from agents.kernel.clock import SimulatedClock
from agents.kernel.errors import NotFound
from agents.kernel.runtime import Runtime
from agents.lineage.persona import FOLDER
from agents.work.ports import inline
from commands import verbs
from commands.look import seen
from tests.support.furnished import Furnished as House
from tests.support.furnished import Line, furnished
from tests.support.light_house import START, kinds_folder, run, settings
from tests.support.living import Person
from world import places

pytestmark = pytest.mark.django_db


def wake(folder: Path, roster: Path, seed: int) -> House:
    from typeclasses.body import EngineWorld, body_for
    from world.builder import ensure_bodies, ensure_world

    ensure_world()
    runtime = Runtime(settings(folder), SimulatedClock(START), randomness.seeded(seed))
    house = furnished(
        houses.build(
            runtime, EngineWorld(), body_for, inline, personas=roster, kinds=kinds_folder(folder), language=Line()
        )
    )
    house.events.unit.on_commit = lambda function: function()  # a test's own transaction is never committed
    ensure_bodies(house.personas, 15)
    house.start()
    run(house, seconds=5)
    return house


def asked(house: House, verb: str, argument: str = "") -> str:
    return "\n".join(
        verbs.run(house, verbs.Caller(Actor("owner", "alexander"), "telnet", width=500), verb, argument).lines
    )


def test_the_reason_is_seen_on_the_body_and_in_the_roster(tmp_path, monkeypatch):
    roster = tmp_path / "personas"
    roster.mkdir()
    for file in FOLDER.glob("*.yaml"):
        (roster / file.name).write_text(file.read_text())
    wake(tmp_path, roster, 1).stop()
    stood = {slug: places.body(slug).location for slug in ("timmy", "ezra")}
    (roster / "timmy.yaml").write_text((roster / "timmy.yaml").read_text().replace("home: hall", "home: moon_base"))
    (roster / "ezra.yaml").write_text("slug: ezra\nhome: library\nhome: hall\n")
    house = wake(tmp_path, roster, 2)
    monkeypatch.setattr(houses, "_current", house)
    visitor = Person("Mia", places.room("hall"))
    why = {
        "timmy": "could not start: The home room 'moon_base' of Timmy is not on the map.",
        "ezra": "stays away: ezra.yaml, line 3: 'home' appears here twice",
    }
    for slug, reason in why.items():
        body = places.body(slug)
        assert body.location == stood[slug], "its body stands"
        assert reason in asked(house, "agents")
        assert reason in asked(house, "agents", slug)
        assert reason in asked(house, "plan", slug)
        visitor.body.location = body.location
        assert reason in "\n".join(seen(visitor.body, body.key))
    assert house.mind("bezalel").awake
    assert "No agent is called 'ezra'" in asked(house, "assign", "1 = ezra")
    with pytest.raises(NotFound):
        house.why_not("ezra", "rest(library)")
