"""Walking from a room to the next one."""

from __future__ import annotations

from agents.goap.model import Action
from agents.work.act import Act, Outcome, StepContext


async def _move(ctx: StepContext) -> Outcome:
    ctx.body.move(ctx.args[1])
    return Outcome()


ACTS = (
    Act(
        Action.model_validate(
            {
                "name": "move",
                "parameters": {"?from": "room", "?to": "room"},
                "preconditions": ["at(me, ?from)", "open(?from, ?to)"],
                "add": ["at(me, ?to)"],
                "delete": ["at(me, ?from)"],
                "duration": 3,
            }
        ),
        _move,
        repeat="pure",
    ),
)
