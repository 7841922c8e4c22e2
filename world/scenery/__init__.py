"""What rooms show beside their function and their description: light, marks of use, notes. One file each.

Owns the shape of a scenery, the finding of them, and how their words are joined: at most two clauses in one sentence
behind the description, and lines of their own. Refuses invented state: a scenery reads services, and what is mere
fiction claims no fact.
"""

from __future__ import annotations

import logging
import re
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
from world.functions import running

if TYPE_CHECKING:
    from agents.house.house import House

log = logging.getLogger(__name__)
MOST_CLAUSES = 2
"""Clauses of the one sentence that is told."""
MOST_SENTENCES = 3
"""Sentences of a description, that one included."""
_END = re.compile(r"[.!?](?:\s|$)")
OPEN = "open"
"""What a map says of a room's `sky` that lies under it."""


@dataclass(frozen=True)
class Place:
    """A room as sceneries know it. `sky`: `open`, or the noun through which light comes in, '' where none does;
    `seasons`: what the room shows in each.
    """

    key: str
    sky: str = ""
    seasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scenery:
    """One thing that rooms show. Each function may be left out, and may raise TimmyError; any other error is a fault:
    it is captured, and the rest of the room is shown.

    `clause` is told in the sentence behind the description, '' for nothing; those with the least `order` come first.
    `line` is told as a line of its own, also in brief. `detail` is what examining a noun shows, None for a noun that is
    none of it.
    """

    key: str
    order: int = 0
    clause: Callable[[House, Place], str] | None = None
    line: Callable[[House, Place], str] | None = None
    detail: Callable[[House, Place, str, Actor], list[str] | None] | None = None


@lru_cache(maxsize=1)
def discover() -> tuple[Mapping[str, Scenery], list[Problem]]:
    """Every scenery by key, and what is wrong with the files that are left out."""
    return parts.load("scenery", __name__, __path__, _held)


def _held(module: ModuleType) -> Iterable[tuple[str, Scenery]]:
    found = getattr(module, "SCENERY", None)
    if not isinstance(found, Scenery):
        raise TypeError("it has no SCENERY = Scenery(…)")
    return [(found.key, found)]


def _in_order() -> list[Scenery]:
    return sorted(discover()[0].values(), key=lambda one: (one.order, one.key))


def sentence(place: Place) -> str:
    """What the room shows now, as one sentence; '' for nothing."""
    told: list[str] = []
    for one in _in_order():
        if one.clause is not None and len(told) < MOST_CLAUSES and (words := _asked(one, one.clause, place)):
            told.append(words)
    text = "; ".join(told)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def behind(written: str, place: Place) -> str:
    """A room's description with that sentence behind it, where there is space for one more."""
    if len(_END.findall(written)) >= MOST_SENTENCES:
        return written
    return " ".join(filter(None, (written, sentence(place))))


def lines(place: Place) -> list[str]:
    """The further lines of the room."""
    found = (_asked(one, one.line, place) for one in _in_order() if one.line is not None)
    return [line for line in found if line]


def detail(place: Place, noun: str, viewer: Actor) -> list[str]:
    """What examining a noun shows of all of them; nothing where it is none of theirs."""
    house = running()
    if house is None:
        return []
    told: list[str] = []
    for one in _in_order():
        if one.detail is None:
            continue
        try:
            told += one.detail(house, place, noun, viewer) or []
        except TimmyError as error:
            told.append(f"It cannot be read: {clean(str(error), keep_lines=False)}")
        except Exception as error:  # noqa: BLE001  (one builder's file must not take the room with it)
            _noted(house, one, error)
    return told


def _asked(one: Scenery, told: Callable[[House, Place], str], place: Place) -> str:
    house = running()
    if house is None:
        return ""
    try:
        return clean(told(house, place), keep_lines=False)
    except TimmyError:
        return ""  # a room without this scenery is whole
    except Exception as error:  # noqa: BLE001  (as above)
        _noted(house, one, error)
        return ""


def _noted(house: House, one: Scenery, error: Exception) -> None:
    log.error("the scenery %s failed: %r", one.key, error)
    house.faults(error, f"the scenery {one.key}")
