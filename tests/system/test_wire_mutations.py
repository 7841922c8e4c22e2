"""What telnet and web clients send, hurt at random by a seed, against the real world."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from tests.system import jobs, siege
from tests.system.harness import World
from tests.system.siege import Siege
from tests.system.test_wire import held

ELSEWHERE = ("127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5") if sys.platform == "linux" else ("",)


@pytest.mark.parametrize("count", [2000, pytest.param(100_000, marks=pytest.mark.soak)])
def test_mutated_bytes_break_nothing(fresh_world: Callable[..., World], count: int) -> None:
    """No traceback, no bug filed, memory bounded, and a player hardly notices."""
    world = fresh_world(log_mb=1)
    watch = Siege(world)
    figures = held(
        f"{count} mutations", watch.under(lambda: siege.mutations(world, count, seed=20_260, sources=ELSEWHERE))
    )
    assert figures.result["mutants"] >= count
    print(world.status()["refused"], f"logs {watch.logged()} bytes")
    assert watch.logged() < 2 * 6 * 1.1 * 1_000_000
    assert len(world.status()["refused"]) >= 5, "hardly any mutant got as far as being refused"
    assert jobs.rows(world, "select count(*) as n from agents_bugreport")[0]["n"] == 0
    jobs.record_is_whole(world)
    watch.player.ask("say Still here.", "Still here")
