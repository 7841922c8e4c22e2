"""Things: what lies in rooms, what can be carried, what can be used where it stands.

Owns how a thing looks. Every appearance is a list of lines for the world's screen
(`appearance`); the engine's own `return_appearance` is the same lines as escaped text.
Refuses to decide: what a fixture shows is the answer of a verb.
"""

from __future__ import annotations

from typing import Any

from evennia.objects.objects import DefaultObject

from agents.kernel.text import clean
from typeclasses.actors import permit
from typeclasses.callers import ask, put_on_record
from typeclasses.net import Picture, Pictured
from typeclasses.nicks import Nicked
from typeclasses.sharing import Sharing
from world.places import key_of, thing_key
from world.screen import paint


class Seen(Nicked, Sharing, Pictured):
    """What all objects of the world have in common: names, looks, and access through the rules."""

    carriable = False

    def at_pre_move(self, destination: Any, move_type: str = "move", **kwargs: Any) -> bool:
        """Whether it may go there: into nothing that it holds, of which the engine would make a fault."""
        holder = destination
        while holder is not None:
            if holder is self:
                return False
            holder = holder.location
        return bool(super().at_pre_move(destination, move_type=move_type, **kwargs))  # type: ignore[misc]

    def name_for(self, looker: Any = None) -> str:
        """Its name in one harmless line of plain text."""
        return clean(self.get_display_name(looker), keep_lines=False)  # type: ignore[attr-defined]

    def described(self) -> str:
        """What was written about it, by map or by hand."""
        return clean(str(self.db.desc or ""))  # type: ignore[attr-defined]

    def appearance(self, looker: Any) -> list[str]:
        """What `looker` sees of it, as lines of the screen."""
        return [paint("name", self.name_for(looker)), self.described() or "There is nothing special about it."]

    def return_appearance(self, looker: Any, **kwargs: Any) -> str:
        """The engine's form of `appearance`: text in which no markup acts, and the lines with it."""
        return Picture(self.appearance(looker)) if looker else ""

    def access(self, accessing_obj: Any, access_type: str = "read", default: bool = False, **kwargs: Any) -> bool:
        """Its own lock, and the rules where they have a say; both must allow."""
        allowed: bool = super().access(accessing_obj, access_type, default, **kwargs)  # type: ignore[misc]
        return allowed and bool(permit(accessing_obj, access_type, self))


class Object(Seen, DefaultObject):
    """A thing without a use of its own. Most stay where they are put."""

    def get_numbered_name(self, count: int, looker: Any, **kwargs: Any) -> Any:
        """Names as they are: the engine would write aliases into the database while looking."""
        name = kwargs.get("key") or self.get_display_name(looker)
        plural = name if count == 1 else f"{count} {name}"
        return (name if count == 1 else plural) if kwargs.get("return_string") else (name, plural)

    def at_post_move(self, source_location: Any, move_type: str = "move", **kwargs: Any) -> None:
        """Put on record who took it, put it down or gave it away."""
        thing = {"item": thing_key(self), "name": self.name_for()}
        if move_type == "get":
            put_on_record(self.location, "take", room=key_of(source_location), **thing)
        elif move_type == "drop":
            put_on_record(source_location, "drop", room=key_of(self.location), **thing)
        elif move_type == "give":
            whom = clean(self.location.key, keep_lines=False)
            put_on_record(source_location, "give", room=key_of(source_location.location), whom=whom, **thing)


class Item(Object):
    """A thing that can be carried."""

    carriable = True


class Fixture(Object):
    """A thing that stays and can be used: looking at it asks the verb in its attribute `shows`, which must be one that
    only reads, or else shows the noun of its room that it is called by.
    """

    def at_object_creation(self) -> None:
        """It cannot be picked up."""
        self.locks.add("get:false()")
        self.db.get_err_msg = "It stays where it is; look at it instead."

    def appearance(self, looker: Any) -> list[str]:
        """What was written about it, then the live answer of its verb, or the room's."""
        verb, _, argument = str(self.db.shows or "").partition(" ")
        lines = super().appearance(looker)
        if not verb:
            place = self.location
            return [*lines, *((place.detail(self.key, looker) if hasattr(place, "detail") else None) or [])]
        return [*lines, *ask(looker, verb, argument)]

    @staticmethod
    def why_not_shown(line: str) -> str:
        """Why its attribute `shows` may not be `line`; '' when it may."""
        from commands import verbs

        return verbs.why_not_shown(line)
