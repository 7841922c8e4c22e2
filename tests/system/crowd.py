"""A crowded world: a clone of this project to which rooms and agents were added as a builder adds them, by files.

Owns the shape of the crowd: a ring of rooms joined to the Hall, agents that go their rounds in it, speak and
look about, and a parlour in which some stay. All of it is map, personas and one action; minds, bodies,
plans and records are the project's own. Refuses to measure.

Each agent is always busy, so that it takes one step every `agents / rate` seconds: that is the setting
TIMMY_STEP_SECONDS, and all that is done to have a rate.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from agents.kernel import location
from tests.system import jobs
from tests.system.harness import OWNER, PASSWORD, Telnet, World, until

RESIDENTS = 20
"""Agents that stay in the parlour, where a person looks."""
FEWEST = 2 * RESIDENTS
"""A crowd has at least so many agents."""
ROUND = (("greeted", 0), ("visited", 2), ("greeted", 1), ("visited", -1))
"""What a walker does on its round, and how many rooms from its home: six moves, two speeches, two looks about."""
STEPS = 10
"""Steps of a round."""
LOST = 0.15
"""Seconds that an agent needs for a step beside the setting: to the next slot of the minds, and for choosing
anew at the end of every plan.
"""

GREET = '''\
"""Greeting whoever is there."""

from agents.goap.model import Action
from agents.work.act import Act, Outcome


async def _greet(ctx):
    here = ctx.records.company(ctx.agent, ctx.args[0])
    said = f"Good day to all {len(here)} of you." if here else "Good day, empty room."
    ctx.body.say(said)
    return Outcome({"heard": len(here)}, said)


ACTS = (
    Act(
        Action.model_validate({
            "name": "greet", "parameters": {"?room": "room"},
            "preconditions": ["at(me, ?room)"], "add": ["greeted(?room)"], "duration": 5,
        }),
        _greet,
    ),
)
'''


def build(folder: Path, agents: int, rate: float, template: Path | None = None, **settings: object) -> World:
    """A world with rooms for so many agents that take `rate` steps a second together; nobody lives in it yet,
    and nothing runs. `template`: see `World`. Raises ValueError for fewer agents than a crowd has.
    """
    if agents < FEWEST:
        raise ValueError(f"a crowd has at least {FEWEST} agents")
    made = World(folder, template, step_seconds=max(agents / rate - LOST, 0), **settings)
    made.project = folder / "clone"
    ignored = shutil.ignore_patterns(".git", ".venv*", "tests", "state", ".*_cache", ".hypothesis", "lineage")
    shutil.copytree(location.PROJECT, made.project, ignore=ignored)
    lineage = location.PROJECT / "agents" / "lineage"
    shutil.copytree(lineage, made.project / "agents" / "lineage", ignore=shutil.ignore_patterns("*.yaml"))
    (made.project / "agents" / "mind" / "actions" / "greet.py").write_text(GREET)
    for number, part in enumerate(_parts(_rooms(ring(agents)), 50)):
        _write(made.project / "world" / "map" / f"ring{number}.yaml", {"area": "The Ring", "rooms": part})
    return made


def ring(agents: int) -> int:
    """How many rooms the ring has: with the parlour one for ten agents."""
    return max(agents // 10 - 1, 3)


def people(world: World, agents: int, rate: float) -> list[str]:
    """Write the personas of so many agents; their slugs."""
    rooms, every = ring(agents), max(3 * agents / rate, 1)
    folder = world.project / "agents" / "lineage" / "personas"
    folder.mkdir(exist_ok=True)
    slugs = []
    for number in range(agents):
        slug, home = f"walker-{number}", number % rooms
        errands = [(f"{what}(ring_{(home + by) % rooms})", every) for what, by in ROUND]
        where = f"ring_{home}"
        if number < RESIDENTS:
            where, errands = "parlour", [(f"{what}(parlour)", agents / rate / 2) for what in ("greeted", "visited")]
        _write(
            folder / f"{slug}.yaml",
            {
                "slug": slug,
                "name": f"Walker {number}",
                "role": "goes the rounds",
                "temperament": "steady",
                "description": "Somebody with good shoes.",
                "mind": {"prefers": "none"},
                "home": where,
                "toolsets": ["core"],
                "errands": [
                    {"achieve": goal, "every": max(every, 1), "why": "it is its round"} for goal, every in errands
                ],
            },
        )
        slugs.append(slug)
    return slugs


def awake(world: World, agents: int) -> None:
    """Wait until so many minds have woken since the Server started, by its own count."""
    link = jobs.control(world)
    try:
        until(lambda: link.ask("health")["data"]["minds"]["awake"] >= agents, f"{agents} minds are awake", 900)
    finally:
        link.close()


def visitor(world: World) -> Telnet:
    """The owner, standing in the parlour, where he may have been left the last time."""
    player = world.telnet()
    player.expect("(?i)connect <")
    if player.ask(f"connect {OWNER} {PASSWORD}", "FRATERNITY HALL|PARLOUR")[0] != "PARLOUR":
        player.ask("annex", "RING ROOM 0")
        player.ask("parlour", "PARLOUR")
    return player


def _rooms(count: int) -> dict[str, dict[str, Any]]:
    rooms: dict[str, dict[str, Any]] = {
        f"ring_{n}": {
            "name": f"Ring Room {n}",
            "description": "A round room with a door on either side.",
            "exits": [{"name": "onward", "to": f"ring_{(n + 1) % count}", "back": "backward"}],
        }
        for n in range(count)
    }
    rooms["ring_0"]["exits"].append({"name": "hall", "to": "hall", "back": "annex"})
    rooms["parlour"] = {
        "name": "Parlour",
        "description": "Armchairs stand about, all of them taken.",
        "exits": [{"name": "out", "to": "ring_0", "back": "parlour"}],
    }
    return rooms


def _parts(rooms: dict[str, Any], size: int) -> list[dict[str, Any]]:
    names = list(rooms)
    return [{name: rooms[name] for name in names[at : at + size]} for at in range(0, len(names), size)]


def _write(file: Path, data: dict[str, Any]) -> None:
    file.write_text(json.dumps(data, indent=1), "utf-8")  # JSON is YAML, and written a hundred times faster
