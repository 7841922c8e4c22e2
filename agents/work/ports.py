"""What work and minds need from outside, as Protocols: a body, a world, a thread pool.

The engine implements them in `typeclasses`; tests and simulations have light ones. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from agents.governance.rules import Actor
from agents.kernel.text import without_paths


@dataclass(frozen=True)
class ExitInfo:
    """An exit from one room to another, for one agent. `why_not` is empty if the agent may pass."""

    origin: str
    target: str
    name: str
    why_not: str = ""


@dataclass(frozen=True)
class ItemInfo:
    """A portable thing. Exactly one of `room` and `holder` is set (keys, slugs)."""

    key: str
    name: str
    room: str = ""
    holder: str = ""


@dataclass(frozen=True)
class RoomInfo:
    """A room by key, with the name people see and the function it serves (or '').

    `at` is its position on the map: east, north and up from the hub, in rooms; None if it has none.
    """

    key: str
    name: str
    function: str = ""
    at: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class RoomSpec:
    """A room to be built: key, name, description, and the existing room it is joined to; for which task."""

    key: str
    name: str
    description: str
    beside: str
    exit_name: str
    task: int = 0


@dataclass(frozen=True)
class Standing:
    """How a room that a task built stands now, to whoever thinks of taking it away.

    `out`: key of the room beside it, where whatever is in it would go. `since`: what others have changed or added
    since, each in words. `cut_off`: names of the rooms that could not be reached without it.
    """

    name: str
    out: str
    out_name: str
    since: tuple[str, ...] = ()
    cut_off: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vacated:
    """Where whoever was in a room that was taken away has gone: a room by key and name, slugs of agents, names of
    things.
    """

    out: str
    out_name: str
    agents: tuple[str, ...] = ()
    things: tuple[str, ...] = ()


class World(Protocol):
    """The map and what is on it, as sensors see it. Keys are those of the map files."""

    def rooms(self) -> tuple[RoomInfo, ...]:
        """All rooms."""
        ...

    def exits(self, slug: str) -> tuple[ExitInfo, ...]:
        """All exits, with whether the agent `slug` may pass each now."""
        ...

    def items(self) -> tuple[ItemInfo, ...]:
        """All portable things, and where they are."""
        ...

    def agents(self, room: str) -> tuple[str, ...]:
        """Slugs of the agents whose bodies are in the room, in alphabetical order."""
        ...

    def people(self) -> tuple[tuple[str, str], ...]:
        """(name, key of the room) of every person who is connected and in a room."""
        ...

    def how_stands(self, task: int, key: str) -> Standing | None:
        """How the room that the task built under this key stands now; None when it does not."""
        ...

    def take_away(self, task: int, key: str, record: Callable[[Vacated], None]) -> Vacated:
        """Take that room and its exits out of the world, and keep them; whoever and whatever is in it goes to the room
        beside it. `record` is called within the transaction; an error there leaves everything as it was. Raises
        NotFound when the room does not stand.
        """
        ...

    def put_back(self, task: int, key: str, record: Callable[[str], None]) -> str:
        """Put back what was taken away for the task; the name of the room beside it. `record` as above. Raises
        NotFound when nothing is kept, Conflict when something else stands in its place.
        """
        ...


@dataclass(frozen=True)
class Machine:
    """The computer as measured at one instant. Shares are 0 to 1; None if they cannot be measured.

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
    """One agent of the roster: whether its mind runs, where its body is, what it is doing, in one line."""

    slug: str
    name: str
    awake: bool
    room: str
    doing: str
    parent: str = ""

    def told(self, viewer: Actor) -> str:
        """What it is doing, as far as the viewer may know: errors may name files, which are the owner's business."""
        return without_paths(self.doing) if viewer.kind == "person" else self.doing


class Records(Protocol):
    """The records that a step may read, so that its words are based on them."""

    def machine(self) -> Machine:
        """Disk, memory and swap, measured now."""
        ...

    def board(self) -> dict[str, int]:
        """Number of tasks by status; statuses without tasks are left out."""
        ...

    def presences(self) -> tuple[Presence, ...]:
        """Every agent of the roster, awake or not."""
        ...

    def deeds(self, slug: str, most: int = 500) -> tuple[tuple[str, str], ...]:
        """(time in ISO form, ground action) of the newest `most` steps that `slug` has finished since it last wrote
        its journal, oldest first.
        """
        ...

    def room_name(self, key: str) -> str:
        """A room's name as people see it."""
        ...

    def company(self, slug: str, room: str) -> tuple[str, ...]:
        """Names of the other agents in the room."""
        ...

    def children(self, slug: str) -> tuple[Presence, ...]:
        """The agents whose parent `slug` is."""
        ...

    def parent(self, slug: str) -> tuple[str, str]:
        """Slug and name of an agent's parent; both '' if it has none here."""
        ...

    def asleep(self) -> tuple[tuple[str, ...], int]:
        """Names of the agents whose minds are not running, and the total number of agents, at most some seconds old."""
        ...


class Tools(Protocol):
    """What a step needs of its agent's tools."""

    async def call(self, name: str, given: Any) -> Any:
        """Use the tool `name` with its input model; returns its output model.

        Raises NotFound, NotAllowed, BadInput, Unavailable, StepFailed.
        """
        ...


class Body(Protocol):
    """An agent's body. Each method acts at once, through the same locks as people's commands, and raises StepFailed
    with a reason that players can read if it cannot.
    """

    slug: str
    about: int | None
    """Number of the task to which what it says belongs; the program around the house decides who hears it."""

    def where(self) -> str:
        """Key of the room it is in ('' if it is nowhere)."""
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
        """Create the room and exits both ways; doing it twice has the same result as once (keyed by tag).

        `effects_approved`: the (kind, target) pairs under which it is done; a step's own body knows them.
        """
        ...


class Offload(Protocol):
    """Runs a blocking function outside the reactor thread; the result can be awaited."""

    def __call__[T](self, function: Callable[..., T], *args: Any) -> Awaitable[T]:
        """Call `function(*args)` elsewhere; it must touch neither tables nor the world."""
        ...


async def inline[T](function: Callable[..., T], *args: Any) -> T:
    """The Offload of tests and simulations: call it here and now."""
    return function(*args)
