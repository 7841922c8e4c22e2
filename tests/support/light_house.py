"""A house over a light world, on a simulated clock, with one agent or more and inline offload."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agents.governance.rules import Actor
from agents.house import house as houses
from agents.kernel import randomness
from agents.kernel.clock import SimulatedClock
from agents.kernel.runtime import Runtime
from agents.kernel.settings import Settings
from agents.lineage.persona import Persona
from agents.mind.models import PlanRecord
from agents.thinking.ports import Ground
from agents.work.models import Task
from agents.work.ports import Machine, inline
from tests.support.furnished import Furnished as House
from tests.support.furnished import Line, furnished
from tests.support.light_world import LightWorld

START = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
OWNER = Actor("owner", "alexander")

CHORE = '''
"""A kind of work for tests: three steps at the bench with the lens, the last waiting for the others."""
from pydantic import BaseModel
from agents.work.kind import Kind, WorkStep

class Params(BaseModel):
    subject: str

LOG = []
FAIL = {}

def _run(name):
    async def run(ctx):
        LOG.append((ctx.agent, name))
        if FAIL.get(name):
            raise FAIL[name]
        return {"name": name, "seen": sorted(ctx.results)}
    return run

KIND = Kind(
    name="chore", purpose="to test", usage="Chore <subject>", example="Chore dust", params=Params,
    parse=lambda subject, description, settings: Params(subject=subject), action=lambda p: f"chore {p.subject}",
    steps=(
        WorkStep("sweep", _run("sweep"), "sweeps."),
        WorkStep("wash", _run("wash"), "washes."),
        WorkStep("polish", _run("polish"), "polishes.", after=("sweep", "wash")),
    ),
    report=lambda p, results: f"# {p.subject}\\n" + "\\n".join(sorted(results)),
    summary=lambda p, results: f"{p.subject}: {len(results)} steps done.", equipment="lens", category="read",
)
'''


WORDS = '''
"""What no other kind can do: nobody can do it yet."""
from pydantic import BaseModel
from agents.work.kind import Kind

class Params(BaseModel):
    subject: str

KIND = Kind(
    name="words", purpose="to wait", usage="anything", example="Think", params=Params, not_yet="nobody can do it yet",
    parse=lambda subject, description, settings: Params(subject=subject), action=lambda p: p.subject,
    steps=(), report=lambda p, results: "", summary=lambda p, results: "",
)
'''


def persona(slug: str, *errands: str, home: str = "hall", extra: str = "") -> str:
    lines = [
        f"slug: {slug}",
        f"name: {slug.title()}",
        "role: tester",
        "temperament: calm",
        "description: plain",
        "mind: {prefers: none}",
        f"home: {home}",
        "toolsets: [core, hands]",
        extra,
        "errands:",
    ]
    lines += [
        f"  - {{achieve: '{what}', every: {every}, weight: {weight}}}"
        for what, every, weight in map(str.split, errands)
    ]
    return "\n".join(lines if errands else lines[:-1]) + "\n"


def settings(folder: Path, **more: Any) -> Settings:
    given = {
        "state_dir": folder / "state",
        "sandbox": "bare",
        "seal_seconds": 0,
        "step_seconds": 3,
        "read_paths": (folder,),
    }
    return Settings(**{**given, **more})


def kinds_folder(folder: Path) -> Path:
    """A folder with the chore and the kind for words, which any world needs."""
    kinds = folder / "kinds"
    kinds.mkdir(exist_ok=True)
    (kinds / "chore.py").write_text(CHORE)
    (kinds / "words.py").write_text(WORDS)
    return kinds


def house(
    folder: Path,
    world: LightWorld,
    people: Iterable[str],
    *,
    clock: SimulatedClock | None = None,
    actions: Path | None = None,
    kinds: Path | None = None,
    offload: Any = inline,
    due: bool = True,
    language: Any = None,
    outside: Mapping[type[Any], object] | None = None,
    **more: Any,
) -> House:
    """Build and start a house whose personas are the given file texts, with `language` to ask. `due`: their errands
    are, at once. `outside` is what whoever runs the world has for its parts.
    """
    roster = folder / "personas"
    roster.mkdir(exist_ok=True)
    for text in people:
        slug = text.split("slug: ")[1].split("\n")[0]
        (roster / f"{slug}.yaml").write_text(textwrap.dedent(text))
    runtime = Runtime(settings(folder, **more), clock or SimulatedClock(START), randomness.seeded(7, "house"))
    built = furnished(
        houses.build(
            runtime,
            world,
            world.body,
            offload,
            personas=roster,
            actions=actions,
            kinds=kinds or kinds_folder(folder),
            probe=lambda: Machine(50 * 2**30, 0.5, 0.25, 0.0),
            language=Line(language),
            outside=lambda core: outside or {},
        )
    )
    built.events.unit.on_commit = lambda function: function()  # a test's own transaction is never committed
    for one in built.personas.values() if due else ():
        _done_a_period_ago(built, one)
    built.start()
    return built


def _done_a_period_ago(built: House, one: Persona) -> None:
    """So that each errand that was never done is due now, and not at the agent's turn."""
    now = built.runtime.clock.now()
    for errand in one.errands:
        if not PlanRecord.objects.filter(agent=one.slug, goal=errand.name).exists():
            then = now - timedelta(seconds=errand.every)
            PlanRecord.objects.create(
                id=built.runtime.new_id(),
                agent=one.slug,
                goal=errand.name,
                state="done",
                created_at=then,
                updated_at=then,
                steps=[],
                cost=0,
                chosen_over=[],
                reason="before the test",
            )


def ground(house: House) -> Ground:
    """What thinking stands on in this house."""
    return house.thoughts.ground


def run(house: House, until: Callable[[], object] = lambda: False, seconds: float = 600, slot: float = 0.5) -> bool:
    """Let simulated time pass until `until()` is true; False when the time is over. It is asked when something may have
    happened, and not each time that the clock alone went on.
    """
    clock = house.runtime.clock
    assert isinstance(clock, SimulatedClock)
    happened = True
    for turn in range(round(seconds / slot)):
        if happened and until():
            return True
        happened = house.next_slot <= clock.monotonic()
        house.slot(25.0)
        clock.advance(slot)
        if turn % round(1 / slot) == 0:
            happened = happened or house.next_beat <= clock.monotonic() or bool(house.jumps.pending())
            house.heartbeat()
    return bool(until())


def give(house: House, title: str, slug: str, **more: Any) -> Task:
    """Propose, read, approve and assign a task, as the owner does; without a slug it is free for all."""
    title, _, description = title.partition(" = ")
    task = house.work.propose(title, description, OWNER, "telnet", **more)
    house.governance.show(house.work.approval(str(task.pk)), OWNER)
    receipts = house.work.decide([str(task.pk)], "ok", OWNER, "telnet")
    assert receipts[0].ok, receipts[0].error
    house.work.settle()
    return house.work.assign(task.pk, slug, OWNER, "telnet") if slug else house.work.get(task.pk)
