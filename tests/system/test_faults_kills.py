"""Each process of a world is killed in turn under load, and the Server is reloaded again and again: all come
back, nothing that was acknowledged is lost, nothing is done twice, every mind runs again.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from server import processes
from tests.system import harness, jobs
from tests.system.harness import PATIENCE, Telnet, World, until
from tests.system.test_survival import Gamer, Scripter, Worker, all_acknowledged_is_on_record

BODY = "select db_location_id as place, id from objects_objectdb where db_key = 'owner'"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[World]:
    """A running world of this file's own; `readable` beside its state may be read."""
    folder = tmp_path_factory.mktemp("k")
    quick = {"seal_seconds": 0.3, "step_seconds": 0.05, "grace_seconds": 1, "step_budget": 500}
    with harness.world(folder, prepared, **quick, read_paths=folder / "readable") as made:
        yield made


def children(pid: int) -> list[int]:
    """The processes that `pid` has started and that still run."""
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(n) for n in found.read_text().split()] if found.exists() else []


def times(took: list[float]) -> str:
    """`median 1.2 s, most 3.4 s of 20`."""
    return f"median {median(took):.1f} s, most {max(took):.1f} s of {len(took)}"


def again(world: World) -> Telnet:
    """A new client that logs in and has its body, as soon as that can be had."""

    def attempt() -> Telnet | None:
        client = None
        try:
            client = world.telnet()
            client.expect(r"(?i)connect <", 20)
            client.send("connect owner correct-horse-battery")
            client.expect("(?i)learning library", 20)
        except (OSError, AssertionError):
            if client:
                client.close()
            return None
        return client

    found: Telnet = until(attempt, "somebody who comes back has his body where it was")
    return found


def busy(world: World, player: Telnet, surveys: int, seed: int) -> list[Worker]:
    """Two clients that propose, decide and assign; the one at the socket outlives the Portal."""
    repositories = [jobs.repository(world.state.parent / "readable" / f"r{seed}-{n}") for n in range(3)]
    return [
        Gamer(world, "telnet", seed, repositories, surveys, link=player),
        Scripter(world, "cli", seed + 1, repositories, surveys),
    ]


def rested(workers: list[Worker]) -> None:
    for worker in workers:
        worker.enough.set()
        worker.join(PATIENCE)
        assert not worker.is_alive()
        assert worker.fault is None, worker.fault


def all_is_well(world: World, workers: list[Worker], stood: object) -> str:
    """What must hold after whatever was done to a world; a line of figures."""
    jobs.all_awake(world)
    wanted = [
        r["id"]
        for r in jobs.rows(
            world, "select id from agents_task where kind = 'survey' and status not in ('PENDING_APPROVAL', 'VETOED')"
        )
    ]
    outcome = jobs.ended(world, wanted)
    assert set(outcome.values()) <= {"COMPLETED"}, [jobs.task(world, n) for n, s in outcome.items() if s != "COMPLETED"]
    until(
        lambda: not jobs.rows(world, "select 1 from agents_approval where state = 'pending' and verdict != ''"),
        "seals run out",
    )
    for worker in workers:
        all_acknowledged_is_on_record(world, worker)
    jobs.nothing_twice(world)
    jobs.record_is_whole(world)
    assert jobs.faults(world) == []
    assert jobs.rows(world, BODY) == stood
    sent = sum(len(w.sent) for w in workers)
    steps = jobs.rows(world, "select count(*) as n from agents_step where state = 'done'")[0]["n"]
    return f"{sent} lines sent, {len(outcome)} surveys completed, {steps} steps done"


