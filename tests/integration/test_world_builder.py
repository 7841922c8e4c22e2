"""Building the world from its map: idempotent, careful of what people changed, all or nothing (W1, W12)."""

from __future__ import annotations

import pytest
from evennia.objects.models import ObjectDB
from evennia.utils.create import create_object

from tests.support import built
from tests.support.living import Person
from world import builder, export, places
from world.mapfile import MAP, MapError, read

pytestmark = pytest.mark.django_db

SMALL = """\
area: The Yard
rooms:
  hall:
    name: Yard
    description: Gravel.
    details: {gravel: Grey.}
    exits:
      - {name: shed, aliases: [s], to: shed, refusal: Nailed shut.}
    things:
      broom: {name: broom, description: Twigs., typeclass: item}
  shed:
    name: Shed
    description: Dark.
    exits:
      - {name: yard, to: hall}
"""


@pytest.fixture(autouse=True)
def fresh(db):
    """The engine caches objects beyond a test's transaction."""
    built.forget()
    yield
    built.forget()


@pytest.fixture()
def limbo():
    """The engine's own first objects: a person (#1) in Limbo (#2), as the initial set-up leaves them."""
    ObjectDB.objects.all().delete()
    person = ObjectDB(id=1, db_key="owner", db_typeclass_path="typeclasses.characters.Character")
    person.save()
    first = ObjectDB(id=2, db_key="Limbo", db_typeclass_path="typeclasses.rooms.Room")
    first.save()
    person.location = first
    return person


@pytest.fixture()
def folder(tmp_path):
    (tmp_path / "yard.yaml").write_text(SMALL)
    return tmp_path


def snapshot():
    """Everything the builder could have touched."""
    return {
        obj.id: (
            obj.db_key,
            obj.typeclass_path,
            obj.db_location_id,
            obj.db_destination_id,
            obj.db_home_id,
            sorted(obj.aliases.all()),
            sorted(map(str, obj.tags.all(return_key_and_category=True))),
            str(obj.locks),
            {a.key: str(a.value) for a in obj.attributes.all()},
        )
        for obj in ObjectDB.objects.order_by("id")
    }


def test_limbo_becomes_the_hall_and_the_owner_stands_in_it(limbo):
    builder.ensure_world()
    hall = places.room("hall")
    assert hall.id == 2
    assert hall.key == "Fraternity Hall"
    assert limbo.location == hall
    assert not ObjectDB.objects.filter(db_key="Limbo").exists()


def test_the_world_of_the_map_stands(limbo):
    report = builder.ensure_world()
    design = read()
    assert set(places.rooms()) == set(design.rooms)
    ways = {(places.key_of(way.location), places.key_of(way.destination), way.key) for way in places.exits()}
    assert ways == {(key, way.to, way.name) for key, room in design.rooms.items() for way in room.exits}
    assert {places.thing_key(item) for item in places.items()} == {"lens", "gauge", "trowel"}
    assert all(places.key_of(item.location) == "workshop" for item in places.items())
    assert not report.kept
    assert not report.gone


def test_building_twice_changes_nothing(limbo):
    builder.ensure_world()
    before = snapshot()
    report = builder.ensure_world()
    assert (report.made, report.changed, report.kept, report.gone, report.orphans) == ([], [], [], [], [])
    assert report.unchanged == len(before) - 1  # all but the owner
    assert snapshot() == before


def test_a_changed_file_changes_what_was_built(limbo, folder):
    builder.ensure_world(folder)
    (folder / "yard.yaml").write_text(SMALL.replace("Dark.", "Light now.").replace("name: Shed", "name: Barn"))
    report = builder.ensure_world(folder)
    assert report.changed == ["shed"]
    assert (places.room("shed").key, places.room("shed").db.desc) == ("Barn", "Light now.")


