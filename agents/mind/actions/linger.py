"""Being where one is to be found: going home, and looking in on a room."""

from __future__ import annotations

from agents.goap.model import Action
from agents.kernel.errors import StepFailed
from agents.kernel.text import without_paths
from agents.work.act import Act, Outcome, StepContext

CROWD = 6
"""So many are named; of more, the rest is counted."""


async def _rest(ctx: StepContext) -> Outcome:
    return Outcome({"room": ctx.args[0]})


async def _visit(ctx: StepContext) -> Outcome:
    """Look about: tell which other agents stand here, and what the agent's own children do."""
    if ctx.records is None:
        raise StepFailed("The roster cannot be read here.")
    here = ctx.records.company(ctx.agent, ctx.args[0])
    seen = f"looks about {ctx.records.room_name(ctx.args[0])}; {_standing(here)}."
    if ctx.args[0] == "observatory" and (children := ctx.records.children(ctx.agent)):
        seen = "looks in on " + "; ".join(f"{p.name}: {without_paths(p.doing).rstrip('.')}" for p in children) + "."
    if here or ctx.args[0] == "observatory":  # an empty room is seen to be empty
        ctx.body.emote(seen)
    return Outcome({"room": ctx.args[0], "here": list(here)}, seen)


def _standing(names: tuple[str, ...]) -> str:
    if not names:
        return "no other agent is here"
    if len(names) > CROWD:
        return f"{', '.join(names[:CROWD])} and {len(names) - CROWD} more are here"
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} here"


ACTS = (
    Act(
        Action.model_validate(
            {
                "name": "rest",
                "parameters": {"?room": "room"},
                "preconditions": ["at(me, ?room)", "home(?room)"],
                "add": ["rested(home)"],
                "duration": 5,
            }
        ),
        _rest,
        telling="settles down to wait for work.",
    ),
    Act(
        Action.model_validate(
            {
                "name": "look_about",
                "parameters": {"?room": "room"},
                "preconditions": ["at(me, ?room)"],
                "add": ["visited(?room)"],
                "duration": 5,
            }
        ),
        _visit,
    ),
)
