"""The ground of one world: the services that every part of the house may use.

Owns the list of them, as one frozen value. Refuses to know a part: what parts have for each other is asked of the
house, by type.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agents.cascade.client import Language
from agents.events.bus import Bus
from agents.events.log import EventLog
from agents.governance.service import Governance
from agents.house.roster import Roster
from agents.kernel.errors import Unwritable
from agents.kernel.guard import Guard
from agents.kernel.problem import Problem
from agents.kernel.runtime import Runtime
from agents.kernel.settings import Settings
from agents.work.journal import Journal
from agents.work.kind import Kind
from agents.work.ports import Body, Machine, Offload, World
from agents.work.sandbox import Sandbox
from agents.work.service import Work

_log = logging.getLogger("timmy.house")
Defer = Callable[[Callable[[], object]], object]
"""Runs a function soon on the thread that calls the house, outside of whatever transaction is under way."""
Capture = Callable[[BaseException, str], object]
"""Is given an error that nobody handled, and where it was raised. It must not raise."""


def at_once(function: Callable[[], object]) -> object:
    """The `Defer` of a world of one thread."""
    return function()


class Faults:
    """Where parts bring errors that are no fault of whoever asked. Until somebody captures them they go to the log."""

    def __init__(self) -> None:
        self._capture: Capture = _logged

    def __call__(self, error: BaseException, where: str) -> None:
        """Have `error`, which was raised in `where`, noted. Never raises."""
        self._capture(error, where)

    def bring_to(self, capture: Capture) -> None:
        """Have `capture` hear of all that come from now on."""
        self._capture = capture


def _logged(error: BaseException, where: str) -> None:
    _log.error("an error in %s", where, exc_info=error)


@dataclass(frozen=True)
class Core:
    """What any part may use. `body_of(slug)` gives an agent's body; `offload` runs blocking functions elsewhere,
    `defer` runs one soon; `guard` is around each stretch of builders' code; `home` gives an agent's repository;
    `actions` are the folders of what minds can do; `roster` is who lives here; `problems` are the files that were left
    out; `probe` measures the machine (None: the disk under the state folder).

    `language()` is whom minds ask for language, None where there is nobody (simulations, tools): then all is reflex.
    `trouble()` is why the records cannot be written now, as far as whoever runs the world has found.
    """

    runtime: Runtime
    bus: Bus
    events: EventLog
    governance: Governance
    work: Work
    journal: Journal
    kinds: Mapping[str, Kind]
    actions: list[Path]
    world: World
    body_of: Callable[[str], Body]
    offload: Offload
    defer: Defer
    guard: Guard
    home: Callable[[Settings, str], Path]
    sandbox: Sandbox
    roster: Roster
    problems: list[Problem]
    probe: Callable[[], Machine] | None
    language: Callable[[], Language | None]
    trouble: Callable[[], Unwritable | None]
    faults: Faults