def test_hand_changes_are_kept_unless_asked_otherwise(limbo, folder):
    builder.ensure_world(folder)
    shed, way = places.room("shed"), next(w for w in places.exits() if w.key == "shed")
    shed.db.desc = "Repainted by hand."
    shed.key = "Studio"
    way.locks.add("traverse:false()")
    way.aliases.add("studio")
    places.room("hall").db.details = {"gravel": "Raked."}
    before = snapshot()
    report = builder.ensure_world(folder)
    assert sorted(report.kept) == ["hall (details)", "hall>shed (aliases, traverse)", "shed (desc, name)"]
    assert snapshot() == before
    # Also when the file changes, what was changed by hand stays, and the rest of the object follows.
    (folder / "yard.yaml").write_text(
        SMALL.replace("    description: Dark.", "    description: Light.\n    awaits: straw")
    )
    builder.ensure_world(folder)
    assert shed.db.desc == "Repainted by hand."
    assert shed.db.awaits == "straw"
    report = builder.ensure_world(folder, force=True)
    assert sorted(report.changed) == ["hall", "hall>shed", "shed"]
    assert (shed.key, shed.db.desc, dict(places.room("hall").db.details)) == ("Shed", "Light.", {"gravel": "Grey."})
    assert way.locks.get("traverse") == "traverse:all()"
    assert builder.ensure_world(folder).changed == []


def test_what_was_removed_by_hand_stays_away_unless_asked_otherwise(limbo, folder):
    builder.ensure_world(folder)
    places.room("shed").delete()
    report = builder.ensure_world(folder)
    assert report.gone == ["shed"]
    assert places.room("shed") is None
    builder.ensure_world(folder, force=True)
    assert places.room("shed") is not None
    assert {way.key for way in places.exits()} == {"shed", "yard"}


def test_carried_things_are_not_called_back(limbo, folder):
    builder.ensure_world(folder)
    broom = places.items()[0]
    broom.location = limbo
    assert builder.ensure_world(folder).changed == []
    assert broom.location == limbo


def test_what_builders_make_is_left_alone(limbo, folder):
    builder.ensure_world(folder)
    pub = create_object("typeclasses.rooms.Room", key="Pub", nohome=True)
    create_object("typeclasses.exits.Exit", key="pub", location=places.room("hall"), destination=pub)
    create_object("typeclasses.objects.Object", key="barrel", location=pub)
    before = snapshot()
    for force in (False, True):
        builder.ensure_world(folder, force=force)
        assert snapshot() == before


def test_a_room_that_left_the_files_is_named_and_stays(limbo, folder):
    builder.ensure_world(folder)
    lines = SMALL.split("  shed:\n")[0].replace(
        "    exits:\n      - {name: shed, aliases: [s], to: shed, refusal: Nailed shut.}\n", ""
    )
    (folder / "yard.yaml").write_text(lines)
    report = builder.ensure_world(folder)
    assert sorted(report.orphans) == ["hall>shed", "shed", "shed>yard"]
    assert places.room("shed") is not None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("to: shed", "to: cellar"), "leads to 'cellar'"),
        (("  shed:\n", "  hall:\n"), "duplicate key 'hall'"),
        (
            ("typeclass: item", "typeclass: typeclasses.objects.Nothing"),
            "unknown typeclass 'typeclasses.objects.Nothing'",
        ),
        (("typeclass: item", "typeclass: os.path"), "unknown typeclass 'os.path'"),
        (("typeclass: item", "typeclass: typeclasses.accounts.Account"), "it is not a typeclass of objects"),
        (("name: Shed", "name: Shed\n    function: shedding"), "unknown function 'shedding'"),
        (("to: hall}", "to: hall, lock: 'eat()'}"), "lock of exit 'yard' is wrong"),
        (("to: hall}", "to: hall, lock: 'all('}"), "lock of exit 'yard' is wrong"),
        (("to: hall}", "to: hall, lock: 'all();edit:all()'}"), "rooms.shed.exits.0.lock"),
    ],
)
def test_a_wrong_map_is_refused_whole_and_the_world_is_untouched(limbo, folder, change, reason):
    builder.ensure_world(folder)
    before = snapshot()
    assert change[0] in SMALL
    (folder / "yard.yaml").write_text(SMALL.replace("Gravel.", "New gravel.").replace(*change, 1))
    with pytest.raises(MapError) as refused:
        builder.ensure_world(folder, force=True)
    assert any(reason in str(fault) for fault in refused.value.faults), str(refused.value)
    assert snapshot() == before


