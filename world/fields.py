"""What of an object the map decides, field by field: how each is read, how it is set, and how it was built.

Owns the list of them, which builder, export and removal have in common. Refuses to decide whether a field is to be set.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from world import places
from world.mapfile import ExitSpec, RoomDesign, ThingSpec

CATEGORY = "map"
"""Category of the attributes that nobody can write in the game."""
BUILT = "built"
ROOM_FIELDS = ("typeclass", "name", "aliases", "desc", "details", "function", "awaits", "area", "file", "at")
WAY_FIELDS = ("typeclass", "name", "aliases", "desc", "to", "traverse", "err_traverse")


def digest(value: Any) -> str:
    """A value's digest, by which it is recognised."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=list).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Field:
    """One field of an object that the map decides: how it is read, and how it is set."""

    get: Callable[[Any], Any]
    set: Callable[[Any, Any], None]


def _attribute(name: str) -> Field:
    def get(obj: Any) -> Any:
        # All are read at once: for one by name the engine makes a query, and another if it does not exist.
        value = next(
            (one.value for one in obj.attributes.all() if one.db_key == name and one.db_category is None), None
        )
        return value.deserialize() if hasattr(value, "deserialize") else value

    def put(obj: Any, value: Any) -> None:
        if value in (None, "", {}, [], ()):
            obj.attributes.remove(name)
        else:
            obj.attributes.add(name, value)

    return Field(lambda obj: get(obj) or None, put)


def _set_aliases(obj: Any, value: list[str]) -> None:
    obj.aliases.clear()
    obj.aliases.batch_add(*value)


def _set_typeclass(obj: Any, path: str) -> None:
    obj.swap_typeclass(path, clean_attributes=False, run_start_hooks="at_object_creation", no_default=True)


def _lock(access: str) -> Field:
    return Field(
        lambda obj: (obj.locks.get(access) or "").partition(":")[2],
        lambda obj, value: obj.locks.add(f"{access}:{value}"),
    )


FIELDS: Mapping[str, Field] = {
    "typeclass": Field(lambda obj: obj.typeclass_path, _set_typeclass),
    "name": Field(lambda obj: obj.key, lambda obj, value: setattr(obj, "key", value)),
    "aliases": Field(lambda obj: sorted(obj.aliases.all()), _set_aliases),
    "to": Field(
        lambda obj: places.key_of(obj.destination),
        lambda obj, value: setattr(obj, "destination", places.known(value, places.ROOM)),
    ),
    "traverse": _lock("traverse"),
    **{
        name: _attribute(name)
        for name in (
            "desc",
            "details",
            "function",
            "awaits",
            "area",
            "at",
            "file",
            "shows",
            "err_traverse",
            "sky",
            "seasons",
        )
    },
}


def built_of(obj: Any) -> dict[str, str]:
    """How it was built: the digest of each field; empty for what nobody built from a map or for a task."""
    return dict(obj.attributes.get(BUILT, category=CATEGORY) or {})


def remember(obj: Any, fields: Iterable[str]) -> None:
    """From now on these fields were built as they are."""
    built = built_of(obj) | {name: digest(FIELDS[name].get(obj)) for name in fields}
    obj.attributes.add(BUILT, built, category=CATEGORY)


def room_fields(room: RoomDesign, area: str, file: str) -> dict[str, Any]:
    """What the map decides about a room."""
    return {
        "typeclass": room.typeclass,
        "name": room.name,
        "aliases": sorted(a.lower() for a in room.aliases),
        "desc": room.description,
        "details": dict(room.details) or None,
        "function": room.function or None,
        "awaits": room.awaits or None,
        "area": area,
        "file": file,
        "at": list(room.at) if room.at else None,
        "sky": room.sky or None,
        "seasons": dict(room.seasons) or None,
    }


def exit_fields(way: ExitSpec) -> dict[str, Any]:
    """What it decides about an exit."""
    return {
        "typeclass": way.typeclass,
        "name": way.name,
        "aliases": sorted(a.lower() for a in way.aliases),
        "desc": way.description,
        "to": way.to,
        "traverse": way.lock,
        "err_traverse": way.refusal or None,
    }


def thing_fields(thing: ThingSpec) -> dict[str, Any]:
    """What it decides about a thing."""
    return {
        "typeclass": thing.path,
        "name": thing.name,
        "aliases": sorted(a.lower() for a in thing.aliases),
        "desc": thing.description,
        "shows": thing.shows or None,
    }
