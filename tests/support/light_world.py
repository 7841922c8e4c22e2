"""The light world with the founding map in it, and a record of who did what."""

from __future__ import annotations

from agents.simulation.light import LightBody
from agents.simulation.light import LightWorld as Light

HALL = "hall"
AROUND = (
    "birth_chamber",
    "library",
    "shrine",
    "observatory",
    "spire",
    "grove",
    "archives",
    "workshop",
    "orb_chamber",
)
BEYOND = {
    "sanctum": "spire",
    "offline_archives": "spire",
    "independence_hall": "spire",
    "lesson_stones": "grove",
    "practice_grounds": "grove",
    "assessment_circles": "grove",
    "birth_records": "archives",
    "achievement_hall": "archives",
    "memorial_wall": "archives",
    "forge": "workshop",
    "treasury": "workshop",
    "signal_tower": "workshop",
}
THINGS = {"lens": "survey lens", "gauge": "test gauge", "trowel": "builder's trowel"}


class LightWorld(Light):
    """A light world for tests: visitors can be put into it, and every deed is kept."""

    def __init__(self) -> None:
        super().__init__(seen=lambda *deed: self.deeds_seen.append(deed))
        self.deeds_seen: list[tuple[str, str, str]] = []
        self.visitors: dict[str, str] = {}

    @classmethod
    def founding(cls) -> LightWorld:
        world = cls()
        for room in AROUND:
            world.join(HALL, room)
        for room, beside in BEYOND.items():
            world.join(beside, room)
        for key, name in THINGS.items():
            world.thing(key, name, "workshop")
        return world

    def join(self, one: str, other: str) -> None:
        for room in (one, other):
            if room not in self.names:
                self.room(room, f"the {room.replace('_', ' ').title()}")
        self.way(one, other)
        self.way(other, one)

    def unbar(self) -> None:
        for way in list(self.bars):
            self.bar(*way)

    def people(self) -> tuple[tuple[str, str], ...]:
        return tuple(sorted(self.visitors.items()))

    def body(self, slug: str, home: str = HALL, name: str = "") -> LightBody:
        return super().body(slug, home, name)

    def deeds(self, slug: str, what: str) -> list[str]:
        return [text for who, deed, text in self.deeds_seen if who == slug and deed == what]
