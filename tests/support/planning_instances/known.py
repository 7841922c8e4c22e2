"""Problems whose least cost is known: small ones of the competitions' kinds, told by their facts, and houses like ours.

    instance, least = KNOWN["blocks 8"]

Owns the facts (which block lay on which, where a parcel was); the domains are ours. That nothing is cheaper has been
proven by several planners, and a test asks one that is not ours. Refuses chance.
"""

from __future__ import annotations

from tests.support.planning_instances import Instance, house, make, puzzles, transport
from tests.support.planning_instances.text import problem

CITIES = {"airport": ("north", "south"), "centre": ("market", "harbour")}


def _towers(name: str, before: str, after: str) -> Instance:
    """Blocks by letters, towers set apart by blanks, the lowest block first."""
    return Instance(name, puzzles.BLOCKS, puzzles.towers(before.split(), after.split()))


def _parcels(name: str, jet: str, parcels: dict[str, tuple[str, str]]) -> Instance:
    """Two cities with an airport and another place each, where its van stands, and parcels that go somewhere."""
    airports, centres = CITIES["airport"], CITIES["centre"]
    cities = ("city1", "city2")
    objects = {
        "city": cities,
        "airport": airports,
        "place": centres,
        "van": ("van1", "van2"),
        "plane": ("jet",),
        "parcel": tuple(parcels),
    }
    init = [f"of {place} {city}" for kind in CITIES.values() for place, city in zip(kind, cities, strict=True)]
    init += [f"at van1 {centres[0]}", f"at van2 {centres[1]}", f"at jet {jet}"]
    init += [f"at {parcel} {begin}" for parcel, (begin, _) in parcels.items()]
    goal = [f"at {parcel} {end}" for parcel, (_, end) in parcels.items()]
    return Instance(name, transport.LOGISTICS, problem("logistics", objects, init, goal))


def _house(name: str) -> tuple[Instance, int]:
    return Instance(name, *house.texts(name)), house.LEAST[name]


KNOWN: dict[str, tuple[Instance, int]] = {
    **{name: _house(name) for name in house.LEAST},
    "blocks 4": (_towers("blocks 4", "a b c d", "abcd"), 6),
    "blocks 6": (_towers("blocks 6", "cad bef", "dfeabc"), 12),
    "blocks 8": (_towers("blocks 8", "ega fhd b c", "bgachefd"), 18),
    # by twos to the other room: three steps a ball, and nobody walks back with empty hands at the end
    **{f"gripper {balls}": (make("gripper", balls // 2), 3 * balls - 1) for balls in (4, 6, 8, 10)},
    "logistics 4": (
        _parcels(
            "logistics 4",
            "south",
            {
                "clock": ("market", "north"),
                "lamp": ("market", "north"),
                "rope": ("harbour", "market"),
                "sail": ("harbour", "market"),
            },
        ),
        20,
    ),
    "logistics 2": (
        _parcels("logistics 2", "north", {"rope": ("harbour", "north"), "clock": ("market", "harbour")}),
        15,
    ),
}
"""Each problem by its name, and the least cost of a plan."""
