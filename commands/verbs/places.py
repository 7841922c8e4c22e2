"""Places: the map with who is where, and what can be done here.

Renders the world's rooms and ways. Refuses to know the engine: rooms are keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.kernel.errors import BadInput, NotFound
from agents.kernel.text import shorten, visible
from agents.thinking.ports import Known
from commands.drawing import Cell, Near, grid, sentences
from commands.layout import one_column
from commands.verbs import Caller, Reply, verb

if TYPE_CHECKING:
    from agents.house.house import House
    from agents.work.ports import RoomInfo

HUB = "hall"
MOST_AWAY = 12
"""Those who are further off are named up to so many."""


def _beside(here: RoomInfo, there: RoomInfo | None) -> Cell | None:
    if here.at is None or there is None or there.at is None:
        return None
    east, north, up = (b - a for a, b in zip(here.at, there.at, strict=True))
    if up or max(abs(east), abs(north)) > 1:
        return None
    return (east, north)


@verb(
    "map",
    syntax=("map", "map <room>"),
    help="Draw a map of what is around you, and who is where.",
    examples=("map", "map workshop"),
    see=("agents", "look", "help"),
    reads=True,
)
def map_(house: House, caller: Caller, argument: str) -> Reply:
    """In plain mode and on narrow screens the ways are told as sentences."""
    every = {room.key: room for room in house.world.rooms()}
    rooms = {room.key: room.name for room in every.values()}
    here = room_key(house, argument) if argument else caller.room or HUB
    if here not in rooms:
        raise NotFound("You are nowhere on the map.", next="map hall")
    where: dict[str, list[str]] = {}
    for agent in house.need(Known).presences():
        where.setdefault(agent.room, []).append(agent.name)
    for name, room in house.world.people():
        where.setdefault(room, []).append(name)
    closed = caller.client.closed(here) if caller.client else {}
    near = [
        Near(
            way.name,
            rooms.get(way.target, way.target),
            where.get(way.target, ()),
            _beside(every[here], every.get(way.target)),
            closed.get(way.name, ""),
        )
        for way in house.world.exits("")
        if way.origin == here
    ]
    who = where.get(here, [])
    if one_column(caller):
        lines = sentences(rooms[here], who, near)
    else:
        lines = [*grid(rooms[here], who, near, caller.width), ""]
        off = [room for room in near if room.at is None]
        lines += sentences(rooms[here], (), off)[1:]
        beside = {way.target for way in house.world.exits("") if way.origin == here} | {here}
        away = [
            f"{name} in {rooms.get(key, 'nowhere')}"
            for key, names in where.items()
            if key not in beside
            for name in names
        ]
        if len(away) > MOST_AWAY:
            away[MOST_AWAY:] = [f"and {len(away) - MOST_AWAY} more, whom `agents` lists"]
        if away:
            lines.append(visible("Elsewhere: " + ", ".join(away)))
    data = {
        "room": here,
        "name": rooms[here],
        "who": who,
        "near": [{"way": n.way, "name": n.name, "who": list(n.who), "at": n.at, "closed": n.closed} for n in near],
    }
    return Reply(lines, data)


def room_key(house: House, text: str) -> str:
    """The key of the room called `text` by name or key, or the only one that begins so."""
    wanted = text.strip().lower()
    named = {room.name.lower(): room.key for room in house.world.rooms()}
    named |= {room.key.replace("_", " "): room.key for room in house.world.rooms()}
    named |= {room.key: room.key for room in house.world.rooms()}
    if wanted in named:
        return named[wanted]
    begins = {key for name, key in named.items() if wanted and any(w.startswith(wanted) for w in (name, *name.split()))}
    if len(begins) == 1:
        return begins.pop()
    shown = visible(shorten(text, 40))
    if begins:
        raise BadInput(f"'{shown}' could be: {', '.join(sorted(begins))}.", next=f"map {min(begins)}")
    raise NotFound(f"No room is called '{shown}'.", next="map")
