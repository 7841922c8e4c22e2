"""What is true for one agent now, as facts.

Owns the translation of the world, the task in hand and the machine into the planner's facts, and the thresholds that
turn numbers into facts. Refuses to remember: what is known only from having been done is in the journal. Every fact
calls the acting agent `me`, so that all agents share one domain.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agents.goap.model import Fact, fact
from agents.work.ports import ExitInfo, ItemInfo, Machine, RoomInfo, World

SENSED = frozenset({"at", "open", "in", "has", "working", "site", "home", "ready", "disk_low", "swap_high"})
"""Predicates that are seen afresh each time; all others are remembered from what was done."""

DISK_LOW = 0.10
"""Share of free disk below which `disk_low` holds."""
SWAP_HIGH = 0.80
"""Share of used swap above which `swap_high` holds."""

Probe = Callable[[], Machine]


def machine(folder: Path, meminfo: Path = Path("/proc/meminfo"), pressure: Path = Path("/proc/pressure/io")) -> Machine:
    """The disk that holds `folder`, and memory, swap, load and waiting as far as the system tells them."""
    disk = shutil.disk_usage(folder)
    sizes: dict[str, int] = {}
    if meminfo.is_file():
        for line in meminfo.read_text().splitlines():
            name, _, rest = line.partition(":")
            if rest.split()[:1] and rest.split()[0].isdigit():
                sizes[name] = int(rest.split()[0])

    def used(total: str, free: str) -> float | None:
        if total not in sizes or free not in sizes:
            return None
        return 1 - sizes[free] / sizes[total] if sizes[total] else 0.0

    return Machine(
        disk.free,
        disk.free / disk.total,
        used("MemTotal", "MemAvailable"),
        used("SwapTotal", "SwapFree"),
        os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        os.cpu_count() or 1,
        sizes["MemTotal"] * 1024 if "MemTotal" in sizes else None,
        _waits(pressure),
    )


def _waits(pressure: Path) -> float | None:
    """What Linux tells of stalls by the disk (Documentation/accounting/psi.rst), as a share; None where it does not."""
    try:
        found = re.search(r"^some .*\bavg60=([0-9.]+)", pressure.read_text(), re.MULTILINE)
    except OSError:  # an older system, or one that keeps no such account
        return None
    return float(found[1]) / 100 if found else None


def of_machine(state: Machine) -> tuple[Fact, ...]:
    """`disk_low` and `swap_high`, where the thresholds are passed."""
    low = (fact("disk_low"),) if state.disk_free < DISK_LOW else ()
    return (*low, fact("swap_high")) if state.swap_used is not None and state.swap_used > SWAP_HIGH else low


def of_map(exits: Iterable[ExitInfo]) -> set[Fact]:
    """`open(A, B)` for each way that may be passed now."""
    return {fact("open", way.origin, way.target) for way in exits if not way.why_not}


def of_items(slug: str, items: Iterable[ItemInfo]) -> set[Fact]:
    """`has(me, I)` and `in(I, R)`; what others hold is neither."""
    return {
        fact("has", "me", item.key) if item.holder == slug else fact("in", item.key, item.room)
        for item in items
        if item.holder == slug or item.room
    }


@dataclass(frozen=True)
class View:
    """The world as one agent sees it at one instant, read once for planning and for the next step."""

    slug: str
    where: str
    home: str
    rooms: tuple[RoomInfo, ...]
    exits: tuple[ExitInfo, ...]
    items: tuple[ItemInfo, ...]
    machine: Machine

    def facts(self) -> set[Fact]:
        """All that is seen: its place and home, the ways, the things, the machine."""
        return of_map(self.exits) | of_items(self.slug, self.items) | set(self.own())

    def own(self) -> tuple[Fact, ...]:
        """What is seen beside the ways and the things, which are the same for many agents and at many times."""
        place = (fact("at", "me", self.where),) if self.where else ()
        return (*of_machine(self.machine), fact("home", self.home), *place)

    @property
    def names(self) -> Mapping[str, str]:
        """What rooms and things are called, by their keys; the same object until a name changes."""
        return names(self.rooms, self.items)

    def named(self, key: str) -> str:
        """A room's or thing's name as people see it; the key itself for anything else."""
        return self.names.get(key, key)


_Names = tuple[tuple[RoomInfo, ...], tuple[ItemInfo, ...], Mapping[str, str]]
_known: list[_Names] = [((), (), {})]


def names(rooms: tuple[RoomInfo, ...], items: tuple[ItemInfo, ...]) -> Mapping[str, str]:
    """What rooms and things are called. The last answer is kept: worlds hand out the same tuples until they change."""
    before_rooms, before_items, found = _known[0]
    if rooms is not before_rooms or items is not before_items:
        now = {room.key: room.name for room in rooms} | {item.key: item.name for item in items}
        found = found if found == now else now
        _known[0] = (rooms, items, found)
    return found


def view(slug: str, where: str, home: str, world: World, state: Machine) -> View:
    """Look at the world with the eyes of `slug`."""
    return View(slug, where, home, world.rooms(), world.exits(slug), world.items(), state)
