"""What a kind of task is: how it is asked for, what it will do exactly, its steps.

A kind is one file in `work/kinds` that holds a `KIND`; it is found by itself. This
module turns a kind into planner acts, so that the order of steps, the walking and the
fetching of equipment come from the planner and never from the kind.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel

from agents.kernel.settings import Settings
from agents.work.act import Effect, Repeat, StepContext

Category = Literal["read", "execute", "write", "world", "network", "money", "permission"]


@dataclass(frozen=True)
class WorkStep:
    """One step done at the kind's place. `run` returns a JSON-able result.

    `after` names steps that must be finished first; `telling` is the emote seen.
    """

    name: str
    run: Callable[[StepContext], Awaitable[dict[str, Any]]]
    telling: str
    after: tuple[str, ...] = ()
    repeat: Repeat = "pure"
    cost: int = 2


@dataclass(frozen=True)
class Kind:
    """A kind of task.

    `parse(subject, description, settings)` reads `task add <Name> <subject> = <description>`
    and raises BadInput. `action(params)` is the exact action shown for approval.
    `report(params, results, runtime-date)` writes the Markdown report from the steps' results;
    `summary(params, results)` is the one line spoken in the Hall.
    """

    name: str
    purpose: str
    usage: str
    example: str
    params: type[BaseModel]
    parse: Callable[[str, str, Settings], BaseModel]
    action: Callable[[Any], str]
    steps: tuple[WorkStep, ...]
    report: Callable[[Any, dict[str, dict[str, Any]]], str]
    summary: Callable[[Any, dict[str, dict[str, Any]]], str]
    place: str = "workshop"
    site: Callable[[Any], str] | None = None
    """Where it is done, when that depends on the task: a room key; replaces `place`."""
    equipment: str = ""
    category: Category = "read"
    effects: Callable[[Any], tuple[Effect, ...]] = field(default=lambda params: ())
    undo: Literal["yes", "no", "n/a"] = "n/a"
    confirm: Callable[[Any], str] = field(default=lambda params: "")
    tools: tuple[str, ...] = ()
    needs_language: bool = False
