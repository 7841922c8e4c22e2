"""The capture of errors as a part of the house.

Owns the connection: errors arrive here from the moment the parts are wired.
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
    """Files errors that nobody handled."""

    name = "selfmod"
    Kept = dict[str, tuple[int, datetime]]

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self.bugs = BugCapture(core.runtime, core.events, core.work, core.defer)

    def offers(self) -> Mapping[type[Any], object]:
        """The capture."""
        return {BugCapture: self.bugs}

    def wire(self, house: House) -> None:
        """Receive all errors from now on."""
        self.core.faults.bring_to(self.bugs.capture)

    def snapshot(self) -> dict[str, tuple[int, datetime]]:
        """What was filed recently."""
        return self.bugs.snapshot()

    def restore(self, kept: dict[str, tuple[int, datetime]]) -> None:
        """Restore it."""
        self.bugs.restore(kept)


PARTS = (Selfmod,)
