"""The Fraternity Hall: what waits for the owner, what is being worked on, and how hard the machine works.

The fire shows the machine's load, the candle on the lectern the time that the oldest proposal has left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.governance.rules import Actor
from agents.thinking.ports import Known
from agents.work.ports import Machine
from world.functions import Lines, RoomFunction
from world.telling import age, count

if TYPE_CHECKING:
    from agents.house.house import House

OVER = frozenset({"COMPLETED", "FAILED", "VETOED"})
FIRE = (
    (0.1, "is down to embers"),
    (0.5, "burns low"),
    (1.0, "burns well"),
    (2.0, "burns high"),
    (float("inf"), "roars"),
)
"""The fire as long as the load of each core is below that."""


def _headline(house: House, viewer: Actor) -> str:
    return f"{_business(house)} {_fire_now(house.need(Known).machine())}."


def _business(house: House) -> str:
    rule = "" if house.governance.golden() else "GOLDEN_TIMMY IS OFF, work runs without approval. "
    pending = house.governance.waiting()
    if many := pending.count():
        oldest = age(pending.earliest("created_at").created_at, house.runtime.clock.now())
        waiting = f"{count(many, 'proposal')} {'waits' if many == 1 else 'wait'}, oldest {oldest}"
    else:
        waiting = "Nothing waits for the owner"
    board = house.need(Known).board()
    running = board.get("RUNNING", 0)
    still = sum(number for status, number in board.items() if status not in OVER) - running
    if not running + still:
        return f"{rule}{waiting}; no task is open."
    if not running:
        return f"{rule}{waiting}; {count(still, 'task')} open, none running."
    return f"{rule}{waiting}; {count(running, 'task')} running, {count(still, 'other')} open."


def _fire_now(machine: Machine) -> str:
    if machine.load is None:
        return "The hearth is cold: this machine does not tell its load"
    burns = next(how for limit, how in FIRE if machine.load / machine.cores < limit)
    return f"The fire {burns}: load {machine.load:.2f} on {count(machine.cores, 'core')}"


def _fire(house: House, viewer: Actor) -> Lines:
    now = house.need(Known).machine()
    shares = (("memory", now.memory_used, "used"), ("swap", now.swap_used, "used"), ("disk", now.disk_free, "free"))
    told = ", ".join(f"{what} {share:.0%} {how}" for what, share, how in shares if share is not None)
    mean = " (how many programs ran or waited for a core, over the last minute)" if now.load is not None else ""
    return [f"{_fire_now(now)}{mean}.", f"The machine: {told}."]


def _candle(house: House, viewer: Actor) -> Lines:
    oldest = house.governance.waiting().order_by("created_at", "id").first()
    if oldest is None:
        return ["The candle is whole and not lit: nothing waits for the owner."]
    now = house.runtime.clock.now()
    waited, whole = now - oldest.created_at, oldest.expires_at - oldest.created_at
    burnt = min(max(waited / whole, 0.0), 1.0) if whole else 1.0
    stands = "is still whole" if burnt < 0.01 else f"has burned down by {burnt:.0%}"
    minutes = max(int(waited.total_seconds() // 60), 0)
    return [
        f"The candle {stands}: the oldest proposal has waited {count(minutes, 'minute')}.",
        f"When it is out, in {age(now, oldest.expires_at)}, that proposal goes to the backlog undecided.",
    ]


FUNCTION = RoomFunction(
    "hall",
    _headline,
    help="The hub of the house. `look board` shows the tasks, `look lectern` what awaits approval; "
    "agents report here what they have done. The fire burns as the machine works, the candle on the lectern "
    "shortens as the oldest proposal waits: look at them for the figures.",
    details={"fire": _fire, "hearth": _fire, "candle": _candle},
)
