"""Writing down, in the Lineage Archives, what the agent truly did since its last entry."""

from __future__ import annotations

from agents.goap.model import Action
from agents.kernel.errors import StepFailed
from agents.work import artifacts
from agents.work.act import Act, Outcome, StepContext
from agents.work.ports import Records


def _ready(slug: str, records: Records) -> str:
    return "" if records.deeds(slug, 1) else "nothing was done since the last entry"


async def _write(ctx: StepContext) -> Outcome:
    if ctx.records is None:
        raise StepFailed("The records cannot be read here.")
    deeds = ctx.records.deeds(ctx.agent)
    if not deeds:
        raise StepFailed("Nothing was done since the last entry.")
    first, last = deeds[0][0], deeds[-1][0]
    lines = [f"# {first} to {last}", "", *(f"- {when} {action}" for when, action in deeds), ""]
    path = f"journal/{last[:10]}/{last[11:19].replace(':', '')}.md"
    made = await ctx.offload(
        artifacts.commit_files,
        ctx.runtime.settings,
        ctx.agent,
        {path: "\n".join(lines).encode()},
        f"Journal: {len(deeds)} deeds up to {last}",
        ctx.runtime.clock.now(),
        f"journal/{first}/{last}/{len(deeds)}",
    )
    seen = f"writes {len(deeds)} deeds into the journal and commits it as {made[path].commit[:8]}."
    ctx.body.emote(seen)
    return Outcome({"path": path, "commit": made[path].commit, "deeds": len(deeds)}, seen)


ACTS = (
    Act(
        Action.model_validate(
            {
                "name": "keep_journal",
                "preconditions": ["at(me, archives)"],
                "add": ["kept(journal)"],
                "duration": 5,
            }
        ),
        _write,
        ready=_ready,
    ),
)
