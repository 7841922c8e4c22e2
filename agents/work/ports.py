"""What work and minds need from outside, as Protocols: a body, a world, a way off the thread.

The engine implements them in `typeclasses`; tests and simulation have light ones.
Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from agents.governance.rules import Actor
from agents.kernel.text import without_paths


@dataclass(frozen=True)
class ExitInfo:
    """A way from one room to another, for one agent. `why_not` is empty when it may pass."""

    origin: str
    target: str
    name: str
    why_not: str = ""


@dataclass(frozen=True)
class ItemInfo:
    """A thing that can be carried. Exactly one of `room` and `holder` is set (keys, slugs)."""

    key: str
    name: str
    room: str = ""
    holder: str = ""


@dataclass(frozen=True)
class RoomInfo:
    """A room by key, with the name people see and the function it serves (or '').

    `at` is where it lies on the map: east, north and up from the hub, in rooms; None when nowhere.
    """

    key: str
    name: str
    function: str = ""
    at: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class RoomSpec:
    """A room to be built: key, name, description, and the existing room it is joined to."""

    key: str
    name: str
    description: str
    beside: str
    exit_name: str


class World(Protocol):
    """The map and what lies on it, as sensors see it. Keys are the map files' keys."""

    def rooms(self) -> tuple[RoomInfo, ...]:
        """All rooms."""
        ...

    def exits(self, slug: str) -> tuple[ExitInfo, ...]:
        """All exits, with whether the agent `slug` may pass each now."""
        ...

    def items(self) -> tuple[ItemInfo, ...]:
        """All things that can be carried, and where they are."""
        ...

    def agents(self, room: str) -> tuple[str, ...]:
        """Slugs of the agents whose bodies stand in the room, in alphabetical order."""
        ...

    def people(self) -> tuple[tuple[str, str], ...]:
        """(name, key of the room) of every person who is connected and stands somewhere."""
        ...


@dataclass(frozen=True)
class Machine:
    """The computer as measured at one instant. Shares are 0 to 1; None where it cannot be measured.

    `load` is how many programs ran or waited for a core on average over the last minute, `disk_waits` the share of that
    minute in which some program waited for the disk.
    """

    disk_free_bytes: int
    disk_free: float
    memory_used: float | None = None
    swap_used: float | None = None
    load: float | None = None
    cores: int = 1
    memory_bytes: int | None = None
    disk_waits: float | None = None


@dataclass(frozen=True)
class Presence:
    """One agent of the roster: whether its mind runs, where its body stands, what it does in one line."""

    slug: str
    name: str
    awake: bool
    room: str
    doing: str
    parent: str = ""

    def told(self, viewer: Actor) -> str:
        """What it does, as the viewer may know it: what went wrong may name files, which are the owner's."""
        return without_paths(self.doing) if viewer.kind == "person" else self.doing


class Records(Protocol):
    """What a step may read of the world's records, so that its words come from them."""

    def machine(self) -> Machine:
        """Disk, memory and swap, measured now."""
        ...

    def board(self) -> dict[str, int]:
        """Number of tasks by status; statuses without a task are left out."""
        ...

    def presences(self) -> tuple[Presence, ...]:
        """Every agent of the roster, awake or not."""
        ...

    def deeds(self, slug: str, most: int = 500) -> tuple[tuple[str, str], ...]:
        """(when in ISO form, ground action) of the newest `most` steps `slug` finished since it last
        wrote its journal, oldest first.
        """
        ...

    def room_name(self, key: str) -> str:
        """A room's name as people see it."""
        ...

    def company(self, slug: str, room: str) -> tuple[str, ...]:
        """Names of the other agents that stand in the room."""
        ...

    def children(self, slug: str) -> tuple[Presence, ...]:
        """The agents whose parent `slug` is."""
        ...

    def parent(self, slug: str) -> tuple[str, str]:
        """Slug and name of an agent's parent; both '' when it has none here."""
        ...

    def asleep(self) -> tuple[tuple[str, ...], int]:
        """Names of the agents whose minds do not run, and how many agents there are in all, as of some
        seconds ago at most.
        """
        ...


class Tools(Protocol):
    """What a step needs of its agent's tools."""

    async def call(self, name: str, given: Any) -> Any:
        """Use the tool `name` with its own model of input; returns its own model of output.

        Raises NotFound, NotAllowed, BadInput, Unavailable, StepFailed.
        """
        ...


class Body(Protocol):
    """An agent's body. Each method acts at once through the same locks as people's commands,
    and raises StepFailed with a reason fit for a player when it cannot.
    """

    slug: str
    about: int | None
    """Number of the task that what it says belongs to: who hears it is for whoever runs the world to say."""

    def where(self) -> str:
        """Key of the room it stands in ('' when nowhere)."""
        ...

    def move(self, target: str) -> None:
        """Walk through the exit that leads to the adjacent room `target`."""
        ...

    def say(self, text: str) -> None:
        """Speak to the room."""
        ...

    def emote(self, text: str) -> None:
        """Be seen doing `text` (a third-person phrase: 'opens the lens case')."""
        ...

    def take(self, item: str) -> None:
        """Pick up the item with this key from the room."""
        ...

    def drop(self, item: str) -> None:
        """Put the item down in the room."""
        ...

    def build_room(self, spec: RoomSpec, effects_approved: frozenset[tuple[str, str]] = frozenset()) -> None:
        """Make the room and exits both ways; doing it twice is the same as once (keyed by tag).

        `effects_approved`: the (kind, target) pairs it is done under; a step's own body knows them.
        """
        ...


class Offload(Protocol):
    """Runs a blocking function away from the reactor thread; awaitable there."""

    def __call__[T](self, function: Callable[..., T], *args: Any) -> Awaitable[T]:
        """Call `function(*args)` elsewhere; it must touch neither tables nor the world."""
        ...


async def inline[T](function: Callable[..., T], *args: Any) -> T:
    """The Offload of tests and simulation: call it here and now."""
    return function(*args)
