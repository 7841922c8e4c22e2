"""How a room that a task built is taken out of the world, and put back.

Owns what goes with such a room: the exits that lead to it and from it. What is taken out is kept as it was, and known
by no key of the map, so that nothing in the world leads there and a build does not make it again. Refuses to lose
anything: people, agents and things that are in it stand in the room beside it afterwards. Refuses to decide whether
any of it may be done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db import transaction
from evennia.objects.models import ObjectDB
from evennia.objects.objects import DefaultCharacter, DefaultExit, DefaultRoom

from agents.governance.models import Identity
from agents.kernel.errors import Conflict, NotFound
from agents.kernel.text import visible
from agents.work.ports import Standing, Vacated
from world import cells, places, rollback
from world.builder import HUB, TASK, enrol
from world.fields import CATEGORY, FIELDS, built_of, digest, remember
from world.screen import show
from world.telling import placed

STOOD = "stood"
"""Attribute of what is kept: as what it was known, where an exit began and led to, whose home a room was."""
AWAY = "prelogout_location"
"""The engine's attribute of a person who is not connected: where he will be."""
TAKEN = "removed"
"""The type of a move that the end of a room makes."""
_WORDS = {
    "name": "it has another name",
    "aliases": "it has other aliases",
    "desc": "it has another description",
    "details": "it has other details",
    "function": "it serves another function",
    "awaits": "it awaits another function",
    "typeclass": "it has another typeclass",
    "at": "it has another place on the map",
    "area": "it belongs to another area",
    "file": "it belongs to another file of the map",
}


def standing(task: int, key: str) -> Standing | None:
    """How the room that the task built under this key stands now; None when it does not."""
    room = _room(task, key)
    if room is None:
        return None
    out = _out(room)
    return Standing(_said(room), places.key_of(out), _said(out), tuple(_since(room)), tuple(_cut_off(room)))


def take_out(task: int, key: str, record: Callable[[Vacated], None]) -> Vacated:
    """Take the room and its exits out of the world; returns where whoever and whatever was in it has gone, which
    `record` is told within the transaction.

    Raises NotFound when the room does not stand.
    """
    room = _room(task, key)
    if room is None:
        raise NotFound(f"No room that task {task} built stands.", next="map")
    out, ways = _out(room), _ways(room)
    inside = [one for one in room.contents if not isinstance(one, DefaultExit)]
    asleep = [one for one in ObjectDB.objects.filter(db_attributes__db_key=AWAY) if one.attributes.get(AWAY) == room]
    at_home = [one for one in ObjectDB.objects.filter(db_home=room) if one not in ways]
    things = tuple(str(one.key) for one in inside if not isinstance(one, DefaultCharacter))
    vacated = Vacated(places.key_of(out), _said(out), tuple(filter(None, map(places.slug_of, inside))), things)
    try:
        with transaction.atomic():
            enrol(f"{kind}:{name}" for kind, name in map(places.identity_of, (room, *ways)) if kind)
            for one in asleep:
                one.attributes.add(AWAY, out)
            for one in at_home:
                one.home = out
            for one in inside:
                one.location = out
            for way in ways:
                _store(way, task, {"location": way.location, "destination": way.destination})
                way.location = None
            _store(room, task, {"homes": at_home})
            record(vacated)
    except BaseException:
        rollback.forget([(one, False) for one in (room, *ways, *inside, *asleep, *at_home)])
        raise
    finally:
        places.forget_all()
    for one in inside:
        if isinstance(one, DefaultCharacter):
            told = f"{visible(_said(room))} is taken away. You are in {placed(visible(_said(out)))} now."
            show(one, told, kind="move")
            one.at_post_move(room, move_type=TAKEN)
    return vacated


def put_back(task: int, key: str, record: Callable[[str], None]) -> str:
    """Put what the task built, and was taken out last, back where it stood; the name of the room beside it, which
    `record` is told within the transaction.

    Raises NotFound when nothing of the task's is kept, Conflict when something else stands in its place.
    """
    room, ways = _stored(task)
    if room is None:
        raise NotFound(f"Nothing that task {task} built was taken away, or it is no longer kept.", next=f"task {task}")
    if taken := next((r for r in places.rooms().values() if _same(r, room, key)), None):
        raise Conflict(f"There is already a room called {_said(taken)}.", next=f"map {places.key_of(taken)}")
    ends = {way: way.attributes.get(STOOD, category=CATEGORY) for way in ways}
    ways = [way for way in ways if _leads(ends[way], room)]
    beside = next((ends[way]["location"] for way in ways if ends[way]["location"] != room), None)
    if beside is None:
        raise Conflict(f"The room from which {_said(room)} was entered is not there any more.", next="map")
    for way in ways:
        _check_free(way, ends[way]["location"], room)
    homes = [one for one in room.attributes.get(STOOD, category=CATEGORY)["homes"] if one is not None and one.pk]
    try:
        with transaction.atomic():
            _restore(room)
            for way in ways:
                way.location, way.destination = ends[way]["location"], ends[way]["destination"]
                _restore(way)
            _place(room, next(way for way in ways if way.location == beside))
            for one in homes:
                one.home = room
            record(_said(beside))
    except BaseException:
        rollback.forget([(one, False) for one in (room, *ways, *homes)])
        raise
    finally:
        places.forget_all()
    return _said(beside)


