"""The real engine's rooms, bodies and doors as the place of a simulation."""

from __future__ import annotations

from collections.abc import Mapping

from agents.lineage.persona import Persona
from tests.support.built import ensure_built


class EnginePlace:
    """The built map in the engine; made inside a test's database."""

    def __init__(self) -> None:
        from typeclasses.body import EngineWorld, body_for

        ensure_built()
        self.world, self.body = EngineWorld(), body_for

    def settle(self, personas: Mapping[str, Persona]) -> None:
        from world.builder import ensure_bodies

        ensure_bodies(personas)

    def bar(self, origin: str, target: str, why: str) -> None:
        from world import places

        for way in places.exits():
            if (places.key_of(way.location), places.key_of(way.destination)) == (origin, target):
                way.locks.add("traverse:false()" if why else "traverse:all()")
                way.db.err_traverse = why
