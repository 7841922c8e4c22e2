"""Reads map files: which rooms, exits and things the world should have.

Owns the format (one YAML file for each area, models below) and every rule about it. Refuses the whole folder if
anything in it is wrong, with file, line and reason for each error, so that nothing half-read is ever built. Knows
no tables and no engine: what only the engine can check (typeclasses, locks, functions) goes through `Checks`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from yaml.constructor import SafeConstructor

from agents.kernel.errors import BadInput
from agents.kernel.plain_yaml import LOADER
from agents.kernel.text import clean, visible

MAP = Path(__file__).parent / "map"
MAX_BYTES = 256 * 1024
MAX_DEPTH = 12
MAX_NODES = 20_000
MAX_FILES = 500
SHOWN_FAULTS = 20

THINGS = {
    "object": "typeclasses.objects.Object",
    "item": "typeclasses.objects.Item",
    "fixture": "typeclasses.objects.Fixture",
}
"""Short names for the typeclasses of things; any other must be a dotted path."""

ROOM = "typeclasses.rooms.Room"
EXIT = "typeclasses.exits.Exit"


def _harmless(text: str) -> str:
    if clean(text) != text:
        raise ValueError(f"contains control characters or escape sequences: {visible(text[:60])}")
    if "|l" in text:
        raise ValueError("contains link markup (|l...), which rooms may not use")
    return text


def _sentences(text: str) -> str:
    ends = sum(text.count(mark) for mark in (". ", "! ", "? ")) + 1
    if ends > 3:
        raise ValueError(f"has {ends} sentences; a room is described in at most three")
    return text


def _name(text: str) -> str:
    if set(text) & set("|{}<>;=,/#*$"):
        raise ValueError("holds one of | { } < > ; = , / # * $, which names may not")
    return text.strip()


Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Name = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_harmless), AfterValidator(_name)]
Text = Annotated[str, Field(min_length=1, max_length=1200), AfterValidator(_harmless), AfterValidator(str.strip)]


Clause = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^.!?;]+$"), AfterValidator(_harmless)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class ExitSpec(_Strict):
    """An exit: the word people type, where it leads, and who may pass (a lock function).

    `back` also creates the way back, under that word, so a room can be added beside one in another file without
    touching that file.
    """

    name: Name
    to: Key
    aliases: tuple[Name, ...] = ()
    description: Text = "It leads on."
    lock: str = Field("all()", max_length=200, pattern=r"^[^;:]+$")
    refusal: Annotated[str, Field(max_length=200), AfterValidator(_harmless)] = ""
    typeclass: str = EXIT
    back: Name | None = None


class ThingSpec(_Strict):
    """A thing in a room. `shows` names the read-only verb whose answer is shown when it is looked at."""

    name: Name
    aliases: tuple[Name, ...] = ()
    description: Text
    typeclass: str = "object"
    shows: str = Field("", pattern=r"^[a-z]*( [a-z0-9 -]+)?$")

    @property
    def path(self) -> str:
        """The dotted path of its typeclass."""
        return THINGS.get(self.typeclass, self.typeclass)


class RoomDesign(_Strict):
    """A room.

    `at` is east, north and (optionally) up from the hub, in rooms, for the map. `function` is
    the room function that serves it (by default the one of the room's own key, if there is
    one); `awaits` says what the room is for while no function serves it. `sky` is `open` for a room under the sky, or
    the noun through which daylight comes in; `seasons` has a clause for what a room under the sky shows in each.
    """

    name: Name
    aliases: tuple[Name, ...] = ()
    at: Annotated[tuple[int, ...], Field(min_length=2, max_length=3)] | None = None
    function: Key | None = None
    awaits: Annotated[str, Field(max_length=120), AfterValidator(_harmless)] = ""
    description: Annotated[Text, AfterValidator(_sentences)]
    details: dict[Name, Text] = Field(default_factory=dict)
    sky: Name | Literal[""] = ""
    seasons: dict[Literal["spring", "summer", "autumn", "winter"], Clause] = Field(default_factory=dict)
    exits: tuple[ExitSpec, ...] = ()
    things: dict[Key, ThingSpec] = Field(default_factory=dict)
    typeclass: str = ROOM


class AreaFile(_Strict):
    """One file: an area's name and its rooms by key."""

    area: Name
    rooms: dict[Key, RoomDesign] = Field(min_length=1)


