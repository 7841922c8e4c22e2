"""The core is created: every service that all parts need, over a world, bodies and a thread pool.

Owns the creation of these services, all of which are required. Does not know the parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from agents.cascade.client import Language
from agents.events import declared
from agents.events.bus import Bus
from agents.events.log import EventLog
from agents.governance.service import Governance
from agents.house.core import Core, Defer, Faults, at_once
from agents.house.roster import Roster
from agents.kernel import parts
from agents.kernel import settings as settings_
from agents.kernel.errors import Unwritable
from agents.kernel.guard import Guard, unguarded
from agents.kernel.problem import Problem
from agents.kernel.runtime import Runtime
from agents.kernel.settings import Settings
from agents.lineage import persona as personas_
from agents.lineage.persona import Persona
from agents.work import artifacts, sandbox, tools
from agents.work import kind as kinds_
from agents.work.journal import Journal
from agents.work.ports import Body, Machine, Offload, World
from agents.work.service import Work


def lay(
    runtime: Runtime,
    world: World,
    bodies: Callable[[str], Body],
    offload: Offload,
    *,
    personas: Path | Mapping[str, Persona] = personas_.FOLDER,
    actions: Path | None = None,
    kinds: Path | None = None,
    probe: Callable[[], Machine] | None = None,
    problems: Iterable[Problem] = (),
    defer: Defer = at_once,
    home: Callable[[Settings, str], Path] = artifacts.ensure_home,
    guard: Guard = unguarded,
    language: Callable[[], Language | None] = lambda: None,
    trouble: Callable[[], Unwritable | None] = lambda: None,
) -> Core:
    """Create every service of one world. `personas`, `actions` and `kinds` are the folders where builders add files,
    by default those of the parts; unusable files are left out and reported. `personas` may also be given as values.
    `problems` concern files loaded elsewhere. Everything else is as in `Core`.
    """
    runtime.settings.state_dir.mkdir(parents=True, exist_ok=True)
    bus = Bus()
    events = EventLog(runtime, bus)
    governance = Governance(runtime, events)
    found, wrong = kinds_.discover(*([kinds] if kinds else [kinds_.FOLDER, *parts.folders("kinds")]))
    people, absent = personas_.load_all(personas) if isinstance(personas, Path) else (personas, [])
    return Core(
        runtime=runtime,
        bus=bus,
        events=events,
        governance=governance,
        work=Work(runtime, events, governance, found, world),
        journal=Journal(runtime, events),
        kinds=found,
        actions=[actions] if actions else parts.folders("actions"),
        world=world,
        body_of=bodies,
        offload=offload,
        defer=defer,
        guard=guard,
        home=home,
        sandbox=sandbox.choose_or_missing(runtime.settings),
        roster=Roster(people, events),
        problems=[*absent, *wrong, *tools.discover()[1], *declared.discover()[1], *settings_.discover()[1], *problems],
        probe=probe,
        language=language,
        trouble=trouble,
        faults=Faults(),
    )
