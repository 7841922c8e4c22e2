"""The inhabitants of a simulated world: the personas of this house, and others like them.

Owns how the others are drawn: where they live, what they do unasked, when they sleep. Refuses anything that a persona
file could not say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from agents.lineage.persona import Persona

MOST_AGENTS = 10_000
"""So many live in one simulated world at most."""
_FIRST = (
    "Ab",
    "Ba",
    "Ca",
    "Da",
    "El",
    "Fa",
    "Ga",
    "Ha",
    "Io",
    "Jo",
    "Ka",
    "Le",
    "Mi",
    "Na",
    "Or",
    "Pa",
    "Ru",
    "Sa",
    "Ta",
    "Ur",
)
_LAST = (
    "bel",
    "dan",
    "dor",
    "el",
    "ia",
    "im",
    "is",
    "lah",
    "ma",
    "mon",
    "na",
    "ok",
    "on",
    "ra",
    "rin",
    "sha",
    "than",
    "u",
    "vi",
    "zar",
)
_ROLES = (
    ("keeper of the candles", "tended(shrine)", "somebody must count the candles"),
    ("reader of the board", "seen(board)", "who knows what waits can help"),
    ("warden of the disk", "checked(disk)", "a full disk stops every hand"),
)
BEATS, STATIONS = 12, 4
"""Rounds that somebody has to make, and the rooms of each."""
_SUMMONED = {"achieve": "met(house)", "every": "8h", "weight": 6, "why": "the house meets", "hours": (9, 10)}
_TAUGHT = {
    "achieve": "heard(lesson)",
    "every": "10h",
    "weight": 5,
    "why": "there is a lesson in the Grove",
    "hours": (15, 17),
}


def inhabitants(
    founders: Mapping[str, Persona], rooms: Sequence[str], count: int, chance: Random
) -> dict[str, Persona]:
    """`count` personas: the founders first, in the order of their slugs, then others drawn from `chance`."""
    found = dict(sorted(founders.items())[:count])
    teachers = sorted(found)
    beats = [chance.sample(rooms, STATIONS) for _ in range(BEATS)]
    while len(found) < count:
        name = chance.choice(_FIRST) + chance.choice(_LAST) + chance.choice(_LAST)
        slug = name.lower()
        if slug in found:
            name, slug = f"{name} {chance.choice(_FIRST)}{chance.choice(_LAST)}", ""
            slug = name.lower().replace(" ", "-")
            if slug in found:
                continue
        found[slug] = _drawn(slug, name, rooms, chance.choice(beats), chance.choice(teachers), chance)
    return found


def _drawn(slug: str, name: str, rooms: Sequence[str], beat: Sequence[str], parent: str, chance: Random) -> Persona:
    role, duty, why = chance.choice(_ROLES)
    home = chance.choice(rooms)
    rises = chance.randrange(5, 9)
    return Persona.model_validate(
        {
            "slug": slug,
            "name": name,
            "role": role,
            "temperament": "steady",
            "description": f"A {role} of this house.",
            "mind": {"prefers": "none"},
            "parent": parent,
            "home": home,
            "toolsets": ("core", "hands"),
            "schedule": (rises, (rises + 16) % 24),
            "heeds": ("disk_low",) if duty == "checked(disk)" else (),
            "errands": [
                {"achieve": duty, "every": f"{chance.randrange(8, 15)}m", "weight": 4, "why": why},
                {
                    "achieve": [f"visited({room})" for room in beat],
                    "every": f"{chance.randrange(10, 20)}m",
                    "weight": 2,
                    "why": "somebody has to make the round",
                },
                {"achieve": "kept(journal)", "every": "6h", "weight": 2, "why": "what was done is written down"},
                {"achieve": "rested(home)", "every": f"{chance.randrange(6, 15)}m", "weight": 1, "why": "home is home"},
                _SUMMONED,
                _TAUGHT,
            ],
        }
    )
