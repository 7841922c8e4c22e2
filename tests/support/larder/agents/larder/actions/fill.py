"""Filling a jar."""

from __future__ import annotations

from agents.goap.model import Action
from agents.larder.models import Jar
from agents.work.act import Act, Outcome, StepContext


async def _fill(ctx: StepContext) -> Outcome:
    Jar.objects.create(agent=ctx.agent, at=ctx.runtime.clock.now())
    return Outcome({"jars": Jar.objects.count()}, "fills a jar.")


ACTS = (
    Act(
        Action.model_validate({"name": "fill_jar", "preconditions": ["at(me, larder)"], "add": ["filled(larder)"]}),
        _fill,
        telling="takes an empty jar from the shelf.",
    ),
)
