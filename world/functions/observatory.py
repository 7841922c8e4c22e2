"""Father's Observatory: a father's view of his children, from their minds and tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.governance.rules import Actor
from agents.thinking.ports import Known
from world.functions import Lines, RoomFunction
from world.telling import count

if TYPE_CHECKING:
    from agents.house.house import House

LOG_LINES = 10


def _headline(house: House, viewer: Actor) -> str:
    children = [one for one in house.need(Known).presences() if one.parent]
    dark = [one for one in children if not one.awake]
    paused = house.need(Known).board().get("PAUSED", 0)
    return (
        f"{count(len(children), 'child', 'children')} watched over, "
        f"{f'{len(dark)} not awake' if dark else 'all awake'}; "
        f"{count(paused, 'task')} paused."
    )


def _children(house: House, viewer: Actor) -> Lines:
    names = {one.slug: one.name for one in house.need(Known).presences()}
    children = [one for one in house.need(Known).presences() if one.parent]
    if not children:
        return ["No agent of the roster has a parent."]
    return [
        f"{one.name}, child of {names.get(one.parent, one.parent)}, "
        f"{'awake' if one.awake else 'not awake'} in "
        f"{house.need(Known).room_name(one.room) if one.room else 'no room'}: {one.told(viewer)}"
        for one in children
    ]


def _logbook(house: House, viewer: Actor) -> Lines:
    children = [one for one in house.need(Known).presences() if one.parent]
    deeds = sorted((at, one.name, deed) for one in children for at, deed in house.need(Known).deeds(one.slug))
    return [f"{at} {name} {deed}" for at, name, deed in deeds[-LOG_LINES:]] or ["No child has finished a step yet."]


FUNCTION = RoomFunction(
    "observatory",
    _headline,
    help="A father's view of his children: `look child` tells what each does, `look logbook` their last "
    "steps, `watch <agent>` follows one.",
    details={"child": _children, "telescope": _children, "logbook": _logbook},
)
