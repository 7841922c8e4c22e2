"""What the rooms of the Spire share: the last report on the cascade, shown with its age.

Owns which rooms those are, and when somebody is there to see them. Never waits: a room shows what is known and how
old that is, and the next look finds what has been fetched since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from agents.cascade.told import Report
from agents.kernel.text import clean, shorten
from agents.language.monitor import Monitor
from world.functions import Lines
from world.telling import age

if TYPE_CHECKING:
    from agents.house.house import House
    from agents.work.ports import World

ROOMS = frozenset({"spire", "sanctum", "independence_hall"})
LONGEST = 300
COMING = "Its state is being read; look again in a moment."


def attended(world: World) -> bool:
    """Whether somebody is where the cascade is shown, or where the way there begins."""
    return any(room in ROOMS for _, room in world.people())


def headline(house: House, told: Callable[[Report], str]) -> str:
    """The room's live state: what `told` makes of the last report, and its age."""
    seen = house.need(Monitor).look()
    if seen is None:
        return COMING
    ago = age(seen.at, house.runtime.clock.now())
    return f"{seen.why} (Asked {ago} ago.)" if seen.report is None else f"{told(seen.report)} (read {ago} ago)."


def detail(house: House, told: Callable[[Report], Iterable[str]]) -> Lines:
    """A live noun: what `told` makes of the last report, or why there is none, and when it was read."""
    seen = house.need(Monitor).look()
    if seen is None:
        return [COMING]
    lines = [seen.why] if seen.report is None else [*told(seen.report)]
    return [
        *(shorten(clean(line, keep_lines=False), LONGEST) for line in lines),
        f"Read {age(seen.at, house.runtime.clock.now())} ago.",
    ]
