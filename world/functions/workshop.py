"""The Workshop: where its tools are, and what is being done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.governance.rules import Actor
from agents.thinking.ports import Known
from agents.work.ports import ItemInfo
from world.functions import Lines, RoomFunction
from world.telling import begun, listed

if TYPE_CHECKING:
    from agents.house.house import House

HERE = "workshop"


def _where(house: House, item: ItemInfo) -> str:
    if item.room:
        return "on its peg" if item.room == HERE else f"in {house.need(Known).room_name(item.room)}"
    names = {one.slug: one.name for one in house.need(Known).presences()}
    return f"with {names.get(item.holder, item.holder.removeprefix('person:'))}"


def _headline(house: House, viewer: Actor) -> str:
    items = house.world.items()
    away = [f"the {item.name} is {_where(house, item)}" for item in items if item.room != HERE]
    if not items:
        return "There are no tools in the world."
    return f"{begun(listed(away))}." if away else f"All {len(items)} tools hang on their pegs."


def _tools(house: House, viewer: Actor) -> Lines:
    return [f"{item.name}: {_where(house, item)}" for item in house.world.items()] or [
        "There are no tools in the world."
    ]


FUNCTION = RoomFunction(
    "workshop",
    _headline,
    help="Here tasks are done: surveys with the lens, test runs with the gauge; the trowel goes with whoever "
    "builds. `look tool` tells where each is, `kinds` what can be asked for.",
    details={"tool": _tools, "peg": _tools, "outline": _tools},
)
