"""The look at the model service as a part of the house.

Owns when it is due. Refuses to ask by itself: the monitor does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from agents.house.core import Core
from agents.house.house import House
from agents.house.part import Part
from agents.language.monitor import Monitor


class Audience(Protocol):
    """Whoever runs the world knows it: whether somebody stands where the model service is shown."""

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
        """Learn who looks on, where somebody can."""
        self.monitor.attended = house.find(Audience) or self.monitor.attended

    @property
    def next_beat(self) -> float:
        """When the next report is due, or one that was asked for is late."""
        return self.monitor.next_beat

    def beat(self) -> None:
        """Ask, or wait no longer."""
        self.monitor.beat()


PARTS = (LanguagePart,)
