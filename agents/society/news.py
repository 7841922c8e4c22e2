"""The news an agent can tell: a step it finished, or how a task ended, as a clause in its own words. Pure.

Owns the clauses, each of which says what one record says and no more, and how important each is. Refuses to read
tables: the caller has the record.
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
    """Something that happened. `clause` tells it after "I ", `state` says how things were then, after "at 9:05 ".

    `about` is the matter (`shrine`, `room:forge`, `task:5`), `goal` the goal that was reached, `source` the record.
    `by` and `at` say who told it and when, if the agent did not see to it itself.
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
    asked: tuple[str, datetime] | None = None
    """Whose word made the agent see to it, and when that was said."""

    def told(self, by: str, at: datetime, record: str) -> News:
        """The same as somebody has it who was told."""
        return replace(self, by=by, at=at, record=record)


DULL = 1
"""What weighs no more is told only where there is nothing else to say all day."""
_LOW = 0.1
"""Share of the disk that is little."""
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
ENDS: Mapping[str, tuple[str, str, int]] = {
    "task.completed": ("finished", "was done", 7),
    "task.failed": ("failed at", "failed", 10),
    "task.escalated": ("asked for help with", "could not go on without help", 9),
}
"""What became of a task, by its event: what its agent did, how it stood then, and how much that matters."""


def number(count: int) -> str:
    """`three`, `14`."""
    return _NUMBERS[count] if 0 <= count < len(_NUMBERS) else str(count)


def clock(at: datetime, now: datetime, zone: tzinfo | None) -> str:
    """`9:05`, or `9:05 yesterday`, by the local hour."""
    at, now = at.astimezone(zone), now.astimezone(zone)
    days = (now.date() - at.date()).days
    return f"{at.hour}:{at:%M}" + {0: "", 1: " yesterday"}.get(days, f" on {at:%A}")


def bare(name: str) -> str:
    """A room within a sentence: `the Forge`, `Father's Observatory`."""
    stem = name.removeprefix("the ").removeprefix("The ")
    return stem if "'s " in stem else f"the {stem}"


def place(name: str) -> str:
    """A room as a place in a sentence: `at the Forge`."""
    return f"at {bare(name)}"


def of_step(slug: str, action: str, result: Mapping[str, Any], step: str, at: datetime, named: Named) -> News | None:
    """What a finished step gives to tell, None for most."""
    name, _, inside = action.partition("(")
    if name == "look_about":
        room = inside.rstrip(")")
        about, goal, (clause, state, weight) = f"room:{room}", f"visited({room})", _visit(named(room), result)
    elif name in _GOALS:
        goal = _GOALS[name]
        about, (clause, state, weight) = goal.partition("(")[2].rstrip(")"), _TOLD[name](result)
    else:
        return None
    return News(about, goal, clause, state, f"step:{step}", slug, at, weight)


def of_task(topic: str, number: int, title: str, agent: str, seq: int, at: datetime, *, well: bool = True) -> News:
    """What became of a task. `well`: whether what came of it is as one would wish, a test passed."""
    did, then, weight = ENDS[topic]
    task = titled(number, title)
    weight += not well
    return News(f"task:{number}", "", f"{did} {task}", f"{task}, {then}", f"event:{seq}", agent, at, weight)


def titled(number: int, title: str) -> str:
    """`task 5, "Survey ~/x"`, fit to be said aloud."""
    return f'task {number}, "{shorten(" ".join(clean(title, keep_lines=False).split()), LONGEST_TITLE)}"'


Told = tuple[str, str, int]
"""Clause, state and weight."""


def _visit(room: str, result: Mapping[str, Any]) -> Told:
    here = list(result.get("here", ()))
    if not here:
        return f"had {bare(room)} to myself", f"nobody was {place(room)}", 0
    who = here[0] if len(here) == 1 else f"{here[0]} and {number(len(here) - 1)} more"
    return f"came upon {who} {place(room)}", f"{who} {'was' if len(here) < 2 else 'were'} {place(room)}", DULL


def _shrine(result: Mapping[str, Any]) -> Told:
    asleep, awake = list(result.get("asleep", ())), number(int(result.get("awake", 0)))
    if not asleep:
        return f"counted the candles, and all {awake} burn", f"all {awake} candles burned", 3
    dark = asleep[0] if len(asleep) == 1 else f"{asleep[0]} and {number(len(asleep) - 1)} more"
    return f"counted the candles: {awake} burn, dark is that of {dark}", f"the candle of {dark} was dark", 6


def _board(result: Mapping[str, Any]) -> Told:
    board = result.get("board", {})
    needy = any(board.get(status) for status in ("PENDING_APPROVAL", "FAILED", "PAUSED"))
    return f"read the board: {tally(board)}", f"{tally(board, past=True)}", 5 if needy else 2


def tally(board: Mapping[str, int], *, past: bool = False) -> str:
    """What on the board needs somebody: `two wait for the owner's word and one has failed`."""
    parts = []
    for status, one, many, then in _NEEDS:
        if count := board.get(status):
            parts.append(f"{number(count)} {then if past else one if count == 1 else many}")
    *head, last = parts or [f"nothing on {'the board needed' if past else 'it needs'} anybody"]
    return f"{', '.join(head)} and {last}" if head else last


def _disk(result: Mapping[str, Any]) -> Told:
    share = float(result.get("disk_free", 0))
    free = f"{share:.0%} of the disk"
    return f"read the gauges, and {free} is free", f"{free} was free", 8 if share < _LOW else 3


def _journal(result: Mapping[str, Any]) -> Told:
    count = int(result.get("deeds", 0))
    deeds = f"{number(count)} deed{'' if count == 1 else 's'}"
    return f"wrote {deeds} into the journal", f"{deeds} went into the journal", 2


_TOLD: Mapping[str, Callable[[Mapping[str, Any]], Told]] = {
    "tend_shrine": _shrine,
    "look_at_board": _board,
    "check_disk": _disk,
    "keep_journal": _journal,
}


def spares(news: News) -> bool:
    """Whether it is enough that one of the house sees to it."""
    return news.about in ("shrine", "disk")
