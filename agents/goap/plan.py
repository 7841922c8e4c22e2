"""A plan: its steps, what each is for, and from where it can be taken up again.

Owns causal links (which later step, or the goal, uses what a step brings about) and
kernels (what must hold before step i for the rest to work, found by regression: Fikes,
Hart & Nilsson 1972). Refuses to repair a plan: when no kernel holds, search anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from agents.goap.domain import Domain, bits
from agents.goap.model import Fact, Goal
from agents.kernel.errors import BadInput, NotFound

GOAL = -1
"""The consumer of a link that serves the goal itself."""


@dataclass(frozen=True)
class Link:
    """`fact` is brought about for the step at position `consumer`, or for the goal (`GOAL`)."""

    fact: Fact
    consumer: int


@dataclass(frozen=True)
class PlanStep:
    """One step. `action` is the ground action's text, made of `name` and `args`; `index` is
    the step's position in the plan.
    """

    action: str
    index: int
    serves: tuple[Link, ...]
    name: str
    args: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Steps that lead to `goal`; `cost` is the sum of their costs, without penalties.

    `kernels[i]` is the mask of literals that must hold before step i, so the last one, at
    `len(steps)`, is the goal. `domain` is the key of the domain the masks belong to.
    """

    goal: Goal
    steps: tuple[PlanStep, ...]
    cost: int
    kernels: tuple[int, ...] = field(repr=False)
    domain: str = field(repr=False)

    @classmethod
    def of(cls, domain: Domain, state: int, goal: Goal, actions: Sequence[int | str]) -> Plan:
        """The plan that does `actions` (numbers or texts) from `state`.

        Raises NotFound for an unknown action and BadInput when a step's preconditions fail
        or the goal is not reached at the end.
        """
        indices = [domain.index(a) for a in actions]
        kernels = regress(domain, domain.goal(goal), indices)
        if kernels is None or kernels[0] & ~state:
            raise BadInput(_flaw(domain, state, goal, indices))
        steps = []
        for position, (i, serves) in enumerate(zip(indices, links(domain, state, kernels[-1], indices), strict=True)):
            action = domain.action(i)
            uses = tuple(Link(domain.literal(literal), consumer) for literal, consumer in serves)
            steps.append(PlanStep(action.text, position, uses, action.name, action.args))
        return cls(goal, tuple(steps), sum(domain.costs[i] for i in indices), kernels, domain.key)

    def __len__(self) -> int:
        """Number of steps."""
        return len(self.steps)

    def resume(self, domain: Domain, state: int) -> int | None:
        """The position to go on from: the last step whose kernel holds in `state`.

        `len(plan)` means that the goal holds already; None that no rest of the plan works. A
        domain other than the plan's is welcome as long as it knows the actions and the goal.
        """
        kernels: tuple[int, ...] | None = self.kernels
        if domain.key != self.domain:
            try:
                kernels = regress(domain, domain.goal(self.goal), [domain.index(s.action) for s in self.steps])
            except NotFound:
                return None
        if kernels is None:
            return None
        return next((i for i in reversed(range(len(kernels))) if not kernels[i] & ~state), None)


def regress(domain: Domain, goal: int, actions: Sequence[int]) -> tuple[int, ...] | None:
    """The kernels of `actions` towards the literals `goal`; None when a step destroys what a
    later one needs, so that the sequence works from nowhere.
    """
    kernels = [goal]
    for i in reversed(actions):
        if kernels[-1] & ~domain.keep[i]:
            return None
        kernels.append(kernels[-1] & ~domain.add[i] | domain.pre[i])
    return tuple(reversed(kernels))


def links(domain: Domain, state: int, goal: int, actions: Sequence[int]) -> list[list[tuple[int, int]]]:
    """For each action the (literal, consumer's position or GOAL) it brings about.

    The producer of a literal is the last action that made it true when it was not; so an
    action without links can be left out of the sequence.
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


def without_idle(domain: Domain, state: int, goal: int, actions: Sequence[int], keep: int = -1) -> list[int]:
    """`actions` without those that serve nothing (action number `keep` stays in any case)."""
    kept = list(actions)
    while True:
        serves = links(domain, state, goal, kept)
        idle = [p for p, (i, used) in enumerate(zip(kept, serves, strict=True)) if not used and i != keep]
        if not idle:
            return kept
        del kept[idle[-1]]


def _flaw(domain: Domain, state: int, goal: Goal, actions: Sequence[int]) -> str:
    """The first thing that goes wrong when `actions` are done from `state`."""
    for position, i in enumerate(actions, 1):
        missing = domain.literals(domain.pre[i] & ~state)
        if missing:
            return f"Step {position}, {domain.texts[i]}, needs {', '.join(map(str, missing))}, which does not hold then."
        state = domain.apply(state, i)
    left = domain.literals(domain.goal(goal) & ~state)
    return f"The steps do not reach the goal: {', '.join(map(str, left))} does not hold at the end."
