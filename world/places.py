"""Finds the places of the world: rooms by key, the exits between them, the things in them.

Owns the index from map keys to engine objects and the rule that every room has a key (a
room made by hand in the game is `room_<id>` until it is given one). Refuses to change
anything. The index holds objects, not their state, and is kept until one is made, deleted
or given another key, because every mind asks for it at every tick.
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

Cell = tuple[int, int, int]
"""Rooms east, north and up from the hub."""


def key_of(room: Any) -> str:
    """The key of a room object ('' for None)."""
    if room is None:
        return ""
    known = _index.keys.get(room.id) if _index is not None else None
    return known or room.tags.get(category=ROOM_TAG) or f"room_{room.id}"


def slug_of(one: Any) -> str:
    """The slug of the agent whose body this is, '' for anything else. Asked at every deed and look, so the
    object remembers it until anybody's tags change.
    """
    if not isinstance(one, ObjectDB):
        return ""
    tagged, slug = one.__dict__.get("_slug", (-1, ""))
    if tagged != _tagged:
        slug = one.tags.get(category=AGENT_TAG) or ""
        one.__dict__["_slug"] = (_tagged, slug)
    return str(slug)


def thing_key(thing: Any) -> str:
    """The key of a carriable thing."""
    return thing.tags.get(category=THING_TAG) or f"thing_{thing.id}"


def cell_of(room: Any) -> Cell | None:
    """Where the room lies on the map, from the hub; None when nowhere."""
    at = room.attributes.get("at")
    return (int(at[0]), int(at[1]), int(at[2]) if len(at) > 2 else 0) if at else None


@dataclass
class _Index:
    rooms: dict[str, Any] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    exits: list[Any] = field(default_factory=list)
    items: list[Any] = field(default_factory=list)


_index: _Index | None = None
_tagged = 0
"""Counts the changes of any object's tags."""


def forget(*_: Any, instance: Any = None, created: bool = True, **__: Any) -> None:
    """Drop the index; called when a room, an exit or an item was made, deleted or given a tag.

    Items are saved whenever they are carried somewhere; that changes nothing here.
    """
    global _index
    if instance is None or isinstance(instance, (DefaultRoom, DefaultExit)) or (created and _carriable(instance)):
        _index = None


def _carriable(instance: Any) -> bool:
    return bool(getattr(instance, "carriable", False))


signals.post_save.connect(forget, dispatch_uid="places-saved")
signals.post_delete.connect(forget, dispatch_uid="places-deleted")
signals.m2m_changed.connect(forget, sender=ObjectDB.db_tags.through, dispatch_uid="places-tagged")


def _retagged(*_: Any, **__: Any) -> None:
    global _tagged
    _tagged += 1


signals.m2m_changed.connect(_retagged, sender=ObjectDB.db_tags.through, dispatch_uid="places-retagged")


def index() -> object:
    """What the rooms, ways and things were found by; another object once any was made, deleted or changed."""
    return _made()


def _made() -> _Index:
    global _index
    if _index is None:
        made = _Index()
        for thing in ObjectDB.objects.all().order_by("id"):
            if isinstance(thing, DefaultRoom):
                made.keys[thing.id] = key_of(thing)
                made.rooms[made.keys[thing.id]] = thing
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


def every(category: str) -> dict[str, Any]:
    """All objects with a tag of this category by their tags, in two queries however many they are; of those that share
    one the object made first, as `tagged` finds it.
    """
    having = ObjectDB.objects.filter(db_tags__db_category=category).order_by("-id")
    keys = dict(having.values_list("id", "db_tags__db_key"))
    return {keys[one.id]: one for one in having}


_bodies: dict[str, Any] = {}


def body(slug: str) -> Any:
    """The agent's body, or None. Asked at every tick, so what was found is remembered while it lives."""
    found = _bodies.get(slug)
    if found is None or found.pk is None or slug_of(found) != slug:
        found = _bodies[slug] = tagged(slug, AGENT_TAG)
    return found


def bodies() -> dict[str, Any]:
    """Every agent's body by slug, read anew and remembered: at a start all of them are asked for."""
    found = every(AGENT_TAG)
    for slug, one in found.items():
        one.__dict__["_slug"] = (_tagged, slug)
    _bodies.update(found)
    return found
