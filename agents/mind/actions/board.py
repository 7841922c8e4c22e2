"""Reading the task board in the Hall and saying truly how the work stands."""

from __future__ import annotations

from agents.goap.model import Action
from agents.kernel.errors import StepFailed
from agents.work.act import Act, Outcome, StepContext

_WORDS = (
    ("PENDING_APPROVAL", "waits for the owner's word", "wait for the owner's word"),
    ("APPROVED", "is approved and not begun", "are approved and not begun"),
    ("RUNNING", "is under way", "are under way"),
    ("PAUSED", "is paused", "are paused"),
    ("FAILED", "failed", "failed"),
    ("COMPLETED", "is done", "are done"),
)


def sentence(board: dict[str, int]) -> str:
    """One sentence on the board's figures; statuses that need nobody are left out."""
    parts = [
        f"{board[status]} {one if board[status] == 1 else many}" for status, one, many in _WORDS if board.get(status)
    ]
    if not parts:
        return "The board is empty."
    return f"On the board: {', '.join(parts)}."


async def _read(ctx: StepContext) -> Outcome:
    if ctx.records is None:
        raise StepFailed("The task board cannot be read here.")
    board = ctx.records.board()
    said = sentence(board)
    ctx.body.say(said)
    return Outcome({"board": board}, said)


ACTS = (
    Act(
        Action.model_validate(
            {
                "name": "look_at_board",
                "preconditions": ["at(me, hall)"],
                "add": ["seen(board)"],
                "duration": 5,
            }
        ),
        _read,
        telling="runs a finger down the task board.",
    ),
)
