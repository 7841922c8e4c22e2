"""What rooms are for: one file for each function, found automatically.

Owns the shape of a room function and finding them. A file here defines a `FUNCTION`; a room is served by the
function that its map entry names, or by the one with the room's own key. Refuses invented state: a function reads
services and reports what it finds, and a room whose part is not built says what it is for and that nothing in it is
live.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING

from agents.governance.rules import Actor
from agents.kernel import parts
from agents.kernel.errors import TimmyError
from agents.kernel.problem import Problem
from agents.kernel.text import clean

if TYPE_CHECKING:
    from agents.house.house import House

log = logging.getLogger(__name__)

Lines = list[str]


@dataclass(frozen=True)
class RoomFunction:
    """The function of one room.

    `headline(house, viewer)` is the live state in one line of plain text; `details` are the room's live nouns, each
    with what is shown when it is examined; `help` is shown by `help <room>`. All get the running house and the
    viewer, and may raise TimmyError. Any other error is a bug: it is captured for repair, and the rest of the room
    is shown.
    """

    key: str
    headline: Callable[[House, Actor], str]
    help: str
    details: Mapping[str, Callable[[House, Actor], Lines]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ValueError for anything that could not be called when a room is looked at."""
        for name, told in (("headline", self.headline), *self.details.items()):
            if not callable(told):
                raise ValueError(f"{name} is not a function")


@lru_cache(maxsize=1)
def discover() -> tuple[Mapping[str, RoomFunction], list[Problem]]:
    """Every function by key, and what is wrong with the files that were left out."""
    return parts.load("room function", __name__, __path__, _held)


def _held(module: ModuleType) -> Iterable[tuple[str, RoomFunction]]:
    function = getattr(module, "FUNCTION", None)
    if not isinstance(function, RoomFunction):
        raise TypeError("it has no FUNCTION = RoomFunction(…)")
    return [(function.key, function)]


def all_functions() -> Mapping[str, RoomFunction]:
    """Every function by key."""
    return discover()[0]


def running() -> House | None:
    """The house in this process, if there is one."""
    from agents.house import house

    return house.current()


def headline(function: RoomFunction | None, awaits: str, viewer: Actor) -> str:
    """The first line of a room: its live state, or plainly that there is none ('' for a room without a function)."""
    if function is None:
        return f"Not built yet: {awaits}. Nothing here is live." if awaits else ""
    house = running()
    if house is None:
        return "The world does not run in this process, so nothing live can be shown."
    try:
        return clean(function.headline(house, viewer), keep_lines=False)
    except TimmyError as error:
        return f"Its state cannot be read: {clean(str(error), keep_lines=False)}"
    except Exception as error:  # noqa: BLE001  (one builder's file must not take the room with it)
        return f"Its state cannot be read{_noted(house, function, error)}"


def detail(function: RoomFunction | None, noun: str, viewer: Actor) -> Lines | None:
    """What a live noun of the room shows; None if the function has no such noun."""
    house = running()
    if function is None or house is None or noun not in function.details:
        return None
    try:
        return function.details[noun](house, viewer)
    except TimmyError as error:
        return [f"It cannot be read: {clean(str(error), keep_lines=False)}"]
    except Exception as error:  # noqa: BLE001  (as above)
        return [f"It cannot be read{_noted(house, function, error)}"]


def _noted(house: House, function: RoomFunction, error: Exception) -> str:
    """Report a bug in a room function; returns the end of the sentence that says so."""
    log.error("the room function %s failed: %r", function.key, error)
    house.faults(error, f"the room function {function.key}")
    return " because of a fault in the world itself, which has been recorded."
