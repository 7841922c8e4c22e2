"""What rooms show by light, by use and of notes: true at the instant, told in one sentence, cheap to ask."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.events.models import Event
from agents.governance.rules import Actor
from agents.house import house as houses
from agents.house.house import House
from agents.kernel.clock import SimulatedClock
from agents.kernel.runtime import Runtime
from agents.marks.part import Marks
from agents.mind import sensors
from agents.notes.service import Notes
from agents.work.ports import Machine, inline
from commands import live
from commands.look import seen
from tests.support.built import ensure_built
from tests.support.furnished import Line, furnished
from tests.support.light_house import START, kinds_folder, settings
from tests.support.living import Person
from typeclasses.body import EngineWorld, body_for
from world import builder, places, scenery
from world.screen import unmarked

pytestmark = pytest.mark.django_db
OWNER = Actor("owner", "owner")


@pytest.fixture
def machine() -> dict[str, Any]:
    return {"disk_waits": 0.1}


@pytest.fixture
def house(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: dict[str, Any]) -> Iterator[House]:
    ensure_built()
    made = furnished(
        houses.build(
            Runtime(settings(tmp_path), SimulatedClock(START)),
            EngineWorld(),
            body_for,
            inline,
            kinds=kinds_folder(tmp_path),
            language=Line(),
            probe=lambda: Machine(2**30, 0.5, **machine),
        )
    )
    made.events.unit.on_commit = lambda function: function()  # a test's own transaction is never committed
    builder.ensure_bodies(made.personas)
    monkeypatch.setattr(houses, "_current", made)
    made.start()
    yield made
    made.stop()


_bodies: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def owner(house: House) -> Iterator[None]:
    _bodies["owner"] = Person("owner", places.room("treasury"), superuser=True).body
    yield
    _bodies.clear()


def looks(room: str, words: str = "", brief: bool = False) -> str:
    body = _bodies["owner"]
    body.location = places.room(room)
    lines = places.room(room).appearance(body, brief=brief) if not words else seen(body, words)
    return unmarked("\n".join(lines))


def pass_by(house: House, **span: float) -> None:
    clock = house.runtime.clock
    assert isinstance(clock, SimulatedClock)
    clock.advance(timedelta(**span).total_seconds())


def test_a_room_under_the_sky_shows_light_season_and_wind_in_one_sentence(house: House) -> None:
    told = looks("grove")
    assert "marks the fork. It is day, the ash buds are opening and a fresh wind blows." in told
    assert "It is day, in spring, by the clock of 12:00." in looks("grove", "sky")
    assert "waited for its disk 10.0% of the time" in looks("grove", "wind")
    assert "It is spring: the ash buds are opening." in looks("grove", "buds")
    pass_by(house, hours=10)
    assert "It is night," in looks("grove")
    assert "The window is dark." in looks("library")
    assert "it is" not in looks("treasury").lower().replace("its", "")


def test_a_machine_that_tells_nothing_of_its_disk_has_no_wind(house: House, machine: dict[str, Any]) -> None:
    machine["disk_waits"] = None
    assert "wind" not in looks("grove")
    assert "does not tell" in looks("grove", "wind")


def test_the_wind_is_read_where_linux_tells_it(tmp_path: Path) -> None:
    pressure = tmp_path / "io"
    assert sensors.machine(tmp_path, pressure=pressure).disk_waits is None
    pressure.write_text(
        "some avg10=1.00 avg60=12.50 avg300=3.00 total=1\nfull avg10=0.00 avg60=9.00 avg300=0 total=1\n"
    )
    assert sensors.machine(tmp_path, pressure=pressure).disk_waits == 0.125


def test_marks_follow_the_record_and_go_again(house: House) -> None:
    assert "anvil is still warm" not in looks("forge")
    house.events.append("bug.filed", Actor("system", "world"), via="system", data={"fingerprint": "x", "title": "t"})
    assert "an error that was caught. The anvil is still warm." in looks("forge")
    assert looks("forge", "anvil").endswith("An error was caught here less than a minute ago.")
    pass_by(house, hours=2)
    assert "anvil is still warm" not in looks("forge")
    assert "Eighty kilos" in looks("forge", "anvil")


def test_chalk_lies_after_many_verdicts_and_a_path_is_worn_by_many_walks(house: House) -> None:
    for turn in range(5):
        assert ("Chalk dust" in looks("hall")) is False, turn
        house.events.append("approval.approved", OWNER, via="telnet", approval=turn, data={})
    assert "a candle on it. Chalk dust lies below the board." in looks("hall")
    for _ in range(60):
        house.events.append("agent.timmy.move", "agent:timmy", agent="timmy", data={"from": "hall", "to": "grove"})
    assert "a fresh wind blows; the gravel is trodden into the lawn." in looks("grove")
    assert "at least 60 crossings within 7 days" in looks("grove", "path")


def test_dust_lies_where_nobody_came_for_days_and_nobody_stands(house: House) -> None:
    house.events.append("agent.timmy.move", "agent:timmy", agent="timmy", data={"from": "hall", "to": "sanctum"})
    assert "Dust" not in looks("sanctum")
    pass_by(house, days=4)
    assert "Dust lies on everything." in looks("sanctum")
    assert "Nobody has come in here for more than 3 days." in looks("sanctum", "dust")
    house.events.append("person.move", OWNER, data={"from": "spire", "to": "sanctum"})
    assert "Dust" not in looks("sanctum"), "somebody has come in"
    assert "Dust" not in looks("hall"), "agents live there"
    assert "dust" not in looks("grove").lower(), "it has no roof"


def test_notes_are_told_of_also_on_a_second_visit_and_read_by_looking(house: House) -> None:
    assert "pinned" not in looks("workshop")
    made = house.need(Notes).leave(OWNER, "workshop", "Knock twice.", "telnet")
    assert 'A note is pinned here, by owner: "Knock twice."' in looks("workshop")
    assert "pinned here" in looks("workshop", brief=True)
    assert looks("workshop", "notes") == f"{made.pk}. owner: Knock twice."
    assert "No note is pinned here." in looks("hall", "note")


def test_whoever_stands_there_sees_another_pin_a_note() -> None:
    _bodies["owner"].location = places.room("hall")
    session = SimpleNamespace(puppet=_bodies["owner"])

    def sees(actor: str, room: str, agent: str = "") -> bool:
        event = Event(topic="note.left", actor=actor, agent=agent, data={"note": 1, "room": room})
        return live.stands_by(session, OWNER, event)

    assert sees("person:ana", "hall")
    assert not sees("person:ana", "forge"), "it is elsewhere"
    assert not sees("owner:owner", "hall"), "whoever did it was told by the verb"
    assert not sees("agent:timmy", "hall", "timmy"), "its body is seen doing it"


def test_a_second_visit_shows_neither_light_nor_marks(house: House) -> None:
    assert "It is day" not in looks("grove", brief=True)


def test_a_look_that_was_had_before_asks_no_table_for_them(house: House) -> None:
    house.events.append("person.move", OWNER, data={"from": "spire", "to": "sanctum"})
    for room in ("hall", "grove", "forge", "library"):
        place = places.room(room).place
        scenery.sentence(place), scenery.lines(place)
        with CaptureQueriesContext(connection) as asked:
            scenery.sentence(places.room(room).place), scenery.lines(places.room(room).place)
        assert [one["sql"] for one in asked.captured_queries] == [], room


def test_what_was_read_from_the_record_is_what_was_heard(house: House) -> None:
    marks = house.need(Marks)
    for turn in range(70):
        house.events.append("person.move", OWNER, data={"from": "hall", "to": "grove"})
        if turn == 30:
            list(marks.of("grove", False))
    heard = list(marks._happened["walks"]["grove"])
    house.renew(Marks)  # type: ignore[attr-defined]
    list(house.need(Marks).of("grove", False))
    assert list(house.need(Marks)._happened["walks"]["grove"]) == heard
    assert Event.objects.filter(topic="person.move").count() == 70


def test_where_a_description_has_three_sentences_none_is_added(house: House) -> None:
    places.room("grove").db.desc = "One! Two? Three."
    assert "Three." in looks("grove") and "It is day" not in looks("grove")
    places.room("grove").db.desc = ""
    assert "\nIt is day, the ash buds are opening" in looks("grove")


def test_a_broken_scenery_costs_only_itself(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(house: House, place: scenery.Place) -> str:
        raise ZeroDivisionError

    found = (*scenery._in_order(), scenery.Scenery("broken", clause=broken, line=broken))
    monkeypatch.setattr(scenery, "_in_order", lambda: found)
    assert "It is day" in looks("grove")
    assert Event.objects.filter(topic="bug.filed").exists(), "the fault is noted"
