"""Asking a verb on behalf of somebody who looks or arrives, as his own command would, and putting on record what
people do by the engine's own commands.

Owns the caller behind a body: actor, path, room, screen. Refuses to know what verbs do.
"""

from __future__ import annotations

from typing import Any

from typeclasses.actors import actor_of
from world import screen
from world.functions import running
from world.places import key_of, slug_of


def ask(body: Any, verb: str, argument: str = "") -> list[str]:
    """The lines that `verb argument` answers to whoever is in `body`."""
    from commands import verbs

    house = running()
    if house is None:
        return ["The house does not run in this process, so nothing live can be shown."]
    return verbs.run(house, caller_for(body), verb, argument).lines


def put_on_record(body: Any, deed: str, **data: Any) -> None:
    """Append `person.<deed>` for the person in `body`; an agent's deeds are put on record by its mind. Who may know of
    it is `commands.sight`'s to say.
    """
    house = running()
    if house is not None and not slug_of(body):
        caller = caller_for(body)
        house.events.append(f"person.{deed}", caller.actor, via=caller.via, data=data)


def caller_for(body: Any) -> Any:
    """A verbs.Caller for the body's newest connection (or for none: plain defaults)."""
    from commands.verbs import Caller

    sessions = body.sessions.all() if hasattr(body, "sessions") else []
    session = sessions[-1] if sessions else None
    web = session is not None and screen.profile_of(session).protocol == "web"
    return Caller(
        actor=actor_of(body),
        via="web" if web else "telnet",
        room=key_of(getattr(body, "location", None)),
        plain=screen.is_plain(session) if session else False,
        width=screen.width_of(session) - 1 if session else screen.DEFAULT_WIDTH,
    )
