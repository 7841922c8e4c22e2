"""The light body: a world of plain values with bodies in it.

Owns rooms, exits that can be barred, things, and who stands where. Refuses what the engine's bodies refuse, in the same
words; one contract suite runs against both. It has no sessions, so nobody hears or sees.

What minds look at is handed out as the same tuple until it changes, so that a cache can compare by identity.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from agents.governance.rules import Actor, may
from agents.kernel.errors import Conflict, NotFound, StepFailed
from agents.work.ports import ExitInfo, ItemInfo, RoomInfo, RoomSpec, Standing, Vacated

Seen = Callable[[str, str, str], None]
"""(slug, deed, what) of each deed that was done."""


Pairs = list[tuple[str, str, str]]


@dataclass(frozen=True)
class Stored:
    """A room that was taken away, with its ways as (from, to, word)."""

    key: str
    name: str
    function: str
    beside: str
    ways: Pairs


@dataclass(frozen=True)
class WorldKept:
    """A light world as plain values; ways and bars as (from, to, word or reason)."""

    names: dict[str, str]
    functions: dict[str, str]
    ways: Pairs
    bars: Pairs
    things: dict[str, str]
    lying: dict[str, str]
    held: dict[str, str]
    standing: dict[str, str]
    called: dict[str, str]
    built: dict[str, int] = field(default_factory=dict)
    stored: dict[int, Stored] = field(default_factory=dict)


class LightWorld:
    """The map and what is on it. `bars[(a, b)]` is why nobody passes from a to b."""

    def __init__(self, seen: Seen = lambda slug, deed, what: None) -> None:
        """An empty world; `seen` is told of each deed."""
        self.seen = seen
        self.names: dict[str, str] = {}
        self.functions: dict[str, str] = {}
        self.ways: dict[tuple[str, str], str] = {}
        """(from, to): the word for the way."""
        self.bars: dict[tuple[str, str], str] = {}
        self.things: dict[str, str] = {}
        self.lying: dict[str, str] = {}
        self.held: dict[str, str] = {}
        self.standing: dict[str, str] = {}
        self.called: dict[str, str] = {}
        """What agents are called, where that is not their slug as a title."""
        self.built: dict[str, int] = {}
        """The task that a room was built for."""
        self.stored: dict[int, Stored] = {}
        """What was taken away, by the task it was built for."""
        self._standing_in: dict[str, set[str]] = {}
        self._rooms: tuple[RoomInfo, ...] | None = None
        self._exits: tuple[ExitInfo, ...] | None = None
        self._items: tuple[ItemInfo, ...] | None = None

    # -- keeping -----------------------------------------------------------------------------
    def snapshot(self) -> WorldKept:
        """All that is in it."""
        return WorldKept(
            dict(self.names),
            dict(self.functions),
            [(*way, word) for way, word in self.ways.items()],
            [(*way, why) for way, why in self.bars.items()],
            dict(self.things),
            dict(self.lying),
            dict(self.held),
            dict(self.standing),
            dict(self.called),
            dict(self.built),
            dict(self.stored),
        )

    def restore(self, kept: WorldKept) -> None:
        """Be as it was, whatever is in it now."""
        self.names, self.functions, self.things = dict(kept.names), dict(kept.functions), dict(kept.things)
        self.ways = {(a, b): word for a, b, word in kept.ways}
        self.bars = {(a, b): why for a, b, why in kept.bars}
        self.lying, self.held, self.called = dict(kept.lying), dict(kept.held), dict(kept.called)
        self.built, self.stored = dict(kept.built), dict(kept.stored)
        self.standing, self._standing_in = {}, {}
        self._rooms = self._exits = self._items = None
        for slug, room in kept.standing.items():
            self.put(slug, room)

    # -- building ----------------------------------------------------------------------------
    def room(self, key: str, name: str, function: str = "") -> None:
        """Put a room there, or rename it."""
        self.names[key], self.functions[key], self._rooms = name, function, None

    def way(self, origin: str, target: str, word: str = "") -> None:
        """Make a way; the first word for it stays."""
        self.ways.setdefault((origin, target), word or target)
        self._exits = None

    def bar(self, origin: str, target: str, why: str = "") -> None:
        """Let nobody pass any more, for this reason; without one, let everybody."""
        self.bars[origin, target] = why
        self._exits = None

    def thing(self, key: str, name: str, room: str) -> None:
        """Put a thing that can be carried into a room."""
        self.things[key] = name
        self.lay(key, room)

    def lay(self, item: str, room: str) -> None:
        """The thing lies in the room now, wherever it was."""
        self.held.pop(item, None)
        self.lying[item], self._items = room, None

    def seize(self, item: str, holder: str) -> None:
        """Somebody (a slug, or `person:NAME`) has the thing now, wherever it was."""
        self.lying.pop(item, None)
        self.held[item], self._items = holder, None

    # -- the port `World` ----------------------------------------------------------------------
    def rooms(self) -> tuple[RoomInfo, ...]:
        """All rooms."""
        if self._rooms is None:
            self._rooms = tuple(RoomInfo(key, name, self.functions[key]) for key, name in sorted(self.names.items()))
        return self._rooms

    def exits(self, slug: str) -> tuple[ExitInfo, ...]:
        """All ways; a bar is one for everybody."""
        if self._exits is None:
            self._exits = tuple(
                ExitInfo(a, b, word, self.bars.get((a, b), "")) for (a, b), word in sorted(self.ways.items())
            )
        return self._exits

    def items(self) -> tuple[ItemInfo, ...]:
        """All things that can be carried, and where they are."""
        if self._items is None:
            self._items = tuple(
                ItemInfo(k, name, self.lying.get(k, ""), self.held.get(k, ""))
                for k, name in sorted(self.things.items())
            )
        return self._items

    def agents(self, room: str) -> tuple[str, ...]:
        """Slugs of the agents in the room."""
        return tuple(sorted(self._standing_in.get(room, ())))

    def put(self, slug: str, room: str) -> None:
        """The body stands in the room now, wherever it was."""
        self._standing_in.get(self.standing.get(slug, ""), set()).discard(slug)
        self.standing[slug] = room
        self._standing_in.setdefault(room, set()).add(slug)

    def people(self) -> tuple[tuple[str, str], ...]:
        """Nobody is connected."""
        return ()

    def how_stands(self, task: int, key: str) -> Standing | None:
        """How the room that the task built stands."""
        if key not in self.names or self.built.get(key, task) != task:
            return None
        beside = next((a for a, b in self.ways if b == key), next(iter(self.names)))
        return Standing(self.names[key], beside, self.names[beside])

    def take_away(self, task: int, key: str, record: Callable[[Vacated], None]) -> Vacated:
        """Take the room and its ways out of the world."""
        if (found := self.how_stands(task, key)) is None:
            raise NotFound(f"No room that task {task} built stands.", next="map")
        ways = [(a, b, word) for (a, b), word in self.ways.items() if key in (a, b)]
        self.stored[task] = Stored(key, self.names.pop(key), self.functions.pop(key), found.out, ways)
        for a, b, _ in ways:
            del self.ways[a, b]
        things = [item for item, room in self.lying.items() if room == key]
        for item in things:
            self.lay(item, found.out)
        agents = self.agents(key)
        for slug in agents:
            self.put(slug, found.out)
        self._rooms = self._exits = None
        vacated = Vacated(found.out, found.out_name, agents, tuple(self.things[item] for item in things))
        record(vacated)
        return vacated

    def put_back(self, task: int, key: str, record: Callable[[str], None]) -> str:
        """Put back what was taken away last for the task."""
        if (kept := self.stored.get(task)) is None:
            raise NotFound(f"Nothing that task {task} built was taken away.", next=f"task {task}")
        if key in self.names:
            raise Conflict(f"There is already a room called {self.names[key]}.", next=f"map {key}")
        if kept.beside not in self.names:
            raise Conflict(f"The room from which {kept.name} was entered is not there any more.", next="map")
        del self.stored[task]
        self.room(key, kept.name, kept.function)
        for a, b, word in kept.ways:
            if a in self.names and b in self.names:
                self.way(a, b, word)
        record(self.names[kept.beside])
        return self.names[kept.beside]

    def body(self, slug: str, home: str = "", name: str = "") -> LightBody:
        """The body of an agent, which stands at `home` when it is new."""
        if name:
            self.called[slug] = name
        if slug not in self.standing:
            self.put(slug, home or next(iter(self.names), ""))
        return LightBody(slug, self)


class LightBody:
    """One agent's body in a light world."""

    def __init__(self, slug: str, world: LightWorld) -> None:
        self.slug, self._world = slug, world
        self.about: int | None = None
        self._name = world.called.get(slug, slug.title())

    def where(self) -> str:
        """Key of the room it stands in ('' when nowhere)."""
        return self._world.standing.get(self.slug, "")

    def move(self, target: str) -> None:
        """Walk the way to `target`."""
        world, here = self._world, self._room()
        if (here, target) not in world.ways:
            raise StepFailed(f"No way leads from {world.names[here]} to {world.names.get(target, repr(target))}.")
        if why := world.bars.get((here, target)):
            raise StepFailed(why)
        world.put(self.slug, target)
        world.seen(self.slug, "move", target)

    def say(self, text: str) -> None:
        """Speak to the room."""
        self._room()
        self._allowed("say", self.where())
        if not text:
            raise StepFailed("There was nothing to say.")
        self._world.seen(self.slug, "say", text)

    def emote(self, text: str) -> None:
        """Be seen doing `text`."""
        self._room()
        self._allowed("emote", self.where())
        self._world.seen(self.slug, "emote", text)

    def take(self, item: str) -> None:
        """Pick up the thing with this key from the room; nothing happens when it is held already."""
        world, here = self._world, self._room()
        name = self._thing(item)
        if world.held.get(item) == self.slug:
            return
        if world.lying.get(item) != here:
            raise StepFailed(f"The {name} is not here; {self._whereabouts(item)}.")
        world.seize(item, self.slug)
        world.seen(self.slug, "take", item)

    def drop(self, item: str) -> None:
        """Put the thing down in the room."""
        world, here = self._world, self._room()
        name = self._thing(item)
        if world.held.get(item) != self.slug:
            raise StepFailed(f"{self._name} does not have the {name}; {self._whereabouts(item)}.")
        world.lay(item, here)
        world.seen(self.slug, "drop", item)

    def build_room(self, spec: RoomSpec, effects_approved: frozenset[tuple[str, str]] = frozenset()) -> None:
        """Make the room beside an existing one, if the rules allow it under the approved effects."""
        world = self._world
        self._allowed("build", spec.key, effects_approved)
        if spec.beside not in world.names:
            raise StepFailed(f"{spec.name} cannot be built: there is no room {spec.beside!r} to build it beside.")
        if spec.key not in world.names:
            world.room(spec.key, spec.name)
            world.built[spec.key] = spec.task
        world.way(spec.beside, spec.key, spec.exit_name)
        world.way(spec.key, spec.beside)
        world.seen(self.slug, "build", spec.key)

    def _room(self) -> str:
        if not self.where():
            raise StepFailed(f"{self._name} is nowhere.")
        return self.where()

    def _thing(self, item: str) -> str:
        if item not in self._world.things:
            raise StepFailed(f"There is no '{item}' in the world.")
        return self._world.things[item]

    def _whereabouts(self, item: str) -> str:
        world = self._world
        if room := world.lying.get(item):
            return f"it is in {world.names[room]}"
        holder = world.held.get(item, "")
        return (
            f"{world.called.get(holder, holder.removeprefix('person:').title())} has it" if holder else "it is nowhere"
        )

    def _allowed(self, act: str, target: str, effects: frozenset[tuple[str, str]] = frozenset()) -> None:
        allowed = may(Actor("agent", self.slug), act, target, effects_approved=effects)
        if not allowed:
            raise StepFailed(f"Not allowed: {allowed.reason}.")
