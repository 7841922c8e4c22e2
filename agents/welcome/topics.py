"""The topic of a greeting.

Owns its declaration. Refuses to write any: `part.py` does.
"""

from __future__ import annotations

from agents.events.topic import Form, Topic

TOPICS = (
    Topic(
        "agent.<slug>.greeted",
        "it greeted somebody who came for the first time",
        ("person", "text", "room"),
        Form('says "{text}"', told="deed"),
        seen="all",
        kept=True,
    ),
)
