"""Tending the Heartbeat Shrine: counting who is awake."""

from __future__ import annotations

from agents.goap.model import Action
from agents.kernel.errors import StepFailed
from agents.work.act import Act, Outcome, StepContext


async def _tend(ctx: StepContext) -> Outcome:
    if ctx.records is None:
        raise StepFailed("The roster cannot be read here.")
    roster = ctx.records.presences()
    asleep = [p.name for p in roster if not p.awake]
    awake = len(roster) - len(asleep)
    seen = f"counts the candles: {awake} of {len(roster)} burn" + (f"; {', '.join(asleep)} sleeps." if len(asleep) == 1
        else f"; {', '.join(asleep)} sleep." if asleep else ".")
    ctx.body.emote(seen)
    return Outcome({"awake": awake, "asleep": [p.slug for p in roster if not p.awake]}, seen)


ACTS = (
    Act(
        Action.model_validate({
            "name": "tend_shrine", "preconditions": ["at(me, shrine)"], "add": ["tended(shrine)"], "duration": 5,
        }),
        _tend,
    ),
)
