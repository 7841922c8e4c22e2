"""How what a kind of task did is undone, and done again.

Owns the shape: a kind whose approvals say that it can be undone brings one of these. Refuses to decide when it is
asked for: that is `undo.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agents.work.ports import World


@dataclass(frozen=True)
class Done:
    """What a finished task has left, as it stands now, to whoever thinks of undoing it.

    `name`: what it is called. `since`: what others have changed or added since, which would go too, each in words.
    """

    name: str
    since: tuple[str, ...] = ()


@dataclass(frozen=True)
class Undone:
    """What undoing it came to: in one line, with more that is worth telling; agents it moved, from one room to
    another.
    """

    line: str
    more: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    origin: str = ""
    target: str = ""


@dataclass(frozen=True)
class Reversal:
    """Each is given the task's parameters, its number and the world.

    `look`: what the task has left, None when there is nothing of it; raises Conflict with what stands against undoing
    it. `undo` does that, and `redo` brings it back and says so in one line; it raises NotFound when nothing was kept,
    Conflict when something else is in its place. Both call the function they are given with what they will return,
    within the transaction: an error there leaves everything as it was.
    """

    look: Callable[[Any, int, World], Done | None]
    undo: Callable[[Any, int, World, Callable[[Undone], None]], Undone]
    redo: Callable[[Any, int, World, Callable[[str], None]], str]
