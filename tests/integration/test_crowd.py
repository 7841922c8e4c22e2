"""What lets a thousand agents live in the engine: shared views, moves written together, bodies made for little."""

from __future__ import annotations

import pytest
from django.db import connection
from evennia.objects.models import ObjectDB
from evennia.objects.objects import DefaultCharacter
from evennia.utils.create import create_object

from agents.house import house as houses
from agents.kernel.runtime import Runtime
from agents.kernel.settings import Settings
from agents.work.ports import inline
from tests.support.built import ensure_built
from tests.support.furnished import Line, furnished
from typeclasses.body import EngineWorld, body_for
from typeclasses.characters import put_back
from world import builder, places

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def house(db, tmp_path, monkeypatch):
    ensure_built()
    made = furnished(
        houses.build(
            Runtime(Settings(state_dir=tmp_path, sandbox="bare")), EngineWorld(), body_for, inline, language=Line()
        )
    )
    made.events.unit.on_commit = lambda function: function()
    builder.ensure_bodies(made.personas)
    monkeypatch.setattr(houses, "_current", made)
    return made


def seen(slug="timmy"):
    world = EngineWorld()
    return world.rooms(), world.exits(slug), world.items()


def way(origin, target):
    return next(
        w for w in places.exits() if (places.key_of(w.location), places.key_of(w.destination)) == (origin, target)
    )


def lens():
    return next(thing for thing in places.items() if places.thing_key(thing) == "lens")


def stood(slug):
    """Where the table has the body."""
    row = ObjectDB.objects.filter(id=places.body(slug).id).values_list("db_location_id", flat=True).get()
    return places.key_of(ObjectDB.objects.get(id=row))


def test_all_see_the_very_same_rooms_ways_and_things_until_one_changes():
    first = seen("timmy")
    body_for("ezra").say("hello")
    places.body("ezra").location = places.room("hall")
    assert all(a is b for a, b in zip(first, seen("ezra"), strict=True))


@pytest.mark.parametrize(
    ("change", "rooms", "ways", "things"),
    [
        pytest.param(lambda: setattr(places.room("forge"), "key", "Smithy"), True, True, True, id="a room is renamed"),
        pytest.param(
            lambda: places.room("forge").attributes.add("at", [9, 9]), True, False, False, id="a room lies elsewhere"
        ),
        pytest.param(
            lambda: places.room("forge").attributes.remove("function"), True, False, False, id="a function is removed"
        ),
        pytest.param(
            lambda: way("hall", "workshop").locks.add("traverse:false()"), True, True, True, id="a way is locked"
        ),
        pytest.param(lambda: way("hall", "workshop").delete(), True, True, True, id="a way is gone"),
        pytest.param(
            lambda: setattr(lens(), "location", places.room("hall")), False, False, True, id="a thing is carried off"
        ),
        pytest.param(lambda: setattr(lens(), "key", "looking glass"), False, False, True, id="a thing is renamed"),
        pytest.param(lambda: setattr(lens(), "location", None), False, False, True, id="a thing is nowhere"),
    ],
)
def test_what_changes_is_seen_at_the_next_look(change, rooms, ways, things):
    before = seen()
    change()
    after = seen()
    assert [a is not b for a, b in zip(before, after, strict=True)] == [rooms, ways, things]
    builder.places.forget()
    assert after == seen()  # what was kept is what the engine's objects say


def test_a_holder_who_is_renamed_or_leaves_is_seen(house):
    person = create_object("typeclasses.characters.Character", key="Ann", location=places.room("hall"))
    lens().location = person
    assert {i.holder for i in seen()[2]} == {"", "person:Ann"}
    person.key = "Zoe"
    assert {i.holder for i in seen()[2]} == {"", "person:Zoe"}
    places.body("ezra").location = places.room("forge")
    kept = seen()[2]
    person.location = None
    assert seen()[2] is not kept


def test_a_lock_that_asks_who_comes_is_asked_for_each_and_equal_answers_are_one_tuple():
    way("hall", "workshop").locks.add(f"traverse:id({places.body('timmy').id})")
    free, barred = seen("timmy")[1], seen("ezra")[1]
    assert [w.target for w in barred if w.why_not] == ["workshop"]
    assert not any(w.why_not for w in free)
    assert seen("bezalel")[1] is barred


def test_moves_of_one_unit_of_work_are_written_together_at_its_end(house):
    with house.events.unit():
        for slug, room in (("timmy", "workshop"), ("timmy", "hall"), ("timmy", "workshop"), ("ezra", "hall")):
            places.body(slug).location = places.room(room)
        before = stood("timmy")
    assert (before, stood("timmy"), stood("ezra")) == ("hall", "workshop", "hall")
    assert places.body("timmy") in places.room("workshop").contents


def test_whoever_walked_in_a_unit_that_is_lost_stands_where_it_stood(house):
    class Lost(Exception):
        pass

    def walk():
        with house.events.unit():
            places.body("ezra").location = places.room("hall")
            places.body("ezra").location = places.room("workshop")
            raise Lost

    home = places.body("ezra").location
    with pytest.raises(Lost):
        walk()
    put_back()
    put_back()
    assert (places.body("ezra").location, stood("ezra")) == (home, places.key_of(home))
    assert places.body("ezra") in home.contents
    assert places.body("ezra") not in places.room("workshop").contents


def test_an_agents_body_has_a_characters_locks_and_is_made_without_its_commands(house):
    plain = create_object(DefaultCharacter, key="Plain")
    with connection.execute_wrapper(_no_command_sets):
        body = create_object(builder.AGENT_PATH, key="New")
    assert set(body.locks.all()) >= {
        lock for lock in plain.locks.all() if lock.partition(":")[0] in ("teleport", "call", "view", "drop")
    }
    assert {lock.partition(":")[0] for lock in body.locks.all()} == {
        lock.partition(":")[0] for lock in plain.locks.all()
    }
    assert body.cmdset_storage in ("", [], [""])


def _no_command_sets(execute, sql, params, many, context):
    assert not any("CmdSet" in str(value) for value in params or ())
    return execute(sql, params, many, context)