@dataclass(frozen=True)
class Fault:
    """What is wrong and where; `line` counts from 1, and is 0 for the whole file."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        """`hall.yaml:12: reason`."""
        return f"{self.file}:{self.line}: {self.reason}" if self.line else f"{self.file}: {self.reason}"


class MapError(BadInput):
    """A map that was refused as a whole; `faults` has every reason found."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        shown = "\n".join(str(fault) for fault in faults[:SHOWN_FAULTS])
        more = f"\n… and {len(faults) - SHOWN_FAULTS} more" if len(faults) > SHOWN_FAULTS else ""
        super().__init__(f"The map was refused and nothing was changed:\n{shown}{more}")


@dataclass(frozen=True)
class Checks:
    """What only the engine can check: each returns '' if all is well, otherwise the reason."""

    typeclass: Callable[[str], str] = lambda path: ""
    lock: Callable[[str], str] = lambda text: ""
    function: Callable[[str], str] = lambda key: ""
    shows: Callable[[str, str], str] = lambda path, line: ""
    """Called with the typeclass of the thing."""


@dataclass(frozen=True)
class MapDesign:
    """All areas together: rooms by key, and the area of each."""

    rooms: Mapping[str, RoomDesign]
    areas: Mapping[str, str]
    """Room key → name of its area."""
    files: Mapping[str, str]
    """Room key → stem of the file it is in."""


@dataclass
class _Source:
    """One parsed file: its plain data, and the line on which each path in it begins."""

    name: str
    data: Any = None
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict)

    def line(self, path: tuple[str | int, ...]) -> int:
        """The line of `path`, or of the nearest thing that contains it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)


class _Refused(Exception):
    """An error in the YAML itself, with line and reason."""

    def __init__(self, line: int, reason: str) -> None:
        self.line, self.reason = line, reason


def _bounded(text: str) -> yaml.Node | None:
    """Compose `text` after a first pass has shown that it is small, shallow and free of references."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=LOADER)):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Refused(line, "anchors and aliases (& and *) are not allowed in map files")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _Refused(line, f"nested deeper than {MAX_DEPTH} levels")
        if number > MAX_NODES:
            raise _Refused(line, f"more than {MAX_NODES} entries")
    return yaml.compose(text, Loader=LOADER)


def _plain(node: yaml.Node, source: _Source, path: tuple[str | int, ...]) -> Any:
    """`node` as plain data, recording lines; raises _Refused for duplicate keys and odd tags."""
    line = node.start_mark.line + 1
    source.lines.setdefault(path, line)
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            at = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise _Refused(at, "a key must be a plain word")
            if key_node.value in result:
                raise _Refused(at, f"duplicate key '{visible(key_node.value)}'")
            source.lines[(*path, key_node.value)] = at
            result[key_node.value] = _plain(value_node, source, (*path, key_node.value))
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, source, (*path, i)) for i, child in enumerate(node.value)]
    try:
        return SafeConstructor().construct_object(node)
    except (yaml.YAMLError, ValueError) as error:
        raise _Refused(line, f"cannot be read: {getattr(error, 'problem', None) or error}") from error


def parse(name: str, raw: bytes) -> tuple[AreaFile | None, list[Fault], _Source]:
    """Read one file's bytes: the area, or None with every error found in it."""
    source = _Source(name)
    try:
        if len(raw) > MAX_BYTES:
            raise _Refused(0, f"is {len(raw)} bytes; at most {MAX_BYTES} are read")
        node = _bounded(raw.decode("utf-8"))
        if node is None:
            raise _Refused(0, "is empty")
        source.data = _plain(node, source, ())
        return AreaFile.model_validate(source.data), [], source
    except _Refused as refused:
        return None, [Fault(name, refused.line, refused.reason)], source
    except UnicodeDecodeError as error:
        return None, [Fault(name, 0, f"is not UTF-8 at byte {error.start}")], source
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        return None, [Fault(name, mark.line + 1 if mark else 0, f"not YAML: {visible(reason)}")], source
    except ValidationError as error:
        return None, [Fault(name, source.line(e["loc"]), _words(e)) for e in error.errors()], source


def _words(error: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in error["loc"] if part != "[key]")
    reason = {"extra_forbidden": "unknown field", "missing": "is missing"}.get(error["type"], error["msg"])
    return f"{visible(where)}: {reason.removeprefix('Value error, ')}" if where else "is not a map of an area"


