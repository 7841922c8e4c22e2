"""Who may do what, and how risky it is: pure functions over plain values.

Owns `may()`, the one place where permission is decided; lock functions, commands and
bodies all call it. Refuses to know tables, sessions or words of a model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Actor:
    """Somebody who acts: the owner, another person, an agent, or the system itself.

    `name` is an account name or an agent's slug. `toolsets` are an agent's own.
    """

    kind: Literal["owner", "person", "agent", "system"]
    name: str
    toolsets: frozenset[str] = frozenset()

    def __str__(self) -> str:
        """`kind:name`, as it stands in events."""
        return f"{self.kind}:{self.name}"


SYSTEM = Actor("system", "world")
