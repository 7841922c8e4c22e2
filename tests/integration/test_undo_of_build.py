"""What a Build task made is taken away by its owner, and brought back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from evennia.utils.create import create_object

from agents.events.models import Event
from agents.governance.models import Identity
from agents.governance.rules import Actor
from agents.house import house as houses
from agents.kernel import randomness
from agents.kernel.clock import SimulatedClock
from agents.kernel.errors import BadInput, Conflict, NotAllowed
from agents.kernel.runtime import Runtime
from agents.work import replay
from agents.work.kind import discover, site_of
from agents.work.models import Task
from agents.work.ports import RoomSpec, inline
from commands import live
from tests.support.built import ensure_built
from tests.support.furnished import Furnished as House
from tests.support.furnished import Line, furnished
from tests.support.light_house import START, settings
from tests.support.players import Player
from world import builder, export, places, removal

pytestmark = pytest.mark.django_db
OWNER, GUEST = Actor("owner", "owner"), Actor("person", "mia")
SEEN = "Two chairs stand by a window."


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    from typeclasses.body import EngineWorld, body_for

    ensure_built()
    runtime = Runtime(settings(tmp_path, seal_seconds=10), SimulatedClock(START), randomness.seeded(7))
    made = furnished(houses.build(runtime, EngineWorld(), body_for, inline, language=Line()))
    made.events.unit.on_commit = lambda function: function()  # a test's own transaction is never committed
    builder.ensure_bodies(made.personas, 15)
    houses.install(made)
    live.install(made)
    yield made
    live.uninstall()
    houses._current = None


@pytest.fixture
def owner(house: House) -> Iterator[Player]:
    player = Player("owner", True, 901)
    yield player
    player.leave()


def build(house: House, name: str = "Reading Nook", beside: str = "Library") -> Task:
    """A Build task that is done, by the very body that does it in the world."""
    task = house.work.propose(f"Build {name} beside {beside}", f'"{SEEN}"', OWNER, "telnet")
    kind = house.kinds["build"]
    params = kind.params_of(task)
    key = site_of(kind, params, house.world)
    spec = RoomSpec(params.key, params.name, params.description, key, params.exit_name, task.pk)
    effects = frozenset((e.kind, e.target) for e in kind.effects(params))
    house.body_of("timmy").build_room(spec, effects)
    house.governance.show(house.work.approval(str(task.pk)), OWNER)
    house.work.decide([str(task.pk)], "ok", OWNER, "telnet")
    house.runtime.clock.advance(11)  # type: ignore[attr-defined]
    house.work.settle()
    for what in ("claim", "complete"):
        task = house.work.change(house.work.get(task.pk), what, OWNER, "telnet", assignee="timmy")
    return task


def ways() -> set[tuple[str, str]]:
    return {(places.key_of(way.location), places.key_of(way.destination)) for way in places.exits()}


def map_keys() -> set[str]:
    return {room.key for room in places.rooms().values()}


def test_what_was_built_is_taken_away_and_brought_back(owner: Player, house: House) -> None:
    before, task = ways(), build(house)
    room = places.room("reading_nook")
    room.db.details = dict(room.db.details or {})
    seen, cell, between = room.db.desc, places.cell_of(room), ways() - before
    assert f"undo {task.pk} undoes" in owner.types(f"task {task.pk}")
    shown = owner.types(f"undo {task.pk}")
    assert "Reading Nook was taken away again" in shown
    assert f"redo {task.pk} brings it back" in shown
    assert (ways(), places.room("reading_nook")) == (before, None)
    assert "Reading Nook" not in {info.name for info in house.world.rooms()}
    owner.body.location = places.room("library")
    assert "nook" not in owner.types("look").lower()
    assert "No room is called" in owner.types("map reading nook")
    assert "taken away again" in owner.types("board"), "the board does not say that it stands"
    assert f"redo {task.pk} brings back" in owner.types(f"task {task.pk}")
    event = Event.objects.filter(topic="task.undone").get()
    assert (event.actor, event.task) == ("owner:owner", task.pk)

    assert "was undone by owner" in owner.types(f"undo {task.pk}")
    assert "Reading Nook stands beside Learning Library again" in owner.types(f"redo {task.pk}")
    back = places.room("reading_nook")
    assert (back, back.db.desc, places.cell_of(back), ways() - before) == (room, seen, cell, between)
    assert "READING NOOK" in owner.types("nook")
    assert "has not been undone" in owner.types(f"redo {task.pk}")
    assert replay.compare() == []
    assert "taken away again" in owner.types(f"undo {task.pk}"), "as often as it is wanted"


def test_whoever_and_whatever_is_in_it_is_next_door_afterwards(owner: Player, house: House) -> None:
    task = build(house)
    room, library = places.room("reading_nook"), places.room("library")
    sleeper, agent = Player("mia", False, 902), places.body("ezra")
    sleeper.body.location = room
    sleeper.leave()
    assert sleeper.body.location is None
    owner.body.location = agent.location = room
    agent.home = room
    lens = next(one for one in places.items() if places.thing_key(one) == "lens")
    lens.location = room
    owner.got.clear()
    assert "it is the home of Ezra" in owner.types(f"undo {task.pk}")
    told = owner.types(f"undo {task.pk} = reading nook")
    assert {one.location for one in (owner.body, agent, lens)} == {library}
    assert (agent.home, sleeper.body.attributes.get("prelogout_location")) == (library, library)
    assert "Reading Nook is taken away. You are in the Learning Library now." in told
    assert "lens" in told and "LIBRARY" in told
    assert Event.objects.filter(topic="agent.ezra.carried", data__to="library").count() == 1
    assert Event.objects.filter(topic="person.move", data__to="library").count() == 1
    owner.types(f"redo {task.pk}")
    assert (agent.home, agent.location, lens.location) == (room, library, library)


def test_what_others_changed_is_told_before_it_goes(owner: Player, house: House) -> None:
    task = build(house)
    room = places.room("reading_nook")
    room.db.desc, room.db.details = "A den.", {"lamp": "It burns."}
    room.key = "The Den"
    way = create_object("typeclasses.exits.Exit", key="hatch", location=places.room("forge"), destination=room)
    create_object("typeclasses.objects.Fixture", key="stove", location=room, home=room)
    told = " ".join(owner.types(f"undo {task.pk}").split())
    for what in ("another name", "another description", "other details", "hatch, comes from the Forge", "stove"):
        assert what in told, what
    assert f"undo {task.pk} = The Den" in told
    assert places.room("reading_nook") == room, "nothing is done"
    assert "taken away again" in owner.types(f"undo {task.pk} = the den")
    assert way.location is None
    owner.types(f"redo {task.pk}")
    assert (room.key, room.db.desc, way.location) == ("The Den", "A den.", places.room("forge"))


def test_no_room_is_cut_off(owner: Player, house: House) -> None:
    first = build(house)
    second = build(house, "Alcove", "Reading Nook")
    assert "no other exit leads to Alcove" in owner.types(f"undo {first.pk}")
    assert "taken away again" in owner.types(f"undo {second.pk}")
    assert "taken away again" in owner.types(f"undo {first.pk}")
    assert "stands" not in owner.types(f"redo {second.pk}"), "the room beside it is not there"
    assert places.room("alcove") is None
    assert "stands beside Learning Library again" in owner.types(f"redo {first.pk}")
    assert "stands beside Reading Nook again" in owner.types(f"redo {second.pk}")


def test_another_room_in_its_place_stays(owner: Player, house: House) -> None:
    first = build(house)
    owner.types(f"undo {first.pk}")
    second = build(house)
    assert "already a room called Reading Nook" in owner.types(f"redo {first.pk}")
    assert f"What task {first.pk} did was undone" in owner.types(f"undo {first.pk}"), "the room is the other task's"
    assert "taken away again" in owner.types(f"undo {second.pk}")
    assert "stands beside Learning Library again" in owner.types(f"redo {first.pk}")


def test_it_stays_away_when_the_map_is_built_and_is_in_no_export(house: House, tmp_path: Path) -> None:
    task = build(house)
    export.export(tmp_path / "with")
    assert builder.ensure_world(tmp_path / "with").kept == []
    house.work.take_back(task.pk, OWNER, "telnet")
    places.forget_all()
    report = builder.ensure_world(tmp_path / "with")
    assert "reading_nook" in report.gone and report.made == []
    assert places.room("reading_nook") is None
    export.export(tmp_path / "without")
    assert "Reading Nook" not in "".join(file.read_text() for file in (tmp_path / "without").iterdir())
    house.work.redo(task.pk, OWNER, "telnet")
    assert builder.ensure_world(tmp_path / "with").gone == []
    assert places.room("reading_nook").key == "Reading Nook"


def test_who_may_and_what_can_be_undone(owner: Player, house: House, tmp_path: Path) -> None:
    task = build(house)
    for actor in (GUEST, Actor("agent", "timmy"), Actor("nobody", "mia")):
        with pytest.raises(NotAllowed):
            house.work.take_back(task.pk, actor, "telnet")
        with pytest.raises(NotAllowed):
            house.work.redo(task.pk, actor, "telnet")
    other = house.work.propose("Explain the cache", "", OWNER, "telnet")
    with pytest.raises(Conflict, match="changes nothing outside"):
        house.work.take_back(other.pk, OWNER, "telnet")
    waiting = house.work.propose("Build Attic beside Library", f'"{SEEN}"', OWNER, "telnet")
    with pytest.raises(Conflict, match="waiting for approval"):
        house.work.take_back(waiting.pk, OWNER, "telnet")
    assert f"Undo      yes: undo {waiting.pk}, once it is done" in owner.types(f"read {waiting.pk}")
    owner.types(f"read {other.pk}")
    owner.types(f"ok {waiting.pk}, {other.pk}")
    assert "lifted" in owner.types(f"undo {other.pk}"), "one seal alone"
    assert (house.work.approval(str(other.pk)).verdict, house.work.approval(str(waiting.pk)).verdict) == (
        "",
        "approved",
    )
    assert "one at a time" in owner.types("undo 1-3")


def test_an_error_leaves_everything_as_it_was(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    task = build(house)
    room, agent = places.room("reading_nook"), places.body("ezra")
    agent.location = room
    before = ways()

    def full(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(house.work, "change", full)
    with pytest.raises(OSError, match="full"):
        house.work.take_back(task.pk, OWNER, "telnet")
    assert (places.room("reading_nook"), agent.location, ways()) == (room, room, before)
    assert agent in room.contents and not Identity.objects.filter(kind=places.STORED).exists()
    monkeypatch.undo()
    house.work.take_back(task.pk, OWNER, "telnet")
    monkeypatch.setattr(house.work, "change", full)
    with pytest.raises(OSError, match="full"):
        house.work.redo(task.pk, OWNER, "telnet")
    assert places.room("reading_nook") is None and not any(way.destination == room for way in places.exits())


def test_every_kind_that_says_it_can_be_undone_can() -> None:
    kinds, problems = discover()
    assert not problems
    assert {kind.name for kind in kinds.values() if kind.undo == "yes"} == {"build"}
    with pytest.raises(ValueError, match="reversal"):
        replace(kinds["build"], reversal=None)


def test_a_name_that_is_no_name_confirms_nothing(house: House) -> None:
    task = build(house)
    places.room("reading_nook").db.desc = "Other."
    with pytest.raises(BadInput, match="another description"):
        house.work.take_back(task.pk, OWNER, "telnet", "yes")
    assert removal.standing(task.pk, "reading_nook") is not None
