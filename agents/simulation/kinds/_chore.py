"""What all simulated kinds have in common: a place, a count of something, steps that may fail.

Owns the shape. Refuses hands: what comes out of a step is drawn from the world's own source of chance,
so that a run replays exactly.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import BaseModel

from agents.kernel.errors import BadInput, StepFailed
from agents.kernel.settings import Settings
from agents.work.act import StepContext
from agents.work.kind import Kind, Results, WorkStep

FAILS = 0.05
"""Share of steps that do not come out at the first try."""


class Params(BaseModel):
    """What is to be looked after, and in which room (by name or key)."""

    what: str
    room: str


def _parse(name: str) -> Callable[[str, str, Settings], Params]:
    def parse(subject: str, description: str, settings: Settings) -> Params:
        what, _, room = subject.partition(" in ")
        if not what.strip() or not room.strip():
            raise BadInput(f"Say what and where: {name.title()} chairs in hall.")
        return Params(what=what.strip(), room=room.strip())

    return parse


def _step(name: str, trouble: str) -> Callable[[StepContext], Awaitable[dict[str, Any]]]:
    async def run(ctx: StepContext) -> dict[str, Any]:
        chance = ctx.runtime.random
        if chance.random() < FAILS:
            raise StepFailed(trouble)
        return {"found": chance.randrange(60)}

    return run


def _found(params: Params, results: Results) -> str:
    figures = ", ".join(f"{name.replace('_', ' ')} {result['found']}" for name, result in results.items())
    return f"{params.what} in {params.room}: {figures}."


def chore(name: str, purpose: str, steps: tuple[tuple[str, str, str], ...], equipment: str = "") -> Kind:
    """A kind called `name` with these steps: (name, telling, what goes wrong), each after the one before."""
    before: tuple[str, ...] = ()
    made = []
    for step, telling, trouble in steps:
        made.append(WorkStep(step, _step(step, trouble), telling, after=before))
        before = (step,)
    return Kind(
        name=name,
        purpose=purpose,
        usage=f"{name.title()} <what> in <room>",
        example=f"{name.title()} chairs in hall",
        params=Params,
        parse=_parse(name),
        action=lambda p: f"{name} {p.what} in {p.room}",
        steps=tuple(made),
        report=lambda p, results: f"# {name.title()}\n\n{_found(p, results)}\n",
        summary=_found,
        site=lambda p: str(p.room),
        equipment=equipment,
    )
