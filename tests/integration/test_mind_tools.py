"""Tools that several need: laid down is reached, who waits is woken, nobody is said to have what he has not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest

from agents.events.models import Event
from agents.mind.models import PlanRecord
from agents.work.models import Task
from tests.support.furnished import Furnished as House
from tests.support.light_house import give, house, persona, run
from tests.support.light_world import LightWorld

pytestmark = pytest.mark.django_db
PUT_BACK = "put back lens"
FIVE = {"timmy": "hall", "ezra": "library", "allegro": "grove", "bezalel": "forge", "primus": "spire"}
HAS = re.compile(r"(\w+) has the survey lens")


@pytest.fixture
def world() -> LightWorld:
    return LightWorld.founding()


def status(task: Task) -> str:
    task.refresh_from_db()
    return task.status


def when_laid(built: House, then: Callable[[], object]) -> list[str]:
    """Do something in the instant in which the lens is laid down for the first time; filled once that has happened."""
    laid: list[str] = []

    def hear(event: Event) -> None:
        if not laid:
            laid.append(event.agent)
            then()

    built.bus.subscribe("agent.*.drop", hear)
    return laid


def put_backs(slug: str) -> list[str]:
    return [record.state for record in PlanRecord.objects.filter(agent=slug, goal=PUT_BACK)]


def test_what_was_laid_down_is_reached_though_another_takes_it_at_once(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy"), persona("ezra", home="workshop")])
    task = give(built, "Chore dust", "timmy")
    assert run(built, lambda: status(task) == "COMPLETED")
    laid = when_laid(built, lambda: world.seize("lens", "ezra"))
    assert run(built, lambda: laid)
    run(built, seconds=10)
    assert put_backs("timmy") == ["done"]
    assert not Event.objects.filter(topic="agent.timmy.stuck").exists()
    assert built.mind("timmy").waits == {}


def test_what_is_taken_on_the_way_back_is_no_failure(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy")])
    task = give(built, "Chore dust", "timmy")
    mind = built.mind("timmy")
    assert run(built, lambda: status(task) == "COMPLETED" and mind.pursuit and mind.pursuit.wish.name == PUT_BACK)
    world.seize("lens", "person:Alexander")
    run(built, seconds=10)
    assert put_backs("timmy") == ["dropped"]
    assert not Event.objects.filter(topic="agent.timmy.stuck").exists()
    assert mind.waits == {}


def test_a_thing_that_others_move_again_is_an_errand_done(tmp_path, world):
    """Any wish whose fact another may undo at once, not that of putting back alone."""
    built = house(tmp_path, world, [persona("timmy", "in(lens,hall) 1h 3")])
    laid = when_laid(built, lambda: world.lay("lens", "forge"))
    assert run(built, lambda: laid)
    run(built, seconds=60)
    found = PlanRecord.objects.filter(agent="timmy", goal="in(lens, hall)").exclude(reason="before the test")
    assert [record.state for record in found] == ["done"]
    assert world.lying["lens"] == "forge"


def test_a_shelved_wish_is_void_once_the_thing_is_held_anew(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy")])
    first = give(built, "Chore dust", "timmy")
    assert run(built, lambda: status(first) == "COMPLETED")
    world.bar("hall", "workshop", "Wet paint.")
    mind = built.mind("timmy")
    assert run(built, lambda: PUT_BACK in mind.waits, seconds=30)
    world.unbar()
    world.lay("lens", "workshop")
    second = give(built, "Chore lint", "timmy")
    assert run(built, lambda: status(second) == "COMPLETED", seconds=60)
    assert run(built, lambda: "lens" not in world.held, seconds=30), "not after the time for which it was shelved"


def test_who_waits_is_woken_when_the_tool_is_laid_down(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy", home="workshop"), persona("ezra", home="workshop")])
    world.put("timmy", "workshop")
    world.put("ezra", "workshop")
    give(built, "Chore dust", "timmy")
    assert run(built, lambda: world.held.get("lens") == "timmy")
    give(built, "Chore lint", "ezra")
    assert run(built, lambda: "ezra" in said_to_wait(world))
    laid = when_laid(built, lambda: None)
    assert run(built, lambda: laid)
    assert run(built, lambda: world.held.get("lens") == "ezra", seconds=2)


def test_a_person_who_lays_a_tool_down_wakes_who_waits_for_it(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy", home="workshop"), persona("ezra", home="workshop")])
    give(built, "Chore dust", "timmy")
    assert run(built, lambda: world.held.get("lens") == "timmy")
    give(built, "Chore lint", "ezra")
    assert run(built, lambda: "ezra" in said_to_wait(world))
    world.lay("lens", world.standing["ezra"])
    built.events.append("person.drop", "person:Alexander", via="telnet", data={"item": "lens", "name": "survey lens"})
    assert run(built, lambda: world.held.get("lens") in ("timmy", "ezra"), seconds=2)


def said_to_wait(world: LightWorld) -> set[str]:
    return {slug for slug, deed, text in world.deeds_seen if deed == "say" and text.startswith("I wait with")}


def told(built: House) -> list[str]:
    """What is said at this instant of what agents do, and why they do not go on with their work."""
    lines = [one.doing for one in built.records.presences()]
    tasks = {slug: task for slug in FIVE if (task := built.mind(slug).task()) is not None}
    return lines + [line for slug, task in tasks.items() for line in built.why_not(slug, f"task {task.pk}").sentences]


def untrue(world: LightWorld, lines: list[str]) -> list[str]:
    """Those of them that say of somebody that he has the lens, who has it not."""
    return [line for line in lines if (m := HAS.search(line)) and m[1].lower() != world.held.get("lens")]


@pytest.mark.parametrize("given", [True, False], ids=["given", "free"])
def test_nobody_is_idle_while_a_tool_is_free(tmp_path, world, given):
    """Twenty tasks of five agents with one tool: measured in seconds of one agent."""
    built = house(tmp_path, world, [persona(slug, "seen(board) 1h 1", home=home) for slug, home in FIVE.items()])
    run(built, seconds=60)
    tasks = [give(built, f"Chore dust{n}", list(FIVE)[n % 5] if given else "") for n in range(20)]
    idle, wrong = 0.0, []

    def seen(slug: str, deed: str, text: str) -> None:
        world.deeds_seen.append((slug, deed, text))
        wrong.extend(untrue(world, [text]))

    world.seen = seen
    while not all(status(task) == "COMPLETED" for task in tasks):
        assert built.runtime.clock.monotonic() < 1800
        built.slot(25.0)
        built.heartbeat()
        if seconds := max(min(built.next_slot, built.next_beat) - built.runtime.clock.monotonic(), 0.0):
            idle += seconds * sum(waits(built, slug) for slug in FIVE if "lens" not in world.held)
            wrong += untrue(world, told(built))
            built.runtime.clock.advance(seconds)
    assert idle == 0.0, "it was 100 s and more while who waited looked again after 20 s"
    assert wrong == []
    assert not Event.objects.filter(topic__endswith=".stuck").exists()
    assert not Event.objects.filter(topic="task.paused").exists()


def waits(built: House, slug: str) -> bool:
    """Whether the agent has work and does nothing for it."""
    mind = built.mind(slug)
    task = mind.task()
    return task is not None and task.status == "RUNNING" and mind.pursuit is None and mind.thinking is None


def test_one_waits_for_a_tool_and_the_others_stay_free(tmp_path, world):
    """Tasks that nobody was given: who has the tool lays it down for who waits, and takes up no other meanwhile."""
    built = house(tmp_path, world, [persona(slug, home=home) for slug, home in FIVE.items()])
    run(built, seconds=60)
    tasks = [give(built, f"Chore dust{n}", "") for n in range(6)]
    without: set[tuple[str, ...]] = set()

    def seen() -> bool:
        running = Task.objects.filter(status="RUNNING").values_list("assignee", flat=True)
        without.add(tuple(slug for slug in running if slug != world.held.get("lens")))
        return all(status(task) == "COMPLETED" for task in tasks)

    assert run(built, seen, seconds=1200)
    assert max(map(len, without)) == 1, without
    done = Counter(task.assignee for task in tasks)
    assert max(done.values()) == 3, done
    assert [task.pk for task in sorted(tasks, key=lambda task: task.finished_at)] == [task.pk for task in tasks]


def test_a_task_that_was_given_is_taken_up_whoever_waits(tmp_path, world):
    people = [persona(slug, home=home) for slug, home in FIVE.items()]
    built = house(tmp_path, world, people, grace_seconds=1)
    run(built, seconds=60)
    tasks = [give(built, f"Chore dust{n}", slug) for n, slug in enumerate(FIVE)]
    run(built, seconds=2)
    assert [status(task) for task in tasks] == ["RUNNING"] * 5
    free = give(built, "Chore lint", "")
    run(built, seconds=2)
    assert built.work.waiting(free).endswith(f"and for the lens, which task {tasks[0].pk} needs")
