"""Agents that meet: what they tell each other is on record and true, and changes what they do."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.db.models import F
from pydantic import TypeAdapter

from agents.events.models import Event
from agents.governance.rules import Actor, may
from agents.house.find import kept_form
from agents.kernel.errors import Conflict, NotAllowed
from agents.simulation import run as simulation
from agents.society.part import Society
from agents.work import replay
from agents.work.models import Step, Task
from agents.work.settings import WorkSettings
from tests.support import lies, light_house, spoken
from tests.support.furnished import Furnished as House
from tests.support.light_house import OWNER, give, persona, run
from tests.support.light_world import LightWorld
from tests.support.sayings import Record, lines_of

pytestmark = pytest.mark.django_db
WALKER = persona("timmy", "visited(shrine) 6m 3", "visited(hall) 6m 2", home="hall")
KEEPER = persona("ezra", "tended(shrine) 20m 3", "rested(home) 7m 1", home="hall")


@pytest.fixture
def world() -> LightWorld:
    return LightWorld.founding()


def exchanges() -> list[Step]:
    """All lines that were said at meetings, in order; ids made within one millisecond have none."""
    said = Event.objects.filter(topic__endswith=".say").order_by("seq").values_list("step", flat=True)
    lines = {step.id: step for step in Step.objects.filter(action="tell_why", state="done", result__has_key="about")}
    return [lines[step] for step in said if step in lines]


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


KINDS = simulation.KINDS
"""Kinds of work with a place of their own: counting needs nothing, sorting the lens."""


def freed(house: House, title: str) -> Task:
    """A task that is nobody's, from when on the dispatcher may give it."""
    task = give(house, title, "")
    run(house, seconds=house.runtime.settings.of(WorkSettings).grace_seconds)
    return task


def trail() -> str:
    """All steps, for the message of a test that fails."""
    return "\n".join(f"{s.started_at:%H:%M:%S} {s.agent} {s.action} {s.state} {s.result}" for s in Step.objects.all())


def status(task: Task) -> tuple[str, str]:
    task.refresh_from_db()
    return task.status, task.assignee


def said(house: House) -> list[str]:
    """All that was said at meetings, each line looked through."""
    record = Record(house)
    _, wrong = spoken.looked_through(record)
    assert wrong == []
    _, believed = lies.planted(record, lines_of(record), spoken.kinds_of)
    assert believed == []
    return [f"{step.agent}: {step.result['said']}" for step in exchanges()]


def lens_in_use(folder: Path, world: LightWorld, room: str, slug: str) -> tuple[House, Task]:
    """Ezra sorts in the Observatory with the lens; when he is there Timmy, in `room`, gets a task that needs it. Ezra
    will report in the Hall and then put the lens back in the Workshop.
    """
    house = light_house.house(folder, world, [persona("timmy"), persona("ezra")], kinds=KINDS, step_seconds=30)
    run(house, seconds=5)
    world.put("timmy", room)
    give(house, "Sort jars in observatory", "ezra")
    assert run(house, lambda: world.standing["ezra"] == "observatory", seconds=900)
    task = give(house, "Sort maps in hall", slug)
    assert run(house, lambda: status(task) == ("RUNNING", "timmy"), seconds=120)
    return house, task


def test_a_tool_that_is_asked_for_is_laid_down_after_work_and_asked_after(tmp_path: Path, world: LightWorld) -> None:
    house, _ = lens_in_use(tmp_path, world, "hall", "timmy")
    taken = Step.objects.filter(agent="timmy", action="take(lens, hall)", state="done")
    assert run(house, taken.exists, seconds=1800), trail()
    assert Step.objects.filter(agent="ezra", action="drop(lens, hall)", state="done").exists()
    reasons = Event.objects.filter(topic="agent.ezra.plan", data__goal="hand over lens")
    assert re.fullmatch(r"Timmy asked me for it at \d+:\d\d", reasons.get().data["reason"])
    assert said(house) == [
        "timmy: Ezra, I am waiting for the survey lens with task 2, and you have it.",
        "ezra: I need it for task 1, Timmy; then it is yours.",
    ]
    run(house, seconds=3600)
    give(house, "Count bolts in library" if world.standing["timmy"] == "hall" else "Count bolts in workshop", "ezra")
    assert run(house, lambda: len(exchanges()) > 2, seconds=900), trail()
    asked, answer = said(house)[2:]
    assert re.fullmatch(r"ezra: Timmy, at \d+:\d\d you were waiting for the survey lens. Did you get it\?", asked)
    pattern = r"timmy: I did, Ezra, at \d+:\d\d\. Thank you for laying the survey lens down for me\."
    assert re.fullmatch(pattern, answer)


def test_who_has_no_task_lays_the_tool_down_at_once(tmp_path: Path, world: LightWorld) -> None:
    house, _ = lens_in_use(tmp_path, world, "workshop", "timmy")
    taken = Step.objects.filter(agent="timmy", action="take(lens, workshop)", state="done")
    assert run(house, taken.exists, seconds=1800), trail()
    assert said(house) == [
        "timmy: Ezra, I am waiting for the survey lens with task 2, and you have it.",
        "ezra: Take it, Timmy. I will put it down here.",
    ]


