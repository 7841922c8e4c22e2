"""A real world: the round trip of `look` with the minds at full speed and with them stopped, and how
many plan steps a second five agents take. Wall-clock.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from tests.bench.launch import median_ms
from tests.system import harness, jobs
from tests.system.harness import World, until


def measure(quick: bool = False) -> dict[str, Any]:
    """Both, from one world."""
    looks = 5 if quick else 60
    with tempfile.TemporaryDirectory(prefix="timmy-bench-") as name:
        folder = Path(name)
        places = [jobs.repository(folder / "readable" / f"r{n}") for n in range(5)]
        settings = {"seal_seconds": 0, "step_seconds": 0, "grace_seconds": 0, "read_paths": folder / "readable"}
        with harness.world(folder, **settings) as world:
            link = jobs.control(world)
            jobs.all_awake(world)
            numbers = [jobs.proposed(link, f"Survey {place} = to measure") for place in places]
            link.ask("ok", " ".join(map(str, numbers)))
            running = _look(world, looks)
            jobs.ended(world, numbers)
            steps = _steps(world, numbers)
            owner = world.login()
            owner.ask(
                "@py from agents.house import house; house.current().stop(); print('minds' + 'stopped')", "mindsstopped"
            )
            stopped = _look(world, looks)
            link.close()
    return {
        "look_ms": {"minds_running": running, "minds_stopped": stopped, "ratio": round(running / stopped, 2)},
        "steps": steps,
    }


def _look(world: World, times: int) -> float:
    player = world.login()

    def look() -> None:
        player.raw, player.text, player.read = b"", "", 0
        player.ask("look", "Exits:")

    taken = median_ms(look, times)
    player.close()
    return taken


def _steps(world: World, numbers: list[int]) -> dict[str, Any]:
    marks = ",".join("?" * len(numbers))
    (found,) = until(
        lambda: jobs.rows(
            world,
            "select count(*) as steps, (julianday(max(finished_at)) - julianday(min(started_at))) * 86400 as seconds "
            f"from agents_step where state = 'done' and task_id in ({marks})",
            *numbers,
        ),
        "the steps are counted",
    )
    seconds = found["seconds"]
    return {"steps": found["steps"], "seconds": round(seconds, 2), "a_second": round(found["steps"] / seconds, 1)}
