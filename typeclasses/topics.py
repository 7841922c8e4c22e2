"""Topics of people's walks, and of what passes through their hands.

Owns their declarations. Refuses to write any: that is `callers.put_on_record`.
"""

from __future__ import annotations

from agents.events.topic import Form, Topic


def _by_hand(deed: str, meaning: str, words: str, *data: str) -> Topic:
    """A person's walk, or what passes through a person's hands: nobody's but the owner's and that person's."""
    return Topic(f"person.{deed}", meaning, data, Form(words, told="quiet"), seen="actor")


TOPICS = (
    _by_hand("move", "a person walked", "goes to {to}", "from", "to"),
    _by_hand("take", "a person picked a thing up", "takes the {name}", "item", "name", "room"),
    _by_hand("drop", "a person put a thing down", "puts down the {name}", "item", "name", "room"),
    _by_hand("give", "a person gave a thing to somebody", "gives the {name} to {whom}", "item", "name", "room", "whom"),
)