def test_a_failure_half_way_leaves_the_world_as_it_was(limbo, folder, monkeypatch):
    calls = []

    def breaking(*args, **kwargs):
        calls.append(args)
        if len(calls) == 3:
            raise OSError("disk full")
        return create_object(*args, **kwargs)

    monkeypatch.setattr(builder, "create_object", breaking)
    hall = limbo.location
    with pytest.raises(OSError, match="disk full"):
        builder.ensure_world(folder)
    assert hall.key == "Limbo", "the engine's cache believes what was rolled back"
    assert not hall.db.desc
    assert hall.contents == [limbo]
    assert set(ObjectDB.objects.values_list("db_key", flat=True)) == {"owner", "Limbo"}
    monkeypatch.undo()
    builder.ensure_world(folder)
    assert set(places.rooms()) == {"hall", "shed"}


def test_the_world_can_be_exported_and_read_again(limbo, tmp_path):
    builder.ensure_world()
    report = export.export(tmp_path / "out")
    assert report.left_out == []
    assert sorted(file.name for file in report.files) == sorted(file.name for file in MAP.glob("*.yaml"))
    written, original = read(tmp_path / "out"), read()
    assert {k: normal(r) for k, r in written.rooms.items()} == {k: normal(r) for k, r in original.rooms.items()}
    assert written.areas == original.areas
    before = snapshot()
    again = builder.ensure_world(tmp_path / "out")
    assert (again.made, again.changed, again.kept, again.orphans) == ([], [], [], [])
    assert snapshot() == before


def normal(room):
    """Aliases are a set to the engine, which keeps them in lower case and in its own order."""
    data = room.model_dump()
    for one in (data, *data["exits"], *data["things"].values()):
        one["aliases"] = sorted(alias.lower() for alias in one["aliases"])
    data["exits"] = sorted(data["exits"], key=lambda way: way["name"])
    return data


def test_what_was_made_by_hand_is_exported_too_and_built_again_in_an_empty_world(limbo, folder, tmp_path):
    builder.ensure_world(folder)
    pub = create_object("typeclasses.rooms.Room", key="The Pub!", nohome=True, attributes=[("desc", "Smoke.")])
    create_object("typeclasses.exits.Exit", key="pub", location=places.room("hall"), destination=pub)
    create_object("typeclasses.exits.Exit", key="out", location=pub, destination=places.room("hall"))
    create_object("typeclasses.objects.Item", key="mug", location=pub, home=pub)
    out = tmp_path / "out"
    report = export.export(out)
    assert report.left_out == []
    assert places.key_of(pub) == "the_pub"
    assert builder.ensure_world(out).made == []
    names = {(r.key, tuple(sorted(w.key for w in r.exits))) for r in places.rooms().values()}
    places.forget()
    ObjectDB.objects.all().delete()
    builder.ServerConfig.objects.all().delete()
    builder.ensure_world(out)
    assert {(r.key, tuple(sorted(w.key for w in r.exits))) for r in places.rooms().values()} == names
    assert any(item.key == "mug" and places.key_of(item.location) == "the_pub" for item in places.items())


def test_what_the_format_cannot_hold_is_named_and_left_out(limbo, folder, tmp_path):
    builder.ensure_world(folder)
    odd = create_object("typeclasses.rooms.Room", key="Odd", nohome=True, attributes=[("desc", "A. B. C. D.")])
    create_object("typeclasses.exits.Exit", key="odd", location=places.room("hall"), destination=odd)
    report = export.export(tmp_path / "out")
    assert any("Odd: description has 4 sentences" in reason for reason in report.left_out)
    assert any("exit odd of Yard: its target is left out" in reason for reason in report.left_out)
    assert set(read(tmp_path / "out").rooms) == {"hall", "shed"}


