"""Vetoes: what was refused, and why.

Renders what the work service reads from the record. Refuses to give or lift one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.kernel.text import visible
from agents.work.vetoes import Veto
from commands import grammar
from commands.layout import actor_word, age, heading, hint, plain_data
from commands.verbs import Caller, Reply, verb
from world.screen import HANG, paint

if TYPE_CHECKING:
    from agents.house.house import House

PAGE, MOST_PAGES = 10, 100


@verb(
    "vetoes",
    syntax=("vetoes", "vetoes <page>"),
    help="List what was vetoed and why, newest first.",
    examples=("vetoes", "vetoes 2"),
    see=("veto", "reopen", "lectern"),
    reads=True,
)
def vetoes(house: House, caller: Caller, argument: str) -> Reply:
    """Show a page.

    They stand in the Lineage Archives, where agents and models read them. An agent that would propose the like
    (the same kind of task on the same target) is refused and told the reason; a person is told of it. `reopen` lifts a
    veto.
    """
    number = grammar.bounded_count(argument, 1, MOST_PAGES, "pages")
    found = house.work.vetoes(PAGE + 1, (number - 1) * PAGE)
    at = f", page {number}" if number > 1 else ""
    lines = [heading(f"VETOES{at}.")]
    lines += [line(house, one) for one in found[:PAGE]] or [
        "Nothing was vetoed." if number == 1 else "There is no such page."
    ]
    lines.append(hint(f"vetoes {number + 1}" if len(found) > PAGE else "task <number>, reopen <number>"))
    return Reply(lines, [plain_data(vars(one)) for one in found[:PAGE]])


def line(house: House, veto: Veto) -> str:
    """One veto in one line."""
    ago = age(house.runtime.clock.now(), veto.at)
    reason = visible(veto.reason) if veto.reason else "no reason was given"
    lifted = "" if veto.stands else " Reopened since."
    return (
        f"{paint('key', str(veto.task))}. {HANG}{visible(veto.title)}, by {actor_word(veto.by)} {ago} ago: {reason}."
        f"{lifted}"
    ).replace("..", ".")
