"""Topics about agents whose bodies enter or leave the world.

Owns their declarations. The composition writes them.
"""

from __future__ import annotations

from agents.events.topic import Form, Topic

TOPICS = (
    Topic(
        "agent.<slug>.came",
        "its body appeared in the world, for the first time or again",
        ("room",),
        Form("has come into the world, in {room}", together="have come into the world", told="everybody"),
        seen="all",
    ),
    Topic(
        "agent.<slug>.gone",
        "its file is gone, so its body was removed",
        ("room",),
        Form("has left the world", together="have left the world", told="everybody"),
        seen="all",
    ),
)
