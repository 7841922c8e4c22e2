"""Picking things up and putting them down."""

from __future__ import annotations

from agents.goap.model import Action
from agents.work.act import Act, Outcome, StepContext


async def _take(ctx: StepContext) -> Outcome:
    item, room = ctx.args
    ctx.body.take(item)
    return Outcome({"item": item, "room": room})


async def _drop(ctx: StepContext) -> Outcome:
    item, room = ctx.args
    ctx.body.drop(item)
    return Outcome({"item": item, "room": room})


ACTS = (
    Act(
        Action.model_validate(
            {
                "name": "take",
                "parameters": {"?item": "item", "?room": "room"},
                "preconditions": ["at(me, ?room)", "in(?item, ?room)"],
                "add": ["has(me, ?item)"],
                "delete": ["in(?item, ?room)"],
                "duration": 3,
            }
        ),
        _take,
        repeat="pure",
    ),
    Act(
        Action.model_validate(
            {
                "name": "drop",
                "parameters": {"?item": "item", "?room": "room"},
                "preconditions": ["at(me, ?room)", "has(me, ?item)"],
                "add": ["in(?item, ?room)"],
                "delete": ["has(me, ?item)"],
                "duration": 3,
            }
        ),
        _drop,
        repeat="pure",
    ),
)
