"""Bodies: people's characters and agents.

Owns what others see of a body: coming and going, speech, poses. Words of others are told
through the world's screen and never parsed. Refuses to let anybody sit in an agent's body.
"""

from __future__ import annotations

from typing import Any

from evennia.objects.models import ObjectDB
from evennia.objects.objects import DefaultCharacter

from agents.governance.allowance import DEED
from agents.kernel.text import clean, shorten
from typeclasses import hearing
from typeclasses.actors import actor_of
from typeclasses.callers import ask, put_on_record, spend
from typeclasses.net import Picture
from typeclasses.objects import Seen
from typeclasses.reach import Reaching
from typeclasses.rooms import Room
from world.functions import running
from world.places import forget_all, key_of, slug_of
from world.screen import paint, show
from world.telling import listed, placed

LONGEST_SPEECH = 2000
"""Characters of one utterance; the rest is cut with an ellipsis."""
VISITED = 500
"""Rooms remembered for the brief view."""
UNWRITTEN = "This is User #1."
"""What the engine writes of the first body, and nobody of himself."""
CARRIED = "carried"
"""The path of a move that was no step of one's own."""


def _utterance(text: str) -> str:
    return shorten(clean(str(text), keep_lines=False).strip(), LONGEST_SPEECH)


def _unquoted(words: str) -> str:
    """Words without the quotation marks that somebody typed around them, as `"hello"` or `say "hello"`."""
    if len(words) > 2 and words[0] in "\"'" and words[-1] == words[0] and words.count(words[0]) == 2:
        return words[1:-1].strip()
    if words.count('"') == 1 and words.endswith('"') and not words[-2:-1].isdigit():
        return words[:-1].strip() or words
    return words


def _called(place: Any, looker: Any) -> str:
    if place is None:
        return "nowhere"
    name = place.name_for(looker) if isinstance(place, Seen) else clean(str(place.key), keep_lines=False)
    return placed(name)


def _tell(place: Any, line: str, exclude: tuple[Any, ...], kind: str = "") -> None:
    """Tell a place; anything that is no Room of ours (a box, a store room of the engine) has no ears."""
    if hasattr(place, "tell"):
        place.tell(line, exclude, kind)


class Body(Seen):
    """What people's characters and agents have in common."""

    location: Any

    def move_to(self, destination: Any, *args: Any, **kwargs: Any) -> bool:
        """Go there, unless it cannot be written down now: the engine would leave the body in two places."""
        house, before = running(), self.db_location
        if house is not None and (why := house.trouble()) is not None:
            show(self, paint("bad", why.message))
            return False
        moved = bool(super().move_to(destination, *args, **kwargs))
        if not moved and before is not None and self.db_location is not before and self in before.contents:
            self.db_location = before  # it could not be written: the engine set it, and told nobody
        return moved

    def at_pre_get(self, getter: Any, **kwargs: Any) -> bool:
        """Nobody is picked up: the engine's locks let a superuser pass."""
        show(getter, f"{self.name_for(getter)} cannot be carried.")
        return False

    def announce_move_from(self, destination: Any, *args: Any, **kwargs: Any) -> None:
        """Those who stay see it leave, once."""
        if self.location:
            line = f"{paint('name', self.name_for())} leaves for {_called(destination, None)}."
            _tell(self.location, line, (self,), "move")

    def announce_move_to(self, source_location: Any, *args: Any, **kwargs: Any) -> None:
        """Those who are there see it arrive, once."""
        came = f" from {_called(source_location, None)}" if source_location else ""
        _tell(self.location, f"{paint('name', self.name_for())} arrives{came}.", (self,), "move")

    def at_pre_say(self, message: str, **kwargs: Any) -> str | None:
        """The words in one harmless line; None, which ends it, when nothing is left."""
        return _utterance(message) or None

    def at_say(
        self,
        message: str,
        msg_self: Any = None,
        msg_location: Any = None,
        receivers: Any = None,
        msg_receivers: Any = None,
        **kwargs: Any,
    ) -> None:
        """Speak to the room, or whisper to `receivers`; the engine's custom templates are not used."""
        words, name = _unquoted(_utterance(message)), paint("name", self.name_for())
        heard = [receivers] if receivers and not isinstance(receivers, (list, tuple)) else list(receivers or ())
        if kwargs.get("whisper"):
            to = ", ".join(clean(one.key, keep_lines=False) for one in heard)
            show(self, f'You whisper to {to}, "{words}"', kind="whisper")
            for one in heard:
                show(one, f'{name} whispers: "{words}"', kind="whisper")
            return
        if msg_self:
            show(self, f'You say, "{words}"', kind="say")
        _tell(self.location, f'{name} says, "{words}"', (self,), "say")

    def pose(self, text: str) -> None:
        """Be seen doing `text`, a phrase in the third person."""
        line = f"{paint('name', self.name_for())} {_utterance(text)}"
        _tell(self.location, line, (), "pose")