def test_export_does_not_overwrite_unasked(limbo, folder):
    builder.ensure_world(folder)
    with pytest.raises(export.Conflict, match=r"already holds yard\.yaml"):
        export.export(folder)
    assert (folder / "yard.yaml").read_text() == SMALL
    export.export(folder, force=True)
    assert set(read(folder).rooms) == {"hall", "shed"}


def test_a_room_built_while_the_world_runs_is_built_once(limbo, folder):
    builder.ensure_world(folder)
    assert builder.build_room("den", "Den", "Low.", "hall", "den")
    before = snapshot()
    assert not builder.build_room("den", "Den", "Low.", "hall", "den")
    assert snapshot() == before
    ways = {(places.key_of(w.location), places.key_of(w.destination)) for w in places.exits()}
    assert {("hall", "den"), ("den", "hall")} <= ways
    with pytest.raises(LookupError, match="no room 'moon'"):
        builder.build_room("x", "X", "X.", "moon", "x")
    assert builder.ensure_world(folder).made == []
    assert places.room("den") is not None


def test_objects_are_found_by_key_and_kind_together_and_by_no_tag():
    made = [create_object("typeclasses.objects.Object", key=f"thing {n}", nohome=True) for n in range(3)]
    for one, kind in zip(made, (places.THING, places.ROOM, places.AGENT), strict=True):
        places.identify(one, kind, "broom")
        one.tags.add("rake", category=kind)
        one.aliases.add("rake", category=kind)
    assert [places.known("broom", kind) for kind in (places.THING, places.ROOM, places.AGENT)] == made
    assert places.every(places.THING) == {"broom": made[0]}
    assert places.bodies() == {"broom": made[2]}
    assert [places.slug_of(one) for one in made] == ["", "", "broom"]
    assert places.known("rake", places.AGENT) is None and places.body("rake") is None
    places.identify(again := create_object("typeclasses.objects.Object", key="new", nohome=True), places.AGENT, "broom")
    assert places.body("broom") == again and places.slug_of(made[2]) == ""


def test_looking_for_bodies_asks_the_tables_no_more_once_all_were_found(django_assert_num_queries):
    made = [create_object("typeclasses.characters.Agent", key=f"agent {n}", nohome=True) for n in range(3)]
    for n, one in enumerate(made):
        places.identify(one, places.AGENT, f"agent-{n}")
    built.forget()
    found = places.bodies()
    with django_assert_num_queries(0):
        assert [places.body(f"agent-{n}") for n in range(3)] == list(map(found.get, ("agent-0", "agent-1", "agent-2")))
        assert [one.slug for one in found.values()] == list(found)
    assert {one.id for one in found.values()} == {one.id for one in made}


def test_a_built_room_has_a_way_that_can_be_typed_a_place_on_the_map_and_nouns_to_look_at():
    built.ensure_built()
    told = "A low bench under a window."
    assert builder.build_room("quiet_nook", "The Quiet Nook", f"{told} Dust.", "hall", "the quiet nook")
    room, hall = places.room("quiet_nook"), places.room("hall")
    way = next(one for one in places.exits() if one.destination is room)
    assert {"quiet nook", "nook"} <= set(way.aliases.all())
    back = next(one for one in places.exits() if one.location is room)
    assert "hall" in back.aliases.all()
    cell = places.cell_of(room)
    assert cell is not None and [places.cell_of(one) for one in places.rooms().values()].count(cell) == 1
    assert max(abs(a - b) for a, b in zip(cell, places.cell_of(hall), strict=True)) == 2, "beside the Hall all is taken"
    person = Person("Ann", room)
    assert room.detail("bench", person.body) == room.detail("the windows", person.body) == [told]
    assert room.detail("under a", person.body) is None and room.detail("lamp", person.body) is None
    assert builder.build_room("nook", "Nook", "Small.", "hall", "the nook")
    second = next(one for one in places.exits() if one.destination is places.room("nook"))
    assert "nook" not in second.aliases.all(), "what another way is called already stays its name alone"
