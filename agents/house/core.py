"""The core of one world: the services that every part of the house may use.

Owns their list, as one frozen value. Knows no part: what parts offer each other is obtained from the house, by
type.
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
"""Runs a function soon on the thread that calls the house, outside any transaction under way."""
Capture = Callable[[BaseException, str], object]
"""Receives an error that nobody handled, and where it was raised. It must not raise."""


def at_once(function: Callable[[], object]) -> object:
    """The `Defer` of a world with one thread."""
    return function()


class Faults:
    """Where parts report errors that are not their caller's fault. Until somebody captures them they go to the log."""

    def __init__(self) -> None:
        self._capture: Capture = _logged

    def __call__(self, error: BaseException, where: str) -> None:
        """Have `error`, which was raised in `where`, noted. Never raises."""
        self._capture(error, where)

    def bring_to(self, capture: Capture) -> None:
        """Let `capture` receive all errors from now on."""
        self._capture = capture


def _logged(error: BaseException, where: str) -> None:
    _log.error("an error in %s", where, exc_info=error)


@dataclass(frozen=True)
class Core:
    """What any part may use. `body_of(slug)` returns an agent's body; `offload` runs blocking functions elsewhere,
    `defer` runs a function soon; `guard` surrounds each run of builders' code; `home` returns an agent's
    repository; `actions` are the folders of what minds can do; `roster` is the list of agents here; `problems` are
    the files that were left out; `probe` measures the machine (None: the disk with the state folder).

    `language()` returns what minds ask for language, None if there is nothing (simulations, tools); then everything
    is reflex. `trouble()` says why the records cannot be written now, as far as the program around the house has
    found out.
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
