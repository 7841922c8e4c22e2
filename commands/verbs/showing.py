"""Showing what came out of a task to people who are not the owner, and hiding it again.

Renders what `work.reports` did. Refuses everybody but the owner, and names that no account has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.governance.rules import may, require
from agents.kernel.text import visible
from agents.work.reports import to_whom
from commands import grammar
from commands.layout import hint
from commands.verbs import Caller, Reply, verb
from typeclasses import guests

if TYPE_CHECKING:
    from agents.house.house import House

ALL = ("", "all", "everybody")


def _asked(house: House, caller: Caller, argument: str, word: str) -> tuple[int, list[str]]:
    """The task, and the people by their accounts' names; none stands for all."""
    require(may(caller.actor, "show"))
    number, _, rest = argument.partition(" ")
    task = grammar.number(number.partition("/")[0], "the number of a task")
    first, _, names = rest.strip().partition(" ")
    wanted = names if first.lower() == word else rest
    if wanted.strip().lower() in ALL:
        return task, []
    found = [guests.called(name) for name in wanted.replace(",", " ").split()[: grammar.MOST]]
    return task, list(dict.fromkeys(found))


@verb(
    "show",
    syntax=("show <number>", "show <number> to <name>, <name>"),
    help="Let others read what a task produced: its report, its result and its steps.",
    examples=("show 1", "hide 1"),
    see=("hide", "task", "guest"),
    owner=True,
)
def show(house: House, caller: Caller, argument: str) -> Reply:
    """Let them read it.

    Without names all may read it. What is not shown is yours alone: others see that there is a task, how it is called
    and how it stands.
    """
    number, names = _asked(house, caller, argument, "to")
    task = house.work.show(number, names, caller.actor, caller.via)
    return Reply(
        [
            f"What came out of task {number} may be read by {visible(to_whom(task))} besides you.",
            hint(f"hide {number}, task {number}"),
        ],
        {"task": number, "shown": to_whom(task)},
    )


@verb(
    "hide",
    syntax=("hide <number>", "hide <number> from <name>"),
    help="Stop letting others read what a task produced, or only one of them.",
    examples=("hide 1", "task 1"),
    see=("show", "task", "guest"),
    owner=True,
)
def hide(house: House, caller: Caller, argument: str) -> Reply:
    """What somebody has read he has read; the record tells when it was shown."""
    number, names = _asked(house, caller, argument, "from")
    task = house.work.hide(number, names, caller.actor, caller.via)
    left = visible(to_whom(task))
    return Reply(
        [
            f"What came out of task {number} may be read by {left} besides you."
            if left
            else f"What came out of task {number} is yours alone.",
            hint(f"show {number} to <name>"),
        ],
        {"task": number, "shown": to_whom(task)},
    )
