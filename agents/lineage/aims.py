"""What an agent works towards over time, as its file has it: aims, methods, subgoals.

Owns the shape of an aim, and the period of each phase in UTC: the half hour, the week from Monday, the calendar month.
Refuses to know how far an aim has come: `agents.mind.aims` does.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from agents.goap.model import Facts, Goal

Phase = Literal["immediate", "short-term", "medium-term"]
Rank = Literal["primary", "secondary", "tertiary"]

IMMEDIATE = timedelta(minutes=30)
PHASES: dict[Phase, str] = {"immediate": "this half hour", "short-term": "this week", "medium-term": "this month"}
"""The phases, and their periods in words."""


def _listed(value: object) -> object:
    """One fact may stand alone; several stand in a list."""
    return [value] if isinstance(value, str) else value


Condition = Annotated[Facts, BeforeValidator(_listed), Field(min_length=1)]
"""Facts that are brought about together; in a file one of them may stand alone."""


def name_of(condition: Facts) -> str:
    """How a condition is named in plans: its facts, `seen(board)`."""
    return ", ".join(map(str, condition))


def period(phase: Phase, now: datetime) -> tuple[datetime, datetime]:
    """Beginning and end of the phase's period that holds `now`."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if phase == "immediate":
        start = now - (now - day) % IMMEDIATE
        return start, start + IMMEDIATE
    if phase == "short-term":
        start = day - timedelta(days=day.weekday())
        return start, start + timedelta(days=7)
    start = day.replace(day=1)
    return start, (start + timedelta(days=32)).replace(day=1)


class Method(BaseModel):
    """One way to an aim: conditions to bring about one after another."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = Field(min_length=1, max_length=60)
    subgoals: tuple[Condition, ...] = Field(min_length=1, max_length=31)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """How the subgoals are named in plans."""
        return tuple(map(name_of, self.subgoals))

    @cached_property
    def goals(self) -> tuple[Goal, ...]:
        """The subgoals as the planner takes them."""
        return tuple(
            Goal(name=name, condition=condition) for name, condition in zip(self.names, self.subgoals, strict=True)
        )


class Aim(BaseModel):
    """What is to be reached anew in each period of a phase, by the first of its methods that can be gone."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = Field(min_length=1, max_length=60)
    phase: Phase
    rank: Rank
    why: str = Field("", max_length=200)
    methods: tuple[Method, ...] = Field(min_length=1, max_length=8)

    @model_validator(mode="after")
    def _no_two_alike(self) -> Aim:
        names = [method.name for method in self.methods]
        if len({*names}) < len(names):
            raise ValueError(f"two methods of {self.name!r} have one name")
        return self
