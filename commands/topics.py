"""Topics of what people do by verbs and by the engine's own commands, and of their coming and going.

Owns their declarations. Refuses to write any: that is the verbs' and `recorded`'s.
"""

from __future__ import annotations

from agents.events.topic import Form, Topic

TOPICS = (
    Topic("agent.<slug>.paused", "its mind was paused", ("reason",), Form("is paused by {by}")),
    Topic("agent.<slug>.resumed", "its mind goes on", ("reason",), Form("goes on, as {by} said")),
    Topic(
        "person.command",
        "a person changed something by one of the engine's commands for building, ruling or running; `length` in place "
        "of words that may hold a secret",
        ("command", "text", "length", "room"),
        Form("changed something by {command} {text}"),
    ),
    Topic(
        "person.tried",
        "a person typed one of them, and nothing had changed when it ended",
        ("command", "text", "length", "room"),
        Form("typed {command} {text}"),
    ),
    Topic(
        "person.came",
        "a person came for the first time",
        form=Form("has come for the first time"),
        kept=True,
    ),
    Topic("person.left", "a person's last connection ended", form=Form("has left")),
    Topic("person.invited", "a guest was given an account", ("name",), Form("made {name} a guest"), weighty=True),
    Topic(
        "person.removed",
        "a guest's account was taken away",
        ("name",),
        Form("removed the guest {name}"),
        weighty=True,
    ),
)
