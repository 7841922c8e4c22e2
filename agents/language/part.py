"""The part of the house that keeps an eye on the model service.

Owns when it is asked. Refuses to ask by itself: the monitor does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from agents.house.core import Core
from agents.house.house import House
from agents.house.part import Part
from agents.language.monitor import Monitor


class Audience(Protocol):
    """Tells whether somebody stands where the state of the model service is shown."""

    def __call__(self) -> bool:
        """Now."""
        ...


class LanguagePart(Part):
    """Asks for a fresh report while somebody is there to see it."""

    name = "language"

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self.monitor = Monitor(core.runtime.clock, core.language)

    def offers(self) -> Mapping[type[Any], object]:
        """The monitor."""
        return {Monitor: self.monitor}

    def wire(self, house: House) -> None:
        """Find out who can tell whether somebody is looking on."""
        self.monitor.attended = house.find(Audience) or self.monitor.attended

    @property
    def next_beat(self) -> float:
        """When the next report is due, or when one that was asked for counts as late."""
        return self.monitor.next_beat

    def beat(self) -> None:
        """Ask for a report, or stop waiting for one."""
        self.monitor.beat()


PARTS = (LanguagePart,)