def test_who_has_the_tool_and_no_task_takes_over_what_the_dispatcher_gave(tmp_path: Path, world: LightWorld) -> None:
    house, task = lens_in_use(tmp_path, world, "workshop", "")
    assert run(house, lambda: status(task) == ("RUNNING", "ezra"), seconds=1800), trail()
    asked, taken = said(house)
    why = "It needs the survey lens, and you have it."
    assert asked == f'timmy: Ezra, would you take task {task.pk}, "{task.title}"? {why}'
    assert re.fullmatch(r"ezra: .+ I have no task in hand\.", taken)
    event = Event.objects.get(topic="task.delegated")
    assert (event.actor, event.data["assignee"]) == ("agent:timmy", "ezra")
    assert event.data["reason"] == "Ezra has the survey lens"


def two_tasks(folder: Path, world: LightWorld) -> tuple[House, Task, Task]:
    """Ezra, in the Library, has a task that failed before it was begun and is tried again, and is given another
    meanwhile; Timmy, in the Hall, has none.
    """
    people = [persona("ezra", home="library"), persona("timmy")]
    house = light_house.house(folder, world, people, kinds=KINDS, step_seconds=30)
    first = freed(house, "Count jars in grove")
    assert run(house, lambda: status(first)[0] == "RUNNING", seconds=60)
    assert status(first) == ("RUNNING", "ezra")
    house.work.fail(first.pk, "ezra", "The way was locked.")
    second = freed(house, "Count maps in shrine")
    assert run(house, lambda: status(second) == ("RUNNING", "ezra"), seconds=60)
    return house, first, second


def test_a_task_that_waits_behind_another_is_handed_over_and_asked_after(tmp_path: Path, world: LightWorld) -> None:
    house, first, second = two_tasks(tmp_path, world)
    house.work.retry(first.pk, OWNER, "telnet")
    assert run(house, lambda: status(first) == ("RUNNING", "timmy"), seconds=900)
    asked, taken = said(house)
    why = f"I still have task {second.pk} before it."
    assert asked == f'ezra: Timmy, would you take task {first.pk}, "Count jars in grove"? {why}'
    assert taken == "timmy: I will, Ezra. I have no task in hand."
    event = Event.objects.get(topic="task.delegated")
    assert event.data["reason"] == f"Ezra has task {second.pk} before it"
    assert replay.compare() == []
    assert run(house, lambda: status(first)[0] == status(second)[0] == "COMPLETED", seconds=900)
    run(house, seconds=3600)
    give(house, "Count bolts in grove", "ezra")
    assert run(house, lambda: len(exchanges()) > 2, seconds=900)
    follow, answer = said(house)[2:]
    assert follow.startswith(f"ezra: Thank you for taking task {first.pk} off my hands. Timmy, you took task ")
    assert re.fullmatch(rf"timmy: I finished task {first.pk} at \d+:\d\d, Ezra\.", answer)


def test_what_a_person_assigned_stays_where_it_is(tmp_path: Path, world: LightWorld) -> None:
    house, first, second = two_tasks(tmp_path, world)
    house.work.retry(first.pk, OWNER, "telnet")
    house.work.assign(first.pk, "ezra", OWNER, "telnet")
    assert run(house, lambda: status(second)[0] == "COMPLETED", seconds=900)
    assert not Event.objects.filter(topic="task.delegated").exists()
    with pytest.raises(NotAllowed, match="a person assigned it"):
        house.work.delegate(first.pk, "ezra", "timmy", "I would rather not")


def test_what_is_begun_or_was_handed_over_stays_where_it_is(tmp_path: Path, world: LightWorld) -> None:
    house, first, second = two_tasks(tmp_path, world)
    house.work.retry(first.pk, OWNER, "telnet")
    house.work.delegate(first.pk, "ezra", "timmy", "for a reason")
    with pytest.raises(NotAllowed, match="handed over before"):
        house.work.delegate(first.pk, "timmy", "ezra", "back to you")
    with pytest.raises(Conflict, match="timmy's, not ezra's"):
        house.work.delegate(first.pk, "ezra", "timmy", "once more")
    begun = Step.objects.filter(task=second.pk).exclude(key=F("id"))
    assert run(house, begun.exists, seconds=900)
    with pytest.raises(NotAllowed, match="it has been begun"):
        house.work.delegate(second.pk, "ezra", "timmy", "too late")
    assert not may(OWNER, "delegate") and may(Actor("agent", "ezra"), "delegate")


def test_who_is_called_to_bed_hands_over_what_it_has_not_begun(tmp_path: Path, world: LightWorld) -> None:
    asleep = persona("ezra", home="library", extra="schedule: [1, 5]")
    house = light_house.house(tmp_path, world, [asleep, persona("timmy")], kinds=KINDS, step_seconds=30)
    task = freed(house, "Count maps in shrine")
    assert run(house, lambda: status(task) == ("RUNNING", "ezra"), seconds=60)
    assert run(house, lambda: status(task) == ("RUNNING", "timmy"), seconds=900)
    assert said(house)[0].endswith("? My hours are over, and I have not begun it.")


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
