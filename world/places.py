"""Finds the places of the world: rooms by key, the exits between them, the things in them.

Owns who is who (which object is which room, thing, way or agent's body, by `Identity`, that no command of the game
can write), the index from map keys to engine objects, and the rule that every room has a key (a
room made by hand in the game is `room_<id>` until it is given one). Refuses to change
objects. The index holds objects, not their state, and is kept until one is made, deleted
or given another key, because every mind asks for it at every tick.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import signals
from evennia.objects.models import ObjectDB
from evennia.objects.objects import DefaultExit, DefaultRoom

from agents.governance.models import Identity

ROOM, THING, WAY, AGENT = "map", "map_thing", "map_exit", "agent"
"""Kinds of what is known by a key."""

Cell = tuple[int, int, int]
"""Rooms east, north and up from the hub."""


def _keys() -> dict[int, tuple[str, str]]:
    """Kind and key by the object's number. Asked at every deed and look, so all are held."""
    global _known
    if _known is None:
        _known = {number: (kind, key) for kind, key, number in Identity.objects.values_list("kind", "key", "object")}
    return _known


def identify(obj: Any, kind: str, key: str) -> None:
    """From now on the object is what is known by this key, and no other is."""
    keys = _keys()
    row, made = Identity.objects.get_or_create(kind=kind, key=key, defaults={"object": obj.id})
    if not made:
        keys.pop(row.object, None)
        row.object = obj.id
        row.save()
    keys[obj.id] = kind, key
    forget()


def identity_of(obj: Any) -> tuple[str, str]:
    """Kind and key by which an object is known, ('', '') when by none."""
    return _keys().get(obj.id, ("", ""))


def _key(obj: Any, kind: str) -> str:
    found, key = identity_of(obj)
    return key if found == kind else ""


def key_of(room: Any) -> str:
    """The key of a room object ('' for None)."""
    return (_key(room, ROOM) or f"room_{room.id}") if room is not None else ""


def slug_of(one: Any) -> str:
    """The slug of the agent whose body this is, '' for anything else."""
    return _key(one, AGENT) if isinstance(one, ObjectDB) else ""


def thing_key(thing: Any) -> str:
    """The key of a carriable thing."""
    return _key(thing, THING) or f"thing_{thing.id}"


def cell_of(room: Any) -> Cell | None:
    """Where the room lies on the map, from the hub; None when nowhere."""
    at = room.attributes.get("at")
    return (int(at[0]), int(at[1]), int(at[2]) if len(at) > 2 else 0) if at else None


@dataclass
class _Index:
    rooms: dict[str, Any] = field(default_factory=dict)
    exits: list[Any] = field(default_factory=list)
    items: list[Any] = field(default_factory=list)


_index: _Index | None = None
_known: dict[int, tuple[str, str]] | None = None


def forget(*_: Any, instance: Any = None, created: bool = True, **__: Any) -> None:
    """Drop the index; called when a room, an exit or an item was made, deleted or given a key.

    Items are saved whenever they are carried somewhere; that changes nothing here.
    """
    global _index
    if instance is None or isinstance(instance, (DefaultRoom, DefaultExit)) or (created and _carriable(instance)):
        _index = None


def forget_all() -> None:
    """Drop what is remembered of keys and bodies, too: a transaction in which some were given was undone."""
    global _known
    _known = None
    _bodies.clear()
    forget()


def _carriable(instance: Any) -> bool:
    return bool(getattr(instance, "carriable", False))


signals.post_save.connect(forget, dispatch_uid="places-saved")
signals.post_delete.connect(forget, dispatch_uid="places-deleted")


def index() -> object:
    """What the rooms, ways and things were found by; another object once any was made, deleted or changed."""
    return _made()


def _made() -> _Index:
    global _index
    if _index is None:
        made = _Index()
        things = list(ObjectDB.objects.all().order_by("id"))
        _join(things)
        for thing in things:
            if isinstance(thing, DefaultRoom):
                made.rooms[key_of(thing)] = thing
            elif isinstance(thing, DefaultExit):
                made.exits.append(thing)
            elif _carriable(thing):
                made.items.append(thing)
        _index = made
    return _index


def _join(things: list[Any]) -> None:
    """Let each have the place it is in and the one it leads to, which are among these: the engine would ask the tables
    for every one by itself.
    """
    known = {thing.pk: thing for thing in things}
    links = [ObjectDB._meta.get_field(name) for name in ("db_location", "db_destination")]
    for thing in things:
        for link in links:
            place = known.get(getattr(thing, link.attname))
            if place is not None and not link.is_cached(thing):
                link.set_cached_value(thing, place)


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


def known(key: str, kind: str) -> Any:
    """The object that is known by this key, or None."""
    return ObjectDB.objects.filter(id__in=Identity.objects.filter(kind=kind, key=key).values("object")).first()


def every(kind: str) -> dict[str, Any]:
    """All objects of this kind by their keys, in two queries however many they are."""
    having = ObjectDB.objects.filter(id__in=Identity.objects.filter(kind=kind).values("object"))
    return {_key(one, kind): one for one in having}


_bodies: dict[str, Any] = {}


def body(slug: str) -> Any:
    """The agent's body, or None. Asked at every tick, so what was found is remembered while it lives."""
    found = _bodies.get(slug)
    if found is None or found.pk is None or slug_of(found) != slug:
        found = _bodies[slug] = known(slug, AGENT)
    return found


def bodies() -> dict[str, Any]:
    """Every agent's body by slug, read anew and remembered: at a start all of them are asked for."""
    found = every(AGENT)
    _bodies.update(found)
    return found
