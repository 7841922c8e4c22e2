"""A planner action together with the code that performs it.

Owns the shape of what a mind can do; the acts themselves are files in `mind/actions` and the steps in `work/kinds`.
Refuses undeclared effects: what an act changes outside its agent's home is listed in `effects` and checked against
an approval before it runs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from agents.events.unit import Unit
from agents.goap.model import Action
from agents.work.effect import Effect

if TYPE_CHECKING:
    from agents.kernel.runtime import Runtime
    from agents.work.models import Task
    from agents.work.ports import Body, Offload, Records, Tools, World

Repeat = Literal["pure", "keyed", "once"]


@dataclass(frozen=True)
class Outcome:
    """The result of a step: a JSON-able value and one true line about it."""

    result: dict[str, Any] = field(default_factory=dict)
    said: str = ""


@dataclass(frozen=True)
class StepContext:
    """Everything that a step may use. `body` records every visible deed under `step`."""

    runtime: Runtime
    agent: str
    step: str
    args: tuple[str, ...]
    body: Body
    world: World
    tools: Tools
    offload: Offload
    task: Task | None = None
    results: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    """Results of this task's finished steps, by step name (the last argument of `done`)."""
    records: Records | None = None
    """The world's records, for errands that report the state of things."""
    ask: Callable[[str, str], Awaitable[str]] | None = None
    """Asks another agent (a slug) something and returns its answer, which is somebody else's
    words. Raises TimmyError.
    """
    unit: Unit = field(default_factory=Unit)
    """What is written with the step's event."""


@dataclass(frozen=True)
class Act:
    """`schema` says when it can be done and what it changes; `perform` does it.

    `repeat`: what a crash in the middle means (see the journal). `telling` is the emote shown when it begins, with
    `{0}`, `{1}` for arguments; empty if the deed is visible anyway. `ready` is a procedural precondition, checked
    when a plan is made and again before the step: it returns '' or why that agent cannot do the act now. The
    planner sees it as the fact `ready(NAME)`. `extra` is a procedural cost, computed once for each plan: what the
    act costs that agent now in addition to the schema's cost (0 or more).
    """

    schema: Action
    perform: Callable[[StepContext], Awaitable[Outcome]]
    repeat: Repeat = "keyed"
    telling: str = ""
    effects: tuple[Effect, ...] = ()
    ready: Callable[[str, Records], str] | None = None
    extra: Callable[[str, Records], int] | None = None
    effects_of: Callable[[Task], tuple[Effect, ...]] | None = None
    """The effects that depend on the task's parameters, in addition to `effects`."""

    def declared(self, task: Task | None) -> tuple[Effect, ...]:
        """All effects of performing it for `task`, which an approval has to cover."""
        return (*self.effects, *(self.effects_of(task) if self.effects_of and task else ()))