def _cross_check(areas: list[tuple[_Source, AreaFile]], checks: Checks) -> Iterator[Fault]:
    """Errors that show only when all files are seen together, or that the engine must find."""
    home: dict[str, str] = {}
    thing_home: dict[str, str] = {}
    cells: dict[tuple[int, ...], str] = {}
    rooms = {key for _, area in areas for key in area.rooms}
    taken = {
        (key, word.lower())
        for _, area in areas
        for key, room in area.rooms.items()
        for way in room.exits
        for word in (way.name, *way.aliases)
    }
    for source, area in areas:
        for key, room in area.rooms.items():
            here: tuple[str | int, ...] = ("rooms", key)

            def fault(reason: str, *path: str | int, source: _Source = source, here: Any = here) -> Fault:
                return Fault(source.name, source.line((*here, *path)), reason)

            if key in home:
                yield fault(f"duplicate room key '{key}', also in {home[key]}")
            home.setdefault(key, source.name)
            if room.at is not None:
                cell = (*room.at, 0)[:3]
                if cell in cells:
                    yield fault(f"room '{key}' lies where '{cells[cell]}' lies: {list(room.at)}", "at")
                cells.setdefault(cell, key)
            if room.function and (reason := checks.function(room.function)):
                yield fault(f"unknown function '{room.function}': {reason}", "function")
            if reason := checks.typeclass(room.typeclass):
                yield fault(f"unknown typeclass '{visible(room.typeclass)}': {reason}", "typeclass")
            words: dict[str, str] = {}
            for i, way in enumerate(room.exits):
                if way.to not in rooms:
                    yield fault(f"exit '{way.name}' leads to '{way.to}', which is not a room", "exits", i, "to")
                if reason := checks.typeclass(way.typeclass):
                    yield fault(f"unknown typeclass '{visible(way.typeclass)}': {reason}", "exits", i, "typeclass")
                if reason := checks.lock(f"traverse:{way.lock}"):
                    yield fault(f"lock of exit '{way.name}' is wrong: {reason}", "exits", i, "lock")
                for word in (way.name.lower(), *(a.lower() for a in way.aliases)):
                    if word in words:
                        yield fault(f"two exits answer to '{word}': {words[word]} and {way.name}", "exits", i)
                    words.setdefault(word, way.name)
                if way.back and (way.to, way.back.lower()) in taken:
                    yield fault(f"'{way.to}' already has an exit that answers to '{way.back}'", "exits", i, "back")
                taken.add((way.to, (way.back or "").lower()))
            for thing_key, thing in room.things.items():
                if thing_key in thing_home:
                    yield fault(
                        f"duplicate thing key '{thing_key}', also in {thing_home[thing_key]}",
                        "things",
                        thing_key,
                    )
                thing_home.setdefault(thing_key, f"{source.name} ({key})")
                if reason := checks.typeclass(thing.path):
                    yield fault(
                        f"unknown typeclass '{visible(thing.typeclass)}': {reason}",
                        "things",
                        thing_key,
                        "typeclass",
                    )
                elif thing.shows and (reason := checks.shows(thing.path, thing.shows)):
                    yield fault(f"'{thing_key}' cannot show that: {reason}", "things", thing_key, "shows")


def _with_ways_back(rooms: dict[str, RoomDesign]) -> dict[str, RoomDesign]:
    """The rooms with their own exit for each `back` that leads from them."""
    whole = {key: list(room.exits) for key, room in rooms.items()}
    for key, room in rooms.items():
        for way in room.exits:
            if way.back:
                whole[way.to].append(ExitSpec(name=way.back, to=key, lock=way.lock, typeclass=way.typeclass))
    return {key: room.model_copy(update={"exits": tuple(whole[key])}) for key, room in rooms.items()}


def read(folder: Path = MAP, checks: Checks | None = None) -> MapDesign:
    """Read and check every `*.yaml` in `folder`.

    Raises MapError with all errors in all files if anything is wrong.
    """
    checks = checks or Checks()
    faults: list[Fault] = []
    good: list[tuple[_Source, AreaFile]] = []
    try:
        files = sorted(folder.glob("*.yaml"))
        if not files:
            raise MapError([Fault(str(folder), 0, "holds no map files (*.yaml)")])
        if len(files) > MAX_FILES:
            raise MapError([Fault(str(folder), 0, f"holds {len(files)} map files; at most {MAX_FILES} are read")])
        for file in files:
            with file.open("rb") as stream:
                area, wrong, source = parse(file.name, stream.read(MAX_BYTES + 1))
            faults += wrong
            if area:
                good.append((source, area))
    except OSError as error:
        raise MapError([Fault(str(error.filename), 0, f"cannot be read: {error.strerror}")]) from error
    # Targets in a file that could not be read may exist: report that file's own errors first.
    if not faults:
        faults += _cross_check(good, checks)
    if faults:
        raise MapError(faults)
    return MapDesign(
        rooms=_with_ways_back({key: room for _, area in good for key, room in area.rooms.items()}),
        areas={key: area.area for _, area in good for key in area.rooms},
        files={key: source.name.removesuffix(".yaml") for source, area in good for key in area.rooms},
    )
