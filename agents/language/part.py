"""The monitor of the model service as a part of the house.

Owns when it is due. The monitor does the asking.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from agents.house.core import Core
from agents.house.house import House
from agents.house.part import Part
from agents.language.monitor import Monitor


class Audience(Protocol):
    """A port offered from outside: whether somebody is where the model service is shown."""

    def __call__(self) -> bool:
        """Now."""
        ...


class LanguagePart(Part):
    """Requests a new report while somebody is there to see it."""

    name = "language"

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self.monitor = Monitor(core.runtime.clock, core.language)

    def offers(self) -> Mapping[type[Any], object]:
        """The monitor."""
        return {Monitor: self.monitor}

    def wire(self, house: House) -> None:
        """Learn who is looking, if that is possible."""
        self.monitor.attended = house.find(Audience) or self.monitor.attended

    @property
    def next_beat(self) -> float:
        """When the next report is due, or a requested one is late."""
        return self.monitor.next_beat

    def beat(self) -> None:
        """Request it, or give up."""
        self.monitor.beat()


PARTS = (LanguagePart,)
