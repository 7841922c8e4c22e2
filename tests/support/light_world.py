"""A world of plain values with bodies in it: rooms, ways that can be barred, things, and who sees what."""

from __future__ import annotations

from dataclasses import dataclass, field

from agents.kernel.errors import StepFailed
from agents.work.ports import ExitInfo, ItemInfo, RoomInfo, RoomSpec

HALL = "hall"
AROUND = (
    "birth_chamber", "library", "shrine", "observatory", "spire", "grove", "archives", "workshop", "orb_chamber",
)
BEYOND = {
    "sanctum": "spire", "offline_archives": "spire", "independence_hall": "spire", "lesson_stones": "grove",
    "practice_grounds": "grove", "assessment_circles": "grove", "birth_records": "archives",
    "achievement_hall": "archives", "memorial_wall": "archives", "forge": "workshop", "treasury": "workshop",
    "signal_tower": "workshop",
}
THINGS = {"lens": "the survey lens", "gauge": "the test gauge", "trowel": "the builder's trowel"}


@dataclass
class LightWorld:
    """The map of the game without its engine. `bars[(a, b)]` is why nobody passes from a to b."""

    ways: set[tuple[str, str]] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    bars: dict[tuple[str, str], str] = field(default_factory=dict)
    lying: dict[str, str] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)
    standing: dict[str, str] = field(default_factory=dict)
    visitors: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[str, str, str]] = field(default_factory=list)

    @classmethod
    def founding(cls) -> LightWorld:
        world = cls()
        for room in AROUND:
            world.join(HALL, room)
        for room, beside in BEYOND.items():
            world.join(beside, room)
        world.lying.update(dict.fromkeys(THINGS, "workshop"))
        return world

    def join(self, one: str, other: str) -> None:
        self.ways |= {(one, other), (other, one)}
        for room in (one, other):
            self.names.setdefault(room, f"the {room.replace('_', ' ').title()}")

    def bar(self, one: str, other: str, why: str) -> None:
        self.bars[one, other] = why

    def seize(self, item: str, holder: str) -> None:
        """Somebody takes the thing, wherever it is."""
        self.lying.pop(item, None)
        self.held[item] = holder

    def lay(self, item: str, room: str) -> None:
        self.held.pop(item, None)
        self.lying[item] = room

    def rooms(self) -> tuple[RoomInfo, ...]:
        return tuple(RoomInfo(key, name) for key, name in sorted(self.names.items()))

    def exits(self, slug: str) -> tuple[ExitInfo, ...]:
        return tuple(ExitInfo(a, b, b, self.bars.get((a, b), "")) for a, b in sorted(self.ways))

    def items(self) -> tuple[ItemInfo, ...]:
        keys = sorted({*self.lying, *self.held})
        return tuple(ItemInfo(k, THINGS.get(k, k), self.lying.get(k, ""), self.held.get(k, "")) for k in keys)

    def people(self) -> tuple[tuple[str, str], ...]:
        return tuple(sorted(self.visitors.items()))

    def body(self, slug: str) -> LightBody:
        self.standing.setdefault(slug, HALL)
        return LightBody(slug, self)

    def deeds(self, slug: str, what: str) -> list[str]:
        return [text for who, deed, text in self.seen if who == slug and deed == what]


@dataclass
class LightBody:
    """A body in a light world; every deed is seen."""

    slug: str
    world: LightWorld

    def where(self) -> str:
        return self.world.standing.get(self.slug, "")

    def _seen(self, deed: str, text: str) -> None:
        self.world.seen.append((self.slug, deed, text))

    def move(self, target: str) -> None:
        way = (self.where(), target)
        if way not in self.world.ways:
            raise StepFailed(f"There is no way from {way[0]} to {target}.")
        if why := self.world.bars.get(way):
            raise StepFailed(why)
        self.world.standing[self.slug] = target
        self._seen("move", target)

    def say(self, text: str) -> None:
        self._seen("say", text)

    def emote(self, text: str) -> None:
        self._seen("emote", text)

    def take(self, item: str) -> None:
        if self.world.lying.get(item) != self.where():
            raise StepFailed(f"{item} does not lie here.")
        self.world.seize(item, self.slug)
        self._seen("take", item)

    def drop(self, item: str) -> None:
        if self.world.held.get(item) != self.slug:
            raise StepFailed(f"{item} is not held.")
        self.world.lay(item, self.where())
        self._seen("drop", item)

    def build_room(self, spec: RoomSpec, effects_approved: frozenset[tuple[str, str]] = frozenset()) -> None:
        if ("world", spec.key) not in effects_approved:
            raise StepFailed(f"No approved item declares world {spec.key}.")
        self.world.join(spec.beside, spec.key)
        self.world.names[spec.key] = spec.name
        self._seen("build", spec.key)
