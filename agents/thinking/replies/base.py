"""What all replies share: their type, manners, and the state of whatever is merely named.

Refuses to choose an answer: the table does.
"""

from __future__ import annotations

from collections.abc import Callable

from agents.house.values import Sentence
from agents.thinking.account import Account
from agents.thinking.grammar.hearing import Asked

Sentences = list[Sentence]
Reply = Callable[[Account, Asked], Sentences]


def manners(occasion: str) -> Reply:
    """A reply that is only a matter of manners."""
    return lambda a, q: [a.manner(occasion)]


def room(a: Account, q: Asked) -> Sentences:
    """What a room is for, and who is in it."""
    return [*a.room_for(q.room), a.in_room(q.room), *(a.ways(q.room)[:1] if not a.room_for(q.room) else ())]


def of_names(a: Account, q: Asked) -> Sentences:
    """The state of whatever is named, whatever was asked about it."""
    found: Sentences = [a.task(number) for number in q.tasks[:3]]
    found += [a.agent(slug) for slug in q.agents[:2]]
    found += a.thing(q.thing) if q.thing else []
    found += a.person(q.person) if q.person else []
    return found or (room(a, q) if q.room else [])
