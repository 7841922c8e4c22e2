"""Topics of what agents tell each other.

Owns the declarations. Refuses to write events: the part does.
"""

from __future__ import annotations

from agents.events.topic import Form, Topic

TOPICS = (
    Topic(
        "agent.<slug>.learned",
        "it was told something by another agent, and goes by it",
        ("by", "about", "clause", "state", "source", "goal", "first", "happened", "weight", "effect"),
        Form("was told by {by}: {state}", told="quiet"),
        seen="all",
    ),
)
