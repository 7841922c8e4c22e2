"""The first screen of somebody who comes for the first time: who is here, what this is, and one word that shows it.

Owns those five lines, and the rule which visit is the first. Refuses to repeat them: later visits are told what
happened meanwhile (`arrival`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.events.models import Event
from agents.kernel.text import visible
from agents.thinking.ports import Known
from commands.layout import Column, count, heading, table
from commands.verbs import Caller
from world.screen import paint
from world.telling import listed

if TYPE_CHECKING:
    from agents.house.house import House

CAME, LEFT = "person.came", "person.left"
"""Topics of the events that mark when a person came for the first time, and when the last connection of one ended."""
NAMED = 6
"""Names of agents that the first screen has room for."""

Rows = list[tuple[str, str]]

OWNERS: Rows = [
    ("demo", "see it once: Timmy surveys this clone, in about two minutes"),
    ("tour", "see five rooms on a tour; help shows ten words to begin with"),
]
GUESTS: Rows = [
    ("tour", "see five rooms on a tour; help says what you can do here"),
    ("ask timmy = what are you doing?", "every agent answers, from its own records"),
]


def since(caller: Caller) -> int | None:
    """The event from which on somebody was away; None on the first visit."""
    mine = Event.objects.filter(actor=str(caller.actor)).order_by("seq")
    left = mine.filter(topic=LEFT).last()
    came = mine.filter(topic=CAME).first() if left is None and caller.actor.looks else None
    found = left or came
    return found.seq if found else None


def rows(caller: Caller) -> Rows:
    """The words that show what this is."""
    return OWNERS if caller.actor.kind == "owner" else GUESTS


def lines(house: House, caller: Caller) -> list[str]:
    """A heading and four lines."""
    names = [visible(persona.name) for persona in house.roster.values()]
    more = len(names) - NAMED
    who = listed([*names[:NAMED], *[f"{count(more, 'other')}"] * (more > 0)])
    here = [visible(one.name) for one in house.need(Known).presences() if one.room and one.room == caller.room]
    beside = f"{listed(here[:NAMED])} {'is' if len(here) == 1 else 'are'} in this room" if here else ""
    what = (
        "They read, test and build on this machine; nothing of consequence runs without your ok."
        if caller.actor.kind == "owner"
        else "They work on this machine for its owner, whose guest you are: what you propose, he decides."
    )
    return [
        heading(f"WELCOME to Timmy's World, {visible(caller.actor.name)}. It is your first visit."),
        f"Here live {paint('name', who) if names else 'no agents yet'}{f'; {beside}' if beside else ''}.",
        what,
        *table(caller, (Column("", 32, style="key"), Column("", fill=True)), rows(caller)),
    ]
