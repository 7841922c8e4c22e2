"""Finds the places of the world: rooms by key, the exits between them, the things in them.

Owns which object is which room, thing, exit or agent's body (by `Identity`, which no command of the game can
write), the index from map keys to engine objects, and the rule that every room has a key (a room made by hand in
the game is `room_<id>` until it is given one). Never changes objects. The index holds objects, not their state, and
is kept until one is created, deleted or given another key, because every mind uses it at every tick.
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
STORED = "stored"
"""Kind of what was taken out of the world and is kept; no index has it."""

Cell = tuple[int, int, int]
"""Position of rooms east, north and up from the hub."""


def _keys() -> dict[int, tuple[str, str]]:
    """Kind and key by the object's number. Used at every action and look, so all are cached."""
    global _known
    if _known is None:
        _known = {number: (kind, key) for kind, key, number in Identity.objects.values_list("kind", "key", "object")}
    return _known


def identify(obj: Any, kind: str, key: str) -> None:
    """From now on this object, and no other, has this key."""
    keys = _keys()
    row, made = Identity.objects.get_or_create(kind=kind, key=key, defaults={"object": obj.id})
    if not made:
        keys.pop(row.object, None)
        row.object = obj.id
        row.save()
    keys[obj.id] = kind, key
    forget()


def reidentify(obj: Any, kind: str, key: str) -> None:
    """From now on the object is known by this key and by no other; with '' as kind by none."""
    if kind:
        Identity.objects.update_or_create(object=obj.id, defaults={"kind": kind, "key": key})
    else:
        Identity.objects.filter(object=obj.id).delete()
    forget_all()


def is_stored(obj: Any) -> bool:
    """Whether the object was taken out of the world."""
    return identity_of(obj)[0] == STORED


def identity_of(obj: Any) -> tuple[str, str]:
    """Kind and key of an object; ('', '') if it has none."""
    return _keys().get(obj.id, ("", ""))


def _key(obj: Any, kind: str) -> str:
    found, key = identity_of(obj)
    return key if found == kind else ""


def key_of(room: Any) -> str:
    """The key of a room object ('' for None)."""
    return (_key(room, ROOM) or f"room_{room.id}") if room is not None else ""


def slug_of(one: Any) -> str:
    """The slug of the agent whose body this is; '' for anything else."""
    return _key(one, AGENT) if isinstance(one, ObjectDB) else ""


def thing_key(thing: Any) -> str:
    """The key of a portable thing."""
    return _key(thing, THING) or f"thing_{thing.id}"


def cell_of(room: Any) -> Cell | None:
    """The room's position on the map, from the hub; None if it has none."""
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
    """Drop the index; called when a room, an exit or an item was created, deleted or given a key.

    Items are saved whenever they are carried somewhere; that changes nothing here.
    """
    global _index
    if instance is None or isinstance(instance, (DefaultRoom, DefaultExit)) or (created and _carriable(instance)):
        _index = None


def forget_all() -> None:
    """Also drop cached keys and bodies: a transaction in which some were given was rolled back."""
    global _known
    _known = None
    _bodies.clear()
    forget()


def _carriable(instance: Any) -> bool:
    return bool(getattr(instance, "carriable", False))


signals.post_save.connect(forget, dispatch_uid="places-saved")
signals.post_delete.connect(forget, dispatch_uid="places-deleted")


def index() -> object:
    """The objects from which rooms, exits and things were indexed; another object once any was created, deleted or
    changed.
    """
    return _made()


def _made() -> _Index:
    global _index
    if _index is None:
        made = _Index()
        things = [one for one in ObjectDB.objects.all().order_by("id") if not is_stored(one)]
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
    """Every exit object that leads from one room to another."""
    return [way for way in _made().exits if way.location is not None and way.destination is not None]


def items() -> list[Any]:
    """Every portable thing."""
    return list(_made().items)


def known(key: str, kind: str) -> Any:
    """The object with this key, or None."""
    return ObjectDB.objects.filter(id__in=Identity.objects.filter(kind=kind, key=key).values("object")).first()


def every(kind: str) -> dict[str, Any]:
    """All objects of this kind by their keys, in two queries however many they are."""
    having = ObjectDB.objects.filter(id__in=Identity.objects.filter(kind=kind).values("object"))
    return {_key(one, kind): one for one in having}


_bodies: dict[str, Any] = {}


def body(slug: str) -> Any:
    """The agent's body, or None. Called at every tick, so the result is cached while it exists."""
    found = _bodies.get(slug)
    if found is None or found.pk is None or slug_of(found) != slug:
        found = _bodies[slug] = known(slug, AGENT)
    return found


def bodies() -> dict[str, Any]:
    """Every agent's body by slug, read again and cached: a start needs all of them."""
    found = every(AGENT)
    _bodies.update(found)
    return found
