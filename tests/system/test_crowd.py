"""A crowd lives on: many agents, many clients, and neither memory nor minds drift (P2, P19, M3)."""

from __future__ import annotations

import os
import statistics
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.system import crowd, jobs
from tests.system.harness import PATIENCE, Telnet, World

TYPED = ("look", "onward", "say how do you do", "map", "backward", "agents walker-1", "feed 5", "?")
"""What clients type, each in turn."""
SEATS = (
    "@py from agents.house import house; from agents.mind.scheduler import Scheduler; "
    "minds = house.current().need(Scheduler); "
    "due = set(map(lambda e, m=minds: e[2] if m._current(e) else '', minds._heap)) - {''}; "
    "print('seats %d %d' % (len(minds), len(due)))"
)
"""How many minds there are, and how many of them have a next visit planned: a tick that was lost is a mind without."""


@pytest.mark.parametrize(
    ("agents", "rate", "clients", "seconds", "drift"),
    [
        pytest.param(40, 12.0, 4, 12.0, 1.25, id="short"),
        pytest.param(1000, 200.0, 50, 1800.0, 1.05, id="long", marks=pytest.mark.soak),
    ],
)
def test_a_crowd_lives_on_without_growing_and_loses_no_tick(
    tmp_path: Path, prepared: Path, agents: int, rate: float, clients: int, seconds: float, drift: float
) -> None:
    """The drift is that of the Server's memory between the end of its first third, in which caches fill,
    and its end.
    """
    world = crowd.build(tmp_path, agents, rate, prepared)
    slugs = crowd.people(world, agents, rate)
    try:
        world.start()
        crowd.awake(world, agents)
        players = [world.login(*guest) for guest in _guests(world, clients)]
        for player in players:
            player.ask("annex", "RING ROOM 0")
        held, before = _lived(world, players, seconds), _steps(world)
        owner = world.login()
        more: Counter[str] = Counter()
        end = time.monotonic() + PATIENCE
        while set(more) != set(slugs) and time.monotonic() < end:  # who has lost a tick takes no step ever again
            _lived(world, players, seconds / 8)
            more = _steps(world) - before
        seats = owner.ask(SEATS, r"seats (\d+) (\d+)")
        third = held[len(held) // 3 :]
        ends = [
            statistics.median(part) for part in (third[: max(len(third) // 8, 1)], third[-max(len(third) // 8, 1) :])
        ]
        print({"rss_mb": [round(x) for x in ends], "steps": sum(more.values()), "minds": _minds(world)})

        assert seats[1] == seats[2] == str(agents)
        minds = _minds(world)
        assert minds | {"seated": agents, "awake": agents, "failing": 0, "paused": 0, "aside": 0} == minds
        assert set(more) == set(slugs), f"took no step: {sorted(set(slugs) - set(more))[:10]}"
        assert ends[1] <= ends[0] * drift, f"the Server grew from {ends[0]:.0f} to {ends[1]:.0f} MB: {held}"
        assert all(not player.hung_up() for player in players)
        jobs.record_is_whole(world)
        jobs.nothing_twice(world)
        assert jobs.faults(world) == []
    finally:
        world.close()


def _guests(world: World, count: int) -> list[tuple[str, str]]:
    """Accounts for so many visitors."""
    link, found = jobs.control(world), []
    for number in range(count):
        told = link.ask("guest", f"add visitor{number}")
        assert told["exit"] == 0, told
        found.append((told["data"]["name"], told["data"]["password"]))
    link.close()
    return found


def _lived(world: World, players: list[Telnet], seconds: float) -> list[float]:
    """Let so much time pass, in which the players type now and then; the Server's memory in MB, again and again."""
    held, end, turn = [], time.monotonic() + seconds, 0
    sample = time.monotonic()
    while time.monotonic() < end:
        players[turn % len(players)].send(TYPED[turn // len(players) % len(TYPED)])
        turn += 1
        for player in players:
            assert player.pump(0), "a client was hung up on"
            player.raw, player.text, player.read = player.raw[-100:], "", 0
        if time.monotonic() >= sample:
            sample += seconds / 60
            pages = int(Path(f"/proc/{world.pid('server')}/statm").read_text().split()[1])
            held.append(pages * os.sysconf("SC_PAGE_SIZE") / 2**20)
        time.sleep(0.1)
    return held


def _steps(world: World) -> Counter[str]:
    """Finished steps by agent."""
    rows = jobs.rows(world, "select agent, count(*) as done from agents_step where state = 'done' group by agent")
    return Counter({str(row["agent"]): int(row["done"]) for row in rows})


def _minds(world: World) -> dict[str, int]:
    link = jobs.control(world)
    try:
        found: dict[str, int] = link.ask("health")["data"]["minds"]
        return found
    finally:
        link.close()
