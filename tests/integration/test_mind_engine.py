"""The founding roster in the real engine's rooms and bodies: a task, the feed, a lock, a tool in a person's hands."""

from __future__ import annotations

import pytest

from agents.events.models import Event
from agents.house import house as houses
from agents.kernel import randomness
from agents.kernel.clock import SimulatedClock
from agents.kernel.runtime import Runtime
from agents.work.models import Step
from agents.work.ports import inline
from tests.support.built import ensure_built
from tests.support.furnished import Line, furnished
from tests.support.light_house import START, give, kinds_folder, run, settings

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(tmp_path):
    from typeclasses.body import EngineWorld, body_for
    from world.builder import ensure_bodies

    ensure_built()
    runtime = Runtime(settings(tmp_path), SimulatedClock(START), randomness.seeded(7))
    house = furnished(
        houses.build(runtime, EngineWorld(), body_for, inline, kinds=kinds_folder(tmp_path), language=Line())
    )
    house.events.unit.on_commit = lambda function: function()  # a test's own transaction is never committed
    ensure_bodies(house.personas, 15)
    house.start()
    return house


def status(task):
    task.refresh_from_db()
    return task.status


def deeds():
    return Event.objects.filter(topic__regex=r"^agent\.[a-z-]+\.(move|say|emote|take|drop|build)$")


def test_the_roster_lives_and_works(built):
    task = give(built, "Chore dust", "timmy")
    assert run(built, lambda: status(task) == "COMPLETED")
    assert run(built, lambda: {e.agent for e in deeds()} == set(built.personas), seconds=1200), "each has its turn"
    assert [p.slug for p in built.records.presences() if not p.awake or not p.room] == []
    assert [built.minds.fault(slug) for slug in built.personas] == [""] * 5
    visible = deeds()
    steps = {s.pk: s.agent for s in Step.objects.all()}
    assert all(steps.get(e.step) == e.agent for e in visible)
    assert built.world.items()
    assert next(i.room or i.holder for i in built.world.items() if i.key == "lens") in ("workshop", "timmy")


def test_a_locked_exit_and_a_person_with_the_tool_are_named(built):
    from evennia.utils import create

    from typeclasses.characters import Character
    from world import places

    way = next(
        w for w in places.exits() if places.key_of(w.location) == "hall" and places.key_of(w.destination) == "workshop"
    )
    way.locks.add("traverse:false()")
    first = give(built, "Chore dust", "timmy")
    assert run(built, lambda: status(first) == "PAUSED")
    assert "to the Workshop is barred" in first.reason or "to Workshop is barred" in first.reason
    way.locks.add("traverse:all()")
    anna = create.create_object(Character, key="Anna", location=places.room("workshop"))
    lens = next(t for t in places.items() if places.thing_key(t) == "lens")
    lens.location = anna
    second = give(built, "Chore lint", "bezalel")
    assert run(built, lambda: status(second) == "PAUSED")
    assert "Anna has the survey lens" in second.reason
