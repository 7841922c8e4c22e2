"""What is measured, and how. Times are wall-clock seconds or milliseconds as named; medians of several."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from agents.goap import Goal, Solved, run, search
from agents.kernel.settings import Settings
from agents.work import sandbox
from agents.work.sandbox import Job
from agents.work.sandbox.bare import Bare
from tests.support import goap_worlds
from tests.system import harness, jobs
from tests.system.harness import World, until

GOALS = ("reported(survey)", "reported(tests)", "reported(build)")


def _median_ms(function: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        function()
        taken.append((time.perf_counter() - begin) * 1000)
    return round(statistics.median(taken), 3)


def planner() -> dict[str, Any]:
    """Weighted A* against blind search for the same goals in a world of some 25 rooms."""
    domain = goap_worlds.world()
    state = domain.state(goap_worlds.facts())
    told: dict[str, Any] = {"rooms": len(goap_worlds.ROOMS), "goals": {}}
    for name in GOALS:
        goal = Goal(name=name, condition=[name])  # type: ignore[list-item]
        found = run(search(domain, state, goal))
        blind = run(search(domain, state, goal, heuristic="blind", weight=1, max_nodes=10**6))
        assert isinstance(found, Solved)
        assert isinstance(blind, Solved)
        quick = _median_ms(lambda goal=goal: run(search(domain, state, goal)), 9)
        slow = _median_ms(
            lambda goal=goal: run(search(domain, state, goal, heuristic="blind", weight=1, max_nodes=10**6)), 3
        )
        told["goals"][name] = {
            "steps": len(found.plan), "cost": found.plan.cost, "least_cost": blind.plan.cost,
            "states": found.nodes, "states_blind": blind.nodes, "ms": quick, "ms_blind": slow,
            "ratio_states": round(blind.nodes / found.nodes, 1), "ratio_ms": round(slow / quick, 1),
        }
    gaps = [b - a for a, b in pairwise(_instants(domain, state))]
    told["slice_ms"] = {"median": round(statistics.median(gaps) * 1000, 3), "longest": round(max(gaps) * 1000, 3)}
    return told


def _instants(domain: Any, state: int) -> list[float]:
    goal = Goal(name=GOALS[0], condition=[GOALS[0]])  # type: ignore[list-item]
    slices = search(domain, state, goal)
    instants = [time.perf_counter()]
    for _ in slices:
        instants.append(time.perf_counter())
    return instants


def launches() -> dict[str, Any]:
    """`true` started in the sandbox of this machine against `true` started bare by the same code."""
    settings = Settings()
    boxed, bare, job = sandbox.choose_or_missing(settings), Bare(), Job(("true",))
    told: dict[str, Any] = {"sandbox": boxed.name, "bare_ms": _median_ms(lambda: bare.run(job), 15)}
    if isinstance(boxed, sandbox.Missing):
        return told | {"reason": boxed.reason}
    told["sandbox_ms"] = _median_ms(lambda: boxed.run(job), 15)
    return told | {"ratio": round(told["sandbox_ms"] / told["bare_ms"], 1)}


def living() -> dict[str, Any]:
    """In a real world: the round trip of `look` with the minds at full speed and with them stopped,
    and how many plan steps a second five agents take.
    """
    with tempfile.TemporaryDirectory(prefix="timmy-bench-") as name:
        folder = Path(name)
        places = [jobs.repository(folder / "readable" / f"r{n}") for n in range(5)]
        quick = {"seal_seconds": 0, "step_seconds": 0, "grace_seconds": 0, "read_paths": folder / "readable"}
        with harness.world(folder, **quick) as world:
            link = jobs.control(world)
            jobs.all_awake(world)
            numbers = [jobs.proposed(link, f"Survey {place} = to measure") for place in places]
            link.ask("ok", " ".join(map(str, numbers)))
            running = _look(world)
            jobs.ended(world, numbers)
            steps = _steps(world, numbers)
            owner = world.login()
            owner.ask("py from agents.mind import house; house.current().stop(); print('minds' + 'stopped')", "mindsstopped")
            stopped = _look(world)
            link.close()
    return {"look_ms": {"minds_running": running, "minds_stopped": stopped, "ratio": round(running / stopped, 2)},
            "steps": steps}


def _look(world: World) -> float:
    player = world.login()

    def look() -> None:
        player.raw, player.text, player.read = b"", "", 0
        player.ask("look", "Exits:")

    taken = _median_ms(look, 60)
    player.close()
    return taken


def _steps(world: World, numbers: list[int]) -> dict[str, Any]:
    marks = ",".join("?" * len(numbers))
    (found,) = until(
        lambda: jobs.rows(
            world,
            "select count(*) as steps, (julianday(max(finished_at)) - julianday(min(started_at))) * 86400 as seconds "
            f"from agents_step where state = 'done' and task_id in ({marks})", *numbers,
        ), "the steps are counted",
    )  # fmt: skip
    seconds = found["seconds"]
    return {"steps": found["steps"], "seconds": round(seconds, 2), "a_second": round(found["steps"] / seconds, 1)}


def all_of_it() -> dict[str, Any]:
    """Every measure, with what was measured on."""
    import os
    import platform

    return {
        "python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count(),
        "load_before": [round(x, 2) for x in os.getloadavg()],
        "planner": planner(), "launch": launches(), "world": living(),
        "load_after": [round(x, 2) for x in os.getloadavg()],
    }
