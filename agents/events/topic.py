"""What a topic of events states: what it means, how it is told, who may know of it, what it carries.

Owns the shape of a declaration and the two forms of a name. Refuses to know any topic: each is declared in the
`topics.py` of the package that writes it (`agents.events.declared` finds them).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Data = Mapping[str, Any]
Told = Literal["everybody", "news", "deed", "gesture", "step", "thought", "quiet"]
"""How far an event is told:

- `everybody`: to all who are connected, whatever they follow.
- `news`: by the feed, and to whoever watches.
- `deed`: as news, and seen in the room.
- `gesture`: a deed that the line of its step tells as well; whoever watches for steps is not told it twice.
- `step`: to whoever watches.
- `thought`: to whoever watches or stands by.
- `quiet`: to nobody. Other events tell it, or it is the record's own.
"""
Seen = Literal["owner", "actor", "all", "readers"]
"""Who may know of an event besides the owner: nobody, who did it, everybody, or everybody but that what belongs to a
task is for those who may read what came out of it.
"""
SLUG = "<slug>"
OF_AGENT = f"agent.{SLUG}."
"""How the name of a topic of agents begins; in an event the agent's own slug stands there."""
KEPT = ("task.", "approval.", "policy.", "ledger.", "rank.", "log.")
"""Topics that begin so are never pruned, whatever is declared of them."""
_NAME = re.compile(r"[a-z]+(\.[a-z]+)+")


@dataclass(frozen=True)
class Form:
    """How an event is told in words.

    `words` come after the name of who did it, with fields of its data in braces; besides them `{n}` is its task, `{by}`
    its actor, `{verdict}` what was decided. `more` is added where all that it names is there. `together` tells of
    several agents in one line. Without words it is told by its topic.
    """

    words: str = ""
    more: str = ""
    together: str = ""
    told: Told = "news"


@dataclass(frozen=True)
class Topic:
    """One topic. `name` is dotted; that of agents begins with `agent.<slug>.`.

    `meaning` is half a line for docs/events.md, `data` names what the event carries. `form` may depend on the data.
    `kept`: never pruned, besides what begins as `KEPT` says. `weighty`: the
    log is anchored soon after it. `twice`: another record tells the same, so that the story of an agent leaves it out.
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
        """The name behind its area and agent: `move`, `step.failed`, `approved`."""
        return kind_of(self.name)

    @property
    def forever(self) -> bool:
        """Whether such events are never pruned."""
        return self.kept or self.name.startswith(KEPT)

    @property
    def pattern(self) -> str:
        """What the bus calls it."""
        return self.name.replace(SLUG, "*")

    def form_of(self, data: Data) -> Form:
        """How an event with this data is told."""
        return self.form if isinstance(self.form, Form) else self.form(data)


def kind_of(topic: str) -> str:
    """`move` of `agent.ezra.move`, `approved` of `task.approved`."""
    area, _, rest = topic.partition(".")
    return rest.partition(".")[2] if area == "agent" else rest


def general(topic: str) -> str:
    """The name under which an event's topic is declared."""
    return f"{OF_AGENT}{kind_of(topic)}" if topic.startswith("agent.") else topic
