"""Finds the places of the world: rooms by key, the exits between them, the things in them.

Owns the index from map keys to engine objects and the rule that every room has a key (a
room made by hand in the game is `room_<id>` until it is given one). Refuses to change
anything. The index is kept until a room, an exit or an item is saved or deleted, because
every mind asks for it at every tick.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import signals
from evennia.objects.models import ObjectDB
from evennia.objects.objects import DefaultExit, DefaultRoom

ROOM_TAG = "map"
THING_TAG = "map_thing"
EXIT_TAG = "map_exit"
AGENT_TAG = "agent"


def key_of(room: Any) -> str:
    """The key of a room object ('' for None)."""
    if room is None:
        return ""
    return room.tags.get(category=ROOM_TAG) or f"room_{room.id}"


def thing_key(thing: Any) -> str:
    """The key of a carriable thing."""
    return thing.tags.get(category=THING_TAG) or f"thing_{thing.id}"


@dataclass
class _Index:
    rooms: dict[str, Any] = field(default_factory=dict)
    exits: list[Any] = field(default_factory=list)
    items: list[Any] = field(default_factory=list)


_index: _Index | None = None
_ITEM_PATH = "typeclasses.objects.Item"


def forget(*_: Any, instance: Any = None, **__: Any) -> None:
    """Drop the index; called when a room, an exit or an item was saved or deleted."""
    global _index
    if instance is None or isinstance(instance, (DefaultRoom, DefaultExit)) or _carriable(instance):
        _index = None


def _carriable(instance: Any) -> bool:
    return bool(getattr(instance, "carriable", False))


signals.post_save.connect(forget, dispatch_uid="places-saved")
signals.post_delete.connect(forget, dispatch_uid="places-deleted")


def _made() -> _Index:
    global _index
    if _index is None:
        made = _Index()
        for thing in ObjectDB.objects.all().order_by("id"):
            if isinstance(thing, DefaultRoom):
                made.rooms[key_of(thing)] = thing
            elif isinstance(thing, DefaultExit):
                made.exits.append(thing)
            elif _carriable(thing):
                made.items.append(thing)
        _index = made
    return _index


def rooms() -> dict[str, Any]:
    """Every room object by key."""
    return _made().rooms


def room(key: str) -> Any:
    """The room object with this key, or None."""
    return rooms().get(key)


def exits() -> list[Any]:
    """Every exit object that leads from a room to a room."""
    return [way for way in _made().exits if way.location is not None and way.destination is not None]


def items() -> list[Any]:
    """Every carriable thing."""
    return list(_made().items)


def tagged(key: str, category: str) -> Any:
    """The one object with this tag, or None."""
    return ObjectDB.objects.filter(db_tags__db_key=key, db_tags__db_category=category).order_by("id").first()


def agents() -> dict[str, Any]:
    """Every agent's body by slug."""
    found = ObjectDB.objects.filter(db_tags__db_category=AGENT_TAG).order_by("id")
    return {body.tags.get(category=AGENT_TAG): body for body in found}
