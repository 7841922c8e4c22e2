"""Builds the world from its map files, and bodies from personas, as often as you like.

Owns what is created from a map: rooms, exits and things, which are found again by their keys and remember what was
built (`built`: field → digest), so that a second build changes nothing and changes by hand are kept. Never touches
what it did not build or moves what has been carried off, and does not begin while any map file has an error.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction
from evennia.objects.models import ObjectDB
from evennia.server.models import ServerConfig
from evennia.utils.create import create_object, create_script

from world import places, rollback
from world.checks import ENGINE_CHECKS
from world.fields import (
    CATEGORY,
    FIELDS,
    ROOM_FIELDS,
    WAY_FIELDS,
    built_of,
    digest,
    exit_fields,
    remember,
    room_fields,
    thing_fields,
)
from world.mapfile import MAP, MapDesign, RoomDesign, read

if TYPE_CHECKING:
    from agents.lineage.persona import Persona

log = logging.getLogger(__name__)

HUB = "hall"
FIRST_ROOM = 2
"""The engine's own first room (Limbo), which becomes the Fraternity Hall."""
TASK = "task"
"""Attribute of a room: number of the task that it was built for."""
ROSTER = "timmy_map_built"
"""Server variable: tags of everything ever built, to recognise what was removed by hand."""
AGENT_PATH = "typeclasses.characters.Agent"
MIND_PATH = "typeclasses.scripts.MindScript"


@dataclass
class BuildReport:
    """The result of a build, by tag. `kept` are changes by hand that were left alone; `gone` were removed by hand and
    are not restored; `orphans` are in the world but no longer in any map file.
    """

    made: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    unchanged: int = 0

    def lines(self) -> list[str]:
        """The report for people."""
        said = [f"Made {len(self.made)}, changed {len(self.changed)}, unchanged {self.unchanged}."]
        for what, tags, hint in (
            ("changed by hand and kept", self.kept, "; --force builds them as in the files"),
            ("removed by hand and left out", self.gone, "; --force builds them again"),
            ("no longer in any map file", self.orphans, "; remove them in the game if they are not wanted"),
        ):
            if tags:
                said.append(f"{len(tags)} {what}: {', '.join(tags)}{hint}.")
        return said


def enrol(names: Iterable[str]) -> None:
    """Put `category:tag` of what was built on the roster: once it is gone, no build makes it again unasked."""
    known = ServerConfig.objects.conf(ROSTER, default=[])
    if (now := sorted({*known, *names})) != known:
        ServerConfig.objects.conf(ROSTER, now)


class _Build:
    """One run of the builder."""

    def __init__(self, force: bool) -> None:
        self.force = force
        self.report = BuildReport()
        self.touched: list[tuple[Any, bool]] = []
        self.roster: set[str] = set(ServerConfig.objects.conf(ROSTER, default=[]))
        self.seen: set[str] = set()
        self.there = {category: places.every(category) for category in (places.ROOM, places.WAY, places.THING)}
        """What existed at the beginning, by category and tag."""

    def ensure(self, category: str, tag: str, fields: dict[str, Any], make: Callable[[], Any]) -> Any:
        """The object with this tag, created or updated; None if it was removed by hand."""
        name = f"{category}:{tag}"
        self.seen.add(name)
        obj = self.there[category].get(tag)
        if obj is None:
            if name in self.roster and not self.force:
                self.report.gone.append(tag)
                return None
            obj = make()
            self.touched.append((obj, obj.id != FIRST_ROOM))
            places.identify(obj, category, tag)
            self._set(obj, fields)
            self.report.made.append(tag)
            self.roster.add(name)
            return obj
        self.roster.add(name)
        built = built_of(obj)
        present = {key: FIELDS[key].get(obj) for key in fields}
        differing = {key: value for key, value in fields.items() if present[key] != value}
        by_hand = {key for key in differing if built.get(key) != digest(present[key])}
        due = differing if self.force else {k: v for k, v in differing.items() if k not in by_hand}
        if by_hand and not self.force:
            self.report.kept.append(f"{tag} ({', '.join(sorted(by_hand))})")
        if due:
            self.touched.append((obj, False))
            self._set(obj, due)
            self.report.changed.append(tag)
        elif not by_hand:
            self.report.unchanged += 1
        return obj

    def _set(self, obj: Any, fields: dict[str, Any]) -> None:
        for key, value in fields.items():
            if FIELDS[key].get(obj) != value:
                FIELDS[key].set(obj, value)
        remember(obj, fields)

    def close(self) -> BuildReport:
        """Remember what was built; name what is no longer in any file."""
        for name in sorted(self.roster - self.seen):
            category, _, tag = name.partition(":")
            if tag in self.there[category]:
                self.report.orphans.append(tag)
        enrol(self.roster)
        return self.report


def _make_room(key: str, room: RoomDesign) -> Any:
    if key == HUB:
        first = ObjectDB.objects.filter(id=FIRST_ROOM).first()
        if first is not None and not places.identity_of(first)[0]:
            return first
    return create_object(room.typeclass, key=room.name, nohome=True)


