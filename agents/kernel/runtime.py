"""What every service is given: settings, a clock, a source of randomness.

One frozen value instead of globals, so that tests and simulations can pass their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from random import Random

from agents.kernel import ids, randomness
from agents.kernel.clock import Clock, SystemClock
from agents.kernel.settings import Settings


@dataclass(frozen=True)
class Runtime:
    """The environment of a service."""

    settings: Settings
    clock: Clock = field(default_factory=SystemClock)
    random: Random = field(default_factory=randomness.system)
    zone: tzinfo | None = UTC
    """The time zone by which agents live; None: the machine's."""

    def local(self) -> datetime:
        """The current instant in local time."""
        return self.clock.now().astimezone(self.zone)

    def new_id(self) -> str:
        """A new sortable identifier, 26 characters."""
        return ids.new_id(self.clock, self.random)
