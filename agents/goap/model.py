"""The vocabulary of planning: facts, action schemas, goals, states.

Owns the pydantic models that people and files write (STRIPS with negative preconditions: Fikes & Nilsson 1971).
Does not search: `domain.py` turns these into bit masks once, and search nodes are never models.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_FACT = re.compile(r"([a-z][a-z0-9_-]*)\s*(?:\(([^()]*)\))?")


class Fact(BaseModel):
    """A ground atom such as `at(me, hall)`: a predicate over named objects.

    Inside an action schema an argument that begins with `?` is a parameter.
    """

    model_config = ConfigDict(frozen=True)
    predicate: str
    args: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Fact:
        """Parse `predicate` or `predicate(a, b)`; raises ValueError that quotes the text."""
        match = _FACT.fullmatch(text.strip())
        if not match:
            raise ValueError(f"not a fact: {text!r}; expected predicate(arg, arg)")
        args = (match[2] or "").strip()
        return fact(match[1], *(a.strip() for a in args.split(","))) if args else fact(match[1])

    def bind(self, binding: dict[str, str]) -> Fact:
        """The fact with objects substituted for its parameters."""
        return fact(self.predicate, *(binding.get(a, a) for a in self.args))

    def __str__(self) -> str:
        """`predicate(a, b)`, readable by `parse`."""
        return f"{self.predicate}({', '.join(self.args)})" if self.args else self.predicate

    def __lt__(self, other: Fact) -> bool:
        """Alphabetical order of the written form, so that compilation is deterministic."""
        return str(self) < str(other)


@lru_cache(maxsize=65_536)
def fact(predicate: str, *args: str) -> Fact:
    """A fact; equal text gives the same object, so agents and their plans share facts."""
    return Fact(predicate=predicate, args=args)


def _fact(value: object) -> object:
    return Fact.parse(value) if isinstance(value, str) else value


def _facts(value: object) -> object:
    if isinstance(value, Iterable) and not isinstance(value, str):
        return tuple(map(_fact, value))
    return value


Facts = Annotated[tuple[Fact, ...], BeforeValidator(_facts)]


EQUAL = "="
"""The equality predicate, which grounding decides, not a state."""


class Action(BaseModel):
    """An action schema; ground if it has no parameters.

    `parameters` maps `?name` to a type name. `distinct`: pairs of parameters or objects that must differ (that two
    are equal is the precondition `=`). `cost` is an integer; the planner minimises the sum. `cost_of` is a function
    term such as `distance(?a, ?b)`, whose value for the chosen objects is added. `duration` is in seconds and
    informs people only. `mutex`: groups of facts of which, the author promises, at most one holds at a time; `*`
    stands for any object, a parameter for its value.
    """

    model_config = ConfigDict(frozen=True)
    name: str = Field(pattern=r"^[^\s?:(),;][^\s(),;]*$")
    parameters: dict[str, str] = Field(default_factory=dict)
    preconditions: Facts = ()
    negative: Facts = ()
    add: Facts = ()
    delete: Facts = ()
    distinct: tuple[tuple[str, str], ...] = ()
    cost: int = Field(1, ge=0)
    cost_of: Annotated[Fact | None, BeforeValidator(_fact)] = None
    duration: float = Field(0, ge=0)
    mutex: tuple[Facts, ...] = ()


class Goal(BaseModel):
    """A condition to achieve, with its weight among an agent's other goals."""

    model_config = ConfigDict(frozen=True)
    name: str
    condition: Facts
    negative: Facts = ()
    priority: int = Field(1, ge=0)


class WorldState(BaseModel):
    """The facts that hold; all others do not (closed-world assumption)."""

    model_config = ConfigDict(frozen=True)
    facts: frozenset[Fact] = frozenset()

    @classmethod
    def of(cls, facts: Iterable[Fact | str]) -> WorldState:
        """A state from facts or their written form."""
        return cls(facts=frozenset(Fact.parse(f) if isinstance(f, str) else f for f in facts))
