"""The machine's clock jumps: no storm of ticks, and nothing that was to come is skipped or cut short."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from agents.events.models import Event
from agents.governance.models import Approval
from agents.kernel.clock import SimulatedClock
from agents.kernel.jumps import Jumps, in_words
from agents.work import replay
from agents.work.models import Task
from tests.support import light_house
from tests.support.furnished import Furnished as House
from tests.support.light_house import OWNER, START
from tests.support.light_world import LightWorld

JUMPS = [timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), timedelta(days=-1)]
jumping = pytest.mark.parametrize("jump", JUMPS, ids=in_words)


class Wall(SimulatedClock):
    """Running time that runs on while somebody sets the wall clock."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


@pytest.fixture
def clock() -> Wall:
    return Wall(START)


@pytest.fixture
def built(tmp_path: Path, clock: Wall, db: None) -> House:
    people = [light_house.persona("timmy", "visited(workshop) 10m 3")]
    return light_house.house(
        tmp_path, LightWorld.founding(), people, clock=clock, seal_seconds=30, stall_minutes=10, grace_seconds=60
    )


def beat(house: House, clock: Wall, seconds: float) -> None:
    for _ in range(round(seconds * 2)):
        house.slot(25.0)
        clock.advance(0.5)
        house.heartbeat()


def sealed(house: House, title: str) -> Task:
    task = house.work.propose(title, "", OWNER, "telnet")
    house.governance.show(house.work.approval(str(task.pk)), OWNER)
    assert house.work.decide([str(task.pk)], "ok", OWNER, "telnet")[0].ok
    return task


def test_small_corrections_are_followed_and_a_jump_is_pending_until_it_is_taken(clock: Wall) -> None:
    jumps = Jumps(clock)
    for _ in range(100):
        clock.advance(1)
        clock.ahead += timedelta(seconds=0.5)
        assert jumps.pending() is None
    clock.ahead += timedelta(hours=1)
    assert jumps.pending() == jumps.pending() == timedelta(hours=1)
    jumps.taken(timedelta(hours=1))
    assert jumps.pending() is None
    assert jumps.count == 1


@jumping
def test_a_seal_keeps_the_time_it_had_left(built: House, clock: Wall, jump: timedelta) -> None:
    task = sealed(built, "Chore dust")
    beat(built, clock, 10)
    clock.ahead += jump
    beat(built, clock, 15)
    assert built.work.get(task.pk).status == "PENDING_APPROVAL"
    assert built.governance.undo(OWNER, "telnet"), "it can be undone still"
    other = sealed(built, "Chore sand")
    clock.ahead -= jump
    beat(built, clock, 29)
    assert built.work.get(other.pk).status == "PENDING_APPROVAL"
    beat(built, clock, 3)
    assert built.work.get(other.pk).status != "PENDING_APPROVAL", "and it takes effect when its time is over"
    assert replay.compare() == []
    assert [e.data["seconds"] for e in Event.objects.filter(topic="log.jumped").order_by("seq")] == [
        jump.total_seconds(),
        -jump.total_seconds(),
    ]


@jumping
def test_what_nobody_decided_has_all_its_days(built: House, clock: Wall, jump: timedelta) -> None:
    task = built.work.propose("Chore dust", "", OWNER, "telnet")
    left = Approval.objects.get(task=task.pk).expires_at - clock.now()
    clock.ahead += jump * 8
    beat(built, clock, 2)
    assert built.work.get(task.pk).status == "PENDING_APPROVAL"
    assert abs(Approval.objects.get(task=task.pk).expires_at - clock.now() - left) < timedelta(seconds=5)
    assert replay.compare() == []


@jumping
def test_errands_come_at_their_time_and_in_no_burst(built: House, clock: Wall, jump: timedelta) -> None:
    def visits() -> int:
        return Event.objects.filter(topic="agent.timmy.reached", data__goal="visited(workshop)").count()

    beat(built, clock, 120)
    assert visits() == 1
    clock.ahead += jump
    beat(built, clock, 300)
    assert visits() == 1, "no burst"
    beat(built, clock, 400)
    assert visits() == 2, "and none is skipped"
    slots = built.minds.counts()
    assert slots["late"] == 0


@jumping
def test_work_under_way_is_not_taken_for_stalled_nor_forgotten(built: House, clock: Wall, jump: timedelta) -> None:
    task = light_house_running(built, clock)
    clock.ahead += jump
    beat(built, clock, 2)
    assert built.work.get(task.pk).status == "RUNNING"
    assert abs(built.work.get(task.pk).progress_at - clock.now()) < timedelta(seconds=10)  # type: ignore[operator]
    clock.advance(601)
    beat(built, clock, 2)
    assert built.work.get(task.pk).status == "PAUSED", "it has stood still for its ten minutes, and no longer"


def light_house_running(built: House, clock: Wall) -> Task:
    """A task of somebody who does nothing about it."""
    task = sealed(built, "Chore dust")
    beat(built, clock, 31)
    built.minds.pause("timmy")
    built.work.assign(task.pk, "timmy", OWNER, "telnet")
    Task.objects.filter(pk=task.pk).update(status="RUNNING", assignee="timmy", progress_at=clock.now())
    built.dispatch.look_anew()
    return built.work.get(task.pk)


@jumping
def test_the_time_of_grace_begins_anew(built: House, clock: Wall, jump: timedelta) -> None:
    built.minds.pause("timmy")
    task = sealed(built, "Chore dust")
    beat(built, clock, 32)
    assert built.work.get(task.pk).status == "APPROVED"
    clock.ahead += jump
    beat(built, clock, 50)
    assert built.work.next_for("ezra", ["terminal"]) is None
    beat(built, clock, 15)
    found = built.work.next_for("ezra", ["terminal"])
    assert found is not None
    assert found.pk == task.pk
