"""Undoing: seals that are lifted, work that is taken back, and work that is brought back.

Renders what came of it. Refuses to decide what can be undone: `work` and the kind of task do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.kernel.errors import BadInput
from agents.kernel.text import visible
from commands import grammar
from commands.layout import hint
from commands.verbs import Caller, Reply, verb
from commands.verbs.approvals import receipt_lines
from world.screen import paint

if TYPE_CHECKING:
    from agents.house.house import House


@verb(
    "undo",
    syntax=("undo", "undo <number>", "undo <number> = <its name>"),
    help="Lift the seals of your last verdicts, or undo what a finished task did.",
    examples=("ok 1", "undo 1"),
    see=("redo", "approve", "veto"),
    exact=True,
    owner=True,
)
def undo(house: House, caller: Caller, argument: str) -> Reply:
    """Alone it lifts every seal of yours: what was sealed is pending again, as if nothing had been said. With a number
    it lifts the seal on that item or, once the task is done, undoes what the task did: a room that was built is taken
    away, and `redo` brings it back. What others have changed since is told first, and you are asked to type the name.
    Not every kind of task can be undone; the approval says which.
    """
    if not argument:
        return receipt_lines(house, house.work.undo(caller.actor, caller.via))
    item, confirm = grammar.split_reason(argument)
    chosen = grammar.selection(item)
    if len(chosen.refs) != 1 or chosen.names:
        raise BadInput("Undo one at a time, by its number; undo alone lifts all your seals.", next="undo")
    approval = house.work.approval(chosen.refs[0])
    if approval.task is None or (approval.state == "pending" and approval.verdict):
        return receipt_lines(house, house.work.undo(caller.actor, caller.via, approval.id))
    undone = house.work.take_back(approval.task, caller.actor, caller.via, confirm)
    return Reply(
        [
            f"{paint('good', str(approval.task))}  {undone.line}.",
            *undone.more,
            hint(f"redo {approval.task} brings it back."),
        ],
        {"task": approval.task, "outcome": undone.line, "more": list(undone.more)},
    )


@verb(
    "redo",
    syntax="redo <number>",
    help="Bring back what `undo` took away.",
    examples=("undo 9", "redo 9"),
    see=("undo", "task"),
    exact=True,
    owner=True,
)
def redo(house: House, caller: Caller, argument: str) -> Reply:
    """A room stands where it stood, as it was when it was taken away."""
    number = grammar.number(argument, "the number of a task")
    line = house.work.redo(number, caller.actor, caller.via)
    return Reply(
        [f"{paint('good', str(number))}  {visible(line)}.", hint(f"undo {number} takes it away again.")],
        {"task": number, "outcome": line},
    )