class Character(Reaching, Body, DefaultCharacter):
    """A person's body."""

    def get_cmdsets(self, caller: Any, current: Any, **kwargs: Any) -> Any:
        """As the engine does, and what stands above exits."""
        from commands.default_cmdsets import above

        current, held = super().get_cmdsets(caller, current, **kwargs)
        return current, [*held, *(above(self, body=True) if self.account else ())]

    def access(self, accessing_obj: Any, access_type: str = "read", default: bool = False, **kwargs: Any) -> bool:
        """As for all things; who has the word for it moves himself by it."""
        return (access_type == "teleport" and accessing_obj is self) or super().access(
            accessing_obj, access_type, default, **kwargs
        )

    def at_say(
        self,
        message: str,
        msg_self: Any = None,
        msg_location: Any = None,
        receivers: Any = None,
        msg_receivers: Any = None,
        **kwargs: Any,
    ) -> None:
        """Speak or whisper; an agent in the room that is spoken to answers in the same way."""
        super().at_say(message, msg_self, msg_location, receivers, msg_receivers, **kwargs)
        words = _unquoted(_utterance(message))
        if kwargs.get("whisper") and words:
            hearing.whispered(self, receivers if isinstance(receivers, (list, tuple)) else [receivers], words)
        elif not receivers and words:
            hearing.heard(self, words)

    def at_pre_move(self, destination: Any, move_type: str = "move", **kwargs: Any) -> bool:
        """Walk on, unless this was walked as far as one may in a day: each step is put on record."""
        return bool(super().at_pre_move(destination, move_type=move_type, **kwargs)) and (
            not self.sessions.count() or spend(self, DEED)
        )

    def at_look(self, target: Any, brief: bool = False, **kwargs: Any) -> str:
        """What this person sees of `target`: a picture for the screen."""
        if not target.access(self, "view"):
            return Picture([paint("bad", f"{clean(target.key, keep_lines=False)} cannot be looked at.")])
        if brief:
            return Picture(target.appearance(self, brief=True))
        shown: str = target.return_appearance(self)
        return shown

    def at_post_move(self, source_location: Any, move_type: str = "move", **kwargs: Any) -> None:
        """See where one has come to: in full the first time, in brief after that."""
        place = self.location
        if place is None or not self.sessions.count():
            return
        brief = self._know(place) and hasattr(place, "headline")
        self.msg(text=(self.at_look(place, brief=brief), {"type": "look"}))
        if source_location is not None:
            put_on_record(
                self,
                "move",
                via="" if move_type == "traverse" else CARRIED,
                **{"from": key_of(source_location), "to": key_of(place)},
            )

    def _know(self, place: Any) -> bool:
        """Whether it has been here before; from now on it has."""
        known = list(self.db.visited or ())
        if place.id in known:
            return True
        self.db.visited = [*known, place.id][-VISITED:]
        return False

    def at_post_puppet(self, **kwargs: Any) -> None:
        """Arrive: the room in full, then what happened while away, by the connection that has just come; the others are
        told.
        """
        if self.location is None or not self.sessions.count():
            return
        self._know(self.location)
        newest = self.sessions.all()[-1]
        self.msg(text=(self.at_look(self.location), {"type": "look"}), session=newest)
        show(newest, ask(self, "arrival"), kind="arrival")
        if self.sessions.count() == 1:
            _tell(self.location, f"{paint('name', self.name_for())} wakes.", (self,), "move")

    def at_post_unpuppet(self, account: Any = None, session: Any = None, **kwargs: Any) -> None:
        """Leave the world when the last connection has gone; the others are told."""
        if self.sessions.count() or not self.location:
            return
        _tell(self.location, f"{paint('name', self.name_for())} falls asleep and is carried off.", (self,), "move")
        self.db.prelogout_location = self.location
        self.location = None

    def appearance(self, looker: Any) -> list[str]:
        """Name, description, whether somebody is at the other end, and what is carried."""
        state, owns = "" if self.sessions.count() else " (asleep)", actor_of(self).kind == "owner"
        written = self.described() if str(self.db.desc or "") != UNWRITTEN else ""
        told = written or ("The owner of the house." if owns else "A guest of the house.")
        things = [one.name_for(looker) for one in self.contents if isinstance(one, Seen)]
        lines = [paint("name", self.name_for(looker)) + state, told, f"Carries {listed(things) or 'nothing'}."]
        if looker is self and not written:
            lines.append(paint("dim", "setdesc <words> changes how others see you."))
        return lines


