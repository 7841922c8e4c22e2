"""Asking a verb on behalf of somebody who looks or arrives, and putting on record what people do by the engine's own
commands.

Owns the caller behind a body: actor, path, room, screen; and the asking whether a guest may send or leave more today.
Refuses to know what verbs do, and to ask in anybody's name for more than a look: what is asked here was chosen by a
thing or a place, and nobody typed it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agents.events.log import LOOK
from typeclasses.actors import actor_of, looker
from world import screen
from world.functions import running
from world.places import key_of, slug_of


def ask(body: Any, verb: str, argument: str = "") -> list[str]:
    """The lines that `verb argument`, a verb that only reads, answers to whoever is in `body`."""
    from commands import verbs

    house = running()
    if house is None:
        return ["The world does not run in this process, so nothing live can be shown."]
    return verbs.run(house, replace(caller_for(body), actor=looker(body), via=LOOK), verb, argument).lines


def put_on_record(body: Any, deed: str, via: str = "", **data: Any) -> None:
    """Append `person.<deed>` for the person in `body`, by the path of its newest connection unless `via` says another;
    an agent's deeds are put on record by its mind. Who may know of it is `commands.sight`'s to say.
    """
    house = running()
    if house is not None and not slug_of(body):
        caller = caller_for(body)
        house.events.append(f"person.{deed}", caller.actor, via=via or caller.via, data=data)


def spend(body: Any, kind: str, words: str = "") -> bool:
    """Take an act of this kind, with these words, from the day's allowance of the person in `body`; False, and told,
    when there is no room for it.
    """
    from commands import verbs

    house = running()
    if house is None:
        return True

    def taken() -> verbs.Reply:
        house.governance.allowance.take(actor_of(body), kind, words)
        return verbs.Reply()

    reply = verbs.guarded(house, kind, taken)
    screen.show(body, reply.lines)
    return not reply.exit


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
