"""The declaration of a topic: what its events mean, how they are shown, who may see them, what they carry.

Owns the shape of a declaration and the two forms of a name. Knows no topic: each is declared in the `topics.py` of
the package that writes it (`agents.events.declared` finds them).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Data = Mapping[str, Any]
Told = Literal["everybody", "news", "deed", "gesture", "step", "thought", "quiet"]
"""To whom an event is shown:

- `everybody`: to everybody connected, whatever they follow.
- `news`: in the feed, and to people who watch.
- `deed`: like news, and in the room.
- `gesture`: a deed that its step's line reports as well; people who watch steps do not see it twice.
- `step`: to people who watch.
- `thought`: to people who watch or are in the room.
- `quiet`: to nobody. Other events report it, or it concerns only the record.
"""
Seen = Literal["owner", "actor", "all", "readers"]
"""Who may see an event besides the owner: nobody, whoever did it, everybody, or everybody except that events of a task
are for those who may read its results.
"""
SLUG = "<slug>"
OF_AGENT = f"agent.{SLUG}."
"""Prefix of agents' topics; in an event the agent's slug takes its place."""
KEPT = ("task.", "approval.", "policy.", "ledger.", "rank.", "log.")
"""Topics with these prefixes are never pruned, whatever their declaration says."""
_NAME = re.compile(r"[a-z]+(\.[a-z]+)+")


@dataclass(frozen=True)
class Form:
    """How an event is described in words.

    `words` follow the name of whoever did it, with fields of its data in braces; in addition `{n}` is its task,
    `{by}` its actor, and `{verdict}` the decision. `more` is added if all its fields are present. `together`
    describes several agents in one line. Without words the topic is shown.
    """

    words: str = ""
    more: str = ""
    together: str = ""
    told: Told = "news"


@dataclass(frozen=True)
class Topic:
    """One topic. `name` is dotted; agents' topics begin with `agent.<slug>.`.

    `meaning` is half a line for docs/events.md, `data` names what the event carries. `form` may depend on the data.
    `kept`: never pruned, in addition to the prefixes in `KEPT`. `weighty`: the log is anchored soon after it.
    `twice`: another record says the same, so an agent's session leaves it out.
    """

    name: str
    meaning: str
    data: tuple[str, ...] = ()
    form: Form | Callable[[Data], Form] = Form()
    seen: Seen = "owner"
    kept: bool = False
    weighty: bool = False
    twice: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError for a name that no event can have."""
        if not _NAME.fullmatch(self.name.replace(OF_AGENT, "agent.", 1)):
            raise ValueError(
                f"{self.name!r} is no topic: small letters joined by dots, agent.<slug>. before those of agents"
            )
        if self.name.startswith("agent.") and not self.name.startswith(OF_AGENT):
            raise ValueError(f"{self.name!r}: what agents do is declared as agent.<slug>.…")

    @property
    def kind(self) -> str:
        """The name without area and agent: `move`, `step.failed`, `approved`."""
        return kind_of(self.name)

    @property
    def forever(self) -> bool:
        """Whether such events are never pruned."""
        return self.kept or self.name.startswith(KEPT)

    @property
    def pattern(self) -> str:
        """The pattern for the bus."""
        return self.name.replace(SLUG, "*")

    def form_of(self, data: Data) -> Form:
        """How an event with this data is described."""
        return self.form if isinstance(self.form, Form) else self.form(data)


def kind_of(topic: str) -> str:
    """`move` of `agent.ezra.move`, `approved` of `task.approved`."""
    area, _, rest = topic.partition(".")
    return rest.partition(".")[2] if area == "agent" else rest


def general(topic: str) -> str:
    """The name under which an event's topic is declared."""
    return f"{OF_AGENT}{kind_of(topic)}" if topic.startswith("agent.") else topic
