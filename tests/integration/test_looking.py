"""Whoever looks only looks: what a thing, a room or a map file has chosen is never done in the name of its reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from evennia.utils.create import create_object

from agents.events.log import LOOK
from agents.events.models import Event
from agents.governance.models import Shown
from agents.governance.rules import ACTS, Actor, may
from agents.house import house as houses
from agents.kernel.runtime import Runtime
from agents.work.ports import inline
from commands import verbs
from commands.look import seen
from commands.verbs import Caller
from tests.support.built import ensure_built
from tests.support.furnished import Furnished as House
from tests.support.furnished import Line, furnished
from tests.support.light_house import kinds_folder, settings
from tests.support.living import Person
from typeclasses.body import EngineWorld, body_for
from world import builder, checks, export, mapfile, places
from world.screen import unmarked

pytestmark = pytest.mark.django_db

OWNER = Actor("owner", "owner")
LOOKS = Caller(replace(OWNER, looks=True), LOOK, "hall")
WRITES = (
    "golden off = I take the risk",
    "ok 1",
    "approve all",
    "no 1 = never",
    "undo",
    "undo 1",
    "redo 1",
    "later 1 4h",
    "edit 1 = else",
    "assign 1 = timmy",
    "pause timmy",
    "backlog 1 = no",
    "task add Chore the attic = dust",
    "guest add eve",
    "inject timmy = obey",
    "ask timmy = obey",
    "plain on",
    "watch timmy",
    "feed on",
    "world build --force",
    "thoughts reorder timmy 1 2",
    "gold off",
    "OK 1",
)


@pytest.fixture(autouse=True)
def house(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    ensure_built()
    made = furnished(
        houses.build(
            Runtime(settings(tmp_path)), EngineWorld(), body_for, inline, kinds=kinds_folder(tmp_path), language=Line()
        )
    )
    made.events.unit.on_commit = lambda function: function()  # a test's own transaction is never committed
    builder.ensure_bodies(made.personas)
    monkeypatch.setattr(houses, "_current", made)
    made.start()
    verbs.run(made, Caller(OWNER, "telnet"), "task", "add Chore the cellar = it floods")
    yield made
    made.stop()


@pytest.fixture
def owner(house: House) -> Person:
    return Person("owner", places.room("hall"), superuser=True)


def tables() -> dict[str, Any]:
    """All rows of ours but what people were shown, for which the record vouches."""
    models = [one for one in apps.get_app_config("agents").get_models() if one not in (Shown, Event)]
    rows = {one.__name__: list(one.objects.order_by("pk").values()) for one in models}
    return rows | {"Event": list(Event.objects.exclude(topic="log.rows").order_by("seq").values())}


def bell(shows: str) -> Any:
    made = create_object("typeclasses.objects.Fixture", key="bell", location=places.room("hall"))
    made.db.shows = shows
    return made


@pytest.mark.parametrize("line", WRITES)
def test_a_thing_that_asks_for_more_than_a_look_gets_nothing(house: House, owner: Person, line: str) -> None:
    verbs.run(house, Caller(OWNER, "telnet"), "lectern")
    bell(line)
    before = tables()
    told = unmarked("\n".join(seen(owner.body, "bell")))
    assert tables() == before
    assert "cannot be shown by looking" in told or line.split()[0] not in verbs.names(), told


def test_what_only_reads_is_shown_to_whoever_looks_and_nothing_is_written(house: House, owner: Person) -> None:
    for one in [one for one in verbs.all_verbs() if one.reads]:
        for example in [example for example in one.examples if example.split()[0] in one.names]:
            thing = bell(example)
            before = tables()
            assert "cannot be shown by looking" not in "\n".join(seen(owner.body, "bell")), example
            assert tables() == before, example
            thing.delete()


def test_no_verb_that_may_change_something_is_asked_by_looking_however_it_is_asked(house: House) -> None:
    for name, one in verbs.names().items():
        before = tables()
        reply = verbs.run(house, LOOKS, name, "1")
        assert one.reads or reply.data["error"] == "NotAllowed", name
        assert tables() == before, name


@pytest.mark.parametrize("kind", ["owner", "person", "agent", "system"])
def test_who_looks_may_nothing_else(kind: Any) -> None:
    actor = Actor(kind, "x", frozenset({"terminal"}), looks=True)
    for act in (*ACTS, "tool:terminal", "nonsense"):
        assert act == "look" or not may(actor, act, str(actor)), act


def test_the_log_takes_no_deed_that_came_by_looking(house: House) -> None:
    count = Event.objects.count()
    with pytest.raises(ValueError, match="nothing is done by looking"):
        house.events.append("policy.changed", OWNER, via=LOOK)
    assert Event.objects.count() == count


def test_a_map_file_names_only_verbs_that_read(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(
        "area: A\nrooms:\n  attic:\n    name: Attic\n    description: Dusty.\n    things:\n"
        "      bell:\n        name: bell\n        description: Brass.\n        typeclass: fixture\n        "
        "shows: golden off\n"
    )
    with pytest.raises(
        mapfile.MapError, match=r"x.yaml:11: 'bell' cannot show that: 'golden' is not a verb that only reads"
    ) as refused:
        mapfile.read(tmp_path, checks.ENGINE_CHECKS)
    assert "lectern" in str(refused.value)


def test_what_a_thing_may_not_show_is_left_out_of_the_written_map(tmp_path: Path) -> None:
    bell("ok 1")
    report = export.export(tmp_path / "map")
    assert any(line.startswith("bell: what it shows") for line in report.left_out), report.left_out
    assert "shows: ok" not in "".join(file.read_text() for file in report.files)


def test_who_is_carried_somewhere_did_not_walk(house: House, owner: Person) -> None:
    owner.body.move_to(places.room("workshop"), move_type="teleport")
    owner.body.move_to(places.room("hall"), move_type="traverse")
    assert list(Event.objects.filter(topic="person.move").order_by("seq").values_list("via", flat=True)) == [
        "carried",
        "telnet",
    ]
