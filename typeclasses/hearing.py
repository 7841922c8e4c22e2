"""What a person says or whispers in a room, brought to the agents who stand there.

Owns who is in the room to hear it. Refuses to decide who is meant and what is answered: that is the house's
conversation.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from agents.thinking.conversation import Conversation
from typeclasses.callers import caller_for
from world.functions import running
from world.places import slug_of
from world.screen import show


def heard(body: Any, words: str) -> None:
    """`body` has said `words` where it stands; it is told when whom it spoke to does not answer, and why."""
    from commands import verbs

    house, caller = running(), caller_for(body)
    if house is None or not caller.room:
        return

    def said() -> verbs.Reply:
        house.need(Conversation).heard(caller.actor, words, caller.room, others=_others(body), via=caller.via)
        return verbs.Reply()

    show(body, verbs.guarded(house, "say", said).lines)


def whispered(body: Any, receivers: Iterable[Any], words: str) -> None:
    """`body` has whispered `words` to some who stand there; the agents among them whisper back."""
    from commands import verbs

    house, caller = running(), caller_for(body)
    slugs = [slug for one in receivers if (slug := slug_of(one))]
    for slug in slugs if house is not None else ():

        def said(slug: str = slug) -> verbs.Reply:
            house.need(Conversation).ask(caller.actor, slug, words, channel="whisper", via=caller.via, room=caller.room)
            return verbs.Reply()

        show(body, verbs.guarded(house, "whisper", said).lines)


def _others(body: Any) -> int:
    """How many people stand there besides, at the other end of a connection."""
    here = body.location.contents_get(content_type="character")
    return sum(1 for one in here if one is not body and one.sessions.count())
