"""The capture of errors as a part of the house.

Owns that errors come to it from the instant at which the parts are joined.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agents.house.core import Core
from agents.house.house import House
from agents.house.part import Part
from agents.selfmod.capture import BugCapture


class Selfmod(Part):
    """Files what nobody handled."""

    name = "selfmod"
    Kept = dict[str, tuple[int, datetime]]

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self.bugs = BugCapture(core.runtime, core.events, core.work, core.defer)

    def offers(self) -> Mapping[type[Any], object]:
        """The capture."""
        return {BugCapture: self.bugs}

    def wire(self, house: House) -> None:
        """Hear of all errors from now on."""
        self.core.faults.bring_to(self.bugs.capture)

    def snapshot(self) -> dict[str, tuple[int, datetime]]:
        """What was filed of late."""
        return self.bugs.snapshot()

    def restore(self, kept: dict[str, tuple[int, datetime]]) -> None:
        """Know it again."""
        self.bugs.restore(kept)


PARTS = (Selfmod,)
