"""What concerns the place and the standing of whoever asks: the ways out of a room, and who one is here.

Renders the map and the rules. Refuses to walk: that is `commands.walking`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.kernel.errors import NotFound
from agents.kernel.text import visible
from agents.work.models import Task
from commands.layout import count, fields, heading, hint
from commands.verbs import Caller, Reply, verb
from world.screen import paint

if TYPE_CHECKING:
    from agents.house.house import House

ROLES = {
    "owner": "the owner: what is proposed waits for your decision",
    "person": "a guest: you look, walk, talk, carry things and propose tasks",
}


@verb(
    "ways",
    aliases=("exits",),
    syntax="ways",
    help="List the ways out of this room, and where each leads.",
    examples=("ways", "exits"),
    see=("map", "here", "look"),
    reads=True,
)
def ways(house: House, caller: Caller, argument: str) -> Reply:
    """`go <room>` walks to any room, however far."""
    names = {room.key: room.name for room in house.world.rooms()}
    if caller.room not in names:
        raise NotFound("You are not in a room.", next="map hall")
    closed = caller.client.closed(caller.room) if caller.client else {}
    found = [way for way in house.world.exits("") if way.origin == caller.room]
    lines = [heading(f"WAYS OUT of {visible(names[caller.room])}.")]
    for way in found:
        locked = f" Locked: {visible(closed[way.name])}" if way.name in closed else ""
        leads = visible(names.get(way.target, way.target))
        lines.append(f"  {paint('key', visible(way.name))} leads to {leads}.{locked}")
    lines.append(hint("go <room> walks to any room" if found else "There is no way out."))
    return Reply(lines, [{"way": way.name, "to": way.target, "closed": closed.get(way.name, "")} for way in found])


@verb(
    "score",
    aliases=("whoami",),
    syntax="score",
    help="Say who you are here: your role, where you stand, what you proposed, what waits for you.",
    examples=("score", "whoami"),
    see=("status", "ways", "agents"),
    reads=True,
)
def score(house: House, caller: Caller, argument: str) -> Reply:
    """There are no points and no levels."""
    actor = caller.actor
    names = {room.key: room.name for room in house.world.rooms()}
    mine = Task.objects.filter(proposer=str(actor))
    asked, done = mine.count(), mine.filter(status="COMPLETED").count()
    waiting = house.governance.waiting().filter(verdict="").count() if actor.kind == "owner" else 0
    lines = [heading(f"{visible(actor.name).upper()}.")]
    lines += fields(
        caller,
        [
            ("You are", ROLES.get(actor.kind, "nobody who could decide or propose")),
            ("Where", visible(names.get(caller.room, "")) or "in no room"),
            ("Proposed", f"{count(asked, 'task')}, {done} of them done" if asked else "no task yet"),
            ("Waiting", f"{count(waiting, 'item')} for you to decide" if waiting else ""),
        ],
    )
    lines.append(hint("lectern" if waiting else "board, inventory, help"))
    return Reply(lines, {"name": actor.name, "kind": actor.kind, "room": caller.room, "proposed": asked, "done": done})
