"""Minds that raise, loop or block: ended, reported once, set aside after a while; the others go on (M3, S1)."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.kernel import location
from tests.system import jobs
from tests.system.harness import World, until

ACT = '''"""What a careless builder wrote: {name}."""
import socket
import time

from agents.goap.model import Action
from agents.work.act import Act, Outcome


async def _do(ctx):
{body}
    return Outcome()


ACTS = (Act(Action(name="{name}", preconditions=[], add=["{name}(done)"]), _do, repeat="pure"),)
'''
QUIET = """slug: {name}
name: {title}
role: a test
temperament: careless
description: Somebody who does not look ahead.
mind: {{prefers: none}}
home: hall
toolsets: [core]
"""
PERSONA = (
    QUIET
    + """errands:
  - {{achieve: "{name}(done)", every: 1s, weight: 5, why: it was never tried out}}
"""
)
BODIES = {
    "raises": '    raise RuntimeError("never tried out")',
    "loops": "    while True:\n        try:\n            sum(range(1000))\n        except Exception:\n            pass",
    "sleeps": "    time.sleep(3600)",
    "blocks": "    here, there = socket.socketpair()\n    here.recv(1)",
    "later": "    await ctx.offload(time.sleep, 0.1)\n    while True:\n        pass",
}
GOOD = ("timmy", "allegro", "ezra", "bezalel", "allegro-primus")
BUSY = "  - {achieve: visited(spire), every: 10s, weight: 5, why: he is not to be idle meanwhile}\n"


@pytest.fixture(scope="module")
def careless(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[World]:
    """A world of a clone of this project's files to which five bad actions and personas were added; the others go up
    to the Spire again and again.
    """
    folder = tmp_path_factory.mktemp("careless")
    clone = folder / "clone"
    ignored = shutil.ignore_patterns(".git", ".venv*", "tests", "state", ".*_cache", ".hypothesis")
    shutil.copytree(location.PROJECT, clone, ignore=ignored)
    for name, body in BODIES.items():
        (clone / "agents" / "mind" / "actions" / f"{name}.py").write_text(ACT.format(name=name, body=body))
        (clone / "agents" / "lineage" / "personas" / f"{name}.yaml").write_text(
            PERSONA.format(name=name, title=name.title())
        )
    for persona in (clone / "agents" / "lineage" / "personas" / f"{name}.yaml" for name in GOOD):
        persona.write_text(persona.read_text().replace("errands:\n", f"errands:\n{BUSY}", 1))
    (clone / "agents" / "lineage" / "personas" / "quiet.yaml").write_text(QUIET.format(name="quiet", title="Quiet"))
    world = World(folder, prepared, step_seconds=0.2, visit_seconds=1, visit_overruns=2, thought_seconds=2)
    world.project = clone
    try:
        yield world.start()
    finally:
        world.close()


def presences(world: World) -> dict[str, dict[str, object]]:
    link = jobs.control(world)
    try:
        return {p["slug"]: p for p in link.ask("agents")["data"]}
    finally:
        link.close()


def test_minds_that_raise_loop_or_block_are_ended_and_the_others_go_on(careless: World) -> None:
    bad, good = set(BODIES), set(GOOD)
    player = careless.login()
    stopped = bad - {"raises"}
    aside = until(
        lambda: (
            (
                found := {t["agent"]: t["why"] for t in careless.status()["inside"].get("troubled", []) if t["aside"]}
            ).keys()
            >= stopped
            and found
        ),
        "those that hold the world up are set aside",
        300,
    )
    print(aside)
    assert aside.keys() == stopped, "one that only raises is not set aside, nor any that is well"
    for name in stopped:
        assert f"{name}:_do blocked the world for 1 s" in aside[name]
        assert "was stopped" in str(presences(careless)[name]["doing"])

    steps = "select agent, count(*) as n from agents_step where state = 'done' group by agent"
    before = {r["agent"]: r["n"] for r in jobs.rows(careless, steps)}
    until(
        lambda: (
            all(r["n"] > before.get(r["agent"], 0) for r in jobs.rows(careless, steps) if r["agent"] in good)
            and {r["agent"] for r in jobs.rows(careless, steps)} >= good
        ),
        "each of the others has done another step",
        600,
    )
    filed = [
        json.loads(r["data"])["title"]
        for r in jobs.rows(careless, "select data from agents_event where topic = 'bug.filed'")
    ]
    print(filed)
    for name in bad:
        assert sum(name in title for title in filed) == 1, (name, filed)
    open_steps = jobs.rows(
        careless,
        (
            "select agent, action from agents_step where state = 'started' and agent in ('loops', 'sleeps', "
            "'blocks', 'later')"
        ),
    )
    assert open_steps == [], "the journal says that they failed"
    jobs.record_is_whole(careless)
    paused = {
        r["agent"]
        for r in jobs.rows(
            careless, "select agent from agents_event where topic like 'agent.%.paused' and actor = 'system:world'"
        )
    }
    assert paused == stopped

    begun = time.monotonic()
    player.ask("look", "FRATERNITY HALL")
    told = careless.status()["inside"]
    print(f"look after: {time.monotonic() - begun:.3f} s; lag {told['lag_ms']}; minds {told['minds']}")
    doctor = careless.cli("doctor").stdout
    assert re.search("bad   mind loops: .*\\n      mend: .*timmy resume loops", doctor), doctor

    careless.reload()
    until(
        lambda: {n for n, p in presences(careless).items() if "paused" in str(p["doing"])} >= stopped, "they rest still"
    )
    careless.told("resume", "later")
    until(lambda: careless.status()["inside"].get("troubled"), "it tries again, and fails again")


def test_after_a_kill_thoughts_come_again_and_minds_are_paused_and_resumed(careless: World) -> None:
    """The engine lets only those timers go on that it had stopped itself, and a kill stops none."""
    careless.back("server", careless.kill("server"))

    def thought(after: int) -> int:
        found = "select count(*) as n from agents_thought where agent = 'quiet' and state = 'thought'"
        return until(lambda: (n := jobs.rows(careless, found)[0]["n"]) > after and n, "another thought has come")

    thought(thought(0) + 1)
    assert careless.status()["inside"]["minds"]["stopped"] == []
    for word, doing in (("pause", True), ("resume", False)):
        assert careless.cli(word, "quiet").returncode == 0
        until(lambda doing=doing: ("paused" in str(presences(careless)["quiet"]["doing"])) is doing, word)  # type: ignore[misc]
    thought(thought(0))
