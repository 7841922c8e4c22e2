"""What minds see of the engine's objects: rooms, ways and things, as values.

Owns the handing out of the same tuple again and again until something in it changes, so that a thousand
minds share one, and whoever keeps what he made of it can tell by identity. What changes is learned from
the engine's own saves. Refuses to remember who may pass a way whose lock asks who it is: that is asked at
each look.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import signals
from evennia.objects.models import ObjectDB
from evennia.typeclasses.attributes import Attribute

from agents.governance.rules import Actor, may
from agents.work.ports import ExitInfo, ItemInfo, RoomInfo
from typeclasses.exits import Exit
from world import places
from world.places import key_of, slug_of, thing_key

SHOWN = frozenset({"function", "at"})
"""Attributes of a room that are part of what minds see."""
FREE = "traverse:all()"
"""The lock of a way that everybody may pass."""
MOST_REFUSALS = 256
"""So many different sets of refused ways are kept, each a tuple of all ways."""
ANYBODY = Actor("agent", "anybody")

_index: object = None
_rooms: tuple[RoomInfo, ...] | None = None
_ways: tuple[ExitInfo, ...] | None = None
_asking: tuple[tuple[int, Any], ...] = ()
"""The ways, by their place in `_ways`, that must be asked for each agent."""
_refused: dict[tuple[str, ...], tuple[ExitInfo, ...]] = {}
_items: tuple[ItemInfo, ...] | None = None
_holders: frozenset[int] = frozenset()


def _saved(*_: Any, instance: Any = None, update_fields: Any = None, **__: Any) -> None:
    """Forget what the saved row is part of."""
    global _rooms, _items
    if isinstance(instance, Attribute):
        if instance.db_key in SHOWN:
            _rooms = None
    elif isinstance(instance, ObjectDB):
        walked = update_fields is not None and set(update_fields) == {"db_location"}
        if not walked or instance.pk in _holders or getattr(instance, "carriable", False):
            _items = None


for _signal, _name in ((signals.post_save, "saved"), (signals.post_delete, "deleted")):
    _signal.connect(_saved, dispatch_uid=f"sight-{_name}")


def _fresh() -> None:
    """Forget everything when the index of places was made anew: a room, a way or a lock has changed."""
    global _index, _rooms, _ways, _items
    if _index is not (now := places.index()):
        _index, _rooms, _ways, _items = now, None, None, None
        _refused.clear()


def rooms() -> tuple[RoomInfo, ...]:
    """All rooms: those of the map, and those made by hand or by agents."""
    global _rooms
    _fresh()
    if _rooms is None:
        _rooms = tuple(
            RoomInfo(key, str(room.key), getattr(getattr(room, "function", None), "key", ""), places.cell_of(room))
            for key, room in places.rooms().items()
        )
    return _rooms


def ways(body: Any) -> tuple[ExitInfo, ...]:
    """All ways, with why `body` cannot pass where it cannot (None: as if none were locked)."""
    global _ways, _asking
    _fresh()
    if _ways is None:
        found = places.exits()
        _ways = tuple(ExitInfo(key_of(way.location), key_of(way.destination), str(way.key)) for way in found)
        _asking = tuple((at, way) for at, way in enumerate(found) if not _free(way))
    if body is None or not _asking:
        return _ways
    whys = tuple(why_not(way, body) for _, way in _asking)
    if not any(whys):
        return _ways
    if whys not in _refused:
        if len(_refused) >= MOST_REFUSALS:
            _refused.clear()
        barred = {at: why for (at, _), why in zip(_asking, whys, strict=True) if why}
        _refused[whys] = tuple(
            replace(way, why_not=barred[at]) if at in barred else way for at, way in enumerate(_ways)
        )
    return _refused[whys]


def _free(way: Any) -> bool:
    """Whether lock and rules let every agent pass, whoever it is and whatever it does."""
    ours = type(way).why_not is Exit.why_not and type(way).access is Exit.access if isinstance(way, Exit) else False
    return ours and way.locks.get("traverse") == FREE and bool(may(ANYBODY, "move", key_of(way.destination)))


def why_not(way: Any, body: Any) -> str:
    """Why `body` cannot pass the exit ('' when it can), also for exits that are not of our typeclass."""
    if hasattr(way, "why_not"):
        return str(way.why_not(body))
    return "" if way.access(body, "traverse") else f"The way '{way.key}' is locked."


def items() -> tuple[ItemInfo, ...]:
    """All carriable things; the holder is an agent's slug, or `person:NAME`."""
    global _items, _holders
    _fresh()
    if _items is None:
        here = [thing for thing in places.items() if thing.location is not None]
        _items, _holders = tuple(map(_item, here)), frozenset(thing.location.pk for thing in here)
    return _items


def _item(thing: Any) -> ItemInfo:
    holder = thing.location
    if key_of_room := (key_of(holder) if hasattr(holder, "headline") or holder.location is None else ""):
        return ItemInfo(thing_key(thing), str(thing.key), room=key_of_room)
    return ItemInfo(thing_key(thing), str(thing.key), holder=slug_of(holder) or f"person:{holder.key}")
