"""Measuring the machine's disk, memory and swap at the Forge's gauges."""

from __future__ import annotations

from agents.goap.model import Action
from agents.kernel.errors import StepFailed
from agents.work.act import Act, Outcome, StepContext


async def _check(ctx: StepContext) -> Outcome:
    if ctx.records is None:
        raise StepFailed("The machine cannot be measured here.")
    state = ctx.records.machine()
    parts = [f"disk {state.disk_free_bytes / 2**30:.1f} GiB free ({state.disk_free:.0%})"]
    if state.memory_used is not None:
        parts.append(f"memory {state.memory_used:.0%} used")
    if state.swap_used is not None:
        parts.append(f"swap {state.swap_used:.0%} used")
    seen = f"reads the gauges: {', '.join(parts)}."
    ctx.body.emote(seen)
    return Outcome({"disk_free_bytes": state.disk_free_bytes, "disk_free": state.disk_free,
                    "memory_used": state.memory_used, "swap_used": state.swap_used}, seen)


ACTS = (
    Act(
        Action.model_validate({
            "name": "check_disk", "preconditions": ["at(me, forge)"], "add": ["checked(disk)"], "duration": 5,
        }),
        _check,
    ),
)