def ensure_world(folder: Path | None = None, force: bool = False) -> BuildReport:
    """Bring the world in line with the map files; doing it twice changes nothing.

    Changes made by hand in the game are kept unless `force` is given. Raises MapError, before anything is changed,
    if any file has an error. One transaction: a failure leaves the world as it was.
    """
    design = read(folder or MAP, ENGINE_CHECKS)
    build = _Build(force)
    try:
        with transaction.atomic():
            _apply(design, build)
            report = build.close()
    except BaseException:
        rollback.forget(build.touched)
        raise
    finally:
        places.forget_all()
    for line in report.lines():
        log.info("map: %s", line)
    return report


def _apply(design: MapDesign, build: _Build) -> None:
    found: dict[str, Any] = {}
    for key, room in design.rooms.items():
        fields = room_fields(room, design.areas[key], design.files[key])
        found[key] = build.ensure(places.ROOM, key, fields, lambda key=key, room=room: _make_room(key, room))
    for key, room in design.rooms.items():
        here = found[key]
        if here is None:
            continue
        for way in room.exits:
            if (there := found[way.to]) is not None:
                build.ensure(
                    places.WAY,
                    f"{key}>{way.name.lower()}",
                    exit_fields(way),
                    lambda way=way, here=here, there=there: create_object(
                        way.typeclass, key=way.name, location=here, destination=there, home=here
                    ),
                )
        for thing_key, thing in room.things.items():
            build.ensure(
                places.THING,
                thing_key,
                thing_fields(thing),
                lambda thing=thing, here=here: create_object(thing.path, key=thing.name, location=here, home=here),
            )


# -- rooms built while the world is running -------------------------------------------------------


def build_room(key: str, name: str, description: str, beside: str, exit_name: str, task: int = 0) -> bool:
    """Make a room next to the room `beside`, with exits both ways; True when it was not there before.

    Keyed: what is there already is left as it is, so twice is the same as once. `task`: number of the task it is built
    for, which is remembered with how it was built.
    Raises LookupError when there is no room `beside`.
    """
    origin = places.room(beside)
    if origin is None:
        raise LookupError(f"there is no room '{beside}' to build beside")
    try:
        with transaction.atomic():
            room = places.known(key, places.ROOM)
            made = room is None
            if made:
                room = create_object(
                    "typeclasses.rooms.Room", key=name, nohome=True, attributes=[("desc", description)]
                )
                places.identify(room, places.ROOM, key)
            for here, there, word in ((origin, room, exit_name), (room, origin, origin.key.lower())):
                tag = f"{places.key_of(here)}>{word.lower()}"
                if places.known(tag, places.WAY) is None:
                    way = create_object("typeclasses.exits.Exit", key=word, location=here, destination=there, home=here)
                    places.identify(way, places.WAY, tag)
                    way.aliases.add(_short(word, here, way))
                    remember(way, WAY_FIELDS)
            if made:
                room.attributes.add(TASK, task, category=CATEGORY)
                remember(room, ROOM_FIELDS)  # last, for a way gives it its place on the map
    finally:
        places.forget_all()
    return made


def _short(word: str, here: Any, way: Any) -> list[str]:
    """Aliases of an exit: its name without the article, and its last word, unless another exit is called that."""
    bare = word.lower().removeprefix("the ")
    taken = {
        name.lower()
        for one in here.contents_get(content_type="exit")
        if one is not way
        for name in (one.key, *one.aliases.all())
    }
    return [
        name for name in dict.fromkeys((bare, bare.rpartition(" ")[2])) if name != word.lower() and name not in taken
    ]


# -- bodies -----------------------------------------------------------------------------------------


def ensure_bodies(personas: Mapping[str, Persona], thought_seconds: float = 1800.0) -> list[str]:
    """Give each persona its body and its mind's script; returns the slugs of those that entered the world.

    An agent's body stays where it is; a new one, or one that is nowhere, is put in its home room. `thought_seconds`
    is the thought interval of personas that name none.
    """
    made, bodies = [], places.bodies()
    for slug, persona in personas.items():
        home = places.room(persona.home) or places.room(HUB)
        if places.room(persona.home) is None:
            log.error("persona %s: its home '%s' is not a room; it lives in the hall", slug, persona.home)
        body = bodies.get(slug)
        with transaction.atomic():
            if body is None:
                body = create_object(AGENT_PATH, key=persona.name, location=home, home=home)
                places.identify(body, places.AGENT, slug)
                made.append(slug)
            if body.key != persona.name:
                body.key = persona.name
            if body.db.desc != persona.description:
                body.db.desc = persona.description
            if body.home != home:
                body.home = home
            if body.location is None:
                body.location = home
                made.append(slug)
            _ensure_mind(body, persona.mind.thought_every or thought_seconds)
    return made


def _ensure_mind(body: Any, interval: float) -> None:
    seconds = max(1, round(interval))
    script = next((s for s in body.scripts.all() if s.typeclass_path == MIND_PATH), None)
    if script is None:
        create_script(MIND_PATH, key="mind", obj=body, interval=seconds, start_delay=True, persistent=True)
    elif script.interval != seconds:
        if script.is_active and not script.attributes.get("_manually_paused"):
            script.start(interval=seconds)
        else:
            script.interval = seconds
