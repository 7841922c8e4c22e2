"""The Fraternity Hall: what waits for the owner, and what is being worked on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.governance.rules import Actor
from world.functions import RoomFunction
from world.telling import age, count

if TYPE_CHECKING:
    from agents.mind.house import House

OVER = frozenset({"COMPLETED", "FAILED", "VETOED"})


def _headline(house: House, viewer: Actor) -> str:
    rule = "" if house.governance.golden() else "GOLDEN_TIMMY IS OFF, work runs without approval. "
    pending = house.governance.pending()
    if pending:
        oldest = age(min(item.created_at for item in pending), house.runtime.clock.now())
        waiting = f"{count(len(pending), 'proposal')} {'waits' if len(pending) == 1 else 'wait'}, oldest {oldest}"
    else:
        waiting = "Nothing waits for the owner"
    board = house.records.board()
    running = board.get("RUNNING", 0)
    still = sum(number for status, number in board.items() if status not in OVER) - running
    if not running + still:
        return f"{rule}{waiting}; no task is open."
    return f"{rule}{waiting}; {count(running, 'task')} running, {still or 'none'} open besides."


FUNCTION = RoomFunction(
    "hall",
    _headline,
    help="The hub of the house. `look board` shows the tasks, `look lectern` what awaits approval; "
    "agents report here what they have done.",
)
