"""Topics of who lives here, and of what happens to the house as a whole.

Owns their declarations. The roster and the house write them.
"""

from __future__ import annotations

from agents.events.topic import Form, Topic

TOPICS = (
    Topic(
        "roster.added",
        "an agent lives here from now on",
        ("name", "parent"),
        Form("added {name} to the house"),
        kept=True,
    ),
    Topic(
        "roster.removed",
        "an agent no longer lives here",
        ("name", "reason"),
        Form("removed {name} from the house: {reason}"),
        kept=True,
    ),
    Topic("file.broken", "a builder's file was left out", ("what", "reason")),
    Topic(
        "log.jumped",
        "the machine's clock was set or it slept; what runs was moved along",
        ("seconds", "approvals"),
    ),
)
