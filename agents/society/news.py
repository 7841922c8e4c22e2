"""What an agent can tell another: a finished step, or what became of a task, as a clause in its own words. Pure.

Owns the clauses, each of which says what one record says and nothing besides. Refuses to read tables: whoever calls has
the record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from agents.kernel.text import clean, shorten

LONGEST_TITLE = 80
Named = Callable[[str], str]


@dataclass(frozen=True)
class News:
    """Something that happened: `clause` tells it behind "I ", `state` tells how things were
    then, behind "at 9:05 ".

    `about` is what it bears on (`shrine`, `room:forge`, `task:5`), `goal` the goal that was reached by it, `source` its
    record. `by` (a slug) told it, and `at` is when, where the agent did not see to it itself.
    """

    about: str
    goal: str
    clause: str
    state: str
    source: str
    first: str
    """Slug of who did it, '' where it is nobody's."""
    happened: datetime
    weight: int
    by: str = ""
    at: datetime | None = None
    record: str = ""
    """The record of its being told."""

    def told(self, by: str, at: datetime, record: str) -> News:
        """The same as somebody has it who was told."""
        return replace(self, by=by, at=at, record=record)


WEIGHTS: Mapping[str, int] = {"task": 6, "board": 4, "shrine": 3, "disk": 3, "journal": 2, "room": 1}
"""How much each sort of news matters."""
_GOALS: Mapping[str, str] = {
    "tend_shrine": "tended(shrine)",
    "check_disk": "checked(disk)",
    "look_at_board": "seen(board)",
    "keep_journal": "kept(journal)",
}
_NEEDS = (
    ("PENDING_APPROVAL", "waits for the owner's word", "wait for the owner's word", "waited for the owner's word"),
    ("FAILED", "has failed", "have failed", "had failed"),
    ("PAUSED", "is paused", "are paused", "stood paused"),
    ("APPROVED", "is approved and not begun", "are approved and not begun", "stood approved and not begun"),
    ("RUNNING", "is under way", "are under way", "stood under way"),
)
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
ENDS: Mapping[str, tuple[str, str]] = {
    "task.completed": ("finished", "was done"),
    "task.failed": ("failed at", "failed"),
    "task.escalated": ("asked for help with", "could not go on without help"),
}
"""What became of a task, by its event: what its agent did, and how it stood then."""


def number(count: int) -> str:
    """`three`, `14`."""
    return _NUMBERS[count] if 0 <= count < len(_NUMBERS) else str(count)


def clock(at: datetime, now: datetime, zone: tzinfo | None) -> str:
    """`9:05`, or `9:05 yesterday`, by the local hour."""
    at, now = at.astimezone(zone), now.astimezone(zone)
    days = (now.date() - at.date()).days
    return f"{at.hour}:{at:%M}" + {0: "", 1: " yesterday"}.get(days, f" on {at:%A}")


def place(name: str) -> str:
    """A room as a place in a sentence: `at the Forge`, `at Father's Observatory`."""
    bare = name.removeprefix("the ").removeprefix("The ")
    return f"at {bare}" if "'s " in bare else f"at the {bare}"


def of_step(slug: str, action: str, result: Mapping[str, Any], step: str, at: datetime, named: Named) -> News | None:
    """What a finished step gives to tell, None for most."""
    name, _, inside = action.partition("(")
    if name == "look_about":
        room = inside.rstrip(")")
        about, goal, (clause, state) = f"room:{room}", f"visited({room})", _visit(named(room), result)
    elif name in _GOALS:
        goal = _GOALS[name]
        about, (clause, state) = goal.partition("(")[2].rstrip(")"), _TOLD[name](result)
    else:
        return None
    return News(about, goal, clause, state, f"step:{step}", slug, at, WEIGHTS[about.partition(":")[0]])


def of_task(topic: str, number: int, title: str, agent: str, seq: int, at: datetime) -> News:
    """What became of a task."""
    words = shorten(" ".join(clean(title, keep_lines=False).split()), LONGEST_TITLE)
    did, then = ENDS[topic]
    task = f'task {number}, "{words}"'
    return News(f"task:{number}", "", f"{did} {task}", f"{task}, {then}", f"event:{seq}", agent, at, WEIGHTS["task"])


Told = tuple[str, str]


def _visit(room: str, result: Mapping[str, Any]) -> Told:
    here = list(result.get("here", ()))
    who = "nobody" if not here else here[0] if len(here) == 1 else f"{here[0]} and {number(len(here) - 1)} more"
    return f"found {who} {place(room)}", f"{who} {'was' if len(here) < 2 else 'were'} {place(room)}"


def _shrine(result: Mapping[str, Any]) -> Told:
    asleep, awake = list(result.get("asleep", ())), number(int(result.get("awake", 0)))
    if not asleep:
        return f"counted the candles, and all {awake} burn", f"all {awake} candles burned"
    dark = asleep[0] if len(asleep) == 1 else f"{asleep[0]} and {number(len(asleep) - 1)} more"
    return f"counted the candles: {awake} burn, dark is that of {dark}", f"the candle of {dark} was dark"


def _board(result: Mapping[str, Any]) -> Told:
    board = result.get("board", {})
    return f"read the board: {tally(board)}", f"{tally(board, past=True)}"


def tally(board: Mapping[str, int], *, past: bool = False) -> str:
    """What on the board needs somebody: `two wait for the owner's word and one has failed`."""
    parts = []
    for status, one, many, then in _NEEDS:
        if count := board.get(status):
            parts.append(f"{number(count)} {then if past else one if count == 1 else many}")
    *head, last = parts or [f"nothing on {'the board needed' if past else 'it needs'} anybody"]
    return f"{', '.join(head)} and {last}" if head else last


def _disk(result: Mapping[str, Any]) -> Told:
    free = f"{float(result.get('disk_free', 0)):.0%} of the disk"
    return f"read the gauges, and {free} is free", f"{free} was free"


def _journal(result: Mapping[str, Any]) -> Told:
    count = int(result.get("deeds", 0))
    deeds = f"{number(count)} deed{'' if count == 1 else 's'}"
    return f"wrote {deeds} into the journal", f"{deeds} went into the journal"


_TOLD: Mapping[str, Callable[[Mapping[str, Any]], Told]] = {
    "tend_shrine": _shrine,
    "look_at_board": _board,
    "check_disk": _disk,
    "keep_journal": _journal,
}
