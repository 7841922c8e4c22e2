"""Where rooms that are built while the world is running are on the map.

Owns one rule: the room at the end of a first exit gets the cell in the exit's direction (`north`), or else the free
one nearest to the room where the exit begins. Never moves rooms that have a place, or those in map files, which
give their own.
"""

from __future__ import annotations

from typing import Any

from world import places

_WAYS = {
    "east": (1, 0, 0),
    "south": (0, -1, 0),
    "west": (-1, 0, 0),
    "north": (0, 1, 0),
    "northeast": (1, 1, 0),
    "southeast": (1, -1, 0),
    "southwest": (-1, -1, 0),
    "northwest": (-1, 1, 0),
    "up": (0, 0, 1),
    "down": (0, 0, -1),
}
FAR = 6
_BESIDE = tuple(cell for cell in _WAYS.values() if not cell[2])
_BEYOND = sorted(
    ((east, north, 0) for east in range(-FAR, FAR + 1) for north in range(-FAR, FAR + 1)),
    key=lambda cell: (max(map(abs, cell)), sum(map(abs, cell)), cell),
)
"""Surrounding cells, the nearest first; those beside the Hall are all taken."""


def give(way: Any) -> None:
    """Give the room at the end of a new exit its place; none if everything nearby is taken."""
    here, there = way.location, way.destination
    if here is None or there is None or places.cell_of(there) or there.attributes.get("file"):
        return
    at = places.cell_of(here)
    if at is None:
        return
    taken = {places.cell_of(room) for room in places.rooms().values()}
    named = _WAYS.get(str(way.key).lower())
    for east, north, up in ([named] if named else []) + [*_BESIDE, *_BEYOND]:
        cell = (at[0] + east, at[1] + north, at[2] + up)
        if cell not in taken:
            there.attributes.add("at", list(cell))
            return