_unwritten: dict[Agent, Any] = {}
"""Agents that have walked in the present unit of work, and where they stood before it."""


def _stand(agent: Agent, place: Any) -> None:
    """The agent stands there, as far as the engine keeps it in mind."""
    if agent.db_location is not None:
        agent.db_location.contents_cache.remove(agent)
    agent.db_location = place
    if place is not None:
        place.contents_cache.add(agent)


def put_back() -> None:
    """A unit of work was not written: whoever walked in it stands where the tables have it."""
    for agent, before in _unwritten.items():
        _stand(agent, before)
    _unwritten.clear()
    forget_all()


class Agent(Body, DefaultCharacter):
    """An agent's body: no account, no rank; whose it is stands in `Identity`.

    Attribute: `desc`. What it does is its mind's; what it may do is the rules'.
    """

    @property
    def slug(self) -> str:
        """Its agent's slug."""
        return slug_of(self)

    @property
    def location(self) -> Any:
        """Where it stands. Set within a unit of work of the house, it is written with all the rest of it."""
        return self.db_location

    @location.setter
    def location(self, place: Any) -> None:
        house = running()
        unit = house.events.unit if house is not None else None
        if unit is None or not unit.collects or not isinstance(place, Room):
            ObjectDB.location.fset(self, place)
            return
        if not _unwritten:
            unit.then(_unwritten.clear)
        _unwritten.setdefault(self, self.db_location)
        unit.change(self, "db_location")
        _stand(self, place)

    def at_object_creation(self) -> None:
        """Nobody sits in it; only the owner's rank may change it."""
        self.locks.add("puppet:false();get:false();control:perm(Developer);edit:perm(Developer);delete:false()")
        self.permissions.clear()

    def basetype_setup(self) -> None:
        """As for any character, but without commands: agents act through their body's methods.

        The engine's own set-up of characters is passed over, because it puts all commands together
        for each one: four fifths of the time that making a body took.
        """
        super(DefaultCharacter, self).basetype_setup()
        self.locks.add("call:false();teleport:perm(Admin);teleport_here:perm(Admin)")

    def at_say(
        self,
        message: str,
        msg_self: Any = None,
        msg_location: Any = None,
        receivers: Any = None,
        msg_receivers: Any = None,
        **kwargs: Any,
    ) -> None:
        """Speak; what it says within a task is heard by whoever may read what came out of it, and noticed by the
        others.
        """
        house, place, task = running(), self.location, kwargs.get("about")
        here = (
            place.contents_get(content_type="character")
            if house is not None and task is not None and place is not None
            else ()
        )
        deaf = [one for one in here if not house.work.reads(actor_of(one), task)]
        name, words = paint("name", self.name_for()), _utterance(message)
        _tell(place, f'{name} says, "{words}"', (self, *deaf), "say")
        for one in deaf:
            show(one, f"{name} reports on task {task}.", kind="say")

    def at_pre_puppet(self, account: Any, session: Any = None, **kwargs: Any) -> None:
        """Refuse, also to a superuser: an agent never acts as the owner, nor the owner as an agent.

        Raises RuntimeError, which the engine tells to the account.
        """
        raise RuntimeError("it is an agent's own body; give it a task instead: task add")

    def at_post_move(self, source_location: Any, move_type: str = "move", **kwargs: Any) -> None:
        """It senses by itself; it needs no text of the room."""

    def at_post_unpuppet(self, account: Any = None, session: Any = None, **kwargs: Any) -> None:
        """Never puppeted, so there is nothing to put away."""

    def appearance(self, looker: Any) -> list[str]:
        """Who it is, then what it is doing now, as the verb `plan` tells it."""
        where = f" ({key_of(self.location)})" if self.location else ""
        return [
            paint("name", self.name_for(looker)) + where,
            *([self.described()] if self.described() else []),
            *ask(looker, "plan", self.slug),
        ]
