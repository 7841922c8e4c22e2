"""Who may know of an event: the one rule for the feed, for watching, and for what rooms remember.

The owner may know of all. What an agent does in the open is everybody's, a person's walks and takings are that
person's own; the rest is the owner's. Refuses to look at words: it goes by topic and actor alone.
"""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db.models import Q

from agents.events.models import Event
from agents.governance.rules import Actor

OPEN = ("move", "say", "emote", "take", "drop", "build", "came", "gone")
"""What an agent does before everybody's eyes, and its coming into the world and leaving it."""
MOVED = "person.move"
OWN = (MOVED, "person.take", "person.drop", "person.give")
"""Topics of a person's walks and of what passes through a person's hands: known to the owner and to that person."""


def sees(viewer: Actor, event: Event) -> bool:
    """Whether the viewer may know of it."""
    area, *_, last = event.topic.split(".")
    in_the_open = area == "agent" and last in OPEN
    return viewer.kind == "owner" or in_the_open or (event.topic in OWN and event.actor == str(viewer))


def seen_by(viewer: Actor) -> Q:
    """The same rule as a condition for the tables."""
    if viewer.kind == "owner":
        return Q()
    in_the_open = reduce(or_, (Q(topic__endswith=f".{deed}") for deed in OPEN))
    return Q(topic__startswith="agent.") & in_the_open | Q(topic__in=OWN, actor=str(viewer))
