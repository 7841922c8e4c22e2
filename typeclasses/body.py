"""The engine as the world and the bodies that `agents` knows by its ports.

Owns the adapters `EngineWorld` and `EngineBody`: every deed goes through the same locks,
hooks and rules as a person's command, without the command parser. Refuses nothing of its
own; a refusal of lock or rule becomes StepFailed with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evennia import SESSION_HANDLER

from agents.governance.rules import may
from agents.kernel.errors import NotFound, StepFailed
from agents.kernel.text import clean
from agents.work.ports import ExitInfo, ItemInfo, RoomInfo, RoomSpec, Standing, Vacated
from typeclasses import sight
from typeclasses.actors import actor_of, permit
from typeclasses.characters import Agent
from typeclasses.sight import why_not
from world import builder, places, removal
from world.places import key_of, slug_of, thing_key


class EngineWorld:
    """The map and what lies on it, read from the engine's objects."""

    def rooms(self) -> tuple[RoomInfo, ...]:
        """All rooms: those of the map, and those made by hand or by agents."""
        return sight.rooms()

    def exits(self, slug: str) -> tuple[ExitInfo, ...]:
        """All exits, with why the agent cannot pass where it cannot ('' as slug: as if none were locked)."""
        return sight.ways(places.body(slug) if slug else None)

    def items(self) -> tuple[ItemInfo, ...]:
        """All carriable things; the holder is an agent's slug, or `person:NAME`."""
        return sight.items()

    def agents(self, room: str) -> tuple[str, ...]:
        """Slugs of the agents whose bodies stand in the room."""
        found = places.room(room)
        return tuple(sorted(one.slug for one in found.contents if isinstance(one, Agent))) if found is not None else ()

    def people(self) -> tuple[tuple[str, str], ...]:
        """Who is connected as themselves, and where they stand."""
        bodies = {session.get_puppet() for session in SESSION_HANDLER.get_sessions()} - {None}
        return tuple(
            sorted(
                (clean(str(body.key), keep_lines=False), key_of(body.location))
                for body in bodies
                if body.location is not None and not slug_of(body)
            )
        )

    def how_stands(self, task: int, key: str) -> Standing | None:
        """How the room that the task built stands now; None when it does not."""
        return removal.standing(task, key)

    def take_away(self, task: int, key: str, record: Callable[[Vacated], None]) -> Vacated:
        """Take the room and its exits out of the world, and keep them."""
        return removal.take_out(task, key, record)

    def put_back(self, task: int, key: str, record: Callable[[str], None]) -> str:
        """Put back what was taken away for the task; the name of the room beside it."""
        return removal.put_back(task, key, record)


class EngineBody:
    """One agent's body in the engine."""

    def __init__(self, body: Agent) -> None:
        self._body = body
        self.slug = body.slug
        self.about: int | None = None

    def where(self) -> str:
        """Key of the room it stands in ('' when nowhere)."""
        return key_of(self._body.location)

    def _room(self) -> Any:
        if self._body.location is None:
            raise StepFailed(f"{self._body.key} is nowhere.")
        return self._body.location

    def move(self, target: str) -> None:
        """Walk through the first exit to `target` that lets it pass."""
        room = self._room()
        ways = [way for way in room.contents_get(content_type="exit") if key_of(way.destination) == target]
        if not ways:
            raise StepFailed(f"No way leads from {room.key} to {_name(target)}.")
        refusals = {}
        for way in ways:
            refusals[way] = why_not(way, self._body)
            if not refusals[way]:
                way.at_traverse(self._body, way.destination)
                if key_of(self._body.location) != target:
                    raise StepFailed(f"The way to {_name(target)} would not let {self._body.key} through.")
                return
        raise StepFailed(refusals[ways[0]])

    def say(self, text: str) -> None:
        """Speak to the room."""
        self._room()
        self._allowed("say", self.where())
        words = self._body.at_pre_say(text)
        if words is None:
            raise StepFailed("There was nothing to say.")
        self._body.at_say(words, about=self.about)

    def emote(self, text: str) -> None:
        """Be seen doing `text`."""
        self._room()
        self._allowed("emote", self.where())
        self._body.pose(text)

    def take(self, item: str) -> None:
        """Pick up the item with this key from the room."""
        room, thing = self._room(), _thing(item)
        if thing.location == self._body:
            return
        if thing.location != room:
            raise StepFailed(f"The {thing.key} is not here; {_whereabouts(thing)}.")
        if not thing.access(self._body, "get"):
            reason = permit(self._body, "get", thing)
            raise StepFailed(
                str(thing.db.get_err_msg or f"The {thing.key} cannot be taken.") if reason else reason.reason
            )
        if not thing.at_pre_get(self._body) or not thing.move_to(self._body, quiet=True, move_type="get"):
            raise StepFailed(f"The {thing.key} cannot be taken.")
        thing.at_get(self._body)
        self._body.pose(f"takes the {thing.key}.")

    def drop(self, item: str) -> None:
        """Put the item down in the room."""
        room, thing = self._room(), _thing(item)
        if thing.location != self._body:
            raise StepFailed(f"{self._body.key} does not have the {thing.key}; {_whereabouts(thing)}.")
        if not thing.access(self._body, "drop", default=True) or not thing.at_pre_drop(self._body):
            raise StepFailed(f"The {thing.key} cannot be put down here.")
        if not thing.move_to(room, quiet=True, move_type="drop"):
            raise StepFailed(f"The {thing.key} cannot be put down here.")
        thing.at_drop(self._body)
        self._body.pose(f"puts down the {thing.key}.")

    def build_room(self, spec: RoomSpec, effects_approved: frozenset[tuple[str, str]] = frozenset()) -> None:
        """Make the room beside an existing one, if the rules allow it under the approved effects."""
        known = places.room(spec.key) is not None
        self._allowed("build", spec.key, effects_approved)
        try:
            made = builder.build_room(spec.key, spec.name, spec.description, spec.beside, spec.exit_name, spec.task)
        except LookupError as error:
            raise StepFailed(f"{spec.name} cannot be built: {error}.") from error
        if made and not known:
            self._body.pose(f"opens a way to {spec.name}.")

    def _allowed(self, act: str, target: str, effects: frozenset[tuple[str, str]] = frozenset()) -> None:
        allowed = may(actor_of(self._body), act, target, effects_approved=effects)
        if not allowed:
            raise StepFailed(f"Not allowed: {allowed.reason}.")


def _name(key: str) -> str:
    room = places.room(key)
    return str(room.key) if room is not None else f"'{key}'"


def _thing(key: str) -> Any:
    found = next((thing for thing in places.items() if thing_key(thing) == key), None)
    if found is None:
        raise StepFailed(f"There is no '{key}' in the world.")
    return found


def _whereabouts(thing: Any) -> str:
    holder = thing.location
    if holder is None:
        return "it is nowhere"
    return f"it is in {holder.key}" if holder.location is None else f"{holder.key} has it"


def body_for(slug: str) -> EngineBody:
    """The body of an agent. Raises NotFound when none was made for it."""
    found = places.body(slug)
    if not isinstance(found, Agent):
        raise NotFound(f"The agent '{slug}' has no body in this world.", next="timmy world build")
    return EngineBody(found)
