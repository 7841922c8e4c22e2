"""What the larder must do where it was dropped: run in a copy of the tree, and nowhere else."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from django.test import RequestFactory
from django.urls import resolve
from pydantic import TypeAdapter

from agents.events.models import Event
from agents.house.find import kept_form
from agents.house.house import install
from agents.larder.models import Jar
from agents.larder.part import Larder
from commands import telling, verbs
from server import vitals, watchdog
from server.records import Records
from tests.support import light_house
from tests.support.light_world import LightWorld
from world import functions, mapfile
from world.help import topics

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TIMMY_LARDER_JARS", "2")
    world = LightWorld.founding()
    world.join("hall", "larder")
    made = light_house.house(tmp_path, world, [light_house.persona("timmy")])
    install(made)
    yield made
    install(None)  # type: ignore[arg-type]


def test_it_is_a_part_like_others(house):
    assert house.problems == []
    assert house.need(Larder).most == 2, "the setting is read"
    assert light_house.run(house, lambda: Jar.objects.count() == 2, seconds=300), "two wishes, planned for and done"
    light_house.run(house, seconds=180)
    assert Jar.objects.count() == 2, "no more is wished for"
    assert house.need(Larder).looked > 1, "its beats come"
    assert house.snapshot()["larder"] == house.need(Larder).looked
    kept = TypeAdapter(kept_form()).dump_python(house.snapshot(), mode="json")
    assert TypeAdapter(kept_form()).validate_python(kept)["larder"] == house.need(Larder).looked


def test_people_and_agents_are_told_of_it(house):
    owner = verbs.Caller(light_house.OWNER, "telnet")
    Jar.objects.create(agent="timmy", at=house.runtime.clock.now())
    assert verbs.run(house, owner, "larder", "").lines == ["The larder has 1 full jars."]
    assert functions.headline(functions.all_functions()["larder"], "", light_house.OWNER) == "1 jars are full."
    assert "larder" in mapfile.read().rooms
    assert any(topic.title == "larder" for topic in topics().values())
    request = RequestFactory().get("/larder/")
    assert resolve("/larder/").func(request).content == b"1 jars are full"
    light_house.run(house, seconds=5)
    answer = house.conversation.ask(light_house.OWNER, "timmy", "What is in the larder?", channel="ask", via="telnet")
    light_house.run(house, seconds=5)
    assert "of 2 jars full." in house.conversation.log.find(answer.pk).text
    assert "larder:jars" in [seed.subject for seed in light_house.ground(house).seeds("timmy")]
    told = vitals.inside(house, Records(house.runtime.clock, 1))["parts"]["larder"]
    assert told["figures"] == {"jars": Jar.objects.count()}
    assert told["checks"][0]["said"] == f"{Jar.objects.count()} jars are full"


def test_its_event_is_declared_and_told(house):
    house.events.append("agent.timmy.larder.filled", light_house.OWNER, via="mind", agent="timmy", data={"jars": 1})
    event = Event.objects.get(topic="agent.timmy.larder.filled")
    assert "fills a jar; there are 1 now" in telling.line(event, house)


def test_the_watchdog_ends_its_code(house):
    fill = house.repertoire.acts["fill_jar"].perform
    assert inspect.getmodule(fill).__name__.startswith(watchdog.PARTS)
