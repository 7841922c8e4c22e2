"""A set of services over a simulated clock, for tests of work and governance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agents.events.bus import Bus
from agents.events.log import EventLog
from agents.governance.rules import Actor
from agents.governance.service import Governance
from agents.kernel import randomness
from agents.kernel.clock import Clock, SimulatedClock
from agents.kernel.runtime import Runtime
from agents.kernel.settings import Settings
from agents.work.journal import Journal
from agents.work.service import Work
from tests.support.kinds import KINDS

START = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
OWNER = Actor("owner", "alex")
GUEST = Actor("person", "mia")
TIMMY = Actor("agent", "timmy")


@dataclass
class Services:
    """Everything a test asks for. `clock` is the simulated one unless another was given."""

    runtime: Runtime
    bus: Bus
    events: EventLog
    governance: Governance
    work: Work
    journal: Journal
    clock: Any

    def show(self, ref: str | int, viewer: Actor = OWNER) -> None:
        """`viewer` reads the item whole."""
        self.governance.show(self.work.approval(str(ref)), viewer)

    def approve(self, number: int, via: str = "telnet") -> None:
        """The owner reads and approves a task, and the seal runs out."""
        self.show(number)
        self.work.decide([str(number)], "ok", OWNER, via)
        self.clock.advance(self.runtime.settings.seal_seconds)
        self.work.settle()

    def count(self, path: str = "/srv/app", **more: Any) -> int:
        """Propose a `count` task; its number."""
        return self.work.propose(f"Count {path}", "", OWNER, "telnet", **more).id

    def running(self, slug: str = "timmy") -> int:
        """The number of a fresh task that `slug` runs."""
        number = self.count()
        self.approve(number)
        self.work.assign(number, slug, OWNER, "telnet")
        self.work.claim(number, slug)
        return number


def make(tmp: Path, *, clock: Clock | None = None, seed: int = 7, **settings: Any) -> Services:
    """Services whose state lies in `tmp`; `settings` replace single values."""
    clock = clock or SimulatedClock(START)
    values = Settings(_env_file=None, state_dir=tmp, **settings)
    runtime = Runtime(values, clock, randomness.seeded(seed))
    bus = Bus()
    events = EventLog(runtime, bus)
    governance = Governance(runtime, events)
    work = Work(runtime, events, governance, KINDS)
    return Services(runtime, bus, events, governance, work, Journal(runtime, events), clock)
