"""One contract for both bodies, the engine's and the light one; and a simulated hour that is the same in both."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.db import transaction

from agents.events.models import Event
from agents.kernel.errors import StepFailed
from agents.lineage import persona
from agents.simulation.run import LightPlace, Simulation
from agents.work.ports import RoomSpec
from tests.support import built
from tests.support.engine_place import EnginePlace
from world import mapfile

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["engine", "light"])
def place(request):
    made = EnginePlace() if request.param == "engine" else LightPlace(mapfile.read().rooms)
    made.settle(persona.load_all()[0])
    return made


def test_the_map_is_the_same(place):
    design = mapfile.read().rooms
    assert {r.key: r.name for r in place.world.rooms()} == {key: room.name for key, room in design.items()}
    ways = {(w.origin, w.target) for w in place.world.exits("timmy")}
    assert ways == {(key, way.to) for key, room in design.items() for way in room.exits}
    assert {w.why_not for w in place.world.exits("timmy")} == {""}
    assert {(i.key, i.name, i.room, i.holder) for i in place.world.items()} == {
        ("lens", "survey lens", "workshop", ""),
        ("gauge", "test gauge", "workshop", ""),
        ("trowel", "builder's trowel", "workshop", ""),
    }
    homes = {slug: one.home for slug, one in persona.load_all()[0].items()}
    assert {slug: place.body(slug).where() for slug in homes} == homes
    assert place.world.agents("forge") == ("bezalel",)
    assert place.world.people() == ()


def test_walking_and_what_stands_in_the_way(place):
    body = place.body("bezalel")
    body.move("workshop")
    assert (body.where(), place.world.agents("forge")) == ("workshop", ())
    with pytest.raises(StepFailed, match=r"^No way leads from Workshop to Heartbeat Shrine\.$"):
        body.move("shrine")
    place.bar("workshop", "hall", "The way to Fraternity Hall is locked by the owner.")
    assert next(w.why_not for w in place.world.exits("bezalel") if (w.origin, w.target) == ("workshop", "hall")) == (
        "The way to Fraternity Hall is locked by the owner."
    )
    with pytest.raises(StepFailed, match=r"^The way to Fraternity Hall is locked by the owner\.$"):
        body.move("hall")
    assert body.where() == "workshop"
    place.bar("workshop", "hall", "")
    body.move("hall")
    assert body.where() == "hall"


def test_taking_and_laying_down(place):
    body, other = place.body("bezalel"), place.body("timmy")
    with pytest.raises(StepFailed, match=r"^The survey lens is not here; it is in Workshop\.$"):
        body.take("lens")
    with pytest.raises(StepFailed, match=r"^There is no 'moon' in the world\.$"):
        body.take("moon")
    body.move("workshop")
    body.take("lens")
    body.take("lens")
    assert [i.holder for i in place.world.items() if i.key == "lens"] == ["bezalel"]
    with pytest.raises(StepFailed, match=r"Bezalel has it\.$"):
        other.take("lens")
    with pytest.raises(StepFailed, match=r"^Timmy does not have the survey lens; Bezalel has it\.$"):
        other.drop("lens")
    body.move("forge")
    body.drop("lens")
    assert [(i.room, i.holder) for i in place.world.items() if i.key == "lens"] == [("forge", "")]


def test_building_needs_an_approved_effect_and_is_done_once(place):
    body = place.body("bezalel")
    spec = RoomSpec("reading_nook", "Reading Nook", "Two chairs.", "library", "nook")
    with pytest.raises(StepFailed, match="no approved item declares world reading_nook"):
        body.build_room(spec)
    with pytest.raises(
        StepFailed, match=r"^Far Nook cannot be built: there is no room 'moon' to build (it )?beside\.$"
    ):
        body.build_room(RoomSpec("far_nook", "Far Nook", "x", "moon", "nook"), frozenset({("world", "far_nook")}))
    for _ in range(2):
        body.build_room(spec, frozenset({("world", "reading_nook")}))
    assert [r.name for r in place.world.rooms() if r.key == "reading_nook"] == ["Reading Nook"]
    ways = {(w.origin, w.target) for w in place.world.exits("bezalel") if "reading_nook" in (w.origin, w.target)}
    assert ways == {("library", "reading_nook"), ("reading_nook", "library")}


def test_words_and_gestures_change_nothing(place):
    body = place.body("timmy")
    before = (body.where(), place.world.items())
    body.say("All is well.")
    body.emote("counts the candles.")
    assert (body.where(), place.world.items()) == before


def lived(place, folder, hours: float) -> SimpleNamespace:
    """What the minds of ten agents do at this place from nine in the morning on."""
    run = Simulation(place, persona.load_all()[0], 10, 11, folder, start=datetime(2026, 4, 1, 9, tzinfo=UTC))
    run.house.events.unit.on_commit = lambda function: function()  # a test's own transaction is never committed
    run.run(hours)
    told = [(e.seq, e.at, e.topic, e.task, e.step, e.data) for e in Event.objects.order_by("seq")]
    return SimpleNamespace(told=told, figures=run.figures())


def test_ten_agents_live_the_same_hour_in_both_bodies(tmp_path):
    both = []
    for make in (EnginePlace, lambda: LightPlace(mapfile.read().rooms)):
        empty = transaction.savepoint()
        both.append(lived(make(), tmp_path, 1.0))
        transaction.savepoint_rollback(empty)
        built.forget()
    engine, light = both
    for one, other in zip(engine.told, light.told, strict=False):
        assert one == other
    assert engine.figures == light.figures
    assert light.figures.agent_steps > 500
    kinds = {topic.split(".")[-1] for _, _, topic, *_ in light.told}
    assert {"move", "say", "emote", "did", "plan", "reached", "take"} <= kinds
