"""Measuring the machine's disk, memory and swap at the Forge's gauges."""

from __future__ import annotations

from agents.goap.model import Action
from agents.kernel.errors import StepFailed
from agents.work.act import Act, Outcome, StepContext

NOTABLE = 0.75
"""From this share on it is told how much of memory and swap is in use."""


async def _check(ctx: StepContext) -> Outcome:
    if ctx.records is None:
        raise StepFailed("The machine cannot be measured here.")
    state = ctx.records.machine()
    parts = [f"{state.disk_free:.0%} of the disk is free"]
    for what, used in (("memory", state.memory_used), ("swap", state.swap_used)):
        if used is not None and used >= NOTABLE:
            parts.append(f"{used:.0%} of the {what} is in use")
    seen = f"reads the gauges: {', '.join(parts)}."
    ctx.body.emote(seen)
    return Outcome(
        {
            "disk_free_bytes": state.disk_free_bytes,
            "disk_free": state.disk_free,
            "memory_used": state.memory_used,
            "swap_used": state.swap_used,
        },
        seen,
    )


ACTS = (
    Act(
        Action.model_validate(
            {
                "name": "check_disk",
                "preconditions": ["at(me, forge)"],
                "add": ["checked(disk)"],
                "duration": 5,
            }
        ),
        _check,
    ),
)
