"""Writes the current world to map files, which the builder can read again.

Owns the way back from engine objects to the format of `mapfile`. What was made by hand in the game gets a key and
is written, too, so that a build from the files finds it and changes nothing. Does not overwrite files unless told
to; what the format cannot express is left out and reported with the reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from evennia.objects.models import ObjectDB
from evennia.objects.objects import DefaultCharacter, DefaultExit, DefaultRoom
from pydantic import BaseModel, ValidationError

from agents.governance.models import Identity
from agents.kernel.errors import Conflict, Unavailable
from agents.kernel.text import clean
from world import places
from world.checks import ENGINE_CHECKS
from world.fields import FIELDS
from world.mapfile import THINGS, ExitSpec, RoomDesign, ThingSpec, read

ANNEX_FILE, ANNEX = "annex", "The Annex"
"""The file for rooms that no map file has named yet."""
_SHORT = {path: short for short, path in THINGS.items()}


@dataclass
class ExportReport:
    """What was written, and what was left out with the reason."""

    files: list[Path] = field(default_factory=list)
    rooms: int = 0
    exits: int = 0
    things: int = 0
    left_out: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The report for people."""
        where = f"{self.files[0].parent}: " + ", ".join(file.name for file in self.files) if self.files else "nowhere"
        said = [f"Wrote {self.rooms} rooms, {self.exits} exits and {self.things} things to {where}."]
        return [*said, *(f"Left out: {reason}" for reason in self.left_out)]


class _Keys:
    """Gives keys to what has none, and remembers them."""

    def __init__(self, category: str) -> None:
        self.category = category
        self.taken = set(Identity.objects.filter(kind=category).values_list("key", flat=True))

    def of(self, obj: Any, wanted: str) -> str:
        """Its key; a new one based on `wanted` if it has none."""
        kind, known = places.identity_of(obj)
        if kind == self.category:
            return known
        key, number = wanted, 1
        while key in self.taken:
            number += 1
            key = f"{wanted}_{number}"
        self.taken.add(key)
        places.identify(obj, self.category, key)
        return key


def slug(name: str) -> str:
    """A map key based on a name: lower case letters, digits and `_`, beginning with a letter."""
    words = re.sub(r"[^a-z0-9]+", "_", clean(name).lower()).strip("_")[:36]
    return words if words[:1].isalpha() else f"r_{words}".rstrip("_")


def _given(obj: Any, names: dict[str, str]) -> dict[str, Any]:
    """The fields that are not empty, under their names in the format."""
    values = {there: FIELDS[here].get(obj) for here, there in names.items()}
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


_ROOM = {
    "name": "name",
    "aliases": "aliases",
    "at": "at",
    "function": "function",
    "awaits": "awaits",
    "desc": "description",
    "details": "details",
    "sky": "sky",
    "seasons": "seasons",
    "typeclass": "typeclass",
}
_EXIT = {
    "name": "name",
    "aliases": "aliases",
    "desc": "description",
    "traverse": "lock",
    "err_traverse": "refusal",
    "typeclass": "typeclass",
}
_THING = {"name": "name", "aliases": "aliases", "desc": "description", "typeclass": "typeclass", "shows": "shows"}


def _spec(model: type[BaseModel], data: dict[str, Any], whose: str, report: ExportReport) -> dict[str, Any] | None:
    """`data` if the format can express it; otherwise None and an entry in the report."""
    try:
        model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        report.left_out.append(
            f"{whose}: {'.'.join(map(str, first['loc']))} {first['msg'].removeprefix('Value error, ')}"
        )
        return None
    defaults = {name: f.default for name, f in model.model_fields.items() if not f.is_required()}
    return {name: value for name, value in data.items() if name not in defaults or value != defaults[name]}


def _read_world(report: ExportReport) -> dict[str, dict[str, Any]]:
    """Areas by file stem, as plain data."""
    everything = [one for one in ObjectDB.objects.order_by("id") if not places.is_stored(one)]
    keys, exit_keys, thing_keys = (_Keys(c) for c in (places.ROOM, places.WAY, places.THING))
    files: dict[str, dict[str, Any]] = {}
    rooms: dict[int, dict[str, Any]] = {}
    for room in (one for one in everything if isinstance(one, DefaultRoom)):
        data = _spec(RoomDesign, {"description": "A bare room.", **_given(room, _ROOM)}, str(room.key), report)
        if data is None:
            continue
        key = keys.of(room, slug(room.key))
        stem = slug(str(FIELDS["file"].get(room) or ANNEX_FILE))
        area = files.setdefault(stem, {"area": FIELDS["area"].get(room) or ANNEX, "rooms": {}})
        area["rooms"][key] = rooms[room.id] = data
    report.rooms = len(rooms)
    for way in (one for one in everything if isinstance(one, DefaultExit)):
        if way.location is None or way.location.id not in rooms or way.destination is None:
            continue
        if way.destination.id not in rooms:
            report.left_out.append(f"exit {way.key} of {way.location.key}: its target is left out")
            continue
        here = places.key_of(way.location)
        to = places.key_of(way.destination)
        data = _spec(ExitSpec, {"to": to, **_given(way, _EXIT)}, f"exit {way.key} of {way.location.key}", report)
        if data is not None:
            exit_keys.of(way, f"{here}>{way.key.lower()}")
            rooms[way.location.id].setdefault("exits", []).append(data)
            report.exits += 1
    for thing in everything:
        if isinstance(thing, (DefaultRoom, DefaultExit, DefaultCharacter)):
            continue
        # Portable things are written where they belong, everything else where it is.
        sought = (thing.home, thing.location) if getattr(thing, "carriable", False) else (thing.location, thing.home)
        place = next((p for p in sought if p is not None and p.id in rooms), None)
        if place is None:
            report.left_out.append(f"{thing.key}: it belongs to no room that is written")
            continue
        given = {"description": "Nothing is known about it.", **_given(thing, _THING)}
        if (shows := given.get("shows")) and (reason := ENGINE_CHECKS.shows(given["typeclass"], str(shows))):
            report.left_out.append(f"{thing.key}: what it shows, for {reason}")
            del given["shows"]
        given["typeclass"] = _SHORT.get(given["typeclass"], given["typeclass"])
        data = _spec(ThingSpec, given, str(thing.key), report)
        if data is not None:
            rooms[place.id].setdefault("things", {})[thing_keys.of(thing, slug(thing.key))] = data
            report.things += 1
    return files


def export(folder: Path, force: bool = False) -> ExportReport:
    """Write the world to `folder`, one file for each area.

    Raises Conflict if files would be overwritten and `force` is not given, Unavailable if the folder cannot be
    written; then nothing is written. What was written is read back.
    """
    report = ExportReport()
    with transaction.atomic():
        files = _read_world(report)
    places.forget()
    targets = {folder / f"{stem}.yaml": data for stem, data in files.items()}
    there = [file.name for file in targets if file.exists()]
    if there and not force:
        raise Conflict(
            f"{folder} already holds {', '.join(there)}; nothing was written.", next="timmy world export --force"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, data in targets.items():
            draft = file.with_suffix(".draft")
            draft.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100), encoding="utf-8")
            draft.replace(file)
            report.files.append(file)
    except OSError as error:
        raise Unavailable(f"{error.filename} cannot be written: {error.strerror}.", next="timmy doctor") from error
    read(folder, ENGINE_CHECKS)
    return report
