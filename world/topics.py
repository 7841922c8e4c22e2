"""Topics about ranks.

Owns their declarations. `ranks.py` writes them.
"""

from __future__ import annotations

from agents.events.topic import Form, Topic

TOPICS = (
    Topic(
        "rank.changed",
        "an account or body stands so from now on (`set`; null: it is gone)",
        ("of", "set"),
        Form("changed the rank of {of}"),
        weighty=True,
    ),
)
