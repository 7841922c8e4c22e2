"""Tending the Heartbeat Shrine: counting who is awake."""

from __future__ import annotations

from agents.goap.model import Action
from agents.kernel.errors import StepFailed
from agents.work.act import Act, Outcome, StepContext

NAMED = 6
"""So many sleepers are named; of more, the rest is counted."""


async def _tend(ctx: StepContext) -> Outcome:
    if ctx.records is None:
        raise StepFailed("The roster cannot be read here.")
    asleep, total = ctx.records.asleep()
    names = ", ".join(asleep[:NAMED]) + (f" and {len(asleep) - NAMED} more" if len(asleep) > NAMED else "")
    seen = f"counts the candles: {total - len(asleep)} of {total} burn"
    seen += f"; {names} {'sleeps' if len(asleep) == 1 else 'sleep'}." if asleep else "."
    ctx.body.emote(seen)
    return Outcome({"awake": total - len(asleep), "asleep": list(asleep[:NAMED])}, seen)


ACTS = (
    Act(
        Action.model_validate(
            {
                "name": "tend_shrine",
                "preconditions": ["at(me, shrine)"],
                "add": ["tended(shrine)"],
                "duration": 5,
            }
        ),
        _tend,
    ),
)
