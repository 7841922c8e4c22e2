"""The Lineage Archives: the event log, in which nothing is ever changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.governance.rules import Actor
from world.functions import Lines, RoomFunction
from world.telling import age

if TYPE_CHECKING:
    from agents.house.house import House


def _headline(house: House, viewer: Actor) -> str:
    newest = house.events.last(1)
    if not newest:
        return "The chain has no link yet."
    ago = age(newest[-1].at, house.runtime.clock.now())
    return f"The chain has come to link {newest[-1].seq}, {ago} ago."


def _chain(house: House, viewer: Actor) -> Lines:
    newest = house.events.last(1)
    if not newest:
        return ["No link has been forged yet."]
    return [f"Link {newest[-1].seq}: {newest[-1].topic}, by {newest[-1].actor}.", f"Its hash: {newest[-1].digest}"]


FUNCTION = RoomFunction(
    "archives",
    _headline,
    help="Every event of the house is a link of one chain. `feed` tells the newest, `audit verify` "
    "proves that no link was changed or taken out.",
    details={"chain": _chain, "link": _chain},
)