@pytest.mark.parametrize("rounds", [pytest.param(1, id="few"), pytest.param(20, id="many", marks=pytest.mark.soak)])
def test_every_process_killed_in_turn_comes_back(world: World, rounds: int) -> None:
    """`kill -9` of Server, Portal, and all of the supervisor's children at once, in turn; in the end of the
    supervisor itself, whose world lives on and is taken over by `timmy run`.
    """
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    player = world.login()
    player.ask("library", "LEARNING LIBRARY")
    stood = jobs.rows(world, BODY)
    scripter = busy(world, player, 1 + rounds // 4, seed)[1]
    scripter.start()
    took: dict[str, list[float]] = {"server": [], "portal": [], "children": []}
    for turn in range(rounds):
        for victim in ("server", "portal", "children"):
            player.ask(f"say Before {victim} {turn}.", f"Before {victim} {turn}")
            time.sleep(dice.uniform(0.2, 2))
            server, portal = (
                until(lambda: world.pid("server"), "a Server"),
                until(lambda: world.pid("portal"), "a Portal"),
            )
            begun = time.monotonic()
            if victim == "children":
                supervisor = world.pid("supervisor")
                assert supervisor
                for pid in {server, *children(supervisor)}:
                    os.kill(pid, signal.SIGKILL)
            else:
                world.kill(victim)
            if victim == "server":
                player.expect("stumbled")
            world.back("server", server)
            took[victim].append(time.monotonic() - begun)
            assert (world.pid("portal") == portal) == (victim == "server")
            if victim == "server":
                player.expect("The world is back")
            else:
                until(player.hung_up, "the Portal's end is the end of its connections")
                player.close()
                player = again(world)
            player.ask("look", "LEARNING LIBRARY")
            assert world.status()["connections"] == 1
    rested([scripter])
    for name, found in took.items():
        print(f"{name} killed: back in {times(found)}")
    portal = world.pid("portal")
    world.kill("supervisor")
    assert world.run().pid("portal") == portal
    player.ask("look", "LEARNING LIBRARY")
    print(all_is_well(world, [scripter], stood))
    assert [world.pid(name) is None for name in processes.NAMES] == [False] * len(processes.NAMES)
    player.ask("hall", "FRATERNITY HALL")
    player.close()
    until(lambda: world.status()["connections"] == 0, "the player has left")


@pytest.mark.parametrize("reloads", [pytest.param(2, id="few"), pytest.param(20, id="many", marks=pytest.mark.soak)])
def test_reloads_under_load_keep_connections_and_minds(world: World, reloads: int) -> None:
    """`timmy reload` while two clients and five agents work: the same connection, all minds, each step once."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    player = world.login()
    player.ask("library", "LEARNING LIBRARY")
    stood = jobs.rows(world, BODY)
    portal, crashes = world.pid("portal"), world.status()["processes"][2]["crashes"]
    workers = busy(world, player, 1 + reloads // 4, seed)
    for worker in workers:
        worker.start()
    took = []
    for _ in range(reloads):
        time.sleep(dice.uniform(0.5, 4))
        begun, old = time.monotonic(), world.pid("server")
        assert world.cli("reload").returncode == 0
        took.append(time.monotonic() - begun)
        assert world.pid("server") != old
        jobs.all_awake(world)
    rested(workers)
    player.pump(2)
    assert world.pid("portal") == portal
    assert player.text.count("The world is reloading") == reloads
    assert world.status()["processes"][2]["crashes"] == crashes
    said = all_is_well(world, workers, stood)
    review = jobs.rows(world, "select count(*) as n from agents_step where state = 'review'")[0]["n"]
    begun_twice = jobs.rows(
        world,
        (
            "select agent, plan, \"index\", count(*) as n from agents_step where state = 'done' "
            "and action <> 'tell_why' group by 1, 2, 3 having n > 1"  # what is said on the way is no step of the plan
        ),
    )
    assert begun_twice == [], "no step of a plan is done twice"
    player.ask("say Still here.", 'You say, "Still here')
    assert world.status()["connections"] == 1
    print(
        f"{reloads} reloads: ready again in {times(took)}; all {jobs.AGENTS} minds awake each time; {said}; "
        f"{review} steps to review"
    )
