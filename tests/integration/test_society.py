"""Agents that meet: what they tell each other is on record and true, and changes what they do."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from agents.events.models import Event
from agents.governance.rules import Actor
from agents.house.find import kept_form
from agents.society.part import Society
from agents.work.models import Step
from tests.support import light_house
from tests.support.furnished import Furnished as House
from tests.support.light_house import OWNER, give, persona, run
from tests.support.light_world import LightWorld

pytestmark = pytest.mark.django_db
WALKER = persona("timmy", "visited(shrine) 6m 3", "visited(hall) 6m 2", home="hall")
KEEPER = persona("ezra", "tended(shrine) 20m 3", "rested(home) 7m 1", home="hall")


@pytest.fixture
def world() -> LightWorld:
    return LightWorld.founding()


def exchanges() -> list[Step]:
    return [
        step for step in Step.objects.filter(action="tell_why", state="done").order_by("id") if "about" in step.result
    ]


def met(house: House, seconds: float = 3600) -> list[Step]:
    assert run(house, exchanges, seconds=seconds), "they meet"
    return exchanges()


def test_they_tell_each_other_what_is_new_aloud_and_on_record(tmp_path: Path, world: LightWorld) -> None:
    house = light_house.house(tmp_path, world, [WALKER, KEEPER])
    first, second = met(house)[:2]
    assert {first.agent, second.agent} == {"timmy", "ezra"}
    assert (first.result["to"], second.result["to"]) == (second.agent, first.agent)
    aloud = [(who, text) for who, deed, text in world.deeds_seen if deed == "say"]
    assert (first.agent, first.result["said"]) in aloud and (second.agent, second.result["said"]) in aloud
    learned = Event.objects.get(topic=f"agent.{second.agent}.learned", data__about=first.result["about"])
    source = Step.objects.get(id=learned.data["source"].removeprefix("step:"))
    assert source.agent == first.agent, "what is told was done, and is told by who did it"
    assert Event.objects.filter(step=first.id, topic=f"agent.{first.agent}.say").count() == 1


def test_a_pair_speaks_no_more_often_than_once_an_hour(tmp_path: Path, world: LightWorld) -> None:
    house = light_house.house(tmp_path, world, [WALKER, KEEPER])
    met(house)
    run(house, seconds=3 * 3600, slot=1)
    begun = [step.started_at for step in exchanges()][::2]
    assert len(begun) > 1
    assert all(later - earlier >= timedelta(hours=1) for earlier, later in pairwise(begun))


def test_nothing_is_said_where_people_talk_and_something_where_they_are_silent(
    tmp_path: Path, world: LightWorld
) -> None:
    house = light_house.house(tmp_path, world, [WALKER, KEEPER])
    world.visitors = {"mia": "hall", "noa": "shrine"}
    for minute in range(60):
        for name, room in world.visitors.items():
            house.conversation.heard(
                Actor("person", name), f"Minute {minute}, says {name}.", room, others=1, via="telnet"
            )
        run(house, seconds=60)
    assert exchanges() == []
    assert met(house)


def test_nobody_speaks_in_his_sleep(tmp_path: Path, world: LightWorld) -> None:
    asleep = KEEPER.replace("errands:", "schedule: [1, 5]\nerrands:")
    house = light_house.house(tmp_path, world, [WALKER, asleep])
    run(house, seconds=3600)
    assert exchanges() == []


def test_who_was_told_that_it_was_done_does_not_go_and_knows_who_told_it_and_when(
    tmp_path: Path, world: LightWorld
) -> None:
    other = persona("timmy", "tended(shrine) 50m 3", "rested(home) 7m 1")
    house = light_house.house(tmp_path, world, [KEEPER, other])
    assert run(house, lambda: Event.objects.filter(data__effect="spared").exists(), seconds=3 * 3600)
    told = Event.objects.filter(data__effect="spared").order_by("seq").last()
    assert told is not None
    slug, at = told.agent, house.runtime.clock.now()
    last = house.mind(slug).recall.last["tended(shrine)"]  # type: ignore[union-attr]
    assert last.isoformat() == told.data["happened"], "its turn is counted from what it was told"
    text = " ".join(
        one.text
        for one in house.recalls(slug, "what do you know of the shrine?", OWNER)
        if one.records[0] == f"event:{told.seq}"
    )
    name = house.personas[told.data["by"]].name
    assert re.fullmatch(rf"{name} told me at {told.at.hour}:{told.at:%M} that at \d+:\d\d .*\.", text), text
    assert at - told.at < timedelta(seconds=2)


def test_who_was_told_of_the_board_goes_to_read_it(tmp_path: Path, world: LightWorld) -> None:
    reader = persona("ezra", "seen(board) 5m 3", "visited(library) 5m 3", home="library")
    rare = persona("timmy", "seen(board) 10d 1", "visited(library) 6m 3", home="library")
    house = light_house.house(tmp_path, world, [reader, rare], due=False)
    house.work.propose("Chore dust", "", OWNER, "telnet")
    assert run(house, lambda: Event.objects.filter(agent="timmy", data__effect="reads").exists(), seconds=3 * 3600)
    before = Step.objects.filter(agent="timmy", action="look_at_board", state="done").count()
    assert run(house, lambda: Step.objects.filter(agent="timmy", action="look_at_board", state="done").count() > before)
    plan = house.plans.newest("timmy")
    assert plan is not None
    reasons = list(
        Event.objects.filter(topic="agent.timmy.plan", data__goal="seen(board)").values_list("data", flat=True)
    )
    assert any(re.match(r"Ezra told me at \d+:\d\d how the board stands", data["reason"]) for data in reasons)


def test_a_tool_that_is_asked_for_is_laid_down(tmp_path: Path, world: LightWorld) -> None:
    house = light_house.house(tmp_path, world, [persona("timmy"), persona("ezra")])
    run(house, seconds=5)
    world.seize("lens", "ezra")
    house.need(Society)._lays["ezra"] = ("lens", "hall")
    house.minds.wake("ezra")
    assert run(house, lambda: world.lying.get("lens") == "hall", seconds=60)
    assert Step.objects.filter(agent="ezra", action="drop(lens, hall)", state="done").exists()


def test_what_became_of_a_task_is_told(tmp_path: Path, world: LightWorld) -> None:
    house = light_house.house(tmp_path, world, [WALKER, KEEPER])
    task = give(house, "Chore dust", "timmy")
    assert run(
        house, lambda: Event.objects.filter(agent="ezra", data__about=f"task:{task.pk}").exists(), seconds=3 * 3600
    )
    told = Event.objects.get(topic="agent.ezra.learned", data__about=f"task:{task.pk}")
    done = Event.objects.get(topic="task.completed")
    assert (told.data["state"], told.data["source"]) == (f'task {task.pk}, "Chore dust", was done', f"event:{done.seq}")


def test_what_was_told_is_known_after_a_restart_and_kept_in_a_saved_run(tmp_path: Path, world: LightWorld) -> None:
    house = light_house.house(tmp_path, world, [WALKER, KEEPER])
    met(house)
    slug = Event.objects.filter(topic__endswith=".learned").first().agent  # type: ignore[union-attr]
    before = house.recalls(slug, "any news?", OWNER)
    assert before
    house.stop()
    again = light_house.house(tmp_path, world, [], clock=house.runtime.clock)
    assert again.recalls(slug, "any news?", OWNER) == before
    form = TypeAdapter(kept_form())
    kept = form.validate_json(form.dump_json(house.snapshot()))["society"]
    assert kept == house.need(Society).snapshot()
    third = Society(house)
    third.restore(kept)
    assert third.snapshot() == kept


def test_what_is_lost_with_its_slot_is_forgotten(tmp_path: Path, world: LightWorld) -> None:
    house = light_house.house(tmp_path, world, [WALKER, KEEPER])
    met(house)
    society = house.need(Society)
    society.lose()
    assert society.snapshot().memories == {}
    assert society.memory("timmy").met.keys() == {"ezra"}, "the record has it"
