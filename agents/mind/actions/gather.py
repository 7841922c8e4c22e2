"""Coming together: the meeting in the Hall, where each tells what it did, and the lesson in the Grove."""

from __future__ import annotations

from agents.goap.model import Action
from agents.kernel.errors import StepFailed
from agents.mind.words import of_deed
from agents.work.act import Act, Outcome, StepContext


async def _meet(ctx: StepContext) -> Outcome:
    """Tell the others how much was done since the last entry in the journal, and what the last of it was."""
    if ctx.records is None:
        raise StepFailed("The records cannot be read here.")
    deeds = ctx.records.deeds(ctx.agent)
    said = "I have done nothing since I last wrote my journal."
    if deeds:
        count = f"{len(deeds)} things" if len(deeds) > 1 else "one thing"
        said = f"I have done {count} since I last wrote my journal; the last was to {of_deed(None)(deeds[-1][1])}."
    ctx.body.say(said)
    return Outcome({"deeds": len(deeds)}, said)


async def _listen(ctx: StepContext) -> Outcome:
    """Hear what its parent did last: what was truly done is what is taught."""
    if ctx.records is None:
        raise StepFailed("The roster cannot be read here.")
    parent, name = ctx.records.parent(ctx.agent)
    deeds = ctx.records.deeds(parent, 1) if parent else ()
    if not deeds:
        raise StepFailed("There is nobody whose deeds could be learned from.")
    seen = f"goes over how {name} came to {of_deed(None)(deeds[-1][1])}."
    ctx.body.emote(seen)
    return Outcome({"teacher": parent, "deed": deeds[-1][1]}, seen)


ACTS = (
    Act(
        Action.model_validate(
            {
                "name": "meet",
                "preconditions": ["at(me, hall)"],
                "add": ["met(house)"],
                "duration": 5,
            }
        ),
        _meet,
    ),
    Act(
        Action.model_validate(
            {
                "name": "hear_lesson",
                "preconditions": ["at(me, lesson_stones)"],
                "add": ["heard(lesson)"],
                "duration": 5,
            }
        ),
        _listen,
    ),
)