def _room(task: int, key: str) -> Any:
    """The room, unless it was built for another task; a room of an earlier version does not say for which."""
    room = places.known(key, places.ROOM)
    return room if room is not None and room.attributes.get(TASK, task, category=CATEGORY) == task else None


def _said(room: Any) -> str:
    return str(room.key)


def _ways(room: Any) -> list[Any]:
    """All exits that lead to it or from it, the oldest first."""
    found = [*room.contents_get(content_type="exit"), *ObjectDB.objects.filter(db_destination=room)]
    here = {one for one in found if isinstance(one, DefaultExit) and one.location is not None}
    return sorted(here, key=lambda way: way.id)


def _built(room: Any) -> list[Any]:
    """The exits that were built with it: the oldest way in, and the oldest way out."""
    ways = _ways(room)
    into = [way for way in ways if way.destination == room]
    return [*into[:1], *[way for way in ways if way.location == room][:1]]


def _out(room: Any) -> Any:
    """The room beside it, where whoever is in it goes."""
    ends = [one for way in _built(room) for one in (way.location, way.destination)]
    return next((one for one in ends if one not in (None, room) and isinstance(one, DefaultRoom)), places.room(HUB))


def _changed(obj: Any) -> list[str]:
    return [name for name, built in built_of(obj).items() if name in FIELDS and digest(FIELDS[name].get(obj)) != built]


def _since(room: Any) -> Iterator[str]:
    """What of the room others have changed or added since it was built."""
    yield from (_WORDS[name] for name in _changed(room))
    built = _built(room)
    for way in _ways(room):
        if way not in built or (built_of(room) and not built_of(way)):
            end = way.destination if way.location == room else way.location
            where = "leads to" if way.location == room else "comes from"
            yield f"another exit, {way.key}, {where} {placed(_said(end)) if end is not None else 'nowhere'}"
        elif _changed(way):
            yield f"its exit {way.key} was changed"
    for one in room.contents:
        if not isinstance(one, DefaultExit | DefaultCharacter) and not getattr(one, "carriable", False):
            yield f"{one.key} was put there"
    for one in ObjectDB.objects.filter(db_home=room):
        if isinstance(one, DefaultCharacter):
            yield f"it is the home of {one.key}"


def _cut_off(room: Any) -> Iterator[str]:
    """Names of the rooms that cannot be reached from the Hall without it, and can be with it."""
    with_it, without = _reached(()), _reached((room,))
    yield from (_said(one) for one in places.rooms().values() if one in with_it - without - {room})


def _reached(closed: Iterable[Any]) -> set[Any]:
    ends: dict[Any, list[Any]] = {}
    for way in places.exits():
        ends.setdefault(way.location, []).append(way.destination)
    seen, todo = set(), [places.room(HUB)]
    while todo:
        here = todo.pop()
        if here is not None and here not in seen and here not in closed:
            seen.add(here)
            todo += ends.get(here, [])
    return seen


def _store(obj: Any, task: int, more: dict[str, Any]) -> None:
    kind, key = places.identity_of(obj)
    obj.attributes.add(STOOD, {"kind": kind, "key": key, **more}, category=CATEGORY)
    places.reidentify(obj, places.STORED, f"{task}:{obj.id}")


def _restore(obj: Any) -> None:
    stood = obj.attributes.get(STOOD, category=CATEGORY)
    places.reidentify(obj, stood["kind"], stood["key"])
    obj.attributes.remove(STOOD, category=CATEGORY)


def _stored(task: int) -> tuple[Any, list[Any]]:
    """The room that was taken out last for the task, and the exits that were taken out with it."""
    numbers = Identity.objects.filter(kind=places.STORED, key__startswith=f"{task}:").values_list("object", flat=True)
    kept = list(ObjectDB.objects.filter(id__in=list(numbers)).order_by("id"))
    room = next((one for one in reversed(kept) if isinstance(one, DefaultRoom)), None)
    return room, [one for one in kept if isinstance(one, DefaultExit)]


def _same(there: Any, room: Any, key: str) -> bool:
    return places.key_of(there) == key or str(there.key).casefold() == str(room.key).casefold()


def _leads(stood: Any, room: Any) -> bool:
    """Whether the exit led to the room or from it, and both its ends are there."""
    ends = (stood["location"], stood["destination"])
    return room in ends and all(one is not None and (one == room or not places.is_stored(one)) for one in ends)


def _check_free(way: Any, origin: Any, room: Any) -> None:
    kind, key = (way.attributes.get(STOOD, category=CATEGORY)[name] for name in ("kind", "key"))
    named = next((one for one in origin.contents_get(content_type="exit") if one.key.lower() == way.key.lower()), None)
    if origin != room and (named is not None or (kind and places.known(key, kind) is not None)):
        raise Conflict(
            f"{_said(origin)} has another exit called {way.key} by now.", next=f"map {places.key_of(origin)}"
        )


def _place(room: Any, way: Any) -> None:
    """Give it a place on the map, if another room has taken its own."""
    at = places.cell_of(room)
    if at is not None and at in {places.cell_of(one) for one in places.rooms().values() if one != room}:
        as_built = bool(built_of(room)) and "at" not in _changed(room)
        room.attributes.remove("at")
        cells.give(way)
        if as_built:
            remember(room, ("at",))
