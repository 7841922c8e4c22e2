"""Every rank at every door at once, with every known attack and many more, while the owner goes about among them.

A short run is in the usual tests; an hour is in the soak. The figures stand in `.pytest_cache/d/fuzz/`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from threading import Thread

import pytest

from tests.support import wire
from tests.system import fuzz, jobs
from tests.system.fuzz import Fuzz
from tests.system.harness import World
from tests.system.siege import Siege

MB = 1_000_000


class Looker(Siege):
    """A guest who only looks, in a room where nobody else is."""

    def __init__(self, world: World) -> None:
        self.world, self.player = world, world.telnet()
        self.player.expect("(?i)connect <")
        self.player.ask(f"connect {fuzz.LOOKER} {fuzz.SECRET}", "LIBRARY")


@pytest.mark.parametrize(
    "seconds", [pytest.param(10, id="short"), pytest.param(3600, id="hour", marks=pytest.mark.soak)]
)
def test_nobody_does_what_is_the_owners(
    fresh_world: Callable[..., World], pytestconfig: pytest.Config, seconds: int
) -> None:
    """Nothing breaks, nothing of the owner's changes, nobody is told to have done what he did not; others hardly
    notice.
    """
    world = fresh_world(log_mb=1, seal_seconds=3600)
    fuzz.settle(world, sealed=seconds < 3000)
    looker, siege = Looker(world), Fuzz(world, seed=20_261)
    ids = {name: world.pid(name) for name in ("portal", "server", "cascade")}
    before, since = fuzz.standing(world), jobs.rows(world, "select max(seq) as n from agents_event")[0]["n"]
    calm, memory, logs = looker.looks(40), {name: wire.memory(pid) for name, pid in ids.items() if pid}, looker.logged()
    thread = Thread(target=siege.run, args=(seconds,), daemon=True)
    thread.start()
    under: list[float] = []
    while thread.is_alive():
        under += looker.looks(1)
    thread.join()
    calm += looker.looks(40)
    grown = {
        name: round((wire.memory(pid) - memory[name]) / MB, 1)
        for name, pid in ids.items()
        if pid and world.pid(name) == pid
    }
    figures = {
        "seconds": seconds,
        "lines": siege.report.lines,
        "refusals": siege.report.refusals,
        "hung up": siege.report.hung_up,
        "http": siege.report.http,
        "look calm": fuzz.quantiles(calm),
        "look under fuzz": fuzz.quantiles(under),
        "grown MB": grown,
        "logs grown": looker.logged() - logs,
        "refused at the wire": world.status().get("refused"),
    }
    figures["look ratio p95"] = round(fuzz.quantiles(under)["p95"] / fuzz.quantiles(calm)["p95"], 2)
    taken, told, faults = fuzz.differences(before, fuzz.standing(world)), fuzz.lies(world, since), jobs.faults(world)
    figures["found"] = {
        "taken": taken,
        "told of others": told[:50],
        "faults": faults[:50],
        "last lines": siege.report.last if faults else {},
    }
    path = pytestconfig.cache.mkdir("fuzz") / f"{seconds}.json"  # type: ignore[union-attr]
    path.write_text(json.dumps(figures, indent=1))
    print(json.dumps({name: one for name, one in figures.items() if name != "found"}, indent=1))
    assert siege.failures == []
    assert {name: world.pid(name) for name in ids} == ids, "a process died, or was stopped"
    assert taken == []
    assert told == []
    assert faults == []
    assert sum(siege.report.lines.values()) > seconds * 8, "hardly anything was typed"
    assert all(grown[name] < 150 for name in grown), grown
    assert figures["logs grown"] < 2 * 6 * 1.1 * MB
    jobs.record_is_whole(world)
    assert {one["number"] for one in world.told("tasks")["tasks"]} >= {1, 2, 3}
    if seconds >= 3600:
        assert figures["look ratio p95"] <= 2, figures
    looker.player.ask("say Still here.", "Still here")
