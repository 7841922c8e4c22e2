"""Being where one is to be found: going home, and looking in on a room."""

from __future__ import annotations

from agents.goap.model import Action
from agents.kernel.errors import StepFailed
from agents.work.act import Act, Outcome, StepContext


async def _rest(ctx: StepContext) -> Outcome:
    return Outcome({"room": ctx.args[0]})


async def _visit(ctx: StepContext) -> Outcome:
    """Look about: tell which other agents stand here, and what the agent's own children do."""
    if ctx.records is None:
        raise StepFailed("The roster cannot be read here.")
    roster = ctx.records.presences()
    here = [p.name for p in roster if p.room == ctx.args[0] and p.slug != ctx.agent]
    seen = f"looks about {ctx.records.room_name(ctx.args[0])}; " + (
        f"{' and '.join(here)} {'is' if len(here) == 1 else 'are'} here." if here else "no other agent is here.")
    children = [p for p in roster if p.parent == ctx.agent]
    if ctx.args[0] == "observatory" and children:
        seen = "looks in on " + "; ".join(f"{p.name}: {p.doing.rstrip('.')}" for p in children) + "."
    ctx.body.emote(seen)
    return Outcome({"room": ctx.args[0], "here": here}, seen)


ACTS = (
    Act(
        Action.model_validate({
            "name": "rest", "parameters": {"?room": "room"},
            "preconditions": ["at(me, ?room)", "home(?room)"], "add": ["rested(home)"], "duration": 5,
        }),
        _rest,
        telling="settles down to wait for work.",
    ),
    Act(
        Action.model_validate({
            "name": "look_about", "parameters": {"?room": "room"},
            "preconditions": ["at(me, ?room)"], "add": ["visited(?room)"], "duration": 5,
        }),
        _visit,
    ),
)
