"""A plan: its steps, what each is for, and where it can be resumed.

Owns causal links (which later step, or the goal, uses what a step achieves) and kernels (what must hold before step
i for the rest to work, computed by regression: Fikes, Hart & Nilsson 1972). Does not repair plans: if no kernel
holds, search again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from agents.goap.domain import Domain, bits
from agents.goap.model import Fact, Goal
from agents.kernel.errors import BadInput, NotFound

GOAL = -1
"""The consumer of a link to the goal itself."""


@dataclass(frozen=True, slots=True)
class Link:
    """`fact` is achieved for the step at position `consumer`, or for the goal (`GOAL`)."""

    fact: Fact
    consumer: int


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step. `action` is the ground action's text, composed of `name` and `args`; `index` is the step's position in
    the plan.
    """

    action: str
    index: int
    serves: tuple[Link, ...]
    name: str
    args: tuple[str, ...]


@dataclass(frozen=True)
class PlanKept:
    """A plan as plain values, which are meaningful only in the same domain."""

    goal: Goal
    start: int
    actions: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """Actions (numbers in `domain`) that lead from `start` to `goal`.

    `kernels[i]` is the mask of literals that must hold before step i; the last one, at `len(plan)`, is the goal.
    """

    goal: Goal
    domain: Domain = field(repr=False)
    start: int = field(repr=False)
    actions: tuple[int, ...]
    kernels: tuple[int, ...] = field(repr=False)
    memo: dict[object, Any] = field(default_factory=dict, repr=False, compare=False, kw_only=True)
    """A cache for what other modules derive from a plan, under their own keys."""

    @classmethod
    def of(cls, domain: Domain, state: int, goal: Goal, actions: Sequence[int | str]) -> Plan:
        """The plan that applies `actions` (numbers or texts) from `state`.

        Raises NotFound for an unknown action, and BadInput if a step's preconditions fail or the goal is not
        reached at the end.
        """
        indices = tuple(domain.index(a) for a in actions)
        kernels = regress(domain, domain.goal(goal), indices)
        if kernels is None or kernels[0] & ~state:
            raise BadInput(_flaw(domain, state, goal, indices))
        return cls(goal, domain, state, indices, kernels)

    @classmethod
    def without_idle(
        cls, domain: Domain, state: int, goal: Goal, target: int, actions: Sequence[int], keep: int = -1
    ) -> Plan:
        """The plan that applies only the useful ones of `actions` from `state` (and action `keep` in any case). A step
        is useless if everything the later ones need already holds before it; passes from the last step to the first
        are repeated until no step is. `target` is the mask of `goal`.
        """
        pre, add = domain.pre, domain.add
        while True:
            now, before = state, []
            for i in actions:
                before.append(now)
                now = now & domain.keep[i] | add[i]
            kernel, kernels, kept = target, [target], []
            for i in reversed(actions):
                if kernel & ~before.pop() or i == keep:
                    kernel = kernel & ~add[i] | pre[i]
                    kernels.append(kernel)
                    kept.append(i)
            kept.reverse()
            if len(kept) == len(actions):
                return cls(goal, domain, state, tuple(kept), tuple(reversed(kernels)))
            actions = kept  # what only compensated for a useless step is useless now

    def snapshot(self) -> PlanKept:
        """The values from which `restore` recreates the plan."""
        return PlanKept(self.goal, self.start, self.actions)

    @classmethod
    def restored(cls, domain: Domain, kept: PlanKept) -> Plan:
        """The plan as it was. Raises NotFound for anything the domain does not know, and BadInput if it is not a plan
        there.
        """
        return cls.of(domain, kept.start, kept.goal, kept.actions)

    def __len__(self) -> int:
        """Number of steps."""
        return len(self.actions)

    @cached_property
    def cost(self) -> int:
        """The sum of the steps' costs, without penalties."""
        return sum(self.domain.costs[i] for i in self.actions)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The steps as ground actions are written, `go(hall, forge)`."""
        return tuple(self.domain.texts[i] for i in self.actions)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of its actions, such as `go`."""
        return frozenset(step.name for step in self.steps)

    @cached_property
    def steps(self) -> tuple[PlanStep, ...]:
        """The steps with what each is for."""
        steps = []
        for position, (i, serves) in enumerate(
            zip(self.actions, links(self.domain, self.start, self.kernels[-1], self.actions), strict=True)
        ):
            action = self.domain.action(i)
            uses = tuple(Link(self.domain.literal(literal), consumer) for literal, consumer in serves)
            steps.append(PlanStep(action.text, position, uses, action.name, action.args))
        return tuple(steps)

    def resume(self, domain: Domain, state: int) -> int | None:
        """The position to continue from: the last step whose kernel holds in `state`.

        `len(plan)` means that the goal already holds, None that no remainder of the plan works. `domain` may differ
        from the plan's if it knows the actions and the goal.
        """
        kernels: tuple[int, ...] | None = self.kernels
        if domain is not self.domain and domain != self.domain:
            try:
                kernels = regress(domain, domain.goal(self.goal), [domain.index(text) for text in self.texts])
            except NotFound:
                return None
        if kernels is None:
            return None
        missing = ~state
        return next((i for i in range(len(kernels) - 1, -1, -1) if not kernels[i] & missing), None)


def regress(domain: Domain, goal: int, actions: Sequence[int]) -> tuple[int, ...] | None:
    """The kernels of `actions` towards the literals `goal`; None if a step destroys what a later one needs, so that
    the sequence never works.
    """
    kernels = [goal]
    for i in reversed(actions):
        if kernels[-1] & ~domain.keep[i]:
            return None
        kernels.append(kernels[-1] & ~domain.add[i] | domain.pre[i])
    return tuple(reversed(kernels))


def links(domain: Domain, state: int, goal: int, actions: Sequence[int]) -> list[list[tuple[int, int]]]:
    """For each action, the (literal, consumer's position or GOAL) it achieves.

    A literal's producer is the last action that made it true when it was false, so an action without links can be
    left out.
    """
    serves: list[list[tuple[int, int]]] = [[] for _ in actions]
    producer: dict[int, int] = {}
    for position, i in enumerate(actions):
        for literal in bits(domain.pre[i]):
            if literal in producer:
                serves[producer[literal]].append((literal, position))
        after = domain.apply(state, i)
        for literal in bits(after & ~state):
            producer[literal] = position
        state = after
    for literal in bits(goal):
        if literal in producer:
            serves[producer[literal]].append((literal, GOAL))
    return serves


def _flaw(domain: Domain, state: int, goal: Goal, actions: Sequence[int]) -> str:
    """The first problem when `actions` are applied from `state`."""
    for position, i in enumerate(actions, 1):
        missing = domain.literals(domain.pre[i] & ~state)
        if missing:
            return (
                f"Step {position}, {domain.texts[i]}, needs {', '.join(map(str, missing))}, which does not hold then."
            )
        state = domain.apply(state, i)
    left = domain.literals(domain.goal(goal) & ~state)
    return f"The steps do not reach the goal: {', '.join(map(str, left))} does not hold at the end."
