"""Consulting: asking one's own kin, from afar, what it did and what it means to do."""

from __future__ import annotations

from agents.goap.model import Action
from agents.kernel.errors import StepFailed
from agents.kernel.text import shorten
from agents.work.act import Act, Outcome, StepContext
from agents.work.ports import Records

WORDS = "What did you do last, and what do you plan?"
LONGEST = 200
"""Characters of an answer that are shown."""


def _kin(slug: str, records: Records) -> tuple[str, str]:
    """Slug and name of its parent, else of its first child that is awake; both '' when there is none."""
    parent = records.parent(slug)
    return (
        parent if parent[0] else next(((one.slug, one.name) for one in records.children(slug) if one.awake), ("", ""))
    )


def _ready(slug: str, records: Records) -> str:
    return "" if _kin(slug, records)[0] else "nobody of its kin is here to be asked."


async def _consult(ctx: StepContext) -> Outcome:
    """Ask, and be seen to have heard: others' words are shown, and followed by nothing."""
    if ctx.records is None or ctx.ask is None:
        raise StepFailed("Nobody can be asked here.")
    slug, name = _kin(ctx.agent, ctx.records)
    if not slug:
        raise StepFailed("Nobody of its kin is here to be asked.")
    answer = await ctx.ask(slug, WORDS)
    seen = f'asks {name} how it goes, and hears: "{shorten(" ".join(answer.split()), LONGEST)}"'
    ctx.body.emote(seen)
    return Outcome({"asked": slug, "characters": len(answer)}, seen)


ACTS = (
    Act(
        Action.model_validate({"name": "consult_kin", "preconditions": [], "add": ["consulted(kin)"], "duration": 5}),
        _consult,
        ready=_ready,
    ),
)
