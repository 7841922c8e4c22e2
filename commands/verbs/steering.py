"""Steering tasks and minds: giving, ordering, pausing, trying again, putting aside.

Renders what `work` says of each task of a selection. Refuses to know the states' order:
legal moves are the service's; a mind is paused and resumed through its script.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from agents.governance.rules import may, require
from agents.kernel.errors import BadInput, NotFound, TimmyError
from agents.kernel.text import shorten, visible
from agents.work.models import Task
from commands import grammar, lookup
from commands.layout import cut, hint, ranges
from commands.verbs import Caller, Reply, verb
from commands.verbs.tasks import board, status_word
from typeclasses import scripts
from world.screen import paint

if TYPE_CHECKING:
    from agents.house.house import House

_NAMES_AGENT = re.compile(r"[a-z](?!#?\d)", re.IGNORECASE)
"""How what names an agent begins; numbers of tasks and approvals begin otherwise."""


def _each(house: House, argument: str, act: Callable[[int], Task], said: str | Callable[[Task], str]) -> Reply:
    """Do `act` to each task of a selection; each has its own line, those that are not there one together, and a failure
    stops no other. `said` is what then holds of the task.
    """
    chosen = grammar.selection(argument)
    if chosen.names or any(ref.startswith("a") for ref in chosen.refs):
        raise BadInput("Give the numbers of tasks, such as 3 or 5-8.", next="board")
    lines, data, code = [], [], 0
    absent: dict[str, str] = {}
    for ref in chosen.refs:
        try:
            changed = act(int(ref))
            told = said if isinstance(said, str) else said(changed)
            lines.append(
                f"{paint('good', ref)}  {told} Now {status_word(changed.status)}: {visible(cut(changed.title, 60))}"
            )
            data.append({"number": int(ref), "status": changed.status, "error": None})
        except TimmyError as error:
            code = error.exit_code
            told = f"{paint('bad', ref)}  {visible(str(error))}"
            if isinstance(error, NotFound):
                absent[ref] = told
            else:
                lines.append(told)
            data.append({"number": int(ref), "status": None, "error": str(error)})
    if len(absent) > 1:
        lines.append(f"{paint('bad', ranges(absent))}  There are no tasks with these {len(absent)} numbers.")
    else:
        lines += absent.values()
    return Reply(lines, data, code)


@verb(
    "assign",
    syntax="assign <numbers> = <agent>",
    help="Give tasks to an agent; those that are not approved yet begin once they are.",
    examples=("assign 5 = timmy", "assign 5 6 = ezra"),
    see=("agents", "board", "prioritise"),
    owner=True,
)
def assign(house: House, caller: Caller, argument: str) -> Reply:
    """What the agent lacks for it is said by `board`. Unassigned tasks are claimed by a fitting agent
    once the seal is over.
    """
    items, name = grammar.split_reason(argument)
    if not name:
        raise BadInput("Say which agent, after an equals sign.", next="assign 1 = timmy")
    slug = lookup.agent(house, name)

    def told(given: Task) -> str:
        begins = {
            "PENDING_APPROVAL": ", and begins once it is approved",
            "BACKLOGGED": ", once it is reopened and approved",
            "FAILED": ", once it is tried again",
        }
        return f"is {slug}'s{begins.get(given.status, '')}."

    return _each(house, items, lambda n: house.work.assign(n, slug, caller.actor, caller.via), told)


@verb(
    "prioritise",
    aliases=("prioritize", "priority"),
    syntax="prioritise <numbers> = urgent|high|normal|low",
    help="Change the order in which tasks are taken up.",
    examples=("prioritise 5 = high", "prioritise 5 6 = low"),
    see=("board", "assign"),
    owner=True,
)
def prioritise(house: House, caller: Caller, argument: str) -> Reply:
    """Older tasks rise slowly of themselves, so that none starves."""
    items, word = grammar.split_reason(argument)
    wanted = word.upper()
    if wanted not in ("URGENT", "HIGH", "NORMAL", "LOW"):
        raise BadInput("A priority is urgent, high, normal or low.", next="prioritise 1 = high")
    return _each(
        house, items, lambda n: house.work.prioritise(n, wanted, caller.actor, caller.via), f"is {wanted.lower()}."
    )


@verb(
    "pause",
    syntax=("pause <numbers> = <reason>", "pause <agent>"),
    help="Halt tasks or an agent's mind until they are resumed.",
    examples=("pause 7 = wait for the release", "resume 7"),
    see=("resume", "backlog", "agents"),
    owner=True,
)
def pause(house: House, caller: Caller, argument: str) -> Reply:
    """Of a running or approved task, finished steps are kept; its agent puts its things down and turns
    to something else. An agent that is paused does nothing and takes up nothing until `resume`, also
    after a restart; a task it has in hand waits for it.
    """
    items, why = grammar.split_reason(argument)
    if _NAMES_AGENT.match(items):
        return _mind(house, caller, items, "pause", why)
    return _each(house, items, lambda n: house.work.pause(n, caller.actor, caller.via, reason=why), "is paused.")


@verb(
    "resume",
    syntax=("resume <numbers>", "resume <agent>"),
    help="Resume a paused agent, or tasks, which go on from their last finished step.",
    examples=("pause 7", "resume 7"),
    see=("pause", "retry", "agents"),
    owner=True,
)
def resume(house: House, caller: Caller, argument: str) -> Reply:
    """A task paused for review after a crash goes on only by this word."""
    if _NAMES_AGENT.match(argument):
        return _mind(house, caller, argument, "resume")
    return _each(house, argument, lambda n: house.work.resume(n, caller.actor, caller.via), "goes on.")


def _mind(house: House, caller: Caller, name: str, act: str, why: str = "") -> Reply:
    """Pause or resume an agent's mind through its script, which remembers it, and record who did."""
    slug = lookup.agent(house, name)
    require(may(caller.actor, act, slug))
    (scripts.pause if act == "pause" else scripts.resume)(slug)
    past = "paused" if act == "pause" else "resumed"
    house.events.append(
        f"agent.{slug}.{past}", caller.actor, via=caller.via, agent=slug, data={"reason": why} if why else {}
    )
    state, other = ("is paused", "resume") if act == "pause" else ("goes on", "pause")
    return Reply(
        [f"{house.roster[slug].name} {state}.", hint(f"{other} {slug}, agents")],
        {"agent": slug, "paused": act == "pause"},
    )


