"""What a day is made of: getting up, the meals of the house, and the evening by the fire, where the day is told."""

from __future__ import annotations

from datetime import timedelta

from agents.goap.model import Action
from agents.kernel.errors import StepFailed
from agents.society import story
from agents.society.news import clock, number
from agents.work.act import Act, Outcome, StepContext

NAMED = 3
"""So many at the table are named; of more, the rest is counted."""
DAY = timedelta(hours=18)
"""How far back an evening looks."""
_HALL = "hall"


async def _rise(ctx: StepContext) -> Outcome:
    return Outcome({"room": ctx.args[0]})


async def _eat(ctx: StepContext) -> Outcome:
    """Sit down with whoever is there."""
    if ctx.records is None:
        raise StepFailed("Nobody can tell who is at the table.")
    here = ctx.records.company(ctx.agent, _HALL)
    hour = ctx.runtime.local().hour
    meal = "breakfast" if hour < 10 else "the noon meal" if hour < 15 else "supper"
    ctx.body.emote(f"sits down to {meal} {_with(here)}.")
    return Outcome({"here": list(here)})


def _with(here: tuple[str, ...]) -> str:
    if not here:
        return "at the long table, and keeps the bench beside free"
    names, more = list(here[:NAMED]), len(here) - NAMED
    if more > 0:
        names.append(f"{number(more)} more")
    *head, last = names
    return f"with {', '.join(head)} and {last}" if head else f"with {last}"


async def _tell(ctx: StepContext) -> Outcome:
    """Say the main thing of the day to whoever sits by the fire."""
    if ctx.records is None:
        raise StepFailed("The records cannot be read here.")
    now, records = ctx.runtime.clock.now(), ctx.records
    teller = story.Teller(
        ctx.agent,
        now - DAY,
        lambda at: clock(at, now, ctx.runtime.zone),
        lambda slug: next((one.name for one in records.presences() if one.slug == slug), slug.title()),
        records.room_name,
    )
    told = story.tell(teller, ctx.unit)
    said = " ".join(one.text for one in told)
    if said:
        ctx.body.say(said)
    return Outcome({"records": [list(one.records) for one in told]}, said)


ACTS = (
    Act(
        Action.model_validate(
            {
                "name": "rise",
                "parameters": {"?room": "room"},
                "preconditions": ["at(me, ?room)", "home(?room)"],
                "add": ["risen(day)"],
                "duration": 5,
            }
        ),
        _rise,
        telling="gets up.",
    ),
    Act(
        Action.model_validate(
            {"name": "share_meal", "preconditions": ["at(me, hall)"], "add": ["shared(meal)"], "duration": 10}
        ),
        _eat,
    ),
    Act(
        Action.model_validate(
            {"name": "tell_day", "preconditions": ["at(me, hall)"], "add": ["told(day)"], "duration": 10}
        ),
        _tell,
        telling="draws a stool up to the fire.",
    ),
)
