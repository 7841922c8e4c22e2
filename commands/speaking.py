"""Words that were typed without `say`: said in the room, or asked of an agent from afar where nobody is to hear them.

Owns who is meant where nobody is named: whom one spoke to last, else the first of the line. The words go by the
commands `say` and `ask`. Refuses to answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evennia.commands.command import Command

from commands.answering import typed
from commands.intents import Speech
from commands.intents.orders import addressed
from commands.intents.scene import Scene
from world.places import key_of

if TYPE_CHECKING:
    from agents.house.house import House

RECENT = 3
"""Lines after which talk is over."""


def talks(command: Command) -> str:
    """The slug of the agent that this connection has spoken to within the last lines, ''."""
    slug, at = command.session.ndb.talk or ("", -RECENT - 1)
    return str(slug) if command.session.cmd_total - at <= RECENT else ""


def spoken(house: House, command: Command, meant: Speech) -> None:
    """Say it where it is typed; from afar where nobody who could answer stands there."""
    session, place = command.session, getattr(command.caller, "location", None)
    here = list(house.world.agents(key_of(place))) if place is not None else []
    others = [name for name, room in house.world.people() if place is not None and room == key_of(place)]
    alone = len(others) <= 1
    last = (session.ndb.talk or ("", 0))[0]
    host = next((slug for slug in (last, house.roster.first, *house.roster) if slug in (here or house.roster)), "")
    slug = meant.to or host
    words = " ".join(meant.words.split())
    if slug:
        session.ndb.talk = (slug, session.cmd_total)
    if place is None or (slug and slug not in here and (meant.to or (alone and not here))):
        scene = Scene(agents={one: persona.name for one, persona in house.roster.items()})
        said = (addressed(words, scene)[1] if meant.to else words) or words
        typed(command, f"ask {slug} = {said}")
    elif alone and len(here) > 1 and not meant.to:
        typed(command, f"say {house.roster[slug].name}, {words}")
    else:
        typed(command, f"say {words}")