@verb(
    "retry",
    syntax="retry <numbers>",
    help="Try failed tasks again from the beginning, as a new attempt.",
    examples=("retry 8", "task 8"),
    see=("task", "resume", "reopen"),
    owner=True,
)
def retry(house: House, caller: Caller, argument: str) -> Reply:
    """The approval still holds when nothing of the task's content has changed."""
    return _each(house, argument, lambda n: house.work.retry(n, caller.actor, caller.via), "is tried again.")


@verb(
    "backlog",
    syntax=("backlog <numbers> = <reason>", "backlog"),
    help="Shelve tasks with a reason, or list what is shelved.",
    examples=("backlog 6 = after the holidays", "backlog"),
    see=("reopen", "board", "pause"),
)
def backlog(house: House, caller: Caller, argument: str) -> Reply:
    """`reopen` brings a task back."""
    if not argument:
        return board(house, caller, "backlogged")
    items, why = grammar.split_reason(argument)
    if not why:
        raise BadInput(
            "Give the reason after an equals sign, so that it is known when the task comes back.",
            next=f"backlog {visible(shorten(items, 40))} = not now",
        )
    return _each(house, items, lambda n: house.work.backlog(n, why, caller.actor, caller.via), "is shelved.")


@verb(
    "reopen",
    syntax="reopen <numbers>",
    help="Bring back tasks that were shelved, vetoed or finished; they need approval again.",
    examples=("backlog 6 = not now", "reopen 6"),
    see=("backlog", "veto", "retry"),
    owner=True,
)
def reopen(house: House, caller: Caller, argument: str) -> Reply:
    """A reopened task is proposed again, and must be read and approved again."""
    return _each(house, argument, lambda n: house.work.reopen(n, caller.actor, caller.via), "is proposed again.")
